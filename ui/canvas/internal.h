/* The canvas from inside, for canvas.c and dump.c only. */
#ifndef JOINERY_UI_CANVAS_INTERNAL_H
#define JOINERY_UI_CANVAS_INTERNAL_H

#include "ui/canvas/canvas.h"

#define CANVAS_MAX        1000                      /* rows and columns at most */
#define CANVAS_LINE_BYTES (CANVAS_MAX * CELL_BYTES) /* any row as text */

struct canvas {
    int rows, cols;
    struct cell *cells; /* rows * cols, row by row */
    struct canvas_frame boxes[CANVAS_BOXES_MAX];
    size_t box_count;
    bool has_cursor;
    int cursor_row, cursor_col;
    struct canvas_faults faults;
};

#endif
