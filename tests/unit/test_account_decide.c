/* Create, take over or refuse: the decision over made-up facts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/account/account.h"
#include "engine/wire/adattr.h"

#define BASE "DC=corp,DC=example,DC=com"
#define OU   "OU=Kiosks," BASE

/* What the tests change; built anew for each. */
struct world {
    struct account_facts f;
    struct account_object o;
    struct account_names n;
    struct account_policy p;
    struct account_clash clash;
    struct sid groups[2];
    struct account_decision d;
};

static struct sid sid(const char *text)
{
    struct sid s;
    assert_int_equal(sid_from_text(&s, text), 0);
    return s;
}
#define DOMAIN_SID "S-1-5-21-1-2-3"
#define ME         DOMAIN_SID "-1105"
#define BOB        DOMAIN_SID "-1106"

/* Strings in here are never freed: the decision only reads. */
static char *text(const char *s)
{
    return (char *)(uintptr_t)s;
}

static struct world *fresh(void)
{
    static struct world w;
    w = (struct world){0};
    w.n = (struct account_names){
        .name = "KIOSK1", .fqdn = "kiosk1.corp.example.com", .domain = "corp.example.com"};
    w.p = (struct account_policy){.acct_create = true};
    w.f = (struct account_facts){.base_dn = text(BASE),
                                 .netbios = text("CORP"),
                                 .vendor = text(""),
                                 .ou_given = true,
                                 .ou_found = true,
                                 .ou_container = true,
                                 .ou_dn = text(OU),
                                 .may_create = ACCOUNT_YES,
                                 .has_quota = true,
                                 .quota = 10,
                                 .domain_sid = sid(DOMAIN_SID),
                                 .user = sid(ME)};
    return &w;
}

static struct world *fresh_with_account(void)
{
    struct world *w = fresh();
    w->o = (struct account_object){.dn = text("CN=KIOSK1," OU),
                                   .sam = text("KIOSK1$"),
                                   .dns_host = text(""),
                                   .owner = sid(ME),
                                   .uac = UAC_WORKSTATION,
                                   .is_computer = true,
                                   .may_reset = ACCOUNT_YES};
    w->f.existing = &w->o;
    w->f.owner_is_admin = ACCOUNT_NO;
    w->f.owner_name = text("CORP\\me");
    return w;
}

static const struct account_verdict *find(const struct world *w, enum check check)
{
    for (size_t i = 0; i < w->d.n_verdicts; i++) {
        if (w->d.verdicts[i].check == check)
            return &w->d.verdicts[i];
    }
    return NULL;
}

static void decide(struct world *w, enum account_action action, enum cause cause)
{
    account_decide(&w->f, &w->n, &w->p, &w->d);
    assert_int_equal(w->d.err.cause, cause);
    assert_int_equal(w->d.action, action);
    assert_int_equal(w->d.err.code, cause_code(cause));
    assert_true(w->d.n_verdicts <= ACCOUNT_VERDICTS);
}

static void expect(const struct world *w, enum check check, enum account_state state,
                   enum cause cause)
{
    const struct account_verdict *v = find(w, check);
    assert_non_null(v);
    assert_int_equal(v->state, state);
    assert_int_equal(v->err.cause, cause);
}

static void test_new(void **s UNUSED)
{
    struct world *w = fresh();
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    for (size_t i = 0; i < w->d.n_verdicts; i++)
        assert_int_equal(w->d.verdicts[i].state, ACCOUNT_OK);
    assert_null(find(w, CHECK_REUSE));
    assert_non_null(find(w, CHECK_RIGHTS));
}

static void test_ou(void **s UNUSED)
{
    struct world *w = fresh();
    w->f.ou_found = false;
    w->f.ou_nearest = text("OU=Kiosk," BASE);
    decide(w, ACCOUNT_REFUSE, CAUSE_OU_NOT_FOUND);
    assert_int_equal(w->d.err.code, 2);
    assert_string_equal(err_fact_get(&w->d.err, FACT_OU), OU);
    assert_string_equal(err_fact_get(&w->d.err, FACT_NEAREST), "OU=Kiosk," BASE);
    w->f.ou_outside = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_OU_WRONG_DOMAIN);
    w->f.ou_malformed = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_OU_MALFORMED);
    w = fresh();
    w->f.ou_container = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_OU_NOT_CONTAINER);
}

static void test_missing(void **s UNUSED)
{
    struct world *w = fresh();
    w->p.acct_create = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_MISSING);
    assert_int_equal(w->d.err.code, 1332);
    assert_string_equal(err_fact_get(&w->d.err, FACT_ACCOUNT), "KIOSK1$");
}

static void test_rights(void **s UNUSED)
{
    struct world *w = fresh();
    w->f.may_create = ACCOUNT_NO;
    decide(w, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT);
    assert_string_equal(err_fact_get(&w->d.err, FACT_OU), OU);
    assert_null(err_fact_get(&w->d.err, FACT_COMMAND));
    w->f.user_name = text("CORP\\me");
    decide(w, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT);
    assert_string_equal(err_fact_get(&w->d.err, FACT_COMMAND),
                        "dsacls \"" OU "\" /G \"CORP\\me:CC;computer\"");
    /* by privilege: only in the default container, and never on Samba */
    w->f.ou_given = false;
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_RIGHTS, ACCOUNT_CANNOT_TELL, CAUSE_NO_CREATE_RIGHT_QUOTA);
    w->f.quota = 0;
    decide(w, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT_QUOTA);
    assert_int_equal(w->d.err.code, 8557);
    w->f.has_quota = false;
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_RIGHTS, ACCOUNT_CANNOT_TELL, CAUSE_QUOTA_UNREADABLE);
    w->f.has_quota = true, w->f.quota = 10;
    w->f.vendor = text("Samba Team (https://www.samba.org)");
    decide(w, ACCOUNT_REFUSE, CAUSE_NO_CREATE_RIGHT);
}

static void test_names_taken(void **s UNUSED)
{
    struct world *w = fresh();
    w->f.user_dn = text("CN=kiosk1,CN=Users," BASE);
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_NAME, ACCOUNT_NOTICE, CAUSE_NAME_TAKEN_USER);
    w->f.same_dn = text("CN=KIOSK1," OU);
    decide(w, ACCOUNT_REFUSE, CAUSE_NAME_TAKEN_USER);
    w = fresh_with_account();
    w->o.is_computer = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_NAME_TAKEN_USER);
}

static void test_fifteen_characters(void **s UNUSED)
{
    static const struct {
        const char *name, *ours, *theirs;
        bool taken;
    } rows[] = {
        {"A-VERY-LONG-HOS", "a-very-long-host-name-02.corp.example.com",
         "a-very-long-host-name-01.corp.example.com", true},
        {"A-VERY-LONG-HOS", "a-very-long-host-name-01.corp.example.com",
         "A-Very-Long-Host-Name-01.corp.example.com", false},
        {"A-VERY-LONG-HOS", "a-very-long-host-name-01.corp.example.com",
         "a-very-long-host-name-01.example.org", true},
        {"A-VERY-LONG-HOS", "a-very-long-hos.corp.example.com",
         "a-very-long-host-name-01.corp.example.com", true},
        {"KIOSK1", "kiosk1.corp.example.com", "kiosk1.corp.example.com", false},
        {"KIOSK1", "kiosk1.corp.example.com", "kiosk1.old.example.com", false},
        {"KIOSK1", "kiosk1.corp.example.com", "kiosk11.corp.example.com", true},
        {"KIOSK1", "kiosk1.corp.example.com", "", false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct world *w = fresh_with_account();
        w->n.name = rows[i].name;
        w->n.fqdn = rows[i].ours;
        w->o.dns_host = text(rows[i].theirs);
        decide(w, rows[i].taken ? ACCOUNT_REFUSE : ACCOUNT_TAKE_OVER,
               rows[i].taken ? CAUSE_NAME_TAKEN_15 : CAUSE_NONE);
        if (rows[i].taken)
            assert_string_equal(err_fact_get(&w->d.err, FACT_VALUE), rows[i].theirs);
    }
}

static void test_fifteen_by_spn(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->n.name = "A-VERY-LONG-HOS";
    w->n.fqdn = "a-very-long-host-name-02.corp.example.com";
    strv_add(&w->o.spns, "HOST/A-VERY-LONG-HOS");
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    strv_add(&w->o.spns, "HOST/a-very-long-host-name-01.corp.example.com");
    decide(w, ACCOUNT_REFUSE, CAUSE_NAME_TAKEN_15);
    strv_free(&w->o.spns);
}

static void test_controller(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->o.uac = 532480;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC);
    assert_int_equal(w->d.err.code, 2224);
    w->p.join_dc_account = true;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    w->p.join_dc_account = false;
    w->o.uac = UAC_WORKSTATION | UAC_PARTIAL_SECRETS;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC);
}

static void test_reuse_flags(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->p.no_acct_reuse = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_FORBIDDEN_FLAG);
    w->p.acct_create = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_FORBIDDEN_FLAG);
    w = fresh_with_account();
    w->p.no_reuse_asked = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_PROVISION_NAME_TAKEN);
}

/* Provisioning: the owner, or a domain administrator. */
static void test_administrator_may_reuse(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    struct sid builtin = sid_builtin_administrators();
    w->o.owner = sid_in(&w->f.domain_sid, 4711);
    w->o.creator = (struct sid){0};
    w->f.owner_is_admin = ACCOUNT_NO;
    w->f.groups = &builtin;
    w->f.n_groups = 1;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_BLOCKED);
    w->p.admin_may_reuse = true;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    w->f.n_groups = 0;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_BLOCKED);
    w->f.groups = NULL;
}

static void test_other_ou(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->o.dn = text("CN=KIOSK1,CN=Computers," BASE);
    decide(w, ACCOUNT_REFUSE, CAUSE_NAME_TAKEN_OTHER_OU);
    w->p.acct_create = false;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    w->p.acct_create = true;
    w->f.ou_given = false;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    w = fresh_with_account();
    w->o.dn = text("cn=kiosk1,ou=kiosks,dc=CORP,dc=example,dc=com");
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
}

/* creator, owner, owner an administrator: who may, who may not, who cannot be told. */
static void test_reuse_matrix(void **s UNUSED)
{
    static const struct {
        const char *owner, *creator, *user;
        enum account_tri admin;
        enum cause cause;
    } rows[] = {
        {ME, NULL, ME, ACCOUNT_NO, CAUSE_NONE},
        {BOB, ME, ME, ACCOUNT_NO, CAUSE_NONE},
        {BOB, ME, ME, ACCOUNT_UNKNOWN, CAUSE_NONE},
        {NULL, ME, ME, ACCOUNT_UNKNOWN, CAUSE_NONE},
        {DOMAIN_SID "-512", NULL, ME, ACCOUNT_YES, CAUSE_NONE},
        {DOMAIN_SID "-512", BOB, ME, ACCOUNT_YES, CAUSE_NONE},
        {BOB, NULL, ME, ACCOUNT_YES, CAUSE_NONE},
        {BOB, NULL, ME, ACCOUNT_NO, CAUSE_REUSE_BLOCKED},
        {BOB, BOB, ME, ACCOUNT_NO, CAUSE_REUSE_BLOCKED},
        {BOB, NULL, ME, ACCOUNT_UNKNOWN, CAUSE_REUSE_UNKNOWN},
        {NULL, NULL, ME, ACCOUNT_UNKNOWN, CAUSE_REUSE_UNKNOWN},
        {ME, NULL, NULL, ACCOUNT_NO, CAUSE_REUSE_UNKNOWN},
        {DOMAIN_SID "-512", NULL, NULL, ACCOUNT_YES, CAUSE_NONE},
        {NULL, NULL, NULL, ACCOUNT_UNKNOWN, CAUSE_REUSE_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct world *w = fresh_with_account();
        w->o.owner = rows[i].owner ? sid(rows[i].owner) : (struct sid){0};
        w->o.creator = rows[i].creator ? sid(rows[i].creator) : (struct sid){0};
        w->f.user = rows[i].user ? sid(rows[i].user) : (struct sid){0};
        w->f.owner_is_admin = rows[i].admin;
        w->f.owner_name = text("CORP\\bob");
        w->f.creator_name = text("CORP\\alice");
        decide(w, rows[i].cause ? ACCOUNT_REFUSE : ACCOUNT_TAKE_OVER, rows[i].cause);
        if (!rows[i].cause)
            continue;
        assert_int_equal(w->d.err.code, 2732);
        assert_string_equal(err_fact_get(&w->d.err, FACT_OWNER), "CORP\\bob");
        assert_string_equal(err_fact_get(&w->d.err, FACT_CREATOR), "CORP\\alice");
    }
}

static void test_reset_right(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->o.may_reset = ACCOUNT_NO;
    decide(w, ACCOUNT_REFUSE, CAUSE_RESET_NOT_ALLOWED);
    w->o.may_reset = ACCOUNT_UNKNOWN;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
}

static void test_clashes(void **s UNUSED)
{
    struct world *w = fresh();
    w->clash =
        (struct account_clash){text("HOST/kiosk1.corp.example.com"), text("CN=OTHER," BASE), false};
    w->f.clashes = &w->clash, w->f.n_clashes = 1;
    decide(w, ACCOUNT_REFUSE, CAUSE_SPN_CLASH);
    assert_int_equal(w->d.err.code, 8647);
    assert_string_equal(err_fact_get(&w->d.err, FACT_OBJECT), "CN=OTHER," BASE);
    assert_string_equal(err_fact_get(&w->d.err, FACT_VALUE), "HOST/kiosk1.corp.example.com");
    w->f.dns_host_dn = text("CN=THIRD," BASE);
    decide(w, ACCOUNT_REFUSE, CAUSE_SPN_CLASH);
    expect(w, CHECK_DNS_NAME, ACCOUNT_BAD, CAUSE_DNSHOST_CLASH);
    w->clash.alias = true;
    w->f.vendor = text("Samba Team");
    decide(w, ACCOUNT_REFUSE, CAUSE_SPN_CLASH);
    w->f.vendor = text("");
    decide(w, ACCOUNT_REFUSE, CAUSE_DNSHOST_CLASH);
    expect(w, CHECK_SERVICE_NAMES, ACCOUNT_CANNOT_TELL, CAUSE_SPN_CLASH);
    w->f.n_clashes = 0;
    decide(w, ACCOUNT_REFUSE, CAUSE_DNSHOST_CLASH);
    w->f.n_clashes = 1;
    w->p.defer_spn = true;
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_SERVICE_NAMES, ACCOUNT_NOTICE, CAUSE_SPN_CLASH);
    expect(w, CHECK_DNS_NAME, ACCOUNT_NOTICE, CAUSE_DNSHOST_CLASH);
}

static void test_suffix(void **s UNUSED)
{
    struct world *w = fresh();
    w->n.fqdn = "kiosk1.example.org";
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_DNS_NAME, ACCOUNT_CANNOT_TELL, CAUSE_DNSHOST_SUFFIX);
    strv_add(&w->f.suffixes, "Example.ORG");
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_DNS_NAME, ACCOUNT_OK, CAUSE_NONE);
    strv_free(&w->f.suffixes);
    w->n.fqdn = "kiosk1.CORP.example.com";
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_DNS_NAME, ACCOUNT_OK, CAUSE_NONE);
    w->n.fqdn = "kiosk1.sub.corp.example.com";
    decide(w, ACCOUNT_CREATE, CAUSE_NONE);
    expect(w, CHECK_DNS_NAME, ACCOUNT_CANNOT_TELL, CAUSE_DNSHOST_SUFFIX);
}

/* Everything wrong at once: the first reason is the one Windows would give. */
static void test_order(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->clash = (struct account_clash){text("HOST/x"), text("CN=OTHER," BASE), false};
    w->f.clashes = &w->clash, w->f.n_clashes = 1;
    w->o.owner = sid(BOB);
    w->o.uac = 532480;
    w->p.no_acct_reuse = true;
    w->f.ou_found = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_OU_NOT_FOUND);
    w->f.ou_found = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC);
    w->o.uac = UAC_WORKSTATION;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_FORBIDDEN_FLAG);
    w->p.no_acct_reuse = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_BLOCKED);
    w->o.owner = sid(ME);
    decide(w, ACCOUNT_REFUSE, CAUSE_SPN_CLASH);
}

/* Signed in as the account itself: nobody takes it over, so owner and rights do not matter. */
static void test_as_machine(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->p = (struct account_policy){.as_machine = true};
    w->o.owner = sid(BOB);
    w->o.may_reset = ACCOUNT_NO;
    decide(w, ACCOUNT_USE, CAUSE_NONE);
    assert_null(find(w, CHECK_REUSE));
    assert_null(find(w, CHECK_RIGHTS));
    w->p.no_acct_reuse = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_FORBIDDEN_FLAG);
    w->p.no_acct_reuse = false;
    w->o.uac = 532480;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC);
    w->p.join_dc_account = true;
    decide(w, ACCOUNT_USE, CAUSE_NONE);
    w->f.existing = NULL;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_MISSING);
}

/* The policy alone is overridden: no right, no flag, no controller. */
static void test_override(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->p.override_reuse = true;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    assert_false(w->d.overridden); /* nothing was in the way */
    w->o.owner = sid(BOB);
    w->f.owner_name = text("CORP\\bob");
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    assert_true(w->d.overridden);
    expect(w, CHECK_REUSE, ACCOUNT_NOTICE, CAUSE_REUSE_OVERRIDDEN);
    assert_string_equal(err_fact_get(&find(w, CHECK_REUSE)->err, FACT_OWNER), "CORP\\bob");
    w->o.may_reset = ACCOUNT_NO;
    decide(w, ACCOUNT_REFUSE, CAUSE_RESET_NOT_ALLOWED);
    w->o.may_reset = ACCOUNT_YES;
    w->p.no_acct_reuse = true;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_FORBIDDEN_FLAG);
    w->p.no_acct_reuse = false;
    w->o.uac = 532480;
    decide(w, ACCOUNT_REFUSE, CAUSE_ACCOUNT_IS_DC);
    w->o.uac = UAC_WORKSTATION;
    w->p.override_reuse = false;
    decide(w, ACCOUNT_REFUSE, CAUSE_REUSE_BLOCKED);
}

/* It would have to be enabled, which is a change of userAccountControl. */
static void test_disabled_controller(void **s UNUSED)
{
    struct world *w = fresh_with_account();
    w->p.join_dc_account = true;
    w->o.uac = 532480;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
    w->o.uac |= UAC_DISABLED;
    decide(w, ACCOUNT_REFUSE, CAUSE_KDC_DISABLED);
    w->o.uac = UAC_WORKSTATION | UAC_DISABLED;
    decide(w, ACCOUNT_TAKE_OVER, CAUSE_NONE);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_ou),
        cmocka_unit_test(test_missing),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_names_taken),
        cmocka_unit_test(test_fifteen_characters),
        cmocka_unit_test(test_fifteen_by_spn),
        cmocka_unit_test(test_controller),
        cmocka_unit_test(test_reuse_flags),
        cmocka_unit_test(test_other_ou),
        cmocka_unit_test(test_administrator_may_reuse),
        cmocka_unit_test(test_reuse_matrix),
        cmocka_unit_test(test_reset_right),
        cmocka_unit_test(test_clashes),
        cmocka_unit_test(test_suffix),
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_as_machine),
        cmocka_unit_test(test_override),
        cmocka_unit_test(test_disabled_controller),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
