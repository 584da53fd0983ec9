#define _GNU_SOURCE
#include "ui/canvas/edit.h"

#include <stdlib.h>
#include <string.h>

#include "ui/canvas/scroll.h"
#include "ui/text/sanitize.h"
#include "ui/text/utf8.h"

#define EDIT_MAX 4096

int edit_init(struct edit *e, size_t max)
{
    *e = (struct edit){.max = max < 1 ? 1 : max > EDIT_MAX ? EDIT_MAX : max};
    e->cap = e->max + 1;
    e->text = calloc(1, e->cap);
    return e->text ? 0 : -1;
}

void edit_free(struct edit *e)
{
    if (e->text) {
        explicit_bzero(e->text, e->cap);
        free(e->text);
    }
    *e = (struct edit){0};
}

/* Bytes of the character at s that may be typed, 0 when it may not: controls, bidi controls and the
 * like have no place in a field. */
static size_t typable(const char *s, size_t len)
{
    uint32_t cp;
    size_t n = utf8_decode(s, len, &cp);
    return n && char_class(cp) != CHAR_HIDDEN ? n : 0;
}

static void insert(struct edit *e, const char *s, size_t n)
{
    memmove(e->text + e->cursor + n, e->text + e->cursor, e->len - e->cursor + 1);
    memcpy(e->text + e->cursor, s, n);
    e->len += n;
    e->cursor += n;
}

void edit_set(struct edit *e, const char *text)
{
    e->proposed = false;
    explicit_bzero(e->text, e->cap);
    e->len = e->cursor = 0;
    size_t len = strlen(text);
    while (len > 0) {
        size_t n = cluster_next(text, len, NULL);
        if (e->len + n > e->max) {
            break;
        }
        for (size_t pos = 0, step; pos < n; pos += step) {
            step = typable(text + pos, n - pos);
            if (step) {
                insert(e, text + pos, step);
            } else {
                step = 1;
            }
        }
        text += n;
        len -= n;
    }
}

void edit_propose(struct edit *e, const char *text)
{
    edit_set(e, text);
    e->proposed = e->len > 0;
}

bool edit_insert(struct edit *e, const char *utf8)
{
    size_t n = typable(utf8, strlen(utf8));
    if (n > 0 && e->proposed)
        edit_set(e, "");
    if (n == 0 || e->len + n > e->max) {
        return false;
    }
    insert(e, utf8, n);
    /* A mark joined the cluster before it; what follows the cursor may begin with marks of its own.
     */
    while (e->cursor < e->len) {
        uint32_t cp;
        size_t more = utf8_decode(e->text + e->cursor, e->len - e->cursor, &cp);
        if (more == 0 || char_class(cp) != CHAR_COMBINING) {
            break;
        }
        e->cursor += more;
    }
    return true;
}

static bool erase(struct edit *e, size_t from, size_t to)
{
    if (from == to) {
        return false;
    }
    memmove(e->text + from, e->text + to, e->len - to + 1);
    e->len -= to - from;
    explicit_bzero(e->text + e->len, e->cap - e->len);
    e->cursor = from;
    return true;
}

static size_t right_of(const struct edit *e)
{
    return e->cursor + cluster_next(e->text + e->cursor, e->len - e->cursor, NULL);
}

bool edit_key(struct edit *e, enum action action, const char *utf8)
{
    size_t before = e->cursor;
    if (action != ACT_CHAR)
        e->proposed = false;
    switch (action) {
    case ACT_LEFT:
        e->cursor = cluster_prev(e->text, e->cursor);
        return e->cursor != before;
    case ACT_RIGHT:
        e->cursor = right_of(e);
        return e->cursor != before;
    case ACT_HOME:
        e->cursor = 0;
        return true;
    case ACT_END:
        e->cursor = e->len;
        return true;
    case ACT_BACKSPACE:
        return erase(e, cluster_prev(e->text, e->cursor), e->cursor);
    case ACT_DELETE:
        return erase(e, e->cursor, right_of(e));
    case ACT_CLEAR:
        return erase(e, 0, e->len);
    case ACT_CHAR:
        return utf8 && edit_insert(e, utf8);
    default:
        return false;
    }
}

/* Columns of a stretch as it is drawn: what the canvas will not show takes one column. */
static int shown_cols(const char *s, size_t len)
{
    int cols = 0;
    for (size_t pos = 0, n; pos < len; pos += n) {
        int w;
        n = cluster_next(s + pos, len - pos, &w);
        cols += w;
    }
    return cols;
}

void edit_draw(const struct edit *e, struct canvas *c, struct rect r, bool focused)
{
    if (r.cols < 1) {
        return;
    }
    enum role role = focused ? ROLE_FOCUS : ROLE_FIELD;
    canvas_fill(c, (struct rect){r.row, r.col, 1, r.cols}, role);
    int before = shown_cols(e->text, e->cursor);
    int skip = scroll_offset(before, focused ? r.cols : 0);
    size_t start = 0;
    int gone = 0;
    while (gone < skip && start < e->len) {
        int w;
        start += cluster_next(e->text + start, e->len - start, &w);
        gone += w;
    }
    canvas_text_n(c, r.row, r.col, r.cols, role, e->text + start, e->len - start);
    if (focused) {
        int x = before - gone;
        canvas_set_cursor(c, r.row, r.col + (x < 0 ? 0 : x >= r.cols ? r.cols - 1 : x));
    }
}
