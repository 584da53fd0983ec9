/* --check: every check that needs no write, with a verdict each. One failure never hides the others
 * that can still be asked. */
#include "engine/flow/deleted.h"
#include "engine/flow/join.h"
#include "engine/flow/leave.h"
#include "engine/flow/membership.h"
#include "engine/flow/repair.h"

static void skip_rest(struct session *s, const enum check *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        report_verdict(s->r, list[i], VERDICT_SKIPPED, NULL);
}

static void check_root(struct session *s)
{
    struct err e = {0};
    if (!host_is_root(s->target))
        err_cause(&e, CAUSE_NOT_ROOT);
    report_verdict(s->r, CHECK_ROOT, e.code ? VERDICT_FAIL : VERDICT_OK, &e);
}

static void check_membership_now(struct session *s)
{
    struct membership m;
    struct err e = {0};
    if (membership_load(s->target, &m, &e) == 0 && m.state == MEMBER_DOMAIN &&
        !join_over_membership(s, &m.rec))
        (void)membership_refuse_join(&m, &e);
    if (!e.code && txn_pending(s->target))
        err_cause(&e, CAUSE_JOURNAL_PENDING);
    membership_free(&m);
    report_verdict(s->r, CHECK_MEMBERSHIP, e.code ? VERDICT_FAIL : VERDICT_OK, &e);
}

/* Which of the network checks a failed discovery belongs to. */
static enum check blame(const struct err *e)
{
    switch (e->cause) {
    case CAUSE_NO_DNS_SERVER:
    case CAUSE_DNS_SERVFAIL:
        return CHECK_RESOLVER;
    case CAUSE_DC_SILENT:
    case CAUSE_NOT_A_DC_OF_DOMAIN:
    case CAUSE_DC_READ_ONLY:
    case CAUSE_CONTROLLER_SILENT:
    case CAUSE_CONTROLLER_READ_ONLY:
    case CAUSE_ONLY_READ_ONLY:
    case CAUSE_NO_ROUTE:
        return CHECK_CONTROLLER;
    case CAUSE_PORT_BLOCKED: {
        const char *port = err_fact_get(e, FACT_PORT);
        return port && str_eq(port, "88/tcp") ? CHECK_PORT_KERBEROS : CHECK_PORT_LDAP;
    }
    case CAUSE_TIME_SKEW:
        return CHECK_CLOCK;
    case CAUSE_BIND_NOT_SEALED:
    case CAUSE_BIND_NO_MECH:
    case CAUSE_CHANNEL_BINDING:
    case CAUSE_SIGNING_REQUIRED:
        return CHECK_SEALING;
    default:
        return CHECK__COUNT;
    }
}

bool check_network(struct session *s)
{
    struct err e = {0}, facts = {0};
    if (locate_domain(s, &e) < 0) {
        enum check c = blame(&e);
        /* A step that is broken off is no news here: the verdict says it. */
        s->r->in_step = false;
        report_verdict(s->r, c == CHECK__COUNT ? CHECK_DOMAIN : c, VERDICT_FAIL, &e);
        return false;
    }
    err_fact(&facts, FACT_SERVER, "%s", s->loc->dns_server);
    report_verdict(s->r, CHECK_RESOLVER, VERDICT_OK, &facts);
    facts = (struct err){0};
    err_fact(&facts, FACT_DOMAIN, "%s", s->loc->domain.dns);
    report_verdict(s->r, CHECK_DOMAIN, VERDICT_OK, &facts);
    facts = (struct err){0};
    err_fact(&facts, FACT_SERVER, "%s", session_dc(s)->host);
    err_fact(&facts, FACT_ADDRESS, "%s", session_dc(s)->addr.text);
    err_fact(&facts, FACT_SITE, "%s", session_dc(s)->site);
    report_verdict(s->r, CHECK_CONTROLLER, VERDICT_OK, &facts);
    return true;
}

static void verdict_clock(struct session *s)
{
    long skew;
    struct err e = {0};
    if (!session_skew(s, &skew)) {
        report_verdict(s->r, CHECK_CLOCK, VERDICT_SKIPPED, NULL);
        return;
    }
    enum verdict v = skew > SKEW_WARN_S || skew < -SKEW_WARN_S ? VERDICT_WARNING : VERDICT_OK;
    if (check_clock(s, &e) < 0)
        v = VERDICT_FAIL;
    else
        err_fact(&e, FACT_SKEW, "%+ld s", skew);
    report_verdict(s->r, CHECK_CLOCK, v, &e);
}

bool check_login(struct session *s)
{
    struct err e = {0}, facts = {0};
    if (log_in(s, &e) < 0) {
        enum check c = blame(&e);
        s->r->in_step = false;
        if (c != CHECK_CLOCK)
            verdict_clock(s);
        report_verdict(s->r, c == CHECK__COUNT ? CHECK_CREDENTIALS : c, VERDICT_FAIL, &e);
        return false;
    }
    report_verdict(s->r, CHECK_PORT_LDAP, VERDICT_OK, NULL);
    report_verdict(s->r, CHECK_PORT_KERBEROS, VERDICT_OK, NULL);
    verdict_clock(s);
    err_fact(&facts, FACT_ACCOUNT, "%s", kerb_cred_principal(s->user));
    report_verdict(s->r, CHECK_CREDENTIALS, VERDICT_OK, &facts);
    report_verdict(s->r, CHECK_SEALING, VERDICT_OK, NULL);
    return true;
}

static void check_account(struct session *s)
{
    static const enum check all[] = {CHECK_OU,       CHECK_RIGHTS,        CHECK_NAME,
                                     CHECK_DNS_NAME, CHECK_SERVICE_NAMES, CHECK_REUSE};
    struct err e = {0};
    struct account_names n;
    struct account_policy p;
    if (read_facts(s, &e) < 0) {
        report_verdict(s->r, CHECK_NAME, VERDICT_FAIL, &e);
        for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
            if (all[i] != CHECK_NAME)
                report_verdict(s->r, all[i], VERDICT_SKIPPED, NULL);
        }
        return;
    }
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    struct account_decision *d = xcalloc(1, sizeof *d);
    account_decide(&s->facts, &n, &p, d);
    report_decision(s, d);
    if (deleted_lately(s, &e))
        report_verdict(s->r, CHECK_REPLICATION, VERDICT_NOTICE, &e);
    for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
        bool seen = false;
        for (size_t k = 0; k < d->n_verdicts; k++)
            seen = seen || d->verdicts[k].check == all[i];
        if (!seen)
            report_verdict(s->r, all[i], VERDICT_SKIPPED, NULL);
    }
    free(d);
}

static void check_local(struct session *s)
{
    struct host_settings local;
    struct hostplan plan = {0};
    struct err e = {0};
    bool files = true, packages = true;
    host_settings_of(s, &local);
    if (hostplan_build(s->target, &local, &plan, &e) < 0 && plan.n_problems == 0)
        report_verdict(s->r, CHECK_FILES, VERDICT_FAIL, &e);
    for (size_t i = 0; i < plan.n_problems; i++) {
        bool package = plan.problems[i].cause == CAUSE_PACKAGE_MISSING;
        report_verdict(s->r, package ? CHECK_PACKAGES : CHECK_FILES, VERDICT_FAIL,
                       &plan.problems[i]);
        files = files && package;
        packages = packages && !package;
    }
    struct err keytab = {0}, lacking = {0};
    if (machine_check_keytab(s, &keytab) < 0) {
        report_verdict(s->r, CHECK_FILES, VERDICT_FAIL, &keytab);
        files = false;
    }
    if (packages && missing_packages(&plan, &lacking)) {
        report_verdict(s->r, CHECK_PACKAGES, VERDICT_NOTICE, &lacking);
        packages = false;
    }
    if (files && !(e.code && plan.n_problems == 0))
        report_verdict(s->r, CHECK_FILES, VERDICT_OK, NULL);
    if (packages)
        report_verdict(s->r, CHECK_PACKAGES, VERDICT_OK, NULL);
    hostplan_free(&plan);
    host_settings_done(&local);
}

/* The names need the domain's, but no login: what is wrong with them alone is told in any case. */
static bool check_names(struct session *s)
{
    struct err e = {0};
    if (join_settle_names(s, &e) == 0)
        return true;
    report_verdict(s->r, CHECK_NAME, VERDICT_FAIL, &e);
    return false;
}

int flow_check(struct session *s, struct err *e)
{
    static const enum check after_login[] = {CHECK_OU,       CHECK_RIGHTS,        CHECK_NAME,
                                             CHECK_DNS_NAME, CHECK_SERVICE_NAMES, CHECK_REUSE};
    static const enum check after_domain[] = {CHECK_CREDENTIALS, CHECK_SEALING, CHECK_CLOCK,
                                              CHECK_FILES, CHECK_PACKAGES};
    static const enum check after_names[] = {
        CHECK_OU,    CHECK_RIGHTS, CHECK_DNS_NAME, CHECK_SERVICE_NAMES,
        CHECK_REUSE, CHECK_FILES,  CHECK_PACKAGES};
    if (settings_check(s->s, e) < 0)
        return -1;
    if (str_eq(settings_get(s->s, OPT_OPERATION), "leave"))
        return check_leave(s, e);
    if (settings_op(s->s) == FLAG_FOR_WORKGROUP)
        return check_workgroup(s, e);
    if (settings_op(s->s) == FLAG_FOR_RENAME)
        return check_rename(s, e);
    if (settings_op(s->s) == FLAG_FOR_PROVISION)
        return check_provision(s, e);
    if (settings_op(s->s) == FLAG_FOR_APPLY)
        return check_apply(s, e);
    if (settings_op(s->s) == FLAG_FOR_ROTATE || settings_op(s->s) == FLAG_FOR_REPAIR)
        return check_member(s, e);
    check_root(s);
    check_membership_now(s);
    if (!check_network(s)) {
        skip_rest(s, after_domain, ARRAY_SIZE(after_domain));
        skip_rest(s, after_login, ARRAY_SIZE(after_login));
        return cancel_check(s->cancel, e);
    }
    bool named = check_names(s), in = check_login(s);
    if (!named) {
        skip_rest(s, after_names, ARRAY_SIZE(after_names));
        return cancel_check(s->cancel, e);
    }
    if (in)
        check_account(s);
    else
        skip_rest(s, after_login, ARRAY_SIZE(after_login));
    check_local(s);
    return cancel_check(s->cancel, e);
}
