#include "engine/flow/machine.h"

#include <string.h>

#define CONNECT_MS 5000

void machine_principals(const struct machine_names *n, struct strv *out)
{
    strv_add(out, n->account);
    strv_addf(out, "host/%s", n->netbios);
    strv_addf(out, "host/%s", n->fqdn);
    strv_addf(out, "RestrictedKrbHost/%s", n->netbios);
    strv_addf(out, "RestrictedKrbHost/%s", n->fqdn);
}

void machine_connect(struct session *s, struct machine *m)
{
    struct dc_candidate *dc = session_dc(s);
    m->connecting = net_connect_start(&dc->addr, 1, 389, CONNECT_MS);
    (void)net_connect_step(m->connecting);
}

/* The salt is the one that the controller uses for computers; should it ever differ, the controller
 * says so in its answer and the login is made again with that one. */
static int log_in_again(struct session *s, struct machine *m, const struct secret *password,
                        struct err *first, struct err *e)
{
    struct kerb_hint hint;
    struct kerb_login *login = NULL;
    log_info(
        "machine login with the usual salt was refused (%s), asking the controller for its salt",
        code_symbol(first->code));
    int r = kerb_login_start(s->kerb, m->principal, &login, e);
    if (r == 0)
        r = kerb_login_hint(login, &hint, e);
    if (r == 0 && hint.has_salt) {
        free(m->salt);
        m->salt = xstrdup(hint.salt);
    }
    if (r == 0)
        r = kerb_login_finish_password(login, password, &m->cred, e);
    kerb_login_free(login);
    return r;
}

int machine_log_in(struct session *s, struct machine *m, const struct secret *password,
                   bool spns_set, struct err *e)
{
    struct kerb_hint hint = {0};
    struct err first = {0};
    m->principal = xasprintf("%s@%s", s->names.account, s->realm);
    m->salt = kerb_machine_salt(s->realm, s->names.account);
    m->has_host_spn = spns_set;
    /* Both requests are on the wire together; the second one waits for the keytab. */
    if (kerb_login_start(s->kerb, m->principal, &m->again, e) < 0)
        return -1;
    if (kerb_login_machine_direct(s->kerb, m->principal, password, m->salt, &hint, &m->cred,
                                  &first) < 0) {
        if (cancel_is_set(s->cancel) || first.code != cause_code(CAUSE_KDC_WRONG_PASSWORD)) {
            *e = first;
            return -1;
        }
        if (log_in_again(s, m, password, &first, e) < 0)
            return -1;
    } else if (hint.has_salt) {
        free(m->salt);
        m->salt = xstrdup(hint.salt);
    }
    if (m->dir) /* bound already, before its password was changed */
        return 0;
    /* The ticket for host/fqdn waits until the encryption types are written: before that it comes
     * with a key that the keytab does not have. */
    AUTOFREE char *ldap = xasprintf("ldap/%s", session_dc(s)->host);
    const char *spns[] = {ldap};
    return kerb_service_tickets(s->kerb, m->cred, spns, 1, e);
}

int machine_bind(struct session *s, struct machine *m, struct err *e)
{
    if (!m->connecting)
        machine_connect(s, m);
    int fd = net_connect_finish(TAKE(m->connecting), session_dc(s)->host, s->cancel, NULL, e);
    if (fd < 0 || dir_open(&m->dir, fd, session_dc(s)->host, s->cancel, e) < 0)
        return -1;
    if (m->wait_ms)
        dir_set_timeout(m->dir, m->wait_ms);
    if (kerb_select(m->cred, e) < 0)
        return -1;
    int r = dir_bind(m->dir, s->have_root ? &s->root_dse.mechs : NULL, e);
    kerb_unselect();
    return r;
}

int machine_check_keytab(struct session *s, struct err *e)
{
    struct buf old = BUF_SECRET(KERB_KEYTAB_MAX);
    struct kerb_keytab_entry *list = NULL;
    size_t n;
    bool present;
    int r = host_read_opt(s->target, HOST_KEYTAB, &old, &present, e);
    if (r == 0 && old.len)
        r = kerb_keytab_list(old.data, old.len, &list, &n, e);
    if (r < 0)
        err_fact(e, FACT_FILE, "%s", HOST_KEYTAB);
    free(list);
    buf_free(&old);
    return r;
}

int machine_make_keytab(struct session *s, struct machine *m, const struct secret *password,
                        uint32_t kvno, struct err *e)
{
    struct buf old = BUF_SECRET(KERB_KEYTAB_MAX);
    struct strv names = {0};
    bool present;
    m->keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    machine_principals(&s->names, &names);
    struct kerb_keytab_spec spec = {
        .realm = s->realm,
        .names = (const char *const *)names.s,
        .n_names = names.n,
        .kvno = kvno,
    };
    int r = host_read_opt(s->target, HOST_KEYTAB, &old, &present, e);
    if (r == 0)
        r = kerb_keytab_build(old.len ? old.data : NULL, old.len, &spec, password, m->salt,
                              &m->keytab, e);
    if (r < 0)
        err_fact(e, FACT_FILE, "%s", HOST_KEYTAB);
    strv_free(&names);
    buf_free(&old);
    return r;
}

int machine_prove(struct session *s, struct machine *m, struct err *e)
{
    struct kerb_cred *again = NULL;
    struct kerb_tickets *asked = NULL;
    AUTOFREE char *host = xasprintf("host/%s", s->names.fqdn);
    const char *spns[] = {host};
    int r = 0;
    /* The ticket and the second login are on the wire together. */
    if (m->has_host_spn)
        r = kerb_tickets_start(s->kerb, m->cred, spns, 1, &asked, e);
    if (r == 0 && m->again)
        r = kerb_login_finish_keytab(m->again, m->keytab.data, m->keytab.len, &again, e);
    kerb_cred_free(again);
    if (r == 0 && asked) {
        r = kerb_tickets_finish(asked, e);
        asked = NULL;
    }
    kerb_tickets_free(asked);
    if (r == 0 && m->has_host_spn)
        r = kerb_accept(s->kerb, m->cred, m->keytab.data, m->keytab.len, host, e);
    return r;
}

void machine_done(struct machine *m)
{
    net_connect_free(m->connecting);
    dir_close(m->dir);
    kerb_login_free(m->again);
    kerb_cred_free(m->cred);
    free(m->principal);
    free(m->salt);
    buf_free(&m->keytab);
    *m = (struct machine){0};
}
