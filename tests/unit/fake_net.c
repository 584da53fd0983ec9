#define _GNU_SOURCE
#include "tests/unit/fake_net.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"
#include "engine/net/net.h"

#define DCS_MAX     40
#define LATER_MAX   64
#define STREAMS_MAX 128
#define ASKED_MAX   256
#define DNS_STREAM  SIZE_MAX
#define UDP_MAX     1232

struct later { /* a datagram or stream answer that is due at some time */
    int64_t at;
    int fd;
    struct sockaddr_in to; /* datagrams */
    bool stream, close_after;
    unsigned char data[1024];
    size_t len;
};

struct stream {
    int fd;
    size_t dc;
};

struct fake_net_run {
    pthread_t thread;
    pthread_mutex_t lock;
    int stop, dns, dns_tcp;
    int udp[DCS_MAX], tcp[DCS_MAX], kdc[DCS_MAX];
    struct later later[LATER_MAX];
    struct stream streams[STREAMS_MAX];
    size_t n_streams;
    char asked[ASKED_MAX][256];
    size_t n_asked;
    int lost;
};

static void need(bool ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "fake_net: ");
        perror(what);
        abort();
    }
}

/* Notes the question; false when it is to be lost. */
static bool asked(struct fake_net *f, const unsigned char *q, size_t n)
{
    struct fake_net_run *r = f->run;
    char name[256];
    unsigned type;
    if (n < 12 || fake_dns_question(q, n, name, &type) == 0)
        return false;
    pthread_mutex_lock(&r->lock);
    if (r->n_asked < ASKED_MAX)
        snprintf(r->asked[r->n_asked++], sizeof r->asked[0], "%s", name);
    pthread_mutex_unlock(&r->lock);
    return f->zone->lose >= 0 && r->lost++ >= f->zone->lose;
}

static struct later *new_later(struct fake_net_run *r)
{
    for (size_t i = 0; i < LATER_MAX; i++) {
        if (r->later[i].len == 0)
            return &r->later[i];
    }
    abort();
}

static void serve_dns(struct fake_net *f)
{
    struct fake_net_run *r = f->run;
    unsigned char q[2048], a[16384];
    struct sockaddr_in from;
    socklen_t flen = sizeof from;
    ssize_t n = recvfrom(r->dns, q, sizeof q, MSG_DONTWAIT, (struct sockaddr *)&from, &flen);
    if (n <= 0 || !asked(f, q, (size_t)n))
        return;
    size_t len = fake_dns_answer(f->zone, q, (size_t)n, a, sizeof a);
    if (len > UDP_MAX) {
        a[2] |= 2; /* truncated: ask again over TCP */
        memset(a + 6, 0, 6);
        len = 12 + strlen((char *)a + 12) + 5;
    }
    if (f->zone->stray) {
        a[0] ^= 0x55;
        (void)!sendto(r->dns, a, len, 0, (struct sockaddr *)&from, flen);
        a[0] ^= 0x55;
    }
    if (len && f->zone->delay_ms && len <= sizeof r->later[0].data) {
        struct later *l = new_later(r);
        *l = (struct later){
            .at = net_now_ms() + f->zone->delay_ms, .fd = r->dns, .to = from, .len = len};
        memcpy(l->data, a, len);
    } else if (len) {
        (void)!sendto(r->dns, a, len, 0, (struct sockaddr *)&from, flen);
    }
}

/* One read, one question: loopback does not split them. */
static void serve_dns_stream(struct fake_net *f, int fd, const unsigned char *q, size_t n)
{
    unsigned char a[2 + 16384];
    if (n < 14 || !asked(f, q + 2, n - 2))
        return;
    size_t len = fake_dns_answer(f->zone, q + 2, n - 2, a + 2, sizeof a - 2);
    a[0] = (unsigned char)(len >> 8);
    a[1] = (unsigned char)len;
    (void)!send(fd, a, len + 2, MSG_NOSIGNAL);
}

/* ---- LDAP ---- */

static void put16(struct buf *b, unsigned v)
{
    buf_byte(b, (unsigned char)(v >> 8));
    buf_byte(b, (unsigned char)v);
}

static void put_name(struct buf *b, const char *dotted)
{
    while (*dotted) {
        size_t n = strcspn(dotted, ".");
        buf_byte(b, (unsigned char)n);
        buf_put(b, dotted, n);
        dotted += n + (dotted[n] == '.');
    }
    buf_byte(b, 0);
}

static void put_tlv(struct buf *out, unsigned tag, const struct buf *in)
{
    buf_byte(out, (unsigned char)tag);
    buf_byte(out, 0x84); /* the long form, as Windows does */
    put16(out, 0);
    put16(out, (unsigned)in->len);
    buf_put(out, in->data, in->len);
}

static void put_netlogon(struct buf *b, const struct fake_dc *dc)
{
    unsigned char head[24] = {dc->mode == FAKE_PAUSED ? 24 : 23};
    for (int i = 0; i < 4; i++)
        head[4 + i] = (unsigned char)(dc->flags >> (8 * i));
    buf_put(b, head, sizeof head);
    put_name(b, dc->domain);
    put_name(b, dc->domain);
    put_name(b, dc->host);
    put_name(b, dc->netbios);
    put_name(b, "DC");
    put_name(b, "");
    put_name(b, dc->site);
    put_name(b, dc->client_site);
    buf_put(b, "\5\0\0\0\xff\xff\xff\xff", 8);
}

static void wrap(struct buf *b, unsigned tag)
{
    struct buf in = *b, out = BUF_INIT(4096);
    put_tlv(&out, tag, &in);
    buf_free(&in);
    *b = out;
}

/* The id is copied as it came: a DER INTEGER within the request's SEQUENCE. */
static size_t ping_answer(const struct fake_dc *dc, const unsigned char *req, size_t len,
                          unsigned char *out)
{
    struct buf value = BUF_INIT(4096), entry = BUF_INIT(4096), done = BUF_INIT(4096);
    if (len < 8 || req[0] != 0x30 || req[1] > 0x7f || req[2] != 2)
        return 0;
    size_t id_len = 2u + req[3];
    put_netlogon(&value, dc);
    wrap(&value, 0x04);
    wrap(&value, 0x31);
    struct buf attr = BUF_INIT(4096);
    buf_put(&attr, "\x04\x08netlogon", 10);
    buf_put(&attr, value.data, value.len);
    wrap(&attr, 0x30);
    wrap(&attr, 0x30);
    struct buf body = BUF_INIT(4096);
    buf_put(&body, "\x04\0", 2);
    buf_put(&body, attr.data, attr.len);
    wrap(&body, 0x64);
    buf_put(&entry, req + 2, id_len);
    buf_put(&entry, body.data, body.len);
    wrap(&entry, 0x30);
    buf_put(&done, req + 2, id_len);
    buf_put(&done, "\x65\x07\x0a\1\0\4\0\4\0", 9);
    wrap(&done, 0x30);
    size_t n = 0;
    if (dc->mode != FAKE_NOT_SERVED) {
        memcpy(out, entry.data, entry.len);
        n = entry.len;
    }
    memcpy(out + n, done.data, done.len);
    n += done.len;
    if (dc->mode == FAKE_GARBAGE)
        memset(out + 12, 0xee, n - 12);
    buf_free(&value);
    buf_free(&attr);
    buf_free(&body);
    buf_free(&entry);
    buf_free(&done);
    return n;
}

static void junk(int fd, const struct later *l, int times)
{
    unsigned char d[sizeof l->data];
    memcpy(d, l->data, l->len);
    for (int k = 0; k < times; k++) {
        d[8] = l->data[8] ^ 0x11; /* in the message id, whose head is 30 84 L L L L 02 n */
        (void)!sendto(fd, d, l->len, 0, (const struct sockaddr *)&l->to, sizeof l->to);
        (void)!sendto(fd, l->data, l->len / 2, 0, (const struct sockaddr *)&l->to, sizeof l->to);
    }
}

/* From a port that nobody asked. */
static void from_elsewhere(const struct fake_dc *dc, const struct later *l)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    need(fd >= 0 && inet_pton(AF_INET, dc->addr, &own.sin_addr) == 1 &&
             bind(fd, (struct sockaddr *)&own, sizeof own) == 0,
         "another port");
    (void)!sendto(fd, l->data, l->len, 0, (const struct sockaddr *)&l->to, sizeof l->to);
    close(fd);
}

static void serve_ping(struct fake_net *f, size_t i)
{
    const struct fake_dc *dc = &f->dc[i];
    struct later *l = new_later(f->run);
    unsigned char q[2048];
    socklen_t tlen = sizeof l->to;
    ssize_t n =
        recvfrom(f->run->udp[i], q, sizeof q, MSG_DONTWAIT, (struct sockaddr *)&l->to, &tlen);
    if (n <= 0 || dc->mode == FAKE_SILENT || dc->mode == FAKE_NO_UDP || dc->mode == FAKE_HALF ||
        dc->mode == FAKE_HUGE)
        return;
    l->len = ping_answer(dc, q, (size_t)n, l->data);
    if (dc->mode == FAKE_JUNK_FIRST || dc->mode == FAKE_FLOOD)
        junk(f->run->udp[i], l, dc->mode == FAKE_FLOOD ? 500 : 1);
    if (dc->mode == FAKE_OTHER_PORT)
        from_elsewhere(dc, l);
    if (dc->mode == FAKE_FLOOD || dc->mode == FAKE_OTHER_PORT)
        l->len = 0;
    l->fd = f->run->udp[i];
    l->stream = false;
    l->at = net_now_ms() + dc->delay_ms;
}

static void serve_stream(struct fake_net *f, struct stream *s)
{
    unsigned char q[2048];
    ssize_t n = recv(s->fd, q, sizeof q, MSG_DONTWAIT);
    if (n <= 0) {
        for (size_t i = 0; i < LATER_MAX; i++) {
            if (f->run->later[i].stream && f->run->later[i].fd == s->fd)
                f->run->later[i].len = 0;
        }
        close(s->fd);
        *s = f->run->streams[--f->run->n_streams];
        return;
    }
    if (s->dc == DNS_STREAM) {
        serve_dns_stream(f, s->fd, q, (size_t)n);
        return;
    }
    const struct fake_dc *dc = &f->dc[s->dc];
    if (dc->mode == FAKE_SILENT || dc->mode == FAKE_FLOOD || dc->mode == FAKE_OTHER_PORT)
        return;
    if (dc->mode == FAKE_HUGE) {
        static const unsigned char head[65536] = {0x30, 0x84, 0x7f, 0xff, 0xff, 0xff};
        (void)!send(s->fd, head, sizeof head, MSG_NOSIGNAL | MSG_DONTWAIT);
        return;
    }
    struct later *l = new_later(f->run);
    l->len = ping_answer(dc, q, (size_t)n, l->data);
    l->fd = s->fd;
    l->stream = true;
    l->close_after = dc->mode == FAKE_HALF;
    l->at = net_now_ms() + dc->delay_ms;
}

static void send_due(struct fake_net_run *r)
{
    for (size_t i = 0; i < LATER_MAX; i++) {
        struct later *l = &r->later[i];
        if (l->len == 0 || net_now_ms() < l->at)
            continue;
        if (!l->stream) {
            (void)!sendto(l->fd, l->data, l->len, 0, (struct sockaddr *)&l->to, sizeof l->to);
        } else {
            (void)!send(l->fd, l->data, l->close_after ? l->len / 2 : l->len, MSG_NOSIGNAL);
            if (l->close_after)
                shutdown(l->fd, SHUT_RDWR);
        }
        l->len = 0;
    }
}

static int next_due(const struct fake_net_run *r)
{
    int64_t at = INT64_MAX, now = net_now_ms();
    for (size_t i = 0; i < LATER_MAX; i++) {
        if (r->later[i].len && r->later[i].at < at)
            at = r->later[i].at;
    }
    return at == INT64_MAX ? -1 : at <= now ? 0 : (int)(at - now);
}

static void accept_stream(struct fake_net *f, size_t i)
{
    int fd = accept4(i == DNS_STREAM ? f->run->dns_tcp : f->run->tcp[i], NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
        return;
    need(f->run->n_streams < STREAMS_MAX, "streams");
    f->run->streams[f->run->n_streams++] = (struct stream){fd, i};
}

static void *serve(void *arg)
{
    struct fake_net *f = arg;
    struct fake_net_run *r = f->run;
    for (;;) {
        struct pollfd p[3 + 2 * DCS_MAX + STREAMS_MAX];
        size_t n = 0, streams = r->n_streams;
        p[n++] = (struct pollfd){.fd = r->stop, .events = POLLIN};
        p[n++] = (struct pollfd){.fd = r->dns, .events = POLLIN};
        p[n++] = (struct pollfd){.fd = r->dns_tcp, .events = POLLIN};
        for (size_t i = 0; i < f->n_dc; i++) {
            p[n++] = (struct pollfd){.fd = r->udp[i], .events = POLLIN};
            p[n++] = (struct pollfd){.fd = r->tcp[i], .events = POLLIN};
        }
        for (size_t i = 0; i < streams; i++)
            p[n++] = (struct pollfd){.fd = r->streams[i].fd, .events = POLLIN};
        poll(p, n, next_due(r));
        if (p[0].revents)
            return NULL;
        if (p[1].revents)
            serve_dns(f);
        for (size_t i = streams; i-- > 0;) {
            if (p[3 + 2 * f->n_dc + i].revents)
                serve_stream(f, &r->streams[i]);
        }
        if (p[2].revents)
            accept_stream(f, DNS_STREAM);
        for (size_t i = 0; i < f->n_dc; i++) {
            if (p[3 + 2 * i].revents)
                serve_ping(f, i);
            if (p[4 + 2 * i].revents)
                accept_stream(f, i);
        }
        send_due(r);
    }
}

/* ---- sockets ---- */

/* Bound to addr:*port; *port 0 takes any and tells it. -1 when the port is in use. */
static int bound(int type, const char *addr, uint16_t *port)
{
    struct sockaddr_in s = {.sin_family = AF_INET, .sin_port = htons(*port)};
    socklen_t len = sizeof s;
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    need(fd >= 0 && inet_pton(AF_INET, addr, &s.sin_addr) == 1, "socket");
    if (bind(fd, (struct sockaddr *)&s, sizeof s) < 0 ||
        (type == SOCK_STREAM && listen(fd, 16) < 0)) {
        close(fd);
        return -1;
    }
    need(getsockname(fd, (struct sockaddr *)&s, &len) == 0, "getsockname");
    *port = ntohs(s.sin_port);
    return fd;
}

static void close_all(struct fake_net_run *r)
{
    for (size_t i = 0; i < DCS_MAX; i++) {
        net_close(&r->udp[i]);
        net_close(&r->tcp[i]);
        net_close(&r->kdc[i]);
    }
}

/* All controllers on one port; false when another program has it on one of the addresses. */
static bool open_dcs(struct fake_net *f)
{
    struct fake_net_run *r = f->run;
    uint16_t zero = 0;
    int probe = bound(SOCK_STREAM, "127.0.0.1", &zero);
    f->ldap_port = zero;
    close(probe);
    zero = 0;
    probe = bound(SOCK_STREAM, "127.0.0.1", &zero);
    f->kdc_port = zero;
    close(probe);
    if (f->kdc_port == f->ldap_port)
        return false;
    for (size_t i = 0; i < f->n_dc; i++) {
        enum fake_dc_mode m = f->dc[i].mode;
        if (m == FAKE_ABSENT)
            continue;
        r->udp[i] = bound(SOCK_DGRAM, f->dc[i].addr, &f->ldap_port);
        if (m != FAKE_NO_TCP)
            r->tcp[i] = bound(SOCK_STREAM, f->dc[i].addr, &f->ldap_port);
        r->kdc[i] = bound(SOCK_STREAM, f->dc[i].addr, &f->kdc_port);
        if (r->udp[i] < 0 || r->kdc[i] < 0 || (m != FAKE_NO_TCP && r->tcp[i] < 0))
            return false;
    }
    return true;
}

static bool open_dns(struct fake_net *f)
{
    f->dns_port = 0;
    f->run->dns = bound(SOCK_DGRAM, "127.0.0.1", &f->dns_port);
    f->run->dns_tcp = bound(SOCK_STREAM, "127.0.0.1", &f->dns_port);
    if (f->run->dns >= 0 && f->run->dns_tcp >= 0)
        return true;
    net_close(&f->run->dns);
    net_close(&f->run->dns_tcp);
    return false;
}

void fake_net_start(struct fake_net *f)
{
    struct fake_net_run *r = xcalloc(1, sizeof *r);
    int tries = 0;
    f->run = r;
    need(f->n_dc <= DCS_MAX, "too many controllers");
    for (size_t i = 0; i < DCS_MAX; i++)
        r->udp[i] = r->tcp[i] = r->kdc[i] = -1;
    pthread_mutex_init(&r->lock, NULL);
    r->stop = eventfd(0, EFD_CLOEXEC);
    need(r->stop >= 0, "eventfd");
    while (!open_dns(f))
        need(++tries < 50, "ports");
    while (!open_dcs(f)) {
        close_all(r);
        need(++tries < 50, "ports");
    }
    need(pthread_create(&r->thread, NULL, serve, f) == 0, "thread");
}

void fake_net_stop(struct fake_net *f)
{
    struct fake_net_run *r = f->run;
    uint64_t one = 1;
    need(write(r->stop, &one, sizeof one) == sizeof one, "stop");
    pthread_join(r->thread, NULL);
    close_all(r);
    for (size_t i = 0; i < r->n_streams; i++)
        close(r->streams[i].fd);
    close(r->dns);
    close(r->dns_tcp);
    close(r->stop);
    pthread_mutex_destroy(&r->lock);
    free(r);
    f->run = NULL;
}

unsigned fake_net_questions(const struct fake_net *f, const char *name)
{
    unsigned n = 0;
    pthread_mutex_lock(&f->run->lock);
    for (size_t i = 0; i < f->run->n_asked; i++)
        n += !name || strcasecmp(name, f->run->asked[i]) == 0;
    pthread_mutex_unlock(&f->run->lock);
    return n;
}
