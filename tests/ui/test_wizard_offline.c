/* The wizard's state machine: preparing machines, one and many, and applying what was prepared. */
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

static struct drive *at(const char *ini, enum page p)
{
    struct drive *d = drive_start(ini);
    drive_to(d, p);
    assert_int_equal(d->w.page, p);
    return d;
}

static const char *value(const struct drive *d, enum opt o)
{
    return settings_get(&d->w.settings, o);
}

static void empty(struct drive *d, enum field f)
{
    drive_focus(d, (int)f);
    while (*d->w.edit[f].text)
        drive_key(d, ACT_BACKSPACE);
}

static void retype(struct drive *d, enum field f, const char *text)
{
    empty(d, f);
    drive_type(d, text);
}

static void secret(struct drive *d, enum field f, const char *text)
{
    drive_focus(d, (int)f);
    drive_type(d, text);
}

static void paste(struct drive *d, const char *text)
{
    for (; *text; text++) {
        char one[2] = {*text, '\0'};
        drive_event(d, (struct wiz_event){
                           .kind = WIZ_KEY, .action = ACT_CHAR, .text = one, .pasted = true});
    }
}

static void select_row(struct drive *d, enum field f, size_t row)
{
    drive_focus(d, (int)f);
    drive_event(d, (struct wiz_event){
                       .kind = WIZ_SELECT, .focus = (int)f, .index = row, .how = LIST_MOVED});
}

/* ---- preparing one ---- */

static void one_machine_is_prepared(void **state)
{
    (void)state;
    struct drive *d = at(PREPARE, PAGE_REVIEW);
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
    struct drive *d = at(PREPARE, PAGE_NAME);
    assert_false(drive_visible(d, FLD_NEW_NAME));
    assert_true(drive_visible(d, FLD_DESCRIPTION));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.fault, FLD_NAME);
    assert_int_equal(d->w.message, SAY_NEEDED);
    fake.name = CAUSE_PROVISION_NAME_TAKEN;
    retype(d, FLD_NAME, "kiosk-09");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_int_equal(d->w.message, SAY_NAME_TROUBLE);
    drive_free(d);
}

static void the_passphrase_is_typed_twice_and_forgotten_on_the_way_back(void **state)
{
    (void)state;
    struct drive *d = at(PREPARE, PAGE_PACKAGE);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message, SAY_PASSPHRASE_NEEDED);
    assert_int_equal(d->w.fault, FLD_PASSPHRASE);
    secret(d, FLD_PASSPHRASE, "open sesame");
    secret(d, FLD_PASSPHRASE_AGAIN, "open sesamy");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message, SAY_PASSPHRASE_DIFFERS);
    assert_true(secret_edit_chars(&d->w.offline.passphrase) == 0);
    assert_false(secret_is_set(&d->w.settings.passphrase));
    secret(d, FLD_PASSPHRASE, "open sesame");
    secret(d, FLD_PASSPHRASE_AGAIN, "open sesame");
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
    struct drive *d = at(PREPARE, PAGE_PACKAGE);
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
    struct drive *d = at(PREPARE, PAGE_PACKAGE);
    assert_string_equal(value(d, OPT_OFFLINE_FORMAT), "cms");
    assert_true(drive_shows(d, "worth nothing to a thief"));
    drive_focus(d, FLD_FORMAT);
    drive_key(d, ACT_RIGHT); /* round to binary */
    assert_string_equal(value(d, OPT_OFFLINE_FORMAT), "binary");
    assert_false(drive_visible(d, FLD_PASSPHRASE));
    assert_true(drive_shows(d, "be that machine in the domain"));
    drive_free(d);
    d = at(PREPARE "[offline]\nformat = text\n", PAGE_PACKAGE); /* somebody has chosen */
    assert_string_equal(value(d, OPT_OFFLINE_FORMAT), "text");
    drive_free(d);
}

static void the_file_is_offered_until_somebody_names_one(void **state)
{
    (void)state;
    struct drive *d = at(PREPARE, PAGE_PACKAGE);
    assert_string_equal(value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-09.p7m");
    drive_focus(d, FLD_FORMAT);
    drive_key(d, ACT_LEFT);
    assert_string_equal(value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-09.xml");
    assert_string_equal(d->w.edit[FLD_OUTPUT].text, "/root/kiosk-09.xml");
    retype(d, FLD_OUTPUT, "/media/usb/nine");
    drive_focus(d, FLD_FORMAT);
    drive_key(d, ACT_LEFT);
    assert_string_equal(value(d, OPT_OFFLINE_OUTPUT), "/media/usb/nine");
    empty(d, FLD_OUTPUT);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.fault, FLD_OUTPUT);
    drive_free(d);
}

static void flags_are_those_of_the_operation(void **state)
{
    (void)state;
    struct drive *d = at(PREPARE, PAGE_FLAGS);
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
    d = at(APPLY "[offline]\nimage = /mnt/clone\n", PAGE_FLAGS);
    assert_int_equal(wizard_list_count(&d->w, FLD_FLAGS), 2);
    drive_free(d);
}

static void an_output_that_is_there_leads_to_its_page(void **state)
{
    (void)state;
    fake.run = CAUSE_OFFLINE_OUTPUT_EXISTS;
    struct drive *d = at(PREPARE, PAGE_RESULT);
    assert_true(secret_is_set(&d->w.settings.passphrase)); /* to be tried again */
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_PACKAGE);
    drive_free(d);
}

/* ---- a list ---- */

static struct drive *with_list(void)
{
    struct drive *d = at(PREPARE, PAGE_MACHINES);
    select_row(d, FLD_HOW_MANY, MACHINES_FILE);
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
    assert_string_equal(value(d, OPT_OFFLINE_OUTPUT), "/root/{name}.p7m");
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
    struct drive *d = at(PREPARE, PAGE_MACHINES);
    select_row(d, FLD_HOW_MANY, MACHINES_TYPED);
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
    paste(d, "name,ou,description\nbranch-02\r\n\n  branch-03\t\"OU=A,DC=b\"\tshelf\nbranch-04");
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
    paste(d, "description,name\n\"a, b\",branch-01\nshelf,name\nonly\n");
    assert_int_equal(d->w.offline.typed.n, 2);
    assert_string_equal(wizard_row_at(&d->w, 0)->name, "branch-01");
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(d->list, "description,name\n\"a, b\",branch-01\nonly,\n");
    drive_free(d);
    d = typing();
    paste(d, "a1\nname\n"); /* a machine of that name */
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
    struct drive *d = at(PREPARE, PAGE_PACKAGE);
    drive_key(d, ACT_BACK);
    retype(d, FLD_NAME, "kiosk-10");
    assert_string_equal(value(d, OPT_OFFLINE_OUTPUT), "/root/kiosk-10.p7m");
    drive_free(d);
}

static void pasted_lines_mean_nothing_elsewhere(void **state)
{
    (void)state;
    struct drive *d = at(PREPARE, PAGE_DOMAIN);
    drive_focus(d, FLD_DOMAIN);
    paste(d, "corp.\nexample.com\n");
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
        paste(d, line);
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
    paste(d, "a1\na2\na3\n");
    select_row(d, FLD_ROWS, 1);
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
    paste(d, "a1\n");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_MACHINES);
    assert_int_equal(d->w.fault, FLD_SAVE_LIST);
    assert_int_equal(d->w.message, SAY_LIST_FAILED);
    d->save_list = CAUSE_NONE;
    retype(d, FLD_SAVE_LIST, "/media/usb/list.csv");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    assert_string_equal(d->list_path, "/media/usb/list.csv");
    drive_free(d);
}

static void nothing_typed_is_lost_between_one_and_many(void **state)
{
    (void)state;
    struct drive *d = typing();
    paste(d, "a1\na2\n");
    select_row(d, FLD_HOW_MANY, MACHINES_ONE);
    assert_string_equal(value(d, OPT_OFFLINE_BATCH), "");
    select_row(d, FLD_HOW_MANY, MACHINES_TYPED);
    assert_int_equal(wizard_list_count(&d->w, FLD_ROWS), 2);
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(wizard_list_count(&d->w, FLD_ROWS), 2);
    drive_free(d);
}

/* ---- applying ---- */

static void data_on_a_medium_is_found_and_shown(void **state)
{
    (void)state;
    struct drive *d = at(APPLY, PAGE_DATA);
    assert_int_equal(fake.posts[JOB_VOLUMES], 1);
    assert_string_equal(value(d, OPT_OFFLINE_INPUT), ""); /* nothing is chosen for anybody */
    drive_focus(d, FLD_BLOBS);
    drive_key(d, ACT_TOGGLE);
    assert_string_equal(value(d, OPT_OFFLINE_INPUT), "/media/usb/KIOSK-07.p7m");
    drive_pass(d, 1000);
    assert_int_equal(fake.posts[JOB_OPEN], 1);
    assert_true(drive_shows(d, "For the machine KIOSK-07 in the domain corp.example.com."));
    assert_true(drive_shows(d, "not protected"));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_TARGET);
    drive_free(d);
}

static void protected_data_asks_for_its_passphrase(void **state)
{
    (void)state;
    fake.passphrase = "open sesame";
    struct drive *d = drive_start(APPLY "[offline]\ninput = /x.p7m\n");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_true(drive_visible(d, FLD_OPEN_PASSPHRASE));
    assert_int_equal(d->w.message, SAY_PASSPHRASE_OPENS);
    secret(d, FLD_OPEN_PASSPHRASE, "open sesamy");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(d->w.fault, FLD_OPEN_PASSPHRASE);
    assert_int_equal(d->w.focus, FLD_OPEN_PASSPHRASE);
    assert_int_equal(d->w.message_err.cause, CAUSE_PASSPHRASE_WRONG);
    assert_true(drive_no_secret(d));
    secret(d, FLD_OPEN_PASSPHRASE, "open sesame");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_TARGET);
    assert_true(secret_is_set(&d->w.settings.passphrase)); /* for the work */
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void other_data_forgets_the_passphrase(void **state)
{
    (void)state;
    fake.passphrase = "open sesame";
    struct drive *d = drive_start(APPLY "[offline]\ninput = /x.p7m\n");
    drive_key(d, ACT_NEXT_PAGE);
    secret(d, FLD_OPEN_PASSPHRASE, "open sesame");
    drive_key(d, ACT_NEXT_PAGE);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_DATA);
    drive_focus(d, FLD_INPUT);
    drive_type(d, "x");
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void data_for_a_recipient_asks_for_the_key(void **state)
{
    (void)state;
    fake.open = CAUSE_RECIPIENT_KEY_MISSING;
    struct drive *d = drive_start(APPLY "[offline]\ninput = /x.p7m\n");
    drive_key(d, ACT_NEXT_PAGE);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.fault, FLD_RECIPIENT_KEY);
    assert_int_equal(d->w.message, SAY_KEY_OPENS);
    fake.open = CAUSE_NONE;
    drive_focus(d, FLD_RECIPIENT_KEY);
    drive_type(d, "/root/key.pem");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_TARGET);
    assert_true(fake.key_seen);
    drive_free(d);
}

static void damaged_data_stays_on_its_page(void **state)
{
    (void)state;
    fake.open = CAUSE_BAD_OFFLINE_DATA;
    struct drive *d = drive_start(APPLY "[offline]\ninput = /x.odj\n");
    drive_key(d, ACT_NEXT_PAGE);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(d->w.fault, FLD_INPUT);
    assert_int_equal(d->w.message_err.code, 2710);
    drive_free(d);
}

static struct drive *at_target(void)
{
    fake.live = true;
    return at(APPLY "[offline]\ninput = /x.odj\n", PAGE_TARGET);
}

static void the_running_system_is_chosen_as_such(void **state)
{
    (void)state;
    struct drive *d = at_target();
    assert_int_equal(wizard_list_count(&d->w, FLD_TARGETS), 3);
    assert_int_equal(d->w.list[FLD_TARGETS].sel, 1); /* a medium's system comes first */
    assert_int_equal(fake.posts[JOB_IMAGE], 0);
    select_row(d, FLD_TARGETS, 0);
    assert_true(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_ONLINE_CALLER));
    drive_pass(d, 1000);
    assert_int_equal(fake.posts[JOB_IMAGE], 1);
    assert_true(fake.online_seen);
    select_row(d, FLD_TARGETS, 2);
    assert_false(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_ONLINE_CALLER));
    assert_string_equal(value(d, OPT_OFFLINE_IMAGE), "/mnt/clone");
    select_row(d, FLD_TARGETS, 0);
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "Apply to this machine"));
    assert_true(drive_shows(d, "0x40008000"));
    drive_free(d);
}

static void a_typed_image_takes_a_row_of_its_own(void **state)
{
    (void)state;
    struct drive *d = at_target();
    select_row(d, FLD_TARGETS, 0);
    drive_focus(d, FLD_IMAGE);
    drive_type(d, "/srv/root");
    assert_false(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_ONLINE_CALLER));
    assert_int_equal(wizard_list_count(&d->w, FLD_TARGETS), 4);
    assert_int_equal(wizard_target_now(&d->w), 3);
    drive_pass(d, 1000);
    assert_string_equal(fake.last_image, "/srv/root");
    drive_free(d);
}

static void windows_has_a_method_and_no_host_page(void **state)
{
    (void)state;
    struct drive *d = at_target();
    assert_false(drive_visible(d, FLD_METHOD));
    select_row(d, FLD_TARGETS, 1);
    drive_pass(d, 1000);
    assert_true(drive_visible(d, FLD_METHOD));
    assert_true(drive_shows(d, "IMAGE_STATE_COMPLETE"));
    assert_true(drive_shows(d, "Windows is set up already."));
    drive_focus(d, FLD_METHOD);
    drive_key(d, ACT_RIGHT);
    drive_pass(d, 1000);
    assert_string_equal(fake.last_method, "unattend");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_FLAGS);
    drive_to(d, PAGE_RESULT);
    assert_true(drive_shows(d, "Windows joins by itself at its next start"));
    drive_free(d);
}

static void a_system_that_cannot_take_the_data_is_refused(void **state)
{
    (void)state;
    struct drive *d = at_target();
    fake.image = CAUSE_HIVE_DAMAGED;
    select_row(d, FLD_TARGETS, 1);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_TARGET);
    assert_int_equal(d->w.message_err.code, 2717);
    assert_int_equal(d->w.fault, FLD_IMAGE);
    drive_free(d);
}

static void a_medium_is_looked_for_again(void **state)
{
    (void)state;
    fake.no_volumes = true;
    struct drive *d = at(APPLY, PAGE_DATA);
    assert_int_equal(d->w.focus, FLD_INPUT);
    assert_false(drive_visible(d, FLD_BLOBS));
    fake.no_volumes = false;
    drive_press(d, BTN_RETRY);
    assert_true(drive_visible(d, FLD_BLOBS));
    drive_free(d);
}

static void linux_says_what_the_key_lacks(void **state)
{
    (void)state;
    struct drive *d = at_target();
    select_row(d, FLD_TARGETS, 2);
    drive_to(d, PAGE_HOST);
    drive_to(d, PAGE_RESULT);
    assert_true(drive_shows(d, "No controller was asked."));
    assert_true(drive_shows(d, "likely"));
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void a_name_typed_for_another_machine_is_not_this_ones(void **state)
{
    (void)state;
    struct drive *d = at(PREPARE, PAGE_PACKAGE);
    assert_string_equal(value(d, OPT_MACHINE_NAME), "kiosk-09");
    while (d->w.page != PAGE_WELCOME)
        drive_key(d, ACT_BACK);
    d->w.mode = MODE_JOIN;
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(value(d, OPT_MACHINE_NAME), "");
    drive_free(d);
}

static void a_damaged_plan_leads_to_the_page_at_fault(void **state)
{
    (void)state;
    static const struct {
        const char *ini;
        enum cause cause;
        enum page page;
        enum field field;
    } rows[] = {
        {APPLY, CAUSE_BAD_OFFLINE_DATA, PAGE_DATA, FLD_INPUT},
        {APPLY, CAUSE_IMAGE_JOINED, PAGE_TARGET, FLD_TARGETS},
        {APPLY, CAUSE_ANSWER_FILE_JOINS, PAGE_TARGET, FLD_TARGETS},
        {PREPARE, CAUSE_OFFLINE_OUTPUT_EXISTS, PAGE_PACKAGE, FLD_OUTPUT},
        {PREPARE, CAUSE_RECIPIENT_CERTIFICATE, PAGE_PACKAGE, FLD_RECIPIENTS},
        {PREPARE, CAUSE_TEMPLATE_UNKNOWN, PAGE_PARTS, FLD_TEMPLATES},
        {PREPARE, CAUSE_POLICY_NOT_IN_DIRECTORY, PAGE_PARTS, FLD_POLICIES},
        {PREPARE, CAUSE_PROVISION_NAME_TAKEN, PAGE_NAME, FLD_NAME},
        {PREPARE, CAUSE_CONTROLLER_NOT_VALIDATED, PAGE_CONTROLLER, FLD_DCS},
        {PREPARE "[offline]\nbatch = /x.csv\n", CAUSE_LIST_COLUMN, PAGE_MACHINES, FLD_HOW_MANY},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fake_reset();
        fake.plan = rows[i].cause;
        struct drive *d = at(rows[i].ini, PAGE_REVIEW);
        drive_press(d, BTN_CHANGE);
        if (d->w.page != rows[i].page || d->w.focus != (int)rows[i].field)
            fail_msg("row %zu: %s, %d", i, page_name(d->w.page), d->w.focus);
        drive_free(d);
    }
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
        T(an_output_that_is_there_leads_to_its_page),
        T(a_lists_lines_are_looked_at),
        T(a_list_that_cannot_be_read_is_said_at_its_field),
        T(a_list_has_no_page_for_one_name),
        T(results_say_what_became_of_each),
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
        T(data_on_a_medium_is_found_and_shown),
        T(protected_data_asks_for_its_passphrase),
        T(other_data_forgets_the_passphrase),
        T(data_for_a_recipient_asks_for_the_key),
        T(damaged_data_stays_on_its_page),
        T(the_running_system_is_chosen_as_such),
        T(a_typed_image_takes_a_row_of_its_own),
        T(windows_has_a_method_and_no_host_page),
        T(a_system_that_cannot_take_the_data_is_refused),
        T(a_medium_is_looked_for_again),
        T(linux_says_what_the_key_lacks),
        T(a_name_typed_for_another_machine_is_not_this_ones),
        T(a_damaged_plan_leads_to_the_page_at_fault),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
