/*
 * Steps 1 to 4: the domain, its controllers, one of them pinned. What is there already is not asked
 * for again.
 */
#include <stdio.h>
#include <string.h>

#include "engine/flow/membership.h"
#include "engine/flow/session.h"

static void candidate_changed(void *arg, const struct dc_list *list, size_t i)
{
    struct session *s = arg;
    const struct dc_candidate *c = &list->c[i];
    struct engine_msg *m = report_new(s->r, MSG_DC);
    static const enum dc_health health[] = {
        [DC_STATE_UNKNOWN] = DC_UNKNOWN,
        [DC_STATE_NO_ADDRESS] = DC_SILENT,
        [DC_STATE_ANSWERED] = DC_ANSWERED,
        [DC_STATE_SILENT] = DC_SILENT,
        [DC_STATE_REFUSED] = DC_REFUSED,
        [DC_STATE_NO_ROUTE] = DC_SILENT,
        [DC_STATE_WRONG_DOMAIN] = DC_WRONG_DOMAIN,
        [DC_STATE_READ_ONLY] = DC_READ_ONLY_STATE,
        [DC_STATE_PAUSED] = DC_REFUSED,
        [DC_STATE_MALFORMED] = DC_MALFORMED,
        [DC_STATE_BLOCKED] = DC_REFUSED,
    };
    m->u.dc.host = xstrdup(c->host);
    m->u.dc.address = xstrdup(c->addr.family ? c->addr.text : c->n_addrs ? c->addrs[0].text : "");
    m->u.dc.site = xstrdup(c->site);
    m->u.dc.latency_ms = c->latency_ms;
    m->u.dc.state = health[c->state];
    m->u.dc.writable = c->flags & DS_WRITABLE;
    m->u.dc.closest = c->closest;
    m->u.dc.chosen = list->chosen == (int)i;
    log_debug("controller %s [%s]: %s, %d ms", c->host, m->u.dc.address, dc_state_name(c->state),
              c->latency_ms);
    s->r->send(s->r->arg, m);
}

static void send_domain(struct session *s)
{
    const struct domain_info *d = &s->loc->domain;
    struct engine_msg *m = report_new(s->r, MSG_DOMAIN);
    m->u.domain.dns_name = xstrdup(d->dns);
    m->u.domain.netbios_name = xstrdup(d->netbios);
    m->u.domain.forest = xstrdup(d->forest);
    m->u.domain.realm = xstrdup(s->realm);
    m->u.domain.client_site = xstrdup(d->client_site);
    s->r->send(s->r->arg, m);
}

/* The running system's resolver, never the target's: the questions go out from here. */
static int read_resolver(struct session *s, struct dns_config *cfg, struct err *e)
{
    struct buf b = BUF_INIT(64u << 10);
    bool present;
    int r = host_read_opt(s->here, "/etc/resolv.conf", &b, &present, e);
    if (r == 0)
        dns_config_parse(buf_text(&b), cfg);
    buf_free(&b);
    return r;
}

static char *settings_locate_key(const struct settings *s)
{
    return xasprintf("%s|%s|%s|%d", settings_get(s, OPT_DOMAIN), settings_get(s, OPT_CONTROLLER),
                     settings_get(s, OPT_SITE), settings_bool(s, OPT_FLAG_JOIN_READONLY));
}

#define PING_MS        2500
#define KDC_CONNECT_MS 3000

static void fill_request(struct session *s, struct locate_place *p, struct locate_request *rq)
{
    *rq = (struct locate_request){
        .domain = p->domain,
        .controller = *p->named ? p->named : settings_get(s->s, OPT_CONTROLLER),
        .site = settings_get(s->s, OPT_SITE),
        .known_site = p->site,
        .avoid = s->avoid,
        .allow_read_only = settings_bool(s->s, OPT_FLAG_JOIN_READONLY),
        .host = p->host,
        .dns = &p->dns,
        .timeout_ms = PING_MS,
        /* The page that shows the controllers wants all of them; a join wants the first good one.
         */
        .survey = s->r->job == JOB_DISCOVER,
        .cancel = s->cancel,
        .changed = candidate_changed,
        .arg = s,
    };
}

/* Of a member: the site that its controllers saw it in. */
static char *known_site(struct session *s, const char *domain)
{
    struct membership m = {0};
    struct err ignored = {0};
    char *site = NULL;
    if (membership_load(s->target, &m, &ignored) == 0 && m.state == MEMBER_DOMAIN && m.rec.site &&
        str_ieq(m.rec.domain, domain))
        site = xstrdup(m.rec.site);
    membership_free(&m);
    return site;
}

int locate_place(struct session *s, struct locate_place *p, struct locate_request *rq,
                 struct err *e)
{
    if (read_resolver(s, &p->dns, e) < 0 || present_host_name(s, &p->host, e) < 0)
        return -1;
    name_split_domain(settings_get(s->s, OPT_DOMAIN), &p->domain, &p->named);
    p->host[strcspn(p->host, ".")] = '\0';
    p->site = known_site(s, p->domain);
    fill_request(s, p, rq);
    return 0;
}

void locate_place_done(struct locate_place *p)
{
    free(p->domain);
    free(p->named);
    free(p->host);
    free(p->site);
    *p = (struct locate_place){0};
}

/* The Kerberos connection of the chosen controller; while nothing was asked of one yet, another may
 * take its place. *kdc is the connected socket. */
static int connect_kdc(struct session *s, const struct locate_request *rq, int64_t until, int *kdc,
                       struct err *e)
{
    struct err why = {0}, none = {0};
    while ((*kdc = locate_connect_kdc(s->loc, KDC_CONNECT_MS, s->cancel, &why)) < 0) {
        if (cancel_is_set(s->cancel) || net_now_ms() >= until ||
            locate_next(s->loc, rq, &none) < 0) {
            *e = why;
            return -1;
        }
        log_notice("controller without port 88 (%s), going on with %s", code_symbol(why.code),
                   session_dc(s)->host);
        err_reset(&why);
    }
    return 0;
}

/* Kerberos for the controller that was chosen. */
static int pin_controller(struct session *s, int kdc, struct err *e)
{
    struct dc_candidate *dc = session_dc(s);
    struct kerb_target t = {
        .realm = s->realm, .host = dc->host, .addr = &dc->addr, .fd = kdc, .cancel = s->cancel};
    return kerb_open(&s->kerb, &t, e);
}

static int do_locate(struct session *s, int *kdc, struct err *e)
{
    struct locate_place p = {0};
    struct locate_request rq;
    int r = -1;
    if (locate_place(s, &p, &rq, e) == 0) {
        s->loc = xcalloc(1, sizeof *s->loc);
        r = locate(&rq, s->loc, e);
        if (r == 0)
            r = connect_kdc(s, &rq, net_now_ms() + FAILOVER_MS, kdc, e);
    }
    locate_place_done(&p);
    return r;
}

int locate_another(struct session *s, int64_t until, struct err *e)
{
    struct locate_place p = {0};
    struct locate_request rq;
    struct located *l = s->loc;
    int kdc = -1, r = -1;
    AUTOFREE char *old = xstrdup(session_dc(s)->host);
    if (locate_place(s, &p, &rq, e) == 0 && locate_next(l, &rq, e) == 0 &&
        connect_kdc(s, &rq, until, &kdc, e) == 0) {
        drop_connection(s);
        kerb_free(TAKE(s->kerb));
        r = pin_controller(s, kdc, e);
    }
    /* The steps that follow still tell of the one that was asked last. */
    for (size_t i = 0; l->list.chosen < 0 && i < l->list.n; i++) {
        if (str_eq(l->list.c[i].host, old))
            l->list.chosen = (int)i;
    }
    locate_place_done(&p);
    return r;
}

/* The wizard's pages have asked already: the steps of the join say what was found then. */
static void report_located(struct session *s)
{
    struct dc_candidate *dc = session_dc(s);
    if (s->r->job != JOB_RUN)
        return;
    report_known(s->r, STEP_LOCATE, "{1} ({2})", s->loc->domain.dns, s->loc->domain.netbios, NULL);
    report_known(s->r, STEP_PING, N_("{1} answered in {2} ms"), dc->host,
                 number_text(dc->latency_ms), NULL);
    report_known(s->r, STEP_PIN, N_("{1} [{2}] for everything from here on"), dc->host,
                 dc->addr.text, NULL);
}

int locate_domain(struct session *s, struct err *e)
{
    AUTOFREE char *key = settings_locate_key(s->s);
    if (s->kerb && str_eq(key, s->locate_key)) {
        report_located(s);
        for (size_t i = 0; s->r->job == JOB_DISCOVER && i < s->loc->list.n; i++)
            candidate_changed(s, &s->loc->list, i); /* the page shows them again */
        send_domain(s);
        return 0;
    }
    drop_domain(s);
    if (str_empty(settings_get(s->s, OPT_DOMAIN)))
        return err_cause(e, CAUSE_DOMAIN_MISSING);
    if (name_check_domain(settings_get(s->s, OPT_DOMAIN), e) < 0)
        return -1;

    report_step(s->r, STEP_LOCATE);
    int kdc = -1;
    if (do_locate(s, &kdc, e) < 0)
        return -1;
    struct dc_candidate *dc = session_dc(s);
    report_ok(s->r, N_("{1} ({2}), controllers: {3}, asked {4}, {5} ms"), s->loc->domain.dns,
              s->loc->domain.netbios, number_text((long)s->loc->list.n), s->loc->dns_server,
              number_text(s->loc->dns_ms), NULL);
    report_step(s->r, STEP_PING);
    report_ok(s->r, N_("{1} answered in {2} ms"), dc->host, number_text(dc->latency_ms), NULL);
    report_step(s->r, STEP_PIN);
    s->realm = xstrdup(s->loc->domain.dns);
    str_upper(s->realm);
    if (pin_controller(s, kdc, e) < 0)
        return -1;
    report_ok(s->r, N_("{1} [{2}] for everything from here on"), dc->host, dc->addr.text, NULL);
    s->locate_key = TAKE(key);
    send_domain(s);
    return 0;
}

bool session_skew(struct session *s, long *seconds)
{
    if (s->kerb && kerb_time_offset(s->kerb, seconds))
        return true;
    if (!s->have_root || !s->root_dse.current_time)
        return false;
    *seconds = (long)(s->root_dse.current_time - host_now(s->here));
    return true;
}

int check_clock(struct session *s, struct err *e)
{
    long skew;
    if (!session_skew(s, &skew) || (skew <= SKEW_MAX_S && skew >= -SKEW_MAX_S))
        return 0;
    err_cause(e, CAUSE_TIME_SKEW);
    err_fact(e, FACT_SKEW, "%+ld s", skew);
    err_fact(e, FACT_LIMIT, "%d s", SKEW_MAX_S);
    err_fact(e, FACT_SERVER, "%s", session_dc(s)->host);
    return -1;
}

int connect_ldap(struct session *s, struct err *e)
{
    return locate_connect(s->loc, 5000, s->cancel, e);
}
