/* NetJoinDomain's flags against each other: what is refused, in which order, and what is greyed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "engine/model/settings_flags.h"

#define DC "corp.example.com\\dc1"

struct row {
    uint32_t mask; /* chosen, as the C interface chooses: what is not in it is chosen not to be */
    const char *domain, *account, *password;
    uint32_t code; /* before anything is asked for */
    enum cause cause;
    uint32_t late; /* when nobody can be asked any more */
};

#define J  NETSETUP_JOIN_DOMAIN
#define C  NETSETUP_ACCT_CREATE
#define U  NETSETUP_JOIN_UNSECURE
#define P  NETSETUP_MACHINE_PWD_PASSED
#define RO NETSETUP_JOIN_READONLY

static const struct row rows[] = {
    {J | C, "corp", "joe", "pw", 0, CAUSE_NONE, 0},
    {J | C, "corp", "joe", NULL, 0, CAUSE_NONE, 87},
    {J | C, "corp", "", NULL, 0, CAUSE_NONE, 0},
    {J | C, "corp", "", "pw", 87, CAUSE_PASSWORD_WITHOUT_ACCOUNT, 87},
    {J | P, "corp", "", "pw", 87, CAUSE_FLAG_NEEDS_UNSECURE, 87},
    {J | P, "corp", "joe", "pw", 87, CAUSE_FLAG_NEEDS_UNSECURE, 87},
    {J | U, "corp", "", NULL, 0, CAUSE_NONE, 0},
    {J | U, "corp", "", "pw", 87, CAUSE_PASSWORD_WITHOUT_ACCOUNT, 87},
    {J | U, "corp", "joe", NULL, 87, CAUSE_ACCOUNT_UNUSED, 87},
    {J | U | C, "corp", "", NULL, 0, CAUSE_NONE, 0},
    {J | U | P, "corp", "", "pw", 0, CAUSE_NONE, 0},
    {J | U | P, "corp", "", NULL, 0, CAUSE_NONE, 1325},
    {J | U | P, "corp", "", "", 1325, CAUSE_MACHINE_PASSWORD_EMPTY, 1325},
    {J | U | P, "corp", "joe", "pw", 87, CAUSE_ACCOUNT_UNUSED, 87},
    {J | U | P, "corp", "joe", NULL, 87, CAUSE_ACCOUNT_UNUSED, 87},
    {J | U | P, "corp", "", "\xff\xfe", 1325, CAUSE_MACHINE_PASSWORD_BAD, 1325},
    {J | RO, DC, "", NULL, 87, CAUSE_FLAG_COMBINATION, 87},
    {J | RO | U, DC, "", NULL, 87, CAUSE_FLAG_COMBINATION, 87},
    {J | RO | P, DC, "", "pw", 87, CAUSE_FLAG_NEEDS_UNSECURE, 87},
    {J | RO | U | P, DC, "", "pw", 0, CAUSE_NONE, 0},
    {J | RO | U | P, DC, "joe", "pw", 87, CAUSE_ACCOUNT_UNUSED, 87},
    {J | RO | U | P | C, DC, "", "pw", 87, CAUSE_READONLY_WRITES, 87},
    {J | RO | U | P, "corp", "", "pw", 87, CAUSE_READONLY_NEEDS_CONTROLLER, 87},
    {J | RO | U | P | NETSETUP_FORCE_SPN_SET, DC, "", "pw", 87, CAUSE_READONLY_WRITES, 87},
    {J | NETSETUP_WIN9X_UPGRADE, "corp", "", NULL, 0, CAUSE_NONE, 0},
    {J | NETSETUP_WIN9X_UPGRADE, "corp", "joe", NULL, 0, CAUSE_NONE, 0},
    {J | NETSETUP_SET_MACHINE_NAME, "corp", "", NULL, 50, CAUSE_UNKNOWN_FLAG, 50},
    {J | NETSETUP_ACCT_DELETE, "corp", "", NULL, 50, CAUSE_UNKNOWN_FLAG, 50},
    {J | 0x80000, "corp", "", NULL, 50, CAUSE_UNKNOWN_FLAG, 50},
    {J | P | 0x80000, "corp", "", NULL, 50, CAUSE_UNKNOWN_FLAG, 50},
    {J | 0x80000 | (uint32_t)NETSETUP_IGNORE_UNSUPPORTED_FLAGS, "corp", "", NULL, 0, CAUSE_NONE, 0},
    {J | P | (uint32_t)NETSETUP_IGNORE_UNSUPPORTED_FLAGS, "corp", "", "pw", 87,
     CAUSE_FLAG_NEEDS_UNSECURE, 87},
    {J | NETSETUP_DEFER_SPN_SET | NETSETUP_FORCE_SPN_SET, "corp", "", NULL, 0, CAUSE_NONE, 0},
};

static void fill(struct settings *s, const struct row *r)
{
    struct err e = {0};
    settings_init(s);
    settings_set_flags(s, FLAG_FOR_JOIN, r->mask);
    assert_int_equal(settings_set(s, OPT_DOMAIN, r->domain, ORIGIN_SET, &e), 0);
    assert_int_equal(settings_set(s, OPT_ACCOUNT, r->account, ORIGIN_SET, &e), 0);
    if (r->password)
        assert_int_equal(secret_set(&s->password, r->password, strlen(r->password)), 0);
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct settings s;
        struct err e = {0};
        fill(&s, &rows[i]);
        (void)!settings_check(&s, &e);
        if (e.code != rows[i].code || e.cause != rows[i].cause)
            fail_msg("row %zu: %u (cause %d) instead of %u", i, e.code, (int)e.cause, rows[i].code);
        if (!e.code)
            (void)!settings_check_login(&s, &e);
        if (e.code != rows[i].late)
            fail_msg("row %zu, late: %u instead of %u", i, e.code, rows[i].late);
        settings_free(&s);
    }
}

/* What is on by default was not asked for: a read-only join need not turn it off. */
static void test_default_is_no_choice(void **state)
{
    (void)state;
    static const char text[] = "[domain]\nname = " DC "\n[options]\njoin_unsecure = yes\n"
                               "machine_pwd_passed = yes\njoin_readonly = yes\n";
    struct settings s;
    struct err e = {0};
    settings_init(&s);
    assert_int_equal(settings_load_ini(&s, text, strlen(text), ORIGIN_FILE, &e), 0);
    assert_true(settings_bool(&s, OPT_FLAG_ACCT_CREATE));
    assert_int_equal(settings_check(&s, &e), 0);
    assert_true(settings_no_directory_write(&s) && settings_defer_names(&s));
    assert_int_equal(settings_set(&s, OPT_FLAG_ACCT_CREATE, "yes", ORIGIN_USER, &e), 0);
    assert_int_equal(settings_check(&s, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_VALUE), "NETSETUP_ACCT_CREATE (0x2)");
    settings_free(&s);
}

static uint32_t with_password(uint32_t mask, const char *account, const char *unit, size_t n)
{
    struct settings s;
    struct err e = {0};
    fill(&s, &(struct row){.mask = mask, .domain = "corp", .account = account});
    assert_int_equal(secret_init(&s.password, SECRET_MAX), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(secret_append(&s.password, unit, strlen(unit)), 0);
    (void)!settings_check(&s, &e);
    settings_free(&s);
    return e.code;
}

/* 256 UTF-16 units; a sign beyond the first plane is two. */
static void test_length(void **state)
{
    (void)state;
    assert_int_equal(with_password(J | C, "joe", "x", 256), 0);
    assert_int_equal(with_password(J | C, "joe", "x", 257), 86);
    assert_int_equal(with_password(J | U | P, "", "\xd0\xa9", 256), 0);
    assert_int_equal(with_password(J | U | P, "", "\xd0\xa9", 257), 1325);
    assert_int_equal(with_password(J | U | P, "", "\xf0\x9f\x94\x91", 128), 0);
    assert_int_equal(with_password(J | U | P, "", "\xf0\x9f\x94\x91", 129), 1325);
    assert_int_equal(with_password(J | C, "joe", "\xf0\x9f\x94\x91", 129), 86);
}

static const char *blocked(uint32_t mask, enum opt o)
{
    struct settings s;
    fill(&s, &(struct row){.mask = mask, .domain = DC, .account = ""});
    const char *why = settings_flag_blocked(&s, o);
    settings_free(&s);
    return why;
}

static void test_greyed(void **state)
{
    (void)state;
    static const struct {
        enum opt o;
        uint32_t where, not_where;
    } grey[] = {
        {OPT_FLAG_MACHINE_PWD_PASSED, J, J | U},
        {OPT_FLAG_JOIN_READONLY, J | U, J | U | P},
        {OPT_FLAG_JOIN_READONLY, J | P, J | U | P},
        {OPT_FLAG_ACCT_CREATE, J | U, J},
        {OPT_FLAG_ACCT_CREATE, J | U | P | RO, J},
        {OPT_FLAG_NO_ACCT_REUSE, J | U, J},
        {OPT_FLAG_DEFER_SPN_SET, J | U | P | RO, J | U | P},
        {OPT_FLAG_FORCE_SPN_SET, J | U | P | RO, J | U | P},
        {OPT_FLAG_DEFER_SPN_SET, J | NETSETUP_FORCE_SPN_SET, J},
        {OPT_FLAG_DONT_CONTROL_SERVICES, J | NETSETUP_INSTALL_INVOCATION, J},
        {OPT_FLAG_ACCT_CREATE, J | NETSETUP_WIN9X_UPGRADE, J | NETSETUP_AMBIGUOUS_DC},
    };
    for (size_t i = 0; i < ARRAY_SIZE(grey); i++) {
        if (!blocked(grey[i].where, grey[i].o) || blocked(grey[i].not_where, grey[i].o))
            fail_msg("row %zu", i);
    }
    assert_non_null(blocked(J, OPT_FLAG_SET_MACHINE_NAME));
    assert_non_null(blocked(J, OPT_FLAG_ACCT_DELETE));
}

/* A read-only join without a controller: greyed for that reason, not for the flags it needs. */
static void test_greyed_without_controller(void **state)
{
    (void)state;
    struct settings s;
    fill(&s, &(struct row){.mask = J | U | P, .domain = "corp", .account = ""});
    assert_non_null(settings_flag_blocked(&s, OPT_FLAG_JOIN_READONLY));
    settings_free(&s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_default_is_no_choice),
        cmocka_unit_test(test_length),
        cmocka_unit_test(test_greyed),
        cmocka_unit_test(test_greyed_without_controller),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
