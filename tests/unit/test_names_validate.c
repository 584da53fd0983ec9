/* NetValidateName's rules, each at its limits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/model/names_validate.h"

static uint32_t check(enum netsetup_name_type type, const char *name)
{
    struct err e = {0};
    int r = name_validate(type, name, "KIOSK-07.corp.example.com", &e);
    assert_int_equal(r, e.code ? -1 : 0);
    return e.code;
}

struct row {
    const char *name;
    uint32_t code;
};

static void all(enum netsetup_name_type type, const struct row *rows)
{
    for (; rows->name; rows++) {
        uint32_t code = check(type, rows->name);
        if (code != rows->code)
            print_error("type %d, '%s': %u, not %u\n", (int)type, rows->name, code, rows->code);
        assert_int_equal(code, rows->code);
    }
}

static void test_workgroup(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"WORKGROUP", 0},
        {"a", 0},
        {"123456789012345", 0},
        {"A B", 0},
        {" A ", 0},
        {"a.b", 0},
        {"*", 0},
        {"#$%&'()-@^_`{}~!", 2695}, /* 16 characters */
        {"#$%&'()-@^_`{}~", 0},
        {"GESCHÄFTSSTELLE", 0}, /* 15 characters, 16 bytes */
        {"ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜ", 0},
        {"ÄÖÜÄÖÜÄÖÜÄÖÜÄÖÜX", 2695},
        {"", 2695},
        {"1234567890123456", 2695},
        {".", 2695},
        {" ", 2695},
        {". . .", 2695},
        {"A\001", 2695},
        {"A\037", 2695},
        {"A\177", 2695},
        {"A\tB", 2695},
        {"A\nB", 2695},
        {"КАССА", 2695},         /* not in the OEM set */
        {"受付", 2695},          /* nor this */
        {"A\xc2\x85", 2695},     /* a control character, U+0085 */
        {"A\xc3", 2695},         /* cut UTF-8 */
        {"A\xc0\xaf", 2695},     /* an overlong slash */
        {"A\xed\xa0\x80", 2695}, /* a surrogate */
        {"A\xe2\x80\xae"
         "B",
         2695},             /* right-to-left override */
        {"KIOSK-07", 2695}, /* this computer */
        {"kiosk-07", 2695},
        {"KIOSK-0", 0},
        {"KIOSK-077", 0},
        {"BUILTIN", 0},
        {NULL, 0},
    };
    all(NAME_TYPE_WORKGROUP, rows);
    for (const char *p = "\"/\\[]:|<>+=;,?"; *p; p++) {
        char name[] = {'A', *p, 'B', '\0'};
        assert_int_equal(check(NAME_TYPE_WORKGROUP, name), 2695);
    }
    for (char c = 1; c < 32; c++) {
        char name[] = {'A', c, '\0'};
        assert_int_equal(check(NAME_TYPE_WORKGROUP, name), 2695);
    }
}

/* The computer's name counts with its first 15 characters, and not at all when nobody knows it. */
static void test_workgroup_and_computer(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(
        name_validate(NAME_TYPE_WORKGROUP, "A-VERY-LONG-HOS", "a-very-long-host-name", &e), -1);
    assert_int_equal(e.code, 2695);
    err_reset(&e);
    assert_int_equal(name_validate(NAME_TYPE_WORKGROUP, "KIOSK", NULL, &e), 0);
    assert_int_equal(name_validate(NAME_TYPE_WORKGROUP, "KIOSK", "", &e), 0);
}

static void test_machine(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"KIOSK-07", 0},
        {"a", 0},
        {"123456789012345", 0},
        {"A B", 0},
        {"1234567890123456", 2351},
        {"", 2351},
        {" A", 2351},
        {"A ", 2351},
        {"A*B", 2351},
        {"*", 2351},
        {"...", 2351},
        {"A/B", 2351},
        {"A\001", 2351},
        {"КАССА", 2351},
        {NULL, 0},
    };
    all(NAME_TYPE_MACHINE, rows);
}

static char *repeat(char c, size_t n, char *into)
{
    memset(into, c, n);
    into[n] = '\0';
    return into;
}

static void test_dns_machine(void **state)
{
    (void)state;
    char name[300];
    static const struct row rows[] = {
        {"kiosk-07.corp.example.com", 0},
        {"kiosk_07", 0},
        {"a.", 0},
        {"büro.example", 0},
        {"a&b", 0},
        {"", 123},
        {".a", 123},
        {"a..b", 123},
        {"a\001", 123},
        {"a \001", 123}, /* the first group has the first word */
        {".a b", 123},
        {"a\xff", 123},
        {"a b", 9560},
        {" ", 9560},
        {NULL, 0},
    };
    all(NAME_TYPE_DNS_MACHINE, rows);
    for (const char *p = "{|}~[\\]^':;<=>?@!\"#$%`()+/,* "; *p; p++) {
        char one[] = {'a', *p, 'b', '\0'};
        assert_int_equal(check(NAME_TYPE_DNS_MACHINE, one), 9560);
    }
    assert_int_equal(check(NAME_TYPE_DNS_MACHINE, repeat('a', 63, name)), 0);
    assert_int_equal(check(NAME_TYPE_DNS_MACHINE, repeat('a', 64, name)), 123);
    repeat('a', 255, name);
    for (size_t i = 50; i < 255; i += 50)
        name[i] = '.';
    assert_int_equal(check(NAME_TYPE_DNS_MACHINE, name), 0);
    strcat(name, "a");
    assert_int_equal(check(NAME_TYPE_DNS_MACHINE, name), 123);
}

static void test_domain(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"corp.example.com", 0},
        {"CORP", 0},
        {"CORP_1", 0},
        {"A B", 0}, /* a workgroup's name is one */
        {"a-long-domain-name.example.com", 0},
        {"", 123},
        {".", 123},
        {" . ", 123},
        {"a..long.domain.name", 123},
        {"a long domain name", 9560},
        {"A/B", 9560},
        {"BUILTIN", 2351},
        {"builtin", 2351},
        {NULL, 0},
    };
    all(NAME_TYPE_DOMAIN, rows);
    static const struct row none[] = {
        {"corp.example.com", 0},
        {"CORP", 0},
        {"CORP_1", 9556},
        {"A B", 9556},
        {"büro", 9556},
        {"a_long_domain_name.example", 9556},
        {"", 123},
        {"BUILTIN", 2351},
        {"a long domain name", 9560},
        {NULL, 0},
    };
    all(NAME_TYPE_NONEXISTENT_DOMAIN, none);
}

static void test_no_type(void **state)
{
    (void)state;
    assert_int_equal(check(NAME_TYPE_UNKNOWN, "CORP"), 87);
    assert_int_equal(check((enum netsetup_name_type)6, "CORP"), 87);
    assert_int_equal(check((enum netsetup_name_type) - 1, "CORP"), 87);
    assert_int_equal(check(NAME_TYPE_MACHINE, NULL), 87);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_workgroup), cmocka_unit_test(test_workgroup_and_computer),
        cmocka_unit_test(test_machine),   cmocka_unit_test(test_dns_machine),
        cmocka_unit_test(test_domain),    cmocka_unit_test(test_no_type),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
