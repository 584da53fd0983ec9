/* Canvas as text for golden files, and the rules that hold for every page. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/macro.h"
#include "ui/canvas/internal.h"
#include "ui/text/utf8.h"

static const char line_ascii[] = " -|++++++";

static const char role_letters[] = {
#define X(name, letter) letter,
    ROLES(X)
#undef X
};

char *canvas_dump_text(const struct canvas *c)
{
    char *out = malloc((size_t)c->rows * ((size_t)c->cols * CELL_BYTES + 1) + 1);
    size_t o = 0;
    for (int row = 0; out && row < c->rows; row++) {
        size_t end = o;
        for (int col = 0; col < c->cols; col++) {
            const struct cell *cell = canvas_cell(c, row, col);
            if (cell->line) {
                out[o++] = line_ascii[cell->line];
                end = o;
                continue;
            }
            size_t n = strlen(cell->text);
            memcpy(out + o, cell->text, n);
            o += n;
            end = strcmp(cell->text, " ") != 0 ? o : end;
        }
        o = end;
        out[o++] = '\n';
    }
    if (out) {
        out[o] = '\0';
    }
    return out;
}

char *canvas_dump_roles(const struct canvas *c)
{
    char *out = malloc((size_t)c->rows * ((size_t)c->cols + 1) + 1);
    size_t o = 0;
    for (int row = 0; out && row < c->rows; row++) {
        for (int col = 0; col < c->cols; col++) {
            out[o++] = role_letters[canvas_cell(c, row, col)->role];
        }
        out[o++] = '\n';
    }
    if (out) {
        out[o] = '\0';
    }
    return out;
}

PRINTF_LIKE(3, 4) static bool broken(char *why, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, size, format, args);
    va_end(args);
    return false;
}

static bool text_fine(const char *text)
{
    uint32_t cp;
    size_t len = strlen(text), n = utf8_decode(text, len, &cp);
    if (n == 0 || char_class(cp) != CHAR_PLAIN) {
        return false;
    }
    for (size_t pos = n; pos < len; pos += n) {
        n = utf8_decode(text + pos, len - pos, &cp);
        if (n == 0 || char_class(cp) != CHAR_COMBINING) {
            return false;
        }
    }
    return true;
}

static bool check_cell(const struct canvas *c, int row, int col, char *why, size_t size)
{
    const struct cell *cell = canvas_cell(c, row, col);
    const struct cell *right = canvas_cell(c, row, col + 1);
    const struct cell *left = canvas_cell(c, row, col - 1);
    if (cell->role >= ROLE_COUNT) {
        return broken(why, size, "row %d column %d: no such role", row, col);
    }
    if (cell->width == 2 && (!right || right->width != 0 || right->role != cell->role)) {
        return broken(why, size, "row %d column %d: left half of a wide character alone", row, col);
    }
    if (cell->width == 0) {
        bool fine = left && left->width == 2 && cell->text[0] == '\0';
        return fine || broken(why, size, "row %d column %d: right half of a wide character alone",
                              row, col);
    }
    if (!cell->line && !text_fine(cell->text)) {
        return broken(why, size, "row %d column %d: text not fit for display", row, col);
    }
    int width = cell->line ? 1 : 0;
    if (!cell->line) {
        cluster_next(cell->text, strlen(cell->text), &width);
    }
    return width == cell->width ||
           broken(why, size, "row %d column %d: width is %d, not %d", row, col, width, cell->width);
}

static bool focused(const struct canvas *c, int row, int col)
{
    const struct cell *cell = canvas_cell(c, row, col);
    return cell && cell->role == ROLE_FOCUS;
}

/* Runs of focus in one row; *first is the column of the first one. */
static int runs(const struct canvas *c, int row, int *first)
{
    int count = 0;
    for (int col = 0; col < c->cols; col++) {
        if (focused(c, row, col) && !focused(c, row, col - 1)) {
            *first = count == 0 ? col : *first;
            count++;
        }
    }
    return count;
}

static bool check_focus(const struct canvas *c, bool allow_none, char *why, size_t size)
{
    int last = -1, elements = 0, first = 0;
    for (int row = 0; row < c->rows; row++) {
        int count = runs(c, row, &first);
        if (count > 1) {
            return broken(why, size, "row %d: %d elements have the focus", row, count);
        }
        if (count == 1) {
            elements += last != row - 1 || last < 0;
            last = row;
        }
    }
    if (elements > 1 || (elements == 0 && !allow_none)) {
        return broken(why, size, "%d elements have the focus", elements);
    }
    if (elements == 1 && !(c->has_cursor && focused(c, c->cursor_row, c->cursor_col))) {
        return broken(why, size, "the cursor is not on the focus");
    }
    return true;
}

bool canvas_check(const struct canvas *c, bool allow_no_focus, char *why, size_t why_size)
{
    for (int row = 0; row < c->rows; row++) {
        for (int col = 0; col < c->cols; col++) {
            if (!check_cell(c, row, col, why, why_size)) {
                return false;
            }
        }
    }
    return check_focus(c, allow_no_focus, why, why_size);
}
