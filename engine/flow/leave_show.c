/* Leaving, looked at beforehand: its part of JOB_PLAN and of --check. */
#include "engine/flow/leave.h"
#include "engine/flow/machine.h"
#include "engine/flow/membership.h"

static int load(struct session *s, struct membership *m, struct err *e)
{
    *m = (struct membership){0};
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    if (membership_load(s->target, m, e) < 0)
        return -1;
    return membership_need_ours(m, e);
}

int plan_leave(struct session *s, struct err *e)
{
    struct membership m;
    struct hostplan plan = {0};
    int r = load(s, &m, e);
    if (r == 0 && settings_bool(s->s, OPT_FLAG_ACCT_DELETE))
        report_change(s->r, CHANGE_DIRECTORY, m.rec.account_dn, N_("Computer account, disabled"),
                      "");
    if (r == 0)
        r = hostplan_leave(s->target, &m.rec, NULL, 0, host_is_live(s->target), &plan, e);
    if (r == 0)
        plan_send(s, &plan);
    hostplan_free(&plan);
    membership_free(&m);
    return r;
}

/* The domain of the record, whatever the answers name. */
static void check_account(struct session *s, const struct enroll_record *rec)
{
    const struct settings *asked = s->s;
    struct settings *own = settings_clone(asked);
    struct err e = {0};
    if (!own)
        return;
    s->s = own;
    if (settings_set(own, OPT_DOMAIN, rec->domain, ORIGIN_SET, &e) < 0)
        report_verdict(s->r, CHECK_DOMAIN, VERDICT_FAIL, &e);
    else if (check_network(s))
        (void)check_login(s);
    s->s = asked;
    settings_drop(own);
}

static void verdict(struct session *s, enum check c, const struct err *e)
{
    report_verdict(s->r, c, e->code ? VERDICT_FAIL : VERDICT_OK, e);
}

int check_leave(struct session *s, struct err *e)
{
    struct membership m;
    struct hostplan plan = {0};
    struct err root = {0}, member = {0}, files = {0};
    if (!host_is_root(s->target))
        err_cause(&root, CAUSE_NOT_ROOT);
    verdict(s, CHECK_ROOT, &root);
    bool ours = load(s, &m, &member) == 0;
    if (ours && txn_pending(s->target))
        err_cause(&member, CAUSE_JOURNAL_PENDING);
    verdict(s, CHECK_MEMBERSHIP, &member);
    if (ours) {
        if (hostplan_leave(s->target, &m.rec, NULL, 0, false, &plan, &files) == 0)
            (void)!machine_check_keytab(s, &files);
        verdict(s, CHECK_FILES, &files);
        if (settings_bool(s->s, OPT_FLAG_ACCT_DELETE))
            check_account(s, &m.rec);
    }
    hostplan_free(&plan);
    membership_free(&m);
    return cancel_check(s->cancel, e);
}
