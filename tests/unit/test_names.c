/* Computer, host, domain and account names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/model/names.h"

static enum cause computer(const char *name)
{
    struct err e = {0};
    int r = name_check_computer(name, &e);
    assert_int_equal(r, e.code ? -1 : 0);
    return e.cause;
}

static void test_computer_names(void **state)
{
    (void)state;
    assert_int_equal(computer("KIOSK-07"), CAUSE_NONE);
    assert_int_equal(computer("a"), CAUSE_NONE);
    assert_int_equal(computer("a-very-long-host-name-01"), CAUSE_NONE);
    assert_int_equal(computer(""), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("-a"), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("a-"), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("a b"), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("a_b"), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("a.b"), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("12345"), CAUSE_NAME_ALL_DIGITS);
    assert_int_equal(computer("123456789012345x"), CAUSE_NAME_ALL_DIGITS);
    assert_int_equal(computer("abcdefghijklmn-x"), CAUSE_COMPUTER_NAME_BAD);
    assert_int_equal(computer("LocalHost"), CAUSE_NAME_LOCALHOST);
    assert_int_equal(computer("büro"), CAUSE_NAME_NOT_ASCII);
    char longest[65];
    memset(longest, 'a', 64);
    longest[64] = '\0';
    assert_int_equal(computer(longest), CAUSE_NAME_TOO_LONG);
    longest[63] = '\0';
    assert_int_equal(computer(longest), CAUSE_NONE);
}

static enum cause domain(const char *name)
{
    struct err e = {0};
    (void)!name_check_domain(name, &e);
    return e.cause;
}

static void test_domain_names(void **state)
{
    (void)state;
    assert_int_equal(domain("corp.example.com"), CAUSE_NONE);
    assert_int_equal(domain("corp.example.com."), CAUSE_NONE);
    assert_int_equal(domain("CORP"), CAUSE_NONE);
    assert_int_equal(domain("CORP_1"), CAUSE_NONE);
    assert_int_equal(domain("CORP\\dc1"), CAUSE_NONE);
    assert_int_equal(domain("corp.example.com\\dc1.corp.example.com"), CAUSE_NONE);
    assert_int_equal(domain(""), CAUSE_DOMAIN_NAME_BAD);
    assert_int_equal(domain("https://corp.example.com"), CAUSE_DOMAIN_NAME_BAD);
    assert_int_equal(domain("a..b"), CAUSE_DOMAIN_NAME_BAD);
    assert_int_equal(domain("user@corp"), CAUSE_DOMAIN_NAME_BAD);
}

static void test_resolve(void **state)
{
    (void)state;
    struct settings s;
    struct machine_names n;
    struct err e = {0};
    settings_init(&s);
    assert_int_equal(names_resolve(&s, "kiosk-07.old.example", "corp.example.com", &n, &e), 0);
    assert_string_equal(n.netbios, "KIOSK-07");
    assert_string_equal(n.account, "KIOSK-07$");
    assert_string_equal(n.fqdn, "kiosk-07.corp.example.com");
    assert_false(n.truncated);
    assert_int_equal(
        settings_set(&s, OPT_MACHINE_NAME, "A-Very-Long-Host-Name-01", ORIGIN_USER, &e), 0);
    assert_int_equal(names_resolve(&s, "x", "corp.example.com", &n, &e), 0);
    assert_string_equal(n.netbios, "A-VERY-LONG-HOS");
    assert_string_equal(n.fqdn, "a-very-long-host-name-01.corp.example.com");
    assert_true(n.truncated);
    assert_int_equal(settings_set(&s, OPT_FQDN, "Web.Other.Example", ORIGIN_USER, &e), 0);
    assert_int_equal(names_resolve(&s, "x", "corp.example.com", &n, &e), 0);
    assert_string_equal(n.fqdn, "web.other.example");
    settings_free(&s);
}

static void principal(const char *account, const char *want)
{
    AUTOFREE char *p = name_principal(account, "CORP.EXAMPLE.COM", "CORP");
    if (want)
        assert_string_equal(p, want);
    else
        assert_null(p);
}

static void test_principals(void **state)
{
    (void)state;
    principal("joiner", "joiner@CORP.EXAMPLE.COM");
    principal("CORP\\joiner", "joiner@CORP.EXAMPLE.COM");
    principal("corp\\joiner", "joiner@CORP.EXAMPLE.COM");
    principal("joiner@corp.example.com", "joiner@CORP.EXAMPLE.COM");
    principal("joiner@mail.example", "joiner@mail.example");
    principal("OTHER\\joiner", NULL);
    principal("CORP\\", NULL);
    principal("@corp.example.com", NULL);
    principal("a/b", NULL);
    principal("a\tb", NULL);
    principal("иван@corp.example.com", "иван@CORP.EXAMPLE.COM");
}

static char *value(void *arg, const char *word)
{
    if (strcmp(word, "serial") == 0)
        return xstrdup(arg);
    return strcmp(word, "mac") == 0 ? xstrdup("52:54:00:0a:Bc:01") : NULL;
}

static void expands(const char *text, const char *serial, const char *want)
{
    struct err e = {0};
    AUTOFREE char *name = name_expand(text, value, (void *)(uintptr_t)serial, &e);
    if (!want) {
        assert_null(name);
        assert_int_equal(e.cause, CAUSE_COMPUTER_NAME_BAD);
        return;
    }
    assert_non_null(name);
    assert_string_equal(name, want);
}

static void test_templates(void **state)
{
    (void)state;
    expands("kiosk-07", "x", "kiosk-07");
    expands("kiosk-{serial}", "ABC123", "kiosk-ABC123");
    expands("k{serial}-x", " VMware-56 4d/b7. ", "kVMware-56-4d-b7-x");
    expands("pc-{mac}", "x", "pc-5254000aBc01");
    /* Not filled in, not known, not closed. */
    expands("kiosk-{serial}", "To Be Filled By O.E.M.", NULL);
    expands("kiosk-{serial}", "...", NULL);
    expands("kiosk-{product}", "x", NULL);
    expands("kiosk-{room}", "x", NULL);
    expands("kiosk-{serial", "x", NULL);
    expands("kiosk-{}", "x", NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_computer_names), cmocka_unit_test(test_domain_names),
        cmocka_unit_test(test_resolve),        cmocka_unit_test(test_principals),
        cmocka_unit_test(test_templates),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
