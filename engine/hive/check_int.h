/* Between the halves of the hive check; private to engine/hive. */
#ifndef JOINERY_HIVE_CHECK_INT_H
#define JOINERY_HIVE_CHECK_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/macro.h"

struct hive_todo {
    uint32_t off;
    uint32_t depth;
};
struct hive_walk {
    const unsigned char *p; /* behind the base block */
    uint32_t len;
    bool big; /* values above HIVE_BIG are in pieces (1.4 and later) */
    unsigned char *used, *seen;
    struct hive_todo *todo; /* keys still to be looked at */
    size_t n_todo, cap_todo;
    uint32_t at; /* the cell that is looked at, for messages */
};

#define HIVE_NONE UINT32_MAX
#define HIVE_BIG  16344

/* Inline, all of these: a hive has hundreds of thousands of cells. */
static inline uint32_t hive_u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint16_t hive_u16(const unsigned char *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

/* Two maps with a bit for every eight bytes: where a cell in use starts, and which of these cells
 * were walked already. */
static inline void hive_set_bit(unsigned char *map, uint32_t off)
{
    map[off / 64] |= (unsigned char)(1u << (off / 8 % 8));
}

static inline bool hive_get_bit(const unsigned char *map, uint32_t off)
{
    return map[off / 64] >> (off / 8 % 8) & 1;
}

/* Of a base block, 512 bytes. */
bool hive_checksum_fits(const unsigned char *p);
/* Payload of the cell in use at `off` with at least `least` bytes; NULL when there is none. */
MUST_USE static inline const unsigned char *hive_cell(const struct hive_walk *w, uint32_t off,
                                                      uint32_t least, uint32_t *ret_len)
{
    if (off % 8 != 0 || off >= w->len || !hive_get_bit(w->used, off))
        return NULL;
    uint32_t len = -hive_u32(w->p + off) - 4;
    if (len < least)
        return NULL;
    if (ret_len)
        *ret_len = len;
    return w->p + off + 4;
}

/* False when the cell was taken before: all but access lists belong to one place. That keeps the
 * work linear, finds loops, and means that a write changes nothing else. The offset is that of a
 * cell. */
MUST_USE static inline bool hive_once(struct hive_walk *w, uint32_t off)
{
    if (hive_get_bit(w->seen, off))
        return false;
    hive_set_bit(w->seen, off);
    return true;
}

/* Everything below the root key. NULL when it is sound, else what is wrong, at w->at. */
const char *hive_walk_keys(struct hive_walk *w, uint32_t root) MUST_USE;

#endif
