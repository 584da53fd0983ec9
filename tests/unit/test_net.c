/* Sockets: addresses, connecting in every way it can fail, reading and writing with deadline and
 * cancel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/net/net.h"

static struct err err;

static int listener(const char *addr, int backlog, uint16_t *port)
{
    struct net_addr a;
    struct sockaddr_storage ss;
    socklen_t len;
    assert_true(net_addr_parse(addr, &a));
    len = net_sockaddr(&a, *port, &ss);
    int fd = socket(a.family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &len), 0);
    *port = ntohs(((struct sockaddr_in *)&ss)->sin_port); /* the same place in both families */
    return fd;
}

static struct net_addr addr(const char *text)
{
    struct net_addr a = {0};
    assert_true(net_addr_parse(text, &a));
    return a;
}

static int connect_to(const struct net_addr *a, size_t n, uint16_t port, int ms,
                      struct net_addr *who)
{
    err = (struct err){0};
    return net_connect(a, n, port, ms, "dc1.corp.test", NULL, who, &err);
}

static void test_addresses(void **s UNUSED)
{
    struct net_addr a = {.family = 99}, b;
    static const char *const bad[] = {
        "",           "x",    "1.2.3", "1.2.3.4.5", "fe80::1%nowhere0",
        "1.2.3.4%lo", "::1%", "[::1",  "dc1.test",  "1.2.3.4 ",
        "[]",         "::g"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_false(net_addr_parse(bad[i], &a));
    assert_false(net_addr_parse(NULL, &a));
    assert_int_equal(a.family, 99); /* untouched */
    assert_true(net_addr_parse("[FD53::1]", &a));
    assert_string_equal(a.text, "fd53::1");
    assert_true(net_addr_from_bytes(&a.u.v6, 16, &b));
    assert_true(net_addr_equal(&a, &b));
    assert_true(net_addr_parse("fe80::1%lo", &a));
    assert_string_equal(a.text, "fe80::1%lo");
    assert_false(net_addr_equal(&a, &b));
    assert_false(net_addr_from_bytes("abc", 3, &b));
    assert_true(net_addr_from_bytes("\x0a\0\0\1", 4, &b));
    assert_string_equal(b.text, "10.0.0.1");
}

static void test_connect(void **s UNUSED)
{
    struct net_addr a = addr("127.0.0.1"), who, peer;
    uint16_t port = 0, peer_port;
    int one = 0, l = listener("127.0.0.1", 4, &port);
    socklen_t len = sizeof one;
    int fd = connect_to(&a, 1, port, 2000, &who);
    assert_true(fd >= 0);
    assert_string_equal(who.text, "127.0.0.1");
    assert_true(net_peer(fd, &peer, &peer_port));
    assert_true(net_addr_equal(&peer, &a));
    assert_int_equal(peer_port, port);
    assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, &len), 0);
    assert_true(one);
    assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    close(fd);
    close(l);
}

static void test_refused(void **s UNUSED)
{
    struct net_addr a = addr("127.0.0.1");
    uint16_t port = 0;
    close(listener("127.0.0.1", 4, &port));
    assert_int_equal(connect_to(&a, 1, port, 2000, NULL), -1);
    assert_int_equal(err.cause, CAUSE_PORT_BLOCKED);
    assert_int_equal(err.src, ERR_SRC_ERRNO);
    assert_int_equal(err.lib, ECONNREFUSED);
    assert_string_equal(err_fact_get(&err, FACT_SERVER), "dc1.corp.test");
    assert_string_equal(err_fact_get(&err, FACT_ADDRESS), "127.0.0.1");
    assert_non_null(strstr(err_fact_get(&err, FACT_PORT), "/tcp"));
}

/* A listener whose queue is full drops further SYNs, as a firewall would. */
static int silent_port(uint16_t *port, int *fill, size_t n)
{
    struct net_addr a = addr("127.0.0.1");
    struct sockaddr_storage ss;
    int l = listener("127.0.0.1", 0, port);
    socklen_t len = net_sockaddr(&a, *port, &ss);
    for (size_t i = 0; i < n; i++) {
        fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        assert_true(connect(fill[i], (struct sockaddr *)&ss, len) == 0 || errno == EINPROGRESS);
    }
    return l;
}

static void test_silent_and_stagger(void **s UNUSED)
{
    struct net_addr two[2] = {addr("127.0.0.1"), addr("127.0.0.2")}, who;
    uint16_t port = 0;
    int fill[4], l = silent_port(&port, fill, 4);
    int64_t t = net_now_ms();
    assert_int_equal(connect_to(two, 1, port, 150, NULL), -1);
    assert_true(net_now_ms() - t >= 150 && net_now_ms() - t < 5000);
    assert_int_equal(err.cause, CAUSE_DC_SILENT);

    /* the second address answers, and is tried although the first hangs */
    int other = listener("127.0.0.2", 4, &port);
    t = net_now_ms();
    int fd = connect_to(two, 2, port, 5000, &who);
    assert_true(fd >= 0);
    assert_string_equal(who.text, "127.0.0.2");
    assert_true(net_now_ms() - t >= NET_STAGGER_MS);
    close(fd);
    close(other);

    /* refused by the second, silence from the first: the refusal is told */
    assert_int_equal(connect_to(two, 2, port, 500, NULL), -1);
    assert_int_equal(err.cause, CAUSE_PORT_BLOCKED);
    assert_string_equal(err_fact_get(&err, FACT_ADDRESS), "127.0.0.2");
    for (int i = 0; i < 4; i++)
        close(fill[i]);
    close(l);
}

static void test_refusal_moves_on_at_once(void **s UNUSED)
{
    struct net_addr two[2] = {addr("127.0.0.1"), addr("127.0.0.2")}, who;
    uint16_t port = 0;
    int l = listener("127.0.0.2", 4, &port);
    int64_t t = net_now_ms();
    int fd = connect_to(two, 2, port, 5000, &who);
    assert_true(fd >= 0);
    assert_string_equal(who.text, "127.0.0.2");
    assert_true(net_now_ms() - t < NET_STAGGER_MS);
    close(fd);
    close(l);
}

static void test_no_route(void **s UNUSED)
{
    struct net_addr a = addr("fe80::1"); /* link-local without a link */
    assert_int_equal(connect_to(&a, 1, 389, 1000, NULL), -1);
    assert_int_equal(err.cause, CAUSE_NO_ROUTE);
    assert_string_equal(err_fact_get(&err, FACT_PORT), "389/tcp");
    assert_int_equal(connect_to(NULL, 0, 389, 1000, NULL), -1);
    assert_int_equal(err.cause, CAUSE_NO_ROUTE);
}

static void test_background(void **s UNUSED)
{
    struct net_addr a = addr("127.0.0.1");
    uint16_t port = 0;
    int l = listener("127.0.0.1", 4, &port);
    struct net_connect *c = net_connect_start(&a, 1, port, 2000);
    int fd = net_connect_finish(c, NULL, NULL, NULL, &err);
    assert_true(fd >= 0);
    close(fd);
    net_connect_free(net_connect_start(&a, 1, port, 2000));
    net_connect_free(NULL);
    close(l);
}

static void test_cancel(void **s UNUSED)
{
    struct net_addr a = addr("127.0.0.1");
    struct cancel c;
    uint16_t port = 0;
    char buf[8];
    int fill[4], sv[2], l = silent_port(&port, fill, 4);
    err = (struct err){0};
    assert_int_equal(cancel_init(&c, &err), 0);
    cancel_fire(&c);
    assert_int_equal(net_connect(&a, 1, port, 60000, "x", &c, NULL, &err), -1);
    assert_int_equal(err.cause, CAUSE_CANCELLED);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
    err = (struct err){0};
    assert_int_equal(net_read(sv[0], buf, sizeof buf, net_now_ms() + 60000, &c, &err), -1);
    assert_int_equal(err.cause, CAUSE_CANCELLED);
    err = (struct err){0};
    assert_int_equal(net_write_all(sv[0], buf, sizeof buf, net_now_ms() + 60000, &c, &err), -1);
    assert_int_equal(err.cause, CAUSE_CANCELLED);
    close(sv[0]);
    close(sv[1]);
    cancel_done(&c);
    for (int i = 0; i < 4; i++)
        close(fill[i]);
    close(l);
}

static void pair(int fd[2], uint16_t *port)
{
    struct net_addr a = addr("127.0.0.1");
    *port = 0;
    int l = listener("127.0.0.1", 4, port);
    fd[0] = connect_to(&a, 1, *port, 2000, NULL);
    fd[1] = accept(l, NULL, NULL);
    assert_true(fd[0] >= 0 && fd[1] >= 0);
    close(l);
    err = (struct err){0};
}

static void test_read_write(void **s UNUSED)
{
    char buf[16] = "";
    int fd[2];
    uint16_t port;
    int64_t soon;
    pair(fd, &port);
    soon = net_now_ms() + 5000;
    assert_int_equal(net_write_all(fd[1], "hello", 5, soon, NULL, &err), 0);
    assert_int_equal(net_read_all(fd[0], buf, 2, soon, NULL, &err), 0);
    assert_int_equal(net_read(fd[0], buf + 2, 14, soon, NULL, &err), 3);
    assert_string_equal(buf, "hello");
    assert_int_equal(net_read(fd[0], buf, 1, net_now_ms() + 30, NULL, &err), -1);
    assert_int_equal(err.code, 1460);
    assert_string_equal(err_fact_get(&err, FACT_ADDRESS), "127.0.0.1");
    assert_non_null(err_fact_get(&err, FACT_PORT));

    err = (struct err){0};
    assert_int_equal(net_write_all(fd[1], "by", 2, soon, NULL, &err), 0);
    shutdown(fd[1], SHUT_WR);
    assert_int_equal(net_read_all(fd[0], buf, 5, soon, NULL, &err), -1);
    assert_int_equal(err.cause, CAUSE_DC_DIED);
    err = (struct err){0};
    assert_int_equal(net_read(fd[0], buf, 5, soon, NULL, &err), 0);
    assert_int_equal(err.code, 0);
    net_close(&fd[0]);
    assert_int_equal(fd[0], -1);
    net_close(&fd[0]);
    close(fd[1]);
}

static void test_reset(void **s UNUSED)
{
    struct linger now = {.l_onoff = 1};
    char buf[16];
    int fd[2];
    uint16_t port;
    pair(fd, &port);
    assert_int_equal(setsockopt(fd[1], SOL_SOCKET, SO_LINGER, &now, sizeof now), 0);
    close(fd[1]); /* a reset, not an end */
    assert_int_equal(net_read(fd[0], buf, sizeof buf, net_now_ms() + 5000, NULL, &err), -1);
    assert_int_equal(err.cause, CAUSE_DC_DIED);
    assert_int_equal(err.lib, ECONNRESET);
    err = (struct err){0};
    assert_int_equal(net_write_all(fd[0], "x", 1, net_now_ms() + 5000, NULL, &err),
                     -1); /* no SIGPIPE */
    assert_int_equal(err.cause, CAUSE_DC_DIED);
    close(fd[0]);
}

static void test_full_pipe(void **s UNUSED)
{
    size_t big = 64u << 20;
    char *data = calloc(1, big);
    int fd[2];
    uint16_t port;
    assert_non_null(data);
    pair(fd, &port);
    assert_int_equal(net_write_all(fd[0], data, big, net_now_ms() + 100, NULL, &err), -1);
    assert_int_equal(err.code, 1460);
    free(data);
    close(fd[0]);
    close(fd[1]);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_connect),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_silent_and_stagger),
        cmocka_unit_test(test_refusal_moves_on_at_once),
        cmocka_unit_test(test_no_route),
        cmocka_unit_test(test_background),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_read_write),
        cmocka_unit_test(test_reset),
        cmocka_unit_test(test_full_pipe),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
