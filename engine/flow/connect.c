/*
 * Steps 1 to 7: names, controllers, one pinned controller, clock, ticket, sealed directory
 * connection. What does not depend on each other is on the wire at the same time; what is there
 * already is not asked for again.
 */
#include <stdio.h>
#include <string.h>

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
    return xasprintf("%s|%s|%s", settings_get(s, OPT_DOMAIN), settings_get(s, OPT_CONTROLLER),
                     settings_get(s, OPT_SITE));
}

#define PING_MS        2500
#define KDC_CONNECT_MS 5000

/* The Kerberos connection of the chosen controller; while nothing was asked of one yet, another may
 * take its place. *kdc is the connected socket. */
static int connect_kdc(struct session *s, const struct locate_request *rq, int *kdc, struct err *e)
{
    struct err why = {0}, none = {0};
    while ((*kdc = locate_connect_kdc(s->loc, KDC_CONNECT_MS, s->cancel, &why)) < 0) {
        if (cancel_is_set(s->cancel) || locate_next(s->loc, rq, &none) < 0) {
            *e = why;
            return -1;
        }
        log_notice("controller without port 88 (%s), going on with %s", code_symbol(why.code),
                   session_dc(s)->host);
        err_reset(&why);
    }
    return 0;
}

static int do_locate(struct session *s, const char *domain, const char *controller, int *kdc,
                     struct err *e)
{
    struct dns_config cfg;
    AUTOFREE char *host = NULL;
    if (read_resolver(s, &cfg, e) < 0 || present_host_name(s, &host, e) < 0)
        return -1;
    host[strcspn(host, ".")] = '\0';
    struct locate_request rq = {
        .domain = domain,
        .controller = controller,
        .site = settings_get(s->s, OPT_SITE),
        .host = *host ? host : NULL,
        .dns = &cfg,
        .timeout_ms = PING_MS,
        /* The page that shows the controllers wants all of them; a join wants the first good one.
         */
        .survey = s->r->job == JOB_DISCOVER,
        .cancel = s->cancel,
        .changed = candidate_changed,
        .arg = s,
    };
    s->loc = xcalloc(1, sizeof *s->loc);
    if (locate(&rq, s->loc, e) < 0)
        return -1;
    return connect_kdc(s, &rq, kdc, e);
}

/* Kerberos for the controller that was chosen. */
static int pin_controller(struct session *s, int kdc, struct err *e)
{
    struct dc_candidate *dc = session_dc(s);
    struct kerb_target t = {
        .realm = s->realm, .host = dc->host, .addr = &dc->addr, .fd = kdc, .cancel = s->cancel};
    return kerb_open(&s->kerb, &t, e);
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

static void report_logged_in(struct session *s)
{
    long skew;
    if (s->r->job != JOB_RUN)
        return;
    if (session_skew(s, &skew))
        report_known(s->r, STEP_TIME, N_("clock difference {1} s"), number_text(skew), NULL);
    report_known(s->r, STEP_TICKET, "{1}", kerb_cred_principal(s->user), NULL);
    report_known(s->r, STEP_BIND, N_("sealed, {1} bits"), number_text(dir_ssf(s->dir)), NULL);
}

int locate_domain(struct session *s, struct err *e)
{
    AUTOFREE char *key = settings_locate_key(s->s);
    AUTOFREE char *domain = NULL;
    AUTOFREE char *named = NULL;
    if (s->kerb && str_eq(key, s->locate_key)) {
        report_located(s);
        send_domain(s);
        return 0;
    }
    drop_domain(s);
    if (str_empty(settings_get(s->s, OPT_DOMAIN)))
        return err_cause(e, CAUSE_DOMAIN_MISSING);
    if (name_check_domain(settings_get(s->s, OPT_DOMAIN), e) < 0)
        return -1;
    name_split_domain(settings_get(s->s, OPT_DOMAIN), &domain, &named);
    const char *controller = *named ? named : settings_get(s->s, OPT_CONTROLLER);

    report_step(s->r, STEP_LOCATE);
    int kdc = -1;
    if (do_locate(s, domain, controller, &kdc, e) < 0)
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

/* The anonymous root object, asked while the KDC answers. */
static int open_anonymous(struct session *s, struct dir_op *op, struct err *e)
{
    if (s->anon || s->dir)
        return 0;
    int fd = connect_ldap(s, e);
    if (fd < 0 || dir_open(&s->anon, fd, session_dc(s)->host, s->cancel, e) < 0)
        return -1;
    dir_root_op(op);
    return dir_send(s->anon, op, e);
}

static int collect_root(struct session *s, struct dir_op *op, struct err *e)
{
    if (s->have_root || !s->anon)
        return 0;
    struct dir_op *ops[] = {op};
    if (dir_collect(s->anon, ops, 1, 0, e) < 0 || dir_root_parse(&s->root_dse, op, e) < 0)
        return -1;
    s->have_root = true;
    return 0;
}

/* The bytes of the joining account's keytab, from the running system. */
static int read_keytab(struct session *s, struct buf *out, struct err *e)
{
    const char *path = settings_get(s->s, OPT_KEYTAB);
    *out = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err why = {0};
    if (host_read(s->here, path, out, &why) == 0 && out->len)
        return 0;
    err_cause(e, CAUSE_KEYTAB_UNREADABLE);
    err_fact(e, FACT_FILE, "%s", path);
    return err_foreign(e, why.src, why.lib, "%s", why.raw);
}

/* Whose keytab it is, when no account is named: the first of this realm. */
static char *keytab_principal(struct session *s, const struct buf *keytab, struct err *e)
{
    AUTOFREE struct kerb_keytab_entry *list = NULL;
    size_t n = 0;
    struct err why = {0};
    if (kerb_keytab_list(keytab->data, keytab->len, &list, &n, &why) < 0)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        const char *at = strrchr(list[i].principal, '@');
        if (at && str_eq(at + 1, s->realm))
            return xstrdup(list[i].principal);
    }
    err_cause(e, CAUSE_KEYTAB_UNREADABLE);
    err_fact(e, FACT_FILE, "%s", settings_get(s->s, OPT_KEYTAB));
    err_foreign(e, why.src, why.lib, "%s", *why.raw ? why.raw : "no entry of this realm");
    return NULL;
}

/* The account's principal; NULL with an error when the text cannot be one. */
static char *joiner_principal(struct session *s, const struct buf *keytab, struct err *e)
{
    const char *account = settings_get(s->s, OPT_ACCOUNT);
    if (!*account)
        return keytab_principal(s, keytab, e);
    char *p = name_principal(account, s->realm, s->loc->domain.netbios);
    if (!p) {
        err_cause(e, CAUSE_KDC_UNKNOWN_USER);
        err_fact(e, FACT_ACCOUNT, "%s", account);
        err_fact(e, FACT_DOMAIN, "%s", s->loc->domain.dns);
    }
    return p;
}

/* The controller is thinking: time for what needs no network. */
static void use_the_wait(struct session *s)
{
    void (*idle)(void *) = s->idle;
    s->idle = NULL;
    dir_warm_up();
    if (idle)
        idle(s->idle_arg);
}

static int login_with_account(struct session *s, struct dir_op *root, struct err *e)
{
    struct kerb_login *login = NULL;
    struct kerb_hint hint;
    AUTOFREE char *who = NULL;
    struct buf keytab = {0};
    bool by_keytab = *settings_get(s->s, OPT_KEYTAB);
    int r = -1;
    if (by_keytab && read_keytab(s, &keytab, e) < 0)
        goto out;
    /* An empty password would only count as one more wrong one. */
    if (!by_keytab && !secret_is_set(&s->s->password)) {
        err_cause(e, CAUSE_PASSWORD_MISSING);
        goto out;
    }
    if (!(who = joiner_principal(s, &keytab, e)))
        goto out;
    if (kerb_login_start(s->kerb, who, &login, e) < 0)
        goto out;
    use_the_wait(s);
    if (collect_root(s, root, e) < 0 || kerb_login_hint(login, &hint, e) < 0 ||
        check_clock(s, e) < 0)
        goto out;
    if (by_keytab)
        r = kerb_login_finish_keytab(login, keytab.data, keytab.len, &s->user, e);
    else
        r = kerb_login_finish_password(login, &s->s->password, &s->user, e);
out:
    const char *account = who && by_keytab ? who : settings_get(s->s, OPT_ACCOUNT);
    if (r < 0 && e->code && *account)
        err_fact(e, FACT_ACCOUNT, "%s", account);
    kerb_login_free(login);
    buf_free(&keytab);
    return r;
}

static int get_ticket(struct session *s, struct dir_op *root, struct err *e)
{
    AUTOFREE char *spn = xasprintf("ldap/%s", session_dc(s)->host);
    const char *spns[] = {spn};
    if (str_empty(settings_get(s->s, OPT_ACCOUNT)) && str_empty(settings_get(s->s, OPT_KEYTAB))) {
        if (collect_root(s, root, e) < 0 || check_clock(s, e) < 0 ||
            kerb_login_default(s->kerb, &s->user, e) < 0)
            return -1;
    } else if (login_with_account(s, root, e) < 0) {
        return -1;
    }
    return kerb_service_tickets(s->kerb, s->user, spns, 1, e);
}

static bool same_login(struct session *s)
{
    AUTOFREE char *key =
        xasprintf("%s|%s", settings_get(s->s, OPT_ACCOUNT), settings_get(s->s, OPT_KEYTAB));
    return s->dir && dir_is_open(s->dir) && str_eq(key, s->login_key) &&
           secret_equal(&s->s->password, &s->login_password);
}

static int remember_login(struct session *s, struct err *e)
{
    s->login_key =
        xasprintf("%s|%s", settings_get(s->s, OPT_ACCOUNT), settings_get(s->s, OPT_KEYTAB));
    if (secret_copy(&s->login_password, &s->s->password) < 0)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    return 0;
}

static int open_directory(struct session *s, struct err *e)
{
    report_step(s->r, STEP_BIND);
    if (kerb_select(s->user, e) < 0)
        return -1;
    int r = dir_bind(s->anon, &s->root_dse.mechs, e);
    kerb_unselect();
    if (r < 0)
        return -1;
    s->dir = TAKE(s->anon);
    report_ok(s->r, N_("sealed, {1} bits"), number_text(dir_ssf(s->dir)), NULL);
    return remember_login(s, e);
}

int log_in(struct session *s, struct err *e)
{
    long skew = 0;
    if (same_login(s)) {
        report_logged_in(s);
        return 0;
    }
    drop_connection(s);
    struct dir_op root = {0};
    report_step(s->r, STEP_TIME);
    int r = open_anonymous(s, &root, e);
    if (r == 0) {
        report_step(s->r, STEP_TICKET);
        r = get_ticket(s, &root, e);
    }
    dir_op_free(&root);
    if (r < 0)
        return -1;
    bool known = session_skew(s, &skew);
    if (skew > SKEW_WARN_S || skew < -SKEW_WARN_S)
        log_warning("this machine's clock is %+ld s away from the controller's", -skew);
    if (known)
        report_ok(s->r, N_("{1}, clock difference {2} s"), kerb_cred_principal(s->user),
                  number_text(skew), NULL);
    else
        report_ok(s->r, "{1}", kerb_cred_principal(s->user), NULL);
    return open_directory(s, e);
}
