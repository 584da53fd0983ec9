/* The journal of a change: written whole before the first file, extended by one line for the
 * commit. Lines: a head, "put FLAGS HAD_OLD SUM PATH" for each file, "begin", "commit". */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/image/change_int.h"

#define HEAD        "joinery-image 1"
#define JOURNAL_MAX 65536
#define PIECE       65536

#define SUM_START 0xcbf29ce484222325u
#define SUM_PRIME 0x100000001b3u

/* Pieces must be multiples of eight bytes, but for the last. */
static uint64_t add_sum(uint64_t sum, const unsigned char *p, size_t len)
{
    uint64_t word;
    for (; len >= 8; p += 8, len -= 8) {
        memcpy(&word, p, 8);
        sum = (sum ^ word) * SUM_PRIME;
        sum ^= sum >> 29;
    }
    for (; len > 0; p++, len--)
        sum = (sum ^ *p) * SUM_PRIME;
    return sum;
}

uint64_t change_sum(const void *data, size_t len)
{
    return add_sum(SUM_START, data, len);
}

/* Fills the piece, less at the end of the file; -1 with errno. */
static ssize_t read_piece(int fd, unsigned char *p, size_t len)
{
    size_t have = 0;
    while (have < len) {
        ssize_t n = read(fd, p + have, len - have);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n == 0)
            break;
        have += n > 0 ? (size_t)n : 0;
    }
    return (ssize_t)have;
}

int change_sum_file(struct host *h, const char *path, bool *ret_there, uint64_t *ret, struct err *e)
{
    unsigned char piece[PIECE];
    struct host_meta m;
    ssize_t n = PIECE;
    int fd;
    if (host_stat(h, path, &m, e) != 0)
        return -1;
    *ret_there = m.kind == HOST_FILE;
    *ret = SUM_START;
    if (!*ret_there)
        return 0;
    if (host_open_read(h, path, &fd, e) != 0)
        return -1;
    while (n == PIECE && (n = read_piece(fd, piece, PIECE)) > 0)
        *ret = add_sum(*ret, piece, (size_t)n);
    int no = errno;
    explicit_bzero(piece, sizeof piece);
    close(fd);
    return n >= 0 ? 0 : err_errno(e, CAUSE_FILE_READ_FAILED, no, path);
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
