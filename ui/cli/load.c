/* Answers and secrets from files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/buf.h"
#include "ui/cli/cli.h"

#define CONFIG_MAX (1024 * 1024)

static int read_all(int fd, struct buf *b)
{
    char block[4096];
    ssize_t n;
    while ((n = read(fd, block, sizeof block)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        buf_put(b, block, (size_t)n);
        if (b->failed) {
            errno = EFBIG;
            return -1;
        }
    }
    return 0;
}

static int load_file(struct settings *s, const char *path, bool may_be_missing, struct err *e)
{
    struct buf b = BUF_INIT(CONFIG_MAX);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        if (may_be_missing && (errno == ENOENT || errno == ENOTDIR))
            return 0;
        return err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    }
    int r = 0;
    if (read_all(fd, &b) < 0)
        r = err_errno(e, CAUSE_FILE_READ_FAILED, errno, path);
    close(fd);
    if (r == 0 && b.len > 0 && settings_load_ini(s, buf_text(&b), b.len, ORIGIN_FILE, e) < 0) {
        err_fact(e, FACT_FILE, "%s", path);
        r = -1;
    }
    buf_free(&b);
    return r;
}

int cli_load(const struct cli_args *a, struct settings *s, struct err *e)
{
    if (load_file(s, a->config ? a->config : CLI_DEFAULT_CONFIG, a->config == NULL, e) < 0)
        return -1;
    for (size_t i = 0; i < a->set.n; i++) {
        if (settings_assign(s, a->set.s[i], e) < 0)
            return -1;
    }
    return 0;
}

/* A file that holds a secret: regular, the caller's or root's, and readable by its owner alone.
 * Checked on the open file, so that it cannot be exchanged in between. */
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

/* The first line, without its end. Read into locked memory and nowhere else. */
static int read_secret(struct settings *s, const char *path, struct err *e)
{
    int fd = open_secret(path, e);
    if (fd < 0)
        return -1;
    struct secret raw = {0};
    int r = secret_init(&raw, SECRET_MAX + 2);
    while (r == 0 && raw.len < raw.cap) {
        ssize_t n = read(fd, raw.data + raw.len, raw.cap - raw.len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            r = -1;
        if (n <= 0)
            break;
        raw.len += (size_t)n;
    }
    int no = errno;
    close(fd);
    if (r < 0) {
        secret_free(&raw);
        return err_errno(e, CAUSE_FILE_READ_FAILED, no, path);
    }
    unsigned char *end = memchr(raw.data, '\n', raw.len);
    size_t len = end ? (size_t)(end - raw.data) : raw.len;
    if (len > 0 && raw.data[len - 1] == '\r')
        len--;
    if (len == 0 || len > SECRET_MAX || memchr(raw.data, '\0', len)) {
        (void)err_cause(e, CAUSE_CONFIG_SYNTAX);
        err_fact(e, FACT_FILE, "%s", path);
        err_fact(e, FACT_DETAIL, "%s",
                 len == 0 ? "the first line is empty" : "the first line is no password");
        r = -1;
    } else if (secret_set(&s->password, raw.data, len) < 0) {
        r = err_cause(e, CAUSE_OUT_OF_MEMORY);
    }
    secret_free(&raw);
    return r;
}

int cli_load_secret(struct settings *s, struct err *e)
{
    const char *file = settings_get(s, OPT_PASSWORD_FILE),
               *credential = settings_get(s, OPT_PASSWORD_CREDENTIAL);
    if (*file && *credential) {
        (void)err_cause(e, CAUSE_CONFIG_SYNTAX);
        err_fact(e, FACT_OPTION, "credentials.password_credential");
        err_fact(e, FACT_DETAIL, "password_file and password_credential exclude each other");
        return -1;
    }
    if (*file)
        return read_secret(s, file, e);
    if (!*credential)
        return 0;
    const char *dir = getenv("CREDENTIALS_DIRECTORY");
    if (!dir || dir[0] != '/' || strchr(credential, '/') || credential[0] == '.') {
        (void)err_cause(e, CAUSE_CONFIG_SYNTAX);
        err_fact(e, FACT_OPTION, "credentials.password_credential");
        err_fact(e, FACT_VALUE, "%s", credential);
        err_fact(e, FACT_DETAIL, "%s",
                 dir ? "a plain name is needed" : "CREDENTIALS_DIRECTORY is not set");
        return -1;
    }
    AUTOFREE char *path = xasprintf("%s/%s", dir, credential);
    return read_secret(s, path, e);
}
