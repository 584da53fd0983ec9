/* Why no controller was found, in one cause and its facts. */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/flow/locate_hunt.h"

/* The state that explains most, when the candidates failed for several reasons. */
static const enum dc_state telling[] = {
    DC_STATE_READ_ONLY, DC_STATE_WRONG_DOMAIN, DC_STATE_BLOCKED, DC_STATE_PAUSED,
    DC_STATE_MALFORMED, DC_STATE_REFUSED,      DC_STATE_SILENT,  DC_STATE_NO_ROUTE,
    DC_STATE_UNKNOWN,   DC_STATE_NO_ADDRESS,
};

static const struct dc_candidate *most_telling(const struct dc_list *l)
{
    for (size_t t = 0; t < ARRAY_SIZE(telling); t++) {
        for (size_t i = 0; i < l->n; i++) {
            if (l->c[i].state == telling[t])
                return &l->c[i];
        }
    }
    return NULL;
}

static enum cause cause_of(const struct hunt *h, enum dc_state s)
{
    switch (s) {
    case DC_STATE_READ_ONLY:
        return h->named ? CAUSE_CONTROLLER_READ_ONLY : CAUSE_ONLY_READ_ONLY;
    case DC_STATE_WRONG_DOMAIN:
        return h->netbios && !h->named ? CAUSE_NETBIOS_NAME_UNRESOLVED : CAUSE_NOT_A_DC_OF_DOMAIN;
    case DC_STATE_BLOCKED:
    case DC_STATE_REFUSED:
        return CAUSE_PORT_BLOCKED;
    case DC_STATE_MALFORMED:
        return CAUSE_DC_LIED;
    case DC_STATE_NO_ROUTE:
        return CAUSE_NO_ROUTE;
    case DC_STATE_NO_ADDRESS:
        return CAUSE_CONTROLLER_UNRESOLVED;
    default:
        return h->named ? CAUSE_CONTROLLER_SILENT : CAUSE_DC_SILENT;
    }
}

/* "dc1.corp.example.com, dc2.corp.example.com and 5 more" */
static void server_fact(const struct dc_list *l, enum dc_state s, struct err *e)
{
    struct buf b = BUF_INIT(190);
    size_t total = 0, shown = 0;
    for (size_t i = 0; i < l->n; i++)
        total += l->c[i].state == s;
    for (size_t i = 0; i < l->n && shown < 3; i++) {
        if (l->c[i].state != s || b.len + strlen(l->c[i].host) > 150)
            continue;
        buf_printf(&b, "%s%s", shown++ ? ", " : "", l->c[i].host);
    }
    if (total > shown)
        buf_printf(&b, " and %zu more", total - shown);
    err_fact(e, FACT_SERVER, "%s", b.failed ? l->c[0].host : buf_text(&b));
    buf_free(&b);
}

static void place_facts(const struct hunt *h, const struct dc_candidate *dc, struct err *e)
{
    unsigned port = h->out->ldap_port;
    const struct net_addr *a = dc->addr.family ? &dc->addr : dc->n_addrs ? &dc->addrs[0] : NULL;
    if (a)
        err_fact(e, FACT_ADDRESS, "%s", a->text);
    if (dc->state == DC_STATE_SILENT || dc->state == DC_STATE_NO_ROUTE)
        err_fact(e, FACT_PORT, "%u/udp, %u/tcp", port, port);
    else if (dc->state == DC_STATE_REFUSED || dc->state == DC_STATE_BLOCKED)
        err_fact(e, FACT_PORT, "%u/tcp", port);
}

static int explain_candidate(const struct hunt *h, const struct dc_candidate *dc, struct err *e)
{
    err_cause(e, cause_of(h, dc->state));
    err_fact(e, FACT_DOMAIN, "%s", h->domain);
    server_fact(&h->out->list, dc->state, e);
    place_facts(h, dc, e);
    if (dc->state == DC_STATE_WRONG_DOMAIN && dc->other_domain[0])
        err_fact(e, FACT_ANSWER, "%s", dc->other_domain);
    else
        err_fact(e, FACT_ANSWER, "%s", dc_state_name(dc->state));
    if (dc->site[0])
        err_fact(e, FACT_SITE, "%s", dc->site);
    return -1;
}

/* A candidate without an address: what the DNS said about it. */
static int explain_address(const struct hunt *h, struct err *e)
{
    const struct dns_query *q = NULL;
    for (size_t i = 0; i < h->n_asks && !q; i++) {
        if (h->asks[i].q.type != DNS_SRV && h->asks[i].host[0])
            q = &h->asks[i].q;
    }
    if (q && (q->status == DNS_NXDOMAIN || q->status == DNS_NODATA))
        err_cause(e, CAUSE_CONTROLLER_UNRESOLVED);
    if (q && q->status != DNS_OK)
        return dns_explain(h->dns, q, e);
    return err_cause(e, CAUSE_CONTROLLER_UNRESOLVED);
}

static int explain_dns(const struct hunt *h, struct err *e)
{
    const struct dns_query *q = h->srv_failed ? &h->srv_failed->q : NULL;
    bool missing = q && (q->status == DNS_NXDOMAIN || q->status == DNS_NODATA);
    if (missing && h->netbios)
        err_cause(e, CAUSE_NETBIOS_NAME_UNRESOLVED);
    err_fact(e, FACT_DOMAIN, "%s", h->domain);
    if (q)
        return dns_explain(h->dns, q, e);
    return err_cause(e, CAUSE_NO_SRV_RECORDS);
}

int hunt_explain(const struct hunt *h, struct err *e)
{
    const struct dc_candidate *dc = most_telling(&h->out->list);
    if (!dc)
        return explain_dns(h, e);
    if (dc->state == DC_STATE_NO_ADDRESS && h->dns) {
        err_fact(e, FACT_DOMAIN, "%s", h->domain);
        return explain_address(h, e);
    }
    return explain_candidate(h, dc, e);
}
