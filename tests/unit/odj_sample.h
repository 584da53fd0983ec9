/* Provisioning data for tests. */
#ifndef JOINERY_TESTS_ODJ_SAMPLE_H
#define JOINERY_TESTS_ODJ_SAMPLE_H

#include "engine/wire/odj.h"

#define SAMPLE_PASSWORD "canary-Pa55word~"

void sample_bytes(struct odj_bytes *b, const char *text);
void sample_join(struct odj_join *j);
/* Both blobs and every kind of part, an unknown one too. odj_free() it. */
void sample_full(struct odj *o);
/* The Windows 7 blob alone. */
void sample_win7(struct odj *o);

/* The pieces from which a test builds an object by hand: little endian, appended. */
void put16(struct buf *b, unsigned v);
void put32(struct buf *b, uint32_t v);
void put_units(struct buf *b, const char *ascii); /* without a terminator */
void put_header(struct buf *b, uint32_t length);
void put_string(struct buf *b, const char *ascii); /* three counts, units, NUL, padding to 4 */
void put_counted(struct buf *b, const char *ascii);
void set32(struct buf *b, size_t at, uint32_t v);
uint32_t get32(const struct buf *b, size_t at);
/* Where these bytes are, from `from` on; the test fails when they are not there. */
size_t find(const struct buf *b, const void *what, size_t len, size_t from);

#endif
