/* What a reply is worth, and which controller it shall be. */
#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/flow/locate_hunt.h"

#define SETTLE_MIN_MS 20
#define SETTLE_MAX_MS 200

static bool serves_domain(const struct hunt *h, const struct netlogon_info *i)
{
    return str_ieq(i->dns_domain, h->domain) ||
           (h->netbios && str_ieq(i->netbios_domain, h->domain));
}

static bool end_open(const struct hunt *h, const struct hunt_end *x)
{
    (void)h;
    return x->state == END_WAITING || x->state == END_GOOD;
}

static bool candidate_open(const struct hunt *h, int cand)
{
    for (size_t i = 0; i < h->n_ends; i++) {
        if (h->ends[i].cand == cand && end_open(h, &h->ends[i]))
            return true;
    }
    return false;
}

static bool is_verdict(enum dc_state s)
{
    return s == DC_STATE_WRONG_DOMAIN || s == DC_STATE_READ_ONLY || s == DC_STATE_PAUSED ||
           s == DC_STATE_MALFORMED;
}

void hunt_end_failed(struct hunt *h, struct hunt_end *x, enum dc_state why)
{
    x->state = END_FAILED;
    x->verdict = why;
    net_close(&x->udp);
    net_close(&x->tcp_fd);
    net_connect_free(TAKE(x->tcp));
    x->tcp_busy = false;
    log_info("controller address %s: %s", x->addr.text, dc_state_name(why));
    if (x->cand < 0)
        return;
    struct dc_candidate *dc = &h->out->list.c[x->cand];
    if (candidate_open(h, x->cand) && !is_verdict(why))
        return; /* another address of it may do better */
    if (is_verdict(dc->state) && !is_verdict(why))
        return;
    dc->state = why;
    if (x->latency_ms >= 0) {
        dc->latency_ms = x->latency_ms;
        dc->addr = x->addr;
    }
    snprintf(dc->other_domain, sizeof dc->other_domain, "%s",
             why == DC_STATE_WRONG_DOMAIN ? x->info.dns_domain : "");
    hunt_changed(h, (size_t)x->cand);
}

/* Whose reply is it? -1 when that cannot be told or kept. */
static int owner_of(struct hunt *h, struct hunt_end *x)
{
    const char *host = x->info.dns_host;
    if (x->cand < 0) {
        x->cand = *host ? hunt_candidate(h, host) : -1;
        if (x->cand >= 0)
            hunt_add_end(h, &x->addr, x->cand); /* adds the address to the candidate */
        return x->cand;
    }
    struct dc_candidate *dc = &h->out->list.c[x->cand];
    if (*host && strcmp(dc->host, host) != 0) {
        /* Named by address or by an alias: tickets are issued for the real name. */
        log_info("controller %s calls itself %s", dc->host, host);
        snprintf(dc->host, sizeof dc->host, "%s", host);
    }
    return x->cand;
}

static void ask_for_nearer(struct hunt *h, const struct netlogon_info *i)
{
    bool nearest =
        i->flags & DS_CLOSEST || !i->client_site[0] || str_ieq(i->client_site, i->dc_site);
    /* One controller is all there is: the site's list could name no better one. */
    if (nearest || h->named || !str_empty(h->rq->site) || h->out->list.n < 2)
        return;
    hunt_ask_near(h, i->client_site, i->dns_domain);
}

static void take_good(struct hunt *h, struct hunt_end *x, struct dc_candidate *dc)
{
    const struct netlogon_info *i = &x->info;
    if (!h->answered_at)
        h->answered_at = net_now_ms();
    h->moved |= i->client_site[0] && !str_empty(h->rq->known_site) &&
                !str_ieq(i->client_site, h->rq->known_site);
    x->state = END_GOOD;
    x->verdict = DC_STATE_ANSWERED;
    net_close(&x->udp);
    if (dc->state == DC_STATE_ANSWERED)
        return; /* another address of it was faster */
    dc->state = DC_STATE_ANSWERED;
    dc->addr = x->addr;
    dc->latency_ms = x->latency_ms;
    dc->tcp_only = x->via_tcp;
    ask_for_nearer(h, i);
}

void hunt_judge(struct hunt *h, struct hunt_end *x)
{
    const struct netlogon_info *i = &x->info;
    int c = owner_of(h, x);
    if (c < 0) {
        hunt_end_failed(h, x, DC_STATE_MALFORMED);
        return;
    }
    struct dc_candidate *dc = &h->out->list.c[c];
    dc->flags = i->flags;
    dc->closest = i->flags & DS_CLOSEST;
    snprintf(dc->site, sizeof dc->site, "%s", i->dc_site);
    log_info("controller %s [%s]: %d ms, flags 0x%x, site %s, client site %s", dc->host,
             x->addr.text, x->latency_ms, i->flags, i->dc_site,
             i->client_site[0] ? i->client_site : "-");
    if (!serves_domain(h, i))
        hunt_end_failed(h, x, DC_STATE_WRONG_DOMAIN);
    else if (!(i->flags & DS_WRITABLE) && !h->rq->allow_read_only)
        hunt_end_failed(h, x, DC_STATE_READ_ONLY);
    else {
        take_good(h, x, dc);
        hunt_changed(h, (size_t)c);
    }
}

/* ---- choosing ---- */

/* Smaller is better. An address of nobody known comes last. */
static long rank_of(const struct hunt *h, int cand)
{
    if (cand < 0)
        return 1L << 20;
    const struct dc_candidate *dc = &h->out->list.c[cand];
    if (!str_empty(h->rq->avoid) && str_eq(dc->host, h->rq->avoid))
        return 1L << 19;
    bool near =
        dc->in_site || (dc->in_known_site && !h->moved) || (dc->closest && str_empty(h->rq->site));
    return (near ? 0 : 1L << 18) + dc->priority;
}

/* < 0: a before b. Those of one priority take turns as their weights had it drawn. */
static long compare(const struct hunt *h, int a, int b)
{
    long d = rank_of(h, a) - rank_of(h, b);
    if (d == 0 && a >= 0 && b >= 0)
        d = (long)h->out->list.c[a].order - h->out->list.c[b].order;
    return d;
}

static bool ready(const struct hunt_end *x)
{
    return x->state == END_GOOD && x->tcp_fd >= 0 && !x->tcp_busy;
}

/* A controller that answers the ping has to be reachable for everything else as well. */
static void want_connects(struct hunt *h)
{
    for (size_t i = 0; i < h->n_ends; i++) {
        struct hunt_end *x = &h->ends[i];
        if (x->state != END_GOOD)
            continue;
        if (x->tcp_failed != CAUSE_NONE)
            hunt_end_failed(h, x, DC_STATE_BLOCKED);
        else
            hunt_start_connect(h, x);
    }
}

static int best_ready(const struct hunt *h)
{
    int best = -1;
    for (size_t i = 0; i < h->n_ends; i++) {
        const struct hunt_end *x = &h->ends[i];
        if (!ready(x))
            continue;
        if (best >= 0) {
            const struct hunt_end *b = &h->ends[best];
            long d = compare(h, x->cand, b->cand);
            if (d > 0 || (d == 0 && x->latency_ms >= b->latency_ms))
                continue;
        }
        best = (int)i;
    }
    return best;
}

static bool near_pending(const struct hunt *h)
{
    for (size_t i = 0; i < h->n_asks; i++) {
        if (h->asks[i].role == ROLE_NEAR_SRV)
            return true;
    }
    return false;
}

static bool better_pending(const struct hunt *h, int best)
{
    for (size_t i = 0; i < h->n_ends; i++) {
        const struct hunt_end *x = &h->ends[i];
        if (end_open(h, x) && !ready(x) && x->cand >= 0 &&
            compare(h, x->cand, h->ends[best].cand) < 0)
            return true;
    }
    return near_pending(h);
}

static bool any_open(const struct hunt *h)
{
    for (size_t i = 0; i < h->n_ends; i++) {
        if (h->ends[i].state == END_WAITING ||
            (h->ends[i].state == END_GOOD && !ready(&h->ends[i])))
            return true;
    }
    return false;
}

static bool any_unknown(const struct hunt *h)
{
    for (size_t i = 0; i < h->out->list.n; i++) {
        if (h->out->list.c[i].state == DC_STATE_UNKNOWN)
            return true;
    }
    return false;
}

static bool nothing_more(const struct hunt *h)
{
    if (any_open(h))
        return false;
    if (!h->dns)
        return true;
    if (!h->named && !h->any_srv && h->out->list.n == 0)
        return h->srv_pending == 0; /* no list: addresses of the domain name are of no use */
    return (!h->resolve_at || !any_unknown(h)) && dns_pending(h->dns) == 0;
}

static bool survey_over(struct hunt *h, int64_t now, int64_t *deadline)
{
    int64_t until = h->answered_at + LOCATE_SURVEY_MS;
    if (now < until) {
        if (until < *deadline)
            *deadline = until;
        return false;
    }
    for (size_t i = 0; i < h->n_ends; i++) {
        if (h->ends[i].state == END_WAITING)
            hunt_end_failed(h, &h->ends[i], DC_STATE_SILENT);
    }
    return true;
}

bool hunt_decided(struct hunt *h, int64_t now, int64_t *deadline)
{
    want_connects(h);
    h->winner = best_ready(h);
    bool over = nothing_more(h);
    if (h->resolve_at && h->resolve_at < *deadline)
        *deadline = h->resolve_at;
    if (h->winner < 0 || over)
        return over;
    if (h->rq->survey)
        return survey_over(h, now, deadline);
    if (!h->settle_at) {
        int ms = h->ends[h->winner].latency_ms * 3 / 2;
        h->settle_at = now + (ms < SETTLE_MIN_MS   ? SETTLE_MIN_MS
                              : ms > SETTLE_MAX_MS ? SETTLE_MAX_MS
                                                   : ms);
    }
    if (!better_pending(h, h->winner) || now >= h->settle_at)
        return true;
    if (h->settle_at < *deadline)
        *deadline = h->settle_at;
    return false;
}

/* ---- the result ---- */

static void fill_domain(struct domain_info *d, const struct netlogon_info *i)
{
    snprintf(d->dns, sizeof d->dns, "%s", i->dns_domain);
    snprintf(d->netbios, sizeof d->netbios, "%s", i->netbios_domain);
    snprintf(d->forest, sizeof d->forest, "%s", i->forest);
    snprintf(d->client_site, sizeof d->client_site, "%s", i->client_site);
    memcpy(d->guid, i->guid, sizeof d->guid);
}

static int class_of(enum dc_state s)
{
    return s == DC_STATE_ANSWERED ? 0 : s == DC_STATE_UNKNOWN ? 1 : 2;
}

/* Insertion sort, stable, for at most LOCATE_MAX entries: the chosen one first, then by use and
 * rank. */
static void sort_list(struct hunt *h)
{
    struct dc_list *l = &h->out->list;
    for (size_t i = 1; i < l->n; i++) {
        for (size_t k = i; k > 0; k--) {
            struct dc_candidate *a = &l->c[k - 1], *b = &l->c[k];
            bool swap = l->chosen == (int)k;
            if (!swap && l->chosen != (int)k - 1) {
                int ca = class_of(a->state), cb = class_of(b->state);
                swap = cb < ca || (cb == ca && compare(h, (int)k, (int)k - 1) < 0);
            }
            if (!swap)
                break;
            struct dc_candidate t = *a;
            *a = *b;
            *b = t;
            if (l->chosen == (int)k)
                l->chosen--;
            else if (l->chosen == (int)k - 1)
                l->chosen++;
        }
    }
}

void hunt_finish(struct hunt *h)
{
    struct located *out = h->out;
    if (h->winner < 0) {
        net_connect_free(TAKE(out->kdc));
        return;
    }
    struct hunt_end *x = &h->ends[h->winner];
    struct dc_candidate *dc = &out->list.c[x->cand];
    dc->addr = x->addr;
    dc->tcp_only = x->via_tcp;
    out->list.chosen = x->cand;
    out->ldap_fd = x->tcp_fd;
    x->tcp_fd = -1;
    if (h->kdc_end != h->winner) {
        net_connect_free(TAKE(out->kdc));
        out->kdc = net_connect_start(&x->addr, 1, h->out->kdc_port, HUNT_KDC_MS);
    }
    fill_domain(&out->domain, &x->info);
    sort_list(h);
    hunt_changed(h, (size_t)out->list.chosen);
}
