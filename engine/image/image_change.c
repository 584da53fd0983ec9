/* Putting files into an image; see image_change.h. Undoing and finishing: image_undo.c. */
#include "engine/image/image_change.h"

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/image/change_int.h"
#include "engine/image/image_int.h"

#define NEW_TAIL ".joinery-new"
#define OLD_TAIL ".joinery-old"

void (*image_test_hook)(const char *point);

void image_point(const char *point)
{
    if (image_test_hook)
        image_test_hook(point);
}

char *image_own_path(const struct image *im, const char *name)
{
    return xasprintf("%s/%s%s%s", im->config, IMAGE_DIR, *name ? "/" : "", name);
}

void change_item_set(struct change_item *it, const char *path, unsigned flags, bool had_old,
                     uint64_t sum)
{
    free(it->path);
    free(it->fresh);
    free(it->backup);
    *it = (struct change_item){0};
    if (!path)
        return;
    *it = (struct change_item){
        .path = xstrdup(path),
        .fresh = xasprintf("%s" NEW_TAIL, path),
        .backup = xasprintf("%s" OLD_TAIL, path),
        .flags = flags,
        .had_old = had_old,
        .sum = sum,
    };
}

/* The lock is on the directory: files are replaced, it stays. */
static int lock(struct image_change *c, struct err *e)
{
    if (host_open_read(c->im->host, c->im->config, &c->lock, e) != 0)
        return -1;
    if (flock(c->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, c->im->config);
    err_fact(e, FACT_FILE, "%s", c->im->config);
    return err_cause(e, CAUSE_LOCK_HELD);
}

int change_new(struct image *im, struct image_change **ret, struct err *e)
{
    struct image_change *c = xcalloc(1, sizeof *c);
    c->im = im;
    c->lock = -1;
    c->dir = image_own_path(im, "");
    c->journal = image_own_path(im, "journal");
    if (lock(c, e) != 0) {
        image_change_free(c);
        return -1;
    }
    *ret = c;
    return 0;
}

void image_change_free(struct image_change *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n; i++)
        change_item_set(&c->items[i], NULL, 0, false, 0);
    if (c->lock >= 0)
        close(c->lock);
    free(c->dir);
    free(c->journal);
    free(c);
}

bool image_interrupted(const struct image *im)
{
    AUTOFREE char *journal = image_own_path(im, "journal");
    return host_exists(im->host, journal);
}

int image_undisturbed(const struct image *im, struct err *e)
{
    struct err ignored = {0};
    int fd;
    if (!image_interrupted(im))
        return 0;
    bool held = host_open_read(im->host, im->config, &fd, &ignored) == 0;
    if (held) {
        held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
        close(fd);
    }
    err_fact(e, FACT_FILE, "%s", im->config);
    return err_cause(e, held ? CAUSE_LOCK_HELD : CAUSE_IMAGE_INTERRUPTED);
}

/* What each file is now, and that it can be dealt with at all. */
static int survey(struct image_change *c, const struct image_file *files, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct host_meta m;
        if (host_lstat(c->im->host, files[i].path, &m, e) != 0)
            return -1;
        bool there = m.kind != HOST_ABSENT;
        if (there && (m.kind != HOST_FILE || (files[i].flags & IMAGE_FILE_DIRECT)))
            return err_errno(e, CAUSE_FILE_WRITE_FAILED, EEXIST, files[i].path);
        if (change_unseen(c->im->host, &files[i], e) != 0)
            return -1;
        change_item_set(&c->items[c->n++], files[i].path, files[i].flags, there,
                        change_sum(files[i].data, files[i].len));
    }
    return 0;
}

static int make_folder(struct image_change *c, struct err *e)
{
    struct host_meta m;
    if (host_lstat(c->im->host, c->dir, &m, e) != 0)
        return -1;
    if (m.kind == HOST_DIR)
        return 0;
    if (m.kind != HOST_ABSENT)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, ENOTDIR, c->dir);
    if (host_mkdir_p(c->im->host, c->dir, 0700, e) != 0)
        return -1;
    return change_attributes(c->im->host, c->im->config, c->dir, true, e);
}

static int make_parent(struct host *h, const char *path, struct err *e)
{
    AUTOFREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    int rc = host_mkdir_p(h, dir, 0755, e);
    image_point("parent");
    return rc;
}

/* Writes one file complete under its first name, and looks at it once more. */
static int write_one(struct image_change *c, const struct change_item *it,
                     const struct image_file *f, struct err *e)
{
    struct host *h = c->im->host;
    bool secret = it->flags & IMAGE_FILE_SECRET, direct = it->flags & IMAGE_FILE_DIRECT;
    bool ours = secret || (it->flags & IMAGE_FILE_SYSTEM);
    const char *like = it->had_old ? it->path : ours ? c->im->system : NULL;
    const char *to = direct ? it->path : it->fresh;
    struct host_meta m = host_meta_own(0644);
    bool there;
    uint64_t sum;
    if ((it->flags & IMAGE_FILE_FOLDER) && make_parent(h, it->path, e) != 0)
        return -1;
    /* Left by a change whose folder Windows has removed meanwhile. */
    if (!direct && (host_remove_wipe(h, it->fresh, e) != 0 || host_remove(h, it->backup, e) != 0))
        return -1;
    if (like && host_stat(h, like, &m, e) != 0)
        return -1;
    if (secret)
        m.mode = 0600;
    if (host_write_new(h, to, &m, like, f->data, f->len, e) != 0 ||
        (like && change_attributes(h, like, to, ours, e) != 0) ||
        change_sum_file(h, to, &there, &sum, e) != 0)
        return -1;
    if (!there || sum != it->sum)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, EIO, to);
    /* NTFS drivers can be told to show every file to everyone; Windows goes by the access list. */
    struct err ignored = {0};
    if (secret && host_stat(h, to, &m, &ignored) == 0 && (m.mode & 077) != 0)
        c->exposed = true;
    return 0;
}

/* The backup is the old file itself under a second name; where the file system has no such thing, a
 * copy. */
static int back_up(struct image_change *c, const struct change_item *it, struct err *e)
{
    struct host *h = c->im->host;
    struct err no = {0};
    struct host_meta m;
    h->unsynced = true; /* the renaming that follows is in the same directory */
    int linked = host_link(h, it->path, it->backup, &no);
    h->unsynced = false;
    if (linked == 0)
        return 0;
    if (no.lib != EPERM && no.lib != EOPNOTSUPP && no.lib != ENOSYS && no.lib != EMLINK) {
        *e = no;
        return -1;
    }
    if (host_stat(h, it->path, &m, e) != 0)
        return -1;
    struct buf b = BUF_SECRET(512u << 20);
    int rc = host_read(h, it->path, &b, e);
    if (rc == 0)
        rc = host_write_new(h, it->backup, &m, it->path, b.data, b.len, e);
    if (rc == 0)
        rc = change_attributes(h, it->path, it->backup, false, e);
    buf_free(&b);
    return rc;
}

static int write_all(struct image_change *c, const struct image_file *files,
                     const struct cancel *cancel, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        if (cancel_check(cancel, e) != 0 || write_one(c, &c->items[i], &files[i], e) != 0)
            return -1;
        image_point("written");
    }
    return cancel_check(cancel, e);
}

static int switch_all(struct image_change *c, const struct image_file *files, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct change_item *it = &c->items[i];
        if (it->flags & IMAGE_FILE_DIRECT)
            continue;
        if (change_unseen(c->im->host, &files[i], e) != 0 ||
            (it->had_old && back_up(c, it, e) != 0))
            return -1;
        image_point("backup");
        if (host_rename(c->im->host, it->fresh, it->path, e) != 0)
            return -1;
        image_point("switched");
    }
    return 0;
}

static int begin(struct image_change *c, struct err *e)
{
    if (make_folder(c, e) != 0)
        return -1;
    image_point("folder");
    if (change_journal_write(c, e) != 0)
        return -1;
    image_point("journal");
    return 0;
}

static int put(struct image_change *c, const struct image_file *files, size_t n,
               const struct cancel *cancel, struct err *e)
{
    if (image_interrupted(c->im)) {
        err_fact(e, FACT_FILE, "%s", c->journal);
        return err_cause(e, CAUSE_IMAGE_INTERRUPTED);
    }
    if (survey(c, files, n, e) != 0)
        return -1;
    struct err again = {0};
    if (begin(c, e) != 0) {
        if (change_sweep(c, &again) != 0)
            err_fact(e, FACT_LEFT, "%s", c->dir);
        return -1;
    }
    if (write_all(c, files, cancel, e) == 0 && switch_all(c, files, e) == 0)
        return 0;
    if (change_undo(c, &again) != 0)
        err_fact(e, FACT_LEFT, "%s", c->dir);
    return -1;
}

int image_put(struct image *im, const struct image_file *files, size_t n,
              const struct cancel *cancel, struct image_change **ret, struct err *e)
{
    struct image_change *c = NULL;
    if (n == 0 || n > IMAGE_FILES_MAX)
        return err_cause(e, CAUSE_INTERNAL);
    if (change_new(im, &c, e) != 0)
        return -1;
    if (put(c, files, n, cancel, e) != 0) {
        image_change_free(c);
        return -1;
    }
    *ret = c;
    return 0;
}

bool image_exposed(const struct image_change *c)
{
    return c->exposed;
}

int image_commit(struct image_change *c, struct err *e)
{
    if (change_journal_commit(c, e) != 0)
        return -1;
    image_point("commit");
    /* What a crash brings back of these is removed by the next recovery. */
    c->im->host->unsynced = true;
    int rc = change_finish(c, e);
    c->im->host->unsynced = false;
    return rc;
}

int image_undo(struct image_change *c, struct err *e)
{
    return c->committing ? err_cause(e, CAUSE_INTERNAL) : change_undo(c, e);
}
