/* Policies and certificate stores in packages of provisioning data. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "engine/offline/package.h"
#include "engine/wire/pol.h"
#include "engine/wire/sst.h"
#include "tests/unit/scratch.h"

#define HEADER "PReg\1\0\0\0"

static void wide(struct buf *b, const char *s)
{
    for (; *s; s++) {
        buf_byte(b, (unsigned char)*s);
        buf_byte(b, 0);
    }
}

static void put32(struct buf *b, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        buf_byte(b, (unsigned char)(v >> (8 * i)));
}

static void instruction(struct buf *b, const char *key, const char *value, uint32_t type,
                        const void *data, uint32_t size)
{
    wide(b, "[");
    wide(b, key);
    buf_put(b, "\0\0", 2);
    wide(b, ";");
    wide(b, value);
    buf_put(b, "\0\0", 2);
    wide(b, ";");
    put32(b, type);
    wide(b, ";");
    put32(b, size);
    wide(b, ";");
    buf_put(b, data, size);
    wide(b, "]");
}

static struct buf policy(void)
{
    struct buf b = BUF_INIT(1 << 20);
    buf_put(&b, HEADER, 8);
    instruction(&b, "Software\\Policies\\A;B]", "Use", 4, "\1\0\0\0", 4);
    instruction(&b, "Software\\Policies", "Text", 1, "]\0;\0\0\0", 6);
    instruction(&b, "Software\\Policies", "**delvals.", 1, "", 0);
    return b;
}

static void test_policy(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = policy();
    struct odj_policy_list CLEANUP(pol_free) l = {0};
    struct err e = {0};
    assert_int_equal(pol_read(b.data, b.len, "m.pol", &l, &e), 0);
    assert_int_equal(l.n, 3);
    assert_string_equal(l.source, "m.pol");
    assert_int_equal(l.root_key, 0x80000002);
    assert_string_equal(l.elements[0].key, "Software\\Policies\\A;B]");
    assert_string_equal(l.elements[0].value, "Use");
    assert_int_equal(l.elements[0].type, 4);
    assert_memory_equal(l.elements[0].data.data, "\1\0\0\0", 4);
    assert_int_equal(l.elements[1].data.len, 6);
    assert_string_equal(l.elements[2].value, "**delvals.");
    assert_null(l.elements[2].data.data);
}

static void refused(const void *data, size_t len)
{
    struct odj_policy_list l;
    struct err e = {0};
    assert_int_equal(pol_read(data, len, "x", &l, &e), -1);
    assert_int_equal(e.cause, CAUSE_POLICY_FILE_BAD);
    assert_non_null(err_fact_get(&e, FACT_PLACE));
    assert_int_equal(l.n, 0);
    assert_null(l.elements);
}

static void test_policy_damaged(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = policy(), one = BUF_INIT(1 << 20);
    struct odj_policy_list l;
    struct err e = {0};
    assert_int_equal(pol_read(HEADER, 8, "x", &l, &e), 0); /* no settings is no fault */
    assert_int_equal(l.n, 0);
    pol_free(&l);
    buf_put(&one, HEADER, 8);
    instruction(&one, "K", "V", 4, "\1\2\3\4", 4);
    for (size_t n = 0; n < one.len; n++)
        if (n != 8)
            refused(one.data, n);
    refused("PReg\2\0\0\0", 8);
    refused("QReg\1\0\0\0", 8);
    /* The size says more than there is, or more than is allowed. */
    one.data[one.len - 2 - 4 - 2 - 4] = 0xff;
    refused(one.data, one.len);
    memset(&one.data[one.len - 2 - 4 - 2 - 4], 0xff, 4);
    refused(one.data, one.len);
    buf_free(&one);
    one = BUF_INIT(1 << 20);
    buf_put(&one, HEADER, 8);
    instruction(&one, "", "V", 4, "\1\2\3\4", 4); /* no key */
    refused(one.data, one.len);
    /* A key without an end. */
    buf_free(&one);
    one = BUF_INIT(1 << 20);
    buf_put(&one, HEADER, 8);
    wide(&one, "[");
    for (int i = 0; i < 40000; i++)
        wide(&one, "k");
    refused(one.data, one.len);
    put32(&one, 0);
    refused(one.data, one.len);
}

static void test_store(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = BUF_INIT(1000);
    sst_begin(&b);
    sst_add("one", 3, &b);
    buf_put(&b, "\3\0\0\0\1\0\0\0\2\0\0\0pp", 14); /* a property of the next one */
    sst_add("second", 6, &b);
    sst_end(&b);
    assert_memory_equal(b.data, "\0\0\0\0CERT\x20\0\0\0\1\0\0\0\3\0\0\0one", 23);
    assert_int_equal(sst_count(b.data, b.len), 2);
    struct sst it;
    const unsigned char *der;
    size_t len;
    assert_true(sst_open(b.data, b.len, &it));
    assert_int_equal(sst_next(&it, &der, &len), 1);
    assert_int_equal(len, 3);
    assert_int_equal(sst_next(&it, &der, &len), 1);
    assert_int_equal(len, 6);
    assert_memory_equal(der, "second", 6);
    assert_int_equal(sst_next(&it, &der, &len), 0);
    for (size_t n = 0; n < b.len; n++)
        assert_int_equal(sst_count(b.data, n), -1);
    buf_byte(&b, 0);
    assert_int_equal(sst_count(b.data, b.len), -1);
    b.data[16] = 0xff; /* length of the first */
    assert_int_equal(sst_count(b.data, b.len), -1);
    assert_int_equal(sst_count("\0\0\0\0CARD\0\0\0\0\0\0\0\0\0\0\0\0", 20), -1);
}

static char *dir;

/* A root and an authority below it. */
static int make_certificates(void **s UNUSED)
{
    dir = scratch_new();
    AUTOFREE char *command = xasprintf(
        "cd %s && ( openssl req -x509 -nodes -newkey rsa:2048 -subj '/O=Ex, Inc/CN=R\xc3\xb6ot' "
        "-utf8 -keyout root.key -out root.pem && openssl req -x509 -nodes -newkey rsa:2048 -subj "
        "/CN=Issuing -CA root.pem -CAkey root.key -keyout sub.key -out sub.pem && openssl x509 "
        "-in root.pem -outform DER -out root.der && (echo '# roots'; cat sub.pem root.pem "
        "sub.key root.pem) >all.pem ) >log 2>&1",
        dir);
    return system(command);
}

static int drop_certificates(void **s UNUSED)
{
    scratch_drop(dir);
    return 0;
}

static struct buf file(const char *name)
{
    struct buf b = BUF_INIT(1 << 20);
    AUTOFREE char *path = xasprintf("%s/%s", dir, name);
    char some[4096];
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n;
    while ((n = fread(some, 1, sizeof some, f)) > 0)
        buf_put(&b, some, n);
    fclose(f);
    return b;
}

static void test_certificates(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) all = file("all.pem"), der = file("root.der");
    struct certs CLEANUP(certs_free) c = {0};
    struct err e = {0};
    assert_int_equal(certs_read(all.data, all.len, &c, &e), 0);
    assert_int_equal(c.n, 2); /* the root once, the key not at all */
    assert_false(certs_is_root(c.der[0].data, c.der[0].len));
    assert_true(certs_is_root(c.der[1].data, c.der[1].len));
    AUTOFREE char *subject = certs_subject(c.der[1].data, c.der[1].len);
    assert_string_equal(subject, "CN=R\xc3\xb6ot,O=Ex\\, Inc");
    assert_int_equal(certs_read(der.data, der.len, &c, &e), 0);
    assert_int_equal(c.n, 2);
    assert_int_equal(certs_read(der.data, der.len - 1, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_CERTIFICATES_BAD);
    assert_null(certs_subject("rubbish", 7));
    assert_false(certs_is_root("rubbish", 7));
    struct certs CLEANUP(certs_free) d = {0};
    struct err e3 = {0};
    assert_int_equal(
        certs_read("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 58, &d, &e3),
        -1);
    assert_int_equal(e3.cause, CAUSE_CERTIFICATES_BAD);
    struct err e4 = {0};
    assert_int_equal(certs_read("nothing", 7, &d, &e4), -1);
    assert_int_equal(e4.cause, CAUSE_CERTIFICATES_BAD);
}

/* What goes into a package comes out of its bytes. */
static void test_package(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) all = file("all.pem"), pol = policy(), bytes = BUF_SECRET(1 << 20);
    struct odj CLEANUP(odj_free) o = {0};
    struct odj CLEANUP(odj_free) back = {0};
    struct odj_join join = {.domain = xstrdup("corp.example"), .machine = xstrdup("PC1")};
    struct odj_package *p;
    struct certs CLEANUP(certs_free) chain = {0};
    struct err e = {0};
    assert_int_equal(secret_set(&join.password, "pw", 2), 0);
    assert_int_equal(odj_start(&o, &join, &p, &e), 0);
    assert_int_equal(package_add_roots(p, &all, &e), 0);
    assert_int_equal(certs_read(all.data, all.len, &chain, &e), 0);
    assert_int_equal(package_add_chain(p, PACKAGE_CA_STORE, &chain, &e), 0);
    assert_int_equal(package_add_policy(p, "a.pol", &pol, &e), 0);
    assert_int_equal(package_add_policy(p, "b.pol", &pol, &e), 0);
    assert_int_equal(odj_write(&o, &bytes, &e), 0);
    assert_int_equal(odj_read(bytes.data, bytes.len, &back, &e), 0);
    const struct odj_part *part = odj_part(&back, ODJ_CERTIFICATES);
    assert_non_null(part);
    const struct odj_certificates *c = &part->u.certificates;
    assert_int_equal(c->n_stores, 2);
    assert_string_equal(c->stores[0].name, "Root");
    assert_int_equal(c->stores[0].location, 0x20000);
    assert_int_equal(sst_count(c->stores[0].sst.data, c->stores[0].sst.len), 1);
    assert_string_equal(c->stores[1].name, "CA");
    assert_int_equal(sst_count(c->stores[1].sst.data, c->stores[1].sst.len), 2);
    part = odj_part(&back, ODJ_POLICIES);
    assert_non_null(part);
    assert_int_equal(part->u.policies.n, 2);
    assert_string_equal(part->u.policies.lists[1].source, "b.pol");
    assert_int_equal(part->u.policies.lists[1].n, 3);
}

static void test_parts(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) all = file("all.pem"), sub = file("sub.pem"), pol = policy();
    struct odj_certificates CLEANUP(package_certificates_free) c = {0};
    struct odj_policies CLEANUP(package_policies_free) p = {0};
    struct certs CLEANUP(certs_free) chain = {0};
    struct err e = {0};
    assert_int_equal(certs_read(all.data, all.len, &chain, &e), 0);
    assert_int_equal(package_chain(&c, &chain, &e), 0);
    assert_int_equal(c.n_stores, 2);
    assert_string_equal(c.stores[0].name, "Root");
    assert_string_equal(c.stores[1].name, "CA");
    assert_int_equal(package_policy(&p, "a.pol", &pol, &e), 0);
    assert_int_equal(package_roots(&c, &sub, &e), -1); /* no root in it */
    assert_int_equal(e.cause, CAUSE_CERTIFICATES_BAD);
    assert_int_equal(c.n_stores, 2);
    struct err e2 = {0};
    pol.len--;
    assert_int_equal(package_policy(&p, "/x/a.pol", &pol, &e2), -1);
    assert_string_equal(err_fact_get(&e2, FACT_FILE), "/x/a.pol");
    assert_int_equal(p.n, 1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_policy),  cmocka_unit_test(test_policy_damaged),
        cmocka_unit_test(test_store),   cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_package), cmocka_unit_test(test_parts),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_certificates, drop_certificates);
}
