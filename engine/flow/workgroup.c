/*
 * A workgroup for a machine that is in no domain: NetJoinDomain without NETSETUP_JOIN_DOMAIN,
 * [MS-WKST] 3.2.4.13.4. The name is kept for status, and set in Samba's settings where there are
 * any.
 */
#include "engine/conf/conf.h"
#include "engine/flow/join.h"
#include "engine/flow/membership.h"
#include "engine/model/names_validate.h"

struct workgroup {
    struct session *s;
    const char *name;
    struct host_lock lock;
    struct hostplan plan;
    struct txn *txn;
    bool switched;
};

static int check_membership(struct session *s, struct err *e)
{
    struct membership m;
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    int r = membership_load(s->target, &m, e);
    if (r == 0 && m.state == MEMBER_DOMAIN) {
        r = err_cause(e, CAUSE_WORKGROUP_WHILE_JOINED);
        err_fact(e, FACT_DOMAIN, "%s", m.rec.domain);
        err_fact(e, FACT_NAME, "%s", m.rec.computer);
    }
    membership_free(&m);
    return r;
}

static int check_name(struct session *s, struct err *e)
{
    AUTOFREE char *host = NULL;
    if (present_host_name(s, &host, e) < 0)
        return -1;
    return name_validate(NAME_TYPE_WORKGROUP, settings_get(s->s, OPT_WORKGROUP), host, e);
}

/* NETSETUP_DONT_CONTROL_SERVICES and NETSETUP_INSTALL_INVOCATION leave the services alone. */
static int make_plan(struct session *s, struct hostplan *p, struct err *e)
{
    bool restart = !settings_bool(s->s, OPT_FLAG_DONT_CONTROL_SERVICES) &&
                   !settings_bool(s->s, OPT_FLAG_INSTALL_INVOCATION);
    return hostplan_workgroup(s->target, WORKGROUP_FILE, settings_get(s->s, OPT_WORKGROUP), restart,
                              p, e);
}

static size_t changes(const struct hostplan *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->n; i++)
        n += p->changes[i].kind == HOST_CHANGE_FILE;
    return n;
}

static int load(struct workgroup *w, struct err *e)
{
    struct session *s = w->s;
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &w->lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (check_membership(s, e) < 0)
        return -1;
    report_ok(s->r, N_("in no domain"), NULL);
    report_step(s->r, STEP_NAMES);
    if (check_name(s, e) < 0 || make_plan(s, &w->plan, e) < 0)
        return -1;
    report_ok(s->r, "{1}", w->name, NULL);
    return 0;
}

static int set_up(struct workgroup *w, struct err *e)
{
    struct session *s = w->s;
    struct txn_kv kv[] = {{"workgroup", w->name}};
    report_step(s->r, STEP_CONFIGURE);
    if (txn_begin(s->target, "workgroup", kv, ARRAY_SIZE(kv), &w->txn, e) < 0 ||
        txn_step(w->txn, step_row(STEP_CONFIGURE)->number, e) < 0 ||
        hostplan_stage(&w->plan, w->txn, e) < 0 || cancel_check(s->cancel, e) < 0)
        return -1;
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    w->switched = true;
    if (txn_switch(w->txn, e) < 0 || hostplan_run(&w->plan, s->target, NULL, NULL, NULL, e) < 0)
        return -1;
    report_ok(s->r, N_("changes: {1}"), number_text((long)changes(&w->plan)), NULL);
    report_step(s->r, STEP_COMMIT);
    if (txn_commit(w->txn, NULL, e) < 0)
        return -1;
    report_ok(s->r, N_("this machine is in the workgroup {1}"), w->name, NULL);
    return 0;
}

void workgroup_unrun(struct session *s)
{
    struct hostplan p = {0};
    struct err ignored = {0};
    if (host_is_live(s->target) && host_exists(s->target, CONF_SMB)) {
        hostplan_samba_restart(s->target, &p);
        (void)!hostplan_run(&p, s->target, NULL, NULL, NULL, &ignored);
    }
    hostplan_free(&p);
}

static void undo(struct workgroup *w, struct engine_msg *done, struct err *e)
{
    struct err f = {0};
    if (!w->txn)
        return;
    if (txn_state(w->txn) == TXN_COMMITTING || txn_rollback(w->txn, &f) < 0) {
        err_fact(e, FACT_LEFT, "joinery --recover");
        return;
    }
    if (w->switched)
        workgroup_unrun(w->s);
    done->u.done.undone = true;
}

int flow_workgroup(struct session *s, struct engine_msg *done, struct err *e)
{
    struct workgroup w = {
        .s = s, .name = settings_get(s->s, OPT_WORKGROUP), .lock = HOST_LOCK_INIT};
    int r = load(&w, e);
    bool same = r == 0 && changes(&w.plan) == 0;
    if (same)
        report_skipped(s->r, STEP_CONFIGURE, N_("it is in the workgroup {1} already"), w.name,
                       NULL);
    else if (r == 0)
        r = set_up(&w, e);
    if (r < 0) {
        report_failed(s->r, e);
        undo(&w, done, e);
    } else {
        done->u.done.restart_needed = !same && host_is_live(s->target);
    }
    hostplan_free(&w.plan);
    txn_free(w.txn);
    host_unlock(&w.lock);
    return r;
}

int plan_workgroup(struct session *s, struct err *e)
{
    struct hostplan p = {0};
    int r = check_membership(s, e);
    if (r == 0)
        r = check_name(s, e);
    if (r == 0)
        r = make_plan(s, &p, e);
    if (r == 0)
        plan_send(s, &p);
    hostplan_free(&p);
    return r;
}

static void verdict(struct session *s, enum check c, const struct err *e)
{
    report_verdict(s->r, c, e->code ? VERDICT_FAIL : VERDICT_OK, e);
}

int check_workgroup(struct session *s, struct err *e)
{
    struct hostplan p = {0};
    struct err root = {0}, member = {0}, name = {0}, files = {0};
    if (!host_is_root(s->target))
        err_cause(&root, CAUSE_NOT_ROOT);
    verdict(s, CHECK_ROOT, &root);
    if (check_membership(s, &member) == 0 && txn_pending(s->target))
        err_cause(&member, CAUSE_JOURNAL_PENDING);
    verdict(s, CHECK_MEMBERSHIP, &member);
    if (check_name(s, &name) == 0)
        err_fact(&name, FACT_NAME, "%s", settings_get(s->s, OPT_WORKGROUP));
    verdict(s, CHECK_NAME, &name);
    if (name.code)
        report_verdict(s->r, CHECK_FILES, VERDICT_SKIPPED, NULL);
    else {
        (void)!make_plan(s, &p, &files);
        verdict(s, CHECK_FILES, &files);
    }
    hostplan_free(&p);
    return cancel_check(s->cancel, e);
}
