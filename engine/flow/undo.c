/*
 * Taking a failed or cancelled join back. What can be taken back is: files by the journal, an
 * account that was made by deleting it. A password that was reset cannot, and is said.
 */
#include "engine/flow/deleted.h"
#include "engine/flow/join.h"
#include "engine/flow/member.h"

#include <string.h>

/* As the joining account; the machine's own connection was taken over for its steps. */
static void give_back_link(struct join *j)
{
    struct session *s = j->s;
    if (s->own && j->m.dir) {
        dir_close(TAKE(s->dir));
        s->dir = TAKE(j->m.dir);
    }
    if (s->own && !s->user)
        s->user = TAKE(j->m.cred);
}

static int prove_ours(struct join *j, struct err *e)
{
    bool ours;
    if (undo_is_ours(j->s, &j->password, &ours, e) < 0)
        return -1;
    if (!ours)
        j->outcome = ACCOUNT_NOT_DONE;
    return 0;
}

/* Was the account made, when the answer to the add was lost? */
static int find_out(struct join *j, struct dir *d, struct err *e)
{
    struct account_names n;
    char *dn = NULL;
    account_names_of(j->s, &n);
    if (account_find_out(d, &n, j->since, &j->outcome, &dn, e) < 0)
        return -1;
    if (dn) {
        free(j->id.dn);
        j->id.dn = dn;
    }
    return j->created && j->outcome == ACCOUNT_DONE ? prove_ours(j, e) : 0;
}

/* Has another machine of that name taken the account over since, or is it gone? Then it is not ours
 * to delete. */
static int look_again(struct join *j, struct dir *d, struct err *e)
{
    struct account_names n;
    struct account_id now = {0};
    struct err why = {0};
    account_names_of(j->s, &n);
    if (!j->id.has_kvno)
        return 0; /* found out a moment ago */
    int r = account_read_back(d, &n, j->id.dn, &now, &why);
    bool gone = r < 0 && (why.cause == CAUSE_ACCOUNT_MISSING || why.cause == CAUSE_ACCOUNT_CHANGED);
    bool other =
        r == 0 && (memcmp(now.guid, j->id.guid, GUID_BYTES) != 0 || now.kvno != j->id.kvno);
    account_id_free(&now);
    if (r < 0 && !gone) {
        *e = why;
        return -1;
    }
    if (gone || other) {
        log_notice("the account is somebody else's by now: it stays");
        j->outcome = ACCOUNT_NOT_DONE;
    }
    return 0;
}

static int undo_over(void *arg, struct dir *d, struct err *e)
{
    struct join *j = arg;
    if (j->outcome == ACCOUNT_UNKNOWN_OUTCOME && find_out(j, d, e) < 0)
        return -1;
    if (j->outcome == ACCOUNT_DONE && j->created && look_again(j, d, e) < 0)
        return -1;
    if (j->outcome == ACCOUNT_DONE && j->s->own)
        return join_own_restore(j, d, e);
    if (j->outcome != ACCOUNT_DONE || !j->created)
        return 0;
    if (account_delete(d, j->id.dn, false, e) < 0)
        return -1;
    deleted_remember(j->s);
    report_undone(j->s->r, STEP_ACCOUNT, N_("deleted: {1}"), j->id.dn, NULL);
    j->outcome = ACCOUNT_NOT_DONE;
    return 0;
}

static int undo_account(struct join *j, struct err *e)
{
    give_back_link(j);
    return undo_over_link(j->s, undo_over, j, e);
}

static void say_what_stays(struct join *j, struct engine_msg *done, const char *left)
{
    const char *dn = j->id.dn ? j->id.dn : txn_fact(j->txn, TXN_OBJECT_DN);
    done->u.done.directory_changed = true;
    err_fact(&done->u.done.err, FACT_OBJECT, "%s", dn ? dn : j->s->names.account);
    err_fact(&done->u.done.err, FACT_LEFT, "%s", left);
}

/* The account could not be taken back, or nobody knows what became of it: the journal with the
 * staged password stays, so that a recovery can go forward without asking anybody, or go back when
 * the account was never made. */
static void keep_for_recovery(struct join *j, struct engine_msg *done, const struct err *why)
{
    log_error("undo: %s: %s", code_symbol(why->code), why->raw);
    say_what_stays(j, done,
                   N_("Run 'joinery --recover' when the controller can be reached: it finishes the "
                      "join, or takes it "
                      "back if the account was never made."));
}

/* Was this machine a member with this very account before? */
static bool was_member(struct join *j)
{
    struct membership m;
    struct err ignored = {0};
    char guid[GUID_TEXT_MAX];
    guid_to_text(j->id.guid, guid);
    bool was = membership_load(j->s->target, &m, &ignored) == 0 && m.state == MEMBER_DOMAIN &&
               str_ieq(m.rec.guid, guid) && str_ieq(m.rec.computer, j->s->names.netbios);
    membership_free(&m);
    return was;
}

/* The keytab as it was before, and the keys of the password that cannot be put back. */
static int give_new_keys(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct host_meta meta;
    AUTOFREE char *real = NULL;
    buf_free(&j->m.keytab);
    if (!j->m.salt)
        j->m.salt = kerb_machine_salt(s->realm, s->names.account);
    if (host_stat(s->target, HOST_KEYTAB, &meta, e) < 0 ||
        machine_make_keytab(s, &j->m, &j->password, j->id.kvno, e) < 0 ||
        host_resolve(s->target, HOST_KEYTAB, &real, e) < 0)
        return -1;
    if (meta.kind != HOST_FILE)
        meta = host_meta_own(0600);
    return host_replace(s->target, real, &meta, j->m.keytab.data, j->m.keytab.len, e);
}

/* A password was set that cannot be put back. A machine that was a member goes on with it. */
static void go_on_with_it(struct join *j, bool files_back, struct engine_msg *done)
{
    struct err e = {0};
    const char *left = N_("The account's password was changed and cannot be put back.");
    if (files_back && was_member(j)) {
        if (give_new_keys(j, &e) == 0)
            left = N_("The account has a new password, and so has the keytab: this machine stays "
                      "the member that it was.");
        else
            log_error("undo: the new keys: %s: %s", code_symbol(e.code), e.raw);
    }
    say_what_stays(j, done, left);
}

void join_undo(struct join *j, struct engine_msg *done)
{
    struct err e = {0};
    bool stays, back = true;
    if (!j->txn)
        return;
    if (txn_state(j->txn) == TXN_COMMITTING) { /* decided: now it can only be finished */
        done->u.done.directory_changed = true;
        err_fact(&done->u.done.err, FACT_LEFT, "joinery --recover");
        return;
    }
    if (j->outcome != ACCOUNT_NOT_DONE && undo_account(j, &e) < 0) {
        keep_for_recovery(j, done, &e);
        return;
    }
    stays = j->outcome == ACCOUNT_DONE;
    if (!stays && j->settled) {
        say_what_stays(j, done,
                       N_("The account keeps the host name and service names that were "
                          "written; that does no harm."));
    }
    struct err f = {0};
    /* A recovery need not ask the controller about it. */
    if (!stays && (txn_fact(j->txn, TXN_ADD_SENT) || txn_fact(j->txn, TXN_RESET_SENT)))
        (void)!txn_note(j->txn, NOTE_DIRECTORY_CLEAN, "1", &f);
    err_reset(&f);
    if (txn_rollback(j->txn, &f) < 0) {
        err_fact(&done->u.done.err, FACT_LEFT, "joinery --recover");
        log_error("undo of the files: %s: %s", code_symbol(f.code), f.raw);
        back = false;
    } else if (j->switched) {
        report_undone(j->s->r, STEP_CONFIGURE, N_("the files are as they were"), NULL);
    }
    if (stays)
        go_on_with_it(j, back, done);
    if (j->commands_run)
        hostplan_unrun(j->s->target, j->old_hostname);
    done->u.done.undone = back && !stays;
}
