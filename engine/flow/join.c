/*
 * The join: steps 0 to 9 here, the writing ones in join_steps.c. Everything that can be refused is
 * refused before the first write; from there on undo.c can take back what was done, and the journal
 * knows it after a crash.
 */
#include "engine/flow/join.h"

#include <stdio.h>

#include "engine/crypto/crypto.h"
#include "engine/flow/deleted.h"
#include "engine/flow/membership.h"

/* An upgrade repeats the join that the machine has; another domain would be another join. */
static bool upgrade_of(struct session *s, const struct enroll_record *rec)
{
    AUTOFREE char *domain = NULL;
    AUTOFREE char *controller = NULL;
    name_split_domain(settings_get(s->s, OPT_DOMAIN), &domain, &controller);
    return settings_bool(s->s, OPT_FLAG_WIN9X_UPGRADE) &&
           (str_ieq(domain, rec->domain) || str_ieq(domain, rec->netbios));
}

bool join_over_membership(struct session *s, const struct enroll_record *rec)
{
    return settings_bool(s->s, OPT_FLAG_DOMAIN_JOIN_IF_JOINED) || upgrade_of(s, rec);
}

static int check_membership(struct session *s, struct err *e)
{
    struct membership m;
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    int r = membership_load(s->target, &m, e);
    if (r == 0 && m.state == MEMBER_DOMAIN && !join_over_membership(s, &m.rec)) {
        r = membership_refuse_join(&m, e);
    }
    membership_free(&m);
    return r;
}

static int open_journal(struct join *j, struct err *e)
{
    struct session *s = j->s;
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &j->lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (check_membership(s, e) < 0)
        return -1;
    AUTOFREE char *answers = settings_save_ini(s->s);
    AUTOFREE char *host = NULL;
    if (present_host_name(s, &host, e) < 0)
        return -1;
    struct txn_kv kv[] = {{"answers", answers}, {SETTING_HOSTNAME, host}};
    if (txn_begin(s->target, "join", kv, ARRAY_SIZE(kv), &j->txn, e) < 0)
        return -1;
    report_ok(s->r, "{1}", TXN_JOURNAL, NULL);
    return 0;
}

/* Before the network is asked: a name that cannot be is told at once. */
static int check_names(struct session *s, struct err *e)
{
    struct machine_names n;
    AUTOFREE char *host = NULL;
    report_step(s->r, STEP_NAMES);
    if (present_host_name(s, &host, e) < 0 || names_resolve(s->s, host, "invalid", &n, e) < 0)
        return -1;
    report_ok(s->r, n.truncated ? N_("{1} (the first 15 characters)") : "{1}", n.netbios, NULL);
    return 0;
}

/* The plan for this machine: files are read and checked, nothing is written. Runs while the
 * controller answers. */
static void plan_local(void *arg)
{
    struct join *j = arg;
    if (j->planned)
        return;
    host_settings_of(j->s, &j->local);
    j->planned = true;
    if (hostplan_build(j->s->target, &j->local, &j->plan, &j->plan_err) < 0)
        log_info("this machine cannot be set up: %s", code_symbol(j->plan_err.code));
}

int join_settle_names(struct session *s, struct err *e)
{
    AUTOFREE char *host = NULL;
    if (present_host_name(s, &host, e) < 0 ||
        names_resolve(s->s, host, s->loc->domain.dns, &s->names, e) < 0)
        return -1;
    /* [MS-WKST] 3.2.4.13.3; a computer called like the domain's DNS name could not be found. */
    if (!str_ieq(s->names.netbios, s->loc->domain.netbios) &&
        !str_ieq(s->names.fqdn, s->loc->domain.dns))
        return 0;
    err_cause(e, CAUSE_DOMAIN_IS_COMPUTER_NAME);
    err_fact(e, FACT_NAME, "%s", s->names.netbios);
    err_fact(e, FACT_DOMAIN, "%s", s->loc->domain.dns);
    return -1;
}

/* What does not stand against the join, but must not go unsaid. The first one is told at the end.
 */
static void take_notices(struct join *j)
{
    struct session *s = j->s;
    struct err lately = {0}, lacking = {0};
    j->notice = s->name_note;
    for (size_t i = 0; j->decision->overridden && i < j->decision->n_verdicts; i++) {
        if (j->decision->verdicts[i].err.cause == CAUSE_REUSE_OVERRIDDEN)
            j->notice = j->decision->verdicts[i].err;
    }
    if (j->decision->overridden)
        log_warning("%s is taken over against the reuse policy, as override_reuse_policy says: "
                    "owner %s, creator %s",
                    s->facts.existing->dn, s->facts.owner_name ? s->facts.owner_name : "unknown",
                    s->facts.creator_name ? s->facts.creator_name : "not recorded");
    if (deleted_lately(s, &lately)) {
        log_notice("%s was deleted a short while ago: other controllers may still hold it",
                   s->names.account);
        report_verdict(s->r, CHECK_REPLICATION, VERDICT_NOTICE, &lately);
        if (!j->notice.code)
            j->notice = lately;
    }
    if (missing_packages(&j->plan, &lacking)) {
        log_notice("packages are missing: %s", j->plan.packages.command);
        if (!j->notice.code)
            j->notice = lacking;
    }
}

static int preflight(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct account_names n;
    struct account_policy p;
    report_step(s->r, STEP_FACTS);
    if (read_facts(s, e) < 0)
        return -1;
    report_ok(s->r, N_("place of the account: {1}"),
              s->facts.ou_dn ? s->facts.ou_dn : s->facts.base_dn, NULL);
    report_step(s->r, STEP_PREFLIGHT);
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    j->decision = xcalloc(1, sizeof *j->decision);
    account_decide(&s->facts, &n, &p, j->decision);
    if (j->decision->action == ACCOUNT_REFUSE) {
        *e = j->decision->err;
        return -1;
    }
    if (j->decision->action == ACCOUNT_CREATE && deleted_not_renamed(s, e) < 0)
        return -1;
    plan_local(j);
    if (j->plan_err.code) {
        *e = j->plan_err;
        return -1;
    }
    if (machine_check_keytab(s, e) < 0)
        return -1;
    take_notices(j);
    static const char *const found[] = {
        [ACCOUNT_CREATE] = N_("a new account"),
        [ACCOUNT_TAKE_OVER] = N_("an existing account is taken over"),
        [ACCOUNT_USE] = N_("the prepared account is used"),
    };
    report_ok(s->r, found[j->decision->action], NULL);
    return 0;
}

static int write_account(struct join *j, struct err *e)
{
    if (j->decision->action == ACCOUNT_USE)
        return join_own_account(j, e) < 0 ? -1 : join_own_machine(j, e);
    return join_account(j, e) < 0 ? -1 : join_machine(j, e);
}

static int join_all(struct join *j, struct err *e)
{
    struct session *s = j->s;
    if (open_journal(j, e) < 0 || check_names(s, e) < 0 || locate_domain(s, e) < 0 ||
        join_settle_names(s, e) < 0)
        return -1;
    s->idle = s->other_name ? NULL : plan_local; /* the name may turn out to be taken */
    s->idle_arg = j;
    int r = log_in(s, e);
    s->idle = NULL;
    if (r < 0 || preflight(j, e) < 0 || cancel_check(s->cancel, e) < 0)
        return -1;
    if (write_account(j, e) < 0 || join_local(j, e) < 0)
        return -1;
    return join_commit(j, e);
}

int flow_join(struct session *s, struct engine_msg *done, struct err *e)
{
    struct join j = {.s = s, .lock = HOST_LOCK_INIT};
    /* What the directory said while the person was reading may have changed. */
    if (s->facts_key)
        account_facts_free(&s->facts);
    free(TAKE(s->facts_key));
    int r = join_all(&j, e);
    if (r < 0) {
        if (e->cause == CAUSE_CANCELLED && (j.outcome != ACCOUNT_NOT_DONE || j.switched))
            e->cause = CAUSE_CANCELLED_UNDONE;
        report_failed(s->r, e);
        join_undo(&j, done);
    } else {
        drop_connection(s); /* the joining account's ticket and password have done their work */
        join_dns(&j);
        done->u.done.restart_needed = host_is_live(s->target);
        done->u.done.notice = j.notice;
    }
    join_done(&j);
    return r;
}
