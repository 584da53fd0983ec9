/* Keytabs in memory: built, merged, stripped, listed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/kerb/kerb.h"

static const char *const names[] = {"HOST1$", "host/host1.corp.example.com", "host/HOST1"};
static const struct kerb_keytab_spec machine = {
    .realm = "CORP.EXAMPLE.COM", .names = names, .n_names = ARRAY_SIZE(names), .kvno = 2};
static const char *const other_names[] = {"HTTP/www.example.com"};
static const struct kerb_keytab_spec other = {
    .realm = "CORP.EXAMPLE.COM", .names = other_names, .n_names = 1, .kvno = 7};

static struct buf make(const struct buf *old, const struct kerb_keytab_spec *spec, uint32_t kvno)
{
    struct kerb_keytab_spec at = *spec;
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct secret password = {0};
    struct err e = {0};
    at.kvno = kvno;
    assert_int_equal(secret_set(&password, "password", 8), 0);
    assert_int_equal(kerb_keytab_build(old ? old->data : NULL, old ? old->len : 0, &at, &password,
                                       "ATHENA.MIT.EDUraeburn", &out, &e),
                     0);
    secret_free(&password);
    return out;
}

/* How many entries there are of a principal (NULL: any) at a kvno (0: any). */
static size_t count(const struct buf *b, const char *name, uint32_t kvno)
{
    struct kerb_keytab_entry *list;
    struct err e = {0};
    size_t n, hits = 0;
    assert_int_equal(kerb_keytab_list(b->data, b->len, &list, &n, &e), 0);
    for (size_t i = 0; i < n; i++)
        hits += (!name || strcmp(list[i].principal, name) == 0) && (!kvno || list[i].kvno == kvno);
    free(list);
    return hits;
}

static bool contains(const struct buf *b, const void *bytes, size_t n)
{
    for (size_t i = 0; i + n <= b->len; i++) {
        if (memcmp(b->data + i, bytes, n) == 0)
            return true;
    }
    return false;
}

/* As MIT's ktutil 1.20 makes them: addent -password -p x@R -k 1 -e TYPE -s SALT. */
static const unsigned char aes256_key[32] = {
    0x01, 0xb8, 0x97, 0x12, 0x1d, 0x93, 0x3a, 0xb4, 0x4b, 0x47, 0xeb, 0x54, 0x94, 0xdb, 0x15, 0xe5,
    0x0e, 0xb7, 0x45, 0x30, 0xdb, 0xda, 0xe9, 0xb6, 0x34, 0xd6, 0x50, 0x20, 0xff, 0x5d, 0x88, 0xc1};
static const unsigned char aes128_key[16] = {0xfc, 0xa8, 0x22, 0x95, 0x18, 0x13, 0xfb, 0x25,
                                             0x21, 0x54, 0xc8, 0x83, 0xf5, 0xee, 0x1c, 0xf4};

static void test_build(void **s UNUSED)
{
    struct buf b = make(NULL, &machine, 2);
    struct kerb_keytab_entry *list;
    struct err e = {0};
    size_t n;
    assert_int_equal(kerb_keytab_list(b.data, b.len, &list, &n, &e), 0);
    assert_int_equal(n, 6);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(list[i].kvno, 2);
        assert_int_equal(list[i].etype, i < 3 ? KERB_AES256 : KERB_AES128);
        assert_true(list[i].time > 1700000000);
    }
    assert_string_equal(list[0].principal, "HOST1$@CORP.EXAMPLE.COM");
    assert_string_equal(list[1].principal, "host/host1.corp.example.com@CORP.EXAMPLE.COM");
    free(list);
    assert_true(contains(&b, aes256_key, sizeof aes256_key));
    assert_true(contains(&b, aes128_key, sizeof aes128_key));
    assert_false(contains(&b, "password", 8));
    buf_free(&b);
}

static void test_keeps_others_and_the_previous(void **s UNUSED)
{
    struct buf foreign = make(NULL, &other, 7);
    struct buf two = make(&foreign, &machine, 2);
    struct buf three = make(&two, &machine, 3);
    struct buf four = make(&three, &machine, 4);
    assert_int_equal(count(&two, NULL, 0), 2 + 6);
    assert_int_equal(count(&three, NULL, 0), 2 + 12);
    assert_int_equal(count(&four, NULL, 0), 2 + 12); /* 2 is gone */
    assert_int_equal(count(&four, NULL, 3), 6);
    assert_int_equal(count(&four, NULL, 4), 6);
    assert_int_equal(count(&four, "HTTP/www.example.com@CORP.EXAMPLE.COM", 7), 2);
    /* The account was deleted and made anew: higher numbers would win over the key that is right.
     */
    struct buf anew = make(&four, &machine, 1);
    assert_int_equal(count(&anew, NULL, 0), 2 + 6);
    assert_int_equal(count(&anew, "HOST1$@CORP.EXAMPLE.COM", 1), 2);
    /* Made twice: no doubles. */
    struct buf twice = make(&anew, &machine, 1);
    assert_int_equal(count(&twice, NULL, 0), 2 + 6);
    struct buf *all[] = {&foreign, &two, &three, &four, &anew, &twice};
    for (size_t i = 0; i < ARRAY_SIZE(all); i++)
        buf_free(all[i]);
}

static void test_large_kvno(void **s UNUSED)
{
    struct buf b = make(NULL, &machine, 70000);
    assert_int_equal(count(&b, NULL, 70000), 6);
    buf_free(&b);
}

static void test_case_is_not_foreign(void **s UNUSED)
{
    static const char *const upper[] = {"HOST/HOST1.corp.example.com"};
    static const struct kerb_keytab_spec old = {
        .realm = "CORP.EXAMPLE.COM", .names = upper, .n_names = 1};
    struct buf a = make(NULL, &old, 9);
    struct buf b = make(&a, &machine, 1);
    assert_int_equal(count(&b, NULL, 0), 6);
    buf_free(&a);
    buf_free(&b);
}

static void test_other_realm_is_foreign(void **s UNUSED)
{
    struct kerb_keytab_spec there = machine;
    there.realm = "OTHER.EXAMPLE.COM";
    struct buf a = make(NULL, &there, 9), b = make(&a, &machine, 1),
               left = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err e = {0};
    size_t n;
    assert_int_equal(count(&b, NULL, 0), 12);
    assert_int_equal(kerb_keytab_strip(b.data, b.len, &machine, &left, &n, &e), 0);
    assert_int_equal(n, 6);
    assert_int_equal(count(&left, "HOST1$@OTHER.EXAMPLE.COM", 9), 2);
    assert_int_equal(count(&left, NULL, 0), 6);
    buf_free(&a);
    buf_free(&b);
    buf_free(&left);
}

static void test_strip_to_nothing(void **s UNUSED)
{
    struct buf two = make(NULL, &machine, 2), three = make(&two, &machine, 3);
    struct buf left = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err e = {0};
    size_t n = 99;
    assert_int_equal(kerb_keytab_strip(three.data, three.len, &machine, &left, &n, &e), 0);
    assert_int_equal(n, 0);
    assert_int_equal(left.len, 2); /* the version alone */
    buf_free(&two);
    buf_free(&three);
    buf_free(&left);
}

static enum cause refused(const void *data, size_t len)
{
    struct kerb_keytab_entry *list;
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err e = {0}, f = {0};
    size_t n;
    assert_int_equal(kerb_keytab_list(data, len, &list, &n, &e), -1);
    assert_int_equal(kerb_keytab_strip(data, len, &machine, &out, &n, &f), -1);
    assert_int_equal(e.cause, f.cause);
    assert_int_equal(out.len, 0);
    return e.cause;
}

/* A file that is cut or foreign is refused: entries must not get lost in silence. */
static void test_damaged(void **s UNUSED)
{
    struct buf b = make(NULL, &machine, 2);
    assert_int_equal(refused("garbage", 7), CAUSE_FILE_UNPARSABLE);
    assert_int_equal(refused("\5", 1), CAUSE_FILE_UNPARSABLE);
    assert_int_equal(refused("\5\2\0\0", 4), CAUSE_FILE_UNPARSABLE);
    assert_int_equal(refused("\5\2\x80\0\0\0", 6), CAUSE_FILE_UNPARSABLE);
    assert_int_equal(refused("\5\2\x7f\xff\xff\xff", 6), CAUSE_FILE_UNPARSABLE);
    assert_int_equal(refused(b.data, b.len - 1), CAUSE_FILE_UNPARSABLE);
    assert_int_equal(refused(b.data, b.len - 40), CAUSE_FILE_UNPARSABLE);
    char *big = calloc(1, KERB_KEYTAB_MAX + 1);
    memcpy(big, "\5\2", 2);
    assert_int_equal(refused(big, KERB_KEYTAB_MAX + 1), CAUSE_FILE_UNPARSABLE);
    free(big);
    buf_free(&b);
}

/* Changed bytes end in a list or in an error, never outside. */
static void test_mutations(void **s UNUSED)
{
    struct buf b = make(NULL, &other, 7);
    static const unsigned char values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    for (size_t at = 0; at < b.len; at++) {
        for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
            struct kerb_keytab_entry *list = NULL;
            struct err e = {0};
            size_t n;
            unsigned char keep = b.data[at];
            b.data[at] = values[v];
            if (kerb_keytab_list(b.data, b.len, &list, &n, &e) == 0)
                free(list);
            else
                assert_int_not_equal(e.code, 0);
            b.data[at] = keep;
        }
    }
    buf_free(&b);
}

static void test_no_descriptor_left(void **s UNUSED)
{
    int before = open("/dev/null", O_RDONLY | O_CLOEXEC);
    struct buf b = make(NULL, &machine, 2);
    assert_int_equal(count(&b, NULL, 0), 6);
    int after = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_int_equal(after, before + 1);
    close(before);
    close(after);
    buf_free(&b);
}

static void test_machine_salt(void **s UNUSED)
{
    char *salt = kerb_machine_salt("CORP.EXAMPLE.COM", "Kiosk-7$");
    assert_string_equal(salt, "CORP.EXAMPLE.COMhostkiosk-7.corp.example.com");
    free(salt);
    salt = kerb_machine_salt("corp.example.com", "KIOSK-7");
    assert_string_equal(salt, "CORP.EXAMPLE.COMhostkiosk-7.corp.example.com");
    free(salt);
}

/* The private configuration reaches libkrb5, and the caller's cache is remembered. */
static void test_setup(void **s UNUSED)
{
    assert_string_equal(kerb_caller_ccname(), "FILE:/nowhere/at/all");
    assert_null(getenv("KRB5CCNAME"));
    assert_null(getenv("KRB5_KTNAME"));
    assert_null(getenv("KRB5_TRACE"));
    assert_memory_equal(getenv("KRB5_CONFIG"), "/proc/self/fd/", 14);
    struct kerb *k;
    struct kerb_cred *c;
    struct err e = {0};
    struct kerb_target t = {.realm = "corp.example.com", .host = "dc", .fd = -1};
    assert_int_equal(kerb_open(&k, &t, &e), 0);
    assert_string_equal(kerb_realm(k), "CORP.EXAMPLE.COM");
    assert_int_equal(kerb_login_default(k, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_NO_TICKET);
    assert_string_equal(err_fact_get(&e, FACT_FILE), "FILE:/nowhere/at/all");
    kerb_free(k);
}

/* Names that have the account's keys follow it, whoever added them; others do not. */
static void test_sharing_and_extend(void **s UNUSED)
{
    static const char *const added[] = {"HTTP/host1.corp.example.com"};
    static const char *const wanted[] = {"HOST1$", "host/new.corp.example.com"};
    struct kerb_keytab_spec web = machine, more = machine;
    struct strv shared = {0};
    struct err e = {0};
    web.names = added;
    web.n_names = 1;
    struct buf mine = make(NULL, &machine, 4), both = make(&mine, &web, 4), out = BUF_SECRET(4096);
    assert_int_equal(
        kerb_keytab_sharing(both.data, both.len, "HOST1$@CORP.EXAMPLE.COM", &shared, &e), 0);
    assert_int_equal(shared.n, 4);
    assert_true(strv_has(&shared, "HTTP/host1.corp.example.com"));
    strv_free(&shared);
    assert_int_equal(
        kerb_keytab_sharing(both.data, both.len, "HOST2$@CORP.EXAMPLE.COM", &shared, &e), 0);
    assert_int_equal(shared.n, 0);
    more.names = wanted;
    more.n_names = ARRAY_SIZE(wanted);
    more.kvno = 9;
    more.key_of = "HOST1$@CORP.EXAMPLE.COM";
    assert_int_equal(kerb_keytab_extend(both.data, both.len, &more, &out, &e), 0);
    assert_int_equal(count(&out, "HOST1$@CORP.EXAMPLE.COM", 9), 2);
    assert_int_equal(count(&out, "HOST1$@CORP.EXAMPLE.COM", 4), 0);
    assert_int_equal(count(&out, "host/new.corp.example.com@CORP.EXAMPLE.COM", 9), 2);
    assert_int_equal(count(&out, "HTTP/host1.corp.example.com@CORP.EXAMPLE.COM", 4), 2);
    assert_int_equal(kerb_keytab_sharing(out.data, out.len, "HOST1$@CORP.EXAMPLE.COM", &shared, &e),
                     0);
    assert_true(strv_has(&shared, "HTTP/host1.corp.example.com")); /* the same keys still */
    strv_free(&shared);
    buf_free(&out);
    out = BUF_SECRET(4096);
    more.key_of = "HOST2$@CORP.EXAMPLE.COM";
    assert_int_equal(kerb_keytab_extend(both.data, both.len, &more, &out, &e), -1);
    assert_int_equal(e.code, 1789);
    buf_free(&out);
    buf_free(&both);
    buf_free(&mine);
}

static int setup(void **s UNUSED)
{
    struct err e = {0};
    setenv("KRB5CCNAME", "FILE:/nowhere/at/all", 1);
    setenv("KRB5_KTNAME", "FILE:/nowhere/keytab", 1);
    setenv("KRB5_TRACE", "/dev/null", 1);
    setenv("KRB5_CONFIG", "/nowhere/krb5.conf", 1);
    return kerb_setup_process(&e);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_keeps_others_and_the_previous),
        cmocka_unit_test(test_large_kvno),
        cmocka_unit_test(test_case_is_not_foreign),
        cmocka_unit_test(test_other_realm_is_foreign),
        cmocka_unit_test(test_strip_to_nothing),
        cmocka_unit_test(test_sharing_and_extend),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_no_descriptor_left),
        cmocka_unit_test(test_machine_salt),
        cmocka_unit_test(test_setup),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, NULL);
}
