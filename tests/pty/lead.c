#include "tests/pty/lead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/fake_engine.h"
#include "ui/app/app.h"

static char scratch[] = "/tmp/joinery-pty.XXXXXX";

int wizard_program(void *arg)
{
    const char *ini = getenv("JOINERY_TEST_CONFIG");
    char *root = xasprintf("--root=%s", scratch);
    char *config = xasprintf("--config=%s", ini ? ini : "/dev/null");
    char *argv[] = {"joinery", root, config, NULL, NULL};
    struct termios t;
    fake_from_environment();
    if (getenv("JOINERY_TEST_IUTF8") && tcgetattr(STDIN_FILENO, &t) == 0) {
        t.c_iflag |= IUTF8;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &t);
    }
    if (arg)
        argv[3] = arg;
    return app_main(arg ? 4 : 3, argv);
}

struct pty *start_wizard(const char *script, const char *term, int rows, int cols,
                         const char *language)
{
    AUTOFREE char *fake_env = xasprintf("JOINERY_FAKE=%s", script);
    AUTOFREE char *language_env = xasprintf("LANGUAGE=%s", language ? language : "en");
    const char *env[] = {fake_env, language_env, NULL};
    struct pty_options o = {.term = term, .rows = rows, .cols = cols, .env = env};
    struct pty *p = pty_spawn_fn(wizard_program, NULL, &o);
    assert_non_null(p);
    return p;
}

#define ENV_MAX 16

struct pty *start_on(const char *script, const char *ini, const char *argument,
                     const struct pty_options *options)
{
    struct pty_options o = *options;
    AUTOFREE char *fake_env = xasprintf("JOINERY_FAKE=%s", script);
    AUTOFREE char *path = xasprintf("%s/wizard.ini", scratch);
    AUTOFREE char *config_env = xasprintf("JOINERY_TEST_CONFIG=%s", path);
    const char *env[ENV_MAX + 4] = {fake_env, config_env, "LANGUAGE=en"};
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(ini ? ini : "", f) >= 0);
    assert_int_equal(fclose(f), 0);
    for (size_t i = 0; o.env && o.env[i] && i < ENV_MAX; i++)
        env[3 + i] = o.env[i];
    o.env = env;
    struct pty *p = pty_spawn_fn(wizard_program, (void *)(uintptr_t)argument, &o);
    assert_non_null(p);
    return p;
}

const char *scratch_root(void)
{
    return scratch;
}

void ends_with(struct pty *p, int wanted)
{
    int status = -1;
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), wanted);
    pty_close(p);
}

void see(struct pty *p, const char *text)
{
    assert_true(pty_wait_text(p, text, WAIT));
}

void send_then(struct pty *p, const char *keys, const char *text)
{
    assert_true(pty_send(p, keys));
    see(p, text);
}

bool one_reversed(struct pty *p, void *ctx)
{
    (void)ctx;
    return pty_reversed_elements(p) == 1;
}

/* The cursor stands behind this text: everything before it has been drawn. */
static bool cursor_behind(struct pty *p, void *ctx)
{
    int row, col;
    const char *text = ctx;
    pty_cursor(p, &row, &col);
    const char *line = pty_row(p, row);
    size_t len = strlen(text);
    while (len && text[len - 1] == ' ')
        len--;
    return col == (int)strlen(text) && strlen(line) >= len && !strncmp(line, text, len);
}

void see_cursor(struct pty *p, const char *text)
{
    assert_true(pty_wait(p, cursor_behind, (void *)(uintptr_t)text, WAIT));
}

int make_scratch(void **state)
{
    (void)state;
    return mkdtemp(scratch) ? 0 : -1;
}

int remove_scratch(void **state)
{
    (void)state;
    AUTOFREE char *command = xasprintf("rm -rf %s", scratch);
    return system(command);
}

void lead_to_login(struct pty *p)
{
    send_then(p, "\r", "> Domain");
    send_then(p, "corp.example.com", "Found");
    send_then(p, "\016", "Automatic");
    send_then(p, "\016", "Password");
}
