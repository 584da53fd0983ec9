/* The directory connection against servers that answer, lie, stall and vanish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "engine/dir/dir.h"
#include "tests/responder/responder.h"

static const struct play_entry kiosk = {
    .dn = "CN=KIOSK1,DC=corp",
    .attrs = {{.name = "cn", .vals = {"KIOSK1"}},
              {.name = "servicePrincipalName", .vals = {"HOST/a", "HOST/b"}},
              {.name = "userAccountControl", .vals = {"4096"}},
              {.name = "blob", .bytes = (const unsigned char *)"a\0b", .len = 3},
              {.name = "empty"}}};

static int64_t now_ms(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct dir_op search(void)
{
    return (struct dir_op){
        .kind = DIR_SEARCH, .base = "DC=corp", .scope = DIR_SUB, .filter = "(cn=*)"};
}

static void test_entry(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .entries = &kiosk, .n_entries = 1}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 1, &d, NULL);
    struct dir_op op = search();
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_true(op.done && op.rc == 0 && op.n_entries == 1);
    const struct dir_entry *en = &op.entries[0];
    uint32_t uac;
    struct strv spns = {0};
    assert_string_equal(en->dn, "CN=KIOSK1,DC=corp");
    assert_string_equal(dir_text(en, "CN"), "KIOSK1");
    assert_true(dir_u32(en, "userAccountControl", &uac) && uac == 4096);
    dir_texts(en, "servicePrincipalName", &spns);
    assert_int_equal(spns.n, 2);
    assert_true(dir_has_value(en, "servicePrincipalName", "host/B"));
    strv_free(&spns);
    assert_int_equal(dir_attr(en, "blob")->vals[0].len, 3);
    assert_null(dir_text(en, "blob"));
    assert_int_equal(dir_attr(en, "empty")->n, 0);
    assert_null(dir_text(en, "empty"));
    assert_null(dir_attr(en, "missing"));
    dir_op_free(&op);
    responder_free(r);
}

/* All requests leave before the first answer is needed, and each keeps its own result. */
static void test_pipeline(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .rc = 32, .diag = "gone", .matched = "DC=corp"},
                           {.req = REQ_SEARCH, .entries = &kiosk, .n_entries = 1},
                           {.req = REQ_ADD, .rc = 68, .diag = "there"},
                           {.req = REQ_DELETE, .rc = 50},
                           {.req = REQ_COMPARE, .rc = 6}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, ARRAY_SIZE(steps), &d, NULL);
    struct dir_op a = search(), b = search(), c = {.kind = DIR_ADD, .base = "CN=x"},
                  del = {.kind = DIR_DELETE, .base = "CN=y"},
                  cmp = {.kind = DIR_COMPARE,
                         .base = "CN=z",
                         .cmp_attr = "cn",
                         .cmp_val = {(const unsigned char *)"v", 1}};
    dir_mod_text(dir_mod(&c, DIR_MOD_ADD, "objectClass"), "computer");
    struct dir_op *ops[] = {&a, &b, &c, &del, &cmp};
    assert_int_equal(dir_run(d, ops, ARRAY_SIZE(ops), &e), 0);
    assert_int_equal(a.rc, 32);
    assert_string_equal(a.diag, "gone");
    assert_string_equal(a.matched, "DC=corp");
    assert_int_equal(b.n_entries, 1);
    assert_int_equal(c.rc, 68);
    assert_int_equal(del.rc, 50);
    assert_null(del.diag);
    assert_int_equal(cmp.rc, 6);
    assert_int_equal(e.code, 0);
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++)
        dir_op_free(ops[i]);
    responder_free(r);
}

/* A window: whichever ends is taken, the others stay under way. */
static void test_any(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_DELETE, .rc = 50},
                           {.req = REQ_COMPARE, .act = ACT_SILENCE},
                           {.req = REQ_SEARCH, .entries = &kiosk, .n_entries = 1}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, ARRAY_SIZE(steps), &d, NULL);
    struct dir_op never = {.kind = DIR_COMPARE,
                           .base = "CN=z",
                           .cmp_attr = "cn",
                           .cmp_val = {(const unsigned char *)"v", 1}},
                  del = {.kind = DIR_DELETE, .base = "CN=y"}, find = search();
    assert_int_equal(dir_collect_any(d, 0, &e), 0);
    assert_int_equal(dir_send(d, &never, &e), 0);
    assert_int_equal(dir_send(d, &del, &e), 0);
    while (!del.done)
        assert_int_equal(dir_collect_any(d, 0, &e), 0);
    assert_int_equal(del.rc, 50);
    assert_false(never.done);
    assert_int_equal(dir_send(d, &find, &e), 0);
    while (!find.done)
        assert_int_equal(dir_collect_any(d, 0, &e), 0);
    assert_int_equal(find.n_entries, 1);
    assert_false(never.done);
    assert_int_equal(dir_collect_any(d, 200, &e), -1);
    assert_int_equal(e.code, CODE_ERROR_TIMEOUT);
    assert_true(never.sent && !never.done);
    dir_op_free(&del);
    dir_op_free(&find);
    responder_free(r);
    dir_op_free(&never);
}

static void fire(void *token)
{
    cancel_fire(token);
}

/* After a cancel what was sent can still be waited for. */
static void test_any_cancelled(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_DELETE, .act = ACT_FIRE}, {.req = REQ_ADD, .rc = 68}};
    struct dir *d;
    struct err e = {0};
    struct cancel c;
    assert_int_equal(cancel_init(&c, &e), 0);
    struct responder *r = responder_start(steps, ARRAY_SIZE(steps), &d, &c);
    responder_hook(r, fire, &c);
    struct dir_op del = {.kind = DIR_DELETE, .base = "CN=y"},
                  add = {.kind = DIR_ADD, .base = "CN=x"};
    dir_mod_text(dir_mod(&add, DIR_MOD_ADD, "objectClass"), "computer");
    assert_int_equal(dir_send(d, &del, &e), 0);
    assert_int_equal(dir_collect_any(d, 0, &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    assert_false(dir_is_dead(d));
    dir_set_cancel(d, NULL);
    err_reset(&e);
    assert_int_equal(dir_send(d, &add, &e), 0);
    assert_int_equal(dir_collect_any(d, 0, &e), 0);
    assert_int_equal(add.rc, 68);
    dir_op_free(&add);
    responder_free(r);
    dir_op_free(&del);
    cancel_done(&c);
}

static void test_referral_is_not_followed(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .rc = 10, .referral = "ldap://127.0.0.1:1/DC=evil"},
                           {.req = REQ_SEARCH, .rc = 0}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 2, &d, NULL);
    struct dir_op op = search();
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_int_equal(op.rc, 10);
    assert_true(op.referral);
    dir_op_free(&op);
    op = search();
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_int_equal(op.rc, 0);
    dir_op_free(&op);
    responder_stop(r);
    assert_int_equal(responder_seen(r, REQ_SEARCH), 2);
    responder_free(r);
}

/* Transport failures: the code, the server's name, the connection dead, and no answer made up. */
static void expect_broken(enum act act, uint32_t code, enum cause cause)
{
    struct step steps[] = {{.req = REQ_ANY, .act = act, .repeat = true}};
    struct dir *d;
    struct err e = {0}, again = {0};
    struct responder *r = responder_start(steps, 1, &d, NULL);
    struct dir_op op = search(), op2 = search();
    dir_set_timeout(d, 400);
    int64_t start = now_ms();
    assert_int_equal(dir_run1(d, &op, &e), -1);
    assert_true(now_ms() - start < 5000);
    assert_int_equal(e.code, code);
    assert_int_equal(e.cause, cause);
    assert_string_equal(err_fact_get(&e, FACT_SERVER), "dc1.test");
    assert_true(op.sent && !op.done);
    assert_true(dir_is_dead(d));
    assert_int_equal(dir_run1(d, &op2, &again), -1);
    assert_int_not_equal(again.code, 0);
    assert_false(op2.sent);
    dir_op_free(&op);
    dir_op_free(&op2);
    responder_free(r);
}

static void test_silence(void **s UNUSED)
{
    expect_broken(ACT_SILENCE, 1460, CAUSE_NONE);
}

static void test_close(void **s UNUSED)
{
    expect_broken(ACT_CLOSE, 1722, CAUSE_DC_DIED);
}

static void test_half_answer_then_close(void **s UNUSED)
{
    expect_broken(ACT_HALF, 1722, CAUSE_DC_DIED);
}

static void test_half_answer_then_silence(void **s UNUSED)
{
    expect_broken(ACT_HALF_STAY, 1460, CAUSE_NONE);
}

static void test_garbage(void **s UNUSED)
{
    expect_broken(ACT_GARBAGE, 13, CAUSE_DC_LIED);
}

static void test_malformed_result(void **s UNUSED)
{
    expect_broken(ACT_BAD_RESULT, 13, CAUSE_DC_LIED);
}

static void test_malformed_entry(void **s UNUSED)
{
    expect_broken(ACT_BAD_ENTRY, 13, CAUSE_DC_LIED);
}

static void test_gigabyte(void **s UNUSED)
{
    expect_broken(ACT_HUGE, 13, CAUSE_DC_LIED);
}

static void test_notice_of_disconnection(void **s UNUSED)
{
    expect_broken(ACT_NOTICE, 1722, CAUSE_DC_DIED);
}

static void test_flood_of_references(void **s UNUSED)
{
    expect_broken(ACT_REF_FLOOD, 1460, CAUSE_NONE);
}

static void test_flood_is_cut(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .act = ACT_FLOOD}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 1, &d, NULL);
    struct dir_op op = search();
    op.limit = 50;
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_true(op.cut);
    assert_int_equal(op.n_entries, 50);
    assert_int_equal(op.rc, 4);
    dir_op_free(&op);
    responder_free(r);
}

static void test_foreign_message_id(void **s UNUSED)
{
    struct step steps[] = {
        {.req = REQ_SEARCH, .act = ACT_WRONG_ID, .entries = &kiosk, .n_entries = 1}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 1, &d, NULL);
    struct dir_op op = search();
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_int_equal(op.n_entries, 1);
    dir_op_free(&op);
    responder_free(r);
}

static void test_cancel(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .act = ACT_FIRE}, {.req = REQ_SEARCH, .rc = 0}};
    struct dir *d;
    struct err e = {0};
    struct cancel c;
    assert_int_equal(cancel_init(&c, &e), 0);
    struct responder *r = responder_start(steps, 2, &d, &c);
    responder_hook(r, fire, &c);
    struct dir_op op = search();
    int64_t start = now_ms();
    assert_int_equal(dir_run1(d, &op, &e), -1);
    assert_true(now_ms() - start < 2000);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    assert_false(dir_is_dead(d));
    dir_op_free(&op);
    /* A rollback goes on over the same connection. */
    err_reset(&e);
    op = search();
    assert_int_equal(dir_run1(d, &op, &e), -1);
    assert_false(op.sent);
    err_reset(&e);
    dir_set_cancel(d, NULL);
    assert_int_equal(dir_run1(d, &op, &e), 0);
    dir_op_free(&op);
    responder_free(r);
    cancel_done(&c);
}

/* A write that has left is not given up at once: its answer still counts. */
static void test_cancel_waits_for_a_write(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_DELETE, .act = ACT_FIRE_ANSWER},
                           {.req = REQ_DELETE, .act = ACT_SILENCE}};
    struct dir *d;
    struct err e = {0};
    struct cancel c;
    assert_int_equal(cancel_init(&c, &e), 0);
    struct responder *r = responder_start(steps, 2, &d, &c);
    responder_hook(r, fire, &c);
    struct dir_op op = {.kind = DIR_DELETE, .base = "CN=x", .grace_ms = 3000};
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_true(op.done);
    dir_op_free(&op);
    responder_free(r);
    cancel_done(&c);
}

static void test_cancel_grace_ends(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_DELETE, .act = ACT_FIRE}};
    struct dir *d;
    struct err e = {0};
    struct cancel c;
    assert_int_equal(cancel_init(&c, &e), 0);
    struct responder *r = responder_start(steps, 1, &d, &c);
    responder_hook(r, fire, &c);
    struct dir_op op = {.kind = DIR_DELETE, .base = "CN=x", .grace_ms = 100};
    int64_t start = now_ms();
    assert_int_equal(dir_run1(d, &op, &e), -1);
    assert_true(now_ms() - start < 5000);
    assert_true(op.sent && !op.done);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    assert_true(dir_is_dead(d));
    dir_op_free(&op);
    responder_free(r);
    cancel_done(&c);
}

static void test_host_name_is_checked(void **s UNUSED)
{
    static const char *const bad[] = {"", "dc1/x", "dc1:1", "ldap://x", "dc 1", "dc1?x"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct dir *d;
        struct err e = {0};
        assert_int_equal(dir_open(&d, -1, bad[i], NULL, &e), -1);
        assert_null(d);
        assert_int_equal(e.cause, CAUSE_DC_LIED);
    }
}

static void test_bind_needs_a_mechanism(void **s UNUSED)
{
    struct dir *d;
    struct err e = {0};
    struct strv mechs = {0};
    struct responder *r = responder_start(NULL, 0, &d, NULL);
    strv_add(&mechs, "PLAIN");
    strv_add(&mechs, "DIGEST-MD5");
    assert_int_equal(dir_bind(d, &mechs, &e), -1);
    assert_int_equal(e.cause, CAUSE_BIND_NO_MECH);
    assert_int_equal(e.code, 1703);
    strv_free(&mechs);
    responder_stop(r);
    assert_int_equal(responder_seen(r, REQ_BIND), 0);
    responder_free(r);
}

static void test_root(void **s UNUSED)
{
    static const struct play_entry root = {
        .dn = "",
        .attrs = {{.name = "defaultNamingContext", .vals = {"DC=corp"}},
                  {.name = "currentTime", .vals = {"20240229120000.0Z"}},
                  {.name = "supportedSASLMechanisms", .vals = {"GSS-SPNEGO", "GSSAPI"}},
                  {.name = "isSynchronized", .vals = {"FALSE"}}}};
    struct step steps[] = {{.req = REQ_SEARCH, .entries = &root, .n_entries = 1},
                           {.req = REQ_SEARCH}};
    struct dir *d;
    struct err e = {0};
    struct dir_root root_facts;
    struct dir_op op;
    struct responder *r = responder_start(steps, 2, &d, NULL);
    dir_root_op(&op);
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_int_equal(dir_root_parse(&root_facts, &op, &e), 0);
    assert_string_equal(root_facts.default_nc, "DC=corp");
    assert_string_equal(root_facts.config_nc, "");
    assert_int_equal(root_facts.current_time, 1709208000);
    assert_int_equal(root_facts.mechs.n, 2);
    assert_false(root_facts.synchronized);
    dir_root_free(&root_facts);
    dir_op_free(&op);
    dir_root_op(&op);
    assert_int_equal(dir_run1(d, &op, &e), 0);
    assert_int_equal(dir_root_parse(&root_facts, &op, &e), -1);
    assert_int_equal(e.cause, CAUSE_DC_LIED);
    dir_op_free(&op);
    responder_free(r);
}

/* An operation dropped while under way does no harm when its answer comes later. */
static void test_drop_under_way(void **s UNUSED)
{
    struct step steps[] = {{.req = REQ_SEARCH, .entries = &kiosk, .n_entries = 1},
                           {.req = REQ_SEARCH, .rc = 5}};
    struct dir *d;
    struct err e = {0};
    struct responder *r = responder_start(steps, 2, &d, NULL);
    struct dir_op a = search(), b = search();
    assert_int_equal(dir_send(d, &a, &e), 0);
    dir_op_free(&a);
    assert_int_equal(dir_run1(d, &b, &e), 0);
    assert_int_equal(b.rc, 5);
    dir_op_free(&b);
    a = search();
    assert_int_equal(dir_send(d, &a, &e), 0);
    responder_free(r);
    dir_op_free(&a);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entry),
        cmocka_unit_test(test_pipeline),
        cmocka_unit_test(test_any),
        cmocka_unit_test(test_any_cancelled),
        cmocka_unit_test(test_referral_is_not_followed),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_close),
        cmocka_unit_test(test_half_answer_then_close),
        cmocka_unit_test(test_half_answer_then_silence),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_malformed_result),
        cmocka_unit_test(test_malformed_entry),
        cmocka_unit_test(test_gigabyte),
        cmocka_unit_test(test_notice_of_disconnection),
        cmocka_unit_test(test_flood_of_references),
        cmocka_unit_test(test_flood_is_cut),
        cmocka_unit_test(test_foreign_message_id),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_cancel_waits_for_a_write),
        cmocka_unit_test(test_cancel_grace_ends),
        cmocka_unit_test(test_host_name_is_checked),
        cmocka_unit_test(test_bind_needs_a_mechanism),
        cmocka_unit_test(test_root),
        cmocka_unit_test(test_drop_under_way),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
