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

uint32_t hive_u32(const unsigned char *p);
uint16_t hive_u16(const unsigned char *p);
/* Of a base block, 512 bytes. */
bool hive_checksum_fits(const unsigned char *p);
/* Payload of the cell in use at `off` with at least `least` bytes; NULL when there is none. */
const unsigned char *hive_cell(const struct hive_walk *w, uint32_t off, uint32_t least,
                               uint32_t *ret_len) MUST_USE;
/* False when the cell was taken before: all but access lists belong to one place. That keeps the
 * work linear, finds loops, and means that a write changes nothing else. The offset is that of a
 * cell. */
bool hive_once(struct hive_walk *w, uint32_t off) MUST_USE;
/* Everything below the root key. NULL when it is sound, else what is wrong, at w->at. */
const char *hive_walk_keys(struct hive_walk *w, uint32_t root) MUST_USE;

#endif
