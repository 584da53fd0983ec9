#define _GNU_SOURCE
#include "engine/host/input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What there is now; *end: that was all. */
static int take(struct buf *out, bool *end)
{
    unsigned char chunk[16384];
    ssize_t n = read(STDIN_FILENO, chunk, sizeof chunk);
    if (n > 0)
        buf_put(out, chunk, (size_t)n);
    explicit_bzero(chunk, sizeof chunk);
    *end = n == 0;
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        return -1;
    errno = EFBIG;
    return out->failed ? -1 : 0;
}

static int read_standard(const struct cancel *cancel, struct buf *out, struct err *e)
{
    struct stat st;
    bool end = false;
    if (fstat(STDIN_FILENO, &st) != 0)
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, "-");
    if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode))
        return err_errno(e, CAUSE_FILE_READ_FAILED, EINVAL, "-");
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN},
                            {.fd = cancel ? cancel->fd : -1, .events = POLLIN}};
    while (!end) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            return err_errno(e, CAUSE_FILE_READ_FAILED, errno, "-");
        if (cancel_check(cancel, e) < 0)
            return -1;
        if (fds[0].revents && take(out, &end) < 0)
            return err_errno(e, CAUSE_FILE_READ_FAILED, errno, "-");
    }
    return 0;
}

char *host_input_path(const char *path)
{
    AUTOFREE char *dir = *path == '/' ? NULL : getcwd(NULL, 0);
    char *whole = dir ? xasprintf("%s/%s", str_eq(dir, "/") ? "" : dir, path) : xstrdup(path);
    char *plain = strstr(whole, "/..") ? realpath(whole, NULL) : NULL;
    if (!plain)
        return whole;
    free(whole);
    return plain;
}

int host_input(struct host *here, const char *path, const struct cancel *cancel, struct buf *out,
               struct err *e)
{
    if (!strcmp(path, "-"))
        return read_standard(cancel, out, e);
    AUTOFREE char *whole = host_input_path(path);
    return host_read(here, whole, out, e);
}
