/* The ping request and reply as BER, control values, and what a KDC hides in its errors. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/ber/control.h"
#include "engine/ber/krb.h"
#include "engine/ber/ping.h"

static size_t unhex(const char *hex, unsigned char *out)
{
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        unsigned v = 0;
        sscanf(hex + 2 * i, "%2x", &v);
        out[i] = (unsigned char)v;
    }
    return n;
}

static void assert_hex(const struct buf *b, const char *hex)
{
    unsigned char want[1024];
    size_t n = unhex(hex, want);
    assert_int_equal(b->len, n);
    assert_memory_equal(b->data, want, n);
}

/* ---- ping ---- */

static void test_ping_request(void **s UNUSED)
{
    struct buf b = BUF_INIT(1024);
    struct ber_ping p = {.msgid = 7, .domain = "corp.example.com", .host = "client1"};
    assert_int_equal(ber_ping_encode(&p, &b), 0);
    /* As accepted by Samba; the filter is that of [MS-ADTS] 6.3.3. */
    assert_hex(
        &b,
        "3063020107635e04000a01000a0100020100020100010100a03fa31d0409446e73446f6d61696e0410636f"
        "72702e6578616d706c652e636f6da30f0404486f73740407636c69656e7431a30d04054e7456657204041600"
        "0000300a04084e65746c6f676f6e");
    buf_free(&b);
}

static void test_ping_request_parts(void **s UNUSED)
{
    struct buf b = BUF_INIT(1024), c = BUF_INIT(1024);
    unsigned char guid[16] = {1, 0, 0xff};
    struct ber_ping p = {.msgid = 1, .ntver = 0x01000016, .guid = guid, .dns_host = "c.corp.test"};
    assert_int_equal(ber_ping_encode(&p, &b), 0);
    assert_non_null(memmem(b.data, b.len,
                           "\4\xb"
                           "DnsHostName\4\xb"
                           "c.corp.test",
                           26));
    assert_non_null(memmem(b.data, b.len,
                           "\4\xa"
                           "DomainGuid\4\x10\1\0\xff",
                           17));
    assert_non_null(memmem(b.data, b.len, "\4\5NtVer\4\4\x16\0\0\1", 13));
    assert_null(memmem(b.data, b.len, "DnsDomain", 9));
    char huge[300];
    memset(huge, 'x', sizeof huge);
    huge[sizeof huge - 1] = '\0';
    p.domain = huge;
    assert_int_equal(ber_ping_encode(&p, &c), -1);
    buf_free(&b);
    buf_free(&c);
}

/* An attribute without values; replies in short lengths, and in the long ones that Windows uses. */
static const char no_values[] = "301502010764100400300c300a04086e65746c6f676f6e";
static const char value_reply[] = "301b02010764160400301230100408"
                                  "4e65746c6f676f6e310404021700"
                                  "300c02010765070a010004000400";
static const char windows_reply[] = "3084000000330201076484000000"
                                    "2a0400308400000022308400000"
                                    "01c04084e65746c6f676f6e31840000000c040a17000000000000000000"
                                    "308400000010020107658400000007"
                                    "0a010004000400";
static const char only_done[] = "300c02010765070a010004000400";
static const char done_busy[] = "300c02010765070a013304000400";

static enum ber_ping_status decode(const char *hex, int id, size_t *len, int *rc)
{
    unsigned char data[512], *copy;
    const unsigned char *value = NULL;
    size_t n = unhex(hex, data);
    copy = malloc(n);
    memcpy(copy, data, n);
    *len = 0;
    enum ber_ping_status st = ber_ping_decode(copy, n, id, &value, len, rc);
    if (st == BER_PING_VALUE)
        assert_true(value >= copy && value + *len <= copy + n);
    free(copy);
    return st;
}

static void test_ping_reply(void **s UNUSED)
{
    size_t len;
    int rc;
    assert_int_equal(decode(value_reply, 7, &len, &rc), BER_PING_VALUE);
    assert_int_equal(len, 2);
    assert_int_equal(decode(windows_reply, 7, &len, &rc), BER_PING_VALUE);
    assert_int_equal(len, 10);
    assert_int_equal(decode(only_done, 7, &len, &rc), BER_PING_NO_VALUE);
    assert_int_equal(rc, 0);
    assert_int_equal(decode(done_busy, 7, &len, &rc), BER_PING_NO_VALUE);
    assert_int_equal(rc, 0x33);
}

static void test_ping_reply_broken(void **s UNUSED)
{
    size_t len;
    int rc;
    assert_int_equal(decode(value_reply, 8, &len, &rc),
                     BER_PING_MALFORMED); /* another question's */
    assert_int_equal(decode(no_values, 7, &len, &rc), BER_PING_MALFORMED);
    assert_int_equal(decode("3080020107", 7, &len, &rc),
                     BER_PING_MALFORMED); /* indefinite length */
    assert_int_equal(decode("3084ffffffff020107", 7, &len, &rc), BER_PING_MALFORMED);
    assert_int_equal(decode("30060201076501"
                            "00",
                            7, &len, &rc),
                     BER_PING_MALFORMED);
    assert_int_equal(decode("", 7, &len, &rc), BER_PING_MALFORMED);
}

static void test_ping_reply_mutations(void **s UNUSED)
{
    unsigned char base[512], data[512];
    const unsigned char *value;
    size_t n = unhex(windows_reply, base), len, good = 0;
    uint32_t seed = 99;
    int rc;
    for (int round = 0; round < 40000; round++) {
        memcpy(data, base, n);
        for (int k = 0; k <= round % 3; k++) {
            seed = seed * 1103515245u + 12345u;
            data[(seed >> 8) % n] = (unsigned char)(seed >> 24);
        }
        size_t cut = n - (size_t)(round % 7);
        unsigned char *copy = malloc(cut);
        memcpy(copy, data, cut);
        if (ber_ping_decode(copy, cut, 7, &value, &len, &rc) == BER_PING_VALUE) {
            assert_true(value >= copy && value + len <= copy + cut);
            good++;
        }
        (void)ber_ping_complete(copy, cut, 7);
        (void)ber_message_size(copy, cut, 4096);
        free(copy);
    }
    assert_true(good > 100);
}

static void test_stream(void **s UNUSED)
{
    unsigned char data[512];
    size_t n = unhex(windows_reply, data);
    for (size_t k = 0; k < n; k++)
        assert_int_equal(ber_ping_complete(data, k, 7), 0);
    assert_int_equal(ber_ping_complete(data, n, 7), 1);
    assert_int_equal(ber_ping_complete(data, n, 6), -1);
    assert_int_equal(ber_message_size(data, n, 4096), 57);
    assert_int_equal(ber_message_size(data, 20, 4096), 0);
    assert_int_equal(ber_message_size(data, n, 40), -1);
    assert_int_equal(ber_message_size((const unsigned char *)"GET / HTTP", 10, 4096), -1);
}

static void test_sd_flags(void **s UNUSED)
{
    struct buf b = BUF_INIT(64), c = BUF_INIT(64);
    assert_int_equal(ber_sd_flags(BER_SD_OWNER, &b), 0);
    assert_hex(&b, "3003020101");
    assert_int_equal(ber_sd_flags(BER_SD_OWNER | BER_SD_DACL, &c), 0);
    assert_hex(&c, "3003020105");
    buf_free(&b);
    buf_free(&c);
}

/* ---- Kerberos ---- */

/* One bare PA-DATA of type 3 with STATUS_ACCOUNT_DISABLED, as Samba and Windows send it. */
static const char disabled[] = "3015a103020103a20e040c720000c00000000001000000";
/* METHOD-DATA of a pre-authentication error: ETYPE-INFO2, ENC-TIMESTAMP, type 3 with a salt. */
static const char preauth[] = "3032301ea103020113a217041530133011a003020112a10a1b08434f52506a6f6521"
                              "3009a103020102a2020400"
                              "3005a103020110";

static void test_ntstatus(void **s UNUSED)
{
    unsigned char d[256];
    uint32_t status = 0;
    size_t n = unhex(disabled, d);
    assert_true(ber_krb_ntstatus(d, n, &status));
    assert_int_equal(status, 0xc0000072);
    for (size_t k = 0; k < n; k++)
        assert_false(ber_krb_ntstatus(d, k, &status));
    /* the same, within METHOD-DATA */
    n = unhex("30173015a103020103a20e040c930100c00000000001000000", d);
    assert_true(ber_krb_ntstatus(d, n, &status));
    assert_int_equal(status, 0xc0000193);
    /* a salt of twelve letters is not a status */
    n = unhex("3015a103020103a20e040c434f52506a6f6521212121ff", d);
    assert_false(ber_krb_ntstatus(d, n, &status));
    n = unhex("3015a103020103a20e040c434f52506a6f65212121ff", d);
    assert_false(ber_krb_ntstatus(d, n, &status));
    n = unhex("3015a103020103a20e040c434f52506a6f6521212121", d);
    assert_false(ber_krb_ntstatus(d, n, &status));
}

static void test_method_data(void **s UNUSED)
{
    unsigned char d[256];
    struct ber_padata pa[8];
    size_t n = unhex(preauth, d);
    assert_int_equal(ber_method_data(d, n, pa, 8), 3);
    assert_int_equal(pa[0].type, BER_PA_ETYPE_INFO2);
    assert_int_equal(pa[1].type, 2);
    assert_int_equal(pa[1].len, 0);
    assert_int_equal(pa[2].type, 16);
    assert_int_equal(ber_method_data(d, n, pa, 2), 2);
    for (size_t k = 0; k < n; k++)
        assert_int_equal(ber_method_data(d, k, pa, 8), -1);
    assert_int_equal(ber_method_data((const unsigned char *)"\x30\0", 2, pa, 8), 0);

    struct ber_etype_info e[4];
    assert_int_equal(ber_method_data(d, n, pa, 8), 3);
    assert_int_equal(ber_etype_info2(pa[0].value, pa[0].len, e, 4), 1);
    assert_int_equal(e[0].etype, 18);
    assert_true(e[0].has_salt);
    assert_int_equal(e[0].salt_len, 8);
    assert_memory_equal(e[0].salt, "CORPjoe!", 8);
    assert_null(e[0].s2kparams);
}

static void test_etype_info(void **s UNUSED)
{
    unsigned char d[256];
    struct ber_etype_info e[4];
    /* without salt; with s2kparams; an empty salt is a salt; etype 0 of a password-less account */
    size_t n = unhex("30203005a003020117300da003020112a206040400001000"
                     "3009a003020111a1021b00",
                     d);
    assert_int_equal(ber_etype_info2(d, n, e, 4), -1); /* length one off */
    d[1] = (unsigned char)(n - 2);
    assert_int_equal(ber_etype_info2(d, n, e, 4), 3);
    assert_false(e[0].has_salt);
    assert_int_equal(e[1].s2kparams_len, 4);
    assert_true(e[2].has_salt);
    assert_int_equal(e[2].salt_len, 0);
    n = unhex("300730"
              "05a003020100",
              d);
    assert_int_equal(ber_etype_info2(d, n, e, 4), 1);
    assert_int_equal(e[0].etype, 0);
}

static void test_krb_mutations(void **s UNUSED)
{
    unsigned char base[256], data[256];
    struct ber_padata pa[8];
    struct ber_etype_info e[8];
    uint32_t seed = 7, status;
    size_t n = unhex(preauth, base), good = 0;
    for (int round = 0; round < 40000; round++) {
        memcpy(data, base, n);
        for (int k = 0; k <= round % 2; k++) {
            seed = seed * 1103515245u + 12345u;
            data[(seed >> 8) % n] = (unsigned char)(seed >> 24);
        }
        unsigned char *copy = malloc(n);
        memcpy(copy, data, n);
        int k = ber_method_data(copy, n, pa, 8);
        for (int i = 0; i < k; i++) {
            if (pa[i].len)
                assert_true(pa[i].value >= copy && pa[i].value + pa[i].len <= copy + n);
            (void)ber_etype_info2(pa[i].value, pa[i].len, e, 8);
        }
        good += k > 0;
        good += ber_krb_ntstatus(copy, n, &status);
        free(copy);
    }
    assert_true(good > 100);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ping_request),
        cmocka_unit_test(test_ping_request_parts),
        cmocka_unit_test(test_ping_reply),
        cmocka_unit_test(test_ping_reply_broken),
        cmocka_unit_test(test_ping_reply_mutations),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_sd_flags),
        cmocka_unit_test(test_ntstatus),
        cmocka_unit_test(test_method_data),
        cmocka_unit_test(test_etype_info),
        cmocka_unit_test(test_krb_mutations),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
