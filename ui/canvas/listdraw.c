/* Lists on the canvas. A row that is too long for its width goes on in further rows. */
#include <string.h>

#include "ui/canvas/list.h"
#include "ui/text/width.h"

static const char *mark_text(enum row_mark mark)
{
    switch (mark) {
    case MARK_CHECK_OFF:
        return "[ ] ";
    case MARK_CHECK_ON:
        return "[x] ";
    case MARK_RADIO_OFF:
        return "( ) ";
    case MARK_RADIO_ON:
        return "(*) ";
    case MARK_LOCKED_OFF:
        return " -  ";
    case MARK_LOCKED_ON:
        return " x  ";
    default:
        return "";
    }
}

static const char *node_text(enum row_node node)
{
    switch (node) {
    case NODE_LEAF:
        return "  ";
    case NODE_CLOSED:
        return "+ ";
    case NODE_OPEN:
        return "- ";
    case NODE_LOADING:
        return "~ ";
    default:
        return "";
    }
}

#define DEPTH_SHOWN 12 /* deeper levels are not indented further, names need the room */

static int indent_of(const struct list_row *row)
{
    return 2 * (row->depth > DEPTH_SHOWN ? DEPTH_SHOWN : row->depth);
}

/* How a row is laid out: the text behind marks of `lead` columns; the note beside it where both
 * fit, else below. Blanks that the text begins with (`blanks` of them) are in front of its further
 * lines too. */
struct shape {
    int blanks, lead, text_rows, note_rows;
    bool beside;
};

static struct shape shape_of(const struct list_row *row, int cols)
{
    struct shape s = {.blanks = row->foreign ? 0 : (int)strspn(row->text, " "), .text_rows = 1};
    s.lead = 2 + indent_of(row) + (int)strlen(node_text(row->node)) +
             (int)strlen(mark_text(row->mark)) + s.blanks;
    int room = cols - s.lead > 1 ? cols - s.lead : 1, text = text_width(row->text) - s.blanks;
    int note = row->note && row->note[0] ? text_width(row->note) : 0;
    s.beside = note && text + 2 + note <= room;
    if (!row->foreign && text > room)
        s.text_rows = wrap_count(row->text + s.blanks, room);
    if (note && !s.beside)
        s.note_rows = wrap_count(row->note, room - 2 > 1 ? room - 2 : 1);
    return s;
}

/* The last row in view may go on below; the chosen one is seen whole. */
static void draw_text(const struct list_row *row, int blanks, enum role role, bool chosen,
                      struct canvas *c, struct rect r)
{
    if (row->foreign)
        canvas_foreign(c, r.row, r.col, r.cols, role, row->text, strlen(row->text));
    else if (chosen)
        canvas_wrapped(c, r, role, row->text + blanks);
    else
        canvas_scrolled(c, r, 0, role, row->text + blanks);
}

/* Only the text of the chosen row is reversed, not the blanks behind it: moving costs a slow line
 * as little as it can. */
static void draw_row(const struct list_row *row, bool sel, bool focused, struct canvas *c,
                     struct rect r)
{
    enum role frame = sel && focused ? ROLE_FOCUS : row->dim ? ROLE_DIM : ROLE_NORMAL;
    enum role text = frame == ROLE_NORMAL && row->foreign ? ROLE_FOREIGN : frame;
    struct shape s = shape_of(row, r.cols);
    int x = r.col, end = r.col + r.cols, indent = indent_of(row);
    if (s.lead >= r.cols) {
        return;
    }
    x += canvas_text(c, r.row, x, end - x, frame, sel ? (focused ? "> " : "* ") : "  ");
    canvas_fill(c, (struct rect){r.row, x, 1, indent}, frame);
    x += indent;
    x += canvas_text(c, r.row, x, end - x, frame, node_text(row->node));
    x += canvas_text(c, r.row, x, end - x, frame, mark_text(row->mark));
    canvas_fill(c, (struct rect){r.row, x, 1, s.blanks}, frame);
    x += s.blanks;
    int text_rows = s.text_rows < r.rows ? s.text_rows : r.rows;
    draw_text(row, s.blanks, text, sel, c, (struct rect){r.row, x, text_rows, end - x});
    if (s.beside) {
        int note = text_width(row->note);
        canvas_text(c, r.row, end - note, note, ROLE_DIM, row->note);
    } else if (s.note_rows && text_rows < r.rows) {
        struct rect below = {r.row + text_rows, x + 2, r.rows - text_rows, end - x - 2};
        canvas_scrolled(c, below, 0, ROLE_DIM, row->note);
    }
    if (sel && focused) {
        canvas_set_cursor(c, r.row, r.col);
    }
}

static int rows_of(const struct list_source *src, size_t index, int cols)
{
    struct list_row row = list_row_at(src, index);
    struct shape s = shape_of(&row, cols);
    return s.text_rows + s.note_rows;
}

/* The columns of rows: the last two hold the arrows of a list that scrolls. */
static int inner_cols(int cols)
{
    return cols > 8 ? cols - 2 : cols;
}

int list_height(const struct list_source *src, int cols, int most)
{
    int rows = 0;
    for (size_t i = 0; i < src->count && rows < most; i++) {
        rows += rows_of(src, i, cols);
    }
    if (rows <= most) {
        return rows;
    }
    return most;
}

/* The first row to show, so that the chosen one is whole and no place is wasted at the end. */
static size_t settle_top(const struct list *l, const struct list_source *src, struct rect r,
                         int cols)
{
    size_t top = l->top < src->count ? l->top : src->count - 1;
    if (top > l->sel) {
        top = l->sel;
    }
    if (l->sel - top >= (size_t)r.rows) {
        top = l->sel - (size_t)r.rows + 1;
    }
    int used = 0;
    for (size_t i = top; i <= l->sel; i++) {
        used += rows_of(src, i, cols);
    }
    for (; used > r.rows && top < l->sel; top++) {
        used -= rows_of(src, top, cols);
    }
    for (size_t i = l->sel + 1; i < src->count && used < r.rows; i++) {
        used += rows_of(src, i, cols);
    }
    while (top > 0 && used + rows_of(src, top - 1, cols) <= r.rows) {
        used += rows_of(src, --top, cols);
    }
    return top;
}

static void draw_arrows(struct canvas *c, struct rect r, bool above, bool below)
{
    int col = r.col + r.cols - 1;
    if (above && (r.rows > 1 || !below)) {
        canvas_text(c, r.row, col, 1, ROLE_DIM, "^");
    }
    if (below) {
        canvas_text(c, r.row + r.rows - 1, col, 1, ROLE_DIM, "v");
    }
}

void list_draw(struct list *l, const struct list_source *src, struct canvas *c, struct rect r,
               bool focused)
{
    canvas_fill(c, r, ROLE_NORMAL);
    l->rows = r.rows;
    if (src->count == 0) {
        if (focused && r.rows > 0) {
            canvas_text_cut(c, r.row, r.col, r.cols, ROLE_FOCUS, "> ");
            canvas_set_cursor(c, r.row, r.col);
        }
        return;
    }
    if (l->sel >= src->count) {
        l->sel = src->count - 1;
    }
    bool scrolls = list_height(src, r.cols, r.rows + 1) > r.rows && r.cols > 8;
    int cols = scrolls ? inner_cols(r.cols) : r.cols, at = 0, whole = 0;
    size_t top = settle_top(l, src, r, cols), index = top;
    l->shown = top;
    l->drawn = true;
    for (; index < src->count && at < r.rows; index++) {
        struct list_row row = list_row_at(src, index);
        struct shape s = shape_of(&row, cols);
        int rows = s.text_rows + s.note_rows, left = r.rows - at;
        struct rect place = {r.row + at, r.col, rows < left ? rows : left, cols};
        draw_row(&row, index == l->sel, focused, c, place);
        at += rows;
        whole += rows <= left;
    }
    l->rows = whole > 0 ? whole : 1;
    if (scrolls) {
        draw_arrows(c, r, top > 0, index < src->count || at > r.rows);
    }
}
