/* The real host: everything relative to a root directory's descriptor. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/host/host_linux.h"
#include "engine/host/host_path.h"

#define LOCK_TRIES 100
#define LIST_MAX   20000

static int read_op(struct host *h, const char *path, struct buf *ret, struct err *e)
{
    struct stat st;
    /* O_NONBLOCK: a pipe in the place of a file must not hold us up. */
    int fd = host_path_open(host_rootfd(h), path, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    int no = fstat(fd, &st) != 0   ? errno
             : S_ISDIR(st.st_mode) ? EISDIR
             : S_ISREG(st.st_mode) ? 0
                                   : EINVAL;
    unsigned char chunk[16384];
    while (no == 0) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            no = n < 0 ? errno : 0;
            break;
        }
        buf_put(ret, chunk, (size_t)n);
        if (ret->failed)
            no = EFBIG;
    }
    if (ret->secret)
        explicit_bzero(chunk, sizeof chunk);
    close(fd);
    return no == 0 ? 0 : err_errno(e, CAUSE_FILE_READ_FAILED, no, path);
}

static enum host_kind kind_of(mode_t mode)
{
    return S_ISREG(mode)   ? HOST_FILE
           : S_ISDIR(mode) ? HOST_DIR
           : S_ISLNK(mode) ? HOST_LINK
                           : HOST_OTHER;
}

static int stat_op(struct host *h, const char *path, bool follow, struct host_meta *ret,
                   struct err *e)
{
    struct stat st;
    int fd = host_path_open(host_rootfd(h), path, O_PATH | (follow ? 0 : O_NOFOLLOW));
    *ret = (struct host_meta){.kind = HOST_ABSENT};
    if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    if (fd < 0 || fstat(fd, &st) != 0) {
        int no = errno;
        if (fd >= 0)
            close(fd);
        return err_errno(e, CAUSE_FILE_READ_FAILED, no, path);
    }
    close(fd);
    *ret = (struct host_meta){
        .kind = kind_of(st.st_mode),
        .mode = st.st_mode & 07777,
        .uid = st.st_uid,
        .gid = st.st_gid,
        .size = st.st_size > 0 ? (uint64_t)st.st_size : 0,
        .mtime = st.st_mtime,
    };
    return 0;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_op(struct host *h, const char *dir, struct strv *ret, struct err *e)
{
    int fd = host_path_open(host_rootfd(h), dir, O_RDONLY | O_DIRECTORY);
    if (fd < 0)
        return errno == ENOENT ? 0 : err_errno(e, CAUSE_FILE_READ_FAILED, errno, dir);
    DIR *d = fdopendir(fd);
    if (!d) {
        int no = errno;
        close(fd);
        return err_errno(e, CAUSE_FILE_READ_FAILED, no, dir);
    }
    const struct dirent *ent;
    while (ret->n < LIST_MAX && (ent = readdir(d))) {
        if (strcmp(ent->d_name, ".") != 0 && strcmp(ent->d_name, "..") != 0)
            strv_add(ret, ent->d_name);
    }
    closedir(d);
    if (ret->n > 1)
        qsort(ret->s, ret->n, sizeof *ret->s, by_name);
    return 0;
}

static int readlink_op(struct host *h, const char *path, char **ret, struct err *e)
{
    char target[PATH_MAX];
    const char *base;
    int dir = host_path_parent(host_rootfd(h), path, &base);
    ssize_t n = dir < 0 ? -1 : readlinkat(dir, base, target, sizeof target);
    int no = n == (ssize_t)sizeof target ? ENAMETOOLONG : errno;
    if (dir >= 0)
        close(dir);
    if (n < 0 || n == (ssize_t)sizeof target)
        return err_errno(e, CAUSE_FILE_READ_FAILED, no, path);
    *ret = xstrndup(target, (size_t)n);
    return 0;
}

static int symlink_op(struct host *h, const char *target, const char *path, struct err *e)
{
    const char *base;
    int dir = host_path_parent(host_rootfd(h), path, &base);
    int rc = dir < 0 || symlinkat(target, dir, base) != 0 || fsync(dir) != 0 ? -1 : 0;
    int no = errno;
    if (dir >= 0)
        close(dir);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, path);
}

static int open_op(struct host *h, const char *path, int *ret_fd, struct err *e)
{
    *ret_fd = host_path_open(host_rootfd(h), path, O_RDONLY | O_NONBLOCK);
    return *ret_fd >= 0 ? 0 : err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
}

static int rename_op(struct host *h, const char *from, const char *to, struct err *e)
{
    const char *a, *b;
    int src = host_path_parent(host_rootfd(h), from, &a);
    if (src < 0)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, from);
    int dst = host_path_parent(host_rootfd(h), to, &b);
    int rc = dst < 0 || renameat(src, a, dst, b) != 0 || fsync(dst) != 0 ? -1 : 0;
    int no = errno;
    close(src);
    if (dst >= 0)
        close(dst);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, to);
}

static int mkdir_op(struct host *h, const char *path, mode_t mode, struct err *e)
{
    const char *base;
    int dir = host_path_parent(host_rootfd(h), path, &base);
    int rc = dir < 0 ? -1 : mkdirat(dir, base, mode);
    int no = errno;
    /* The mode again, because the umask had its say. */
    if (rc == 0) {
        int fd = openat(dir, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        rc = fd < 0 || fchmod(fd, mode) != 0 || fsync(dir) != 0 ? -1 : 0;
        no = errno;
        if (fd >= 0)
            close(fd);
    }
    if (dir >= 0)
        close(dir);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, path);
}

static int sethostname_op(struct host *h, const char *name, struct err *e)
{
    if (!h->live) {
        err_fact(e, FACT_DETAIL, "the host name of another root cannot be set");
        return err_cause(e, CAUSE_INTERNAL);
    }
    if (sethostname(name, strlen(name)) != 0)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, "/proc/sys/kernel/hostname");
    return 0;
}

static int lock_error(int no, struct err *e)
{
    if (no != EWOULDBLOCK)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, no, HOST_LOCK_FILE);
    err_fact(e, FACT_FILE, "%s", HOST_LOCK_FILE);
    return err_cause(e, CAUSE_LOCK_HELD);
}

/* The descriptor, or -1 with errno; ENOENT when the holder took the file or its directory away
 * while it was opened. */
static int lock_once(struct host *h)
{
    const char *base;
    struct stat st;
    int dir = host_path_parent(host_rootfd(h), HOST_LOCK_FILE, &base);
    int fd = dir < 0 ? -1 : openat(dir, base, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int no = errno;
    if (dir >= 0)
        close(dir);
    if (fd < 0) {
        errno = no;
        return -1;
    }
    /* flock belongs to the open file: a second thread opens its own and is refused as well. */
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &st) == 0) {
        if (st.st_nlink > 0)
            return fd;
        errno = ENOENT;
    }
    no = errno;
    close(fd);
    errno = no;
    return -1;
}

static int lock_op(struct host *h, int *ret_fd, struct err *e)
{
    int fd = -1, no = ENOENT;
    for (int i = 0; i < LOCK_TRIES && fd < 0 && no == ENOENT; i++) {
        if (host_mkdir_p(h, HOST_LOCK_DIR, 0700, e) != 0)
            return -1;
        fd = lock_once(h);
        no = errno;
    }
    if (fd < 0)
        return lock_error(no, e);
    *ret_fd = fd;
    return 0;
}

static int64_t now_op(struct host *h UNUSED)
{
    return (int64_t)time(NULL);
}

static void close_op(struct host *h)
{
    close(host_rootfd(h));
    free(h);
}

static const struct host_ops linux_ops = {
    .read = read_op,
    .stat = stat_op,
    .list = list_op,
    .readlink = readlink_op,
    .write_new = host_linux_write_new,
    .symlink = symlink_op,
    .append = host_linux_append,
    .open = open_op,
    .link = host_linux_link,
    .rename = rename_op,
    .remove = host_linux_remove,
    .mkdir = mkdir_op,
    .exec = host_linux_exec,
    .sethostname = sethostname_op,
    .lock = lock_op,
    .mount = host_linux_mount,
    .umount = host_linux_umount,
    .now = now_op,
    .close = close_op,
};

int host_linux_open(const char *root, struct host **ret, struct err *e)
{
    struct stat a, b;
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, root);
    struct host_linux *l = xcalloc(1, sizeof *l);
    l->h.ops = &linux_ops;
    l->h.root = geteuid() == 0;
    /* "/." and the like are the running system too. */
    l->h.live =
        fstat(fd, &a) == 0 && stat("/", &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino;
    l->rootfd = fd;
    *ret = &l->h;
    return 0;
}
