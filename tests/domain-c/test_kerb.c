/* Kerberos against the test domain's real KDC. Runs as a client: tests/domain/exec DIR -- this. */
#include <fcntl.h>
#include <gssapi/gssapi.h>
#include <krb5.h>
#include <pthread.h>
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
#include "engine/kerb/kerb.h"

static char dir[64], caller_cache[96];

static const char *env(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        fail_msg("%s is not set: run through tests/domain/exec", name);
    return value;
}

static struct kerb *open_kdc(const char *address_variable)
{
    struct net_addr a;
    struct kerb *k;
    struct err e = {0};
    assert_true(net_addr_parse(env(address_variable), &a));
    struct kerb_target t = {.realm = env("JT_REALM"), .host = env("JT_DC"), .addr = &a, .fd = -1};
    assert_int_equal(kerb_open(&k, &t, &e), 0);
    return k;
}

static void read_secret(const char *which, struct secret *s)
{
    AUTOFREE char *variable = xasprintf("JT_%s_PASSWORD_FILE", which);
    unsigned char text[256];
    int fd = open(env(variable), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    assert_true(n > 0);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    assert_int_equal(secret_set(s, text, (size_t)n), 0);
}

static int log_in(struct kerb *k, const char *name, const char *password, struct kerb_cred **c,
                  struct err *e)
{
    struct secret s = {0};
    read_secret(password, &s);
    int rc = kerb_login_password(k, name, &s, c, e);
    secret_free(&s);
    return rc;
}

static struct kerb_cred *joiner(struct kerb *k)
{
    struct kerb_cred *c = NULL;
    struct err e = {0};
    if (log_in(k, "joiner@CORP.EXAMPLE.COM", "JOINER", &c, &e) < 0)
        fail_msg("joiner: %s", e.raw);
    return c;
}

/* ---- account states ---- */

static const struct {
    const char *name, *password;
    uint32_t code;
    enum cause cause;
    unsigned exchanges; /* no more than one attempt with the password */
} states[] = {
    {"joiner@CORP.EXAMPLE.COM", "JOINER", 0, CAUSE_NONE, 2},
    {"joiner@corp.example.com", "JOINER", 0, CAUSE_NONE, 2},
    {"JOINER@corp.example.com", "JOINER", 0, CAUSE_NONE, 2},
    {"joiner", "JOINER", 0, CAUSE_NONE, 2},
    {"unicode@CORP.EXAMPLE.COM", "UNICODE", 0, CAUSE_NONE, 2},
    {"user1@CORP.EXAMPLE.COM", "WRONG", 1326, CAUSE_KDC_WRONG_PASSWORD, 2},
    {"nobody@CORP.EXAMPLE.COM", "WRONG", 1317, CAUSE_KDC_UNKNOWN_USER, 1},
    {"joiner@elsewhere.example", "JOINER", 1317, CAUSE_KDC_UNKNOWN_USER, 1},
    {"disabled@CORP.EXAMPLE.COM", "DISABLED", 1331, CAUSE_KDC_DISABLED, 2},
    {"expired@CORP.EXAMPLE.COM", "EXPIRED", 1793, CAUSE_KDC_EXPIRED, 2},
    {"locked@CORP.EXAMPLE.COM", "LOCKED", 1909, CAUSE_KDC_LOCKED, 2},
    {"locked@CORP.EXAMPLE.COM", "WRONG", 1909, CAUSE_KDC_LOCKED, 2},
    {"mustchange@CORP.EXAMPLE.COM", "MUSTCHANGE", 1907, CAUSE_KDC_MUST_CHANGE, 2},
    {"pwexpired@CORP.EXAMPLE.COM", "PWEXPIRED", 1330, CAUSE_KDC_PASSWORD_EXPIRED, 2},
};

static void test_account_states(void **s UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(states); i++) {
        struct kerb *k = open_kdc("JT_DC_ADDR");
        struct kerb_cred *c = NULL;
        struct err e = {0};
        unsigned exchanges, connects;
        int rc = log_in(k, states[i].name, states[i].password, &c, &e);
        kerb_counts(k, &exchanges, &connects);
        if (e.cause != states[i].cause || e.code != states[i].code)
            fail_msg("%s: %u cause %d (%s)", states[i].name, e.code, e.cause, e.raw);
        assert_int_equal(rc, states[i].code ? -1 : 0);
        assert_int_equal(exchanges, states[i].exchanges);
        assert_int_equal(connects, 1);
        if (rc < 0) {
            assert_int_equal(e.src, ERR_SRC_KDC);
            assert_memory_equal(e.raw, "KRB error ", 10);
            assert_string_equal(err_fact_get(&e, FACT_ACCOUNT), states[i].name);
        }
        kerb_cred_free(c);
        kerb_free(k);
    }
}

static void test_empty_password(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    struct secret none = {0};
    assert_int_equal(kerb_login_password(k, "user1@CORP.EXAMPLE.COM", &none, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_KDC_WRONG_PASSWORD);
    kerb_free(k);
}

static void test_offset(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    long offset = 77, clock = atol(getenv("JT_CLOCK") ? getenv("JT_CLOCK") : "0");
    assert_false(kerb_time_offset(k, &offset));
    struct kerb_login *l;
    struct kerb_hint h;
    struct err e = {0};
    assert_int_equal(kerb_login_start(k, "joiner@CORP.EXAMPLE.COM", &l, &e), 0);
    assert_int_equal(kerb_login_hint(l, &h, &e), 0);
    /* known before any secret was sent */
    assert_true(kerb_time_offset(k, &offset));
    assert_in_range(offset + clock + 5, 0, 10);
    kerb_login_free(l);
    kerb_free(k);
}

/* ---- tickets and GSSAPI ---- */

static void init_context(bool expect)
{
    gss_OID_desc spnego = {6, "\x2b\x06\x01\x05\x05\x02"};
    gss_OID_desc krb5 = {9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"};
    gss_OID mechs[] = {&spnego, &krb5};
    AUTOFREE char *service = xasprintf("ldap@%s", env("JT_DC"));
    for (size_t i = 0; i < ARRAY_SIZE(mechs); i++) {
        gss_buffer_desc text = {strlen(service), service}, token = {0, NULL};
        gss_name_t name;
        gss_ctx_id_t ctx = GSS_C_NO_CONTEXT;
        OM_uint32 minor;
        assert_int_equal(gss_import_name(&minor, &text, GSS_C_NT_HOSTBASED_SERVICE, &name), 0);
        OM_uint32 major =
            gss_init_sec_context(&minor, GSS_C_NO_CREDENTIAL, &ctx, name, mechs[i],
                                 GSS_C_MUTUAL_FLAG | GSS_C_CONF_FLAG | GSS_C_INTEG_FLAG, 0, NULL,
                                 NULL, NULL, &token, NULL, NULL);
        assert_int_equal(major, expect ? GSS_S_CONTINUE_NEEDED : GSS_S_NO_CRED);
        assert_true(!expect || token.length > 500);
        gss_release_buffer(&minor, &token);
        gss_delete_sec_context(&minor, &ctx, NULL);
        gss_release_name(&minor, &name);
    }
}

static void *other_thread(void *arg UNUSED)
{
    init_context(false);
    return NULL;
}

/* The process's configuration names no KDC at all: whatever succeeds here did without one. */
static void test_gssapi_finds_the_ticket(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = joiner(k);
    struct err e = {0};
    AUTOFREE char *ldap = xasprintf("ldap/%s", env("JT_DC"));
    const char *spns[] = {ldap};
    unsigned exchanges, connects;
    pthread_t thread;
    assert_int_equal(kerb_service_tickets(k, c, spns, 1, &e), 0);
    assert_int_equal(kerb_service_tickets(k, c, spns, 1, &e),
                     0); /* the second time from the cache */
    kerb_counts(k, &exchanges, &connects);
    assert_int_equal(exchanges, 3);
    assert_int_equal(connects, 1);
    assert_int_equal(kerb_select(c, &e), 0);
    init_context(true);
    assert_int_equal(pthread_create(&thread, NULL, other_thread, NULL), 0);
    pthread_join(thread, NULL); /* selected for one thread only */
    kerb_unselect();
    init_context(false);
    kerb_cred_free(c);
    kerb_free(k);
}

static void test_tickets_together(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR6"); /* and over IPv6 */
    struct kerb_cred *c = joiner(k);
    struct err e = {0};
    AUTOFREE char *a = xasprintf("ldap/%s", env("JT_DC"));
    AUTOFREE char *b = xasprintf("host/%s", env("JT_DC"));
    AUTOFREE char *d = xasprintf("cifs/%s", env("JT_DC"));
    const char *spns[] = {a, b, d};
    unsigned exchanges, connects;
    if (kerb_service_tickets(k, c, spns, 3, &e) < 0)
        fail_msg("%s", e.raw);
    kerb_counts(k, &exchanges, &connects);
    assert_int_equal(exchanges, 5);
    assert_int_equal(connects, 1);
    kerb_cred_free(c);
    kerb_free(k);
}

static void test_unknown_service(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = joiner(k);
    struct err e = {0};
    AUTOFREE char *ldap = xasprintf("ldap/%s", env("JT_DC"));
    const char *spns[] = {ldap, "ldap/10.53.1.1"}, *good[] = {ldap};
    assert_int_equal(kerb_service_tickets(k, c, spns, 2, &e), -1);
    assert_int_equal(e.code, 1396);
    assert_int_equal(e.cause, CAUSE_KDC_UNKNOWN_SERVER);
    assert_string_equal(err_fact_get(&e, FACT_SERVICE), "ldap/10.53.1.1");
    e = (struct err){0};
    assert_int_equal(kerb_service_tickets(k, c, good, 1, &e), 0); /* the connection is still good */
    kerb_cred_free(c);
    kerb_free(k);
}

/* ---- the machine ---- */

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
    direct(salt, "MACHINE", 1, 0);
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
                  dir, cache, env("JT_DC"), dir);
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
    char *cache = xasprintf("%s/exported", dir);
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

/* ---- the caller's own ticket ---- */

static void expire_cache(const char *name)
{
    krb5_context ctx;
    krb5_ccache from, to;
    krb5_creds one;
    krb5_cc_cursor cursor;
    krb5_principal client;
    assert_int_equal(krb5_init_context(&ctx), 0);
    assert_int_equal(krb5_cc_resolve(ctx, name, &from), 0);
    assert_int_equal(krb5_cc_new_unique(ctx, "MEMORY", NULL, &to), 0);
    assert_int_equal(krb5_cc_get_principal(ctx, from, &client), 0);
    assert_int_equal(krb5_cc_initialize(ctx, to, client), 0);
    assert_int_equal(krb5_cc_start_seq_get(ctx, from, &cursor), 0);
    while (krb5_cc_next_cred(ctx, from, &cursor, &one) == 0) {
        one.times.endtime = (krb5_timestamp)(time(NULL) - 3600);
        assert_int_equal(krb5_cc_store_cred(ctx, to, &one), 0);
        krb5_free_cred_contents(ctx, &one);
    }
    krb5_cc_end_seq_get(ctx, from, &cursor);
    assert_int_equal(krb5_cc_initialize(ctx, from, client), 0);
    assert_int_equal(krb5_cc_copy_creds(ctx, to, from), 0);
    krb5_free_principal(ctx, client);
    krb5_cc_close(ctx, from);
    krb5_cc_destroy(ctx, to);
    krb5_free_context(ctx);
}

static void test_callers_ticket(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *own = joiner(k), *c = NULL;
    struct err e = {0};
    AUTOFREE char *name = xasprintf("FILE:%s", caller_cache);
    AUTOFREE char *ldap = xasprintf("ldap/%s", env("JT_DC"));
    const char *spns[] = {ldap};
    assert_string_equal(kerb_caller_ccname(), name);
    assert_int_equal(kerb_login_default(k, &c, &e), -1);
    assert_int_equal(e.code, 1312);
    assert_int_equal(e.cause, CAUSE_NO_TICKET);
    assert_string_equal(err_fact_get(&e, FACT_FILE), name);

    e = (struct err){0};
    assert_int_equal(kerb_export_ccache(own, caller_cache, &e), 0);
    assert_int_equal(kerb_login_default(k, &c, &e), 0);
    assert_string_equal(kerb_cred_principal(c), "joiner@CORP.EXAMPLE.COM");
    assert_int_equal(kerb_service_tickets(k, c, spns, 1, &e), 0);
    assert_int_equal(kerb_select(c, &e), 0);
    init_context(true);
    kerb_unselect();
    kerb_cred_free(c);

    expire_cache(name);
    assert_int_equal(kerb_login_default(k, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_TICKET_EXPIRED);
    unlink(caller_cache);
    kerb_cred_free(own);
    kerb_free(k);
}

static void test_cancelled(void **s UNUSED)
{
    struct cancel cancel;
    struct net_addr a;
    struct kerb *k;
    struct kerb_login *l;
    struct kerb_hint h;
    struct err e = {0};
    assert_true(net_addr_parse(env("JT_DC_ADDR"), &a));
    assert_int_equal(cancel_init(&cancel, &e), 0);
    struct kerb_target t = {
        .realm = env("JT_REALM"), .host = env("JT_DC"), .addr = &a, .fd = -1, .cancel = &cancel};
    assert_int_equal(kerb_open(&k, &t, &e), 0);
    cancel_fire(&cancel);
    assert_int_equal(kerb_login_start(k, "joiner@CORP.EXAMPLE.COM", &l, &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    cancel_clear(&cancel);
    e = (struct err){0};
    assert_int_equal(kerb_login_start(k, "joiner@CORP.EXAMPLE.COM", &l, &e), 0);
    assert_int_equal(kerb_login_hint(l, &h, &e), 0); /* usable again */
    kerb_login_free(l);
    kerb_free(k);
    cancel_done(&cancel);
}

static int setup(void **s UNUSED)
{
    struct err e = {0};
    snprintf(dir, sizeof dir, "/tmp/test-kerb.XXXXXX");
    if (!mkdtemp(dir))
        return -1;
    snprintf(caller_cache, sizeof caller_cache, "%s/caller", dir);
    AUTOFREE char *name = xasprintf("FILE:%s", caller_cache);
    AUTOFREE char *config = xasprintf("%s/krb5.conf", dir);
    FILE *f = fopen(config, "w"); /* for children: no KDC is named, nor looked for */
    if (!f)
        return -1;
    fputs("[libdefaults]\n rdns = false\n dns_lookup_kdc = false\n"
          " dns_canonicalize_hostname = false\n",
          f);
    fclose(f);
    setenv("KRB5CCNAME", name, 1);
    return kerb_setup_process(&e);
}

static int teardown(void **s UNUSED)
{
    AUTOFREE char *command = xasprintf("rm -rf %s", dir);
    return system(command);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_states),
        cmocka_unit_test(test_empty_password),
        cmocka_unit_test(test_offset),
        cmocka_unit_test(test_gssapi_finds_the_ticket),
        cmocka_unit_test(test_tickets_together),
        cmocka_unit_test(test_unknown_service),
        cmocka_unit_test(test_probe_then_login),
        cmocka_unit_test(test_direct_login),
        cmocka_unit_test(test_keytab),
        cmocka_unit_test(test_wrong_keytab),
        cmocka_unit_test(test_account_without_password),
        cmocka_unit_test(test_callers_ticket),
        cmocka_unit_test(test_cancelled),
    };
    if (!getenv("JT_DC")) {
        puts("skipped: test_kerb needs the test domain (tests/domain/run)");
        return 77;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
