/*
 * The engine joins the test domain and leaves it again, driven as the user interface drives it:
 * requests in, messages out. Runs inside tests/domain/exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/strv.h"
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

static void fault(const char *spec)
{
    AUTOFREE char *command = xasprintf("tests/domain/fault \"$JT_DIR\" %s >&2", spec);
    int rc = system(command);
    assert_true(WIFEXITED(rc) && WEXITSTATUS(rc) == 0);
}

/* The person reads a page for so long that the controller ends the idle connection. */
static void test_connection_ended_between_jobs(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    drive_run(&d, JOB_LOGIN, answers("ENGINE-04"), NULL);
    assert_int_equal(d.err.code, 0);
    fault("dc:kill dc:start");
    drive_run(&d, JOB_NAME, answers("ENGINE-04"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_non_null(d.name);
    drive_done(&d);
}

static bool pending(void)
{
    AUTOFREE char *log = xasprintf("%s/var/lib/joinery/journal/log", getenv("JT_ROOT"));
    return access(log, F_OK) == 0;
}

/* Once the commit is decided nothing is taken back, least of all the account: it can only be
 * finished. */
static void test_commit_that_fails_is_finished(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    AUTOFREE char *dir = xasprintf("%s/var/lib/joinery", getenv("JT_ROOT"));
    AUTOFREE char *in_the_way = xasprintf("%s/backup", dir);
    (void)mkdir(dir, 0700);
    (void)rmdir(in_the_way);
    FILE *f = fopen(in_the_way, "w");
    assert_non_null(f);
    fclose(f);
    drive_run(&d, JOB_RUN, answers("ENGINE-05"), NULL);
    assert_int_not_equal(d.err.code, 0);
    assert_int_equal(d.steps[STEP_VERIFY], STEP_OK);
    assert_int_equal(d.steps[STEP_COMMIT], STEP_FAILED);
    assert_false(d.undone);
    assert_true(d.directory_changed);
    assert_string_equal(err_fact_get(&d.err, FACT_LEFT), "joinery --recover");
    assert_true(pending());
    assert_int_equal(unlink(in_the_way), 0);
    drive_run(&d, JOB_RECOVER, answers("ENGINE-05"), NULL);
    assert_int_equal(d.err.code, 0);
    assert_false(pending());
    drive_run(&d, JOB_STATUS, answers("ENGINE-05"), NULL);
    assert_int_equal(d.failed_verdicts, 0);
    struct settings *s = answers("ENGINE-05");
    drive_set(s, OPT_OPERATION, "leave");
    drive_run(&d, JOB_CHECK, s, NULL);
    assert_int_equal(d.failed_verdicts, 0);
    s = answers("ENGINE-05");
    drive_set(s, OPT_OPERATION, "leave");
    drive_run(&d, JOB_RUN, s, NULL);
    assert_int_equal(d.err.code, 0);
}

static void cancel_at_machine(struct drive *d, const struct engine_msg *m)
{
    if (m->kind == MSG_STEP && m->u.step.step == STEP_MACHINE && m->u.step.state == STEP_RUNNING)
        engine_cancel(d->e);
}

/* The wire is slow, so that the cancel comes while the machine logs in. */
static void test_cancel_says_what_was_undone(void **state)
{
    (void)state;
    struct drive d = {.e = eng, .seen = cancel_at_machine};
    fault("delay:100");
    drive_run(&d, JOB_RUN, answers("ENGINE-06"), NULL);
    fault("clear");
    assert_int_equal(d.err.code, 1223);
    assert_int_equal(d.err.cause, CAUSE_CANCELLED_UNDONE);
    assert_true(d.undone);
    assert_false(d.directory_changed);
    assert_int_equal(d.steps[STEP_ACCOUNT], STEP_UNDONE);
    assert_false(pending());
}

/* While the machine's login hangs the controller restarts: the undoing finds its connection ended,
 * and makes another. */
static void restart_at_machine(struct drive *d, const struct engine_msg *m)
{
    if (m->kind != MSG_STEP || m->u.step.step != STEP_MACHINE || m->u.step.state != STEP_RUNNING)
        return;
    fault("drop:88/tcp");
    fault("dc:kill dc:start");
    engine_cancel(d->e);
}

static void test_undo_over_a_new_connection(void **state)
{
    (void)state;
    struct drive d = {.e = eng, .seen = restart_at_machine};
    fault("delay:200");
    drive_run(&d, JOB_RUN, answers("ENGINE-10"), NULL);
    fault("clear");
    assert_int_equal(d.err.cause, CAUSE_CANCELLED_UNDONE);
    assert_int_equal(d.steps[STEP_ACCOUNT], STEP_UNDONE);
    assert_true(d.undone);
}

/* In a process of its own, which ends itself at `point`. */
static void killed_at(const char *point, const char *name,
                      void (*seen)(struct drive *, const struct engine_msg *))
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct engine_config cfg = {.root = getenv("JT_ROOT")};
        struct err e = {0};
        setenv("JOINERY_TEST_KILL", point, 1);
        struct drive d = {.seen = seen};
        if (engine_open(&d.e, &cfg, &e) == 0)
            drive_run(&d, JOB_RUN, answers(name), NULL);
        _exit(1);
    }
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* Going back that was begun is gone through with, without the network; forward is no way any more.
 */
static void test_killed_while_undoing(void **state)
{
    static const char *const points[] = {"undo begun 0", "dropped 0"};
    struct drive d = {0};
    struct settings *s;
    assert_int_equal(setup(state), 0);
    d.e = eng;
    drive_run(&d, JOB_RUN, answers("ENGINE-11"), NULL);
    assert_int_equal(d.err.code, 0);
    s = answers("ENGINE-11");
    drive_set(s, OPT_OPERATION, "leave");
    drive_run(&d, JOB_RUN, s, NULL);
    assert_int_equal(d.err.code, 0);
    teardown(state);
    for (size_t i = 0; i < ARRAY_SIZE(points); i++) {
        fault("delay:100"); /* the account is taken over, then the machine's login is cancelled */
        killed_at(points[i], "ENGINE-11", cancel_at_machine);
        fault("clear");
        assert_true(pending());
        assert_int_equal(setup(state), 0);
        d = (struct drive){.e = eng};
        fault("drop:53/udp drop:389/udp drop:88/tcp");
        drive_run(&d, JOB_RECOVER, answers("ENGINE-11"), NULL);
        fault("clear");
        assert_int_equal(d.err.code, 0);
        assert_true(d.directory_changed); /* the password that was set */
        assert_false(pending());
        teardown(state);
    }
}

/* --check goes on with this machine when the login fails. */
static void test_check_without_login(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    struct settings *s = answers("ENGINE-08");
    assert_int_equal(secret_set(&s->password, "not-the-password", 16), 0);
    drive_run(&d, JOB_CHECK, s, NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.failed_verdicts, 1);
    assert_int_equal(d.verdict[CHECK_CREDENTIALS], VERDICT_FAIL);
    assert_int_equal(d.verdict[CHECK_NAME], VERDICT_SKIPPED);
    assert_int_equal(d.verdict[CHECK_FILES], VERDICT_OK);
}

/* An empty password never reaches the controller, where it would count as a wrong one. */
static void test_no_password(void **state)
{
    (void)state;
    struct drive d = {.e = eng};
    struct settings *s = answers("ENGINE-09");
    secret_free(&s->password);
    drive_run(&d, JOB_LOGIN, s, NULL);
    assert_int_equal(d.err.code, 87);
    assert_int_equal(d.err.cause, CAUSE_PASSWORD_MISSING);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_join_and_leave, setup, teardown),
        cmocka_unit_test_setup_teardown(test_wrong_password, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_writes_nothing, setup, teardown),
        cmocka_unit_test_setup_teardown(test_check_without_login, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_password, setup, teardown),
        cmocka_unit_test_setup_teardown(test_connection_ended_between_jobs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_commit_that_fails_is_finished, setup, teardown),
        cmocka_unit_test_setup_teardown(test_cancel_says_what_was_undone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_undo_over_a_new_connection, setup, teardown),
        cmocka_unit_test(test_killed_while_undoing),
    };
    struct err e = {0};
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (engine_setup_process(&e) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
