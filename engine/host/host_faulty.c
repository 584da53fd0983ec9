/* A host whose Nth changing call fails: for tests of what is left behind. */
#include <errno.h>

#include "engine/host/host.h"

struct faulty {
    struct host h; /* first */
    struct host *inner;
    unsigned calls, fail_at;
    int no;
};

static struct faulty *self(struct host *h)
{
    return (struct faulty *)h;
}

static bool fails(struct host *h, const char *path, struct err *e)
{
    struct faulty *f = self(h);
    if (++f->calls != f->fail_at)
        return false;
    err_errno(e, CAUSE_FILE_WRITE_FAILED, f->no, path);
    return true;
}

static int f_read(struct host *h, const char *path, struct buf *ret, struct err *e)
{
    return self(h)->inner->ops->read(self(h)->inner, path, ret, e);
}

static int f_stat(struct host *h, const char *path, bool follow, struct host_meta *ret,
                  struct err *e)
{
    return self(h)->inner->ops->stat(self(h)->inner, path, follow, ret, e);
}

static int f_list(struct host *h, const char *dir, struct strv *ret, struct err *e)
{
    return self(h)->inner->ops->list(self(h)->inner, dir, ret, e);
}

static int f_readlink(struct host *h, const char *path, char **ret, struct err *e)
{
    return self(h)->inner->ops->readlink(self(h)->inner, path, ret, e);
}

static int f_write_new(struct host *h, const char *path, const struct host_meta *m,
                       const char *label, const void *data, size_t len, struct err *e)
{
    if (fails(h, path, e))
        return -1;
    return self(h)->inner->ops->write_new(self(h)->inner, path, m, label, data, len, e);
}

static int f_symlink(struct host *h, const char *target, const char *path, struct err *e)
{
    return fails(h, path, e) ? -1 : self(h)->inner->ops->symlink(self(h)->inner, target, path, e);
}

static int f_append(struct host *h, const char *path, const void *data, size_t len, struct err *e)
{
    return fails(h, path, e) ? -1 : self(h)->inner->ops->append(self(h)->inner, path, data, len, e);
}

static int f_open(struct host *h, const char *path, int *ret_fd, struct err *e)
{
    return self(h)->inner->ops->open(self(h)->inner, path, ret_fd, e);
}

static int f_link(struct host *h, const char *from, const char *to, struct err *e)
{
    return fails(h, to, e) ? -1 : self(h)->inner->ops->link(self(h)->inner, from, to, e);
}

static int f_rename(struct host *h, const char *from, const char *to, struct err *e)
{
    return fails(h, to, e) ? -1 : self(h)->inner->ops->rename(self(h)->inner, from, to, e);
}

static int f_remove(struct host *h, const char *path, bool wipe, struct err *e)
{
    return fails(h, path, e) ? -1 : self(h)->inner->ops->remove(self(h)->inner, path, wipe, e);
}

static int f_mkdir(struct host *h, const char *path, mode_t mode, struct err *e)
{
    return fails(h, path, e) ? -1 : self(h)->inner->ops->mkdir(self(h)->inner, path, mode, e);
}

static int f_exec(struct host *h, const struct host_cmd *cmd, struct host_result *ret,
                  struct err *e)
{
    return fails(h, cmd->argv[0], e) ? -1 : self(h)->inner->ops->exec(self(h)->inner, cmd, ret, e);
}

static int f_sethostname(struct host *h, const char *name, struct err *e)
{
    return fails(h, name, e) ? -1 : self(h)->inner->ops->sethostname(self(h)->inner, name, e);
}

static int f_lock(struct host *h, int *ret_fd, struct err *e)
{
    return self(h)->inner->ops->lock(self(h)->inner, ret_fd, e);
}

static int f_mount(struct host *h, const char *device, const char *fstype, const char *point,
                   struct err *e)
{
    return self(h)->inner->ops->mount(self(h)->inner, device, fstype, point, e);
}

static int f_umount(struct host *h, const char *point, struct err *e)
{
    return self(h)->inner->ops->umount(self(h)->inner, point, e);
}

static int64_t f_now(struct host *h)
{
    return self(h)->inner->ops->now(self(h)->inner);
}

static void f_close(struct host *h)
{
    free(h);
}

static const struct host_ops faulty_ops = {
    .read = f_read,
    .stat = f_stat,
    .list = f_list,
    .readlink = f_readlink,
    .write_new = f_write_new,
    .symlink = f_symlink,
    .append = f_append,
    .open = f_open,
    .link = f_link,
    .rename = f_rename,
    .remove = f_remove,
    .mkdir = f_mkdir,
    .exec = f_exec,
    .sethostname = f_sethostname,
    .lock = f_lock,
    .mount = f_mount,
    .umount = f_umount,
    .now = f_now,
    .close = f_close,
};

struct host *host_faulty(struct host *inner, unsigned fail_at, int no)
{
    struct faulty *f = xcalloc(1, sizeof *f);
    f->h = (struct host){.ops = &faulty_ops, .live = inner->live, .root = inner->root};
    f->inner = inner;
    f->fail_at = fail_at;
    f->no = no;
    return &f->h;
}

unsigned host_faulty_calls(const struct host *h)
{
    return ((const struct faulty *)h)->calls;
}
