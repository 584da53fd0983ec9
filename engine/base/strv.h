/* A growable array of owned strings, NULL-terminated, and small string helpers. */
#ifndef JOINERY_BASE_STRV_H
#define JOINERY_BASE_STRV_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/macro.h"

struct strv {
    char **s; /* NULL-terminated when not NULL */
    size_t n;
};

/* Allocation of small blocks does not fail in practice: it ends the process through die_oom().
 * Sizes that come from outside are limited before they get here. */
char *xstrdup(const char *s);
char *xstrndup(const char *s, size_t n);
char *xasprintf(const char *fmt, ...) PRINTF_LIKE(1, 2);
void *xcalloc(size_t n, size_t size);
void *xrealloc_array(void *p, size_t n, size_t size);
/* Called before the process ends on out-of-memory, so that the terminal can be restored. */
extern void (*die_oom_hook)(void);

void strv_add(struct strv *v, const char *s);
void strv_addf(struct strv *v, const char *fmt, ...) PRINTF_LIKE(2, 3);
void strv_take(struct strv *v, char *s); /* takes ownership of s */
bool strv_has(const struct strv *v, const char *s);
bool strv_has_icase(const struct strv *v, const char *s);
void strv_copy(struct strv *dst, const struct strv *src); /* appends */
void strv_free(struct strv *v);
/* Splits at any of `seps`, trims blanks, leaves empty fields out. */
void strv_split(struct strv *v, const char *text, const char *seps);

bool str_eq(const char *a, const char *b);       /* NULL equals NULL only */
bool str_ieq(const char *a, const char *b);      /* ASCII case folded */
bool str_empty(const char *s);                   /* NULL or "" */
bool str_iends(const char *s, const char *tail); /* ASCII case folded */
void str_upper(char *s);                         /* ASCII only, locale-independent */
void str_lower(char *s);

#endif
