/* What provisioning and applying refuse without looking outside: NetProvisionComputerAccount,
 * NetCreateProvisioningPackage, NetRequestOfflineDomainJoin. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/macro.h"
#include "engine/model/settings_offline.h"

#define PROVISION                                                                                  \
    "[enrollment]\noperation=provision\n[domain]\nname=corp.example.com\n[machine]\nname=PC-1\n"
#define SAVED PROVISION "[offline]\noutput=/tmp/x.odj\n"

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

static struct err rule(const char *text)
{
    struct err e = {0};
    settings_free(&s);
    settings_init(&s);
    assert_int_equal(settings_load_ini(&s, text, strlen(text), ORIGIN_FILE, &e), 0);
    (void)!settings_check(&s, &e);
    return e;
}

static void what_is_missing_is_87(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cause cause;
    } rows[] = {
        {SAVED, CAUSE_NONE},
        {PROVISION, CAUSE_OFFLINE_OUTPUT_MISSING},
        {"[enrollment]\noperation=provision\n[machine]\nname=PC-1\n[offline]\noutput=x\n",
         CAUSE_DOMAIN_MISSING},
        {"[enrollment]\noperation=provision\n[domain]\nname=corp.example.com\n"
         "[offline]\noutput=x\n",
         CAUSE_PROVISION_NAME_MISSING},
        {"[enrollment]\noperation=provision\n[domain]\nname=corp.example.com\n"
         "[offline]\nbatch=/tmp/list.csv\n",
         CAUSE_NONE},
        {"[enrollment]\noperation=apply\n", CAUSE_OFFLINE_INPUT_MISSING},
        {"[enrollment]\noperation=apply\n[offline]\ninput=-\n", CAUSE_NONE},
        {SAVED "format=cms\n", CAUSE_PROTECTION_MISSING},
        {SAVED "format=cms\nrecipients=/tmp/a.pem\n", CAUSE_NONE},
        {SAVED "format=cms\npassphrase_file=/tmp/p\n", CAUSE_NONE},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct err e = rule(rows[i].text);
        assert_int_equal(e.cause, rows[i].cause);
        assert_int_equal(e.code, rows[i].cause == CAUSE_NONE ? 0 : 87);
    }
}

static void flags_need_what_the_page_says(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum cause cause;
        uint32_t code;
        enum opt also; /* with another answer */
        const char *value;
    } rows[] = {
        {"provision_downlevel_priv_support=yes\n", CAUSE_NONE, 0, OPT_OPERATION, NULL},
        {"provision_skip_account_search=yes\n", CAUSE_SKIP_SEARCH_NEEDS_CONTROLLER, 87,
         OPT_OPERATION, NULL},
        {"provision_skip_account_search=yes\n", CAUSE_NONE, 0, OPT_CONTROLLER, "dc1"},
        {"provision_downlevel_priv_support=yes\n", CAUSE_DOWNLEVEL_WITH_OU, 50, OPT_OU,
         "OU=a,DC=corp,DC=example,DC=com"},
        {"provision_persistentsite=yes\n", CAUSE_PERSISTENT_NEEDS_SITE, 87, OPT_OPERATION, NULL},
        {"provision_persistentsite=yes\n", CAUSE_NONE, 0, OPT_OFFLINE_SITE, "Berlin"},
        {"provision_reuse_account=yes\n", CAUSE_NONE, 0, OPT_OPERATION, NULL},
        /* flags of another operation */
        {"join_unsecure=yes\n", CAUSE_UNKNOWN_FLAG, 50, OPT_OPERATION, NULL},
        {"provision_online_caller=yes\n", CAUSE_UNKNOWN_FLAG, 50, OPT_OPERATION, NULL},
        {"set_machine_name=yes\n", CAUSE_UNKNOWN_FLAG, 50, OPT_OPERATION, NULL},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        AUTOFREE char *text = xasprintf("%s[options]\n%s", SAVED, rows[i].text);
        struct err e = rule(text);
        if (rows[i].value) {
            err_reset(&e);
            assert_int_equal(settings_set(&s, rows[i].also, rows[i].value, ORIGIN_FILE, &e), 0);
            (void)!settings_check(&s, &e);
        }
        assert_int_equal(e.cause, rows[i].cause);
        assert_int_equal(e.code, rows[i].code);
    }
    struct err e = rule("[enrollment]\noperation=apply\n[offline]\ninput=-\n[options]\n"
                        "provision_reuse_account=yes\n");
    assert_int_equal(e.code, 50);
}

static void the_masks_are_the_pages(void **state)
{
    (void)state;
    (void)rule(SAVED "[options]\nprovision_reuse_account=yes\nprovision_root_ca_certs=yes\n");
    assert_int_equal(settings_flags(&s, FLAG_FOR_PROVISION), 0x12);
    (void)rule("[enrollment]\noperation=apply\n[offline]\ninput=-\n[options]\n"
               "provision_online_caller=yes\n");
    assert_int_equal(settings_flags(&s, FLAG_FOR_APPLY), 0x40008000);
    assert_null(settings_flag_blocked(&s, OPT_FLAG_SET_MACHINE_NAME));
    assert_non_null(settings_flag_blocked(&s, OPT_FLAG_PROVISION_REUSE_ACCOUNT));
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(what_is_missing_is_87),
        T(flags_need_what_the_page_says),
        T(the_masks_are_the_pages),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
