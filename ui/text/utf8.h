/*
 * UTF-8 decoding and character classes, independent of the process locale (the tables are those of
 * C.UTF-8). Pure apart from one locale object created on first use. RFC 3629; Unicode via the C
 * library.
 */
#ifndef JOINERY_UI_TEXT_UTF8_H
#define JOINERY_UI_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_MAX 4

/* Decodes one character of at most len bytes. Returns its bytes (1 to 4), or 0 when the bytes at s
 * are no valid UTF-8 (overlong, surrogate, above U+10FFFF, truncated) or len is 0. *cp is set only
 * on success. */
size_t utf8_decode(const char *s, size_t len, uint32_t *cp);

/* Encodes cp into out (room for UTF8_MAX bytes, no terminator). Returns its bytes, 0 for a
 * surrogate or above U+10FFFF. */
size_t utf8_encode(char out[UTF8_MAX], uint32_t cp);

enum char_class {
    CHAR_PLAIN,     /* shown as it is, 1 or 2 columns */
    CHAR_COMBINING, /* 0 columns, joins the character before it */
    CHAR_HIDDEN /* control, bidi control, zero width, separator, tag, private use, unassigned: never
                   sent to a terminal */
};

enum char_class char_class(uint32_t cp);

/* Columns of one character: 0 (combining, hidden), 1 or 2. */
int char_width(uint32_t cp);

/* Bytes of the cluster that starts at s: a character and the combining marks after it; an invalid
 * byte is a cluster of its own. 0 only when len is 0. *cols (may be NULL) receives the columns, 1
 * at least when the cluster shows anything. */
size_t cluster_next(const char *s, size_t len, int *cols);

/* The same for characters that people do not tell apart when they type quickly: small and capital
 * letters, letters with and without their accents (Latin, Greek, Cyrillic), full-width signs of
 * East Asian keyboards, digits of Arabic ones. No locale changes it. */
uint32_t char_fold(uint32_t cp);

/* Whether text begins with these len bytes, told apart by char_fold() only. */
bool fold_begins(const char *text, const char *typed, size_t len);

/* Start of the cluster that ends at pos (pos > 0); 0 for pos 0. */
size_t cluster_prev(const char *s, size_t pos);

#endif
