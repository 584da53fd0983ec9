#include "ui/canvas/canvas.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/canvas/internal.h"
#include "ui/text/sanitize.h"
#include "ui/text/utf8.h"
#include "ui/text/width.h"

static int limit(int v)
{
    return v < 1 ? 1 : v > CANVAS_MAX ? CANVAS_MAX : v;
}

struct canvas *canvas_new(int rows, int cols)
{
    struct canvas *c = calloc(1, sizeof(*c));
    if (!c) {
        return NULL;
    }
    c->rows = limit(rows);
    c->cols = limit(cols);
    c->cells = calloc((size_t)c->rows * (size_t)c->cols, sizeof(c->cells[0]));
    if (!c->cells) {
        free(c);
        return NULL;
    }
    canvas_clear(c);
    return c;
}

void canvas_free(struct canvas *c)
{
    if (c) {
        free(c->cells);
        free(c);
    }
}

void canvas_freep(struct canvas **c)
{
    canvas_free(*c);
    *c = NULL;
}

int canvas_rows(const struct canvas *c)
{
    return c->rows;
}

int canvas_cols(const struct canvas *c)
{
    return c->cols;
}

struct rect canvas_rect(const struct canvas *c)
{
    return (struct rect){.rows = c->rows, .cols = c->cols};
}

static struct cell *at(struct canvas *c, int row, int col)
{
    return &c->cells[(size_t)row * (size_t)c->cols + (size_t)col];
}

const struct cell *canvas_cell(const struct canvas *c, int row, int col)
{
    if (row < 0 || col < 0 || row >= c->rows || col >= c->cols) {
        return NULL;
    }
    return &c->cells[(size_t)row * (size_t)c->cols + (size_t)col];
}

static void blank(struct cell *cell, enum role role)
{
    *cell = (struct cell){.text = " ", .width = 1, .role = (uint8_t)role};
}

void canvas_clear(struct canvas *c)
{
    for (size_t i = 0; i < (size_t)c->rows * (size_t)c->cols; i++) {
        blank(&c->cells[i], ROLE_NORMAL);
    }
    c->has_cursor = false;
    c->box_count = 0;
    c->faults = (struct canvas_faults){0};
}

const struct canvas_faults *canvas_faults(const struct canvas *c)
{
    return &c->faults;
}

static void fault(struct canvas *c, unsigned *counter, const char *text, size_t len)
{
    if (c->faults.text[0] == '\0')
        snprintf(c->faults.text, sizeof c->faults.text, "%.*s", len < 150 ? (int)len : 150, text);
    ++*counter;
}

/* Before a cell is overwritten: a wide character that would be cut in half becomes blanks. */
static void release(struct canvas *c, int row, int col)
{
    struct cell *cell = at(c, row, col);
    if (cell->width == 0 && col > 0) {
        blank(at(c, row, col - 1), (enum role)at(c, row, col - 1)->role);
        blank(cell, (enum role)cell->role);
    } else if (cell->width == 2 && col + 1 < c->cols) {
        struct cell *right = at(c, row, col + 1);
        blank(right, (enum role)right->role);
    }
}

static void put(struct canvas *c, int row, int col, enum role role, const char *text, size_t len,
                int width)
{
    for (int i = 0; i < width; i++) {
        const struct cell *below = at(c, row, col + i);
        if (below->text[0] && strcmp(below->text, " ") != 0 && *text != ' ')
            fault(c, &c->faults.overlaps, text, len);
        release(c, row, col + i);
    }
    struct cell *cell = at(c, row, col);
    *cell = (struct cell){.width = (uint8_t)width, .role = (uint8_t)role};
    memcpy(cell->text, text, len);
    if (width == 2) {
        *at(c, row, col + 1) = (struct cell){.width = 0, .role = (uint8_t)role};
    }
}

/* A cluster that may stand in a cell: plain base, at most SANITIZE_MARKS marks. */
static bool displayable(const char *s, size_t len)
{
    uint32_t cp;
    size_t n = utf8_decode(s, len, &cp);
    if (n == 0 || char_class(cp) != CHAR_PLAIN) {
        return false;
    }
    size_t marks = 0;
    for (size_t pos = n; pos < len; pos += n, marks++) {
        n = utf8_decode(s + pos, len - pos, &cp);
    }
    return marks <= SANITIZE_MARKS && len < CELL_BYTES;
}

/* Draws what fits; *rest receives the bytes that did not. */
static int draw(struct canvas *c, int row, int col, int max_cols, enum role role, const char *text,
                size_t len, size_t *rest)
{
    int used = 0;
    while (len > 0 && *text != '\n' && *text != '\0') {
        int width;
        size_t n = cluster_next(text, len, &width);
        bool fine = displayable(text, n);
        width = fine ? width : 1;
        int x = col + used;
        if ((max_cols >= 0 && used + width > max_cols) || x + width > c->cols) {
            *rest = len;
            return used;
        }
        if (row >= 0 && row < c->rows && x >= 0) {
            put(c, row, x, role, fine ? text : "?", fine ? n : 1, width);
        }
        used += width;
        text += n;
        len -= n;
    }
    *rest = 0;
    return used;
}

int canvas_text_n(struct canvas *c, int row, int col, int max_cols, enum role role,
                  const char *text, size_t len)
{
    size_t rest;
    int used = draw(c, row, col, max_cols, role, text, len, &rest);
    if (rest)
        fault(c, &c->faults.cut, text, len);
    return used;
}

int canvas_text(struct canvas *c, int row, int col, int max_cols, enum role role, const char *text)
{
    return canvas_text_n(c, row, col, max_cols, role, text, strlen(text));
}

static int room(const struct canvas *c, int col, int max_cols)
{
    int left = c->cols - col;
    if (left < 0) {
        left = 0;
    }
    return max_cols < 0 || max_cols > left ? left : max_cols;
}

int canvas_text_cut(struct canvas *c, int row, int col, int max_cols, enum role role,
                    const char *text)
{
    if (text_width_n(text, strcspn(text, "\n")) > room(c, col, max_cols))
        fault(c, &c->faults.cut, text, strlen(text));
    char cut[CANVAS_LINE_BYTES];
    size_t rest;
    text_cut(cut, sizeof(cut), text, room(c, col, max_cols));
    return draw(c, row, col, max_cols, role, cut, strlen(cut), &rest);
}

int canvas_foreign(struct canvas *c, int row, int col, int max_cols, enum role role,
                   const void *bytes, size_t len)
{
    char shown[CANVAS_LINE_BYTES];
    size_t rest;
    sanitize(shown, sizeof(shown), bytes, len, room(c, col, max_cols));
    return draw(c, row, col, max_cols, role, shown, strlen(shown), &rest);
}

static int wrapped(struct canvas *c, struct rect r, int skip, enum role role, const char *text,
                   const char **rest)
{
    struct wrap w = wrap_start(text, r.cols);
    const char *line;
    size_t len;
    int row = 0;
    while (row - skip < r.rows && wrap_next(&w, &line, &len)) {
        if (row >= skip) {
            canvas_text_n(c, r.row + row - skip, r.col, r.cols, role, line, len);
        }
        row++;
    }
    *rest = w.done ? NULL : w.p;
    return row > skip ? row - skip : 0;
}

int canvas_wrapped(struct canvas *c, struct rect r, enum role role, const char *text)
{
    const char *rest;
    int rows = wrapped(c, r, 0, role, text, &rest);
    if (rest)
        fault(c, &c->faults.unseen, rest, strlen(rest));
    return rows;
}

int canvas_scrolled(struct canvas *c, struct rect r, int skip, enum role role, const char *text)
{
    const char *rest;
    return wrapped(c, r, skip, role, text, &rest);
}

/* One line, whose bytes start at `from` of the text: plain and foreign parts in turn. */
static void marked_line(struct canvas *c, struct rect r, enum role role, const char *line,
                        size_t len, size_t from, const struct canvas_span *spans, size_t n)
{
    size_t at = 0;
    int col = 0;
    for (size_t i = 0; i < n && at < len; i++) {
        size_t start = spans[i].from > from ? spans[i].from - from : 0,
               end = spans[i].from + spans[i].len > from ? spans[i].from + spans[i].len - from : 0;
        if (end <= at || start >= len)
            continue;
        if (start < at)
            start = at;
        if (end > len)
            end = len;
        col += canvas_text_n(c, r.row, r.col + col, r.cols - col, role, line + at, start - at);
        col += canvas_text_n(c, r.row, r.col + col, r.cols - col, ROLE_FOREIGN, line + start,
                             end - start);
        at = end;
    }
    canvas_text_n(c, r.row, r.col + col, r.cols - col, role, line + at, len - at);
}

void canvas_wrapped_marked(struct canvas *c, struct rect r, enum role role, const char *text,
                           const struct canvas_span *spans, size_t n)
{
    struct wrap w = wrap_start(text, r.cols);
    const char *line;
    size_t len;
    for (int row = 0; row < r.rows && wrap_next(&w, &line, &len); row++) {
        struct rect place = {r.row + row, r.col, 1, r.cols};
        marked_line(c, place, role, line, len, (size_t)(line - text), spans, n);
    }
    if (!w.done)
        fault(c, &c->faults.notes, w.p, strlen(w.p));
}

/* The part of r inside the canvas. */
static struct rect clip(const struct canvas *c, struct rect r)
{
    int bottom = r.row + r.rows < c->rows ? r.row + r.rows : c->rows;
    int right = r.col + r.cols < c->cols ? r.col + r.cols : c->cols;
    struct rect in = {.row = r.row > 0 ? r.row : 0, .col = r.col > 0 ? r.col : 0};
    in.rows = bottom - in.row;
    in.cols = right - in.col;
    return in;
}

void canvas_fill(struct canvas *c, struct rect r, enum role role)
{
    struct rect in = clip(c, r);
    for (int row = in.row; row < in.row + in.rows; row++) {
        for (int col = in.col; col < in.col + in.cols; col++) {
            put(c, row, col, role, " ", 1, 1);
        }
    }
}

void canvas_set_role(struct canvas *c, int row, int col, int cols, enum role role)
{
    struct rect in = clip(c, (struct rect){.row = row, .col = col, .rows = 1, .cols = cols});
    for (int x = in.col; in.rows == 1 && x < in.col + in.cols; x++) {
        struct cell *cell = at(c, in.row, x);
        cell->role = (uint8_t)role;
        cell->in_box = 0; /* no longer as the rest of its frame */
        if (cell->width == 0 && x > 0) {
            at(c, in.row, x - 1)->role = (uint8_t)role;
        } else if (cell->width == 2 && x + 1 < c->cols) {
            at(c, in.row, x + 1)->role = (uint8_t)role;
        }
    }
}

void canvas_line(struct canvas *c, int row, int col, enum role role, enum line_cell line)
{
    if (row < 0 || col < 0 || row >= c->rows || col >= c->cols) {
        return;
    }
    release(c, row, col);
    *at(c, row, col) = (struct cell){.width = 1, .role = (uint8_t)role, .line = (uint8_t)line};
}

void canvas_hline(struct canvas *c, int row, int col, int cols, enum role role)
{
    for (int i = 0; i < cols; i++) {
        canvas_line(c, row, col + i, role, LINE_HORIZONTAL);
    }
}

static void frame(struct canvas *c, struct rect r, enum role role)
{
    int bottom = r.row + r.rows - 1, right = r.col + r.cols - 1;
    canvas_hline(c, r.row, r.col + 1, r.cols - 2, role);
    canvas_hline(c, bottom, r.col + 1, r.cols - 2, role);
    for (int row = r.row + 1; row < bottom; row++) {
        canvas_line(c, row, r.col, role, LINE_VERTICAL);
        canvas_line(c, row, right, role, LINE_VERTICAL);
    }
    canvas_line(c, r.row, r.col, role, LINE_UPPER_LEFT);
    canvas_line(c, r.row, right, role, LINE_UPPER_RIGHT);
    canvas_line(c, bottom, r.col, role, LINE_LOWER_LEFT);
    canvas_line(c, bottom, right, role, LINE_LOWER_RIGHT);
}

static void mark_in_box(struct canvas *c, struct rect r)
{
    for (int col = r.col; col < r.col + r.cols; col++) {
        at(c, r.row, col)->in_box = 1;
        at(c, r.row + r.rows - 1, col)->in_box = 1;
    }
    for (int row = r.row; row < r.row + r.rows; row++) {
        at(c, row, r.col)->in_box = 1;
        at(c, row, r.col + r.cols - 1)->in_box = 1;
    }
}

void canvas_box(struct canvas *c, struct rect r, enum role role)
{
    if (r.rows < 2 || r.cols < 2) {
        return;
    }
    frame(c, r, role);
    struct rect in = clip(c, r);
    bool whole = in.row == r.row && in.col == r.col && in.rows == r.rows && in.cols == r.cols;
    if (whole && c->box_count < CANVAS_BOXES_MAX) {
        c->boxes[c->box_count++] = (struct canvas_frame){.r = r, .role = role};
        mark_in_box(c, r);
    }
}

size_t canvas_boxes(const struct canvas *c, const struct canvas_frame **boxes)
{
    *boxes = c->boxes;
    return c->box_count;
}

void canvas_set_cursor(struct canvas *c, int row, int col)
{
    c->has_cursor = row >= 0 && col >= 0 && row < c->rows && col < c->cols;
    c->cursor_row = row;
    c->cursor_col = col;
}

bool canvas_cursor(const struct canvas *c, int *row, int *col)
{
    if (c->has_cursor) {
        *row = c->cursor_row;
        *col = c->cursor_col;
    }
    return c->has_cursor;
}

static bool cell_equal(const struct cell *a, const struct cell *b)
{
    return a->width == b->width && a->role == b->role && a->line == b->line &&
           strcmp(a->text, b->text) == 0;
}

bool canvas_equal(const struct canvas *a, const struct canvas *b)
{
    if (a->rows != b->rows || a->cols != b->cols || a->has_cursor != b->has_cursor) {
        return false;
    }
    if (a->has_cursor && (a->cursor_row != b->cursor_row || a->cursor_col != b->cursor_col)) {
        return false;
    }
    for (size_t i = 0; i < (size_t)a->rows * (size_t)a->cols; i++) {
        if (!cell_equal(&a->cells[i], &b->cells[i])) {
            return false;
        }
    }
    return true;
}
