/*
 * Bytes to a vt220 of 80x24, which takes one a millisecond at 9600 baud: the first page, a key, a
 * move in a list, a tick of the work, and nothing at all while nobody does anything.
 *
 * BUDGET_IDLE (2): seconds of idleness that are listened to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"

enum {
    FIRST_PAGE = 1500,
    KEY = 40,
    MOVE = 200,
    MOVE_AND_TEXT = 400, /* two lines below the list say what each option does */
    TICK = 60
};

/* Reads on until a slice of time brings nothing any more. */
static void quiet(struct pty *p)
{
    for (int i = 0; i < 100; i++) {
        size_t before = pty_bytes(p);
        pty_listen(p, 60);
        if (pty_bytes(p) == before)
            break;
    }
    pty_reset_bytes(p);
}

static void within(const char *what, size_t bytes, size_t limit)
{
    print_message("%s: %zu bytes, at most %zu\n", what, bytes, limit);
    assert_true(bytes <= limit);
}

/* The most that one of these keys costs, each drawn by itself. */
static size_t most(struct pty *p, const char *const *keys)
{
    size_t max = 0;
    for (size_t i = 0; keys[i]; i++) {
        quiet(p);
        unsigned frame = pty_frame(p);
        assert_true(pty_send(p, keys[i]));
        assert_true(pty_wait_frame(p, frame + 1, WAIT));
        pty_listen(p, 30);
        max = pty_bytes(p) > max ? pty_bytes(p) : max;
    }
    return max;
}

static const char *const moves[] = {PTY_DOWN, PTY_DOWN, PTY_DOWN, PTY_UP, PTY_DOWN, PTY_UP, NULL};

static struct pty *at_first_page(const char *script)
{
    struct pty *p = start_wizard(script, "vt220", 24, 80, NULL);
    see(p, "kiosk-07");
    quiet(p);
    return p;
}

static void first_page(void **state)
{
    (void)state;
    struct pty *p = start_wizard("", "vt220", 24, 80, NULL);
    see(p, "Cancel  ]");
    pty_listen(p, 300);
    within("first page", pty_bytes(p), FIRST_PAGE);
    within("mode list", most(p, moves), MOVE);
    pty_close(p);
}

static void keys_typed(void **state)
{
    (void)state;
    static const char *const text[] = {"c", "o", "r", "p", "\b", "p", PTY_LEFT, "x", "\b", NULL},
                             *const secret[] = {"s", "e", "c", "\b", "r", NULL};
    struct pty *p = at_first_page("");
    send_then(p, "\r", "> Domain");
    within("character of a text", most(p, text), KEY);
    assert_true(pty_send(p, "\b\b\b\b\b\b\b"));
    send_then(p, "corp.example.com", "Found");
    send_then(p, "\016", "Automatic");
    send_then(p, "\016", "Password");
    send_then(p, "joiner\tp", " *");
    within("character of a secret", most(p, secret), KEY);
    pty_close(p);
}

static void moves_in_lists(void **state)
{
    (void)state;
    struct pty *p = at_first_page("siblings=40");
    send_then(p, "\r", "> Domain");
    send_then(p, "corp.example.com", "Found");
    send_then(p, "\016", "Automatic");
    within("controllers", most(p, moves), MOVE);
    send_then(p, PTY_HOME "\016", "Password");
    send_then(p, "joiner\tx\r", "default place");
    within("tree", most(p, moves), MOVE);
    send_then(p, PTY_HOME "\016", "The name is free.");
    send_then(p, "\016", "Identity service");
    send_then(p, "\016", "ACCT_CREATE");
    within("options and what they do", most(p, moves), MOVE_AND_TEXT);
    pty_close(p);
}

static void ticks_of_the_work(void **state)
{
    (void)state;
    struct pty *p = at_first_page("hold");
    send_then(p, "\r", "> Domain");
    send_then(p, "corp.example.com", "Found");
    send_then(p, "\016", "Automatic");
    send_then(p, "\016", "Password");
    send_then(p, "joiner\tx\r", "default place");
    send_then(p, "\016", "The name is free.");
    send_then(p, "\016", "Identity service");
    send_then(p, "\016", "ACCT_CREATE");
    send_then(p, "\016", "> Join corp.example.com <");
    send_then(p, "\r", "Still waiting");
    size_t max = 0;
    quiet(p);
    for (int i = 0; i < 3; i++) {
        unsigned frame = pty_frame(p);
        pty_reset_bytes(p);
        assert_true(pty_wait_frame(p, frame + 1, WAIT));
        pty_listen(p, 30);
        max = pty_bytes(p) > max ? pty_bytes(p) : max;
    }
    within("tick of the work", max, TICK);
    pty_close(p);
}

static void idle(void **state)
{
    (void)state;
    const char *text = getenv("BUDGET_IDLE");
    int seconds = text && atoi(text) > 0 ? atoi(text) : 2;
    struct pty *p = at_first_page("");
    send_then(p, "\r", "> Domain");
    send_then(p, "corp.example.com", "Found");
    quiet(p);
    pty_listen(p, seconds * 1000);
    within("idle", pty_bytes(p), 0);
    pty_close(p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_page),     cmocka_unit_test(keys_typed),
        cmocka_unit_test(moves_in_lists), cmocka_unit_test(ticks_of_the_work),
        cmocka_unit_test(idle),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
