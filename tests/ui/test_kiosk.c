/* What a kiosk offers: every page, every field and every button of every mode, against a table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/drive.h"

#define KIOSK "[ui]\nkiosk = yes\n"

/* The buttons that a kiosk may have. A new one has to be thought about here. */
static const bool may_have[BTN__COUNT] = {
    [BTN_TEST] = true,        [BTN_RETRY] = true,  [BTN_CHANGE] = true,  [BTN_LOG] = true,
    [BTN_DETAILS] = true,     [BTN_REPAIR] = true, [BTN_ROTATE] = true,  [BTN_BACK] = true,
    [BTN_NEXT] = true,        [BTN_QUIT] = true,   [BTN_ANOTHER] = true, [BTN_RESTART_LATER] = true,
    [BTN_RESTART_NOW] = true,
};

/* The answers that may be typed there. */
static const enum opt may_type[] = {
    OPT_DOMAIN,         OPT_CONTROLLER,           OPT_SITE,
    OPT_WORKGROUP,      OPT_MACHINE_NAME,         OPT_FQDN,
    OPT_ACCOUNT,        OPT_DESCRIPTION,          OPT_LOGIN,
    OPT_ADMINISTRATORS, OPT_OFFLINE_POLICIES,     OPT_OFFLINE_CERTIFICATE_TEMPLATES,
    OPT_OFFLINE_SITE,   OPT_OFFLINE_NETBIOS_NAME, OPT_OFFLINE_PRIMARY_DNS_DOMAIN,
};

static int reset(void **state)
{
    (void)state;
    fake_reset();
    return 0;
}

static bool typable(enum field f)
{
    enum opt o = field_row(f)->opt;
    if (f == FLD_TRY_KEYBOARD)
        return true;
    for (size_t i = 0; i < ARRAY_SIZE(may_type); i++) {
        if (may_type[i] == o)
            return true;
    }
    return false;
}

static void check_page(struct drive *d)
{
    enum button buttons[BTN__COUNT];
    enum field fields[FLD__COUNT];
    size_t nb = wizard_buttons(&d->w, buttons, BTN__COUNT),
           nf = wizard_fields(&d->w, d->w.page, fields, FLD__COUNT);
    for (size_t i = 0; i < nb; i++) {
        if (!may_have[buttons[i]])
            fail_msg("page %s has button %d", page_name(d->w.page), (int)buttons[i]);
    }
    for (size_t i = 0; i < nf; i++) {
        if (field_row(fields[i])->kind == FIELD_TEXT && !typable(fields[i]))
            fail_msg("page %s has the field %s", page_name(d->w.page), field_name(fields[i]));
    }
}

/* Keys and buttons that lead out anywhere else do nothing. */
static void try_to_leave(struct drive *d)
{
    enum page page = d->w.page;
    static const enum action keys[] = {ACT_CANCEL, ACT_LOG, ACT_HELP};
    static const enum button buttons[] = {BTN_SAVE, BTN_CANCEL};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        drive_key(d, keys[i]);
        assert_false(d->quit);
        assert_int_not_equal(d->w.overlay, OVER_QUESTION);
        for (const char *c = "s!:wq\t"; *c; c++) { /* in the log, above all */
            char one[2] = {*c, '\0'};
            if (d->w.overlay != OVER_NONE)
                drive_event(d,
                            (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CHAR, .text = one});
        }
        drive_key(d, ACT_CANCEL);
        if (d->w.overlay != OVER_NONE)
            drive_key(d, ACT_BACK);
        assert_int_equal(d->w.page, page);
    }
    for (size_t i = 0; i < ARRAY_SIZE(buttons); i++)
        drive_press(d, buttons[i]);
    assert_false(d->quit);
    assert_int_equal(d->w.page, page);
    assert_int_equal(d->saves, 0);
    assert_null(d->list);
}

static void walk(const char *ini, enum mode m, enum member_state member, enum page last)
{
    fake_reset();
    fake.member = member;
    fake.network_bad = true; /* its page stands */
    fake.mend = MEND_ACCOUNT;
    fake.interrupted = m == MODE_RECOVER;
    struct drive *d = drive_start(ini);
    d->w.mode = m;
    for (int guard = 0; guard < 30; guard++) {
        check_page(d);
        if (d->w.page == PAGE_RESULT)
            break;
        try_to_leave(d);
        if (d->w.page == last)
            break;
        if (d->w.page == PAGE_REVIEW) {
            drive_press(d, BTN_NEXT);
            continue;
        }
        enum page next = d->w.page;
        for (enum page p = d->w.page + 1; p <= last && d->w.page == next; p++) {
            if (wizard_on_page(&d->w, p))
                drive_to(d, p);
        }
        if (d->w.page == next)
            break;
    }
    if (d->w.page != last)
        fail_msg("mode %d ended on %s", (int)m, page_name(d->w.page));
    drive_free(d);
}

#define PREPARE KIOSK "[enrollment]\noperation = provision\n"
#define APPLY   KIOSK "[enrollment]\noperation = apply\n"

static void every_mode_page_by_page(void **state)
{
    (void)state;
    walk(KIOSK, MODE_JOIN, MEMBER_NONE, PAGE_RESULT);
    walk(KIOSK, MODE_CHECK, MEMBER_NONE, PAGE_CHECKS);
    walk(KIOSK, MODE_STATUS, MEMBER_DOMAIN, PAGE_STATUS);
    walk(KIOSK, MODE_LEAVE, MEMBER_DOMAIN, PAGE_RESULT);
    walk(KIOSK, MODE_RENAME, MEMBER_DOMAIN, PAGE_RESULT);
    walk(KIOSK, MODE_REPAIR, MEMBER_DOMAIN, PAGE_RESULT);
    walk(KIOSK, MODE_WORKGROUP, MEMBER_NONE, PAGE_RESULT);
    walk(KIOSK "[credentials]\nkeytab = /etc/joiner.keytab\n", MODE_JOIN, MEMBER_NONE, PAGE_RESULT);
    walk(PREPARE, MODE_PROVISION, MEMBER_NONE, PAGE_RESULT);
    walk(PREPARE "[offline]\nbatch = /media/usb/branch.csv\n", MODE_PROVISION, MEMBER_NONE,
         PAGE_RESULT);
    walk(APPLY "[offline]\ninput = /media/usb/KIOSK-07.p7m\n", MODE_APPLY, MEMBER_NONE,
         PAGE_RESULT);
    walk(APPLY "[offline]\ninput = /media/usb/KIOSK-07.p7m\nimage = /mnt/clone\n", MODE_APPLY,
         MEMBER_NONE, PAGE_RESULT);
}

static void found_data_is_all_there_is(void **state)
{
    (void)state;
    struct drive *d = drive_at(APPLY, PAGE_DATA);
    assert_true(drive_visible(d, FLD_BLOBS));
    assert_false(drive_visible(d, FLD_INPUT));
    drive_key(d, ACT_NEXT_PAGE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_INPUT), "/media/usb/KIOSK-07.p7m");
    assert_int_equal(d->w.page, PAGE_TARGET);
    assert_int_equal(wizard_list_count(&d->w, FLD_TARGETS), 1); /* this machine */
    drive_free(d);
    fake.no_volumes = true;
    d = drive_at(APPLY, PAGE_DATA);
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_DATA);
    assert_int_equal(d->w.message, SAY_NEEDED);
    drive_free(d);
}

static void configured_paths_are_fixed(void **state)
{
    (void)state;
    struct drive *d = drive_at(APPLY "[offline]\ninput = /media/usb/KIOSK-07.p7m\n"
                                     "image = /mnt/clone\n",
                               PAGE_DATA);
    assert_false(drive_visible(d, FLD_BLOBS));
    drive_to(d, PAGE_TARGET);
    drive_select(d, FLD_TARGETS, 0);
    drive_key(d, ACT_TOGGLE);
    assert_string_equal(drive_value(d, OPT_OFFLINE_IMAGE), "/mnt/clone");
    drive_free(d);
}

static void idle_wipes_everywhere_but_at_work(void **state)
{
    (void)state;
    static const enum page pages[] = {PAGE_DOMAIN, PAGE_CREDENTIALS, PAGE_NAME, PAGE_REVIEW};
    for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
        struct drive *d = drive_at(KIOSK, pages[i]);
        if (pages[i] == PAGE_CREDENTIALS) {
            drive_into(d, FLD_ACCOUNT, "joiner");
            drive_into(d, FLD_PASSWORD, "half");
        }
        drive_key(d, ACT_HELP); /* also with something on top */
        drive_pass(d, 320000);
        assert_int_equal(d->w.page, PAGE_WELCOME);
        assert_int_equal(d->w.overlay, OVER_NONE);
        assert_true(drive_no_secret(d));
        drive_free(d);
    }
    fake.hold = true;
    struct drive *d = drive_at(KIOSK, PAGE_PROGRESS);
    drive_pass(d, 900000);
    assert_int_equal(d->w.page, PAGE_PROGRESS);
    assert_true(d->w.running);
    drive_free(d);
}

/* Nobody prepares the machine for the next person: where a password is asked for, it goes where
 * whoever set the kiosk up said. */
static void answers_of_one_person_are_not_the_next_one_s(void **state)
{
    (void)state;
    struct drive *d = drive_at(KIOSK "[domain]\nname = corp.example.com\n", PAGE_DOMAIN);
    drive_into(d, FLD_DOMAIN, "corp.example.net");
    drive_pass(d, 320000);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_string_equal(drive_value(d, OPT_DOMAIN), "corp.example.com");
    assert_int_equal(d->w.settings.origin[OPT_DOMAIN], ORIGIN_FILE);
    drive_press(d, BTN_NEXT);
    assert_string_equal(d->w.edit[FLD_DOMAIN].text, "corp.example.com");
    drive_free(d);
    /* What was proposed is so again. */
    fake.search_domain = "corp.example.com";
    d = drive_at(KIOSK, PAGE_DOMAIN);
    drive_into(d, FLD_DOMAIN, "corp.example.net");
    drive_pass(d, 320000);
    assert_string_equal(drive_value(d, OPT_DOMAIN), "corp.example.com");
    assert_true(d->w.domain_proposed);
    drive_free(d);
}

static void done_work_hands_over(void **state)
{
    (void)state;
    struct drive *d = drive_at(KIOSK, PAGE_RESULT);
    drive_key(d, ACT_DOWN);
    drive_pass(d, 320000); /* nobody has to press a key */
    assert_true(d->quit);
    assert_int_equal(d->status, 0);
    drive_free(d);
    fake.run = CAUSE_NO_CREATE_RIGHT;
    d = drive_at(KIOSK, PAGE_RESULT);
    drive_press(d, BTN_QUIT);
    assert_false(d->quit);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    drive_free(d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, reset)
        T(every_mode_page_by_page),
        T(found_data_is_all_there_is),
        T(configured_paths_are_fixed),
        T(idle_wipes_everywhere_but_at_work),
        T(answers_of_one_person_are_not_the_next_one_s),
        T(done_work_hands_over),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
