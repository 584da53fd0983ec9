/*
 * Steps 5 to 7: clock, ticket, sealed directory connection. What does not depend on each other is
 * on the wire at the same time; what is there already is not asked for again.
 */
#include <stdio.h>
#include <string.h>

#include "engine/flow/own.h"
#include "engine/model/settings_flags.h"

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

/* The anonymous root object, asked while the KDC answers. */
static int open_anonymous(struct session *s, struct dir_op *op, struct err *e)
{
    if (s->anon || s->dir)
        return 0;
    int fd = connect_ldap(s, e);
    if (fd < 0 || dir_open(&s->anon, fd, session_dc(s)->host, s->cancel, e) < 0)
        return -1;
    dir_set_timeout(s->anon, s->login_wait_ms);
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
    s->secret_sent = true;
    kerb_set_wait(s->kerb, KERB_EXCHANGE_MS); /* an answer that is lost now is lost for good */
    if (by_keytab)
        r = kerb_login_finish_keytab(login, keytab.data, keytab.len, &s->user, e);
    else
        r = kerb_login_finish_password(login, &s->s->password, &s->user, e);
    s->secret_sent = r < 0;
out:
    const char *account = who && by_keytab ? who : settings_get(s->s, OPT_ACCOUNT);
    if (r < 0 && e->code && *account)
        err_fact(e, FACT_ACCOUNT, "%s", account);
    kerb_login_free(login);
    buf_free(&keytab);
    return r;
}

/* While the KDC looks for the machine's account. */
static int root_meanwhile(struct session *s, void *root, struct err *e)
{
    use_the_wait(s);
    return collect_root(s, root, e);
}

static int get_ticket(struct session *s, struct dir_op *root, struct err *e)
{
    AUTOFREE char *spn = xasprintf("ldap/%s", session_dc(s)->host);
    const char *spns[] = {spn};
    if (settings_as_machine(s->s)) {
        if (own_log_in(s, root_meanwhile, root, e) < 0)
            return -1;
    } else if (str_empty(settings_get(s->s, OPT_ACCOUNT)) &&
               str_empty(settings_get(s->s, OPT_KEYTAB))) {
        if (collect_root(s, root, e) < 0 || check_clock(s, e) < 0 ||
            kerb_login_default(s->kerb, &s->user, e) < 0)
            return -1;
    } else if (login_with_account(s, root, e) < 0) {
        return -1;
    }
    return kerb_service_tickets(s->kerb, s->user, spns, 1, e);
}

/* Which account it is; the machine's depends on its name. */
static char *login_key(struct session *s)
{
    if (settings_as_machine(s->s))
        return xasprintf("machine|%s|%s|%d%d%d", settings_get(s->s, OPT_MACHINE_NAME),
                         settings_get(s->s, OPT_FQDN),
                         settings_bool(s->s, OPT_FLAG_MACHINE_PWD_PASSED),
                         settings_bool(s->s, OPT_FLAG_WIN9X_UPGRADE),
                         settings_bool(s->s, OPT_FLAG_JOIN_WITH_NEW_NAME));
    return xasprintf("%s|%s", settings_get(s->s, OPT_ACCOUNT), settings_get(s->s, OPT_KEYTAB));
}

static bool same_login(struct session *s)
{
    AUTOFREE char *key = login_key(s);
    return s->dir && dir_is_open(s->dir) && str_eq(key, s->login_key) &&
           secret_equal(&s->s->password, &s->login_password);
}

static int remember_login(struct session *s, struct err *e)
{
    s->login_key = login_key(s);
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
    dir_set_timeout(s->dir, DIR_TIMEOUT_MS);
    report_ok(s->r, N_("sealed, {1} bits"), number_text(dir_ssf(s->dir)), NULL);
    return remember_login(s, e);
}

int log_in_here(struct session *s, struct err *e)
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
