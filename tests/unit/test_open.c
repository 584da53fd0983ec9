/* Provisioning data handed in: files, standard input, memory; what the engine tells of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/engine.h"
#include "engine/host/input.h"
#include "engine/offline/offline.h"
#include "odj_sample.h"
#include "scratch.h"

static char *root;
static struct engine *engine;
static struct buf data; /* binary */
static int real_input;

static int fresh(void **state UNUSED)
{
    struct err e = {0};
    struct odj o;
    struct engine_config config = {0};
    root = scratch_new();
    config.root = root;
    assert_int_equal(engine_open(&engine, &config, &e), 0);
    sample_full(&o);
    data = BUF_SECRET(ODJ_MAX);
    assert_int_equal(odj_write(&o, &data, &e), 0);
    odj_free(&o);
    real_input = dup(STDIN_FILENO);
    return 0;
}

static int done(void **state UNUSED)
{
    dup2(real_input, STDIN_FILENO);
    close(real_input);
    engine_close(engine);
    buf_free(&data);
    scratch_drop(root);
    return 0;
}

static char *put_file(const char *name, const void *bytes, size_t len)
{
    char *path = xasprintf("%s/%s", root, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, len), len);
    close(fd);
    return path;
}

/* One job; the message that was wanted, or NULL. *result: how the job ended. */
static struct engine_msg *open_job(const char *input, const struct buf *memory,
                                   const char *passphrase, struct err *result)
{
    struct settings *s = xcalloc(1, sizeof *s);
    struct engine_msg *found = NULL, *m;
    bool ended = false;
    settings_init(s);
    assert_int_equal(settings_set(s, OPT_OFFLINE_INPUT, input, ORIGIN_USER, result), 0);
    if (passphrase)
        assert_int_equal(secret_set(&s->passphrase, passphrase, strlen(passphrase)), 0);
    struct engine_request req = {.job = JOB_OPEN, .settings = s, .input = memory};
    assert_int_not_equal(engine_post(engine, &req), 0);
    struct pollfd p = {.fd = engine_fd(engine), .events = POLLIN};
    while (!ended) {
        assert_true(poll(&p, 1, 30000) > 0);
        while ((m = engine_next(engine)) != NULL) {
            ended = ended || m->kind == MSG_DONE;
            if (m->kind == MSG_DONE)
                *result = m->u.done.err;
            if (m->kind == MSG_PACKAGE && !found)
                found = m;
            else
                message_drop(m);
        }
    }
    return found;
}

static void test_view(void **state UNUSED)
{
    struct err e = {0};
    AUTOFREE char *path = put_file("machine.odj", data.data, data.len);
    struct engine_msg *m = open_job(path, NULL, NULL, &e);
    assert_int_equal(e.code, 0);
    assert_non_null(m);
    const struct package_view *v = &m->u.package;
    assert_string_equal(v->source, path);
    assert_string_equal(v->form, "binary");
    assert_false(v->protected_form);
    assert_string_equal(v->machine, "KIOSK-07");
    assert_string_equal(v->domain, "corp.example.com");
    assert_string_equal(v->netbios_domain, "CORP");
    assert_string_equal(v->forest, "example.com");
    assert_string_equal(v->controller, "dc1.corp.example.com");
    assert_string_equal(v->site, "Branch");
    assert_string_equal(v->domain_sid, "S-1-5-21-11-22-33");
    assert_string_equal(v->account_sid, "S-1-5-21-11-22-33-1234");
    assert_true(v->has_password);
    assert_false(v->default_password);
    assert_int_equal(v->parts.n, 7);
    assert_string_equal(v->parts.s[0], "JOIN_PROVIDER, essential");
    assert_string_equal(v->parts.s[2], "JOIN_PROVIDER3");
    assert_int_equal(v->skipped.n, 1);
    assert_string_equal(v->skipped.s[0], v->parts.s[6]);
    assert_int_equal(v->err.code, 0);
    message_drop(m);
}

/* What cannot be applied is shown all the same, with the reason. */
static void test_not_usable(void **state UNUSED)
{
    struct err e = {0};
    struct odj o;
    struct buf b = BUF_SECRET(ODJ_MAX);
    sample_win7(&o);
    secret_free(&o.blobs[0].u.join.password);
    assert_int_equal(odj_write(&o, &b, &e), 0);
    odj_free(&o);
    struct engine_msg *m = open_job("", &b, NULL, &e);
    assert_int_equal(e.code, 0);
    assert_non_null(m);
    assert_string_equal(m->u.package.source, "");
    assert_int_equal(m->u.package.err.cause, CAUSE_OFFLINE_DATA_INCOMPLETE);
    assert_false(m->u.package.has_password);
    assert_string_equal(m->u.package.machine, "KIOSK-07");
    message_drop(m);
    buf_free(&b);
}

static void test_refused(void **state UNUSED)
{
    struct err e = {0};
    assert_null(open_job("", NULL, NULL, &e));
    assert_int_equal(e.cause, CAUSE_OFFLINE_INPUT_MISSING);
    err_reset(&e);
    AUTOFREE char *path = put_file("half", data.data, data.len / 2);
    assert_null(open_job(path, NULL, NULL, &e));
    assert_int_equal(e.code, 2710);
    assert_string_equal(err_fact_get(&e, FACT_FILE), path);
    assert_non_null(err_fact_get(&e, FACT_PLACE));
    err_reset(&e);
    AUTOFREE char *absent = xasprintf("%s/absent", root);
    assert_null(open_job(absent, NULL, NULL, &e));
    assert_int_equal(e.cause, CAUSE_FILE_READ_FAILED);
    err_reset(&e);
    assert_null(open_job(root, NULL, NULL, &e)); /* a directory */
    assert_int_equal(e.cause, CAUSE_FILE_READ_FAILED);
    err_reset(&e);
    AUTOFREE char *fifo = xasprintf("%s/fifo", root);
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_null(open_job(fifo, NULL, NULL, &e));
    assert_int_equal(e.cause, CAUSE_FILE_READ_FAILED);
}

static void test_envelope(void **state UNUSED)
{
    struct err e = {0};
    struct secret pass = {0};
    struct buf out = BUF_SECRET(ODJ_MAX);
    assert_int_equal(secret_set(&pass, "correct horse", 13), 0);
    struct cms_target to = {.passphrase = &pass};
    assert_int_equal(offline_write(data.data, data.len, OFFLINE_CMS, NULL, &to, &out, &e), 0);
    secret_free(&pass);
    assert_null(open_job("", &out, NULL, &e));
    assert_int_equal(e.cause, CAUSE_PASSPHRASE_MISSING);
    err_reset(&e);
    assert_null(open_job("", &out, "battery", &e));
    assert_int_equal(e.cause, CAUSE_PASSPHRASE_WRONG);
    err_reset(&e);
    struct engine_msg *m = open_job("", &out, "correct horse", &e);
    assert_non_null(m);
    assert_true(m->u.package.protected_form);
    assert_string_equal(m->u.package.form, "text");
    message_drop(m);
    buf_free(&out);
}

/* A pipe with these bytes in the place of standard input. */
static void feed(const void *bytes, size_t len)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], bytes, len), len);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
}

/* Read once and kept: a check, a plan and the work each ask for it. */
static void test_standard_input(void **state UNUSED)
{
    struct err e = {0};
    feed(data.data, data.len);
    for (int i = 0; i < 2; i++) {
        struct engine_msg *m = open_job("-", NULL, NULL, &e);
        assert_int_equal(e.code, 0);
        assert_non_null(m);
        assert_string_equal(m->u.package.machine, "KIOSK-07");
        message_drop(m);
    }
}

/* ---- host_input ---- */

static int input(const char *path, const struct cancel *c, size_t max, struct buf *out,
                 struct err *e)
{
    struct host *here;
    err_reset(e);
    *out = BUF_SECRET(max);
    assert_int_equal(host_linux_open("/", &here, e), 0);
    int r = host_input(here, path, c, out, e);
    host_close(here);
    return r;
}

static void test_relative_path(void **state UNUSED)
{
    struct err e = {0};
    struct buf out;
    AUTOFREE char *path = put_file("here", "abc", 3), *before = getcwd(NULL, 0);
    assert_int_equal(chdir(root), 0);
    assert_int_equal(input("here", NULL, 100, &out, &e), 0);
    assert_string_equal(buf_text(&out), "abc");
    assert_int_equal(chdir(before), 0);
    buf_free(&out);
}

static void test_too_long(void **state UNUSED)
{
    struct err e = {0};
    struct buf out;
    AUTOFREE char *path = put_file("long", data.data, 200);
    assert_int_equal(input(path, NULL, 199, &out, &e), -1);
    assert_int_equal(e.lib, EFBIG);
    buf_free(&out);
    feed(data.data, 200);
    assert_int_equal(input("-", NULL, 199, &out, &e), -1);
    assert_int_equal(e.lib, EFBIG);
    buf_free(&out);
    feed(data.data, 200);
    assert_int_equal(input("-", NULL, 200, &out, &e), 0);
    assert_int_equal(out.len, 200);
    buf_free(&out);
}

static void test_no_device(void **state UNUSED)
{
    static const char *const devices[] = {"/dev/null", "/dev/zero"};
    struct err e = {0};
    struct buf out;
    for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
        int fd = open(devices[i], O_RDONLY | O_CLOEXEC);
        dup2(fd, STDIN_FILENO);
        close(fd);
        assert_int_equal(input("-", NULL, 100, &out, &e), -1);
        assert_int_equal(e.cause, CAUSE_FILE_READ_FAILED);
        assert_int_equal(input(devices[i], NULL, 100, &out, &e), -1);
        assert_int_equal(e.cause, CAUSE_FILE_READ_FAILED);
        buf_free(&out);
    }
}

/* A pipe on which nothing comes does not hold a cancel up. */
static void test_cancelled(void **state UNUSED)
{
    struct err e = {0};
    struct buf out;
    struct cancel c;
    int ends[2];
    assert_int_equal(cancel_init(&c, &e), 0);
    assert_int_equal(pipe(ends), 0);
    dup2(ends[0], STDIN_FILENO);
    cancel_fire(&c);
    assert_int_equal(input("-", &c, 100, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    cancel_done(&c);
    close(ends[0]);
    close(ends[1]);
    buf_free(&out);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_view, fresh, done),
        cmocka_unit_test_setup_teardown(test_not_usable, fresh, done),
        cmocka_unit_test_setup_teardown(test_refused, fresh, done),
        cmocka_unit_test_setup_teardown(test_envelope, fresh, done),
        cmocka_unit_test_setup_teardown(test_standard_input, fresh, done),
        cmocka_unit_test_setup_teardown(test_relative_path, fresh, done),
        cmocka_unit_test_setup_teardown(test_too_long, fresh, done),
        cmocka_unit_test_setup_teardown(test_no_device, fresh, done),
        cmocka_unit_test_setup_teardown(test_cancelled, fresh, done),
    };
    if (engine_setup_process(&e) < 0)
        return 1;
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
