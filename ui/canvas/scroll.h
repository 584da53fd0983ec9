/* Scrolling arithmetic shared by the widgets. Pure. */
#ifndef JOINERY_UI_CANVAS_SCROLL_H
#define JOINERY_UI_CANVAS_SCROLL_H

#include <stddef.h>

/* Columns to leave out at the left of a field of `cols` columns, so that column `cursor` of its
 * text is visible. Moves on by half a field at a time: few repaints on a slow line, and no state to
 * keep. cols 0: show the start. */
static inline int scroll_offset(int cursor, int cols)
{
    if (cols <= 0 || cursor < cols) {
        return 0;
    }
    int half = cols / 2 > 0 ? cols / 2 : 1;
    return ((cursor - cols) / half + 1) * half;
}

/* First visible row of `rows`, kept where it was unless `sel` of `count` rows is out of sight. */
static inline size_t scroll_top(size_t top, size_t sel, size_t count, int rows)
{
    size_t height = rows > 0 ? (size_t)rows : 1;
    if (count <= height) {
        return 0;
    }
    if (top > count - height) {
        top = count - height;
    }
    if (sel < top) {
        return sel;
    }
    return sel >= top + height ? sel - height + 1 : top;
}

#endif
