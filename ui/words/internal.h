/* Shared among the notes of the pages; nobody else includes it. */
#ifndef JOINERY_UI_WORDS_INTERNAL_H
#define JOINERY_UI_WORDS_INTERNAL_H

#include "ui/words/words.h"

/* "Label: value", nothing when the value is empty; the value is marked as foreign. */
void note_line(struct buf *b, const char *label, const char *value);
/* A foreign text (sanitized) that was put into b somewhere behind `from`. */
void note_foreign(struct buf *b, size_t from, const char *clean);

void note_name(const struct wizard *w, struct buf *b);
void note_rename_now(const struct wizard *w, struct buf *b);
void note_rename(const struct wizard *w, struct buf *b);

#endif
