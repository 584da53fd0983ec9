/* Undoing a change, finishing a commit, and doing either after a crash. Every step can be repeated:
 * it looks at what is there, not at what was done. */
#include <string.h>

#include "engine/base/log.h"
#include "engine/image/change_int.h"
#include "engine/image/image_int.h"

static int drop(struct host *h, const char *path, unsigned flags, struct err *e)
{
    return flags & IMAGE_FILE_SECRET ? host_remove_wipe(h, path, e) : host_remove(h, path, e);
}

/* Our file gives way to the old one, in one step. A secret one gets a second name first, under
 * which it is wiped afterwards. */
static int put_back(struct host *h, const struct change_item *it, struct err *e)
{
    struct err ignored = {0};
    if (drop(h, it->fresh, it->flags, e) != 0)
        return -1;
    bool kept = (it->flags & IMAGE_FILE_SECRET) && host_link(h, it->path, it->fresh, &ignored) == 0;
    if (host_rename(h, it->backup, it->path, e) != 0)
        return -1;
    image_point("put back");
    return kept ? host_remove_wipe(h, it->fresh, e) : 0;
}

/* Stays when somebody has put something else into it. */
static void remove_parent(struct host *h, const char *path)
{
    struct host_meta m;
    struct err ignored = {0};
    AUTOFREE char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
    if (host_lstat(h, dir, &m, &ignored) == 0 && m.kind == HOST_DIR)
        (void)!host_remove(h, dir, &ignored);
}

static int undo_one(struct host *h, const struct change_item *it, struct err *e)
{
    bool there;
    uint64_t sum;
    if (it->flags & IMAGE_FILE_DIRECT)
        return drop(h, it->path, it->flags, e);
    if (change_sum_file(h, it->path, &there, &sum, e) != 0)
        return -1;
    bool ours = there && sum == it->sum;
    if (!ours && there)
        log_info("image: %s is not what was written", it->path);
    int rc = 0;
    if (ours && !it->had_old)
        rc = drop(h, it->path, it->flags, e);
    else if (it->had_old && host_exists(h, it->backup) && (ours || !there))
        rc = put_back(h, it, e);
    /* The backup is gone by now, or is a second name of the file in place, or older than what
     * somebody else wrote since. */
    if (rc == 0 && it->had_old)
        rc = host_remove(h, it->backup, e);
    if (rc != 0 || drop(h, it->fresh, it->flags, e) != 0)
        return -1;
    if (it->flags & IMAGE_FILE_FOLDER)
        remove_parent(h, it->path);
    return 0;
}

/* The folder goes when nothing else is in it. */
static int end_journal(struct image_change *c, struct err *e)
{
    CLEANUP(strv_free) struct strv names = {0};
    if (host_remove(c->im->host, c->journal, e) != 0)
        return -1;
    image_point("journal gone");
    if (host_list(c->im->host, c->dir, &names, e) != 0)
        return -1;
    return names.n == 0 ? host_remove(c->im->host, c->dir, e) : 0;
}

int change_undo(struct image_change *c, struct err *e)
{
    /* The last file first: it is what made the others count. */
    for (size_t i = c->n; i-- > 0;) {
        if (undo_one(c->im->host, &c->items[i], e) != 0)
            return -1;
        image_point("undone");
    }
    return end_journal(c, e);
}

int change_finish(struct image_change *c, struct err *e)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct change_item *it = &c->items[i];
        if (it->flags & IMAGE_FILE_DIRECT)
            continue;
        if (host_remove(c->im->host, it->backup, e) != 0 ||
            drop(c->im->host, it->fresh, it->flags, e) != 0)
            return -1;
        image_point("backup gone");
    }
    return end_journal(c, e);
}

int change_sweep(struct image_change *c, struct err *e)
{
    CLEANUP(strv_free) struct strv names = {0};
    struct host_meta m;
    if (host_lstat(c->im->host, c->dir, &m, e) != 0)
        return -1;
    if (m.kind != HOST_DIR || host_list(c->im->host, c->dir, &names, e) != 0)
        return e->code ? -1 : 0;
    return names.n == 0 ? host_remove(c->im->host, c->dir, e) : 0;
}

/* What is left of a change whose folder is gone: Windows started, and the script removed it. */
static int sweep_registry(struct image_change *c, struct err *e)
{
    struct change_item it = {0};
    change_item_set(&it, c->im->system, 0, true, 0);
    int rc = host_remove(c->im->host, it.backup, e);
    if (rc == 0)
        rc = host_remove(c->im->host, it.fresh, e);
    change_item_set(&it, NULL, 0, false, 0);
    return rc;
}

static int recover(struct image_change *c, enum image_recovered *ret, struct err *e)
{
    if (!image_interrupted(c->im))
        return sweep_registry(c, e) == 0 ? change_sweep(c, e) : -1;
    if (change_journal_read(c, e) != 0)
        return -1;
    bool finish = c->committing;
    if ((finish ? change_finish(c, e) : change_undo(c, e)) != 0)
        return -1;
    *ret = finish ? IMAGE_FINISHED : IMAGE_UNDONE;
    log_notice("image: an interrupted change was %s", finish ? "finished" : "undone");
    return 0;
}

int image_recover(struct image *im, enum image_recovered *ret, struct err *e)
{
    struct image_change *c = NULL;
    *ret = IMAGE_NOTHING_TO_DO;
    if (change_new(im, &c, e) != 0)
        return -1;
    int rc = recover(c, ret, e);
    image_change_free(c);
    return rc;
}
