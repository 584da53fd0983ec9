/* Provisioning data that is broken, lies about its lengths, or is of tomorrow. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "odj_sample.h"

static struct buf written(struct odj *o)
{
    struct buf b = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    assert_int_equal(odj_write(o, &b, &e), 0);
    odj_free(o);
    return b;
}

static struct buf full(void)
{
    struct odj o;
    sample_full(&o);
    return written(&o);
}

static struct buf win7(void)
{
    struct odj o;
    sample_win7(&o);
    return written(&o);
}

/* Reads a copy that ends exactly where the data does, so that a sanitizer sees each byte too many.
 * The error's code; 0 when it was read. */
static uint32_t code_of(const unsigned char *data, size_t len, struct err *e)
{
    struct odj o = {.n = 99};
    unsigned char *copy = xcalloc(len ? len : 1, 1);
    memcpy(copy, data, len);
    err_reset(e);
    int r = odj_read(copy, len, &o, e);
    if (r < 0) {
        assert_null(o.blobs);
        assert_int_equal(o.n, 0);
        assert_int_not_equal(e->code, 0);
    }
    odj_free(&o);
    free(copy);
    return r < 0 ? e->code : 0;
}

/* Fails with that code, and says where: the text begins with `place`. */
static void refused(const struct buf *b, uint32_t code, const char *place)
{
    struct err e = {0};
    assert_int_equal(code_of(b->data, b->len, &e), code);
    const char *said = err_fact_get(&e, FACT_PLACE);
    assert_non_null(said);
    if (strncmp(said, place, strlen(place)) != 0)
        fail_msg("place: %s, expected %s", said, place);
}

static void accepted(const struct buf *b)
{
    struct err e = {0};
    assert_int_equal(code_of(b->data, b->len, &e), 0);
}

static void test_cut_anywhere(void **state UNUSED)
{
    struct buf b = full();
    struct err e = {0};
    for (size_t len = 0; len < b.len; len++) {
        assert_int_equal(code_of(b.data, len, &e), 2710);
        assert_non_null(err_fact_get(&e, FACT_PLACE));
    }
    buf_free(&b);
}

/* Whatever a byte becomes: read or refused with one of two codes; what was read can be written, and
 * what that gives is read again to the same. */
static void any_bytes(const struct buf *b)
{
    struct err e = {0};
    struct odj o;
    struct buf one = BUF_SECRET(ODJ_MAX), two = BUF_SECRET(ODJ_MAX);
    uint32_t code = code_of(b->data, b->len, &e);
    assert_true(code == 0 || code == 2710 || code == 2719);
    if (code)
        return;
    assert_int_equal(odj_read(b->data, b->len, &o, &e), 0);
    assert_int_equal(odj_write(&o, &one, &e), 0);
    odj_free(&o);
    assert_int_equal(odj_read(one.data, one.len, &o, &e), 0);
    assert_int_equal(odj_write(&o, &two, &e), 0);
    odj_free(&o);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.data, two.data, one.len);
    buf_free(&one);
    buf_free(&two);
}

static void test_every_byte_changed(void **state UNUSED)
{
    static const unsigned char with[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    struct buf b = full();
    for (size_t at = 0; at < b.len; at++) {
        unsigned char was = b.data[at];
        for (size_t k = 0; k < sizeof with; k++) {
            b.data[at] = with[k];
            any_bytes(&b);
        }
        b.data[at] = was;
    }
    buf_free(&b);
}

static void test_every_number_changed(void **state UNUSED)
{
    static const uint32_t with[] = {0,          1,          0x40,       0x100,
                                    0xffff,     0x10000000, 0x20000001, 0x7fffffff,
                                    0x80000000, 0xfffffff0, 0xffffffff};
    struct buf b = full();
    for (size_t at = 0; at + 4 <= b.len; at += 2) {
        uint32_t was = get32(&b, at);
        for (size_t k = 0; k < ARRAY_SIZE(with); k++) {
            set32(&b, at, with[k]);
            any_bytes(&b);
        }
        set32(&b, at, was);
    }
    buf_free(&b);
}

/* Of the Windows 7 blob: outer header 0, outer body 0x10, pBlobs 0x20, blob 0x34, its body 0x44. */
static void test_headers(void **state UNUSED)
{
    static const struct {
        size_t at;
        uint32_t value, code;
        const char *place;
    } cases[] = {
        {0x00, 0x00081002, 2719, "ODJ_PROVISION_DATA, byte 0x0"},
        {0x00, 0x00081000, 2719, "ODJ_PROVISION_DATA, byte 0x0"},
        {0x00, 0x00080001, 2719, "ODJ_PROVISION_DATA, byte 0x1"}, /* big endian */
        {0x00, 0x08000001, 2719, "ODJ_PROVISION_DATA, byte 0x1"},
        {0x00, 0x00420001, 2710, "ODJ_PROVISION_DATA, byte 0x0"}, /* anything at all */
        {0x00, 0x00081101, 2710, "ODJ_PROVISION_DATA, byte 0x0"},
        {0x00, 0x00091001, 2710, "ODJ_PROVISION_DATA, byte 0x0"},
        {0x08, 0x00000001, 2710, "ODJ_PROVISION_DATA, byte 0x8"}, /* no multiple of eight */
        {0x08, 0x7fffff00, 2710, "ODJ_PROVISION_DATA, byte 0x8"},
        {0x10, 0, 2710, "ODJ_PROVISION_DATA, byte 0x10"}, /* a null object */
        {0x14, 2, 2719, "ODJ_PROVISION_DATA.ulVersion, byte 0x14"},
        {0x18, 0, 2710, "ODJ_PROVISION_DATA.pBlobs, byte 0x20"}, /* a count of 0 beside 1 */
        {0x18, 2, 2710, "ODJ_PROVISION_DATA.pBlobs, byte 0x20"},
        {0x1c, 0, 2710, "ODJ_PROVISION_DATA.pBlobs, byte 0x18"}, /* a count and no array */
        {0x28, 0, 2710, "ODJ_BLOB[0].pBlob, byte 0x30"},
        {0x2c, 0, 2710, "ODJ_BLOB[0].pBlob, byte 0x28"},
        {0x34, 0x00081002, 2719, "ODJ_BLOB[0].pBlob, byte 0x34"},
        {0x34, 0x00080001, 2719, "ODJ_BLOB[0].pBlob, byte 0x35"},
        {0x3c, 0xffffff00, 2710, "ODJ_BLOB[0].pBlob, byte 0x3c"},
        {0x44, 0, 2710, "ODJ_BLOB[0].pBlob, byte 0x44"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct buf b = win7();
        assert_int_not_equal(get32(&b, cases[i].at), cases[i].value);
        set32(&b, cases[i].at, cases[i].value);
        refused(&b, cases[i].code, cases[i].place);
        buf_free(&b);
    }
}

static void test_fillers_do_not_matter(void **state UNUSED)
{
    struct buf b = win7();
    set32(&b, 4, 0);
    set32(&b, 12, 0x12345678);
    accepted(&b);
    buf_free(&b);
}

/* In this layout lpDomain's counts are at 0xb4, its 17 units behind them. */
#define DOMAIN_AT 0xb4
static void test_strings(void **state UNUSED)
{
    static const struct {
        size_t at;
        uint32_t value;
    } cases[] = {
        {DOMAIN_AT, 16},         {DOMAIN_AT, 18},
        {DOMAIN_AT, 0xffffffff}, {DOMAIN_AT + 4, 1},
        {DOMAIN_AT + 8, 16},     {DOMAIN_AT + 8, 18},
        {DOMAIN_AT + 8, 0},      {DOMAIN_AT + 8, 0x80000011},
        {DOMAIN_AT + 12, 'c'}, /* a NUL as the second unit */
    };
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct buf b = win7();
        assert_int_equal(get32(&b, DOMAIN_AT), 17);
        set32(&b, cases[i].at, cases[i].value);
        refused(&b, 2710, "ODJ_WIN7BLOB.lpDomain, byte 0x");
        buf_free(&b);
    }
    struct buf b = win7();
    b.data[DOMAIN_AT + 12 + 2 * 16] = 'x'; /* in the terminator's place */
    refused(&b, 2710, "ODJ_WIN7BLOB.lpDomain");
    buf_free(&b);
}

/* DnsDomainInfo.Name's Length and MaximumLength are at 0x54; "CORP" has 8 bytes. */
static void test_counted_strings(void **state UNUSED)
{
    static const uint32_t lengths[] = {8 | 8 << 16,  7 | 10 << 16,  8 | 9 << 16, 10 | 8 << 16,
                                       6 | 10 << 16, 10 | 10 << 16, 8 | 12 << 16};
    for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
        struct buf b = win7();
        assert_int_equal(get32(&b, 0x54), 8 | 10 << 16);
        set32(&b, 0x54, lengths[i]);
        refused(&b, 2710, "ODJ_WIN7BLOB.DnsDomainInfo.Name");
        buf_free(&b);
    }
    /* As the documentation has it, without room for a terminator. */
    static const unsigned char counts[] = {5, 0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 'C', 0, 'O', 0};
    struct buf b = win7();
    set32(&b, 0x54, 8 | 8 << 16);
    set32(&b, find(&b, counts, sizeof counts, 0), 4);
    accepted(&b);
    buf_free(&b);
    b = win7(); /* a count that is the right length only when it is doubled in 32 bits */
    set32(&b, find(&b, counts, sizeof counts, 0), 0x80000005);
    refused(&b, 2710, "ODJ_WIN7BLOB.DnsDomainInfo.Name");
    buf_free(&b);
    b = win7();
    set32(&b, 0x58, 0); /* a null buffer with a length */
    refused(&b, 2710, "ODJ_WIN7BLOB.DnsDomainInfo.Name, byte 0x54");
    buf_free(&b);
}

static void test_sid(void **state UNUSED)
{
    static const unsigned char sid[] = {4, 0, 0, 0, 1, 4, 0, 0, 0, 0, 0, 5};
    static const unsigned char changes[][2] = {{0, 0}, {0, 3}, {0, 5}, {0, 16}, {3, 0xff},
                                               {4, 2}, {5, 3}, {5, 5}, {5, 0}};
    for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
        struct buf b = win7();
        b.data[find(&b, sid, sizeof sid, 0) + changes[i][0]] = changes[i][1];
        refused(&b, 2710, "ODJ_WIN7BLOB.");
        buf_free(&b);
    }
}

/* Pointers are there or not there; what they say beside that means nothing. */
static void test_referents(void **state UNUSED)
{
    struct buf b = win7();
    static const size_t at[] = {0x10, 0x1c, 0x2c, 0x44, 0x48, 0x4c, 0x50, 0x58, 0x60,
                                0x68, 0x7c, 0x80, 0x84, 0x9c, 0xa0, 0xa8, 0xac};
    struct odj o;
    struct err e = {0};
    for (size_t i = 0; i < ARRAY_SIZE(at); i++)
        set32(&b, at[i], 0x934f9c80);
    assert_int_equal(odj_read(b.data, b.len, &o, &e), 0);
    assert_string_equal(odj_join(&o)->domain, "corp.example.com");
    assert_string_equal(odj_join(&o)->client_site, "Branch");
    odj_free(&o);
    buf_free(&b);
}

static void test_what_follows(void **state UNUSED)
{
    struct buf b = win7();
    for (int i = 0; i < 5; i++)
        buf_byte(&b, 0);
    accepted(&b);
    buf_byte(&b, 1);
    refused(&b, 2710, "ODJ_PROVISION_DATA, byte");
    buf_free(&b);
    /* In the padding of the inner object: its body is 0x44 to the outer object's own padding. */
    b = win7();
    size_t end = 0x34 + get32(&b, 0x28);
    if (b.data[end - 1] == 0) {
        b.data[end - 1] = 1;
        refused(&b, 2710, "ODJ_WIN7BLOB");
    }
    buf_free(&b);
}

static const unsigned char part3[GUID_BYTES] = {0x25, 0xcf, 0x0c, 0xfc, 0xfa, 0x7f, 0x4a, 0x47,
                                                0x86, 0x11, 0x69, 0xff, 0xe2, 0x69, 0x64, 0x5f};

static void test_package(void **state UNUSED)
{
    struct buf b = full();
    size_t part = find(&b, part3, sizeof part3, 0);
    set32(&b, part + 20, 0); /* cbBlob, against its pointee */
    refused(&b, 2710, "OP_PACKAGE_PART[2].Part, byte 0x");
    set32(&b, part + 24, 0); /* and no pointee */
    refused(&b, 2710, "OP_PACKAGE_PART[2].Part, byte 0x");
    buf_free(&b);
    /* An encryption that nobody knows. */
    b = full();
    static const unsigned char header[] = {1, 0x10, 8, 0};
    size_t package = find(&b, header, 4, 0x34 + get32(&b, 0x28));
    b.data[package + 16 + 4 + 15] = 1;
    refused(&b, 2719, "OP_PACKAGE.EncryptionType, byte 0x");
    buf_free(&b);
}

static void test_too_many(void **state UNUSED)
{
    struct odj o = {.blobs = xcalloc(65, sizeof *o.blobs), .n = 64};
    for (size_t i = 0; i < 65; i++)
        o.blobs[i].format = 7;
    struct buf b = written(&o);
    accepted(&b);
    buf_free(&b);
    o = (struct odj){.blobs = xcalloc(65, sizeof *o.blobs), .n = 65};
    for (size_t i = 0; i < 65; i++)
        o.blobs[i].format = 7;
    b = written(&o);
    refused(&b, 2710, "ODJ_PROVISION_DATA.pBlobs");
    buf_free(&b);
    o = (struct odj){.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
    o.blobs->format = ODJ_FORMAT_WIN8;
    for (int i = 0; i < 257; i++)
        memset(odj_add_part(&o.blobs->u.package, ODJ_UNKNOWN)->type, 9, GUID_BYTES);
    b = written(&o);
    refused(&b, 2710, "OP_PACKAGE_PART_COLLECTION.pParts");
    buf_free(&b);
}

/* Many small things: what they take in memory is a small multiple of what they take on the wire. */
static void test_memory(void **state UNUSED)
{
    struct odj o = {.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
    struct err e = {0};
    o.blobs->format = ODJ_FORMAT_WIN8;
    struct odj_policies *p = &odj_add_part(&o.blobs->u.package, ODJ_POLICIES)->u.policies;
    p->n = 1;
    p->lists = xcalloc(1, sizeof *p->lists);
    p->lists->n = 50000;
    p->lists->elements = xcalloc(p->lists->n, sizeof *p->lists->elements);
    for (size_t i = 0; i < p->lists->n / 2; i++)
        p->lists->elements[i].key = xstrdup("");
    struct buf b = written(&o);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    assert_int_equal(odj_read(b.data, b.len, &o, &e), 0);
    size_t used = mallinfo2().uordblks + mallinfo2().hblkhd - before;
    assert_in_range(used, 0, 4 * b.len);
    odj_free(&o);
    buf_free(&b);
}

static void test_too_long(void **state UNUSED)
{
    struct err e = {0};
    struct odj o;
    unsigned char *big = xcalloc(1, ODJ_MAX + 1);
    assert_int_equal(odj_read(big, ODJ_MAX + 1, &o, &e), -1);
    assert_int_equal(e.code, 2710);
    free(big);
}

/* ---- can it be used? ---- */

static uint32_t check_code(const struct odj *o, struct strv *skipped, const char *place)
{
    struct err e = {0};
    if (odj_check(o, skipped, &e) == 0)
        return 0;
    assert_non_null(err_fact_get(&e, FACT_PLACE));
    assert_non_null(strstr(err_fact_get(&e, FACT_PLACE), place));
    return e.code;
}

static void test_unknown_parts(void **state UNUSED)
{
    struct odj o;
    struct strv skipped = {0};
    sample_full(&o);
    assert_int_equal(check_code(&o, &skipped, ""), 0);
    assert_int_equal(skipped.n, 1);
    assert_string_equal(skipped.s[0], "61727473-676e-2d65-6b69-6e642d313200");
    struct odj_package *p = &o.blobs[1].u.package;
    p->parts[p->n - 1].flags = ODJ_ESSENTIAL;
    assert_int_equal(check_code(&o, NULL, "OP_PACKAGE_PART[6], "), 2719);
    strv_free(&skipped);
    odj_free(&o);
}

static void test_only_unknown_formats(void **state UNUSED)
{
    struct odj o = {.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
    o.blobs[0].format = 3;
    assert_int_equal(check_code(&o, NULL, "ulODJFormat"), 2719);
    assert_null(odj_join(&o));
    odj_free(&o);
}

static void replace(char **field, const char *with)
{
    free(*field);
    *field = with ? xstrdup(with) : NULL;
}

static void test_names_and_password(void **state UNUSED)
{
    static const char *const bad[] = {NULL,
                                      "",
                                      "a b",
                                      "a/b",
                                      "..\\x",
                                      "x\n",
                                      "\xed\xa0\x80",
                                      "$(x)",
                                      "-x",
                                      "..",
                                      ".x",
                                      "a\x7f"
                                      "b"};
    struct odj o;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        sample_win7(&o);
        replace(&o.blobs[0].u.join.domain, bad[i]);
        assert_int_equal(check_code(&o, NULL, "lpDomain"), 87);
        odj_free(&o);
        sample_win7(&o);
        replace(&o.blobs[0].u.join.machine, bad[i]);
        assert_int_equal(check_code(&o, NULL, "lpMachineName"), 87);
        odj_free(&o);
    }
    sample_win7(&o);
    assert_int_equal(check_code(&o, NULL, ""), 0);
    secret_truncate(&o.blobs[0].u.join.password, 0);
    assert_int_equal(check_code(&o, NULL, "lpMachinePassword"), 87);
    secret_free(&o.blobs[0].u.join.password);
    assert_int_equal(check_code(&o, NULL, "lpMachinePassword"), 87);
    assert_int_equal(secret_set(&o.blobs[0].u.join.password, "\xed\xa0\x80", 3), 0);
    assert_int_equal(check_code(&o, NULL, "lpMachinePassword"), 87);
    odj_free(&o);
}

static void test_package_goes_first(void **state UNUSED)
{
    struct odj o;
    sample_full(&o);
    assert_ptr_equal(odj_join(&o), &o.blobs[1].u.package.parts[0].u.join);
    assert_ptr_equal(odj_part(&o, ODJ_ACCOUNT), &o.blobs[1].u.package.parts[2]);
    o.n = 1;
    assert_ptr_equal(odj_join(&o), &o.blobs[0].u.join);
    assert_null(odj_part(&o, ODJ_JOIN));
    o.n = 2;
    odj_free(&o);
}

static void test_default_password(void **state UNUSED)
{
    struct odj o;
    sample_win7(&o);
    struct odj_join *j = &o.blobs[0].u.join;
    assert_false(odj_password_is_default(j));
    assert_int_equal(secret_set(&j->password, "kiosk-07", 8), 0);
    assert_true(odj_password_is_default(j));
    replace(&j->machine, "A-VERY-LONG-NAME");
    assert_false(odj_password_is_default(j));
    assert_int_equal(secret_set(&j->password, "a-very-long-na", 14), 0);
    assert_true(odj_password_is_default(j));
    secret_free(&j->password);
    assert_false(odj_password_is_default(j));
    odj_free(&o);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_anywhere),
        cmocka_unit_test(test_every_byte_changed),
        cmocka_unit_test(test_every_number_changed),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_fillers_do_not_matter),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_counted_strings),
        cmocka_unit_test(test_sid),
        cmocka_unit_test(test_referents),
        cmocka_unit_test(test_what_follows),
        cmocka_unit_test(test_package),
        cmocka_unit_test(test_too_many),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_unknown_parts),
        cmocka_unit_test(test_only_unknown_formats),
        cmocka_unit_test(test_names_and_password),
        cmocka_unit_test(test_package_goes_first),
        cmocka_unit_test(test_default_password),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
