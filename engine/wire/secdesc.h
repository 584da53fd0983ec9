/*
 * Self-relative security descriptors ([MS-DTYP] 2.4.6): owner, group and a bounded walk over the
 * DACL. The directory hands out only what the SD-flags control asked for, so every part may be
 * missing.
 */
#ifndef JOINERY_WIRE_SECDESC_H
#define JOINERY_WIRE_SECDESC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/wire/sid.h"

struct secdesc {
    struct sid owner, group; /* unset when absent */
    uint16_t control;
    const unsigned char
        *dacl;       /* first ACE, inside the caller's bytes; NULL when absent or NULL DACL */
    size_t dacl_len; /* bytes of all ACEs */
    unsigned n_aces;
};

struct ace {
    uint8_t type, flags;
    uint32_t mask;
    bool has_object, has_inherited;
    unsigned char object[GUID_BYTES], inherited[GUID_BYTES];
    struct sid trustee;
};

#define ACE_ALLOWED        0x00
#define ACE_DENIED         0x01
#define ACE_ALLOWED_OBJECT 0x05
#define ACE_DENIED_OBJECT  0x06

/* 0, or -1 when the bytes are no security descriptor. */
int secdesc_parse(struct secdesc *sd, const void *data, size_t len) MUST_USE;
/* Walks the ACEs: set *pos = 0 first. 1 one ACE (types other than the four above have no trustee),
 * 0 end, -1 malformed. */
int secdesc_next_ace(const struct secdesc *sd, size_t *pos, struct ace *out) MUST_USE;

#endif
