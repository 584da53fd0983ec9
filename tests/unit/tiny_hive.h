/* Registry hives made from nothing, for tests: libhivex can change a hive but not make one. */
#ifndef JOINERY_TESTS_TINY_HIVE_H
#define JOINERY_TESTS_TINY_HIVE_H

#include <stdint.h>

#include "engine/base/buf.h"

struct tiny;

struct tiny *tiny_new(void);
void tiny_free(struct tiny *t);
/* Paths have '\' between names; missing keys are made. */
void tiny_key(struct tiny *t, const char *path);
void tiny_u32(struct tiny *t, const char *path, const char *value, uint32_t data);
void tiny_text(struct tiny *t, const char *path, const char *value, const char *ascii);
void tiny_data(struct tiny *t, const char *path, const char *value, uint32_t type, const void *data,
               size_t len);
/* The hive, closed cleanly under sequence number 7. */
void tiny_build(const struct tiny *t, struct buf *ret);
/* The checksum of a base block that a test has changed. */
void tiny_seal(unsigned char *base);

/* A workgroup Windows 10 whose setup is over: keys as the tests of images want them. */
struct tiny *tiny_system(void);
/* Its SOFTWARE, with this ImageState, and its SECURITY. */
struct tiny *tiny_software(const char *image_state);
struct tiny *tiny_security(void);

/* Every key and value of a hive, one line each, in the order of the hive: to compare. Reads the
 * bytes by itself; fails the process on a hive that is not sound. malloc'ed. */
char *tiny_dump(const void *hive, size_t len);

#endif
