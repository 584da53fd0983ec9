/* A keytab is put back entry for entry; damaged ones are refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <string.h>

#include "engine/kerb/keytab_back.h"

#define REALM "CORP.EXAMPLE.COM"

static const char *const names[] = {"KIOSK$", "host/kiosk.corp.example.com"};
static const struct kerb_keytab_spec ours = {.realm = REALM, .names = names, .n_names = 2};

static void put16(struct buf *b, size_t n)
{
    buf_byte(b, (unsigned char)(n >> 8));
    buf_byte(b, (unsigned char)n);
}

static void put_text(struct buf *b, const char *s, size_t n)
{
    put16(b, n);
    buf_put(b, s, n);
}

static void put_size(struct buf *b, int32_t n)
{
    put16(b, (uint32_t)n >> 16);
    put16(b, (uint32_t)n & 0xffff);
}

/* One entry; name parts are separated by '/'. */
static void entry(struct buf *file, const char *realm, const char *name, unsigned kvno,
                  const char *key)
{
    struct buf b = BUF_INIT(4096);
    const char *slash = strchr(name, '/');
    put16(&b, slash ? 2 : 1);
    put_text(&b, realm, strlen(realm));
    put_text(&b, name, slash ? (size_t)(slash - name) : strlen(name));
    if (slash)
        put_text(&b, slash + 1, strlen(slash + 1));
    buf_put(&b, "\0\0\0\1\1\2\3\4", 8);
    buf_byte(&b, (unsigned char)kvno);
    put16(&b, 18);
    put_text(&b, key, strlen(key));
    put_size(&b, (int32_t)kvno);
    put_size(file, (int32_t)b.len);
    buf_put(file, b.data, b.len);
    buf_free(&b);
}

static struct buf keytab(void)
{
    struct buf b = BUF_INIT(65536);
    buf_put(&b, "\5\2", 2);
    return b;
}

static size_t back(const struct buf *now, const struct buf *before, struct buf *out)
{
    struct err e = {0};
    size_t left = 999;
    *out = BUF_SECRET(65536);
    assert_int_equal(keytab_back(now->data, now->len,
                                 before ? buf_text((struct buf *)before) : NULL,
                                 before ? before->len : 0, &ours, 1, out, &left, &e),
                     0);
    return left;
}

static void same(const struct buf *a, const struct buf *b)
{
    assert_int_equal(a->len, b->len);
    if (a->len)
        assert_memory_equal(a->data, b->data, a->len);
}

static void test_back(void **state)
{
    (void)state;
    struct buf before = keytab(), now = keytab(), out, wanted = keytab(), none = BUF_INIT(8);
    entry(&before, "OTHER", "nfs/x", 3, "one");
    put_size(&before, -8); /* a hole */
    buf_put(&before, "????????", 8);
    entry(&before, REALM, "kiosk$", 1, "old"); /* ours of an earlier membership */
    entry(&now, REALM, "KIOSK$", 2, "new");
    entry(&now, "OTHER", "nfs/x", 3, "one");
    entry(&now, REALM, "HOST/kiosk.corp.example.com", 2, "new");
    assert_int_equal(back(&now, &before, &out), 2);
    same(&out, &before);
    buf_free(&out);
    assert_int_equal(back(&now, NULL, &out), 1);
    entry(&wanted, "OTHER", "nfs/x", 3, "one");
    same(&out, &wanted);
    buf_free(&out);
    /* Of another realm, or with more parts to its name, it is not ours; what was added stays. */
    entry(&now, "ELSEWHERE", "KIOSK$", 2, "theirs");
    assert_int_equal(back(&now, &before, &out), 3);
    wanted.len = 2;
    entry(&wanted, "OTHER", "nfs/x", 3, "one");
    entry(&wanted, REALM, "kiosk$", 1, "old");
    entry(&wanted, "ELSEWHERE", "KIOSK$", 2, "theirs");
    same(&out, &wanted);
    buf_free(&out);
    /* Another key is another entry; what the owner removed stays away. */
    now.len = 2;
    entry(&now, "OTHER", "nfs/x", 3, "two");
    assert_int_equal(back(&now, &before, &out), 2);
    wanted.len = 2;
    entry(&wanted, REALM, "kiosk$", 1, "old");
    entry(&wanted, "OTHER", "nfs/x", 3, "two");
    same(&out, &wanted);
    buf_free(&out);
    /* An empty file was an empty file. */
    now.len = 2;
    entry(&now, REALM, "KIOSK$", 2, "new");
    assert_int_equal(back(&now, &none, &out), 0);
    assert_int_equal(out.len, 0);
    buf_free(&out);
    buf_free(&before);
    buf_free(&now);
    buf_free(&wanted);
    buf_free(&none);
}

/* Every cut and every changed byte: refused or read, never beyond the end. */
static void test_hostile(void **state)
{
    (void)state;
    struct buf now = keytab();
    entry(&now, REALM, "KIOSK$", 2, "new");
    entry(&now, "OTHER", "nfs/x", 300, "one");
    for (size_t len = 0; len < now.len; len++) {
        struct err e = {0};
        struct buf out = BUF_SECRET(65536);
        size_t left;
        unsigned char *exact = malloc(len ? len : 1);
        memcpy(exact, now.data, len);
        int rc = keytab_back(exact, len, NULL, 0, &ours, 1, &out, &left, &e);
        assert_true(rc == -1 || out.len <= len);
        if (len < 2)
            assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
        buf_free(&out);
        free(exact);
    }
    for (size_t at = 0; at < now.len; at++) {
        for (int v = 0; v < 256; v += 51) {
            struct err e = {0};
            struct buf out = BUF_SECRET(65536);
            size_t left;
            unsigned char *copy = malloc(now.len);
            memcpy(copy, now.data, now.len);
            copy[at] = (unsigned char)v;
            (void)!keytab_back(copy, now.len, now.data, now.len, &ours, 1, &out, &left, &e);
            buf_free(&out);
            free(copy);
        }
    }
    buf_free(&now);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_hostile),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
