/* Keys under several version numbers, and keytabs without another machine's keys. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/kerb/kerb.h"

#define REALM "CORP.EXAMPLE.COM"

static const char *const names[] = {"HOST1$", "host/host1.corp.example.com"};
static const int three[] = {KERB_AES256, KERB_AES128, KERB_RC4};
static const int aes[] = {KERB_AES256, KERB_AES128};

static struct buf add(struct buf *old, const char *const *list, size_t n, uint32_t kvno,
                      const char *text)
{
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct secret password = {0};
    struct err e = {0};
    struct kerb_keytab_spec spec = {.realm = REALM,
                                    .names = list,
                                    .n_names = n,
                                    .kvno = kvno,
                                    .etypes = three,
                                    .n_etypes = ARRAY_SIZE(three)};
    assert_int_equal(secret_set(&password, text, strlen(text)), 0);
    assert_int_equal(kerb_keytab_build(old ? old->data : NULL, old ? old->len : 0, &spec, &password,
                                       "salt", &out, &e),
                     0);
    secret_free(&password);
    if (old)
        buf_free(old);
    return out;
}

/* Entries of a principal without realm (NULL: any), at a kvno and of a type (0: any). */
static size_t count(const struct buf *b, const char *name, uint32_t kvno, int etype)
{
    struct kerb_keytab_entry *list;
    struct err e = {0};
    size_t n, hits = 0;
    AUTOFREE char *full = name ? xasprintf("%s@%s", name, REALM) : NULL;
    assert_int_equal(kerb_keytab_list(b->data, b->len, &list, &n, &e), 0);
    for (size_t i = 0; i < n; i++)
        hits += (!full || strcmp(list[i].principal, full) == 0) &&
                (!kvno || list[i].kvno == kvno) && (!etype || list[i].etype == etype);
    free(list);
    return hits;
}

static struct kerb_keytab_spec mine(void)
{
    return (struct kerb_keytab_spec){
        .realm = REALM, .names = names, .n_names = ARRAY_SIZE(names), .key_of = "HOST1$@" REALM};
}

static struct buf guessed(uint32_t last)
{
    static const char *const service[] = {"HTTP/www.example.com"};
    struct buf one = add(NULL, service, 1, 7, "other");
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct kerb_keytab_spec spec = mine();
    struct err e = {0};
    one = add(&one, names, ARRAY_SIZE(names), 1, "password");
    assert_int_equal(kerb_keytab_number(one.data, one.len, &spec, 1, last, &out, &e), 0);
    buf_free(&one);
    return out;
}

static void test_many_numbers(void **state)
{
    (void)state;
    struct buf b = guessed(5);
    for (uint32_t kvno = 1; kvno <= 5; kvno++) {
        assert_int_equal(count(&b, "HOST1$", kvno, 0), 3);
        assert_int_equal(count(&b, "host/host1.corp.example.com", kvno, KERB_AES256), 1);
    }
    assert_int_equal(count(&b, "HOST1$", 6, 0), 0);
    assert_int_equal(count(&b, "HTTP/www.example.com", 7, 0), 3);
    assert_int_equal(count(&b, NULL, 0, 0), 5 * 2 * 3 + 3);
    buf_free(&b);
}

static void test_true_number(void **state)
{
    (void)state;
    static const uint32_t numbers[] = {1, 3, 5, 41, 4000};
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        struct buf b = guessed(5), out = BUF_SECRET(KERB_KEYTAB_MAX);
        struct kerb_keytab_spec spec = mine();
        struct err e = {0};
        spec.etypes = aes;
        spec.n_etypes = ARRAY_SIZE(aes);
        assert_int_equal(kerb_keytab_number(b.data, b.len, &spec, numbers[i], numbers[i], &out, &e),
                         0);
        assert_int_equal(count(&out, "HOST1$", numbers[i], 0), 2);
        assert_int_equal(count(&out, NULL, 0, KERB_RC4), 1); /* the service's */
        assert_int_equal(count(&out, NULL, 0, 0), 2 * 2 + 3);
        buf_free(&b);
        buf_free(&out);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct buf b = guessed(2), out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct kerb_keytab_spec spec = mine();
    struct err e = {0};
    assert_int_equal(kerb_keytab_number(b.data, b.len, &spec, 0, 1, &out, &e), -1);
    assert_int_equal(kerb_keytab_number(b.data, b.len, &spec, 3, 2, &out, &e), -1);
    assert_int_equal(kerb_keytab_number(b.data, b.len, &spec, 1, KERB_NUMBERS_MAX + 1, &out, &e),
                     -1);
    err_reset(&e);
    spec.key_of = "STRANGER$@" REALM;
    assert_int_equal(kerb_keytab_number(b.data, b.len, &spec, 1, 2, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_MACHINE_KEYTAB_MISSING);
    err_reset(&e);
    assert_int_equal(kerb_keytab_number(b.data, b.len - 3, &spec, 1, 2, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    buf_free(&b);
    buf_free(&out);
}

static void test_clean(void **state)
{
    (void)state;
    static const char *const old[] = {"OLD$", "host/old.corp.example.com", "cifs/alias"};
    static const char *const by_name[] = {"host/OLD", "nfs/old.corp.example.com"};
    static const char *const stay[] = {"HTTP/www.example.com", "host/older.corp.example.com"};
    struct strv dropped = {0};
    struct err e = {0};
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct buf b = add(NULL, old, ARRAY_SIZE(old), 3, "old");
    b = add(&b, by_name, ARRAY_SIZE(by_name), 9, "something else");
    b = add(&b, stay, ARRAY_SIZE(stay), 2, "services");
    assert_int_equal(kerb_keytab_clean(b.data, b.len, &out, &dropped, &e), 0);
    for (size_t i = 0; i < ARRAY_SIZE(stay); i++)
        assert_int_equal(count(&out, stay[i], 2, 0), 3);
    assert_int_equal(count(&out, NULL, 0, 0), 6);
    assert_string_equal(dropped.s[0], "OLD$@" REALM);
    strv_free(&dropped);
    buf_free(&b);
    buf_free(&out);
}

static void test_nothing_to_clean(void **state)
{
    (void)state;
    static const char *const stay[] = {"HTTP/www.example.com", "host/somebody.example.com"};
    struct strv dropped = {0};
    struct err e = {0};
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX), b = add(NULL, stay, ARRAY_SIZE(stay), 2, "x");
    assert_int_equal(kerb_keytab_clean(b.data, b.len, &out, &dropped, &e), 0);
    assert_int_equal(dropped.n, 0);
    assert_int_equal(out.len, b.len);
    assert_memory_equal(out.data, b.data, b.len);
    buf_free(&out);
    out = BUF_SECRET(KERB_KEYTAB_MAX);
    assert_int_equal(kerb_keytab_clean("\5\2\0", 3, &out, &dropped, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    buf_free(&b);
    buf_free(&out);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_numbers),     cmocka_unit_test(test_true_number),
        cmocka_unit_test(test_refused),          cmocka_unit_test(test_clean),
        cmocka_unit_test(test_nothing_to_clean),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
