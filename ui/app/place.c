#define _GNU_SOURCE
#include "ui/app/place.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine/base/strv.h"

/* Links are followed as a process with that root would follow them (openat2(2), RESOLVE_IN_ROOT).
 */
static int open_inside(int root, const char *dir)
{
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
    int fd = (int)syscall(SYS_openat2, root, *dir ? dir : "/", &how, sizeof how);
    struct stat here, top;
    /* Where the call is not allowed, the running system's own root needs no confinement. */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM) && fstat(root, &here) == 0 &&
        stat("/", &top) == 0 && here.st_ino == top.st_ino && here.st_dev == top.st_dev)
        fd = open(*dir ? dir : "/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd;
}

static int make_inside(int root, const char *dir, mode_t mode)
{
    const char *slash = strrchr(dir, '/');
    AUTOFREE char *parent = xstrndup(dir, (size_t)(slash - dir));
    int fd = open_inside(root, parent);
    if (fd < 0)
        return -1;
    int r = mkdirat(fd, slash + 1, mode);
    if (r < 0 && errno == EEXIST)
        r = 0;
    int no = errno;
    close(fd);
    errno = no;
    return r < 0 ? -1 : open_inside(root, dir);
}

int place_dir(const char *root, const char *path, mode_t mode, const char **name)
{
    const char *slash = strrchr(path, '/');
    if (!slash || path[0] != '/') {
        errno = EINVAL;
        return -1;
    }
    AUTOFREE char *dir = xstrndup(path, (size_t)(slash - path));
    *name = slash + 1;
    int base = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (base < 0)
        return -1;
    int fd = open_inside(base, dir);
    if (fd < 0 && errno == ENOENT && *dir)
        fd = make_inside(base, dir, mode);
    int no = errno;
    close(base);
    errno = no;
    return fd;
}
