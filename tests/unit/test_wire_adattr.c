/* Passwords, filters, times, numbers, diagnostics. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/wire/adattr.h"

static void expect_pwd(const char *in, const char *bytes, size_t len)
{
    struct secret pw = {0}, out = {0};
    assert_int_equal(secret_set(&pw, in, strlen(in)), 0);
    assert_int_equal(unicode_pwd(&out, &pw), 0);
    assert_int_equal(out.len, len);
    assert_memory_equal(out.data, bytes, len);
    secret_free(&pw);
    secret_free(&out);
}

static void test_unicode_pwd(void **s UNUSED)
{
    expect_pwd("aB", "\"\0a\0B\0\"\0", 8);
    expect_pwd("\"", "\"\0\"\0\"\0", 6);
    expect_pwd("é", "\"\0\xe9\0\"\0", 6);
    expect_pwd("東", "\"\0\x71\x67\"\0", 6);
    expect_pwd("\xf0\x9f\x98\x80", "\"\0\x3d\xd8\x00\xde\"\0", 8);
}

static void test_unicode_pwd_refuses(void **s UNUSED)
{
    static const char *const bad[] = {"\xff", "\xc0\x80", "\xed\xa0\x80", "a\xe2\x82"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct secret pw = {0}, out = {0};
        assert_int_equal(secret_set(&pw, bad[i], strlen(bad[i])), 0);
        assert_int_equal(unicode_pwd(&out, &pw), -1);
        assert_int_equal(errno, EILSEQ);
        assert_null(out.data);
        secret_free(&pw);
    }
}

static void test_filter(void **s UNUSED)
{
    char *p = filter_escape("a*(b)\\c\x01 é");
    assert_string_equal(p, "a\\2a\\28b\\29\\5cc\\01 é");
    free(p);
    p = filter_escape_bytes("\0A\xff", 3);
    assert_string_equal(p, "\\00\\41\\ff");
    free(p);
}

static void test_times(void **s UNUSED)
{
    time_t t;
    assert_int_equal(nttime_to_time(116444736000000000ULL, &t), 0);
    assert_int_equal(t, 0);
    assert_int_equal(nttime_to_time(128000000000000000ULL, &t), 0);
    assert_int_equal(nttime_from_time(t), 128000000000000000ULL);
    assert_int_equal(nttime_to_time(0, &t), -1);
    assert_int_equal(nttime_to_time(0x7fffffffffffffffULL, &t), -1);
    assert_int_equal(gentime_to_time("19700101000001.0Z", &t), 0);
    assert_int_equal(t, 1);
    assert_int_equal(gentime_to_time("20240229120000Z", &t), 0);
    assert_int_equal(t, 1709208000);
    static const char *const bad[] = {"",
                                      "2024",
                                      "20241301000000Z",
                                      "20240101250000Z",
                                      "20240101000000",
                                      "20240101000000.Z",
                                      "20240101000000.0+0100",
                                      "2024010100000aZ",
                                      "20240101000000.0Zx",
                                      "20240100000000Z"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(gentime_to_time(bad[i], &t), -1);
}

static void test_numbers(void **s UNUSED)
{
    uint32_t u;
    int64_t i;
    assert_int_equal(text_to_u32("4096", &u), 0);
    assert_int_equal(u, 4096);
    assert_int_equal(text_to_u32("-2147483646", &u), 0); /* as group types come */
    assert_int_equal(u, 0x80000002u);
    assert_int_equal(text_to_u32("4294967296", &u), -1);
    assert_int_equal(text_to_u32("-2147483649", &u), -1);
    assert_int_equal(text_to_i64("-9223372036854775808", &i), 0);
    assert_true(i == INT64_MIN);
    static const char *const bad[] = {"",   " 1", "1 ", "x", "0x1", "-", "9223372036854775808",
                                      "+-1"};
    for (size_t k = 0; k < ARRAY_SIZE(bad); k++)
        assert_int_equal(text_to_i64(bad[k], &i), -1);
}

static void test_diag(void **s UNUSED)
{
    static const struct {
        const char *text;
        bool has_code;
        uint32_t code;
        bool has_data;
        uint32_t data;
        const char *attr;
    } rows[] = {
        {"0000216D: SvcErr: DSID-031A1236, problem 5003 (WILL_NOT_PERFORM), data 0", true, 0x216d,
         false, 0, ""},
        {"80090308: LdapErr: DSID-0C090453, comment: AcceptSecurityContext error, data 52e, v3839",
         true, 0x80090308, true, 0x52e, ""},
        {"8009030C: LdapErr: DSID-0C0904DC, comment: AcceptSecurityContext error, data 775, v1db1",
         true, 0x8009030c, true, 0x775, ""},
        {"80090346: LdapErr: DSID-0C090439, comment: AcceptSecurityContext error, data 80090346, "
         "v3839",
         true, 0x80090346, true, 0x80090346, ""},
        {"0000200B: AtrErr: DSID-033E0F41, #1:\n\t0: 0000200B: DSID-033E0F41, problem 1005 "
         "(CONSTRAINT_ATT_TYPE), "
         "data 0, Att 9026b (dNSHostName)",
         true, 0x200b, false, 0, "dNSHostName"},
        {"acl: unable to get access to CN=x", false, 0, false, 0, ""},
        {"Entry CN=x already exists", false, 0, false, 0, ""},
        {"Failed to add", false, 0, false, 0, ""},
        {"deadbeef", false, 0, false, 0, ""},
        {"deadbee: x", false, 0, false, 0, ""},
        {"deadbeef0: x", false, 0, false, 0, ""},
        {"AcceptSecurityContext error, data zz", false, 0, false, 0, ""},
        {"AcceptSecurityContext error, data 52ex", false, 0, false, 0, ""},
        {"", false, 0, false, 0, ""},
        {NULL, false, 0, false, 0, ""},
        {"Att 1 (", false, 0, false, 0, ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct ad_diag d;
        ad_diag_parse(&d, rows[i].text);
        assert_int_equal(d.has_code, rows[i].has_code);
        assert_int_equal(d.code, rows[i].code);
        assert_int_equal(d.has_data, rows[i].has_data);
        assert_int_equal(d.data, rows[i].data);
        assert_string_equal(d.attr, rows[i].attr);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unicode_pwd), cmocka_unit_test(test_unicode_pwd_refuses),
        cmocka_unit_test(test_filter),      cmocka_unit_test(test_times),
        cmocka_unit_test(test_numbers),     cmocka_unit_test(test_diag),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
