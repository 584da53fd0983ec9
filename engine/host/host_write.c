/* The changing half of the real host: new files, appending, removing. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "engine/host/host_linux.h"
#include "engine/host/host_path.h"

#define LABEL "security.selinux"

/* In pieces: one write of many megabytes was measured to be held up by tens of milliseconds now and
 * then (ext4), these were not. */
#define PIECE (1u << 20)

static int write_all(int fd, const void *data, size_t len)
{
    const char *p = data;
    while (len > 0) {
        ssize_t n = write(fd, p, len < PIECE ? len : PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            errno = n == 0 ? EIO : errno;
            return -1;
        }
        p += n;
        len -= (size_t)n;
    }
    return 0;
}

static void copy_label(int rootfd, const char *from, int fd)
{
    char label[512];
    int src = from ? host_path_open(rootfd, from, O_RDONLY | O_NONBLOCK) : -1;
    if (src < 0)
        return;
    ssize_t n = fgetxattr(src, LABEL, label, sizeof label);
    /* Refused where the policy forbids it: the file then keeps its directory's default label. */
    if (n > 0 && fsetxattr(fd, LABEL, label, (size_t)n, 0) != 0)
        errno = 0;
    close(src);
}

static int fill(int fd, const struct host_meta *meta, const void *data, size_t len)
{
    struct stat st;
    if (write_all(fd, data, len) != 0 || fstat(fd, &st) != 0)
        return -1;
    if ((st.st_uid != meta->uid || st.st_gid != meta->gid) && fchown(fd, meta->uid, meta->gid) != 0)
        return -1;
    if (fchmod(fd, meta->mode & 07777) != 0)
        return -1;
    return fsync(fd);
}

int host_linux_write_new(struct host *h, const char *path, const struct host_meta *meta,
                         const char *label_from, const void *data, size_t len, struct err *e)
{
    const char *base;
    int dir = host_path_parent(host_rootfd(h), path, &base);
    if (dir < 0)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path);
    int fd = openat(dir, base, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int rc = fd < 0 ? -1 : 0, no = errno;
    if (fd >= 0) {
        copy_label(host_rootfd(h), label_from, fd);
        rc = fill(fd, meta, data, len);
        no = errno;
        close(fd);
        if (rc != 0)
            unlinkat(dir, base, 0);
        else if (fsync(dir) != 0) {
            rc = -1;
            no = errno;
        }
    }
    close(dir);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, path);
}

int host_linux_append(struct host *h, const char *path, const void *data, size_t len, struct err *e)
{
    const char *base;
    int dir = host_path_parent(host_rootfd(h), path, &base);
    if (dir < 0)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path);
    struct stat st;
    int fd = openat(dir, base, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fstat(fd, &st), no = errno;
    if (rc == 0 && (write_all(fd, data, len) != 0 || fdatasync(fd) != 0)) {
        rc = -1;
        no = errno;
        /* Half a line would spoil what is appended once there is room again. */
        (void)!ftruncate(fd, st.st_size);
    }
    if (fd >= 0)
        close(fd);
    close(dir);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, path);
}

int host_linux_link(struct host *h, const char *from, const char *to, struct err *e)
{
    const char *a, *b;
    int src = host_path_parent(host_rootfd(h), from, &a);
    if (src < 0)
        return err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, from);
    int dst = host_path_parent(host_rootfd(h), to, &b);
    int rc = dst < 0 || linkat(src, a, dst, b, 0) != 0 ? -1 : 0;
    if (rc == 0 && !h->unsynced)
        rc = fsync(dst);
    int no = errno;
    close(src);
    if (dst >= 0)
        close(dst);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, to);
}

/* Zeros over the contents. A file with a second name is left as it is: it is not ours alone. */
static int wipe_at(int dir, const char *base)
{
    static const char zeros[4096];
    struct stat st;
    int fd = openat(dir, base, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT || errno == ELOOP ? 0 : -1;
    int rc = fstat(fd, &st);
    if (rc == 0 && S_ISREG(st.st_mode) && st.st_nlink == 1) {
        for (off_t left = st.st_size; left > 0 && rc == 0; left -= (off_t)sizeof zeros)
            rc = write_all(fd, zeros, left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros);
        if (rc == 0)
            rc = fsync(fd);
    }
    int no = errno;
    close(fd);
    errno = no;
    return rc;
}

int host_linux_remove(struct host *h, const char *path, bool wipe, struct err *e)
{
    const char *base;
    int dir = host_path_parent(host_rootfd(h), path, &base);
    if (dir < 0)
        return errno == ENOENT ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, errno, path);
    int rc = wipe ? wipe_at(dir, base) : 0;
    if (rc == 0)
        rc = unlinkat(dir, base, 0);
    if (rc != 0 && errno == EISDIR)
        rc = unlinkat(dir, base, AT_REMOVEDIR);
    if (rc != 0 && errno == ENOENT)
        rc = 0;
    else if (rc == 0 && !h->unsynced)
        rc = fsync(dir);
    int no = errno;
    close(dir);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_WRITE_FAILED, no, path);
}
