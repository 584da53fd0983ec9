/* Errors, secrets, buffers, string vectors, the cancel token and the message queue. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/err.h"
#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "engine/thread/queue.h"

static void test_first_error_wins(void **state)
{
    (void)state;
    struct err e = {0};
    assert_int_equal(err_cause(&e, CAUSE_NAME_TAKEN), -1);
    err_cause(&e, CAUSE_INTERNAL);
    assert_int_equal(e.code, 2224);
    err_foreign(&e, ERR_SRC_LDAP, 68, "already\nexists %s", "x");
    err_foreign(&e, ERR_SRC_LDAP, 1, "later");
    assert_int_equal(e.lib, 68);
    assert_string_equal(e.raw, "already exists x");
    err_fact(&e, FACT_NAME, "a");
    err_fact(&e, FACT_NAME, "b");
    assert_string_equal(err_fact_get(&e, FACT_NAME), "a");
    assert_null(err_fact_get(&e, FACT_OWNER));
}

static void test_facts_are_cut_at_characters(void **state)
{
    (void)state;
    struct err e = {0};
    char text[400];
    for (size_t i = 0; i + 1 < sizeof text; i += 2)
        memcpy(text + i, "\xd0\xb6", 2);
    text[398] = '\0';
    err_fact(&e, FACT_NAME, "x%s", text);
    const char *v = err_fact_get(&e, FACT_NAME);
    assert_int_equal(strlen(v) % 2, 1); /* "x" and whole two-byte characters */
    for (int i = 0; i < 2 * ERR_FACTS_MAX; i++)
        err_fact(&e, (enum fact)i, "y");
    assert_true(e.n_facts <= ERR_FACTS_MAX);
}

static void test_secret(void **state)
{
    (void)state;
    struct secret a = {0}, b = {0};
    assert_int_equal(secret_set(&a, "canary", 6), 0);
    assert_int_equal(secret_insert(&a, 3, "-x-", 3), 0);
    assert_memory_equal(a.data, "can-x-ary", 10);
    secret_remove(&a, 3, 3);
    assert_memory_equal(a.data, "canary\0\0\0", 9); /* the tail is gone, not only cut */
    assert_int_equal(secret_copy(&b, &a), 0);
    assert_true(secret_equal(&a, &b));
    secret_truncate(&b, 2);
    assert_false(secret_equal(&a, &b));
    char big[SECRET_MAX + 1];
    memset(big, 'a', sizeof big);
    assert_int_equal(secret_append(&a, big, sizeof big), -1);
    assert_int_equal(a.len, 6);
    unsigned char *data = a.data;
    secret_wipe(&a);
    for (size_t i = 0; i < 32; i++)
        assert_int_equal(data[i], 0);
    secret_free(&a);
    secret_free(&b);
    assert_null(a.data);
}

static void test_buf_limits(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(10);
    buf_str(&b, "12345");
    buf_printf(&b, "%d", 67890);
    assert_string_equal(buf_text(&b), "1234567890");
    buf_byte(&b, 'x');
    assert_true(b.failed);
    assert_null(buf_text(&b));
    assert_null(buf_steal(&b));
    buf_free(&b);
}

static void test_strv(void **state)
{
    (void)state;
    struct strv v = {0};
    strv_split(&v, " a ,, b c,", ",");
    assert_int_equal(v.n, 2);
    assert_string_equal(v.s[1], "b c");
    assert_null(v.s[2]);
    assert_true(strv_has_icase(&v, "A"));
    assert_false(strv_has(&v, "A"));
    strv_free(&v);
    assert_true(str_ieq("ABC", "abc") && !str_ieq("ABC", "abcd") && !str_ieq(NULL, ""));
    assert_true(str_iends("x.CORP", ".corp"));
}

static void test_cancel(void **state)
{
    (void)state;
    struct cancel c;
    struct err e = {0};
    assert_int_equal(cancel_init(&c, &e), 0);
    assert_int_equal(cancel_check(&c, &e), 0);
    cancel_fire(&c);
    struct pollfd p = {.fd = c.fd, .events = POLLIN};
    assert_int_equal(poll(&p, 1, 0), 1);
    assert_int_equal(cancel_check(&c, &e), -1);
    assert_int_equal(e.code, 1223);
    cancel_clear(&c);
    assert_int_equal(poll(&p, 1, 0), 0);
    assert_false(cancel_is_set(&c));
    cancel_done(&c);
}

static struct engine_msg *message(enum msg_kind kind, const char *text)
{
    struct engine_msg *m = xcalloc(1, sizeof *m);
    m->kind = kind;
    if (kind == MSG_LOG)
        m->u.log.line = xstrdup(text);
    else if (kind == MSG_PROGRESS)
        m->u.progress.detail = xstrdup(text);
    return m;
}

static void test_queue_drops_only_logs(void **state)
{
    (void)state;
    struct queue q;
    struct err e = {0};
    assert_int_equal(queue_init(&q, &e), 0);
    queue_put(&q, message(MSG_STEP, NULL));
    for (int i = 0; i < QUEUE_LOG_MAX + 10; i++)
        queue_put(&q, message(MSG_LOG, "line"));
    queue_put(&q, message(MSG_DONE, NULL));
    int steps = 0, logs = 0, done = 0;
    struct engine_msg *m;
    bool skipped = false;
    while ((m = queue_take(&q))) {
        steps += m->kind == MSG_STEP;
        logs += m->kind == MSG_LOG;
        done += m->kind == MSG_DONE;
        if (m->kind == MSG_LOG && strstr(m->u.log.line, "10 lines skipped"))
            skipped = true;
        message_drop(m);
    }
    assert_int_equal(steps, 1);
    assert_int_equal(done, 1);
    assert_int_equal(logs, QUEUE_LOG_MAX);
    assert_true(skipped);
    queue_done(&q);
}

static void test_queue_coalesces_progress(void **state)
{
    (void)state;
    struct queue q;
    struct err e = {0};
    assert_int_equal(queue_init(&q, &e), 0);
    queue_put(&q, message(MSG_PROGRESS, "1"));
    queue_put(&q, message(MSG_PROGRESS, "2"));
    struct engine_msg *m = queue_take(&q);
    assert_string_equal(m->u.progress.detail, "2");
    message_drop(m);
    assert_null(queue_take(&q));
    queue_done(&q);
}

static void *producer(void *arg)
{
    for (int i = 0; i < 2000; i++)
        queue_put(arg, message(i % 2 ? MSG_LOG : MSG_STEP, "x"));
    return NULL;
}

static void test_queue_threads(void **state)
{
    (void)state;
    struct queue q;
    struct err e = {0};
    pthread_t t[2];
    int steps = 0;
    assert_int_equal(queue_init(&q, &e), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&t[i], NULL, producer, &q), 0);
    while (steps < 2000) {
        struct pollfd p = {.fd = q.fd, .events = POLLIN};
        assert_int_equal(poll(&p, 1, 10000), 1);
        struct engine_msg *m;
        while ((m = queue_take(&q))) {
            steps += m->kind == MSG_STEP;
            message_drop(m);
        }
    }
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    queue_done(&q);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_error_wins),
        cmocka_unit_test(test_facts_are_cut_at_characters),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_buf_limits),
        cmocka_unit_test(test_strv),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_queue_drops_only_logs),
        cmocka_unit_test(test_queue_coalesces_progress),
        cmocka_unit_test(test_queue_threads),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
