#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/conf/conf.h"
#include "engine/conf/hostplan.h"
#include "tests/unit/scratch.h"

#define MINE "/var/lib/joinery"

static struct host_settings s;
static struct host *h;
static struct err e;
static char *root;

static void debian_root(void)
{
    scratch_put(root, "/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n", 0644);
    scratch_put(root, "/etc/hostname", "debian\n", 0644);
    scratch_put(root, "/etc/hosts",
                "127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n# printers\n192.0.2.9 lp\n", 0644);
    scratch_put(root, "/etc/nsswitch.conf",
                "# owner\npasswd:  files systemd\ngroup:  files\nshadow: files\nhosts: files dns\n",
                0644);
    scratch_put(root, "/etc/krb5.conf", "[libdefaults]\n\tdefault_realm = OLD # why\n\n[logging]\n",
                0644);
    scratch_put(root, "/etc/krb5.keytab", "keys", 0600);
    scratch_put(root, "/etc/sudoers.d/README", "#\n", 0440);
    scratch_put(root, "/etc/pam.d/common-auth", "auth pam_unix.so\n", 0644);
    scratch_put(root, "/etc/pam.d/common-session", "session pam_unix.so\n", 0644);
    scratch_put(root, "/lib/systemd/system/sssd.service", "[Install]\nWantedBy=multi-user.target\n",
                0644);
    scratch_put(root, "/lib/systemd/systemd-timesyncd", "", 0755);
    scratch_put(root, "/var/lib/sss/pubconf/x", "", 0644);
    scratch_put(root, "/var/lib/dpkg/status",
                "Package: sssd-common\nStatus: install ok installed\n\nPackage: sssd-ad\nStatus: "
                "install ok installed\n\n"
                "Package: libnss-sss\nStatus: install ok installed\nArchitecture: amd64\n\n"
                "Package: libpam-sss\nStatus: deinstall ok config-files\n\nPackage: sudo\nStatus: "
                "install ok installed\n",
                0644);
    scratch_put(root, MINE "/lock", "", 0600);
}

static int fresh(void **st UNUSED)
{
    s = (struct host_settings){
        .domain = "corp.example.com",
        .realm = "CORP.EXAMPLE.COM",
        .netbios = "CORP",
        .computer = "KIOSK7",
        .short_name = "kiosk7",
        .fqdn = "kiosk7.corp.example.com",
        .identity = HOST_IDENTITY_SSSD,
        .home_dirs = true,
        .set_hostname = true,
        .enable_services = true,
        .restart_services = true,
        .run_pam_tool = true,
        .time_from_domain = true,
    };
    strv_add(&s.administrators, "Linux Admins");
    strv_add(&s.kdc_addresses, "10.53.0.2");
    err_reset(&e);
    root = scratch_new();
    debian_root();
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    return 0;
}

static int done(void **st UNUSED)
{
    strv_free(&s.login);
    strv_free(&s.administrators);
    strv_free(&s.controllers);
    strv_free(&s.kdc_addresses);
    host_close(h);
    scratch_drop(root);
    return 0;
}

static struct host_change *find(struct hostplan *p, enum host_what what)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->changes[i].what == what)
            return &p->changes[i];
    }
    return NULL;
}

static void join(void)
{
    struct hostplan p;
    struct txn *t;
    static struct enroll_record rec;
    rec = (struct enroll_record){.domain = (char *)(uintptr_t)s.domain,
                                 .realm = (char *)(uintptr_t)s.realm};
    if (hostplan_build(h, &s, &p, &e) != 0)
        fail_msg("%s: %s %s", cause_row(e.cause)->id, e.raw, err_fact_get(&e, FACT_FILE));
    assert_int_equal(txn_begin(h, "join", NULL, 0, &t, &e), 0);
    assert_int_equal(hostplan_stage(&p, t, &e), 0);
    assert_int_equal(hostplan_set_keytab(&p, "new\0keys", 8, &e), 0);
    assert_int_equal(hostplan_stage(&p, t, &e), 0);
    assert_int_equal(txn_switch(t, &e), 0);
    assert_int_equal(hostplan_run(&p, h, NULL, NULL, NULL, &e), 0);
    assert_int_equal(txn_commit(t, &rec, &e), 0);
    txn_free(t);
    hostplan_free(&p);
}

static unsigned leave(const void *keytab, size_t len)
{
    struct enroll_record rec;
    struct hostplan p;
    struct txn *t;
    bool present;
    unsigned conflicts = 0;
    assert_int_equal(enroll_record_load(h, &rec, &present, &e), 0);
    assert_true(present);
    assert_int_equal(hostplan_leave(h, &rec, keytab, len, true, &p, &e), 0);
    assert_int_equal(txn_begin(h, "leave", NULL, 0, &t, &e), 0);
    assert_int_equal(hostplan_stage(&p, t, &e), 0);
    assert_int_equal(txn_switch(t, &e), 0);
    assert_int_equal(hostplan_run(&p, h, NULL, NULL, NULL, &e), 0);
    assert_int_equal(txn_commit(t, NULL, &e), 0);
    for (size_t i = 0; i < p.n; i++)
        conflicts += p.changes[i].conflicts;
    txn_free(t);
    hostplan_free(&p);
    enroll_record_free(&rec);
    return conflicts;
}

static void test_the_list(void **st UNUSED)
{
    struct hostplan p;
    AUTOFREE char *before = scratch_picture(root, "", NULL);
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    AUTOFREE char *after = scratch_picture(root, "", NULL);
    assert_string_equal(before, after); /* planning writes nothing */
    assert_string_equal(find(&p, HOST_WHAT_KRB5)->path, "/etc/krb5.conf");
    assert_true(find(&p, HOST_WHAT_KEYTAB)->secret);
    assert_null(find(&p, HOST_WHAT_KEYTAB)->before);
    struct host_change *c = find(&p, HOST_WHAT_SSSD);
    assert_null(c->before);
    assert_int_equal(c->mode, 0600);
    assert_non_null(strstr(c->after, "services=nss, pam\n"));
    AUTOFREE char *diff = hostplan_diff(find(&p, HOST_WHAT_NSS));
    assert_string_equal(diff,
                        "-passwd:  files systemd\n-group:  files\n-shadow: files\n"
                        "+passwd:  files systemd sss\n+group:  files sss\n+shadow: files sss\n");
    assert_string_equal(find(&p, HOST_WHAT_HOSTNAME)->after, "kiosk7\n");
    assert_int_equal(find(&p, HOST_WHAT_SUDOERS)->mode, 0440);
    assert_string_equal(find(&p, HOST_WHAT_TIME)->path,
                        "/etc/systemd/timesyncd.conf.d/joinery.conf");
    assert_string_equal(find(&p, HOST_WHAT_KDCINFO)->path,
                        "/var/lib/sss/pubconf/kdcinfo.CORP.EXAMPLE.COM");
    c = find(&p, HOST_WHAT_ENABLE);
    assert_int_equal(c->kind, HOST_CHANGE_LINK);
    assert_string_equal(c->after, "/lib/systemd/system/sssd.service");
    /* No tool in this root: left to the owner, with the command. */
    c = find(&p, HOST_WHAT_PAM);
    assert_int_equal(c->kind, HOST_CHANGE_OWNER);
    assert_string_equal(c->command, "pam-auth-update --package --enable sss mkhomedir");
    assert_non_null(c->note);
    /* Nothing of the running system is touched for another root. */
    assert_null(find(&p, HOST_WHAT_RESTART));
    assert_null(find(&p, HOST_WHAT_SET_NAME));
    assert_int_equal(p.packages.missing.n, 1);
    assert_string_equal(p.packages.command, "apt install libpam-sss");
    hostplan_free(&p);
    for (int w = 0; w < HOST_WHAT__COUNT; w++)
        assert_true(strlen(hostplan_what_text((enum host_what)w)) > 3);
}

static void test_join_and_leave(void **st UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "", MINE);
    join();
    AUTOFREE char *keytab = scratch_get(root, "/etc/krb5.keytab");
    assert_string_equal(keytab, "new");
    assert_int_equal(scratch_mode(root, "/etc/sssd/sssd.conf"), 0600);
    assert_int_equal(scratch_mode(root, "/etc/sudoers.d/joinery"), 0440);
    assert_int_equal(scratch_mode(root, "/etc/krb5.keytab"), 0600);
    AUTOFREE char *joined = scratch_picture(root, "", NULL);
    assert_non_null(
        strstr(joined, "multi-user.target.wants/sssd.service -> /lib/systemd/system/sssd.service"));
    scratch_put(root, "/var/lib/sss/db/cache_corp.example.com.ldb", "hashes", 0600);
    assert_int_equal(leave("keys", 4), 0);
    AUTOFREE char *gone = scratch_get(root, "/var/lib/sss/db/cache_corp.example.com.ldb");
    assert_null(gone);
    AUTOFREE char *dir = xasprintf("%s/var/lib/sss/db", root);
    assert_int_equal(rmdir(dir), 0);
    AUTOFREE char *after = scratch_picture(root, "", MINE);
    assert_string_equal(after, before);
}

static void test_leave_without_keytab_removes_it(void **st UNUSED)
{
    join();
    leave(NULL, 0);
    AUTOFREE char *keytab = scratch_get(root, "/etc/krb5.keytab");
    assert_null(keytab);
}

static void edit(const char *path, const char *from, const char *to)
{
    AUTOFREE char *text = scratch_get(root, path);
    char *at = strstr(text, from);
    assert_non_null(at);
    AUTOFREE char *more = xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    scratch_put(root, path, more, 0644);
}

/* What the owner changes during the membership is still there after it. */
static void test_leave_keeps_owners_edits(void **st UNUSED)
{
    join();
    edit("/etc/hosts", "# printers\n", "# printers and more\n192.0.2.10 lp2\n");
    edit("/etc/nsswitch.conf", "group:  files sss\n", "group:  files nis\n");
    edit("/etc/krb5.conf", "[logging]\n", "[logging]\n default = SYSLOG\n");
    edit("/etc/sssd/sssd.conf", "id_provider=ad\n", "id_provider=ad\ndebug_level = 9\n");
    assert_int_equal(leave("keys", 4), 2); /* nsswitch, sssd */
    AUTOFREE char *hosts = scratch_get(root, "/etc/hosts");
    assert_string_equal(hosts, "127.0.0.1\tlocalhost\n127.0.1.1\tdebian\n# printers and "
                               "more\n192.0.2.10 lp2\n192.0.2.9 lp\n");
    AUTOFREE char *nss = scratch_get(root, "/etc/nsswitch.conf");
    assert_string_equal(nss, "# owner\npasswd:  files systemd\ngroup:  files nis\nshadow: "
                             "files\nhosts: files dns\n");
    AUTOFREE char *krb5 = scratch_get(root, "/etc/krb5.conf");
    assert_string_equal(
        krb5, "[libdefaults]\n\tdefault_realm = OLD # why\n\n[logging]\n default = SYSLOG\n");
    AUTOFREE char *sssd = scratch_get(root, "/etc/sssd/sssd.conf");
    assert_string_equal(sssd, "[domain/corp.example.com]\ndebug_level = 9\n");
}

/* Joining again changes nothing that is right already; another domain takes the first one's place.
 */
static void test_join_again_and_elsewhere(void **st UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "", MINE);
    join();
    AUTOFREE char *first = scratch_picture(root, "/etc", NULL);
    join();
    AUTOFREE char *second = scratch_picture(root, "/etc", NULL);
    assert_string_equal(first, second);
    s.domain = "other.example";
    s.realm = "OTHER.EXAMPLE";
    s.fqdn = "kiosk7.other.example";
    strv_free(&s.administrators);
    join();
    AUTOFREE char *etc = scratch_picture(root, "/etc", NULL);
    assert_null(strstr(etc, "corp.example.com"));
    assert_non_null(strstr(etc, "domains=other.example\n"));
    assert_null(strstr(etc, "sudoers.d/joinery"));
    leave("keys", 4);
    AUTOFREE char *path = xasprintf("%s/var/lib/sss/pubconf/kdcinfo.CORP.EXAMPLE.COM", root);
    assert_int_equal(unlink(path), 0); /* a cache of SSSD's, its own to clean */
    AUTOFREE char *after = scratch_picture(root, "", MINE);
    assert_string_equal(after, before);
}

static void test_snippet_where_krb5_reads_it(void **st UNUSED)
{
    scratch_put(root, "/etc/krb5.conf",
                "includedir /etc/krb5.conf.d/\n\n[libdefaults]\n rdns = true\n", 0644);
    struct hostplan p;
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    assert_string_equal(find(&p, HOST_WHAT_KRB5)->path, "/etc/krb5.conf.d/joinery.conf");
    hostplan_free(&p);
}

static void test_unparsable_is_named_and_untouched(void **st UNUSED)
{
    struct hostplan p;
    scratch_put(root, "/etc/nsswitch.conf", "passwd: files\n!!!\n", 0644);
    scratch_put(root, "/etc/sssd/sssd.conf", "rubbish\n", 0600);
    AUTOFREE char *before = scratch_picture(root, "", NULL);
    assert_int_equal(hostplan_build(h, &s, &p, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    assert_int_equal(p.n_problems, 2);
    assert_string_equal(err_fact_get(&p.problems[0], FACT_FILE), "/etc/sssd/sssd.conf");
    assert_string_equal(err_fact_get(&p.problems[1], FACT_FILE), "/etc/nsswitch.conf");
    assert_string_equal(err_fact_get(&p.problems[1], FACT_LINE), "2");
    hostplan_free(&p);
    AUTOFREE char *after = scratch_picture(root, "", NULL);
    assert_string_equal(before, after);
}

static void test_masked_service(void **st UNUSED)
{
    struct hostplan p;
    scratch_link(root, "/dev/null", "/etc/systemd/system/sssd.service");
    assert_int_equal(hostplan_build(h, &s, &p, &e), -1);
    assert_int_equal(e.code, 2138);
    assert_string_equal(err_fact_get(&e, FACT_SERVICE), "sssd.service");
    hostplan_free(&p);
}

static void test_wrong_mode_is_a_change(void **st UNUSED)
{
    struct hostplan p;
    join();
    AUTOFREE char *path = xasprintf("%s/etc/sssd/sssd.conf", root);
    AUTOFREE char *text = scratch_get(root, "/etc/sssd/sssd.conf");
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    assert_null(find(&p, HOST_WHAT_SSSD));
    hostplan_free(&p);
    scratch_put(root, "/etc/sssd/sssd.conf", text, 0644);
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    assert_non_null(find(&p, HOST_WHAT_SSSD));
    hostplan_free(&p);
}

static void test_no_identity(void **st UNUSED)
{
    struct hostplan p;
    s.identity = HOST_IDENTITY_NONE;
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    assert_non_null(find(&p, HOST_WHAT_KEYTAB));
    assert_non_null(find(&p, HOST_WHAT_KRB5));
    assert_null(find(&p, HOST_WHAT_SSSD));
    assert_null(find(&p, HOST_WHAT_NSS));
    assert_null(find(&p, HOST_WHAT_PAM));
    hostplan_free(&p);
}

static void test_packages_by_family(void **st UNUSED)
{
    static const struct {
        const char *os, *command;
    } rows[] = {
        {"ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n", "dnf install sssd sssd-ad sssd-client"},
        {"ID=fedora\n", "dnf install sssd sssd-ad sssd-client"},
        {"ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"\n", "zypper install sssd sssd-ad"},
        {"ID=ubuntu\nID_LIKE=debian\n", "apt install sssd-common sssd-ad libnss-sss libpam-sss"},
    };
    scratch_unlink(root, "/var/lib/dpkg/status");
    struct package_needs needs = {.sssd = true};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct package_report r;
        scratch_put(root, "/etc/os-release", rows[i].os, 0644);
        assert_int_equal(packages_probe(h, &needs, &r, &e), 0);
        assert_string_equal(r.command, rows[i].command);
        package_report_free(&r);
    }
    scratch_put(root, "/usr/sbin/sssd", "", 0755);
    scratch_put(root, "/usr/lib64/sssd/libsss_ad.so", "", 0755);
    scratch_put(root, "/usr/lib64/libnss_sss.so.2", "", 0755);
    scratch_put(root, "/usr/lib64/security/pam_sss.so", "", 0755);
    struct package_report r;
    assert_int_equal(packages_probe(h, &needs, &r, &e), 0);
    assert_int_equal(r.missing.n, 0);
    assert_null(r.command);
    package_report_free(&r);
}

/* The target's own tool, run inside the target; what it changes comes back on leave. */
static void test_pam_tool_in_the_target(void **st UNUSED)
{
    static const char tool[] =
        "#include <stdio.h>\n#include <string.h>\n"
        "static void put(const char *f, const char *t) { FILE *o = fopen(f, \"a\"); fputs(t, o); "
        "fclose(o); }\n"
        "int main(int n, char **v) { int i, pkg = 0, home = 0, out = 0; for (i = 1; i < n; i++) {\n"
        "if (!strcmp(v[i], \"--root\")) return 9; if (!strcmp(v[i], \"--package\")) pkg = 1;\n"
        "if (!strcmp(v[i], \"mkhomedir\")) home = 1; if (!strcmp(v[i], \"--remove\")) out = 1; }\n"
        "if (!pkg) return 8;\n"
        "if (out) { put(\"/etc/pam.d/out\", home ? \"both\" : \"sss\"); return 0; }\n"
        "put(\"/etc/pam.d/common-auth\", \"auth pam_sss.so\\n\");\n"
        "put(\"/etc/pam.d/common-account\", \"account pam_sss.so\\n\");\n"
        "if (home) put(\"/etc/pam.d/common-session\", \"session pam_mkhomedir.so\\n\"); return 0; "
        "}\n";
    if (geteuid() != 0) {
        print_message("skipped: needs root\n");
        skip();
    }
    scratch_put(root, "/tool.c", tool, 0644);
    AUTOFREE char *build = xasprintf(
        "mkdir -p %s/usr/sbin && cc -static -O0 -w -o %s/usr/sbin/pam-auth-update %s/tool.c", root,
        root, root);
    struct host *live;
    struct host_result r;
    const char *const argv[] = {"sh", "-c", build, NULL};
    struct host_cmd c = {.argv = argv};
    assert_int_equal(host_linux_open("/", &live, &e), 0);
    assert_int_equal(host_exec(live, &c, &r, &e), 0);
    assert_int_equal(r.status, 0);
    host_result_free(&r);
    host_close(live);
    AUTOFREE char *before = scratch_picture(root, "/etc", NULL);
    join();
    AUTOFREE char *auth = scratch_get(root, "/etc/pam.d/common-auth");
    assert_string_equal(auth, "auth pam_unix.so\nauth pam_sss.so\n");
    AUTOFREE char *session = scratch_get(root, "/etc/pam.d/common-session");
    assert_string_equal(session, "session pam_unix.so\nsession pam_mkhomedir.so\n");
    struct hostplan p;
    assert_int_equal(hostplan_build(h, &s, &p, &e), 0);
    assert_null(find(&p, HOST_WHAT_PAM));
    hostplan_free(&p);
    leave("keys", 4);
    AUTOFREE char *after = scratch_picture(root, "/etc", NULL);
    assert_string_equal(after, before);
    /* Lines that the owner added since are counted by others: the tool has to take ours out. */
    join();
    static const char edited[] = "auth [success=1] pam_x.so\nauth pam_unix.so\nauth pam_sss.so\n";
    scratch_put(root, "/etc/pam.d/common-auth", edited, 0644);
    leave("keys", 4);
    AUTOFREE char *kept = scratch_get(root, "/etc/pam.d/common-auth");
    assert_string_equal(kept, edited);
    AUTOFREE char *asked = scratch_get(root, "/etc/pam.d/out");
    assert_string_equal(asked, "both");
}

/* Whatever call fails, going back leaves the system as it was. */
static void test_each_failing_call_is_undone(void **st UNUSED)
{
    AUTOFREE char *before = scratch_picture(root, "", MINE);
    for (unsigned n = 1;; n++) {
        struct host *f = host_faulty(h, n, 28);
        struct hostplan p;
        struct txn *t = NULL;
        err_reset(&e);
        assert_int_equal(hostplan_build(f, &s, &p, &e), 0);
        int rc = txn_begin(f, "join", NULL, 0, &t, &e);
        if (rc == 0)
            rc = hostplan_stage(&p, t, &e);
        if (rc == 0)
            rc = hostplan_set_keytab(&p, "k", 1, &e);
        if (rc == 0)
            rc = hostplan_stage(&p, t, &e);
        if (rc == 0)
            rc = txn_switch(t, &e);
        unsigned calls = host_faulty_calls(f);
        txn_free(t);
        hostplan_free(&p);
        host_close(f);
        err_reset(&e);
        assert_int_equal(txn_recover_load(h, &t, &e), 0);
        if (t)
            assert_int_equal(txn_rollback(t, &e), 0);
        txn_free(t);
        AUTOFREE char *after = scratch_picture(root, "", MINE);
        assert_string_equal(after, before);
        if (calls < n)
            break;
    }
}

/* The root without the program's own folder, and without directories: one that cannot be removed
 * does not keep a machine in its domain. */
static char *files_only(void)
{
    AUTOFREE char *all = scratch_picture(root, "", MINE);
    char *ret = xstrdup(""), *rest = all;
    for (char *line = strsep(&rest, "\n"); line; line = strsep(&rest, "\n")) {
        size_t n = strlen(line);
        if (n && line[0] == '/' && line[n - 1] == '/')
            continue;
        char *more = xasprintf("%s%s\n", ret, line);
        free(ret);
        ret = more;
    }
    return ret;
}

/* One leave on `f`, as far as it gets. */
static void try_leave(struct host *f)
{
    struct enroll_record rec;
    struct hostplan p = {0};
    struct txn *t = NULL;
    bool present;
    assert_int_equal(enroll_record_load(f, &rec, &present, &e), 0);
    int rc = hostplan_leave(f, &rec, "keys", 4, true, &p, &e);
    if (rc == 0)
        rc = txn_begin(f, "leave", NULL, 0, &t, &e);
    if (rc == 0)
        rc = hostplan_stage(&p, t, &e);
    if (rc == 0)
        rc = txn_switch(t, &e);
    if (rc == 0)
        rc = hostplan_run(&p, f, NULL, NULL, NULL, &e);
    if (rc == 0)
        rc = txn_commit(t, NULL, &e);
    txn_free(t);
    hostplan_free(&p);
    enroll_record_free(&rec);
}

/* Whatever call of a leave fails, a recovery finds the member as it was, or the root as before. */
static void test_each_failing_call_of_a_leave(void **st UNUSED)
{
    strv_free(&s.kdc_addresses); /* a cache, which nobody waits for */
    AUTOFREE char *before = files_only();
    join();
    AUTOFREE char *member = files_only();
    unsigned back = 0, on = 0;
    bool failed = true;
    for (unsigned n = 1; failed; n++) {
        struct host *f = host_faulty(h, n, 28);
        struct txn *t = NULL;
        err_reset(&e);
        try_leave(f);
        failed = host_faulty_calls(f) >= n;
        host_close(f);
        err_reset(&e);
        assert_int_equal(txn_recover_load(h, &t, &e), 0);
        if (t && txn_state(t) == TXN_COMMITTING)
            assert_int_equal(txn_finish_commit(t, &e), 0);
        else if (t)
            assert_int_equal(txn_rollback(t, &e), 0);
        txn_free(t);
        AUTOFREE char *after = files_only();
        bool left = !host_exists(h, TXN_RECORD);
        assert_string_equal(after, left ? before : member);
        *(left ? &on : &back) += 1;
        if (left && failed)
            join();
    }
    assert_true(back > 20 && on > 5);
}

int main(int argc, char **argv)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fresh, done)
    const struct CMUnitTest tests[] = {
        T(test_the_list),
        T(test_join_and_leave),
        T(test_leave_without_keytab_removes_it),
        T(test_leave_keeps_owners_edits),
        T(test_join_again_and_elsewhere),
        T(test_snippet_where_krb5_reads_it),
        T(test_unparsable_is_named_and_untouched),
        T(test_masked_service),
        T(test_wrong_mode_is_a_change),
        T(test_no_identity),
        T(test_packages_by_family),
        T(test_pam_tool_in_the_target),
        T(test_each_failing_call_is_undone),
        T(test_each_failing_call_of_a_leave),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
