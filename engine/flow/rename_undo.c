/* Taking a failed or cancelled rename back: the directory first, then the files by the journal. */
#include "engine/flow/rename.h"

#include "engine/flow/join.h"
#include "engine/net/net.h"

/* A controller that has just fallen silent is not waited for as long again. */
#define UNDO_MS 10000

/* The account's connection, or a new one; a cancel does not stop it. */
static struct dir *undo_connection(struct session *s, struct err *e)
{
    struct dc_candidate *dc = session_dc(s);
    struct dir *d = NULL;
    if (s->dir && !dir_is_dead(s->dir)) {
        dir_set_cancel(s->dir, NULL);
        dir_set_timeout(s->dir, UNDO_MS);
        return s->dir;
    }
    dir_close(TAKE(s->dir));
    int fd = net_connect(&dc->addr, 1, 389, 5000, dc->host, NULL, NULL, e);
    if (fd < 0 || dir_open(&d, fd, dc->host, NULL, e) < 0 || kerb_select(s->user, e) < 0) {
        dir_close(d);
        return NULL;
    }
    dir_set_timeout(d, UNDO_MS);
    int rc = dir_bind(d, &s->root_dse.mechs, e);
    kerb_unselect();
    if (rc < 0) {
        dir_close(d);
        return NULL;
    }
    s->dir = d;
    return d;
}

static int undo_over(struct rename *r, struct dir *d, struct err *e)
{
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

static int undo_account(struct rename *r, struct err *e)
{
    struct dir *d = undo_connection(r->s, e);
    int rc = d ? undo_over(r, d, e) : -1;
    /* A connection may have ended without our knowing. Silence is not asked twice. */
    if (rc < 0 && d && dir_is_dead(d) && e->code != CODE_ERROR_TIMEOUT) {
        err_reset(e);
        d = undo_connection(r->s, e);
        rc = d ? undo_over(r, d, e) : -1;
    }
    if (d) {
        dir_set_cancel(d, r->s->cancel);
        dir_set_timeout(d, DIR_TIMEOUT_MS);
    }
    return rc;
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
    if (r->outcome != ACCOUNT_NOT_DONE && undo_account(r, &e) < 0) {
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
