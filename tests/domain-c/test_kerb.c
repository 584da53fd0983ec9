/* Kerberos against the test domain's real KDC. Runs as a client: tests/domain/exec DIR -- this. */
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
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/domain-c/kerb_help.h"

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

/* A good login takes the count of bad ones back, so that this file can be run again and again. */
static void forgive_user1(void)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    if (log_in(k, "user1@CORP.EXAMPLE.COM", "USER1", &c, &e) < 0)
        fail_msg("user1: %s", e.raw);
    kerb_cred_free(c);
    kerb_free(k);
}

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
    forgive_user1();
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
    forgive_user1();
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

/* Requests of both kinds on the wire at once, and one that is given up. */
static void test_tickets_in_two_halves(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = joiner(k), *again = NULL;
    struct kerb_login *l;
    struct kerb_tickets *kept, *dropped;
    struct err e = {0};
    struct secret password = {0};
    AUTOFREE char *ldap = xasprintf("ldap/%s", env("JT_DC"));
    AUTOFREE char *host = xasprintf("host/%s", env("JT_DC"));
    const char *first[] = {ldap}, *second[] = {host};
    read_secret("JOINER", &password);
    assert_int_equal(kerb_login_start(k, "joiner@CORP.EXAMPLE.COM", &l, &e), 0);
    assert_int_equal(kerb_tickets_start(k, c, first, 1, &kept, &e), 0);
    assert_int_equal(kerb_login_finish_password(l, &password, &again, &e), 0);
    assert_int_equal(kerb_tickets_start(k, again, second, 1, &dropped, &e), 0);
    kerb_tickets_free(dropped);
    assert_int_equal(kerb_tickets_finish(kept, &e), 0);
    assert_int_equal(kerb_select(c, &e), 0);
    init_context(true);
    kerb_unselect();
    kerb_login_free(l);
    kerb_cred_free(again);
    kerb_cred_free(c);
    secret_free(&password);
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
    AUTOFREE char *caller_cache = xasprintf("%s/caller", test_dir);
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

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_account_states),   cmocka_unit_test(test_empty_password),
        cmocka_unit_test(test_offset),           cmocka_unit_test(test_gssapi_finds_the_ticket),
        cmocka_unit_test(test_tickets_together), cmocka_unit_test(test_tickets_in_two_halves),
        cmocka_unit_test(test_unknown_service),  cmocka_unit_test(test_callers_ticket),
        cmocka_unit_test(test_cancelled),
    };
    if (!getenv("JT_DC")) {
        puts("skipped: test_kerb needs the test domain (tests/domain/run)");
        return 77;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
