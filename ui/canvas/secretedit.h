/* A secret that is typed: edited in place inside a locked struct secret, drawn as one '*' a
 * character. No clipboard, no undo, no reveal. */
#ifndef JOINERY_UI_CANVAS_SECRETEDIT_H
#define JOINERY_UI_CANVAS_SECRETEDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/secret.h"
#include "ui/canvas/canvas.h"
#include "ui/keys/keys.h"

struct secret_edit {
    struct secret value; /* UTF-8 */
    size_t cursor;       /* byte offset, at a character's start or the end */
};

int secret_edit_init(struct secret_edit *e) MUST_USE; /* 0, or -1 without (locked) memory */
void secret_edit_free(struct secret_edit *e);         /* wiped */
void secret_edit_wipe(struct secret_edit *e);         /* contents gone, still usable */

/* LEFT RIGHT HOME END BACKSPACE DELETE CHAR, character by character (a combining mark is one of its
 * own: it is one keystroke). */
bool secret_edit_key(struct secret_edit *e, enum action action, const char *utf8);
size_t secret_edit_chars(const struct secret_edit *e);

void secret_edit_draw(const struct secret_edit *e, struct canvas *c, struct rect r, bool focused);

#endif
