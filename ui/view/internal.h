#ifndef JOINERY_UI_VIEW_INTERNAL_H
#define JOINERY_UI_VIEW_INTERNAL_H

#include "ui/view/view.h"

/* Rows a field needs at that width; flexible ones (lists, long texts) name their least. */
int view_field_rows(struct view *v, struct wizard *w, enum field f, int cols, bool compact,
                    bool *flexible);
void view_field_draw(struct view *v, struct wizard *w, enum field f, struct canvas *c,
                     struct rect r, bool compact);
/* Lines that a list's rows need at that width, at most `most`. */
int view_list_rows(struct wizard *w, enum field f, int cols, int most);
void view_overlay_draw(struct view *v, struct wizard *w, struct canvas *c, struct rect body);
/* Labels of the page's buttons for a place of that width, to be freed by the caller. */
size_t view_buttons(struct wizard *w, char **labels, size_t max, int cols, int *focus);

#endif
