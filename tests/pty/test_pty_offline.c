/* Preparing a pasted list and applying protected data in a pseudo-terminal, on the screen and line
 * by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/pty/lead.h"

static char home[] = "/tmp/joinery-pty-home.XXXXXX";

static int make_home(void **state)
{
    return make_scratch(state) || !mkdtemp(home) ? -1 : 0;
}

static int remove_home(void **state)
{
    AUTOFREE char *command = xasprintf("rm -rf %s", home);
    return system(command) | remove_scratch(state);
}

/* Leads to the first page of the mode that stands last but `up` in the list. */
static struct pty *in_mode(const char *script, int up, const char *first)
{
    assert_int_equal(setenv("HOME", home, 1), 0);
    struct pty *p = start_wizard(script, NULL, 24, 80, NULL);
    see(p, "kiosk-07");
    send_then(p, PTY_END, "> Apply provisioning data");
    for (int i = 0; i < up; i++)
        assert_true(pty_send(p, PTY_UP));
    send_then(p, "\r", first);
    return p;
}

static void saved_list(const char *wanted)
{
    AUTOFREE char *path = xasprintf("%s/machines.csv", home);
    char text[200] = "";
    struct stat st;
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    assert_int_equal(fstat(fileno(f), &st), 0);
    fclose(f);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_string_equal(text, wanted);
}

static void a_list_is_pasted_on_the_screen(void **state)
{
    (void)state;
    struct pty *p = in_mode("password=s3cret-word", 1, "One machine");
    send_then(p, PTY_DOWN PTY_DOWN "\r", "Next machine");
    send_then(p, "\033[200~branch-01\nbranch-02\tOU=A\nbranch-03\n\033[201~",
              "3 machines in the list.");
    send_then(p, PTY_F10, "step 3 of 12");
    saved_list("name,ou\nbranch-01,\nbranch-02,OU=A\nbranch-03,\n");
    send_then(p, "corp.example.com" PTY_F10, "Automatic");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\ts3cret-word\r", "default place");
    send_then(p, PTY_F10, "cms (recommended)");
    send_then(p, PTY_DOWN "sesame\tsesame" PTY_F10, "Certificate templates");
    send_then(p, PTY_F10, "All options together: 0x00000000");
    send_then(p, PTY_F10, "> Prepare 5 machines <");
    send_then(p, "\r", "The machines of the list are prepared.");
    see(p, "[ok] BRANCH-05");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

/* A second time the file is somebody's: it is not written over. */
static void a_list_never_replaces_a_file(void **state)
{
    (void)state;
    struct pty *p = in_mode("", 1, "One machine");
    send_then(p, PTY_DOWN PTY_DOWN "\r", "Next machine");
    send_then(p, "other\r", "Added: other");
    send_then(p, PTY_F10, "Error: the list could not be saved");
    saved_list("name,ou\nbranch-01,\nbranch-02,OU=A\nbranch-03,\n");
    assert_true(pty_send(p, PTY_F9 PTY_RIGHT "\r"));
    ends_with(p, 3);
}

static void protected_data_is_applied_on_the_screen(void **state)
{
    (void)state;
    struct pty *p = in_mode("live passphrase=sesame", 0, "/media/usb/KIOSK-07.p7m");
    send_then(p, " ", "Please type the passphrase of this data.");
    send_then(p, "\t\tsesamy", "******");
    send_then(p, PTY_F10, "does not open");
    send_then(p, "sesame" PTY_F10, "/mnt/windows");
    see(p, "This machine, as it runs now");
    send_then(p, " ", "djoin runs once at the next start");
    send_then(p, PTY_F10, "Apply to the running system");
    send_then(p, PTY_F10, "> Apply <");
    send_then(p, "\r", "Windows joins by itself at its next start");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
}

static struct pty *line_by_line(const char *script)
{
    AUTOFREE char *fake = xasprintf("JOINERY_FAKE=%s", script);
    const char *env[] = {fake, "LANGUAGE=en", NULL};
    struct pty_options o = {.rows = 60, .cols = 80, .env = env};
    assert_int_equal(setenv("HOME", home, 1), 0);
    struct pty *p = pty_spawn_fn(wizard_program, "--plain", &o);
    assert_non_null(p);
    return p;
}

static void protected_data_is_applied_line_by_line(void **state)
{
    (void)state;
    struct pty *p = line_by_line("live passphrase=sesame");
    see_cursor(p, "Language [1]: ");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "What to do [1]: ");
    assert_true(pty_send(p, "10\r"));
    see_cursor(p, "Found here []: ");
    assert_true(pty_send(p, "1\r"));
    see_cursor(p, "Provisioning data [/media/usb/KIOSK-07.p7m]: ");
    assert_true(pty_send(p, "\r"));
    see_cursor(p, "Passphrase: ");
    send_then(p, "wrong\r", "Error:");
    see_cursor(p, "Passphrase: ");
    assert_true(pty_send(p, "sesame\r"));
    see_cursor(p, "The system to enrol []: ");
    assert_false(pty_has(p, "sesame"));
    assert_true(pty_send(p, "3\r"));
    see_cursor(p, "Image [/mnt/clone]: ");
    assert_true(pty_send(p, "!\r"));
    see_cursor(p, "Answer [1]: ");
    assert_true(pty_send(p, "2\r"));
    ends_with(p, 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_pasted_on_the_screen),
        cmocka_unit_test(a_list_never_replaces_a_file),
        cmocka_unit_test(protected_data_is_applied_on_the_screen),
        cmocka_unit_test(protected_data_is_applied_line_by_line),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_home, remove_home);
}
