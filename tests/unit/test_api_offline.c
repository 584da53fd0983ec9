/* The calls of the offline domain join: what they refuse by looking at the call, the data and the
 * system that it is for. The network is not needed. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/offline/offline.h"
#include "engine/tables/codes.h"
#include "tests/unit/odj_sample.h"
#include "tests/unit/scratch.h"

#include "engine/api/joinery.h"

#define DOMAIN "corp.example.com"

static char *root;

static int setup(void **s UNUSED)
{
    root = scratch_new();
    scratch_put(root, "/etc/hostname", "template\n", 0644);
    scratch_put(root, "/etc/os-release", "ID=debian\n", 0644);
    scratch_put(root, "/etc/passwd", "root:x:0:0:root:/root:/bin/sh\n", 0644);
    return 0;
}

static int teardown(void **s UNUSED)
{
    scratch_drop(root);
    (void)joinery_set_passphrase(NULL);
    (void)joinery_set_credentials(NULL, NULL);
    return (int)joinery_set_config(NULL);
}

static void assert_cause(uint32_t got, enum cause cause)
{
    const struct joinery_error *e = joinery_last_error();
    assert_int_equal(got, cause_code(cause));
    assert_int_equal(e->code, got);
    assert_string_equal(e->what, cause_row(cause)->what);
}

static uint32_t provision(const char *domain, const char *name, uint32_t flags)
{
    const char *text = "not touched";
    uint32_t r = NetProvisionComputerAccount(domain, name, NULL, NULL, flags, NULL, NULL, &text);
    assert_null(text);
    return r;
}

/* Exactly one output, and a size exactly where there is a binary one. */
static void test_outputs(void **s UNUSED)
{
    uint8_t *bin;
    uint32_t size;
    const char *text;
    for (int i = 0; i < 8; i++) {
        bool b = i & 1, n = i & 2, t = i & 4;
        uint32_t r = NetProvisionComputerAccount(DOMAIN, NULL, NULL, NULL, 0, b ? &bin : NULL,
                                                 n ? &size : NULL, t ? &text : NULL);
        assert_cause(r, (b && n && !t) || (t && !b && !n) ? CAUSE_PROVISION_NAME_MISSING
                                                          : CAUSE_PARAMETER);
    }
}

static void test_parameters(void **s UNUSED)
{
    assert_cause(provision(NULL, "pc1", 0), CAUSE_DOMAIN_MISSING);
    assert_cause(provision("", "pc1", 0), CAUSE_DOMAIN_MISSING);
    assert_cause(provision(DOMAIN, NULL, 0), CAUSE_PROVISION_NAME_MISSING);
    assert_cause(provision(DOMAIN, "", 0), CAUSE_PROVISION_NAME_MISSING);
    assert_cause(provision(DOMAIN, "pc/1", 0), CAUSE_COMPUTER_NAME_BAD);
    assert_cause(provision(DOMAIN, "{serial}", 0), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(provision("bad name", "pc1", 0), cause_code(CAUSE_DOMAIN_NAME_BAD));
    assert_cause(provision(DOMAIN, "pc\xff", 0), CAUSE_NAME_NOT_ASCII);
    const char *text;
    assert_cause(NetProvisionComputerAccount(DOMAIN, "pc1", "Kiosks", NULL, 0, NULL, NULL, &text),
                 CAUSE_OU_MALFORMED);
    assert_cause(NetProvisionComputerAccount(DOMAIN, "pc1", "OU=a,DC=b", NULL,
                                             NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT, NULL, NULL,
                                             &text),
                 CAUSE_DOWNLEVEL_WITH_OU);
    assert_cause(provision(DOMAIN, "pc1", NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH),
                 CAUSE_SKIP_SEARCH_NEEDS_CONTROLLER);
}

/* Every bit but the four of its page. */
static void test_bits(void **s UNUSED)
{
    for (int bit = 4; bit < 32; bit++)
        assert_cause(provision(DOMAIN, "pc1", 1u << bit), CAUSE_UNKNOWN_FLAG);
    for (int bit = 0; bit < 32; bit++)
        if (1u << bit != NETSETUP_PROVISION_ONLINE_CALLER && 1u << bit != NETSETUP_SET_MACHINE_NAME)
            assert_cause(NetRequestOfflineDomainJoin((const uint8_t *)"x", 1, 1u << bit, root),
                         CAUSE_UNKNOWN_FLAG);
}

static uint32_t create(struct NETSETUP_PROVISIONING_PARAMS p)
{
    const char *text;
    if (!p.lpDomain)
        p.lpDomain = DOMAIN;
    if (!p.lpHostName)
        p.lpHostName = "pc1";
    return NetCreateProvisioningPackage(&p, NULL, NULL, &text);
}

static void test_package(void **s UNUSED)
{
    static const char *const comma[] = {"a", "b,c"}, *const null[] = {NULL};
    const char *text;
    uint32_t v1 = NETSETUP_PROVISIONING_PARAMS_WIN8_VERSION,
             v2 = NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION;
    assert_cause(NetCreateProvisioningPackage(NULL, NULL, NULL, &text), CAUSE_PARAMETER);
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){.dwVersion = 0}), CAUSE_PARAMETER);
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){.dwVersion = 3}), CAUSE_PARAMETER);
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){
                     .dwVersion = v2, .dwProvisionOptions = NETSETUP_PROVISION_PERSISTENTSITE}),
                 CAUSE_PERSISTENT_NEEDS_SITE);
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){
                     .dwVersion = v1, .dwProvisionOptions = NETSETUP_PROVISION_PERSISTENTSITE}),
                 CAUSE_UNKNOWN_FLAG);
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){
                     .dwVersion = v1, .aCertTemplateNames = comma, .cCertTemplateNames = 2}),
                 CAUSE_PARAMETER);
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){
                     .dwVersion = v1, .aMachinePolicyNames = null, .cMachinePolicyNames = 1}),
                 CAUSE_PARAMETER);
    /* A pointer from beyond a structure of version 1 would be followed here. */
    const char *bad = (const char *)8;
    assert_cause(create((struct NETSETUP_PROVISIONING_PARAMS){.dwVersion = v1,
                                                              .lpDomain = "bad name",
                                                              .lpNetbiosName = bad,
                                                              .lpSiteName = bad,
                                                              .lpPrimaryDNSDomain = bad}),
                 CAUSE_DOMAIN_NAME_BAD);
    struct NETSETUP_PROVISIONING_PARAMS none = {.dwVersion = v1, .lpHostName = "pc1"};
    assert_cause(NetCreateProvisioningPackage(&none, NULL, NULL, &text), CAUSE_DOMAIN_MISSING);
}

static void test_account(void **s UNUSED)
{
    assert_cause(joinery_set_credentials("a@b.example", NULL), CAUSE_PASSWORD_MISSING);
    assert_cause(joinery_set_credentials(NULL, "pw"), CAUSE_PASSWORD_WITHOUT_ACCOUNT);
    char *longer = xcalloc(1, 2000);
    memset(longer, 'x', 1999);
    assert_int_equal(joinery_set_credentials("a@b.example", longer), ERROR_INVALID_PASSWORD);
    assert_int_equal(joinery_set_passphrase(longer), ERROR_INVALID_PASSWORD);
    free(longer);
    assert_int_equal(joinery_set_credentials("a@b.example", "pw"), NERR_Success);
    assert_int_equal(joinery_set_credentials(NULL, NULL), NERR_Success);
    /* Of the standing answers: the password's file is read, or the lack of one is told. */
    assert_int_equal(joinery_set_config("[credentials]\naccount = a@b.example\n"), NERR_Success);
    assert_cause(provision(DOMAIN, "pc1", 0), CAUSE_PASSWORD_MISSING);
    assert_int_equal(
        joinery_set_config("[credentials]\naccount = a@b.example\npassword_file = /nowhere/x\n"),
        NERR_Success);
    assert_int_equal(provision(DOMAIN, "pc1", 0), cause_code(CAUSE_FILE_READ_FAILED));
}

/* ---- putting it in ---- */

static struct buf sample(void)
{
    struct odj CLEANUP(odj_free) o = {0};
    struct buf b = BUF_SECRET(1 << 20);
    struct err e = {0};
    struct odj_join j;
    struct odj_package *p;
    sample_join(&j);
    assert_int_equal(odj_start(&o, &j, &p, &e), 0);
    assert_int_equal(odj_write(&o, &b, &e), 0);
    return b;
}

static uint32_t request(const struct buf *b, uint32_t flags, const char *path)
{
    uint32_t a = NetRequestOfflineDomainJoin(b->data, (uint32_t)b->len, flags, path);
    uint32_t c = NetRequestProvisioningPackageInstall(b->data, (uint32_t)b->len, flags, path, NULL);
    assert_int_equal(a, c);
    assert_false(joinery_restart_needed());
    return a;
}

static void test_request(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = sample(), damaged = BUF_INIT(1 << 20);
    AUTOFREE char *before = scratch_picture(root, "", NULL);
    AUTOFREE char *file = xasprintf("%s/etc/hostname", root);
    AUTOFREE char *empty = xasprintf("%s/etc", root);
    const struct buf nothing = {0}, no_size = {.data = b.data};
    assert_cause(request(&nothing, 0, root), CAUSE_OFFLINE_INPUT_MISSING);
    assert_cause(request(&no_size, 0, root), CAUSE_OFFLINE_INPUT_MISSING);
    assert_cause(request(&b, 0, NULL), CAUSE_PARAMETER);
    assert_cause(request(&b, 0, ""), CAUSE_PARAMETER);
    assert_cause(NetRequestProvisioningPackageInstall(b.data, (uint32_t)b.len, 0, root, root),
                 CAUSE_PARAMETER);
    assert_cause(request(&b, 0, "/nowhere/at/all"), CAUSE_IMAGE_NO_SYSTEM);
    assert_cause(request(&b, 0, empty), CAUSE_IMAGE_NO_SYSTEM);
    assert_cause(request(&b, 0, file), CAUSE_IMAGE_IS_FILE);
    assert_cause(request(&b, 0, "\\\\server\\share\\Windows"), CAUSE_UNC_NOT_MOUNTED);
    assert_cause(request(&b, 0, "/"), CAUSE_IMAGE_IS_RUNNING);
    assert_cause(request(&b, NETSETUP_PROVISION_ONLINE_CALLER, root), CAUSE_ONLINE_CALLER_IMAGE);
    buf_put(&damaged, b.data, b.len - 9);
    assert_int_equal(request(&damaged, 0, root), NERR_BadOfflineJoinInfo);
    buf_put(&damaged, b.data + b.len - 9, 9);
    damaged.data[0x14] = 2; /* ulVersion */
    assert_int_equal(request(&damaged, 0, root), NERR_ProvisioningBlobUnsupported);
    const struct buf text = {.data = (unsigned char *)"ARAIAMzMzMx!", .len = 12};
    assert_int_equal(request(&text, 0, root), NERR_BadOfflineJoinInfo);
    AUTOFREE char *after = scratch_picture(root, "", NULL);
    assert_string_equal(before, after);
}

/* Without domain, name or password: 87. */
static void test_incomplete(void **s UNUSED)
{
    for (int lacks = 0; lacks < 3; lacks++) {
        struct odj CLEANUP(odj_free) o = {0};
        struct buf CLEANUP(buf_free) b = BUF_SECRET(1 << 20);
        struct err e = {0};
        sample_win7(&o);
        struct odj_join *j = &o.blobs[0].u.join;
        if (lacks == 0)
            free(TAKE(j->domain));
        else if (lacks == 1)
            j->machine[0] = '\0';
        else
            secret_free(&j->password);
        assert_int_equal(odj_write(&o, &b, &e), 0);
        assert_cause(request(&b, 0, root), CAUSE_OFFLINE_DATA_INCOMPLETE);
    }
}

static void test_envelope(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = sample(), sealed = BUF_SECRET(1 << 20);
    struct secret CLEANUP(secret_free) p = {0};
    struct err e = {0};
    assert_int_equal(secret_set(&p, "open sesame", 11), 0);
    const struct cms_target to = {.passphrase = &p};
    assert_int_equal(offline_write(b.data, b.len, OFFLINE_CMS, NULL, &to, &sealed, &e), 0);
    assert_cause(request(&sealed, 0, "/nowhere"), CAUSE_PASSPHRASE_MISSING);
    assert_int_equal(joinery_set_passphrase("close sesame"), NERR_Success);
    assert_cause(request(&sealed, 0, "/nowhere"), CAUSE_PASSPHRASE_WRONG);
    assert_int_equal(joinery_set_passphrase("open sesame"), NERR_Success);
    assert_cause(request(&sealed, 0, "/nowhere"), CAUSE_IMAGE_NO_SYSTEM);
    assert_int_equal(joinery_set_passphrase(NULL), NERR_Success);
    assert_cause(request(&sealed, 0, "/nowhere"), CAUSE_PASSPHRASE_MISSING);
    AUTOFREE char *ini = xasprintf("[offline]\npassphrase_file = %s/phrase\n", root);
    scratch_put(root, "/phrase", "open sesame\n", 0600);
    assert_int_equal(joinery_set_config(ini), NERR_Success);
    assert_cause(request(&sealed, 0, "/nowhere"), CAUSE_IMAGE_NO_SYSTEM);
}

static void test_not_root(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = sample();
    int status;
    if (geteuid() != 0)
        skip();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        if (setgid(65534) != 0 || setuid(65534) != 0)
            _exit(1);
        _exit(NetRequestOfflineDomainJoin(b.data, (uint32_t)b.len, NETSETUP_PROVISION_ONLINE_CALLER,
                                          "/") == ERROR_ELEVATION_REQUIRED
                  ? 0
                  : 2);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_buffer_free(void **s UNUSED)
{
    assert_int_equal(NetApiBufferFree(NULL), NERR_Success);
    assert_int_equal(NetApiBufferFree(xstrdup("a password")), NERR_Success);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_outputs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_parameters, setup, teardown),
        cmocka_unit_test_setup_teardown(test_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_package, setup, teardown),
        cmocka_unit_test_setup_teardown(test_account, setup, teardown),
        cmocka_unit_test_setup_teardown(test_request, setup, teardown),
        cmocka_unit_test_setup_teardown(test_incomplete, setup, teardown),
        cmocka_unit_test_setup_teardown(test_envelope, setup, teardown),
        cmocka_unit_test_setup_teardown(test_not_root, setup, teardown),
        cmocka_unit_test(test_buffer_free),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
