/* Secrets from files that only their owner can read. */
#define _GNU_SOURCE
#include "engine/host/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Checked on the open file, so that it cannot be exchanged in between. */
static int open_secret(const char *path, struct err *e)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0)
        return errno == ELOOP
                   ? (err_cause(e, CAUSE_SECRET_FILE_MODE), err_fact(e, FACT_FILE, "%s", path), -1)
                   : err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0177) == 0 &&
        (st.st_uid == geteuid() || st.st_uid == 0))
        return fd;
    close(fd);
    (void)err_cause(e, CAUSE_SECRET_FILE_MODE);
    err_fact(e, FACT_FILE, "%s", path);
    err_fact(e, FACT_DETAIL, "mode %04o", (unsigned)st.st_mode & 07777);
    return -1;
}

/* Up to `max` bytes; raw->len == max means that there may be more. */
static int read_raw(const char *path, size_t max, struct secret *raw, struct err *e)
{
    int fd = open_secret(path, e);
    if (fd < 0)
        return -1;
    int r = secret_init(raw, max);
    while (r == 0 && raw->len < raw->cap) {
        ssize_t n = read(fd, raw->data + raw->len, raw->cap - raw->len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            r = -1;
        if (n <= 0)
            break;
        raw->len += (size_t)n;
    }
    int no = errno;
    close(fd);
    return r < 0 ? err_errno(e, CAUSE_FILE_READ_FAILED, no, path) : 0;
}

static int refuse(const char *path, const char *why, struct err *e)
{
    (void)err_cause(e, CAUSE_CONFIG_SYNTAX);
    err_fact(e, FACT_FILE, "%s", path);
    err_fact(e, FACT_DETAIL, "%s", why);
    return -1;
}

static int keep(const void *data, size_t len, struct secret *ret, struct err *e)
{
    return secret_set(ret, data, len) < 0 ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

int secret_file_line(const char *path, struct secret *ret, struct err *e)
{
    struct secret raw = {0};
    int r = read_raw(path, SECRET_MAX + 2, &raw, e);
    if (r == 0) {
        unsigned char *end = memchr(raw.data, '\n', raw.len);
        size_t len = end ? (size_t)(end - raw.data) : raw.len;
        if (len > 0 && raw.data[len - 1] == '\r')
            len--;
        if (len == 0)
            r = refuse(path, "the first line is empty", e);
        else if (len > SECRET_MAX || memchr(raw.data, '\0', len))
            r = refuse(path, "the first line is no password", e);
        else
            r = keep(raw.data, len, ret, e);
    }
    secret_free(&raw);
    return r;
}

int secret_file_whole(const char *path, struct secret *ret, struct err *e)
{
    struct secret raw = {0};
    int r = read_raw(path, SECRET_FILE_MAX + 1, &raw, e);
    if (r == 0 && raw.len == 0)
        r = refuse(path, "the file is empty", e);
    else if (r == 0 && raw.len > SECRET_FILE_MAX)
        r = refuse(path, "the file is too long", e);
    else if (r == 0)
        r = keep(raw.data, raw.len, ret, e);
    secret_free(&raw);
    return r;
}
