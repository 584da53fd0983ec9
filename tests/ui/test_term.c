/* The terminal layer in a pseudo-terminal: screen, keys, resizing, ends of all kinds, bytes on the
 * line. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "tests/ui/pty.h"
#include "tests/ui/term_subject.h"
#include "ui/term/term.h"

#define WAIT 8000

static const struct pty_options vt220 = {.term = "vt220"};

static struct pty *begin(const char *words, const struct pty_options *o)
{
    struct pty *p = pty_spawn_fn(term_subject, (void *)(uintptr_t)words, o);
    assert_non_null(p);
    assert_true(pty_wait_text(p, "Cancel", WAIT));
    assert_true(pty_wait_frame(p, 1, WAIT));
    return p;
}

/* Sends keys and waits until the screen has text. */
static void type(struct pty *p, const char *keys, const char *text)
{
    assert_true(pty_send(p, keys));
    assert_true(pty_wait_text(p, text, WAIT));
}

static int end_status(struct pty *p)
{
    int status = -1;
    assert_true(pty_wait_exit(p, &status, WAIT));
    pty_close(p);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void test_first_page(void **state)
{
    (void)state;
    struct pty *p = begin("", &vt220);
    int row, col;
    pty_cursor(p, &row, &col);
    assert_int_equal(row, 2);
    assert_int_equal(col, 12);
    assert_int_equal(pty_reversed_elements(p), 1);
    assert_true(pty_has(p, "東京営業所"));
    assert_true(pty_bytes(p) <= 1500);
    print_message("first page: %zu bytes\n", pty_bytes(p));
    pty_send(p, PTY_F9);
    assert_int_equal(end_status(p), SUBJECT_CANCELLED);
}

static void test_hostile_name_is_shown_harmless(void **state)
{
    (void)state;
    struct pty *p = begin("", &vt220);
    type(p, "\t\t" PTY_END, "> <U+202E>txt<U+001B>[2J");
    size_t len;
    const char *raw = pty_raw(p, &len);
    assert_null(memmem(raw, len, "\xE2\x80\xAE", 3));
    assert_true(pty_has(p, "Joinery"));
    pty_close(p);
}

static void test_typing(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    /* letters whose numbers are those of F5 and Shift-Tab in curses */
    type(p, "čšą日本e\xCC\x81", "čšą日本e\xCC\x81");
    int row, col;
    pty_cursor(p, &row, &col);
    assert_int_equal(col, 12 + 3 + 4 + 1);
    type(p, "\177\177", "čšą日");
    assert_true(pty_wait_gone(p, "日本", WAIT));
    type(p, PTY_HOME "x" PTY_END "y", "xčšą日y");
    type(p, "\tse cret\r", "enter on 2 name=xčšą日y secret=7");
    assert_true(pty_has(p, "*******"));
    assert_false(pty_has(p, "cret "));
    size_t len;
    const char *raw = pty_raw(p, &len);
    assert_null(memmem(raw, len, "se cret", 7));
    pty_close(p);
}

static void test_bytes_of_changes(void **state)
{
    (void)state;
    struct pty *p = begin("", &vt220);
    for (int i = 0; i < 5; i++) {
        char key[2] = {(char)('a' + i), 0}, seen[8] = "abcde";
        seen[i + 1] = '\0';
        pty_reset_bytes(p);
        unsigned frame = pty_frame(p);
        type(p, key, seen);
        assert_true(pty_wait_frame(p, frame + 1, WAIT));
        assert_true(pty_bytes(p) <= 40);
        print_message("character: %zu bytes\n", pty_bytes(p));
    }
    type(p, "\t\t", "> Sales");
    static const char *const after[] = {"> Kiosks", "> 東京営業所", "> Москва", "> Lager, Süd",
                                        "> Branch 6"};
    for (int i = 0; i < 5; i++) {
        assert_true(pty_wait_frame(p, pty_frame(p), WAIT));
        pty_reset_bytes(p);
        unsigned frame = pty_frame(p);
        type(p, PTY_DOWN, after[i]);
        assert_true(pty_wait_frame(p, frame + 1, WAIT));
        assert_true(pty_bytes(p) <= 200);
        print_message("list move: %zu bytes\n", pty_bytes(p));
    }
    pty_close(p);
}

static void test_progress_tick_is_small(void **state)
{
    (void)state;
    struct pty *p = begin("tick", &vt220);
    assert_true(pty_wait_text(p, "%", WAIT));
    for (int i = 0; i < 10; i++) {
        pty_reset_bytes(p);
        assert_true(pty_wait_next_frame(p, WAIT));
        pty_drain(p);
        assert_true(pty_bytes(p) <= 60 * 2); /* two frames may have come in one read */
    }
    pty_close(p);
}

static void test_idle_sends_nothing(void **state)
{
    (void)state;
    struct pty *p = begin("", &vt220);
    pty_reset_bytes(p);
    pty_listen(p, 1500);
    assert_int_equal(pty_bytes(p), 0);
    pty_close(p);
}

static void test_focus_travels_through_cdk(void **state)
{
    (void)state;
    struct pty *p = begin("", &vt220);
    int row, col;
    type(p, "\t\t\t", "[> Next <]"); /* Back is not enabled and skipped */
    pty_cursor(p, &row, &col);
    assert_int_equal(row, 20);
    assert_true(pty_has(p, "[  Back  ]"));
    assert_int_equal(pty_reversed_elements(p), 1);
    assert_true(pty_send(p, "\t"));
    assert_true(pty_wait_gone(p, "[> Next <]", WAIT));
    type(p, PTY_BACKTAB, "[> Next <]");
    type(p, "\002\002q", "Password:   *"); /* Ctrl-B twice is on the password */
    type(p, "\006\006", "[> Next <]");
    pty_close(p);
}

static void test_actions(void **state)
{
    (void)state;
    static const struct {
        const char *keys, *text;
    } cases[] = {
        {PTY_F10, "action NEXT_PAGE"},   {"\020", "action BACK"},   {"\016", "action NEXT_PAGE"},
        {PTY_F2, "action SETTINGS"},     {"\0338", "action BACK"},  {"\0330", "action NEXT_PAGE"},
        {PTY_F4, "action LOG"},          {PTY_ESC, "action BACK"},  {"\0334", "action LOG"},
        {"\033[12~", "action SETTINGS"}, {"\033[[D", "action LOG"}, {"\033[19~", "action BACK"},
    };
    struct pty *p = begin("", NULL);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        type(p, cases[i].keys, cases[i].text);
    }
    pty_send(p, "\003");
    assert_int_equal(end_status(p), SUBJECT_CANCELLED);
}

static void test_unknown_sequences_do_nothing(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    /* a mouse report, Shift-F5, Alt-x, a device answer, a colour answer: none may type or act */
    type(p, "a\033[<0;10;10M\033[<0;10;10mb", "ab");
    type(p, "\033[15;2~c", "abc");
    type(p, "\033xd", "abcd");
    type(p, "\033[?62;22c\033]11;rgb:0000/0000/0000\033\\e", "abcde");
    type(p, "\033[Mabcf", "abcdef");
    pty_send(p, "\032\034"); /* Ctrl-Z, Ctrl-backslash are data */
    type(p, "g", "abcdefg");
    pty_close(p);
}

static void test_paste_is_text(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    type(p, "\033[200~one\r\ntwo\tthree\033[20~\003\033[201~!", "onetwothree[20~!");
    assert_false(pty_has(p, "enter"));
    pty_close(p);
}

static void test_large_paste(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    char big[4200];
    memset(big, 'z', sizeof(big));
    pty_send(p, "\033[200~");
    assert_true(pty_send_n(p, big, sizeof(big)));
    pty_send(p, "\033[201~");
    type(p, "\r", "enter on 1 name=zzzzzzzzzz");
    pty_close(p);
}

static void test_resize_keeps_state(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    type(p, "kept\tabc\t" PTY_DOWN, "> Kiosks");
    pty_resize(p, 14, 50);
    assert_true(pty_wait_next_frame(p, WAIT));
    assert_true(pty_wait_text(p, "> Kiosks", WAIT));
    pty_resize(p, 8, 30);
    assert_true(pty_wait_text(p, "Too small: 30x8", WAIT));
    pty_resize(p, 30, 100);
    assert_true(pty_wait_text(p, "> Kiosks", WAIT));
    assert_true(pty_has(p, "kept"));
    assert_true(pty_has(p, "***"));
    assert_int_equal(pty_reversed_elements(p), 1);
    pty_close(p);
}

static void test_resize_storm(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    for (int i = 0; i < 60; i++) {
        pty_resize(p, 12 + i % 20, 40 + i % 50);
        pty_send(p, "x");
    }
    pty_resize(p, 24, 80);
    assert_true(
        pty_wait_text(p, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", WAIT));
    unsigned frames = pty_frame(p);
    print_message("60 resizes and characters: %u frames\n", frames);
    assert_true(pty_wait_text(p, "F9 Cancel", WAIT));
    pty_close(p);
}

static void test_modes_are_restored(void **state)
{
    (void)state;
    struct termios before, during, after;
    struct pty *p = pty_spawn_fn(term_subject, "", NULL);
    assert_non_null(p);
    assert_int_equal(tcgetattr(pty_master(p), &before), 0);
    assert_true(pty_wait_text(p, "Cancel", WAIT));
    assert_int_equal(tcgetattr(pty_master(p), &during), 0);
    assert_int_equal(during.c_lflag & (ISIG | ICANON | ECHO), 0);
    pty_send(p, PTY_F9);
    int status;
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_int_equal(tcgetattr(pty_master(p), &after), 0);
    assert_int_equal(before.c_lflag, after.c_lflag);
    assert_int_equal(before.c_iflag, after.c_iflag);
    assert_int_equal(before.c_oflag, after.c_oflag);
    assert_int_equal(before.c_cflag, after.c_cflag);
    assert_memory_equal(before.c_cc, after.c_cc, sizeof(before.c_cc));
    pty_close(p);
}

static void test_crash_restores(void **state)
{
    (void)state;
    struct termios after;
    struct pty *p = begin("crash", NULL);
    pty_send(p, PTY_F4);
    int status;
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_true(pty_wait_text(p, "joinery: crashed, see /var/log/test.log", WAIT));
    assert_int_equal(tcgetattr(pty_master(p), &after), 0);
    assert_true(after.c_lflag & ICANON);
    assert_true(after.c_lflag & ECHO);
    pty_close(p);
}

static void test_hangup_ends(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    pid_t pid = pty_pid(p);
    assert_int_equal(kill(pid, SIGHUP), 0);
    assert_int_equal(end_status(p), SUBJECT_HANGUP);
}

static void test_closed_terminal_ends(void **state)
{
    (void)state;
    struct pty *p = begin("tick", NULL);
    pty_hang_up(p);
    assert_int_equal(end_status(p), SUBJECT_HANGUP);
}

static void test_unreadable_terminal_ends(void **state)
{
    (void)state;
    struct pty *p = begin("background", NULL);
    pty_send(p, "x");
    assert_int_equal(end_status(p), SUBJECT_HANGUP);
}

static void test_secret_leaves_no_copies(void **state)
{
    (void)state;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    skip(); /* their shadow memory cannot be searched */
#endif
    struct pty *p = begin("canary", NULL);
    type(p, "\tCanary-719", "**********");
    type(p, PTY_F4, "scan 1: 1 typed, 0 wiped");
    assert_true(pty_wait_gone(p, "*****", WAIT));
    type(p, "\033[200~Canary-719\033[201~", "**********");
    type(p, PTY_F4, "scan 2: 1 typed, 0 wiped");
    pty_close(p);
}

static void test_signals(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    kill(pty_pid(p), SIGTSTP); /* none of these stops or ends it */
    kill(pty_pid(p), SIGQUIT);
    kill(pty_pid(p), SIGINT);
    type(p, "still here", "still here");
    kill(pty_pid(p), SIGTERM);
    assert_int_equal(end_status(p), SUBJECT_SIGNAL);
}

static void test_engine_events_while_typing(void **state)
{
    (void)state;
    struct pty *p = begin("engine", NULL);
    type(p, "typed while it works", "typed while it works");
    assert_true(pty_wait_text(p, "engine 100", WAIT));
    pty_close(p);
}

static void test_stderr_is_caught(void **state)
{
    (void)state;
    struct pty *p = begin("stderr", NULL);
    assert_true(pty_wait_text(p, "stderr: stray line of a library", WAIT));
    int row, col;
    assert_true(pty_find(p, "stderr:", &row, &col));
    assert_int_equal(row, 22);
    pty_close(p);
}

static void refuses(const char *type_name, int result)
{
    struct pty *p = pty_spawn_fn(term_subject, "", &(struct pty_options){.term = type_name});
    assert_non_null(p);
    int status;
    assert_true(pty_wait_exit(p, &status, WAIT));
    size_t len;
    pty_raw(p, &len);
    assert_int_equal(len, 0);
    pty_close(p);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), SUBJECT_BAD_TERMINAL + result);
}

static void test_unfit_terminals(void **state)
{
    (void)state;
    refuses("dumb", TERM_DUMB);
    refuses("no-such-terminal", TERM_UNKNOWN);
    refuses("", TERM_UNSET);
}

static void test_terminal_types(void **state)
{
    (void)state;
    static const char *const types[] = {"xterm", "xterm-256color", "linux",        "vt100",
                                        "vt220", "screen",         "tmux-256color"};
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        struct pty *p = begin("", &(struct pty_options){.term = types[i]});
        type(p, "hello\t\t" PTY_DOWN, "> Kiosks");
        assert_int_equal(pty_reversed_elements(p), 1);
        pty_send(p, "\003");
        assert_int_equal(end_status(p), SUBJECT_CANCELLED);
    }
}

/* Any cell coloured? */
static bool coloured(struct pty *p)
{
    for (int row = 0; row < 24; row++) {
        for (int col = 0; col < 80; col++) {
            if (pty_attributes_at(p, row, col).coloured) {
                return true;
            }
        }
    }
    return false;
}

static void test_themes(void **state)
{
    (void)state;
    static const char *const no_color[] = {"NO_COLOR=1", NULL}, *const empty[] = {"NO_COLOR=",
                                                                                  NULL};
    struct pty *p = begin("", NULL);
    assert_true(coloured(p));
    pty_close(p);
    p = begin("", &(struct pty_options){.env = no_color});
    assert_false(coloured(p));
    pty_close(p);
    p = begin("", &(struct pty_options){.env = empty});
    assert_true(coloured(p));
    pty_close(p);
    p = begin("contrast", NULL);
    assert_true(coloured(p));
    assert_int_equal(pty_reversed_elements(p), 1);
    pty_close(p);
}

static void test_frames(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    type(p, PTY_F1, "> modal text 日本");
    assert_true(pty_wait_text(p, "└", WAIT));
    assert_true(pty_has(p, "┌─ Help "));
    assert_int_equal(pty_reversed_elements(p), 1);
    pty_send(p, "\007");
    assert_true(pty_wait_gone(p, "modal", WAIT));
    assert_true(pty_wait_gone(p, "└", WAIT));
    pty_close(p);
    p = begin("ascii", NULL);
    type(p, PTY_F1, "+- Help ");
    pty_close(p);
}

static void test_repaint(void **state)
{
    (void)state;
    struct pty *p = begin("", NULL);
    type(p, "abc", "abc");
    pty_reset_bytes(p);
    assert_true(pty_send(p, "\014"));
    assert_true(pty_wait_text(p, "action REPAINT", WAIT));
    assert_true(pty_bytes(p) > 200);
    pty_close(p);
}

static void test_esc_delay(void **state)
{
    (void)state;
    static const char *const slow[] = {"ESCDELAY=1000", NULL};
    struct pty *p = begin("", &(struct pty_options){.env = slow});
    pty_send(p, PTY_ESC);
    pty_listen(p, 300);
    assert_false(pty_has(p, "action BACK"));
    type(p, "[21~", "action NEXT_PAGE"); /* the rest of F10, late on a slow line */
    pty_close(p);
}

static void test_other_locales(void **state)
{
    (void)state;
    static const char *const names[] = {"C", "POSIX", "no_SUCH.locale", "de_DE.ISO-8859-1"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct pty *p = begin("", &(struct pty_options){.locale = names[i]});
        type(p, "日本é", "日本é");
        pty_close(p);
    }
}

static void test_unknown_size(void **state)
{
    (void)state;
    struct pty *p = begin("", &(struct pty_options){.term = "vt220", .no_size = true});
    assert_string_equal(pty_row(p, 23), "F1 Help  F10 Next  F9 Cancel");
    pty_close(p);
}

/* Nothing that was sent piece by piece differs from the whole: after any keys and resizes, a
 * repaint changes no cell. */
static void test_screen_is_consistent(void **state)
{
    (void)state;
    static const char *const keys[] = {"a",         "日",     "e\xCC\x81", "\177",   "\t",
                                       PTY_BACKTAB, PTY_DOWN, PTY_UP,      PTY_PGDN, PTY_HOME,
                                       PTY_END,     PTY_LEFT, PTY_DELETE,  PTY_F1,   PTY_F10,
                                       "\033[99z",  " "};
    static const char *const terms[] = {"vt220", "xterm-256color", "linux"};
    unsigned seed = 2024;
    for (size_t t = 0; t < sizeof(terms) / sizeof(terms[0]); t++) {
        struct pty *p = begin("", &(struct pty_options){.term = terms[t]});
        for (int round = 0; round < 12; round++) {
            for (int i = 0; i < 15; i++) {
                seed = seed * 1103515245 + 12345;
                pty_send(p, keys[(seed >> 16) % (sizeof(keys) / sizeof(keys[0]))]);
            }
            if (round % 4 == 3) {
                char size[32];
                snprintf(size, sizeof(size), "page %dx%d", 90 - round * 4, 12 + round * 2);
                pty_resize(p, 12 + round * 2, 90 - round * 4);
                assert_true(pty_wait_text(p, size, WAIT));
            }
            /* the message line says when these have arrived: Ctrl-L, and then a page key that
             * changes it */
            assert_true(pty_send(p, "\014"));
            assert_true(pty_wait_text(p, "action REPAINT", WAIT));
            assert_true(pty_send(p, PTY_F2));
            assert_true(pty_wait_text(p, "action SETTINGS", WAIT));
            pty_drain(p);
            char *before = pty_screen(p);
            unsigned frame = pty_frame(p);
            pty_send(p, "\014" PTY_F2);
            assert_true(pty_wait_frame(p, frame + 1, WAIT));
            assert_true(pty_wait_text(p, "action SETTINGS", WAIT));
            pty_drain(p); /* the frame may still be on its way */
            char *after = pty_screen(p);
            assert_string_equal(before, after);
            assert_int_equal(pty_reversed_elements(p), 1);
            free(before);
            free(after);
        }
        pty_close(p);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_page),
        cmocka_unit_test(test_hostile_name_is_shown_harmless),
        cmocka_unit_test(test_typing),
        cmocka_unit_test(test_bytes_of_changes),
        cmocka_unit_test(test_progress_tick_is_small),
        cmocka_unit_test(test_idle_sends_nothing),
        cmocka_unit_test(test_focus_travels_through_cdk),
        cmocka_unit_test(test_actions),
        cmocka_unit_test(test_unknown_sequences_do_nothing),
        cmocka_unit_test(test_paste_is_text),
        cmocka_unit_test(test_large_paste),
        cmocka_unit_test(test_resize_keeps_state),
        cmocka_unit_test(test_resize_storm),
        cmocka_unit_test(test_modes_are_restored),
        cmocka_unit_test(test_crash_restores),
        cmocka_unit_test(test_hangup_ends),
        cmocka_unit_test(test_closed_terminal_ends),
        cmocka_unit_test(test_unreadable_terminal_ends),
        cmocka_unit_test(test_secret_leaves_no_copies),
        cmocka_unit_test(test_signals),
        cmocka_unit_test(test_engine_events_while_typing),
        cmocka_unit_test(test_stderr_is_caught),
        cmocka_unit_test(test_unfit_terminals),
        cmocka_unit_test(test_terminal_types),
        cmocka_unit_test(test_themes),
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_repaint),
        cmocka_unit_test(test_esc_delay),
        cmocka_unit_test(test_other_locales),
        cmocka_unit_test(test_unknown_size),
        cmocka_unit_test(test_screen_is_consistent),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
