/* What a KDC's refusal means, its hints, and the readable parts of its answers. Pure. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/buf.h"
#include "engine/ber/kdcrep.h"
#include "engine/kerb/kerb_cause.h"

static const struct {
    int code;
    uint32_t status; /* 0 = none */
    uint32_t number; /* the system error code it must end as */
    enum cause cause;
} rows[] = {
    {24, 0, 1326, CAUSE_KDC_WRONG_PASSWORD},
    {6, 0, 1317, CAUSE_KDC_UNKNOWN_USER},
    {18, 0xc0000072, 1331, CAUSE_KDC_DISABLED},
    {18, 0xc0000193, 1793, CAUSE_KDC_EXPIRED},
    {18, 0xc000006f, 1328, CAUSE_KDC_LOGON_HOURS},
    {18, 0xc0000070, 1329, CAUSE_KDC_WORKSTATION},
    {18, 0xc0000234, 1909, CAUSE_KDC_LOCKED},
    {18, 0, 1909, CAUSE_KDC_LOCKED},
    {18, 0xc000006e, 1327, CAUSE_KDC_POLICY},
    {18, 0xc0000abc, 1327, CAUSE_KDC_POLICY}, /* a reason nobody knows is no lockout */
    {12, 0xc0000070, 1329, CAUSE_KDC_WORKSTATION},
    {12, 0xc000006f, 1328, CAUSE_KDC_LOGON_HOURS},
    {12, 0xc0000413, 1327, CAUSE_KDC_POLICY},
    {12, 0, 1327, CAUSE_KDC_POLICY},
    {23, 0, 1330, CAUSE_KDC_PASSWORD_EXPIRED},
    {23, 0xc0000071, 1330, CAUSE_KDC_PASSWORD_EXPIRED},
    {23, 0xc0000224, 1907, CAUSE_KDC_MUST_CHANGE},
    {14, 0, 1396, CAUSE_KDC_ETYPE},
    {37, 0, 1398, CAUSE_TIME_SKEW},
    {68, 0, 1317, CAUSE_KDC_WRONG_REALM},
    {7, 0, 1396, CAUSE_KDC_UNKNOWN_SERVER},
    {32, 0, 1312, CAUSE_TICKET_EXPIRED},
};

static void test_causes(void **s UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct kdc_error k = {
            .code = rows[i].code, .has_ntstatus = rows[i].status, .ntstatus = rows[i].status};
        struct err e = {0};
        assert_int_equal(kdc_fail(&k, "joe@CORP", &e), -1);
        assert_int_equal(e.cause, rows[i].cause);
        assert_int_equal(e.code, rows[i].number);
        assert_int_equal(e.src, ERR_SRC_KDC);
        assert_int_equal(e.lib, rows[i].code);
        assert_string_equal(err_fact_get(&e, FACT_ACCOUNT), "joe@CORP");
        char want[32];
        snprintf(want, sizeof want, "KRB error %d ", rows[i].code);
        assert_memory_equal(e.raw, want, strlen(want));
    }
}

/* An error without a row still ends as an error, with the KDC's words. */
static void test_unlisted(void **s UNUSED)
{
    struct kdc_error k = {.code = 4711, .text = "odd"};
    struct err e = {0};
    assert_int_equal(kdc_cause(&k), CAUSE_NONE);
    assert_int_equal(kdc_fail(&k, NULL, &e), -1);
    assert_int_not_equal(e.code, 0);
    assert_string_equal(e.raw, "KRB error 4711: odd");
}

static void test_raw_text(void **s UNUSED)
{
    struct kdc_error k = {
        .code = 18, .has_ntstatus = true, .ntstatus = 0xc0000072, .text = "no\x1b[1m"};
    struct err e = {0};
    (void)kdc_fail(&k, NULL, &e);
    assert_string_equal(e.raw, "KRB error 18 KDC_ERR_CLIENT_REVOKED: no [1m (NTSTATUS 0xc0000072)");
}

/* ---- building messages, inside out ---- */

static struct buf wrap(unsigned char tag, struct buf inner)
{
    struct buf b = BUF_INIT(65536);
    buf_byte(&b, tag);
    if (inner.len < 128) {
        buf_byte(&b, (unsigned char)inner.len);
    } else {
        buf_byte(&b, 0x82);
        buf_byte(&b, (unsigned char)(inner.len >> 8));
        buf_byte(&b, (unsigned char)inner.len);
    }
    buf_put(&b, inner.data, inner.len);
    buf_free(&inner);
    return b;
}

static struct buf bytes(const void *p, size_t n)
{
    struct buf b = BUF_INIT(65536);
    buf_put(&b, p, n);
    return b;
}

static struct buf join(struct buf a, struct buf b)
{
    buf_put(&a, b.data, b.len);
    buf_free(&b);
    return a;
}

static struct buf number(unsigned char n)
{
    return wrap(0x02, bytes(&n, 1));
}

static struct buf string(const char *text)
{
    return wrap(0x1b, bytes(text, strlen(text)));
}

static struct buf padata(unsigned char type, struct buf value)
{
    return wrap(0x30, join(wrap(0xa1, number(type)), wrap(0xa2, wrap(0x04, value))));
}

static struct buf etype_entry(unsigned char etype, const char *salt)
{
    struct buf b = wrap(0xa0, number(etype));
    if (salt)
        b = join(b, wrap(0xa1, string(salt)));
    return wrap(0x30, b);
}

static struct buf principal(const char *first, const char *second)
{
    struct buf names = string(first);
    if (second)
        names = join(names, string(second));
    return wrap(0x30, join(wrap(0xa0, number(2)), wrap(0xa1, wrap(0x30, names))));
}

static struct buf tgs_rep(const char *first, const char *second)
{
    struct buf ticket = wrap(0xa0, number(5));
    ticket = join(ticket, wrap(0xa1, string("CORP.EXAMPLE.COM")));
    ticket = join(ticket, wrap(0xa2, principal(first, second)));
    ticket = join(ticket, wrap(0xa3, wrap(0x30, bytes("", 0))));
    struct buf rep = join(wrap(0xa0, number(5)), wrap(0xa1, number(13)));
    rep = join(rep, wrap(0xa5, wrap(0x61, wrap(0x30, ticket))));
    return wrap(0x6d, wrap(0x30, rep));
}

/* ---- hints ---- */

static struct buf hints(struct buf entries)
{
    return wrap(0x30, join(join(padata(2, bytes("", 0)), padata(19, wrap(0x30, entries))),
                           padata(16, bytes("", 0))));
}

static void test_hint(void **s UNUSED)
{
    struct kerb_hint h = {0};
    struct buf m = hints(join(etype_entry(23, NULL),
                              join(etype_entry(18, "REALMjoe"), etype_entry(17, "REALMjoe"))));
    assert_true(kdc_read_hint(m.data, m.len, &h));
    assert_int_equal(h.n_etypes, 3);
    assert_int_equal(h.etypes[0], 23);
    assert_int_equal(h.etypes[1], 18);
    assert_int_equal(h.etypes[2], 17);
    assert_true(h.has_salt);
    assert_string_equal(h.salt, "REALMjoe");
    /* Every cut and every changed byte is survived, and never reads outside (see the sanitizers).
     */
    for (size_t n = 0; n < m.len; n++) {
        unsigned char *cut = malloc(n ? n : 1);
        memcpy(cut, m.data, n);
        h = (struct kerb_hint){0};
        assert_false(kdc_read_hint(cut, n, &h));
        free(cut);
    }
    for (size_t at = 0; at < m.len; at++) {
        for (unsigned v = 0; v < 256; v++) {
            unsigned char keep = m.data[at];
            m.data[at] = (unsigned char)v;
            h = (struct kerb_hint){0};
            (void)kdc_read_hint(m.data, m.len, &h);
            assert_true(h.n_etypes <= ARRAY_SIZE(h.etypes));
            assert_non_null(memchr(h.salt, 0, sizeof h.salt));
            m.data[at] = keep;
        }
    }
    buf_free(&m);
}

static void test_hint_limits(void **s UNUSED)
{
    struct kerb_hint h = {0};
    char longer[400];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    struct buf m = hints(join(etype_entry(18, longer), etype_entry(17, "short")));
    assert_true(kdc_read_hint(m.data, m.len, &h));
    assert_string_equal(h.salt, "short"); /* a salt that does not fit is not cut */
    buf_free(&m);

    struct buf many = etype_entry(18, "a");
    for (int i = 0; i < 40; i++)
        many = join(many, etype_entry(17, "a"));
    h = (struct kerb_hint){0};
    m = hints(many);
    assert_true(kdc_read_hint(m.data, m.len, &h));
    assert_int_equal(h.n_etypes, ARRAY_SIZE(h.etypes));
    buf_free(&m);

    h = (struct kerb_hint){0};
    m = wrap(0x30, padata(2, bytes("", 0)));
    assert_false(kdc_read_hint(m.data, m.len, &h)); /* no PA-ETYPE-INFO2 at all */
    assert_false(kdc_read_hint(NULL, 0, &h));
    buf_free(&m);
}

/* ---- server names ---- */

static void test_server_name(void **s UNUSED)
{
    char name[64];
    struct buf m = tgs_rep("ldap", "dc1.corp.example.com");
    assert_true(ber_kdc_server_name(m.data, m.len, name, sizeof name));
    assert_string_equal(name, "ldap/dc1.corp.example.com");
    assert_false(ber_kdc_server_name(m.data, m.len, name, 10));
    assert_false(ber_kdc_server_name(m.data, m.len, name, 25)); /* one short of the terminator */
    assert_true(ber_kdc_server_name(m.data, m.len, name, 26));
    assert_false(ber_kdc_is_error(m.data, m.len));
    for (size_t n = 0; n < m.len; n++) {
        unsigned char *cut = malloc(n ? n : 1);
        memcpy(cut, m.data, n);
        assert_false(ber_kdc_server_name(cut, n, name, sizeof name));
        free(cut);
    }
    for (size_t at = 0; at < m.len; at++) {
        for (unsigned v = 0; v < 256; v++) {
            unsigned char keep = m.data[at];
            m.data[at] = (unsigned char)v;
            if (ber_kdc_server_name(m.data, m.len, name, sizeof name))
                assert_true(strlen(name) < sizeof name);
            m.data[at] = keep;
        }
    }
    buf_free(&m);

    m = tgs_rep("NAME$", NULL);
    assert_true(ber_kdc_server_name(m.data, m.len, name, sizeof name));
    assert_string_equal(name, "NAME$");
    buf_free(&m);

    m = wrap(0x7e, wrap(0x30, join(wrap(0xa0, number(5)), wrap(0xaa, principal("host", "x")))));
    assert_true(ber_kdc_is_error(m.data, m.len));
    assert_true(ber_kdc_server_name(m.data, m.len, name, sizeof name));
    assert_string_equal(name, "host/x");
    buf_free(&m);
}

static void test_as_rep_padata(void **s UNUSED)
{
    const unsigned char *part;
    size_t len;
    struct kerb_hint h = {0};
    struct buf m = wrap(0x6b, wrap(0x30, join(join(wrap(0xa0, number(5)), wrap(0xa1, number(11))),
                                              wrap(0xa2, hints(etype_entry(18, "the salt"))))));
    assert_true(ber_as_rep_padata(m.data, m.len, &part, &len));
    assert_true(kdc_read_hint(part, len, &h));
    assert_string_equal(h.salt, "the salt");
    for (size_t n = 0; n < m.len; n++)
        assert_false(ber_as_rep_padata(m.data, n, &part, &len));
    buf_free(&m);
    m = wrap(0x6b, wrap(0x30, join(wrap(0xa0, number(5)), wrap(0xa1, number(11)))));
    assert_false(ber_as_rep_padata(m.data, m.len, &part, &len));
    buf_free(&m);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_causes),        cmocka_unit_test(test_unlisted),
        cmocka_unit_test(test_raw_text),      cmocka_unit_test(test_hint),
        cmocka_unit_test(test_hint_limits),   cmocka_unit_test(test_server_name),
        cmocka_unit_test(test_as_rep_padata),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
