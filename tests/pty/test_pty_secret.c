/* A secret that is typed is nowhere else: not in what ps shows, the environment, the log, the
 * screen, a core file, what is left of the terminal; while it is half typed and afterwards. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"
#include "ui/app/app.h"

#define CANARY "qZ7!vK9#xW2%"
#define PART   4 /* characters of it that nobody may see together */

/* Up to the password, which is typed but not sent. */
static struct pty *typed(const char *term, int rows, int cols)
{
    struct pty *p = start_wizard("password=" CANARY, term, rows, cols, NULL);
    see(p, "Join a domain");
    lead_to_login(p);
    send_then(p, "joiner\t" CANARY, "************");
    return p;
}

static bool holds_part(const char *text, size_t len)
{
    for (size_t i = 0; i + PART <= strlen(CANARY); i++) {
        if (memmem(text, len, CANARY + i, PART))
            return true;
    }
    return false;
}

static char *contents(const char *path, size_t *len)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    *len = f ? fread(text, 1, (1 << 20) - 1, f) : 0;
    if (f)
        fclose(f);
    return text;
}

/* The scripted engine's own word is in the environment of this test: that is not the program's. */
static void not_in_proc(struct pty *p)
{
    static const char *const files[] = {"cmdline", "comm", "stat", "status"};
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        size_t len;
        AUTOFREE char *path = xasprintf("/proc/%d/%s", (int)pty_pid(p), files[i]);
        AUTOFREE char *text = contents(path, &len);
        assert_true(len > 0);
        assert_false(holds_part(text, len));
    }
}

static void not_in_environment(struct pty *p)
{
    size_t len;
    AUTOFREE char *path = xasprintf("/proc/%d/environ", (int)pty_pid(p));
    AUTOFREE char *text = contents(path, &len);
    char *fake = memmem(text, len, "JOINERY_FAKE=", 13);
    if (fake)
        memset(fake, 'x', strlen(fake));
    assert_false(holds_part(text, len));
}

static void not_in_log(void)
{
    size_t len;
    AUTOFREE char *path = xasprintf("%s/var/log/joinery/joinery.log", scratch_root());
    AUTOFREE char *text = contents(path, &len);
    assert_true(len > 0);
    assert_false(holds_part(text, len));
}

static void not_on_screen(struct pty *p)
{
    size_t len;
    const char *raw = pty_raw(p, &len);
    assert_false(holds_part(raw, len));
}

static void half_typed(void **state)
{
    (void)state;
    struct pty *p = typed(NULL, 24, 80);
    not_in_proc(p);
    not_in_environment(p);
    not_in_log();
    static const char *const tops[] = {PTY_F4, PTY_F1};
    for (size_t i = 0; i < ARRAY_SIZE(tops); i++) {
        send_then(p, tops[i], "Esc Back  "); /* nothing but that and one more key */
        assert_true(pty_wait_gone(p, "F9 Cancel", WAIT));
        assert_true(pty_send(p, PTY_ESC));
        see(p, "F9 Cancel");
    }
    assert_true(pty_send(p, "\014"));
    pty_resize(p, 12, 40);
    see(p, "************");
    not_on_screen(p);
    pty_close(p);
}

static void accepted_and_wiped(void **state)
{
    (void)state;
    struct pty *p = typed(NULL, 24, 80);
    send_then(p, "\r", "default place");
    not_in_proc(p);
    send_then(p, PTY_F10, "The name is free.");
    send_then(p, PTY_F10, "Identity service");
    send_then(p, PTY_F10, "ACCT_CREATE");
    send_then(p, PTY_F10, "> Join corp.example.com <");
    send_then(p, PTY_BACKTAB PTY_BACKTAB "\r", "aved"); /* the answers */
    send_then(p, "\t\t\r", "This machine is now a member");
    assert_true(pty_send(p, PTY_F10));
    int status;
    assert_true(pty_wait_exit(p, &status, WAIT));
    not_on_screen(p);
    not_in_log();
    size_t len;
    AUTOFREE char *path = xasprintf("%s/etc/joinery/answers.ini", scratch_root());
    AUTOFREE char *ini = contents(path, &len);
    assert_true(len > 0);
    assert_false(holds_part(ini, len));
    pty_close(p);
}

static void resized_while_typed(void **state)
{
    (void)state;
    struct pty *p = typed("vt220", 24, 80);
    unsigned before = pty_frame(p);
    for (int i = 0; i < 60; i++)
        pty_resize(p, 20 + i % 9, 70 + i % 13);
    pty_resize(p, 12, 40);
    assert_true(pty_wait_next_frame(p, WAIT));
    see(p, "************");
    pty_resize(p, 24, 80);
    see(p, "step ");
    see(p, "************");
    assert_true(pty_frame(p) - before < 45); /* a burst is one */
    not_on_screen(p);
    send_then(p, "\r", "default place"); /* it is complete */
    pty_close(p);
}

/* Up to the password, line by line. */
static struct pty *password_asked(struct pty *p)
{
    send_then(p, "\r", "What to do [1]:");
    send_then(p, "\r", "Domain []:");
    send_then(p, "corp.example.com\r", "Domain controller [1]:");
    send_then(p, "\r", "Site []:");
    send_then(p, "\r", "Log in with [1]:");
    send_then(p, "\r", "Account []:");
    assert_true(pty_send(p, "joiner\r"));
    see_cursor(p, "Password: ");
    return p;
}

static struct pty *asked_by_line(void)
{
    struct pty *p = password_asked(start_wizard("password=" CANARY, "dumb", 40, 80, NULL));
    assert_true(pty_send(p, CANARY));
    pty_drain(p);
    return p;
}

/* A letter that the terminal's characters lack is not left out of it: that would be another
 * password, and a failed try. */
static void letters_are_not_left_out(void **state)
{
    (void)state;
    struct pty_options o = {.term = "dumb", .locale = "C", .rows = 40, .cols = 80};
    struct pty *p = password_asked(start_on("password=pssword", NULL, NULL, &o));
    send_then(p, "p\303\244ssword\r", "characters that cannot be typed");
    see_cursor(p, "Password: ");
    send_then(p, "pssword\r", "Organizational unit [1]:");
    pty_close(p);
}

static void line_by_line(void **state)
{
    (void)state;
    struct pty *p = asked_by_line();
    not_in_proc(p);
    send_then(p, "\r", "Organizational unit [1]:");
    not_on_screen(p);
    not_in_log();
    pty_close(p);
}

/* Whoever reads from the terminal next must not get it, and sees again what he types. */
static void ended_while_typed(void **state)
{
    static const int signals[] = {SIGTERM, SIGHUP};
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        struct pty *p = asked_by_line();
        struct termios t;
        int status, waiting = -1;
        AUTOFREE char *path = xasprintf("/proc/%d/fd/0", (int)pty_pid(p));
        int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC); /* as the shell that started it */
        assert_true(fd >= 0);
        assert_int_equal(tcgetattr(fd, &t), 0);
        assert_false(t.c_lflag & ECHO);
        assert_int_equal(kill(pty_pid(p), signals[i]), 0);
        assert_true(pty_wait_exit(p, &status, WAIT));
        assert_int_equal(tcgetattr(fd, &t), 0);
        assert_true(t.c_lflag & ECHO);
        t.c_lflag &= ~(tcflag_t)ICANON; /* what is no whole line can be read as well */
        assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
        assert_int_equal(ioctl(fd, FIONREAD, &waiting), 0);
        assert_int_equal(waiting, 0);
        not_on_screen(p);
        close(fd);
        pty_close(p);
    }
}

/* No core file is allowed, and none is made. */
static void no_core(void **state)
{
    (void)state;
    int status;
    struct pty *p = typed(NULL, 24, 80);
    AUTOFREE char *path = xasprintf("/proc/%d/limits", (int)pty_pid(p));
    size_t len;
    AUTOFREE char *limits = contents(path, &len);
    char *core = strstr(limits, "Max core file size");
    assert_non_null(core);
    assert_non_null(strstr(core, " 0 "));
    assert_true(strstr(core, " 0 ") < strchr(core, '\n'));
    assert_int_equal(kill(pty_pid(p), SIGSEGV), 0);
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSEGV);
    assert_false(WCOREDUMP(status));
    assert_true(pty_has(p, "joinery: crashed, see "));
    not_on_screen(p);
    pty_close(p);
}

/* Nor may another process of the same person look into it. */
static int dumpable(void *arg)
{
    char *argv[] = {"joinery", "--version", NULL};
    (void)arg;
    return app_main(2, argv) == 0 ? prctl(PR_GET_DUMPABLE) : -1;
}

static void not_dumpable(void **state)
{
    (void)state;
    struct pty *p = pty_spawn_fn(dumpable, NULL, &(struct pty_options){0});
    assert_non_null(p);
    ends_with(p, 0);
}

static int make_root(void **state)
{
    int r = make_scratch(state);
    AUTOFREE char *dirs = xasprintf("mkdir -p %s/var/log %s/etc", scratch_root(), scratch_root());
    return r ? r : system(dirs);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_typed),
        cmocka_unit_test(accepted_and_wiped),
        cmocka_unit_test(resized_while_typed),
        cmocka_unit_test(line_by_line),
        cmocka_unit_test(ended_while_typed),
        cmocka_unit_test(letters_are_not_left_out),
        cmocka_unit_test(no_core),
        cmocka_unit_test(not_dumpable),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_root, remove_scratch);
}
