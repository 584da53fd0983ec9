#include "ui/canvas/bars.h"

#include <stdio.h>
#include <string.h>

#include "ui/text/width.h"

/* "[  Back  ]", "[> Next <]"; a label that is as wide as the screen does with narrower edges. */
static void draw_button(struct canvas *c, int row, int col, int cols, const char *label,
                        bool focused)
{
    static const char *const edges[][4] = {
        {"[  ", "  ]", "[> ", " <]"}, {"[ ", " ]", "[>", "<]"}, {"[", "]", ">", "<"}};
    enum role role = focused ? ROLE_FOCUS : ROLE_NORMAL;
    int spare = cols - text_width(label);
    const char *const *edge = edges[spare >= 6 || spare < 2 ? 0 : spare >= 4 ? 1 : 2];
    int end = (int)strlen(edge[1]);
    int used = canvas_text(c, row, col, cols, role, edge[focused ? 2 : 0]);
    used += canvas_text_cut(c, row, col + used, cols - used - end, role, label);
    canvas_text(c, row, col + used, cols - used, role, edge[focused ? 3 : 1]);
    if (focused) {
        canvas_set_cursor(c, row, col);
    }
}

int buttons_draw(struct canvas *c, struct rect r, const char *const *labels, size_t count,
                 int focus)
{
    int x = 0, row = 0;
    for (size_t i = 0; i < count; i++) {
        int width = text_width(labels[i]) + 6; /* "[  " and "  ]" */
        if (x > 0 && x + width > r.cols) {
            x = 0;
            row++;
        }
        if (c && row < r.rows) {
            draw_button(c, r.row + row, r.col + x, r.cols - x, labels[i], (int)i == focus);
        }
        x += width + 2;
    }
    return row + 1;
}

const char *step_mark_text(enum step_mark s)
{
    static const char *const texts[] = {"[ ]", "[>]", "[ok]", "[--]", "[!!]"};
    return s >= MARK_STEP_WAITING && s <= MARK_STEP_FAILED ? texts[s] : "[?]";
}

static enum role step_role(enum step_mark s)
{
    switch (s) {
    case MARK_STEP_DONE:
        return ROLE_OK;
    case MARK_STEP_FAILED:
        return ROLE_ERROR;
    case MARK_STEP_SKIPPED:
    case MARK_STEP_WAITING:
        return ROLE_DIM;
    default:
        return ROLE_NORMAL;
    }
}

/* The step people look for: the running one, else the failed one, else the last that is over. */
static size_t current_step(const struct step_line *steps, size_t count)
{
    size_t over = 0;
    for (size_t i = 0; i < count; i++) {
        if (steps[i].state == MARK_STEP_RUNNING || steps[i].state == MARK_STEP_FAILED) {
            return i;
        }
        over = steps[i].state == MARK_STEP_WAITING ? over : i;
    }
    return over;
}

#define MARK_COLS 5 /* "[ok] " */

static int step_rows(const struct step_line *step, int cols)
{
    return wrap_count(step->text, cols > MARK_COLS ? cols - MARK_COLS : 1);
}

static void draw_step(struct canvas *c, struct rect r, const struct step_line *step, bool focused)
{
    enum role role = focused ? ROLE_FOCUS : step_role(step->state);
    int used = canvas_text(c, r.row, r.col, r.cols, role, step_mark_text(step->state));
    for (; used < MARK_COLS && used < r.cols; used++) {
        canvas_text(c, r.row, r.col + used, 1, role, " ");
    }
    struct rect words = {r.row, r.col + used, r.rows, r.cols - used};
    canvas_wrapped(c, words, role == ROLE_OK ? ROLE_NORMAL : role, step->text);
    used += text_width(step->text);
    if (step->detail && step->detail[0] && used + 6 < r.cols) {
        canvas_foreign(c, r.row, r.col + used + 2, r.cols - used - 2, ROLE_DIM, step->detail,
                       strlen(step->detail));
    }
    if (focused) {
        canvas_set_cursor(c, r.row, r.col);
    }
}

/* The first step to show: about half of the rows lie before the current one, none are wasted. */
static size_t first_step(const struct step_line *steps, size_t count, size_t current, struct rect r)
{
    int used = step_rows(&steps[current], r.cols), above = 0;
    size_t top = current, end = current + 1;
    int most = r.rows / 2 < r.rows - used ? r.rows / 2 : r.rows - used;
    while (top > 0 && above + step_rows(&steps[top - 1], r.cols) <= most) {
        above += step_rows(&steps[--top], r.cols);
    }
    used += above;
    while (end < count && used + step_rows(&steps[end], r.cols) <= r.rows) {
        used += step_rows(&steps[end++], r.cols);
    }
    while (top > 0 && used + step_rows(&steps[top - 1], r.cols) <= r.rows) {
        used += step_rows(&steps[--top], r.cols);
    }
    return top;
}

int steps_draw(struct canvas *c, struct rect r, const struct step_line *steps, size_t count,
               bool focused)
{
    if (r.rows < 1 || count == 0) {
        return 0;
    }
    size_t current = current_step(steps, count);
    int drawn = 0;
    for (size_t i = first_step(steps, count, current, r); i < count && drawn < r.rows; i++) {
        int rows = step_rows(&steps[i], r.cols), left = r.rows - drawn;
        if (rows > left && drawn > 0) {
            break;
        }
        struct rect line = {r.row + drawn, r.col, rows < left ? rows : left, r.cols};
        draw_step(c, line, &steps[i], focused && i == current);
        drawn += rows;
    }
    return drawn < r.rows ? drawn : r.rows;
}

void progress_draw(struct canvas *c, struct rect r, unsigned long done, unsigned long total)
{
    int bar = r.cols - 8; /* "[" "]" and "  100%" */
    if (total == 0 || bar < 1 || r.rows < 1) {
        return;
    }
    double part = done >= total ? 1.0 : (double)done / (double)total;
    int full = (int)(part * bar);
    canvas_text(c, r.row, r.col, 1, ROLE_NORMAL, "[");
    for (int i = 0; i < bar; i++) {
        canvas_text(c, r.row, r.col + 1 + i, 1, i < full ? ROLE_NORMAL : ROLE_DIM,
                    i < full ? "#" : ".");
    }
    char percent[16];
    snprintf(percent, sizeof(percent), "] %4d%%", (int)(part * 100));
    canvas_text(c, r.row, r.col + 1 + bar, 7, ROLE_NORMAL, percent);
}

void keybar_draw(struct canvas *c, int row, const struct key_item *items, size_t count)
{
    int cols = canvas_cols(c), x = 0;
    for (size_t i = 0; i < count; i++) {
        int width = text_width(items[i].key) + 1 + text_width(items[i].text);
        if (x + width > cols) {
            break;
        }
        x += canvas_text(c, row, x, -1, ROLE_KEYBAR, items[i].key) + 1;
        x += canvas_text(c, row, x, -1, ROLE_NORMAL, items[i].text) + 2;
    }
}

void toosmall_draw(struct canvas *c, const char *message)
{
    canvas_clear(c);
    canvas_wrapped(c, canvas_rect(c), ROLE_NORMAL, message);
    canvas_set_cursor(c, 0, 0);
}

static void lower_focus(struct canvas *c)
{
    for (int row = 0; row < canvas_rows(c); row++) {
        for (int col = 0; col < canvas_cols(c); col++) {
            if (canvas_cell(c, row, col)->role == ROLE_FOCUS) {
                canvas_set_role(c, row, col, 1, ROLE_NORMAL);
            }
        }
    }
}

struct rect modal_frame(struct canvas *c, struct rect r, int rows, int cols, const char *title)
{
    lower_focus(c);
    bool framed = r.cols >= 44;
    int edge =
        framed ? 2 : 0; /* the frame and a blank beside it; above and below the frame alone */
    struct rect outer = {.rows = rows + (framed ? 2 : 1), .cols = cols + 2 * edge};
    outer.rows = outer.rows > r.rows ? r.rows : outer.rows;
    outer.cols = outer.cols > r.cols ? r.cols : outer.cols;
    outer.row = r.row + (r.rows - outer.rows) / 2;
    outer.col = r.col + (r.cols - outer.cols) / 2;
    if (!framed) { /* without a frame nothing else may be seen around it */
        outer.row = r.row;
        canvas_fill(c, r, ROLE_NORMAL);
        canvas_text_cut(c, outer.row, outer.col, outer.cols, ROLE_TITLE, title);
        return (struct rect){outer.row + 1, outer.col, outer.rows - 1, outer.cols};
    }
    canvas_fill(c, outer, ROLE_NORMAL);
    canvas_box(c, outer, ROLE_NORMAL);
    char shown[256];
    int width = text_cut(shown, sizeof(shown), title, outer.cols - 6);
    canvas_text(c, outer.row, outer.col + 2, 1, ROLE_NORMAL, " ");
    canvas_text(c, outer.row, outer.col + 3, width, ROLE_TITLE, shown);
    canvas_text(c, outer.row, outer.col + 3 + width, 1, ROLE_NORMAL, " ");
    return (struct rect){outer.row + 1, outer.col + edge, outer.rows - 2, outer.cols - 2 * edge};
}
