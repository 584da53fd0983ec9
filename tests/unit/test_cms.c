/* Envelopes, against OpenSSL's own command in both directions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "engine/crypto/certs.h"
#include "engine/crypto/cms.h"
#include "tests/unit/scratch.h"

static char *dir;
static const char contents[] = "provisioning data, which IS a password";

/* Runs a command in the test's own directory; its status. */
static int run(const char *fmt, const char *arg)
{
    AUTOFREE char *what = xasprintf(fmt, arg);
    AUTOFREE char *all = xasprintf("cd %s && ( %s ) >log 2>&1", dir, what);
    return system(all);
}

static void put(const char *name, const struct buf *b)
{
    AUTOFREE char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(b->data, 1, b->len, f), b->len);
    fclose(f);
}

static struct buf get(const char *name)
{
    struct buf b = BUF_INIT(1 << 20);
    AUTOFREE char *path = xasprintf("%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char some[4096];
    size_t n;
    while ((n = fread(some, 1, sizeof some, f)) > 0)
        buf_put(&b, some, n);
    fclose(f);
    return b;
}

/* One key pair of each kind, and a stranger's. */
static int setup(void **s UNUSED)
{
    dir = scratch_new();
    return run(
        "req() { openssl req -x509 -nodes -subj /CN=$1 -keyout $1.key -out $1.pem -days 9 -newkey "
        "$2 $3 $4; } && req rsa rsa:2048 && req weak rsa:1024 && req stranger rsa:2048 && "
        "req ec ec -pkeyopt%s && req sign ed25519",
        " ec_paramgen_curve:P-256");
}

static int teardown(void **s UNUSED)
{
    scratch_drop(dir);
    return 0;
}

static struct secret passphrase(const char *text)
{
    struct secret p = {0};
    assert_int_equal(secret_set(&p, text, strlen(text)), 0);
    return p;
}

/* certificates: names of files, or NULL. */
static struct buf wrapped(const char *pass, const char *const *certificates)
{
    struct buf out = BUF_SECRET(1 << 20), files[4] = {0};
    struct secret p = passphrase(pass ? pass : "");
    struct cms_target to = {.passphrase = pass ? &p : NULL, .certificates = files};
    struct err e = {0};
    for (; certificates && certificates[to.n_certificates]; to.n_certificates++)
        files[to.n_certificates] = get(certificates[to.n_certificates]);
    assert_int_equal(cms_wrap(contents, strlen(contents), &to, &out, &e), 0);
    for (size_t i = 0; i < to.n_certificates; i++)
        buf_free(&files[i]);
    secret_free(&p);
    return out;
}

/* 0, or the cause of the refusal; nothing but the contents ever comes out. */
static enum cause opened(const struct buf *b, const char *pass, const char *key_file)
{
    struct buf CLEANUP(buf_free) out = BUF_SECRET(1 << 20), key = {0};
    struct secret CLEANUP(secret_free) p = passphrase(pass ? pass : "");
    if (key_file)
        key = get(key_file);
    struct cms_keys keys = {pass ? &p : NULL, key.data, key.len};
    struct err e = {0};
    int rc = cms_unwrap(b->data, b->len, &keys, &out, &e);
    if (rc == 0)
        assert_string_equal(buf_text(&out), contents);
    else
        assert_int_equal(out.len, 0);
    return rc == 0 ? (enum cause)0 : e.cause;
}

static void test_passphrase(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = wrapped("Gr\xc3\xbc\xc3\x9f"
                                             "e, kein Geheimnis",
                                             NULL);
    assert_int_equal(cms_kind_of(b.data, b.len), CMS_PASSPHRASE);
    assert_int_equal(opened(&b,
                            "Gr\xc3\xbc\xc3\x9f"
                            "e, kein Geheimnis",
                            NULL),
                     0);
    assert_int_equal(opened(&b,
                            "gr\xc3\xbc\xc3\x9f"
                            "e, kein Geheimnis",
                            NULL),
                     CAUSE_PASSPHRASE_WRONG);
    assert_int_equal(opened(&b, NULL, NULL), CAUSE_PASSPHRASE_MISSING);
    assert_int_equal(opened(&b, NULL, "rsa.key"), CAUSE_PASSPHRASE_MISSING);
    put("p.der", &b);
    assert_int_equal(run("openssl cms -decrypt -inform DER -in p.der -binary -pwri_password "
                         "'%s' -out p.txt",
                         "Gr\xc3\xbc\xc3\x9f"
                         "e, kein Geheimnis"),
                     0);
    struct buf CLEANUP(buf_free) text = get("p.txt");
    assert_string_equal(buf_text(&text), contents);
    /* AES-256-CBC, and the rounds are what is promised. */
    assert_int_equal(run("openssl asn1parse -inform DER -in p.der >p.asn && grep -q "
                         "hmacWithSHA256 p.asn && grep -q aes-256-cbc p.asn && grep -q "
                         "'INTEGER *:0*%s' p.asn",
                         "927C0"),
                     0);
}

static void test_certificates(void **s UNUSED)
{
    static const char *const both[] = {"rsa.pem", "ec.pem", NULL};
    struct buf CLEANUP(buf_free) b = wrapped(NULL, both);
    assert_int_equal(cms_kind_of(b.data, b.len), CMS_RECIPIENTS);
    assert_int_equal(opened(&b, NULL, "rsa.key"), 0);
    assert_int_equal(opened(&b, NULL, "ec.key"), 0);
    assert_int_equal(opened(&b, NULL, "stranger.key"), CAUSE_RECIPIENT_KEY_WRONG);
    assert_int_equal(opened(&b, NULL, "rsa.pem"), CAUSE_RECIPIENT_KEY_WRONG);
    assert_int_equal(opened(&b, "x", NULL), CAUSE_RECIPIENT_KEY_MISSING);
    put("c.der", &b);
    for (size_t i = 0; both[i]; i++) {
        AUTOFREE char *name = xstrndup(both[i], strlen(both[i]) - 4);
        AUTOFREE char *command = xasprintf("openssl cms -decrypt -inform DER -in c.der -binary "
                                           "-recip %%s.pem -inkey %s.key -out c.txt",
                                           name);
        assert_int_equal(run("rm -f c.txt%s", ""), 0);
        AUTOFREE char *full = xasprintf(command, name);
        assert_int_equal(run("%s", full), 0);
        struct buf CLEANUP(buf_free) text = get("c.txt");
        assert_string_equal(buf_text(&text), contents);
    }
    assert_int_equal(run("openssl asn1parse -inform DER -in c.der | grep -q aes-256-%s", "gcm"), 0);
    assert_int_equal(run("openssl asn1parse -inform DER -in c.der | grep -q rsaes%s", "Oaep"), 0);
}

static void test_both(void **s UNUSED)
{
    static const char *const one[] = {"ec.pem", NULL};
    struct buf CLEANUP(buf_free) b = wrapped("pass phrase", one);
    assert_int_equal(cms_kind_of(b.data, b.len), CMS_BOTH);
    assert_int_equal(opened(&b, "pass phrase", NULL), 0);
    assert_int_equal(opened(&b, NULL, "ec.key"), 0);
    assert_int_equal(opened(&b, "wrong", "ec.key"), 0);
    assert_int_equal(opened(&b, "pass phrase", "stranger.key"), 0);
    assert_int_equal(opened(&b, "wrong", "stranger.key"), CAUSE_PASSPHRASE_WRONG);
    put("b.der", &b);
    assert_int_equal(run("openssl cms -decrypt -inform DER -in b.der -binary -pwri_password "
                         "'%s' -out b.txt",
                         "pass phrase"),
                     0);
    struct buf CLEANUP(buf_free) text = get("b.txt");
    assert_string_equal(buf_text(&text), contents);
    assert_int_equal(run("openssl cms -decrypt -inform DER -in b.der -binary -recip ec.pem -inkey "
                         "%s -out b2.txt && cmp b.txt b2.txt",
                         "ec.key"),
                     0);
}

/* What others made with the stock command, PEM and streamed included. */
static void test_made_by_openssl(void **s UNUSED)
{
    static const struct {
        const char *command, *pass, *key;
    } v[] = {
        {"-outform DER -aes-256-cbc -pwri_password secret", "secret", NULL},
        {"-outform PEM -aes-128-cbc -pwri_password secret", "secret", NULL},
        {"-outform DER -stream -aes-256-cbc rsa.pem", NULL, "rsa.key"},
        {"-outform PEM -stream -aes-256-gcm rsa.pem", NULL, "rsa.key"},
        {"-outform DER -aes-256-gcm ec.pem stranger.pem", NULL, "ec.key"},
        {"-outform DER -aes-256-gcm -recip rsa.pem -keyopt rsa_padding_mode:oaep", NULL, "rsa.key"},
    };
    struct buf plain = BUF_INIT(100);
    buf_str(&plain, contents);
    put("plain", &plain);
    buf_free(&plain);
    for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
        assert_int_equal(run("openssl cms -encrypt -binary -in plain -out o %s", v[i].command), 0);
        struct buf CLEANUP(buf_free) b = get("o");
        assert_int_equal(cms_kind_of(b.data, b.len), v[i].pass ? CMS_PASSPHRASE : CMS_RECIPIENTS);
        /* A list of files looks at their beginning only. */
        assert_int_equal(cms_kind_of(b.data, b.len - 40),
                         v[i].pass ? CMS_PASSPHRASE : CMS_RECIPIENTS);
        assert_int_equal(opened(&b, v[i].pass, v[i].key), 0);
    }
}

static void test_not_an_envelope(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) cert = get("rsa.pem");
    assert_int_equal(cms_kind_of(cert.data, cert.len), CMS_NONE);
    assert_int_equal(opened(&cert, "x", NULL), CAUSE_BAD_OFFLINE_DATA);
    assert_int_equal(cms_kind_of("", 0), CMS_NONE);
    assert_int_equal(cms_kind_of("\x30", 1), CMS_NONE);
    assert_int_equal(cms_kind_of("-----BEGIN CMS-----", 19), CMS_NONE);
    /* Signed, not enveloped. */
    assert_int_equal(run("openssl cms -sign -in rsa.pem -signer rsa.pem -inkey rsa.key -outform %s "
                         "-out sig",
                         "DER"),
                     0);
    struct buf CLEANUP(buf_free) sig = get("sig");
    assert_int_equal(cms_kind_of(sig.data, sig.len), CMS_NONE);
    assert_int_equal(opened(&sig, "x", NULL), CAUSE_BAD_OFFLINE_DATA);
}

static void test_bad_certificates(void **s UNUSED)
{
    static const char *const v[] = {"rsa.key", "sign.pem", "log"};
    for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
        struct buf CLEANUP(buf_free) file = get(v[i]), out = BUF_SECRET(1 << 20);
        struct cms_target to = {.certificates = &file, .n_certificates = 1};
        struct err e = {0};
        assert_int_equal(cms_wrap(contents, 5, &to, &out, &e), -1);
        assert_int_equal(e.cause, CAUSE_RECIPIENT_CERTIFICATE);
    }
    struct buf out = BUF_SECRET(1 << 20);
    struct cms_target none = {0};
    struct err e = {0};
    assert_int_equal(cms_wrap(contents, 5, &none, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_PROTECTION_MISSING);
}

/* Each byte changed, and each length: refused, or opened to the very contents, never to others. */
static void test_damaged(void **s UNUSED)
{
    static const char *const one[] = {"ec.pem", NULL};
    struct buf CLEANUP(buf_free) b = wrapped(NULL, one);
    struct buf CLEANUP(buf_free) key = get("ec.key");
    struct cms_keys keys = {NULL, key.data, key.len};
    assert_int_equal(opened(&b, NULL, "ec.key"), 0);
    for (size_t i = 0; i < b.len; i++) {
        struct buf CLEANUP(buf_free) out = BUF_SECRET(1 << 20);
        struct err e = {0};
        b.data[i] ^= 0x55;
        if (cms_unwrap(b.data, b.len, &keys, &out, &e) == 0)
            assert_string_equal(buf_text(&out), contents);
        else
            assert_true(e.code == 2710 || e.code == 1326 || e.code == 87);
        b.data[i] ^= 0x55;
    }
    for (size_t n = 0; n < b.len; n++) {
        struct buf CLEANUP(buf_free) out = BUF_SECRET(1 << 20);
        struct err e = {0};
        assert_int_equal(cms_unwrap(b.data, n, &keys, &out, &e), -1);
        assert_int_equal(e.code, 2710);
    }
    struct buf CLEANUP(buf_free) more = BUF_INIT(1 << 20);
    buf_put(&more, b.data, b.len);
    buf_byte(&more, 0);
    assert_int_equal(opened(&more, NULL, "ec.key"), CAUSE_BAD_OFFLINE_DATA);
}

/* Far too many rounds are refused before any is done. */
static void test_rounds(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) b = wrapped("x", NULL);
    static const unsigned char rounds[] = {2, 3, 0x09, 0x27, 0xc0};
    unsigned char *at = NULL;
    for (size_t i = 0; i + sizeof rounds < b.len && !at; i++)
        if (memcmp(b.data + i, rounds, sizeof rounds) == 0)
            at = b.data + i;
    assert_non_null(at);
    assert_int_equal(opened(&b, "x", NULL), 0);
    at[2] = 0x20; /* two million: looked at */
    assert_int_equal(opened(&b, "x", NULL), CAUSE_PASSPHRASE_WRONG);
    at[2] = 0x99; /* negative */
    assert_int_equal(opened(&b, "x", NULL), CAUSE_BAD_OFFLINE_DATA);
    at[1] = 4; /* the next field's tag is the number's last byte then: not PBKDF2 any more */
    assert_int_equal(opened(&b, "x", NULL), CAUSE_BAD_OFFLINE_DATA);
}

/* What a secret is better not given to. The certificates are valid for nine days. */
static void test_judged(void **s UNUSED)
{
    static const struct {
        const char *file;
        int days;
        enum certs_flaw flaw;
    } rows[] = {
        {"rsa.pem", 0, CERTS_SOUND},          {"ec.pem", 8, CERTS_SOUND},
        {"rsa.pem", 10, CERTS_NOT_VALID_NOW}, {"ec.pem", -1, CERTS_NOT_VALID_NOW},
        {"weak.pem", 0, CERTS_WEAK},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct buf CLEANUP(buf_free) pem = get(rows[i].file);
        struct certs CLEANUP(certs_free) c = {0};
        struct err e = {0};
        assert_int_equal(certs_read(pem.data, pem.len, &c, &e), 0);
        assert_int_equal(c.n, 1);
        assert_int_equal(
            certs_judge(c.der[0].data, c.der[0].len, time(NULL) + 86400 * rows[i].days),
            rows[i].flaw);
    }
    assert_int_equal(certs_judge("rubbish", 7, 0), CERTS_SOUND); /* what it is, others say */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passphrase),
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_both),
        cmocka_unit_test(test_made_by_openssl),
        cmocka_unit_test(test_not_an_envelope),
        cmocka_unit_test(test_bad_certificates),
        cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_rounds),
        cmocka_unit_test(test_judged),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
