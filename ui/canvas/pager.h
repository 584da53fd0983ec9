/* The log viewer: follow, search, level filter, wrap. Lines are untrusted and sanitized when drawn.
 * No save, no load, no shell. */
#ifndef JOINERY_UI_CANVAS_PAGER_H
#define JOINERY_UI_CANVAS_PAGER_H

#include <stdbool.h>
#include <stddef.h>

#include "ui/canvas/canvas.h"
#include "ui/canvas/edit.h"
#include "ui/keys/keys.h"

struct log_line {
    int level;        /* 1 (errors only) .. 5 (everything) */
    const char *text; /* any bytes */
    size_t len;
};

struct log_source {
    size_t count;
    void *ctx;
    void (*line)(void *ctx, size_t index, struct log_line *out);
};

struct pager {
    bool follow; /* stays at the end as lines arrive */
    bool wrap;
    int level;      /* lines of a higher number are hidden */
    size_t top;     /* first visible line (index into the source) */
    int top_row;    /* rows of that line scrolled away, when wrapping */
    int left;       /* columns scrolled to the right, without wrapping */
    int rows, cols; /* at the last drawing */
    bool prompting; /* the search line is open */
    bool not_found; /* the last search found nothing */
    struct edit search;
};

int pager_init(struct pager *p); /* follow on, wrap on, level 5; -1 without memory */
void pager_free(struct pager *p);

/* UP DOWN PGUP PGDN HOME END LEFT RIGHT; CHAR: / searches, n N repeat, f follow, w wrap, 1-5 level.
 * While prompting, ENTER searches, BACK leaves the prompt and characters edit it. */
bool pager_key(struct pager *p, const struct log_source *src, enum action action, const char *utf8);
/* The last row of r is the prompt while searching, with `prompt` (translated) in front. */
void pager_draw(struct pager *p, const struct log_source *src, struct canvas *c, struct rect r,
                const char *prompt, bool focused);

#endif
