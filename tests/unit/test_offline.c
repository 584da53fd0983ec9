/* Provisioning data in every form that people have it in. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/crypto/base64.h"
#include "engine/offline/offline.h"
#include "engine/xml/unattend.h"
#include "odj_sample.h"

static struct buf binary(void)
{
    struct buf b = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    struct odj o;
    sample_full(&o);
    assert_int_equal(odj_write(&o, &b, &e), 0);
    odj_free(&o);
    return b;
}

static struct buf base64_of(const struct buf *b)
{
    struct buf out = BUF_SECRET(ODJ_MAX);
    assert_int_equal(base64_encode(b->data, b->len, &out), 0);
    return out;
}

struct form {
    bool utf16, big_endian, mark;
    unsigned wrap;    /* characters a line, 0 = one line */
    const char *tail; /* behind the text; \001 stands for NUL */
};

static void put(struct buf *out, const struct form *f, unsigned c)
{
    unsigned char pair[2] = {(unsigned char)(c & 0xff), (unsigned char)(c >> 8)};
    if (f->utf16 && f->big_endian) {
        pair[0] = (unsigned char)(c >> 8);
        pair[1] = (unsigned char)(c & 0xff);
    }
    buf_put(out, pair, f->utf16 ? 2 : 1);
}

static struct buf encoded(const struct buf *text, const struct form *f)
{
    struct buf out = BUF_SECRET(ODJ_MAX);
    if (f->mark && f->utf16)
        put(&out, f, 0xfeff);
    else if (f->mark)
        buf_str(&out, "\xef\xbb\xbf");
    for (size_t i = 0; i < text->len; i++) {
        put(&out, f, text->data[i]);
        if (f->wrap && i % f->wrap == f->wrap - 1) {
            put(&out, f, '\r');
            put(&out, f, '\n');
        }
    }
    for (const char *t = f->tail; *t; t++)
        put(&out, f, *t == '\001' ? 0 : (unsigned char)*t);
    return out;
}

/* Reads, compares with the binary form, and returns how it came. */
static struct offline_form reads(const struct buf *in, const struct buf *wanted,
                                 const struct cms_keys *keys)
{
    struct offline_form form, seen;
    struct buf got = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    struct odj o;
    assert_int_equal(offline_open(in->data, in->len, keys, &got, &form, &e), 0);
    assert_int_equal(got.len, wanted->len);
    assert_memory_equal(got.data, wanted->data, got.len);
    assert_int_equal(offline_read(in->data, in->len, keys, &o, NULL, &e), 0);
    assert_string_equal(odj_join(&o)->machine, "KIOSK-07");
    odj_free(&o);
    buf_free(&got);
    assert_true(offline_recognise(in->data, in->len, &seen));
    assert_int_equal(seen.cms, form.cms);
    if (!form.cms)
        assert_int_equal(seen.inner, form.inner);
    return form;
}

static void test_texts(void **state UNUSED)
{
    static const char *const tails[] = {"", "\n", "\r\n", "\001", "\001\001\r\n ", " \t\n\n"};
    struct buf b = binary(), text = base64_of(&b);
    for (unsigned i = 0; i < 6 * 2 * ARRAY_SIZE(tails); i++) {
        unsigned kind = i % 6;
        struct form f = {.utf16 = kind >= 2,
                         .big_endian = kind >= 4,
                         .mark = kind % 2,
                         .wrap = i / 6 % 2 ? 64 : 0,
                         .tail = tails[i / 12]};
        struct buf in = encoded(&text, &f);
        struct offline_form form = reads(&in, &b, NULL);
        assert_int_equal(form.inner, OFFLINE_TEXT);
        assert_int_equal(form.utf16, f.utf16);
        assert_int_equal(form.bom, f.mark);
        assert_false(form.cms);
        buf_free(&in);
    }
    buf_free(&b);
    buf_free(&text);
}

static void test_binary(void **state UNUSED)
{
    struct buf b = binary();
    assert_int_equal(reads(&b, &b, NULL).inner, OFFLINE_BINARY);
    buf_free(&b);
}

static uint32_t refused(const void *data, size_t len, const struct cms_keys *keys, struct err *e)
{
    struct odj o = {.n = 5};
    struct buf out = BUF_SECRET(ODJ_MAX);
    err_reset(e);
    assert_int_equal(offline_open(data, len, keys, &out, NULL, e) == 0 &&
                         odj_read(out.data, out.len, &o, e) == 0,
                     0);
    buf_free(&out);
    err_reset(e);
    assert_int_equal(offline_read(data, len, keys, &o, NULL, e), -1);
    assert_null(o.blobs);
    return e->code;
}

static void test_nothing(void **state UNUSED)
{
    static const struct {
        const char *data;
        size_t len;
    } cases[] = {{"", 0}, {"\n", 1}, {"\xef\xbb\xbf", 3}, {"\xff\xfe\0\0", 4}, {"\0\0\0\0", 4}};
    struct err e;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_int_equal(refused(cases[i].data, cases[i].len, NULL, &e), 87);
}

static void test_broken_texts(void **state UNUSED)
{
    struct buf b = binary(), text = base64_of(&b);
    struct err e;
    struct offline_form form;
    text.data[100] = '!';
    assert_int_equal(refused(text.data, text.len, NULL, &e), 2710);
    assert_string_equal(err_fact_get(&e, FACT_PLACE), "character 101");
    text.data[100] = 0;
    assert_int_equal(refused(text.data, text.len, NULL, &e), 2710);
    assert_string_equal(err_fact_get(&e, FACT_PLACE), "character 101");
    text.data[100] = 0xc3;
    assert_int_equal(refused(text.data, text.len, NULL, &e), 2710);
    text.data[100] = 'A';
    for (size_t cut = 1; cut < 12; cut++)
        assert_int_equal(refused(text.data, text.len - cut, NULL, &e), 2710);
    /* Half a unit at the end. */
    struct form f = {.utf16 = true, .mark = true, .tail = ""};
    struct buf in = encoded(&text, &f);
    assert_int_equal(refused(in.data, in.len - 1, NULL, &e), 2710);
    /* A unit that is no ASCII, but whose low byte would be. */
    in.data[2 + 2 * 50 + 1] = 1;
    assert_int_equal(refused(in.data, in.len, NULL, &e), 2710);
    assert_string_equal(err_fact_get(&e, FACT_PLACE), "character 51");
    assert_int_equal(refused("hello", 5, NULL, &e), 2710);
    assert_false(offline_recognise("hello", 5, &form));
    assert_false(offline_recognise("<html>", 6, &form));
    assert_false(offline_recognise("", 0, &form));
    buf_free(&in);
    buf_free(&b);
    buf_free(&text);
}

static void test_written_as_djoin_does(void **state UNUSED)
{
    struct buf b = binary(), out = BUF_SECRET(ODJ_MAX), line = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    assert_int_equal(offline_write(b.data, b.len, OFFLINE_TEXT, NULL, NULL, &out, &e), 0);
    assert_int_equal(out.len, 2 + 2 * ((b.len + 2) / 3 * 4) + 2);
    assert_memory_equal(out.data,
                        "\xff\xfe"
                        "A\0R\0A\0I\0A\0M\0z\0M\0z\0M\0",
                        22);
    assert_memory_equal(out.data + out.len - 2, "\0\0", 2);
    struct offline_form form = reads(&out, &b, NULL);
    assert_true(form.utf16 && form.bom);
    assert_int_equal(offline_text(b.data, b.len, &line, &e), 0);
    assert_null(strchr(buf_text(&line), '\n'));
    assert_int_equal(reads(&line, &b, NULL).inner, OFFLINE_TEXT);
    buf_free(&line);
    buf_free(&out);
    buf_free(&b);
}

static void test_binary_is_itself(void **state UNUSED)
{
    struct buf b = binary(), out = BUF_SECRET(ODJ_MAX);
    struct err e = {0};
    assert_int_equal(offline_write(b.data, b.len, OFFLINE_BINARY, NULL, NULL, &out, &e), 0);
    assert_int_equal(out.len, b.len);
    assert_memory_equal(out.data, b.data, b.len);
    struct buf small = BUF_SECRET(10);
    assert_int_equal(offline_write(b.data, b.len, OFFLINE_BINARY, NULL, NULL, &small, &e), -1);
    buf_free(&small);
    buf_free(&out);
    buf_free(&b);
}

static void test_answer_file(void **state UNUSED)
{
    static const char *const archs[] = {NULL, "amd64", "x86", "arm64"};
    struct buf b = binary();
    for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
        struct buf out = BUF_SECRET(UNATTEND_MAX);
        struct err e = {0};
        assert_int_equal(offline_write(b.data, b.len, OFFLINE_UNATTEND, archs[i], NULL, &out, &e),
                         0);
        assert_non_null(strstr(buf_text(&out), archs[i] ? archs[i] : "amd64"));
        assert_int_equal(reads(&out, &b, NULL).inner, OFFLINE_UNATTEND);
        buf_free(&out);
    }
    buf_free(&b);
}

static void test_broken_answer_files(void **state UNUSED)
{
    static const char *const files[] = {
        "<",
        "<unattend",
        "<a/>",
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>",
        "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"></unattend",
    };
    struct err e;
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        uint32_t code = refused(files[i], strlen(files[i]), NULL, &e);
        assert_true(code == 2710 || code == 2709);
    }
    static const char empty[] = "<unattend xmlns=\"urn:schemas-microsoft-com:unattend\"/>";
    assert_int_equal(refused(empty, strlen(empty), NULL, &e), 2709);
}

static void passphrase(struct secret *s, const char *text)
{
    assert_int_equal(secret_set(s, text, strlen(text)), 0);
}

static void test_envelope(void **state UNUSED)
{
    struct buf b = binary(), out = BUF_SECRET(4 * (size_t)ODJ_MAX);
    struct secret right = {0}, wrong = {0};
    struct err e = {0};
    passphrase(&right, "correct horse");
    passphrase(&wrong, "battery");
    struct cms_target target = {.passphrase = &right};
    assert_int_equal(offline_write(b.data, b.len, OFFLINE_CMS, NULL, &target, &out, &e), 0);
    assert_null(memmem(out.data, out.len, "A\0R\0A\0I\0", 8));
    struct cms_keys keys = {.passphrase = &right};
    struct offline_form form = reads(&out, &b, &keys);
    assert_true(form.cms && form.utf16 && form.bom);
    assert_int_equal(form.envelope, CMS_PASSPHRASE);
    assert_int_equal(form.inner, OFFLINE_TEXT);
    keys.passphrase = &wrong;
    (void)refused(out.data, out.len, &keys, &e);
    assert_int_equal(e.cause, CAUSE_PASSPHRASE_WRONG);
    (void)refused(out.data, out.len, NULL, &e);
    assert_int_equal(e.cause, CAUSE_PASSPHRASE_MISSING);
    out.data[out.len / 2] ^= 1;
    keys.passphrase = &right;
    assert_int_not_equal(refused(out.data, out.len, &keys, &e), 0);
    err_reset(&e);
    assert_int_equal(offline_write(b.data, b.len, OFFLINE_CMS, NULL, NULL, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_PROTECTION_MISSING);
    secret_free(&right);
    secret_free(&wrong);
    buf_free(&out);
    buf_free(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_broken_texts),
        cmocka_unit_test(test_written_as_djoin_does),
        cmocka_unit_test(test_binary_is_itself),
        cmocka_unit_test(test_answer_file),
        cmocka_unit_test(test_broken_answer_files),
        cmocka_unit_test(test_envelope),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
