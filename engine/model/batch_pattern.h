/* Patterns of a list of machines. Pure. */
#ifndef JOINERY_MODEL_BATCH_PATTERN_H
#define JOINERY_MODEL_BATCH_PATTERN_H

#include <stddef.h>

#include "engine/base/err.h"

struct batch_words {
    size_t number;    /* {n}, {n:3} */
    const char *name; /* NULL: the word is not known here */
    const char *ou;   /* a DN: {ou} is the value of its first part */
};

/* malloc'ed; NULL with LIST_TEMPLATE. A value cannot leave its folder: slashes and control
 * characters in it become hyphens, and so does a leading dot. */
char *batch_fill(const char *pattern, const struct batch_words *w, struct err *e);
/* LIST_OUTPUT_BAD: no name at the end, a part "..", too long, control characters. */
int batch_check_path(const char *path, struct err *e) MUST_USE;

/* The same path in its shortest spelling, in place: "./a//b" is "a/b". */
void batch_plain_path(char *path);

#endif
