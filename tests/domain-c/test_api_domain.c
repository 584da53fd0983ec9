/*
 * The C interface against the test domain: what a program calls, and what it finds afterwards in
 * its own process. Runs inside tests/domain/exec.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/api/joinery.h"

static char password[256], account[300];

/* What the process looks like from outside. */
struct process {
    int fds, tasks;
    char *environment;
    sigset_t mask;
    struct sigaction pipe;
};

static int count(const char *dir)
{
    int n = 0;
    DIR *d = opendir(dir);
    assert_non_null(d);
    while (readdir(d))
        n++;
    closedir(d);
    return n;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted: putting a variable back may move it. */
static char *environment(void)
{
    size_t n = 0, size = 1;
    for (; environ[n]; n++)
        size += strlen(environ[n]) + 1;
    char **copy = malloc((n + 1) * sizeof *copy), *text = calloc(1, size);
    assert_true(copy && text);
    memcpy(copy, environ, (n + 1) * sizeof *copy);
    qsort(copy, n, sizeof *copy, by_text);
    for (size_t i = 0; i < n; i++) {
        strcat(text, copy[i]);
        strcat(text, "\n");
    }
    free(copy);
    return text;
}

static void look(struct process *p)
{
    p->fds = count("/proc/self/fd");
    p->tasks = count("/proc/self/task");
    p->environment = environment();
    assert_int_equal(pthread_sigmask(SIG_BLOCK, NULL, &p->mask), 0);
    assert_int_equal(sigaction(SIGPIPE, NULL, &p->pipe), 0);
}

static void assert_same(struct process *before)
{
    struct process after;
    look(&after);
    assert_int_equal(after.fds, before->fds);
    assert_int_equal(after.tasks, before->tasks);
    assert_string_equal(after.environment, before->environment);
    for (int s = 1; s < NSIG; s++)
        assert_int_equal(sigismember(&after.mask, s), sigismember(&before->mask, s));
    assert_true(after.pipe.sa_handler == before->pipe.sa_handler);
    free(after.environment);
    free(before->environment);
}

static void assert_result(uint32_t got, uint32_t wanted)
{
    const struct joinery_error *e = joinery_last_error();
    if (got != wanted)
        fprintf(stderr, "%s (%u): %s\n%s\n%s\n", e->symbol, got, e->what, e->facts, e->server);
    assert_int_equal(got, wanted);
    assert_int_equal(e->code, wanted);
}

static void assert_member(uint16_t type, const char *name)
{
    const char *is = NULL;
    uint16_t is_type = 99;
    assert_result(NetGetJoinInformation(NULL, &is, &is_type), NERR_Success);
    assert_int_equal(is_type, type);
    assert_string_equal(is, name);
    NetApiBufferFree((void *)is);
}

static void *nothing(void *arg)
{
    return arg;
}

static int setup(void **state)
{
    (void)state;
    pthread_t t; /* ThreadSanitizer makes a thread of its own with the first one */
    if (pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0)
        return -1;
    const char *root = getenv("JT_ROOT"), *file = getenv("JT_ADMIN_PASSWORD_FILE");
    FILE *f = file ? fopen(file, "r") : NULL;
    if (!root || !f || !fgets(password, sizeof password, f))
        return -1;
    fclose(f);
    password[strcspn(password, "\n")] = '\0';
    snprintf(account, sizeof account, "Administrator@%s", getenv("JT_DOMAIN"));
    return (int)joinery_set_root(root);
}

static int join(uint32_t flags)
{
    return (int)NetJoinDomain(NULL, getenv("JT_DOMAIN"), NULL, account, password,
                              NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE | flags);
}

static void test_join_and_leave(void **state)
{
    (void)state;
    struct process before;
    assert_member(NetSetupUnjoined, "");
    signal(SIGPIPE, SIG_DFL);
    setenv("KRB5CCNAME", "FILE:/nowhere", 1);
    setenv("SASL_PATH", "/nowhere", 1);
    unsetenv("LDAPNOINIT");
    look(&before);
    assert_result((uint32_t)join(0), NERR_Success);
    assert_int_equal(joinery_restart_needed(), 0); /* another root runs nothing */
    assert_member(NetSetupDomainName, getenv("JT_NETBIOS") ? getenv("JT_NETBIOS") : "CORP");
    assert_result((uint32_t)join(0), NERR_SetupAlreadyJoined);
    assert_result(NetJoinDomain(NULL, "GROUP", NULL, NULL, NULL, 0), NERR_SetupAlreadyJoined);
    assert_result(NetUnjoinDomain(NULL, account, password, NETSETUP_ACCT_DELETE), NERR_Success);
    assert_member(NetSetupUnjoined, "");
    assert_result(NetUnjoinDomain(NULL, NULL, NULL, 0), NERR_SetupNotJoined);
    assert_same(&before);
    unsetenv("SASL_PATH");
    unsetenv("KRB5CCNAME");
}

static void test_workgroup(void **state)
{
    (void)state;
    assert_result(NetJoinDomain(NULL, "BRANCH", NULL, NULL, NULL, 0), NERR_Success);
    assert_member(NetSetupWorkgroupName, "BRANCH");
    assert_result(JoinDomainOrWorkgroup("OTHER", NULL, NULL, NULL, 0), NERR_Success);
    assert_member(NetSetupWorkgroupName, "OTHER");
    assert_result(NetJoinDomain(NULL, "A*,B", NULL, NULL, NULL, 0), NERR_InvalidWorkgroupName);
}

static void test_failures(void **state)
{
    (void)state;
    const char *domain = getenv("JT_DOMAIN");
    uint32_t flags = NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE;
    assert_result(JoinDomainOrWorkgroup(domain, "no such password", account, NULL, flags),
                  ERROR_LOGON_FAILURE);
    assert_result(JoinDomainOrWorkgroup("nowhere.invalid", password, account, NULL, flags),
                  ERROR_NO_SUCH_DOMAIN);
    assert_result(JoinDomainOrWorkgroup(domain, NULL, NULL, NULL, flags), 1312); /* no ticket */
    assert_result(
        NetJoinDomain(NULL, domain, "OU=No;DC=corp;DC=example;DC=com", account, password, flags),
        2);
    assert_non_null(strstr(joinery_last_error()->facts, "OU=No"));
    assert_member(NetSetupWorkgroupName, "OTHER");
}

static void test_ous(void **state)
{
    (void)state;
    struct process before;
    const char **ous = NULL;
    uint32_t n = 0;
    look(&before);
    assert_result(NetGetJoinableOUs(NULL, getenv("JT_DOMAIN"), account, password, &n, &ous),
                  NERR_Success);
    bool kiosks = false, deeper = false;
    for (uint32_t i = 0; i < n; i++) {
        kiosks = kiosks || strcmp(ous[i], "OU=Kiosks,DC=corp,DC=example,DC=com") == 0;
        deeper = deeper || strstr(ous[i], ",OU=") != NULL;
        assert_int_equal(strncmp(ous[i], "OU=", 3), 0);
    }
    assert_true(n > 1 && kiosks && deeper);
    NetApiBufferFree(ous);
    assert_result(NetGetJoinableOUs(NULL, getenv("JT_DOMAIN"), account, "wrong", &n, &ous),
                  ERROR_LOGON_FAILURE);
    assert_int_equal(n, 0);
    assert_null(ous);
    assert_same(&before);
}

static void test_domain_names(void **state)
{
    (void)state;
    const char *domain = getenv("JT_DOMAIN");
    assert_result(NetValidateName(NULL, domain, NULL, NULL, NetSetupDomain), NERR_Success);
    assert_result(NetValidateName(NULL, "nowhere.invalid", NULL, NULL, NetSetupDomain),
                  ERROR_NO_SUCH_DOMAIN);
    assert_result(NetValidateName(NULL, domain, NULL, NULL, NetSetupNonExistentDomain),
                  ERROR_DUP_NAME);
    assert_result(NetValidateName(NULL, "nowhere.invalid", NULL, NULL, NetSetupNonExistentDomain),
                  NERR_Success);
}

/* ---- while one runs ---- */

static struct {
    sem_t runs, go;
    bool held;
    int lines;
} meet;

/* Holds the first call at its first line until the second has ended. */
static void hold(void *arg, int level, const char *line)
{
    (void)arg;
    assert_in_range(level, JOINERY_LOG_ERROR, JOINERY_LOG_INFO);
    assert_true(line[0] && !strchr(line, '\n') && !strstr(line, password));
    meet.lines++;
    if (meet.held)
        return;
    meet.held = true;
    sem_post(&meet.runs);
    sem_wait(&meet.go);
}

static void *join_in_thread(void *arg)
{
    *(int *)arg = join(0);
    return NULL;
}

static void test_second_call(void **state)
{
    (void)state;
    pthread_t t;
    int first = -1;
    meet.held = false;
    joinery_set_log(hold, NULL);
    assert_int_equal(pthread_create(&t, NULL, join_in_thread, &first), 0);
    sem_wait(&meet.runs);
    uint32_t second = (uint32_t)join(0);
    uint32_t third = NetUnjoinDomain(NULL, NULL, NULL, 0);
    const char *name = NULL;
    uint16_t type;
    uint32_t asked = NetGetJoinInformation(NULL, &name, &type); /* needs no network */
    sem_post(&meet.go);
    pthread_join(t, NULL);
    joinery_set_log(NULL, NULL);
    assert_int_equal(second, RPC_S_CALL_IN_PROGRESS);
    assert_int_equal(third, RPC_S_CALL_IN_PROGRESS);
    assert_int_equal(asked, NERR_Success);
    NetApiBufferFree((void *)name);
    assert_int_equal(first, NERR_Success);
    assert_true(meet.lines > 5);
    assert_result(NetUnjoinDomain(NULL, NULL, NULL, 0), NERR_Success);
}

static void test_cancel(void **state)
{
    (void)state;
    pthread_t t;
    int first = -1;
    joinery_cancel(); /* nothing runs: no effect on the next */
    meet.held = false;
    joinery_set_log(hold, NULL);
    assert_int_equal(pthread_create(&t, NULL, join_in_thread, &first), 0);
    sem_wait(&meet.runs);
    joinery_cancel();
    sem_post(&meet.go);
    pthread_join(t, NULL);
    joinery_set_log(NULL, NULL);
    assert_int_equal(first, ERROR_CANCELLED);
    assert_member(NetSetupWorkgroupName, "OTHER");
}

static void test_config(void **state)
{
    (void)state;
    char path[300], line[200];
    bool allowed = false;
    assert_result(joinery_set_config("[host]\nlogin = Kiosk Users\n[options]\nacct_delete = yes\n"),
                  NERR_Success);
    assert_result((uint32_t)join(0), NERR_Success);
    snprintf(path, sizeof path, "%s/etc/sssd/sssd.conf", getenv("JT_ROOT"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f))
        allowed = allowed || (strstr(line, "simple_allow_groups") && strstr(line, "Kiosk Users"));
    fclose(f);
    assert_true(allowed);
    assert_result(joinery_set_config(NULL), NERR_Success);
    assert_result(NetUnjoinDomain(NULL, NULL, NULL, 0), NERR_Success);
}

/* ---- the parameters' forms ---- */

static void leave(void)
{
    assert_result(NetUnjoinDomain(NULL, NULL, NULL, 0), NERR_Success);
}

static void test_account_forms(void **state)
{
    (void)state;
    const uint32_t flags = NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE;
    assert_result(
        NetJoinDomain(".", "CORP.Example.COM", NULL, "CORP\\Administrator", password, flags),
        NERR_Success);
    leave();
    assert_result(JoinDomainOrWorkgroup(getenv("JT_DOMAIN"), password,
                                        "administrator@CORP.EXAMPLE.COM", "", flags),
                  NERR_Success);
    leave();
}

/* The caller's ticket is used, and still the caller's afterwards. */
static void test_own_ticket(void **state)
{
    (void)state;
    char cache[300], command[600];
    snprintf(cache, sizeof cache, "FILE:%s/api.cc", getenv("JT_DIR"));
    setenv("KRB5CCNAME", cache, 1);
    snprintf(command, sizeof command, "kinit Administrator <'%s' >/dev/null",
             getenv("JT_ADMIN_PASSWORD_FILE"));
    assert_int_equal(system(command), 0);
    assert_result(NetJoinDomain(NULL, getenv("JT_DOMAIN"), NULL, NULL, NULL,
                                NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE),
                  NERR_Success);
    assert_string_equal(getenv("KRB5CCNAME"), cache);
    leave();
    unsetenv("KRB5CCNAME");
}

static void test_controller(void **state)
{
    (void)state;
    const uint32_t flags = NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE;
    char name[200];
    snprintf(name, sizeof name, "%s\\%s", getenv("JT_DOMAIN"), getenv("JT_DC"));
    assert_result(NetJoinDomain(NULL, name, NULL, account, password, flags), NERR_Success);
    leave();
    snprintf(name, sizeof name, "%s\\%s", getenv("JT_NETBIOS"), getenv("JT_DC"));
    assert_result(NetJoinDomain(NULL, name, NULL, account, password, flags), NERR_Success);
    leave();
    /* only the one that is named is asked */
    snprintf(name, sizeof name, "%s\\dc7", getenv("JT_DOMAIN"));
    uint32_t r = NetJoinDomain(NULL, name, NULL, account, password, flags);
    assert_true(r != NERR_Success && strstr(joinery_last_error()->facts, "dc7"));
}

static void put_host_name(const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/etc/hostname", getenv("JT_ROOT"));
    FILE *f = fopen(path, "w");
    assert_true(f && fprintf(f, "%s\n", name) > 0 && fclose(f) == 0);
}

static void test_ou_forms(void **state)
{
    (void)state;
    const uint32_t flags = NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE;
    static const char *const ous[] = {
        "OU=Kiosks;DC=corp;DC=example;DC=com",
        "OU=\"Kiosks\" ; DC = corp, dc=EXAMPLE, DC=com",
        "ou=kiosks,dc=corp,dc=example,dc=com",
    };
    for (size_t i = 0; i < sizeof ous / sizeof ous[0]; i++) {
        char host[40];
        snprintf(host, sizeof host, "api-ou-%zu", i);
        put_host_name(host);
        assert_result(NetJoinDomain(NULL, getenv("JT_DOMAIN"), ous[i], account, password, flags),
                      NERR_Success);
        leave();
    }
}

static bool keytab_has(const char *name)
{
    char command[400];
    snprintf(command, sizeof command, "klist -k '%s/etc/krb5.keytab' | grep -qi ' %s[$]@'",
             getenv("JT_ROOT"), name);
    return system(command) == 0;
}

static void test_rename(void **state)
{
    (void)state;
    const uint32_t options = NETSETUP_ACCT_CREATE;
    char name[3][16]; /* new in the domain each time the test runs */
    for (int i = 0; i < 3; i++)
        snprintf(name[i], sizeof name[i], "api%d-%ld", i, (long)time(NULL) % 100000000);
    put_host_name(name[0]);
    assert_result((uint32_t)join(0), NERR_Success);
    assert_true(keytab_has(name[0]));
    assert_result(NetRenameMachineInDomain(NULL, name[1], account, password, options),
                  NERR_Success);
    assert_true(keytab_has(name[1]));
    assert_result(NetRenameMachineInDomain(name[1], "bad name", account, password, options), 1210);
    assert_result(NetRenameMachineInDomain(NULL, "api-wrong", account, "wrong", options),
                  ERROR_LOGON_FAILURE);
    put_host_name(name[2]); /* as the next boot will have it */
    assert_result(NetRenameMachineInDomain(NULL, NULL, account, password, options), NERR_Success);
    assert_true(keytab_has(name[2]));
    leave();
    assert_result(NetRenameMachineInDomain(NULL, name[0], account, password, options),
                  NERR_SetupNotJoined);
}

static void stop(int number)
{
    (void)number;
    joinery_cancel();
}

static void raise_once(void *arg, int level, const char *line)
{
    (void)level;
    (void)line;
    if (!*(bool *)arg)
        raise(SIGUSR1);
    *(bool *)arg = true;
}

/* From a signal handler of the caller's, whose signals still reach it. */
static void test_cancel_by_signal(void **state)
{
    (void)state;
    bool raised = false;
    signal(SIGUSR1, stop);
    joinery_set_log(raise_once, &raised);
    assert_result((uint32_t)join(0), ERROR_CANCELLED);
    joinery_set_log(NULL, NULL);
    signal(SIGUSR1, SIG_DFL);
    assert_true(raised);
    assert_result((uint32_t)join(0), NERR_Success); /* the next call is a new one */
    leave();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join_and_leave),   cmocka_unit_test(test_workgroup),
        cmocka_unit_test(test_failures),         cmocka_unit_test(test_ous),
        cmocka_unit_test(test_domain_names),     cmocka_unit_test(test_second_call),
        cmocka_unit_test(test_config),           cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_account_forms),    cmocka_unit_test(test_own_ticket),
        cmocka_unit_test(test_controller),       cmocka_unit_test(test_ou_forms),
        cmocka_unit_test(test_cancel_by_signal), cmocka_unit_test(test_rename),
    };
    sem_init(&meet.runs, 0, 0);
    sem_init(&meet.go, 0, 0);
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, NULL);
}
