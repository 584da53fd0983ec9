/* Path resolution inside a root without the kernel's help. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/host/host_path.h"

#define DEPTH_MAX 64
#define LINKS_MAX 40

struct walk {
    int fds[DEPTH_MAX]; /* of the directories from the root down; [0] is the root, not ours to close
                         */
    int depth;
    char rest[PATH_MAX]; /* still to be walked */
    int links;
};

static void up_to(struct walk *w, int depth)
{
    while (w->depth > depth)
        close(w->fds[w->depth--]);
}

static int down(struct walk *w, int fd)
{
    if (w->depth + 1 >= DEPTH_MAX) {
        close(fd);
        errno = ELOOP;
        return -1;
    }
    w->fds[++w->depth] = fd;
    return 0;
}

/* Takes the first component off. False at the end. */
static bool next(struct walk *w, char name[NAME_MAX + 1], bool *last)
{
    char *p = w->rest + strspn(w->rest, "/");
    size_t n = strcspn(p, "/");
    if (n == 0 || n > NAME_MAX)
        return false;
    memcpy(name, p, n);
    name[n] = '\0';
    p += n;
    p += strspn(p, "/");
    *last = *p == '\0';
    memmove(w->rest, p, strlen(p) + 1);
    return true;
}

/* Puts the target of a link before what is left to walk. */
static int enter_link(struct walk *w, int fd)
{
    char target[PATH_MAX];
    ssize_t n = readlinkat(fd, "", target, sizeof target - 1);
    size_t rest = strlen(w->rest);
    if (n <= 0)
        return -1;
    if (++w->links > LINKS_MAX || (size_t)n + 1 + rest >= sizeof w->rest) {
        errno = w->links > LINKS_MAX ? ELOOP : ENAMETOOLONG;
        return -1;
    }
    memmove(w->rest + n + 1, w->rest, rest + 1);
    memcpy(w->rest, target, (size_t)n);
    w->rest[n] = '/';
    if (target[0] == '/')
        up_to(w, 0);
    return 0;
}

/* The opening of the last component: by its own directory, so that the flags count. */
static int finish(struct walk *w, const char *name, int flags)
{
    return openat(w->fds[w->depth], name, flags | O_NOFOLLOW | O_CLOEXEC);
}

static int walk(struct walk *w, int flags)
{
    char name[NAME_MAX + 1];
    bool last;
    struct stat st;
    while (next(w, name, &last)) {
        if (strcmp(name, ".") == 0)
            continue;
        if (strcmp(name, "..") == 0) {
            up_to(w, w->depth > 0 ? w->depth - 1 : 0);
            continue;
        }
        int fd = openat(w->fds[w->depth], name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0 && last && errno == ENOENT && (flags & O_CREAT))
            return finish(w, name, flags);
        if (fd < 0 || fstat(fd, &st) != 0)
            return -1;
        bool link = S_ISLNK(st.st_mode);
        if (last && !(link && !(flags & O_NOFOLLOW))) {
            close(fd);
            return finish(w, name, flags);
        }
        int rc = link ? enter_link(w, fd) : 0;
        int no = errno;
        if (link)
            close(fd);
        errno = no;
        if (rc != 0 || (!link && down(w, fd) != 0))
            return -1;
    }
    if (w->rest[strspn(w->rest, "/")] != '\0') {
        errno = ENAMETOOLONG;
        return -1;
    }
    return openat(w->fds[w->depth], ".", flags | O_CLOEXEC);
}

int host_path_walk(int rootfd, const char *path, int flags)
{
    struct walk w = {.fds = {rootfd}};
    if (strlen(path) >= sizeof w.rest) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(w.rest, path, strlen(path) + 1);
    int fd = walk(&w, flags);
    int no = errno;
    up_to(&w, 0);
    errno = no;
    return fd;
}
