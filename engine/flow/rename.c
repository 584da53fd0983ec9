/*
 * Renaming a member: account, service names, keytab, identity service and host together;
 * NetRenameMachineInDomain, [MS-WKST] 3.2.4.15.
 *
 * The KDC goes on making the machine's keys with the old name's salt until the next password
 * change, so the new keytab entries are the old keys under new names. This machine's files go
 * first, with a keytab for both names, and the directory last: what can fail without being taken
 * back by ourselves is one request, and before and after it a login with the keytab works.
 */
#include "engine/flow/rename.h"

#include <stdio.h>
#include <string.h>

#include "engine/flow/join.h"
#include "engine/flow/testpoint.h"
#include "engine/wire/dn.h"

static void keep_notice(struct rename *r, const struct err *e)
{
    if (!r->notice.code)
        r->notice = *e;
}

static int open_membership(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &r->lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (rename_member(r, e) < 0)
        return -1;
    report_ok(s->r, N_("a member of {1} as {2}"), r->m.rec.domain, r->m.rec.computer, NULL);
    report_step(s->r, STEP_NAMES);
    if (rename_names(r, e) < 0)
        return -1;
    report_ok(s->r, s->names.truncated ? N_("{1} (the first 15 characters)") : "{1}",
              s->names.netbios, NULL);
    return rename_local(r, e);
}

static int preflight(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    report_step(s->r, STEP_FACTS);
    if (rename_look(r, e) < 0)
        return -1;
    report_ok(s->r, "{1}", r->a.was.dn, NULL);
    report_step(s->r, STEP_PREFLIGHT);
    if (r->decision->action == ACCOUNT_REFUSE) {
        *e = r->decision->err;
        return -1;
    }
    if (rename_check_secret(r, e) < 0)
        return -1;
    report_ok(s->r, N_("{1} becomes {2}"), r->a.was.sam, s->names.account, NULL);
    return 0;
}

static int stage(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    AUTOFREE char *answers = settings_save_ini(s->s);
    if (r->rekeys)
        report_step(s->r, STEP_KEYTAB);
    if (host_get_hostname(s->target, &r->old_hostname, e) < 0)
        return -1;
    const struct txn_kv kv[] = {
        {"answers", answers},
        {SETTING_HOSTNAME, r->old_hostname},
        {"domain", r->m.rec.domain},
        {"controller", r->account ? session_dc(s)->host : ""},
        {RENAME_SETTING_NAME, s->names.netbios},
        {RENAME_SETTING_FQDN, s->names.fqdn},
        {RENAME_SETTING_HOST, s->names.label},
    };
    if (txn_begin(s->target, "rename", kv, ARRAY_SIZE(kv), &r->txn, e) < 0)
        return -1;
    if (r->rekeys && hostplan_set_keytab(&r->plan, r->keytab.data, r->keytab.len, e) < 0)
        return -1;
    if (hostplan_stage(&r->plan, r->txn, e) < 0 || cancel_check(s->cancel, e) < 0)
        return -1;
    if (r->rekeys)
        report_ok(s->r, N_("the present keys under the old and the new names"), NULL);
    return 0;
}

static int switch_files(struct rename *r, struct err *e)
{
    session_set_effect(r->s, CANCEL_UNDOES);
    r->switched = true;
    if (txn_switch(r->txn, e) < 0)
        return -1;
    test_point("rename-switched");
    return 0;
}

/* Who lacks a right is told with the command that gives it. */
static int write_refused(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct err_fact probe;
    if (e->cause == CAUSE_NAME_TAKEN) {
        e->cause = CAUSE_NEW_NAME_TAKEN;
    } else if (e->cause == CAUSE_WRITE_NOT_ALLOWED) {
        const char *who = kerb_cred_principal(s->user);
        AUTOFREE char *command = xasprintf("dsacls \"%s\" /G \"%s\\%.*s:WP\"", r->a.was.dn,
                                           s->loc->domain.netbios, (int)strcspn(who, "@"), who);
        e->cause = CAUSE_RENAME_NOT_ALLOWED;
        if (strlen(command) < sizeof probe.value)
            err_fact(e, FACT_COMMAND, "%s", command);
    }
    return -1;
}

void rename_object_kept(struct rename *r, const struct err *why)
{
    struct err notice = {0};
    log_notice("the object keeps its name: %s", why->raw);
    err_cause(&notice, CAUSE_OBJECT_NAME_KEPT);
    err_fact(&notice, FACT_OBJECT, "%s", r->a.was.dn);
    err_foreign(&notice, why->src, why->lib, "%s", why->raw);
    keep_notice(r, &notice);
}

/* The object's own name follows as far as the rights reach; nothing depends on it. */
static void move_object(struct rename *r)
{
    struct err e = {0};
    if (r->a.new_rdn && account_rename_object(r->s->dir, r->a.was.dn, r->a.new_rdn, &e) < 0)
        rename_object_kept(r, &e);
}

static int rename_account(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct account_names n;
    rename_account_names(r, &n);
    if (txn_note(r->txn, RENAME_SENT, "1", e) < 0)
        return -1;
    test_point("rename-sent");
    if (account_rename_write(s->dir, &r->a, &n, &r->outcome, e) < 0)
        return write_refused(r, e);
    test_point("rename-written");
    move_object(r);
    test_point("rename-moved");
    return 0;
}

static void command_seen(void *arg, const struct host_change *c, int state, const struct err *e)
{
    struct rename *r = arg;
    if (state == 0)
        report_progress(r->s->r, "%s", c->command ? c->command : c->path);
    else if (state < 0 && e && !c->required)
        keep_notice(r, e);
}

int rename_verify(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct machine *m = &r->machine;
    AUTOFREE char *host = xasprintf("host/%s", s->names.fqdn);
    const char *spns[] = {host};
    if (!m->cred) {
        m->principal = xasprintf("%s@%s", s->names.account, s->realm);
        if (kerb_login_keytab(s->kerb, m->principal, r->keytab.data, r->keytab.len, &m->cred, e) <
            0) {
            err_fact(e, FACT_ACCOUNT, "%s", m->principal);
            return -1;
        }
    }
    if (kerb_service_tickets(s->kerb, m->cred, spns, 1, e) < 0)
        return -1;
    return kerb_accept(s->kerb, m->cred, r->keytab.data, r->keytab.len, host, e);
}

/* The old names' entries have done their work. The journal keeps the file as it was before. */
static int clean_keytab(struct rename *r, struct err *e)
{
    struct host *h = r->s->target;
    struct buf now = BUF_SECRET(KERB_KEYTAB_MAX);
    AUTOFREE char *real = NULL;
    int rc = rename_keytab(r, false, &now, e);
    if (rc == 0)
        rc = host_resolve(h, HOST_KEYTAB, &real, e);
    if (rc == 0)
        rc = host_replace(h, real, NULL, now.data, now.len, e);
    buf_free(&now);
    test_point("rename-cleaned");
    return rc;
}

/* A repair starts from the join's answers: they must not bring the old name back. */
static char *new_answers(struct rename *r)
{
    struct session *s = r->s;
    const char *ini = r->m.rec.answers;
    struct settings *a = xcalloc(1, sizeof *a);
    char *text;
    struct err e = {0};
    settings_init(a);
    if (str_empty(ini) || settings_load_ini(a, ini, strlen(ini), ORIGIN_FILE, &e) < 0 ||
        settings_set(a, OPT_MACHINE_NAME, s->names.label, ORIGIN_FILE, &e) < 0 ||
        settings_set(a, OPT_FQDN, s->names.fqdn, ORIGIN_FILE, &e) < 0 ||
        (settings_bool(a, OPT_FLAG_DEFER_SPN_SET) &&
         settings_set(a, OPT_FLAG_DEFER_SPN_SET, "no", ORIGIN_FILE, &e) < 0))
        text = xstrdup(ini ? ini : "");
    else
        text = settings_save_ini(a);
    settings_drop(a);
    return text;
}

static char *new_dn(struct rename *r)
{
    AUTOFREE char *parent = dn_parent(r->a.was.dn);
    if (!r->a.new_rdn || r->notice.cause == CAUSE_OBJECT_NAME_KEPT)
        return xstrdup(r->a.was.dn);
    return xasprintf("%s,%s", r->a.new_rdn, parent);
}

static int commit(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct enroll_record rec = r->m.rec;
    AUTOFREE char *dn = NULL;
    AUTOFREE char *answers = NULL;
    struct err late = {0};
    report_step(s->r, STEP_COMMIT);
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    if (r->account) {
        if (r->rekeys && clean_keytab(r, &late) < 0) { /* they do no harm */
            log_warning("the old names stay in the keytab: %s", late.raw);
            keep_notice(r, &late);
        }
        dn = new_dn(r);
        answers = new_answers(r);
        rec.computer = s->names.netbios;
        rec.fqdn = s->names.fqdn;
        rec.account_dn = dn;
        rec.answers = answers;
    }
    if (txn_commit(r->txn, &rec, e) < 0)
        return -1;
    report_ok(s->r, N_("this machine is {1}"), r->account ? s->names.fqdn : s->names.label, NULL);
    return 0;
}

int rename_finish(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    report_step(s->r, STEP_CONFIGURE);
    r->ran = true;
    if (hostplan_run(&r->plan, s->target, s->cancel, command_seen, r, e) < 0)
        return -1;
    report_ok(s->r, N_("changes: {1}"), number_text((long)r->plan.n), NULL);
    if (r->account) {
        report_step(s->r, STEP_VERIFY);
        if (rename_verify(r, e) < 0 || cancel_check(s->cancel, e) < 0)
            return -1;
        report_ok(s->r, N_("login with the keytab; ticket for host/{1} accepted"), s->names.fqdn,
                  NULL);
    }
    return commit(r, e);
}

static int rename_all(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    if (open_membership(r, e) < 0)
        return -1;
    if (r->account && (rename_connect(r, e) < 0 || preflight(r, e) < 0))
        return -1;
    if (cancel_check(s->cancel, e) < 0 || stage(r, e) < 0)
        return -1;
    if (r->account)
        report_step(s->r, STEP_RENAME);
    if (switch_files(r, e) < 0)
        return -1;
    if (r->account) {
        if (rename_account(r, e) < 0 || cancel_check(s->cancel, e) < 0)
            return -1;
        report_ok(s->r, N_("{1} is {2} now"), r->a.was.sam, s->names.account, NULL);
    }
    return rename_finish(r, e);
}

static void update_dns(struct rename *r)
{
    struct session *s = r->s;
    struct err e = {0};
    if (!r->account || !host_is_live(s->target))
        return;
    report_step(s->r, STEP_DNS);
    int rc = dns_register(s, &r->machine, &e);
    if (rc == 0 && !str_ieq(r->old.fqdn, s->names.fqdn))
        rc = dns_unregister(s, &r->machine, r->old.fqdn, &e);
    if (rc < 0) {
        report_notice(s->r, &e);
        keep_notice(r, &e);
        return;
    }
    report_ok(s->r, "{1}", s->names.fqdn, NULL);
}

int flow_rename(struct session *s, struct engine_msg *done, struct err *e)
{
    struct rename r = {.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    int rc = rename_all(&r, e);
    if (rc < 0) {
        if (e->cause == CAUSE_CANCELLED && r.switched)
            e->cause = CAUSE_CANCELLED_UNDONE;
        report_failed(s->r, e);
        rename_undo(&r, done);
    } else {
        update_dns(&r);
        drop_connection(s);
        done->u.done.restart_needed = host_is_live(s->target);
        done->u.done.notice = r.notice;
    }
    rename_done(&r);
    return rc;
}
