/* Shared among the notes of the pages; nobody else includes it. */
#ifndef JOINERY_UI_WORDS_INTERNAL_H
#define JOINERY_UI_WORDS_INTERNAL_H

#include "ui/words/words.h"

/* "Label: value", nothing when the value is empty; the value is marked as foreign. */
void note_line(struct buf *b, const char *label, const char *value);
/* A foreign text (sanitized) that was put into b somewhere behind `from`. */
void note_foreign(struct buf *b, size_t from, const char *clean);

void note_first_boot(const struct wizard *w, struct buf *b);
void note_name(const struct wizard *w, struct buf *b);
void note_rename_now(const struct wizard *w, struct buf *b);
void note_rename(const struct wizard *w, struct buf *b);

/* The notes, rows and results of offline enrolment; false: it is none of theirs. */
bool note_offline(const struct wizard *w, enum field f, struct buf *b);
bool result_offline(const struct wizard *w, struct buf *b);
void result_list(const struct wizard *w, struct buf *b);
/* What the data of those machines that are prepared is worth, and how it is applied. */
void result_list_data(const struct wizard *w, struct buf *b); /* nothing when it was no list */
void row_how_many(const struct wizard *w, size_t i, struct list_row *out);
void row_machine(const struct wizard *w, size_t i, struct list_row *out);
void row_review(const struct wizard *w, size_t i, struct list_row *out);
void row_blob(const struct wizard *w, size_t i, struct list_row *out);
void row_target(const struct wizard *w, size_t i, struct list_row *out);
/* A row's texts, kept until the next row's; taken over. */
void row_set_text(struct list_row *out, char *text);
void row_set_note(struct list_row *out, char *note);

#endif
