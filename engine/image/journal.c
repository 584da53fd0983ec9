/* The journal of a change: written whole before the first file, extended by one line for the
 * commit. Lines: a head, "put FLAGS HAD_OLD SUM PATH" for each file, "begin", "commit". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/image/change_int.h"

#define HEAD        "joinery-image 1"
#define JOURNAL_MAX 65536
#define HEAD_LEN    16384

static uint64_t sum_of(const unsigned char *p, size_t len, uint64_t size)
{
    uint64_t sum = 0xcbf29ce484222325u ^ size;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ p[i]) * 0x100000001b3u;
    return sum;
}

/* The head and the length: whoever changes a registry file changes its head. */
uint64_t change_sum(const void *data, size_t len)
{
    return sum_of(data, len < HEAD_LEN ? len : HEAD_LEN, len);
}

int change_sum_file(struct host *h, const char *path, bool *ret_there, uint64_t *ret, struct err *e)
{
    unsigned char head[HEAD_LEN];
    struct stat st;
    struct host_meta m;
    size_t have = 0;
    ssize_t n = 1;
    int fd;
    if (host_stat(h, path, &m, e) != 0)
        return -1;
    *ret_there = m.kind == HOST_FILE;
    *ret = 0;
    if (!*ret_there)
        return 0;
    if (host_open_read(h, path, &fd, e) != 0)
        return -1;
    while (have < sizeof head && n != 0) {
        n = read(fd, head + have, sizeof head - have);
        if (n < 0 && errno != EINTR)
            break;
        have += n > 0 ? (size_t)n : 0;
    }
    int no = errno, rc = n < 0 || fstat(fd, &st) != 0 ? -1 : 0;
    if (rc == 0)
        *ret = sum_of(head, have, (uint64_t)st.st_size);
    explicit_bzero(head, sizeof head);
    close(fd);
    return rc == 0 ? 0 : err_errno(e, CAUSE_FILE_READ_FAILED, no, path);
}

int change_journal_write(struct image_change *c, struct err *e)
{
    struct buf b = BUF_INIT(JOURNAL_MAX);
    struct host_meta meta = host_meta_own(0600);
    buf_str(&b, HEAD "\n");
    for (size_t i = 0; i < c->n; i++)
        buf_printf(&b, "put %u %d %016" PRIx64 " %s\n", c->items[i].flags, c->items[i].had_old,
                   c->items[i].sum, c->items[i].path);
    buf_str(&b, "begin\n");
    int rc = b.failed ? err_cause(e, CAUSE_OUT_OF_MEMORY)
                      : host_write_new(c->im->host, c->journal, &meta, NULL, b.data, b.len, e);
    buf_free(&b);
    return rc;
}

int change_journal_commit(struct image_change *c, struct err *e)
{
    if (c->committing)
        return 0;
    if (host_append(c->im->host, c->journal, "commit\n", 7, e) != 0)
        return -1;
    c->committing = true;
    return 0;
}

static bool take_line(struct image_change *c, const char *line)
{
    unsigned flags;
    int had_old, at = 0;
    uint64_t sum;
    if (c->n == IMAGE_FILES_MAX ||
        sscanf(line, "put %9u %1d %16" SCNx64 " %n", &flags, &had_old, &sum, &at) != 3 || at == 0)
        return false;
    /* Only what lies in the Windows directory is ever changed. */
    size_t n = strlen(c->im->windows);
    if (strncmp(line + at, c->im->windows, n) != 0 || line[at + n] != '/')
        return false;
    change_item_set(&c->items[c->n++], line + at, flags, had_old != 0, sum);
    return true;
}

int change_journal_read(struct image_change *c, struct err *e)
{
    CLEANUP(buf_free) struct buf b = BUF_INIT(JOURNAL_MAX);
    bool begun = false;
    if (host_read(c->im->host, c->journal, &b, e) != 0)
        return -1;
    /* A line without its end was being written when the power went. */
    while (b.len > 0 && b.data[b.len - 1] != '\n')
        b.data[--b.len] = '\0';
    char *save = NULL, *text = buf_text(&b);
    char *line = strtok_r(text, "\n", &save);
    if (!line || strcmp(line, HEAD) != 0)
        return 0;
    while ((line = strtok_r(NULL, "\n", &save))) {
        if (strcmp(line, "begin") == 0)
            begun = true;
        else if (begun && strcmp(line, "commit") == 0)
            c->committing = true;
        else if (begun || !take_line(c, line))
            break;
    }
    for (size_t i = 0; !begun && i < c->n; i++)
        change_item_set(&c->items[i], NULL, 0, false, 0);
    if (!begun)
        c->n = 0;
    return 0;
}
