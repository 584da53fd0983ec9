/* What can be said in terms of the host's operations, whatever host it is. */
#define _GNU_SOURCE
#include "engine/host/host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/host/host_path.h"

#define LINKS_MAX 20

void host_close(struct host *h)
{
    if (h)
        h->ops->close(h);
}

int host_read(struct host *h, const char *path, struct buf *ret, struct err *e)
{
    return h->ops->read(h, path, ret, e);
}

int host_read_opt(struct host *h, const char *path, struct buf *ret, bool *present, struct err *e)
{
    struct err mine = {0};
    *present = h->ops->read(h, path, ret, &mine) == 0;
    if (*present || (mine.src == ERR_SRC_ERRNO && mine.lib == ENOENT))
        return 0;
    if (e && !e->code)
        *e = mine;
    return -1;
}

int host_stat(struct host *h, const char *path, struct host_meta *ret, struct err *e)
{
    return h->ops->stat(h, path, true, ret, e);
}

int host_lstat(struct host *h, const char *path, struct host_meta *ret, struct err *e)
{
    return h->ops->stat(h, path, false, ret, e);
}

bool host_exists(struct host *h, const char *path)
{
    struct err e = {0};
    struct host_meta m;
    return host_stat(h, path, &m, &e) == 0 && m.kind != HOST_ABSENT;
}

int host_list(struct host *h, const char *dir, struct strv *ret, struct err *e)
{
    return h->ops->list(h, dir, ret, e);
}

int host_readlink(struct host *h, const char *path, char **ret, struct err *e)
{
    return h->ops->readlink(h, path, ret, e);
}

/* "/etc/a/b" + "../c" -> "/etc/c": links written by people use "..", our paths never do. */
static char *join_link(const char *path, const char *target)
{
    struct strv parts = {0};
    AUTOFREE char *both =
        target[0] == '/' ? xstrdup(target)
                         : xasprintf("%.*s/%s", (int)(strrchr(path, '/') - path), path, target);
    struct strv raw = {0};
    strv_split(&raw, both, "/");
    for (size_t i = 0; i < raw.n; i++) {
        if (strcmp(raw.s[i], ".") == 0)
            continue;
        if (strcmp(raw.s[i], "..") != 0) {
            strv_add(&parts, raw.s[i]);
        } else if (parts.n > 0) {
            free(parts.s[--parts.n]);
            parts.s[parts.n] = NULL;
        }
    }
    struct buf b = BUF_INIT(PATH_MAX);
    for (size_t i = 0; i < parts.n; i++) {
        buf_byte(&b, '/');
        buf_str(&b, parts.s[i]);
    }
    if (parts.n == 0)
        buf_byte(&b, '/');
    strv_free(&raw);
    strv_free(&parts);
    return buf_steal(&b);
}

int host_resolve(struct host *h, const char *path, char **ret, struct err *e)
{
    AUTOFREE char *now = xstrdup(path);
    for (int i = 0; i < LINKS_MAX; i++) {
        struct host_meta m;
        if (host_lstat(h, now, &m, e) != 0)
            return -1;
        if (m.kind != HOST_LINK) {
            *ret = TAKE(now);
            return 0;
        }
        AUTOFREE char *target = NULL;
        if (host_readlink(h, now, &target, e) != 0)
            return -1;
        char *next = join_link(now, target);
        if (!next)
            return err_errno(e, CAUSE_FILE_READ_FAILED, ENAMETOOLONG, path);
        free(now);
        now = next;
    }
    return err_errno(e, CAUSE_FILE_READ_FAILED, ELOOP, path);
}

int host_write_new(struct host *h, const char *path, const struct host_meta *meta,
                   const char *label_from, const void *data, size_t len, struct err *e)
{
    return h->ops->write_new(h, path, meta, label_from, data, len, e);
}

struct host_meta host_meta_own(mode_t mode)
{
    return (struct host_meta){.kind = HOST_FILE, .mode = mode, .uid = geteuid(), .gid = getegid()};
}

int host_replace(struct host *h, const char *path, const struct host_meta *meta, const void *data,
                 size_t len, struct err *e)
{
    AUTOFREE char *real = NULL;
    struct host_meta old, want = host_meta_own(0644);
    if (host_resolve(h, path, &real, e) != 0 || host_lstat(h, real, &old, e) != 0)
        return -1;
    if (old.kind != HOST_ABSENT && old.kind != HOST_FILE)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, EISDIR, path);
    if (meta)
        want = *meta;
    else if (old.kind == HOST_FILE)
        want = old;
    const char *slash = strrchr(real, '/');
    AUTOFREE char *tmp = xasprintf("%.*s/.%s.joinery-tmp", (int)(slash - real), real, slash + 1);
    if (h->ops->remove(h, tmp, false, e) != 0 ||
        h->ops->write_new(h, tmp, &want, old.kind == HOST_FILE ? real : NULL, data, len, e) != 0)
        return -1;
    if (h->ops->rename(h, tmp, real, e) == 0)
        return 0;
    struct err ignored = {0};
    if (h->ops->remove(h, tmp, true, &ignored) != 0)
        err_fact(e, FACT_LEFT, "%s", tmp);
    return -1;
}

int host_symlink(struct host *h, const char *target, const char *path, struct err *e)
{
    return h->ops->symlink(h, target, path, e);
}

int host_append(struct host *h, const char *path, const void *data, size_t len, struct err *e)
{
    return h->ops->append(h, path, data, len, e);
}

int host_open_read(struct host *h, const char *path, int *ret_fd, struct err *e)
{
    return h->ops->open(h, path, ret_fd, e);
}

int host_link(struct host *h, const char *from, const char *to, struct err *e)
{
    return h->ops->link(h, from, to, e);
}

int host_rename(struct host *h, const char *from, const char *to, struct err *e)
{
    return h->ops->rename(h, from, to, e);
}

int host_remove(struct host *h, const char *path, struct err *e)
{
    return h->ops->remove(h, path, false, e);
}

int host_remove_wipe(struct host *h, const char *path, struct err *e)
{
    return h->ops->remove(h, path, true, e);
}

int host_mkdir_p(struct host *h, const char *path, mode_t mode, struct err *e)
{
    struct host_meta m;
    if (!host_path_ok(path))
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, EINVAL, path);
    if (host_stat(h, path, &m, e) != 0)
        return -1;
    if (m.kind == HOST_DIR)
        return 0;
    if (m.kind != HOST_ABSENT)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, ENOTDIR, path);
    const char *slash = strrchr(path, '/');
    if (slash != path) {
        AUTOFREE char *up = xstrndup(path, (size_t)(slash - path));
        if (host_mkdir_p(h, up, 0755, e) != 0)
            return -1;
    }
    struct err mine = {0};
    if (h->ops->mkdir(h, path, mode, &mine) == 0 || mine.lib == EEXIST)
        return 0;
    if (e && !e->code)
        *e = mine;
    return -1;
}

static int remove_tree(struct host *h, const char *dir, int depth, struct err *e)
{
    struct strv names = {0};
    struct host_meta m;
    if (host_lstat(h, dir, &m, e) != 0)
        return -1;
    int rc = 0;
    if (m.kind == HOST_DIR && depth > 0)
        rc = host_list(h, dir, &names, e);
    for (size_t i = 0; i < names.n && rc == 0; i++) {
        AUTOFREE char *sub = xasprintf("%s/%s", dir, names.s[i]);
        rc = remove_tree(h, sub, depth - 1, e);
    }
    strv_free(&names);
    if (rc != 0)
        return -1;
    return m.kind == HOST_FILE ? host_remove_wipe(h, dir, e) : host_remove(h, dir, e);
}

int host_remove_tree(struct host *h, const char *dir, struct err *e)
{
    return remove_tree(h, dir, 3, e);
}

char *host_find_tool(struct host *h, const char *name)
{
    static const char *const dirs[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};
    if (strchr(name, '/'))
        return host_exists(h, name) ? xstrdup(name) : NULL;
    for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
        char *path = xasprintf("%s/%s", dirs[i], name);
        struct host_meta m;
        struct err ignored = {0};
        if (host_stat(h, path, &m, &ignored) == 0 && m.kind == HOST_FILE && (m.mode & 0111))
            return path;
        free(path);
    }
    return NULL;
}

int host_exec(struct host *h, const struct host_cmd *cmd, struct host_result *ret, struct err *e)
{
    *ret = (struct host_result){.ran = HOST_NOT_POSSIBLE, .out = BUF_INIT(HOST_OUTPUT_MAX)};
    return h->ops->exec(h, cmd, ret, e);
}

void host_result_free(struct host_result *r)
{
    buf_free(&r->out);
}

int host_static_hostname(struct host *h, char **ret, struct err *e)
{
    struct buf b = BUF_INIT(4096);
    bool present;
    if (host_read_opt(h, "/etc/hostname", &b, &present, e) != 0) {
        buf_free(&b);
        return -1;
    }
    struct strv lines = {0};
    strv_split(&lines, buf_text(&b), "\r\n");
    size_t i = 0;
    while (i < lines.n && lines.s[i][0] == '#')
        i++;
    *ret = xstrdup(i < lines.n ? lines.s[i] : "");
    strv_free(&lines);
    buf_free(&b);
    return 0;
}

int host_get_hostname(struct host *h, char **ret, struct err *e)
{
    char name[HOST_NAME_MAX + 1];
    if (!h->live)
        return host_static_hostname(h, ret, e);
    if (gethostname(name, sizeof name) != 0)
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, "/proc/sys/kernel/hostname");
    name[sizeof name - 1] = '\0';
    *ret = xstrdup(name);
    return 0;
}

int host_set_hostname(struct host *h, const char *name, struct err *e)
{
    return h->ops->sethostname(h, name, e);
}

int64_t host_now(struct host *h)
{
    return h->ops->now(h);
}

int host_mount(struct host *h, const char *device, const char *fstype, const char *point,
               struct err *e)
{
    return h->ops->mount(h, device, fstype, point, e);
}

int host_umount(struct host *h, const char *point, struct err *e)
{
    return h->ops->umount(h, point, e);
}

int host_lock_take(struct host *h, struct host_lock *ret, struct err *e)
{
    ret->h = h;
    return h->ops->lock(h, &ret->fd, e);
}

void host_unlock(struct host_lock *l)
{
    struct err ignored = {0};
    if (l->fd < 0)
        return;
    /* While it is held: who has opened it meanwhile finds out that it is no longer the one. */
    if (l->h->ops->remove(l->h, HOST_LOCK_FILE, false, &ignored) == 0)
        (void)!l->h->ops->remove(l->h, HOST_LOCK_DIR, false, &ignored);
    close(l->fd);
    l->fd = -1;
}
