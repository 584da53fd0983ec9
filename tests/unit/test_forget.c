/* Single words of ours in lines that the owner changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/conf/hostplan_int.h"

static const struct enroll_record rec = {.fqdn = (char *)(uintptr_t) "k.corp.example.com",
                                         .domain = (char *)(uintptr_t) "corp.example.com"};

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *old, *wanted;
    } rows[] = {
        {CONF_NSSWITCH, "passwd: files sss ldap\n", "passwd: files\n", "passwd: files ldap\n"},
        {CONF_NSSWITCH, "passwd: files sss ldap\n", "passwd: sss\n", "passwd: files sss ldap\n"},
        {CONF_NSSWITCH, "passwd: files sss\ngroup: sss x", "passwd: sss\ngroup: x\n",
         "passwd: files sss\ngroup: x"},
        {CONF_NSSWITCH, "passwd:\tsss  files # sss\n", NULL, "passwd:\tfiles # sss\n"},
        {CONF_NSSWITCH, "# passwd: sss\npasswd: sssx # sss\n", NULL,
         "# passwd: sss\npasswd: sssx # sss\n"},
        {CONF_NSSWITCH, "passwd: sss\n", NULL, "passwd: \n"},
        {CONF_HOSTS, "127.0.1.1\tmine k.corp.example.com k\n", "127.0.1.1 k\n",
         "127.0.1.1\tmine k\n"},
        {CONF_HOSTS, "10.0.0.1 k.corp.example.com k\n", "127.0.1.1 k.corp.example.com\n",
         "10.0.0.1 k.corp.example.com k\n"},
        {CONF_SSSD, "[sssd]\ndomains = a, corp.example.com, b\n", "[sssd]\n",
         "[sssd]\ndomains = a, b\n"},
        {CONF_SSSD, "[sssd]\ndomains=corp.example.com,b\n", NULL, "[sssd]\ndomains=b\n"},
        {CONF_SSSD, "[sssd]\nad_domain = corp.example.com\ndomainsx = corp.example.com\n", NULL,
         "[sssd]\nad_domain = corp.example.com\ndomainsx = corp.example.com\n"},
        {CONF_KRB5, "default_realm = corp.example.com\n", NULL,
         "default_realm = corp.example.com\n"},
        {CONF_HOSTS, "", NULL, ""},
        {CONF_HOSTS, "\n\nk.corp.example.com", NULL, "\n\n"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        AUTOFREE char *got = conf_forget(rows[i].path, rows[i].text, rows[i].old, &rec);
        assert_string_equal(got, rows[i].wanted);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_words)};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
