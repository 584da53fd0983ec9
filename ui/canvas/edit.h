/* A line of text that is edited: UTF-8 buffer, cursor between clusters. The scroll offset follows
 * from text, cursor and width alone. */
#ifndef JOINERY_UI_CANVAS_EDIT_H
#define JOINERY_UI_CANVAS_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas/canvas.h"
#include "ui/keys/keys.h"

struct edit {
    char *text;    /* owned, terminated; never NULL after edit_init */
    size_t len;    /* bytes */
    size_t cap;    /* bytes allocated */
    size_t cursor; /* byte offset, always at a cluster's start or at len */
    size_t max;    /* bytes at most */
    bool proposed; /* nobody typed it: the first character typed replaces it */
};

/* max: bytes the text may have (1..4096). 0, or -1 without memory. */
int edit_init(struct edit *e, size_t max);
void edit_free(struct edit *e); /* wiped too: an account name is nobody's business either */

/* Replaces the text (cut at max, at a cluster's end; control characters and invalid bytes are
 * dropped); the cursor goes to the end. */
void edit_set(struct edit *e, const char *text);
/* The same for a text that the program proposes. */
void edit_propose(struct edit *e, const char *text);
/* Inserts one typed or pasted character; controls and invalid bytes are dropped. false when nothing
 * was inserted. */
bool edit_insert(struct edit *e, const char *utf8);

/* LEFT RIGHT HOME END BACKSPACE DELETE CHAR; everything else is left to the page. `utf8` is only
 * looked at for CHAR. */
bool edit_key(struct edit *e, enum action action, const char *utf8);

/* Draws one row of r.cols columns; the row r.row only. */
void edit_draw(const struct edit *e, struct canvas *c, struct rect r, bool focused);

#endif
