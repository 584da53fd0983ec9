#include "engine/flow/provision_others.h"

#include <stdio.h>

#include "engine/net/net.h"

struct call {
    struct dc_candidate *dc;
    struct net_connect *connect;
};

static size_t start_calls(struct session *s, struct call *call)
{
    size_t n = 0;
    struct dc_list *l = &s->loc->list;
    for (size_t i = 0; i < l->n && n < PROVISION_OTHERS_MAX; i++) {
        struct dc_candidate *dc = &l->c[i];
        bool maybe = dc->state == DC_STATE_UNKNOWN ||
                     (dc->state == DC_STATE_ANSWERED && dc->flags & DS_WRITABLE);
        if ((int)i == l->chosen || !maybe || !dc->n_addrs)
            continue;
        const struct net_addr *a = dc->addr.family ? &dc->addr : dc->addrs;
        size_t na = dc->addr.family ? 1 : dc->n_addrs;
        call[n].connect = net_connect_start(a, na, s->loc->ldap_port, PROVISION_OTHERS_MS);
        call[n++].dc = dc;
    }
    return n;
}

static struct dir *bind_to(struct session *s, struct dc_candidate *dc, int fd, struct err *e)
{
    AUTOFREE char *spn = xasprintf("ldap/%s", dc->host);
    const char *spns[] = {spn};
    struct dir *d = NULL;
    if (dir_open(&d, fd, dc->host, s->cancel, e) < 0)
        return NULL;
    dir_set_timeout(d, PROVISION_OTHERS_MS);
    int r = kerb_service_tickets(s->kerb, s->user, spns, 1, e);
    if (r == 0)
        r = kerb_select(s->user, e);
    if (r == 0) {
        r = dir_bind(d, NULL, e);
        kerb_unselect();
    }
    if (r == 0)
        return d;
    dir_close(d);
    return NULL;
}

void provision_others_open(struct session *s, struct provision_others *o)
{
    struct call call[PROVISION_OTHERS_MAX];
    *o = (struct provision_others){0};
    if (settings_bool(s->s, OPT_FLAG_PROVISION_SKIP_ACCOUNT_SEARCH))
        return;
    size_t n = start_calls(s, call);
    int64_t end = net_now_ms() + PROVISION_OTHERS_MS;
    for (size_t i = 0; i < n; i++) {
        struct err e = {0};
        int fd = net_connect_finish(call[i].connect, call[i].dc->host, s->cancel, NULL, &e);
        struct dir *d = NULL;
        if (fd >= 0 && net_now_ms() < end)
            d = bind_to(s, call[i].dc, fd, &e);
        else
            net_close(&fd);
        if (d)
            o->d[o->n++] = d;
        else
            log_info("%s cannot be asked for the account: %s", call[i].dc->host,
                     code_symbol(e.code));
    }
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
