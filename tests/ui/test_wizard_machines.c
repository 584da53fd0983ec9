/* The wizard's state machine: preparing machines, one and many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/drive.h"
#include "ui/words/words.h"

#define PREPARE "[enrollment]\noperation = provision\n"
#define APPLY   "[enrollment]\noperation = apply\n"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static void one_machine_is_prepared(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_REVIEW);
    assert_string_equal(fake.last_operation, "provision");
    assert_true(fake.passphrase_seen);
    assert_true(drive_shows(d, "Prepare kiosk-09"));
    assert_true(drive_shows(d, "Computer name: KIOSK-09 (kiosk-09.corp.example.com)"));
    drive_press(d, BTN_SAVE);
    assert_null(strstr(d->saved, "open sesame"));
    assert_null(strstr(d->saved, "s3cret-word"));
    assert_non_null(strstr(d->saved, "operation = provision"));
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_true(drive_shows(d, "The machine KIOSK-09 is prepared"));
    assert_true(drive_shows(d, "never expires"));
    assert_true(drive_shows(d, "--set offline.input=/root/kiosk-09.p7m"));
    assert_true(drive_no_secret(d));
    drive_press(d, BTN_QUIT);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

static void its_name_is_not_this_machines(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_NAME);
    assert_false(drive_visible(d, FLD_NEW_NAME));
    assert_true(drive_visible(d, FLD_DESCRIPTION));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.fault, FLD_NAME);
    assert_int_equal(d->w.message, SAY_NEEDED);
    fake.name = CAUSE_PROVISION_NAME_TAKEN;
    drive_retype(d, FLD_NAME, "kiosk-09");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_int_equal(d->w.overlay, OVER_QUESTION);
    assert_true(drive_shows(d, "There is a computer account of this name already"));
    drive_key(d, ACT_ENTER); /* another name: the safe answer */
    assert_int_equal(d->w.overlay, OVER_NONE);
    assert_false(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_REUSE_ACCOUNT));
    drive_key(d, ACT_NEXT_PAGE);
    fake.name = CAUSE_NONE;
    drive_key(d, ACT_RIGHT);
    drive_key(d, ACT_ENTER);
    assert_true(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_REUSE_ACCOUNT));
    assert_int_equal(d->w.page, PAGE_PACKAGE);
    drive_free(d);
}

static void the_passphrase_is_typed_twice_and_forgotten_on_the_way_back(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_PACKAGE);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message, SAY_PASSPHRASE_NEEDED);
    assert_int_equal(d->w.fault, FLD_PASSPHRASE);
    drive_into(d, FLD_PASSPHRASE, "open sesame");
    drive_into(d, FLD_PASSPHRASE_AGAIN, "open sesamy");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message, SAY_PASSPHRASE_DIFFERS);
    assert_true(secret_edit_chars(&d->w.offline.passphrase) == 0);
    assert_false(secret_is_set(&d->w.settings.passphrase));
    drive_into(d, FLD_PASSPHRASE, "open sesame");
    drive_into(d, FLD_PASSPHRASE_AGAIN, "open sesame");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_PARTS);
    assert_int_equal(d->w.settings.passphrase.len, 11);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_PACKAGE);
    assert_true(drive_shows(d, "A passphrase is there"));
    drive_key(d, ACT_NEXT_PAGE); /* both empty: it is used */
    assert_int_equal(d->w.page, PAGE_PARTS);
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_false(secret_is_set(&d->w.settings.passphrase));
    drive_free(d);
}

static void recipients_need_no_passphrase(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_PACKAGE);
    drive_focus(d, FLD_RECIPIENTS);
    drive_type(d, "/etc/ssl/branch.pem");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_PARTS);
    drive_to(d, PAGE_RESULT);
    drive_free(d);
}

static void protection_is_what_is_proposed(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_PACKAGE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_FORMAT), "cms");
    assert_true(drive_shows(d, "worth nothing to a thief"));
    drive_focus(d, FLD_FORMAT);
    drive_key(d, ACT_RIGHT); /* round to binary */
    assert_string_equal(drive_value(d, OPT_OFFLINE_FORMAT), "binary");
    assert_false(drive_visible(d, FLD_PASSPHRASE));
    assert_true(drive_shows(d, "be that machine in the domain"));
    drive_free(d);
    d = drive_at(PREPARE "[offline]\nformat = text\n", PAGE_PACKAGE); /* somebody has chosen */
    assert_string_equal(drive_value(d, OPT_OFFLINE_FORMAT), "text");
    drive_free(d);
}

static void the_file_is_offered_until_somebody_names_one(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_PACKAGE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-09.p7m");
    drive_focus(d, FLD_FORMAT);
    drive_key(d, ACT_LEFT);
    assert_string_equal(drive_value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-09.xml");
    assert_string_equal(d->w.edit[FLD_OUTPUT].text, "/root/kiosk-09.xml");
    drive_retype(d, FLD_OUTPUT, "/media/usb/nine");
    drive_focus(d, FLD_FORMAT);
    drive_key(d, ACT_LEFT);
    assert_string_equal(drive_value(d, OPT_OFFLINE_OUTPUT), "/media/usb/nine");
    drive_empty(d, FLD_OUTPUT);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.fault, FLD_OUTPUT);
    drive_free(d);
}

static void flags_are_those_of_the_operation(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_FLAGS);
    assert_int_equal(wizard_list_count(&d->w, FLD_FLAGS), 6);
    for (size_t i = 0; i < 6; i++)
        assert_true(wizard_flag_at(&d->w, i)->ops & FLAG_FOR_PROVISION);
    assert_null(wizard_flag_at(&d->w, 6));
    d->w.list[FLD_FLAGS].sel = 1;
    drive_focus(d, FLD_FLAGS);
    drive_type(d, " ");
    assert_true(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_REUSE_ACCOUNT));
    assert_true(drive_shows(d, "0x00000002"));
    drive_free(d);
    d = drive_at(APPLY "[offline]\nimage = /mnt/clone\n", PAGE_FLAGS);
    assert_int_equal(wizard_list_count(&d->w, FLD_FLAGS), 2);
    drive_free(d);
}

static void an_output_that_is_there_leads_to_its_page(void **state)
{
    (void)state;
    fake.run = CAUSE_OFFLINE_OUTPUT_EXISTS;
    struct drive *d = drive_at(PREPARE, PAGE_RESULT);
    assert_true(secret_is_set(&d->w.settings.passphrase)); /* to be tried again */
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_PACKAGE);
    drive_free(d);
}

static void another_machine_begins_with_its_name(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_RESULT);
    assert_true(drive_shows(d, "Prepare another machine"));
    drive_press(d, BTN_ANOTHER);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS); /* the password was forgotten */
    assert_true(drive_no_secret(d));
    assert_string_equal(drive_value(d, OPT_ACCOUNT), "joiner");
    drive_into(d, FLD_PASSWORD, "s3cret-word");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_string_equal(drive_value(d, OPT_MACHINE_NAME), "");
    drive_into(d, FLD_NAME, "kiosk-10");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_PACKAGE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-10.p7m");
    drive_into(d, FLD_PASSPHRASE, "short");
    assert_true(drive_shows(d, "Warning: The passphrase is short."));
    drive_free(d);
}

/* ---- a list ---- */

static struct drive *with_list(void)
{
    struct drive *d = drive_at(PREPARE, PAGE_MACHINES);
    drive_select(d, FLD_HOW_MANY, MACHINES_FILE);
    assert_true(drive_visible(d, FLD_BATCH));
    drive_focus(d, FLD_BATCH);
    drive_type(d, "/media/usb/branch.csv");
    return d;
}

static void a_lists_lines_are_looked_at(void **state)
{
    (void)state;
    struct drive *d = with_list();
    fake.row = CAUSE_NAME_TOO_LONG;
    assert_int_equal(fake.posts[JOB_LIST], 0);
    drive_pass(d, 1000);
    assert_int_equal(fake.posts[JOB_LIST], 1);
    assert_string_equal(fake.last_batch, "/media/usb/branch.csv");
    assert_true(drive_shows(d, "5 machines in the list."));
    assert_true(drive_shows(d, "1 line cannot be used."));
    assert_true(drive_shows(d, "line 4:"));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_MACHINES);
    assert_int_equal(d->w.message, SAY_ROWS_TROUBLE);
    assert_int_equal(d->w.focus, FLD_ROWS);
    drive_key(d, ACT_ENTER); /* it stands on the line at fault */
    assert_int_equal(d->w.overlay, OVER_DETAILS);
    assert_int_equal(d->w.details.cause, CAUSE_NAME_TOO_LONG);
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_free(d);
}

static void a_list_that_cannot_be_read_is_said_at_its_field(void **state)
{
    (void)state;
    struct drive *d = with_list();
    fake.open = CAUSE_LIST_COLUMN;
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_MACHINES);
    assert_int_equal(d->w.fault, FLD_BATCH);
    assert_int_equal(d->w.message_err.cause, CAUSE_LIST_COLUMN);
    drive_free(d);
}

static void a_list_has_no_page_for_one_name(void **state)
{
    (void)state;
    struct drive *d = with_list();
    drive_to(d, PAGE_PACKAGE);
    assert_int_equal(d->w.page, PAGE_PACKAGE);
    assert_false(wizard_on_page(&d->w, PAGE_NAME));
    assert_true(drive_visible(d, FLD_RESULTS));
    assert_string_equal(drive_value(d, OPT_OFFLINE_OUTPUT), "/root/{name}.p7m");
    drive_free(d);
}

static void results_say_what_became_of_each(void **state)
{
    (void)state;
    fake.run = CAUSE_NAME_TAKEN;
    struct drive *d = with_list();
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "Prepare 5 machines"));
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(d->w.status, 1);
    assert_int_equal(wizard_list_count(&d->w, FLD_RESULT_ROWS), 5);
    assert_true(drive_shows(d, "[!!] BRANCH-03"));
    assert_true(drive_shows(d, "[ok] BRANCH-01"));
    assert_true(drive_shows(d, "Go on with the list"));
    assert_int_equal(d->w.list[FLD_RESULT_ROWS].sel, 2); /* the first that failed */
    drive_focus(d, FLD_RESULT_ROWS);
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.overlay, OVER_DETAILS);
    assert_int_equal(d->w.details.cause, CAUSE_NAME_TAKEN);
    drive_key(d, ACT_BACK);
    assert_true(drive_shows(d, "Not every machine is prepared"));
    AUTOFREE char *text = words_result(&d->w);
    assert_non_null(strstr(text, "4 done, 1 failed, 5 in the list."));
    assert_non_null(strstr(text, "makes nothing twice"));
    assert_non_null(strstr(text, "The data never expires")); /* of those that are done */
    assert_non_null(strstr(text, "--set offline.input=/media/usb/NAME.p7m"));
    drive_free(d);
}

static void commands_name_the_files_that_were_written(void **state)
{
    (void)state;
    struct drive *d = with_list();
    drive_to(d, PAGE_RESULT);
    AUTOFREE char *text = words_result(&d->w);
    assert_non_null(strstr(text, "--set offline.input=/media/usb/NAME.p7m"));
    const char *mask = strstr(text, "umask 077\n");
    assert_non_null(mask); /* what is opened is a password, too */
    assert_non_null(strstr(mask, "openssl cms -decrypt"));
    drive_free(d);
}

static void stopping_a_list_keeps_what_is_done(void **state)
{
    (void)state;
    struct drive *d = with_list();
    fake.hold = true;
    drive_to(d, PAGE_PROGRESS);
    assert_true(drive_shows(d, "2 of 5 done, 1 failed, 1200 a minute, 0:09 left"));
    assert_true(drive_shows(d, "[>]  BRANCH-04"));
    assert_int_equal(d->w.list[FLD_RUN_ROWS].sel, 3); /* follows the work */
    drive_focus(d, FLD_RUN_ROWS);
    drive_key(d, ACT_UP);
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.details.cause, CAUSE_NAME_TAKEN);
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_CANCEL);
    assert_true(drive_shows(d, "Machines that are done stay done"));
    drive_key(d, ACT_RIGHT);
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.page, PAGE_RESULT);
    AUTOFREE char *text = words_result(&d->w);
    assert_non_null(strstr(text, "Stopped\n2 done, 1 failed, 5 in the list."));
    assert_null(strstr(text, "Nothing was changed"));
    drive_free(d);
}

/* ---- a list that is typed ---- */

static struct drive *typing(void)
{
    struct drive *d = drive_at(PREPARE, PAGE_MACHINES);
    drive_select(d, FLD_HOW_MANY, MACHINES_TYPED);
    drive_focus(d, FLD_NEW_ROW);
    return d;
}

static void names_are_typed_and_pasted(void **state)
{
    (void)state;
    struct drive *d = typing();
    drive_type(d, "branch-01");
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.offline.typed.n, 1);
    assert_int_equal(d->w.focus, FLD_NEW_ROW);
    drive_paste(d,
                "name,ou,description\nbranch-02\r\n\n  branch-03\t\"OU=A,DC=b\"\tshelf\nbranch-04");
    assert_int_equal(d->w.offline.typed.n, 3);
    assert_string_equal(d->w.offline.typed.s[2], "branch-03,\"OU=A,DC=b\",shelf");
    assert_string_equal(d->w.edit[FLD_NEW_ROW].text, "branch-04");
    assert_true(drive_shows(d, "branch-03"));
    assert_true(drive_shows(d, "3 machines in the list."));
    drive_key(d, ACT_NEXT_PAGE); /* takes the last line too, saves, and looks at it */
    assert_string_equal(d->list_path, "/root/machines.csv");
    assert_string_equal(d->list, "name,ou,description\nbranch-01,,\nbranch-02,,\n"
                                 "branch-03,\"OU=A,DC=b\",shelf\nbranch-04,,\n");
    assert_string_equal(fake.last_batch, "/root/machines.csv");
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    assert_int_equal(d->w.offline.n_rows, 5); /* as the engine reads them */
    drive_free(d);
}

static void a_pasted_tables_columns_are_its_own(void **state)
{
    (void)state;
    struct drive *d = typing();
    drive_paste(d, "description,name\n\"a, b\",branch-01\nshelf,name\nonly\n");
    assert_int_equal(d->w.offline.typed.n, 2);
    assert_string_equal(wizard_row_at(&d->w, 0)->name, "branch-01");
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(d->list, "description,name\n\"a, b\",branch-01\nonly,\n");
    drive_free(d);
    d = typing();
    drive_paste(d, "a1\nname\n"); /* a machine of that name */
    assert_int_equal(d->w.offline.typed.n, 2);
    drive_free(d);
}

static void at_a_kiosk_it_is_offered_only_as_configured(void **state)
{
    (void)state;
    struct drive *d = drive_start("[ui]\nkiosk = yes\n");
    d->w.mode = MODE_PROVISION;
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_int_equal(d->w.message, SAY_NOT_IN_KIOSK);
    drive_free(d);
    d = drive_start(PREPARE "[ui]\nkiosk = yes\n");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_MACHINES);
    drive_free(d);
}

static void the_review_opens_the_list_where_it_is_answered(void **state)
{
    (void)state;
    struct drive *d = with_list();
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "List of machines: /media/usb/branch.csv"));
    for (size_t i = 0; i < d->w.n_review; i++) {
        if (d->w.review[i].opt == OPT_OFFLINE_BATCH && d->w.review[i].kind == REVIEW_ANSWER)
            d->w.list[FLD_REVIEW].sel = i;
    }
    drive_focus(d, FLD_REVIEW);
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.page, PAGE_MACHINES);
    assert_int_equal(d->w.focus, FLD_BATCH);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void a_new_name_is_in_the_offered_file(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_PACKAGE);
    drive_key(d, ACT_BACK);
    drive_retype(d, FLD_NAME, "kiosk-10");
    assert_string_equal(drive_value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-10.p7m");
    drive_free(d);
}

static void pasted_lines_mean_nothing_elsewhere(void **state)
{
    (void)state;
    struct drive *d = drive_at(PREPARE, PAGE_DOMAIN);
    drive_focus(d, FLD_DOMAIN);
    drive_paste(d, "corp.\nexample.com\n");
    assert_string_equal(d->w.edit[FLD_DOMAIN].text, "corp.example.com");
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_free(d);
}

static void a_thousand_lines_are_pasted(void **state)
{
    (void)state;
    struct drive *d = typing();
    for (int i = 0; i < 1000; i++) {
        char line[24];
        snprintf(line, sizeof line, "branch-%04d\n", i);
        drive_paste(d, line);
    }
    assert_int_equal(wizard_list_count(&d->w, FLD_ROWS), 1000);
    assert_string_equal(wizard_row_at(&d->w, 999)->name, "branch-0999");
    assert_true(drive_shows(d, "branch-0999"));
    drive_free(d);
}

static void a_line_is_taken_from_the_list_again(void **state)
{
    (void)state;
    struct drive *d = typing();
    drive_paste(d, "a1\na2\na3\n");
    drive_select(d, FLD_ROWS, 1);
    drive_key(d, ACT_DELETE);
    assert_int_equal(d->w.offline.typed.n, 2);
    assert_string_equal(wizard_row_at(&d->w, 1)->name, "a3");
    drive_key(d, ACT_DELETE);
    drive_key(d, ACT_DELETE);
    assert_int_equal(d->w.offline.typed.n, 0);
    assert_int_equal(d->w.focus, FLD_NEW_ROW);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message, SAY_NO_ROWS);
    drive_free(d);
}

static void a_list_that_cannot_be_saved_is_said_at_its_field(void **state)
{
    (void)state;
    struct drive *d = typing();
    d->save_list = CAUSE_FILE_WRITE_FAILED;
    drive_paste(d, "a1\n");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_MACHINES);
    assert_int_equal(d->w.fault, FLD_SAVE_LIST);
    assert_int_equal(d->w.message, SAY_LIST_FAILED);
    d->save_list = CAUSE_NONE;
    drive_retype(d, FLD_SAVE_LIST, "/media/usb/list.csv");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    assert_string_equal(d->list_path, "/media/usb/list.csv");
    drive_free(d);
}

static void nothing_typed_is_lost_between_one_and_many(void **state)
{
    (void)state;
    struct drive *d = typing();
    drive_paste(d, "a1\na2\n");
    drive_select(d, FLD_HOW_MANY, MACHINES_ONE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_BATCH), "");
    drive_select(d, FLD_HOW_MANY, MACHINES_TYPED);
    assert_int_equal(wizard_list_count(&d->w, FLD_ROWS), 2);
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(wizard_list_count(&d->w, FLD_ROWS), 2);
    drive_free(d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(one_machine_is_prepared),
        T(its_name_is_not_this_machines),
        T(the_passphrase_is_typed_twice_and_forgotten_on_the_way_back),
        T(recipients_need_no_passphrase),
        T(protection_is_what_is_proposed),
        T(the_file_is_offered_until_somebody_names_one),
        T(flags_are_those_of_the_operation),
        T(another_machine_begins_with_its_name),
        T(an_output_that_is_there_leads_to_its_page),
        T(a_lists_lines_are_looked_at),
        T(a_list_that_cannot_be_read_is_said_at_its_field),
        T(a_list_has_no_page_for_one_name),
        T(results_say_what_became_of_each),
        T(commands_name_the_files_that_were_written),
        T(stopping_a_list_keeps_what_is_done),
        T(names_are_typed_and_pasted),
        T(a_pasted_tables_columns_are_its_own),
        T(at_a_kiosk_it_is_offered_only_as_configured),
        T(the_review_opens_the_list_where_it_is_answered),
        T(a_new_name_is_in_the_offered_file),
        T(pasted_lines_mean_nothing_elsewhere),
        T(a_thousand_lines_are_pasted),
        T(a_line_is_taken_from_the_list_again),
        T(a_list_that_cannot_be_saved_is_said_at_its_field),
        T(nothing_typed_is_lost_between_one_and_many),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
