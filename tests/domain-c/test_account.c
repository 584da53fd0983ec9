/* Computer accounts on a real controller: new ones, existing ones, and every refusal that Samba can
 * be made to give. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/account/disable.h"
#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"
#include "tests/domain-c/dir_help.h"

#define KIOSKS "OU=Kiosks," BASE
#define DOMAIN ".corp.example.com"

static const struct account_policy create_policy = {.acct_create = true};

static char *usn(struct bound *b)
{
    return read_value(b, "", "highestCommittedUSN");
}

/* ---- new accounts ---- */

static void test_create(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_names n = names_for("ACC-NEW", "acc-new" DOMAIN, KIOSKS);
    struct secret pw = {0};
    struct account_id id = {0};
    struct err e = {0};
    random_password(&pw);
    must_create(&b, &n, &pw, &id);
    assert_string_equal(id.dn, "CN=ACC-NEW," KIOSKS);
    assert_string_equal(id.sam, "ACC-NEW$");
    assert_string_equal(id.dns_host, "acc-new" DOMAIN);
    assert_int_equal(id.uac, UAC_WORKSTATION);
    assert_true(id.has_kvno && id.kvno == 1);
    assert_int_equal(id.spns.n, 4);
    assert_true(strv_has(&id.spns, "RestrictedKrbHost/acc-new" DOMAIN));
    assert_true(sid_is_set(&id.sid));
    /* The password works at once, and the machine may finish its own account. */
    struct bound m = as_machine("ACC-NEW", &pw);
    assert_int_equal(account_set_enctypes(m.d, &id, ETYPES_AES, &e), 0);
    struct account_id again = {0};
    assert_int_equal(account_read_back(m.d, &n, NULL, &again, &e), 0);
    assert_true(again.has_etypes && again.etypes == ETYPES_AES);
    assert_memory_equal(again.guid, id.guid, GUID_BYTES);
    /* What a machine may not write about itself. */
    struct account_about about = {.os = "Debian"};
    assert_int_equal(account_describe(m.d, id.dn, &about, &e), -1);
    assert_int_equal(e.cause, CAUSE_WRITE_NOT_ALLOWED);
    err_reset(&e);
    bound_done(&m);
    assert_int_equal(kerb_select(b.c, &e), 0);
    assert_int_equal(account_describe(b.d, id.dn, &about, &e), 0);
    char *os = read_value(&b, id.dn, "operatingSystem");
    assert_string_equal(os, "Debian");
    free(os);
    /* Wherever it was moved to. */
    char guid[GUID_TEXT_MAX];
    AUTOFREE char *by_guid = xasprintf("<GUID=%s>", guid_to_text(id.guid, guid));
    struct account_switch on;
    enum account_outcome outcome;
    assert_int_equal(account_switch_read(b.d, by_guid, &on, &e), 0);
    assert_int_equal(account_switch_set(b.d, &on, true, &outcome, &e), 0);
    account_switch_free(&on);
    char *uac = read_value(&b, id.dn, "userAccountControl");
    assert_string_equal(uac, "4098");
    free(uac);
    must_delete(&b, id.dn);
    must_delete(&b, id.dn);
    account_id_free(&again);
    account_id_free(&id);
    secret_free(&pw);
    bound_done(&b);
}

/* The password is in no freed or living block of this process once the account is made. */
static UNUSED size_t count_in_memory(const unsigned char *needle, size_t len)
{
    FILE *maps = fopen("/proc/self/maps", "re"), *mem = fopen("/proc/self/mem", "re");
    char line[512];
    size_t found = 0;
    assert_non_null(maps);
    assert_non_null(mem);
    while (fgets(line, sizeof line, maps)) {
        unsigned long from, to;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || rights[0] != 'r' ||
            rights[1] != 'w')
            continue;
        unsigned char *copy = malloc(to - from);
        if (fseek(mem, (long)from, SEEK_SET) == 0 && fread(copy, 1, to - from, mem) == to - from) {
            for (unsigned char *p = copy;
                 (p = memmem(p, to - from - (size_t)(p - copy), needle, len)); p++)
                found++;
        }
        explicit_bzero(copy, to - from);
        free(copy);
    }
    fclose(maps);
    fclose(mem);
    return found;
}

static void test_password_is_wiped(void **s UNUSED)
{
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    const char *preload = getenv("LD_PRELOAD");
    if (preload && strstr(preload, "vgpreload"))
        skip(); /* valgrind keeps copies of what it watches */
    struct bound b = as_joiner();
    struct account_names n = names_for("ACC-WIPE", "acc-wipe" DOMAIN, KIOSKS);
    struct secret pw = {0}, needle = {0};
    struct account_id id = {0};
    struct account_facts f;
    struct err e = {0};
    random_password(&pw);
    must_create(&b, &n, &pw, &id);
    enum account_outcome outcome;
    struct account_id over = {0};
    assert_int_equal(account_facts(b.d, &n, &f, &e), 0);
    assert_int_equal(account_take_over(b.d, &f, &n, &create_policy, &pw, &over, &outcome, &e), 0);
    /* Looked for without its quotes, as UTF-16 and as typed; the needle itself is the one place it
     * may be in. */
    assert_int_equal(unicode_pwd(&needle, &pw), 0);
    size_t wide = count_in_memory(needle.data + 2, 24), narrow = count_in_memory(pw.data, 24);
    assert_int_equal(wide, 1);
    assert_int_equal(narrow, 1);
    secret_free(&needle);
    secret_free(&pw);
    must_delete(&b, id.dn);
    account_id_free(&id);
    account_id_free(&over);
    account_facts_free(&f);
    bound_done(&b);
#else
    skip();
#endif
}

static void test_default_container(void **s UNUSED)
{
    struct bound b = as_admin();
    struct account_names n = names_for("ACC-DEFAULT", "acc-default" DOMAIN, NULL);
    struct secret pw = {0};
    struct account_id id = {0};
    random_password(&pw);
    must_create(&b, &n, &pw, &id);
    assert_string_equal(id.dn, "CN=ACC-DEFAULT,CN=Computers," BASE);
    must_delete(&b, id.dn);
    account_id_free(&id);
    secret_free(&pw);
    bound_done(&b);
}

static void test_deferred_names(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_names n = names_for("ACC-DEFER", "acc-defer" DOMAIN, KIOSKS);
    struct account_policy p = {.acct_create = true, .defer_spn = true};
    struct account_facts f;
    struct account_decision d;
    struct account_id id = {0};
    enum account_outcome outcome;
    struct secret pw = {0};
    struct err e = {0};
    random_password(&pw);
    facts_and_decision(&b, &n, &p, &f, &d);
    assert_int_equal(account_create(b.d, &f, &n, &p, &pw, &id, &outcome, &e), 0);
    assert_string_equal(id.dns_host, "");
    assert_int_equal(id.spns.n, 0);
    /* The machine itself may write them later. */
    struct bound m = as_machine("ACC-DEFER", &pw);
    assert_int_equal(account_complete_names(m.d, &n, &id, &e), 0);
    account_id_free(&id);
    assert_int_equal(account_read_back(m.d, &n, NULL, &id, &e), 0);
    assert_string_equal(id.dns_host, n.fqdn);
    assert_int_equal(id.spns.n, 4);
    bound_done(&m);
    assert_int_equal(kerb_select(b.c, &e), 0);
    must_delete(&b, id.dn);
    account_id_free(&id);
    account_facts_free(&f);
    secret_free(&pw);
    bound_done(&b);
}

/* Names with everything that a DN has to escape, and deep ones in other scripts. */
static void test_odd_places(void **s UNUSED)
{
    static const char *const tops[] = {"OU=Odd names," BASE, "OU=Sales\\, EMEA," BASE,
                                       "OU=Москва," BASE, "OU=東京支社," BASE};
    struct bound b = as_admin();
    struct secret pw = {0};
    struct err e = {0};
    unsigned made = 0;
    random_password(&pw);
    for (size_t t = 0; t < ARRAY_SIZE(tops); t++) {
        struct account_ous ous;
        assert_int_equal(account_list_ous(b.d, tops[t], true, NULL, 0, &ous, &e), 0);
        for (size_t i = 0; i < ous.n; i++) {
            struct account_id id = {0};
            struct account_names n = names_for("ACC-ODD", "acc-odd" DOMAIN, ous.ou[i].dn);
            print_message("in %s (%s)\n", ous.ou[i].dn, ous.ou[i].name);
            must_create(&b, &n, &pw, &id);
            char *parent = dn_parent(id.dn);
            assert_true(dn_equal(parent, ous.ou[i].dn));
            free(parent);
            must_delete(&b, id.dn);
            account_id_free(&id);
            made++;
        }
        account_ous_free(&ous);
    }
    assert_true(made >= 20);
    secret_free(&pw);
    bound_done(&b);
}

static void test_outcome_found_out(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_names n = names_for("ACC-FOUND", "acc-found" DOMAIN, KIOSKS);
    struct secret pw = {0};
    enum account_outcome outcome;
    struct dir_root root;
    struct dir_op op;
    struct err e = {0};
    char *dn;
    dir_root_op(&op);
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_int_equal(dir_root_parse(&root, &op, &e), 0);
    assert_int_equal(account_find_out(b.d, &n, root.current_time, &outcome, &dn, &e), 0);
    assert_int_equal(outcome, ACCOUNT_NOT_DONE);
    assert_null(dn);
    random_password(&pw);
    must_create(&b, &n, &pw, NULL);
    assert_int_equal(account_find_out(b.d, &n, root.current_time, &outcome, &dn, &e), 0);
    assert_int_equal(outcome, ACCOUNT_DONE);
    must_delete(&b, dn);
    free(dn);
    dir_root_free(&root);
    dir_op_free(&op);
    secret_free(&pw);
    bound_done(&b);
}

/* ---- decisions, and that deciding writes nothing ---- */

static void test_decisions(void **s UNUSED)
{
    static const struct {
        const char *user, *password, *name, *fqdn, *ou;
        enum account_action action;
        enum cause cause;
        const char *owner, *creator;
    } rows[] = {
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN, KIOSKS, ACCOUNT_CREATE, CAUSE_NONE, NULL,
         NULL},
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN,
         "ou=lobby ; ou=kiosks ; dc=CORP,dc=example,dc=com", ACCOUNT_CREATE, CAUSE_NONE, NULL,
         NULL},
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN, "OU=Deleg," BASE, ACCOUNT_REFUSE,
         CAUSE_NO_CREATE_RIGHT, NULL, NULL},
        {"user1", "USER1", "ACC-X", "acc-x" DOMAIN, KIOSKS, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT,
         NULL, NULL},
        {"user1", "USER1", "ACC-X", "acc-x" DOMAIN, NULL, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT,
         NULL, NULL},
        {"deleg", "DELEG", "ACC-X", "acc-x" DOMAIN, "OU=Deleg," BASE, ACCOUNT_CREATE, CAUSE_NONE,
         NULL, NULL},
        {"deleg", "DELEG", "ACC-X", "acc-x" DOMAIN, KIOSKS, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT,
         NULL, NULL},
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN, "OU=Kisoks," BASE, ACCOUNT_REFUSE,
         CAUSE_OU_NOT_FOUND, NULL, NULL},
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN, "Kiosks", ACCOUNT_REFUSE, CAUSE_OU_MALFORMED,
         NULL, NULL},
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN, "OU=Kiosks,DC=example,DC=org", ACCOUNT_REFUSE,
         CAUSE_OU_WRONG_DOMAIN, NULL, NULL},
        {"joiner", "JOINER", "ACC-X", "acc-x" DOMAIN, "CN=joiner,OU=Staff," BASE, ACCOUNT_REFUSE,
         CAUSE_OU_NOT_CONTAINER, NULL, NULL},
        {"joiner", "JOINER", "PRE-OWNED", "pre-owned" DOMAIN, KIOSKS, ACCOUNT_TAKE_OVER, CAUSE_NONE,
         NULL, NULL},
        {"joiner", "JOINER", "PRE-CREATED", "pre-created" DOMAIN, KIOSKS, ACCOUNT_TAKE_OVER,
         CAUSE_NONE, NULL, NULL},
        {"joiner", "JOINER", "PRE-ADMIN", "pre-admin" DOMAIN, KIOSKS, ACCOUNT_TAKE_OVER, CAUSE_NONE,
         NULL, NULL},
        {"joiner", "JOINER", "PRE-ADMIN", "pre-admin" DOMAIN, NULL, ACCOUNT_TAKE_OVER, CAUSE_NONE,
         NULL, NULL},
        {"joiner", "JOINER", "PRE-OTHER", "pre-other" DOMAIN, KIOSKS, ACCOUNT_REFUSE,
         CAUSE_REUSE_BLOCKED, "CORP\\other", "CORP\\other"},
        {"Administrator", "ADMIN", "PRE-OTHER", "pre-other" DOMAIN, KIOSKS, ACCOUNT_REFUSE,
         CAUSE_REUSE_BLOCKED, "CORP\\other", "CORP\\other"},
        {"Administrator", "ADMIN", "PRE-CREATED", "pre-created" DOMAIN, KIOSKS, ACCOUNT_REFUSE,
         CAUSE_REUSE_BLOCKED, "CORP\\other", "CORP\\joiner"},
        {"user1", "USER1", "PRE-ADMIN", "pre-admin" DOMAIN, KIOSKS, ACCOUNT_REFUSE,
         CAUSE_RESET_NOT_ALLOWED, NULL, NULL},
        {"joiner", "JOINER", "PRE-MOVED", "pre-moved" DOMAIN, KIOSKS, ACCOUNT_REFUSE,
         CAUSE_NAME_TAKEN_OTHER_OU, NULL, NULL},
        {"joiner", "JOINER", "PRE-DISABLED", "pre-disabled" DOMAIN, KIOSKS, ACCOUNT_TAKE_OVER,
         CAUSE_NONE, NULL, NULL},
        {"joiner", "JOINER", "A-VERY-LONG-HOS", "a-very-long-host-name-02" DOMAIN, KIOSKS,
         ACCOUNT_REFUSE, CAUSE_NAME_TAKEN_15, NULL, NULL},
        {"joiner", "JOINER", "A-VERY-LONG-HOS", "a-very-long-host-name-01" DOMAIN, KIOSKS,
         ACCOUNT_TAKE_OVER, CAUSE_NONE, NULL, NULL},
        {"Administrator", "ADMIN", "DC1", "dc1" DOMAIN, NULL, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC,
         NULL, NULL},
        {"Administrator", "ADMIN", "DC2", "dc2" DOMAIN, NULL, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC,
         NULL, NULL},
        {"joiner", "JOINER", "CLASH", "clash" DOMAIN, KIOSKS, ACCOUNT_REFUSE, CAUSE_SPN_CLASH, NULL,
         NULL},
        {"joiner", "JOINER", "DNSCLASH", "dnsclash" DOMAIN, KIOSKS, ACCOUNT_REFUSE,
         CAUSE_DNSHOST_CLASH, NULL, NULL},
        {"Administrator", "ADMIN", "JOINER", "joiner" DOMAIN, "OU=Staff," BASE, ACCOUNT_REFUSE,
         CAUSE_NAME_TAKEN_USER, NULL, NULL},
    };
    struct bound b = {0};
    const char *who = "";
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (strcmp(who, rows[i].user) != 0) {
            if (b.d)
                bound_done(&b);
            b = bound_as(rows[i].user, rows[i].password, NULL, "JT_DC_ADDR");
            who = rows[i].user;
        }
        struct account_names n = names_for(rows[i].name, rows[i].fqdn, rows[i].ou);
        struct account_facts f;
        struct account_decision d;
        char *before = usn(&b);
        facts_and_decision(&b, &n, &create_policy, &f, &d);
        char *after = usn(&b);
        print_message("%s, %s in %s: %u\n", rows[i].user, rows[i].name,
                      rows[i].ou ? rows[i].ou : "-", d.err.code);
        assert_int_equal(d.err.cause, rows[i].cause);
        assert_int_equal(d.action, rows[i].action);
        assert_string_equal(before, after);
        if (rows[i].owner)
            assert_string_equal(err_fact_get(&d.err, FACT_OWNER), rows[i].owner);
        if (rows[i].creator)
            assert_string_equal(err_fact_get(&d.err, FACT_CREATOR), rows[i].creator);
        if (d.err.cause == CAUSE_OU_NOT_FOUND)
            assert_string_equal(err_fact_get(&d.err, FACT_NEAREST), KIOSKS);
        free(before);
        free(after);
        account_facts_free(&f);
    }
    bound_done(&b);
}

/* ---- taking over ---- */

static void take_over(struct bound *b, const char *name, const char *fqdn, struct account_id *id,
                      struct secret *pw)
{
    struct account_names n = names_for(name, fqdn, KIOSKS);
    struct account_facts f;
    struct account_decision d;
    enum account_outcome outcome;
    struct err e = {0};
    random_password(pw);
    facts_and_decision(b, &n, &create_policy, &f, &d);
    assert_int_equal(d.action, ACCOUNT_TAKE_OVER);
    uint32_t kvno = f.existing->kvno;
    if (account_take_over(b->d, &f, &n, &create_policy, pw, id, &outcome, &e) < 0)
        fail_msg("%s: %u %s", name, e.code, e.raw);
    assert_int_equal(outcome, ACCOUNT_DONE);
    assert_int_equal(id->kvno, kvno + 1);
    assert_string_equal(id->dns_host, fqdn);
    assert_true(strv_has_icase(&id->spns, "RestrictedKrbHost/"
                                          "PRE-DISABLED") ||
                strcmp(name, "PRE-DISABLED") != 0);
    account_facts_free(&f);
}

static void test_take_over(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_id id = {0};
    struct secret pw = {0};
    take_over(&b, "PRE-DISABLED", "pre-disabled" DOMAIN, &id, &pw);
    assert_int_equal(id.uac, UAC_WORKSTATION);
    assert_int_equal(id.spns.n, 4);
    struct bound m = as_machine("PRE-DISABLED", &pw);
    bound_done(&m);
    account_id_free(&id);
    /* Once more, with nothing left to change but the password. */
    struct err e = {0};
    assert_int_equal(kerb_select(b.c, &e), 0);
    take_over(&b, "PRE-DISABLED", "pre-disabled" DOMAIN, &id, &pw);
    assert_int_equal(id.spns.n, 4);
    account_id_free(&id);
    secret_free(&pw);
    bound_done(&b);
}

static void test_take_over_refused_by_the_server(void **s UNUSED)
{
    struct bound b = bound_as("user1", "USER1", NULL, "JT_DC_ADDR");
    struct account_names n = names_for("PRE-ADMIN", "pre-admin" DOMAIN, KIOSKS);
    struct account_facts f;
    struct account_id id;
    enum account_outcome outcome;
    struct secret pw = {0};
    struct err e = {0};
    random_password(&pw);
    assert_int_equal(account_facts(b.d, &n, &f, &e), 0);
    uint32_t kvno = f.existing->kvno;
    assert_int_equal(account_take_over(b.d, &f, &n, &create_policy, &pw, &id, &outcome, &e), -1);
    assert_int_equal(e.cause, CAUSE_RESET_NOT_ALLOWED);
    assert_int_equal(outcome, ACCOUNT_NOT_DONE);
    account_facts_free(&f);
    err_reset(&e);
    assert_int_equal(account_facts(b.d, &n, &f, &e), 0);
    assert_int_equal(f.existing->kvno, kvno);
    account_facts_free(&f);
    secret_free(&pw);
    bound_done(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_password_is_wiped),
        cmocka_unit_test(test_default_container),
        cmocka_unit_test(test_deferred_names),
        cmocka_unit_test(test_odd_places),
        cmocka_unit_test(test_outcome_found_out),
        cmocka_unit_test(test_decisions),
        cmocka_unit_test(test_take_over),
        cmocka_unit_test(test_take_over_refused_by_the_server),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
