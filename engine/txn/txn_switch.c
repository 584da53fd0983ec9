/* Switching over and going back. A waiting file beside its target means: not switched yet. */
#include <errno.h>
#include <string.h>

#include "engine/txn/txn_int.h"

static bool waiting(struct txn *t, const struct txn_entry *en)
{
    struct host_meta m;
    struct err ignored = {0};
    return host_lstat(t->h, en->tmp, &m, &ignored) == 0 && m.kind != HOST_ABSENT;
}

static bool buf_same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

static int changed_meanwhile(const struct txn_entry *en, struct err *e)
{
    err_fact(e, FACT_FILE, "%s", en->real);
    err_fact(e, FACT_DETAIL, "changed by somebody else in the meantime");
    return err_cause(e, CAUSE_FILE_WRITE_FAILED);
}

/* The owner may have edited the file between the staging and now (after a crash that may be days):
 * then our change is made to what is there. */
static int catch_up(struct txn *t, size_t i, struct err *e)
{
    struct txn_entry *en = &t->entries[i];
    AUTOFREE char *old_file = txn_file("old", i);
    AUTOFREE char *new_file = txn_file("new", i);
    struct buf saved, now, ours = BUF_SECRET(HOST_FILE_MAX), merged = BUF_SECRET(HOST_FILE_MAX);
    bool had, has, kept;
    struct host_meta m;
    int rc = txn_slurp(t->h, old_file, &saved, &had, e);
    if (txn_slurp(t->h, en->real, &now, &has, e) != 0)
        rc = -1;
    if (rc == 0 && has && (!had || !buf_same(&saved, &now))) {
        rc = txn_slurp(t->h, new_file, &ours, &kept, e);
        if (rc == 0 && (!kept || !txn_is_text(&now) || !txn_is_text(&saved)))
            rc = changed_meanwhile(en, e);
        if (rc == 0)
            rc = txn_merge(&saved, &ours, &now, &merged, e);
        if (rc == 0)
            rc = host_lstat(t->h, en->tmp, &m, e);
        if (rc == 0)
            rc = host_replace(t->h, en->tmp, &m, merged.data, merged.len, e);
    }
    buf_free(&saved);
    buf_free(&now);
    buf_free(&ours);
    buf_free(&merged);
    return rc;
}

static int switch_one(struct txn *t, size_t i, struct err *e)
{
    struct txn_entry *en = &t->entries[i];
    switch (en->op) {
    case TXN_OP_FILE:
        if (!waiting(t, en))
            return 0;
        return catch_up(t, i, e) != 0 ? -1 : host_rename(t->h, en->tmp, en->real, e);
    case TXN_OP_LINK:
        return waiting(t, en) ? host_rename(t->h, en->tmp, en->real, e) : 0;
    case TXN_OP_REMOVE:
        return en->flags & TXN_FILE_SECRET ? host_remove_wipe(t->h, en->real, e)
                                           : host_remove(t->h, en->real, e);
    case TXN_OP_PROTECT:
        return 0;
    }
    return 0;
}

/* Before the first rename everything must lie ready. */
static int check_ready(struct txn *t, struct err *e)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct txn_entry *en = &t->entries[i];
        if ((en->op == TXN_OP_FILE || en->op == TXN_OP_LINK) && !waiting(t, en)) {
            err_fact(e, FACT_FILE, "%s", en->path);
            err_fact(e, FACT_DETAIL, "its new contents are not there");
            return err_cause(e, CAUSE_FILE_WRITE_FAILED);
        }
    }
    return 0;
}

int txn_switch(struct txn *t, struct err *e)
{
    if (t->committing || t->undoing)
        return err_cause(e, CAUSE_INTERNAL);
    if (!t->switch_begun) {
        if (check_ready(t, e) != 0 || txn_log_mark(t, "switch", false, e) != 0)
            return -1;
        t->switch_begun = true;
        txn_point("switch begun", 0);
    }
    for (size_t i = 0; i < t->n; i++) {
        if (switch_one(t, i, e) != 0)
            return -1;
        txn_point("switched", i);
    }
    if (!t->switched && txn_log_mark(t, "switch", true, e) != 0)
        return -1;
    t->switched = true;
    txn_point("switch done", 0);
    return 0;
}

static int put_link_back(struct txn *t, const struct txn_entry *en, struct err *e)
{
    if (host_remove(t->h, en->tmp, e) != 0 || host_symlink(t->h, en->old_target, en->tmp, e) != 0)
        return -1;
    return host_rename(t->h, en->tmp, en->real, e);
}

/* What goes where our file stands now: the old contents, or the owner's edits since with our lines
 * undone. */
static int restored_text(struct txn *t, size_t i, struct buf *ret, bool *keep, struct err *e)
{
    const struct txn_entry *en = &t->entries[i];
    AUTOFREE char *old_file = txn_file("old", i);
    AUTOFREE char *new_file = txn_file("new", i);
    struct buf saved, ours, now, merged = BUF_SECRET(HOST_FILE_MAX);
    bool had, kept, has;
    int rc = txn_slurp(t->h, old_file, &saved, &had, e);
    if (txn_slurp(t->h, new_file, &ours, &kept, e) != 0)
        rc = -1;
    if (txn_slurp(t->h, en->real, &now, &has, e) != 0)
        rc = -1;
    if (rc == 0 && kept && has && !buf_same(&ours, &now) && !buf_same(&saved, &now) &&
        txn_is_text(&now) && txn_is_text(&saved)) {
        rc = txn_merge(&ours, &saved, &now, &merged, e);
        buf_free(&saved);
        saved = merged;
        had = had || saved.len > 0;
    }
    buf_free(&ours);
    buf_free(&now);
    if (rc != 0)
        buf_free(&saved);
    *ret = saved;
    *keep = had;
    return rc;
}

static int restore_one(struct txn *t, size_t i, struct err *e)
{
    const struct txn_entry *en = &t->entries[i];
    struct buf text;
    bool keep;
    if (en->op != TXN_OP_REMOVE && en->op != TXN_OP_PROTECT && waiting(t, en))
        return 0;
    if (en->old_kind == HOST_LINK)
        return put_link_back(t, en, e);
    if (restored_text(t, i, &text, &keep, e) != 0)
        return -1;
    struct host_meta own = host_meta_own(0644);
    int rc;
    if (keep)
        rc = host_replace(t->h, en->real, en->old_kind == HOST_FILE ? &en->old : &own, text.data,
                          text.len, e);
    else if (en->flags & TXN_FILE_SECRET)
        rc = host_remove_wipe(t->h, en->real, e);
    else
        rc = host_remove(t->h, en->real, e);
    buf_free(&text);
    return rc;
}

static int drop_waiting(struct txn *t, const struct txn_entry *en, struct err *e)
{
    if (en->op == TXN_OP_REMOVE || en->op == TXN_OP_PROTECT)
        return 0;
    return en->flags & TXN_FILE_SECRET ? host_remove_wipe(t->h, en->tmp, e)
                                       : host_remove(t->h, en->tmp, e);
}

int txn_rollback(struct txn *t, struct err *e)
{
    struct err ignored = {0};
    if (t->committing)
        return err_cause(e, CAUSE_INTERNAL);
    /* Before the switch, going back only removes: a full disk must not stand in its way. */
    if (!t->undoing && txn_log_mark(t, "undo", true, t->switch_begun ? e : &ignored) != 0 &&
        t->switch_begun)
        return -1;
    t->undoing = true;
    txn_point("undo begun", 0);
    /* First all restores, then the waiting files: they are the sign of what was never switched. */
    for (size_t i = t->n; i-- > 0 && t->switch_begun && !t->restored;) {
        if (restore_one(t, i, e) != 0)
            return -1;
        txn_point("restored", i);
    }
    if (t->switch_begun && !t->restored && txn_log_mark(t, "restored", true, e) != 0)
        return -1;
    t->restored = true;
    for (size_t i = t->n; i-- > 0;) {
        if (drop_waiting(t, &t->entries[i], e) != 0)
            return -1;
        txn_point("dropped", i);
    }
    for (size_t i = t->dirs.n; i-- > 0;) {
        err_reset(&ignored);
        if (host_remove(t->h, t->dirs.s[i], &ignored) != 0)
            continue; /* somebody else has put something into it */
    }
    return txn_end_journal(t, e);
}
