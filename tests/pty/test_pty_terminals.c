/* One wizard, every terminal: types, locales, character sets, colours, sizes; the keys that work
 * everywhere. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"
#include "ui/app/app.h"

static struct pty *started(const char *script, struct pty_options o)
{
    return start_on(script, NULL, NULL, &o);
}

static void cancelled(struct pty *p)
{
    assert_true(pty_send(p, "\003"));
    see(p, "Cancel the wizard?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

static bool coloured(struct pty *p, int rows)
{
    for (int row = 0; row < rows; row++) {
        for (int col = 0; col < 80; col++) {
            if (pty_attributes_at(p, row, col).coloured)
                return true;
        }
    }
    return false;
}

/* Names, whether it has colours, and what its key bar says. */
static void the_screen_on_every_type(void **state)
{
    (void)state;
    static const struct {
        const char *name, *keys;
        bool colours;
    } types[] = {{"vt100", "Help", false},
                 {"vt220", "F1 Help", false},
                 {"linux", "F1 Help", true},
                 {"xterm", "F1 Help", true},
                 {"xterm-256color", "F1 Help", true},
                 {"screen", "F1 Help", true},
                 {"tmux", "F1 Help", true}};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct pty *p = started("network", (struct pty_options){.term = types[i].name});
        see(p, types[i].keys);
        see(p, "kiosk-07");
        send_then(p, "\016", "Network and time");
        assert_true(pty_wait(p, one_reversed, NULL, WAIT));
        assert_int_equal(coloured(p, 24), types[i].colours);
        cancelled(p);
    }
}

static void lines_where_there_is_no_screen(void **state)
{
    (void)state;
    static const struct {
        const char *name, *why;
    } types[] = {{"dumb", "This terminal cannot place the cursor"},
                 {"no-such-type", "This terminal type is not known here"},
                 {"", "The terminal type (TERM) is not set"}};
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        struct pty *p = started("", (struct pty_options){.term = types[i].name});
        see(p, types[i].why);
        see_cursor(p, "Language [1]: ");
        assert_true(pty_send(p, "!\r"));
        see_cursor(p, "Answer [1]: ");
        assert_true(pty_send(p, "2\r"));
        ends_with(p, 3);
    }
}

static void no_colour_when_none_is_wanted(void **state)
{
    (void)state;
    static const char *const mono[] = {"NO_COLOR=1", NULL}, *const empty[] = {"NO_COLOR=", NULL};
    struct pty *p = started("", (struct pty_options){.env = mono});
    see(p, "kiosk-07");
    assert_false(coloured(p, 24));
    cancelled(p);
    p = started("", (struct pty_options){.env = empty});
    see(p, "kiosk-07");
    assert_true(coloured(p, 24));
    cancelled(p);
}

/* ---- character sets ---- */

static bool all_ascii(struct pty *p)
{
    size_t len;
    const char *raw = pty_raw(p, &len);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)raw[i] >= 0x80)
            return false;
    }
    return true;
}

static void terminals_of_ascii_alone(void **state)
{
    (void)state;
    static const char *const locales[] = {"C", "POSIX"};
    static const char *const german[] = {"LANGUAGE=de", NULL};
    if (!getenv("JOINERY_LOCALEDIR"))
        skip();
    for (size_t i = 0; i < ARRAY_SIZE(locales); i++) {
        struct pty *p =
            started("password=x", (struct pty_options){.locale = locales[i], .env = german});
        see(p, "Einer Domaene beitreten"); /* in other letters */
        send_then(p, "\r", "> Dom");
        send_then(p, "a\303\274b", "ab"); /* what it lacks cannot be typed */
        assert_true(pty_send(p, "\b\bcorp.example.com"));
        see(p, "corp.example.com gefunden");
        send_then(p, "\016", "dc1");
        assert_true(all_ascii(p));
        pty_close(p);
    }
}

/* Held back, with the way to them; on the screen as well as line by line. */
static void languages_without_letters_are_not_offered(void **state)
{
    static const char *const types[] = {"xterm", "dumb"};
    (void)state;
    if (!getenv("JOINERY_LOCALEDIR"))
        skip();
    for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
        const char *japanese[] = {"LANGUAGE=ja", NULL};
        struct pty_options o = {
            .term = types[i], .locale = "C", .env = japanese, .rows = 40, .cols = 80};
        struct pty *p = started("", o);
        see(p, "This machine: kiosk-07"); /* in English */
        see(p, "This terminal cannot show Japanese");
        if (str_eq(types[i], "dumb")) {
            see(p, "Language [1]:");
            assert_true(pty_has(p, "(Russian)"));
            assert_false(pty_has(p, "(Japanese)"));
            assert_false(pty_has(p, "(Arabic)"));
        }
        pty_close(p);
    }
}

static void foreign_names_where_letters_lack(void **state)
{
    (void)state;
    struct pty *p = started("password=x", (struct pty_options){.locale = "C"});
    see(p, "kiosk-07");
    lead_to_login(p);
    send_then(p, "joiner\tx\r", "default place");
    see(p, "?");
    assert_true(all_ascii(p));
    cancelled(p);
}

static void a_utf8_line_under_another_locale(void **state)
{
    (void)state;
    static const char *const utf8_line[] = {"JOINERY_TEST_IUTF8=1", "LANGUAGE=de", NULL},
                             *const named[] = {"LANGUAGE=de", NULL};
    if (!getenv("JOINERY_LOCALEDIR"))
        skip();
    struct pty *p = started("", (struct pty_options){.locale = "C", .env = utf8_line});
    see(p, "Einer Domäne beitreten");
    pty_close(p);
    p = started("",
                (struct pty_options){.locale = "xx_XX.UTF-8", .env = named}); /* not installed */
    see(p, "Einer Domäne beitreten");
    pty_close(p);
    p = started("", (struct pty_options){.locale = "", .env = named}); /* nobody has set one */
    see(p, "Einer Domäne beitreten");
    pty_close(p);
    p = started("", (struct pty_options){.locale = "", .env = named, .term = "vt100"});
    see(p, "Einer Domaene beitreten");
    pty_close(p);
}

static bool has_bytes(struct pty *p, void *bytes)
{
    size_t len;
    const char *raw = pty_raw(p, &len);
    return memmem(raw, len, bytes, strlen(bytes)) != NULL;
}

static bool warns_of_letters(struct pty *p, void *ctx)
{
    (void)ctx;
    return pty_has(p, "accented letters may differ") || pty_has(p, "Akzent");
}

static void an_eight_bit_terminal(void **state)
{
    (void)state;
    AUTOFREE char *make =
                      xasprintf("localedef -i de_DE -f ISO-8859-1 %s/de_DE.ISO-8859-1 2>/dev/null",
                                scratch_root()),
                  *path = xasprintf("LOCPATH=%s", scratch_root());
    const char *env[] = {path, "LANGUAGE=de", NULL};
    if (!getenv("JOINERY_LOCALEDIR") || system(make) != 0)
        skip();
    struct pty_options o = {.locale = "de_DE.ISO-8859-1", .env = env, .term = "vt220"};
    struct pty *p = started("", o);
    assert_true(pty_wait(p, has_bytes, "Einer Dom\344ne beitreten", WAIT));
    see(p, "kiosk-07");
    assert_true(pty_send(p, "\r"));
    see(p, "> Dom");
    assert_true(pty_send(p, "M\374ller")); /* typed as one byte */
    assert_true(pty_wait(p, has_bytes, "\374", WAIT));
    for (int i = 0; i < 6; i++)
        assert_true(pty_send(p, "\b"));
    send_then(p, "corp.example.com", "corp.example.com gefunden");
    send_then(p, "\016", "dc1");
    send_then(p, "\016", "4 von");
    send_then(p, "joiner\tp\344ss", "****");
    assert_true(pty_wait(p, warns_of_letters, NULL, WAIT));
    pty_close(p);
    o.term = "dumb";
    p = started("", o);
    assert_true(pty_wait(p, has_bytes, "\374bernimmt", WAIT));
    pty_close(p);
}

static int explains(void *arg)
{
    char *argv[] = {"joinery", "--explain", "2224", NULL};
    (void)arg;
    return app_main(3, argv);
}

static void what_is_printed_too(void **state)
{
    (void)state;
    static const char *const german[] = {"LANGUAGE=de", NULL};
    if (!getenv("JOINERY_LOCALEDIR"))
        skip();
    struct pty *p =
        pty_spawn_fn(explains, NULL, &(struct pty_options){.locale = "C", .env = german});
    assert_non_null(p);
    see(p, "Domaene");
    assert_true(all_ascii(p));
    ends_with(p, 0);
}

/* ---- keys ---- */

static void back_and_cancel_by_every_key(void **state)
{
    (void)state;
    static const char *const back[] = {PTY_F8, "\020", "\0338", PTY_ESC},
                             *const cancel[] = {PTY_F9, "\003", "\0339"},
                             *const next[] = {PTY_F10, "\016", "\0330", "\r"};
    struct pty *p = started("", (struct pty_options){0});
    see(p, "kiosk-07");
    for (size_t i = 0; i < ARRAY_SIZE(next); i++) {
        send_then(p, next[i], "> Domain");
        assert_true(pty_wait_gone(p, "> Join a domain", WAIT));
        send_then(p, back[i], "> Join a domain");
    }
    for (size_t i = 0; i < ARRAY_SIZE(cancel); i++) {
        send_then(p, cancel[i], "Cancel the wizard?");
        assert_true(pty_send(p, PTY_ESC));
        assert_true(pty_wait_gone(p, "Cancel the wizard?", WAIT));
    }
    send_then(p, PTY_ESC, "Cancel the wizard?"); /* Esc on the first page asks the same */
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

static void help_and_log_by_every_key(void **state)
{
    (void)state;
    static const char *const help[] = {PTY_F1, "?", "\0331", "\007"}, *const shown[] = {PTY_F4, "L",
                                                                                        "\0334"};
    struct pty *p = started("", (struct pty_options){0});
    see(p, "kiosk-07");
    for (size_t i = 0; i < ARRAY_SIZE(help); i++) {
        send_then(p, help[i], "Choose what to do");
        assert_true(pty_send(p, PTY_ESC));
        assert_true(pty_wait_gone(p, "Choose what to do", WAIT));
    }
    for (size_t i = 0; i < ARRAY_SIZE(shown); i++) {
        send_then(p, shown[i], "log is empty");
        assert_true(pty_send(p, PTY_ESC));
        assert_true(pty_wait_gone(p, "log is empty", WAIT));
    }
    send_then(p, "\r", "> Domain");
    send_then(p, "?L", "?L"); /* letters in a text field */
    assert_true(pty_send(p, "\b\b"));
    send_then(p, "\007", "controller too"); /* Ctrl-G inside */
    pty_close(p);
}

static void fields_and_lists_by_every_key(void **state)
{
    (void)state;
    static const char *const forth[] = {"\t", "\006"}, *const back[] = {PTY_BACKTAB, "\002"};
    struct pty *p = started("", (struct pty_options){0});
    see(p, "> Join a domain");
    for (size_t i = 0; i < ARRAY_SIZE(forth); i++) {
        send_then(p, forth[i], "> Next <");
        send_then(p, back[i], "> Join a domain");
    }
    send_then(p, PTY_DOWN, "> Check only");
    send_then(p, PTY_UP, "> Join a domain");
    send_then(p, PTY_END, "> Apply");
    send_then(p, PTY_HOME, "> Join a domain");
    send_then(p, PTY_PGDN, "> Apply");
    send_then(p, PTY_PGUP, "> Join a domain");
    send_then(p, "3", "> Status");
    send_then(p, "Wor", "> Workgroup"); /* type-ahead */
    send_then(p, PTY_HOME "1", "> Join a domain");
    send_then(p, "\014", "> Join a domain");
    cancelled(p);
}

static void a_tree_by_every_key(void **state)
{
    (void)state;
    static const char *const open[] = {PTY_RIGHT, "+"}, *const shut[] = {PTY_LEFT, "-"};
    struct pty *p = started("", (struct pty_options){0});
    see(p, "kiosk-07");
    lead_to_login(p);
    send_then(p, "joiner\tx\r", "default place");
    send_then(p, PTY_DOWN, "Full name: OU=Kiosks,DC");
    for (size_t i = 0; i < ARRAY_SIZE(open); i++) {
        send_then(p, open[i], "- (*) Kiosks");
        send_then(p, PTY_DOWN, "Full name: OU=Kiosks,OU=Kiosks");
        send_then(p, PTY_UP, "Full name: OU=Kiosks,DC");
        send_then(p, shut[i], "+ (*) Kiosks");
        assert_true(pty_send(p, PTY_DOWN));
        assert_true(pty_wait_gone(p, "Full name: OU=Kiosks,", WAIT));
        send_then(p, PTY_UP, "Full name: OU=Kiosks,DC");
    }
    send_then(p, "=\b\b\bnet", "DC=net");
    assert_true(pty_send(p, PTY_ESC));
    assert_true(pty_wait_gone(p, "DC=net", WAIT));
    send_then(p, "/Lag\r", "\"Lag\"");
    cancelled(p);
}

static void a_whole_screen_again(void **state)
{
    (void)state;
    struct pty *p = started("", (struct pty_options){0});
    see(p, "kiosk-07");
    pty_listen(p, 100);
    pty_reset_bytes(p);
    assert_true(pty_send(p, "\014"));
    assert_true(pty_wait_next_frame(p, WAIT));
    assert_true(pty_bytes(p) > 500);
    cancelled(p);
}

/* Whoever stopped it has used the terminal in the meantime. */
/* Line by line as well, where nobody has told the terminal of UTF-8. */
static void a_letter_is_erased_as_a_whole(void **state)
{
    (void)state;
    struct pty_options o = {.term = "dumb", .rows = 40, .cols = 80};
    struct pty *p = started("", o);
    see(p, "Language [1]:");
    send_then(p, "\r8\r", "Workgroup [WORKGROUP]:");
    send_then(p, "L\303\234\177OBBY\r", "Review");
    see(p, "LOBBY");
    see(p, "Action [3]:");
    send_then(p, "!\r", "Answer [1]:");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

static void stopped_and_continued(void **state)
{
    (void)state;
    struct termios t;
    struct pty *p = started("", (struct pty_options){0});
    see(p, "kiosk-07");
    assert_int_equal(kill(pty_pid(p), SIGSTOP), 0);
    assert_int_equal(tcgetattr(pty_master(p), &t), 0);
    t.c_lflag |= ECHO | ICANON | ISIG;
    assert_int_equal(tcsetattr(pty_master(p), TCSANOW, &t), 0);
    pty_listen(p, 50);
    pty_reset_bytes(p);
    assert_int_equal(kill(pty_pid(p), SIGCONT), 0);
    assert_true(pty_wait_next_frame(p, WAIT));
    assert_true(pty_bytes(p) > 500);
    send_then(p, "\016", "> Domain"); /* without a line's end */
    cancelled(p);
}

static void letters_where_no_function_keys_are(void **state)
{
    (void)state;
    struct pty *p = started("", (struct pty_options){.term = "ansi"});
    see(p, "Ctrl-G Help");
    see(p, "Ctrl-C Cancel");
    cancelled(p);
}

static void unknown_sizes(void **state)
{
    (void)state;
    struct pty *p = started("", (struct pty_options){.term = "vt220", .no_size = true});
    see(p, "kiosk-07");
    see(p, "[  Cancel  ]"); /* drawn for 80x24 */
    cancelled(p);
    p = started("", (struct pty_options){.rows = 11, .cols = 39});
    see(p, "small");
    pty_resize(p, 24, 80);
    see(p, "kiosk-07");
    cancelled(p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test(f)
        T(the_screen_on_every_type),
        T(lines_where_there_is_no_screen),
        T(no_colour_when_none_is_wanted),
        T(terminals_of_ascii_alone),
        T(languages_without_letters_are_not_offered),
        T(foreign_names_where_letters_lack),
        T(a_utf8_line_under_another_locale),
        T(an_eight_bit_terminal),
        T(what_is_printed_too),
        T(back_and_cancel_by_every_key),
        T(help_and_log_by_every_key),
        T(fields_and_lists_by_every_key),
        T(a_tree_by_every_key),
        T(a_whole_screen_again),
        T(a_letter_is_erased_as_a_whole),
        T(stopped_and_continued),
        T(letters_where_no_function_keys_are),
        T(unknown_sizes),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
