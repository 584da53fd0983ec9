/* The files of a member with winbind, and what a copied disk has to forget. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/conf/conf.h"
#include "engine/conf/hostplan.h"
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
        .computer = "KIOSK7",
        .short_name = "kiosk7",
        .fqdn = "kiosk7.corp.example.com",
        .identity = HOST_IDENTITY_WINBIND,
    };
    err_reset(&e);
    out = BUF_INIT(1 << 20);
    return 0;
}

static int done(void **st UNUSED)
{
    strv_free(&s.login);
    strv_free(&s.administrators);
    buf_free(&out);
    return 0;
}

static const char *member(const char *before)
{
    buf_free(&out);
    if (conf_smb_member(before, &s, &out, &e) != 0)
        fail_msg("%s line %s", e.raw, err_fact_get(&e, FACT_LINE));
    return buf_text(&out);
}

static void has(const char *text, const char *line)
{
    if (!text || !strstr(text, line))
        fail_msg("'%s' is not in\n%s", line, text ? text : "-");
}

static void test_new_smb_conf(void **st UNUSED)
{
    const char *t = member(NULL);
    has(t, "[global]");
    has(t, "workgroup = CORP\n");
    has(t, "realm = CORP.EXAMPLE.COM\n");
    has(t, "security = ads\n");
    has(t, "netbios name = KIOSK7\n");
    has(t, "machine password timeout = 0\n");
    has(t, "winbind use default domain = yes\n");
    has(t, "idmap config * : backend = tdb\n");
    has(t, "idmap config CORP : range = 100000-99999999\n");
    has(t, "template homedir = /home/%U\n");
    assert_null(strstr(t, "server role"));
    AUTOFREE char *first = xstrdup(t);
    assert_string_equal(member(first), first);
}

static void test_owners_smb_conf(void **st UNUSED)
{
    const char *t =
        member("# mine\n[Global]\n  WorkGroup = OLD\n  server role = standalone server\n"
               "  idmap config *:range = 5000-5999\n  template shell = /bin/zsh\n"
               "  security=user\n; a note\n[share]\n  path = /srv\n  workgroup = no\n");
    has(t, "# mine\n");
    has(t, "WorkGroup = CORP\n");
    has(t, "server role = member server\n");
    has(t, "idmap config *:range = 5000-5999\n");
    has(t, "template shell = /bin/zsh\n");
    has(t, "; a note\n");
    has(t, "  path = /srv\n");
    assert_null(strstr(t, "3000-7999"));
    assert_null(strstr(t, "standalone"));
    assert_null(strstr(t, "= user"));
    const char *global = strstr(t, "[Global]"), *share = strstr(t, "[share]");
    assert_true(global && share && strstr(t, "realm = ") < share && strstr(t, "realm = ") > global);
    AUTOFREE char *first = xstrdup(t);
    assert_string_equal(member(first), first);
}

static void test_broken_smb_conf(void **st UNUSED)
{
    assert_int_equal(conf_smb_member("[global\nrubbish", &s, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    err_reset(&e);
    s.netbios = "A%B";
    assert_int_equal(conf_smb_member(NULL, &s, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_WORKGROUP_NAME_BAD);
}

static void test_nsswitch(void **st UNUSED)
{
    assert_int_equal(
        conf_nsswitch_winbind("passwd: files\ngroup: files sss\nshadow: files\n", &out, &e), 0);
    assert_string_equal(buf_text(&out),
                        "passwd: files winbind\ngroup: files sss winbind\nshadow: files\n");
}

static void test_pam_winbind(void **st UNUSED)
{
    strv_add(&s.login, "Kiosk Users");
    strv_add(&s.login, "CORP\\Others");
    assert_int_equal(conf_pam_winbind("# note\n[global]\n; a\nrequire_membership_of = X\nkrb5_auth "
                                      "= yes\n",
                                      &s, &out, &e),
                     0);
    assert_string_equal(buf_text(&out),
                        "# note\n[global]\nrequire_membership_of = CORP\\Kiosk Users,CORP\\Others\n"
                        "; a\nkrb5_auth = yes\n");
    buf_free(&out);
    assert_int_equal(conf_pam_winbind(NULL, &s, &out, &e), 0);
    assert_string_equal(buf_text(&out),
                        "[global]\nrequire_membership_of = CORP\\Kiosk Users,CORP\\Others\n");
}

static void test_sudoers(void **st UNUSED)
{
    strv_add(&s.administrators, "Linux Admins");
    s.full_names = true;
    assert_int_equal(conf_sudoers(&s, &out, &e), 0);
    has(buf_text(&out), "%CORP\\\\Linux\\ Admins ALL=(ALL:ALL) ALL\n");
}

static void test_hosts_forget_the_image(void **st UNUSED)
{
    static const char before[] = "127.0.0.1\tlocalhost\n127.0.1.1\tgolden.old.example golden box\n";
    assert_int_equal(conf_hosts(before, &s, &out, &e), 0);
    has(buf_text(&out), "golden.old.example");
    buf_free(&out);
    s.former_name = "golden";
    assert_int_equal(conf_hosts(before, &s, &out, &e), 0);
    has(buf_text(&out), "127.0.1.1\tkiosk7.corp.example.com kiosk7 box\n");
}

/* What of a copied disk goes: another membership's files, not those of a domain still in use. */
static void test_forget_others(void **st UNUSED)
{
    static const char *const gone[] = {
        "/var/lib/sss/db/cache_old.example.com.ldb", "/var/lib/sss/db/cache_corp.example.com.ldb",
        "/var/lib/sss/gpo_cache/old/a/b/c.inf",      "/var/lib/sss/pubconf/kdcinfo.OLD",
        "/var/lib/samba/private/secrets.tdb",        "/var/lib/samba/winbindd_cache.tdb.bak"};
    static const char *const stay[] = {"/var/lib/sss/db/cache_ldap.example.org.ldb",
                                       "/var/lib/sss/pubconf/known_hosts",
                                       "/var/lib/samba/registry.tdb"};
    char *root = scratch_new();
    struct host *h;
    struct hostplan p;
    scratch_put(root, "/etc/sssd/sssd.conf",
                "[sssd]\ndomains = ldap.example.org\n[domain/ldap.example.org]\nid_provider = "
                "ldap\n",
                0600);
    for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
        scratch_put(root, gone[i], "x", 0600);
    for (size_t i = 0; i < ARRAY_SIZE(stay); i++)
        scratch_put(root, stay[i], "x", 0600);
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    s.identity = HOST_IDENTITY_SSSD;
    for (int copied = 0; copied <= 1; copied++) {
        size_t drops = 0;
        s.foreign_disk = copied;
        assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
        for (size_t i = 0; i < p.n; i++) {
            if (p.changes[i].kind != HOST_CHANGE_DROP)
                continue;
            drops++;
            for (size_t k = 0; k < ARRAY_SIZE(stay); k++)
                assert_string_not_equal(p.changes[i].path, stay[k]);
        }
        assert_int_equal(drops == 0, !copied);
        if (copied)
            assert_int_equal(hostplan_run(&p, h, NULL, NULL, NULL, &e), 0);
        hostplan_free(&p);
    }
    for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
        assert_false(host_exists(h, gone[i]));
    assert_false(host_exists(h, "/var/lib/sss/gpo_cache/old"));
    for (size_t i = 0; i < ARRAY_SIZE(stay); i++)
        assert_true(host_exists(h, stay[i]));
    host_close(h);
    scratch_drop(root);
}

/* Without Samba's tool in the system nothing is begun. */
static void test_tool_missing(void **st UNUSED)
{
    char *root = scratch_new();
    struct host *h;
    struct hostplan p;
    scratch_put(root, "/etc/os-release", "ID=debian\n", 0644);
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    assert_int_equal(hostplan_build(h, &s, &p, &e), -1);
    assert_int_equal(e.cause, CAUSE_WINBIND_TOOL_MISSING);
    has(err_fact_get(&e, FACT_PACKAGES), "samba-common-bin");
    hostplan_free(&p);
    err_reset(&e);
    scratch_put(root, "/usr/bin/net", "#!/bin/sh\n", 0755);
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    assert_true(hostplan_wants_samba(&p));
    hostplan_free(&p);
    host_close(h);
    scratch_drop(root);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)
    const struct CMUnitTest tests[] = {
        T(test_new_smb_conf),    T(test_owners_smb_conf),
        T(test_broken_smb_conf), T(test_nsswitch),
        T(test_pam_winbind),     T(test_sudoers),
        T(test_forget_others),   T(test_hosts_forget_the_image),
        T(test_tool_missing),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
