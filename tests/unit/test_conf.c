#define _GNU_SOURCE
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/conf/conf.h"
#include "engine/host/host.h"
#include "tests/unit/scratch.h"

static struct host_settings s;
static struct err e;
static struct buf out;

static int fresh(void **st UNUSED)
{
    s = (struct host_settings){
        .domain = "corp.example.com",
        .realm = "CORP.EXAMPLE.COM",
        .netbios = "CORP",
        .identity = HOST_IDENTITY_SSSD,
        .computer = "KIOSK7",
        .short_name = "kiosk7",
        .fqdn = "kiosk7.corp.example.com",
        .dns_update = true,
    };
    err_reset(&e);
    out = BUF_INIT(1 << 20);
    return 0;
}

static int done(void **st UNUSED)
{
    strv_free(&s.login);
    strv_free(&s.administrators);
    strv_free(&s.controllers);
    strv_free(&s.kdc_addresses);
    buf_free(&out);
    return 0;
}

static const char *result(int rc)
{
    if (rc != 0)
        fail_msg("%s %s line %s", e.raw, err_fact_get(&e, FACT_FILE), err_fact_get(&e, FACT_LINE));
    return buf_text(&out);
}

static const char *krb5(const char *before)
{
    buf_free(&out);
    return result(conf_krb5(before, &s, &out, &e));
}

static const char *sssd(const char *before, bool sockets)
{
    buf_free(&out);
    return result(conf_sssd(before, &s, sockets, &out, &e));
}

static const char *nss(const char *before)
{
    buf_free(&out);
    return result(conf_nsswitch(before, &out, &e));
}

static const char *hosts(const char *before)
{
    buf_free(&out);
    return result(conf_hosts(before, &s, &out, &e));
}

static const char *hostname(const char *before)
{
    buf_free(&out);
    return result(conf_hostname(before, &s, &out, &e));
}

/* ---- krb5.conf ---- */
static void test_krb5_new(void **st UNUSED)
{
    assert_string_equal(
        krb5(NULL),
        "# Written by joinery for the domain corp.example.com; taken back when the machine "
        "leaves it.\n"
        "[libdefaults]\n"
        "    default_realm = CORP.EXAMPLE.COM\n"
        "    dns_lookup_realm = false\n"
        "    dns_lookup_kdc = true\n"
        "    rdns = false\n"
        "\n"
        "[domain_realm]\n"
        "    corp.example.com = CORP.EXAMPLE.COM\n"
        "    .corp.example.com = CORP.EXAMPLE.COM\n");
    AUTOFREE char *first = xstrdup(buf_text(&out));
    assert_string_equal(krb5(first), first);
    assert_string_equal(krb5("\n \n"), first);
}

static void test_krb5_owners_file(void **st UNUSED)
{
    static const char before[] = "# the owner's\n"
                                 "[libdefaults]\n"
                                 "\tdefault_realm = ATHENA.MIT.EDU\n"
                                 "\n"
                                 "# only for MIT Kerberos.\n"
                                 "\tkdc_timesync = 1 \n"
                                 "\tforwardable = true\n"
                                 "        rdns = false\n"
                                 "\n"
                                 "\n"
                                 "# only for Heimdal.\n"
                                 "\tfcc-mit-ticketflags = true\n"
                                 "\n"
                                 "[realms]\n"
                                 "\tATHENA.MIT.EDU = {\n"
                                 "\t\tkdc = kerberos.mit.edu\n"
                                 "\t\tkdc = kerberos-2.mit.edu:88\n"
                                 "\t\tadmin_server = kerberos.mit.edu\n"
                                 "\t}\n"
                                 "[domain_realm]\n"
                                 "\t.mit.edu = ATHENA.MIT.EDU\n"
                                 "\n"
                                 "# last words\n";
    static const char after[] = "# the owner's\n"
                                "[libdefaults]\n"
                                "\tdefault_realm = CORP.EXAMPLE.COM\n"
                                "\n"
                                "# only for MIT Kerberos.\n"
                                "\tkdc_timesync = 1 \n"
                                "\tforwardable = true\n"
                                "        rdns = false\n"
                                "\n"
                                "\n"
                                "# only for Heimdal.\n"
                                "\tfcc-mit-ticketflags = true\n"
                                "dns_lookup_realm = false\n"
                                "dns_lookup_kdc = true\n"
                                "\n"
                                "[realms]\n"
                                "\tATHENA.MIT.EDU = {\n"
                                "\t\tkdc = kerberos.mit.edu\n"
                                "\t\tkdc = kerberos-2.mit.edu:88\n"
                                "\t\tadmin_server = kerberos.mit.edu\n"
                                "\t}\n"
                                "[domain_realm]\n"
                                "\t.mit.edu = ATHENA.MIT.EDU\n"
                                "corp.example.com = CORP.EXAMPLE.COM\n"
                                ".corp.example.com = CORP.EXAMPLE.COM\n"
                                "\n"
                                "# last words\n";
    assert_string_equal(krb5(before), after);
    assert_string_equal(krb5(after), after);
}

static void test_krb5_fixed_controller(void **st UNUSED)
{
    s.preferred_dc = "dc1.corp.example.com";
    assert_null(strstr(krb5(NULL), "[realms]"));
    s.identity = HOST_IDENTITY_NONE;
    const char *t = krb5(NULL);
    assert_non_null(strstr(
        t, "\n[realms]\n    CORP.EXAMPLE.COM = {\n        kdc = dc1.corp.example.com\n    }\n"));
    AUTOFREE char *first = xstrdup(t);
    assert_string_equal(krb5(first), first);
    t = krb5("[libdefaults]\n rdns = false\n[realms]\n # c\n A.B = {\n kdc = x\n }\n");
    assert_non_null(strstr(t, "\n A.B = {\n kdc = x\n }\n"));
    assert_non_null(strstr(t, "CORP.EXAMPLE.COM = {\nkdc = dc1.corp.example.com\n}\n"));
}

/* Whatever a byte is changed into: a result or an error that names the file, never a crash. */
static void test_mutations(void **st UNUSED)
{
    static const char seed[] =
        "[libdefaults]\n default_realm = A\n[realms]\n A = {\n kdc = b\n }\n";
    char copy[sizeof seed];
    for (size_t i = 0; i < sizeof seed - 1; i++) {
        for (int c = 1; c < 256; c += 23) {
            memcpy(copy, seed, sizeof seed);
            copy[i] = (char)c;
            err_reset(&e);
            buf_free(&out);
            if (conf_krb5(copy, &s, &out, &e) != 0)
                assert_string_equal(err_fact_get(&e, FACT_FILE), "/etc/krb5.conf");
            else
                assert_non_null(strstr(buf_text(&out), "default_realm"));
        }
    }
}

static void test_krb5_directory(void **st UNUSED)
{
    bool dir;
    assert_int_equal(conf_krb5_reads_dir(
                         "includedir /etc/krb5.conf.d/\n\n[libdefaults]\n rdns = true\n", &dir, &e),
                     0);
    assert_true(dir);
    assert_int_equal(conf_krb5_reads_dir("# c\nincludedir /etc/krb5.conf.d\n", &dir, &e), 0);
    assert_true(dir);
    assert_int_equal(
        conf_krb5_reads_dir("[libdefaults]\n rdns = true\n\n[logging]\n default = SYSLOG\n"
                            "includedir /etc/krb5.conf.d/\n",
                            &dir, &e),
        0);
    assert_false(dir);
    assert_int_equal(
        conf_krb5_reads_dir("includedir /var/lib/sss/pubconf/krb5.include.d/\n", &dir, &e), 0);
    assert_false(dir);
    assert_int_equal(conf_krb5_reads_dir(NULL, &dir, &e), 0);
    assert_false(dir);
}

static void test_krb5_unparsable(void **st UNUSED)
{
    assert_int_equal(conf_krb5("[libdefaults]\nrdns = true\n{ what\n", &s, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    assert_string_equal(err_fact_get(&e, FACT_FILE), "/etc/krb5.conf");
    assert_string_equal(err_fact_get(&e, FACT_LINE), "3");
    assert_int_equal(out.len, 0);
    /* The handle is as good as before. */
    err_reset(&e);
    test_krb5_new(NULL);
}

/* ---- sssd.conf ---- */
static void test_sssd_new(void **st UNUSED)
{
    assert_string_equal(sssd(NULL, true),
                        "# Written by joinery for the domain corp.example.com; taken back when the "
                        "machine leaves it.\n"
                        "[sssd]\n"
                        "config_file_version=2\n"
                        "domains=corp.example.com\n"
                        "[domain/corp.example.com]\n"
                        "id_provider=ad\n"
                        "ad_domain=corp.example.com\n"
                        "krb5_realm=CORP.EXAMPLE.COM\n"
                        "ad_hostname=kiosk7.corp.example.com\n"
                        "access_provider=ad\n"
                        "cache_credentials=True\n"
                        "krb5_store_password_if_offline=True\n"
                        "use_fully_qualified_names=False\n"
                        "fallback_homedir=/home/%u\n"
                        "default_shell=/bin/bash\n"
                        "dyndns_update=True\n");
    AUTOFREE char *first = xstrdup(buf_text(&out));
    assert_string_equal(sssd(first, true), first);
    sssd(NULL, false);
    assert_non_null(strstr(buf_text(&out), "\nservices=nss, pam\n"));
}

static void test_sssd_owners_file(void **st UNUSED)
{
    static const char before[] = "; the owner's\n"
                                 "[sssd]\n"
                                 "domains = files\n"
                                 "services = nss, ssh\n"
                                 "# why not\n"
                                 "debug_level = 3\n"
                                 "\n"
                                 "[domain/files]\n"
                                 "id_provider = files\n"
                                 "\n"
                                 "[domain/corp.example.com]\n"
                                 "id_provider = ldap\n"
                                 "ldap_uri = ldap://old ; comment\n"
                                 "simple_allow_groups = nobody\n"
                                 "ad_server = dead\n";
    static const char after[] = "; the owner's\n"
                                "[sssd]\n"
                                "domains = files, corp.example.com\n"
                                "services = nss, ssh, pam\n"
                                "# why not\n"
                                "debug_level = 3\n"
                                "\n"
                                "config_file_version=2\n"
                                "[domain/files]\n"
                                "id_provider = files\n"
                                "\n"
                                "[domain/corp.example.com]\n"
                                "id_provider = ad\n"
                                "ldap_uri = ldap://old ; comment\n"
                                "ad_domain=corp.example.com\n"
                                "krb5_realm=CORP.EXAMPLE.COM\n"
                                "ad_hostname=kiosk7.corp.example.com\n"
                                "access_provider=ad\n"
                                "cache_credentials=True\n"
                                "krb5_store_password_if_offline=True\n"
                                "use_fully_qualified_names=False\n"
                                "fallback_homedir=/home/%u\n"
                                "default_shell=/bin/bash\n"
                                "dyndns_update=True\n";
    assert_string_equal(sssd(before, true), after);
    assert_string_equal(sssd(after, true), after);
}

static void test_sssd_choices(void **st UNUSED)
{
    strv_add(&s.login, "Kiosk Users");
    strv_add(&s.login, "CORP\\Linux Admins");
    strv_add(&s.login, "Staff@corp.example.com");
    strv_add(&s.login, "Guests@other.example");
    strv_add(&s.login, "\xd0\x9a\xd0\xb8\xd0\xbe\xd1\x81\xd0\xba\xd0\xb8");
    s.preferred_dc = "dc1.corp.example.com";
    s.site = "Branch Office";
    s.full_names = true;
    s.dns_update = false;
    s.computer = "A-VERY-LONG-HOS";
    s.short_name = "a-very-long-host-name-01";
    s.fqdn = "a-very-long-host-name-01.corp.example.com";
    const char *t = sssd(NULL, true);
    assert_non_null(
        strstr(t, "\naccess_provider=simple\nsimple_allow_groups=Kiosk Users, Linux Admins, Staff, "
                  "Guests@other.example, \xd0\x9a\xd0\xb8\xd0\xbe\xd1\x81\xd0\xba\xd0\xb8\n"));
    assert_non_null(strstr(t, "\nad_server=dc1.corp.example.com, _srv_\n"));
    assert_non_null(strstr(t, "\nad_site=Branch Office\n"));
    assert_non_null(strstr(t, "\nldap_sasl_authid=A-VERY-LONG-HOS$@CORP.EXAMPLE.COM\n"));
    assert_non_null(strstr(t, "\nuse_fully_qualified_names=True\nfallback_homedir=/home/%u@%d\n"));
    assert_non_null(strstr(t, "\ndyndns_update=False\n"));
    /* And back again: what is no longer wanted goes. */
    AUTOFREE char *first = xstrdup(t);
    done(NULL);
    fresh(NULL);
    t = sssd(first, true);
    assert_null(strstr(t, "simple_allow_groups"));
    assert_null(strstr(t, "ad_server"));
    assert_null(strstr(t, "ad_site"));
    assert_null(strstr(t, "ldap_sasl_authid"));
}

static void test_sssd_unparsable(void **st UNUSED)
{
    assert_int_equal(conf_sssd("[sssd]\ndomains = x\n= = =\n", &s, true, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    assert_string_equal(err_fact_get(&e, FACT_FILE), "/etc/sssd/sssd.conf");
    assert_string_equal(err_fact_get(&e, FACT_LINE), "3");
}

/* ---- nsswitch.conf ---- */
static void test_nss(void **st UNUSED)
{
    static const char before[] = "# owner\n"
                                 "passwd:         files systemd # why\n"
                                 "group:          files [SUCCESS=merge] systemd\n"
                                 "shadow:\tfiles\n"
                                 "gshadow:        files\n"
                                 "\n"
                                 "hosts:          files mdns4_minimal [NOTFOUND=return] dns\n"
                                 "services:       db files\n"
                                 "netgroup:       nis\n";
    static const char after[] = "# owner\n"
                                "passwd:         files systemd sss # why\n"
                                "group:          files [SUCCESS=merge] systemd sss\n"
                                "shadow:\tfiles sss\n"
                                "gshadow:        files\n"
                                "\n"
                                "hosts:          files mdns4_minimal [NOTFOUND=return] dns\n"
                                "services:       db files sss\n"
                                "netgroup:       nis sss\n";
    assert_string_equal(nss(before), after);
    assert_string_equal(nss(after), after);
    assert_string_equal(
        nss(NULL),
        "passwd:         files sss\ngroup:          files sss\nshadow:         files sss\n");
    assert_string_equal(nss("hosts: dns\n"),
                        "hosts: dns\npasswd: files sss\ngroup: files sss\nshadow: files sss\n");
    buf_free(&out);
    assert_int_equal(conf_nsswitch("passwd: files\nrubbish\n", &out, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_LINE), "2");
}

/* ---- hostname and hosts ---- */
static void test_hostname(void **st UNUSED)
{
    assert_string_equal(hostname(NULL), "kiosk7\n");
    assert_string_equal(hostname("debian\n"), "kiosk7\n");
    assert_string_equal(hostname("debian"), "kiosk7\n");
    assert_string_equal(hostname("# mine\n\ndebian\n# end\n"), "# mine\n\nkiosk7\n# end\n");
    assert_string_equal(hostname("kiosk7\n"), "kiosk7\n");
}

static void test_hosts(void **st UNUSED)
{
    assert_string_equal(hosts(NULL),
                        "127.0.0.1\tlocalhost\n127.0.1.1\tkiosk7.corp.example.com kiosk7\n");
    static const char before[] = "127.0.0.1\tlocalhost\n"
                                 "127.0.1.1\tdebian.local\tdebian # installer\n"
                                 "# printers\n"
                                 "192.0.2.9   printer  lp\n"
                                 "::1     ip6-localhost ip6-loopback\n";
    static const char after[] =
        "127.0.0.1\tlocalhost\n"
        "127.0.1.1\tkiosk7.corp.example.com\tkiosk7 debian.local debian # installer\n"
        "# printers\n"
        "192.0.2.9   printer  lp\n"
        "::1     ip6-localhost ip6-loopback\n";
    assert_string_equal(hosts(before), after);
    assert_string_equal(hosts(after), after);
    /* A real address that has the name already is left alone. */
    static const char fixed[] = "127.0.0.1 localhost\n192.0.2.7 kiosk7.corp.example.com kiosk7\n";
    assert_string_equal(hosts(fixed), fixed);
    static const char redhat[] = "127.0.0.1   localhost localhost.localdomain\n::1 localhost\n";
    assert_string_equal(hosts(redhat),
                        "127.0.0.1   localhost localhost.localdomain\n"
                        "127.0.1.1\tkiosk7.corp.example.com kiosk7\n::1 localhost\n");
    buf_free(&out);
    assert_int_equal(conf_hosts("127.0.0.1\n", &s, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
}

/* A list of a hundred thousand blocked sites: edited as fast, and otherwise unchanged. */
static void test_hosts_blocklist(void **st UNUSED)
{
    struct buf before = BUF_INIT(8 << 20), after = BUF_INIT(8 << 20);
    out = BUF_INIT(8 << 20);
    for (int k = 0; k < 2; k++) {
        struct buf *b = k ? &after : &before;
        buf_str(b, "127.0.0.1\tlocalhost\n");
        buf_str(b,
                k ? "127.0.1.1\tkiosk7.corp.example.com kiosk7 debian\n" : "127.0.1.1\tdebian\n");
        for (int i = 0; i < 100000; i++)
            buf_printf(b, "0.0.0.0 ads%d.example\n", i);
        buf_str(b, "# end\n");
    }
    assert_int_equal(conf_hosts(buf_text(&before), &s, &out, &e), 0);
    assert_string_equal(buf_text(&out), buf_text(&after));
    buf_free(&before);
    buf_free(&after);
}

/* ---- our own files ---- */
static void test_sudoers(void **st UNUSED)
{
    strv_add(&s.administrators, "Linux Admins");
    strv_add(&s.administrators, "CORP\\it-team");
    strv_add(&s.administrators, "a!b(c){d}~'&$^");
    strv_add(&s.administrators, "ops@other.example");
    assert_int_equal(conf_sudoers(&s, &out, &e), 0);
    assert_string_equal(buf_text(&out),
                        "# Written by joinery: administrators of this machine, from the domain "
                        "corp.example.com.\n"
                        "%Linux\\ Admins ALL=(ALL:ALL) ALL\n"
                        "%it-team ALL=(ALL:ALL) ALL\n"
                        "%a\\!b\\(c\\)\\{d\\}\\~\\'\\&\\$\\^ ALL=(ALL:ALL) ALL\n"
                        "%ops\\@other.example ALL=(ALL:ALL) ALL\n");
    struct host *live;
    assert_int_equal(host_linux_open("/", &live, &e), 0);
    for (int full = 0; full < 2; full++) {
        static const char *const argv[] = {"visudo", "-c", "-f", "-", NULL};
        struct host_cmd c = {.argv = argv};
        struct host_result r;
        buf_free(&out);
        s.full_names = full;
        assert_int_equal(conf_sudoers(&s, &out, &e), 0);
        c.in = out.data;
        c.in_len = out.len;
        assert_int_equal(host_exec(live, &c, &r, &e), 0);
        if (r.ran == HOST_RAN && r.status != 0)
            fail_msg("visudo: %s", buf_text(&r.out));
        host_result_free(&r);
    }
    host_close(live);
    assert_non_null(strstr(buf_text(&out), "%Linux\\ Admins\\@corp.example.com ALL="));
}

static void test_small_files(void **st UNUSED)
{
    conf_timesyncd(&s, &out);
    assert_non_null(strstr(buf_text(&out), "[Time]\nNTP=corp.example.com\n"));
    buf_free(&out);
    strv_add(&s.controllers, "dc1.corp.example.com");
    strv_add(&s.controllers, "dc2.corp.example.com");
    conf_timesyncd(&s, &out);
    assert_non_null(
        strstr(buf_text(&out), "[Time]\nNTP=dc1.corp.example.com dc2.corp.example.com\n"));
    buf_free(&out);
    conf_chrony(&s, &out);
    assert_non_null(
        strstr(buf_text(&out), "server dc1.corp.example.com iburst prefer\nserver dc2."));
    buf_free(&out);
    strv_add(&s.kdc_addresses, "10.53.0.2");
    strv_add(&s.kdc_addresses, "fd53::2");
    conf_kdcinfo(&s, &out);
    assert_string_equal(buf_text(&out), "10.53.0.2\nfd53::2\n");
}

static void test_bad_names_are_refused(void **st UNUSED)
{
    static const char *const groups[] = {
        "",       "a,b", "a\nb", "x#y", "a\"b", "OTHER\\x", "a:b",    "@corp.example.com",
        "!group", "a;b", "a=b",  " a",  "a ",   "%x",       "x@-bad", "-x"};
    assert_int_equal(conf_check_settings(&s, &e), 0);
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
        err_reset(&e);
        strv_free(&s.login);
        strv_add(&s.login, groups[i]);
        if (conf_check_settings(&s, &e) == 0)
            fail_msg("'%s' was taken", groups[i]);
        assert_int_equal(e.cause, CAUSE_CONFIG_VALUE);
        assert_non_null(err_fact_get(&e, FACT_VALUE));
    }
    strv_free(&s.login);
    static const char *const names[] = {"", "a b", "a\nb", "a;b", "a..b", "-a", "x/y", "a'b"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        err_reset(&e);
        s.fqdn = names[i];
        assert_int_equal(conf_check_settings(&s, &e), -1);
    }
    s.fqdn = "kiosk7.corp.example.com";
    err_reset(&e);
    s.site = "a\nb";
    assert_int_equal(conf_check_settings(&s, &e), -1);
    s.site = NULL;
    err_reset(&e);
    strv_add(&s.kdc_addresses, "10.0.0.1\n10.0.0.2");
    assert_int_equal(conf_check_settings(&s, &e), -1);
}

static void *in_thread(void *arg)
{
    struct err mine = {0};
    struct buf b = BUF_INIT(1 << 20);
    int *bad = arg;
    for (int i = 0; i < 20; i++) {
        buf_free(&b);
        *bad += conf_sssd("[sssd]\nservices = nss\n", &s, true, &b, &mine) != 0 ||
                !strstr(buf_text(&b), "services = nss, pam\n");
    }
    buf_free(&b);
    return NULL;
}

static void test_threads(void **st UNUSED)
{
    pthread_t a, b;
    int bad[2] = {0};
    assert_int_equal(pthread_create(&a, NULL, in_thread, &bad[0]), 0);
    assert_int_equal(pthread_create(&b, NULL, in_thread, &bad[1]), 0);
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    assert_int_equal(bad[0] + bad[1], 0);
}

int main(int argc, char **argv)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fresh, done)
    const struct CMUnitTest tests[] = {
        T(test_krb5_new),
        T(test_krb5_owners_file),
        T(test_krb5_fixed_controller),
        T(test_krb5_directory),
        T(test_mutations),
        T(test_krb5_unparsable),
        T(test_sssd_new),
        T(test_sssd_owners_file),
        T(test_sssd_choices),
        T(test_sssd_unparsable),
        T(test_nss),
        T(test_hostname),
        T(test_hosts),
        T(test_hosts_blocklist),
        T(test_sudoers),
        T(test_small_files),
        T(test_bad_names_are_refused),
        T(test_threads),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
