#include "engine/flow/locate.h"

#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/flow/locate_hunt.h"

const char *dc_state_name(enum dc_state s)
{
    static const char *const names[] = {
        [DC_STATE_UNKNOWN] = "not asked",
        [DC_STATE_NO_ADDRESS] = "no address",
        [DC_STATE_ANSWERED] = "answered",
        [DC_STATE_SILENT] = "silent",
        [DC_STATE_REFUSED] = "refused",
        [DC_STATE_NO_ROUTE] = "no route",
        [DC_STATE_BLOCKED] = "port blocked",
        [DC_STATE_WRONG_DOMAIN] = "another domain",
        [DC_STATE_READ_ONLY] = "read-only",
        [DC_STATE_PAUSED] = "paused",
        [DC_STATE_MALFORMED] = "unreadable answer",
    };
    return (size_t)s < ARRAY_SIZE(names) ? names[s] : "?";
}

uint32_t hunt_random(void *unused)
{
    uint32_t r = 0;
    (void)unused;
    if (getrandom(&r, sizeof r, GRND_NONBLOCK) != sizeof r)
        r = (uint32_t)net_now_us(); /* spreads load and tells replies apart; nothing secret */
    return r;
}

void hunt_changed(struct hunt *h, size_t cand)
{
    if (h->rq->changed)
        h->rq->changed(h->rq->arg, &h->out->list, cand);
}

int hunt_candidate(struct hunt *h, const char *host)
{
    struct dc_list *l = &h->out->list;
    for (size_t i = 0; i < l->n; i++) {
        if (strcmp(l->c[i].host, host) == 0)
            return (int)i;
    }
    if (l->n == LOCATE_MAX)
        return -1;
    struct dc_candidate *dc = &l->c[l->n];
    *dc = (struct dc_candidate){.latency_ms = -1, .priority = UINT16_MAX};
    snprintf(dc->host, sizeof dc->host, "%s", host);
    return (int)l->n++;
}

static int hunt_loop(struct hunt *h, struct err *e)
{
    for (;;) {
        struct pollfd fds[NET_WAIT_MAX];
        int64_t until = INT64_MAX, now;
        size_t n_dns = 0, n;
        hunt_take_answers(h);
        now = net_now_ms();
        hunt_resolve_due(h, now);
        hunt_step_ends(h, now);
        if (hunt_decided(h, now, &until))
            return 0;
        if (h->dns)
            n_dns = dns_fds(h->dns, fds, NET_WAIT_MAX / 2, &until);
        n = n_dns + hunt_end_fds(h, fds + n_dns, NET_WAIT_MAX - n_dns, &until);
        if (net_wait(fds, n, until, h->rq->cancel, e) < 0)
            return -1;
        if (h->dns)
            dns_process(h->dns, fds, n_dns);
    }
}

static void hunt_free(struct hunt *h)
{
    for (size_t i = 0; i < h->n_ends; i++)
        hunt_free_end(&h->ends[i]);
    dns_close(h->dns);
    for (size_t i = 0; i < h->n_asks; i++)
        dns_query_done(&h->asks[i].q);
    free(h);
}

static struct hunt *hunt_new(const struct locate_request *rq, struct located *out)
{
    struct hunt *h = xcalloc(1, sizeof *h);
    h->rq = rq;
    h->out = out;
    h->named = !str_empty(rq->controller);
    h->winner = h->kdc_end = -1;
    h->started = net_now_ms();
    return h;
}

static int check_domain(struct hunt *h, struct err *e)
{
    struct dns_query q;
    struct net_addr a;
    const char *name = h->rq->domain ? h->rq->domain : "";
    if (dns_query_init(&q, name, DNS_SRV) < 0 || net_addr_parse(name, &a) || strlen(q.name) > 200) {
        err_fact(e, FACT_DOMAIN, "%s", name);
        return err_cause(e, CAUSE_DOMAIN_NAME_BAD);
    }
    memcpy(h->domain, q.name, sizeof h->domain);
    h->netbios = !strchr(h->domain, '.');
    return 0;
}

static int check_site(const struct hunt *h, struct err *e)
{
    struct dns_query q;
    if (str_empty(h->rq->site) ||
        (dns_query_init(&q, h->rq->site, DNS_SRV) == 0 && !strchr(q.name, '.')))
        return 0;
    err_fact(e, FACT_SITE, "%s", h->rq->site);
    return err_cause(e, CAUSE_SITE_UNKNOWN);
}

/* A given site that the domain does not know is a mistake to be told, not to be passed over. */
static int check_site_found(const struct hunt *h, struct err *e)
{
    if (h->named || !h->site_missing || !h->any_srv)
        return 0;
    for (size_t i = 0; i < h->out->list.n; i++) {
        if (h->out->list.c[i].in_site)
            return 0;
    }
    err_fact(e, FACT_SITE, "%s", h->rq->site);
    err_fact(e, FACT_DOMAIN, "%s", h->domain);
    return err_cause(e, CAUSE_SITE_UNKNOWN);
}

static int hunt_run(struct hunt *h, struct err *e)
{
    if (hunt_loop(h, e) < 0 || check_site_found(h, e) < 0) {
        net_connect_free(TAKE(h->out->kdc));
        return -1;
    }
    hunt_finish(h);
    return h->winner < 0 ? hunt_explain(h, e) : 0;
}

int locate(const struct locate_request *rq, struct located *ret, struct err *e)
{
    memset(ret, 0, sizeof *ret);
    ret->ldap_fd = ret->list.chosen = -1;
    ret->ldap_port = rq->ldap_port ? rq->ldap_port : 389;
    ret->kdc_port = rq->kdc_port ? rq->kdc_port : 88;
    struct hunt *h = hunt_new(rq, ret);
    int r = -1;
    if (check_domain(h, e) == 0 && check_site(h, e) == 0 && hunt_ask_all(h, e) == 0)
        r = hunt_run(h, e);
    hunt_free(h);
    return r;
}

static void close_sockets(struct located *l)
{
    net_close(&l->ldap_fd);
    net_connect_free(TAKE(l->kdc));
}

int locate_next(struct located *l, const struct locate_request *rq, struct err *e)
{
    struct hunt *h = hunt_new(rq, l);
    int r = -1;
    close_sockets(l);
    if (l->list.chosen >= 0) {
        l->list.c[l->list.chosen].state = DC_STATE_SILENT;
        l->list.chosen = -1;
    }
    if (check_domain(h, e) < 0)
        goto out;
    for (size_t i = 0; i < l->list.n; i++) {
        struct dc_candidate *dc = &l->list.c[i];
        if (dc->state == DC_STATE_ANSWERED)
            dc->state = DC_STATE_UNKNOWN;
        for (size_t k = 0; k < dc->n_addrs && dc->state == DC_STATE_UNKNOWN; k++)
            hunt_add_end(h, &dc->addrs[k], (int)i);
    }
    if (!h->named && rq->dns && dns_open(&h->dns, rq->dns, e) == 0)
        hunt_ask_missing(h);
    h->any_srv = true;
    if (h->named || h->dns)
        r = hunt_run(h, e);
out:
    hunt_free(h);
    return r;
}

static int connect_port(struct located *l, uint16_t port, int timeout_ms, const struct cancel *c,
                        struct err *e)
{
    if (l->list.chosen < 0)
        return err_cause(e, CAUSE_DC_SILENT);
    const struct dc_candidate *dc = &l->list.c[l->list.chosen];
    return net_connect(&dc->addr, 1, port, timeout_ms, dc->host, c, NULL, e);
}

int locate_connect(struct located *l, int timeout_ms, const struct cancel *c, struct err *e)
{
    int fd = l->ldap_fd;
    l->ldap_fd = -1;
    return fd >= 0 ? fd : connect_port(l, l->ldap_port, timeout_ms, c, e);
}

int locate_connect_kdc(struct located *l, int timeout_ms, const struct cancel *c, struct err *e)
{
    struct err why = {0};
    int fd;
    if (l->kdc && l->list.chosen >= 0)
        fd = net_connect_finish(TAKE(l->kdc), l->list.c[l->list.chosen].host, c, NULL, &why);
    else
        fd = connect_port(l, l->kdc_port, timeout_ms, c, &why);
    if (fd >= 0 || e->code)
        return fd;
    *e = why;
    /* It answers on the directory's port, so silence here is a filter and not a dead controller. */
    if (e->cause == CAUSE_DC_SILENT) {
        e->cause = CAUSE_PORT_BLOCKED;
        e->code = cause_code(CAUSE_PORT_BLOCKED);
    }
    return -1;
}

void locate_done(struct located *l)
{
    close_sockets(l);
}
