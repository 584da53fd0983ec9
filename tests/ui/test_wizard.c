/* The wizard's state machine: the way through, the way back, waiting, failing, cancelling, secrets.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/ui/drive.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static void join_from_first_page_to_result(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_int_equal(d->w.focus, FLD_MODE);
    static const enum page way[] = {PAGE_DOMAIN, PAGE_CONTROLLER, PAGE_CREDENTIALS, PAGE_OU,
                                    PAGE_NAME,   PAGE_HOST,       PAGE_FLAGS,       PAGE_REVIEW};
    for (size_t i = 0; i < ARRAY_SIZE(way); i++) {
        drive_to(d, way[i]);
        assert_int_equal(d->w.page, way[i]);
    }
    assert_int_equal(fake.posts[JOB_DISCOVER], 1);
    assert_int_equal(fake.posts[JOB_LOGIN], 1);
    assert_int_equal(fake.posts[JOB_RUN], 0);
    assert_int_equal(d->w.focus, FOCUS_BUTTON + BTN_NEXT);
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(fake.posts[JOB_RUN], 1);
    assert_true(fake.secret_seen);
    assert_true(drive_no_secret(d));
    drive_press(d, BTN_QUIT);
    assert_true(d->quit);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

static void discovery_starts_after_half_a_second(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_DOMAIN);
    drive_type(d, "corp.example.co");
    drive_pass(d, 400);
    assert_int_equal(fake.posts[JOB_DISCOVER], 0);
    drive_type(d, "m");
    drive_pass(d, 400);
    assert_int_equal(fake.posts[JOB_DISCOVER], 0);
    drive_pass(d, 200);
    assert_int_equal(fake.posts[JOB_DISCOVER], 1);
    assert_string_equal(fake.last_domain, "corp.example.com");
    assert_true(drive_shows(d, "Found corp.example.com, 1 controller answers."));
    drive_pass(d, 2000);
    assert_int_equal(fake.posts[JOB_DISCOVER], 1);
    assert_int_equal(wizard_tick_ms(&d->w), 0);
    drive_free(d);
}

static void next_validates_and_names_the_field(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_DOMAIN);
    drive_focus(d, FOCUS_BUTTON + BTN_NEXT);
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    assert_int_equal(d->w.fault, FLD_DOMAIN);
    assert_int_equal(d->w.focus, FLD_DOMAIN);
    assert_true(drive_shows(d, "Error: please fill this in."));
    drive_type(d, "x");
    assert_int_equal(d->w.fault, FLD__COUNT);
    drive_free(d);
}

static void failed_discovery_offers_a_server(void **state)
{
    (void)state;
    enum field fields[FLD__COUNT];
    struct drive *d = drive_start(NULL);
    fake.discover = CAUSE_NO_SRV_RECORDS;
    drive_to(d, PAGE_DOMAIN);
    drive_type(d, "nowhere.example");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    assert_int_equal(d->w.domain_known, KNOWN_FAILED);
    assert_int_equal(d->w.focus, FLD_DOMAIN);
    assert_int_equal(wizard_fields(&d->w, PAGE_DOMAIN, fields, FLD__COUNT), 3);
    fake.discover = CAUSE_NONE;
    drive_focus(d, FLD_DOMAIN_SERVER);
    drive_type(d, "dc9.nowhere.example");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CONTROLLER);
    assert_string_equal(fake.last_controller, "dc9.nowhere.example");
    drive_free(d);
}

static void another_domain_forgets_the_controller_of_the_first(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CONTROLLER);
    drive_select(d, FLD_DCS, 1);
    assert_string_not_equal(settings_get(&d->w.settings, OPT_CONTROLLER), "");
    drive_key(d, ACT_BACK);
    drive_focus(d, FLD_DOMAIN);
    drive_key(d, ACT_CLEAR);
    assert_string_equal(d->w.edit[FLD_DOMAIN].text, "");
    assert_string_equal(settings_get(&d->w.settings, OPT_CONTROLLER), "");
    drive_type(d, "other.example");
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(fake.last_controller, "");
    drive_free(d);
}

static void a_newer_name_supersedes_the_search(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_DOMAIN);
    fake.defer = true;
    drive_type(d, "a.example");
    drive_pass(d, 600);
    assert_int_equal(fake.posts[JOB_DISCOVER], 1);
    drive_type(d, "x");
    assert_int_equal(fake.cancels, 1);
    fake_answer(); /* nothing is held any more: the old search has ended */
    drive_drain(d);
    assert_int_equal(d->w.domain_known, KNOWN_PENDING);
    drive_pass(d, 600);
    assert_int_equal(fake.posts[JOB_DISCOVER], 2);
    assert_string_equal(fake.last_domain, "a.examplex");
    fake_answer();
    drive_drain(d);
    assert_int_equal(d->w.domain_known, KNOWN_YES);
    drive_free(d);
}

static void back_keeps_everything_but_the_secret(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_type(d, "joiner@corp.example.com");
    drive_key(d, ACT_NEXT_FIELD);
    drive_type(d, "s3cret-word");
    assert_false(drive_no_secret(d));
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_CONTROLLER);
    assert_true(drive_no_secret(d));
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    assert_string_equal(d->w.edit[FLD_DOMAIN].text, "corp.example.com");
    drive_key(d, ACT_NEXT_PAGE);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_string_equal(d->w.edit[FLD_ACCOUNT].text, "joiner@corp.example.com");
    assert_int_equal(d->w.focus, FLD_PASSWORD);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message, SAY_PASSWORD_NEEDED);
    drive_free(d);
}

static void back_never_validates(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_NAME);
    drive_focus(d, FLD_NAME);
    drive_type(d, "not a name!");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_int_equal(d->w.fault, FLD_NAME);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_OU);
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(d->w.edit[FLD_NAME].text, "not a name!");
    drive_free(d);
}

static void wrong_password_is_wiped_and_said(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.password = "right";
    drive_to(d, PAGE_CREDENTIALS);
    drive_type(d, "joiner");
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "wrong");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message, SAY_FAILED);
    assert_int_equal(d->w.message_err.code, 1326);
    assert_int_equal(d->w.focus, FLD_PASSWORD);
    assert_true(drive_no_secret(d));
    drive_pass(d, 10000);
    assert_int_equal(fake.posts[JOB_LOGIN], 1); /* never tried again by itself */
    drive_type(d, "right");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_OU);
    assert_int_equal(fake.posts[JOB_LOGIN], 2);
    drive_free(d);
}

static void unknown_account_gets_the_cursor(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.login = CAUSE_KDC_UNKNOWN_USER;
    drive_to(d, PAGE_CREDENTIALS);
    drive_type(d, "nobody");
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "some");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message_err.code, 1317);
    assert_int_equal(d->w.focus, FLD_ACCOUNT);
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void no_account_at_all_gets_the_cursor(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.login = CAUSE_NO_TICKET;
    drive_to(d, PAGE_CREDENTIALS);
    drive_empty(d, FLD_ACCOUNT);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message_err.cause, CAUSE_NO_TICKET);
    assert_int_equal(d->w.focus, FLD_ACCOUNT);
    drive_free(d);
}

static void test_button_only_tries(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.password = "right";
    drive_to(d, PAGE_CREDENTIALS);
    drive_type(d, "joiner");
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "right");
    drive_press(d, BTN_TEST);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message, SAY_LOGIN_OK);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_OU);
    drive_free(d);
}

static void account_change_drops_the_kept_password(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_OU);
    assert_true(secret_is_set(&d->w.settings.password));
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_true(
        secret_is_set(&d->w.settings.password)); /* coming back to the page is no leaving of it */
    drive_focus(d, FLD_ACCOUNT);
    drive_type(d, "2");
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void secret_goes_on_every_way_out(void **state)
{
    (void)state;
    static const enum page pages[] = {PAGE_CREDENTIALS, PAGE_OU,    PAGE_NAME,
                                      PAGE_HOST,        PAGE_FLAGS, PAGE_REVIEW};
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        for (int how = 0; how < 2; how++) {
            struct drive *d = drive_start(NULL);
            drive_to(d, PAGE_CREDENTIALS);
            drive_type(d, "joiner");
            drive_focus(d, FLD_PASSWORD);
            drive_type(d, "s3cret-word");
            drive_to(d, pages[i]);
            assert_false(drive_no_secret(d));
            if (how == 0) {
                drive_key(d, ACT_CANCEL);
                assert_int_equal(d->w.overlay, OVER_QUESTION);
                drive_key(d, ACT_DOWN);
                drive_key(d, ACT_ENTER);
                assert_int_equal(d->status, 3);
            } else {
                drive_event(d, (struct wiz_event){.kind = WIZ_END});
                assert_int_equal(d->status, 4);
            }
            assert_true(d->quit);
            assert_true(drive_no_secret(d));
            drive_free(d);
        }
    }
}

static void failed_run_wipes_and_retry_asks_again(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.run = CAUSE_NO_CREATE_RIGHT;
    drive_to(d, PAGE_RESULT);
    assert_int_equal(d->w.result.code, 5);
    assert_int_equal(d->w.failed_step, STEP_ACCOUNT);
    assert_true(drive_no_secret(d));
    drive_press(d, BTN_RETRY);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message, SAY_PASSWORD_AGAIN);
    drive_type(d, "s3cret-word");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    fake.run = CAUSE_NONE;
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(d->w.result.code, 0);
    drive_free(d);
}

static void five_parts_of_an_error(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.run = CAUSE_NO_CREATE_RIGHT;
    drive_to(d, PAGE_RESULT);
    static const char *const parts[] = {"What failed", "Step 10, Make the computer account:", "Why",
                                        "What to do now"};
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
        assert_true(drive_shows(d, parts[i]));
    drive_key(d, ACT_END);
    assert_true(drive_shows(d, "What was changed"));
    assert_true(drive_shows(d, "ERROR_ACCESS_DENIED (5)"));
    assert_true(drive_shows(d, "Log: /var/log/joinery/joinery.log"));
    drive_press(d, BTN_DETAILS);
    assert_true(drive_shows(d, "Preauthentication failed"));
    drive_key(d, ACT_BACK);
    drive_press(d, BTN_QUIT);
    assert_int_equal(d->status, 1);
    drive_free(d);
}

static void change_settings_opens_the_page_at_fault(void **state)
{
    (void)state;
    static const struct {
        enum cause cause;
        enum page page;
    } rows[] = {
        {CAUSE_NAME_TAKEN, PAGE_NAME},
        {CAUSE_KDC_WRONG_PASSWORD, PAGE_CREDENTIALS},
        {CAUSE_NO_SRV_RECORDS, PAGE_DOMAIN},
        {CAUSE_ALREADY_JOINED, PAGE_FLAGS},
        {CAUSE_OU_NOT_FOUND, PAGE_OU},
        {CAUSE_FLAG_COMBINATION, PAGE_FLAGS},
        {CAUSE_DC_READ_ONLY, PAGE_CONTROLLER},
        {CAUSE_RESET_NOT_ALLOWED, PAGE_CREDENTIALS},
        {CAUSE_DNSHOST_CLASH, PAGE_NAME},
        {CAUSE_PACKAGE_MISSING, PAGE_HOST},
        {CAUSE_MACHINE_PASSWORD_BAD, PAGE_CREDENTIALS},
        {CAUSE_ACCOUNT_MISSING, PAGE_NAME},
        {CAUSE_DISK_FULL, PAGE_REVIEW},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct drive *d = drive_start(NULL);
        fake.run = rows[i].cause;
        drive_to(d, PAGE_RESULT);
        drive_press(d, BTN_CHANGE);
        if (rows[i].page == PAGE_OU) { /* the units cannot be read without it */
            assert_int_equal(d->w.page, PAGE_CREDENTIALS);
            assert_int_equal(d->w.message, SAY_PASSWORD_AGAIN);
            drive_type(d, "s3cret-word");
            drive_key(d, ACT_NEXT_PAGE);
        }
        if (d->w.page != rows[i].page)
            fail_msg("cause %s opened %s", cause_row(rows[i].cause)->id, page_name(d->w.page));
        drive_free(d);
    }
}

static void a_page_after_a_failure_leads_to_the_password_and_the_review(void **state)
{
    (void)state;
    for (int back = 0; back < 2; back++) {
        struct drive *d = drive_start(NULL);
        fake.run = CAUSE_PACKAGE_MISSING;
        drive_to(d, PAGE_RESULT);
        drive_press(d, BTN_CHANGE);
        assert_int_equal(d->w.page, PAGE_HOST);
        drive_press(d, BTN_NEXT);
        assert_int_equal(d->w.page, PAGE_CREDENTIALS);
        assert_int_equal(d->w.message, SAY_PASSWORD_AGAIN);
        if (back) {
            drive_press(d, BTN_BACK);
            assert_int_equal(d->w.page, PAGE_REVIEW);
        } else {
            drive_type(d, "s3cret-word");
            drive_key(d, ACT_NEXT_PAGE);
            assert_int_equal(d->w.page, PAGE_REVIEW);
            assert_int_equal(d->w.plan_known, KNOWN_YES);
        }
        drive_free(d);
    }
}

static void cancel_while_running_asks_undoes_and_ends_with_3(void **state)
{
    (void)state;
    static const enum cancel_effect effects[] = {CANCEL_NOTHING_CHANGED, CANCEL_UNDOES,
                                                 CANCEL_DELETES_ACCOUNT};
    for (size_t i = 0; i < ARRAY_SIZE(effects); i++) {
        struct drive *d = drive_start(NULL);
        fake.hold = true;
        fake.effect = effects[i];
        drive_to(d, PAGE_PROGRESS);
        assert_true(d->w.running);
        drive_key(d, ACT_BACK);
        assert_int_equal(d->w.overlay, OVER_QUESTION);
        assert_int_equal(d->w.stop_effect, effects[i]);
        drive_key(d, ACT_ENTER); /* the first answer is to keep waiting */
        assert_true(d->w.running);
        assert_int_equal(d->w.overlay, OVER_NONE);
        drive_key(d, ACT_CANCEL);
        drive_key(d, ACT_RIGHT);
        drive_key(d, ACT_ENTER);
        assert_int_equal(d->w.page, PAGE_RESULT);
        assert_int_equal(d->w.result.code, 1223);
        assert_true(d->w.undone);
        drive_press(d, BTN_QUIT);
        assert_int_equal(d->status, 3);
        drive_free(d);
    }
}

static void cancel_is_refused_when_it_is_too_late(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.hold = true;
    fake.effect = CANCEL_NOT_POSSIBLE;
    drive_to(d, PAGE_PROGRESS);
    unsigned before = fake.cancels;
    drive_key(d, ACT_CANCEL);
    assert_int_equal(d->w.overlay, OVER_NONE);
    assert_int_equal(d->w.message, SAY_NO_STOP);
    assert_int_equal(fake.cancels, before);
    drive_free(d);
}

static void a_signal_while_running_undoes_and_ends_with_4(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.hold = true;
    drive_to(d, PAGE_PROGRESS);
    drive_event(d, (struct wiz_event){.kind = WIZ_END});
    assert_true(d->quit);
    assert_int_equal(d->status, 4);
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void heartbeat_after_five_silent_seconds(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.hold = true;
    drive_to(d, PAGE_PROGRESS);
    assert_int_equal(wizard_tick_ms(&d->w), 1000);
    drive_pass(d, 20000);
    assert_true(drive_shows(d, "Still waiting: dc1.corp.example.com, 25 s of 60."));
    assert_true(drive_shows(d, "time used 0:20"));
    drive_free(d);
}

static void engine_question_defaults_to_the_safe_answer(void **state)
{
    (void)state;
    for (int yes = 0; yes < 2; yes++) {
        fake_reset();
        struct drive *d = drive_start(NULL);
        fake.run = CAUSE_KEYTAB_WRITE_FAILED;
        fake.ask = true;
        drive_to(d, PAGE_PROGRESS);
        assert_int_equal(d->w.overlay, OVER_QUESTION);
        assert_true(drive_shows(d, "CN=KIOSK-07,DC=corp,DC=example,DC=com"));
        if (yes)
            drive_key(d, ACT_NEXT_FIELD);
        drive_key(d, ACT_ENTER);
        assert_int_equal(fake.answers, 1);
        assert_int_equal(fake.last_answer, yes ? ANSWER_YES : ANSWER_NO);
        assert_int_equal(d->w.page, PAGE_RESULT);
        drive_free(d);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(join_from_first_page_to_result),
        T(discovery_starts_after_half_a_second),
        T(next_validates_and_names_the_field),
        T(failed_discovery_offers_a_server),
        T(another_domain_forgets_the_controller_of_the_first),
        T(a_newer_name_supersedes_the_search),
        T(back_keeps_everything_but_the_secret),
        T(back_never_validates),
        T(wrong_password_is_wiped_and_said),
        T(unknown_account_gets_the_cursor),
        T(no_account_at_all_gets_the_cursor),
        T(test_button_only_tries),
        T(account_change_drops_the_kept_password),
        T(secret_goes_on_every_way_out),
        T(failed_run_wipes_and_retry_asks_again),
        T(five_parts_of_an_error),
        T(change_settings_opens_the_page_at_fault),
        T(a_page_after_a_failure_leads_to_the_password_and_the_review),
        T(cancel_while_running_asks_undoes_and_ends_with_3),
        T(cancel_is_refused_when_it_is_too_late),
        T(a_signal_while_running_undoes_and_ends_with_4),
        T(heartbeat_after_five_silent_seconds),
        T(engine_question_defaults_to_the_safe_answer),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
