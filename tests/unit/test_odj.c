/* Provisioning data: what it looks like, and that nothing gets lost on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "odj_sample.h"

#define CHARS42 "0123456789abcdefghijklmnopqrstuvwxyz-/+_!"

/* ---- the published layout, built by hand ---- */

/* An ODJ_WIN7BLOB of 664 bytes; `base` is where it begins. */
static void put_win7(struct buf *b, size_t base)
{
    static const unsigned char guid[GUID_BYTES] = {0x3b, 0x2c, 0x1d, 0x6f, 0x59, 0x4a, 0x87, 0x46,
                                                   0x9c, 0x7d, 0x0e, 0x1f, 0x2a, 0x3b, 0x4c, 0x5d};
    static const unsigned char sid[24] = {1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0,
                                          1, 0, 0, 0, 2, 0, 0, 0, 3,  0, 0, 0};
    put_header(b, 648);
    for (uint32_t r = 0x20000; r <= 0x2000c; r += 4)
        put32(b, r); /* top, lpDomain, lpMachineName, lpMachinePassword */
    put32(b, 8 | 10 << 16);
    put32(b, 0x20010);
    put32(b, 34 | 36 << 16);
    put32(b, 0x20014);
    put32(b, 24 | 26 << 16);
    put32(b, 0x20018);
    buf_put(b, guid, sizeof guid);
    put32(b, 0x2001c); /* Sid */
    put32(b, 0x20020); /* DomainControllerName */
    put32(b, 0x20024); /* DomainControllerAddress */
    put32(b, 1);
    buf_put(b, guid, sizeof guid);
    put32(b, 0x20028);    /* DomainName */
    put32(b, 0x2002c);    /* DnsForestName */
    put32(b, 0xe003f1fc); /* Flags */
    put32(b, 0x20030);    /* DcSiteName */
    put32(b, 0);          /* ClientSiteName */
    put32(b, 0);          /* Options */
    assert_int_equal(b->len - base, 0x80);
    put_string(b, "corp.example.test");
    put_string(b, "LAB-PC-042");
    put_string(b, CHARS42);
    put_counted(b, "CORP");
    put_counted(b, "corp.example.test");
    put_counted(b, "example.test");
    put32(b, 4);
    buf_put(b, sid, sizeof sid);
    put_string(b, "\\\\DC01.corp.example.test");
    put_string(b, "\\\\2001:db8::10");
    put_string(b, "corp.example.test");
    put_string(b, "example.test");
    put_string(b, "Berlin");
    assert_int_equal(b->len - base, 0x296);
    put16(b, 0); /* to a multiple of eight from the body on */
    assert_int_equal(b->len - base, 664);
}

static void put_example(struct buf *b)
{
    put_header(b, 704);
    put32(b, 0x20000);
    put32(b, 1); /* ulVersion */
    put32(b, 1); /* ulcBlobs */
    put32(b, 0x20004);
    put32(b, 1);
    put32(b, 1); /* ulODJFormat */
    put32(b, 664);
    put32(b, 0x20008);
    put32(b, 664);
    assert_int_equal(b->len, 0x34);
    put_win7(b, 0x34);
    put32(b, 0);
    assert_int_equal(b->len, 720);
}

static void test_example_is_read(void **state UNUSED)
{
    struct buf b = BUF_INIT(4096);
    struct err e = {0};
    struct odj o;
    char text[SID_TEXT_MAX];
    put_example(&b);
    assert_int_equal(odj_read(b.data, b.len, &o, &e), 0);
    assert_int_equal(o.n, 1);
    const struct odj_join *j = odj_join(&o);
    assert_ptr_equal(j, &o.blobs[0].u.join);
    assert_string_equal(j->domain, "corp.example.test");
    assert_string_equal(j->machine, "LAB-PC-042");
    assert_int_equal(j->password.len, 41);
    assert_memory_equal(j->password.data, CHARS42, 41);
    assert_string_equal(j->netbios_domain, "CORP");
    assert_string_equal(j->dns_domain, "corp.example.test");
    assert_string_equal(j->dns_forest, "example.test");
    assert_string_equal(guid_to_text(j->domain_guid, text), "6f1d2c3b-4a59-4687-9c7d-0e1f2a3b4c5d");
    assert_string_equal(sid_to_text(&j->domain_sid, text), "S-1-5-21-1-2-3");
    assert_string_equal(j->dc_name, "\\\\DC01.corp.example.test");
    assert_string_equal(j->dc_address, "\\\\2001:db8::10");
    assert_int_equal(j->dc_address_type, 1);
    assert_memory_equal(j->dc_domain_guid, j->domain_guid, GUID_BYTES);
    assert_string_equal(j->dc_domain, "corp.example.test");
    assert_string_equal(j->dc_forest, "example.test");
    assert_int_equal(j->dc_flags, 0xe003f1fc);
    assert_string_equal(j->dc_site, "Berlin");
    assert_null(j->client_site);
    assert_int_equal(j->options, 0);
    assert_int_equal(odj_check(&o, NULL, &e), 0);
    odj_free(&o);
    buf_free(&b);
}

static void test_example_is_written(void **state UNUSED)
{
    struct buf b = BUF_INIT(4096), out = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    struct odj o;
    put_example(&b);
    assert_int_equal(odj_read(b.data, b.len, &o, &e), 0);
    assert_int_equal(odj_write(&o, &out, &e), 0);
    assert_int_equal(out.len, b.len);
    assert_memory_equal(out.data, b.data, b.len);
    odj_free(&o);
    buf_free(&b);
    buf_free(&out);
}

/* Where Windows Server 2019 put the objects of its data, whose blob for Windows 7 has 792 bytes and
 * whose account's SID has 45 characters. */
static void test_layout_of_windows(void **state UNUSED)
{
    static const unsigned char header[] = {1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc};
    static const size_t places[] = {0, 0x40, 0x35c, 0x3a0, 0x414, 0x730};
    struct buf b = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    struct odj_join j;
    struct odj_package *p;
    struct odj o;
    size_t at = 0;
    sample_join(&j);
    free(j.client_site);
    j.client_site = xcalloc(96, 1); /* as much as is missing to that size */
    memset(j.client_site, 'x', 95);
    assert_int_equal(odj_start(&o, &j, &p, &e), 0);
    odj_add_part(p, ODJ_ACCOUNT)->u.account.sid =
        xstrdup("S-1-5-21-1234567890-123456789-1234567890-1104");
    assert_int_equal(odj_write(&o, &b, &e), 0);
    assert_int_equal(get32(&b, 0x28), 792);
    assert_int_equal(get32(&b, 0x08), 0x7b0);
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        at = find(&b, header, sizeof header, i ? at + 1 : 0);
        assert_int_equal(at, places[i]);
    }
    assert_int_equal(b.len, 1984);
    odj_free(&o);
    buf_free(&b);
}

/* ---- nothing gets lost ---- */

static void same_bytes(const struct odj_bytes *a, const struct odj_bytes *b)
{
    assert_int_equal(a->len, b->len);
    if (a->len)
        assert_memory_equal(a->data, b->data, a->len);
}

static void same_text(const char *a, const char *b)
{
    assert_true(str_eq(a, b));
}

static void same_join(const struct odj_join *a, const struct odj_join *b)
{
    same_text(a->domain, b->domain);
    same_text(a->machine, b->machine);
    assert_int_equal(a->password.data != NULL, b->password.data != NULL);
    assert_true(!a->password.data || secret_equal(&a->password, &b->password));
    same_text(a->netbios_domain, b->netbios_domain);
    same_text(a->dns_domain, b->dns_domain);
    same_text(a->dns_forest, b->dns_forest);
    assert_memory_equal(a->domain_guid, b->domain_guid, GUID_BYTES);
    assert_true(sid_is_set(&a->domain_sid) ? sid_equal(&a->domain_sid, &b->domain_sid)
                                           : !sid_is_set(&b->domain_sid));
    same_text(a->dc_name, b->dc_name);
    same_text(a->dc_address, b->dc_address);
    assert_int_equal(a->dc_address_type, b->dc_address_type);
    assert_memory_equal(a->dc_domain_guid, b->dc_domain_guid, GUID_BYTES);
    same_text(a->dc_domain, b->dc_domain);
    same_text(a->dc_forest, b->dc_forest);
    assert_int_equal(a->dc_flags, b->dc_flags);
    same_text(a->dc_site, b->dc_site);
    same_text(a->client_site, b->client_site);
    assert_int_equal(a->options, b->options);
}

static void same_policies(const struct odj_policies *a, const struct odj_policies *b)
{
    assert_int_equal(a->n, b->n);
    same_bytes(&a->extension, &b->extension);
    for (size_t i = 0; i < a->n; i++) {
        same_text(a->lists[i].source, b->lists[i].source);
        assert_int_equal(a->lists[i].root_key, b->lists[i].root_key);
        assert_int_equal(a->lists[i].n, b->lists[i].n);
        for (size_t k = 0; k < a->lists[i].n; k++) {
            const struct odj_policy_element *x = &a->lists[i].elements[k],
                                            *y = &b->lists[i].elements[k];
            same_text(x->key, y->key);
            same_text(x->value, y->value);
            assert_int_equal(x->type, y->type);
            same_bytes(&x->data, &y->data);
        }
    }
}

static void same_certificates(const struct odj_certificates *a, const struct odj_certificates *b)
{
    assert_int_equal(a->n_pfx, b->n_pfx);
    assert_int_equal(a->n_stores, b->n_stores);
    same_bytes(&a->extension, &b->extension);
    for (size_t i = 0; i < a->n_pfx; i++) {
        same_text(a->pfx[i].template_name, b->pfx[i].template_name);
        assert_int_equal(a->pfx[i].export_policy, b->pfx[i].export_policy);
        same_text(a->pfx[i].server_url, b->pfx[i].server_url);
        assert_int_equal(a->pfx[i].server_flags, b->pfx[i].server_flags);
        same_text(a->pfx[i].server_id, b->pfx[i].server_id);
        same_bytes(&a->pfx[i].pfx, &b->pfx[i].pfx);
    }
    for (size_t i = 0; i < a->n_stores; i++) {
        assert_int_equal(a->stores[i].location, b->stores[i].location);
        same_text(a->stores[i].name, b->stores[i].name);
        same_bytes(&a->stores[i].sst, &b->stores[i].sst);
    }
}

static void same_part(const struct odj_part *a, const struct odj_part *b)
{
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->flags, b->flags);
    assert_memory_equal(a->type, b->type, GUID_BYTES);
    same_bytes(&a->extension, &b->extension);
    switch (a->kind) {
    case ODJ_JOIN:
        same_join(&a->u.join, &b->u.join);
        break;
    case ODJ_NAMES:
        assert_int_equal(a->u.names.flags, b->u.names.flags);
        same_text(a->u.names.netbios_name, b->u.names.netbios_name);
        same_text(a->u.names.site, b->u.names.site);
        same_text(a->u.names.primary_dns_domain, b->u.names.primary_dns_domain);
        assert_int_equal(a->u.names.reserved, b->u.names.reserved);
        same_text(a->u.names.reserved_text, b->u.names.reserved_text);
        break;
    case ODJ_ACCOUNT:
    case ODJ_ACCOUNT_GUID:
        assert_int_equal(a->u.account.rid, b->u.account.rid);
        same_text(a->u.account.sid, b->u.account.sid);
        assert_memory_equal(a->u.account.guid, b->u.account.guid, GUID_BYTES);
        break;
    case ODJ_POLICIES:
        same_policies(&a->u.policies, &b->u.policies);
        break;
    case ODJ_CERTIFICATES:
        same_certificates(&a->u.certificates, &b->u.certificates);
        break;
    case ODJ_UNKNOWN:
        same_bytes(&a->u.unknown, &b->u.unknown);
        break;
    }
}

static void same_package(const struct odj_package *a, const struct odj_package *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->decrypted_size, b->decrypted_size);
    same_bytes(&a->context, &b->context);
    same_bytes(&a->extension, &b->extension);
    same_bytes(&a->parts_extension, &b->parts_extension);
    for (size_t i = 0; i < a->n; i++)
        same_part(&a->parts[i], &b->parts[i]);
}

/* Written, read, compared field by field, and written again to the same bytes. Takes o. */
static void round_trip(struct odj *o)
{
    struct buf one = BUF_SECRET(ODJ_MAX), two = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    struct odj again;
    assert_int_equal(odj_write(o, &one, &e), 0);
    assert_int_equal(one.len % 8, 0);
    assert_int_equal(odj_read(one.data, one.len, &again, &e), 0);
    assert_int_equal(again.n, o->n);
    for (size_t i = 0; i < o->n; i++) {
        assert_int_equal(again.blobs[i].format, o->blobs[i].format);
        if (o->blobs[i].format == ODJ_FORMAT_WIN7)
            same_join(&o->blobs[i].u.join, &again.blobs[i].u.join);
        else if (o->blobs[i].format == ODJ_FORMAT_WIN8)
            same_package(&o->blobs[i].u.package, &again.blobs[i].u.package);
        else
            same_bytes(&o->blobs[i].u.bytes, &again.blobs[i].u.bytes);
    }
    assert_int_equal(odj_write(&again, &two, &e), 0);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    odj_free(o);
    odj_free(&again);
    buf_free(&one);
    buf_free(&two);
}

static void test_every_part(void **state UNUSED)
{
    struct odj o;
    sample_full(&o);
    round_trip(&o);
}

static void test_unknown_format(void **state UNUSED)
{
    struct odj o;
    sample_full(&o);
    o.blobs = xrealloc_array(o.blobs, 4, sizeof *o.blobs);
    memset(o.blobs + 2, 0, 2 * sizeof *o.blobs);
    o.n = 4;
    o.blobs[2].format = 3;
    sample_bytes(&o.blobs[2].u.bytes, "of tomorrow");
    o.blobs[3].format = 0xffffffff;
    round_trip(&o);
}

static void test_nothing_at_all(void **state UNUSED)
{
    struct odj o = {0};
    struct err e = {0};
    assert_int_equal(odj_check(&o, NULL, &e), -1);
    assert_int_equal(e.code, 2719);
    round_trip(&o);
    o = (struct odj){.blobs = xcalloc(2, sizeof *o.blobs), .n = 2};
    o.blobs[0].format = ODJ_FORMAT_WIN7;
    o.blobs[1].format = ODJ_FORMAT_WIN8;
    round_trip(&o);
}

/* A null pointer is not an empty text, in each of the three kinds of text. */
static void test_null_is_not_empty(void **state UNUSED)
{
    struct odj o;
    sample_win7(&o);
    struct odj_join *j = &o.blobs[0].u.join;
    free(j->domain);
    j->domain = NULL;
    j->machine[0] = '\0';
    free(j->dns_domain);
    j->dns_domain = NULL;
    j->dns_forest[0] = '\0';
    secret_truncate(&j->password, 0);
    round_trip(&o);
    sample_win7(&o);
    secret_free(&o.blobs[0].u.join.password);
    round_trip(&o);
}

static void test_texts_of_any_kind(void **state UNUSED)
{
    static const char *const texts[] = {
        "\x01\x7f",
        "\xc3\xa9\xe2\x82\xac\xef\xbf\xbf",
        "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", /* in two units each */
        "\xed\xa0\x80",                     /* half a pair */
        "\xed\xb0\x80\xed\xa0\x80",         /* both halves, the wrong way round */
        "x\xed\xaf\xbfy",
    };
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        struct odj o;
        sample_win7(&o);
        struct odj_join *j = &o.blobs[0].u.join;
        free(j->dc_site);
        j->dc_site = xstrdup(texts[i]);
        free(j->netbios_domain);
        j->netbios_domain = xstrdup(texts[i]);
        assert_int_equal(secret_set(&j->password, texts[i], strlen(texts[i])), 0);
        round_trip(&o);
    }
}

static void test_long_texts(void **state UNUSED)
{
    struct odj o;
    sample_win7(&o);
    struct odj_join *j = &o.blobs[0].u.join;
    struct secret s = {0};
    assert_int_equal(secret_init(&s, 5000), 0);
    memset(s.data, 'p', 5000);
    s.len = 5000; /* longer than any password that people type */
    secret_move(&j->password, &s);
    free(j->dns_domain);
    j->dns_domain = xcalloc(0x8000, 1);
    memset(j->dns_domain, 'd', 0x7fff); /* as long as its length field can say */
    round_trip(&o);
}

static void test_writing_refuses(void **state UNUSED)
{
    static const char *const texts[] = {"\xff", "\xc0\x80", "\xe2\x82", "\xf4\x90\x80\x80"};
    for (size_t i = 0; i <= ARRAY_SIZE(texts); i++) {
        struct buf out = BUF_SECRET(ODJ_MAX);
        struct err e = {0};
        struct odj o;
        sample_win7(&o);
        char **field = i % 2 ? &o.blobs[0].u.join.dc_site : &o.blobs[0].u.join.dns_domain;
        free(*field);
        if (i < ARRAY_SIZE(texts))
            *field = xstrdup(texts[i]);
        else /* too long for a counted text */
            memset(*field = xcalloc(0x8001, 1), 'd', 0x8000);
        assert_int_equal(odj_write(&o, &out, &e), -1);
        assert_int_equal(e.code, 87);
        assert_non_null(err_fact_get(&e, FACT_PLACE));
        odj_free(&o);
        buf_free(&out);
    }
}

static void test_full_output(void **state UNUSED)
{
    struct err e = {0};
    struct odj o;
    sample_full(&o);
    struct buf out = BUF_SECRET(100);
    assert_int_equal(odj_write(&o, &out, &e), -1);
    assert_int_not_equal(e.code, 0);
    buf_free(&out);
    odj_free(&o);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_example_is_read),   cmocka_unit_test(test_example_is_written),
        cmocka_unit_test(test_layout_of_windows), cmocka_unit_test(test_every_part),
        cmocka_unit_test(test_unknown_format),    cmocka_unit_test(test_nothing_at_all),
        cmocka_unit_test(test_null_is_not_empty), cmocka_unit_test(test_texts_of_any_kind),
        cmocka_unit_test(test_long_texts),        cmocka_unit_test(test_writing_refuses),
        cmocka_unit_test(test_full_output),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
