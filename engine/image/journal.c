/* The journal of a change: written whole before the first file, extended by one line for the
 * commit. Lines: a head, "put FLAGS HAD_OLD SUM PATH" for each file, "begin", "commit". */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/image/change_int.h"

#define HEAD        "joinery-image 1"
#define JOURNAL_MAX 65536

uint64_t change_sum(const void *data, size_t len)
{
    const unsigned char *p = data;
    uint64_t sum = 0xcbf29ce484222325u ^ len, word;
    for (; len >= 8; p += 8, len -= 8) {
        memcpy(&word, p, 8);
        sum = (sum ^ word) * 0x100000001b3u;
        sum ^= sum >> 29;
    }
    for (; len > 0; p++, len--)
        sum = (sum ^ *p) * 0x100000001b3u;
    return sum;
}

/* The length is part of the sum, and the pieces must be those of change_sum(): read whole. */
int change_sum_file(struct host *h, const char *path, bool *ret_there, uint64_t *ret, struct err *e)
{
    struct host_meta m;
    if (host_stat(h, path, &m, e) != 0)
        return -1;
    *ret_there = m.kind == HOST_FILE;
    *ret = 0;
    if (!*ret_there)
        return 0;
    if (m.size > (uint64_t)(512u << 20))
        return 0;
    /* The size is known: one allocation, and no doubling while it is read. */
    struct buf b = BUF_SECRET((size_t)m.size);
    b.cap = (size_t)m.size + 1;
    b.data = malloc(b.cap);
    if (!b.data)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    int rc = host_read(h, path, &b, e);
    if (rc == 0)
        *ret = change_sum(b.data, b.len);
    buf_free(&b);
    return rc;
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
