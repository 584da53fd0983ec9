#define _GNU_SOURCE
#include "engine/host/search.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/host/host_path.h"

struct walk {
    const struct search *s;
    dev_t dev;
    unsigned files, folders;
    int64_t end;
    bool over; /* ended early */
    unsigned char head[SEARCH_HEAD];
};

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool out_of_bounds(struct walk *w)
{
    if (!w->over)
        w->over = now_ms() > w->end || (w->s->stop && atomic_load(w->s->stop));
    return w->over;
}

/* Only the owner may leave the access time alone. */
static int open_quiet(int dir, const char *name, int flags)
{
    flags |= O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    int fd = openat(dir, name, flags | O_NOATIME);
    return fd < 0 && errno == EPERM ? openat(dir, name, flags) : fd;
}

static size_t read_head(int fd, unsigned char *to, size_t len)
{
    size_t n = 0;
    while (n < len) {
        ssize_t got = read(fd, to + n, len - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        n += (size_t)got;
    }
    return n;
}

static void look(struct walk *w, int dir, const char *name, const char *path)
{
    struct stat st;
    if (++w->files > w->s->files_max) {
        w->over = true;
        return;
    }
    int fd = open_quiet(dir, name, 0);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_size >= w->s->size_min &&
        (uint64_t)st.st_size <= w->s->size_max) {
        size_t n = read_head(fd, w->head, sizeof w->head);
        if (!w->s->found(w->s->arg, path, w->head, n))
            w->over = true;
        explicit_bzero(w->head, n);
    }
    close(fd);
}

static void walk_folder(struct walk *w, int fd, const char *path, unsigned depth);

static void enter(struct walk *w, int dir, const char *name, const char *path, unsigned depth)
{
    struct stat st;
    if (depth > w->s->depth || (w->s->enter && !w->s->enter(w->s->arg, name, depth)))
        return;
    if (++w->folders > w->s->folders_max) {
        w->over = true;
        return;
    }
    int fd = open_quiet(dir, name, O_DIRECTORY);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && st.st_dev == w->dev)
        walk_folder(w, fd, path, depth);
    else
        close(fd);
}

/* Takes fd. Files first: what lies at the top is found before the bounds are. */
static void walk_folder(struct walk *w, int fd, const char *path, unsigned depth)
{
    DIR *d = fdopendir(fd);
    const struct dirent *ent;
    struct strv folders = {0};
    if (!d) {
        close(fd);
        return;
    }
    while (!out_of_bounds(w) && (ent = readdir(d))) {
        struct stat st;
        if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0 ||
            fstatat(dirfd(d), ent->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
            continue;
        if (S_ISDIR(st.st_mode) && folders.n < w->s->folders_max)
            strv_add(&folders, ent->d_name);
        if (!S_ISREG(st.st_mode))
            continue;
        AUTOFREE char *full = xasprintf("%s/%s", path, ent->d_name);
        if (host_path_ok(
                full)) /* with signs in it that do something nobody could open it by name */
            look(w, dirfd(d), ent->d_name, full);
    }
    for (size_t i = 0; i < folders.n && !out_of_bounds(w); i++) {
        AUTOFREE char *full = xasprintf("%s/%s", path, folders.s[i]);
        enter(w, dirfd(d), folders.s[i], full, depth + 1);
    }
    strv_free(&folders);
    closedir(d);
}

bool host_search(const struct search *s)
{
    struct walk *w = xcalloc(1, sizeof *w);
    struct stat st;
    w->s = s;
    w->end = now_ms() + s->time_ms;
    int fd = open(s->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && fstat(fd, &st) == 0;
    if (ok) {
        w->dev = st.st_dev;
        walk_folder(w, fd, strcmp(s->root, "/") == 0 ? "" : s->root, 0);
    } else if (fd >= 0) {
        close(fd);
    }
    ok = ok && !w->over;
    free(w);
    return ok;
}

size_t host_peek_device(const char *node, unsigned char *ret, size_t len)
{
    struct stat st;
    int fd = open(node, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return 0;
    size_t n = fstat(fd, &st) == 0 && S_ISBLK(st.st_mode) ? read_head(fd, ret, len) : 0;
    close(fd);
    return n;
}
