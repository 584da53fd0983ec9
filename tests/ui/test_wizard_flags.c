/* The wizard's state machine: joins in which the machine itself logs in, flags and what they need,
 * warnings. */
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

static void without_an_account_the_default_is_advised_against(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_focus(d, FLD_ACCOUNT);
    drive_type(d, "joiner");
    drive_select(d, FLD_LOGIN_BY, LOGIN_DEFAULT);
    assert_string_equal(settings_get(&d->w.settings, OPT_ACCOUNT), "");
    assert_false(drive_visible(d, FLD_ACCOUNT));
    assert_false(drive_visible(d, FLD_PASSWORD));
    assert_false(drive_has_button(d, BTN_TEST));
    assert_true(drive_shows(d, "Warning: the machine logs in as its own, prepared account with"));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME); /* a prepared account has its place */
    drive_to(d, PAGE_REVIEW);
    assert_int_equal(fake.posts[JOB_LOGIN] + fake.posts[JOB_NAME] + fake.posts[JOB_OUS], 0);
    assert_false(fake.secret_seen);
    assert_true(drive_shows(d, "none: the computer account, default password"));
    assert_int_equal(d->w.review[1].kind, REVIEW_ADVICE);
    assert_int_equal(d->w.focus, FOCUS_BUTTON + BTN_BACK);
    /* JOIN_DOMAIN, JOIN_UNSECURE and what is on by default */
    char mask[24];
    snprintf(mask, sizeof mask, "0x%08X", settings_flags(&d->w.settings, FLAG_FOR_JOIN));
    assert_true(drive_shows(d, mask));
    drive_free(d);
}

static void the_machines_password_is_asked_by_its_name(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_select(d, FLD_LOGIN_BY, LOGIN_PREPARED);
    assert_true(drive_shows(d, "Machine's password"));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message, SAY_MACHINE_PASSWORD_NEEDED);
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "m4chine-word");
    drive_to(d, PAGE_REVIEW);
    assert_true(fake.secret_seen);
    assert_string_equal(fake.last_account, "");
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void an_upgrade_asks_for_no_account(void **state)
{
    (void)state;
    struct drive *d = drive_start("[options]\nwin9x_upgrade = yes\n");
    drive_to(d, PAGE_CREDENTIALS);
    assert_false(drive_visible(d, FLD_ACCOUNT));
    assert_false(drive_visible(d, FLD_PASSWORD));
    assert_true(drive_shows(d, "the machine logs in with the secret it has"));
    drive_to(d, PAGE_REVIEW);
    assert_int_equal(fake.posts[JOB_LOGIN], 0);
    assert_true(drive_shows(d, "none: the machine's present password"));
    drive_free(d);
}

static void a_restart_is_announced(void **state)
{
    (void)state;
    for (int live = 0; live < 2; live++) {
        fake_reset();
        fake.live = live;
        struct drive *d = drive_in_mode(MODE_WORKGROUP, MEMBER_NONE);
        drive_to(d, PAGE_REVIEW);
        bool said = false;
        for (size_t i = 0; i < d->w.n_review; i++)
            said = said || d->w.review[i].kind == REVIEW_RESTART;
        assert_int_equal(said, live);
        drive_free(d);
    }
}

/* What was answered for one way to log in is there again when it is come back to. */
static void ways_to_log_in_keep_their_answers(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    assert_int_equal(wizard_login_by(&d->w), LOGIN_PASSWORD);
    drive_into(d, FLD_ACCOUNT, "joiner");
    drive_into(d, FLD_PASSWORD, "s3cret-word");
    drive_select(d, FLD_LOGIN_BY, LOGIN_KEYTAB);
    assert_true(drive_no_secret(d));
    assert_false(drive_visible(d, FLD_PASSWORD));
    assert_string_equal(drive_value(d, OPT_ACCOUNT), "joiner");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.fault, FLD_KEYTAB);
    drive_into(d, FLD_KEYTAB, "/root/joiner.keytab");
    drive_select(d, FLD_LOGIN_BY, LOGIN_TICKET);
    assert_string_equal(drive_value(d, OPT_ACCOUNT), "");
    assert_string_equal(drive_value(d, OPT_KEYTAB), "");
    assert_false(drive_visible(d, FLD_ACCOUNT));
    drive_select(d, FLD_LOGIN_BY, LOGIN_DEFAULT);
    drive_select(d, FLD_LOGIN_BY, LOGIN_KEYTAB);
    assert_string_equal(drive_value(d, OPT_KEYTAB), "/root/joiner.keytab");
    assert_string_equal(drive_value(d, OPT_ACCOUNT), "joiner");
    drive_key(d, ACT_BACK);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(wizard_login_by(&d->w), LOGIN_KEYTAB);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_OU);
    assert_false(fake.secret_seen);
    drive_free(d);
}

static void turning_it_off_brings_the_account_back(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_select(d, FLD_LOGIN_BY, LOGIN_PREPARED);
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "m4chine-word");
    drive_select(d, FLD_LOGIN_BY, LOGIN_PASSWORD);
    assert_true(drive_no_secret(d));
    assert_false(settings_bool(&d->w.settings, OPT_FLAG_MACHINE_PWD_PASSED));
    assert_true(drive_visible(d, FLD_ACCOUNT));
    drive_free(d);
}

static void select_flag(struct drive *d, enum opt o)
{
    for (size_t i = 0; i < flag_count(); i++) {
        if (flag_at(i)->opt == o)
            d->w.list[FLD_FLAGS].sel = i;
    }
    drive_focus(d, FLD_FLAGS);
}

static void a_password_that_a_flag_needs_is_asked_for(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_FLAGS);
    select_flag(d, OPT_FLAG_JOIN_UNSECURE);
    drive_type(d, " ");
    assert_true(drive_no_secret(d));
    select_flag(d, OPT_FLAG_MACHINE_PWD_PASSED);
    drive_type(d, " ");
    char mask[64];
    snprintf(mask, sizeof mask, "All options together: 0x%08X",
             settings_flags(&d->w.settings, FLAG_FOR_JOIN));
    assert_true(drive_shows(d, mask));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.message, SAY_MACHINE_PASSWORD_NEEDED);
    drive_type(d, "m4chine-word");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void a_read_only_join_leads_to_the_controllers(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_select(d, FLD_LOGIN_BY, LOGIN_PREPARED);
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "m4chine-word");
    drive_to(d, PAGE_FLAGS);
    select_flag(d, OPT_FLAG_JOIN_READONLY);
    drive_type(d, " ");
    assert_int_equal(d->w.page, PAGE_CONTROLLER);
    assert_int_equal(d->w.message, SAY_BLOCKED);
    drive_focus(d, FLD_DCS);
    drive_key(d, ACT_DOWN);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_FLAGS);
    select_flag(d, OPT_FLAG_JOIN_READONLY);
    drive_type(d, " ");
    assert_true(settings_bool(&d->w.settings, OPT_FLAG_JOIN_READONLY));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void a_read_only_controller_is_asked_about(void **state)
{
    (void)state;
    for (int yes = 0; yes < 2; yes++) {
        fake_reset();
        struct drive *d = drive_start(NULL);
        fake.discover = CAUSE_CONTROLLER_READ_ONLY;
        drive_to(d, PAGE_DOMAIN);
        drive_type(d, "corp.example.com\\rodc1.corp.example.com");
        drive_pass(d, 600);
        assert_int_equal(d->w.overlay, OVER_NONE); /* nobody has asked to go on yet */
        drive_key(d, ACT_NEXT_PAGE);
        assert_int_equal(d->w.question, ASK_READONLY);
        assert_int_equal(d->w.overlay, OVER_QUESTION);
        fake.discover = CAUSE_NONE;
        if (yes)
            drive_key(d, ACT_RIGHT);
        drive_key(d, ACT_ENTER);
        assert_int_equal(d->w.page, yes ? PAGE_CONTROLLER : PAGE_DOMAIN);
        assert_int_equal(settings_bool(&d->w.settings, OPT_FLAG_JOIN_READONLY), yes);
        if (yes) {
            drive_key(d, ACT_NEXT_PAGE);
            assert_int_equal(d->w.page, PAGE_CREDENTIALS);
            assert_int_equal(d->w.focus, FLD_PASSWORD);
            drive_type(d, "m4chine-word");
            drive_to(d, PAGE_REVIEW);
            assert_int_equal(d->w.page, PAGE_REVIEW);
            struct err e = {0};
            assert_int_equal(settings_check(&d->w.settings, &e), 0);
        }
        drive_free(d);
    }
}

static void a_read_only_controller_of_the_list_is_asked_about(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CONTROLLER);
    d->w.dcs[1].state = DC_READ_ONLY_STATE;
    drive_focus(d, FLD_DCS);
    drive_key(d, ACT_END);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.question, ASK_READONLY);
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_CONTROLLER);
    drive_free(d);
}

static void rules_of_the_flags_lead_to_what_they_need(void **state)
{
    (void)state;
    struct drive *d =
        drive_start("[domain]\nname = corp.example.com\n[options]\njoin_unsecure = yes\n"
                    "machine_pwd_passed = yes\njoin_readonly = yes\n");
    drive_to(d, PAGE_CREDENTIALS);
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "m4chine-word");
    drive_to(d, PAGE_FLAGS);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CONTROLLER);
    assert_int_equal(d->w.message_err.code, 87);
    assert_int_equal(d->w.fault, FLD_DCS);
    drive_free(d);
}

static void the_name_of_the_next_boot_is_offered(void **state)
{
    (void)state;
    fake.next_name = "kiosk-08";
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_NAME);
    assert_true(drive_visible(d, FLD_NEW_NAME));
    assert_true(drive_shows(d, "From the next start on this machine is called kiosk-08."));
    assert_true(drive_shows(d, "Computer: KIOSK-07"));
    drive_focus(d, FLD_NEW_NAME);
    drive_type(d, " ");
    assert_true(drive_shows(d, "Computer: KIOSK-08"));
    unsigned before = fake.posts[JOB_NAME];
    drive_pass(d, 600);
    assert_int_equal(fake.posts[JOB_NAME], before + 1);
    drive_free(d);
    fake_reset();
    d = drive_start(NULL);
    drive_to(d, PAGE_NAME);
    assert_false(drive_visible(d, FLD_NEW_NAME));
    drive_free(d);
}

static void the_reuse_rule_can_be_overridden_only_where_it_bites(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.name = CAUSE_NAME_TAKEN;
    drive_to(d, PAGE_OU);
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_false(drive_visible(d, FLD_OVERRIDE));
    drive_free(d);
    fake_reset();
    d = drive_start(NULL);
    fake.name = CAUSE_REUSE_BLOCKED;
    drive_to(d, PAGE_OU);
    drive_press(d, BTN_NEXT);
    assert_true(drive_visible(d, FLD_OVERRIDE));
    drive_focus(d, FLD_OVERRIDE);
    drive_type(d, " ");
    assert_true(drive_shows(d, "Warning: the rule that protects accounts of other owners"));
    fake.name = CAUSE_NONE;
    drive_pass(d, 600);
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "Take over against the rules: yes"));
    drive_free(d);
}

static void a_plan_that_cannot_be_leads_to_the_page_at_fault(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.plan = CAUSE_NAME_TAKEN;
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_has_button(d, BTN_CHANGE));
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    fake.plan = CAUSE_NONE;
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    assert_false(drive_has_button(d, BTN_CHANGE));
    drive_free(d);
}

static void joining_again_at_once_is_warned_about(void **state)
{
    (void)state;
    struct drive *d = drive_in_mode(MODE_LEAVE, MEMBER_DOMAIN);
    assert_int_equal(d->w.page, PAGE_LEAVE);
    drive_focus(d, FLD_ACCT_DELETE);
    drive_type(d, " ");
    assert_true(drive_shows(d, "Do not join again under the same name at once"));
    drive_to(d, PAGE_RESULT);
    assert_true(drive_shows(d, "Do not join again under the same name at once"));
    drive_free(d);
}

static void the_search_domain_is_proposed(void **state)
{
    (void)state;
    fake.search_domain = "branch.example.com";
    struct drive *d = drive_start(NULL);
    assert_string_equal(settings_get(&d->w.settings, OPT_DOMAIN), "branch.example.com");
    drive_free(d);
    d = drive_start("[domain]\nname = corp.example.com\n");
    assert_string_equal(settings_get(&d->w.settings, OPT_DOMAIN), "corp.example.com");
    drive_free(d);
}

/* Typing over a proposal replaces it; moving in it or deleting from it edits it. */
static void a_proposal_is_typed_over(void **state)
{
    (void)state;
    fake.search_domain = "branch.example.com";
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_DOMAIN);
    drive_focus(d, FLD_DOMAIN);
    drive_type(d, "corp.example.com");
    assert_string_equal(settings_get(&d->w.settings, OPT_DOMAIN), "corp.example.com");
    drive_free(d);
    d = drive_start(NULL);
    drive_to(d, PAGE_DOMAIN);
    drive_focus(d, FLD_DOMAIN);
    drive_key(d, ACT_BACKSPACE);
    drive_type(d, "m.de");
    assert_string_equal(settings_get(&d->w.settings, OPT_DOMAIN), "branch.example.com.de");
    drive_free(d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(without_an_account_the_default_is_advised_against),
        T(the_machines_password_is_asked_by_its_name),
        T(an_upgrade_asks_for_no_account),
        T(a_restart_is_announced),
        T(ways_to_log_in_keep_their_answers),
        T(turning_it_off_brings_the_account_back),
        T(a_password_that_a_flag_needs_is_asked_for),
        T(a_read_only_join_leads_to_the_controllers),
        T(a_read_only_controller_is_asked_about),
        T(a_read_only_controller_of_the_list_is_asked_about),
        T(rules_of_the_flags_lead_to_what_they_need),
        T(the_name_of_the_next_boot_is_offered),
        T(the_reuse_rule_can_be_overridden_only_where_it_bites),
        T(a_plan_that_cannot_be_leads_to_the_page_at_fault),
        T(joining_again_at_once_is_warned_about),
        T(the_search_domain_is_proposed),
        T(a_proposal_is_typed_over),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
