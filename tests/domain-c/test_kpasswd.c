/* A password service that answers nonsense. The ticket is the domain's, the service is not: nothing
 * is ever changed. What a real one does is in tests/e2e/test_rotate. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/domain-c/kerb_help.h"

struct talk {
    struct kerb *k;
    struct kerb_cred *ticket;
    struct secret password;
    int near, far;
};

/* Two ends of a TCP connection: the request carries the near one's address. */
static void connect_pair(struct talk *t)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int l = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(l, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(l, 1), 0);
    assert_int_equal(getsockname(l, (struct sockaddr *)&a, &len), 0);
    t->near = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(t->near, (struct sockaddr *)&a, sizeof a), 0);
    t->far = accept4(l, NULL, NULL, SOCK_CLOEXEC);
    assert_true(t->far >= 0);
    close(l);
}

static void talk_start(struct talk *t)
{
    struct kerb_login *l;
    struct err e = {0};
    AUTOFREE char *who = xasprintf("joiner@%s", env("JT_REALM"));
    *t = (struct talk){.k = open_kdc("JT_DC_ADDR")};
    read_secret("JOINER", &t->password);
    assert_int_equal(kerb_login_start_service(t->k, who, KERB_KPASSWD_SERVICE, &l, &e), 0);
    assert_int_equal(kerb_login_finish_password(l, &t->password, &t->ticket, &e), 0);
    kerb_login_free(l);
    connect_pair(t);
}

static void talk_end(struct talk *t)
{
    if (t->far >= 0)
        close(t->far);
    kerb_cred_free(t->ticket);
    secret_free(&t->password);
    kerb_free(t->k);
}

/* The answer waits before the question is asked. */
static int ask(struct talk *t, enum kerb_change *outcome, struct err *e)
{
    int near = t->near;
    t->near = -1;
    shutdown(t->far, SHUT_WR);
    return kerb_change_password(t->k, t->ticket, near, &t->password, outcome, e);
}

static void refuses(const void *answer, size_t len, enum kerb_change outcome, enum cause cause)
{
    struct talk t;
    struct err e = {0};
    enum kerb_change got = KERB_CHANGED;
    talk_start(&t);
    if (len)
        assert_int_equal(write(t.far, answer, len), (ssize_t)len);
    assert_int_equal(ask(&t, &got, &e), -1);
    assert_int_equal(got, outcome);
    assert_string_equal(cause_row(e.cause)->id, cause_row(cause)->id);
    talk_end(&t);
}

static void test_silence(void **s UNUSED)
{
    refuses("", 0, KERB_CHANGE_UNKNOWN, CAUSE_DC_DIED);
    refuses("\0\0\0\x20half", 8, KERB_CHANGE_UNKNOWN, CAUSE_DC_DIED);
}

static void test_lengths(void **s UNUSED)
{
    refuses("\x7f\xff\xff\xff", 4, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED); /* 2 GB */
    refuses("\0\0\0\5abcde", 9, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED);
    refuses("\0\0\0\6\0\7\0\1\0\0", 10, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED); /* says 7, is 6 */
    refuses("\0\0\0\6\0\6\0\1\0\7", 10, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED); /* AP-REP of 7 */
    refuses("\0\0\0\6\0\6\0\2\0\0", 10, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED); /* version 2 */
    refuses("\0\0\0\6\0\6\0\1\0\0", 10, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED); /* no KRB-ERROR */
}

/* Neither an AP-REP of somebody without the key nor what follows it is believed. */
static void test_forged(void **s UNUSED)
{
    static const unsigned char forged[] = {
        0, 0, 0, 0x1c, 0, 0x1c, 0, 1,    0,    0x12, 0x6f, 0x10, 0x30, 0x0e, 0xa0, 3,
        2, 1, 5, 0xa1, 3, 2,    1, 0x0f, 0xa2, 2,    0x30, 0,    0x75, 2,    0x30, 0};
    refuses(forged, sizeof forged, KERB_CHANGE_UNKNOWN, CAUSE_DC_LIED);
}

/* KRB-ERROR 60 with the data { 5, "no" }: words, but no proof. */
static void test_bare_error(void **s UNUSED)
{
    static const unsigned char error[] = {
        0x00, 0x00, 0x00, 0x50, 0x00, 0x50, 0x00, 0x01, 0x00, 0x00, 0x7e, 0x48, 0x30, 0x46,
        0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x1e, 0xa4, 0x11, 0x18, 0x0f,
        0x32, 0x30, 0x32, 0x36, 0x31, 0x31, 0x32, 0x31, 0x31, 0x30, 0x30, 0x30, 0x30, 0x30,
        0x5a, 0xa5, 0x03, 0x02, 0x01, 0x00, 0xa6, 0x03, 0x02, 0x01, 0x3c, 0xa9, 0x03, 0x1b,
        0x01, 0x52, 0xaa, 0x10, 0x30, 0x0e, 0xa0, 0x03, 0x02, 0x01, 0x02, 0xa1, 0x07, 0x30,
        0x05, 0x1b, 0x03, 0x6b, 0x61, 0x64, 0xac, 0x06, 0x04, 0x04, 0x00, 0x05, 0x6e, 0x6f};
    struct talk t;
    struct err e = {0};
    enum kerb_change got = KERB_CHANGED;
    talk_start(&t);
    assert_int_equal(write(t.far, error, sizeof error), (ssize_t)sizeof error);
    assert_int_equal(ask(&t, &got, &e), -1);
    assert_int_equal(got, KERB_CHANGE_UNKNOWN);
    assert_int_equal(e.code, 1323);
    assert_non_null(strstr(e.raw, "kpasswd result 5"));
    talk_end(&t);
}

static void test_cancelled_before(void **s UNUSED)
{
    struct talk t;
    struct err e = {0};
    struct cancel c;
    enum kerb_change got = KERB_CHANGED;
    talk_start(&t);
    assert_int_equal(cancel_init(&c, &e), 0);
    cancel_fire(&c);
    struct kerb_target target = {.realm = env("JT_REALM"), .host = "dc", .fd = -1, .cancel = &c};
    struct kerb *k;
    assert_int_equal(kerb_open(&k, &target, &e), 0);
    assert_int_equal(kerb_change_password(k, t.ticket, t.near, &t.password, &got, &e), -1);
    assert_int_equal(got, KERB_NOT_CHANGED);
    assert_int_equal(e.code, 1223);
    kerb_free(k);
    cancel_done(&c);
    talk_end(&t);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence),          cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_forged),           cmocka_unit_test(test_bare_error),
        cmocka_unit_test(test_cancelled_before),
    };
    if (!getenv("JT_DC")) {
        puts("skipped: test_kpasswd needs the test domain (tests/domain/run)");
        return 77;
    }
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, kerb_setup, kerb_teardown);
}
