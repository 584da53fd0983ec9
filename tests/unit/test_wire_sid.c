/* SIDs, GUIDs and security descriptors from hostile bytes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/wire/secdesc.h"
#include "engine/wire/sid.h"

static const unsigned char user_sid[28] = {
    1,    5,    0,    0,    0,    0,    0,    5,    21,   0,    0,    0, 0x43, 0x38,
    0x52, 0x40, 0xcc, 0xa1, 0x4b, 0xe0, 0xcf, 0x1b, 0xf0, 0x1f, 0xf4, 1, 0,    0};
#define USER_TEXT "S-1-5-21-1079130179-3763053004-535829455-500"

static void test_sid_round_trip(void **s UNUSED)
{
    struct sid sid, again;
    char text[SID_TEXT_MAX];
    unsigned char bytes[SID_BYTES_MAX];
    assert_int_equal(sid_from_bytes(&sid, user_sid, sizeof user_sid), 0);
    assert_string_equal(sid_to_text(&sid, text), USER_TEXT);
    assert_int_equal(sid_from_text(&again, text), 0);
    assert_true(sid_equal(&sid, &again));
    assert_int_equal(sid_to_bytes(&again, bytes), sizeof user_sid);
    assert_memory_equal(bytes, user_sid, sizeof user_sid);
    assert_int_equal(sid_rid(&sid), RID_ADMINISTRATOR);
}

static void test_sid_refuses(void **s UNUSED)
{
    static const char *const bad[] = {"",
                                      "S-1-5",
                                      "S-1-5-",
                                      "S-2-5-21",
                                      "S-1-5-4294967296",
                                      "x",
                                      "S-1--5",
                                      "S-1-5-21 ",
                                      "S-1-5-21x",
                                      "S-1-281474976710656-1",
                                      "S-1-5-1-2-3-4-5-6-7-8-9-10-11-12-13-14-15-16",
                                      "S-1-0x-1"};
    struct sid sid;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(sid_from_text(&sid, bad[i]), -1);
    for (size_t len = 0; len < sizeof user_sid; len++)
        assert_int_equal(sid_from_bytes(&sid, user_sid, len), -1);
    unsigned char long_sid[29];
    memcpy(long_sid, user_sid, 28);
    assert_int_equal(sid_from_bytes(&sid, long_sid, 29), -1);
    long_sid[0] = 2;
    assert_int_equal(sid_from_bytes(&sid, long_sid, 28), -1);
    long_sid[0] = 1, long_sid[1] = 16;
    assert_int_equal(sid_from_bytes(&sid, long_sid, 28), -1);
    assert_false(sid_is_set(&sid));
    assert_false(sid_equal(&sid, &sid));
}

static void test_sid_large_authority(void **s UNUSED)
{
    struct sid sid;
    char text[SID_TEXT_MAX];
    assert_int_equal(sid_from_text(&sid, "S-1-0x0123456789ab-7"), 0);
    assert_string_equal(sid_to_text(&sid, text), "S-1-0x0123456789ab-7");
}

static void test_sid_domain(void **s UNUSED)
{
    struct sid domain, user, other, builtin = sid_builtin_administrators();
    char text[SID_TEXT_MAX];
    assert_int_equal(sid_from_text(&domain, "S-1-5-21-1079130179-3763053004-535829455"), 0);
    assert_int_equal(sid_from_text(&user, USER_TEXT), 0);
    assert_int_equal(sid_from_text(&other, "S-1-5-21-1-2-3-500"), 0);
    assert_true(sid_is_in(&user, &domain));
    assert_false(sid_is_in(&other, &domain));
    assert_false(sid_is_in(&domain, &domain));
    struct sid made = sid_in(&domain, 500);
    assert_true(sid_equal(&made, &user));
    assert_string_equal(sid_to_text(&builtin, text), "S-1-5-32-544");
}

static void test_guid(void **s UNUSED)
{
    static const unsigned char g[16] = {0x25, 0x68, 0x12, 0x31, 0x76, 0xaa, 0x11, 0xd1,
                                        0xad, 0xed, 0x00, 0xc0, 0x4f, 0xd8, 0xd5, 0xcd};
    unsigned char back[16];
    char text[GUID_TEXT_MAX];
    assert_string_equal(guid_to_text(g, text), "31126825-aa76-d111-aded-00c04fd8d5cd");
    assert_int_equal(guid_from_text(back, text), 0);
    assert_memory_equal(back, g, 16);
    assert_int_equal(guid_from_text(back, "{31126825-AA76-D111-ADED-00C04FD8D5CD}"), 0);
    assert_memory_equal(back, g, 16);
    static const char *const bad[] = {"",
                                      "31126825-aa76-d111-aded-00c04fd8d5c",
                                      "31126825-aa76-d111-aded-00c04fd8d5cdx",
                                      "{31126825-aa76-d111-aded-00c04fd8d5cd",
                                      "31126825aa76d111aded00c04fd8d5cd",
                                      "3112682g-aa76-d111-aded-00c04fd8d5cd"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(guid_from_text(back, bad[i]), -1);
}

/* Owner at 20, DACL behind it with one plain and one object entry. */
static size_t make_sd(unsigned char *p)
{
    memset(p, 0, 256);
    p[0] = 1, p[2] = 0x04, p[3] = 0x80, p[4] = 20, p[16] = 48;
    memcpy(p + 20, user_sid, 28);
    unsigned char *acl = p + 48, *ace = acl + 8;
    acl[0] = 4, acl[4] = 2;
    ace[0] = ACE_ALLOWED, ace[2] = 36, ace[4] = 0xff;
    memcpy(ace + 8, user_sid, 28);
    ace += 36;
    ace[0] = ACE_DENIED_OBJECT, ace[1] = 8, ace[2] = 56, ace[5] = 1, ace[8] = 1;
    memset(ace + 12, 0xab, 16);
    memcpy(ace + 28, user_sid, 28);
    acl[2] = 8 + 36 + 56;
    return 48 + 8 + 36 + 56;
}

static void test_secdesc(void **s UNUSED)
{
    unsigned char p[256];
    size_t len = make_sd(p), pos = 0;
    struct secdesc sd;
    struct ace a;
    char text[SID_TEXT_MAX];
    assert_int_equal(secdesc_parse(&sd, p, len), 0);
    assert_string_equal(sid_to_text(&sd.owner, text), USER_TEXT);
    assert_false(sid_is_set(&sd.group));
    assert_int_equal(sd.n_aces, 2);
    assert_int_equal(secdesc_next_ace(&sd, &pos, &a), 1);
    assert_int_equal(a.mask, 0xff);
    assert_false(a.has_object);
    assert_int_equal(secdesc_next_ace(&sd, &pos, &a), 1);
    assert_int_equal(a.type, ACE_DENIED_OBJECT);
    assert_int_equal(a.mask, 0x100);
    assert_true(a.has_object && !a.has_inherited);
    assert_int_equal(a.object[0], 0xab);
    assert_string_equal(sid_to_text(&a.trustee, text), USER_TEXT);
    assert_int_equal(secdesc_next_ace(&sd, &pos, &a), 0);
}

/* Every truncation is refused or ends cleanly; the copy has the exact size so that sanitizers see
 * one byte too far. */
static void test_secdesc_truncated(void **s UNUSED)
{
    unsigned char p[256];
    size_t len = make_sd(p);
    for (size_t cut = 0; cut < len; cut++) {
        unsigned char *copy = malloc(cut ? cut : 1);
        struct secdesc sd;
        memcpy(copy, p, cut);
        assert_int_equal(secdesc_parse(&sd, copy, cut), -1);
        free(copy);
    }
}

/* Any single changed byte: no crash, no endless walk. */
static void test_secdesc_mutated(void **s UNUSED)
{
    unsigned char p[256];
    size_t len = make_sd(p);
    for (size_t i = 0; i < len; i++) {
        for (int v = 0; v < 256; v += 5) {
            unsigned char *copy = malloc(len);
            struct secdesc sd;
            struct ace a;
            size_t pos = 0;
            unsigned turns = 0;
            memcpy(copy, p, len);
            copy[i] = (unsigned char)v;
            if (secdesc_parse(&sd, copy, len) == 0) {
                while (secdesc_next_ace(&sd, &pos, &a) > 0)
                    turns++;
            }
            assert_true(turns <= len / 8);
            free(copy);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sid_round_trip),
        cmocka_unit_test(test_sid_refuses),
        cmocka_unit_test(test_sid_large_authority),
        cmocka_unit_test(test_sid_domain),
        cmocka_unit_test(test_guid),
        cmocka_unit_test(test_secdesc),
        cmocka_unit_test(test_secdesc_truncated),
        cmocka_unit_test(test_secdesc_mutated),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
