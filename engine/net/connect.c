/* Several addresses, one connection: RFC 8305 without the name resolution part. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/net/net.h"

struct attempt {
    struct net_addr addr;
    int fd;
    int no; /* errno of its failure */
};

struct net_connect {
    struct attempt a[NET_CONNECT_ADDRS_MAX];
    size_t n, started;
    uint16_t port;
    int64_t deadline, next_at;
    int winner; /* index, -1 = none yet */
    bool failed;
};

/* Alternates the families, beginning with that of the first address, keeping the order within each.
 */
static void interleave(struct net_connect *c, const struct net_addr *addrs, size_t n)
{
    size_t at[2] = {0, 0};
    int want = n ? addrs[0].family : 0;
    while (c->n < NET_CONNECT_ADDRS_MAX) {
        bool placed = false;
        for (int turn = 0; turn < 2 && !placed; turn++) {
            size_t *i = &at[want == AF_INET6];
            while (*i < n && addrs[*i].family != want)
                (*i)++;
            if (*i < n) {
                c->a[c->n++] = (struct attempt){.addr = addrs[(*i)++], .fd = -1};
                placed = true;
            }
            want = want == AF_INET6 ? AF_INET : AF_INET6;
        }
        if (!placed)
            return;
    }
}

static void start_attempt(struct net_connect *c, struct attempt *a)
{
    struct sockaddr_storage ss;
    socklen_t len = net_sockaddr(&a->addr, c->port, &ss);
    int one = 1;
    a->fd = socket(a->addr.family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (a->fd < 0) {
        a->no = errno;
        return;
    }
    (void)setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(a->fd, (struct sockaddr *)&ss, len) < 0 && errno != EINPROGRESS) {
        a->no = errno;
        net_close(&a->fd);
    }
}

static bool any_open(const struct net_connect *c)
{
    for (size_t i = 0; i < c->started; i++) {
        if (c->a[i].fd >= 0)
            return true;
    }
    return false;
}

static void start_due(struct net_connect *c, int64_t now)
{
    while (c->started < c->n && (now >= c->next_at || !any_open(c))) {
        start_attempt(c, &c->a[c->started++]);
        c->next_at = now + NET_STAGGER_MS;
    }
}

struct net_connect *net_connect_start(const struct net_addr *addrs, size_t n, uint16_t port,
                                      int timeout_ms)
{
    struct net_connect *c = xcalloc(1, sizeof *c);
    c->port = port;
    c->winner = -1;
    c->deadline = net_now_ms() + timeout_ms;
    interleave(c, addrs, n);
    start_due(c, net_now_ms());
    c->failed = !any_open(c);
    return c;
}

/* Looks at one attempt under way: true when it is connected. */
static bool attempt_done(struct attempt *a)
{
    struct pollfd p = {.fd = a->fd, .events = POLLOUT};
    int no = 0;
    socklen_t len = sizeof no;
    if (poll(&p, 1, 0) <= 0 || !p.revents)
        return false;
    if (getsockopt(a->fd, SOL_SOCKET, SO_ERROR, &no, &len) < 0)
        no = errno;
    if (no == 0 && !(p.revents & POLLHUP))
        return true;
    a->no = no ? no : ECONNRESET;
    net_close(&a->fd);
    return false;
}

int net_connect_step(struct net_connect *c)
{
    if (c->winner >= 0)
        return 1;
    if (c->failed)
        return -1;
    for (size_t i = 0; i < c->started; i++) {
        if (c->a[i].fd >= 0 && attempt_done(&c->a[i])) {
            c->winner = (int)i;
            return 1;
        }
    }
    int64_t now = net_now_ms();
    if (now < c->deadline)
        start_due(c, now);
    if (now < c->deadline && any_open(c))
        return 0;
    c->failed = true;
    return -1;
}

size_t net_connect_fds(const struct net_connect *c, struct pollfd *fds, int64_t *deadline)
{
    size_t n = 0;
    if (c->winner >= 0 || c->failed)
        return 0;
    for (size_t i = 0; i < c->started; i++) {
        if (c->a[i].fd >= 0)
            fds[n++] = (struct pollfd){.fd = c->a[i].fd, .events = POLLOUT};
    }
    int64_t wake = c->started < c->n && c->next_at < c->deadline ? c->next_at : c->deadline;
    if (wake < *deadline)
        *deadline = wake;
    return n;
}

void net_connect_free(struct net_connect *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        net_close(&c->a[i].fd);
    free(c);
}

/* A refusal says more than silence, and silence more than a missing route (often just "no IPv6
 * here"). */
static int weight_of(const struct attempt *a)
{
    switch (a->no) {
    case ECONNREFUSED:
    case ECONNRESET:
        return 3;
    case 0:
    case ETIMEDOUT:
        return 2;
    default:
        return 1;
    }
}

static int explain(const struct net_connect *c, const char *server, struct err *e)
{
    const struct attempt *worst = NULL;
    for (size_t i = 0; i < c->started; i++) {
        if (!worst || weight_of(&c->a[i]) > weight_of(worst))
            worst = &c->a[i];
    }
    if (!worst)
        return net_explain(e, EADDRNOTAVAIL, server, NULL, c->port, false);
    return net_explain(e, worst->no ? worst->no : ETIMEDOUT, server, &worst->addr, c->port, false);
}

int net_connect_finish(struct net_connect *c, const char *server, const struct cancel *cancel,
                       struct net_addr *addr, struct err *e)
{
    int state, fd = -1;
    while ((state = net_connect_step(c)) == 0) {
        struct pollfd fds[NET_CONNECT_ADDRS_MAX];
        int64_t until = INT64_MAX;
        size_t n = net_connect_fds(c, fds, &until);
        if (net_wait(fds, n, until, cancel, e) < 0) {
            net_connect_free(c);
            return -1;
        }
    }
    if (state > 0) {
        struct attempt *a = &c->a[c->winner];
        fd = a->fd;
        a->fd = -1;
        if (addr)
            *addr = a->addr;
    } else {
        explain(c, server, e);
    }
    net_connect_free(c);
    return fd;
}

int net_connect(const struct net_addr *addrs, size_t n, uint16_t port, int timeout_ms,
                const char *server, const struct cancel *cancel, struct net_addr *addr,
                struct err *e)
{
    return net_connect_finish(net_connect_start(addrs, n, port, timeout_ms), server, cancel, addr,
                              e);
}
