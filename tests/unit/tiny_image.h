/* A small Windows image in a scratch directory, for tests. */
#ifndef JOINERY_TESTS_TINY_IMAGE_H
#define JOINERY_TESTS_TINY_IMAGE_H

#include "engine/base/buf.h"
#include "tests/unit/tiny_hive.h"

/* Builds the hive, frees `t`, and writes it below root, making directories. */
void tiny_image_put(const char *root, const char *path, struct tiny *t);
/* A file's bytes as they are; mode 0644. */
void tiny_image_file(const char *root, const char *path, const void *data, size_t len);
/* The bytes of a file; the test ends when it is not there. */
void tiny_image_get(const char *root, const char *path, struct buf *ret);

#define TINY_CONFIG   "/Windows/System32/config"
#define TINY_SYSTEM   TINY_CONFIG "/SYSTEM"
#define TINY_SOFTWARE TINY_CONFIG "/SOFTWARE"
#define TINY_SECURITY TINY_CONFIG "/SECURITY"

#endif
