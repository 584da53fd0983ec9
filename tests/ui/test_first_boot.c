/* The first boot of a machine: what happens by itself, what is asked for, what is waited for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/drive.h"
#include "ui/i18n/i18n.h"

#define ALL                                                                                        \
    "[domain]\nname = corp.example.com\n[credentials]\naccount = joiner\n"                         \
    "[enrollment]\noperation = join\n"
#define PASSWORD "Canary-Secret-1"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    i18n_set_language("en");
    return 0;
}

static void everything_there_runs_at_once(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(fake.posts[JOB_RUN], 1);
    assert_int_equal(fake.posts[JOB_PLAN], 0);
    assert_int_equal(fake.posts[JOB_VOLUMES], 0); /* a join was asked for */
    assert_true(fake.secret_seen);
    assert_true(drive_no_secret(d));
    drive_pass(d, FIRST_DONE_MS / 2);
    assert_false(d->quit);
    assert_true(drive_shows(d, "The login prompt follows in 0:05"));
    drive_pass(d, FIRST_DONE_MS);
    assert_true(d->quit);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

static void a_key_keeps_the_result(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    drive_pass(d, 1000);
    drive_key(d, ACT_DOWN);
    drive_pass(d, 10 * FIRST_DONE_MS);
    assert_false(d->quit);
    drive_press(d, BTN_QUIT);
    assert_true(d->quit);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

static void steps_are_on_the_screen(void **state)
{
    (void)state;
    fake.hold = true;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    assert_int_equal(d->w.page, PAGE_PROGRESS);
    assert_true(d->w.running);
    drive_free(d);
}

static void a_restart_is_made_when_it_was_asked_for(void **state)
{
    (void)state;
    fake.restart = fake.live = true;
    struct drive *d = drive_first_boot(ALL "[host]\nrestart = now\n", PASSWORD);
    drive_pass(d, 2 * FIRST_DONE_MS);
    assert_true(d->quit);
    assert_int_equal(d->restarts, 1);
    assert_int_equal(d->status, 0);
    drive_free(d);
    d = drive_first_boot(ALL, PASSWORD);
    drive_pass(d, 2 * FIRST_DONE_MS);
    assert_true(d->quit);
    assert_int_equal(d->restarts, 0); /* nobody was there to say so */
    assert_int_equal(d->status, 5);
    drive_free(d);
}

static void a_member_is_left_alone(void **state)
{
    (void)state;
    fake.member = MEMBER_DOMAIN;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    assert_true(d->quit);
    assert_int_equal(d->status, 0);
    assert_int_equal(fake.posts[JOB_RUN], 0);
    drive_free(d);
}

static void a_missing_password_opens_its_page_alone(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot(ALL, NULL);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_pass(d, 10 * FIRST_REFUSED_MS);
    assert_false(d->quit); /* it waits for somebody */
    assert_int_equal(d->w.focus, FLD_PASSWORD);
    drive_type(d, PASSWORD);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_press(d, BTN_BACK);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_type(d, PASSWORD);
    drive_press(d, BTN_NEXT);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    drive_free(d);
}

static void missing_pages_come_in_their_order(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot("[enrollment]\noperation = join\n", NULL);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_type(d, "corp.example.com");
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_focus(d, FLD_ACCOUNT);
    drive_type(d, "joiner");
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, PASSWORD);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void a_proposed_domain_is_asked_for(void **state)
{
    (void)state;
    fake.search_domain = "corp.example.com";
    struct drive *d = drive_first_boot(
        "[enrollment]\noperation = join\n[credentials]\naccount = joiner\n", PASSWORD);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void back_to_the_welcome_page_shows_everything(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot(ALL, NULL);
    drive_press(d, BTN_BACK);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_free(d);
}

/* ---- the network ---- */

static void no_network_is_waited_for(void **state)
{
    (void)state;
    fake.run = CAUSE_DC_SILENT;
    fake.fail_at = STEP_LOCATE;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    assert_int_equal(d->w.page, PAGE_PROGRESS);
    assert_true(wizard_first_waiting(&d->w));
    assert_true(drive_shows(d, "Waiting for the network."));
    assert_true(drive_shows(d, "Next try in 0:05."));
    assert_true(drive_has_button(d, BTN_RETRY));
    drive_pass(d, 3000);
    assert_true(drive_shows(d, "Next try in 0:02."));
    drive_pass(d, 2000);
    assert_int_equal(fake.posts[JOB_RUN], 2);
    drive_pass(d, 9000);
    assert_int_equal(fake.posts[JOB_RUN], 2); /* the second pause is longer */
    drive_pass(d, 1000);
    assert_int_equal(fake.posts[JOB_RUN], 3);
    assert_true(fake.secret_seen); /* the password was kept */
    fake.run = CAUSE_NONE;
    drive_pass(d, 20000);
    assert_int_equal(fake.posts[JOB_RUN], 4);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void a_wrong_clock_is_waited_for(void **state)
{
    (void)state;
    fake.run = CAUSE_TIME_SKEW;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    assert_true(wizard_first_waiting(&d->w));
    drive_free(d);
}

static void pauses_end_at_five_minutes(void **state)
{
    (void)state;
    fake.run = CAUSE_NO_DNS_SERVER;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    for (int i = 0; i < 12; i++)
        drive_press(d, BTN_RETRY);
    assert_int_equal(fake.posts[JOB_RUN], 13);
    assert_int_equal(d->w.first.next_try - d->now, FIRST_PAUSE_MAX_MS);
    drive_free(d);
}

static void a_key_tries_now(void **state)
{
    (void)state;
    fake.run = CAUSE_DC_SILENT;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    fake.run = CAUSE_NONE;
    drive_key(d, ACT_ENTER);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(d->w.result.code, 0);
    drive_free(d);
}

static void waiting_can_be_left_for_the_answers(void **state)
{
    (void)state;
    fake.run = CAUSE_NO_SRV_RECORDS;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_pass(d, 60000);
    assert_int_equal(fake.posts[JOB_RUN], 1);
    drive_free(d);
}

static void after_the_review_the_network_is_waited_for_too(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot(ALL, NULL);
    drive_type(d, PASSWORD);
    drive_press(d, BTN_NEXT);
    fake.run = CAUSE_DC_DIED;
    drive_press(d, BTN_NEXT);
    assert_true(wizard_first_waiting(&d->w));
    fake.run = CAUSE_NONE;
    drive_pass(d, 6000);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(d->w.result.code, 0);
    drive_free(d);
}

/* ---- what is refused ---- */

static void a_wrong_password_is_asked_for_once(void **state)
{
    (void)state;
    fake.run = CAUSE_KDC_WRONG_PASSWORD;
    fake.fail_at = STEP_TICKET;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(fake.posts[JOB_RUN], 1);
    assert_true(drive_no_secret(d));
    drive_pass(d, FIRST_REFUSED_MS - 1000);
    assert_false(d->quit);
    drive_pass(d, 2000);
    assert_true(d->quit); /* nobody is there: the login prompt */
    assert_int_equal(d->status, 1);
    assert_int_equal(fake.posts[JOB_RUN], 1);
    drive_free(d);
}

static void somebody_types_it_again(void **state)
{
    (void)state;
    fake.run = CAUSE_KDC_WRONG_PASSWORD;
    struct drive *d = drive_first_boot(ALL, "wrong");
    fake.run = CAUSE_NONE;
    drive_type(d, PASSWORD);
    drive_pass(d, 2 * FIRST_REFUSED_MS);
    assert_false(d->quit);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    drive_free(d);
}

static void another_failure_is_shown_and_left(void **state)
{
    (void)state;
    fake.run = CAUSE_NAME_TAKEN;
    struct drive *d = drive_first_boot(ALL "[ui]\nkiosk = yes\n", PASSWORD);
    assert_int_equal(d->w.page, PAGE_RESULT);
    drive_pass(d, FIRST_FAILED_MS + 1000);
    assert_true(d->quit);
    assert_int_equal(d->status, 1);
    drive_free(d);
}

static void a_kiosk_that_is_left_alone_begins_anew(void **state)
{
    (void)state;
    struct drive *d = drive_first_boot(ALL "[ui]\nkiosk = yes\n", NULL);
    drive_type(d, PASSWORD);
    drive_pass(d, 310000);
    assert_false(d->quit);
    assert_true(drive_no_secret(d));
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_free(d);
    fake.run = CAUSE_NAME_TAKEN;
    d = drive_first_boot(ALL "[ui]\nkiosk = yes\n", PASSWORD);
    drive_key(d, ACT_DOWN);
    drive_pass(d, 310000);
    assert_true(d->quit);
    assert_int_equal(d->status, 1);
    drive_free(d);
}

static void the_configured_password_goes_to_the_configured_domain(void **state)
{
    (void)state;
    fake.run = CAUSE_NO_SRV_RECORDS;
    struct drive *d = drive_first_boot(ALL "[ui]\nkiosk = yes\n", PASSWORD);
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_focus(d, FLD_DOMAIN);
    drive_key(d, ACT_END);
    drive_type(d, ".net");
    assert_true(drive_no_secret(d));
    assert_false(secret_is_set(&d->w.settings.password));
    drive_pass(d, 310000); /* the next person sees what is configured */
    assert_string_equal(settings_get(&d->w.settings, OPT_DOMAIN), "corp.example.com");
    drive_free(d);
    /* Where it is a person who says which domain, it is meant for that one. */
    fake_reset();
    d = drive_first_boot("[enrollment]\noperation = join\n[credentials]\naccount = joiner\n",
                         PASSWORD);
    drive_type(d, "corp.example.com");
    assert_true(secret_is_set(&d->w.settings.password));
    drive_free(d);
}

static void an_interrupted_operation_is_ended_first(void **state)
{
    (void)state;
    fake.interrupted = true;
    fake.defer = true;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    fake_answer();
    drive_drain(d);
    assert_int_equal(fake.posts[JOB_RECOVER], 1);
    fake.interrupted = false;
    for (int i = 0; i < 3; i++) {
        fake_answer();
        drive_drain(d);
    }
    assert_int_equal(fake.posts[JOB_RUN], 1);
    assert_int_equal(d->w.page, PAGE_RESULT);
    drive_free(d);
}

static void a_join_that_is_brought_to_its_end_is_shown(void **state)
{
    (void)state;
    fake.interrupted = fake.defer = true;
    struct drive *d = drive_first_boot(ALL, PASSWORD);
    fake_answer();
    drive_drain(d);
    fake.interrupted = false;
    fake.member = MEMBER_DOMAIN;
    for (int i = 0; i < 3; i++) {
        fake_answer();
        drive_drain(d);
    }
    assert_int_equal(fake.posts[JOB_RUN], 0);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_true(drive_shows(d, "The interrupted operation has been brought to an end."));
    assert_int_equal(d->wipes, 1); /* what it applied */
    drive_pass(d, 2 * FIRST_DONE_MS);
    assert_true(d->quit);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

/* ---- provisioning data ---- */

static void data_on_a_stick_is_applied(void **state)
{
    (void)state;
    fake.live = true;
    struct drive *d = drive_first_boot("[ui]\nkiosk = yes\n", NULL);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_operation, "apply");
    assert_string_equal(fake.last_input, "/media/usb/KIOSK-07.p7m");
    assert_true(fake.online_seen);
    assert_true(fake.mount_seen);
    assert_int_equal(fake.posts[JOB_NETWORK], 0);
    assert_string_equal(d->to_wipe, "");
    assert_int_equal(d->wipes, 0);
    drive_free(d);
}

static void data_is_shown_decoded(void **state)
{
    (void)state;
    fake.hold = true;
    struct drive *d = drive_first_boot("", NULL);
    assert_true(drive_shows(d, "For the machine KIOSK-07 in the domain corp.example.com."));
    drive_free(d);
}

static void protected_data_asks_for_its_passphrase(void **state)
{
    (void)state;
    fake.passphrase = "three small words";
    struct drive *d = drive_first_boot("", NULL);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(d->w.focus, FLD_OPEN_PASSPHRASE);
    drive_type(d, "three small words");
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void the_data_that_fits_is_chosen(void **state)
{
    (void)state;
    fake.more_blob = "/media/usb/OTHER-01.odj";
    struct drive *d = drive_first_boot("", NULL);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_input, "/media/usb/KIOSK-07.p7m");
    drive_free(d);
    fake_reset();
    fake.blob = "/media/usb/KIOSK-08.p7m";
    fake.more_blob = "/media/usb/OTHER-01.odj";
    fake.own_name = "kiosk-08"; /* by the template */
    d = drive_first_boot("[machine]\nname = kiosk-{serial}\n", NULL);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_input, "/media/usb/KIOSK-08.p7m");
    drive_free(d);
}

static void several_that_do_not_fit_are_asked_about(void **state)
{
    (void)state;
    fake.blob = "/media/usb/OTHER-02.odj";
    fake.more_blob = "/media/usb/OTHER-01.odj";
    struct drive *d = drive_first_boot("", NULL);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(wizard_list_count(&d->w, FLD_BLOBS), 2);
    assert_int_equal(fake.posts[JOB_RUN], 0);
    drive_free(d);
}

static void without_data_a_join_follows(void **state)
{
    (void)state;
    fake.no_volumes = true;
    struct drive *d = drive_first_boot(
        "[domain]\nname = corp.example.com\n[credentials]\naccount = joiner\n", PASSWORD);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_operation, "join");
    drive_free(d);
}

static void a_stick_that_comes_later_is_found(void **state)
{
    (void)state;
    fake.no_volumes = true;
    struct drive *d = drive_first_boot("[enrollment]\noperation = apply\n", NULL);
    assert_int_equal(d->w.page, PAGE_DATA);
    fake.no_volumes = false;
    drive_pass(d, FIRST_LOOK_MS + 1000);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_operation, "apply");
    drive_free(d);
}

static void data_of_the_image_is_wiped(void **state)
{
    (void)state;
    fake.blob = "/etc/joinery/KIOSK-07.odj";
    struct drive *d = drive_first_boot("", NULL);
    assert_int_equal(d->w.result.code, 0);
    assert_string_equal(d->to_wipe, "/etc/joinery/KIOSK-07.odj");
    assert_int_equal(d->wipes, 1);
    assert_false(drive_shows(d, "Remove the data from the medium now"));
    drive_free(d);
    fake.run = CAUSE_FILE_WRITE_FAILED;
    d = drive_first_boot("", NULL);
    assert_int_not_equal(d->w.result.code, 0);
    assert_int_equal(d->wipes, 0);
    drive_free(d);
}

static void data_for_another_domain_is_not_applied_by_itself(void **state)
{
    (void)state;
    fake.data_domain = "evil.example.net";
    struct drive *d = drive_first_boot(
        "[domain]\nname = corp.example.com\n[credentials]\naccount = joiner\n", PASSWORD);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_operation, "join");
    drive_free(d);
    fake_reset();
    fake.data_domain = "evil.example.net";
    d = drive_first_boot("[domain]\nname = corp.example.com\n[enrollment]\noperation = apply\n",
                         NULL);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(fake.posts[JOB_RUN], 0);
    assert_true(drive_shows(d, "This data is for the domain evil.example.net"));
    drive_free(d);
    fake_reset();
    d = drive_first_boot("[domain]\nname = CORP.example.com.\n", NULL);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_string_equal(fake.last_operation, "apply");
    drive_free(d);
}

#define T(f) cmocka_unit_test_setup(f, setup)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(everything_there_runs_at_once),
        T(a_key_keeps_the_result),
        T(steps_are_on_the_screen),
        T(a_restart_is_made_when_it_was_asked_for),
        T(a_member_is_left_alone),
        T(a_missing_password_opens_its_page_alone),
        T(missing_pages_come_in_their_order),
        T(a_proposed_domain_is_asked_for),
        T(back_to_the_welcome_page_shows_everything),
        T(no_network_is_waited_for),
        T(a_wrong_clock_is_waited_for),
        T(pauses_end_at_five_minutes),
        T(a_key_tries_now),
        T(waiting_can_be_left_for_the_answers),
        T(after_the_review_the_network_is_waited_for_too),
        T(a_wrong_password_is_asked_for_once),
        T(somebody_types_it_again),
        T(another_failure_is_shown_and_left),
        T(a_kiosk_that_is_left_alone_begins_anew),
        T(the_configured_password_goes_to_the_configured_domain),
        T(an_interrupted_operation_is_ended_first),
        T(a_join_that_is_brought_to_its_end_is_shown),
        T(data_on_a_stick_is_applied),
        T(data_is_shown_decoded),
        T(protected_data_asks_for_its_passphrase),
        T(the_data_that_fits_is_chosen),
        T(several_that_do_not_fit_are_asked_about),
        T(without_data_a_join_follows),
        T(a_stick_that_comes_later_is_found),
        T(data_of_the_image_is_wiped),
        T(data_for_another_domain_is_not_applied_by_itself),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
