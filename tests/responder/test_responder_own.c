/* What a machine does with its own account, as the directory sees it: a scripted one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdint.h>
#include <string.h>

#include "engine/account/account.h"
#include "tests/responder/responder.h"

#define BASE            "DC=corp,DC=example,DC=com"
#define DN              "CN=KIOSK1,OU=Kiosks," BASE
#define QUOTED_PASSWORD "\"\0S\0e\0c\0r\0e\0t\0\"\0"

static const unsigned char sid[] = {1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0,    0, 1, 0,
                                    0, 0, 2, 0, 0, 0, 3, 0, 0,  0, 0x52, 4, 0, 0};
static const unsigned char guid[16] = {1, 2, 3};
static const struct play_entry object = {
    .dn = DN,
    .attrs = {{.name = "objectSid", .bytes = sid, .len = sizeof sid},
              {.name = "objectGUID", .bytes = guid, .len = sizeof guid},
              {.name = "msDS-KeyVersionNumber", .vals = {"3"}},
              {.name = "sAMAccountName", .vals = {"KIOSK1$"}}}};

struct fixture {
    struct dir *d;
    struct responder *r;
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
        .name = "KIOSK1", .fqdn = "kiosk1.corp.example.com", .domain = "corp.example.com"};
    x.o = (struct account_object){.dn = (char *)(uintptr_t)DN, .dns_host = (char *)(uintptr_t) ""};
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

static int change_own(struct fixture *x)
{
    CLEANUP(secret_free) struct secret old = {0};
    assert_int_equal(secret_set(&old, "kiosk1", 6), 0);
    return account_change_own_password(x->d, &x->o, &old, &x->pw, &x->outcome, &x->e);
}

/* Old and new value in one modify, so that it is a change and no reset. */
static void test_own_password(void **s UNUSED)
{
    static const char old[] = "\"\0k\0i\0o\0s\0k\0001\0\"\0";
    struct step steps[] = {{.req = REQ_MODIFY}};
    struct fixture x = start(steps, 1);
    assert_int_equal(change_own(&x), 0);
    assert_int_equal(x.outcome, ACCOUNT_DONE);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 1);
    assert_true(responder_saw(x.r, REQ_MODIFY, 0, old, sizeof old - 1));
    assert_true(responder_saw(x.r, REQ_MODIFY, 0, QUOTED_PASSWORD, sizeof QUOTED_PASSWORD - 1));
    finish(&x);
}

/* Whatever the controller has against it, one code says it; its own words are kept. */
static void test_own_password_refused(void **s UNUSED)
{
    static const int codes[] = {19, 50, 53};
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        struct step steps[] = {{.req = REQ_MODIFY, .rc = codes[i], .diag = "0000052D: no"}};
        struct fixture x = start(steps, 1);
        assert_int_equal(change_own(&x), -1);
        assert_int_equal(x.e.code, 1323);
        assert_non_null(strstr(x.e.raw, "0000052D: no"));
        assert_int_equal(x.outcome, ACCOUNT_NOT_DONE);
        finish(&x);
    }
}

static void test_own_password_lost(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_MODIFY, .act = ACT_CLOSE}};
    struct fixture x = start(steps, 1);
    assert_int_equal(change_own(&x), -1);
    assert_int_equal(x.outcome, ACCOUNT_UNKNOWN_OUTCOME);
    assert_int_equal(x.e.cause, CAUSE_DC_DIED);
    finish(&x);
}

/* Without a policy nothing may be written: the object is only read. */
static void test_settle_without_writing(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .entries = &object, .n_entries = 1}};
    struct fixture x = start(steps, 1);
    bool wrote = true;
    assert_int_equal(account_settle(x.d, &x.n, &x.o, NULL, 24, &x.id, &wrote, &x.e), 0);
    assert_false(wrote);
    assert_int_equal(x.id.kvno, 3);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 0);
    finish(&x);
}

static void test_settle(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .entries = &object, .n_entries = 1},
                           {.req = REQ_MODIFY}};
    struct fixture x = start(steps, 2);
    bool wrote = false;
    assert_int_equal(account_settle(x.d, &x.n, &x.o, &x.p, 24, &x.id, &wrote, &x.e), 0);
    assert_true(wrote);
    responder_stop(x.r);
    assert_int_equal(responder_seen(x.r, REQ_MODIFY), 1);
    assert_true(saw(&x, REQ_MODIFY, 0, "dNSHostName"));
    assert_true(saw(&x, REQ_MODIFY, 0, "msDS-SupportedEncryptionTypes"));
    finish(&x);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own_password),
        cmocka_unit_test(test_own_password_refused),
        cmocka_unit_test(test_own_password_lost),
        cmocka_unit_test(test_settle_without_writing),
        cmocka_unit_test(test_settle),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    dir_setup_process();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
