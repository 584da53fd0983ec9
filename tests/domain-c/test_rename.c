/*
 * What a rename tells beforehand: the plan, the state of the new name, the checks; and that it does
 * what was told. Runs inside tests/domain/exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/engine.h"
#include "tests/domain-c/drive.h"

static struct engine *eng;
static struct strv changes; /* "kind object|what|detail" of the last plan */

static void seen(struct drive *d, const struct engine_msg *m)
{
    (void)d;
    if (m->kind == MSG_CHANGE)
        strv_addf(&changes, "%d %s|%s|%s", (int)m->u.change.kind, m->u.change.object,
                  m->u.change.what, m->u.change.detail);
}

static struct settings *answers(const char *operation, const char *name)
{
    struct settings *s = drive_settings("JT_ADMIN_PASSWORD_FILE", "Administrator");
    drive_set(s, OPT_OPERATION, operation);
    drive_set(s, OPT_MACHINE_NAME, name);
    return s;
}

static int setup(void **state)
{
    (void)state;
    struct err e = {0};
    struct engine_config cfg = {.root = getenv("JT_ROOT")};
    if (!cfg.root || engine_open(&eng, &cfg, &e) < 0) {
        fprintf(stderr, "engine_open: %s %s\n", code_symbol(e.code), e.raw);
        return -1;
    }
    struct drive d = {.e = eng};
    drive_run(&d, JOB_RUN, answers("join", "REN-PLAN1"), NULL);
    return d.err.code ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    strv_free(&changes);
    engine_close(eng);
    eng = NULL;
    return 0;
}

static bool planned(const char *part)
{
    for (size_t i = 0; i < changes.n; i++) {
        if (strstr(changes.s[i], part))
            return true;
    }
    fprintf(stderr, "not in the plan: %s\n", part);
    for (size_t i = 0; i < changes.n; i++)
        fprintf(stderr, "  %s\n", changes.s[i]);
    return false;
}

static void test_plan(void **state)
{
    (void)state;
    struct drive d = {.e = eng, .seen = seen};
    drive_run(&d, JOB_PLAN, answers("rename", "ren-plan2"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.failed_verdicts, 0);
    assert_true(planned("|Account name|-REN-PLAN1$\n+REN-PLAN2$"));
    assert_true(planned("|Host name in the directory|-ren-plan1.corp.example.com\n"
                        "+ren-plan2.corp.example.com"));
    assert_true(planned("-HOST/REN-PLAN1"));
    assert_true(planned("+RestrictedKrbHost/ren-plan2.corp.example.com"));
    assert_true(planned("|Name of the object|-CN=REN-PLAN1\n+CN=REN-PLAN2"));
    assert_true(planned("/etc/krb5.keytab|"));
    assert_true(planned("/etc/hostname|"));
    assert_true(planned("+ad_hostname=ren-plan2.corp.example.com"));
    assert_true(planned("/etc/hosts|"));
    size_t all = changes.n;
    strv_free(&changes);

    struct settings *s = answers("rename", "ren-plan2");
    drive_set(s, OPT_FLAG_ACCT_CREATE, "no");
    drive_run(&d, JOB_PLAN, s, NULL);
    assert_int_equal(d.err.code, 0);
    assert_true(changes.n < all);
    for (size_t i = 0; i < changes.n; i++)
        assert_true(changes.s[i][0] != '0' + CHANGE_DIRECTORY);
    strv_free(&changes);

    drive_run(&d, JOB_PLAN, answers("rename", "ren-plan1"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(changes.n, 0);
    drive_done(&d);
}

static enum name_state state_of(struct drive *d, const char *name)
{
    drive_run(d, JOB_NAME, answers("rename", name), NULL);
    assert_int_equal(d->err.code, 0);
    assert_non_null(d->name);
    return d->name->u.name.state;
}

static void test_name(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    assert_int_equal(state_of(&d, "ren-plan2"), NAME_FREE);
    assert_string_equal(d.name->u.name.account, "REN-PLAN2$");
    assert_string_equal(d.name->u.name.fqdn, "ren-plan2.corp.example.com");
    assert_int_equal(state_of(&d, "Ren-Plan1"), NAME_OWN);
    assert_int_equal(state_of(&d, "pre-owned"), NAME_TAKEN);
    assert_int_equal(d.name->u.name.why.code, 2224);
    assert_non_null(strstr(d.name->u.name.dn, "CN=PRE-OWNED,"));
    assert_int_equal(state_of(&d, "clash"), NAME_REFUSED);
    assert_int_equal(d.name->u.name.why.code, 8647);
    drive_done(&d);
}

static void test_check(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    drive_run(&d, JOB_CHECK, answers("rename", "ren-plan2"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.failed_verdicts, 0);
    assert_int_equal(d.verdict[CHECK_SECRET], VERDICT_OK);
    assert_int_equal(d.verdict[CHECK_RIGHTS], VERDICT_OK);
    assert_true(d.verdicts > 10);

    drive_run(&d, JOB_CHECK, answers("rename", "pre-owned"), NULL);
    assert_int_equal(d.verdict[CHECK_NAME], VERDICT_FAIL);
    assert_int_equal(d.verdict_err[CHECK_NAME].cause, CAUSE_NEW_NAME_TAKEN);

    struct settings *s = drive_settings("JT_USER1_PASSWORD_FILE", "user1");
    drive_set(s, OPT_OPERATION, "rename");
    drive_set(s, OPT_MACHINE_NAME, "ren-plan2");
    drive_run(&d, JOB_CHECK, s, NULL);
    assert_int_equal(d.verdict[CHECK_RIGHTS], VERDICT_FAIL);
    assert_int_equal(d.verdict_err[CHECK_RIGHTS].cause, CAUSE_RENAME_NOT_ALLOWED);
    assert_non_null(err_fact_get(&d.verdict_err[CHECK_RIGHTS], FACT_COMMAND));
    drive_done(&d);
}

static void test_run(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    drive_run(&d, JOB_RUN, answers("rename", "ren-plan2"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.steps[STEP_RENAME], STEP_OK);
    assert_int_equal(d.steps[STEP_VERIFY], STEP_OK);
    assert_int_equal(state_of(&d, "ren-plan2"), NAME_OWN);
    assert_int_equal(state_of(&d, "ren-plan1"), NAME_FREE);
    drive_run(&d, JOB_STATUS, answers("rename", ""), NULL);
    assert_int_equal(d.failed_verdicts, 0);
    drive_done(&d);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_name),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_run),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    struct err e = {0};
    if (engine_setup_process(&e) < 0)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
