/* Preparing changes: journal line first, then the old contents, then the new ones beside their
 * target. */
#include <errno.h>
#include <string.h>

#include "engine/txn/txn_int.h"

struct txn_entry *txn_entry_add(struct txn *t)
{
    t->entries = xrealloc_array(t->entries, t->n + 1, sizeof *t->entries);
    struct txn_entry *en = &t->entries[t->n++];
    memset(en, 0, sizeof *en);
    return en;
}

static struct jsn *entry_json(const struct txn_entry *en)
{
    static const char *const ops[] = {"file", "remove", "link", "protect"};
    struct jsn *o = jsn_object();
    jsn_set_str(o, "stage", ops[en->op]);
    jsn_set_str(o, "path", en->path);
    jsn_set_str(o, "real", en->real);
    jsn_set_str(o, "tmp", en->tmp);
    jsn_set_int(o, "flags", en->flags);
    jsn_set_int(o, "old", en->old_kind);
    jsn_set_int(o, "mode", en->old.mode);
    jsn_set_int(o, "uid", en->old.uid);
    jsn_set_int(o, "gid", en->old.gid);
    jsn_set_str(o, "target", en->old_target);
    return o;
}

/* Makes the directory of `real`, each new one noted first. */
static int make_dirs(struct txn *t, const char *real, struct err *e)
{
    struct host_meta m;
    const char *slash = strrchr(real, '/');
    if (slash == real)
        return 0;
    AUTOFREE char *dir = xstrndup(real, (size_t)(slash - real));
    if (host_stat(t->h, dir, &m, e) != 0)
        return -1;
    if (m.kind == HOST_DIR)
        return 0;
    if (m.kind != HOST_ABSENT)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, ENOTDIR, dir);
    if (make_dirs(t, dir, e) != 0)
        return -1;
    struct jsn *o = jsn_object();
    jsn_set_str(o, "mkdir", dir);
    if (txn_log(t, o, e) != 0)
        return -1;
    strv_add(&t->dirs, dir);
    txn_point("mkdir noted", t->dirs.n);
    if (host_mkdir_p(t->h, dir, 0755, e) != 0)
        return -1;
    txn_point("mkdir", t->dirs.n);
    return 0;
}

static int look_at_old(struct txn *t, struct txn_entry *en, struct err *e)
{
    /* Links are placed and removed themselves; contents go to where the owner's link points. */
    if (en->op == TXN_OP_LINK || en->op == TXN_OP_REMOVE)
        en->real = xstrdup(en->path);
    else if (host_resolve(t->h, en->path, &en->real, e) != 0)
        return -1;
    if (host_lstat(t->h, en->real, &en->old, e) != 0)
        return -1;
    en->old_kind = en->old.kind;
    if (en->old_kind == HOST_LINK)
        return host_readlink(t->h, en->real, &en->old_target, e);
    if (en->old_kind != HOST_FILE && en->old_kind != HOST_ABSENT)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, EISDIR, en->real);
    return 0;
}

static int save_old(struct txn *t, const struct txn_entry *en, struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    struct buf b = BUF_SECRET(HOST_FILE_MAX);
    if (en->old_kind != HOST_FILE)
        return 0;
    AUTOFREE char *file = txn_file("old", t->n - 1);
    int rc = host_read(t->h, en->real, &b, e);
    if (rc == 0)
        rc = host_write_new(t->h, file, &own, NULL, buf_text(&b), b.len, e);
    buf_free(&b);
    return rc;
}

/* On failure the entry stays in the list: its journal line may be on disk, and rollback cleans up
 * by it. */
static int begin_entry(struct txn *t, enum txn_op op, const char *path, unsigned flags,
                       struct txn_entry **ret, struct err *e)
{
    struct txn_entry en = {.op = op, .path = xstrdup(path), .flags = flags};
    int rc = look_at_old(t, &en, e);
    if (rc == 0 && op != TXN_OP_PROTECT)
        rc = make_dirs(t, en.real, e);
    if (rc == 0) {
        const char *slash = strrchr(en.real, '/');
        en.tmp = xasprintf("%.*s/.%s.joinery-new", (int)(slash - en.real), en.real, slash + 1);
        rc = txn_log(t, entry_json(&en), e);
    }
    if (rc != 0) {
        free(en.path);
        free(en.real);
        free(en.tmp);
        free(en.old_target);
        return -1;
    }
    *ret = txn_entry_add(t);
    **ret = en;
    txn_point("stage noted", t->n - 1);
    if (save_old(t, *ret, e) != 0)
        return -1;
    txn_point("stage saved", t->n - 1);
    return 0;
}

int txn_stage_file(struct txn *t, const char *path, const struct host_meta *meta, unsigned flags,
                   const void *data, size_t len, struct err *e)
{
    struct host_meta want = host_meta_own(0644), own = host_meta_own(0600);
    struct txn_entry *en;
    if (begin_entry(t, TXN_OP_FILE, path, flags, &en, e) != 0)
        return -1;
    if (meta)
        want = *meta;
    else if (en->old_kind == HOST_FILE)
        want = en->old;
    if (!(flags & TXN_FILE_SECRET)) {
        AUTOFREE char *file = txn_file("new", t->n - 1);
        if (host_write_new(t->h, file, &own, NULL, data, len, e) != 0)
            return -1;
        txn_point("stage kept", t->n - 1);
    }
    /* Staged before, by an operation that is being recovered. */
    int rc = flags & TXN_FILE_SECRET ? host_remove_wipe(t->h, en->tmp, e)
                                     : host_remove(t->h, en->tmp, e);
    if (rc != 0 || host_write_new(t->h, en->tmp, &want, en->old_kind == HOST_FILE ? en->real : NULL,
                                  data, len, e) != 0)
        return -1;
    txn_point("staged", t->n - 1);
    return 0;
}

int txn_stage_remove(struct txn *t, const char *path, unsigned flags, struct err *e)
{
    struct txn_entry *en;
    return begin_entry(t, TXN_OP_REMOVE, path, flags, &en, e);
}

int txn_stage_symlink(struct txn *t, const char *path, const char *target, struct err *e)
{
    struct txn_entry *en;
    if (begin_entry(t, TXN_OP_LINK, path, 0, &en, e) != 0)
        return -1;
    if (host_remove(t->h, en->tmp, e) != 0 || host_symlink(t->h, target, en->tmp, e) != 0)
        return -1;
    txn_point("staged", t->n - 1);
    return 0;
}

int txn_protect(struct txn *t, const char *path, struct err *e)
{
    struct txn_entry *en;
    return begin_entry(t, TXN_OP_PROTECT, path, 0, &en, e);
}

int txn_protect_secret(struct txn *t, const char *path, struct err *e)
{
    struct txn_entry *en;
    return begin_entry(t, TXN_OP_PROTECT, path, TXN_FILE_SECRET | TXN_FILE_EXTRA, &en, e);
}
