/* Whether a file is still what it was when it was read. Windows in a virtual machine, or another
 * program on this one, may write to the same volume; nobody else's work is to be lost. */
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/image/change_int.h"
#include "engine/image/image_int.h"

int image_see_open(int fd, const char *path, struct image_seen *ret, struct err *e)
{
    struct stat st;
    *ret = (struct image_seen){0};
    if (fstat(fd, &st) != 0)
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    *ret = (struct image_seen){
        .there = true,
        .size = st.st_size,
        .changed = st.st_mtim,
        .status = st.st_ctim,
    };
    return 0;
}

int image_see(struct host *h, const char *path, struct image_seen *ret, struct err *e)
{
    struct err f = {0};
    int fd;
    *ret = (struct image_seen){0};
    if (host_open_read(h, path, &fd, &f) != 0) {
        if (f.lib == ENOENT)
            return 0;
        *e = f;
        return -1;
    }
    int rc = image_see_open(fd, path, ret, e);
    close(fd);
    return rc;
}

static bool same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool image_same(const struct image_seen *a, const struct image_seen *b)
{
    return a->there == b->there && a->size == b->size && same_time(&a->changed, &b->changed) &&
           same_time(&a->status, &b->status);
}

int change_unseen(struct host *h, const struct image_file *f, struct err *e)
{
    struct image_seen now;
    if (!f->seen)
        return 0;
    if (image_see(h, f->path, &now, e) != 0)
        return -1;
    if (image_same(f->seen, &now))
        return 0;
    err_fact(e, FACT_FILE, "%s", f->path);
    return err_cause(e, CAUSE_IMAGE_CHANGED);
}
