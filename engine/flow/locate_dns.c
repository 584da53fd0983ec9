/* The locator's questions to the DNS. Records: [MS-ADTS] 6.3.2.3. */
#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/flow/locate_hunt.h"

#define HINT_WAIT_MS                                                                               \
    250 /* before a lone controller's address is asked for though the domain's own are known */

static void ask(struct hunt *h, enum hunt_role role, const char *host, enum dns_type type,
                const char *name)
{
    struct err ignored = {0};
    if (h->n_asks == DNS_BATCH_MAX)
        return;
    struct hunt_ask *a = &h->asks[h->n_asks];
    if (dns_query_init(&a->q, name, type) < 0)
        return;
    for (size_t i = 0; i < h->n_asks; i++) {
        if (h->asks[i].q.type == type && strcmp(h->asks[i].q.name, a->q.name) == 0)
            return; /* nothing is asked twice */
    }
    a->role = role;
    snprintf(a->host, sizeof a->host, "%s", host);
    if (dns_begin(h->dns, &a->q, 1, HUNT_DNS_MS, &ignored) < 0)
        return;
    h->n_asks++;
    if (type == DNS_SRV)
        h->srv_pending++;
}

static void ask_addr(struct hunt *h, enum hunt_role role, const char *host, const char *name)
{
    ask(h, role, host, DNS_A, name);
    ask(h, role, host, DNS_AAAA, name);
}

static void ask_srv(struct hunt *h, enum hunt_role role, const char *site, const char *domain)
{
    AUTOFREE char *name = site ? xasprintf("_ldap._tcp.%s._sites.dc._msdcs.%s", site, domain)
                               : xasprintf("_ldap._tcp.dc._msdcs.%s", domain);
    ask(h, role, "", DNS_SRV, name);
}

static void ask_domain(struct hunt *h, const char *domain)
{
    if (!str_empty(h->rq->site))
        ask_srv(h, ROLE_SITE_SRV, h->rq->site, domain);
    else if (!str_empty(h->rq->known_site))
        ask_srv(h, ROLE_KNOWN_SRV, h->rq->known_site, domain);
    ask_srv(h, ROLE_DOMAIN_SRV, NULL, domain);
    ask_addr(h, ROLE_DOMAIN_ADDR, "", domain);
}

/* A short name stands for a search domain (CORP is corp.example.com), or for one below it. The DNS
 * name that such a domain really has is in the controller's reply, and is checked there. */
static void ask_search_domains(struct hunt *h)
{
    const struct dns_config *cfg = h->rq->dns;
    ask_domain(h, h->domain);
    for (size_t i = 0; i < cfg->n_search && i < DNS_SEARCH_MAX; i++) {
        AUTOFREE char *below = xasprintf("%s.%s", h->domain, cfg->search[i]);
        ask_domain(h, cfg->search[i]);
        ask_srv(h, ROLE_DOMAIN_SRV, NULL, below);
    }
}

static void ask_controller(struct hunt *h, const char *host)
{
    if (strchr(host, '.')) {
        ask_addr(h, ROLE_HOST_ADDR, host, host);
        return;
    }
    if (strchr(h->domain, '.')) {
        AUTOFREE char *name = xasprintf("%s.%s", host, h->domain);
        ask_addr(h, ROLE_HOST_ADDR, host, name);
    }
    for (size_t i = 0; i < h->rq->dns->n_search; i++) {
        AUTOFREE char *name = xasprintf("%s.%s", host, h->rq->dns->search[i]);
        ask_addr(h, ROLE_HOST_ADDR, host, name);
    }
    if (h->n_asks == 0)
        ask_addr(h, ROLE_HOST_ADDR, host, host);
}

static int use_controller(struct hunt *h, struct err *e)
{
    struct net_addr literal;
    struct dns_query q;
    int c;
    if (net_addr_parse(h->rq->controller, &literal)) {
        c = hunt_candidate(h, literal.text);
        h->out->list.c[c].named = true;
        hunt_add_end(h, &literal, c);
        return 0;
    }
    if (dns_query_init(&q, h->rq->controller, DNS_A) < 0) {
        err_fact(e, FACT_SERVER, "%s", h->rq->controller);
        return err_cause(e, CAUSE_CONTROLLER_UNRESOLVED);
    }
    c = hunt_candidate(h, q.name);
    h->out->list.c[c].named = true;
    if (dns_open(&h->dns, h->rq->dns, e) < 0)
        return -1;
    ask_controller(h, q.name);
    return 0;
}

int hunt_ask_all(struct hunt *h, struct err *e)
{
    if (h->named)
        return use_controller(h, e);
    if (dns_open(&h->dns, h->rq->dns, e) < 0)
        return -1;
    if (h->netbios)
        ask_search_domains(h);
    else
        ask_domain(h, h->domain);
    return 0;
}

void hunt_ask_near(struct hunt *h, const char *site, const char *domain)
{
    if (h->dns && !h->near_asked)
        ask_srv(h, ROLE_NEAR_SRV, site, domain);
    h->near_asked = true;
}

/* ---- answers ---- */

/* A list names hosts: an address in its place, or this machine itself, is a mistake or a trap. */
static bool target_ok(const char *host)
{
    struct net_addr literal;
    size_t n = strlen(host);
    bool own = str_eq(host, "localhost") || (n > 10 && str_eq(host + n - 10, ".localhost"));
    if (!own && !net_addr_parse(host, &literal))
        return true;
    log_notice("DNS lists %s as a controller: passed over", host);
    return false;
}

static void use_srv(struct hunt *h, struct hunt_ask *a)
{
    bool known = a->role == ROLE_KNOWN_SRV, missing = false;
    bool site = a->role != ROLE_DOMAIN_SRV && !known;
    dns_srv_order(a->q.srv, a->q.n_srv, hunt_random, NULL);
    for (size_t i = 0; i < a->q.n_srv; i++) {
        const struct dns_srv *s = &a->q.srv[i];
        if (!target_ok(s->host))
            continue;
        int c = hunt_candidate(h, s->host);
        if (c < 0)
            break;
        struct dc_candidate *dc = &h->out->list.c[c];
        if (site || known ||
            !(dc->in_site || dc->in_known_site)) { /* the site's own list says more */
            dc->priority = s->priority;
            dc->weight = s->weight;
            dc->order = (uint16_t)i;
        }
        dc->in_site |= site;
        dc->in_known_site |= known;
        for (size_t k = 0; k < s->n_addrs; k++)
            hunt_add_end(h, &s->addrs[k], c);
        missing |= dc->n_addrs == 0;
        hunt_changed(h, (size_t)c);
    }
    h->any_srv = true;
    log_info("DNS: %s lists %zu controllers", a->q.name, a->q.n_srv);
    h->addrs_missing |= missing;
    if (missing)
        h->resolve_at = net_now_ms() + (h->out->list.n == 1 ? HINT_WAIT_MS : 0);
}

static void use_addrs(struct hunt *h, const struct hunt_ask *a)
{
    for (size_t i = 0; i < a->q.n_addrs; i++) {
        if (a->role == ROLE_HOST_ADDR) {
            int c = hunt_candidate(h, a->host);
            if (c >= 0)
                hunt_add_end(h, &a->q.addrs[i], c);
        } else if (h->n_hints < LOCATE_ADDRS) {
            h->hints[h->n_hints++] = a->q.addrs[i];
        }
    }
}

static void take_answer(struct hunt *h, struct hunt_ask *a)
{
    bool srv = a->q.type == DNS_SRV;
    if (srv)
        h->srv_pending--;
    if (!h->out->dns_server[0] && a->q.server.family) {
        snprintf(h->out->dns_server, sizeof h->out->dns_server, "%s", a->q.server.text);
        h->out->dns_ms = (int)(net_now_ms() - h->started);
    }
    if (a->q.status == DNS_OK) {
        if (srv)
            use_srv(h, a);
        else
            use_addrs(h, a);
        return;
    }
    log_debug("DNS: %s %s: %s", dns_type_name(a->q.type), a->q.name, dns_status_name(a->q.status));
    if (a->role == ROLE_DOMAIN_SRV && !h->srv_failed)
        h->srv_failed = a;
    if (a->role == ROLE_SITE_SRV)
        h->site_missing = true;
}

/* The addresses of the domain name are its controllers': where a list came without addresses, they
 * save a round trip. Whose they are, the replies say. */
static void use_hints(struct hunt *h)
{
    while (h->addrs_missing && h->hints_used < h->n_hints)
        hunt_add_end(h, &h->hints[h->hints_used++], h->out->list.n == 1 ? 0 : -1);
}

static bool pending_role(const struct hunt *h, enum hunt_role role)
{
    for (size_t i = 0; i < h->n_asks; i++) {
        if (h->asks[i].role == role && h->asks[i].q.status == DNS_PENDING)
            return true;
    }
    return false;
}

static void no_address(struct hunt *h)
{
    if (h->resolve_at || h->srv_pending || pending_role(h, ROLE_HOST_ADDR))
        return;
    for (size_t i = 0; i < h->out->list.n; i++) {
        struct dc_candidate *dc = &h->out->list.c[i];
        if (dc->n_addrs > 0 || dc->state != DC_STATE_UNKNOWN)
            continue;
        dc->state = DC_STATE_NO_ADDRESS;
        hunt_changed(h, i);
    }
}

void hunt_take_answers(struct hunt *h)
{
    for (size_t i = 0; i < h->n_asks; i++) {
        struct hunt_ask *a = &h->asks[i];
        if (a->role != ROLE_NONE && a->q.status != DNS_PENDING) {
            take_answer(h, a);
            a->role = ROLE_NONE;
        }
    }
    use_hints(h);
    if (h->resolve_at && h->n_hints == 0 && !pending_role(h, ROLE_DOMAIN_ADDR))
        h->resolve_at = net_now_ms(); /* nothing to wait for */
    if (h->dns)
        no_address(h);
}

void hunt_ask_missing(struct hunt *h)
{
    for (size_t i = 0; i < h->out->list.n; i++) {
        const struct dc_candidate *dc = &h->out->list.c[i];
        if (dc->state == DC_STATE_UNKNOWN && (dc->n_addrs == 0 || h->hints_used))
            ask_addr(h, ROLE_HOST_ADDR, dc->host, dc->host);
    }
}

void hunt_resolve_due(struct hunt *h, int64_t now)
{
    if (!h->resolve_at || now < h->resolve_at)
        return;
    h->resolve_at = 0;
    hunt_ask_missing(h);
}
