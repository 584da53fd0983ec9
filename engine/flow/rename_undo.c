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
    if (txn_rollback(r->txn, &f) < 0) {
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
