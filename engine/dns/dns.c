/* c-ares, driven by our own poll loop. Its own configuration sources (files, environment) are all
 * shut off. */
#include "engine/dns/dns.h"

#include <ares.h>
#include <errno.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/dns/packet.h"

#define SEVERAL_MS 250

struct slot {
    struct dns *d;
    struct dns_query *q; /* NULL = free */
    int refusal; /* RCODE of a server that would not answer while another was tried, or -1 */
    struct net_addr refuser;
};

struct dns {
    /* Questions go out on the last one. A second one is opened when the servers' order changes
     * while questions are under way on the first. */
    ares_channel ch[2];
    size_t n_ch;
    struct dns_config cfg;
    struct slot slots[DNS_BATCH_MAX];
    size_t pending;
    int64_t deadline;
    size_t front;            /* the server that answered last: it is asked first from then on */
    struct net_addr talking; /* whose packet is being read right now */
};

/* ---- sockets for c-ares: close-on-exec, and link-local servers get their interface ---- */

static ares_socket_t sock_open(int family, int type, int proto, void *arg)
{
    (void)arg;
    return socket(family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, proto);
}

static int sock_close(ares_socket_t fd, void *arg)
{
    (void)arg;
    return close(fd);
}

static int sock_connect(ares_socket_t fd, const struct sockaddr *sa, ares_socklen_t len, void *arg)
{
    const struct dns *d = arg;
    struct sockaddr_in6 s6;
    if (sa->sa_family != AF_INET6 || len < sizeof s6)
        return connect(fd, sa, len);
    memcpy(&s6, sa, sizeof s6);
    for (size_t i = 0; i < d->cfg.n_servers; i++) {
        const struct net_addr *a = &d->cfg.servers[i];
        if (a->scope && memcmp(&a->u.v6, &s6.sin6_addr, sizeof a->u.v6) == 0)
            s6.sin6_scope_id = a->scope;
    }
    return connect(fd, (const struct sockaddr *)&s6, sizeof s6);
}

/* c-ares goes on to the next server after such an answer, and forgets it. */
static void note_refusal(struct dns *d, const unsigned char *msg, size_t len)
{
    struct dns_peeked p;
    if (!dns_peek(msg, len, &p) || p.rcode == 0 || p.rcode == 3)
        return;
    for (size_t i = 0; i < DNS_BATCH_MAX; i++) {
        struct slot *s = &d->slots[i];
        if (s->q && s->q->type == p.type && strcmp(s->q->name, p.name) == 0) {
            s->refusal = p.rcode;
            s->refuser = d->talking;
        }
    }
}

static ares_ssize_t sock_recv(ares_socket_t fd, void *buf, size_t len, int flags,
                              struct sockaddr *from, ares_socklen_t *from_len, void *arg)
{
    struct dns *d = arg;
    net_peer(fd, &d->talking, NULL);
    ssize_t n = recvfrom(fd, buf, len, flags, from, from_len);
    if (n > 0 && from) /* a datagram; streams come in pieces */
        note_refusal(d, buf, (size_t)n);
    return n;
}

static ares_ssize_t sock_send(ares_socket_t fd, const struct iovec *iov, int n, void *arg)
{
    struct msghdr m = {.msg_iov = (struct iovec *)iov, .msg_iovlen = (size_t)n};
    (void)arg;
    return sendmsg(fd, &m, MSG_NOSIGNAL);
}

static const struct ares_socket_functions sockets = {
    .asocket = sock_open,
    .aclose = sock_close,
    .aconnect = sock_connect,
    .arecvfrom = sock_recv,
    .asendv = sock_send,
};

/* ---- opening ---- */

static int set_servers(struct dns *d, ares_channel ch)
{
    struct ares_addr_port_node nodes[DNS_SERVERS_MAX] = {0};
    for (size_t i = 0; i < d->cfg.n_servers; i++) {
        struct ares_addr_port_node *n = &nodes[i];
        n->next = i + 1 < d->cfg.n_servers ? n + 1 : NULL;
        n->family = d->cfg.servers[i].family;
        n->udp_port = n->tcp_port = d->cfg.port ? d->cfg.port : 53;
        memcpy(&n->addr, &d->cfg.servers[i].u, sizeof n->addr);
    }
    return ares_set_servers_ports(ch, nodes);
}

/* With several servers a silent one must not hold up the others for long. Its answer still counts
 * when it comes late. */
static int first_wait(const struct dns_config *c)
{
    int ms = c->timeout_ms > 0 ? c->timeout_ms : 700;
    return c->n_servers > 1 && ms > SEVERAL_MS ? SEVERAL_MS : ms;
}

static int start_channel(struct dns *d)
{
    static char no_file[] = "/dev/null", lookups[] = "b";
    /* Every option is given, so that neither RES_OPTIONS nor LOCALDOMAIN nor a file is left a say.
     */
    struct ares_options o = {
        .flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_STAYOPEN | ARES_FLAG_EDNS,
        .timeout = first_wait(&d->cfg),
        .tries = d->cfg.attempts > 0 ? d->cfg.attempts : 3,
        .ndots = 1,
        .ednspsz = 1232,
        .lookups = lookups,
        .resolvconf_path = no_file,
    };
    if (d->cfg.tcp)
        o.flags |= ARES_FLAG_USEVC;
    ares_channel ch;
    int r = ares_init_options(&ch, &o,
                              ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                                  ARES_OPT_NDOTS | ARES_OPT_EDNSPSZ | ARES_OPT_LOOKUPS |
                                  ARES_OPT_DOMAINS | ARES_OPT_NOROTATE | ARES_OPT_RESOLVCONF);
    if (r != ARES_SUCCESS)
        return r;
    ares_set_socket_functions(ch, &sockets, d);
    r = set_servers(d, ch);
    if (r == ARES_SUCCESS)
        d->ch[d->n_ch++] = ch;
    else
        ares_destroy(ch);
    return r;
}

int dns_open(struct dns **ret, const struct dns_config *cfg, struct err *e)
{
    *ret = NULL;
    if (!cfg || cfg->n_servers == 0) {
        err_fact(e, FACT_SERVER, "-");
        return err_cause(e, CAUSE_NO_DNS_SERVER);
    }
    struct dns *d = xcalloc(1, sizeof *d);
    d->cfg = *cfg;
    int r = start_channel(d);
    if (r != ARES_SUCCESS) {
        free(d);
        err_cause(e, CAUSE_INTERNAL);
        return err_foreign(e, ERR_SRC_NONE, r, "c-ares: %s", ares_strerror(r));
    }
    *ret = d;
    return 0;
}

void dns_close(struct dns *d)
{
    if (!d)
        return;
    for (size_t i = 0; i < d->n_ch; i++)
        ares_destroy(d->ch[i]);
    free(d);
}

/* ---- asking ---- */

static enum dns_status status_of(int ares)
{
    switch (ares) {
    case ARES_ENOTFOUND:
        return DNS_NXDOMAIN;
    case ARES_ENODATA:
        return DNS_NODATA;
    case ARES_ECONNREFUSED:
        return DNS_UNREACHABLE;
    case ARES_ETIMEOUT:
    case ARES_ECANCELLED:
    case ARES_EDESTRUCTION:
        return DNS_TIMEOUT;
    default:
        return DNS_MALFORMED;
    }
}

static void use_refusal(struct slot *s, struct dns_query *q)
{
    q->rcode = s->refusal;
    q->server = s->refuser;
    q->status = s->refusal == 2 ? DNS_SERVFAIL : s->refusal == 5 ? DNS_REFUSED : DNS_MALFORMED;
}

static void answered(void *arg, int status, int timeouts, unsigned char *msg, int len)
{
    struct slot *s = arg;
    struct dns_query *q = s->q;
    (void)timeouts;
    s->q = NULL;
    s->d->pending--;
    if (msg && len > 0) {
        dns_parse_response(msg, (size_t)len, q);
    } else {
        q->status = status_of(status);
        if (s->refusal >= 0) {
            use_refusal(s, q);
            return;
        }
    }
    if (q->status == DNS_TIMEOUT || q->status == DNS_UNREACHABLE)
        return;
    q->server = s->d->talking;
    for (size_t i = 0; i < s->d->cfg.n_servers; i++) {
        if (net_addr_equal(&s->d->cfg.servers[i], &q->server))
            s->d->front = i;
    }
}

/* The server that answers comes first, the others keep their order. */
static void put_in_front(struct dns *d)
{
    size_t i = d->front;
    bool busy = d->pending > 0;
    if (i == 0 || (busy && d->n_ch == ARRAY_SIZE(d->ch)))
        return;
    struct net_addr a = d->cfg.servers[i];
    memmove(d->cfg.servers + 1, d->cfg.servers, i * sizeof a);
    d->cfg.servers[0] = a;
    d->front = 0;
    if (busy)
        (void)start_channel(d);
    else
        (void)set_servers(d, d->ch[d->n_ch - 1]);
}

static struct slot *free_slot(struct dns *d)
{
    for (size_t i = 0; i < DNS_BATCH_MAX; i++) {
        if (!d->slots[i].q)
            return &d->slots[i];
    }
    return NULL;
}

int dns_begin(struct dns *d, struct dns_query *q, size_t n, int timeout_ms, struct err *e)
{
    int64_t until = net_now_ms() + timeout_ms;
    if (n > DNS_BATCH_MAX - d->pending)
        return err_cause(e, CAUSE_INTERNAL);
    put_in_front(d);
    if (until > d->deadline)
        d->deadline = until;
    for (size_t i = 0; i < n; i++) {
        struct slot *s = free_slot(d);
        dns_query_done(&q[i]);
        q[i].status = DNS_PENDING;
        q[i].rcode = -1;
        q[i].server = (struct net_addr){0};
        s->d = d;
        s->q = &q[i];
        s->refusal = -1;
        d->pending++;
        d->talking = (struct net_addr){0};
        ares_query(d->ch[d->n_ch - 1], q[i].name, 1 /* IN */, (int)q[i].type, answered, s);
    }
    return 0;
}

static size_t channel_fds(ares_channel ch, struct pollfd *fds, size_t max)
{
    ares_socket_t socks[ARES_GETSOCK_MAXNUM];
    size_t n = 0;
    /* ARES_GETSOCK_READABLE() and _WRITABLE(), which shift a signed 1 into the sign bit */
    unsigned bits = (unsigned)ares_getsock(ch, socks, ARES_GETSOCK_MAXNUM);
    for (size_t i = 0; i < ARES_GETSOCK_MAXNUM && n < max; i++) {
        short ev = (short)((bits >> i & 1 ? POLLIN : 0) |
                           (bits >> (i + ARES_GETSOCK_MAXNUM) & 1 ? POLLOUT : 0));
        if (ev)
            fds[n++] = (struct pollfd){.fd = socks[i], .events = ev};
    }
    return n;
}

size_t dns_fds(struct dns *d, struct pollfd *fds, size_t max, int64_t *deadline)
{
    struct timeval tv;
    size_t n = 0;
    for (size_t i = 0; i < d->n_ch; i++)
        n += channel_fds(d->ch[i], fds + n, max - n);
    if (d->pending == 0)
        return n;
    if (d->deadline < *deadline)
        *deadline = d->deadline;
    for (size_t i = 0; i < d->n_ch; i++) {
        if (!ares_timeout(d->ch[i], NULL, &tv))
            continue;
        int64_t at = net_now_ms() + tv.tv_sec * 1000 + tv.tv_usec / 1000 + 1;
        if (at < *deadline)
            *deadline = at;
    }
    return n;
}

static void cancel_all(struct dns *d)
{
    for (size_t i = 0; i < d->n_ch; i++)
        ares_cancel(d->ch[i]);
}

void dns_process(struct dns *d, const struct pollfd *fds, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        short re = fds[i].revents;
        bool in = re & (POLLIN | POLLERR | POLLHUP), out = re & POLLOUT;
        for (size_t k = 0; re && k < d->n_ch; k++) /* each one knows its own descriptors */
            ares_process_fd(d->ch[k], in ? fds[i].fd : ARES_SOCKET_BAD,
                            out ? fds[i].fd : ARES_SOCKET_BAD);
        d->talking = (struct net_addr){0};
    }
    for (size_t k = 0; k < d->n_ch; k++)
        ares_process_fd(d->ch[k], ARES_SOCKET_BAD, ARES_SOCKET_BAD); /* retransmissions */
    if (d->pending > 0 && net_now_ms() >= d->deadline)
        cancel_all(d);
    if (d->pending == 0)
        d->deadline = 0;
}

size_t dns_pending(const struct dns *d)
{
    return d->pending;
}

int dns_ask(struct dns *d, struct dns_query *q, size_t n, int timeout_ms, const struct cancel *c,
            struct err *e)
{
    if (dns_begin(d, q, n, timeout_ms, e) < 0)
        return -1;
    while (d->pending > 0) {
        struct pollfd fds[2 * ARES_GETSOCK_MAXNUM];
        int64_t until = INT64_MAX;
        size_t k = dns_fds(d, fds, ARRAY_SIZE(fds), &until);
        if (net_wait(fds, k, until, c, e) < 0) {
            cancel_all(d);
            return -1;
        }
        dns_process(d, fds, k);
    }
    return 0;
}

static enum cause cause_of(enum dns_status s)
{
    switch (s) {
    case DNS_NXDOMAIN:
    case DNS_NODATA:
        return CAUSE_NO_SRV_RECORDS;
    case DNS_TIMEOUT:
    case DNS_UNREACHABLE:
        return CAUSE_NO_DNS_SERVER;
    default:
        return CAUSE_DNS_SERVFAIL;
    }
}

int dns_explain(const struct dns *d, const struct dns_query *q, struct err *e)
{
    char servers[DNS_SERVERS_MAX * (NET_ADDR_TEXT + 2)] = "";
    err_cause(e, cause_of(q->status));
    err_fact(e, FACT_QUERY, "%s %s", dns_type_name(q->type), q->name);
    err_fact(e, FACT_ANSWER, "%s", dns_status_name(q->status));
    if (q->server.family) {
        err_fact(e, FACT_SERVER, "%s", q->server.text);
    } else {
        for (size_t i = 0; i < d->cfg.n_servers; i++) {
            if (i)
                strcat(servers, ", ");
            strcat(servers, d->cfg.servers[i].text);
        }
        err_fact(e, FACT_SERVER, "%s", servers);
    }
    if (q->rcode > 0)
        return err_foreign(e, ERR_SRC_DNS, q->rcode, "DNS: %s", dns_status_name(q->status));
    return -1;
}
