/* The TCP connection to the KDC against a scripted peer on the loopback. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/kerb/kerb.h"
#include "engine/kerb/kerb_conn.h"

/* What the peer does with one connection, a character each: 'a' read a request and echo it, 'r'
 * read one and keep quiet, 'x' close, 'X' close with a reset, 'h' send a huge length, 'z' a length
 * of zero, 's' echo one byte at a time, '2' read two requests, then echo both. */
struct peer {
    int fd;
    const char *scripts[6]; /* of the connections, in order */
    pthread_t thread;
    struct net_addr addr;
    uint16_t port;
};

static bool read_all(int fd, unsigned char *p, size_t n)
{
    while (n > 0) {
        ssize_t got = read(fd, p, n);
        if (got <= 0)
            return false;
        p += got;
        n -= (size_t)got;
    }
    return true;
}

static size_t read_request(int fd, unsigned char *p)
{
    if (!read_all(fd, p, 4))
        return 0;
    size_t n = (size_t)p[2] << 8 | p[3];
    return read_all(fd, p + 4, n) ? n + 4 : 0;
}

static void write_some(int fd, const void *p, size_t n)
{
    while (n > 0) {
        ssize_t put = send(fd, p, n, MSG_NOSIGNAL);
        if (put <= 0)
            return;
        p = (const char *)p + put;
        n -= (size_t)put;
    }
}

static void act(int fd, char what)
{
    static const unsigned char huge[4] = {0x7f, 0xff, 0xff, 0xff}, zero[4];
    static unsigned char a[70000], b[70000];
    struct linger now = {1, 0};
    size_t n, m;
    switch (what) {
    case 'a':
        n = read_request(fd, a);
        write_some(fd, a, n);
        break;
    case 's':
        n = read_request(fd, a);
        for (size_t i = 0; i < n; i++)
            write_some(fd, a + i, 1);
        break;
    case '2':
        n = read_request(fd, a);
        m = read_request(fd, b);
        write_some(fd, a, n);
        write_some(fd, b, m);
        break;
    case 'r':
        (void)read_request(fd, a);
        break;
    case 'h':
        (void)read_request(fd, a);
        write_some(fd, huge, sizeof huge);
        break;
    case 'z':
        (void)read_request(fd, a);
        write_some(fd, zero, sizeof zero);
        break;
    case 'X':
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        break;
    }
}

static void *serve(void *arg)
{
    struct peer *p = arg;
    for (size_t i = 0; i < ARRAY_SIZE(p->scripts) && p->scripts[i]; i++) {
        int fd = accept(p->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        const char *s = p->scripts[i];
        for (; *s; s++)
            act(fd, *s);
        char last = s[-1];
        unsigned char byte;
        if (last != 'x' && last != 'X') /* stays open until the other end goes */
            (void)!read(fd, &byte, 1);
        close(fd);
    }
    return NULL;
}

static void peer_start(struct peer *p)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    p->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(p->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(p->fd, 5), 0);
    assert_int_equal(getsockname(p->fd, (struct sockaddr *)&a, &len), 0);
    p->port = ntohs(a.sin_port);
    assert_true(net_addr_parse("127.0.0.1", &p->addr));
    if (p->scripts[0])
        assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
}

static void peer_stop(struct peer *p)
{
    shutdown(p->fd, SHUT_RDWR);
    if (p->scripts[0])
        pthread_join(p->thread, NULL);
    close(p->fd);
}

static void set(struct conn_msg *m, const char *text)
{
    conn_msg_set(m, text, strlen(text));
}

static void expect(const struct conn_msg *m, const char *text)
{
    assert_true(m->done);
    assert_int_equal(m->reply.len, strlen(text));
    assert_memory_equal(m->reply.data, text, strlen(text));
}

static void test_one_connection_for_all(void **s UNUSED)
{
    struct peer p = {.scripts = {"as2"}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m[4] = {0};
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    for (int i = 0; i < 2; i++) {
        set(&m[i], i ? "second" : "first");
        assert_int_equal(conn_submit(&c, &m[i], &e), 0);
        assert_int_equal(conn_wait(&c, &m[i], &e), 0);
    }
    expect(&m[0], "first");
    expect(&m[1], "second");
    set(&m[2], "third");
    set(&m[3], "fourth one");
    assert_int_equal(conn_submit(&c, &m[2], &e), 0);
    assert_int_equal(conn_submit(&c, &m[3], &e), 0);
    assert_int_equal(conn_wait(&c, &m[3], &e), 0); /* takes the older one in as well */
    expect(&m[2], "third");
    expect(&m[3], "fourth one");
    assert_int_equal(c.connects, 1);
    assert_int_equal(c.exchanges, 4);
    for (int i = 0; i < 4; i++)
        conn_msg_free(&m[i]);
    conn_done(&c);
    peer_stop(&p);
}

static void test_large(void **s UNUSED)
{
    struct peer p = {.scripts = {"a"}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m = {0};
    static char text[60000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = (char)(i * 7);
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    conn_msg_set(&m, text, sizeof text);
    assert_int_equal(conn_submit(&c, &m, &e), 0);
    assert_int_equal(conn_wait(&c, &m, &e), 0);
    assert_int_equal(m.reply.len, sizeof text);
    assert_memory_equal(m.reply.data, text, sizeof text);
    conn_msg_free(&m);
    conn_done(&c);
    peer_stop(&p);
}

/* A KDC that closes after every answer, and one that resets, are served by connecting again. */
static void test_closes_between(void **s UNUSED)
{
    /* One after the other: a close with requests unread would be a reset that may overtake the
     * answer. */
    struct peer p = {.scripts = {"ax", "arX", "a", NULL}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m[3] = {0};
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    for (int i = 0; i < 3; i++)
        set(&m[i], i == 0 ? "one" : i == 1 ? "two" : "three");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(conn_submit(&c, &m[i], &e), 0);
        assert_int_equal(conn_wait(&c, &m[i], &e), 0);
    }
    expect(&m[0], "one");
    expect(&m[1], "two");
    expect(&m[2], "three");
    assert_int_equal(c.connects, 3);
    for (int i = 0; i < 3; i++)
        conn_msg_free(&m[i]);
    conn_done(&c);
    peer_stop(&p);
}

static enum cause try_script(const char *first, const char *second, unsigned *connects)
{
    struct peer p = {.scripts = {first, second}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m = {0};
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc1.example.com", NULL);
    set(&m, "request");
    if (conn_submit(&c, &m, &e) == 0)
        assert_int_equal(conn_wait(&c, &m, &e), -1);
    *connects = c.connects;
    assert_string_equal(err_fact_get(&e, FACT_SERVER), "dc1.example.com");
    assert_string_equal(err_fact_get(&e, FACT_ADDRESS), "127.0.0.1");
    assert_non_null(err_fact_get(&e, FACT_PORT));
    conn_msg_free(&m);
    conn_done(&c);
    peer_stop(&p);
    return e.cause;
}

static void test_never_answers_a_request(void **s UNUSED)
{
    unsigned connects;
    assert_int_equal(try_script("rx", "rx", &connects), CAUSE_DC_DIED);
    assert_int_equal(connects, 2); /* one more try, no more */
    assert_int_equal(try_script("rX", "rX", &connects), CAUSE_DC_DIED);
    assert_int_equal(connects, 2);
}

static void send_once(struct conn *c, struct conn_msg *m, const char *text)
{
    struct err e = {0};
    set(m, text);
    m->once = true;
    assert_int_equal(conn_submit(c, m, &e), 0);
}

/* A person's proof is not sent again when its answer is lost: the second peer gets the next request
 * and nothing before it. */
static void lost_after(const char *script)
{
    struct peer p = {.scripts = {script, "a"}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m[3] = {0};
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc1.example.com", NULL);
    set(&m[0], "question");
    assert_int_equal(conn_submit(&c, &m[0], &e), 0);
    assert_int_equal(conn_wait(&c, &m[0], &e), 0);
    send_once(&c, &m[1], "proof");
    assert_int_equal(conn_wait(&c, &m[1], &e), -1);
    assert_int_equal(e.cause, CAUSE_LOGIN_LOST);
    assert_string_equal(err_fact_get(&e, FACT_SERVER), "dc1.example.com");
    assert_int_equal(c.connects, 1);
    e = (struct err){0};
    set(&m[2], "next");
    assert_int_equal(conn_submit(&c, &m[2], &e), 0);
    assert_int_equal(conn_wait(&c, &m[2], &e), 0);
    expect(&m[2], "next");
    assert_false(m[1].done);
    for (int i = 0; i < 3; i++)
        conn_msg_free(&m[i]);
    conn_done(&c);
    peer_stop(&p);
}

static void test_proof_is_sent_once(void **s UNUSED)
{
    lost_after("arx");
    lost_after("arX");
}

/* Of two under way, the one that may be repeated is, the other one is lost. */
static void test_only_the_proof_is_lost(void **s UNUSED)
{
    struct peer p = {.scripts = {"rrx", "a"}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m[2] = {0};
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    send_once(&c, &m[0], "proof");
    set(&m[1], "ticket");
    assert_int_equal(conn_submit(&c, &m[1], &e), 0);
    assert_int_equal(conn_wait(&c, &m[1], &e), 0);
    expect(&m[1], "ticket");
    assert_int_equal(c.connects, 2);
    assert_int_equal(conn_wait(&c, &m[0], &e), -1);
    assert_int_equal(e.cause, CAUSE_LOGIN_LOST);
    conn_msg_free(&m[0]);
    conn_msg_free(&m[1]);
    conn_done(&c);
    peer_stop(&p);
}

/* A connection that the KDC closed before is no lost proof: nothing was sent on it. */
static void test_proof_after_an_idle_close(void **s UNUSED)
{
    struct peer p = {.scripts = {"ax", "a"}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m[2] = {0};
    char byte;
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    set(&m[0], "question");
    assert_int_equal(conn_submit(&c, &m[0], &e), 0);
    assert_int_equal(conn_wait(&c, &m[0], &e), 0);
    struct pollfd gone = {.fd = c.fd, .events = POLLIN};
    assert_int_equal(poll(&gone, 1, KERB_EXCHANGE_MS), 1); /* its end has arrived */
    assert_int_equal(recv(c.fd, &byte, 1, MSG_PEEK), 0);
    send_once(&c, &m[1], "proof");
    assert_int_equal(conn_wait(&c, &m[1], &e), 0);
    expect(&m[1], "proof");
    assert_int_equal(c.connects, 2);
    conn_msg_free(&m[0]);
    conn_msg_free(&m[1]);
    conn_done(&c);
    peer_stop(&p);
}

static void test_absurd_length(void **s UNUSED)
{
    unsigned connects;
    assert_int_equal(try_script("h", NULL, &connects), CAUSE_DC_LIED);
    assert_int_equal(try_script("z", NULL, &connects), CAUSE_DC_LIED);
}

static void test_refused(void **s UNUSED)
{
    struct peer p = {.scripts = {NULL}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m = {0};
    peer_start(&p);
    peer_stop(&p); /* the port is free again */
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    set(&m, "request");
    if (conn_submit(&c, &m, &e) == 0)
        assert_int_equal(conn_wait(&c, &m, &e), -1);
    assert_int_equal(e.cause, CAUSE_PORT_BLOCKED);
    assert_int_equal(e.src, ERR_SRC_ERRNO);
    assert_int_equal(e.lib, ECONNREFUSED);
    conn_msg_free(&m);
    conn_done(&c);
}

struct firing {
    struct cancel *cancel;
    int fd;
};

/* Fires once the peer has the request, so the other side is waiting for its answer by then. */
static void *fire_when_connected(void *arg)
{
    struct firing *f = arg;
    unsigned char request[64];
    int fd = accept(f->fd, NULL, NULL);
    (void)read_request(fd, request);
    cancel_fire(f->cancel);
    (void)!read(fd, request, 1);
    close(fd);
    return NULL;
}

static void test_cancel(void **s UNUSED)
{
    struct peer p = {.scripts = {NULL}};
    struct cancel cancel;
    struct conn c;
    struct err e = {0};
    struct conn_msg m = {0};
    pthread_t thread;
    assert_int_equal(cancel_init(&cancel, &e), 0);
    peer_start(&p);
    struct firing f = {&cancel, p.fd};
    assert_int_equal(pthread_create(&thread, NULL, fire_when_connected, &f), 0);
    conn_init(&c, -1, &p.addr, p.port, "dc", &cancel);
    set(&m, "request");
    int64_t start = net_now_ms();
    assert_int_equal(conn_submit(&c, &m, &e), 0);
    assert_int_equal(conn_wait(&c, &m, &e), -1);
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    assert_true(net_now_ms() - start < KERB_EXCHANGE_MS / 2);
    e = (struct err){0};
    assert_int_equal(conn_submit(&c, &m, &e), -1); /* and stays cancelled */
    assert_int_equal(e.cause, CAUSE_CANCELLED);
    conn_done(&c);
    conn_msg_free(&m);
    pthread_join(thread, NULL);
    close(p.fd);
    cancel_done(&cancel);
}

/* Giving a message up does not disturb the others. */
static void test_forget(void **s UNUSED)
{
    struct peer p = {.scripts = {"r", "a"}};
    struct conn c;
    struct err e = {0};
    struct conn_msg m[2] = {0};
    peer_start(&p);
    conn_init(&c, -1, &p.addr, p.port, "dc", NULL);
    set(&m[0], "given up");
    set(&m[1], "wanted");
    assert_int_equal(conn_submit(&c, &m[0], &e), 0);
    conn_forget(&c, &m[0]);
    assert_int_equal(conn_submit(&c, &m[1], &e), 0);
    assert_int_equal(conn_wait(&c, &m[1], &e), 0);
    expect(&m[1], "wanted");
    conn_forget(&c, &m[1]);
    conn_msg_free(&m[0]);
    conn_msg_free(&m[1]);
    conn_done(&c);
    peer_stop(&p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_connection_for_all),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_closes_between),
        cmocka_unit_test(test_never_answers_a_request),
        cmocka_unit_test(test_proof_is_sent_once),
        cmocka_unit_test(test_only_the_proof_is_lost),
        cmocka_unit_test(test_proof_after_an_idle_close),
        cmocka_unit_test(test_absurd_length),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_forget),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
