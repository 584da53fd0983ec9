/* Small pieces that only draw: buttons, step list, progress bar, key bar, modal frame. */
#ifndef JOINERY_UI_CANVAS_BARS_H
#define JOINERY_UI_CANVAS_BARS_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas/canvas.h"

/* Buttons in a row, "[  Back  ]  [> Next <]"; the focused one carries the arrows and the cursor.
 * focus: index or -1. Wraps to further rows when the width is short. Returns the rows used; draw
 * with c NULL to measure. */
int buttons_draw(struct canvas *c, struct rect r, const char *const *labels, size_t count,
                 int focus);

/* Named apart from engine/engine.h, which pages include too. */
enum step_mark {
    MARK_STEP_WAITING,
    MARK_STEP_RUNNING,
    MARK_STEP_DONE,
    MARK_STEP_SKIPPED,
    MARK_STEP_FAILED
};
/* "[ ]" "[>]" "[ok]" "[--]" "[!!]" */
const char *step_mark_text(enum step_mark s);

struct step_line {
    enum step_mark state;
    const char *text;   /* translated */
    const char *detail; /* or NULL; shown behind the text in ROLE_DIM, any bytes */
};

/* Step list; when it is higher than r, the part around the running (else the last finished) step is
 * shown. focused: that row is the focused element (the progress page has nothing else to put the
 * cursor on). Returns rows drawn. */
int steps_draw(struct canvas *c, struct rect r, const struct step_line *steps, size_t count,
               bool focused);

/* "[########..........]  42%" in one row; total 0 draws nothing. Only for work whose size is known.
 */
void progress_draw(struct canvas *c, struct rect r, unsigned long done, unsigned long total);

/* One key of the key bar; `key` as keys_label() gives it, `text` translated. */
struct key_item {
    const char *key;
    const char *text;
};
/* Fills the row from the left with as many as fit whole, in the given order: the important ones
 * first. */
void keybar_draw(struct canvas *c, int row, const struct key_item *items, size_t count);

/* Too small for any page: a plain message (translated, with the sizes filled in) wrapped from the
 * top left; no focus. */
void toosmall_draw(struct canvas *c, const char *message);

/* Blanks and frames a place in the middle of `r` for a body of rows x cols (cut to what there is;
 * without a frame, and over all of r, when r is narrower than 44 columns) with a title in the
 * frame. Returns the inner rectangle. Roles of what lies around are kept except FOCUS, which
 * becomes NORMAL. */
struct rect modal_frame(struct canvas *c, struct rect r, int rows, int cols, const char *title);

#endif
