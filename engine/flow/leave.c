/*
 * Leaving: the account is disabled when asked, our lines are taken out of the files, the owner's
 * stay. [MS-WKST] 3.2.4.14 has the machine leave first and disables the account then; here the
 * account comes first, because it is what somebody else can refuse, and because it can be enabled
 * again over the same connection when the files cannot be put back.
 */
#include <stdio.h>

#include "engine/account/disable.h"
#include "engine/flow/join.h"
#include "engine/flow/membership.h"
#include "engine/kerb/keytab_back.h"

struct leave {
    struct session *s;
    struct host_lock lock;
    struct membership m;
    struct hostplan plan;
    struct txn *txn;
    struct buf keytab;
    size_t keytab_left;
    bool keep_keytab, switched;
    struct account_switch account; /* as it was before */
    enum account_outcome outcome;  /* of disabling it */
    struct err notice;
};

static int load(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &l->lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    if (membership_load(s->target, &l->m, e) < 0 || membership_need_ours(&l->m, e) < 0)
        return -1;
    report_ok(s->r, N_("a member of {1} as {2}"), l->m.rec.domain, l->m.rec.computer, NULL);
    return 0;
}

/* The principals of one name in one realm: "COMPUTER fqdn REALM". false when it is none. */
static bool add_spec(const char *computer, const char *fqdn, const char *realm,
                     struct kerb_keytab_spec *spec, struct strv *names)
{
    struct machine_names n = {0};
    snprintf(n.netbios, sizeof n.netbios, "%s", computer);
    snprintf(n.account, sizeof n.account, "%.15s$", computer);
    snprintf(n.fqdn, sizeof n.fqdn, "%s", fqdn);
    if (!*computer || !*realm)
        return false;
    machine_principals(&n, names);
    *spec = (struct kerb_keytab_spec){
        .realm = realm, .names = (const char *const *)names->s, .n_names = names->n};
    return true;
}

/* What remains of the keytab without the keys of this membership, under all names that the machine
 * had in it. */
static int strip_keytab(struct leave *l, const struct buf *now, struct buf *before, bool was,
                        struct err *e)
{
    const struct enroll_record *rec = &l->m.rec;
    size_t n = 0, max = rec->former.n + 1;
    struct kerb_keytab_spec *specs = xcalloc(max, sizeof *specs);
    struct strv *names = xcalloc(max, sizeof *names);
    struct strv *words = xcalloc(max, sizeof *words);
    n += add_spec(rec->computer, rec->fqdn, rec->realm, &specs[n], &names[n]);
    for (size_t i = 0; i < rec->former.n; i++) {
        strv_split(&words[i], rec->former.s[i], " ");
        if (words[i].n == 3)
            n += add_spec(words[i].s[0], words[i].s[1], words[i].s[2], &specs[n], &names[n]);
    }
    int r = keytab_back(now->data, now->len, was ? buf_text(before) : NULL, before->len, specs, n,
                        &l->keytab, &l->keytab_left, e);
    for (size_t i = 0; i < max; i++) {
        strv_free(&names[i]);
        strv_free(&words[i]);
    }
    free(specs);
    free(names);
    free(words);
    return r;
}

/* A keytab that cannot be read stays as it is: whoever broke it must mend it. */
static int make_keytab(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    const struct enroll_file *f = enroll_record_file(&l->m.rec, HOST_KEYTAB);
    struct buf now = BUF_SECRET(KERB_KEYTAB_MAX), before = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err why = {0};
    bool present, was = false;
    if (f && f->backup && host_read_opt(s->target, f->backup, &before, &was, &why) < 0)
        err_reset(&why);
    int r = host_read_opt(s->target, HOST_KEYTAB, &now, &present, &why);
    if (r == 0 && now.len)
        r = strip_keytab(l, &now, &before, was, &why);
    l->keep_keytab = l->keytab_left > 0 || was;
    if (r < 0 && why.cause == CAUSE_OUT_OF_MEMORY)
        *e = why;
    else if (r < 0) {
        err_fact(&why, FACT_FILE, "%s", HOST_KEYTAB);
        l->notice = why;
        l->keep_keytab = true;
        buf_free(&l->keytab);
        l->keytab = BUF_SECRET(KERB_KEYTAB_MAX);
        buf_put(&l->keytab, now.data, now.len);
        r = 0;
    }
    buf_free(&now);
    buf_free(&before);
    return r;
}

static void note_kept(struct leave *l)
{
    for (size_t i = 0; i < l->plan.n && !l->notice.code; i++) {
        const struct host_change *c = &l->plan.changes[i];
        if (!c->conflicts && c->kind != HOST_CHANGE_OWNER)
            continue;
        err_cause(&l->notice, CAUSE_OWNER_LINES_KEPT);
        err_fact(&l->notice, FACT_FILE, "%s", c->path);
        if (c->kept.n)
            err_fact(&l->notice, FACT_VALUE, "%s", c->kept.s[0]);
    }
}

static int make_plan(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    if (make_keytab(l, e) < 0)
        return -1;
    const char *keytab = l->keytab.data ? (const char *)l->keytab.data : "";
    if (hostplan_leave(s->target, &l->m.rec, l->keep_keytab ? keytab : NULL, l->keytab.len,
                       host_is_live(s->target), &l->plan, e) < 0)
        return -1;
    note_kept(l);
    return 0;
}

/* Finds the account, in the domain of the record whatever the answers name, wherever it was moved
 * to. */
/* Where the account is: by what does not change when it is moved. Provisioning data of older tools
 * knows neither; then its name tells. malloc'ed. */
static char *account_base(struct leave *l, struct err *e)
{
    const struct enroll_record *rec = &l->m.rec;
    struct account_names n = {.name = rec->computer, .fqdn = rec->fqdn, .domain = rec->domain};
    struct account_id id = {0};
    char *base = NULL;
    if (*rec->guid)
        return xasprintf("<GUID=%s>", rec->guid);
    if (*rec->account_dn)
        return xstrdup(rec->account_dn);
    if (account_read_back(l->s->dir, &n, NULL, &id, e) == 0)
        base = xstrdup(id.dn);
    account_id_free(&id);
    return base;
}

static int find_account(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    const struct enroll_record *rec = &l->m.rec;
    struct settings *own = settings_clone(s->s);
    const struct settings *asked = s->s;
    if (!own)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    s->s = own;
    int r = settings_set(own, OPT_DOMAIN, rec->domain, ORIGIN_SET, e);
    if (r == 0)
        r = locate_domain(s, e);
    if (r == 0)
        r = log_in(s, e);
    if (r == 0) {
        AUTOFREE char *base = account_base(l, e);
        r = base ? account_switch_read(s->dir, base, &l->account, e) : -1;
    }
    s->s = asked;
    settings_drop(own);
    return r;
}

/* The person can leave all the same, without what needs the domain. */
static int not_disabled(struct leave *l, struct err *e)
{
    if (!err_fact_get(e, FACT_OBJECT))
        err_fact(e, FACT_OBJECT, "%s", l->account.dn ? l->account.dn : l->m.rec.account_dn);
    if (e->cause != CAUSE_CANCELLED)
        err_fact(e, FACT_LEFT, "%s",
                 N_("Leaving without NETSETUP_ACCT_DELETE needs neither the domain nor an account; "
                    "the computer account then stays enabled."));
    return -1;
}

static int stage(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    AUTOFREE char *host = NULL;
    if (present_host_name(s, &host, e) < 0)
        return -1;
    struct txn_kv kv[] = {{"domain", l->m.rec.domain}, {SETTING_HOSTNAME, host}};
    if (txn_begin(s->target, "leave", kv, ARRAY_SIZE(kv), &l->txn, e) < 0 ||
        hostplan_stage(&l->plan, l->txn, e) < 0)
        return -1;
    return cancel_check(s->cancel, e);
}

static int disable_account(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    report_step(s->r, STEP_ACCOUNT);
    if (!l->account.dn) {
        report_skipped(s->r, STEP_ACCOUNT, N_("there is no such account any more: {1}"),
                       l->m.rec.account_dn, NULL);
        return 0;
    }
    if (account_switch_is_off(&l->account)) {
        report_skipped(s->r, STEP_ACCOUNT, N_("it is disabled already: {1}"), l->account.dn, NULL);
        return 0;
    }
    if (txn_note(l->txn, NOTE_DISABLE_SENT, l->account.dn, e) < 0)
        return -1;
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    dir_set_cancel(s->dir, NULL);
    if (account_switch_set(s->dir, &l->account, true, &l->outcome, e) < 0)
        return l->outcome == ACCOUNT_NOT_DONE ? not_disabled(l, e) : -1;
    if (txn_note(l->txn, NOTE_DISABLED, "1", e) < 0)
        return -1;
    report_ok(s->r, N_("disabled: {1}"), l->account.dn, NULL);
    return 0;
}

static int put_back(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    report_step(s->r, STEP_CONFIGURE);
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    l->switched = true;
    if (txn_switch(l->txn, e) < 0 || hostplan_run(&l->plan, s->target, NULL, NULL, NULL, e) < 0)
        return -1;
    report_ok(s->r, N_("changes taken back: {1}"), number_text((long)l->plan.n), NULL);
    report_step(s->r, STEP_COMMIT);
    return txn_commit(l->txn, NULL, e);
}

static int leave_all(struct leave *l, struct err *e)
{
    bool disable = settings_bool(l->s->s, OPT_FLAG_ACCT_DELETE);
    if (load(l, e) < 0 || make_plan(l, e) < 0)
        return -1;
    if (disable && find_account(l, e) < 0)
        return not_disabled(l, e);
    if (stage(l, e) < 0 || (disable && disable_account(l, e) < 0))
        return -1;
    return put_back(l, e);
}

/* Was it disabled, when the answer was lost? */
static int find_out(struct leave *l, struct dir *d, struct err *e)
{
    struct account_switch now;
    if (account_switch_read(d, l->account.dn, &now, e) < 0)
        return -1;
    l->outcome = now.dn && account_switch_is_off(&now) ? ACCOUNT_DONE : ACCOUNT_NOT_DONE;
    account_switch_free(&now);
    return 0;
}

static int enable_over(void *arg, struct dir *d, struct err *e)
{
    struct leave *l = arg;
    enum account_outcome ignored;
    if (l->outcome == ACCOUNT_UNKNOWN_OUTCOME && find_out(l, d, e) < 0)
        return -1;
    if (l->outcome != ACCOUNT_DONE)
        return 0;
    if (account_switch_set(d, &l->account, false, &ignored, e) < 0)
        return -1;
    report_undone(l->s->r, STEP_ACCOUNT, N_("enabled again: {1}"), l->account.dn, NULL);
    l->outcome = ACCOUNT_NOT_DONE;
    return 0;
}

/* This machine stays a member, so its account works again. */
static void enable_again(struct leave *l, struct engine_msg *done, struct err *e)
{
    struct err f = {0};
    if (undo_over_link(l->s, enable_over, l, &f) == 0) {
        (void)!txn_note(l->txn, NOTE_DIRECTORY_CLEAN, "1", &f);
        return;
    }
    log_error("enabling %s again: %s: %s", l->account.dn, code_symbol(f.code), f.raw);
    done->u.done.directory_changed = true;
    err_fact(e, FACT_OBJECT, "%s", l->account.dn);
    err_fact(
        e, FACT_LEFT, "%s",
        l->outcome == ACCOUNT_DONE
            ? N_("The computer account is disabled: have an administrator enable it, or leave "
                 "again.")
            : N_("Nobody knows whether the computer account was disabled: leave again, or have "
                 "an administrator look."));
}

static void undo(struct leave *l, struct engine_msg *done, struct err *e)
{
    struct session *s = l->s;
    struct err f = {0};
    if (!l->txn)
        return;
    if (txn_state(l->txn) == TXN_COMMITTING) { /* decided: now it can only be finished */
        err_fact(e, FACT_LEFT, "joinery --recover");
        return;
    }
    if (l->outcome != ACCOUNT_NOT_DONE)
        enable_again(l, done, e);
    if (txn_rollback(l->txn, &f) < 0) {
        err_fact(e, FACT_LEFT, "joinery --recover");
        return;
    }
    if (l->switched)
        hostplan_unrun(s->target, txn_setting(l->txn, SETTING_HOSTNAME));
    done->u.done.undone = l->outcome == ACCOUNT_NOT_DONE;
}

static void leave_done(struct leave *l)
{
    hostplan_free(&l->plan);
    txn_free(l->txn);
    membership_free(&l->m);
    account_switch_free(&l->account);
    buf_free(&l->keytab);
    host_unlock(&l->lock);
}

int flow_leave(struct session *s, struct engine_msg *done, struct err *e)
{
    struct leave l = {.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    int r = leave_all(&l, e);
    if (r < 0) {
        report_failed(s->r, e);
        undo(&l, done, e);
    } else {
        report_ok(s->r, N_("no longer a member of {1}"), l.m.rec.domain, NULL);
        done->u.done.notice = l.notice;
    }
    if (s->dir)
        dir_set_cancel(s->dir, s->cancel);
    if (r == 0)
        drop_connection(s);
    leave_done(&l);
    return r;
}

/* After a crash once the account was disabled there is only one way that leaves machine and
 * directory in agreement without asking anybody. */
int leave_recover(struct session *s, struct txn *t, struct err *e)
{
    struct leave l = {.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    struct err ignored = {0};
    report_step(s->r, STEP_CONFIGURE);
    /* For the services and the running name; the files are in the journal. */
    if (membership_load(s->target, &l.m, &ignored) < 0 ||
        hostplan_leave(s->target, &l.m.rec, NULL, 0, host_is_live(s->target), &l.plan, &ignored) <
            0)
        log_notice("services are left as they are: %s", code_symbol(ignored.code));
    int r = txn_switch(t, e);
    if (r == 0)
        r = hostplan_run(&l.plan, s->target, NULL, NULL, NULL, e);
    if (r == 0) {
        report_step(s->r, STEP_COMMIT);
        r = txn_commit(t, NULL, e);
    }
    if (r == 0)
        report_ok(s->r, N_("finished"), NULL);
    leave_done(&l);
    return r;
}
