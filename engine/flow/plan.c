/* The exact list of what a join or a leave will change; nothing is written. */
#include <stdio.h>

#include "engine/flow/repair.h"
#include "engine/flow/rotate.h"
#include "engine/flow/session.h"

static enum change_kind kind_of(const struct host_change *c)
{
    switch (c->kind) {
    case HOST_CHANGE_COMMAND:
        return c->what == HOST_WHAT_ENABLE || c->what == HOST_WHAT_RESTART ? CHANGE_SERVICE
                                                                           : CHANGE_HOST;
    case HOST_CHANGE_NAME:
        return CHANGE_HOST;
    case HOST_CHANGE_OWNER:
        return CHANGE_NONE;
    case HOST_CHANGE_FILE:
    case HOST_CHANGE_LINK:
    case HOST_CHANGE_DROP:
        break;
    }
    return CHANGE_FILE;
}

void plan_send(struct session *s, const struct hostplan *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct host_change *c = &p->changes[i];
        AUTOFREE char *diff = c->kind == HOST_CHANGE_FILE ? hostplan_diff(c) : NULL;
        const char *object = c->path ? c->path : c->command;
        report_change(s->r, kind_of(c), object, hostplan_what_text(c->what),
                      diff && *diff ? diff : c->command);
    }
    for (size_t i = 0; i < p->n_problems; i++) {
        enum check check =
            p->problems[i].cause == CAUSE_PACKAGE_MISSING ? CHECK_PACKAGES : CHECK_FILES;
        report_verdict(s->r, check, VERDICT_FAIL, &p->problems[i]);
    }
}

static void send_packages(struct session *s, const struct hostplan *p)
{
    struct err e = {0};
    for (size_t i = 0; i < p->n_problems; i++) {
        if (p->problems[i].cause == CAUSE_PACKAGE_MISSING)
            return; /* said already */
    }
    if (missing_packages(p, &e))
        report_verdict(s->r, CHECK_PACKAGES, VERDICT_NOTICE, &e);
}

static void send_account(struct session *s, const struct account_decision *d)
{
    struct account_names n;
    account_names_of(s, &n);
    AUTOFREE char *dn = NULL;
    if (d->action == ACCOUNT_TAKE_OVER) {
        report_change(s->r, CHANGE_DIRECTORY, s->facts.existing->dn,
                      N_("Existing computer account, new password"), "");
    } else {
        dn = account_new_dn(&s->facts, &n);
        report_change(s->r, CHANGE_DIRECTORY, dn, N_("New computer account"), s->names.account);
    }
    report_decision(s, d);
}

int plan_join(struct session *s, struct err *e)
{
    struct account_names n;
    struct account_policy p;
    struct host_settings local;
    struct hostplan plan = {0};
    struct err ignored = {0};
    long skew;
    if (locate_domain(s, e) < 0 || log_in(s, e) < 0 || read_facts(s, e) < 0)
        return -1;
    if (session_skew(s, &skew) && (skew > SKEW_WARN_S || skew < -SKEW_WARN_S)) {
        struct err f = {0};
        err_fact(&f, FACT_SKEW, "%+ld s", skew);
        report_verdict(s->r, CHECK_CLOCK, VERDICT_WARNING, &f);
    }
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    struct account_decision *d = xcalloc(1, sizeof *d);
    account_decide(&s->facts, &n, &p, d);
    send_account(s, d);
    free(d);
    host_settings_of(s, &local);
    if (hostplan_build(s->target, &local, &plan, &ignored) < 0)
        log_info("the plan for this machine has problems: %s", code_symbol(ignored.code));
    plan_send(s, &plan);
    send_packages(s, &plan);
    hostplan_free(&plan);
    host_settings_done(&local);
    return 0;
}

static int plan_leave(struct session *s, struct err *e)
{
    struct enroll_record rec = {0};
    struct hostplan plan = {0};
    bool present;
    if (enroll_record_load(s->target, &rec, &present, e) < 0)
        return -1;
    if (!present) {
        enroll_record_free(&rec);
        return err_cause(e, CAUSE_NOT_JOINED);
    }
    if (settings_bool(s->s, OPT_FLAG_ACCT_DELETE))
        report_change(s->r, CHANGE_DIRECTORY, rec.account_dn, N_("Computer account, disabled"), "");
    int r = hostplan_leave(s->target, &rec, NULL, 0, host_is_live(s->target), &plan, e);
    if (r == 0)
        plan_send(s, &plan);
    hostplan_free(&plan);
    enroll_record_free(&rec);
    return r;
}

int flow_plan(struct session *s, struct err *e)
{
    if (settings_op(s->s) == FLAG_FOR_RENAME)
        return plan_rename(s, e);
    if (settings_op(s->s) == FLAG_FOR_ROTATE)
        return plan_rotate(s, e);
    if (settings_op(s->s) == FLAG_FOR_REPAIR)
        return plan_repair(s, e);
    if (settings_op(s->s) == FLAG_FOR_WORKGROUP)
        return plan_workgroup(s, e);
    return str_eq(settings_get(s->s, OPT_OPERATION), "leave") ? plan_leave(s, e) : plan_join(s, e);
}
