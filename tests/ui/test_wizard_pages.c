/* The wizard's state machine: what single pages do. */
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

static void taken_name_is_said_once_and_may_be_overridden(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.name = CAUSE_NAME_TAKEN;
    drive_to(d, PAGE_OU);
    drive_press(d, BTN_NEXT);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_int_equal(d->w.message, SAY_NAME_TROUBLE);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_HOST);
    drive_free(d);
}

static void review_row_opens_its_page_and_returns(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_REVIEW);
    size_t opened = 0, n = d->w.n_review;
    for (size_t i = 0; i < n; i++) {
        drive_to(d, PAGE_REVIEW);
        assert_true(i < d->w.n_review);
        if (d->w.review[i].kind != REVIEW_ANSWER)
            continue;
        enum page page = d->w.review[i].page;
        drive_focus(d, FLD_REVIEW);
        d->w.list[FLD_REVIEW].sel = i;
        drive_key(d, ACT_ENTER);
        assert_int_equal(d->w.page, page);
        drive_key(d, opened++ % 2 ? ACT_BACK : ACT_NEXT_PAGE);
        if (d->w.page == PAGE_CREDENTIALS) { /* back has forgotten the password */
            drive_focus(d, FLD_PASSWORD);
            drive_type(d, "s3cret-word");
            drive_key(d, ACT_NEXT_PAGE);
        }
        assert_int_equal(d->w.page, PAGE_REVIEW);
    }
    assert_true(opened >= 10);
    drive_free(d);
}

static void warnings_come_first_and_focus_back(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.warn = true;
    drive_to(d, PAGE_REVIEW);
    assert_int_equal(d->w.focus, FOCUS_BUTTON + BTN_BACK);
    assert_int_equal(d->w.review[0].kind, REVIEW_HEADING);
    assert_int_equal(d->w.review[1].kind, REVIEW_WARNING);
    drive_key(d, ACT_NEXT_PAGE); /* the key that passed every page before: not this one at once */
    assert_int_equal(d->w.page, PAGE_REVIEW);
    assert_int_equal(d->w.focus, FOCUS_BUTTON + BTN_NEXT);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_not_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void nothing_can_be_started_before_it_is_shown(void **state)
{
    (void)state;
    enum button b[BTN__COUNT];
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_FLAGS);
    fake.defer = true;
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    size_t n = wizard_buttons(&d->w, b, BTN__COUNT);
    for (size_t i = 0; i < n; i++)
        assert_int_not_equal(b[i], BTN_NEXT);
    drive_key(d, ACT_NEXT_PAGE);
    drive_key(d, ACT_ENTER);
    assert_int_equal(fake.posts[JOB_RUN], 0);
    fake_answer();
    drive_drain(d);
    assert_true(drive_shows(d, "Join corp.example.com"));
    assert_int_equal(fake.posts[JOB_RUN], 0);
    drive_free(d);
}

static void saved_answers_replay_the_operation(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_OU);
    drive_focus(d, FLD_OUS);
    drive_key(d, ACT_DOWN);
    drive_to(d, PAGE_REVIEW);
    drive_press(d, BTN_SAVE);
    assert_int_equal(d->saves, 1);
    assert_null(strstr(d->saved, "s3cret-word"));
    struct settings s;
    struct err e = {0};
    settings_init(&s);
    assert_int_equal(settings_load_ini(&s, d->saved, strlen(d->saved), ORIGIN_FILE, &e), 0);
    for (enum opt o = 0; o < OPT__COUNT; o++) {
        if (o != OPT_LANGUAGE)
            assert_string_equal(settings_get(&s, o), settings_get(&d->w.settings, o));
    }
    assert_string_equal(settings_get(&s, OPT_OU), "OU=Kiosks,DC=corp,DC=example,DC=com");
    settings_free(&s);
    drive_free(d);
}

static void flags_of_other_operations_are_refused_with_a_reason(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_FLAGS);
    size_t refused = 0;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        bool before = settings_bool(&d->w.settings, f->opt);
        d->w.list[FLD_FLAGS].sel = i;
        drive_focus(d, FLD_FLAGS);
        drive_type(d, " ");
        if (!(f->ops & FLAG_FOR_JOIN)) {
            assert_int_equal(settings_bool(&d->w.settings, f->opt), before);
            assert_int_equal(d->w.message, SAY_BLOCKED);
            refused++;
        }
        drive_type(d, settings_bool(&d->w.settings, f->opt) != before ? " " : "");
    }
    assert_true(refused >= 6);
    drive_free(d);
}

static void leave_asks_for_an_account_only_to_disable(void **state)
{
    (void)state;
    for (int disable = 0; disable < 2; disable++) {
        fake_reset();
        fake.member = MEMBER_DOMAIN;
        struct drive *d =
            drive_start("[enrollment]\noperation = leave\n[options]\njoin_domain = no\n");
        assert_int_equal(d->w.mode, MODE_LEAVE);
        drive_key(d, ACT_NEXT_PAGE);
        assert_int_equal(d->w.page, PAGE_LEAVE);
        if (disable) {
            drive_focus(d, FLD_ACCT_DELETE);
            drive_type(d, " ");
        }
        drive_key(d, ACT_NEXT_PAGE);
        assert_int_equal(d->w.page, disable ? PAGE_CREDENTIALS : PAGE_REVIEW);
        drive_to(d, PAGE_REVIEW);
        assert_true(drive_shows(d, "Leave corp.example.com"));
        drive_free(d);
    }
}

static void check_status_and_recover_have_their_pages(void **state)
{
    (void)state;
    fake.interrupted = true;
    struct drive *d = drive_start(NULL);
    d->w.mode = MODE_STATUS;
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_STATUS);
    assert_true(drive_shows(d, "member of no domain"));
    drive_press(d, BTN_BACK);
    d->w.mode = MODE_RECOVER;
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_int_equal(fake.posts[JOB_RECOVER], 1);
    drive_free(d);

    fake_reset();
    d = drive_start(NULL);
    d->w.mode = MODE_CHECK;
    drive_to(d, PAGE_CHECKS);
    assert_int_equal(fake.posts[JOB_CHECK], 1);
    assert_int_equal(fake.posts[JOB_RUN], 0);
    drive_press(d, BTN_QUIT);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

static void restart_is_asked_only_when_needed_and_live(void **state)
{
    (void)state;
    for (int live = 0; live < 2; live++) {
        fake_reset();
        fake.live = live;
        fake.restart = true;
        struct drive *d = drive_start(NULL);
        drive_to(d, PAGE_RESULT);
        if (live) {
            drive_press(d, BTN_NEXT);
            assert_int_equal(d->w.page, PAGE_RESTART);
            assert_int_equal(d->w.focus, FOCUS_BUTTON + BTN_RESTART_LATER);
            drive_key(d, ACT_ENTER);
            assert_int_equal(d->status, 5);
        } else {
            drive_press(d, BTN_QUIT);
            assert_int_equal(d->status, 0);
        }
        assert_int_equal(d->restarts, 0);
        drive_free(d);
    }
}

static void network_page_shows_only_trouble(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_free(d);
    fake.network_bad = true;
    d = drive_start(NULL);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NETWORK);
    assert_true(drive_shows(d, "Warning"));
    fake.network_bad = false;
    drive_press(d, BTN_RETRY);
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_free(d);
}

static void a_branch_that_opens_above_leaves_the_answer(void **state)
{
    (void)state;
    struct drive *d = drive_at(NULL, PAGE_OU);
    drive_focus(d, FLD_OUS);
    drive_key(d, ACT_DOWN);
    fake.defer = true;
    drive_key(d, ACT_RIGHT); /* asks, and the answer comes only after the next key */
    drive_key(d, ACT_DOWN);
    AUTOFREE char *chosen = xstrdup(drive_value(d, OPT_OU));
    fake_answer();
    drive_drain(d);
    bool custom;
    const struct ou_node *n = wizard_ou_at(&d->w, d->w.list[FLD_OUS].sel, &custom);
    assert_non_null(n);
    assert_string_equal(n->ou.dn, chosen);
    assert_string_equal(drive_value(d, OPT_OU), chosen);
    drive_free(d);
}

static void a_serial_line_is_told_once(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    d->w.slow_line = true;
    assert_true(drive_shows(d, "Serial line: drawn plainly"));
    drive_to(d, PAGE_DOMAIN);
    struct canvas *c = drive_draw(d, 24, 80);
    AUTOFREE char *text = canvas_dump_text(c);
    assert_null(strstr(text, "Serial line"));
    canvas_free(c);
    drive_free(d);
}

static void kiosk_has_no_way_out(void **state)
{
    (void)state;
    struct drive *d = drive_start("[ui]\nkiosk = yes\n");
    drive_key(d, ACT_CANCEL);
    assert_int_equal(d->w.message, SAY_NO_LEAVE);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.overlay, OVER_NONE);
    fake.hold = true;
    drive_to(d, PAGE_PROGRESS);
    drive_key(d, ACT_CANCEL);
    assert_int_equal(d->w.overlay, OVER_NONE);
    assert_true(d->w.running);
    drive_free(d);
}

static void kiosk_forgets_after_five_minutes(void **state)
{
    (void)state;
    struct drive *d = drive_start("[ui]\nkiosk = yes\n");
    drive_to(d, PAGE_CREDENTIALS);
    drive_type(d, "joiner");
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "s3cret-word");
    drive_pass(d, 290000);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_false(drive_no_secret(d));
    drive_pass(d, 20000);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_true(drive_no_secret(d));
    assert_int_equal(wizard_tick_ms(&d->w), 0);
    drive_free(d);
}

static void a_named_controller_stays_in_the_list(void **state)
{
    (void)state;
    struct drive *d =
        drive_start("[domain]\nname = corp.example.com\ncontroller = dc7.corp.example.com\n");
    drive_to(d, PAGE_CONTROLLER);
    drive_focus(d, FLD_DCS);
    assert_int_equal(wizard_list_count(&d->w, FLD_DCS), 4);
    assert_int_equal(d->w.list[FLD_DCS].sel, 3);
    assert_true(drive_shows(d, "dc7.corp.example.com"));
    drive_key(d, ACT_HOME);
    assert_string_equal(settings_get(&d->w.settings, OPT_CONTROLLER), "");
    drive_key(d, ACT_DOWN);
    assert_string_equal(settings_get(&d->w.settings, OPT_CONTROLLER), "dc1.corp.example.com");
    drive_key(d, ACT_END);
    assert_string_equal(settings_get(&d->w.settings, OPT_CONTROLLER), "dc7.corp.example.com");
    drive_free(d);
}

static void recover_is_preselected_when_something_waits(void **state)
{
    (void)state;
    fake.interrupted = true;
    struct drive *d = drive_start(NULL);
    assert_int_equal(d->w.mode, MODE_RECOVER);
    assert_true(drive_shows(d, "an interrupted operation waits"));
    drive_free(d);
}

static void each_identity_service_can_be_chosen(void **state)
{
    (void)state;
    static const char *const words[] = {"winbind", "none", "sssd"};
    struct drive *d = drive_start(NULL);
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        drive_to(d, PAGE_HOST);
        drive_focus(d, FLD_IDENTITY);
        drive_key(d, ACT_RIGHT);
        assert_string_equal(settings_get(&d->w.settings, OPT_IDENTITY), words[i]);
        drive_key(d, ACT_NEXT_PAGE);
        assert_int_equal(d->w.page, PAGE_FLAGS);
        drive_key(d, ACT_BACK);
    }
    drive_free(d);
}

static void a_change_is_shown_line_by_line(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_REVIEW);
    free(d->w.changes[1].detail);
    d->w.changes[1].detail = strdup("-\told = \033[31m1\n+\tnew = 2\n");
    drive_focus(d, FLD_REVIEW);
    for (size_t i = 0; i < d->w.n_review; i++) {
        if (d->w.review[i].kind == REVIEW_CHANGE && d->w.review[i].number == 1)
            d->w.list[FLD_REVIEW].sel = i;
    }
    drive_key(d, ACT_ENTER);
    assert_true(drive_shows(d, "- old = <U+001B>[31m1"));
    assert_true(drive_shows(d, "+ new = 2"));
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void tree_is_loaded_branch_by_branch(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_OU);
    assert_int_equal(wizard_list_count(&d->w, FLD_OUS), 4);
    drive_focus(d, FLD_OUS);
    drive_key(d, ACT_DOWN);
    drive_key(d, ACT_RIGHT);
    assert_string_equal(fake.last_dn, "OU=Kiosks,DC=corp,DC=example,DC=com");
    assert_int_equal(wizard_list_count(&d->w, FLD_OUS), 7);
    drive_key(d, ACT_LEFT);
    assert_int_equal(wizard_list_count(&d->w, FLD_OUS), 4);
    unsigned posts = fake.posts[JOB_OUS];
    drive_key(d, ACT_RIGHT);
    assert_int_equal(fake.posts[JOB_OUS], posts); /* read once */
    drive_type(d, "/");
    assert_int_equal(d->w.overlay, OVER_PROMPT);
    drive_type(d, "Berlin");
    drive_key(d, ACT_ENTER);
    assert_string_equal(fake.last_filter, "Berlin");
    /* What was chosen before is still chosen, and seen to be. */
    bool custom;
    assert_null(wizard_ou_at(&d->w, d->w.list[FLD_OUS].sel, &custom));
    assert_true(custom);
    assert_string_equal(d->w.ou_custom, settings_get(&d->w.settings, OPT_OU));
    drive_key(d, ACT_BACK); /* first takes the filter away */
    assert_int_equal(d->w.page, PAGE_OU);
    assert_string_equal(fake.last_filter, "");
    drive_type(d, "=");
    for (int i = 0; i < 60; i++)
        drive_key(d, ACT_BACKSPACE);
    drive_type(d, "OU=Typed,DC=corp,DC=example,DC=com");
    drive_key(d, ACT_ENTER);
    assert_string_equal(settings_get(&d->w.settings, OPT_OU), "OU=Typed,DC=corp,DC=example,DC=com");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    drive_free(d);
}

static void language_is_an_effect(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_focus(d, FLD_LANGUAGE);
    drive_key(d, ACT_RIGHT);
    assert_string_equal(d->language, "de");
    drive_free(d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(taken_name_is_said_once_and_may_be_overridden),
        T(review_row_opens_its_page_and_returns),
        T(warnings_come_first_and_focus_back),
        T(nothing_can_be_started_before_it_is_shown),
        T(saved_answers_replay_the_operation),
        T(flags_of_other_operations_are_refused_with_a_reason),
        T(leave_asks_for_an_account_only_to_disable),
        T(check_status_and_recover_have_their_pages),
        T(restart_is_asked_only_when_needed_and_live),
        T(network_page_shows_only_trouble),
        T(a_branch_that_opens_above_leaves_the_answer),
        T(a_serial_line_is_told_once),
        T(kiosk_has_no_way_out),
        T(kiosk_forgets_after_five_minutes),
        T(a_named_controller_stays_in_the_list),
        T(recover_is_preselected_when_something_waits),
        T(each_identity_service_can_be_chosen),
        T(a_change_is_shown_line_by_line),
        T(tree_is_loaded_branch_by_branch),
        T(language_is_an_effect),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
