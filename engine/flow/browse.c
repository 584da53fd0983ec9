/* What the wizard's pages ask before anything is decided: machine, domain, login, places, name. */
#define _GNU_SOURCE
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "engine/flow/membership.h"
#include "engine/flow/osinfo.h"
#include "engine/flow/session.h"

/* The first address that is not the loopback's. */
static char *first_address(void)
{
    struct ifaddrs *list = NULL;
    char *found = NULL;
    if (getifaddrs(&list) < 0)
        return xstrdup("");
    for (struct ifaddrs *i = list; i && !found; i = i->ifa_next) {
        struct net_addr a;
        if (!i->ifa_addr || (i->ifa_flags & IFF_LOOPBACK) || !(i->ifa_flags & IFF_UP))
            continue;
        bool ok = false;
        if (i->ifa_addr->sa_family == AF_INET)
            ok = net_addr_from_bytes(&((struct sockaddr_in *)i->ifa_addr)->sin_addr, 4, &a);
        else if (i->ifa_addr->sa_family == AF_INET6 &&
                 !IN6_IS_ADDR_LINKLOCAL(&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr))
            ok = net_addr_from_bytes(&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, 16, &a);
        if (ok)
            found = xstrdup(a.text);
    }
    freeifaddrs(list);
    return found ? found : xstrdup("");
}

/* A proposal for the domain: where this machine looks names up. */
static char *search_domain(struct session *s)
{
    struct buf b = BUF_INIT(64u << 10);
    struct dns_config cfg = {0};
    struct err ignored = {0};
    bool present;
    if (host_read_opt(s->here, "/etc/resolv.conf", &b, &present, &ignored) == 0)
        dns_config_parse(buf_text(&b), &cfg);
    buf_free(&b);
    return xstrdup(cfg.n_search ? cfg.search[0] : "");
}

/* What is set up now, for the review of what will be. */
static const char *present_identity(struct host *h)
{
    struct buf b = BUF_INIT(64u << 10);
    struct err ignored = {0};
    bool present;
    const char *found = "none";
    if (host_exists(h, "/etc/sssd/sssd.conf"))
        found = "sssd";
    else if (host_read_opt(h, "/etc/nsswitch.conf", &b, &present, &ignored) == 0 && present &&
             b.len && memmem(b.data, b.len, "winbind", strlen("winbind")))
        found = "winbind";
    buf_free(&b);
    return found;
}

static const char *present_time_service(struct host *h)
{
    if (host_exists(h, "/etc/chrony/sources.d"))
        return "chrony";
    return host_exists(h, "/lib/systemd/systemd-timesyncd") ||
                   host_exists(h, "/usr/lib/systemd/systemd-timesyncd")
               ? "systemd-timesyncd"
               : "";
}

void flow_machine(struct session *s)
{
    struct engine_msg *msg = report_new(s->r, MSG_MACHINE);
    struct machine_view *v = &msg->u.machine;
    struct membership m = {0};
    struct err ignored = {0};
    if (host_get_hostname(s->target, &v->host_name, &ignored) < 0)
        v->host_name = xstrdup("");
    if (host_static_hostname(s->target, &v->next_name, &ignored) < 0 ||
        str_ieq(v->next_name, v->host_name)) {
        free(v->next_name);
        v->next_name = xstrdup("");
    }
    v->address = first_address();
    v->os_name = os_release_value(s->target, "PRETTY_NAME");
    v->root = host_is_root(s->target);
    v->live = host_is_live(s->target);
    v->interrupted = session_interrupted(s);
    if (membership_load(s->target, &m, &ignored) == 0)
        v->state = m.state;
    v->member_of = xstrdup(m.state == MEMBER_DOMAIN      ? m.rec.domain
                           : m.state == MEMBER_WORKGROUP ? m.workgroup
                                                         : "");
    v->account = m.state == MEMBER_DOMAIN && *m.rec.computer ? xasprintf("%s$", m.rec.computer)
                                                             : xstrdup("");
    v->own_name = session_own_name(s);
    v->search_domain = search_domain(s);
    v->other_tool = xstrdup(m.other_tool ? m.other_tool : "");
    v->identity = xstrdup(present_identity(s->target));
    v->time_service = xstrdup(present_time_service(s->target));
    membership_free(&m);
    s->r->send(s->r->arg, msg);
}

int flow_network(struct session *s, struct err *e)
{
    struct buf b = BUF_INIT(64u << 10);
    struct dns_config cfg = {0};
    struct err why = {0};
    bool present;
    int r = host_read_opt(s->here, "/etc/resolv.conf", &b, &present, e);
    if (r == 0)
        dns_config_parse(buf_text(&b), &cfg);
    buf_free(&b);
    if (r < 0)
        return -1;
    if (cfg.n_servers == 0) {
        err_cause(&why, CAUSE_NO_DNS_SERVER);
        err_fact(&why, FACT_FILE, "/etc/resolv.conf");
        report_verdict(s->r, CHECK_RESOLVER, VERDICT_FAIL, &why);
        return 0;
    }
    err_fact(&why, FACT_SERVER, "%s", cfg.servers[0].text);
    report_verdict(s->r, CHECK_RESOLVER, VERDICT_OK, &why);
    return 0;
}

int flow_discover(struct session *s, struct err *e)
{
    if (locate_domain(s, e) < 0)
        return -1;
    struct err facts = {0};
    err_fact(&facts, FACT_SERVER, "%s", session_dc(s)->host);
    err_fact(&facts, FACT_ADDRESS, "%s", session_dc(s)->addr.text);
    report_verdict(s->r, CHECK_CONTROLLER, VERDICT_OK, &facts);
    return 0;
}

int flow_login(struct session *s, struct err *e)
{
    if (locate_domain(s, e) < 0 || log_in(s, e) < 0)
        return -1;
    long skew;
    struct err facts = {0};
    if (session_skew(s, &skew)) {
        err_fact(&facts, FACT_SKEW, "%+ld s", skew);
        report_verdict(s->r, CHECK_CLOCK,
                       skew > SKEW_WARN_S || skew < -SKEW_WARN_S ? VERDICT_WARNING : VERDICT_OK,
                       &facts);
    }
    return 0;
}

/* Whether nothing lets this account make computers where the domain puts them: no right there, and
 * no number of its own. The names are nobody's: only the place is asked about. */
static bool default_refused(struct session *s)
{
    struct account_facts f;
    struct err ignored = {0};
    AUTOFREE char *fqdn = xasprintf("computer.%s", s->loc->domain.dns);
    struct account_names n = {.name = "COMPUTER",
                              .fqdn = fqdn,
                              .domain = s->loc->domain.dns,
                              .base_dn = s->root_dse.default_nc,
                              .config_dn = s->root_dse.config_nc};
    bool read = account_facts(s->dir, &n, &f, &ignored) == 0;
    /* Samba knows no creating by number. */
    bool none = read && (strcasestr(f.vendor, "samba") || (f.has_quota && f.quota == 0));
    bool refused = none && f.may_create == ACCOUNT_NO;
    account_facts_free(&f);
    return refused;
}

static void send_ous(struct session *s, const char *parent, const struct account_ous *list,
                     bool refused)
{
    struct engine_msg *m = report_new(s->r, MSG_OUS);
    m->u.ous.parent = xstrdup(parent);
    m->u.ous.list = xcalloc(list->n, sizeof *m->u.ous.list);
    m->u.ous.more = list->cut;
    m->u.ous.default_refused = refused;
    for (size_t i = 0; i < list->n; i++) {
        struct ou_view *v = &m->u.ous.list[m->u.ous.n++];
        v->dn = xstrdup(list->ou[i].dn);
        v->name = xstrdup(list->ou[i].name);
        v->may_create = list->ou[i].may_create;
        v->is_ou = !list->ou[i].container;
    }
    s->r->send(s->r->arg, m);
}

int flow_ous(struct session *s, const char *dn, const char *filter, struct err *e)
{
    struct account_ous list = {0};
    if (locate_domain(s, e) < 0 || log_in(s, e) < 0)
        return -1;
    const char *base = *dn ? dn : s->root_dse.default_nc;
    const char *part = *filter && !str_eq(filter, "*") ? filter : NULL;
    if (account_list_ous(s->dir, base, *filter != '\0', part, 0, &list, e) < 0)
        return -1;
    send_ous(s, dn, &list, !*dn && !*filter && default_refused(s));
    account_ous_free(&list);
    return 0;
}

static enum name_state state_of(const struct account_decision *d)
{
    if (d->action == ACCOUNT_CREATE)
        return NAME_FREE;
    return d->action == ACCOUNT_TAKE_OVER               ? NAME_OWN
           : d->err.code == 2224 || d->err.code == 2732 ? NAME_TAKEN
                                                        : NAME_REFUSED;
}

int flow_name(struct session *s, struct err *e)
{
    struct account_names n;
    struct account_policy p;
    if (settings_op(s->s) == FLAG_FOR_RENAME)
        return name_rename(s, e);
    if (locate_domain(s, e) < 0 || log_in(s, e) < 0 || read_facts(s, e) < 0)
        return -1;
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    struct account_decision *d = xcalloc(1, sizeof *d);
    account_decide(&s->facts, &n, &p, d);
    struct engine_msg *m = report_new(s->r, MSG_NAME);
    const struct account_object *o = s->facts.existing;
    m->u.name = (struct name_view){
        .netbios = xstrdup(s->names.netbios),
        .fqdn = xstrdup(s->names.fqdn),
        .account = xstrdup(s->names.account),
        .state = state_of(d),
        .why = d->err,
        .dn = xstrdup(o ? o->dn : ""),
        .owner = xstrdup(s->facts.owner_name ? s->facts.owner_name : ""),
        .creator = xstrdup(s->facts.creator_name ? s->facts.creator_name : ""),
    };
    s->r->send(s->r->arg, m);
    free(d);
    return 0;
}
