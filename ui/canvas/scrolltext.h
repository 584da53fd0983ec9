/* Text that is longer than its place: help, review, explanations. Wrapped anew at every width; the
 * anchor is a byte offset, so that a resize keeps the place. */
#ifndef JOINERY_UI_CANVAS_SCROLLTEXT_H
#define JOINERY_UI_CANVAS_SCROLLTEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas/canvas.h"
#include "ui/keys/keys.h"

struct scroll_text {
    size_t anchor;  /* byte offset of the first visible line's start */
    int rows, cols; /* at the last drawing */
};

/* UP DOWN PGUP PGDN HOME END. False at the ends, so that the focus can move on. */
bool scroll_text_key(struct scroll_text *s, const char *text, enum action action);
/* Draws the text; with focus the first visible line is the focused element. The last column shows ^
 * and v when there is more. */
void scroll_text_draw(struct scroll_text *s, struct canvas *c, struct rect r, enum role role,
                      const char *text, bool focused);
/* true when there is text below (or above) the visible part, after drawing. */
bool scroll_text_more_below(const struct scroll_text *s, const char *text);

#endif
