/* The C interface: what it refuses by looking at the call alone, and what needs no network. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/host/host.h"
#include "engine/tables/codes.h"
#include "engine/tables/options.h"
#include "tests/unit/scratch.h"

#include "engine/api/joinery.h"

#define DOMAIN  "corp.example.com"
#define ACCOUNT "joiner@corp.example.com"
#define JOIN    NETSETUP_JOIN_DOMAIN
#define UNSEC   (NETSETUP_JOIN_DOMAIN | NETSETUP_JOIN_UNSECURE)
#define PASSED  (UNSEC | NETSETUP_MACHINE_PWD_PASSED)

static char *root;

static int setup(void **state)
{
    (void)state;
    root = scratch_new();
    scratch_put(root, "/etc/hostname", "kiosk-07\n", 0644);
    return (int)joinery_set_root(root);
}

static int teardown(void **state)
{
    (void)state;
    scratch_drop(root);
    return (int)joinery_set_root(NULL);
}

static void assert_cause(uint32_t got, enum cause cause)
{
    const struct joinery_error *e = joinery_last_error();
    assert_int_equal(got, cause_code(cause));
    assert_int_equal(e->code, got);
    assert_string_equal(e->symbol, code_symbol(got));
    assert_string_equal(e->what, cause_row(cause)->what);
    assert_true(e->why && e->next && e->facts && e->server);
}

/* ---- the header against the tables ---- */

static void test_codes(void **state)
{
    (void)state;
#define ROW(name)                                                                                  \
    {                                                                                              \
#name, name                                                                                \
    }
    static const struct {
        const char *symbol;
        uint32_t number;
    } rows[] = {
        ROW(NERR_Success),
        ROW(ERROR_ACCESS_DENIED),
        ROW(ERROR_INVALID_DATA),
        ROW(ERROR_WRITE_PROTECT),
        ROW(ERROR_SHARING_VIOLATION),
        ROW(ERROR_NOT_SUPPORTED),
        ROW(ERROR_DUP_NAME),
        ROW(ERROR_INVALID_PASSWORD),
        ROW(ERROR_INVALID_PARAMETER),
        ROW(ERROR_OPEN_FAILED),
        ROW(ERROR_INVALID_NAME),
        ROW(ERROR_ELEVATION_REQUIRED),
        ROW(ERROR_INVALID_FLAGS),
        ROW(ERROR_CANCELLED),
        ROW(ERROR_ILL_FORMED_PASSWORD),
        ROW(ERROR_WRONG_PASSWORD),
        ROW(ERROR_PASSWORD_RESTRICTION),
        ROW(ERROR_LOGON_FAILURE),
        ROW(ERROR_NONE_MAPPED),
        ROW(ERROR_INVALID_DOMAIN_ROLE),
        ROW(ERROR_NO_SUCH_DOMAIN),
        ROW(RPC_S_PROTSEQ_NOT_SUPPORTED),
        ROW(RPC_S_CALL_IN_PROGRESS),
        ROW(NERR_WkstaNotStarted),
        ROW(NERR_UserExists),
        ROW(NERR_InvalidComputer),
        ROW(NERR_SetupAlreadyJoined),
        ROW(NERR_SetupNotJoined),
        ROW(NERR_SetupDomainController),
        ROW(NERR_InvalidWorkgroupName),
        ROW(NERR_NoOfflineJoinInfo),
        ROW(NERR_BadOfflineJoinInfo),
        ROW(NERR_CantCreateJoinInfo),
        ROW(NERR_BadDomainJoinInfo),
        ROW(NERR_JoinPerformedMustRestart),
        ROW(NERR_CantLoadOfflineHive),
        ROW(NERR_ConnectionInsecure),
        ROW(NERR_ProvisioningBlobUnsupported),
        ROW(NERR_DS8DCRequired),
        ROW(NERR_LDAPCapableDCRequired),
        ROW(NERR_TargetVersionUnsupported),
        ROW(NERR_AccountReuseBlockedByPolicy),
        ROW(ERROR_DS_MACHINE_ACCOUNT_QUOTA_EXCEEDED),
        ROW(DNS_ERROR_NON_RFC_NAME),
        ROW(DNS_ERROR_INVALID_NAME_CHAR),
        ROW(WBEM_E_ENCRYPTED_CONNECTION_REQUIRED),
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        assert_string_equal(code_symbol(rows[i].number), rows[i].symbol);
        assert_non_null(strstr(joinery_error_text(rows[i].number), rows[i].symbol));
        assert_non_null(
            strstr(joinery_error_text(rows[i].number), code_find(rows[i].number)->what));
    }
    assert_non_null(strstr(joinery_error_text(4711), "4711"));
}

static void test_flags(void **state)
{
    (void)state;
    static const struct {
        const char *symbol;
        uint32_t value;
        unsigned ops;
    } rows[] = {
        {"NETSETUP_JOIN_DOMAIN", NETSETUP_JOIN_DOMAIN, FLAG_FOR_JOIN},
        {"NETSETUP_ACCT_CREATE", NETSETUP_ACCT_CREATE, FLAG_FOR_JOIN | FLAG_FOR_RENAME},
        {"NETSETUP_ACCT_DELETE", NETSETUP_ACCT_DELETE, FLAG_FOR_LEAVE},
        {"NETSETUP_WIN9X_UPGRADE", NETSETUP_WIN9X_UPGRADE, FLAG_FOR_JOIN},
        {"NETSETUP_DOMAIN_JOIN_IF_JOINED", NETSETUP_DOMAIN_JOIN_IF_JOINED, FLAG_FOR_JOIN},
        {"NETSETUP_JOIN_UNSECURE", NETSETUP_JOIN_UNSECURE, FLAG_FOR_JOIN},
        {"NETSETUP_MACHINE_PWD_PASSED", NETSETUP_MACHINE_PWD_PASSED, FLAG_FOR_JOIN},
        {"NETSETUP_DEFER_SPN_SET", NETSETUP_DEFER_SPN_SET, FLAG_FOR_JOIN},
        {"NETSETUP_JOIN_DC_ACCOUNT", NETSETUP_JOIN_DC_ACCOUNT, FLAG_FOR_JOIN},
        {"NETSETUP_JOIN_WITH_NEW_NAME", NETSETUP_JOIN_WITH_NEW_NAME, FLAG_FOR_JOIN},
        {"NETSETUP_JOIN_READONLY", NETSETUP_JOIN_READONLY, FLAG_FOR_JOIN},
        {"NETSETUP_AMBIGUOUS_DC", NETSETUP_AMBIGUOUS_DC, FLAG_FOR_JOIN},
        {"NETSETUP_NO_NETLOGON_CACHE", NETSETUP_NO_NETLOGON_CACHE, FLAG_FOR_JOIN},
        {"NETSETUP_DONT_CONTROL_SERVICES", NETSETUP_DONT_CONTROL_SERVICES, FLAG_FOR_JOIN},
        {"NETSETUP_SET_MACHINE_NAME", NETSETUP_SET_MACHINE_NAME, FLAG_FOR_APPLY},
        {"NETSETUP_FORCE_SPN_SET", NETSETUP_FORCE_SPN_SET, FLAG_FOR_JOIN},
        {"NETSETUP_NO_ACCT_REUSE", NETSETUP_NO_ACCT_REUSE, FLAG_FOR_JOIN},
        {"NETSETUP_INSTALL_INVOCATION", NETSETUP_INSTALL_INVOCATION, FLAG_FOR_JOIN},
        {"NETSETUP_IGNORE_UNSUPPORTED_FLAGS", NETSETUP_IGNORE_UNSUPPORTED_FLAGS,
         FLAG_FOR_JOIN | FLAG_FOR_LEAVE},
        {"NETSETUP_DNS_NAME_CHANGES_ONLY", NETSETUP_DNS_NAME_CHANGES_ONLY, FLAG_FOR_RENAME},
        {"NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT", NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT,
         FLAG_FOR_PROVISION},
        {"NETSETUP_PROVISION_REUSE_ACCOUNT", NETSETUP_PROVISION_REUSE_ACCOUNT, FLAG_FOR_PROVISION},
        {"NETSETUP_PROVISION_USE_DEFAULT_PASSWORD", NETSETUP_PROVISION_USE_DEFAULT_PASSWORD,
         FLAG_FOR_PROVISION},
        {"NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH", NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH,
         FLAG_FOR_PROVISION},
        {"NETSETUP_PROVISION_ROOT_CA_CERTS", NETSETUP_PROVISION_ROOT_CA_CERTS, FLAG_FOR_PROVISION},
        {"NETSETUP_PROVISION_PERSISTENTSITE", NETSETUP_PROVISION_PERSISTENTSITE,
         FLAG_FOR_PROVISION},
        {"NETSETUP_PROVISION_ONLINE_CALLER", NETSETUP_PROVISION_ONLINE_CALLER, FLAG_FOR_APPLY},
    };
    const unsigned here =
        FLAG_FOR_JOIN | FLAG_FOR_LEAVE | FLAG_FOR_RENAME | FLAG_FOR_PROVISION | FLAG_FOR_APPLY;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        bool found = !(f->ops & here);
        for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
            if (strcmp(rows[k].symbol, f->symbol) != 0)
                continue;
            assert_int_equal(rows[k].value, f->value);
            assert_int_equal(rows[k].ops, f->ops & rows[k].ops);
            found = true;
        }
        if (!found)
            fail_msg("%s is not in the public header", f->symbol);
    }
}

/* ---- what a call is refused for ---- */

static void test_domain_missing(void **state)
{
    (void)state;
    assert_cause(NetJoinDomain(NULL, NULL, NULL, ACCOUNT, "pw", JOIN), CAUSE_DOMAIN_MISSING);
    assert_cause(NetJoinDomain(NULL, "", NULL, ACCOUNT, "pw", JOIN), CAUSE_DOMAIN_MISSING);
    assert_cause(JoinDomainOrWorkgroup(NULL, "pw", ACCOUNT, NULL, JOIN), CAUSE_DOMAIN_MISSING);
    assert_cause(JoinDomainOrWorkgroup(NULL, NULL, NULL, NULL, 0), CAUSE_NAME_MISSING);
    assert_int_equal(cause_code(CAUSE_DOMAIN_MISSING), ERROR_INVALID_PARAMETER);
    assert_int_equal(cause_code(CAUSE_NAME_MISSING), ERROR_INVALID_PARAMETER);
}

static void test_credentials(void **state)
{
    (void)state;
    char units[600];
    memset(units, 'x', sizeof units);
    units[257] = '\0';
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, NULL, "pw", JOIN),
                 CAUSE_PASSWORD_WITHOUT_ACCOUNT);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, "", "pw", JOIN), CAUSE_PASSWORD_WITHOUT_ACCOUNT);
    assert_cause(NetUnjoinDomain(NULL, NULL, "pw", 0), CAUSE_PASSWORD_WITHOUT_ACCOUNT);
    assert_cause(NetRenameMachineInDomain(NULL, "new", NULL, "pw", 0),
                 CAUSE_PASSWORD_WITHOUT_ACCOUNT);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, NULL, JOIN), CAUSE_PASSWORD_MISSING);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "", JOIN), CAUSE_PASSWORD_MISSING);
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, NULL, NETSETUP_ACCT_DELETE),
                 CAUSE_PASSWORD_MISSING);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, units, JOIN), CAUSE_PASSWORD_TOO_LONG);
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, units, NETSETUP_ACCT_DELETE),
                 CAUSE_PASSWORD_TOO_LONG);
    assert_int_equal(cause_code(CAUSE_PASSWORD_TOO_LONG), ERROR_INVALID_PASSWORD);
}

/* 128 characters outside the basic plane are 256 units: the longest password there may be. */
static void test_password_units(void **state)
{
    (void)state;
    char longest[129 * 4 + 1] = "", huge[4000];
    for (int i = 0; i < 128; i++)
        strcat(longest, "\xf0\x9f\x94\x91");
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, longest, 0), CAUSE_NOT_JOINED);
    strcat(longest, "\xf0\x9f\x94\x91");
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, longest, 0), CAUSE_PASSWORD_TOO_LONG);
    memset(huge, 'x', sizeof huge);
    huge[sizeof huge - 1] = '\0';
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, huge, 0), CAUSE_PASSWORD_TOO_LONG);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, NULL, huge, PASSED), CAUSE_MACHINE_PASSWORD_BAD);
}

static void test_machine_password(void **state)
{
    (void)state;
    assert_cause(
        NetJoinDomain(NULL, DOMAIN, NULL, NULL, "secret", JOIN | NETSETUP_MACHINE_PWD_PASSED),
        CAUSE_FLAG_NEEDS_UNSECURE);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "secret", PASSED),
                 CAUSE_ACCOUNT_UNUSED);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, NULL, PASSED), CAUSE_ACCOUNT_UNUSED);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, NULL, NULL, PASSED),
                 CAUSE_MACHINE_PASSWORD_EMPTY);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, NULL, "", PASSED), CAUSE_MACHINE_PASSWORD_EMPTY);
    assert_int_equal(cause_code(CAUSE_ACCOUNT_UNUSED), ERROR_INVALID_PARAMETER);
    assert_int_equal(cause_code(CAUSE_MACHINE_PASSWORD_EMPTY), ERROR_PASSWORD_RESTRICTION);
    /* without NETSETUP_MACHINE_PWD_PASSED a lone password is one without its account */
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, NULL, "secret", UNSEC),
                 CAUSE_PASSWORD_WITHOUT_ACCOUNT);
}

static void test_text(void **state)
{
    (void)state;
    const char *bad[] = {"\xff", "a\xc0\xaf", "\xed\xa0\x80", "caf\xe9"};
    uint32_t n;
    const char **ous;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_cause(NetJoinDomain(NULL, bad[i], NULL, ACCOUNT, "pw", JOIN), CAUSE_CONFIG_VALUE);
        assert_cause(NetJoinDomain(NULL, DOMAIN, bad[i], ACCOUNT, "pw", JOIN), CAUSE_CONFIG_VALUE);
        assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, bad[i], "pw", JOIN), CAUSE_CONFIG_VALUE);
        assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, bad[i], JOIN), CAUSE_CONFIG_VALUE);
        assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, NULL, bad[i], PASSED), CAUSE_CONFIG_VALUE);
        assert_cause(NetJoinDomain(NULL, bad[i], NULL, NULL, NULL, 0), CAUSE_CONFIG_VALUE);
        assert_cause(NetUnjoinDomain(NULL, bad[i], "pw", 0), CAUSE_CONFIG_VALUE);
        assert_cause(NetRenameMachineInDomain(NULL, bad[i], ACCOUNT, "pw", 2), CAUSE_CONFIG_VALUE);
        assert_cause(NetGetJoinableOUs(NULL, bad[i], ACCOUNT, "pw", &n, &ous), CAUSE_CONFIG_VALUE);
        assert_cause(NetUnjoinDomain(bad[i], NULL, NULL, 0), CAUSE_SERVER_NOT_HERE);
    }
    assert_int_equal(cause_code(CAUSE_CONFIG_VALUE), ERROR_INVALID_PARAMETER);
    assert_cause(NetJoinDomain(NULL, "two\nlines", NULL, ACCOUNT, "pw", JOIN), CAUSE_CONFIG_VALUE);
}

static void test_unknown_bits(void **state)
{
    (void)state;
    const uint32_t unknown[] = {0x4, 0x8, 0x8000, 0x80000, 0x40000000, 0x80000000};
    const uint32_t ignore = NETSETUP_IGNORE_UNSUPPORTED_FLAGS;
    for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
        assert_int_equal(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "pw", JOIN | unknown[i]),
                         ERROR_NOT_SUPPORTED);
        assert_int_equal(NetJoinDomain(NULL, "GROUP", NULL, NULL, NULL, unknown[i]),
                         ERROR_NOT_SUPPORTED);
        /* ignored: the next fault is told */
        assert_int_equal(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "pw",
                                       JOIN | NETSETUP_MACHINE_PWD_PASSED | ignore | unknown[i]),
                         ERROR_INVALID_PARAMETER);
    }
    assert_cause(NetUnjoinDomain(NULL, NULL, NULL, 0x2), CAUSE_UNKNOWN_LEAVE_FLAG);
    assert_cause(NetUnjoinDomain(NULL, NULL, NULL, 0x40000), CAUSE_UNKNOWN_LEAVE_FLAG);
    assert_cause(NetUnjoinDomain(NULL, NULL, NULL, 0x2 | ignore), CAUSE_NOT_JOINED);
    assert_int_equal(cause_code(CAUSE_UNKNOWN_LEAVE_FLAG), ERROR_INVALID_FLAGS);
    assert_int_equal(NetRenameMachineInDomain(NULL, "new", ACCOUNT, "pw", 0x4),
                     ERROR_NOT_SUPPORTED);
}

static void test_server(void **state)
{
    (void)state;
    static const char *const here[] = {
        "", ".", "localhost", "\\\\localhost", "kiosk-07", "\\\\KIOSK-07", "127.0.0.1", NULL};
    static const char *const away[] = {"kiosk-08", "\\\\dc1", "kiosk-07.example.net", "10.0.0.1",
                                       "kiosk"};
    for (size_t i = 0; i < ARRAY_SIZE(here); i++)
        assert_cause(NetUnjoinDomain(here[i], NULL, NULL, 0), CAUSE_NOT_JOINED);
    for (size_t i = 0; i < ARRAY_SIZE(away); i++) {
        uint16_t type;
        uint32_t n;
        const char *name, **ous;
        assert_cause(NetUnjoinDomain(away[i], NULL, NULL, 0), CAUSE_SERVER_NOT_HERE);
        assert_cause(NetJoinDomain(away[i], DOMAIN, NULL, ACCOUNT, "pw", JOIN),
                     CAUSE_SERVER_NOT_HERE);
        assert_cause(NetGetJoinInformation(away[i], &name, &type), CAUSE_SERVER_NOT_HERE);
        assert_cause(NetRenameMachineInDomain(away[i], "new", ACCOUNT, "pw", 2),
                     CAUSE_SERVER_NOT_HERE);
        assert_cause(NetGetJoinableOUs(away[i], DOMAIN, ACCOUNT, "pw", &n, &ous),
                     CAUSE_SERVER_NOT_HERE);
        assert_cause(NetValidateName(away[i], "x", NULL, NULL, NetSetupMachine),
                     CAUSE_SERVER_NOT_HERE);
        assert_non_null(strstr(joinery_last_error()->facts, away[i]));
    }
    assert_int_equal(cause_code(CAUSE_SERVER_NOT_HERE), ERROR_NOT_SUPPORTED);
    scratch_put(root, "/etc/hostname", "kiosk-07.example.net\n", 0644);
    assert_cause(NetUnjoinDomain("KIOSK-07.example.net", NULL, NULL, 0), CAUSE_NOT_JOINED);
    assert_cause(NetUnjoinDomain("kiosk-07", NULL, NULL, 0), CAUSE_NOT_JOINED);
    assert_cause(NetUnjoinDomain("kiosk-07.example", NULL, NULL, 0), CAUSE_SERVER_NOT_HERE);
}

static void test_pointers(void **state)
{
    (void)state;
    const char *name, **ous;
    uint16_t type;
    uint32_t n;
    assert_cause(NetGetJoinInformation(NULL, NULL, &type), CAUSE_NAME_MISSING);
    assert_cause(NetGetJoinInformation(NULL, &name, NULL), CAUSE_NAME_MISSING);
    assert_cause(NetGetJoinableOUs(NULL, DOMAIN, ACCOUNT, "pw", NULL, &ous), CAUSE_NAME_MISSING);
    assert_cause(NetGetJoinableOUs(NULL, DOMAIN, ACCOUNT, "pw", &n, NULL), CAUSE_NAME_MISSING);
    assert_cause(NetGetJoinableOUs(NULL, NULL, ACCOUNT, "pw", &n, &ous), CAUSE_DOMAIN_MISSING);
    assert_int_equal(NetApiBufferFree(NULL), NERR_Success);
    assert_cause(joinery_set_root("relative"), CAUSE_CONFIG_VALUE);
}

static void test_ou(void **state)
{
    (void)state;
    assert_cause(NetJoinDomain(NULL, DOMAIN, "Kiosks", ACCOUNT, "pw", JOIN), CAUSE_OU_MALFORMED);
    assert_cause(JoinDomainOrWorkgroup(DOMAIN, "pw", ACCOUNT, "OU=Kiosks; DC", JOIN),
                 CAUSE_OU_MALFORMED);
    assert_int_equal(cause_code(CAUSE_OU_MALFORMED), ERROR_INVALID_PARAMETER);
}

/* ---- what the machine's state decides ---- */

static uint16_t type_of(char *name, size_t size)
{
    const char *text = NULL;
    uint16_t type = 99;
    assert_int_equal(NetGetJoinInformation(NULL, &text, &type), NERR_Success);
    snprintf(name, size, "%s", text);
    NetApiBufferFree((void *)text);
    return type;
}

static void test_states(void **state)
{
    (void)state;
    char name[100];
    if (geteuid() != 0)
        skip();
    assert_int_equal(type_of(name, sizeof name), NetSetupUnjoined);
    assert_string_equal(name, "");
    assert_cause(NetRenameMachineInDomain(NULL, "new", ACCOUNT, "pw", 2), CAUSE_NOT_JOINED);
    assert_int_equal(NetJoinDomain(NULL, "BRANCH", NULL, NULL, NULL, 0), NERR_Success);
    assert_int_equal(joinery_last_error()->code, NERR_Success);
    assert_int_equal(joinery_restart_needed(), 0);
    assert_int_equal(type_of(name, sizeof name), NetSetupWorkgroupName);
    assert_string_equal(name, "BRANCH");
    assert_int_equal(NetJoinDomain(NULL, "a:b", NULL, NULL, NULL, 0), NERR_InvalidWorkgroupName);
    assert_int_equal(NetJoinDomain(NULL, "SIXTEEN-LETTERS-", NULL, NULL, NULL, 0),
                     NERR_InvalidWorkgroupName);
    scratch_put(root, "/var/lib/samba/private/sam.ldb", "", 0600);
    assert_cause(NetJoinDomain(NULL, "OTHER", NULL, NULL, NULL, 0), CAUSE_MACHINE_IS_DC);
    assert_cause(NetUnjoinDomain(NULL, NULL, NULL, 0), CAUSE_MACHINE_IS_DC);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "pw", JOIN), CAUSE_MACHINE_IS_DC);
    assert_cause(NetRenameMachineInDomain(NULL, "new", ACCOUNT, "pw", 2), CAUSE_MACHINE_IS_DC);
    uint32_t n;
    const char **ous;
    assert_cause(NetGetJoinableOUs(NULL, DOMAIN, ACCOUNT, "pw", &n, &ous), CAUSE_MACHINE_IS_DC);
}

/* Another process holds the machine's lock. */
static void test_lock(void **state)
{
    (void)state;
    struct host *h;
    struct err e = {0};
    struct host_lock lock = HOST_LOCK_INIT;
    if (geteuid() != 0)
        skip();
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    assert_int_equal(host_lock_take(h, &lock, &e), 0);
    assert_cause(NetJoinDomain(NULL, "BRANCH", NULL, NULL, NULL, 0), CAUSE_LOCK_HELD);
    assert_cause(NetUnjoinDomain(NULL, NULL, NULL, 0), CAUSE_LOCK_HELD);
    assert_cause(NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "pw", JOIN), CAUSE_LOCK_HELD);
    assert_cause(NetRenameMachineInDomain(NULL, "new", ACCOUNT, "pw", 2), CAUSE_LOCK_HELD);
    assert_int_equal(cause_code(CAUSE_LOCK_HELD), RPC_S_CALL_IN_PROGRESS);
    host_unlock(&lock);
    host_close(h);
    assert_int_equal(NetJoinDomain(NULL, "BRANCH", NULL, NULL, NULL, 0), NERR_Success);
}

/* In a process of its own, as nobody: every call that would change the machine. */
static void as_nobody(void)
{
    const char *name;
    uint16_t type;
    if (setgid(65534) != 0 || setuid(65534) != 0)
        _exit(90);
    if (NetJoinDomain(NULL, DOMAIN, NULL, ACCOUNT, "pw", JOIN) != ERROR_ACCESS_DENIED)
        _exit(1);
    if (NetJoinDomain(NULL, "BRANCH", NULL, NULL, NULL, 0) != ERROR_ACCESS_DENIED)
        _exit(2);
    if (NetUnjoinDomain(NULL, NULL, NULL, 0) != ERROR_ACCESS_DENIED)
        _exit(3);
    if (NetRenameMachineInDomain(NULL, "new", ACCOUNT, "pw", 2) != ERROR_ACCESS_DENIED)
        _exit(4);
    if (JoinDomainOrWorkgroup("BRANCH", NULL, NULL, NULL, 0) != ERROR_ACCESS_DENIED)
        _exit(5);
    if (NetGetJoinInformation(NULL, &name, &type) != NERR_Success)
        _exit(6);
    _exit(0);
}

static void test_not_root(void **state)
{
    (void)state;
    int status;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(root, 0755), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        as_nobody();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

/* ---- names, answers, threads ---- */

static void test_names(void **state)
{
    (void)state;
    static const struct {
        uint32_t type;
        const char *name;
        uint32_t result;
    } rows[] = {
        {NetSetupMachine, "KIOSK-08", NERR_Success},
        {NetSetupMachine, "KIOSK*", NERR_InvalidComputer},
        {NetSetupMachine, "", NERR_InvalidComputer},
        {NetSetupWorkgroup, "BRANCH", NERR_Success},
        {NetSetupWorkgroup, "kiosk-07", NERR_InvalidWorkgroupName},
        {NetSetupWorkgroup, "A/B", NERR_InvalidWorkgroupName},
        {NetSetupDnsMachine, "kiosk-08.example.net", NERR_Success},
        {NetSetupDnsMachine, "kiosk..net", ERROR_INVALID_NAME},
        {NetSetupDnsMachine, "kiosk!", DNS_ERROR_INVALID_NAME_CHAR},
        {NetSetupDomain, "builtin", NERR_InvalidComputer},
        {NetSetupDomain, "...", ERROR_INVALID_NAME},
        {NetSetupNonExistentDomain, "a_b", DNS_ERROR_NON_RFC_NAME},
        {NetSetupUnknown, "KIOSK-08", ERROR_INVALID_PARAMETER},
        {6, "KIOSK-08", ERROR_INVALID_PARAMETER},
        {NetSetupMachine, NULL, ERROR_INVALID_PARAMETER},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint32_t got = NetValidateName(NULL, rows[i].name, NULL, NULL, rows[i].type);
        if (got != rows[i].result)
            fail_msg("type %u, %s: %u, not %u", rows[i].type, rows[i].name ? rows[i].name : "NULL",
                     got, rows[i].result);
    }
    assert_cause(NetValidateName(NULL, "x", NULL, "pw", NetSetupMachine),
                 CAUSE_PASSWORD_WITHOUT_ACCOUNT);
}

static void test_config(void **state)
{
    (void)state;
    assert_cause(joinery_set_config("[host]\nlogin_groups = a\n"), CAUSE_CONFIG_UNKNOWN_KEY);
    assert_non_null(strstr(joinery_last_error()->facts, "host.login"));
    assert_cause(joinery_set_config("[host]\nidentity = nis\n"), CAUSE_CONFIG_VALUE);
    /* A keytab stands for the password; a flag of the file gives way to the call's. */
    assert_int_equal(joinery_set_config("[credentials]\nkeytab = /nowhere\n"
                                        "[options]\njoin_unsecure = yes\nacct_delete = yes\n"),
                     NERR_Success);
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, NULL, 0), CAUSE_NOT_JOINED);
    assert_cause(NetJoinDomain(NULL, "bad name", NULL, ACCOUNT, NULL, JOIN), CAUSE_DOMAIN_NAME_BAD);
    assert_int_equal(joinery_set_config(NULL), NERR_Success);
    assert_cause(NetUnjoinDomain(NULL, ACCOUNT, NULL, 0), CAUSE_PASSWORD_MISSING);
}

static void *fail_there(void *arg)
{
    (void)arg;
    bool none = joinery_last_error()->code == NERR_Success && !joinery_restart_needed();
    return NetUnjoinDomain("elsewhere", NULL, NULL, 0) == ERROR_NOT_SUPPORTED && none ? &root
                                                                                      : NULL;
}

static void test_error_of_thread(void **state)
{
    (void)state;
    pthread_t t;
    void *ok = NULL;
    assert_cause(NetUnjoinDomain(NULL, NULL, NULL, 0), CAUSE_NOT_JOINED);
    assert_int_equal(pthread_create(&t, NULL, fail_there, NULL), 0);
    assert_int_equal(pthread_join(t, &ok), 0);
    assert_non_null(ok);
    assert_int_equal(joinery_last_error()->code, NERR_SetupNotJoined);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_flags),
        cmocka_unit_test_setup_teardown(test_domain_missing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_credentials, setup, teardown),
        cmocka_unit_test_setup_teardown(test_password_units, setup, teardown),
        cmocka_unit_test_setup_teardown(test_machine_password, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_pointers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ou, setup, teardown),
        cmocka_unit_test_setup_teardown(test_states, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lock, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_root, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_config, setup, teardown),
        cmocka_unit_test_setup_teardown(test_error_of_thread, setup, teardown),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
