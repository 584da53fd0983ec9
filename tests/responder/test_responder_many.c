/* Many accounts in one question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "engine/account/many.h"
#include "tests/responder/responder.h"

static const unsigned char sid[] = "\1\5\0\0\0\0\0\5\25\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\x51\4\0";
static const unsigned char guid[16] = "0123456789abcde";

#define ENTRY(cn_, sam_)                                                                           \
    {                                                                                              \
        .dn = "CN=" cn_ ",DC=corp", .attrs = {                                                     \
            {.name = "sAMAccountName", .vals = {sam_}},                                            \
            {.name = "objectSid", .bytes = sid, .len = sizeof sid},                                \
            {.name = "objectGUID", .bytes = guid, .len = sizeof guid},                             \
            {.name = "msDS-KeyVersionNumber", .vals = {"1"}}                                       \
        }                                                                                          \
    }

static void test_many(void **s UNUSED)
{
    static const struct play_entry found[] = {ENTRY("C", "c$"), ENTRY("X", "X$"), ENTRY("A", "A$"),
                                              ENTRY("A2", "A"), ENTRY("AA", "A$")};
    struct step steps[] = {{.req = REQ_SEARCH, .entries = found, .n_entries = ARRAY_SIZE(found)}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 1, &d, NULL);
    struct account_many m = {.name = {"A", "B*", "C"}, .n = 3, .base = "DC=corp"};
    struct account_id id[3];
    account_many_ask(&m);
    assert_string_equal(m.filter,
                        "(|(sAMAccountName=A$)(sAMAccountName=B\\2a$)(sAMAccountName=C$))");
    assert_int_equal(dir_run1(d, &m.op, &e), 0);
    assert_int_equal(account_many_take(d, &m, id, &e), 0);
    assert_string_equal(id[0].dn, "CN=A,DC=corp");
    assert_int_equal(sid_rid(&id[0].sid), 0x451);
    assert_memory_equal(id[0].guid, guid, sizeof guid);
    assert_null(id[1].dn);
    assert_string_equal(id[2].dn, "CN=C,DC=corp");
    for (size_t i = 0; i < 3; i++)
        account_id_free(&id[i]);
    account_many_free(&m);
    responder_free(r);
}

/* What lacks its SID is no account that could be used. */
static void test_many_incomplete(void **s UNUSED)
{
    static const struct play_entry found[] = {
        {.dn = "CN=A,DC=corp", .attrs = {{.name = "sAMAccountName", .vals = {"A$"}}}}};
    struct step steps[] = {{.req = REQ_SEARCH, .entries = found, .n_entries = 1},
                           {.req = REQ_SEARCH, .rc = 51, .diag = "busy"}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 2, &d, NULL);
    struct account_many m = {.name = {"A"}, .n = 1, .base = "DC=corp"}, n = m;
    struct account_id id[1];
    account_many_ask(&m);
    account_many_ask(&n);
    assert_int_equal(dir_run1(d, &m.op, &e), 0);
    assert_int_equal(account_many_take(d, &m, id, &e), 0);
    assert_null(id[0].dn);
    assert_int_equal(dir_run1(d, &n.op, &e), 0);
    assert_int_equal(account_many_take(d, &n, id, &e), -1);
    assert_true(e.code != 0);
    account_many_free(&m);
    account_many_free(&n);
    responder_free(r);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_many_incomplete),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
