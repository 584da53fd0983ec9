/*
 * The offline calls of the C interface against the test domain: what a program gets, what is in it,
 * and what it finds afterwards in its own process. Runs inside tests/domain/exec.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/offline/offline.h"
#include "engine/wire/sst.h"

#include "engine/api/joinery.h"

#define BASE "DC=corp,DC=example,DC=com"

static char password[256], account[300];
static const char *domain;

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

static void *nothing(void *arg)
{
    return arg;
}

static int setup(void **s UNUSED)
{
    pthread_t t; /* ThreadSanitizer makes a thread of its own with the first one */
    if (pthread_create(&t, NULL, nothing, NULL) != 0 || pthread_join(t, NULL) != 0)
        return -1;
    const char *root = getenv("JT_ROOT"), *file = getenv("JT_ADMIN_PASSWORD_FILE");
    FILE *f = file ? fopen(file, "r") : NULL;
    if (!root || !f || !fgets(password, sizeof password, f))
        return -1;
    fclose(f);
    password[strcspn(password, "\n")] = '\0';
    domain = getenv("JT_DOMAIN");
    snprintf(account, sizeof account, "Administrator@%s", domain);
    return (int)joinery_set_root(root) || (int)joinery_set_credentials(account, password);
}

static void assert_result(uint32_t got, uint32_t wanted)
{
    const struct joinery_error *e = joinery_last_error();
    if (got != wanted)
        fprintf(stderr, "%s (%u): %s\n%s\n%s\n", e->symbol, got, e->what, e->facts, e->server);
    assert_int_equal(got, wanted);
}

static void open_data(const void *data, size_t len, struct odj *o)
{
    struct err e = {0};
    assert_int_equal(offline_read(data, len, NULL, o, NULL, &e), 0);
    assert_int_equal(odj_check(o, NULL, &e), 0);
}

/* Binary and text; the second is a reuse, so the password in the first is no longer true. */
static void test_both_forms(void **s UNUSED)
{
    uint8_t *bin = NULL;
    uint32_t size = 0;
    const char *text = NULL;
    struct odj CLEANUP(odj_free) a = {0}, b = {0};
    setenv("KRB5CCNAME", "FILE:/nowhere", 1);
    setenv("SASL_PATH", "/nowhere", 1);
    int fds = count("/proc/self/fd"), tasks = count("/proc/self/task");
    assert_result(NetProvisionComputerAccount(domain, "api-odj", NULL, NULL, 0, &bin, &size, NULL),
                  NERR_Success);
    assert_result(NetProvisionComputerAccount(domain, "api-odj", NULL, NULL, 0, NULL, NULL, &text),
                  NERR_UserExists);
    assert_null(text);
    assert_result(NetProvisionComputerAccount(domain, "api-odj", NULL, NULL,
                                              NETSETUP_PROVISION_REUSE_ACCOUNT, NULL, NULL, &text),
                  NERR_Success);
    assert_string_equal(getenv("KRB5CCNAME"), "FILE:/nowhere");
    assert_string_equal(getenv("SASL_PATH"), "/nowhere");
    unsetenv("KRB5CCNAME");
    unsetenv("SASL_PATH");
    assert_int_equal(count("/proc/self/fd"), fds);
    assert_int_equal(count("/proc/self/task"), tasks);
    open_data(bin, size, &a);
    open_data(text, strlen(text), &b);
    const struct odj_join *x = odj_join(&a), *y = odj_join(&b);
    assert_string_equal(x->machine, "api-odj");
    assert_string_equal(x->dns_domain, domain);
    assert_int_equal(x->options, 0);
    assert_int_equal(y->options, NETSETUP_PROVISION_REUSE_ACCOUNT);
    assert_int_equal(x->password.len, 120);
    assert_false(secret_equal(&x->password, &y->password));
    assert_int_equal(NetApiBufferFree(bin), NERR_Success);
    assert_int_equal(NetApiBufferFree((void *)text), NERR_Success);
}

static char *policy_file(void)
{
    /* [K;V;REG_DWORD;4;1] */
    static const unsigned char pol[] =
        "PReg\1\0\0\0[\0K\0\0\0;\0V\0\0\0;\0\4\0\0\0;\0\4\0\0\0;\0\1\0"
        "\0\0]";
    AUTOFREE char *dir = xasprintf("%s/../api-odj.XXXXXX", getenv("JT_ROOT"));
    assert_non_null(mkdtemp(dir));
    char *path = xasprintf("%s/Registry.pol", dir);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(pol, 1, sizeof pol, f), sizeof pol);
    fclose(f);
    return path;
}

/* What the structure of version 2 says is in the package. */
static void test_package(void **s UNUSED)
{
    AUTOFREE char *pol = policy_file();
    const char *paths[] = {pol};
    struct odj CLEANUP(odj_free) o = {0};
    uint8_t *bin = NULL;
    uint32_t size = 0;
    const struct NETSETUP_PROVISIONING_PARAMS p = {
        .dwVersion = NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION,
        .lpDomain = domain,
        .lpHostName = "api-package.branch.example.com",
        .lpMachineAccountOU = "OU=Kiosks; " BASE,
        .lpDcName = getenv("JT_DC"),
        .dwProvisionOptions = NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH |
                              NETSETUP_PROVISION_PERSISTENTSITE | NETSETUP_PROVISION_ROOT_CA_CERTS,
        .aMachinePolicyPaths = paths,
        .cMachinePolicyPaths = 1,
        .lpNetbiosName = "APIPACK",
        .lpSiteName = "Branch",
        .lpPrimaryDNSDomain = "branch.example.com",
    };
    bool roots = access("/etc/ssl/certs/ca-certificates.crt", R_OK) == 0;
    struct NETSETUP_PROVISIONING_PARAMS q = p;
    if (!roots)
        q.dwProvisionOptions &= ~NETSETUP_PROVISION_ROOT_CA_CERTS;
    /* On a share that is not mounted: told how to mount it, and nothing is made. */
    const char *share = "\\\\files.example.com\\policies\\Registry.pol";
    q.aMachinePolicyPaths = &share;
    assert_result(NetCreateProvisioningPackage(&q, &bin, &size, NULL), ERROR_NOT_SUPPORTED);
    assert_non_null(strstr(joinery_last_error()->facts, "//files.example.com/policies"));
    assert_null(bin);
    q.aMachinePolicyPaths = paths;
    assert_result(NetCreateProvisioningPackage(&q, &bin, &size, NULL), NERR_Success);
    open_data(bin, size, &o);
    NetApiBufferFree(bin);
    assert_string_equal(odj_join(&o)->machine, "api-package");
    const struct odj_part *part = odj_part(&o, ODJ_NAMES);
    assert_non_null(part);
    assert_int_equal(part->u.names.flags, ODJ_PERSISTENT_SITE);
    assert_string_equal(part->u.names.netbios_name, "APIPACK");
    assert_string_equal(part->u.names.site, "Branch");
    assert_string_equal(part->u.names.primary_dns_domain, "branch.example.com");
    part = odj_part(&o, ODJ_POLICIES);
    assert_non_null(part);
    assert_int_equal(part->u.policies.n, 1);
    assert_string_equal(part->u.policies.lists[0].elements[0].key, "K");
    part = odj_part(&o, ODJ_CERTIFICATES);
    assert_int_equal(part != NULL, roots);
    if (part) {
        const struct odj_store *store = &part->u.certificates.stores[0];
        assert_string_equal(store->name, "Root");
        assert_true(sst_count(store->sst.data, store->sst.len) > 0);
    }
}

/* Version 1 ends before the names: whatever lies there is not looked at. */
static void test_package_version_1(void **s UNUSED)
{
    struct odj CLEANUP(odj_free) o = {0};
    const char *text = NULL;
    const struct NETSETUP_PROVISIONING_PARAMS p = {
        .dwVersion = NETSETUP_PROVISIONING_PARAMS_WIN8_VERSION,
        .lpDomain = domain,
        .lpHostName = "api-odj1",
        .lpNetbiosName = (const char *)8,
        .lpSiteName = (const char *)8,
        .lpPrimaryDNSDomain = (const char *)8,
    };
    assert_result(NetCreateProvisioningPackage(&p, NULL, NULL, &text), NERR_Success);
    open_data(text, strlen(text), &o);
    NetApiBufferFree((void *)text);
    assert_null(odj_part(&o, ODJ_NAMES));
    assert_non_null(odj_part(&o, ODJ_ACCOUNT_GUID));
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

/* Made here, put into the scratch root, and undone by leaving. */
static void test_made_and_applied(void **s UNUSED)
{
    const char *text = NULL;
    const char *root = getenv("JT_ROOT");
    assert_result(
        NetProvisionComputerAccount(domain, "api-apply", NULL, NULL, 0, NULL, NULL, &text),
        NERR_Success);
    assert_member(NetSetupUnjoined, "");
    assert_result(
        NetRequestOfflineDomainJoin((const uint8_t *)text, (uint32_t)strlen(text), 0, root),
        NERR_Success);
    assert_int_equal(joinery_restart_needed(), 0);
    assert_member(NetSetupDomainName, "CORP");
    assert_result(NetRequestProvisioningPackageInstall((const uint8_t *)text,
                                                       (uint32_t)strlen(text), 0, root, NULL),
                  NERR_SetupAlreadyJoined);
    NetApiBufferFree((void *)text);
    assert_result(NetUnjoinDomain(NULL, NULL, NULL, 0), NERR_Success);
    assert_member(NetSetupUnjoined, "");
}

static UNUSED size_t count_in_memory(const void *needle, size_t len)
{
    FILE *maps = fopen("/proc/self/maps", "re"), *mem = fopen("/proc/self/mem", "re");
    char line[512];
    size_t found = 0;
    assert_non_null(maps);
    assert_non_null(mem);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0)
            continue;
        unsigned char *copy = malloc(to - from);
        if (fseek(mem, (long)from, SEEK_SET) == 0 && fread(copy, 1, to - from, mem) == to - from) {
            for (unsigned char *p = copy;
                 (p = memmem(p, to - from - (size_t)(p - copy), needle, len)); p++)
                found++;
        }
        explicit_bzero(copy, to - from);
        free(copy);
    }
    fclose(maps);
    fclose(mem);
    return found;
}

/* Nothing of the machine's password stays in the program once it has given the data back: neither
 * as it is, nor in UTF-16, nor in the text. */
static void test_nothing_stays(void **s UNUSED)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const char *preload = getenv("LD_PRELOAD"), *text = NULL;
    if (preload && strstr(preload, "vgpreload"))
        skip(); /* valgrind keeps copies of what it watches */
    struct odj o = {0};
    struct secret narrow = {0}, piece = {0};
    unsigned char wide[48];
    assert_result(NetProvisionComputerAccount(domain, "api-wipe", NULL, NULL, 0, NULL, NULL, &text),
                  NERR_Success);
    assert_result(NetRequestOfflineDomainJoin((const uint8_t *)text, (uint32_t)strlen(text), 0,
                                              getenv("JT_ROOT")),
                  NERR_Success);
    open_data(text, strlen(text), &o);
    assert_int_equal(secret_set(&narrow, odj_join(&o)->password.data, 24), 0);
    /* Some of the text that holds the password: behind the headers, before the blob's end. */
    assert_int_equal(secret_set(&piece, text + 500, 40), 0);
    odj_free(&o);
    for (size_t i = 0; i < sizeof wide / 2; i++) {
        wide[2 * i] = narrow.data[i];
        wide[2 * i + 1] = 0;
    }
    NetApiBufferFree((void *)text);
    assert_int_equal(count_in_memory(piece.data, piece.len), 1);
    assert_int_equal(count_in_memory(narrow.data, narrow.len), 1);
    assert_int_equal(count_in_memory(wide, sizeof wide), 1);
    secret_free(&narrow);
    secret_free(&piece);
    assert_result(NetUnjoinDomain(NULL, NULL, NULL, 0), NERR_Success);
#else
    skip();
#endif
}

static void cancel_once(void *arg, int level UNUSED, const char *line UNUSED)
{
    if (!*(bool *)arg)
        joinery_cancel();
    *(bool *)arg = true;
}

/* A cancelled call leaves no account behind: the next one makes it anew. */
static void test_cancel(void **s UNUSED)
{
    const char *text = NULL;
    bool told = false;
    joinery_set_log(cancel_once, &told);
    assert_result(
        NetProvisionComputerAccount(domain, "api-cancel", NULL, NULL, 0, NULL, NULL, &text),
        ERROR_CANCELLED);
    joinery_set_log(NULL, NULL);
    assert_true(told);
    assert_null(text);
    assert_result(
        NetProvisionComputerAccount(domain, "api-cancel", NULL, NULL, 0, NULL, NULL, &text),
        NERR_Success);
    NetApiBufferFree((void *)text);
}

/* The account: as it was set, of the standing answers, or the caller's own ticket. */
static void test_who_asks(void **s UNUSED)
{
    const char *text = NULL;
    AUTOFREE char *ini = xasprintf("[credentials]\naccount = joiner\npassword_file = %s\n"
                                   "[domain]\nou = OU=Kiosks," BASE "\n"
                                   "[offline]\nbatch = /nowhere.csv\nformat = cms\n",
                                   getenv("JT_JOINER_PASSWORD_FILE"));
    assert_int_equal(joinery_set_credentials(NULL, NULL), NERR_Success);
    assert_result(NetProvisionComputerAccount(domain, "api-who", NULL, NULL, 0, NULL, NULL, &text),
                  1312); /* no ticket */
    assert_int_equal(joinery_set_config(ini), NERR_Success);
    assert_result(NetProvisionComputerAccount(domain, "api-who", "OU=Kiosks," BASE, NULL, 0, NULL,
                                              NULL, &text),
                  NERR_Success);
    NetApiBufferFree((void *)text);
    text = NULL;
    assert_int_equal(joinery_set_credentials(account, "not the password"), NERR_Success);
    assert_result(NetProvisionComputerAccount(domain, "api-who2", NULL, NULL, 0, NULL, NULL, &text),
                  ERROR_LOGON_FAILURE);
    assert_null(text);
    assert_int_equal(joinery_set_config(NULL), NERR_Success);
    assert_int_equal(joinery_set_credentials(account, password), NERR_Success);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_forms),        cmocka_unit_test(test_package),
        cmocka_unit_test(test_package_version_1), cmocka_unit_test(test_made_and_applied),
        cmocka_unit_test(test_nothing_stays),     cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_who_asks),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, NULL);
}
