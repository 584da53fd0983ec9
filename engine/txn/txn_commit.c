/* The way forward to the end; each action can be repeated after a crash. */
#include <string.h>

#include "engine/txn/txn_int.h"

int txn_commit(struct txn *t, const struct enroll_record *rec, struct err *e)
{
    if (t->undoing || (t->n > 0 && !t->switched))
        return err_cause(e, CAUSE_INTERNAL);
    if (!t->committing) {
        if (rec && txn_record_complete(t, rec, e) != 0)
            return -1;
        txn_point("record", 0);
        if (txn_log_mark(t, "commit", rec != NULL, e) != 0)
            return -1;
        t->committing = true;
        t->keep_record = rec != NULL;
        txn_point("commit begun", 0);
    }
    return txn_finish_commit(t, e);
}

static int move_if_there(struct txn *t, const char *from, const char *to, struct err *e)
{
    struct host_meta m;
    if (host_lstat(t->h, from, &m, e) != 0)
        return -1;
    return m.kind == HOST_ABSENT ? 0 : host_rename(t->h, from, to, e);
}

static bool named(const struct enroll_record *r, const char *file)
{
    for (size_t i = 0; i < r->n_files; i++) {
        if (str_eq(r->files[i].backup, file) || str_eq(r->files[i].written, file))
            return true;
    }
    return false;
}

static int keep_backups(struct txn *t, const struct enroll_record *r, struct err *e)
{
    static const char *const what[] = {"old", "new", "orig"};
    if (host_mkdir_p(t->h, TXN_BACKUP, 0700, e) != 0)
        return -1;
    for (size_t i = 0; i < t->n; i++) {
        for (size_t k = 0; k < ARRAY_SIZE(what); k++) {
            AUTOFREE char *from = txn_file(what[k], i);
            AUTOFREE char *to = txn_backup_name(t, what[k], i);
            if (named(r, to) && move_if_there(t, from, to, e) != 0)
                return -1;
        }
        txn_point("backup kept", i);
    }
    return 0;
}

static int drop_unnamed(struct txn *t, const struct enroll_record *r, struct err *e)
{
    struct strv names = {0};
    int rc = host_list(t->h, TXN_BACKUP, &names, e);
    for (size_t i = 0; i < names.n && rc == 0; i++) {
        AUTOFREE char *path = xasprintf("%s/%s", TXN_BACKUP, names.s[i]);
        if (!named(r, path))
            rc = host_remove_wipe(t->h, path, e); /* an old keytab may be among them */
    }
    strv_free(&names);
    return rc;
}

static int place_record(struct txn *t, struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    struct enroll_record r = {0};
    struct buf text = BUF_INIT(TXN_LOG_MAX);
    int rc = host_read(t->h, TXN_NEW_RECORD, &text, e);
    if (rc == 0)
        rc = enroll_record_parse(buf_text(&text), text.len, &r, e);
    if (rc == 0)
        rc = keep_backups(t, &r, e);
    if (rc == 0)
        rc = host_replace(t->h, TXN_RECORD, &own, text.data, text.len, e);
    txn_point("record placed", 0);
    if (rc == 0)
        rc = drop_unnamed(t, &r, e);
    enroll_record_free(&r);
    buf_free(&text);
    return rc;
}

/* Directories that were made for our files go, unless somebody has put something into them. */
static void drop_dirs(struct txn *t)
{
    struct enroll_record r;
    struct err ignored = {0};
    bool present;
    if (enroll_record_load(t->h, &r, &present, &ignored) != 0)
        return;
    for (size_t i = r.dirs.n; i-- > 0;) {
        err_reset(&ignored);
        if (r.dirs.s[i][0] != '/' || host_remove(t->h, r.dirs.s[i], &ignored) != 0)
            continue;
    }
    enroll_record_free(&r);
}

static int drop_record(struct txn *t, struct err *e)
{
    static const struct enroll_record none;
    drop_dirs(t);
    if (host_remove(t->h, TXN_RECORD, e) != 0)
        return -1;
    txn_point("record dropped", 0);
    return drop_unnamed(t, &none, e) != 0 ? -1 : host_remove(t->h, TXN_BACKUP, e);
}

int txn_finish_commit(struct txn *t, struct err *e)
{
    if (!t->committing)
        return err_cause(e, CAUSE_INTERNAL);
    if ((t->keep_record ? place_record(t, e) : drop_record(t, e)) != 0)
        return -1;
    txn_point("commit placed", 0);
    return txn_end_journal(t, e);
}
