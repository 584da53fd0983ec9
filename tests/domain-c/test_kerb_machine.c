/* The machine's own login, its keytab, and what stays in memory. See test_kerb.c. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/domain-c/kerb_help.h"

#define MACHINE "PRE-SECRET$@CORP.EXAMPLE.COM"

static void test_probe_then_login(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *user = NULL, *machine = NULL;
    struct kerb_login *l;
    struct kerb_hint h;
    struct err e = {0};
    struct secret password = {0};
    unsigned exchanges, connects;
    AUTOFREE char *salt = kerb_machine_salt(env("JT_REALM"), "PRE-SECRET$");
    read_secret("MACHINE", &password);
    assert_int_equal(kerb_login_start(k, MACHINE, &l, &e), 0);
    user = joiner(k); /* other exchanges in between */
    assert_int_equal(kerb_login_hint(l, &h, &e), 0);
    assert_int_equal(h.kdc_error, 25);
    assert_true(h.has_salt);
    assert_false(h.no_password);
    assert_true(h.n_etypes >= 1);
    assert_int_equal(h.etypes[0], KERB_AES256);
    assert_string_equal(h.salt, salt);
    assert_int_equal(kerb_login_finish_password(l, &password, &machine, &e), 0);
    kerb_counts(k, &exchanges, &connects);
    assert_int_equal(exchanges, 4); /* the probe's answer was not asked for again */
    assert_int_equal(connects, 1);
    assert_string_equal(kerb_cred_principal(machine), MACHINE);
    assert_true(kerb_cred_end(machine) > (int64_t)time(NULL));
    kerb_login_free(l);
    kerb_cred_free(user);
    kerb_cred_free(machine);
    secret_free(&password);
    kerb_free(k);
}

static bool clocks_differ(void)
{
    return labs(atol(getenv("JT_CLOCK") ? getenv("JT_CLOCK") : "0")) > 200;
}

/* With a clock that is off, the first attempt serves to learn that. */
static void direct(const char *salt, const char *password_of, unsigned want_exchanges, int want)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *machine = NULL;
    struct kerb_hint h = {0};
    struct err e = {0};
    struct secret password = {0};
    unsigned exchanges, connects;
    read_secret(password_of, &password);
    int rc = kerb_login_machine_direct(k, MACHINE, &password, salt, &h, &machine, &e);
    kerb_counts(k, &exchanges, &connects);
    if (rc != want || exchanges != want_exchanges)
        fail_msg("rc %d, %u exchanges (%s)", rc, exchanges, e.raw);
    if (want < 0)
        assert_int_equal(e.cause, CAUSE_KDC_WRONG_PASSWORD);
    kerb_cred_free(machine);
    secret_free(&password);
    kerb_free(k);
}

static void test_direct_login(void **s UNUSED)
{
    AUTOFREE char *salt = kerb_machine_salt(env("JT_REALM"), "PRE-SECRET$");
    unsigned once = clocks_differ() ? 3 : 1;
    direct(salt, "MACHINE", once, 0);
    direct("CORP.EXAMPLE.COMhostelse.corp.example.com", "MACHINE", 3, 0);
    direct(salt, "WRONG", 1, -1);
}

/* ---- accounts made for one test ---- */

/* A child with nothing but the exported cache: proves that as well. */
static int ldapmodify(const char *cache, const char *ldif)
{
    AUTOFREE char *command =
        xasprintf("KRB5_CONFIG=%s/krb5.conf KRB5CCNAME=FILE:%s ldapmodify -Q -N -Y GSS-SPNEGO "
                  "-O minssf=56 -H ldap://%s >%s/ldapmodify.log 2>&1",
                  test_dir, cache, env("JT_DC"), test_dir);
    FILE *f = popen(command, "w");
    assert_non_null(f);
    fputs(ldif, f);
    return pclose(f);
}

/* Without a password when `more` gives none. */
static void add_computer(const char *cache, const char *name, const char *more)
{
    AUTOFREE char *dn = xasprintf("CN=%s,OU=Kiosks,DC=corp,DC=example,DC=com", name);
    AUTOFREE char *gone = xasprintf("dn: %s\nchangetype: delete\n", dn);
    AUTOFREE char *ldif = xasprintf("dn: %s\nchangetype: add\nobjectClass: computer\n"
                                    "sAMAccountName: %s$\nuserAccountControl: 4096\n%s",
                                    dn, name, more);
    (void)ldapmodify(cache, gone); /* left by a run that was cut short */
    assert_int_equal(ldapmodify(cache, ldif), 0);
}

static void delete_computer(const char *cache, const char *name)
{
    AUTOFREE char *gone =
        xasprintf("dn: CN=%s,OU=Kiosks,DC=corp,DC=example,DC=com\nchangetype: delete\n", name);
    assert_int_equal(ldapmodify(cache, gone), 0);
}

/* The joiner's tickets in a file. */
static char *export_joiner(struct kerb *k)
{
    struct kerb_cred *c = joiner(k);
    struct err e = {0};
    struct stat st;
    char *cache = xasprintf("%s/exported", test_dir);
    AUTOFREE char *ldap = xasprintf("ldap/%s", env("JT_DC"));
    const char *spns[] = {ldap};
    assert_int_equal(kerb_service_tickets(k, c, spns, 1, &e), 0);
    assert_int_equal(kerb_export_ccache(c, cache, &e), 0);
    assert_int_equal(kerb_export_ccache(c, cache, &e), 0); /* replaces what is there */
    assert_int_equal(stat(cache, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    kerb_cred_free(c);
    return cache;
}

#define HOST "host/kerb-test.corp.example.com"

static void build(uint32_t kvno, const char *password_of, struct buf *out)
{
    static const char *const names[] = {"KERB-TEST$", HOST};
    struct kerb_keytab_spec spec = {
        .realm = env("JT_REALM"), .names = names, .n_names = ARRAY_SIZE(names), .kvno = kvno};
    struct secret password = {0};
    struct err e = {0};
    AUTOFREE char *salt = kerb_machine_salt(spec.realm, "KERB-TEST$");
    read_secret(password_of, &password);
    assert_int_equal(kerb_keytab_build(NULL, 0, &spec, &password, salt, out, &e), 0);
    secret_free(&password);
}

/* The right keytab logs in and opens tickets. The computer must be marked as able to do AES before
 * its ticket is asked for, else Samba encrypts that one with RC4. */
static void test_keytab(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    struct buf kt = BUF_SECRET(KERB_KEYTAB_MAX);
    AUTOFREE char *cache = export_joiner(k);
    add_computer(cache, "KERB-TEST",
                 "unicodePwd:: IgBNAGEAYwBoAGkAbgBlAC0AUwBlAGMAcgBlAHQALQAwACEAIgA=\n"
                 "servicePrincipalName: HOST/kerb-test.corp.example.com\n"
                 "msDS-SupportedEncryptionTypes: 24\n");
    build(1, "MACHINE", &kt);
    assert_int_equal(kerb_login_keytab(k, NULL, kt.data, kt.len, &c, &e), 0);
    assert_string_equal(kerb_cred_principal(c), "KERB-TEST$@CORP.EXAMPLE.COM");
    if (kerb_accept(k, c, kt.data, kt.len, HOST, &e) < 0)
        fail_msg("%s", e.raw);
    delete_computer(cache, "KERB-TEST");

    struct buf wrong = BUF_SECRET(KERB_KEYTAB_MAX), number = BUF_SECRET(KERB_KEYTAB_MAX);
    build(1, "WRONG", &wrong);
    build(2, "MACHINE", &number);
    assert_int_equal(kerb_accept(k, c, wrong.data, wrong.len, HOST, &e), -1);
    assert_int_equal(e.cause, CAUSE_VERIFY_FAILED);
    e = (struct err){0};
    assert_int_equal(kerb_accept(k, c, number.data, number.len, HOST, &e), -1);
    assert_int_equal(e.cause, CAUSE_VERIFY_FAILED);
    kerb_cred_free(c);
    buf_free(&kt);
    buf_free(&wrong);
    buf_free(&number);
    kerb_free(k);
}

static void test_wrong_keytab(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    struct buf kt = BUF_SECRET(KERB_KEYTAB_MAX);
    struct secret password = {0};
    static const char *const names[] = {"PRE-SECRET$"};
    struct kerb_keytab_spec spec = {
        .realm = env("JT_REALM"), .names = names, .n_names = 1, .kvno = 1};
    read_secret("WRONG", &password);
    assert_int_equal(kerb_keytab_build(NULL, 0, &spec, &password, "salt", &kt, &e), 0);
    assert_int_equal(kerb_login_keytab(k, MACHINE, kt.data, kt.len, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_KDC_WRONG_PASSWORD);
    e = (struct err){0};
    assert_int_equal(kerb_login_keytab(k, "joiner@CORP.EXAMPLE.COM", kt.data, kt.len, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_KEYTAB_UNREADABLE);
    e = (struct err){0};
    assert_int_equal(kerb_login_keytab(k, NULL, "junk", 4, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_KEYTAB_UNREADABLE);
    secret_free(&password);
    buf_free(&kt);
    kerb_free(k);
}

/* What other tools leave behind when setting the password fails: an account that the KDC has no key
 * for. */
static void test_account_without_password(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *none = NULL;
    struct kerb_login *l;
    struct kerb_hint h;
    struct err e = {0};
    struct secret password = {0};
    AUTOFREE char *cache = export_joiner(k);
    add_computer(cache, "KERB-ORPHAN", "");
    assert_int_equal(kerb_login_start(k, "KERB-ORPHAN$@CORP.EXAMPLE.COM", &l, &e), 0);
    int rc = kerb_login_hint(l, &h, &e);
    if (rc < 0 || !h.no_password)
        fail_msg("rc %d no_password %d error %d %s", rc, h.no_password, h.kdc_error, e.raw);
    read_secret("MACHINE", &password);
    assert_int_equal(kerb_login_finish_password(l, &password, &none, &e), -1);
    assert_int_equal(e.cause, CAUSE_KDC_ETYPE);
    kerb_login_free(l);
    delete_computer(cache, "KERB-ORPHAN");
    secret_free(&password);
    kerb_free(k);
}

/* ---- nothing stays in memory ---- */

static size_t scan(int mem, unsigned long from, unsigned long to, const struct secret *masked)
{
    static unsigned char chunk[1 << 16];
    size_t hits = 0;
    for (unsigned long at = from; at < to; at += sizeof chunk - masked->len) {
        ssize_t n = pread(mem, chunk, sizeof chunk, (off_t)at);
        for (ssize_t i = 0; i + (ssize_t)masked->len <= n; i++) {
            size_t same = 0;
            while (same < masked->len && (chunk[i + (ssize_t)same] ^ 0x5a) == masked->data[same])
                same++;
            hits += same == masked->len;
        }
    }
    explicit_bzero(chunk, sizeof chunk);
    return hits;
}

/* Sanitizers and valgrind map terabytes for their own books; nothing of ours is that large. */
#define MAPPING_MAX (64ul << 20)

/* How often this process's writable memory holds the text, of which only a masked copy is at hand.
 */
static size_t occurrences(const struct secret *masked)
{
    char line[512];
    size_t hits = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    int mem = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    assert_non_null(maps);
    assert_true(mem >= 0);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char perms[5];
        if (sscanf(line, "%lx-%lx %4s", &from, &to, perms) == 3 && perms[1] == 'w' &&
            perms[0] == 'r' && to - from <= MAPPING_MAX)
            hits += scan(mem, from, to, masked);
    }
    fclose(maps);
    close(mem);
    return hits;
}

static void test_password_is_wiped(void **s UNUSED)
{
    struct secret masked = {0}, password = {0};
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    struct buf kt = BUF_SECRET(KERB_KEYTAB_MAX);
    read_secret("MACHINE", &masked);
    for (size_t i = 0; i < masked.len; i++)
        masked.data[i] ^= 0x5a;
    read_secret("MACHINE", &password);
    assert_true(occurrences(&masked) >= 1); /* the search does find it */
    build(1, "MACHINE", &kt);
    assert_int_equal(kerb_login_password(k, MACHINE, &password, &c, &e), 0);
    secret_free(&password);
    kerb_cred_free(c);
    kerb_free(k);
    buf_free(&kt);
    assert_int_equal(occurrences(&masked), 0);
    secret_free(&masked);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_probe_then_login),
        cmocka_unit_test(test_direct_login),
        cmocka_unit_test(test_keytab),
        cmocka_unit_test(test_wrong_keytab),
        cmocka_unit_test(test_account_without_password),
        cmocka_unit_test(test_password_is_wiped),
    };
    if (!getenv("JT_DC")) {
        puts("skipped: test_kerb_machine needs the test domain (tests/domain/run)");
        return 77;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
