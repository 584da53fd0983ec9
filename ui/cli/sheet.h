/*
 * Facts under headings: lines "Label  value" for people, or one JSON object for each heading for
 * programs. Values come from outside and are made fit for display here.
 */
#ifndef JOINERY_UI_CLI_SHEET_H
#define JOINERY_UI_CLI_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/base/macro.h"

struct jsn;
struct sheet {
    bool json;
    struct jsn *o; /* of the heading that is open */
};
struct sheet_flag {
    uint32_t bit;
    const char *name;
};

/* event: of the JSON object; title: translated. */
void sheet_open(struct sheet *s, const char *event, const char *title);
void sheet_close(struct sheet *s);

/* Labels are msgids. A NULL value is null, in words "none"; an empty one is said to be empty. */
void sheet_text(struct sheet *s, const char *key, const char *label, const char *value);
/* Words for people (translated), a word for programs. */
void sheet_words(struct sheet *s, const char *key, const char *label, const char *word,
                 const char *words);
void sheet_bool(struct sheet *s, const char *key, const char *label, bool value);
void sheet_number(struct sheet *s, const char *key, const char *label, uint64_t value);
/* Hexadecimal, with the names of the bits. For programs the number, and KEY_names. */
void sheet_flags(struct sheet *s, const char *key, const char *label, uint32_t value,
                 const struct sheet_flag *flags, size_t n);
void sheet_bytes(struct sheet *s, const char *key, const char *label, size_t bytes);
/* status, symbol, text and so on; only for programs. */
void sheet_err(struct sheet *s, const struct err *e);

#endif
