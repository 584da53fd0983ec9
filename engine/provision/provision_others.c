#include "engine/provision/provision_others.h"

#include <stdio.h>
#include <stdlib.h>

#include "engine/net/net.h"

#define PINGS_MS   1000
#define MIN_MS     200
#define CONNECT_MS 1000 /* all at the same time */

struct call {
    const struct dc_candidate *dc;
    struct net_connect *connect;
};

static size_t start_calls(const struct located *l, const char *chosen, struct call *call)
{
    size_t n = 0;
    for (size_t i = 0; i < l->list.n && n < PROVISION_OTHERS_MAX; i++) {
        const struct dc_candidate *dc = &l->list.c[i];
        bool maybe = dc->state == DC_STATE_UNKNOWN ||
                     (dc->state == DC_STATE_ANSWERED && dc->flags & DS_WRITABLE);
        if (str_ieq(dc->host, chosen) || !maybe || !dc->n_addrs)
            continue;
        const struct net_addr *a = dc->addr.family ? &dc->addr : dc->addrs;
        size_t na = dc->addr.family ? 1 : dc->n_addrs;
        call[n].connect = net_connect_start(a, na, l->ldap_port, CONNECT_MS);
        call[n++].dc = dc;
    }
    return n;
}

/* Of a named controller the locator has looked at no other one. NULL when there are none. */
static struct located *look_for_others(struct session *s)
{
    struct located *l = xcalloc(1, sizeof *l);
    struct locate_place p = {0};
    struct locate_request rq;
    struct err e = {0};
    int r = locate_place(s, &p, &rq, &e);
    if (r == 0) {
        rq.controller = NULL;
        rq.survey = true;
        rq.changed = NULL;
        rq.timeout_ms = PINGS_MS;
        r = locate(&rq, l, &e);
    }
    locate_place_done(&p);
    if (r == 0)
        return l;
    log_info("other controllers were not found: %s", code_symbol(e.code));
    locate_done(l);
    free(l);
    return NULL;
}

static struct dir *bind_to(struct session *s, const struct dc_candidate *dc, int fd, int64_t end,
                           struct err *e)
{
    AUTOFREE char *spn = xasprintf("ldap/%s", dc->host);
    const char *spns[] = {spn};
    struct dir *d = NULL;
    if (dir_open(&d, fd, dc->host, s->cancel, e) < 0)
        return NULL;
    int64_t left = end - net_now_ms();
    dir_set_timeout(d, left > MIN_MS ? (int)left : MIN_MS);
    int r = kerb_service_tickets(s->kerb, s->user, spns, 1, e);
    if (r == 0)
        r = kerb_select(s->user, e);
    if (r == 0) {
        r = dir_bind(d, NULL, e);
        kerb_unselect();
    }
    if (r == 0) {
        dir_set_timeout(d, PROVISION_OTHERS_MS);
        return d;
    }
    dir_close(d);
    return NULL;
}

static void open_all(struct session *s, const struct located *l, struct provision_others *o)
{
    struct call call[PROVISION_OTHERS_MAX];
    size_t n = start_calls(l, session_dc(s)->host, call);
    int64_t end = net_now_ms() + PROVISION_OTHERS_MS;
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        int fd = net_connect_finish(call[i].connect, call[i].dc->host, s->cancel, NULL, &e);
        struct dir *d = NULL;
        if (fd >= 0 && net_now_ms() < end)
            d = bind_to(s, call[i].dc, fd, end, &e);
        else
            net_close(&fd);
        if (d)
            o->d[o->n++] = d;
        else
            log_info("%s cannot be asked for the account: %s", call[i].dc->host,
                     code_symbol(e.code));
    }
}

void provision_others_open(struct session *s, struct provision_others *o)
{
    *o = (struct provision_others){0};
    if (settings_bool(s->s, OPT_FLAG_PROVISION_SKIP_ACCOUNT_SEARCH))
        return;
    if (!session_dc(s)->named) {
        open_all(s, s->loc, o);
        return;
    }
    struct located *l = look_for_others(s);
    if (!l)
        return;
    open_all(s, l, o);
    locate_done(l);
    free(l);
}

static void drop(struct provision_others *o, size_t i)
{
    dir_close(o->d[i]);
    o->d[i] = o->d[--o->n];
}

int provision_others_ask(struct session *s, struct provision_others *o,
                         const struct account_names *n, struct err *e)
{
    for (size_t i = 0; i < o->n;) {
        struct account_id id;
        struct err why = {0};
        int r = account_read_back(o->d[i], n, NULL, &id, &why);
        if (r == 0) {
            err_cause(e, CAUSE_ACCOUNT_AT_OTHER_CONTROLLER);
            err_fact(e, FACT_SERVER, "%s", dir_host(o->d[i]));
            err_fact(e, FACT_OBJECT, "%s", id.dn);
            account_id_free(&id);
            return -1;
        }
        if (why.cause == CAUSE_ACCOUNT_MISSING) {
            i++;
            continue;
        }
        if (cancel_check(s->cancel, e) < 0)
            return -1;
        log_info("%s does not say whether it knows %s$: %s", dir_host(o->d[i]), n->name,
                 code_symbol(why.code));
        drop(o, i);
    }
    return 0;
}

void provision_others_close(struct provision_others *o)
{
    while (o->n)
        drop(o, o->n - 1);
}
