/* A KDC that answers nonsense. The answers wait in a socket pair before the question is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/kerb/kerb.h"

/* KRB-ERROR 25 of 2026-11-21 10:00:00 for user@R, with ETYPE-INFO2 {18, "Ruser"} and
 * PA-ENC-TIMESTAMP. */
static const unsigned char preauth_required[] = {
    0x7e, 0x74, 0x30, 0x72, 0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x1e, 0xa4,
    0x11, 0x18, 0x0f, 0x32, 0x30, 0x32, 0x36, 0x31, 0x31, 0x32, 0x31, 0x31, 0x30, 0x30, 0x30,
    0x30, 0x30, 0x5a, 0xa5, 0x03, 0x02, 0x01, 0x00, 0xa6, 0x03, 0x02, 0x01, 0x19, 0xa9, 0x03,
    0x1b, 0x01, 0x52, 0xaa, 0x16, 0x30, 0x14, 0xa0, 0x03, 0x02, 0x01, 0x02, 0xa1, 0x0d, 0x30,
    0x0b, 0x1b, 0x06, 0x6b, 0x72, 0x62, 0x74, 0x67, 0x74, 0x1b, 0x01, 0x52, 0xac, 0x2c, 0x04,
    0x2a, 0x30, 0x28, 0x30, 0x1b, 0xa1, 0x03, 0x02, 0x01, 0x13, 0xa2, 0x14, 0x04, 0x12, 0x30,
    0x10, 0x30, 0x0e, 0xa0, 0x03, 0x02, 0x01, 0x12, 0xa1, 0x07, 0x1b, 0x05, 0x52, 0x75, 0x73,
    0x65, 0x72, 0x30, 0x09, 0xa1, 0x03, 0x02, 0x01, 0x02, 0xa2, 0x02, 0x04, 0x00,
};
/* The same with PA-PK-AS-REQ for PA-ENC-TIMESTAMP: a certificate is wanted. */
static const unsigned char smart_card_only[] = {
    0x7e, 0x74, 0x30, 0x72, 0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x03, 0x02, 0x01, 0x1e, 0xa4,
    0x11, 0x18, 0x0f, 0x32, 0x30, 0x32, 0x36, 0x31, 0x31, 0x32, 0x31, 0x31, 0x30, 0x30, 0x30,
    0x30, 0x30, 0x5a, 0xa5, 0x03, 0x02, 0x01, 0x00, 0xa6, 0x03, 0x02, 0x01, 0x19, 0xa9, 0x03,
    0x1b, 0x01, 0x52, 0xaa, 0x16, 0x30, 0x14, 0xa0, 0x03, 0x02, 0x01, 0x02, 0xa1, 0x0d, 0x30,
    0x0b, 0x1b, 0x06, 0x6b, 0x72, 0x62, 0x74, 0x67, 0x74, 0x1b, 0x01, 0x52, 0xac, 0x2c, 0x04,
    0x2a, 0x30, 0x28, 0x30, 0x1b, 0xa1, 0x03, 0x02, 0x01, 0x13, 0xa2, 0x14, 0x04, 0x12, 0x30,
    0x10, 0x30, 0x0e, 0xa0, 0x03, 0x02, 0x01, 0x12, 0xa1, 0x07, 0x1b, 0x05, 0x52, 0x75, 0x73,
    0x65, 0x72, 0x30, 0x09, 0xa1, 0x03, 0x02, 0x01, 0x10, 0xa2, 0x02, 0x04, 0x00,
};

static void answer(int fd, const void *data, size_t len)
{
    unsigned char head[4] = {0, 0, (unsigned char)(len >> 8), (unsigned char)len};
    assert_int_equal(write(fd, head, 4), 4);
    assert_int_equal(write(fd, data, len), (ssize_t)len);
}

struct talk {
    struct kerb *k;
    int far;
};

static void talk_start(struct talk *t)
{
    int pair[2];
    struct err e = {0};
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    struct kerb_target target = {.realm = "R", .host = "kdc", .fd = pair[0]};
    assert_int_equal(kerb_open(&t->k, &target, &e), 0);
    t->far = pair[1];
}

static void talk_end(struct talk *t)
{
    kerb_free(t->k);
    close(t->far);
}

/* Answers `first`, then `second` (may be NULL), then hangs up, and logs in. */
static int log_in(const void *first, size_t first_len, const void *second, size_t second_len,
                  struct err *e)
{
    struct talk t;
    struct kerb_cred *c = NULL;
    struct secret password = {0};
    talk_start(&t);
    answer(t.far, first, first_len);
    if (second)
        answer(t.far, second, second_len);
    shutdown(t.far, SHUT_WR);
    assert_int_equal(secret_set(&password, "secret", 6), 0);
    int rc = kerb_login_password(t.k, "user@R", &password, &c, e);
    kerb_cred_free(c);
    secret_free(&password);
    talk_end(&t);
    return rc;
}

static void test_hint(void **s UNUSED)
{
    struct talk t;
    struct kerb_login *l;
    struct kerb_hint h;
    struct err e = {0};
    long offset;
    talk_start(&t);
    answer(t.far, preauth_required, sizeof preauth_required);
    assert_int_equal(kerb_login_start(t.k, "user@R", &l, &e), 0);
    assert_int_equal(kerb_login_hint(l, &h, &e), 0);
    assert_int_equal(h.kdc_error, 25);
    assert_int_equal(h.n_etypes, 1);
    assert_int_equal(h.etypes[0], KERB_AES256);
    assert_string_equal(h.salt, "Ruser");
    assert_true(kerb_time_offset(t.k, &offset));
    kerb_login_free(l);
    talk_end(&t);
}

static void test_nonsense(void **s UNUSED)
{
    static const struct {
        const char *bytes;
        size_t len;
    } replies[] = {
        {"\x7e", 1},
        {"\x7e\x03\x30\x01\x00", 5},
        {"\x6b\x03\x30\x01\x00", 5},
        {"\x6b", 1},
        {"\x6d\x02\x30\x00", 4},
        {"HTTP/1.1 400 Bad Request\r\n\r\n", 28},
        {"\0\0\0\0\0\0", 6},
        {"\x7e\x84\xff\xff\xff\xff", 6},
    };
    for (size_t i = 0; i < ARRAY_SIZE(replies); i++) {
        struct err e = {0};
        assert_int_equal(log_in(replies[i].bytes, replies[i].len, NULL, 0, &e), -1);
        if (e.cause != CAUSE_DC_LIED)
            fail_msg("reply %zu: cause %d (%s)", i, e.cause, e.raw);
        e = (struct err){0};
        assert_int_equal(
            log_in(preauth_required, sizeof preauth_required, replies[i].bytes, replies[i].len, &e),
            -1);
        if (e.cause != CAUSE_DC_LIED)
            fail_msg("second reply %zu: cause %d (%s)", i, e.cause, e.raw);
    }
}

/* The KDC asks for pre-authentication over and over: the password is used once. */
static void test_asks_again(void **s UNUSED)
{
    struct err e = {0};
    assert_int_equal(log_in(preauth_required, sizeof preauth_required, preauth_required,
                            sizeof preauth_required, &e),
                     -1);
    assert_int_equal(e.src, ERR_SRC_KDC);
    assert_int_equal(e.lib, 25);
    assert_int_not_equal(e.code, 0);
}

static void test_no_password_accepted(void **s UNUSED)
{
    struct err e = {0};
    assert_int_equal(log_in(smart_card_only, sizeof smart_card_only, NULL, 0, &e), -1);
    assert_int_equal(e.cause, CAUSE_KDC_POLICY);
}

static void test_hangs_up(void **s UNUSED)
{
    struct err e = {0};
    assert_int_equal(log_in(preauth_required, sizeof preauth_required, NULL, 0, &e), -1);
    assert_int_equal(e.cause, CAUSE_DC_DIED);
}

/* Every changed byte of a good answer ends in an error, nothing else. */
static void test_mutations(void **s UNUSED)
{
    static const unsigned char values[] = {0x00, 0x7f, 0x80, 0xff};
    unsigned char reply[sizeof preauth_required];
    for (size_t at = 0; at < sizeof reply; at++) {
        for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
            struct err e = {0};
            memcpy(reply, preauth_required, sizeof reply);
            reply[at] = values[v];
            assert_int_equal(log_in(reply, sizeof reply, NULL, 0, &e), -1);
            assert_int_not_equal(e.code, 0);
            assert_int_not_equal(e.cause, CAUSE_INTERNAL);
        }
    }
}

static int setup(void **s UNUSED)
{
    struct err e = {0};
    return kerb_setup_process(&e);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hint),       cmocka_unit_test(test_nonsense),
        cmocka_unit_test(test_asks_again), cmocka_unit_test(test_no_password_accepted),
        cmocka_unit_test(test_hangs_up),   cmocka_unit_test(test_mutations),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, NULL);
}
