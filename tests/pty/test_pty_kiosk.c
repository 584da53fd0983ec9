/*
 * A kiosk in a pseudo-terminal: signals, control keys and a person who tries everything. The
 * scripted work never ends, so that any end of the program is a way out.
 *
 * MONKEY_SECONDS (8): how long random keys are tried; MONKEY_SEED: another seed than the fixed one.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"

#define KIOSK  "[ui]\nkiosk = yes\n"
#define CANARY "ΩΨΞΦΘΛΔΠ" /* letters that are typed nowhere else, and in no text */

static struct pty *kiosk(const char *argument, int rows, int cols)
{
    struct pty *p = start_on("hold password=never", KIOSK, argument,
                             &(struct pty_options){.rows = rows, .cols = cols});
    return p;
}

static void to_password(struct pty *p)
{
    see(p, "Join a domain");
    lead_to_login(p);
    send_then(p, "joiner\t" CANARY, "********");
}

static void control_keys_do_nothing(void **state)
{
    (void)state;
    struct pty *p = kiosk(NULL, 24, 80);
    see(p, "kiosk-07");
    assert_false(pty_has(p, "Cancel"));
    send_then(p, "\003", "the program cannot be left");
    assert_true(pty_send_n(p, "\032\034\031\021\023\0\377", 7));
    send_then(p, "\r", "> Domain");
    send_then(p, "abc\032\034\004\0330def", "abcdef");
    send_then(p, PTY_F9, "the program cannot be left");
    send_then(p, PTY_F8 PTY_F8 PTY_F8 PTY_F1, "Choose what to do");
    pty_close(p);
}

static void signals_do_nothing(void **state)
{
    (void)state;
    static const int signals[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE};
    struct pty *p = kiosk(NULL, 24, 80);
    see(p, "kiosk-07");
    send_then(p, "\r", "> Domain");
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        assert_int_equal(kill(pty_pid(p), signals[i]), 0);
    send_then(p, "still.here", "still.here");
    assert_false(pty_has(p, "?")); /* nothing is asked */
    pty_close(p);
}

static void elsewhere_signals_ask(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    assert_int_equal(kill(pty_pid(p), SIGQUIT), 0);
    see(p, "Cancel the wizard?");
    assert_int_equal(kill(pty_pid(p), SIGINT), 0); /* the question's own answer: no */
    assert_true(pty_wait_gone(p, "Cancel the wizard?", WAIT));
    assert_int_equal(kill(pty_pid(p), SIGTSTP), 0);
    see(p, "Cancel the wizard?");
    assert_int_equal(kill(pty_pid(p), SIGTERM), 0);
    ends_with(p, 4);
}

static void the_work_goes_on(void **state)
{
    (void)state;
    struct pty *p = kiosk(NULL, 24, 80);
    to_password(p);
    assert_true(pty_send(p, "\b\b\b\b\b\b\b\bnever\r"));
    see(p, "default place");
    send_then(p, "\016", "The name is free.");
    send_then(p, "\016", "Identity service");
    send_then(p, "\016", "ACCT_CREATE");
    send_then(p, "\016", "> Join corp.example.com <");
    assert_false(pty_has(p, "Save"));
    send_then(p, "\r", "Still waiting");
    assert_false(pty_has(p, "Cancel"));
    send_then(p, "\003" PTY_F9 "\0339", "the program cannot be left");
    assert_int_equal(kill(pty_pid(p), SIGINT), 0);
    send_then(p, PTY_F4, "log is empty");
    send_then(p, "\033", "[>]");
    pty_close(p);
}

static void line_by_line_neither(void **state)
{
    (void)state;
    struct pty *p = kiosk("--plain", 40, 80);
    see_cursor(p, "Language [1]: ");
    send_then(p, "\004\004\032\034\r", "please type it"); /* no end of file, no stop */
    send_then(p, "!\r", "the program cannot be left");
    see_cursor(p, "Language [1]: ");
    assert_true(pty_send(p, "\003"));
    assert_int_equal(kill(pty_pid(p), SIGQUIT), 0);
    assert_int_equal(kill(pty_pid(p), SIGTSTP), 0);
    send_then(p, "\r", "What to do [1]:");
    pty_close(p);
}

/* ---- random keys ---- */

static unsigned seed;

static unsigned pick(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % n;
}

static size_t noise(char *out)
{
    static const char *const pieces[] = {
        "\003",      "\032",      "\034",     "\004",       "\033",     "\r",
        "\t",        PTY_BACKTAB, PTY_UP,     PTY_DOWN,     PTY_LEFT,   PTY_RIGHT,
        PTY_F1,      PTY_F2,      PTY_F4,     PTY_F8,       PTY_F9,     PTY_F10,
        PTY_HOME,    PTY_END,     PTY_PGUP,   "\0330",      "\0331",    "\0338",
        "\033[M !!", "\033[<0;1", "\033]0;x", "\033P1",     "\033[200", "\033[200~!sh\n\033[201~",
        ":!sh\r",    "/",         "?",        "L",          "!",        "s",
        "\033[1;5A", "\033x",     "\033OM",   "\033[?1;2c", "\014",     "\016",
        "../etc",    "=OU=a",     "+",        "-"};
    size_t len = 0;
    for (unsigned n = 1 + pick(40); n > 0; n--) {
        if (pick(4) == 0) {
            out[len] = (char)pick(256);
            out[len] = (unsigned char)out[len] == 0xCE ? 'x' : out[len]; /* no Greek letter */
            len++;
        } else {
            const char *piece = pieces[pick(ARRAY_SIZE(pieces))];
            memcpy(out + len, piece, strlen(piece));
            len += strlen(piece);
        }
    }
    return len;
}

static double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void no_canary(struct pty *p)
{
    size_t len;
    const char *raw = pty_raw(p, &len);
    for (const char *c = CANARY; *c; c += 2) {
        char letter[3] = {c[0], c[1], '\0'};
        for (const char *at = raw; (at = memchr(at, letter[0], (size_t)(raw + len - at))); at++)
            assert_false(at + 1 < raw + len && at[1] == letter[1]);
    }
}

static void no_child(struct pty *p)
{
    AUTOFREE char *path = xasprintf("/proc/%d/task/%d/children", (int)pty_pid(p), (int)pty_pid(p));
    char text[64] = "";
    FILE *f = fopen(path, "r");
    if (!f)
        return; /* a kernel without that file */
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(text, "");
}

static unsigned long bother(struct pty *p, double seconds)
{
    static const struct {
        int rows, cols;
    } sizes[] = {{24, 80}, {12, 40}, {8, 20}, {50, 132}, {1, 1}};
    double end = clock_s() + seconds;
    unsigned long sent = 0;
    while (clock_s() < end) {
        char keys[1000];
        size_t len = noise(keys);
        assert_true(pty_send_n(p, keys, len));
        sent += len;
        if (pick(40) == 0) {
            unsigned s = pick(ARRAY_SIZE(sizes));
            pty_resize(p, sizes[s].rows, sizes[s].cols);
        }
        if (pick(4) == 0)
            pty_listen(p, 20);
        assert_int_equal(kill(pty_pid(p), 0), 0);
    }
    return sent;
}

/* It still answers: the first page comes back by keys. */
static void answers(struct pty *p)
{
    pty_resize(p, 24, 80);
    for (int i = 0; i < 60; i++) {
        if (pty_has(p, "kiosk-07") || pty_has(p, "[>]"))
            return;
        assert_true(pty_send(p, PTY_F8));
        pty_listen(p, 200);
    }
    AUTOFREE char *screen = pty_screen(p);
    fail_msg("no answer any more:\n%s", screen);
}

static bool said_something(struct pty *p, void *ctx)
{
    (void)ctx;
    return pty_bytes(p) > 0;
}

static void nobody_gets_out_of_lines(void **state)
{
    (void)state;
    seed = 20261121;
    struct pty *p = kiosk("--plain", 24, 80);
    see_cursor(p, "Language [1]: ");
    unsigned long sent = bother(p, 3);
    for (int i = 0; i < 20; i++) { /* a half-typed line, a page, the work: each says something */
        pty_drain(p);
        pty_reset_bytes(p);
        assert_true(pty_send(p, "\r"));
        assert_true(pty_wait(p, said_something, NULL, WAIT));
    }
    no_child(p);
    pty_close(p);
    print_message("%lu bytes\n", sent);
}

static void nobody_gets_out(void **state)
{
    (void)state;
    const char *text = getenv("MONKEY_SECONDS"), *seeds = getenv("MONKEY_SEED");
    double seconds = text && atof(text) > 0 ? atof(text) : 8, part = seconds > 20 ? 10 : 2;
    unsigned long sent = 0, rounds = 0;
    seed = seeds ? (unsigned)atoi(seeds) | 1 : 20261121;
    for (double end = clock_s() + seconds; clock_s() < end; rounds++) {
        struct pty *p = rounds % 2 ? kiosk(NULL, 12, 40) : kiosk(NULL, 24, 80);
        to_password(p);
        sent += bother(p, part);
        answers(p);
        no_canary(p);
        no_child(p);
        pty_close(p);
    }
    print_message("%lu bytes in %lu rounds\n", sent, rounds);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(control_keys_do_nothing), cmocka_unit_test(signals_do_nothing),
        cmocka_unit_test(elsewhere_signals_ask),   cmocka_unit_test(the_work_goes_on),
        cmocka_unit_test(line_by_line_neither),    cmocka_unit_test(nobody_gets_out_of_lines),
        cmocka_unit_test(nobody_gets_out),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
