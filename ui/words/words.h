/*
 * The wizard's state in words of the user's language: what the screen, the line-by-line dialogue
 * and the command line say. Whatever came from outside is made fit for display here. Strings
 * returned as `char *` belong to the caller.
 */
#ifndef JOINERY_UI_WORDS_H
#define JOINERY_UI_WORDS_H

#include "engine/base/buf.h"
#include "ui/canvas/canvas.h"
#include "ui/model/wizard.h"

/* The words for an error: the cause's where it has any, else the code's. */
const char *words_what(const struct err *e);
const char *words_why(const struct err *e);
const char *words_next(const struct err *e);
/* Sanitized display copy, at most 1000 columns. */
char *words_clean(const char *text);
/* One line "Label: value" for each fact, indented. */
void words_facts(struct buf *b, const struct err *e, const char *indent);
/* What, why, what to do, facts, code: paragraphs. */
void words_error(struct buf *b, const struct err *e);
/* "NERR_UserExists (2224)" */
char *words_code(const struct err *e);
/* What the server or library said, with the numbering it belongs to; "" when nothing. */
char *words_raw(const struct err *e);

/* Whether a step's effect is one that people would miss or find: the journal of the work is none.
 */
bool words_step_changes(enum step s);
/* After a failure: what was changed and how much of it was taken back; left: something stays in the
 * directory. */
const char *words_undone(bool changed, bool undone, bool left);
const char *words_verdict(enum verdict v); /* "ok", "warning", ... */
const char *words_dc_state(const struct dc_view *dc);
const char *words_change_kind(enum change_kind k);
/* What stands between a label and its value. */
const char *words_colon(void);
char *words_time(int64_t seconds); /* local date and time */
char *words_elapsed(uint64_t ms);  /* "0:07" */

char *words_message(const struct wizard *w); /* the message line */
/* What a step found, translated; format may be NULL. malloc'ed, "" when there is nothing to say. */
char *words_said(const char *format, const struct strv *args);
char *words_note(const struct wizard *w, enum field f); /* a FIELD_NOTE, lines */
/* The parts of the last note that came from outside, so that they cannot pose as our words. */
size_t words_note_foreign(const struct canvas_span **spans);
/* A list row; out's strings live until the next call. */
void words_row(const struct wizard *w, enum field f, size_t index, struct list_row *out);
/* Languages that this terminal cannot show, and how to get them; "" when there are none. */
char *words_held_back(void);
/* Whether that is what the message line says when it has nothing else to say. */
bool words_language_hint(const struct wizard *w);
/* A word of a choice field. */
const char *words_choice(enum field f, const char *word);
/* The value of an option as people read it; "" values are said in words. Lives until the next call.
 */
const char *words_value(const struct settings *s, enum opt o);
/* What an empty text field stands for, "" where it stands for nothing. */
const char *words_empty(const struct wizard *w, enum field f);

/* Texts that scroll. */
char *words_result(const struct wizard *w);
char *words_status(const struct status_view *s);
/* What mends a membership, "" when there is nothing to mend. */
const char *words_mend(const struct status_view *s);
/* What unprotected data is worth; that it does not expire; a Windows image's method. */
const char *words_thief(void);
const char *words_expiry(void);
const char *words_wipe(void); /* what becomes of data that lies in the image itself */
const char *words_method(enum image_method m);
const char *words_page(const struct wizard *w, enum page p); /* its title */
const char *words_restart(const struct wizard *w);           /* why a restart is needed */
const char *words_rejoin(void); /* the warning about deleting and joining again at once */
char *words_help(const struct wizard *w, bool function_keys);
char *words_details(const struct wizard *w);
void words_verdict_line(struct buf *b, const struct verdict_view *v);

char *words_button(const struct wizard *w, enum button b);
struct words_question {
    char *title, *text;
    const char *answers[2]; /* the safe one first */
};
struct words_question words_question(const struct wizard *w);

/* What is to be thought of where a password has letters beyond ASCII on a terminal whose character
 * set is another than UTF-8. */
const char *words_own_letters(void);

#endif
