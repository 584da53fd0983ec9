/* Rows to choose from: plain list, radio list, check list and tree are the same widget with other
 * marks. A row is drawn as   > [x] Text          note       (tree rows are indented, with + - and .
 * in front). A text that is too long goes on below, and so does a note that has no room beside it;
 * only names from outside are shortened. */
#ifndef JOINERY_UI_CANVAS_LIST_H
#define JOINERY_UI_CANVAS_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas/canvas.h"
#include "ui/keys/keys.h"

enum row_mark {
    MARK_NONE,
    MARK_CHECK_OFF,
    MARK_CHECK_ON,
    MARK_RADIO_OFF,
    MARK_RADIO_ON,
    MARK_LOCKED_OFF,
    MARK_LOCKED_ON
};
enum row_node { NODE_NONE, NODE_LEAF, NODE_CLOSED, NODE_OPEN, NODE_LOADING };

struct list_row {
    const char *text; /* fit for display, or any bytes when foreign */
    const char *note; /* right-hand remark or NULL */
    bool foreign;     /* text comes from outside: sanitized and drawn in its own role */
    bool dim;         /* cannot be chosen; the note should say why */
    enum row_mark mark;
    enum row_node node;
    int depth; /* tree level, 0 at the root */
};

/* Where rows come from; `row` fills *out (zeroed before) with pointers that live until the next
 * call. */
struct list_source {
    size_t count;
    void *ctx;
    void (*row)(void *ctx, size_t index, struct list_row *out);
};

struct list {
    size_t sel;     /* selected row; kept below count */
    size_t top;     /* first visible row, as the last key left it */
    size_t shown;   /* first row at the last drawing, which may have had less room */
    bool drawn;     /* since the last key */
    int rows;       /* rows that were visible at the last drawing */
    char typed[32]; /* type-ahead so far */
    size_t typed_len;
};

enum list_result {
    LIST_IGNORED, /* not ours; Up on the first and Down on the last row come back like that, so that
                     the focus can move on */
    LIST_MOVED,   /* selection or view changed */
    LIST_TOGGLE,  /* Space */
    LIST_EXPAND,  /* Right or + on a closed node */
    LIST_COLLAPSE, /* Left or - on an open node */
    LIST_PARENT,   /* Left on a closed node or leaf below the root: selection went to its parent row
                    */
    LIST_FILTER    /* '/' */
};

/* UP DOWN HOME END PGUP PGDN LEFT RIGHT EXPAND COLLAPSE TOGGLE FILTER CHAR (digits 1-9 choose a
 * visible row when no text starts with the digit, other characters are type-ahead), BACKSPACE
 * shortens the type-ahead. */
enum list_result list_key(struct list *l, const struct list_source *src, enum action action,
                          const char *utf8);

/* Any movement that is no typing ends the type-ahead; the page calls this when the focus leaves. */
void list_end_typing(struct list *l);

/* Lines that all rows need at that width, at most `most`. */
int list_height(const struct list_source *src, int cols, int most);

void list_draw(struct list *l, const struct list_source *src, struct canvas *c, struct rect r,
               bool focused);

/* A row as its source has it, its text never NULL. */
struct list_row list_row_at(const struct list_source *src, size_t index);

#endif
