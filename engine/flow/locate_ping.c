/* LDAP pings over UDP and TCP, to many addresses at once. [MS-ADTS] 6.3.3. */
#include <errno.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/ber/ping.h"
#include "engine/flow/locate_hunt.h"

#define REPLY_MAX       16384
#define QUIET_MS        200 /* a silent endpoint makes room for the next one after this */
#define LATE_CONNECT_MS 900
#define TCP_GRACE_MS    30
#define JUNK_MAX        16  /* datagrams that are no answer, from one address */
#define JUNK_WAIT_MS    400 /* after the first of them: long enough for a second question */

static uint16_t ldap_port(const struct hunt *h)
{
    return h->out->ldap_port;
}

static int ping_ms(const struct hunt *h)
{
    return h->rq->timeout_ms > 0 ? h->rq->timeout_ms : HUNT_PING_MS;
}

static void add_addr(struct dc_candidate *dc, const struct net_addr *a)
{
    for (size_t i = 0; i < dc->n_addrs; i++) {
        if (net_addr_equal(&dc->addrs[i], a))
            return;
    }
    if (dc->n_addrs < LOCATE_ADDRS)
        dc->addrs[dc->n_addrs++] = *a;
}

/* An address that one machine can have. */
static bool unicast(const struct net_addr *a)
{
    if (a->family == AF_INET6)
        return !IN6_IS_ADDR_UNSPECIFIED(&a->u.v6) && !IN6_IS_ADDR_MULTICAST(&a->u.v6);
    uint32_t v4 = ntohl(a->u.v4.s_addr);
    return v4 >> 24 != 0 && v4 >> 28 < 14; /* no class D and E, no broadcast */
}

void hunt_add_end(struct hunt *h, const struct net_addr *a, int cand)
{
    if (!unicast(a))
        return;
    if (cand >= 0)
        add_addr(&h->out->list.c[cand], a);
    for (size_t i = 0; i < h->n_ends; i++) {
        struct hunt_end *x = &h->ends[i];
        if (!net_addr_equal(&x->addr, a))
            continue;
        if (x->cand < 0)
            x->cand = cand;
        return;
    }
    if (h->n_ends == HUNT_ENDPOINTS)
        return;
    h->ends[h->n_ends++] = (struct hunt_end){
        .addr = *a,
        .cand = cand,
        .msgid = (int)(hunt_random(NULL) & 0x7fffff) + 1,
        .udp = -1,
        .tcp_fd = -1,
        .latency_ms = -1,
        .in = BUF_INIT(REPLY_MAX),
    };
}

void hunt_free_end(struct hunt_end *x)
{
    net_close(&x->udp);
    net_close(&x->tcp_fd);
    net_connect_free(x->tcp);
    x->tcp = NULL;
    buf_free(&x->in);
}

void hunt_start_connect(struct hunt *h, struct hunt_end *x)
{
    if (!x->tcp && x->tcp_fd < 0 && x->tcp_failed == CAUSE_NONE)
        x->tcp = net_connect_start(&x->addr, 1, ldap_port(h), ping_ms(h));
}

static int encode(const struct hunt *h, const struct hunt_end *x, struct buf *out)
{
    /* A named controller is asked for the domain that it has, so that a wrong one can be told by
     * name; so is one that was found for a short name. */
    struct ber_ping p = {
        .msgid = x->msgid,
        .domain = h->named || h->netbios ? NULL : h->domain,
        .host = h->rq->host,
    };
    return ber_ping_encode(&p, out);
}

static void send_udp(struct hunt *h, struct hunt_end *x, int64_t now)
{
    static const int again_ms[] = {300, 600};
    struct buf b = BUF_INIT(2048);
    if (encode(h, x, &b) == 0 && send(x->udp, b.data, b.len, MSG_NOSIGNAL) < 0 && errno != EAGAIN &&
        errno != ENOBUFS) {
        x->udp_errno = errno;
        net_close(&x->udp);
    }
    buf_free(&b);
    x->next_send = x->sends < ARRAY_SIZE(again_ms) ? now + again_ms[x->sends] : INT64_MAX;
    x->sends++;
}

static void start_kdc(struct hunt *h, const struct hunt_end *x)
{
    if (h->out->kdc)
        return;
    h->out->kdc = net_connect_start(&x->addr, 1, h->out->kdc_port, HUNT_KDC_MS);
    h->kdc_end = (int)(x - h->ends);
}

static void start_end(struct hunt *h, struct hunt_end *x, int64_t now)
{
    x->started_us = net_now_us();
    x->give_up = now + ping_ms(h);
    x->udp = net_udp(&x->addr, ldap_port(h));
    if (x->udp < 0)
        x->udp_errno = errno;
    else
        send_udp(h, x, now);
    if (x - h->ends < HUNT_CONNECTS || x->udp < 0)
        hunt_start_connect(h, x);
    start_kdc(h, x);
}

static bool is_active(const struct hunt_end *x, int64_t now)
{
    return x->started_us && x->state == END_WAITING && now < x->started_us / 1000 + QUIET_MS;
}

static bool asked_elsewhere(const struct hunt *h, const struct hunt_end *x)
{
    for (size_t i = 0; i < h->n_ends; i++) {
        if (&h->ends[i] != x && h->ends[i].started_us && h->ends[i].cand == x->cand)
            return true;
    }
    return false;
}

/* Every controller gets its first question before any gets its second. */
static void start_due(struct hunt *h, int64_t now)
{
    size_t active = 0;
    for (size_t i = 0; i < h->n_ends; i++)
        active += is_active(&h->ends[i], now);
    for (int second = 0; second < 2; second++) {
        for (size_t i = 0; i < h->n_ends && active < HUNT_ACTIVE; i++) {
            struct hunt_end *x = &h->ends[i];
            if (x->started_us || (!second && x->cand >= 0 && asked_elsewhere(h, x)))
                continue;
            start_end(h, x, now);
            active++;
        }
    }
}

/* ---- replies ---- */

/* Something that is no answer to our question: damaged, or forged by somebody who does not see the
 * question. A good one may still follow. */
static void take_junk(struct hunt *h, struct hunt_end *x)
{
    int64_t until = net_now_ms() + JUNK_WAIT_MS;
    log_info("ping: a reply from %s cannot be read", x->addr.text);
    if (x->via_tcp || x->udp < 0 || ++x->junk >= JUNK_MAX)
        hunt_end_failed(h, x, DC_STATE_MALFORMED);
    else if (x->junk == 1 && until < x->give_up)
        x->give_up = until;
}

static void take_reply(struct hunt *h, struct hunt_end *x, const void *data, size_t len)
{
    const unsigned char *value = NULL;
    size_t value_len = 0;
    int rc;
    int took = (int)((net_now_us() - x->started_us + 500) / 1000);
    switch (ber_ping_decode(data, len, x->msgid, &value, &value_len, &rc)) {
    case BER_PING_NO_VALUE:
        x->latency_ms = took;
        log_info("ping: %s does not serve the domain (LDAP result %d)", x->addr.text, rc);
        hunt_end_failed(h, x, DC_STATE_WRONG_DOMAIN);
        return;
    case BER_PING_MALFORMED:
        take_junk(h, x);
        return;
    case BER_PING_VALUE:
        break;
    }
    x->latency_ms = took;
    switch (netlogon_decode(value, value_len, &x->info)) {
    case NETLOGON_OK:
        hunt_judge(h, x);
        break;
    case NETLOGON_PAUSED:
        hunt_end_failed(h, x, DC_STATE_PAUSED);
        break;
    default:
        take_junk(h, x);
    }
}

static void step_udp(struct hunt *h, struct hunt_end *x, int64_t now)
{
    unsigned char data[REPLY_MAX];
    ssize_t n = recv(x->udp, data, sizeof data, MSG_DONTWAIT);
    if (n >= 0) {
        take_reply(h, x, data, (size_t)n);
        if (x->state != END_WAITING)
            net_close(&x->udp);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        x->udp_errno = errno;
        net_close(&x->udp);
    } else if (now >= x->next_send) {
        send_udp(h, x, now);
    }
}

static void tcp_broken(struct hunt_end *x, enum cause why)
{
    net_close(&x->tcp_fd);
    x->tcp_failed = why;
    x->tcp_busy = false;
}

static void step_connect(struct hunt_end *x, int64_t now)
{
    struct err why = {0};
    if (net_connect_step(x->tcp) == 0)
        return;
    x->tcp_fd = net_connect_finish(TAKE(x->tcp), NULL, NULL, NULL, &why);
    if (x->tcp_fd < 0) {
        x->tcp_failed = why.cause;
        return;
    }
    int64_t took = now - x->started_us / 1000;
    x->tcp_ask_at = now + (took > TCP_GRACE_MS ? took : TCP_GRACE_MS);
}

/* UDP does not get through: the same search as an ordinary anonymous one. */
static void ask_tcp(struct hunt *h, struct hunt_end *x)
{
    struct buf b = BUF_INIT(2048);
    x->tcp_asked = true;
    if (encode(h, x, &b) < 0 || send(x->tcp_fd, b.data, b.len, MSG_NOSIGNAL) != (ssize_t)b.len)
        tcp_broken(x, CAUSE_DC_DIED);
    else
        x->tcp_busy = true;
    buf_free(&b);
}

static void step_tcp_reply(struct hunt *h, struct hunt_end *x)
{
    unsigned char data[4096];
    ssize_t n = recv(x->tcp_fd, data, sizeof data, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        return;
    if (n > 0)
        buf_put(&x->in, data, (size_t)n);
    if (n <= 0 || x->in.failed) {
        tcp_broken(x, x->in.failed ? CAUSE_DC_LIED : CAUSE_DC_DIED);
        return;
    }
    int whole = ber_ping_complete(x->in.data, x->in.len, x->msgid);
    if (whole == 0)
        return;
    if (whole < 0)
        tcp_broken(x, CAUSE_DC_LIED);
    x->tcp_busy = false;
    if (x->state == END_WAITING) {
        x->via_tcp = true;
        take_reply(h, x, x->in.data, x->in.len);
    }
}

static enum dc_state why_silent(const struct hunt_end *x)
{
    if (x->tcp_failed == CAUSE_PORT_BLOCKED)
        return DC_STATE_REFUSED;
    if (x->tcp_failed == CAUSE_NO_ROUTE)
        return DC_STATE_NO_ROUTE;
    return x->tcp_failed == CAUSE_DC_LIED || x->junk ? DC_STATE_MALFORMED : DC_STATE_SILENT;
}

/* A refusal over TCP is an answer, too: UDP is not waited for much longer then. */
static void check_given_up(struct hunt *h, struct hunt_end *x, int64_t now)
{
    bool tcp_dead = x->tcp_failed != CAUSE_NONE;
    int64_t soon = x->started_us / 1000 + LATE_CONNECT_MS;
    if (tcp_dead && soon < x->give_up)
        x->give_up = soon;
    if ((tcp_dead && x->udp < 0) || now >= x->give_up)
        hunt_end_failed(h, x, why_silent(x));
    else if (now >= soon || x->udp < 0)
        hunt_start_connect(h, x);
}

static void step_end(struct hunt *h, struct hunt_end *x, int64_t now)
{
    if (x->udp >= 0 && x->state == END_WAITING)
        step_udp(h, x, now);
    if (x->tcp)
        step_connect(x, now);
    if (x->tcp_busy)
        step_tcp_reply(h, x);
    if (x->state != END_WAITING)
        return;
    if (x->tcp_fd >= 0 && !x->tcp_asked && (now >= x->tcp_ask_at || x->udp < 0))
        ask_tcp(h, x);
    check_given_up(h, x, now);
}

void hunt_step_ends(struct hunt *h, int64_t now)
{
    start_due(h, now);
    for (size_t i = 0; i < h->n_ends; i++) {
        if (h->ends[i].started_us && h->ends[i].state != END_FAILED)
            step_end(h, &h->ends[i], now);
    }
}

static void wake_at(int64_t *deadline, int64_t at)
{
    if (at < *deadline)
        *deadline = at;
}

static size_t end_fds(const struct hunt_end *x, struct pollfd *fds, int64_t *deadline)
{
    size_t n = 0;
    bool waiting = x->state == END_WAITING;
    if (waiting && x->udp >= 0)
        fds[n++] = (struct pollfd){.fd = x->udp, .events = POLLIN};
    if (x->tcp_busy)
        fds[n++] = (struct pollfd){.fd = x->tcp_fd, .events = POLLIN};
    if (x->tcp)
        n += net_connect_fds(x->tcp, fds + n, deadline);
    if (!waiting)
        return n;
    if (x->udp >= 0)
        wake_at(deadline, x->next_send);
    if (x->tcp_fd >= 0 && !x->tcp_asked)
        wake_at(deadline, x->tcp_ask_at);
    if (!x->tcp && x->tcp_fd < 0)
        wake_at(deadline, x->started_us / 1000 + LATE_CONNECT_MS);
    wake_at(deadline, x->give_up);
    return n;
}

#define END_FDS 3 /* one address: never more than one connect */

size_t hunt_end_fds(const struct hunt *h, struct pollfd *fds, size_t max, int64_t *deadline)
{
    size_t n = 0;
    bool queued = false;
    int64_t now = net_now_ms();
    for (size_t i = 0; i < h->n_ends; i++)
        queued |= !h->ends[i].started_us;
    for (size_t i = 0; i < h->n_ends && n + END_FDS <= max; i++) {
        const struct hunt_end *x = &h->ends[i];
        if (!x->started_us || x->state == END_FAILED)
            continue;
        n += end_fds(x, fds + n, deadline);
        if (queued && is_active(x, now))
            wake_at(deadline, x->started_us / 1000 + QUIET_MS);
    }
    return n;
}
