/* Leaving: the account is disabled when asked, our lines are taken out of the files, the owner's
 * stay. */
#include <stdio.h>

#include "engine/flow/join.h"
#include "engine/flow/membership.h"

struct leave {
    struct session *s;
    struct host_lock lock;
    struct enroll_record rec;
    struct hostplan plan;
    struct txn *txn;
    struct buf keytab;
    size_t keytab_left;
    bool disabled;
};

static int load(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    bool present;
    report_step(s->r, STEP_JOURNAL);
    if (!host_is_root(s->target))
        return err_cause(e, CAUSE_NOT_ROOT);
    if (host_lock_take(s->target, &l->lock, e) < 0)
        return -1;
    if (txn_pending(s->target))
        return err_cause(e, CAUSE_JOURNAL_PENDING);
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    if (enroll_record_load(s->target, &l->rec, &present, e) < 0)
        return -1;
    if (!present)
        return err_cause(e, CAUSE_NOT_JOINED);
    report_ok(s->r, N_("a member of {1} as {2}"), l->rec.domain, l->rec.computer, NULL);
    return 0;
}

/* What remains of the keytab without this membership's entries. */
static int strip_keytab(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    struct buf old = BUF_SECRET(KERB_KEYTAB_MAX);
    struct strv names = {0};
    struct machine_names n = {0};
    bool present;
    snprintf(n.netbios, sizeof n.netbios, "%s", l->rec.computer);
    snprintf(n.account, sizeof n.account, "%.15s$", l->rec.computer);
    snprintf(n.fqdn, sizeof n.fqdn, "%s", l->rec.fqdn);
    machine_principals(&n, &names);
    struct kerb_keytab_spec spec = {
        .realm = l->rec.realm, .names = (const char *const *)names.s, .n_names = names.n};
    int r = host_read_opt(s->target, "/etc/krb5.keytab", &old, &present, e);
    if (r == 0 && old.len)
        r = kerb_keytab_strip(old.data, old.len, &spec, &l->keytab, &l->keytab_left, e);
    strv_free(&names);
    buf_free(&old);
    return r;
}

/* The domain of the record, whatever the answers name. */
static int disable_account(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    struct settings *own = settings_clone(s->s);
    const struct settings *asked = s->s;
    int r = -1;
    if (!own)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    s->s = own;
    if (settings_set(own, OPT_DOMAIN, l->rec.domain, ORIGIN_SET, e) == 0 &&
        locate_domain(s, e) == 0 && log_in(s, e) == 0) {
        /* It may have been moved since. */
        AUTOFREE char *base =
            *l->rec.guid ? xasprintf("<GUID=%s>", l->rec.guid) : xstrdup(l->rec.account_dn);
        report_step(s->r, STEP_ACCOUNT);
        r = account_disable(s->dir, base, e);
        if (r < 0)
            err_fact(e, FACT_OBJECT, "%s", l->rec.account_dn);
    }
    s->s = asked;
    settings_drop(own);
    if (r < 0)
        return -1;
    l->disabled = true;
    report_ok(s->r, N_("disabled: {1}"), l->rec.account_dn, NULL);
    return 0;
}

static int put_back(struct leave *l, struct err *e)
{
    struct session *s = l->s;
    struct txn_kv kv[] = {{"domain", l->rec.domain},
                          {SETTING_DISABLED, l->disabled ? l->rec.account_dn : ""}};
    report_step(s->r, STEP_CONFIGURE);
    if (strip_keytab(l, e) < 0 ||
        hostplan_leave(s->target, &l->rec, l->keytab_left ? l->keytab.data : NULL, l->keytab.len,
                       host_is_live(s->target), &l->plan, e) < 0 ||
        txn_begin(s->target, "leave", kv, ARRAY_SIZE(kv), &l->txn, e) < 0 ||
        hostplan_stage(&l->plan, l->txn, e) < 0 || cancel_check(s->cancel, e) < 0)
        return -1;
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    if (txn_switch(l->txn, e) < 0 || hostplan_run(&l->plan, s->target, NULL, NULL, NULL, e) < 0)
        return -1;
    report_ok(s->r, N_("changes taken back: {1}"), number_text((long)l->plan.n), NULL);
    report_step(s->r, STEP_COMMIT);
    return txn_commit(l->txn, NULL, e);
}

int flow_leave(struct session *s, struct engine_msg *done, struct err *e)
{
    struct leave l = {.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    int r = load(&l, e);
    if (r == 0 && settings_bool(s->s, OPT_FLAG_ACCT_DELETE))
        r = disable_account(&l, e);
    if (r == 0)
        r = put_back(&l, e);
    if (r < 0) {
        struct err f = {0};
        report_failed(s->r, e);
        if (l.txn && txn_rollback(l.txn, &f) < 0)
            err_fact(e, FACT_LEFT, "joinery --recover");
        else
            done->u.done.undone = !l.disabled;
        done->u.done.directory_changed = l.disabled;
    } else {
        report_ok(s->r, N_("no longer a member of {1}"), l.rec.domain, NULL);
        drop_connection(s);
    }
    hostplan_free(&l.plan);
    txn_free(l.txn);
    enroll_record_free(&l.rec);
    buf_free(&l.keytab);
    host_unlock(&l.lock);
    return r;
}
