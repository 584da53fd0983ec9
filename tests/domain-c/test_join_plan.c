/* What a join tells beforehand about the directory, account by account. Runs inside
 * tests/domain/exec; nothing is written. */
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
static struct strv changes; /* "object|what|detail" of the directory's part */

static void seen(struct drive *d, const struct engine_msg *m)
{
    (void)d;
    if (m->kind == MSG_CHANGE && m->u.change.kind == CHANGE_DIRECTORY)
        strv_addf(&changes, "%s|%s|%s", m->u.change.object, m->u.change.what, m->u.change.detail);
}

static int setup(void **state)
{
    (void)state;
    struct err e = {0};
    struct engine_config cfg = {.root = getenv("JT_ROOT")};
    return cfg.root ? engine_open(&eng, &cfg, &e) : -1;
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
    return false;
}

static struct drive plan(struct settings *s)
{
    struct drive d = {.e = eng, .seen = seen};
    strv_free(&changes);
    drive_run(&d, JOB_PLAN, s, NULL);
    assert_int_equal(d.err.code, 0);
    assert_int_equal(changes.n, 1);
    return d;
}

static struct settings *joiner(const char *name)
{
    struct settings *s = drive_settings("JT_JOINER_PASSWORD_FILE", "joiner");
    drive_set(s, OPT_OU, "OU=Kiosks,DC=corp,DC=example,DC=com");
    drive_set(s, OPT_MACHINE_NAME, name);
    return s;
}

/* file_var NULL: the default password. */
static struct settings *machine(const char *name, const char *file_var)
{
    struct settings *s = drive_settings(file_var ? file_var : "JT_JOINER_PASSWORD_FILE", "");
    drive_set(s, OPT_MACHINE_NAME, name);
    drive_set(s, OPT_FLAG_JOIN_UNSECURE, "yes");
    if (file_var)
        drive_set(s, OPT_FLAG_MACHINE_PWD_PASSED, "yes");
    else
        secret_free(&s->password);
    return s;
}

static void test_new(void **state)
{
    (void)state;
    struct drive d = plan(joiner("PLAN-NEW"));
    assert_true(planned("CN=PLAN-NEW,OU=Kiosks,DC=corp,DC=example,DC=com|New computer account|"));
    assert_true(planned("+sAMAccountName: PLAN-NEW$"));
    assert_true(planned("+dNSHostName: plan-new.corp.example.com"));
    assert_true(planned("+servicePrincipalName: RestrictedKrbHost/PLAN-NEW"));
    assert_true(planned("+msDS-SupportedEncryptionTypes: 24"));
    drive_done(&d);
}

static void test_deferred(void **state)
{
    (void)state;
    struct settings *s = joiner("PLAN-NEW");
    drive_set(s, OPT_FLAG_DEFER_SPN_SET, "yes");
    struct drive d = plan(s);
    assert_false(planned("dNSHostName"));
    assert_false(planned("servicePrincipalName"));
    drive_done(&d);
}

static void test_take_over(void **state)
{
    (void)state;
    struct drive d = plan(joiner("PRE-OFF"));
    assert_true(planned("|Existing computer account, new password|"));
    assert_true(planned("-userAccountControl: 4098\n+userAccountControl: 4096"));
    drive_done(&d);
}

static void test_overridden(void **state)
{
    (void)state;
    struct settings *s = joiner("PRE-OTHER");
    drive_set(s, OPT_REUSE_OVERRIDE, "yes");
    struct drive d = plan(s);
    assert_int_equal(d.verdict[CHECK_REUSE], VERDICT_NOTICE);
    assert_int_equal(d.verdict_err[CHECK_REUSE].cause, CAUSE_REUSE_OVERRIDDEN);
    drive_done(&d);
    d = plan(joiner("PRE-OTHER"));
    assert_int_equal(d.verdict[CHECK_REUSE], VERDICT_FAIL);
    drive_done(&d);
}

static void test_prepared(void **state)
{
    (void)state;
    struct drive d = plan(machine("PRE-DEFAULT", NULL));
    assert_true(planned("|Prepared computer account, new password|"));
    assert_true(planned("+dNSHostName: pre-default.corp.example.com"));
    drive_done(&d);
    d = plan(machine("PRE-SECRET", "JT_MACHINE_PASSWORD_FILE"));
    assert_true(planned("|Prepared computer account, keeps its password|"));
    drive_done(&d);
}

static void test_read_only(void **state)
{
    (void)state;
    struct settings *s = machine("PRE-SECRET", "JT_MACHINE_PASSWORD_FILE");
    drive_set(s, OPT_FLAG_JOIN_READONLY, "yes");
    drive_set(s, OPT_CONTROLLER, "dc1.corp.example.com");
    struct drive d = plan(s);
    assert_string_equal(changes.s[0], "CN=PRE-SECRET,OU=Kiosks,DC=corp,DC=example,DC=com|"
                                      "Nothing is written to the directory|");
    drive_done(&d);
}

int main(int argc, char **argv)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_new),        T(test_deferred), T(test_take_over),
        T(test_overridden), T(test_prepared), T(test_read_only),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    struct err e = {0};
    if (engine_setup_process(&e) < 0)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
