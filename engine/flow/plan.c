/* The exact list of what a join or a leave will change; nothing is written. */
#include <stdio.h>

#include "engine/flow/deleted.h"
#include "engine/flow/join.h"
#include "engine/flow/leave.h"
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
    if (s->name_note.code)
        report_verdict(s->r, CHECK_NAME, VERDICT_NOTICE, &s->name_note);
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    struct account_decision *d = xcalloc(1, sizeof *d);
    account_decide(&s->facts, &n, &p, d);
    join_plan_account(s, d);
    report_decision(s, d);
    free(d);
    struct err lately = {0};
    if (deleted_lately(s, &lately))
        report_verdict(s->r, CHECK_REPLICATION, VERDICT_NOTICE, &lately);
    host_settings_of(s, &local);
    if (hostplan_build(s->target, &local, &plan, &ignored) < 0)
        log_info("the plan for this machine has problems: %s", code_symbol(ignored.code));
    plan_send(s, &plan);
    send_packages(s, &plan);
    hostplan_free(&plan);
    host_settings_done(&local);
    return 0;
}

/* What is changed is neither this machine nor the system under --root. */
static bool changes_elsewhere(const struct settings *s)
{
    return settings_op(s) == FLAG_FOR_PROVISION ||
           (settings_op(s) == FLAG_FOR_APPLY && *settings_get(s, OPT_OFFLINE_IMAGE));
}

int flow_plan(struct session *s, struct err *e)
{
    /* Nothing can be begun before what was interrupted is settled. */
    if (!changes_elsewhere(s->s) && session_interrupted(s))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (settings_op(s->s) == FLAG_FOR_RENAME)
        return plan_rename(s, e);
    if (settings_op(s->s) == FLAG_FOR_ROTATE)
        return plan_rotate(s, e);
    if (settings_op(s->s) == FLAG_FOR_REPAIR)
        return plan_repair(s, e);
    if (settings_op(s->s) == FLAG_FOR_PROVISION)
        return plan_provision(s, e);
    if (settings_op(s->s) == FLAG_FOR_APPLY)
        return plan_apply(s, e);
    if (settings_op(s->s) == FLAG_FOR_WORKGROUP)
        return plan_workgroup(s, e);
    return str_eq(settings_get(s->s, OPT_OPERATION), "leave") ? plan_leave(s, e) : plan_join(s, e);
}
