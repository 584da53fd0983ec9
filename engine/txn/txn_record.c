/* From the staged entries to the record's list of files. */
#include <string.h>

#include "engine/crypto/crypto.h"
#include "engine/txn/txn_int.h"

char *txn_backup_name(const struct txn *t, const char *what, size_t n)
{
    return xasprintf("%s/%s-%zu.%s", TXN_BACKUP, t->id, n, what);
}

static int own_write(struct txn *t, const char *path, const void *data, size_t len, struct err *e)
{
    struct host_meta own = host_meta_own(0600);
    return host_replace(t->h, path, &own, data, len, e);
}

/* An earlier join had changed this file already: the state before that one counts. Where the owner
 * edited it since, the edits are carried into the backup. Sets f->backup; what is to be saved
 * stands in orig.N then (old.N is still needed for going back). */
static int older_backup(struct txn *t, size_t i, const struct enroll_file *was,
                        struct enroll_file *f, struct err *e)
{
    AUTOFREE char *old_file = txn_file("old", i);
    AUTOFREE char *orig_file = txn_file("orig", i);
    struct buf wrote = BUF_SECRET(HOST_FILE_MAX), first = BUF_SECRET(HOST_FILE_MAX), now, merged;
    bool a = false, b = false, c;
    char sum[CRYPTO_SHA256_HEX];
    merged = BUF_SECRET(HOST_FILE_MAX);
    /* Permissions that the owner gave meanwhile are the ones to go back to. */
    bool owners = was->new_mode && t->entries[i].old_kind == HOST_FILE &&
                  t->entries[i].old.mode != was->new_mode;
    f->mode = owners ? t->entries[i].old.mode : was->mode;
    f->uid = was->uid;
    f->gid = was->gid;
    int rc = txn_slurp(t->h, old_file, &now, &c, e);
    crypto_sha256_hex(now.data, now.len, sum);
    bool touched =
        rc == 0 && c && was->kind == ENROLL_FILE && was->written && strcmp(sum, was->sha256) != 0;
    if (touched)
        rc = txn_slurp(t->h, was->written, &wrote, &a, e);
    if (rc == 0 && touched && was->backup)
        rc = txn_slurp(t->h, was->backup, &first, &b, e);
    buf_put(&first, "", 0);
    if (rc == 0 && touched && a && txn_is_text(&wrote) && txn_is_text(&first) &&
        txn_is_text(&now)) {
        rc = txn_merge(&wrote, &first, &now, &merged, e);
        if (rc == 0 && (b || merged.len))
            rc = own_write(t, orig_file, merged.data, merged.len, e);
        if (b || merged.len)
            f->backup = txn_backup_name(t, "orig", i);
    } else if (rc == 0 && was->backup) {
        f->backup = xstrdup(was->backup);
    }
    buf_free(&now);
    buf_free(&wrote);
    buf_free(&first);
    buf_free(&merged);
    return rc;
}

/* What stands there now is what we (or the distribution's tool) wrote; kept as new.N for the merge
 * on leave. */
static int look_at_new(struct txn *t, size_t i, struct enroll_file *f, struct err *e)
{
    struct buf now;
    bool has;
    char sum[CRYPTO_SHA256_HEX] = "";
    AUTOFREE char *file = txn_file("new", i);
    if (f->kind == ENROLL_LINK) {
        struct err ignored = {0};
        f->sha256 = xstrdup("");
        (void)!host_readlink(t->h, f->path, &f->target, &ignored);
        return 0;
    }
    struct host_meta m;
    int rc = host_lstat(t->h, t->entries[i].real, &m, e);
    if (rc == 0 && m.kind == HOST_FILE)
        f->new_mode = m.mode;
    if (rc != 0 || txn_slurp(t->h, t->entries[i].real, &now, &has, e) != 0) {
        f->sha256 = xstrdup("");
        return -1;
    }
    if (rc == 0 && has)
        crypto_sha256_hex(now.data, now.len, sum);
    f->sha256 = xstrdup(sum);
    if (rc == 0 && has && f->kind == ENROLL_FILE) {
        rc = own_write(t, file, now.data, now.len, e);
        f->written = txn_backup_name(t, "new", i);
    }
    buf_free(&now);
    return rc;
}

static int describe(struct txn *t, size_t i, const struct enroll_record *before,
                    struct enroll_file *f, struct err *e)
{
    const struct txn_entry *en = &t->entries[i];
    const struct enroll_file *was = enroll_record_file(before, en->path);
    *f = (struct enroll_file){
        .kind = en->op == TXN_OP_LINK         ? ENROLL_LINK
                : en->flags & TXN_FILE_SECRET ? ENROLL_SECRET
                                              : ENROLL_FILE,
        .path = xstrdup(en->path),
        .mode = en->old_kind == HOST_FILE ? en->old.mode : 0644,
        .uid = en->old.uid,
        .gid = en->old.gid,
    };
    if (look_at_new(t, i, f, e) != 0)
        return -1;
    if (was)
        return older_backup(t, i, was, f, e);
    if (en->old_kind == HOST_FILE)
        f->backup = txn_backup_name(t, "old", i);
    return 0;
}

static struct enroll_file copy_file(const struct enroll_file *f)
{
    struct enroll_file c = *f;
    c.path = xstrdup(f->path);
    c.sha256 = xstrdup(f->sha256);
    c.written = f->written ? xstrdup(f->written) : NULL;
    c.backup = f->backup ? xstrdup(f->backup) : NULL;
    c.target = f->target ? xstrdup(f->target) : NULL;
    return c;
}

static bool staged(const struct txn *t, const char *path)
{
    for (size_t i = 0; i < t->n; i++) {
        if (strcmp(t->entries[i].path, path) == 0)
            return true;
    }
    return false;
}

/* Staged again by a recovery: the first time saw the file as it was. */
static bool staged_before(const struct txn *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(t->entries[i].path, t->entries[n].path) == 0)
            return true;
    }
    return false;
}

/* Keys of a name that the machine had before a rename or a second join may still be in the keytab.
 */
static void add_former(const struct enroll_record *before, struct enroll_record *after)
{
    AUTOFREE char *was = xasprintf("%s %s %s", before->computer, before->fqdn, before->realm);
    AUTOFREE char *is = xasprintf("%s %s %s", after->computer ? after->computer : "",
                                  after->fqdn ? after->fqdn : "", after->realm ? after->realm : "");
    after->former = (struct strv){0};
    strv_copy(&after->former, &before->former);
    if (*before->computer && !str_eq(was, is) && !strv_has(&after->former, was))
        strv_add(&after->former, was);
}

int txn_record_complete(struct txn *t, const struct enroll_record *rec, struct err *e)
{
    struct enroll_record before, after = *rec, files = {0};
    bool had;
    if (enroll_record_load(t->h, &before, &had, e) != 0)
        return -1;
    files.files = xcalloc(t->n + before.n_files, sizeof *files.files);
    int rc = 0;
    for (size_t i = 0; i < before.n_files; i++) {
        if (!staged(t, before.files[i].path))
            files.files[files.n_files++] = copy_file(&before.files[i]);
    }
    for (size_t i = 0; i < t->n && rc == 0; i++) {
        if (!(t->entries[i].flags & TXN_FILE_EXTRA) && !staged_before(t, i))
            rc = describe(t, i, &before, &files.files[files.n_files++], e);
    }
    if (rc == 0) {
        after.files = files.files;
        after.n_files = files.n_files;
        if (had && (!after.old_hostname || !*after.old_hostname))
            after.old_hostname = before.old_hostname;
        after.dirs = (struct strv){0};
        strv_copy(&after.dirs, &before.dirs);
        strv_copy(&after.dirs, &t->dirs);
        if (had)
            add_former(&before, &after);
        AUTOFREE char *text = enroll_record_text(&after);
        strv_free(&after.dirs);
        if (had)
            strv_free(&after.former);
        rc = own_write(t, TXN_NEW_RECORD, text, strlen(text), e);
    }
    enroll_record_free(&files);
    enroll_record_free(&before);
    return rc;
}
