/* Replies to the LDAP ping: real ones of Samba, and what a hostile server could send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/wire/netlogon.h"

/* The value of the Netlogon attribute as Samba 4.17 sent it, for NtVer 0x16 and 0x1e. */
static const char golden[] = "170000003d110000ba1aaf91a963ea4ba2a2b3919eccd51204636f7270076578616d7"
                             "06c6503636f6d00c01803646331"
                             "c01804434f5250000344433100001744656661756c742d46697273742d536974652d4"
                             "e616d6500064272616e63680005"
                             "000000ffffffff";
static const char golden_ip[] = "170000003d110000ba1aaf91a963ea4ba2a2b3919eccd51204636f727007657861"
                                "6d706c6503636f6d00c01803646331"
                                "c01804434f5250000344433100001744656661756c742d46697273742d53697465"
                                "2d4e616d6500064272616e63680010"
                                "020000007f00000100000000000000000d000000ffffffff";
static const char win2000[] = "13005c005c004400430031000000000043004f00520050000000ba1aaf91a963ea4b"
                              "a2a2b3919eccd512000000000000"
                              "0000000000000000000004636f7270076578616d706c6503636f6d00c03a03646331"
                              "c03a0100007f3d11000003000000"
                              "ffffffff";
static const char nt4[] = "13005c005c004400430031000000000043004f0052005000000001000000ffffffff";

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

/* Decodes a copy of exactly the right size, so that a sanitizer sees any byte read beyond it. */
static enum netlogon_status decode(const unsigned char *data, size_t len, struct netlogon_info *i)
{
    unsigned char *copy = malloc(len ? len : 1);
    if (len)
        memcpy(copy, data, len);
    enum netlogon_status s = netlogon_decode(copy, len, i);
    free(copy);
    return s;
}

struct packet {
    unsigned char data[4096];
    size_t len;
};

static void put(struct packet *p, const void *data, size_t n)
{
    memcpy(p->data + p->len, data, n);
    p->len += n;
}

static void put_name(struct packet *p, const char *dotted)
{
    while (*dotted) {
        size_t n = strcspn(dotted, ".");
        put(p, (unsigned char[]){(unsigned char)n}, 1);
        put(p, dotted, n);
        dotted += n + (dotted[n] == '.');
    }
    put(p, "", 1);
}

/* A reply with one of its eight names given as raw bytes. */
static struct packet reply(unsigned op, int which, const void *raw, size_t raw_len)
{
    static const char *const names[] = {"corp.test", "corp.test", "dc1.corp.test", "CORP",
                                        "DC1",       "",          "Site-A",        "Site-B"};
    struct packet p = {.data = {(unsigned char)op}, .len = 24};
    for (int i = 0; i < 8; i++) {
        if (i == which)
            put(&p, raw, raw_len);
        else
            put_name(&p, names[i]);
    }
    put(&p, "\x05\0\0\0\xff\xff\xff\xff", 8);
    return p;
}

static void test_golden(void **s UNUSED)
{
    unsigned char data[512];
    struct netlogon_info i;
    size_t len = unhex(golden, data);
    assert_int_equal(decode(data, len, &i), NETLOGON_OK);
    assert_int_equal(i.opcode, NETLOGON_OP_RESPONSE_EX);
    assert_int_equal(i.flags,
                     DS_PDC | DS_GC | DS_LDAP | DS_DS | DS_KDC | DS_WRITABLE | DS_FULL_SECRET);
    assert_string_equal(i.forest, "corp.example.com");
    assert_string_equal(i.dns_domain, "corp.example.com");
    assert_string_equal(i.dns_host, "dc1.corp.example.com");
    assert_string_equal(i.netbios_domain, "CORP");
    assert_string_equal(i.netbios_host, "DC1");
    assert_string_equal(i.user, "");
    assert_string_equal(i.dc_site, "Default-First-Site-Name");
    assert_string_equal(i.client_site, "Branch");
    assert_string_equal(i.next_closest_site, "");
    assert_int_equal(i.ntver, NETLOGON_V1 | NETLOGON_V5EX);
    assert_false(i.has_v4);
    assert_memory_equal(i.guid, "\xba\x1a\xaf\x91\xa9\x63\xea\x4b\xa2\xa2\xb3\x91\x9e\xcc\xd5\x12",
                        16);
}

static void test_golden_with_address(void **s UNUSED)
{
    unsigned char data[512];
    struct netlogon_info i;
    size_t len = unhex(golden_ip, data);
    assert_int_equal(decode(data, len, &i), NETLOGON_OK);
    assert_true(i.has_v4);
    assert_memory_equal(i.v4, "\x7f\0\0\1", 4);
    assert_string_equal(i.client_site, "Branch");
}

static void test_closest_site(void **s UNUSED)
{
    struct netlogon_info i;
    struct packet p = reply(23, -1, NULL, 0);
    p.len -= 8;
    put_name(&p, "Next-Site");
    put(&p, "\x15\0\0\0\xff\xff\xff\xff", 8);
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_OK);
    assert_string_equal(i.next_closest_site, "Next-Site");
}

static void test_old_forms(void **s UNUSED)
{
    unsigned char data[512];
    struct netlogon_info i;
    size_t len = unhex(win2000, data);
    assert_int_equal(decode(data, len, &i), NETLOGON_OLD_FORM);
    assert_string_equal(i.dns_domain, "");
    len = unhex(nt4, data);
    assert_int_equal(decode(data, len, &i), NETLOGON_OLD_FORM);
}

static void test_other_opcodes(void **s UNUSED)
{
    struct netlogon_info i;
    struct packet p = reply(24, -1, NULL, 0);
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_PAUSED);
    assert_string_equal(i.dns_host, "dc1.corp.test");
    p = reply(25, -1, NULL, 0);
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_OK);
    p = reply(22, -1, NULL, 0);
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_MALFORMED);
    assert_int_equal(decode(p.data, 1, &i), NETLOGON_MALFORMED);
    assert_int_equal(decode(p.data, 0, &i), NETLOGON_MALFORMED);
}

#define RAW(which, bytes) reply(23, which, bytes, sizeof(bytes) - 1)

static void test_names(void **s UNUSED)
{
    struct netlogon_info i;
    struct packet p = RAW(2, "\3DC1\4Corp\4TEST\0");
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_OK);
    assert_string_equal(i.dns_host, "dc1.corp.test"); /* folded */
    p = RAW(4, "\5\\\\DC1\0");
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_OK);
    assert_string_equal(i.netbios_host, "DC1");
    p = RAW(7, "\xc\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0\0"); /* Cyrillic */
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_OK);
    assert_string_equal(i.client_site, "\xd0\x9c\xd0\xbe\xd1\x81\xd0\xba\xd0\xb2\xd0\xb0");
}

static void test_hostile_names(void **s UNUSED)
{
    struct netlogon_info i;
    char longest[512];
    const struct packet bad[] = {
        RAW(2, "\3dc\x1b\0"),       /* escape */
        RAW(2, "\3d c\0"),          /* blank in a DNS name */
        RAW(2, "\7dc.corp\0"),      /* a dot inside a label */
        RAW(2, "\4dc\0x\0"),        /* NUL inside */
        RAW(6, "\4Si\nt\0"),        /* newline in a site */
        RAW(6, "\2\xc3\x28\0"),     /* broken UTF-8 */
        RAW(6, "\3\xed\xa0\x80\0"), /* a surrogate */
        RAW(6, "\2\xc0\xaf\0"),     /* overlong form */
        RAW(6, "\2\xc2\x9b\0"),     /* C1 control: CSI */
        RAW(2, "\x40xxx\0"),        /* reserved label types */
        RAW(2, "\x80xxx\0"),
        RAW(2, "\xc0\x00"),         /* into the header */
        RAW(2, "\xff\xff"),         /* beyond the end */
        RAW(0, "\xc0\x18"),         /* to itself */
        RAW(0, "\1a\xc0\x18"),      /* to its own beginning */
        RAW(0, "\xc0\x1a\xc0\x18"), /* to each other */
        RAW(1, ""),                 /* one name short */
        RAW(1, "\0"),               /* no domain */
        RAW(4, "\x28"
               "0123456789012345678901234567890123456789\x28"
               "0123456789012345678901234567890123456789\0"), /* a NetBIOS name of 81 */
    };
    for (size_t k = 0; k < ARRAY_SIZE(bad); k++) {
        enum netlogon_status st = decode(bad[k].data, bad[k].len, &i);
        if (st != NETLOGON_MALFORMED)
            print_message("case %zu\n", k);
        assert_int_equal(st, NETLOGON_MALFORMED);
        assert_string_equal(i.dns_host, "");
    }
    /* 5 labels of 60: over 255 */
    size_t n = 0;
    for (int k = 0; k < 5; k++) {
        longest[n++] = 60;
        memset(longest + n, 'a', 60);
        n += 60;
    }
    longest[n++] = 0;
    struct packet p = reply(23, 2, longest, n);
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_MALFORMED);
}

static void test_sbz_and_tail(void **s UNUSED)
{
    struct netlogon_info i;
    struct packet p = reply(23, -1, NULL, 0);
    p.data[2] = 1;
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_MALFORMED);
    p = reply(23, -1, NULL, 0);
    p.len -= 8;
    put(&p, "\xff\x0d\0\0\0\xff\xff\xff\xff", 9); /* an address of 255 bytes that are not there */
    assert_int_equal(decode(p.data, p.len, &i), NETLOGON_MALFORMED);
}

static void test_every_truncation(void **s UNUSED)
{
    unsigned char data[512];
    struct netlogon_info i;
    size_t len = unhex(golden, data);
    for (size_t n = 0; n < len; n++)
        assert_int_equal(decode(data, n, &i), NETLOGON_MALFORMED);
}

static bool printable(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return false;
    }
    return true;
}

/* Whatever comes, it ends, stays inside the input and yields clean, terminated strings. */
static void test_mutations(void **s UNUSED)
{
    unsigned char data[512], base[512];
    struct netlogon_info i;
    size_t len = unhex(golden_ip, base);
    uint32_t seed = 12345, decoded = 0;
    for (int round = 0; round < 60000; round++) {
        memcpy(data, base, len);
        for (int k = 0; k <= round % 4; k++) {
            seed = seed * 1103515245u + 12345u;
            data[(seed >> 8) % len] = (unsigned char)(seed >> 24);
        }
        if (decode(data, len, &i) != NETLOGON_OK)
            continue;
        decoded++;
        const char *const all[] = {i.forest, i.dns_domain, i.dns_host,    i.netbios_domain,
                                   i.user,   i.dc_site,    i.client_site, i.netbios_host};
        for (size_t k = 0; k < ARRAY_SIZE(all); k++) {
            assert_true(strlen(all[k]) < NETLOGON_DNS_MAX);
            assert_true(printable(all[k]));
        }
    }
    assert_true(decoded > 1000); /* the loop did reach the far side of the checks */
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden),           cmocka_unit_test(test_golden_with_address),
        cmocka_unit_test(test_closest_site),     cmocka_unit_test(test_old_forms),
        cmocka_unit_test(test_other_opcodes),    cmocka_unit_test(test_names),
        cmocka_unit_test(test_hostile_names),    cmocka_unit_test(test_sbz_and_tail),
        cmocka_unit_test(test_every_truncation), cmocka_unit_test(test_mutations),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
