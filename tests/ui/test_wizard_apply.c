/* The wizard's state machine: applying provisioning data. */
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

static void data_on_a_medium_is_found_and_shown(void **state)
{
    (void)state;
    struct drive *d = drive_at(APPLY, PAGE_DATA);
    assert_int_equal(fake.posts[JOB_VOLUMES], 1);
    assert_string_equal(drive_value(d, OPT_OFFLINE_INPUT), ""); /* nothing is chosen for anybody */
    drive_focus(d, FLD_BLOBS);
    drive_key(d, ACT_TOGGLE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_INPUT), "/media/usb/KIOSK-07.p7m");
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
    drive_into(d, FLD_OPEN_PASSPHRASE, "open sesamy");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(d->w.fault, FLD_OPEN_PASSPHRASE);
    assert_int_equal(d->w.focus, FLD_OPEN_PASSPHRASE);
    assert_int_equal(d->w.message_err.cause, CAUSE_PASSPHRASE_WRONG);
    assert_true(drive_no_secret(d));
    drive_into(d, FLD_OPEN_PASSPHRASE, "open sesame");
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
    drive_into(d, FLD_OPEN_PASSPHRASE, "open sesame");
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
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_true(drive_no_secret(d));
    drive_key(d, ACT_NEXT_PAGE);
    drive_key(d, ACT_NEXT_PAGE); /* its path is still there: it is read again */
    assert_int_equal(d->w.page, PAGE_TARGET);
    assert_true(secret_is_set(&d->w.settings.recipient_key));
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
    return drive_at(APPLY "[offline]\ninput = /x.odj\n", PAGE_TARGET);
}

static void the_running_system_is_chosen_as_such(void **state)
{
    (void)state;
    struct drive *d = at_target();
    assert_int_equal(wizard_list_count(&d->w, FLD_TARGETS), 3);
    assert_int_equal(d->w.list[FLD_TARGETS].sel, 1); /* a medium's system comes first */
    assert_int_equal(fake.posts[JOB_IMAGE], 0);
    drive_select(d, FLD_TARGETS, 0);
    assert_true(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_ONLINE_CALLER));
    drive_pass(d, 1000);
    assert_int_equal(fake.posts[JOB_IMAGE], 1);
    assert_true(fake.online_seen);
    drive_select(d, FLD_TARGETS, 2);
    assert_false(settings_bool(&d->w.settings, OPT_FLAG_PROVISION_ONLINE_CALLER));
    assert_string_equal(drive_value(d, OPT_OFFLINE_IMAGE), "/mnt/clone");
    drive_select(d, FLD_TARGETS, 0);
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "Apply to this machine"));
    assert_true(drive_shows(d, "0x40008000"));
    drive_free(d);
}

static void a_typed_image_takes_a_row_of_its_own(void **state)
{
    (void)state;
    struct drive *d = at_target();
    drive_select(d, FLD_TARGETS, 0);
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
    drive_select(d, FLD_TARGETS, 1);
    drive_pass(d, 1000);
    assert_true(drive_visible(d, FLD_METHOD));
    assert_true(drive_shows(d, "IMAGE_STATE_COMPLETE"));
    assert_true(drive_shows(d, "Windows is set up, so it reads"));
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
    drive_select(d, FLD_TARGETS, 1);
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
    struct drive *d = drive_at(APPLY, PAGE_DATA);
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
    drive_select(d, FLD_TARGETS, 2);
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
    struct drive *d = drive_at(PREPARE, PAGE_PACKAGE);
    assert_string_equal(drive_value(d, OPT_MACHINE_NAME), "kiosk-09");
    while (d->w.page != PAGE_WELCOME)
        drive_key(d, ACT_BACK);
    d->w.mode = MODE_JOIN;
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(drive_value(d, OPT_MACHINE_NAME), "");
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
        struct drive *d = drive_at(rows[i].ini, PAGE_REVIEW);
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
