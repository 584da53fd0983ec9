/* The answers: types, files, assignments, rules, and the shipped wizard.ini. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/model/settings.h"

static struct settings s;

static int setup(void **state)
{
    (void)state;
    settings_init(&s);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    settings_free(&s);
    return 0;
}

static void load(const char *text, uint32_t code)
{
    struct err e = {0};
    int r = settings_load_ini(&s, text, strlen(text), ORIGIN_FILE, &e);
    assert_int_equal(e.code, code);
    assert_int_equal(r, code ? -1 : 0);
}

static void test_every_default_is_valid(void **state)
{
    (void)state;
    for (int o = 0; o < OPT__COUNT; o++) {
        struct err e = {0};
        AUTOFREE char *before = xstrdup(settings_get(&s, o));
        assert_int_equal(settings_set(&s, o, before, ORIGIN_USER, &e), 0);
        assert_string_equal(settings_get(&s, o), before);
        assert_true(*opt_row(o)->label && *opt_row(o)->help);
    }
}

static void test_values_are_checked(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(settings_set(&s, OPT_KIOSK, "ON", ORIGIN_USER, &e), 0);
    assert_true(settings_bool(&s, OPT_KIOSK));
    assert_int_equal(settings_set(&s, OPT_KIOSK, "maybe", ORIGIN_USER, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_OPTION), "ui.kiosk");
    err_reset(&e);
    assert_int_equal(settings_set(&s, OPT_IDENTITY, "sss", ORIGIN_USER, &e), -1);
    err_reset(&e);
    assert_int_equal(settings_set(&s, OPT_DOMAIN, "a\nb", ORIGIN_USER, &e), -1);
}

static void test_ini_keeps_semicolons(void **state)
{
    (void)state;
    load("; comment\n# other\n[domain]\nou = OU=a;DC=b;DC=c\nname=corp.example.com\n", 0);
    assert_string_equal(settings_get(&s, OPT_OU), "OU=a;DC=b;DC=c");
    assert_int_equal(s.origin[OPT_OU], ORIGIN_FILE);
}

static void test_ini_names_line_and_nearest(void **state)
{
    (void)state;
    struct err e = {0};
    const char *text = "[domain]\nname = x\n\n[domain2]\nname = y\n";
    assert_int_equal(settings_load_ini(&s, text, strlen(text), ORIGIN_FILE, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_LINE), "5");
    assert_string_equal(err_fact_get(&e, FACT_NEAREST), "domain.name");
    err_reset(&e);
    text = "[domain]\ncontroler = dc1\n";
    assert_int_equal(settings_load_ini(&s, text, strlen(text), ORIGIN_FILE, &e), -1);
    assert_int_equal(e.cause, CAUSE_CONFIG_UNKNOWN_KEY);
    assert_string_equal(err_fact_get(&e, FACT_LINE), "2");
    assert_string_equal(err_fact_get(&e, FACT_NEAREST), "domain.controller");
}

static void test_secrets_are_refused(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(settings_assign(&s, "credentials.password=canary", &e), -1);
    assert_int_equal(e.cause, CAUSE_SECRET_IN_SET);
    for (unsigned i = 0; i < e.n_facts; i++)
        assert_null(strstr(e.facts[i].value, "canary"));
    load("[credentials]\npassword = canary\n", 87);
}

static void test_save_replays(void **state)
{
    (void)state;
    struct settings again;
    struct err e = {0};
    load("[domain]\nname = corp.example.com\nou = OU=x\\, y+z,DC=corp,DC=example,DC=com\n"
         "[machine]\nname = KIOSK-07\n[options]\nno_acct_reuse = yes\n[host]\nlogin = Linux "
         "Admins, other\n",
         0);
    AUTOFREE char *text = settings_save_ini(&s);
    assert_non_null(text);
    settings_init(&again);
    assert_int_equal(settings_load_ini(&again, text, strlen(text), ORIGIN_FILE, &e), 0);
    for (int o = 0; o < OPT__COUNT; o++)
        assert_string_equal(settings_get(&s, o), settings_get(&again, o));
    assert_int_equal(settings_flags(&again, FLAG_FOR_JOIN),
                     NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE | NETSETUP_NO_ACCT_REUSE);
    settings_free(&again);
}

/* A default that another option makes void is not in the mask; one that was chosen is. */
static void test_mask_without_void_default(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(settings_set(&s, OPT_FLAG_JOIN_UNSECURE, "yes", ORIGIN_SET, &e), 0);
    assert_int_equal(settings_flags(&s, FLAG_FOR_JOIN),
                     NETSETUP_JOIN_DOMAIN | NETSETUP_JOIN_UNSECURE);
    assert_int_equal(settings_set(&s, OPT_FLAG_ACCT_CREATE, "yes", ORIGIN_SET, &e), 0);
    assert_int_equal(settings_flags(&s, FLAG_FOR_JOIN),
                     NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE | NETSETUP_JOIN_UNSECURE);
}

static uint32_t rule(const char *text)
{
    struct err e = {0};
    settings_free(&s);
    settings_init(&s);
    assert_int_equal(settings_load_ini(&s, text, strlen(text), ORIGIN_FILE, &e), 0);
    (void)!settings_check(&s, &e);
    return e.code;
}

static void test_rules(void **state)
{
    (void)state;
    assert_int_equal(rule("[domain]\nname=corp.example.com\n"), 0);
    assert_int_equal(rule(""), 87); /* no domain */
    assert_int_equal(rule("[domain]\nname=corp.example.com\n[options]\nmachine_pwd_passed=yes\n"),
                     87);
    assert_int_equal(rule("[domain]\nname=corp.example.com\n[options]\njoin_unsecure=yes\n"), 0);
    assert_int_equal(rule("[domain]\nname=corp.example.com\n[options]\nset_machine_name=yes\n"),
                     50);
    assert_int_equal(rule("[domain]\nname=corp.example.com\n[options]\nacct_delete=yes\n"), 50);
    assert_int_equal(rule("[domain]\nname=corp.example.com\n[options]\nacct_delete=yes\nignore_"
                          "unsupported_flags=yes\n"),
                     0);
    assert_int_equal(rule("[enrollment]\noperation=leave\n[options]\nacct_delete=yes\n"), 0);
    assert_int_equal(rule("[enrollment]\noperation=leave\n[options]\njoin_unsecure=yes\n"), 1004);
    assert_int_equal(rule("[enrollment]\noperation=leave\n[options]\njoin_unsecure=yes\nignore_"
                          "unsupported_flags=yes\n"),
                     0);
    assert_int_equal(rule("[domain]\nname=bad name\n"), 1212);
    assert_int_equal(rule("[domain]\nname=corp.example.com\n[machine]\nname=12345\n"), 1210);
}

static void test_unknown_bits(void **state)
{
    (void)state;
    struct err e = {0};
    load("[domain]\nname=corp.example.com\n", 0);
    s.extra_flags = 0x80000;
    assert_int_equal(settings_check(&s, &e), -1);
    assert_int_equal(e.code, 50);
    err_reset(&e);
    assert_int_equal(settings_set(&s, OPT_FLAG_IGNORE_UNSUPPORTED_FLAGS, "yes", ORIGIN_USER, &e),
                     0);
    assert_int_equal(settings_check(&s, &e), 0);
}

/* A file saved from leaving has none of the join's flags, which would be refused. */
static void test_saved_leave_replays(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(settings_set(&s, OPT_OPERATION, "leave", ORIGIN_USER, &e), 0);
    assert_int_equal(settings_set(&s, OPT_FLAG_ACCT_DELETE, "yes", ORIGIN_USER, &e), 0);
    AUTOFREE char *ini = settings_save_ini(&s);
    assert_null(strstr(ini, "join_domain"));
    struct settings again;
    settings_init(&again);
    assert_int_equal(settings_load_ini(&again, ini, strlen(ini), ORIGIN_FILE, &e), 0);
    assert_int_equal(settings_check(&again, &e), 0);
    assert_true(settings_bool(&again, OPT_FLAG_ACCT_DELETE));
    settings_free(&again);
}

/* An empty password is never tried: it would count as a wrong one. */
static void test_account_needs_a_password(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(settings_set(&s, OPT_ACCOUNT, "joiner", ORIGIN_FILE, &e), 0);
    assert_int_equal(settings_check_login(&s, &e), -1);
    assert_int_equal(e.cause, CAUSE_PASSWORD_MISSING);
    err_reset(&e);
    assert_int_equal(settings_set(&s, OPT_KEYTAB, "/root/joiner.keytab", ORIGIN_FILE, &e), 0);
    assert_int_equal(settings_check_login(&s, &e), 0);
    assert_int_equal(settings_set(&s, OPT_KEYTAB, "", ORIGIN_FILE, &e), 0);
    assert_int_equal(settings_set(&s, OPT_OPERATION, "leave", ORIGIN_FILE, &e), 0);
    assert_int_equal(settings_check_login(&s, &e), 0);
}

/* JOINERY_UPDATE=1 writes the file instead of comparing it. */
static void test_shipped_ini_is_the_table(void **state)
{
    (void)state;
    AUTOFREE char *want = settings_sample_ini();
    assert_non_null(want);
    if (getenv("JOINERY_UPDATE")) {
        FILE *f = fopen("wizard.ini", "w");
        assert_non_null(f);
        assert_true(fputs(want, f) >= 0);
        fclose(f);
        return;
    }
    struct buf b = BUF_INIT(1u << 20);
    char chunk[4096];
    FILE *f = fopen("wizard.ini", "r");
    assert_non_null(f);
    size_t n;
    while ((n = fread(chunk, 1, sizeof chunk, f)) > 0)
        buf_put(&b, chunk, n);
    fclose(f);
    assert_string_equal(buf_text(&b), want);
    /* Every key is commented out: loading it changes nothing. */
    load(buf_text(&b), 0);
    for (int o = 0; o < OPT__COUNT; o++)
        assert_int_equal(s.origin[o], ORIGIN_DEFAULT);
    buf_free(&b);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_every_default_is_valid),
        T(test_values_are_checked),
        T(test_ini_keeps_semicolons),
        T(test_ini_names_line_and_nearest),
        T(test_secrets_are_refused),
        T(test_save_replays),
        T(test_rules),
        T(test_mask_without_void_default),
        T(test_saved_leave_replays),
        T(test_account_needs_a_password),
        T(test_unknown_bits),
        T(test_shipped_ini_is_the_table),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
