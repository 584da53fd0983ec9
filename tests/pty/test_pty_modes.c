/* The modes beside joining in a pseudo-terminal, on the screen and line by line. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>

#include <cmocka.h>

#include "engine/base/strv.h"

#include "tests/pty/lead.h"
#include "ui/text/width.h"

/* Leads through a mode on the screen; `down` is how far the mode stands below the first. */
static struct pty *in_mode(const char *script, int down)
{
    struct pty *p = start_wizard(script, NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, PTY_HOME, "> Join a domain");
    for (int i = 0; i < down; i++)
        assert_true(pty_send(p, PTY_DOWN));
    return p;
}

static void workgroup_on_the_screen(void **state)
{
    (void)state;
    struct pty *p = in_mode("restart live", 7);
    send_then(p, "\r", "This machine is in no domain and no workgroup was set.");
    for (int i = 0; i < 9; i++)
        assert_true(pty_send(p, "\177"));
    send_then(p, "A:B", "A:B");
    send_then(p, PTY_F10, "Error:");
    send_then(p, "\177\177\177LOBBY", "A workgroup is only a name");
    send_then(p, PTY_F10, "> Set workgroup LOBBY <");
    assert_true(pty_wait(p, one_reversed, NULL, WAIT));
    send_then(p, "\r", "This machine is in the workgroup LOBBY now.");
    send_then(p, PTY_F10, "> Later <");
    assert_true(pty_send(p, "\r"));
    ends_with(p, 5);
}

static void rename_on_the_screen(void **state)
{
    (void)state;
    struct pty *p = in_mode("member password=s3cret-word", 5);
    send_then(p, "\r", "Present name: kiosk-07");
    see(p, "Computer account: KIOSK-07$");
    send_then(p, "kiosk-09", "Computer: KIOSK-09");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\ts3cret-word", "***********");
    send_then(p, "\r", "> Rename to kiosk-09 <");
    see(p, "Rename the computer account too: yes");
    send_then(p, "\r", "This machine has its new name.");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

static void repair_from_the_status(void **state)
{
    (void)state;
    /* 2: a broken secret */
    struct pty *p = in_mode("member mend=2 password=s3cret-word", 2);
    send_then(p, "\r", "Repair sets a new machine password");
    send_then(p, "\t\t", "> Repair <");
    send_then(p, "\r", "Account and password");
    send_then(p, "joiner\ts3cret-word", "***********");
    send_then(p, "\r", "[> Repair <]");
    see(p, "What will be changed");
    send_then(p, "\r", "The membership works again");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

static void new_machine_password_on_the_screen(void **state)
{
    (void)state;
    struct pty *p = in_mode("member set_at=1700049600", 4);
    send_then(p, "\r", "Machine password set: 2023-11-15");
    see(p, "> Next <");
    send_then(p, "\r", "> Set a new password <");
    send_then(p, "\r", "This machine has a new password.");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

static void without_an_account_on_the_screen(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, "\r", "2 of");
    send_then(p, "corp.example.com", "Found corp.example.com");
    send_then(p, PTY_F10, "Automatic");
    send_then(p, PTY_F10, "Password");
    send_then(p, PTY_BACKTAB PTY_END, "Anyone who knows the name knows that");
    send_then(p, PTY_UP, "Machine's password");
    send_then(p, "\tm4chine", "*******");
    send_then(p, "\r", "The account must exist already");
    send_then(p, PTY_F10, "Identity service");
    send_then(p, PTY_F10, "All options together: 0x000000C1");
    send_then(p, PTY_F10, "> Join corp.example.com <");
    see(p, "none: the computer account, its password");
    send_then(p, "\r", "This machine is now a member");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

static void modes_line_by_line(void **state)
{
    (void)state;
    struct pty *p = start_wizard("member mend=2 password=s3cret-word", "dumb", 60, 80, NULL);
    see_cursor(p, "Language [1]: ");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "What to do [3]: ");
    assert_true(pty_send(p, "1\r")); /* a join: asked about first */
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "Language [1]: ");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "What to do [1]: ");
    assert_true(pty_send(p, "6\r"));
    see(p, "Present name: kiosk-07");
    see_cursor(p, "New name []: ");
    assert_true(pty_send(p, "kiosk-09\r"));
    see_cursor(p, "Full host name []: ");
    assert_true(pty_send(p, "\r"));
    see(p, "Rename the computer account too");
    assert_true(pty_send(p, "n\r")); /* the next question goes with it */
    see_cursor(p, "Action [3]: ");
    see(p, "3) Rename to kiosk-09");
    assert_true(pty_send(p, "\r"));
    see(p, "This machine has its new name.");
    see_cursor(p, "Action [2]: ");
    assert_true(pty_send(p, "\r"));
    ends_with(p, 0);
}

/* The page that is gone back to says why. */
static void taken_name_line_by_line(void **state)
{
    (void)state;
    struct pty *p =
        start_wizard("member name=NEW_NAME_TAKEN password=s3cret-word", "dumb", 60, 80, NULL);
    send_then(p, "\r", "What to do [3]:");
    send_then(p, "6\r", "New name []:");
    send_then(p, "kiosk-09\r", "Full host name []:");
    send_then(p, "\r", "Rename the computer account too");
    send_then(p, "\r", "Change DNS names only");
    send_then(p, "\r", "Log in with [1]:");
    send_then(p, "\r", "Account []:");
    send_then(p, "joiner\r", "Password:");
    send_then(p, "s3cret-word\r", "New name [kiosk-09]:");
    see(p, "Error: The new name belongs");
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

static void machine_password_line_by_line(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", "dumb", 60, 80, NULL);
    send_then(p, "\r", "What to do [1]:");
    send_then(p, "\r", "Domain []:");
    send_then(p, "corp.example.com\r", "Domain controller [1]:");
    send_then(p, "\r", "Site []:");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "Log in with [1]: ");
    assert_true(pty_send(p, "4\r"));
    see_cursor(p, "Machine's password: ");
    send_then(p, "m4chine\r", "Computer name [the host's name]:");
    assert_false(pty_has(p, "m4chine"));
    assert_false(pty_has(p, "Account []:"));
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

/* On the display page the dialogue is chosen; it goes on where the screen was. */
static void from_the_screen_to_lines(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, PTY_F2, "Try your keyboard here");
    send_then(p, "\t" PTY_RIGHT, "(*) line by line");
    assert_true(pty_send(p, PTY_F10));
    see_cursor(p, "Language [1]: ");
    send_then(p, "\r", "What to do [1]:");
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

static void asked_for_by_the_environment(void **state)
{
    (void)state;
    assert_int_equal(setenv("JOINERY_ACCESSIBLE", "1", 1), 0);
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    assert_int_equal(unsetenv("JOINERY_ACCESSIBLE"), 0);
    see_cursor(p, "Language [1]: ");
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

static bool echoes(struct pty *p)
{
    struct termios t;
    assert_int_equal(tcgetattr(pty_master(p), &t), 0);
    return t.c_lflag & ECHO;
}

static struct pty *at_the_password(void)
{
    struct pty *p = start_wizard("password=s3cret-word", "dumb", 60, 80, NULL);
    send_then(p, "\r", "What to do [1]:");
    send_then(p, "\r", "Domain []:");
    send_then(p, "corp.example.com\r", "Domain controller [1]:");
    send_then(p, "\r", "Site []:");
    send_then(p, "\r", "Log in with [1]:");
    assert_true(echoes(p));
    send_then(p, "\r", "Account []:");
    assert_true(pty_send(p, "joiner\r"));
    see_cursor(p, "Password: ");
    assert_false(echoes(p));
    return p;
}

/* However the question ends, the terminal echoes again. */
static void the_echo_comes_back(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP, SIGABRT, SIGSEGV};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        struct pty *p = at_the_password();
        int status;
        assert_int_equal(kill(pty_pid(p), signals[i]), 0);
        assert_true(pty_wait_exit(p, &status, WAIT));
        assert_true(echoes(p));
        pty_close(p);
    }
    struct pty *p = at_the_password();
    send_then(p, "s3cret-word\r", "Organizational unit [1]:");
    assert_true(echoes(p));
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

/* Lines end where words end, on a narrow terminal, too. */
static void lines_fit_the_terminal(void **state)
{
    (void)state;
    struct pty *p = start_wizard("member", "dumb", 60, 40, NULL);
    see_cursor(p, "Language [1]: ");
    send_then(p, "\r", "What to do [3]:");
    send_then(p, "7\r", "Disable the account when leaving");
    send_then(p, "?\r", "takes what stands in");
    see_cursor(p, "yes, 2 no) [no]: "); /* the question was too long as well */
    size_t len;
    const char *raw = pty_raw(p, &len);
    AUTOFREE char *all = xstrndup(raw, len);
    for (char *line = strtok(all, "\r\n"); line; line = strtok(NULL, "\r\n")) {
        if (text_width(line) > 40)
            fail_msg("too long: %s", line);
    }
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test(f)
        T(workgroup_on_the_screen),
        T(rename_on_the_screen),
        T(repair_from_the_status),
        T(new_machine_password_on_the_screen),
        T(without_an_account_on_the_screen),
        T(modes_line_by_line),
        T(machine_password_line_by_line),
        T(taken_name_line_by_line),
        T(from_the_screen_to_lines),
        T(asked_for_by_the_environment),
        T(the_echo_comes_back),
        T(lines_fit_the_terminal),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
