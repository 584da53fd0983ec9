/* The computer account against a scripted controller: what is sent, in which order, and what each
 * answer becomes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/account/account.h"
#include "engine/wire/adattr.h"
#include "tests/responder/responder.h"

#define BASE            "DC=corp,DC=example,DC=com"
#define OU              "OU=Kiosks," BASE
#define DN              "CN=KIOSK1," OU
#define FQDN            "kiosk1.corp.example.com"
#define QUOTED_PASSWORD "\"\0S\0e\0c\0r\0e\0t\0\"\0"

static const unsigned char domain_sid[] = {1, 4, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0,
                                           1, 0, 0, 0, 2, 0, 0, 0, 3,  0, 0, 0};
static const unsigned char my_sid[] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0,    0, 1, 0,
                                       0, 0, 2, 0, 0, 0, 3, 0, 0,  0, 0x51, 4, 0, 0};
static const unsigned char computer_sid[] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0,    0, 1, 0,
                                             0, 0, 2, 0, 0, 0, 3, 0, 0,  0, 0x52, 4, 0, 0};
static const unsigned char guid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
/* Self-relative descriptor with my SID as owner and no DACL. */
static const unsigned char my_sd[] = {1, 0, 0, 0x80, 20, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0,
                                      0, 0, 0, 0,    1,  5, 0, 0, 0, 0, 0, 5, 21,   0, 0, 0,
                                      1, 0, 0, 0,    2,  0, 0, 0, 3, 0, 0, 0, 0x51, 4, 0, 0};

#define BIN(b) .bytes = (b), .len = sizeof(b)

static const struct play_entry root = {.dn = "",
                                       .attrs = {{.name = "tokenGroups", BIN(my_sid)},
                                                 {.name = "vendorName", .vals = {"Samba Team"}}}};
static const struct play_entry domain = {
    .dn = BASE,
    .attrs = {{.name = "objectSid", BIN(domain_sid)},
              {.name = "ms-DS-MachineAccountQuota", .vals = {"10"}}}};
static const struct play_entry partition = {.dn = "CN=CORP,CN=Partitions",
                                            .attrs = {{.name = "nETBIOSName", .vals = {"CORP"}}}};
static const struct play_entry ou = {
    .dn = OU,
    .attrs = {{.name = "objectClass", .vals = {"top", "organizationalUnit"}},
              {.name = "allowedChildClassesEffective", .vals = {"user", "computer"}}}};
static const struct play_entry object = {
    .dn = DN,
    .attrs = {{.name = "objectSid", BIN(my_sid)},
              {.name = "objectGUID", BIN(guid)},
              {.name = "msDS-KeyVersionNumber", .vals = {"3"}},
              {.name = "sAMAccountName", .vals = {"KIOSK1$"}},
              {.name = "dNSHostName", .vals = {FQDN}},
              {.name = "userAccountControl", .vals = {"4096"}},
              {.name = "servicePrincipalName", .vals = {"HOST/KIOSK1", "nfs/KIOSK1"}}}};
static const struct play_entry existing = {
    .dn = DN,
    .attrs = {{.name = "objectClass", .vals = {"top", "user", "computer"}},
              {.name = "objectSid", BIN(computer_sid)},
              {.name = "objectGUID", BIN(guid)},
              {.name = "sAMAccountName", .vals = {"KIOSK1$"}},
              {.name = "userAccountControl", .vals = {"4130"}},
              {.name = "whenCreated", .vals = {"20240229120000.0Z"}},
              {.name = "pwdLastSet", .vals = {"133536816000000000"}},
              {.name = "servicePrincipalName", .vals = {"host/kiosk1", "nfs/KIOSK1"}},
              {.name = "nTSecurityDescriptor", BIN(my_sd)}}};

#define ANSWER(e)                                                                                  \
    {                                                                                              \
        .req = REQ_SEARCH, .entries = &(e), .n_entries = 1                                         \
    }
#define NOTHING                                                                                    \
    {                                                                                              \
        .req = REQ_SEARCH                                                                          \
    }

struct fixture {
    struct dir *d;
    struct responder *r;
    struct account_facts f;
    struct account_object o;
    struct account_names n;
    struct account_policy p;
    struct secret pw;
    struct account_id id;
    enum account_outcome outcome;
    struct err e;
};

static struct fixture start(const struct step *steps, size_t n)
{
    struct fixture x = {0};
    x.n = (struct account_names){
        .name = "KIOSK1", .fqdn = FQDN, .domain = "corp.example.com", .ou = "ou=Kiosks ; " BASE};
    x.p.acct_create = true;
    x.f =
        (struct account_facts){.base_dn = (char *)(uintptr_t)BASE, .ou_dn = (char *)(uintptr_t)OU};
    assert_int_equal(secret_set(&x.pw, "Secret", 6), 0);
    x.r = responder_start(steps, n, &x.d, NULL);
    dir_set_timeout(x.d, 500);
    return x;
}

static void finish(struct fixture *x)
{
    account_id_free(&x->id);
    secret_free(&x->pw);
    responder_free(x->r);
}

static bool saw(struct fixture *x, int tag, size_t i, const char *text)
{
    return responder_saw(x->r, tag, i, text, strlen(text));
}

static int create(struct fixture *x)
{
    return account_create(x->d, &x->f, &x->n, &x->p, &x->pw, &x->id, &x->outcome, &x->e);
}

/* ---- facts ---- */

static void test_facts_new(void **s UNUSED)
{
    struct step steps[] = {ANSWER(root), ANSWER(domain), ANSWER(partition),
                           ANSWER(ou),   NOTHING,        NOTHING};
    struct fixture x = start(steps, ARRAY_SIZE(steps));
    struct account_facts f;
    struct account_decision dec;
    assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), 0);
    assert_string_equal(f.base_dn, BASE);
    assert_string_equal(f.netbios, "CORP");
    assert_string_equal(f.vendor, "Samba Team");
    assert_string_equal(f.ou_dn, OU);
    assert_true(f.ou_found && f.ou_container && f.ou_given);
    assert_int_equal(f.may_create, ACCOUNT_YES);
    assert_true(f.has_quota && f.quota == 10);
    assert_null(f.existing);
    assert_true(sid_is_set(&f.user));
    account_decide(&f, &x.n, &x.p, &dec);
    assert_int_equal(dec.action, ACCOUNT_CREATE);
    account_facts_free(&f);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_SEARCH), 6);
    assert_true(saw(&x, REQ_SEARCH, 3, "ou=Kiosks," BASE));
    finish(&x);
}

/* The account itself is signed in: one round trip, since nobody takes it over. */
static void test_facts_of_oneself(void **s UNUSED)
{
    struct play_entry self = {.dn = "", .attrs = {{.name = "tokenGroups", BIN(computer_sid)}}};
    struct step steps[] = {ANSWER(self), ANSWER(domain),   ANSWER(partition),
                           ANSWER(ou),   ANSWER(existing), NOTHING};
    struct fixture x = start(steps, ARRAY_SIZE(steps));
    struct account_facts f;
    struct account_decision dec;
    assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), 0);
    assert_non_null(f.existing);
    assert_null(f.owner_name);
    x.p = (struct account_policy){.as_machine = true};
    account_decide(&f, &x.n, &x.p, &dec);
    assert_int_equal(dec.action, ACCOUNT_USE);
    account_facts_free(&f);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_SEARCH), 6);
    finish(&x);
}

static void test_facts_existing(void **s UNUSED)
{
    static const struct play_entry both[] = {
        {.dn = "CN=OTHER," BASE,
         .attrs = {{.name = "sAMAccountName", .vals = {"OTHER$"}},
                   {.name = "servicePrincipalName", .vals = {"host/" FQDN, "http/kiosk1"}},
                   {.name = "dNSHostName", .vals = {"KIOSK1.corp.example.com"}}}},
        {.dn = "CN=kiosk1,CN=Users," BASE,
         .attrs = {{.name = "sAMAccountName", .vals = {"kiosk1"}}}},
    };
    struct play_entry all[3] = {both[0], both[1], existing};
    static const struct play_entry child = {.dn = "CN=print," DN};
    static const struct play_entry owner = {
        .dn = "CN=me", .attrs = {{.name = "sAMAccountName", .vals = {"joiner"}}}};
    struct step steps[] = {ANSWER(root),
                           ANSWER(domain),
                           ANSWER(partition),
                           ANSWER(ou),
                           {.req = REQ_SEARCH, .entries = all, .n_entries = 3},
                           {.req = REQ_SEARCH, .rc = 3, .entries = both, .n_entries = 1},
                           ANSWER(child),
                           NOTHING,
                           ANSWER(owner)};
    struct fixture x = start(steps, ARRAY_SIZE(steps));
    struct account_facts f;
    assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), 0);
    assert_non_null(f.existing);
    assert_true(f.existing->is_computer);
    assert_int_equal(f.existing->uac, 4130);
    assert_int_equal(f.existing->n_children, 1);
    assert_int_equal(f.existing->when_created, 1709208000);
    assert_true(sid_equal(&f.existing->owner, &f.user));
    assert_string_equal(f.owner_name, "CORP\\joiner");
    assert_string_equal(f.dns_host_dn, "CN=OTHER," BASE);
    assert_string_equal(f.user_dn, "CN=kiosk1,CN=Users," BASE);
    assert_int_equal(f.n_clashes, 2);
    assert_false(f.clashes[0].alias);
    assert_true(f.clashes[1].alias);
    account_facts_free(&f);
    finish(&x);
}

static void test_facts_default_container(void **s UNUSED)
{
    static const struct play_entry computers = {
        .dn = "CN=Computers," BASE,
        .attrs = {{.name = "objectClass", .vals = {"top", "container"}}}};
    struct step steps[] = {ANSWER(root), ANSWER(domain), ANSWER(partition), ANSWER(computers),
                           NOTHING,      NOTHING,        ANSWER(object)};
    struct fixture x = start(steps, ARRAY_SIZE(steps));
    struct account_facts f;
    x.n.ou = "";
    assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), 0);
    assert_false(f.ou_given);
    assert_true(f.ou_found && f.ou_container);
    assert_int_equal(f.may_create, ACCOUNT_NO);
    assert_string_equal(f.ou_dn, "CN=Computers," BASE);
    assert_string_equal(f.user_name, "CORP\\KIOSK1$");
    account_facts_free(&f);
    responder_stop(x.r);
    assert_true(saw(&x, REQ_SEARCH, 3, "<WKGUID=AA312825768811D1ADED00C04FD8D5CD," BASE ">"));
    finish(&x);
}

static void test_facts_ou_missing(void **s UNUSED)
{
    static const struct play_entry near[] = {
        {.dn = "OU=Staff," BASE}, {.dn = "OU=Koisks," BASE}, {.dn = "OU=Something else," BASE}};
    struct step steps[] = {ANSWER(root),
                           ANSWER(domain),
                           ANSWER(partition),
                           {.req = REQ_SEARCH, .rc = 32},
                           NOTHING,
                           NOTHING,
                           {.req = REQ_SEARCH, .entries = near, .n_entries = 3}};
    struct fixture x = start(steps, ARRAY_SIZE(steps));
    struct account_facts f;
    assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), 0);
    assert_false(f.ou_found);
    assert_string_equal(f.ou_nearest, "OU=Koisks," BASE);
    account_facts_free(&f);
    finish(&x);
}

static void test_facts_ou_refused_before_asking(void **s UNUSED)
{
    static const char *const bad[] = {"Kiosks", "OU=Kiosks,DC=other,DC=com", "OU=a\"b"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct step steps[] = {ANSWER(root), ANSWER(domain), ANSWER(partition), NOTHING, NOTHING};
        struct fixture x = start(steps, ARRAY_SIZE(steps));
        struct account_facts f;
        x.n.ou = bad[i];
        assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), 0);
        assert_int_equal(f.ou_malformed, i != 1);
        assert_int_equal(f.ou_outside, i == 1);
        account_facts_free(&f);
        responder_stop(x.r);
        assert_int_equal(responder_seen(x.r, REQ_SEARCH), 5);
        finish(&x);
    }
}

static void test_facts_lies(void **s UNUSED)
{
    static const struct play_entry no_sid = {.dn = BASE};
    struct step steps[] = {ANSWER(root), ANSWER(no_sid), ANSWER(partition),
                           ANSWER(ou),   NOTHING,        NOTHING};
    struct fixture x = start(steps, ARRAY_SIZE(steps));
    struct account_facts f;
    assert_int_equal(account_facts(x.d, &x.n, &f, &x.e), -1);
    assert_int_equal(x.e.cause, CAUSE_DC_LIED);
    account_facts_free(&f);
    finish(&x);
}

/* ---- creating ---- */

static void test_create(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_ADD}, ANSWER(object)};
    struct fixture x = start(steps, 2);
    assert_int_equal(create(&x), 0);
    assert_int_equal(x.outcome, ACCOUNT_DONE);
    assert_string_equal(x.id.dn, DN);
    assert_true(x.id.has_kvno && x.id.kvno == 3);
    assert_memory_equal(x.id.guid, guid, 16);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_ADD), 1);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 0);
    assert_true(responder_saw(x.r, REQ_ADD, 0, QUOTED_PASSWORD, sizeof QUOTED_PASSWORD - 1));
    assert_true(saw(&x, REQ_ADD, 0, "4096"));
    assert_true(saw(&x, REQ_ADD, 0, "KIOSK1$"));
    assert_true(saw(&x, REQ_ADD, 0, "HOST/" FQDN));
    assert_true(saw(&x, REQ_ADD, 0, "RestrictedKrbHost/KIOSK1"));
    assert_false(saw(&x, REQ_ADD, 0, "msDS-SupportedEncryptionTypes"));
    finish(&x);
}

static void test_create_deferred(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_ADD}, ANSWER(object)};
    struct fixture x = start(steps, 2);
    x.p.defer_spn = true;
    assert_int_equal(create(&x), 0);
    responder_stop(x.r);
    assert_false(saw(&x, REQ_ADD, 0, "servicePrincipalName"));
    assert_false(saw(&x, REQ_ADD, 0, "dNSHostName"));
    finish(&x);
}

/* A controller that works on the add and the read at the same time. */
static void test_create_read_overtakes(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_ADD}, {.req = REQ_SEARCH, .rc = 32}, ANSWER(object)};
    struct fixture x = start(steps, 3);
    assert_int_equal(create(&x), 0);
    assert_int_equal(x.id.kvno, 3);
    finish(&x);
}

static void test_create_read_back_differs(void **s UNUSED)
{
    struct play_entry other = object;
    other.attrs[3].vals[0] = "KIOSK2$";
    struct step steps[] = {{.req = REQ_ADD},
                           {.req = REQ_SEARCH, .entries = &other, .n_entries = 1}};
    struct fixture x = start(steps, 2);
    assert_int_equal(create(&x), -1);
    assert_int_equal(x.e.cause, CAUSE_ACCOUNT_CHANGED);
    assert_int_equal(x.outcome, ACCOUNT_DONE);
    assert_null(x.id.dn);
    finish(&x);
}

static void test_create_refused(void **s UNUSED)
{
    static const struct {
        int rc;
        const char *diag;
        enum cause cause;
        enum fact fact;
        const char *value;
    } rows[] = {
        {50, "acl: unable to get access to OU=Kiosks", CAUSE_NO_CREATE_RIGHT, FACT_OU, OU},
        {53, "0000216D: SvcErr: DSID-031A1254, problem 5003", CAUSE_NO_CREATE_RIGHT_QUOTA, FACT_OU,
         OU},
        {32, "00002030: parent does not exist!", CAUSE_OU_NOT_FOUND, FACT_OU, OU},
        {68, "Entry x already exists", CAUSE_NAME_TAKEN, FACT_OBJECT, DN},
        {19, "0000202F: samldb: spn[HOST/kiosk1] would cause a conflict", CAUSE_SPN_CLASH,
         FACT_OBJECT, DN},
        {19, "0000200B: AtrErr: Att 9026b (dNSHostName)", CAUSE_DNSHOST_SUFFIX, FACT_VALUE, FQDN},
        {53, "0000001F: SvcErr: DSID-031A126C, problem 5003", CAUSE_ADD_UNSEALED, FACT_SERVER,
         "dc1.test"},
        {10, "0000202B: RefErr", CAUSE_DC_READ_ONLY, FACT_SERVER, "dc1.test"},
        {8, "00002028: LdapErr", CAUSE_ADD_UNSEALED, FACT_SERVER, "dc1.test"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct step steps[] = {{.req = REQ_ADD,
                                .rc = rows[i].rc,
                                .diag = rows[i].diag,
                                .referral = rows[i].rc == 10 ? "ldap://127.0.0.1:1/" : NULL},
                               {.req = REQ_SEARCH, .rc = 32}};
        struct fixture x = start(steps, 2);
        assert_int_equal(create(&x), -1);
        assert_int_equal(x.e.cause, rows[i].cause);
        assert_int_equal(x.outcome, ACCOUNT_NOT_DONE);
        assert_string_equal(err_fact_get(&x.e, rows[i].fact), rows[i].value);
        assert_non_null(strstr(x.e.raw, rows[i].diag));
        finish(&x);
    }
}

/* No answer to the add: nobody may claim that nothing happened. */
static void test_create_lost(void **s UNUSED)
{
    static const enum act acts[] = {ACT_CLOSE, ACT_SILENCE, ACT_HALF, ACT_GARBAGE, ACT_NOTICE};
    for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
        struct step steps[] = {{.req = REQ_ADD, .act = acts[i]}};
        struct fixture x = start(steps, 1);
        assert_int_equal(create(&x), -1);
        assert_int_equal(x.outcome, ACCOUNT_UNKNOWN_OUTCOME);
        assert_int_not_equal(x.e.code, 0);
        finish(&x);
    }
}

/* The add was answered, the read-back was not: done, and the error is the connection's. */
static void test_create_lost_after_add(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_ADD}, {.req = REQ_SEARCH, .act = ACT_CLOSE}};
    struct fixture x = start(steps, 2);
    assert_int_equal(create(&x), -1);
    assert_int_equal(x.outcome, ACCOUNT_DONE);
    assert_int_equal(x.e.cause, CAUSE_DC_DIED);
    finish(&x);
}

static void test_create_before_sending(void **s UNUSED)
{
    struct fixture x = start(NULL, 0);
    assert_int_equal(secret_set(&x.pw, "\xff", 1), 0);
    assert_int_equal(create(&x), -1);
    assert_int_equal(x.outcome, ACCOUNT_NOT_DONE);
    assert_int_equal(x.e.cause, CAUSE_PASSWORD_POLICY);
    x.n.name = "A-NAME-OF-16-CHR";
    err_reset(&x.e);
    assert_int_equal(create(&x), -1);
    assert_int_equal(x.e.cause, CAUSE_COMPUTER_NAME_BAD);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_ADD), 0);
    finish(&x);
}

static void test_find_out(void **s UNUSED)
{
    static const struct {
        int64_t since;
        enum account_outcome outcome;
    } rows[] = {{1709208000, ACCOUNT_DONE}, {1709208006, ACCOUNT_NOT_DONE}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct step steps[] = {ANSWER(existing)};
        struct fixture x = start(steps, 1);
        char *dn;
        assert_int_equal(account_find_out(x.d, &x.n, rows[i].since, &x.outcome, &dn, &x.e), 0);
        assert_int_equal(x.outcome, rows[i].outcome);
        assert_string_equal(dn, DN);
        free(dn);
        finish(&x);
    }
    struct step none[] = {NOTHING};
    struct fixture x = start(none, 1);
    char *dn;
    assert_int_equal(account_find_out(x.d, &x.n, 0, &x.outcome, &dn, &x.e), 0);
    assert_int_equal(x.outcome, ACCOUNT_NOT_DONE);
    assert_null(dn);
    finish(&x);
}

/* ---- taking over ---- */

static int take_over(struct fixture *x)
{
    x->o.dn = (char *)(uintptr_t)DN;
    if (!x->o.dns_host)
        x->o.dns_host = (char *)(uintptr_t) "";
    x->f.existing = &x->o;
    int rc = account_take_over(x->d, &x->f, &x->n, &x->p, &x->pw, &x->id, &x->outcome, &x->e);
    strv_free(&x->o.spns);
    return rc;
}

static void test_take_over_order(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY, .repeat = true}, ANSWER(object)};
    struct fixture x = start(steps, 2);
    x.o.uac = UAC_WORKSTATION | UAC_DISABLED | UAC_PASSWD_NOTREQD | UAC_DONT_EXPIRE;
    strv_add(&x.o.spns, "host/KIOSK1");
    strv_add(&x.o.spns, "nfs/KIOSK1");
    assert_int_equal(take_over(&x), 0);
    assert_int_equal(x.outcome, ACCOUNT_DONE);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 3);
    assert_true(responder_saw(x.r, REQ_MODIFY, 0, QUOTED_PASSWORD, sizeof QUOTED_PASSWORD - 1));
    assert_true(saw(&x, REQ_MODIFY, 1, "69632")); /* 4096 + 65536 */
    assert_true(saw(&x, REQ_MODIFY, 2, "dNSHostName"));
    assert_true(saw(&x, REQ_MODIFY, 2, "HOST/" FQDN));
    assert_false(saw(&x, REQ_MODIFY, 2, "\x0bHOST/KIOSK1"));
    assert_false(saw(&x, REQ_MODIFY, 2, "nfs"));
    finish(&x);
}

static void test_take_over_nothing_else_to_do(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY, .repeat = true}, ANSWER(object)};
    struct fixture x = start(steps, 2);
    x.o.uac = UAC_WORKSTATION;
    x.o.dns_host = (char *)(uintptr_t) "KIOSK1.corp.example.com";
    account_spns(&x.n, &x.o.spns);
    assert_int_equal(take_over(&x), 0);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 1);
    finish(&x);
}

static void test_take_over_keeps_a_controllers_options(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY, .repeat = true}, ANSWER(object)};
    struct fixture x = start(steps, 2);
    x.o.uac = 532480 | UAC_DISABLED;
    x.p.defer_spn = true;
    assert_int_equal(take_over(&x), 0);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 1);
    assert_false(saw(&x, REQ_MODIFY, 0, "userAccountControl"));
    finish(&x);
}

static void test_take_over_refused(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY, .rc = 50, .diag = "error in module acl"}};
    struct fixture x = start(steps, 1);
    x.o.uac = UAC_WORKSTATION | UAC_DISABLED;
    assert_int_equal(take_over(&x), -1);
    assert_int_equal(x.e.cause, CAUSE_RESET_NOT_ALLOWED);
    assert_int_equal(x.outcome, ACCOUNT_NOT_DONE);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 1);
    finish(&x);
}

static void test_take_over_half_way(void **s UNUSED)
{
    struct step steps[] = {
        {.req = REQ_MODIFY},
        {.req = REQ_MODIFY, .rc = 19, .diag = "acl: spn validation failed for spn[x]"}};
    struct fixture x = start(steps, 2);
    x.o.uac = UAC_WORKSTATION;
    assert_int_equal(take_over(&x), -1);
    assert_int_equal(x.e.cause, CAUSE_SPN_SUFFIX);
    assert_int_equal(x.outcome, ACCOUNT_DONE);
    finish(&x);
}

static void test_take_over_lost(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY, .act = ACT_CLOSE}};
    struct fixture x = start(steps, 1);
    assert_int_equal(take_over(&x), -1);
    assert_int_equal(x.outcome, ACCOUNT_UNKNOWN_OUTCOME);
    assert_int_equal(x.e.cause, CAUSE_DC_DIED);
    finish(&x);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts_new),
        cmocka_unit_test(test_facts_existing),
        cmocka_unit_test(test_facts_of_oneself),
        cmocka_unit_test(test_facts_default_container),
        cmocka_unit_test(test_facts_ou_missing),
        cmocka_unit_test(test_facts_ou_refused_before_asking),
        cmocka_unit_test(test_facts_lies),
        cmocka_unit_test(test_create),
        cmocka_unit_test(test_create_deferred),
        cmocka_unit_test(test_create_read_overtakes),
        cmocka_unit_test(test_create_read_back_differs),
        cmocka_unit_test(test_create_refused),
        cmocka_unit_test(test_create_lost),
        cmocka_unit_test(test_create_lost_after_add),
        cmocka_unit_test(test_create_before_sending),
        cmocka_unit_test(test_find_out),
        cmocka_unit_test(test_take_over_order),
        cmocka_unit_test(test_take_over_nothing_else_to_do),
        cmocka_unit_test(test_take_over_keeps_a_controllers_options),
        cmocka_unit_test(test_take_over_refused),
        cmocka_unit_test(test_take_over_half_way),
        cmocka_unit_test(test_take_over_lost),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
