/* What Samba's controller really says when it refuses, and what account_explain makes of it.
 * Requests are put together by hand where the account functions would not send such a thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"
#include "tests/domain-c/dir_help.h"

#define KIOSKS "OU=Kiosks," BASE
#define DOMAIN ".corp.example.com"
static const struct account_policy policy = {.acct_create = true};

/* Runs the operation and compares what its refusal is called. */
static void expect(struct bound *b, struct dir_op *op, enum account_op kind, int rc, uint32_t code,
                   enum cause cause)
{
    struct err e = {0};
    assert_int_equal(dir_run1(b->d, op, &e), 0);
    print_message("%d %s\n", op->rc, op->diag ? op->diag : "");
    assert_int_equal(op->rc, rc);
    account_explain(kind, op->rc, op->diag, op->base, dir_host(b->d), &e);
    assert_int_equal(e.cause, cause);
    assert_int_equal(e.code, code);
    dir_op_free(op);
}

static struct dir_op add_op(const char *dn, const char *sam, const char *uac)
{
    struct dir_op op = {.kind = DIR_ADD, .base = dn};
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "objectClass"), "computer");
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "sAMAccountName"), sam);
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "userAccountControl"), uac);
    return op;
}

static struct dir_op set_op(const char *dn, const char *attr, const char *value)
{
    struct dir_op op = {.kind = DIR_MODIFY, .base = dn};
    dir_mod_text(dir_mod(&op, DIR_MOD_REPLACE, attr), value);
    return op;
}

static void test_create_refused(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct dir_op op = add_op("CN=REF1,OU=Deleg," BASE, "REF1$", "4096");
    expect(&b, &op, ACCOUNT_OP_ADD, 50, 5, CAUSE_NO_CREATE_RIGHT);
    op = add_op("CN=REF1,OU=Nowhere," BASE, "REF1$", "4096");
    expect(&b, &op, ACCOUNT_OP_ADD, 32, 2, CAUSE_OU_NOT_FOUND);
    op = add_op("CN=REF1,OU=Kiosks,DC=other,DC=example", "REF1$", "4096");
    expect(&b, &op, ACCOUNT_OP_ADD, 32, 2, CAUSE_OU_NOT_FOUND);
    op = add_op("CN=REF1,Kiosks", "REF1$", "4096");
    expect(&b, &op, ACCOUNT_OP_ADD, 34, 87, CAUSE_OU_MALFORMED);
    op = add_op("CN=PRE-OWNED," KIOSKS, "REF1$", "4096");
    expect(&b, &op, ACCOUNT_OP_ADD, 68, 2224, CAUSE_NAME_TAKEN);
    op = add_op("CN=REF1," KIOSKS, "PRE-OWNED$", "4096");
    expect(&b, &op, ACCOUNT_OP_ADD, 68, 2224, CAUSE_NAME_TAKEN);
    bound_done(&b);
}

static void test_options_refused(void **s UNUSED)
{
    struct bound b = bound_as("deleg", "DELEG", NULL, "JT_DC_ADDR");
    struct dir_op op =
        add_op("CN=REF2,OU=Deleg," BASE, "REF2$", "528384"); /* trusted for delegation */
    expect(&b, &op, ACCOUNT_OP_ADD, 50, 8423, CAUSE_UAC_REFUSED);
    op = add_op("CN=REF2,OU=Deleg," BASE, "REF2$", "532480"); /* a controller */
    expect(&b, &op, ACCOUNT_OP_ADD, 50, 8423, CAUSE_UAC_REFUSED);
    bound_done(&b);
}

static void test_clashes_refused(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct dir_op op = add_op("CN=REF3," KIOSKS, "REF3$", "4096");
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "servicePrincipalName"), "HOST/clash" DOMAIN);
    expect(&b, &op, ACCOUNT_OP_ADD, 19, 8647, CAUSE_SPN_CLASH);
    /* An alias of it: http is one of the services that HOST stands for. */
    op = add_op("CN=REF3," KIOSKS, "REF3$", "4096");
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "servicePrincipalName"), "http/clash" DOMAIN);
    expect(&b, &op, ACCOUNT_OP_ADD, 50, 8647, CAUSE_SPN_CLASH);
    bound_done(&b);
}

/* The other way round: somebody has http/ref6, and REF6 wants HOST/ref6. What the decision says
 * must come true. */
static void test_alias_clash(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_names n = names_for("REF6", "ref6" DOMAIN, KIOSKS);
    struct account_facts f;
    struct account_decision d;
    struct account_id id = {0};
    enum account_outcome outcome;
    struct secret pw = {0};
    struct err e = {0};
    struct dir_op op = add_op("CN=WEB6," KIOSKS, "WEB6$", "4096");
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "servicePrincipalName"), "http/ref6" DOMAIN);
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_int_equal(op.rc, 0);
    dir_op_free(&op);
    random_password(&pw);
    facts_and_decision(&b, &n, &policy, &f, &d);
    assert_int_equal(f.n_clashes, 1);
    assert_true(f.clashes[0].alias);
    int rc = account_create(b.d, &f, &n, &policy, &pw, &id, &outcome, &e);
    print_message("decision %d, create %d: %u %s\n", (int)d.action, rc, e.code, e.raw);
    assert_int_equal(rc == 0, d.action == ACCOUNT_CREATE);
    assert_int_equal(e.code, d.err.code);
    must_delete(&b, "CN=WEB6," KIOSKS);
    if (rc == 0)
        must_delete(&b, id.dn);
    account_id_free(&id);
    account_facts_free(&f);
    secret_free(&pw);
    bound_done(&b);
}

static void test_password_refused(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct dir_op op = set_op("CN=PRE-OWNED," KIOSKS, "unicodePwd", "not quoted");
    expect(&b, &op, ACCOUNT_OP_PASSWORD, 53, 87, CAUSE_NONE);
    bound_done(&b);
    b = bound_as("user1", "USER1", NULL, "JT_DC_ADDR");
    struct secret pw = {0}, quoted = {0};
    random_password(&pw);
    assert_int_equal(unicode_pwd(&quoted, &pw), 0);
    op = (struct dir_op){.kind = DIR_MODIFY, .base = "CN=PRE-OWNED," KIOSKS};
    dir_mod_secret(dir_mod(&op, DIR_MOD_REPLACE, "unicodePwd"), &quoted);
    expect(&b, &op, ACCOUNT_OP_PASSWORD, 50, 5, CAUSE_RESET_NOT_ALLOWED);
    op = set_op("CN=PRE-OWNED," KIOSKS, "userAccountControl", "4098");
    expect(&b, &op, ACCOUNT_OP_UAC, 50, 5, CAUSE_WRITE_NOT_ALLOWED);
    op = set_op("CN=PRE-OWNED," KIOSKS, "description", "mine now");
    expect(&b, &op, ACCOUNT_OP_DESCRIBE, 50, 5, CAUSE_WRITE_NOT_ALLOWED);
    op = (struct dir_op){.kind = DIR_DELETE, .base = "CN=PRE-OWNED," KIOSKS};
    expect(&b, &op, ACCOUNT_OP_DELETE, 50, 5, CAUSE_OBJECT_LEFT);
    secret_free(&quoted);
    secret_free(&pw);
    bound_done(&b);
}

/* A machine writes its own names: the rules for validated writes. */
static void test_names_refused(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_names n = names_for("REF4", "ref4" DOMAIN, KIOSKS);
    struct secret pw = {0};
    struct account_id id = {0};
    struct err e = {0};
    random_password(&pw);
    must_create(&b, &n, &pw, &id);
    struct bound m = as_machine("REF4", &pw);
    struct dir_op op = set_op(id.dn, "dNSHostName", "ref4.example.org");
    expect(&m, &op, ACCOUNT_OP_NAMES, 19, 8203, CAUSE_DNSHOST_SUFFIX);
    op = (struct dir_op){.kind = DIR_MODIFY, .base = id.dn};
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "servicePrincipalName"), "HOST/somebody.example.org");
    expect(&m, &op, ACCOUNT_OP_NAMES, 19, 8203, CAUSE_SPN_SUFFIX);
    op = (struct dir_op){.kind = DIR_MODIFY, .base = id.dn};
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "servicePrincipalName"), "HOST/REF4");
    expect(&m, &op, ACCOUNT_OP_NAMES, 20, 8205, CAUSE_NONE);
    bound_done(&m);
    assert_int_equal(kerb_select(b.c, &e), 0);
    must_delete(&b, id.dn);
    account_id_free(&id);
    secret_free(&pw);
    bound_done(&b);
}

static void test_delete_with_children(void **s UNUSED)
{
    struct bound b = as_admin();
    struct account_names n = names_for("REF5", "ref5" DOMAIN, KIOSKS);
    struct account_facts f;
    struct account_decision d;
    struct secret pw = {0};
    struct account_id id = {0};
    struct err e = {0};
    random_password(&pw);
    must_create(&b, &n, &pw, &id);
    AUTOFREE char *child = dn_child("CN", "point", id.dn);
    struct dir_op op = {.kind = DIR_ADD, .base = child};
    dir_mod_text(dir_mod(&op, DIR_MOD_ADD, "objectClass"), "serviceConnectionPoint");
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_int_equal(op.rc, 0);
    dir_op_free(&op);
    facts_and_decision(&b, &n, &policy, &f, &d);
    assert_int_equal(f.existing->n_children, 1);
    account_facts_free(&f);
    assert_int_equal(account_delete(b.d, id.dn, false, &e), -1);
    print_message("%s\n", e.raw);
    assert_int_equal(e.cause, CAUSE_ACCOUNT_HAS_CHILDREN);
    err_reset(&e);
    assert_int_equal(account_delete(b.d, id.dn, true, &e), 0);
    assert_null(read_value(&b, id.dn, "cn"));
    account_id_free(&id);
    secret_free(&pw);
    bound_done(&b);
}

/* Two machines, one right after the other, with the same first 15 characters: the first keeps its
 * account. */
static void test_second_machine(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct account_names one = names_for("ANOTHER-LONG-HO", "another-long-host-01" DOMAIN, KIOSKS);
    struct account_names two = names_for("ANOTHER-LONG-HO", "another-long-host-02" DOMAIN, KIOSKS);
    struct account_facts f;
    struct account_decision d;
    struct secret pw = {0};
    struct account_id id = {0}, again = {0};
    struct err e = {0};
    random_password(&pw);
    must_create(&b, &one, &pw, &id);
    facts_and_decision(&b, &two, &policy, &f, &d);
    assert_int_equal(d.action, ACCOUNT_REFUSE);
    assert_int_equal(d.err.cause, CAUSE_NAME_TAKEN_15);
    assert_string_equal(err_fact_get(&d.err, FACT_VALUE), "another-long-host-01" DOMAIN);
    account_facts_free(&f);
    /* Its own next join is fine. */
    facts_and_decision(&b, &one, &policy, &f, &d);
    assert_int_equal(d.action, ACCOUNT_TAKE_OVER);
    account_facts_free(&f);
    assert_int_equal(account_read_back(b.d, &one, id.dn, &again, &e), 0);
    assert_int_equal(again.kvno, id.kvno);
    must_delete(&b, id.dn);
    account_id_free(&id);
    account_id_free(&again);
    secret_free(&pw);
    bound_done(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_refused),       cmocka_unit_test(test_options_refused),
        cmocka_unit_test(test_clashes_refused),      cmocka_unit_test(test_alias_clash),
        cmocka_unit_test(test_password_refused),     cmocka_unit_test(test_names_refused),
        cmocka_unit_test(test_delete_with_children), cmocka_unit_test(test_second_machine),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
