/*
 * After a crash: the journal says how far it got. Before the directory was written to, everything
 * goes back. After a completed add or reset the machine goes forward with the staged password, for
 * which nobody has to be asked.
 */
#include <string.h>

#include "engine/apply/apply.h"
#include "engine/flow/elsewhere.h"
#include "engine/flow/join.h"
#include "engine/flow/rename.h"
#include "engine/flow/rotate.h"

static const char *fact(struct txn *t, const char *key)
{
    const char *v = txn_fact(t, key);
    return v ? v : "";
}

static bool noted(struct txn *t, const char *key)
{
    return str_eq(txn_fact(t, key), "1");
}

static int roll_back(struct session *s, struct txn *t, struct engine_msg *done, struct err *e)
{
    bool switched = txn_state(t) >= TXN_SWITCHING;
    report_step(s->r, STEP_JOURNAL);
    if (txn_rollback(t, e) < 0)
        return -1;
    if (switched && str_eq(txn_kind(t), "workgroup"))
        workgroup_unrun(s);
    else if (switched)
        hostplan_unrun(s->target, txn_setting(t, SETTING_HOSTNAME));
    done->u.done.undone = true;
    report_ok(s->r, N_("everything on this machine is as it was before"), NULL);
    return 0;
}

/* What may be left in the directory, by the journal alone. */
static void say_what_stays(struct txn *t, struct engine_msg *done)
{
    const char *disabled = txn_fact(t, NOTE_DISABLE_SENT);
    bool clean = noted(t, NOTE_DIRECTORY_CLEAN);
    if (clean || !(noted(t, TXN_ADD_SENT) || noted(t, TXN_RESET_SENT) || !str_empty(disabled)))
        return;
    done->u.done.directory_changed = true;
    done->u.done.undone = false;
    if (!str_empty(disabled)) {
        err_cause(&done->u.done.notice, CAUSE_KDC_DISABLED);
        err_fact(&done->u.done.notice, FACT_OBJECT, "%s", disabled);
    } else if (noted(t, TXN_ADD_SENT)) {
        err_cause(&done->u.done.notice, CAUSE_OBJECT_LEFT);
        err_fact(&done->u.done.notice, FACT_OBJECT, "%s", fact(t, TXN_OBJECT_DN));
    }
}

/* The answers of the interrupted operation, pinned to the controller that took the write. */
static struct settings *old_settings(struct txn *t, bool *pinned_by_us, struct err *e)
{
    const char *ini = txn_setting(t, "answers");
    struct settings *s = xcalloc(1, sizeof *s);
    settings_init(s);
    int r = ini ? settings_load_ini(s, ini, strlen(ini), ORIGIN_FILE, e) : 0;
    *pinned_by_us =
        str_empty(settings_get(s, OPT_CONTROLLER)) && !strchr(settings_get(s, OPT_DOMAIN), '\\');
    if (r < 0 || settings_set(s, OPT_DOMAIN, fact(t, "domain"), ORIGIN_SET, e) < 0 ||
        settings_set(s, OPT_CONTROLLER, fact(t, "controller"), ORIGIN_SET, e) < 0 ||
        settings_set(s, OPT_FQDN, fact(t, "fqdn"), ORIGIN_SET, e) < 0) {
        settings_drop(s);
        return NULL;
    }
    return s;
}

bool join_password_dead(const struct err *e)
{
    return e->cause == CAUSE_KDC_UNKNOWN_USER || e->cause == CAUSE_KDC_WRONG_PASSWORD ||
           e->cause == CAUSE_KDC_DISABLED;
}

/* This machine goes back; what may have stayed in the directory is named. */
static int go_back(struct session *s, struct join *j, const struct err *login,
                   struct engine_msg *done, struct err *e)
{
    /* A reset that is no longer valid has left nothing of ours either; a disabled account may have
     * taken it. */
    bool stays = login->cause == CAUSE_KDC_DISABLED ||
                 (j->created && login->cause != CAUSE_KDC_UNKNOWN_USER);
    log_notice("the account cannot be used with the stored password (%s)",
               code_symbol(login->code));
    if (!stays && txn_note(j->txn, NOTE_DIRECTORY_CLEAN, "1", e) < 0)
        return -1;
    if (roll_back(s, j->txn, done, e) < 0)
        return -1;
    say_what_stays(j->txn, done);
    return 0;
}

static int read_account(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct account_names n = {
        .name = s->names.netbios,
        .fqdn = s->names.fqdn,
        .domain = s->loc->domain.dns,
    };
    return account_read_back(j->m.dir, &n, NULL, &j->id, e);
}

/* Taking an account over has its names written after the password: what is missing of them the
 * machine may write. */
static void complete_names(struct join *j)
{
    struct account_names n = {
        .name = j->s->names.netbios, .fqdn = j->s->names.fqdn, .domain = j->s->loc->domain.dns};
    if (!j->m.has_host_spn || account_complete_names(j->m.dir, &n, &j->id, &j->notice) == 0)
        return;
    log_notice("the account's names are not complete: %s", j->notice.raw);
    j->m.has_host_spn = false;
}

static int go_forward(struct join *j, struct err *e)
{
    struct session *s = j->s;
    if (machine_bind(s, &j->m, e) < 0 || read_account(j, e) < 0)
        return -1;
    complete_names(j);
    if (account_set_enctypes(j->m.dir, &j->id, 24, e) < 0)
        return -1;
    report_ok(s->r, "{1}", j->id.dn, NULL);
    report_step(s->r, STEP_KEYTAB);
    host_settings_of(s, &j->local);
    if (j->pinned_by_us)
        j->local.preferred_dc = NULL;
    j->planned = true;
    if (hostplan_build(s->target, &j->local, &j->plan, e) < 0 ||
        machine_make_keytab(s, &j->m, &j->password, j->id.kvno, e) < 0 ||
        hostplan_set_keytab(&j->plan, j->m.keytab.data, j->m.keytab.len, e) < 0 ||
        join_samba(j, &j->password, e) < 0)
        return -1;
    /* Files that were switched already hold the new text: only what still differs is staged again.
     */
    if (txn_state(j->txn) <= TXN_DIRECTORY && hostplan_stage(&j->plan, j->txn, e) < 0)
        return -1;
    if (join_local(j, e) < 0)
        return -1;
    return join_commit(j, e);
}

/* The staged password, at the controller of the settings. *login is the answer to it, when there
 * was one. */
static int log_in_staged(struct session *s, struct join *j, struct err *login, struct err *e)
{
    report_step(s->r, STEP_MACHINE);
    if (locate_domain(s, e) < 0 || names_resolve(s->s, "", s->loc->domain.dns, &s->names, e) < 0 ||
        txn_secret(j->txn, &j->password, e) < 0)
        return -1;
    report_step(s->r, STEP_MACHINE);
    bool spns =
        !settings_bool(s->s, OPT_FLAG_DEFER_SPN_SET) || settings_bool(s->s, OPT_FLAG_FORCE_SPN_SET);
    if (machine_log_in(s, &j->m, &j->password, spns, login) == 0)
        return 0;
    *e = *login;
    return -1;
}

/* The controller that took the write is out of reach. */
static int log_in_elsewhere(struct session *s, struct join *j, struct settings *old,
                            const char *other, struct err *e)
{
    struct err first = *e, login = {0}, why = {0};
    const char *writer = fact(j->txn, "controller");
    machine_done(&j->m);
    if (elsewhere_go(s, old, writer, other, &first, &why) == 0 &&
        log_in_staged(s, j, &login, &why) == 0) {
        log_notice("%s knows the change: going on there", session_dc(s)->host);
        j->pinned_by_us = j->pinned_by_us || str_empty(other);
        err_reset(e);
        return 0;
    }
    if (login.code && session_dc(s) && join_password_dead(&login))
        return elsewhere_unproved(s, writer, &login, fact(j->txn, TXN_OBJECT_DN), e);
    *e = first;
    return -1;
}

static int finish_join(struct session *s, struct join *j, struct settings *old, const char *other,
                       struct engine_msg *done, struct err *e)
{
    struct err login = {0};
    if (log_in_staged(s, j, &login, e) < 0) {
        if (login.code && join_password_dead(&login)) {
            err_reset(e);
            return go_back(s, j, &login, done, e);
        }
        if (!elsewhere_may(s, e, fact(j->txn, "controller"), other) ||
            log_in_elsewhere(s, j, old, other, e) < 0)
            return -1;
    }
    if (check_clock(s, e) < 0 || go_forward(j, e) < 0)
        return -1;
    done->u.done.restart_needed = host_is_live(s->target);
    done->u.done.notice = j->notice;
    return 0;
}

static int recover_join(struct session *s, struct txn *t, struct engine_msg *done, struct err *e)
{
    const struct settings *asked = s->s;
    struct settings *old;
    struct join j = {.s = s, .lock = HOST_LOCK_INIT, .txn = t, .created = noted(t, TXN_ADD_SENT)};
    if (!(old = old_settings(t, &j.pinned_by_us, e)))
        return -1;
    s->s = old;
    if (!str_empty(txn_setting(t, SETTING_HOSTNAME)))
        j.old_hostname = xstrdup(txn_setting(t, SETTING_HOSTNAME));
    int r = finish_join(s, &j, old, settings_get(asked, OPT_CONTROLLER), done, e);
    s->s = asked;
    settings_drop(old);
    j.txn = NULL; /* the caller's */
    join_done(&j);
    return r;
}

/* What goes on after a crash once something may stand in the directory, by the kind of the journal.
 * Kinds that are not here, and all before that point, go back. One line each. */
static const struct recovery {
    const char *kind;
    const char *sent[2]; /* notes: from the first of them on the directory may have changed */
    int (*go_on)(struct session *s, struct txn *t, struct engine_msg *done, struct err *e);
} recoveries[] = {
    {"join", {TXN_ADD_SENT, TXN_RESET_SENT}, recover_join},
    {TXN_KIND_ROTATE, {TXN_RESET_SENT}, recover_rotate},
    {"rename", {RENAME_SENT}, recover_rename},
};

static const struct recovery *recovery_of(struct txn *t)
{
    for (size_t i = 0; i < ARRAY_SIZE(recoveries); i++) {
        const struct recovery *r = &recoveries[i];
        for (size_t k = 0; k < ARRAY_SIZE(r->sent); k++) {
            if (str_eq(txn_kind(t), r->kind) && r->sent[k] && noted(t, r->sent[k]))
                return r;
        }
    }
    return NULL;
}

static int recover(struct session *s, struct txn *t, struct engine_msg *done, struct err *e)
{
    const struct recovery *on = recovery_of(t);
    log_notice("an interrupted %s is recovered, journal state %d", txn_kind(t), (int)txn_state(t));
    if (txn_state(t) == TXN_COMMITTING) {
        report_step(s->r, STEP_COMMIT);
        if (txn_finish_commit(t, e) < 0)
            return -1;
        report_ok(s->r, N_("finished"), NULL);
        return 0;
    }
    if (str_eq(txn_kind(t), "leave") && noted(t, NOTE_DISABLED) && txn_state(t) != TXN_UNDOING &&
        !noted(t, NOTE_DIRECTORY_CLEAN))
        return leave_recover(s, t, e);
    /* Going back that had begun is gone through with; the directory was seen to before. */
    if (on && txn_state(t) != TXN_UNDOING && !noted(t, NOTE_DIRECTORY_CLEAN))
        return on->go_on(s, t, done, e);
    if (roll_back(s, t, done, e) < 0)
        return -1;
    say_what_stays(t, done);
    return 0;
}

int recover_target(struct session *s, struct engine_msg *done, struct err *e)
{
    struct host_lock lock = HOST_LOCK_INIT;
    struct txn *t = NULL;
    int r = -1;
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &lock, e) < 0)
        return -1;
    if (txn_recover_load(s->target, &t, e) == 0)
        r = t ? recover(s, t, done, e) : 0;
    if (r == 0 && !t)
        log_notice("nothing was interrupted");
    txn_free(t);
    host_unlock(&lock);
    return r;
}

int flow_recover(struct session *s, struct engine_msg *done, struct err *e)
{
    bool handled = false;
    int r = apply_recover(s, done, &handled, e);
    return handled ? r : recover_target(s, done, e);
}
