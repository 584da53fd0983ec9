/*
 * Provisioning data into a Linux root: a join's local half with what the data says in the place of
 * what a controller would. No network is used. The same journal, the same way back, and the same
 * record as after a join.
 */
#include "engine/apply/apply_linux.h"

#include <string.h>

#include "engine/apply/linux_look.h"
#include "engine/flow/membership.h"

#define MACHINE_ID "/etc/machine-id"

static int look_at_membership(struct apply_linux *a, struct err *e)
{
    struct session *s = a->j.s;
    struct membership m;
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_SYSTEM_IS_DC);
    int r = membership_load(s->target, &m, e);
    if (r == 0 && m.state == MEMBER_DOMAIN) {
        const char *image = settings_get(a->asked, OPT_OFFLINE_IMAGE);
        AUTOFREE char *command = m.other_leave
                                     ? xstrdup(m.other_leave)
                                     : linux_leave_command(s->target, *image ? image : s->root);
        r = err_cause(e, CAUSE_SYSTEM_ALREADY_JOINED);
        err_fact(e, FACT_DOMAIN, "%s", m.rec.domain);
        err_fact(e, FACT_NAME, "%s", m.rec.computer);
        err_fact(e, FACT_COMMAND, "%s", command);
    }
    membership_free(&m);
    return r;
}

/* The next run's --recover has to be told of the same root. */
static int pending(struct apply_linux *a, struct err *e)
{
    struct session *s = a->j.s;
    const char *image = settings_get(a->asked, OPT_OFFLINE_IMAGE);
    if (!host_is_live(s->target) && *image)
        err_fact(e, FACT_COMMAND, "joinery --recover --set offline.image=%s", image);
    else if (!host_is_live(s->target))
        err_fact(e, FACT_COMMAND, "joinery --recover --root %s", s->root);
    return err_cause(e, CAUSE_JOURNAL_PENDING);
}

static int open_journal(struct apply_linux *a, struct err *e)
{
    struct session *s = a->j.s;
    AUTOFREE char *answers = settings_save_ini(s->s);
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &a->j.lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return pending(a, e);
    if (look_at_membership(a, e) < 0 || host_get_hostname(s->target, &a->j.old_hostname, e) < 0)
        return -1;
    struct txn_kv kv[] = {{"answers", answers}, {SETTING_HOSTNAME, a->j.old_hostname}};
    if (txn_begin(s->target, "apply", kv, ARRAY_SIZE(kv), &a->j.txn, e) < 0)
        return -1;
    report_ok(s->r, "{1}", TXN_JOURNAL, NULL);
    return 0;
}

static int make_plan(struct apply_linux *a, struct err *e)
{
    struct join *j = &a->j;
    if (!j->old_hostname && host_get_hostname(j->s->target, &j->old_hostname, e) < 0)
        return -1;
    host_settings_of(j->s, &j->local);
    j->planned = true;
    j->local.set_hostname = a->set_name;
    j->local.former_name = j->old_hostname;
    j->local.foreign_disk = true;
    /* An address from the data may be out of date by the time the machine starts. */
    strv_free(&j->local.kdc_addresses);
    return hostplan_build(j->s->target, &j->local, &j->plan, e);
}

static int make_keytab(struct apply_linux *a, struct err *e)
{
    struct join *j = &a->j;
    report_step(j->s->r, STEP_KEYTAB);
    if (apply_linux_keytab(a, e) < 0 ||
        hostplan_set_keytab(&j->plan, a->keytab.data, a->keytab.len, e) < 0 ||
        join_samba(j, &a->data->password, e) < 0 || join_stage(j, j->id.dn, NULL, e) < 0)
        return -1;
    report_ok(j->s->r, N_("key versions 1 to {1}, until the domain tells which"),
              number_text(APPLY_KVNO_LAST), NULL);
    return cancel_check(j->s->cancel, e);
}

static int apply_all(struct apply_linux *a, struct err *e)
{
    struct session *s = a->j.s;
    if (open_journal(a, e) < 0)
        return -1;
    if (make_plan(a, e) < 0 || make_keytab(a, e) < 0 || join_switch(&a->j, e) < 0)
        return -1;
    report_skipped(s->r, STEP_VERIFY,
                   N_("no controller is asked; 'joinery --status' proves it "
                      "when the domain can be reached"),
                   NULL);
    return cancel_check(s->cancel, e) < 0 ? -1 : join_commit(&a->j, e);
}

/* One notice fits: what a person has to know first. */
static void take_notice(struct apply_linux *a, struct engine_msg *done)
{
    struct err *n = &done->u.done.notice;
    if (a->j.notice.code) {
        *n = a->j.notice;
    } else if (missing_packages(&a->j.plan, n)) {
        log_notice("packages are missing: %s", a->j.plan.packages.command);
    } else if (a->dropped.n) {
        err_cause(n, CAUSE_OLD_KEYS_DROPPED);
        err_fact(n, FACT_ACCOUNT, "%s", a->dropped.s[0]);
    } else {
        err_cause(n, CAUSE_KEY_NUMBER_GUESSED);
        err_fact(n, FACT_FILE, "%s: 1-%d", HOST_KEYTAB, APPLY_KVNO_LAST);
    }
}

int apply_linux(struct session *s, const struct odj *o, struct host *target,
                struct engine_msg *done, struct err *e)
{
    struct apply_linux a;
    int r = apply_linux_use(&a, s, o, target, e);
    if (r == 0)
        r = apply_all(&a, e);
    if (r < 0) {
        if (e->cause == CAUSE_CANCELLED && a.j.switched)
            e->cause = CAUSE_CANCELLED_UNDONE;
        report_failed(s->r, e);
        join_undo(&a.j, done);
    } else {
        struct err f = {0};
        if (apply_linux_forget(&a, &f) < 0)
            log_error("the backup of %s: %s: %s", HOST_KEYTAB, code_symbol(f.code), f.raw);
        take_notice(&a, done);
        done->u.done.restart_needed = host_is_live(target);
    }
    apply_linux_close(&a);
    return r;
}

/* ---- beforehand ---- */

/* A copy of a disk is not told from the disk by it; that is for whoever makes the copies. */
static void tell_of_machine_id(struct session *s)
{
    struct buf b = BUF_INIT(4096);
    struct err e = {0};
    bool present;
    if (!host_is_live(s->target) && host_read_opt(s->target, MACHINE_ID, &b, &present, &e) == 0 &&
        b.len >= 32 && strspn(buf_text(&b), "0123456789abcdef") == 32) {
        err_cause(&e, CAUSE_IMAGE_MACHINE_ID);
        err_fact(&e, FACT_FILE, "%s", MACHINE_ID);
        report_verdict(s->r, CHECK_TARGET, VERDICT_NOTICE, &e);
    }
    buf_free(&b);
}

int plan_apply_linux(struct session *s, const struct odj *o, struct host *target, struct err *e)
{
    struct apply_linux a;
    struct err ignored = {0};
    int r = apply_linux_use(&a, s, o, target, e);
    if (r == 0 && (r = look_at_membership(&a, e)) == 0) {
        if (make_plan(&a, &ignored) < 0)
            log_info("the plan for this machine has problems: %s", code_symbol(ignored.code));
        plan_send(s, &a.j.plan);
        struct err n = {0};
        err_cause(&n, CAUSE_KEY_NUMBER_GUESSED);
        err_fact(&n, FACT_FILE, "%s: 1-%d", HOST_KEYTAB, APPLY_KVNO_LAST);
        report_verdict(s->r, CHECK_KEY_VERSION, VERDICT_NOTICE, &n);
        err_reset(&n);
        tell_of_machine_id(s);
        if (!host_is_live(target) && missing_packages(&a.j.plan, &n))
            report_verdict(s->r, CHECK_PACKAGES, VERDICT_NOTICE, &n);
    }
    apply_linux_close(&a);
    return r;
}

static void verdict(struct session *s, enum check c, struct err *e)
{
    report_verdict(s->r, c, e->code ? VERDICT_FAIL : VERDICT_OK, e);
    err_reset(e);
}

static void check_files(struct apply_linux *a)
{
    struct session *s = a->j.s;
    struct err e = {0};
    size_t told = 0;
    int r = make_plan(a, &e);
    for (size_t i = 0; i < a->j.plan.n_problems; i++) {
        bool package = a->j.plan.problems[i].cause == CAUSE_PACKAGE_MISSING;
        report_verdict(s->r, package ? CHECK_PACKAGES : CHECK_FILES, VERDICT_FAIL,
                       &a->j.plan.problems[i]);
        told++;
    }
    if (r == 0 || told == 0)
        verdict(s, CHECK_FILES, &e);
    err_reset(&e);
    (void)!apply_linux_keytab(a, &e);
    if (!e.code && a->dropped.n) {
        err_cause(&e, CAUSE_OLD_KEYS_DROPPED);
        err_fact(&e, FACT_ACCOUNT, "%s", a->dropped.s[0]);
        report_verdict(s->r, CHECK_KEYTAB, VERDICT_NOTICE, &e);
        err_reset(&e);
    } else {
        verdict(s, CHECK_KEYTAB, &e);
    }
    if (!host_is_live(s->target) && missing_packages(&a->j.plan, &e))
        report_verdict(s->r, CHECK_PACKAGES, VERDICT_NOTICE, &e);
}

int check_apply_linux(struct session *s, const struct odj *o, struct host *target, struct err *e)
{
    struct apply_linux a;
    struct err f = {0};
    if (!host_is_root(target))
        err_cause(&f, CAUSE_NOT_ROOT);
    verdict(s, CHECK_ROOT, &f);
    int r = apply_linux_use(&a, s, o, target, &f);
    verdict(s, CHECK_NAME, &f);
    if (r == 0) {
        (void)!look_at_membership(&a, &f);
        if (!f.code && txn_pending(target))
            (void)pending(&a, &f);
        verdict(s, CHECK_MEMBERSHIP, &f);
        tell_of_machine_id(s);
        check_files(&a);
    }
    apply_linux_close(&a);
    return cancel_check(s->cancel, e);
}
