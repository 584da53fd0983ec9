/*
 * The host's addresses in the domain's DNS, by the machine itself: RFC 2136 updates signed as RFC
 * 3645 (GSS-TSIG) says. nsupdate does it, with a ticket made here; where it is missing SSSD
 * registers the name at its first start.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "engine/dns/dns.h"
#include "engine/flow/join.h"

#define CCACHE_PATH "/run/joinery.dns.ccache"
#define UPDATE_MS   15000

/* One address a family at most: those that this machine uses towards the controller. */
struct own {
    struct net_addr addr[2];
    size_t n;
};

static bool address_towards(const struct net_addr *dc, struct net_addr *out)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    int fd = net_udp(dc, 53);
    bool ok = false;
    if (fd < 0)
        return false;
    if (getsockname(fd, (struct sockaddr *)&ss, &len) == 0) {
        if (ss.ss_family == AF_INET)
            ok = net_addr_from_bytes(&((struct sockaddr_in *)&ss)->sin_addr, 4, out);
        else if (ss.ss_family == AF_INET6)
            ok = net_addr_from_bytes(&((struct sockaddr_in6 *)&ss)->sin6_addr, 16, out);
    }
    net_close(&fd);
    /* An address of this link alone is of no use to others. */
    return ok && !(out->family == AF_INET6 && strncasecmp(out->text, "fe80:", 5) == 0);
}

static void add_own(struct own *own, const struct net_addr *dc)
{
    for (size_t i = 0; i < own->n; i++) {
        if (own->addr[i].family == dc->family)
            return;
    }
    if (own->n < ARRAY_SIZE(own->addr) && address_towards(dc, &own->addr[own->n]))
        own->n++;
}

static int run_nsupdate(struct session *s, const char *script, struct err *e)
{
    static const char *const argv[] = {"nsupdate", "-g", "-t", "10", NULL};
    static const char *const env[] = {"KRB5CCNAME=FILE:" CCACHE_PATH, NULL};
    struct host_result res = {0};
    struct host_cmd cmd = {
        .argv = argv,
        .env = env,
        .in = script,
        .in_len = strlen(script),
        .timeout_ms = UPDATE_MS,
        .cancel = s->cancel,
    };
    int r = host_exec(s->here, &cmd, &res, e);
    if (r == 0 && res.ran != HOST_RAN) {
        err_cause(e, CAUSE_DNS_UPDATE_FAILED);
        err_fact(e, FACT_COMMAND, "nsupdate");
        r = err_foreign(e, ERR_SRC_NONE, 0, "nsupdate is not installed");
    } else if (r == 0 && res.status != 0) {
        err_cause(e, CAUSE_DNS_UPDATE_FAILED);
        err_fact(e, FACT_COMMAND, "nsupdate -g");
        r = err_foreign(e, ERR_SRC_ERRNO, res.status, "%s", res.out.len ? buf_text(&res.out) : "");
    }
    host_result_free(&res);
    return r;
}

/* Both kinds of addresses of a name, as the controller's own DNS has them. */
static bool ask_both(struct session *s, const char *name, struct dns_query q[2])
{
    struct dns_config cfg = {
        .servers = {session_dc(s)->addr}, .n_servers = 1, .timeout_ms = 2000, .attempts = 1};
    struct dns *d = NULL;
    struct err ignored = {0};
    if (dns_query_init(&q[0], name, DNS_A) < 0 || dns_query_init(&q[1], name, DNS_AAAA) < 0)
        return false;
    bool asked =
        dns_open(&d, &cfg, &ignored) == 0 && dns_ask(d, q, 2, 3000, s->cancel, &ignored) == 0;
    dns_close(d);
    return asked;
}

/* How many of the addresses stand in the DNS under that name. What stands there counts, not what
 * nsupdate says: Samba makes an update and then signs its answer in a way that nsupdate does not
 * accept ("tsig verify failure"). */
static size_t registered(struct session *s, const char *fqdn, const struct own *own)
{
    struct dns_query q[2] = {0};
    size_t found = 0;
    bool asked = ask_both(s, fqdn, q);
    for (size_t k = 0; asked && k < own->n; k++) {
        const struct dns_query *mine = &q[own->addr[k].family == AF_INET ? 0 : 1];
        for (size_t i = 0; i < mine->n_addrs; i++)
            found += str_eq(mine->addrs[i].text, own->addr[k].text);
    }
    dns_query_done(&q[0]);
    dns_query_done(&q[1]);
    return found;
}

/* The script goes to nsupdate with a ticket of the machine in a file of its own for that time. */
static int update(struct session *s, struct machine *m, const char *script, struct err *e)
{
    AUTOFREE char *spn = xasprintf("DNS/%s", session_dc(s)->host);
    const char *spns[] = {spn};
    struct err ignored = {0};
    if (kerb_service_tickets(s->kerb, m->cred, spns, 1, e) < 0 ||
        kerb_export_ccache(m->cred, CCACHE_PATH, e) < 0)
        return -1;
    int r = run_nsupdate(s, script, e);
    if (host_remove_wipe(s->here, CCACHE_PATH, &ignored) < 0)
        log_warning("%s could not be removed: %s", CCACHE_PATH, ignored.raw);
    return r;
}

static int own_addresses(struct session *s, struct own *own, struct err *e)
{
    struct dc_candidate *dc = session_dc(s);
    struct dns_query q[2] = {0};
    *own = (struct own){0};
    add_own(own, &dc->addr);
    /* The locator went on with the first address that answered: the controller may have others. */
    bool asked = ask_both(s, dc->host, q);
    for (size_t k = 0; asked && k < ARRAY_SIZE(q); k++) {
        for (size_t i = 0; i < q[k].n_addrs; i++)
            add_own(own, &q[k].addrs[i]);
    }
    dns_query_done(&q[0]);
    dns_query_done(&q[1]);
    if (own->n)
        return 0;
    err_cause(e, CAUSE_DNS_UPDATE_FAILED);
    return err_foreign(e, ERR_SRC_NONE, 0, "no address of this machine is known");
}

int dns_register(struct session *s, struct machine *m, struct err *e)
{
    struct own own;
    struct buf script = BUF_INIT(4096);
    if (own_addresses(s, &own, e) < 0)
        return -1;
    buf_printf(&script, "server %s\nrealm %s\n", session_dc(s)->addr.text, s->realm);
    for (size_t i = 0; i < own.n; i++) {
        const char *type = own.addr[i].family == AF_INET ? "A" : "AAAA";
        buf_printf(&script, "update delete %s. %s\nupdate add %s. 3600 %s %s\n", s->names.fqdn,
                   type, s->names.fqdn, type, own.addr[i].text);
    }
    buf_printf(&script, "send\n");
    int r = update(s, m, buf_text(&script), e);
    buf_free(&script);
    if (r < 0 && registered(s, s->names.fqdn, &own) == own.n) {
        log_info("nsupdate: %s; the addresses are in the DNS all the same", e->raw);
        err_reset(e);
        r = 0;
    }
    err_fact(e, FACT_NAME, "%s", s->names.fqdn);
    return r;
}

int dns_unregister(struct session *s, struct machine *m, const char *fqdn, struct err *e)
{
    struct own own;
    if (own_addresses(s, &own, e) < 0)
        return -1;
    if (registered(s, fqdn, &own) == 0)
        return 0;
    AUTOFREE char *script =
        xasprintf("server %s\nrealm %s\nupdate delete %s. A\nupdate delete %s. AAAA\nsend\n",
                  session_dc(s)->addr.text, s->realm, fqdn, fqdn);
    int r = update(s, m, script, e);
    if (r < 0 && registered(s, fqdn, &own) == 0) {
        log_info("nsupdate: %s; the name is gone all the same", e->raw);
        err_reset(e);
        r = 0;
    }
    err_fact(e, FACT_NAME, "%s", fqdn);
    return r;
}
