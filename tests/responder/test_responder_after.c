/* What follows a join and what undoes one, against a scripted controller. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/account/account.h"
#include "engine/account/disable.h"
#include "tests/responder/responder.h"

#define BASE "DC=corp,DC=example,DC=com"
#define OU   "OU=Kiosks," BASE
#define DN   "CN=KIOSK1," OU
#define FQDN "kiosk1.corp.example.com"

static const unsigned char my_sid[] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0,    0, 1, 0,
                                       0, 0, 2, 0, 0, 0, 3, 0, 0,  0, 0x51, 4, 0, 0};
static const unsigned char guid[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
#define BIN(b) .bytes = (b), .len = sizeof(b)

static const struct play_entry object = {
    .dn = DN,
    .attrs = {{.name = "objectSid", BIN(my_sid)},
              {.name = "objectGUID", BIN(guid)},
              {.name = "msDS-KeyVersionNumber", .vals = {"3"}},
              {.name = "sAMAccountName", .vals = {"KIOSK1$"}},
              {.name = "dNSHostName", .vals = {FQDN}},
              {.name = "userAccountControl", .vals = {"4096"}},
              {.name = "servicePrincipalName", .vals = {"HOST/KIOSK1", "nfs/KIOSK1"}}}};
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
    struct account_names n;
    struct account_id id;
    struct err e;
};

static struct fixture start(const struct step *steps, size_t n)
{
    struct fixture x = {0};
    x.n = (struct account_names){.name = "KIOSK1", .fqdn = FQDN, .domain = "corp.example.com"};
    x.r = responder_start(steps, n, &x.d, NULL);
    return x;
}

static void finish(struct fixture *x)
{
    account_id_free(&x->id);
    responder_free(x->r);
}

static bool saw(struct fixture *x, int tag, size_t i, const char *text)
{
    return responder_saw(x->r, tag, i, text, strlen(text));
}

static void test_read_back_missing(void **s UNUSED)
{
    struct step steps[] = {NOTHING, {.req = REQ_SEARCH, .rc = 32}};
    struct fixture x = start(steps, 2);
    assert_int_equal(account_read_back(x.d, &x.n, NULL, &x.id, &x.e), -1);
    assert_int_equal(x.e.cause, CAUSE_ACCOUNT_MISSING);
    err_reset(&x.e);
    assert_int_equal(account_read_back(x.d, &x.n, DN, &x.id, &x.e), -1);
    assert_int_equal(x.e.cause, CAUSE_ACCOUNT_MISSING);
    finish(&x);
}

static void test_enctypes(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY}, {.req = REQ_MODIFY, .rc = 50}};
    struct fixture x = start(steps, 2);
    struct account_id id = {.dn = (char *)(uintptr_t)DN, .etypes = 24, .has_etypes = true};
    assert_int_equal(account_set_enctypes(x.d, &id, 24, &x.e), 0);
    id.etypes = 28;
    assert_int_equal(account_set_enctypes(x.d, &id, 24, &x.e), 0);
    id.has_etypes = false;
    assert_int_equal(account_set_enctypes(x.d, &id, 24, &x.e), -1);
    assert_int_equal(x.e.cause, CAUSE_WRITE_NOT_ALLOWED);
    assert_string_equal(err_fact_get(&x.e, FACT_VALUE), "msDS-SupportedEncryptionTypes");
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 2);
    finish(&x);
}

static void test_describe(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY},
                           {.req = REQ_MODIFY, .rc = 50, .diag = "00002098: no"}};
    struct fixture x = start(steps, 2);
    struct account_about about = {.os = "Debian GNU/Linux", .os_version = "12", .description = ""};
    assert_int_equal(account_describe(x.d, DN, &about, &x.e), -1);
    assert_int_equal(x.e.cause, CAUSE_WRITE_NOT_ALLOWED);
    assert_string_equal(err_fact_get(&x.e, FACT_VALUE), "operatingSystemVersion");
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 2);
    finish(&x);
}

static void test_delete(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_DELETE, .rc = 66, .diag = "00002015: UpdErr"},
                           {.req = REQ_DELETE},
                           {.req = REQ_DELETE, .rc = 32},
                           {.req = REQ_DELETE, .rc = 50}};
    struct fixture x = start(steps, 4);
    assert_int_equal(account_delete(x.d, DN, false, &x.e), -1);
    assert_int_equal(x.e.code, 8213);
    err_reset(&x.e);
    assert_int_equal(account_delete(x.d, DN, true, &x.e), 0);
    assert_int_equal(account_delete(x.d, DN, false, &x.e), 0);
    assert_int_equal(account_delete(x.d, DN, false, &x.e), -1);
    assert_int_equal(x.e.cause, CAUSE_OBJECT_LEFT);
    assert_string_equal(err_fact_get(&x.e, FACT_OBJECT), DN);
    responder_stop(x.r);
    assert_false(saw(&x, REQ_DELETE, 0, "1.2.840.113556.1.4.805"));
    assert_true(saw(&x, REQ_DELETE, 1, "1.2.840.113556.1.4.805"));
    finish(&x);
}

static void test_disable(void **s UNUSED)
{
    struct play_entry disabled = object;
    disabled.attrs[5].vals[0] = "4098";
    struct step steps[] = {ANSWER(object),
                           {.req = REQ_MODIFY},
                           {.req = REQ_SEARCH, .entries = &disabled, .n_entries = 1},
                           {.req = REQ_MODIFY},
                           {.req = REQ_SEARCH, .rc = 32}};
    struct fixture x = start(steps, 5);
    struct account_switch a;
    enum account_outcome outcome;
    assert_int_equal(account_switch_read(x.d, DN, &a, &x.e), 0);
    assert_false(account_switch_is_off(&a));
    assert_int_equal(account_switch_set(x.d, &a, true, &outcome, &x.e), 0);
    assert_int_equal(outcome, ACCOUNT_DONE);
    struct account_switch b;
    assert_int_equal(account_switch_read(x.d, DN, &b, &x.e), 0);
    assert_true(account_switch_is_off(&b));
    account_switch_free(&b);
    /* Back to what was read first. */
    assert_int_equal(account_switch_set(x.d, &a, false, &outcome, &x.e), 0);
    account_switch_free(&a);
    assert_int_equal(account_switch_read(x.d, DN, &a, &x.e), 0);
    assert_null(a.dn);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 2);
    assert_true(saw(&x, REQ_MODIFY, 0, "4098"));
    assert_true(saw(&x, REQ_MODIFY, 1, "4096"));
    finish(&x);
}

static void test_ous(void **s UNUSED)
{
    static const struct play_entry list[] = {
        {.dn = "OU=b\\, c," BASE,
         .attrs = {{.name = "objectClass", .vals = {"organizationalUnit"}}}},
        {.dn = "OU=\\#A," BASE,
         .attrs = {{.name = "objectClass", .vals = {"organizationalUnit"}},
                   {.name = "description", .vals = {"first"}},
                   {.name = "allowedChildClassesEffective", .vals = {"computer"}}}},
        {.dn = "CN=Computers," BASE, .attrs = {{.name = "objectClass", .vals = {"container"}}}},
        {.dn = "no dn at all"},
    };
    struct step steps[] = {{.req = REQ_SEARCH, .entries = list, .n_entries = 4}};
    struct fixture x = start(steps, 1);
    struct account_ous ous;
    assert_int_equal(account_list_ous(x.d, BASE, false, "a*b", 0, &ous, &x.e), 0);
    assert_int_equal(ous.n, 3);
    assert_string_equal(ous.ou[0].name, "#A");
    assert_true(ous.ou[0].may_create);
    assert_string_equal(ous.ou[0].description, "first");
    assert_string_equal(ous.ou[1].name, "b, c");
    assert_false(ous.ou[1].may_create);
    assert_true(ous.ou[2].container);
    account_ous_free(&ous);
    finish(&x);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read_back_missing), cmocka_unit_test(test_enctypes),
        cmocka_unit_test(test_describe),          cmocka_unit_test(test_delete),
        cmocka_unit_test(test_disable),           cmocka_unit_test(test_ous),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
