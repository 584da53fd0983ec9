/*
 * JSON values: a thin layer over jansson, which no other folder sees. Building never fails (invalid
 * UTF-8 becomes U+FFFD, NULL strings become null); reading is bounded in depth and size.
 */
#ifndef JOINERY_JSON_JSON_H
#define JOINERY_JSON_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/base/macro.h"

struct jsn; /* a reference; values taken out of others by jsn_get/jsn_at are borrowed */

struct jsn *jsn_object(void);
struct jsn *jsn_array(void);
void jsn_free(struct jsn *v); /* NULL is fine */

void jsn_set_str(struct jsn *o, const char *key, const char *value);
void jsn_set_int(struct jsn *o, const char *key, int64_t value);
void jsn_set_bool(struct jsn *o, const char *key, bool value);
void jsn_set(struct jsn *o, const char *key, struct jsn *child); /* takes child */
void jsn_add(struct jsn *a, struct jsn *child);                  /* takes child */
void jsn_add_str(struct jsn *a, const char *value);

/* The value as one line without newline, keys in the order they were set; malloc'ed. */
char *jsn_line(const struct jsn *v);

/* At most 4 MiB. Error: ERROR_INVALID_DATA (CAUSE_DC_LIED is the caller's to choose) with FACT_LINE
 * and raw text. */
int jsn_parse(const char *text, size_t len, struct jsn **ret, struct err *e) MUST_USE;
const struct jsn *jsn_get(const struct jsn *o,
                          const char *key);                /* NULL when absent or not an object */
const char *jsn_str(const struct jsn *o, const char *key); /* "" when absent or not a string */
int64_t jsn_int(const struct jsn *o, const char *key, int64_t otherwise);
bool jsn_bool(const struct jsn *o, const char *key);
size_t jsn_count(const struct jsn *a); /* 0 when not an array */
const struct jsn *jsn_at(const struct jsn *a, size_t i);
const char *jsn_text(const struct jsn *v); /* of a string value; NULL otherwise */
/* Walks the members of an object: *pos starts as NULL; returns false at the end. */
bool jsn_next(const struct jsn *o, void **pos, const char **key, const struct jsn **value);

static inline void jsn_freep(struct jsn **p)
{
    jsn_free(*p);
}
#define AUTOJSN CLEANUP(jsn_freep) struct jsn *

#endif
