/* What the wizard shows and how: display and keyboard, notices of waiting, the log and its copy,
 * places that an account has no right to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/drive.h"
#include "ui/app/internal.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static int setup(void **state)
{
    (void)state;
    fake_reset();
    (void)i18n_set_language("en");
    return 0;
}

static void the_display_page_comes_and_goes(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    d->w.keyboard = "de (nodeadkeys)";
    drive_key(d, ACT_SETTINGS);
    assert_int_equal(d->w.page, PAGE_DISPLAY);
    assert_true(drive_shows(d, "Keyboard layout: de (nodeadkeys)"));
    drive_focus(d, FLD_CONTRAST);
    drive_key(d, ACT_RIGHT);
    drive_key(d, ACT_RIGHT);
    assert_int_equal(d->w.theme, 2);
    assert_true(drive_shows(d, "(*) high contrast"));
    drive_into(d, FLD_TRY_KEYBOARD, "y?/{}");
    assert_true(drive_shows(d, "y?/{}"));
    drive_key(d, ACT_BACK);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    assert_false(d->lines);
    drive_key(d, ACT_NEXT_PAGE); /* no step of the way */
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_key(d, ACT_SETTINGS); /* on the first page only */
    assert_int_equal(d->w.page, PAGE_DOMAIN);
    drive_free(d);
}

static void line_by_line_is_chosen_there(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_key(d, ACT_SETTINGS);
    drive_focus(d, FLD_MANNER);
    drive_key(d, ACT_RIGHT);
    assert_false(d->lines);
    drive_key(d, ACT_NEXT_PAGE);
    assert_true(d->lines);
    assert_int_equal(d->w.page, PAGE_WELCOME);
    drive_free(d);
}

static void caps_lock_is_said_where_stars_hide_it(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    d->w.caps_lock = true;
    drive_focus(d, FLD_ACCOUNT);
    AUTOFREE char *elsewhere = words_message(&d->w);
    assert_string_equal(elsewhere, "");
    drive_focus(d, FLD_PASSWORD);
    assert_true(drive_shows(d, "Warning: Caps Lock is on."));
    drive_free(d);
}

/* Half a second of silence, then a second at least. */
static void a_notice_of_waiting_does_not_flicker(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_into(d, FLD_ACCOUNT, "joiner");
    drive_into(d, FLD_PASSWORD, "s3cret-word");
    drive_key(d, ACT_NEXT_PAGE);
    assert_int_equal(d->w.page, PAGE_OU);
    drive_key(d, ACT_DOWN);
    fake.defer = true;
    drive_key(d, ACT_RIGHT); /* opens a branch */
    assert_int_equal(d->w.message, SAY_READING_OUS);
    AUTOFREE char *at_once = words_message(&d->w);
    assert_string_equal(at_once, "");
    drive_pass(d, 600);
    AUTOFREE char *soon = words_message(&d->w);
    assert_string_equal(soon, "Reading the organizational units ...");
    fake_answer();
    drive_drain(d);
    assert_int_equal(d->w.message, SAY_NOTHING);
    AUTOFREE char *still = words_message(&d->w);
    assert_string_equal(still, soon);
    assert_true(wizard_tick_ms(&d->w) > 0);
    drive_pass(d, 1000);
    AUTOFREE char *gone = words_message(&d->w);
    assert_string_equal(gone, "");
    drive_free(d);
}

static void the_log_is_saved_to_one_place(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_event(d,
                (struct wiz_event){.kind = WIZ_LOG, .level = LOG_INFO, .text = "a\033[31m line"});
    drive_key(d, ACT_LOG);
    assert_true(drive_shows(d, "s save"));
    drive_type(d, "s");
    assert_string_equal(d->saved, "a<U+001B>[31m line\n");
    assert_true(drive_shows(d, "The log was saved in /var/log/joinery/shown.txt."));
    drive_free(d);
    d = drive_start("[ui]\nkiosk = yes\n");
    drive_event(d, (struct wiz_event){.kind = WIZ_LOG, .level = LOG_INFO, .text = "a line"});
    drive_key(d, ACT_LOG);
    drive_type(d, "s");
    assert_null(d->saved);
    drive_free(d);
}

static void the_default_place_is_not_recommended_where_it_is_refused(void **state)
{
    (void)state;
    for (int refused = 0; refused < 2; refused++) {
        fake.default_refused = refused;
        struct drive *d = drive_start(NULL);
        drive_to(d, PAGE_OU);
        assert_true(drive_shows(d, refused ? "not for your account" : "place (recommended)"));
        assert_true(drive_shows(d, refused ? "Your account may not create computers here."
                                           : "Right opens, Left closes"));
        drive_free(d);
    }
}

/* A system elsewhere is not restarted from here. */
static void an_image_asks_nothing_about_a_restart(void **state)
{
    (void)state;
    fake.live = true;
    struct drive *d = drive_at("[enrollment]\noperation = apply\n"
                               "[offline]\ninput = /media/usb/a.p7m\nimage = /mnt/linux\n",
                               PAGE_REVIEW);
    for (size_t i = 0; i < d->w.n_review; i++)
        assert_false(d->w.review[i].kind == REVIEW_ANSWER && d->w.review[i].opt == OPT_RESTART);
    drive_free(d);
}

static void the_review_says_what_is_now(void **state)
{
    (void)state;
    fake.identity = "none";
    fake.time_service = "chrony";
    struct drive *d = drive_start("[host]\ntime = domain\n[machine]\nname = kiosk-09\n");
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "Computer name: kiosk-07 -> KIOSK-09"));
    assert_true(drive_shows(d, "Identity service: none -> sssd"));
    assert_true(drive_shows(d, "Time source: chrony -> domain"));
    drive_free(d);
    d = drive_start(NULL); /* what stays has no arrow */
    drive_to(d, PAGE_REVIEW);
    assert_true(drive_shows(d, "Time source: keep"));
    drive_free(d);
}

static void the_way_to_a_unit_is_said(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_OU);
    drive_key(d, ACT_DOWN);
    drive_key(d, ACT_RIGHT);
    drive_key(d, ACT_DOWN);
    drive_key(d, ACT_RIGHT);
    drive_key(d, ACT_DOWN);
    drive_key(d, ACT_DOWN);
    assert_true(drive_shows(d, "Place: Kiosks > Kiosks > Офисы"));
    drive_free(d);
}

static void every_button_has_its_help(void **state)
{
    (void)state;
    struct drive *d = drive_start(NULL);
    drive_to(d, PAGE_CREDENTIALS);
    drive_focus(d, FOCUS_BUTTON + BTN_TEST);
    drive_key(d, ACT_HELP);
    assert_true(drive_shows(d, "Tries the login at the domain controller."));
    drive_key(d, ACT_BACK);
    drive_to(d, PAGE_REVIEW);
    drive_focus(d, FOCUS_BUTTON + BTN_NEXT);
    drive_key(d, ACT_HELP);
    assert_true(drive_shows(d, "Begins the work that this page lists."));
    drive_free(d);
}

/* The kernel's command line of a machine for somebody who cannot see the screen. */
static void a_machine_may_be_accessible(void **state)
{
    static const struct {
        const char *line;
        bool wanted;
    } rows[] = {{"quiet joinery.accessible ro\n", true}, {"joinery.accessible=1", true},
                {"quiet joinery.accessible=0\n", false}, {"xjoinery.accessible\n", false},
                {"root=/dev/sda1 ro quiet\n", false},    {"", false}};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char path[] = "/tmp/joinery-cmdline.XXXXXX";
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, rows[i].line, strlen(rows[i].line)), strlen(rows[i].line));
        close(fd);
        assert_int_equal(accessible_machine(path), rows[i].wanted);
        unlink(path);
    }
    assert_false(accessible_machine("/nowhere/cmdline"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup(f, setup)
        T(the_display_page_comes_and_goes),
        T(line_by_line_is_chosen_there),
        T(caps_lock_is_said_where_stars_hide_it),
        T(a_notice_of_waiting_does_not_flicker),
        T(the_log_is_saved_to_one_place),
        T(the_default_place_is_not_recommended_where_it_is_refused),
        T(an_image_asks_nothing_about_a_restart),
        T(the_review_says_what_is_now),
        T(the_way_to_a_unit_is_said),
        T(every_button_has_its_help),
        T(a_machine_may_be_accessible),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
