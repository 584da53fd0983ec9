/*
 * What this machine is a member of, and whether that works: the keytab against the controller, the
 * clock, the account, the files. Nothing is written.
 */
#include <stdio.h>

#include "engine/flow/machine.h"

struct status {
    struct session *s;
    struct enroll_record rec;
    struct status_view *view;
};

static void add(struct status *st, enum check c, enum verdict v, const struct err *e)
{
    struct status_view *view = st->view;
    view->checks = xrealloc_array(view->checks, view->n_checks + 1, sizeof *view->checks);
    view->checks[view->n_checks] = (struct verdict_view){.check = c, .verdict = v};
    if (e)
        view->checks[view->n_checks].err = *e;
    view->n_checks++;
    report_verdict(st->s->r, c, v, e);
}

/* The domain and names of the record; what the answers say does not matter here. */
static struct settings *record_settings(const struct enroll_record *rec, struct err *e)
{
    struct settings *s = xcalloc(1, sizeof *s);
    settings_init(s);
    if (settings_set(s, OPT_DOMAIN, rec->domain, ORIGIN_SET, e) < 0 ||
        settings_set(s, OPT_FQDN, rec->fqdn, ORIGIN_SET, e) < 0) {
        settings_drop(s);
        return NULL;
    }
    return s;
}

static bool check_keytab(struct status *st, struct buf *keytab)
{
    struct kerb_keytab_entry *list = NULL;
    struct err e = {0};
    size_t n = 0;
    bool present, found = false;
    AUTOFREE char *mine = xasprintf("%s$@%s", st->rec.computer, st->rec.realm);
    if (host_read_opt(st->s->target, "/etc/krb5.keytab", keytab, &present, &e) == 0 &&
        keytab->len && kerb_keytab_list(keytab->data, keytab->len, &list, &n, &e) == 0) {
        for (size_t i = 0; i < n; i++)
            found = found || str_ieq(list[i].principal, mine);
    }
    free(list);
    if (!found)
        err_cause(&e, CAUSE_MACHINE_KEYTAB_MISSING);
    err_fact(&e, FACT_FILE, "/etc/krb5.keytab");
    err_fact(&e, FACT_ACCOUNT, "%s", mine);
    add(st, CHECK_KEYTAB, found ? VERDICT_OK : VERDICT_FAIL, &e);
    return found;
}

/* A login with the keytab tells a broken secret, a deleted and a disabled account apart: the KDC's
 * own reason. */
static void check_secret(struct status *st, const struct buf *keytab)
{
    struct session *s = st->s;
    struct kerb_cred *cred = NULL;
    struct err e = {0};
    long skew;
    AUTOFREE char *name = xasprintf("%s$@%s", st->rec.computer, st->rec.realm);
    int r = kerb_login_keytab(s->kerb, name, keytab->data, keytab->len, &cred, &e);
    err_fact(&e, FACT_ACCOUNT, "%s", name);
    add(st, CHECK_SECRET, r < 0 ? VERDICT_FAIL : VERDICT_OK, &e);
    kerb_cred_free(cred);
    if (session_skew(s, &skew)) {
        struct err f = {0};
        bool bad = check_clock(s, &f) < 0;
        err_fact(&f, FACT_SKEW, "%+ld s", skew);
        add(st, CHECK_CLOCK, bad ? VERDICT_FAIL : VERDICT_OK, &f);
    }
}

static void check_sssd(struct status *st)
{
    struct err e = {0};
    struct host_meta meta;
    if (!str_eq(st->rec.identity, "sssd"))
        return;
    bool ok = host_stat(st->s->target, "/etc/sssd/sssd.conf", &meta, &e) == 0 &&
              meta.kind == HOST_FILE && (meta.mode & 077) == 0;
    if (!ok)
        err_cause(&e, CAUSE_SERVICE_FAILED);
    err_fact(&e, FACT_FILE, "/etc/sssd/sssd.conf");
    if (ok && host_is_live(st->s->target)) {
        static const char *const argv[] = {"systemctl", "is-active", "sssd", NULL};
        struct host_cmd cmd = {.argv = argv, .timeout_ms = 5000, .cancel = st->s->cancel};
        struct host_result res = {0};
        struct err x = {0};
        if (host_exec(st->s->target, &cmd, &res, &x) == 0 && res.ran == HOST_RAN &&
            res.status != 0) {
            ok = false;
            err_cause(&e, CAUSE_SERVICE_FAILED);
            err_fact(&e, FACT_SERVICE, "sssd");
        }
        host_result_free(&res);
    }
    add(st, CHECK_SSSD, ok ? VERDICT_OK : VERDICT_FAIL, &e);
}

static void check_domain_now(struct status *st)
{
    struct session *s = st->s;
    struct err e = {0};
    struct buf keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    bool have = check_keytab(st, &keytab);
    if (locate_domain(s, &e) < 0) {
        s->r->in_step = false;
        add(st, CHECK_DOMAIN, VERDICT_FAIL, &e);
        add(st, CHECK_SECRET, VERDICT_SKIPPED, NULL);
    } else {
        err_fact(&e, FACT_SERVER, "%s", session_dc(s)->host);
        add(st, CHECK_DOMAIN, VERDICT_OK, &e);
        if (have)
            check_secret(st, &keytab);
        else
            add(st, CHECK_SECRET, VERDICT_SKIPPED, NULL);
    }
    check_sssd(st);
    buf_free(&keytab);
}

static void fill(struct status_view *v, const struct enroll_record *r)
{
    v->state = MEMBER_DOMAIN;
    v->domain = xstrdup(r->domain);
    v->realm = xstrdup(r->realm);
    v->netbios = xstrdup(r->netbios);
    v->computer = xstrdup(r->computer);
    v->fqdn = xstrdup(r->fqdn);
    v->account_dn = xstrdup(r->account_dn);
    v->site = xstrdup(r->site);
    v->controller = xstrdup(r->controller);
    v->joined_at = r->joined_at;
}

int flow_status(struct session *s, struct err *e)
{
    bool present;
    struct status st = {.s = s};
    if (enroll_record_load(s->target, &st.rec, &present, e) < 0)
        return -1;
    struct engine_msg *m = report_new(s->r, MSG_STATUS);
    st.view = &m->u.status;
    st.view->interrupted = session_interrupted(s);
    if (present) {
        const struct settings *asked = s->s;
        struct settings *own = record_settings(&st.rec, e);
        fill(st.view, &st.rec);
        if (own) {
            s->s = own;
            check_domain_now(&st);
            s->s = asked;
            settings_drop(own);
        }
    }
    enroll_record_free(&st.rec);
    s->r->send(s->r->arg, m);
    return e->code ? -1 : 0;
}
