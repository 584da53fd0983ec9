/* The wizard on a real domain, driven by keys in a pseudo-terminal; kinit and adcli are the judges.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "tests/ui/pty.h"

#define WAIT 30000

static char program[4096];
static const char *root;

/* The password goes from its file to the keyboard. */
static char *password(const char *variable)
{
    char text[200] = "";
    FILE *f = fopen(getenv(variable) ? getenv(variable) : "", "r");
    assert_non_null(f);
    assert_non_null(fgets(text, sizeof text, f));
    fclose(f);
    text[strcspn(text, "\n")] = '\0';
    return xstrdup(text);
}

/* Names of this run: the domain may have seen others. */
static const char *machine(int n)
{
    static char name[16];
    static long stamp;
    if (!stamp)
        stamp = (long)time(NULL);
    snprintf(name, sizeof name, "WZ%ld-%d", stamp % 1000000, n);
    return name;
}

static struct pty *start(int n, const char *extra_env)
{
    AUTOFREE char *set = xasprintf("machine.name=%s", machine(n));
    const char *argv[] = {program, "--root", root, "--config", "/dev/null", "--set", set, NULL};
    const char *env[] = {"LANGUAGE=en", extra_env, NULL};
    struct pty_options o = {.env = env};
    struct pty *p = pty_spawn(argv, &o);
    assert_non_null(p);
    return p;
}

static void see(struct pty *p, const char *text)
{
    assert_true(pty_wait_text(p, text, WAIT));
}

static void send_then(struct pty *p, const char *keys, const char *text)
{
    assert_true(pty_send(p, keys));
    see(p, text);
}

static void ends_with(struct pty *p, int wanted)
{
    int status = -1;
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), wanted);
    pty_close(p);
}

/* Up to the review, with the account made in OU=Kiosks. */
static void to_review(struct pty *p)
{
    AUTOFREE char *right = password("JT_JOINER_PASSWORD_FILE");
    see(p, "This machine: ");
    send_then(p, "\r", "2 of");
    send_then(p, "corp.example.com", "Found corp.example.com");
    send_then(p, PTY_F10, "Automatic (recommended)");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\t", "> Password");
    send_then(p, right, "****************");
    send_then(p, PTY_F10, "Kiosks");
    send_then(p, "Kio", "Full name: OU=Kiosks,DC=corp,DC=example,DC=com");
    send_then(p, PTY_F10, "The name is free.");
    send_then(p, PTY_F10, "Identity service");
    send_then(p, PTY_F10, "ACCT_CREATE");
    send_then(p, PTY_F10, "> Join corp.example.com <");
    explicit_bzero(right, strlen(right));
}

static int judge(const char *format, const char *name)
{
    AUTOFREE char *command = NULL;
    if (asprintf(&command, format, root, root, name) < 0)
        return -1;
    return system(command);
}

static void accepted(const char *account)
{
    assert_int_equal(judge("KRB5_CONFIG=%s/etc/krb5.conf KRB5CCNAME=MEMORY: kinit -k -t "
                           "FILE:%s/etc/krb5.keytab '%s'",
                           account),
                     0);
}

static void join_and_leave_by_keys(void **state)
{
    (void)state;
    struct pty *p = start(1, NULL);
    to_review(p);
    send_then(p, "\r", "This machine is now a member of the domain corp.example.com.");
    AUTOFREE char *account = xasprintf("%s$", machine(1));
    see(p, account);
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
    accepted(account);

    p = start(1, NULL);
    see(p, "Member of the domain corp.example.com");
    send_then(p, PTY_DOWN PTY_DOWN PTY_DOWN PTY_DOWN, "> Leave the domain"); /* from Status */
    send_then(p, "\r", "Disable the account when leaving");
    send_then(p, PTY_F10, "> Leave corp.example.com <");
    send_then(p, "\r", "This machine has left the domain.");
    assert_true(pty_send(p, PTY_F10));
    ends_with(p, 0);
    AUTOFREE char *keytab = xasprintf("%s/etc/krb5.keytab", root);
    assert_int_not_equal(access(keytab, F_OK), 0);
}

static void wrong_password_is_told_apart(void **state)
{
    (void)state;
    struct pty *p = start(2, NULL);
    see(p, "This machine: ");
    send_then(p, "\r", "2 of");
    send_then(p, "corp.example.com", "Found corp.example.com");
    send_then(p, PTY_F10, "Automatic (recommended)");
    send_then(p, PTY_F10, "Password");
    send_then(p, "joiner\tnot-the-password", "***");
    send_then(p, PTY_F10, "Error: The password is wrong.");
    assert_false(pty_has(p, "****"));
    send_then(p, PTY_F9, "Cancel the wizard?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

/* Stopped after the account was made: it is deleted again, the files are as they were. */
static void stopped_in_the_middle_by_keys(void **state)
{
    (void)state;
    struct pty *p = start(4, NULL);
    to_review(p);
    assert_int_equal(system("tests/domain/fault \"$JT_DIR\" delay:500"), 0);
    send_then(p, "\r", "created: CN=");
    send_then(p, PTY_F9, "Stop and undo");
    assert_true(pty_send(p, "\t\r"));
    see(p, "Everything that was changed has been undone.");
    assert_int_equal(system("tests/domain/fault \"$JT_DIR\" clear"), 0);
    assert_true(pty_send(p, PTY_F9 "\r"));
    ends_with(p, 3);
    AUTOFREE char *search = xasprintf(
        "export KRB5CCNAME=FILE:/tmp/stopped.cc; kinit joiner <\"$JT_JOINER_PASSWORD_FILE\" "
        ">/dev/null && ldapsearch -N -Q -LLL -H ldap://$JT_DC -Y GSSAPI -b "
        "dc=corp,dc=example,dc=com 'sAMAccountName=%s$' dn | grep -q ^dn:",
        machine(4));
    assert_int_equal(WEXITSTATUS(system(search)), 1);
    AUTOFREE char *journal = xasprintf("%s/var/lib/joinery/journal", root);
    assert_int_not_equal(access(journal, F_OK), 0);
}

static void killed_in_the_middle_and_recovered_by_keys(void **state)
{
    (void)state;
    int status;
    struct pty *p = start(3, "JOINERY_TEST_KILL=account-written");
    to_review(p);
    assert_true(pty_send(p, "\r"));
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFSIGNALED(status));
    pty_close(p);

    p = start(3, NULL);
    see(p, "an interrupted operation waits");
    send_then(p, "\r", "step 3 of 3");
    assert_true(pty_send(p, PTY_F10));
    assert_true(pty_wait_exit(p, &status, WAIT));
    assert_true(WIFEXITED(status));
    pty_close(p);

    p = start(3, NULL);
    see(p, "This machine: ");
    see(p, "Member of");
    assert_false(pty_has(p, "an interrupted operation waits"));
    assert_true(pty_send(p, PTY_F9));
    see(p, "Cancel the wizard?");
    assert_true(pty_send(p, "\t\r"));
    ends_with(p, 3);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(join_and_leave_by_keys),
        cmocka_unit_test(wrong_password_is_told_apart),
        cmocka_unit_test(stopped_in_the_middle_by_keys),
        cmocka_unit_test(killed_in_the_middle_and_recovered_by_keys),
    };
    const char *named = getenv("JOINERY");
    root = getenv("JT_ROOT");
    if (!root) {
        printf("skipped: needs the test domain\n");
        return 77;
    }
    /* The program that was built with this test. */
    snprintf(program, sizeof program, "%s", named ? named : argv[0]);
    for (int i = 0; !named && i < 3; i++) {
        char *slash = strrchr(program, '/');
        if (slash)
            *slash = '\0';
    }
    if (!named)
        strncat(program, "/joinery", sizeof program - strlen(program) - 1);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
