/* Taking a failed or cancelled rename back: the directory first, then the files by the journal. */
#include "engine/flow/rename.h"

#include "engine/flow/join.h"

/* A controller that has just fallen silent is not waited for as long again. */
static int undo_over(void *arg, struct dir *d, struct err *e)
{
    struct rename *r = arg;
    struct account_names n;
    rename_account_names(r, &n);
    if (r->outcome == ACCOUNT_UNKNOWN_OUTCOME &&
        account_rename_state(d, &r->a, &n, &r->outcome, e) < 0)
        return -1;
    if (r->outcome != ACCOUNT_DONE)
        return 0;
    if (account_rename_back(d, &r->a, e) < 0)
        return -1;
    report_undone(r->s->r, STEP_RENAME, N_("the account is {1} again"), r->a.was.sam, NULL);
    r->outcome = ACCOUNT_NOT_DONE;
    return 0;
}

/* What the account is called now cannot be told or changed: the journal stays. The keytab has both
 * names, so the machine can log in whichever it is. */
static void keep_for_recovery(struct rename *r, struct engine_msg *done, const struct err *why)
{
    log_error("undo: %s: %s", code_symbol(why->code), why->raw);
    done->u.done.directory_changed = true;
    err_fact(&done->u.done.err, FACT_OBJECT, "%s", r->a.was.dn);
    err_fact(&done->u.done.err, FACT_LEFT, "%s",
             N_("Run 'joinery --recover' when the controller can be reached: it finishes the "
                "rename, or takes it back if the account kept its old name."));
}

/* The newest version that a keytab has of the old account's keys; 0: none. */
static uint32_t newest_key(struct rename *r, const struct buf *keytab)
{
    AUTOFREE struct kerb_keytab_entry *list = NULL;
    AUTOFREE char *who = xasprintf("%s@%s", r->old.account, r->m.rec.realm);
    struct err ignored = {0};
    uint32_t kvno = 0;
    size_t n = 0;
    if (!keytab->len || kerb_keytab_list(keytab->data, keytab->len, &list, &n, &ignored) < 0)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_ieq(list[i].principal, who) && list[i].kvno > kvno)
            kvno = list[i].kvno;
    }
    return kvno;
}

/* All keys that the old account has in `now`, under its own names alone. */
static int old_names_only(struct rename *r, const struct buf *now, struct buf *out, struct err *e)
{
    struct strv all = {0}, own = {0};
    machine_principals(&r->old, &own);
    strv_copy(&all, &own);
    machine_principals(&r->s->names, &all);
    const struct kerb_keytab_spec from = {
        .realm = r->m.rec.realm, .names = (const char *const *)all.s, .n_names = all.n};
    const struct kerb_keytab_spec to = {
        .realm = r->m.rec.realm, .names = (const char *const *)own.s, .n_names = own.n};
    int rc = kerb_keytab_rename(now->data, now->len, &from, &to, false, out, e);
    strv_free(&all);
    strv_free(&own);
    return rc;
}

/* The journal has the keytab of before. Keys of a password that somebody changed since (SSSD does
 * it every month) are in no other place than the file. */
static int keep_later_keys(struct rename *r, const struct buf *now, struct err *e)
{
    struct host *h = r->s->target;
    struct buf was = BUF_SECRET(KERB_KEYTAB_MAX), back = BUF_SECRET(KERB_KEYTAB_MAX);
    AUTOFREE char *real = NULL;
    bool present;
    int rc = host_read_opt(h, HOST_KEYTAB, &was, &present, e);
    if (rc == 0 && present && newest_key(r, now) > newest_key(r, &was)) {
        log_notice("the machine's password was changed meanwhile: its keys stay in the keytab");
        rc = old_names_only(r, now, &back, e);
        if (rc == 0)
            rc = host_resolve(h, HOST_KEYTAB, &real, e);
        if (rc == 0)
            rc = host_replace(h, real, NULL, back.data, back.len, e);
    }
    buf_free(&was);
    buf_free(&back);
    return rc;
}

int rename_roll_back(struct rename *r, struct err *e)
{
    struct buf now = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err ignored = {0};
    bool present;
    if (host_read_opt(r->s->target, HOST_KEYTAB, &now, &present, &ignored) < 0)
        log_notice("%s: %s", HOST_KEYTAB, ignored.raw);
    int rc = txn_rollback(r->txn, e);
    if (rc == 0)
        rc = keep_later_keys(r, &now, e);
    buf_free(&now);
    return rc;
}

void rename_undo(struct rename *r, struct engine_msg *done)
{
    struct err e = {0}, f = {0};
    if (!r->txn) {
        done->u.done.undone = true;
        return;
    }
    if (txn_state(r->txn) == TXN_COMMITTING) { /* decided: now it can only be finished */
        done->u.done.directory_changed = r->account;
        err_fact(&done->u.done.err, FACT_LEFT, "joinery --recover");
        return;
    }
    if (r->outcome != ACCOUNT_NOT_DONE && undo_over_link(r->s, undo_over, r, &e) < 0) {
        keep_for_recovery(r, done, &e);
        return;
    }
    /* A recovery need not ask the controller about it. */
    if (txn_fact(r->txn, RENAME_SENT))
        (void)!txn_note(r->txn, NOTE_DIRECTORY_CLEAN, "1", &f);
    err_reset(&f);
    if (rename_roll_back(r, &f) < 0) {
        err_fact(&done->u.done.err, FACT_LEFT, "joinery --recover");
        log_error("undo of the files: %s: %s", code_symbol(f.code), f.raw);
        return;
    }
    if (r->switched)
        report_undone(r->s->r, STEP_CONFIGURE, N_("the files are as they were"), NULL);
    if (r->ran)
        hostplan_unrun(r->s->target, r->old_hostname);
    done->u.done.undone = true;
}
