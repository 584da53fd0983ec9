/* See check.h. Offsets of keys, values and lists count from the end of the base block, and point at
 * a cell: a signed size (negative = in use), then the payload. */
#include "engine/hive/check.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/hive/check_int.h"

#define CHECKSUM_AT 508
#define MAJOR       1
#define MINOR_MIN   3
#define MINOR_MAX   6

/* XOR of the first 127 words; 0 and -1 are written as 1 and -2. */
bool hive_checksum_fits(const unsigned char *p)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < CHECKSUM_AT; i += 4)
        sum ^= hive_u32(p + i);
    if (sum == 0)
        sum = 1;
    else if (sum == UINT32_MAX)
        sum = UINT32_MAX - 1;
    return sum == hive_u32(p + CHECKSUM_AT);
}

static int damaged(struct err *e, const char *what, uint64_t at)
{
    err_fact(e, FACT_PLACE, "0x%" PRIx64, at);
    err_fact(e, FACT_DETAIL, "%s", what);
    return err_cause(e, CAUSE_HIVE_DAMAGED);
}

int hive_check_base(const void *data, size_t len, struct hive_base *ret, struct err *e)
{
    const unsigned char *p = data;
    *ret = (struct hive_base){0};
    if (len < 4 || memcmp(p, "regf", 4) != 0)
        return err_cause(e, CAUSE_IMAGE_NOT_WINDOWS);
    if (len < 2 * HIVE_BLOCK)
        return damaged(e, "too short", len);
    *ret = (struct hive_base){
        .seq1 = hive_u32(p + 4),
        .seq2 = hive_u32(p + 8),
        .minor = hive_u32(p + 24),
        .root = hive_u32(p + 36),
        .bins = hive_u32(p + 40),
    };
    if (!hive_checksum_fits(p) || ret->seq1 != ret->seq2) {
        err_fact(e, FACT_VALUE, "%" PRIu32 "/%" PRIu32, ret->seq1, ret->seq2);
        return err_cause(e, CAUSE_IMAGE_DIRTY);
    }
    if (hive_u32(p + 20) != MAJOR || ret->minor < MINOR_MIN || ret->minor > MINOR_MAX ||
        hive_u32(p + 28) != 0 || hive_u32(p + 32) != 1)
        return damaged(e, "unknown version", 20);
    if (ret->bins < HIVE_BLOCK || ret->bins % HIVE_BLOCK != 0 || ret->bins > len - HIVE_BLOCK)
        return damaged(e, "shorter than it says", 40);
    return 0;
}

/* ---- bins and cells -------------------------------------------------------------------------- */

static int map_bin(struct hive_walk *w, uint32_t bin, uint32_t size, struct err *e)
{
    for (uint32_t at = bin + 32; at < bin + size;) {
        int32_t n = (int32_t)hive_u32(w->p + at);
        uint32_t cell = n < 0 ? -(uint32_t)n : (uint32_t)n;
        if (cell < 8 || cell % 8 != 0 || cell > bin + size - at)
            return damaged(e, "a cell of impossible size", (uint64_t)at + HIVE_BLOCK);
        if (n < 0)
            hive_set_bit(w->used, at);
        at += cell;
    }
    return 0;
}

static int map_bins(struct hive_walk *w, struct err *e)
{
    for (uint32_t at = 0; at < w->len;) {
        const unsigned char *p = w->p + at;
        uint32_t size = hive_u32(p + 8);
        if (memcmp(p, "hbin", 4) != 0 || hive_u32(p + 4) != at || size < HIVE_BLOCK ||
            size % HIVE_BLOCK != 0 || size > w->len - at)
            return damaged(e, "a bin with a wrong head", (uint64_t)at + HIVE_BLOCK);
        if (map_bin(w, at, size, e) != 0)
            return -1;
        at += size;
    }
    return 0;
}

int hive_check_tree(const void *data, size_t len, const struct hive_base *base, struct err *e)
{
    struct hive_walk w = {
        .p = (const unsigned char *)data + HIVE_BLOCK,
        .len = base->bins,
        .big = base->minor > 3,
    };
    if (len < HIVE_BLOCK || base->bins > len - HIVE_BLOCK)
        return damaged(e, "shorter than it says", len);
    w.used = calloc(1, w.len / 64 + 1);
    w.seen = calloc(1, w.len / 64 + 1);
    int rc = !w.used || !w.seen ? err_cause(e, CAUSE_OUT_OF_MEMORY) : map_bins(&w, e);
    const char *what = rc == 0 ? hive_walk_keys(&w, base->root) : NULL;
    if (what)
        rc = damaged(e, what, (uint64_t)w.at + HIVE_BLOCK);
    free(w.used);
    free(w.seen);
    free(w.todo);
    return rc;
}
