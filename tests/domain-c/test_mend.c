/*
 * What the review shows before a new password and before a repair, and that the repair does that:
 * the engine driven as the user interface drives it. Runs inside tests/domain/exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/engine.h"
#include "tests/domain-c/drive.h"

#define NAME "ENGINE-MEND"

static struct engine *eng;
static unsigned changes[CHANGE_NONE + 1];
static struct strv objects;

static int setup(void **state UNUSED)
{
    struct err e = {0};
    struct engine_config cfg = {.root = getenv("JT_ROOT")};
    if (!cfg.root || engine_open(&eng, &cfg, &e) < 0)
        return -1;
    return 0;
}

static int teardown(void **state UNUSED)
{
    engine_close(eng);
    strv_free(&objects);
    return 0;
}

static void seen(struct drive *d UNUSED, const struct engine_msg *m)
{
    if (m->kind != MSG_CHANGE)
        return;
    changes[m->u.change.kind]++;
    strv_add(&objects, m->u.change.object ? m->u.change.object : "");
}

static struct settings *operation(const char *what, bool person)
{
    struct settings *s = drive_settings("JT_ADMIN_PASSWORD_FILE", person ? "Administrator" : "");
    if (!person)
        secret_wipe(&s->password);
    drive_set(s, OPT_OPERATION, what);
    return s;
}

static void run(struct drive *d, enum job job, const char *what, bool person)
{
    *d = (struct drive){.e = eng, .seen = seen};
    memset(changes, 0, sizeof changes);
    strv_free(&objects);
    drive_run(d, job, operation(what, person), NULL);
}

static void remove_sssd(void)
{
    AUTOFREE char *path = xasprintf("%s/etc/sssd/sssd.conf", getenv("JT_ROOT"));
    assert_int_equal(unlink(path), 0);
}

static void test_plans(void **state UNUSED)
{
    struct drive d = {.e = eng};
    struct settings *s = operation("join", true);
    drive_set(s, OPT_MACHINE_NAME, NAME);
    drive_run(&d, JOB_RUN, s, NULL);
    assert_int_equal(d.err.code, 0);
    drive_done(&d);

    run(&d, JOB_PLAN, "rotate", false);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(changes[CHANGE_DIRECTORY], 1);
    assert_int_equal(changes[CHANGE_FILE], 1);
    assert_true(strv_has(&objects, "/etc/krb5.keytab"));
    drive_done(&d);

    run(&d, JOB_PLAN, "repair", false);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(changes[CHANGE_NONE], 1);
    assert_int_equal(objects.n, 1);
    drive_done(&d);

    remove_sssd();
    run(&d, JOB_PLAN, "repair", false);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.failed_verdicts, 0);
    assert_true(strv_has(&objects, "/etc/sssd/sssd.conf"));
    drive_done(&d);

    run(&d, JOB_RUN, "repair", false);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.steps[STEP_COMMIT], STEP_OK);
    drive_done(&d);

    run(&d, JOB_PLAN, "repair", false);
    assert_int_equal(changes[CHANGE_NONE], 1);
    assert_int_equal(objects.n, 1);
    drive_done(&d);

    run(&d, JOB_RUN, "rotate", false);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(d.steps[STEP_SECRET], STEP_OK);
    drive_done(&d);

    run(&d, JOB_RUN, "leave", true);
    assert_int_equal(d.err.code, 0);
    drive_done(&d);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plans, setup, teardown)};
    if (!getenv("JT_DC")) {
        puts("skipped: test_mend needs the test domain (tests/domain/run)");
        return 77;
    }
    if (engine_setup_process(&e) < 0)
        return 1;
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
