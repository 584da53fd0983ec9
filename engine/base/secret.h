/*
 * Secrets: passwords, keys, passphrases. Memory of their own, locked against swapping, left out of
 * core dumps and of forked children, and wiped when released. There is deliberately no formatter
 * and no string accessor.
 */
#ifndef JOINERY_BASE_SECRET_H
#define JOINERY_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/macro.h"

struct secret {
    unsigned char *data; /* always NUL-terminated at data[len]; NULL when never initialised */
    size_t len;          /* bytes, without the terminator */
    size_t cap;          /* bytes that fit, without the terminator */
};

#define SECRET_MAX 1024 /* longest password accepted anywhere, in bytes */

/* All return 0, or -1 with errno set (ENOMEM; EOVERFLOW when it does not fit). */
int secret_init(struct secret *s, size_t cap) MUST_USE;
int secret_set(struct secret *s, const void *data,
               size_t len) MUST_USE; /* initialises when needed */
int secret_append(struct secret *s, const void *data, size_t len) MUST_USE;
int secret_copy(struct secret *dst, const struct secret *src) MUST_USE;
/* Removes len bytes at pos and closes the gap; the freed tail is wiped. */
void secret_remove(struct secret *s, size_t pos, size_t len);
/* Inserts at pos. */
int secret_insert(struct secret *s, size_t pos, const void *data, size_t len) MUST_USE;
void secret_truncate(struct secret *s, size_t len);
bool secret_equal(const struct secret *a, const struct secret *b);
static inline bool secret_is_set(const struct secret *s)
{
    return s->data && s->len > 0;
}
void secret_wipe(struct secret *s); /* contents gone, memory kept */
void secret_free(struct secret *s); /* wiped and unmapped; *s zeroed; NULL data is fine */
void secret_move(struct secret *dst, struct secret *src); /* dst is freed first */

/* Turns core dumps, ptrace by peers and swapping of secrets off for this process. Call first in
 * main(). */
void secret_harden_process(void);

#endif
