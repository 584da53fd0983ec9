#include "ui/canvas/scrolltext.h"

#include <string.h>

#include "ui/text/width.h"

static int inner_cols(const struct scroll_text *s)
{
    return s->cols > 8 ? s->cols - 2 : s->cols;
}

/* Number of the wrapped line that holds the anchor; *count receives all lines. */
static int anchor_line(const struct scroll_text *s, const char *text, int *count)
{
    struct wrap w = wrap_start(text, inner_cols(s));
    const char *line;
    size_t len;
    int at = 0;
    *count = 0;
    while (wrap_next(&w, &line, &len)) {
        if ((size_t)(line - text) <= s->anchor) {
            at = *count;
        }
        (*count)++;
    }
    return at;
}

static void anchor_to(struct scroll_text *s, const char *text, int to)
{
    struct wrap w = wrap_start(text, inner_cols(s));
    const char *line;
    size_t len;
    for (int i = 0; wrap_next(&w, &line, &len); i++) {
        s->anchor = (size_t)(line - text);
        if (i == to) {
            break;
        }
    }
}

static int last_top(const struct scroll_text *s, int count)
{
    int top = count - (s->rows > 0 ? s->rows : 1);
    return top > 0 ? top : 0;
}

bool scroll_text_key(struct scroll_text *s, const char *text, enum action action)
{
    int count, at = anchor_line(s, text, &count), to = at;
    int page = s->rows > 1 ? s->rows - 1 : 1, end = last_top(s, count);
    at = at > end ? end : at;
    switch (action) {
    case ACT_UP:
        to = at - 1;
        break;
    case ACT_DOWN:
        to = at + 1;
        break;
    case ACT_PGUP:
        to = at - page;
        break;
    case ACT_PGDN:
        to = at + page;
        break;
    case ACT_HOME:
        to = 0;
        break;
    case ACT_END:
        to = end;
        break;
    default:
        return false;
    }
    to = to < 0 ? 0 : to > end ? end : to;
    if (to == at) {
        return false;
    }
    anchor_to(s, text, to);
    return true;
}

bool scroll_text_more_below(const struct scroll_text *s, const char *text)
{
    int count, at = anchor_line(s, text, &count);
    return at + s->rows < count;
}

void scroll_text_draw(struct scroll_text *s, struct canvas *c, struct rect r, enum role role,
                      const char *text, bool focused)
{
    canvas_fill(c, r, ROLE_NORMAL);
    s->rows = r.rows;
    s->cols = r.cols;
    int count, at = anchor_line(s, text, &count), end = last_top(s, count);
    at = at > end ? end : at;
    struct rect inner = {r.row, r.col, r.rows, inner_cols(s)};
    canvas_scrolled(c, inner, at, role, text);
    if (at > 0) {
        canvas_text(c, r.row, r.col + r.cols - 1, 1, ROLE_DIM, "^");
    }
    if (at + r.rows < count) {
        canvas_text(c, r.row + r.rows - 1, r.col + r.cols - 1, 1, ROLE_DIM, "v");
    }
    if (focused && r.rows > 0) {
        canvas_set_role(c, r.row, r.col, inner.cols, ROLE_FOCUS);
        canvas_set_cursor(c, r.row, r.col);
    }
}
