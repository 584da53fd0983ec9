#define _GNU_SOURCE
#include "engine/host/host_path.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

bool host_path_ok(const char *path)
{
    size_t n = path ? strnlen(path, PATH_MAX) : 0;
    if (n == 0 || n >= PATH_MAX || path[0] != '/')
        return false;
    for (const char *p = path; *p; p++) {
        if ((unsigned char)*p < 0x20 || *p == 0x7f)
            return false;
        if (p[0] == '/' && (p[1] == '/' || (p[1] == '\0' && p != path)))
            return false;
        if (p[0] == '/' && p[1] == '.' && p[2] == '.' && (p[3] == '/' || p[3] == '\0'))
            return false;
    }
    return true;
}

atomic_bool host_path_no_openat2;

int host_path_open(int rootfd, const char *path, int flags)
{
    if (!host_path_ok(path)) {
        errno = EINVAL;
        return -1;
    }
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    for (int tries = 0; tries < 8 && !host_path_no_openat2; tries++) {
        long fd = syscall(SYS_openat2, rootfd, path, &how, sizeof how);
        if (fd >= 0)
            return (int)fd;
        if (errno == ENOSYS || errno == EPERM)
            host_path_no_openat2 = true;
        else if (errno != EAGAIN) /* a rename raced with the resolution */
            return -1;
    }
    return host_path_walk(rootfd, path, flags);
}

int host_path_parent(int rootfd, const char *path, const char **ret_base)
{
    char dir[PATH_MAX];
    if (!host_path_ok(path) || path[1] == '\0') {
        errno = EINVAL;
        return -1;
    }
    const char *slash = strrchr(path, '/');
    size_t n = (size_t)(slash - path);
    memcpy(dir, path, n);
    dir[n] = '\0';
    *ret_base = slash + 1;
    if (strcmp(*ret_base, ".") == 0) {
        errno = EINVAL;
        return -1;
    }
    return host_path_open(rootfd, n ? dir : "/", O_RDONLY | O_DIRECTORY);
}
