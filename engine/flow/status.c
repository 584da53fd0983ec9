/*
 * What this machine is a member of, and whether that works: the keytab against the controller, the
 * clock, the account, the files. Nobody's password is needed, and nothing is written but, once, the
 * version number of keys that were made offline (settle.c).
 */
#include <errno.h>

#include "engine/flow/proof.h"

static char *copy(const char *s)
{
    return xstrdup(s ? s : "");
}

static void fill(struct status_view *v, const struct membership *m)
{
    const struct enroll_record *r = &m->rec;
    v->state = m->state;
    v->workgroup = copy(m->workgroup);
    v->domain = copy(r->domain);
    v->realm = copy(r->realm);
    v->netbios = copy(r->netbios);
    v->computer = copy(r->computer);
    v->fqdn = copy(r->fqdn);
    v->account_dn = copy(r->account_dn);
    v->site = copy(r->site);
    v->controller = copy(r->controller);
    v->joined_at = r->joined_at;
}

static void prove(struct session *s, struct member *mb, struct status_view *view)
{
    struct proof p = {.mb = mb, .view = view, .settle = true};
    struct err e = {0};
    if (member_use(mb, &e) < 0 ||
        settings_set(mb->own, OPT_FLAG_JOIN_READONLY, "yes", ORIGIN_SET, &e) < 0) {
        proof_add(&p, CHECK_MEMBERSHIP, VERDICT_FAIL, MEND_NOTHING, &e);
        return;
    }
    if (mb->m.other_tool) {
        (void)!membership_need_ours(&mb->m, &e);
        proof_add(&p, CHECK_MEMBERSHIP, VERDICT_NOTICE, MEND_NOTHING, &e);
    }
    proof_run(&p);
    struct dc_candidate *dc = session_dc(s);
    if (dc) { /* who answered today */
        free(view->controller);
        view->controller = xstrdup(dc->host);
    }
    proof_done(&p);
}

/* Our record is for root alone: an ordinary user is told so instead of nothing. */
static bool hidden(const struct err *e)
{
    return e->src == ERR_SRC_ERRNO && (e->lib == EACCES || e->lib == EPERM);
}

int flow_status(struct session *s, struct err *e)
{
    struct member mb = {.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    struct err why = {0};
    int r = membership_load(s->target, &mb.m, &why);
    if (r < 0 && !hidden(&why)) {
        *e = why;
        member_close(&mb);
        return -1;
    }
    struct engine_msg *m = report_new(s->r, MSG_STATUS);
    struct status_view *view = &m->u.status;
    view->interrupted = session_interrupted(s);
    fill(view, &mb.m);
    if (r < 0) {
        struct proof p = {.mb = &mb, .view = view};
        err_reset(&why);
        err_cause(&why, CAUSE_NOT_ROOT);
        proof_add(&p, CHECK_ROOT, VERDICT_WARNING, MEND_NOTHING, &why);
    } else if (mb.m.state == MEMBER_DOMAIN) {
        prove(s, &mb, view);
    }
    member_close(&mb);
    s->r->send(s->r->arg, m);
    return cancel_check(s->cancel, e);
}
