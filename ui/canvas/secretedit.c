#include "ui/canvas/secretedit.h"

#include <string.h>

#include "ui/canvas/scroll.h"
#include "ui/text/utf8.h"

int secret_edit_init(struct secret_edit *e)
{
    *e = (struct secret_edit){0};
    return secret_init(&e->value, SECRET_MAX);
}

void secret_edit_free(struct secret_edit *e)
{
    secret_free(&e->value);
    e->cursor = 0;
}

void secret_edit_wipe(struct secret_edit *e)
{
    if (e->value.data) {
        secret_wipe(&e->value);
    }
    e->cursor = 0;
    e->shown = false;
}

static const char *bytes(const struct secret_edit *e)
{
    return (const char *)e->value.data;
}

static size_t left_of(const struct secret_edit *e)
{
    size_t pos = e->cursor;
    while (pos > 0) {
        pos--;
        if (((unsigned char)bytes(e)[pos] & 0xC0) != 0x80) {
            break;
        }
    }
    return pos;
}

static size_t right_of(const struct secret_edit *e)
{
    uint32_t cp;
    size_t n = utf8_decode(bytes(e) + e->cursor, e->value.len - e->cursor, &cp);
    return e->cursor + n;
}

static bool type(struct secret_edit *e, const char *utf8)
{
    uint32_t cp;
    size_t n = utf8 ? utf8_decode(utf8, strlen(utf8), &cp) : 0;
    /* Everything but control characters: a password is not ours to judge. */
    if (n == 0 || cp < 0x20 || (cp >= 0x7F && cp < 0xA0) ||
        secret_insert(&e->value, e->cursor, utf8, n) < 0) {
        return false;
    }
    e->cursor += n;
    return true;
}

bool secret_edit_key(struct secret_edit *e, enum action action, const char *utf8)
{
    if (!e->value.data) {
        return false;
    }
    size_t left = left_of(e), right = right_of(e), before = e->cursor;
    switch (action) {
    case ACT_LEFT:
        e->cursor = left;
        return left != before;
    case ACT_RIGHT:
        e->cursor = right;
        return right != before;
    case ACT_HOME:
        e->cursor = 0;
        return true;
    case ACT_END:
        e->cursor = e->value.len;
        return true;
    case ACT_BACKSPACE:
        secret_remove(&e->value, left, before - left);
        e->cursor = left;
        return left != before;
    case ACT_DELETE:
        secret_remove(&e->value, before, right - before);
        return right != before;
    case ACT_CHAR:
        return type(e, utf8);
    default:
        return false;
    }
}

static int count_chars(const struct secret_edit *e, size_t len)
{
    int count = 0;
    for (size_t i = 0; e->value.data && i < len; i++) {
        count += (e->value.data[i] & 0xC0) != 0x80;
    }
    return count;
}

size_t secret_edit_chars(const struct secret_edit *e)
{
    return (size_t)count_chars(e, e->value.len);
}

/* A character as it is shown in clear; what has no width of its own as '?'. Its columns. */
static int clear_char(const struct secret_edit *e, size_t *pos, char out[UTF8_MAX + 1])
{
    uint32_t cp = 0;
    size_t n = utf8_decode(bytes(e) + *pos, e->value.len - *pos, &cp);
    bool plain = n > 0 && char_class(cp) == CHAR_PLAIN;
    memset(out, 0, UTF8_MAX + 1);
    if (plain) {
        memcpy(out, bytes(e) + *pos, n);
    } else {
        out[0] = '?';
    }
    *pos += n ? n : 1;
    return plain ? char_width(cp) : 1;
}

/* Columns from one byte offset to another. */
static int clear_cols(const struct secret_edit *e, size_t from, size_t to)
{
    char one[UTF8_MAX + 1];
    int cols = 0;
    while (from < to) {
        cols += clear_char(e, &from, one);
    }
    explicit_bzero(one, sizeof one);
    return cols;
}

static void draw_clear(const struct secret_edit *e, struct canvas *c, struct rect r, enum role role,
                       bool focused)
{
    char one[UTF8_MAX + 1];
    size_t from = 0;
    while (clear_cols(e, from, e->cursor) >= r.cols) {
        (void)clear_char(e, &from, one);
    }
    if (focused) {
        canvas_set_cursor(c, r.row, r.col + clear_cols(e, from, e->cursor));
    }
    for (int col = 0; from < e->value.len;) {
        int cols = clear_char(e, &from, one);
        if (col + cols > r.cols) {
            break;
        }
        canvas_text(c, r.row, r.col + col, cols, role, one);
        col += cols;
    }
    explicit_bzero(one, sizeof one);
}

void secret_edit_draw(const struct secret_edit *e, struct canvas *c, struct rect r, bool focused)
{
    if (r.cols < 1) {
        return;
    }
    enum role role = focused ? ROLE_FOCUS : ROLE_FIELD;
    canvas_fill(c, (struct rect){r.row, r.col, 1, r.cols}, role);
    if (e->shown && e->value.data) {
        draw_clear(e, c, r, role, focused);
        return;
    }
    int before = count_chars(e, e->cursor);
    int skip = scroll_offset(before, focused ? r.cols : 0);
    int shown = count_chars(e, e->value.len) - skip;
    for (int i = 0; i < shown && i < r.cols; i++) {
        canvas_text(c, r.row, r.col + i, 1, role, "*");
    }
    if (focused) {
        canvas_set_cursor(c, r.row, r.col + before - skip);
    }
}
