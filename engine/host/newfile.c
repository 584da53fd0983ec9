#define _GNU_SOURCE
#include "engine/host/newfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/strv.h"

#define MODE 0600

static int open_dir(const char *path, char **name)
{
    const char *slash = strrchr(path, '/');
    AUTOFREE char *dir = !slash          ? xstrdup(".")
                         : slash == path ? xstrdup("/")
                                         : xstrndup(path, (size_t)(slash - path));
    *name = xstrdup(slash ? slash + 1 : path);
    if (!**name || str_eq(*name, ".") || str_eq(*name, "..")) {
        errno = EISDIR;
        return -1;
    }
    return open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* What stands there now. */
static int check_place(const struct newfile *f)
{
    struct stat st;
    if (fstatat(f->dir, f->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : -1;
    errno = S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
    return f->replace && !S_ISDIR(st.st_mode) ? 0 : -1;
}

/* The file under that name is still the one that was opened. */
static bool same_file(const struct newfile *f)
{
    struct stat a, b;
    return fstat(f->fd, &a) == 0 && fstatat(f->dir, f->temp, &b, AT_SYMLINK_NOFOLLOW) == 0 &&
           a.st_dev == b.st_dev && a.st_ino == b.st_ino && S_ISREG(a.st_mode) &&
           a.st_uid == geteuid() && a.st_nlink == 1;
}

static void wipe(int fd)
{
    static const unsigned char zero[4096];
    struct stat st;
    if (fstat(fd, &st) != 0)
        return;
    for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zero) {
        size_t n =
            (size_t)(st.st_size - at) < sizeof zero ? (size_t)(st.st_size - at) : sizeof zero;
        if (pwrite(fd, zero, n, at) < 0)
            return;
    }
    (void)!fsync(fd);
}

static int create(struct newfile *f)
{
    const int how = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    f->fd = openat(f->dir, f->temp, how, MODE);
    if (f->fd < 0)
        return -1;
    if (flock(f->fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return 0;
    close(f->fd);
    f->fd = -1;
    errno = EBUSY;
    return -1;
}

/* A lock tells a file that is being written from one that a killed process left. */
static int remove_left(struct newfile *f)
{
    f->fd = openat(f->dir, f->temp, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    bool left = f->fd >= 0 && flock(f->fd, LOCK_EX | LOCK_NB) == 0 && same_file(f);
    if (left) {
        wipe(f->fd);
        left = unlinkat(f->dir, f->temp, 0) == 0;
    }
    if (f->fd >= 0)
        close(f->fd);
    f->fd = -1;
    if (!left)
        errno = EBUSY;
    return left ? 0 : -1;
}

static int open_temp(struct newfile *f)
{
    int r = create(f);
    return r < 0 && errno == EEXIST && remove_left(f) == 0 ? create(f) : r;
}

static int reserve(struct newfile *f, size_t room)
{
    struct stat st;
    if (fchmod(f->fd, MODE) != 0 && errno != EPERM)
        return -1;
    if (fstat(f->fd, &st) != 0)
        return -1;
    f->exposed = st.st_mode & 077;
    int no = posix_fallocate(f->fd, 0, (off_t)room);
    if (no == 0 || no == EOPNOTSUPP || no == EINVAL)
        return 0;
    errno = no;
    return -1;
}

int newfile_open(struct newfile *f, const char *path, bool replace, size_t room)
{
    *f = NEWFILE_INIT;
    f->replace = replace;
    f->dir = open_dir(path, &f->name);
    f->temp = xasprintf(".%s.new", f->name);
    if (f->dir >= 0 && check_place(f) == 0 && open_temp(f) == 0 && reserve(f, room) == 0)
        return 0;
    int no = errno;
    newfile_drop(f);
    errno = no;
    return -1;
}

int newfile_look(const char *path, bool replace)
{
    struct newfile f = NEWFILE_INIT;
    f.replace = replace;
    f.dir = open_dir(path, &f.name);
    int r = f.dir < 0 || check_place(&f) < 0 ? -1 : faccessat(f.dir, ".", W_OK | X_OK, AT_EACCESS);
    int no = errno;
    newfile_drop(&f);
    errno = no;
    return r;
}

static int put(int fd, const unsigned char *data, size_t len)
{
    off_t at = 0;
    while ((size_t)at < len) {
        ssize_t n = pwrite(fd, data + at, len - (size_t)at, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return -1;
        }
        at += n;
    }
    return ftruncate(fd, (off_t)len) == 0 ? fsync(fd) : -1;
}

static int take_name(const struct newfile *f)
{
    unsigned flags = f->replace ? 0 : RENAME_NOREPLACE;
    if (renameat2(f->dir, f->temp, f->dir, f->name, flags) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    /* A file system without that: a look before is the best there is. */
    return check_place(f) < 0 ? -1 : renameat(f->dir, f->temp, f->dir, f->name);
}

int newfile_keep(struct newfile *f, const void *data, size_t len)
{
    if (put(f->fd, data, len) < 0 || take_name(f) < 0)
        return -1;
    (void)!fsync(f->dir);
    close(f->fd);
    f->fd = -1;
    return 0;
}

void newfile_drop(struct newfile *f)
{
    if (f->fd >= 0) {
        wipe(f->fd);
        if (same_file(f))
            (void)!unlinkat(f->dir, f->temp, 0);
        close(f->fd);
    }
    if (f->dir >= 0)
        close(f->dir);
    free(f->name);
    free(f->temp);
    *f = NEWFILE_INIT;
}
