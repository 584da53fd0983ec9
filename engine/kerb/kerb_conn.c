#include "engine/kerb/kerb_conn.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/kerb/kerb.h"

static void prepare_socket(int fd)
{
    int on = 1;
    (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void conn_init(struct conn *c, int fd, const struct net_addr *addr, uint16_t port, const char *host,
               const struct cancel *cancel)
{
    *c = (struct conn){.fd = fd, .port = port, .cancel = cancel, .wait_ms = KERB_EXCHANGE_MS};
    if (addr)
        c->addr = *addr;
    snprintf(c->host, sizeof c->host, "%s", host ? host : "");
    if (fd >= 0) {
        prepare_socket(fd);
        c->connects = 1;
    }
}

/* What may go out only once and is out already leaves the queue: its answer is lost for good. */
static void lose_sent(struct conn *c)
{
    size_t end = 0, kept = 0;
    for (size_t i = 0; i < c->n_queue; i++) {
        struct conn_msg *m = c->queue[i];
        end += m->request.len;
        m->lost = m->once && c->sent >= end;
        if (!m->lost)
            c->queue[kept++] = m;
        else
            buf_free(&m->reply);
    }
    c->n_queue = kept;
}

static void hang_up(struct conn *c)
{
    lose_sent(c);
    net_close(&c->fd);
    c->connected = false;
    c->n_head = 0;
    c->sent = 0;
    c->replies = 0;
    for (size_t i = 0; i < c->n_queue; i++)
        buf_free(&c->queue[i]->reply);
}

void conn_done(struct conn *c)
{
    hang_up(c);
    c->n_queue = 0;
}

void conn_msg_set(struct conn_msg *m, const void *data, size_t len)
{
    unsigned char head[4] = {(unsigned char)(len >> 24), (unsigned char)(len >> 16),
                             (unsigned char)(len >> 8), (unsigned char)len};
    conn_msg_free(m);
    m->request = BUF_INIT(KERB_REPLY_MAX + sizeof head);
    buf_put(&m->request, head, sizeof head);
    buf_put(&m->request, data, len);
}

void conn_msg_free(struct conn_msg *m)
{
    buf_free(&m->request);
    buf_free(&m->reply);
    *m = (struct conn_msg){0};
}

static int fail(const struct conn *c, struct err *e, enum cause cause, int no)
{
    err_fact(e, FACT_SERVER, "%s", c->host);
    if (c->addr.family)
        err_fact(e, FACT_ADDRESS, "%s", c->addr.text);
    err_fact(e, FACT_PORT, "%u/tcp", c->port);
    return err_errno(e, cause, no, NULL);
}

static int fail_connect(const struct conn *c, struct err *e, int no)
{
    bool routed = no != ENETUNREACH && no != EHOSTUNREACH && no != ENETDOWN && no != EADDRNOTAVAIL;
    return fail(c, e, routed ? CAUSE_PORT_BLOCKED : CAUSE_NO_ROUTE, no);
}

static int dial(struct conn *c, struct err *e)
{
    struct sockaddr_storage to;
    if (!c->addr.family)
        return fail(c, e, CAUSE_DC_DIED, ENOTCONN);
    socklen_t len = net_sockaddr(&c->addr, c->port, &to);
    c->fd = socket(c->addr.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (c->fd < 0)
        return fail_connect(c, e, errno);
    prepare_socket(c->fd);
    c->connects++;
    if (connect(c->fd, (const struct sockaddr *)&to, len) == 0) {
        c->connected = true;
    } else if (errno != EINPROGRESS) {
        int no = errno;
        hang_up(c);
        return fail_connect(c, e, no);
    }
    return 0;
}

/* The connection is gone. A KDC may close an idle one, or after each answer; two in a row without
 * any answer are a failure. */
static int reconnect(struct conn *c, int no, struct err *e)
{
    if (!c->connected && no != 0)
        return fail_connect(c, e, no);
    c->barren = c->replies > 0 ? 0 : c->barren + 1;
    if (c->barren >= 2)
        return fail(c, e, CAUSE_DC_DIED, no ? no : ECONNRESET);
    log_debug("kerberos: %s closed the connection, connecting again", c->host);
    hang_up(c);
    return c->n_queue > 0 ? dial(c, e) : 0;
}

/* An idle connection that the KDC has closed takes what is sent and loses it. */
static bool closed_meanwhile(const struct conn *c)
{
    char byte;
    if (c->fd < 0 || !c->connected || c->n_queue > 0)
        return false;
    ssize_t n = recv(c->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}

/* The queue's requests form one stream, of which `sent` bytes are out. */
static const struct buf *unsent(const struct conn *c, size_t *at)
{
    size_t skip = c->sent;
    for (size_t i = 0; i < c->n_queue; i++) {
        const struct buf *b = &c->queue[i]->request;
        if (skip < b->len) {
            *at = skip;
            return b;
        }
        skip -= b->len;
    }
    return NULL;
}

static int pump_out(struct conn *c, struct err *e)
{
    size_t at;
    const struct buf *b;
    while ((b = unsent(c, &at))) {
        ssize_t n = send(c->fd, b->data + at, b->len - at, MSG_NOSIGNAL);
        if (n >= 0) {
            c->connected = true;
            c->sent += (size_t)n;
        } else if (errno == EAGAIN || errno == ENOTCONN) {
            return 0;
        } else if (errno != EINTR) {
            if (reconnect(c, errno, e) < 0)
                return -1;
        }
    }
    return 0;
}

static void reply_complete(struct conn *c)
{
    struct conn_msg *m = c->queue[0];
    c->sent -= m->request.len;
    m->done = true;
    c->replies++;
    c->exchanges++;
    c->n_head = 0;
    c->n_queue--;
    memmove(c->queue, c->queue + 1, c->n_queue * sizeof c->queue[0]);
}

static size_t reply_length(const struct conn *c)
{
    return (size_t)c->head[0] << 24 | (size_t)c->head[1] << 16 | (size_t)c->head[2] << 8 |
           c->head[3];
}

/* One read. 1 = something came, 0 = nothing there now. */
static int pump_in(struct conn *c, struct err *e)
{
    unsigned char chunk[4096];
    bool heading = c->n_head < sizeof c->head;
    struct buf *reply = &c->queue[0]->reply;
    size_t want = heading ? sizeof c->head - c->n_head : reply_length(c) - reply->len;
    if (want > sizeof chunk)
        want = sizeof chunk;
    ssize_t n = recv(c->fd, heading ? c->head + c->n_head : chunk, want, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOTCONN))
        return 0;
    if (n <= 0)
        return reconnect(c, n < 0 ? errno : 0, e) < 0 ? -1 : 1;
    if (!heading) {
        buf_put(reply, chunk, (size_t)n);
    } else {
        c->n_head += (size_t)n;
        if (c->n_head < sizeof c->head)
            return 1;
        if (reply_length(c) == 0 || reply_length(c) > KERB_REPLY_MAX ||
            c->sent < c->queue[0]->request.len) {
            err_fact(e, FACT_DETAIL, "answer of %zu bytes", reply_length(c));
            return fail(c, e, CAUSE_DC_LIED, EMSGSIZE);
        }
        *reply = BUF_INIT(KERB_REPLY_MAX);
    }
    if (reply->failed)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    if (c->n_head == sizeof c->head && reply->len == reply_length(c))
        reply_complete(c);
    return 1;
}

int conn_submit(struct conn *c, struct conn_msg *m, struct err *e)
{
    if (c->n_queue >= CONN_QUEUE_MAX || m->request.failed || m->request.len < 4)
        return err_cause(e, CAUSE_INTERNAL);
    if (cancel_check(c->cancel, e) < 0)
        return -1;
    m->done = false;
    m->lost = false;
    buf_free(&m->reply);
    if (m->once && closed_meanwhile(c))
        hang_up(c);
    c->queue[c->n_queue++] = m;
    if (c->fd < 0) {
        c->barren = 0;
        if (dial(c, e) < 0)
            goto failed;
    }
    if (pump_out(c, e) == 0)
        return 0;
failed:
    conn_forget(c, m);
    return -1;
}

static int wait_io(struct conn *c, int64_t deadline, struct err *e)
{
    size_t at;
    struct pollfd p = {.fd = c->fd,
                       .events = (short)(POLLIN | (unsent(c, &at) || !c->connected ? POLLOUT : 0))};
    int n = net_wait(&p, 1, deadline, c->cancel, e);
    if (n < 0)
        return -1;
    if (n == 0)
        return fail(c, e, c->connected ? CAUSE_KDC_SILENT : CAUSE_PORT_BLOCKED, ETIMEDOUT);
    if (!c->connected) {
        int no = 0;
        socklen_t len = sizeof no;
        if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &no, &len) < 0 || no)
            return fail_connect(c, e, no ? no : errno);
        if (p.revents & POLLOUT)
            c->connected = true;
    }
    return 0;
}

int conn_wait(struct conn *c, struct conn_msg *m, struct err *e)
{
    int64_t deadline = net_now_ms() + c->wait_ms;
    while (!m->done) {
        if (m->lost) {
            fail(c, e, CAUSE_LOGIN_LOST, ECONNRESET);
            goto failed;
        }
        if (c->fd < 0) /* an earlier failure took the connection */
            goto failed;
        if (pump_out(c, e) < 0)
            goto failed;
        int n = pump_in(c, e);
        if (n < 0 || (n == 0 && wait_io(c, deadline, e) < 0))
            goto failed;
        if (net_now_ms() > deadline + 1000) { /* an answer that trickles in */
            fail(c, e, CAUSE_KDC_SILENT, ETIMEDOUT);
            goto failed;
        }
    }
    return 0;
failed:
    conn_done(c);
    if (!e->code)
        fail(c, e, CAUSE_DC_DIED, ENOTCONN);
    return -1;
}

void conn_forget(struct conn *c, struct conn_msg *m)
{
    for (size_t i = 0; i < c->n_queue; i++) {
        if (c->queue[i] != m)
            continue;
        c->n_queue--;
        memmove(c->queue + i, c->queue + i + 1, (c->n_queue - i) * sizeof c->queue[0]);
        hang_up(c); /* the stream would not fit the queue any more; what is left is sent again */
        return;
    }
}
