/*
 * Provisioning into memory, as the C interface asks for it, and what a refused creation tells of
 * the quota. Runs inside tests/domain/exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/provision/provision.h"
#include "engine/wire/odj.h"
#include "tests/domain-c/drive.h"

#define KIOSKS "OU=Kiosks,DC=corp,DC=example,DC=com"

static struct engine *eng;

static int setup(void **state UNUSED)
{
    struct err e = {0};
    struct engine_config cfg = {.root = getenv("JT_ROOT")};
    return cfg.root && engine_open(&eng, &cfg, &e) == 0 ? 0 : -1;
}

static int teardown(void **state UNUSED)
{
    engine_close(eng);
    return 0;
}

static struct settings *provision(const char *name)
{
    struct settings *s = drive_settings("JT_JOINER_PASSWORD_FILE", "joiner");
    drive_set(s, OPT_OPERATION, "provision");
    drive_set(s, OPT_MACHINE_NAME, name);
    drive_set(s, OPT_OU, KIOSKS);
    drive_set(s, OPT_OFFLINE_OUTPUT, "-");
    return s;
}

static struct err run_into(struct settings *s, struct buf *out)
{
    struct engine_request rq = {.job = JOB_RUN, .settings = s, .output = out};
    struct err e = {0};
    bool done = false;
    assert_int_not_equal(engine_post(eng, &rq), 0);
    while (!done) {
        struct pollfd p = {.fd = engine_fd(eng), .events = POLLIN};
        struct engine_msg *m;
        assert_true(poll(&p, 1, 60000) > 0);
        while ((m = engine_next(eng))) {
            done = done || m->kind == MSG_DONE;
            if (m->kind == MSG_DONE)
                e = m->u.done.err;
            message_drop(m);
        }
    }
    return e;
}

/* Neither a file nor a note is written. */
static void test_into_memory(void **state UNUSED)
{
    struct buf out = BUF_SECRET(1u << 20);
    struct odj o = {0};
    char name[16];
    snprintf(name, sizeof name, "PROV-M%u", (unsigned)time(NULL) % 1000000);
    struct err e = run_into(provision(name), &out);
    assert_int_equal(e.code, 0);
    assert_int_equal(odj_read(out.data, out.len, &o, &e), 0);
    assert_string_equal(odj_join(&o)->machine, name);
    assert_int_equal(odj_join(&o)->password.len, 120);
    assert_non_null(odj_part(&o, ODJ_ACCOUNT_GUID));
    odj_free(&o);
    assert_int_not_equal(access("-", F_OK), 0);
    out.len = 0;
    e = run_into(provision(name), &out);
    assert_int_equal(e.code, 2224);
    assert_int_equal(out.len, 0);
    buf_free(&out);
}

static struct strv said; /* "kind object what detail" of each change */

static void seen(struct drive *d UNUSED, const struct engine_msg *m)
{
    if (m->kind != MSG_CHANGE)
        return;
    const struct change_view *c = &m->u.change;
    AUTOFREE char *row = xasprintf("%d %s %s %s", (int)c->kind, c->object, c->what, c->detail);
    strv_add(&said, row);
}

static bool told(enum change_kind kind, const char *text)
{
    for (size_t i = 0; i < said.n; i++) {
        if (said.s[i][0] - '0' == (int)kind && strstr(said.s[i], text))
            return true;
    }
    return false;
}

/* The review: every value, the file, and what the data is worth; nothing is written. */
static void test_plan(void **state UNUSED)
{
    struct drive d = {.e = eng, .seen = seen};
    struct settings *s = provision("PROV-PLAN");
    drive_set(s, OPT_OFFLINE_OUTPUT, "/tmp/no-such-folder/plan.odj");
    drive_set(s, OPT_DESCRIPTION, "Hall 3");
    strv_free(&said);
    drive_run(&d, JOB_PLAN, s, NULL);
    assert_int_equal(d.err.code, 0);
    assert_true(told(CHANGE_DIRECTORY, "CN=PROV-PLAN," KIOSKS));
    assert_true(told(CHANGE_DIRECTORY, "+servicePrincipalName: HOST/PROV-PLAN"));
    assert_true(told(CHANGE_DIRECTORY, "+msDS-SupportedEncryptionTypes: 24"));
    assert_true(told(CHANGE_DIRECTORY, "+description: Hall 3"));
    assert_true(told(CHANGE_FILE, "/tmp/no-such-folder/plan.odj"));
    assert_true(told(CHANGE_NONE, "never expires"));
    assert_int_equal(d.verdict[CHECK_OUTPUT], VERDICT_FAIL);
    assert_int_equal(d.verdict_err[CHECK_OUTPUT].code, 2711);
    assert_int_equal(d.verdict[CHECK_OFFLINE_DATA], VERDICT_NOTICE);
    s = provision("PROV-PLAN");
    drive_set(s, OPT_OFFLINE_OUTPUT, "/tmp/prov-plan.odj");
    drive_set(s, OPT_OFFLINE_FORMAT, "cms");
    assert_int_equal(secret_set(&s->passphrase, "secret", 6), 0);
    drive_run(&d, JOB_PLAN, s, NULL);
    assert_int_equal(d.verdict[CHECK_OUTPUT], VERDICT_OK);
    assert_int_equal(d.verdict[CHECK_OFFLINE_DATA], VERDICT_OK);
    assert_int_not_equal(access("/tmp/prov-plan.odj", F_OK), 0);
    drive_run(&d, JOB_NAME, provision("PROV-PLAN"), NULL);
    assert_int_equal(d.name->u.name.state, NAME_FREE);
    drive_run(&d, JOB_NAME, provision("PRE-OWNED"), NULL);
    assert_int_equal(d.name->u.name.state, NAME_TAKEN);
    drive_done(&d);
    strv_free(&said);
}

static void ignore(void *arg UNUSED, struct engine_msg *m)
{
    message_drop(m);
}

/* joiner made no account by privilege: PRE-CREATED says that it did, once. */
static void test_quota_is_counted(void **state UNUSED)
{
    struct err e = {0};
    struct report r = {.send = ignore, .job = JOB_RUN};
    struct settings *set = provision("PROV-COUNT");
    struct session *s = session_open(getenv("JT_ROOT"), NULL, NULL, NULL, &e);
    assert_non_null(s);
    s->s = set;
    s->r = &r;
    assert_int_equal(provision_connect(s, &e), 0);
    assert_int_equal(read_facts(s, &e), 0);
    err_cause(&e, CAUSE_NO_CREATE_RIGHT);
    provision_explain_quota(s, &e);
    assert_null(err_fact_get(&e, FACT_USED));
    err_reset(&e);
    err_cause(&e, CAUSE_NO_CREATE_RIGHT_QUOTA);
    provision_explain_quota(s, &e);
    /* Other tests of this domain may have made some, too. */
    assert_in_range(atoi(err_fact_get(&e, FACT_USED)), 1, 9);
    assert_string_equal(err_fact_get(&e, FACT_LIMIT), "10");
    session_close(s);
    settings_drop(set);
}

/* Fit for it by its flags and its version, or not. */
static void test_controller_must_be_fit(void **state UNUSED)
{
    struct err e = {0};
    struct report r = {.send = ignore, .job = JOB_RUN};
    struct settings *set = provision("PROV-FIT");
    struct session *s = session_open(getenv("JT_ROOT"), NULL, NULL, NULL, &e);
    s->s = set;
    s->r = &r;
    assert_int_equal(provision_connect(s, &e), 0);
    uint32_t flags = session_dc(s)->flags;
    session_dc(s)->flags &= ~DS_LDAP;
    assert_int_equal(provision_check_controller(s, &e), -1);
    assert_int_equal(e.code, 2721);
    session_dc(s)->flags = flags;
    err_reset(&e);
    s->root_dse.dc_level = 2;
    assert_int_equal(provision_check_version(s, &e), -1);
    assert_int_equal(e.code, 2720);
    err_reset(&e);
    s->root_dse.dc_level = 0;
    assert_int_equal(provision_check_version(s, &e), -1);
    assert_int_equal(e.code, 50);
    session_close(s);
    settings_drop(set);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_into_memory),
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_quota_is_counted),
        cmocka_unit_test(test_controller_must_be_fit),
    };
    struct err e = {0};
    if (!getenv("JT_DC")) {
        puts("skipped: test_provision needs the test domain (tests/domain/run)");
        return 77;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    if (engine_setup_process(&e) < 0)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
