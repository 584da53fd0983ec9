/* Renaming without a domain: keys under other names, this machine's files, the decision. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/account/account.h"
#include "engine/conf/conf.h"
#include "engine/conf/hostplan.h"
#include "engine/kerb/kerb.h"
#include "tests/unit/scratch.h"

#define REALM "CORP.EXAMPLE.COM"

/* ---- keytab ---- */

static const char *const old_names[] = {"OLD$", "host/old.corp.example.com", "host/OLD"};
static const char *const new_names[] = {"NEW$", "host/new.corp.example.com", "host/NEW"};
static const char *const dns_names[] = {"OLD$", "host/new.corp.example.com", "host/OLD"};
static const char *const foreign[] = {"nfs/old.corp.example.com"};

static struct kerb_keytab_spec spec(const char *const *names, size_t n)
{
    return (struct kerb_keytab_spec){.realm = REALM, .names = names, .n_names = n, .kvno = 4};
}

static struct buf add(const struct buf *old, const struct kerb_keytab_spec *s, uint32_t kvno)
{
    struct kerb_keytab_spec at = *s;
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct secret password = {0};
    struct err e = {0};
    at.kvno = kvno;
    assert_int_equal(secret_set(&password, "password", 8), 0);
    assert_int_equal(kerb_keytab_build(old ? old->data : NULL, old ? old->len : 0, &at, &password,
                                       REALM "hostold.corp.example.com", &out, &e),
                     0);
    secret_free(&password);
    return out;
}

/* A machine's keytab after one password change, and a service's own key. */
static struct buf member_keytab(void)
{
    struct kerb_keytab_spec mine = spec(old_names, 3), other = spec(foreign, 1);
    struct buf a = add(NULL, &other, 9), b = add(&a, &mine, 3), c = add(&b, &mine, 4);
    buf_free(&a);
    buf_free(&b);
    return c;
}

static size_t count(const struct buf *b, const char *name, uint32_t kvno)
{
    struct kerb_keytab_entry *list;
    struct err e = {0};
    size_t n, hits = 0;
    AUTOFREE char *full = name ? xasprintf("%s@" REALM, name) : NULL;
    assert_int_equal(kerb_keytab_list(b->data, b->len, &list, &n, &e), 0);
    for (size_t i = 0; i < n; i++)
        hits += (!full || strcmp(list[i].principal, full) == 0) && (!kvno || list[i].kvno == kvno);
    free(list);
    return hits;
}

static struct buf renamed(const struct buf *old, const char *const *from, const char *const *to,
                          bool both)
{
    struct kerb_keytab_spec a = spec(from, 3), b = spec(to, 3);
    struct buf out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err e = {0};
    assert_int_equal(kerb_keytab_rename(old->data, old->len, &a, &b, both, &out, &e), 0);
    return out;
}

static void test_keytab_both_names(void **st UNUSED)
{
    struct buf old = member_keytab(), both = renamed(&old, old_names, new_names, true);
    for (size_t i = 0; i < 3; i++) {
        for (uint32_t kvno = 3; kvno <= 4; kvno++) {
            assert_int_equal(count(&both, old_names[i], kvno), 2);
            assert_int_equal(count(&both, new_names[i], kvno), 2);
        }
    }
    assert_int_equal(count(&both, foreign[0], 9), 2);
    assert_int_equal(count(&both, NULL, 0), 26);
    buf_free(&old);
    buf_free(&both);
}

/* From the state in between to the end, and once more: the second time only the new names are
 * there to take the keys from. */
static void test_keytab_new_names(void **st UNUSED)
{
    struct buf old = member_keytab(), both = renamed(&old, old_names, new_names, true);
    struct buf end = renamed(&both, old_names, new_names, false);
    struct buf again = renamed(&end, old_names, new_names, true);
    assert_int_equal(count(&end, "OLD$", 0), 0);
    assert_int_equal(count(&end, "host/old.corp.example.com", 0), 0);
    assert_int_equal(count(&end, "NEW$", 0), 4);
    assert_int_equal(count(&end, foreign[0], 0), 2);
    assert_int_equal(count(&again, "OLD$", 0), 4);
    assert_int_equal(count(&again, NULL, 0), count(&both, NULL, 0));
    buf_free(&old);
    buf_free(&both);
    buf_free(&end);
    buf_free(&again);
}

/* The account keeps its name: no entry is there twice. */
static void test_keytab_same_account(void **st UNUSED)
{
    struct buf old = member_keytab(), both = renamed(&old, old_names, dns_names, true);
    struct buf end = renamed(&both, old_names, dns_names, false);
    assert_int_equal(count(&both, "OLD$", 0), 4);
    assert_int_equal(count(&both, "host/OLD", 0), 4);
    assert_int_equal(count(&both, "host/old.corp.example.com", 0), 4);
    assert_int_equal(count(&end, "host/old.corp.example.com", 0), 0);
    assert_int_equal(count(&end, "host/new.corp.example.com", 0), 4);
    buf_free(&old);
    buf_free(&both);
    buf_free(&end);
}

static void test_keytab_without_keys(void **st UNUSED)
{
    struct kerb_keytab_spec other = spec(foreign, 1), a = spec(old_names, 3),
                            b = spec(new_names, 3);
    struct buf old = add(NULL, &other, 1), out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err e = {0};
    assert_int_equal(kerb_keytab_rename(old.data, old.len, &a, &b, true, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_MACHINE_KEYTAB_MISSING);
    err_reset(&e);
    assert_int_equal(kerb_keytab_rename("\5\2\0\0\0\x7f", 6, &a, &b, true, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    assert_int_equal(out.len, 0);
    buf_free(&old);
}

/* ---- files ---- */

static const struct host_settings machine = {
    .domain = "corp.example.com",
    .realm = REALM,
    .netbios = "CORP",
    .computer = "NEW",
    .short_name = "new",
    .fqdn = "new.corp.example.com",
    .identity = HOST_IDENTITY_SSSD,
    .set_hostname = true,
};

static char *sssd_names(const char *before, const struct host_settings *s)
{
    struct buf out = BUF_INIT(HOST_FILE_MAX);
    struct err e = {0};
    assert_int_equal(conf_sssd_names(before, s, &out, &e), 0);
    return buf_steal(&out);
}

static void test_sssd_only_names(void **st UNUSED)
{
    struct host_settings longer = machine;
    AUTOFREE char *text = sssd_names("# mine\n[domain/corp.example.com]\nad_hostname = "
                                     "old.corp.example.com\nad_server = dc7\n\n[domain/other]\n"
                                     "ad_hostname = stays\n",
                                     &machine);
    assert_string_equal(text, "# mine\n[domain/corp.example.com]\nad_hostname = "
                              "new.corp.example.com\nad_server = dc7\n\n[domain/other]\n"
                              "ad_hostname = stays\n");
    longer.fqdn = "a-new-and-very-long-name.corp.example.com";
    longer.computer = "A-NEW-AND-VERY-";
    AUTOFREE char *told = sssd_names(text, &longer);
    assert_non_null(strstr(told, "ldap_sasl_authid=A-NEW-AND-VERY-$@" REALM "\n"));
    AUTOFREE char *back = sssd_names(told, &machine);
    assert_string_equal(back, text);
    AUTOFREE char *other = sssd_names("[sssd]\ndomains = x\n", &machine);
    assert_string_equal(other, "[sssd]\ndomains = x\n");
}

static const struct host_change *change_of(const struct hostplan *p, const char *path)
{
    for (size_t i = 0; i < p->n; i++) {
        if (str_eq(p->changes[i].path, path))
            return &p->changes[i];
    }
    return NULL;
}

static void test_plan(void **st UNUSED)
{
    char *root = scratch_new();
    struct host *h;
    struct hostplan p;
    struct err e = {0};
    scratch_put(root, "/etc/hostname", "old\n", 0644);
    scratch_put(root, "/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\told\n", 0644);
    scratch_put(root, "/etc/sssd/sssd.conf",
                "[domain/corp.example.com]\nad_hostname = old.corp.example.com\n", 0600);
    assert_int_equal(host_linux_open(root, &h, &e), 0);
    assert_int_equal(hostplan_rename(h, &machine, true, true, &p, &e), 0);
    assert_int_equal(p.n, 4);
    assert_true(change_of(&p, "/etc/krb5.keytab")->secret);
    assert_string_equal(change_of(&p, "/etc/hostname")->after, "new\n");
    assert_int_equal(change_of(&p, "/etc/sssd/sssd.conf")->mode, 0600);
    assert_non_null(strstr(change_of(&p, "/etc/hosts")->after, "new.corp.example.com new"));
    hostplan_free(&p);
    assert_int_equal(hostplan_rename(h, &machine, false, false, &p, &e), 0);
    assert_int_equal(p.n, 2);
    hostplan_free(&p);

    scratch_put(root, "/etc/sssd/sssd.conf", "[domain\n", 0600);
    assert_int_equal(hostplan_rename(h, &machine, true, true, &p, &e), -1);
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    hostplan_free(&p);
    host_close(h);
    scratch_drop(root);
}

/* ---- the decision ---- */

#define OWN "CN=OLD,OU=Kiosks,DC=corp,DC=example,DC=com"

static const struct account_names wanted = {
    .name = "NEW", .fqdn = "new.corp.example.com", .domain = "corp.example.com"};
static struct account_rename ren;
static struct account_facts facts;
static struct account_object taken;
static struct account_decision d;

static int fresh(void **st UNUSED)
{
    ren = (struct account_rename){.was = {.dn = (char *)OWN, .sam = (char *)"OLD$"},
                                  .new_sam = (char *)"NEW$",
                                  .new_rdn = (char *)"CN=NEW",
                                  .sam_changes = true,
                                  .dns_changes = true,
                                  .may_write = true};
    facts = (struct account_facts){.vendor = (char *)"Samba Team"};
    taken = (struct account_object){.dn = (char *)"CN=NEW,CN=Computers,DC=corp,DC=example,DC=com",
                                    .sam = (char *)"NEW$",
                                    .dns_host = (char *)"",
                                    .is_computer = true,
                                    .guid = {1}};
    return 0;
}

static enum cause refusal(const struct account_names *n)
{
    account_rename_decide(&ren, &facts, n, &d);
    assert_int_equal(d.n_verdicts, 4);
    return d.action == ACCOUNT_REFUSE ? d.err.cause : CAUSE_NONE;
}

static void test_decide_free(void **st UNUSED)
{
    assert_int_equal(refusal(&wanted), CAUSE_NONE);
    /* What carries our own DN is no stranger. */
    struct account_clash clash = {(char *)"HOST/NEW", (char *)OWN, false};
    facts.clashes = &clash;
    facts.n_clashes = 1;
    facts.dns_host_dn = facts.same_dn = (char *)"cn=old,ou=kiosks,DC=corp,DC=example,DC=com";
    assert_int_equal(refusal(&wanted), CAUSE_NONE);
    facts.user_dn = (char *)"CN=new,OU=Staff,DC=corp,DC=example,DC=com";
    assert_int_equal(refusal(&wanted), CAUSE_NONE);
    assert_int_equal(d.verdicts[0].state, ACCOUNT_NOTICE);
}

static void test_decide_taken(void **st UNUSED)
{
    struct account_names longer = wanted;
    longer.fqdn = "a-name-longer-than-15.corp.example.com";
    facts.existing = &taken;
    assert_int_equal(refusal(&wanted), CAUSE_NEW_NAME_TAKEN);
    assert_int_equal(refusal(&longer), CAUSE_NAME_TAKEN_15);
    taken.is_computer = false;
    assert_int_equal(refusal(&wanted), CAUSE_NAME_TAKEN_USER);
    assert_int_equal(d.err.code, 2224);
    facts.existing = NULL;
    facts.same_dn = (char *)"CN=NEW,OU=Kiosks,DC=corp,DC=example,DC=com";
    assert_int_equal(refusal(&wanted), CAUSE_NEW_NAME_TAKEN);
    ren.new_rdn = NULL; /* the object keeps its own name */
    assert_int_equal(refusal(&wanted), CAUSE_NONE);
}

static void test_decide_rights(void **st UNUSED)
{
    ren.may_write = false;
    ren.user = (char *)"CORP\\bob";
    assert_int_equal(refusal(&wanted), CAUSE_RENAME_NOT_ALLOWED);
    assert_string_equal(err_fact_get(&d.err, FACT_COMMAND),
                        "dsacls \"" OWN "\" /G \"CORP\\bob:WP\"");
    ren.sam_changes = false; /* host and service names may be a validated write: the server tells */
    assert_int_equal(refusal(&wanted), CAUSE_NONE);
}

static void test_decide_names_of_others(void **st UNUSED)
{
    struct account_clash clash[] = {
        {(char *)"http/new", (char *)"CN=web,DC=corp,DC=example,DC=com", true},
        {(char *)"HOST/NEW", (char *)"CN=x,DC=corp,DC=example,DC=com", false}};
    facts.clashes = clash;
    facts.n_clashes = 2;
    assert_int_equal(refusal(&wanted), CAUSE_SPN_CLASH);
    facts.n_clashes = 1;
    assert_int_equal(refusal(&wanted), CAUSE_SPN_CLASH);
    facts.vendor = (char *)""; /* Windows decides about aliases by settings of its own */
    assert_int_equal(refusal(&wanted), CAUSE_NONE);
    facts.dns_host_dn = (char *)"CN=y,DC=corp,DC=example,DC=com";
    assert_int_equal(refusal(&wanted), CAUSE_DNSHOST_CLASH);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keytab_both_names),
        cmocka_unit_test(test_keytab_new_names),
        cmocka_unit_test(test_keytab_same_account),
        cmocka_unit_test(test_keytab_without_keys),
        cmocka_unit_test(test_sssd_only_names),
        cmocka_unit_test(test_plan),
        cmocka_unit_test_setup(test_decide_free, fresh),
        cmocka_unit_test_setup(test_decide_taken, fresh),
        cmocka_unit_test_setup(test_decide_rights, fresh),
        cmocka_unit_test_setup(test_decide_names_of_others, fresh),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
