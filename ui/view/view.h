/*
 * Pages drawn on a canvas: a function of the wizard's state and the canvas' size. Lists and
 * scrolling texts remember their visible height in the state, nothing else of it changes.
 */
#ifndef JOINERY_UI_VIEW_VIEW_H
#define JOINERY_UI_VIEW_VIEW_H

#include <stdbool.h>

#include "ui/canvas/canvas.h"
#include "ui/model/wizard.h"

#define VIEW_MIN_ROWS  12
#define VIEW_MIN_COLS  40
#define VIEW_BODY_COLS 76

struct view {
    bool function_keys; /* the key bar names F-keys, else Esc and a digit */
    char *text[2];      /* of the page's scrolling field and of the overlay, as last drawn */
};

void view_draw(struct view *v, struct wizard *w, struct canvas *c);
void view_free(struct view *v);
/* For struct wizard_ops: ctx is a struct view_link. */
struct view_link {
    struct view *view;
    struct wizard *wizard;
};
void view_row(void *ctx, enum field f, size_t index, struct list_row *out);
const char *view_text(void *ctx, int focus);

#endif
