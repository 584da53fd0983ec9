/* What no keyboard sends: reports, strings without an end, broken UTF-8, floods, a line that is
 * gone. The wizard stays where it is and answers. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"

static const struct {
    const char *name, *bytes;
    size_t len; /* 0: a string */
} garbage[] = {
    {"X10 mouse", "\033[M !!\033[M#!!", 0},
    {"SGR mouse", "\033[<0;10;10M\033[<0;10;10m\033[<35;200;100M", 0},
    {"urxvt mouse", "\033[32;10;10M", 0},
    {"focus", "\033[I\033[O", 0},
    {"device reports", "\033[?1;2c\033[24;80R\033[0n\033[>41;354;0c", 0},
    {"modified keys", "\033[1;5A\033[3;2~\033[27;5;105~\033[105;5u", 0},
    {"OSC without end", "\033]0;rm -rf /\r\r", 0},
    {"OSC with end", "\033]52;c;cm0K\007", 0},
    {"DCS without end", "\033P1$r0m", 0},
    {"DCS with end", "\033P1+r544e=78\033\\", 0},
    {"APC without end", "\033_x\r", 0},
    {"CSI without end", "\033[1;2;3", 0},
    {"CSI with C0 inside", "\033[1\r;2H", 0},
    {"SS3 without end", "\033O", 0},
    {"8-bit CSI", "\2332J\2330c", 0},
    {"broken UTF-8", "\377\376\303(\342\202\360\237\300\257\355\240\200", 0},
    {"NULs", "\0\0\0\0\0\0", 6},
    {"C0", "\005\006\022\024\025\027\031\035\036\037", 0},
    {"pasted sequences", "\033[200~\033[2J\033]0;x\007\003\033[201~", 0},
    {"paste without end", "\033[200~abc\r\r\r", 0},
    {"end of no paste", "\033[201~\033[201~", 0},
};

static struct pty *on_domain(void)
{
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, "\r", "> Domain");
    return p;
}

/* The help or, where Enter came on a button that asks, a question. */
static bool on_top(struct pty *p)
{
    return pty_has(p, "Esc Back  PgDn") || pty_has(p, "Esc Back  Enter");
}

/* The help comes: what was sent before is over. */
static void answers(struct pty *p, const char *after)
{
    for (int i = 0; i < 40 && !on_top(p); i++) {
        assert_true(pty_send(p, "\033[201~" PTY_F1));
        pty_listen(p, 150);
    }
    if (!on_top(p)) {
        AUTOFREE char *screen = pty_screen(p);
        fail_msg("no answer after %s:\n%s", after, screen);
    }
    for (int i = 0; i < 40 && on_top(p); i++) {
        assert_true(pty_send(p, PTY_ESC));
        pty_listen(p, 150);
    }
    see(p, "step 2 of");
    assert_true(pty_wait(p, one_reversed, NULL, WAIT));
}

static void nothing_of_it_is_a_key(void **state)
{
    (void)state;
    struct pty *p = on_domain();
    for (size_t i = 0; i < ARRAY_SIZE(garbage); i++) {
        size_t len = garbage[i].len ? garbage[i].len : strlen(garbage[i].bytes);
        assert_true(pty_send_n(p, garbage[i].bytes, len));
        answers(p, garbage[i].name);
    }
    assert_true(pty_send(p, "\003"));
    see(p, "Cancel the wizard?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

static void none_of_it_spoils_a_secret(void **state)
{
    (void)state;
    struct pty *p = start_wizard("password=right", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, "\r", "> Domain");
    send_then(p, "corp.example.com", "Found");
    send_then(p, PTY_F10, "Automatic");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\tri", "**");
    assert_true(pty_send_n(p, "\033[<0;10;10M\033[M !!\0\377\033[1;5A", 22));
    send_then(p, "\033[200~ght\033[201~", "*****");
    send_then(p, "\r", "default place");
    pty_close(p);
}

static void flood(struct pty *p, const char *piece, size_t n)
{
    static char bytes[16384];
    size_t len = 0;
    while (len + n <= sizeof bytes) {
        memcpy(bytes + len, piece, n);
        len += n;
    }
    for (size_t sent = 0; sent < len; sent += 1024) {
        assert_true(pty_send_n(p, bytes + sent, len - sent < 1024 ? len - sent : 1024));
        pty_drain(p);
    }
    answers(p, piece);
}

static void floods(void **state)
{
    (void)state;
    struct pty *p = on_domain();
    flood(p, "x", 1);
    flood(p, "日本", 6);
    flood(p, PTY_LEFT, 3);
    flood(p, "\033[", 2);
    flood(p, "\0", 1);
    flood(p, "\033[200~", 6);
    pty_close(p);
}

/* ---- a line that is gone ---- */

static void hangs_up(const char *script, const char *const *keys, int wanted)
{
    int status = -1;
    struct pty *p = start_wizard(script, NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    for (size_t i = 0; keys[i]; i += 2)
        send_then(p, keys[i], keys[i + 1]);
    pty_hang_up(p);
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), wanted);
    pty_close(p);
}

#define TO_PASSWORD                                                                                \
    "\r", "> Domain", "corp.example.com", "Found", PTY_F10, "Automatic", PTY_F10, "Password"
#define TO_REVIEW                                                                                  \
    TO_PASSWORD, "joiner\ts3cret-word", "***********", "\r", "default place", PTY_F10,             \
        "The name is free.", PTY_F10, "Identity service", PTY_F10, "ACCT_CREATE", PTY_F10,         \
        "> Join corp.example.com <"

static void hang_ups_at_any_moment(void **state)
{
    (void)state;
    static const char *const
        first[] = {NULL},
        *const typing[] = {"\r", "> Domain", "corp", "corp", NULL},
        *const secret[] = {TO_PASSWORD, "joiner\thalf", "****", NULL},
        *const help[] = {"\r", "> Domain", PTY_F1, "Esc Back", NULL},
        *const asked[] = {PTY_F9, "Cancel the wizard?", NULL}, *const review[] = {TO_REVIEW, NULL},
        *const working[] = {TO_REVIEW, "\r", "Still waiting", NULL},
        *const stopping[] = {TO_REVIEW, "\r", "Still waiting", PTY_F9, "Keep waiting", NULL},
        *const done[] = {TO_REVIEW, "\r", "This machine is now a member", NULL};
    hangs_up("", first, 4);
    hangs_up("", typing, 4);
    hangs_up("", secret, 4);
    hangs_up("", help, 4);
    hangs_up("", asked, 4);
    hangs_up("", review, 4);
    hangs_up("hold", working, 4); /* stopped and undone */
    hangs_up("hold", stopping, 4);
    hangs_up("", done, 0);
}

static void end_of_file_line_by_line(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", "dumb", 24, 80, NULL);
    see(p, "Language [1]:");
    assert_true(pty_send(p, "\004"));
    ends_with(p, 3);
    p = start_wizard("", "dumb", 24, 80, NULL);
    send_then(p, "\r", "What to do [1]:");
    int status;
    pty_hang_up(p);
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFEXITED(status));
    pty_close(p);
}

static void sizes_while_it_works(void **state)
{
    (void)state;
    static const char *const keys[] = {TO_REVIEW, "\r", "[>]", NULL};
    struct pty *p = start_wizard("hold", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    for (size_t i = 0; keys[i]; i += 2)
        send_then(p, keys[i], keys[i + 1]);
    unsigned before = pty_frame(p);
    for (int i = 0; i < 80; i++)
        pty_resize(p, 8 + i % 30, 30 + i % 90);
    pty_resize(p, 5, 20);
    see(p, "small");
    assert_true(pty_send(p, "\003")); /* asks even so */
    pty_resize(p, 24, 80);
    see(p, "Keep waiting");
    assert_true(pty_frame(p) - before < 60);
    send_then(p, "\r", "[>]");
    assert_true(pty_wait(p, one_reversed, NULL, WAIT));
    assert_int_equal(kill(pty_pid(p), SIGTERM), 0);
    ends_with(p, 4);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_of_it_is_a_key),
        cmocka_unit_test(none_of_it_spoils_a_secret),
        cmocka_unit_test(floods),
        cmocka_unit_test(hang_ups_at_any_moment),
        cmocka_unit_test(end_of_file_line_by_line),
        cmocka_unit_test(sizes_while_it_works),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
