/*
 * The engine joins the test domain and leaves it again, driven as the user interface drives it: requests in,
 * messages out. Runs inside tests/domain/exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/engine.h"
#include "tests/domain-c/drive.h"

static struct engine *eng;

static int setup(void **state)
{
    (void)state;
    struct err e = {0};
    struct engine_config cfg = {.root = getenv("JT_ROOT")};
    if (!cfg.root || engine_open(&eng, &cfg, &e) < 0) {
        fprintf(stderr, "engine_open: %s %s\n", code_symbol(e.code), e.raw);
        return -1;
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    engine_close(eng);
    eng = NULL;
    return 0;
}

static struct settings *answers(const char *name)
{
    struct settings *s = drive_settings("JT_ADMIN_PASSWORD_FILE", "Administrator");
    drive_set(s, OPT_MACHINE_NAME, name);
    return s;
}

static void test_join_and_leave(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    drive_run(&d, JOB_RUN, answers("ENGINE-01"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.steps[STEP_COMMIT], STEP_OK);
    assert_int_equal(d.steps[STEP_VERIFY], STEP_OK);

    drive_run(&d, JOB_STATUS, answers("ENGINE-01"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.failed_verdicts, 0);

    struct settings *s = answers("ENGINE-01");
    drive_run(&d, JOB_RUN, s, NULL);
    assert_int_equal(d.err.code, cause_code(CAUSE_ALREADY_JOINED));

    s = answers("ENGINE-01");
    drive_set(s, OPT_OPERATION, "leave");
    drive_set(s, OPT_FLAG_ACCT_DELETE, "yes");
    drive_run(&d, JOB_RUN, s, NULL);
    assert_int_equal(d.err.code, 0);
}

static void test_wrong_password(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    struct settings *s = answers("ENGINE-02");
    assert_int_equal(secret_set(&s->password, "not-the-password", 16), 0);
    drive_run(&d, JOB_RUN, s, NULL);
    assert_int_equal(d.err.code, 1326);
    assert_int_equal(d.err.cause, CAUSE_KDC_WRONG_PASSWORD);
    assert_true(d.undone);
}

static void test_check_writes_nothing(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    drive_run(&d, JOB_CHECK, answers("ENGINE-03"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.failed_verdicts, 0);
    assert_true(d.verdicts > 12);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_join_and_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_password, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_writes_nothing, setup, teardown),
    };
    struct err e = {0};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (engine_setup_process(&e) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
