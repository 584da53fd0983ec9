/* The whole program in a pseudo-terminal against the scripted engine: keys in, screen and exit
 * status out. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"

/* From the first page to the review, in English. */
static void to_review(struct pty *p)
{
    see(p, "kiosk-07");
    send_then(p, "\r", "2 of");
    send_then(p, "corp.example.com", "Found corp.example.com");
    send_then(p, PTY_F10, "Automatic");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\ts3cret-word", "***********");
    send_then(p, "\r", "Kiosks");
    send_then(p, PTY_F10, "The name is free.");
    send_then(p, PTY_F10, "Identity service");
    send_then(p, PTY_F10, "ACCT_CREATE");
    send_then(p, PTY_F10, "> Join corp.example.com <");
}

static void happy_path_on_a_vt220(void **state)
{
    (void)state;
    struct pty *p = start_wizard("password=s3cret-word", "vt220", 24, 80, NULL);
    see(p, "Cancel  ]");
    assert_true(pty_bytes(p) <= 1500);
    to_review(p);
    assert_true(pty_wait(p, one_reversed, NULL, WAIT));
    send_then(p, "\r", "This machine is now a member");
    send_then(p, PTY_F4, "log is empty");
    assert_true(pty_send(p, PTY_ESC));
    assert_true(pty_wait_gone(p, "log is empty", WAIT));
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

static void small_mono_screen(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", "vt100", 12, 40, NULL);
    see(p, "Join a domain");
    send_then(p, "\r", "Domain");
    send_then(p, "corp.example.com", "Found");
    send_then(p, "\0330", "Automatic");
    send_then(p, "\0330", "Account and password");
    assert_true(pty_wait(p, one_reversed, NULL, WAIT));
    send_then(p, "\0339", "Cancel the wizard?");
    send_then(p, "\033[B\r", "");
    ends_with(p, 3);
}

static void wrong_password_is_told_and_wiped(void **state)
{
    (void)state;
    struct pty *p = start_wizard("password=right", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, "\r", "2 of");
    send_then(p, "corp.example.com", "Found");
    send_then(p, PTY_F10, "Automatic");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\twrong", "*****");
    send_then(p, "\r", "Error:");
    assert_false(pty_has(p, "*****"));
    send_then(p, "right\r", "Kiosks");
    assert_true(pty_send(p, "\003"));
    see(p, "Cancel the wizard?");
    send_then(p, "\t\r", "");
    ends_with(p, 3);
}

static void cancel_while_running(void **state)
{
    (void)state;
    struct pty *p = start_wizard("hold", NULL, 24, 80, NULL);
    to_review(p);
    send_then(p, "\r", "[>]");
    see(p, "Still waiting: dc1.corp.example.com");
    send_then(p, PTY_F9, "Keep waiting");
    send_then(p, "\t", "> Stop and undo <");
    send_then(p, "\r", "Stopped");
    see(p, "Nothing was changed."); /* it was held before the first write */
    send_then(p, PTY_F10, "");
    ends_with(p, 3);
}

static void terminated_while_running(void **state)
{
    (void)state;
    struct pty *p = start_wizard("hold", NULL, 24, 80, NULL);
    to_review(p);
    send_then(p, "\r", "Still waiting");
    assert_int_equal(kill(pty_pid(p), SIGTERM), 0);
    ends_with(p, 4);
}

static void failure_has_its_line_on_standard_error(void **state)
{
    (void)state;
    struct pty *p = start_wizard("run=NO_CREATE_RIGHT", NULL, 24, 80, NULL);
    to_review(p);
    send_then(p, "\r", "What failed");
    send_then(p, PTY_END, "ERROR_ACCESS_DENIED (5)");
    assert_true(pty_send(p, PTY_F10));
    see(p, "joinery: ERROR_ACCESS_DENIED (5): ");
    ends_with(p, 1);
}

static void restart_is_offered(void **state)
{
    (void)state;
    struct pty *p = start_wizard("restart live", NULL, 24, 80, NULL);
    to_review(p);
    send_then(p, "\r", "This machine is now a member");
    send_then(p, PTY_F10, "> Later <");
    assert_true(pty_send(p, "\r"));
    ends_with(p, 5);
}

static void resize_keeps_text_and_focus(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, "\r", "2 of");
    send_then(p, "corp.exa", "corp.exa");
    for (int i = 0; i < 5; i++) {
        pty_resize(p, 8, 30);
        see(p, "too small");
        pty_resize(p, 30, 100);
        see(p, "corp.exa");
        assert_true(pty_wait_gone(p, "too small", WAIT));
    }
    send_then(p, "mple.com", "Found corp.example.com");
    assert_true(pty_send(p, "\003"));
    see(p, "Cancel the wizard?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

static void german_at_the_start_and_switched_at_run_time(void **state)
{
    (void)state;
    if (!getenv("JOINERY_LOCALEDIR"))
        skip();
    struct pty *p = start_wizard("", NULL, 24, 80, "de");
    see(p, "Willkommen");
    see(p, "Einer Domäne beitreten");
    send_then(p, PTY_BACKTAB PTY_LEFT, "Welcome");
    see(p, "Join a domain");
    send_then(p, PTY_RIGHT, "Willkommen");
    assert_true(pty_send(p, PTY_ESC));
    see(p, "Den Assistenten abbrechen?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

static void typed_and_pasted_text(void **state)
{
    (void)state;
    static char paste[4200];
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, "\r", "2 of");
    send_then(p, "č", "č"); /* its number is that of F5 */
    assert_true(pty_send(p, "\177"));
    assert_true(pty_wait_gone(p, "č", WAIT));
    strcpy(paste, "\033[200~");
    memset(paste + 6, 'x', 4096);
    strcpy(paste + 6 + 4096, "\n\033[201~");
    assert_true(pty_send(p, paste));
    see(p, "xxxxxxxx");
    assert_true(pty_has(p, "2 of")); /* the newline in it was no Enter */
    assert_true(pty_send(p, "\003"));
    see(p, "Cancel the wizard?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

static void hang_up_ends_it(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    assert_int_equal(kill(pty_pid(p), SIGHUP), 0);
    ends_with(p, 4);
}

static void line_by_line_on_a_dumb_terminal(void **state)
{
    (void)state;
    struct pty *p = start_wizard("password=s3cret-word", "dumb", 40, 80, NULL);
    see(p, "line by line");
    see(p, "Language [1]:");
    send_then(p, "\r", "What to do [1]:");
    send_then(p, "\r", "Domain []:");
    send_then(p, "?\r", "corp.example.com");
    send_then(p, "corp.example.com\r", "Domain controller [1]:");
    send_then(p, "\r", "Site []:");
    send_then(p, "\r", "Log in with [1]:");
    send_then(p, "1\r", "Account []:");
    assert_true(pty_send(p, "joiner\r"));
    see_cursor(p, "Password: ");
    send_then(p, "wrong\r", "Error:");
    see_cursor(p, "Password: "); /* the question at fault, and nothing before it */
    send_then(p, "<\r", "Account [joiner]:");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "Password: ");
    send_then(p, "s3cret-word\r", "Organizational unit [1]:");
    assert_false(pty_has(p, "s3cret-word"));
    send_then(p, "+2\r", "7) + 営業部"); /* the answer stays what it is */
    send_then(p, "3\r", "Computer name [the host's name]:");
    send_then(p, "\r", "Full host name []:");
    send_then(p, "\r", "Identity service [1]:");
    send_then(p, "\r", "Who may log in [every domain user]:");
    send_then(p, "\r", "Administrators [nobody]:");
    send_then(p, "\r", "Make home directories");
    send_then(p, "n\r", "Short user names");
    send_then(p, "\r", "Time source [1]:");
    send_then(p, "\r", "Restart [1]:");
    send_then(p, "\r", "Options []:");
    send_then(p, "\r", "Action [3]:");
    send_then(p, "\r", "[ok] 19/19");
    see(p, "Action [2]:");
    assert_true(pty_send(p, "\r"));
    ends_with(p, 0);
}

static void line_mode_goes_back_and_cancels(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", "dumb", 40, 80, NULL);
    see(p, "Language [1]:");
    send_then(p, "\r", "What to do [1]:");
    send_then(p, "\r", "Domain []:");
    send_then(p, "<\r", "Welcome");
    see(p, "Language [1]:");
    send_then(p, "!\r", "Answer [1]:");
    send_then(p, "\r", "Language [1]:");
    see_cursor(p, "Language [1]: ");
    assert_true(pty_send(p, "\003")); /* the terminal makes a signal of it */
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

static size_t times_said(struct pty *p, const char *text)
{
    size_t len, n = 0;
    const char *raw = pty_raw(p, &len);
    for (size_t i = 0; i + strlen(text) <= len; i++)
        n += !strncmp(raw + i, text, strlen(text));
    return n;
}

/* Whoever thinks better of stopping does not hear the whole work again. */
static void line_mode_says_a_step_once(void **state)
{
    (void)state;
    struct pty *p = start_wizard("hold", "dumb", 40, 80, NULL);
    see(p, "Language [1]:");
    send_then(p, "\r8\rLOBBY\r", "Action [3]:");
    send_then(p, "3\r", "Open the directory");
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "\r！\r")); /* as a Japanese keyboard types it */
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    see(p, "Result - ");
    see_cursor(p, "Action [5]: ");
    assert_int_equal(times_said(p, "[ok] 1/5 "), 1);
    assert_int_equal(times_said(p, "Type ! and Enter to stop."), 1);
    assert_int_equal(times_said(p, "The operation was cancelled"), 1);
    pty_close(p);
}

static void plain_is_line_by_line_anywhere(void **state)
{
    (void)state;
    static char plain[] = "--plain";
    const char *env[] = {"JOINERY_FAKE=", "LANGUAGE=en", NULL};
    struct pty_options o = {.env = env};
    struct pty *p = pty_spawn_fn(wizard_program, plain, &o);
    assert_non_null(p);
    see_cursor(p, "Language [1]: ");
    size_t len;
    const char *raw = pty_raw(p, &len);
    assert_null(memchr(raw, '\033', len)); /* no cursor motion, no colour */
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test(f)
        T(happy_path_on_a_vt220),
        T(small_mono_screen),
        T(wrong_password_is_told_and_wiped),
        T(cancel_while_running),
        T(terminated_while_running),
        T(failure_has_its_line_on_standard_error),
        T(restart_is_offered),
        T(resize_keeps_text_and_focus),
        T(german_at_the_start_and_switched_at_run_time),
        T(typed_and_pasted_text),
        T(hang_up_ends_it),
        T(line_by_line_on_a_dumb_terminal),
        T(line_mode_goes_back_and_cancels),
        T(line_mode_says_a_step_once),
        T(plain_is_line_by_line_anywhere),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
