/*
 * Security identifiers ([MS-DTYP] 2.4.2) and GUIDs (2.3.4): bytes as the directory stores them, and
 * their text. Every input is checked in full; nothing allocates.
 */
#ifndef JOINERY_WIRE_SID_H
#define JOINERY_WIRE_SID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/macro.h"

#define SID_SUBS_MAX  15
#define SID_BYTES_MAX (8 + 4 * SID_SUBS_MAX)
#define SID_TEXT_MAX  192 /* longest text with its terminator */
#define GUID_BYTES    16
#define GUID_TEXT_MAX 37

struct sid {
    uint8_t n_subs;     /* 0: no SID */
    uint64_t authority; /* 48 bits */
    uint32_t subs[SID_SUBS_MAX];
};

/* The whole of data[0..len) must be one SID. 0 or -1. */
int sid_from_bytes(struct sid *s, const void *data, size_t len) MUST_USE;
/* "S-1-5-21-…", decimal or a hexadecimal authority. 0 or -1. */
int sid_from_text(struct sid *s, const char *text) MUST_USE;
/* Returns out, "" for no SID. */
char *sid_to_text(const struct sid *s, char out[SID_TEXT_MAX]);
/* Returns the length written. */
size_t sid_to_bytes(const struct sid *s, unsigned char out[SID_BYTES_MAX]);
static inline bool sid_is_set(const struct sid *s)
{
    return s->n_subs > 0;
}
bool sid_equal(const struct sid *a, const struct sid *b); /* two unset SIDs are not equal */
/* domain's SID plus one relative id. */
struct sid sid_in(const struct sid *domain, uint32_t rid);
/* s is a direct child of domain. */
bool sid_is_in(const struct sid *s, const struct sid *domain);
uint32_t sid_rid(const struct sid *s); /* last sub-authority, 0 when unset */

/* Well-known relative ids ([MS-DTYP] 2.4.2.4). */
#define RID_ADMINISTRATOR     500u
#define RID_DOMAIN_ADMINS     512u
#define RID_ENTERPRISE_ADMINS 519u
struct sid sid_builtin_administrators(void); /* S-1-5-32-544 */

/* Lower-case text with dashes, first three fields little endian. Returns out. */
char *guid_to_text(const unsigned char g[GUID_BYTES], char out[GUID_TEXT_MAX]);
/* With or without braces, any case. 0 or -1. */
int guid_from_text(unsigned char g[GUID_BYTES], const char *text) MUST_USE;

#endif
