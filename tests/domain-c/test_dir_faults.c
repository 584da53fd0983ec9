/* A controller that stops, dies, or is cut off in the middle of a write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "engine/net/net.h"
#include "tests/domain-c/dir_help.h"

#define KIOSKS "OU=Kiosks," BASE

static const struct account_policy policy = {.acct_create = true};

static void fault(const char *spec)
{
    AUTOFREE char *command = xasprintf("tests/domain/fault \"$JT_DIR\" %s >&2", spec);
    int rc = system(command);
    assert_true(WIFEXITED(rc) && WEXITSTATUS(rc) == 0);
}

static int clear(void **s UNUSED)
{
    fault("dc:cont");
    fault("clear");
    return 0;
}

static void test_stopped(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct dir_op op = {.kind = DIR_SEARCH, .base = BASE, .limit = 1};
    struct err e = {0};
    dir_set_timeout(b.d, 1000);
    fault("dc:stop");
    int64_t start = net_now_ms();
    assert_int_equal(dir_run1(b.d, &op, &e), -1);
    assert_true(net_now_ms() - start < 5000);
    fault("dc:cont");
    assert_int_equal(e.code, 1460);
    assert_string_equal(err_fact_get(&e, FACT_SERVER), env("JT_DC"));
    assert_true(dir_is_dead(b.d));
    dir_op_free(&op);
    bound_done(&b);
}

static void test_cancelled_while_stopped(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct dir_op op = {.kind = DIR_SEARCH, .base = BASE, .limit = 1};
    struct err e = {0};
    struct cancel c;
    struct dir_op *ops[] = {&op};
    assert_int_equal(cancel_init(&c, &e), 0);
    dir_set_cancel(b.d, &c);
    fault("dc:stop");
    assert_int_equal(dir_send(b.d, &op, &e), 0);
    cancel_fire(&c);
    int64_t start = net_now_ms();
    assert_int_equal(dir_collect(b.d, ops, 1, 0, &e), -1);
    assert_true(net_now_ms() - start < 1000);
    fault("dc:cont");
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    dir_op_free(&op);
    bound_done(&b);
    cancel_done(&c);
}

/* The add is lost on the way there, or its answer on the way back: we cannot know which, and say
 * so; a new connection tells, and nothing arrives later. */
static void lose_add(const char *spec, int timeout_ms, const char *name, const char *fqdn,
                     enum account_outcome want)
{
    struct bound b = as_joiner();
    struct account_names n = names_for(name, fqdn, KIOSKS);
    struct account_facts f;
    struct account_decision d;
    struct account_id id;
    enum account_outcome outcome;
    struct secret pw = {0};
    struct err e = {0};
    struct dir_root root;
    struct dir_op op;
    char *dn;
    random_password(&pw);
    dir_root_op(&op);
    assert_int_equal(dir_run1(b.d, &op, &e), 0);
    assert_int_equal(dir_root_parse(&root, &op, &e), 0);
    dir_op_free(&op);
    facts_and_decision(&b, &n, &policy, &f, &d);
    dir_set_timeout(b.d, timeout_ms);
    fault(spec);
    assert_int_equal(account_create(b.d, &f, &n, &policy, &pw, &id, &outcome, &e), -1);
    assert_int_equal(outcome, ACCOUNT_UNKNOWN_OUTCOME);
    assert_int_equal(e.code, 1460);
    bound_done(&b);
    fault("clear");
    err_reset(&e);
    b = as_joiner();
    /* What is still on its way may take a moment; then the answer stays what it is. */
    outcome = ACCOUNT_NOT_DONE;
    for (int i = 0; i < 500 && outcome != want; i++) {
        assert_int_equal(account_find_out(b.d, &n, root.current_time, &outcome, &dn, &e), 0);
        free(dn);
    }
    for (int i = 0; i < 3; i++) {
        assert_int_equal(account_find_out(b.d, &n, root.current_time, &outcome, &dn, &e), 0);
        assert_int_equal(outcome, want);
        assert_int_equal(dn != NULL, want == ACCOUNT_DONE);
        free(dn);
    }
    if (want == ACCOUNT_DONE) {
        struct bound m = as_machine(name, &pw);
        bound_done(&m);
        assert_int_equal(kerb_select(b.c, &e), 0);
        AUTOFREE char *made = xasprintf("CN=%s," KIOSKS, name);
        must_delete(&b, made);
    }
    account_facts_free(&f);
    dir_root_free(&root);
    secret_free(&pw);
    bound_done(&b);
}

static void test_add_never_arrived(void **s UNUSED)
{
    lose_add("cut", 1500, "LOST-1", "lost-1.corp.example.com", ACCOUNT_NOT_DONE);
}

static void test_answer_never_arrived(void **s UNUSED)
{
    /* The add needs 600 ms to get there, and its answer as long to come back. */
    lose_add("delay:600", 900, "LOST-2", "lost-2.corp.example.com", ACCOUNT_DONE);
}

static void test_killed(void **s UNUSED)
{
    struct bound b = as_joiner();
    struct dir_op op = {.kind = DIR_SEARCH, .base = BASE, .limit = 1};
    struct err e = {0};
    fault("dc:kill");
    assert_int_equal(dir_run1(b.d, &op, &e), -1);
    fault("dc:start");
    assert_int_equal(e.cause, CAUSE_DC_DIED);
    assert_string_equal(err_fact_get(&e, FACT_SERVER), env("JT_DC"));
    dir_op_free(&op);
    bound_done(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_stopped, clear),
        cmocka_unit_test_teardown(test_cancelled_while_stopped, clear),
        cmocka_unit_test_teardown(test_add_never_arrived, clear),
        cmocka_unit_test_teardown(test_answer_never_arrived, clear),
        cmocka_unit_test_teardown(test_killed, clear),
    };
    dir_setup_process();
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
