/* The directory connection against a real controller: binds, paging, tokens, the place of
 * computers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/domain-c/dir_help.h"

static void expect_search(struct bound *b)
{
    struct dir_op op = {.kind = DIR_SEARCH, .base = BASE, .limit = 1};
    struct err e = {0};
    assert_int_equal(dir_run1(b->d, &op, &e), 0);
    assert_int_equal(op.rc, 0);
    assert_int_equal(op.n_entries, 1);
    dir_op_free(&op);
}

static void test_spnego(void **s UNUSED)
{
    struct bound b = as_joiner();
    expect_search(&b);
    bound_done(&b);
}

static void test_gssapi(void **s UNUSED)
{
    struct bound b = bound_as("joiner", "JOINER", "GSSAPI", "JT_DC_ADDR");
    expect_search(&b);
    bound_done(&b);
}

static void test_ipv6(void **s UNUSED)
{
    struct bound b = bound_as("joiner", "JOINER", NULL, "JT_DC_ADDR6");
    expect_search(&b);
    bound_done(&b);
}

/* The root object answers before the bind; nothing else does. */
static void test_anonymous(void **s UNUSED)
{
    struct dir *d;
    struct dir_root root;
    struct err e = {0};
    struct dir_op op, search = {.kind = DIR_SEARCH, .base = BASE, .limit = 1};
    assert_int_equal(dir_open(&d, connect_to("JT_DC_ADDR", 389), env("JT_DC"), NULL, &e), 0);
    dir_root_op(&op);
    struct dir_op *ops[] = {&op, &search};
    assert_int_equal(dir_run(d, ops, 2, &e), 0);
    assert_int_equal(dir_root_parse(&root, &op, &e), 0);
    assert_string_equal(root.default_nc, BASE);
    assert_true(strv_has(&root.mechs, "GSS-SPNEGO"));
    assert_true(llabs(root.current_time - (int64_t)time(NULL)) < 60);
    assert_int_equal(search.rc, 1);
    assert_int_equal(
        account_explain(ACCOUNT_OP_READ, search.rc, search.diag, BASE, dir_host(d), &e), -1);
    assert_int_equal(e.code, 1244);
    dir_root_free(&root);
    dir_op_free(&op);
    dir_op_free(&search);
    dir_close(d);
}

/* Without a ticket for the service nothing is sent, and above all no password. */
static void test_no_ticket(void **s UNUSED)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = joiner(k);
    struct dir *d;
    struct err e = {0};
    assert_int_equal(kerb_select(c, &e), 0);
    assert_int_equal(dir_open(&d, connect_to("JT_DC_ADDR", 389), "dc7.corp.example.com", NULL, &e),
                     0);
    assert_int_equal(dir_bind(d, NULL, &e), -1);
    assert_int_equal(e.cause, CAUSE_INTERNAL);
    assert_int_equal(e.src, ERR_SRC_LDAP);
    assert_string_equal(err_fact_get(&e, FACT_SERVER), "dc7.corp.example.com");
    assert_int_equal(dir_ssf(d), 0);
    dir_close(d);
    kerb_unselect();
    kerb_cred_free(c);
    kerb_free(k);
}

static void test_paging(void **s UNUSED)
{
    struct bound b = as_joiner();
    static const char *const none[] = {"1.1", NULL};
    struct err e = {0};
    struct dir_op op = {
        .kind = DIR_SEARCH, .base = "OU=Many," BASE, .scope = DIR_ONE, .attrs = none, .page = 300};
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_int_equal(op.rc, 0);
    assert_int_equal(op.n_entries, 2000);
    assert_false(op.cut);
    dir_op_free(&op);
    op = (struct dir_op){.kind = DIR_SEARCH,
                         .base = "OU=Many," BASE,
                         .scope = DIR_ONE,
                         .attrs = none,
                         .page = 50,
                         .limit = 50};
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_int_equal(op.n_entries, 50);
    assert_true(op.cut);
    dir_op_free(&op);
    expect_search(&b);
    bound_done(&b);
}

static void test_ous(void **s UNUSED)
{
    struct bound b = as_admin();
    struct account_ous ous;
    struct err e = {0};
    assert_int_equal(account_list_ous(b.d, "OU=Many," BASE, false, NULL, 0, &ous, &e), 0);
    assert_int_equal(ous.n, 2000);
    assert_string_equal(ous.ou[0].name, "Branch office 0001");
    for (size_t i = 0; i < ous.n; i++)
        assert_true(ous.ou[i].may_create);
    account_ous_free(&ous);
    assert_int_equal(account_list_ous(b.d, "OU=Many," BASE, false, NULL, 30, &ous, &e), 0);
    assert_int_equal(ous.n, 30);
    assert_true(ous.cut);
    account_ous_free(&ous);
    assert_int_equal(account_list_ous(b.d, BASE, true, "office 19", 0, &ous, &e), 0);
    assert_int_equal(ous.n, 100);
    account_ous_free(&ous);
    assert_int_equal(account_list_ous(b.d, BASE, false, NULL, 0, &ous, &e), 0);
    for (size_t i = 0; i < ous.n; i++) {
        assert_string_not_equal(ous.ou[i].name, "System");
        assert_true(ous.ou[i].may_create);
    }
    account_ous_free(&ous);
    assert_int_equal(account_list_ous(b.d, "OU=Nowhere," BASE, false, NULL, 0, &ous, &e), -1);
    assert_int_equal(e.cause, CAUSE_OU_NOT_FOUND);
    bound_done(&b);
}

/* The delegated user sees exactly the one OU as usable. */
static void test_ous_delegated(void **s UNUSED)
{
    struct bound b = bound_as("deleg", "DELEG", NULL, "JT_DC_ADDR");
    struct account_ous ous;
    struct err e = {0};
    unsigned usable = 0;
    assert_int_equal(account_list_ous(b.d, BASE, false, NULL, 0, &ous, &e), 0);
    for (size_t i = 0; i < ous.n; i++) {
        usable += ous.ou[i].may_create;
        if (ous.ou[i].may_create)
            assert_string_equal(ous.ou[i].dn, "OU=Deleg," BASE);
    }
    assert_int_equal(usable, 1);
    assert_true(ous.n > 5);
    account_ous_free(&ous);
    bound_done(&b);
}

static void test_sid_names(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct err e = {0};
    struct dir_op op = {.kind = DIR_SEARCH, .base = BASE, .limit = 1};
    struct sid domain, sids[3] = {0};
    char *names[3];
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_true(dir_sid(&op.entries[0], "objectSid", &domain));
    sids[0] = sid_in(&domain, RID_DOMAIN_ADMINS);
    sids[1] = sid_builtin_administrators();
    sids[2] = sid_in(&domain, 4000000);
    assert_int_equal(account_sid_names(b.d, "CORP", sids, 3, names, &e), 0);
    assert_string_equal(names[0], "CORP\\Domain Admins");
    assert_string_equal(names[1], "Administrators");
    assert_non_null(strstr(names[2], "S-1-5-21-"));
    for (size_t i = 0; i < 3; i++)
        free(names[i]);
    dir_op_free(&op);
    bound_done(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spnego),    cmocka_unit_test(test_gssapi),
        cmocka_unit_test(test_ipv6),      cmocka_unit_test(test_anonymous),
        cmocka_unit_test(test_no_ticket), cmocka_unit_test(test_paging),
        cmocka_unit_test(test_ous),       cmocka_unit_test(test_ous_delegated),
        cmocka_unit_test(test_sid_names),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
