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
    case ACT_CLEAR:
        secret_remove(&e->value, 0, e->value.len);
        e->cursor = 0;
        return true;
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

void secret_edit_draw(const struct secret_edit *e, struct canvas *c, struct rect r, bool focused)
{
    if (r.cols < 1) {
        return;
    }
    enum role role = focused ? ROLE_FOCUS : ROLE_FIELD;
    canvas_fill(c, (struct rect){r.row, r.col, 1, r.cols}, role);
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
