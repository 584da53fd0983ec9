/*
 * The canvas: an array of cells that a page is drawn on. No terminal here: the presenter (ui/term)
 * copies it to the screen, tests dump it as text. Rows and columns count from 0. Every drawing
 * function clips at the edges and never leaves half of a double-width character behind. Text given
 * here must be fit for display (own messages, or after sanitize()); what is not is drawn as '?', so
 * nothing dangerous ever reaches a cell.
 */
#ifndef JOINERY_UI_CANVAS_CANVAS_H
#define JOINERY_UI_CANVAS_CANVAS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a cell means; the theme decides how that looks. The letter stands for it in the role layer
 * of a dump. */
#define ROLES(X)                                                                                   \
    X(NORMAL, '.')                                                                                 \
    X(TITLE, 'T')                                                                                  \
    X(FOCUS, 'F') /* the only one shown in reverse video; one element a page */                    \
    X(FIELD, '_') /* a field that has not the focus */                                             \
    X(ERROR, 'E')                                                                                  \
    X(DIM, 'd')                                                                                    \
    X(FOREIGN, 'n') /* names and texts from the directory or the network, so that they cannot pose \
                       as ours */                                                                  \
    X(KEYBAR, 'k')                                                                                 \
    X(OK, 'o')                                                                                     \
    X(WARN, 'w')

enum role {
#define X(name, letter) ROLE_##name,
    ROLES(X)
#undef X
        ROLE_COUNT
};

/* Line drawing by meaning; the presenter takes what the terminal has (Unicode, its own line set, or
 * ASCII). */
enum line_cell {
    LINE_NONE,
    LINE_HORIZONTAL,
    LINE_VERTICAL,
    LINE_UPPER_LEFT,
    LINE_UPPER_RIGHT,
    LINE_LOWER_LEFT,
    LINE_LOWER_RIGHT,
    LINE_TEE_LEFT, /* |- */
    LINE_TEE_RIGHT /* -| */
};

#define CELL_BYTES 16 /* a base character and two marks, terminated */

struct cell {
    char text[CELL_BYTES]; /* UTF-8 cluster; "" in the right half of a wide one and in line cells */
    uint8_t width;         /* 1 or 2; 0 marks the right half of the wide cell to the left */
    uint8_t role;          /* enum role */
    uint8_t line;          /* enum line_cell */
    uint8_t in_box;        /* the line belongs to a frame recorded in canvas_boxes() */
};

struct rect {
    int row, col, rows, cols;
};

struct canvas;

/* rows and cols are limited to 1..1000. NULL when memory is out. */
struct canvas *canvas_new(int rows, int cols);
void canvas_free(struct canvas *c);
#define AUTOCANVAS __attribute__((cleanup(canvas_freep)))
void canvas_freep(struct canvas **c);

int canvas_rows(const struct canvas *c);
int canvas_cols(const struct canvas *c);
struct rect canvas_rect(const struct canvas *c);

/* Everything blank and ROLE_NORMAL, no cursor, no frames. */
void canvas_clear(struct canvas *c);

/* Draws text from (row, col) on, at most max_cols columns (< 0: to the edge). Returns the columns
 * used. A newline ends it. */
int canvas_text(struct canvas *c, int row, int col, int max_cols, enum role role, const char *text);
int canvas_text_n(struct canvas *c, int row, int col, int max_cols, enum role role,
                  const char *text, size_t len);
/* As canvas_text, cut with "..." when it does not fit. */
int canvas_text_cut(struct canvas *c, int row, int col, int max_cols, enum role role,
                    const char *text);
/* Untrusted bytes: sanitized, cut, drawn. */
int canvas_foreign(struct canvas *c, int row, int col, int max_cols, enum role role,
                   const void *bytes, size_t len);
/* Wrapped into the rectangle. Returns the rows drawn. */
int canvas_wrapped(struct canvas *c, struct rect r, enum role role, const char *text);
/* The same for a text that can be scrolled, beginning with line `skip`. */
int canvas_scrolled(struct canvas *c, struct rect r, int skip, enum role role, const char *text);
/* From the first line on; the parts of the text that spans (ascending) name are foreign.
 */
struct canvas_span {
    size_t from, len;
};
void canvas_wrapped_marked(struct canvas *c, struct rect r, enum role role, const char *text,
                           const struct canvas_span *spans, size_t n);

/* Blanks in that role. */
void canvas_fill(struct canvas *c, struct rect r, enum role role);
/* Changes the role of cells, not their text (whole wide characters always). */
void canvas_set_role(struct canvas *c, int row, int col, int cols, enum role role);
void canvas_line(struct canvas *c, int row, int col, enum role role, enum line_cell line);
void canvas_hline(struct canvas *c, int row, int col, int cols, enum role role);
/* A frame along the edge of r (at least 2x2, else nothing). */
void canvas_box(struct canvas *c, struct rect r, enum role role);

/* Where the hardware cursor goes; it is always shown somewhere on the focus, for screen readers and
 * braille. */
void canvas_set_cursor(struct canvas *c, int row, int col);
/* false when none was set */
bool canvas_cursor(const struct canvas *c, int *row, int *col);

/* NULL outside. The pointer lives until the next drawing call. */
const struct cell *canvas_cell(const struct canvas *c, int row, int col);

/* Frames in drawing order (those wholly inside), for the presenter. Returns their number. */
#define CANVAS_BOXES_MAX 8
struct canvas_frame {
    struct rect r;
    enum role role;
};
size_t canvas_boxes(const struct canvas *c, const struct canvas_frame **boxes);

/* Text layer: one line a row, trailing blanks cut, frames as + - |. Role layer: one letter a cell.
 * To be freed; NULL without memory. */
char *canvas_dump_text(const struct canvas *c);
char *canvas_dump_roles(const struct canvas *c);

/* The rules every page must keep: row widths exact, no half wide character, no control, bidi or
 * otherwise hidden character, focus is one element (the cells of ROLE_FOCUS form one run, or rows
 * of runs right below each other), the cursor stands on it. allow_no_focus: pages that have none
 * (too small, plain waiting). Returns true when all hold, else says which in why. */
bool canvas_check(const struct canvas *c, bool allow_no_focus, char *why, size_t why_size);

/*
 * What did not find its place since the canvas was cleared, for tests: texts that were shortened or
 * ran out of the canvas, lines that had no row, and cells that were written twice with nothing
 * between that blanked them. What comes from outside (canvas_foreign) may be
 * shortened and is not counted.
 */
struct canvas_faults {
    unsigned cut, unseen, overlaps;
    unsigned notes; /* lines without a row of texts with foreign parts (canvas_wrapped_marked) */
    char text[160]; /* the first that was shortened, had no row, or lies on top of another */
};
const struct canvas_faults *canvas_faults(const struct canvas *c);

/* Cell by cell equal, cursor included. */
bool canvas_equal(const struct canvas *a, const struct canvas *b);

#endif
