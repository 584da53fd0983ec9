#define _GNU_SOURCE
#include "engine/net/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

int64_t net_now_us(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t net_now_ms(void)
{
    return net_now_us() / 1000;
}

static void print_addr(struct net_addr *a)
{
    char ip[INET6_ADDRSTRLEN] = "";
    inet_ntop(a->family, &a->u, ip, sizeof ip);
    if (a->scope) {
        char ifname[IF_NAMESIZE];
        if (if_indextoname(a->scope, ifname))
            snprintf(a->text, sizeof a->text, "%s%%%s", ip, ifname);
        else
            snprintf(a->text, sizeof a->text, "%s%%%u", ip, a->scope);
    } else {
        snprintf(a->text, sizeof a->text, "%s", ip);
    }
}

/* An interface by name or by number; 0 when there is none. */
static uint32_t scope_of(const char *name)
{
    char *end;
    unsigned long n = if_nametoindex(name);
    if (n == 0 && *name >= '0' && *name <= '9') {
        errno = 0;
        n = strtoul(name, &end, 10);
        if (errno || *end || n > UINT32_MAX)
            n = 0;
    }
    return (uint32_t)n;
}

bool net_addr_parse(const char *text, struct net_addr *a)
{
    char copy[NET_ADDR_TEXT];
    struct net_addr r = {0};
    size_t len = text ? strlen(text) : 0;
    if (len >= 2 && text[0] == '[' && text[len - 1] == ']') {
        text++;
        len -= 2;
    }
    if (len == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (inet_pton(AF_INET, copy, &r.u.v4) == 1) {
        r.family = AF_INET;
    } else {
        char *pct = strchr(copy, '%');
        if (pct)
            *pct = '\0';
        if (inet_pton(AF_INET6, copy, &r.u.v6) != 1)
            return false;
        r.family = AF_INET6;
        r.scope = pct ? scope_of(pct + 1) : 0;
        if (pct && !r.scope)
            return false;
    }
    print_addr(&r);
    *a = r;
    return true;
}

bool net_addr_from_bytes(const void *bytes, size_t len, struct net_addr *a)
{
    struct net_addr r = {0};
    if (len == sizeof r.u.v4)
        r.family = AF_INET;
    else if (len == sizeof r.u.v6)
        r.family = AF_INET6;
    else
        return false;
    memcpy(&r.u, bytes, len);
    print_addr(&r);
    *a = r;
    return true;
}

bool net_addr_equal(const struct net_addr *a, const struct net_addr *b)
{
    if (a->family != b->family || a->scope != b->scope)
        return false;
    if (a->family == AF_INET)
        return a->u.v4.s_addr == b->u.v4.s_addr;
    return a->family == 0 || memcmp(&a->u.v6, &b->u.v6, sizeof a->u.v6) == 0;
}

socklen_t net_sockaddr(const struct net_addr *a, uint16_t port, struct sockaddr_storage *ss)
{
    memset(ss, 0, sizeof *ss);
    if (a->family == AF_INET6) {
        struct sockaddr_in6 *s = (struct sockaddr_in6 *)ss;
        s->sin6_family = AF_INET6;
        s->sin6_port = htons(port);
        s->sin6_addr = a->u.v6;
        s->sin6_scope_id = a->scope;
        return sizeof *s;
    }
    struct sockaddr_in *s = (struct sockaddr_in *)ss;
    s->sin_family = AF_INET;
    s->sin_port = htons(port);
    s->sin_addr = a->u.v4;
    return sizeof *s;
}

bool net_peer(int fd, struct net_addr *a, uint16_t *port)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    *a = (struct net_addr){0};
    if (port)
        *port = 0;
    if (getpeername(fd, (struct sockaddr *)&ss, &len) < 0)
        return false;
    if (ss.ss_family == AF_INET) {
        const struct sockaddr_in *s = (const struct sockaddr_in *)&ss;
        a->u.v4 = s->sin_addr;
        if (port)
            *port = ntohs(s->sin_port);
    } else if (ss.ss_family == AF_INET6) {
        const struct sockaddr_in6 *s = (const struct sockaddr_in6 *)&ss;
        a->u.v6 = s->sin6_addr;
        a->scope = s->sin6_scope_id;
        if (port)
            *port = ntohs(s->sin6_port);
    } else {
        return false;
    }
    a->family = ss.ss_family;
    print_addr(a);
    return true;
}

void net_close(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

static enum cause cause_of(int no)
{
    switch (no) {
    case ECONNREFUSED:
    case ECONNRESET:
    case EACCES:
    case EPERM:
    case ENOPROTOOPT: /* ICMP "protocol unreachable" */
        return CAUSE_PORT_BLOCKED;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EAFNOSUPPORT:
    case EINVAL: /* a link-local address without an interface */
        return CAUSE_NO_ROUTE;
    case ETIMEDOUT:
        return CAUSE_DC_SILENT;
    case EPIPE:
        return CAUSE_DC_DIED;
    default:
        return CAUSE_INTERNAL;
    }
}

static void add_place(struct err *e, const struct net_addr *a, uint16_t port, bool udp)
{
    if (a && a->family)
        err_fact(e, FACT_ADDRESS, "%s", a->text);
    if (port)
        err_fact(e, FACT_PORT, "%u/%s", port, udp ? "udp" : "tcp");
}

int net_explain(struct err *e, int no, const char *server, const struct net_addr *a, uint16_t port,
                bool udp)
{
    char text[128];
    err_cause(e, cause_of(no));
    if (server && *server)
        err_fact(e, FACT_SERVER, "%s", server);
    add_place(e, a, port, udp);
    return err_foreign(e, ERR_SRC_ERRNO, no, "%s", strerror_r(no, text, sizeof text));
}

int net_wait(struct pollfd *fds, size_t n, int64_t deadline, const struct cancel *c, struct err *e)
{
    struct pollfd all[NET_WAIT_MAX + 1];
    if (n > NET_WAIT_MAX)
        return err_cause(e, CAUSE_INTERNAL);
    for (;;) {
        if (cancel_check(c, e) < 0)
            return -1;
        if (n)
            memcpy(all, fds, n * sizeof *fds);
        all[n] = (struct pollfd){.fd = c ? c->fd : -1, .events = POLLIN};
        int64_t left = deadline - net_now_ms();
        if (left < 0)
            left = 0;
        int r = poll(all, n + 1, left > 3600000 ? 3600000 : (int)left);
        if (r < 0 && errno != EINTR)
            return err_errno(e, CAUSE_INTERNAL, errno, NULL);
        if (cancel_check(c, e) < 0)
            return -1;
        if (r < 0)
            continue;
        if (all[n].revents)
            r--;
        if (n)
            memcpy(fds, all, n * sizeof *fds);
        if (r > 0 || net_now_ms() >= deadline)
            return r;
    }
}

/* A stream socket failed: `no` is an errno, 0 stands for an end of stream where more was due. */
static int stream_failed(int fd, int no, struct err *e)
{
    struct net_addr a;
    uint16_t port;
    char text[128];
    net_peer(fd, &a, &port);
    if (no == EAGAIN) {
        err_code(e, (uint32_t)CODE_ERROR_TIMEOUT);
        add_place(e, &a, port, false);
        return -1;
    }
    err_cause(e, CAUSE_DC_DIED);
    add_place(e, &a, port, false);
    return err_foreign(e, ERR_SRC_ERRNO, no, "%s",
                       no ? strerror_r(no, text, sizeof text) : "connection closed by the server");
}

static int wait_one(int fd, short events, int64_t deadline, const struct cancel *c, struct err *e)
{
    struct pollfd p = {.fd = fd, .events = events};
    int r = net_wait(&p, 1, deadline, c, e);
    if (r == 0)
        return stream_failed(fd, EAGAIN, e);
    return r < 0 ? -1 : 0;
}

ssize_t net_read(int fd, void *data, size_t len, int64_t deadline, const struct cancel *c,
                 struct err *e)
{
    for (;;) {
        if (cancel_check(c, e) < 0)
            return -1;
        ssize_t n = recv(fd, data, len, MSG_DONTWAIT);
        if (n >= 0)
            return n;
        if (errno == EINTR)
            continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK)
            return stream_failed(fd, errno, e);
        if (wait_one(fd, POLLIN, deadline, c, e) < 0)
            return -1;
    }
}

int net_read_all(int fd, void *data, size_t len, int64_t deadline, const struct cancel *c,
                 struct err *e)
{
    unsigned char *p = data;
    while (len > 0) {
        ssize_t n = net_read(fd, p, len, deadline, c, e);
        if (n < 0)
            return -1;
        if (n == 0)
            return stream_failed(fd, 0, e);
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

int net_write_all(int fd, const void *data, size_t len, int64_t deadline, const struct cancel *c,
                  struct err *e)
{
    const unsigned char *p = data;
    while (len > 0) {
        if (cancel_check(c, e) < 0)
            return -1;
        ssize_t n = send(fd, p, len, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n >= 0) {
            p += n;
            len -= (size_t)n;
        } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (wait_one(fd, POLLOUT, deadline, c, e) < 0)
                return -1;
        } else if (errno != EINTR) {
            return stream_failed(fd, errno, e);
        }
    }
    return 0;
}

int net_udp(const struct net_addr *a, uint16_t port)
{
    struct sockaddr_storage ss;
    socklen_t len = net_sockaddr(a, port, &ss);
    int fd = socket(a->family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    if (connect(fd, (struct sockaddr *)&ss, len) < 0) {
        int no = errno;
        close(fd);
        errno = no;
        return -1;
    }
    return fd;
}
