/* The wizard's state machine: workgroup, rename, new machine password, repair; joins in which the
 * machine itself logs in. */
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

static void empty(struct drive *d, enum field f)
{
    drive_focus(d, (int)f);
    while (*d->w.edit[f].text)
        drive_key(d, ACT_BACKSPACE);
}

static void modes_that_do_not_apply_say_why(void **state)
{
    (void)state;
    static const struct {
        enum mode mode;
        enum member_state member;
        bool blocked;
    } rows[] = {
        {MODE_JOIN, MEMBER_NONE, false},       {MODE_JOIN, MEMBER_WORKGROUP, false},
        {MODE_JOIN, MEMBER_DOMAIN, true},      {MODE_WORKGROUP, MEMBER_NONE, false},
        {MODE_WORKGROUP, MEMBER_DOMAIN, true}, {MODE_RENAME, MEMBER_NONE, true},
        {MODE_RENAME, MEMBER_DOMAIN, false},   {MODE_ROTATE, MEMBER_WORKGROUP, true},
        {MODE_ROTATE, MEMBER_DOMAIN, false},   {MODE_REPAIR, MEMBER_NONE, true},
        {MODE_REPAIR, MEMBER_DOMAIN, false},   {MODE_LEAVE, MEMBER_WORKGROUP, true},
        {MODE_LEAVE, MEMBER_DOMAIN, false},    {MODE_STATUS, MEMBER_NONE, false},
        {MODE_PROVISION, MEMBER_NONE, false},  {MODE_APPLY, MEMBER_DOMAIN, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct drive *d = drive_in_mode(rows[i].mode, rows[i].member);
        const char *why = wizard_mode_blocked(&d->w, rows[i].mode);
        if (!why != !rows[i].blocked)
            fail_msg("row %zu: %s", i, why ? why : "not blocked");
        assert_int_equal(d->w.page == PAGE_WELCOME, rows[i].blocked);
        if (rows[i].blocked && rows[i].mode != MODE_JOIN)
            assert_int_equal(d->w.fault, FLD_MODE);
        drive_free(d);
    }
}

static void another_programs_membership_is_left_to_it(void **state)
{
    (void)state;
    static const enum mode modes[] = {MODE_RENAME, MODE_ROTATE, MODE_REPAIR, MODE_LEAVE};
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        fake.other_tool = "realmd";
        struct drive *d = drive_in_mode(modes[i], MEMBER_DOMAIN);
        assert_int_equal(d->w.page, PAGE_WELCOME);
        assert_int_equal(d->w.message, SAY_OTHER_TOOL);
        drive_free(d);
    }
    struct drive *d = drive_in_mode(MODE_STATUS, MEMBER_DOMAIN);
    assert_false(drive_has_button(d, BTN_ROTATE));
    drive_free(d);
}

static void a_member_is_asked_before_it_joins_again(void **state)
{
    (void)state;
    for (int yes = 0; yes < 2; yes++) {
        struct drive *d = drive_in_mode(MODE_JOIN, MEMBER_DOMAIN);
        assert_int_equal(d->w.overlay, OVER_QUESTION);
        assert_int_equal(d->w.question, ASK_REJOIN);
        assert_true(drive_shows(d, "member of corp.example.com already"));
        if (yes)
            drive_key(d, ACT_RIGHT);
        drive_key(d, ACT_ENTER);
        assert_int_equal(d->w.page, yes ? PAGE_DOMAIN : PAGE_WELCOME);
        assert_int_equal(settings_bool(&d->w.settings, OPT_FLAG_DOMAIN_JOIN_IF_JOINED), yes);
        drive_free(d);
    }
}

static void a_member_starts_at_its_status(void **state)
{
    (void)state;
    fake.member = MEMBER_DOMAIN;
    struct drive *d = drive_start(NULL);
    assert_int_equal(d->w.mode, MODE_STATUS);
    drive_free(d);
    d = drive_start("[enrollment]\noperation = join\n"); /* somebody has chosen */
    assert_int_equal(d->w.mode, MODE_JOIN);
    drive_free(d);
}

static void workgroup_is_checked_while_it_is_typed(void **state)
{
    (void)state;
    struct drive *d = drive_in_mode(MODE_WORKGROUP, MEMBER_WORKGROUP);
    assert_int_equal(d->w.page, PAGE_WORKGROUP);
    assert_int_equal(d->w.focus, FLD_WORKGROUP);
    assert_true(drive_shows(d, "Present workgroup: BRANCH"));
    empty(d, FLD_WORKGROUP);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message, SAY_NEEDED);
    drive_type(d, "SIXTEEN-LETTERS-");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_WORKGROUP);
    assert_int_equal(d->w.message_err.code, 2695);
    assert_int_equal(d->w.fault, FLD_WORKGROUP);
    empty(d, FLD_WORKGROUP);
    drive_type(d, "KIOSK-07"); /* its own name */
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.message_err.code, 2695);
    empty(d, FLD_WORKGROUP);
    drive_type(d, "LOBBY");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    assert_int_equal(fake.posts[JOB_LOGIN], 0);
    assert_string_equal(fake.last_operation, "workgroup");
    assert_true(drive_shows(d, "Set workgroup LOBBY"));
    assert_true(drive_shows(d, "Workgroup: BRANCH -> LOBBY"));
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_true(drive_shows(d, "in the workgroup LOBBY now"));
    drive_press(d, BTN_QUIT);
    assert_int_equal(d->status, 0);
    drive_free(d);
}

static void a_refused_workgroup_leads_to_its_page(void **state)
{
    (void)state;
    struct drive *d = drive_in_mode(MODE_WORKGROUP, MEMBER_NONE);
    fake.run = CAUSE_WORKGROUP_NAME_BAD;
    drive_to(d, PAGE_RESULT);
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_WORKGROUP);
    assert_int_equal(d->w.fault, FLD_WORKGROUP);
    drive_free(d);
}

/* From the new name to the credentials. */
static struct drive *renaming(const char *name)
{
    struct drive *d = drive_in_mode(MODE_RENAME, MEMBER_DOMAIN);
    assert_int_equal(d->w.page, PAGE_RENAME);
    drive_focus(d, FLD_RENAME_NAME);
    drive_type(d, name);
    return d;
}

static void log_in(struct drive *d)
{
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_focus(d, FLD_ACCOUNT);
    drive_type(d, "joiner");
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "s3cret-word");
    drive_key(d, ACT_NEXT_PAGE);
}

static void rename_shows_what_is_and_asks_the_directory(void **state)
{
    (void)state;
    struct drive *d = renaming("kiosk-09");
    assert_true(drive_shows(d, "Present name: kiosk-07"));
    assert_true(drive_shows(d, "Computer account: KIOSK-07$"));
    assert_true(drive_shows(d, "kiosk-09.corp.example.com"));
    drive_pass(d, 1000);
    assert_int_equal(fake.posts[JOB_NAME], 0); /* nobody is logged in yet */
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(wizard_list_count(&d->w, FLD_LOGIN_BY), 3); /* nobody joins */
    log_in(d);
    assert_int_equal(fake.posts[JOB_NAME], 1);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    assert_string_equal(fake.last_domain, "corp.example.com");
    assert_true(drive_shows(d, "Rename to kiosk-09"));
    assert_true(drive_shows(d, "Rename the computer account too: yes"));
    assert_true(drive_shows(d, "0x00000002"));
    drive_press(d, BTN_NEXT);
    assert_int_equal(d->w.page, PAGE_RESULT);
    assert_true(drive_shows(d, "Computer account: KIOSK-09$"));
    assert_true(drive_no_secret(d));
    drive_free(d);
}

static void a_taken_new_name_gets_the_cursor(void **state)
{
    (void)state;
    struct drive *d = renaming("kiosk-09");
    fake.name = CAUSE_NAME_TAKEN;
    drive_key(d, ACT_NEXT_PAGE);
    log_in(d);
    assert_int_equal(d->w.page, PAGE_RENAME);
    assert_int_equal(d->w.fault, FLD_RENAME_NAME);
    assert_int_equal(d->w.message_err.code, 2224);
    /* Now the directory answers while the name is typed. */
    fake.name = CAUSE_NONE;
    drive_focus(d, FLD_RENAME_NAME);
    drive_type(d, "9");
    drive_pass(d, 600);
    assert_int_equal(fake.posts[JOB_NAME], 2);
    assert_true(drive_shows(d, "The name is free."));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_key(d, ACT_NEXT_PAGE); /* the password is still there */
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void missing_rights_stay_with_the_account(void **state)
{
    (void)state;
    struct drive *d = renaming("kiosk-09");
    fake.name = CAUSE_KDC_WRONG_PASSWORD; /* stands for anything that another account cures */
    drive_key(d, ACT_NEXT_PAGE);
    log_in(d);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.fault, FLD_ACCOUNT);
    drive_free(d);
}

static void a_local_rename_asks_nobody(void **state)
{
    (void)state;
    struct drive *d = renaming("kiosk-09");
    drive_focus(d, FLD_RENAME_ACCOUNT);
    drive_type(d, " ");
    assert_false(settings_bool(&d->w.settings, OPT_FLAG_ACCT_CREATE));
    assert_false(drive_visible(d, FLD_RENAME_DNS_ONLY));
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    assert_int_equal(fake.posts[JOB_LOGIN] + fake.posts[JOB_NAME], 0);
    drive_free(d);
}

static void a_bad_new_name_is_said_at_once(void **state)
{
    (void)state;
    struct drive *d = renaming("12345");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_RENAME);
    assert_int_equal(d->w.fault, FLD_RENAME_NAME);
    drive_free(d);
    d = drive_in_mode(MODE_RENAME, MEMBER_DOMAIN);
    fake.run = CAUSE_NAME_TAKEN;
    drive_to(d, PAGE_RESULT);
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_RENAME);
    drive_free(d);
}

static void flags_of_another_mode_are_dropped(void **state)
{
    (void)state;
    fake.member = MEMBER_NONE;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_FLAGS);
    for (size_t i = 0; i < flag_count(); i++) {
        if (flag_at(i)->opt == OPT_FLAG_AMBIGUOUS_DC)
            d->w.list[FLD_FLAGS].sel = i;
    }
    drive_focus(d, FLD_FLAGS);
    drive_type(d, " ");
    assert_true(settings_bool(&d->w.settings, OPT_FLAG_AMBIGUOUS_DC));
    while (d->w.page != PAGE_WELCOME)
        drive_key(d, ACT_BACK);
    d->w.mode = MODE_WORKGROUP;
    drive_to(d, PAGE_REVIEW);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    struct err e = {0};
    assert_int_equal(settings_check(&d->w.settings, &e), 0);
    drive_free(d);
}

static void status_offers_what_mends(void **state)
{
    (void)state;
    static const struct {
        enum mend mend;
        bool repair, rotate, account;
        const char *says;
    } rows[] = {
        {MEND_NOTHING, false, true, false, "Machine password set: 2023-11-15"},
        {MEND_FILES, true, true, false, "so nobody else's is needed"},
        {MEND_ACCOUNT, true, false, true, "Repair sets a new machine password"},
        {MEND_REJOIN, true, false, true, "The computer account is gone."},
        {MEND_WAIT, false, false, false, "The domain cannot be reached now"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fake_reset();
        fake.mend = rows[i].mend;
        fake.password_set_at = 1700049600; /* noon in Greenwich */
        struct drive *d = drive_in_mode(MODE_STATUS, MEMBER_DOMAIN);
        assert_int_equal(d->w.page, PAGE_STATUS);
        assert_true(drive_shows(d, rows[i].says));
        assert_int_equal(drive_has_button(d, BTN_REPAIR), rows[i].repair);
        assert_int_equal(drive_has_button(d, BTN_ROTATE), rows[i].rotate);
        if (rows[i].repair) {
            drive_press(d, BTN_REPAIR);
            assert_int_equal(d->w.page, rows[i].account ? PAGE_CREDENTIALS : PAGE_REVIEW);
            if (rows[i].account)
                log_in(d);
            assert_int_equal(d->w.page, PAGE_REVIEW);
            assert_string_equal(fake.last_operation, "repair");
            assert_int_equal(fake.secret_seen, rows[i].account);
            drive_press(d, BTN_NEXT);
            assert_true(drive_shows(d, "The membership works again"));
            assert_true(drive_no_secret(d));
        } else if (rows[i].rotate) {
            drive_press(d, BTN_ROTATE);
            assert_int_equal(d->w.page, PAGE_REVIEW);
            assert_string_equal(fake.last_operation, "rotate");
            drive_press(d, BTN_NEXT);
            assert_true(drive_shows(d, "This machine has a new password."));
            assert_int_equal(fake.posts[JOB_LOGIN], 0);
        }
        drive_free(d);
    }
}

static void repair_and_rotation_look_first(void **state)
{
    (void)state;
    static const struct {
        enum mode mode;
        enum mend mend;
        enum say say; /* SAY_NOTHING: goes on */
    } rows[] = {
        {MODE_REPAIR, MEND_NOTHING, SAY_NOTHING_TO_MEND}, {MODE_REPAIR, MEND_FILES, SAY_NOTHING},
        {MODE_REPAIR, MEND_WAIT, SAY_MEND_WAIT},          {MODE_ROTATE, MEND_NOTHING, SAY_NOTHING},
        {MODE_ROTATE, MEND_ACCOUNT, SAY_REPAIR_FIRST},    {MODE_ROTATE, MEND_WAIT, SAY_MEND_WAIT},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        fake_reset();
        fake.mend = rows[i].mend;
        struct drive *d = drive_in_mode(rows[i].mode, MEMBER_DOMAIN);
        assert_int_equal(d->w.page, PAGE_STATUS);
        assert_int_equal(drive_has_button(d, BTN_NEXT), rows[i].say == SAY_NOTHING);
        drive_key(d, ACT_NEXT_PAGE);
        if (rows[i].say == SAY_NOTHING) {
            assert_int_equal(d->w.page, PAGE_REVIEW);
            drive_key(d, ACT_BACK);
            assert_int_equal(d->w.page, PAGE_STATUS);
        } else {
            assert_int_equal(d->w.page, PAGE_STATUS);
            assert_int_equal(d->w.message, rows[i].say);
        }
        drive_free(d);
    }
}

static void a_failed_repair_asks_for_the_password_again(void **state)
{
    (void)state;
    fake.mend = MEND_ACCOUNT;
    fake.run = CAUSE_KDC_WRONG_PASSWORD;
    struct drive *d = drive_in_mode(MODE_REPAIR, MEMBER_DOMAIN);
    drive_to(d, PAGE_RESULT);
    assert_int_equal(d->w.result.code, 1326);
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    drive_focus(d, FLD_PASSWORD);
    drive_type(d, "s3cret-word");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void every_mode_saves_what_replays_it(void **state)
{
    (void)state;
    static const enum mode modes[] = {MODE_WORKGROUP, MODE_RENAME, MODE_ROTATE, MODE_REPAIR,
                                      MODE_LEAVE};
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        fake_reset();
        fake.mend = modes[i] == MODE_REPAIR ? MEND_REJOIN : MEND_NOTHING;
        struct drive *d =
            drive_in_mode(modes[i], modes[i] == MODE_WORKGROUP ? MEMBER_NONE : MEMBER_DOMAIN);
        drive_to(d, PAGE_REVIEW);
        assert_int_equal(d->w.page, PAGE_REVIEW);
        drive_press(d, BTN_SAVE);
        assert_null(strstr(d->saved, "s3cret-word"));
        struct settings s;
        struct err e = {0};
        settings_init(&s);
        assert_int_equal(settings_load_ini(&s, d->saved, strlen(d->saved), ORIGIN_FILE, &e), 0);
        if (settings_check(&s, &e) < 0)
            fail_msg("%s: %u %s\n%s", mode_row(modes[i])->operation, e.code,
                     err_fact_get(&e, FACT_OPTION), d->saved);
        assert_string_equal(settings_get(&s, OPT_OPERATION), mode_row(modes[i])->operation);
        settings_free(&s);
        drive_free(d);
    }
}

static void restart_follows_every_mode(void **state)
{
    (void)state;
    static const enum mode modes[] = {MODE_WORKGROUP, MODE_RENAME, MODE_LEAVE};
    for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
        fake_reset();
        fake.live = fake.restart = true;
        struct drive *d =
            drive_in_mode(modes[i], modes[i] == MODE_WORKGROUP ? MEMBER_NONE : MEMBER_DOMAIN);
        drive_to(d, PAGE_RESULT);
        drive_press(d, BTN_NEXT);
        assert_int_equal(d->w.page, PAGE_RESTART);
        drive_key(d, ACT_ENTER);
        assert_int_equal(d->status, 5);
        drive_free(d);
    }
}

static void another_place_asks_about_the_name_again(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.name = CAUSE_NO_CREATE_RIGHT;
    drive_to(d, PAGE_NAME);
    assert_true(drive_shows(d, "Warning: The account may sign in, but may not create"));
    drive_key(d, ACT_NEXT_PAGE);
    assert_true(d->w.name_warned);
    unsigned before = fake.posts[JOB_NAME];
    fake.name = CAUSE_NONE;
    while (d->w.page != PAGE_OU)
        drive_key(d, ACT_BACK);
    drive_focus(d, FLD_OUS);
    drive_key(d, ACT_DOWN);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    assert_int_equal(fake.posts[JOB_NAME], before + 1);
    assert_false(d->w.name_warned);
    assert_true(drive_shows(d, "The name is free."));
    drive_free(d);
}

static void a_name_that_needs_the_password_again_leads_to_it(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    fake.run = CAUSE_REUSE_BLOCKED;
    drive_to(d, PAGE_RESULT);
    drive_press(d, BTN_CHANGE);
    assert_int_equal(d->w.page, PAGE_NAME);
    int before =
        fake.posts[JOB_NAME]; /* not asked without it: it was forgotten when the work ended */
    drive_focus(d, FLD_NAME);
    drive_type(d, "x");
    drive_pass(d, 1000);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(fake.posts[JOB_NAME], before);
    assert_int_equal(d->w.page, PAGE_CREDENTIALS);
    assert_int_equal(d->w.focus, FLD_PASSWORD);
    assert_int_equal(d->w.message, SAY_PASSWORD_AGAIN);
    drive_type(d, "s3cret-word");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_REVIEW);
    drive_free(d);
}

static void blanks_around_an_answer_do_not_count(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CONTROLLER);
    drive_focus(d, FLD_SITE);
    drive_type(d, " ");
    assert_string_equal(settings_get(&d->w.settings, OPT_SITE), "");
    drive_type(d, "Berlin Mitte  ");
    assert_string_equal(settings_get(&d->w.settings, OPT_SITE), "Berlin Mitte");
    drive_free(d);
}

static void recovery_says_which_way_it_went(void **state)
{
    (void)state;
    for (int undoes = 0; undoes < 2; undoes++) {
        fake_reset();
        fake.interrupted = true;
        fake.recover_undoes = undoes;
        struct drive *d = drive_start(NULL);
        d->w.mode = MODE_RECOVER;
        drive_key(d, ACT_NEXT_PAGE);
        assert_int_equal(d->w.page, PAGE_RESULT);
        assert_int_equal(drive_shows(d, "was undone"), undoes);
        assert_int_equal(drive_shows(d, "brought to an end"), !undoes);
        drive_free(d);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(modes_that_do_not_apply_say_why),
        T(another_programs_membership_is_left_to_it),
        T(a_member_is_asked_before_it_joins_again),
        T(a_member_starts_at_its_status),
        T(workgroup_is_checked_while_it_is_typed),
        T(a_refused_workgroup_leads_to_its_page),
        T(rename_shows_what_is_and_asks_the_directory),
        T(a_taken_new_name_gets_the_cursor),
        T(missing_rights_stay_with_the_account),
        T(a_local_rename_asks_nobody),
        T(a_bad_new_name_is_said_at_once),
        T(flags_of_another_mode_are_dropped),
        T(status_offers_what_mends),
        T(repair_and_rotation_look_first),
        T(a_failed_repair_asks_for_the_password_again),
        T(every_mode_saves_what_replays_it),
        T(restart_follows_every_mode),
        T(another_place_asks_about_the_name_again),
        T(a_name_that_needs_the_password_again_leads_to_it),
        T(recovery_says_which_way_it_went),
        T(blanks_around_an_answer_do_not_count),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
