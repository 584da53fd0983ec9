#include "ui/canvas/list.h"

#include <string.h>

#include "ui/canvas/scroll.h"
#include "ui/text/utf8.h"

struct list_row list_row_at(const struct list_source *src, size_t index)
{
    struct list_row row = {.text = ""};
    src->row(src->ctx, index, &row);
    if (!row.text) {
        row.text = "";
    }
    return row;
}

void list_end_typing(struct list *l)
{
    l->typed_len = 0;
    l->typed[0] = '\0';
}

static enum list_result go(struct list *l, const struct list_source *src, size_t to)
{
    list_end_typing(l);
    if (src->count == 0 || to == l->sel) {
        return LIST_IGNORED;
    }
    l->sel = to < src->count ? to : src->count - 1;
    l->top = scroll_top(l->top, l->sel, src->count, l->rows);
    return LIST_MOVED;
}

static bool find_typed(struct list *l, const struct list_source *src, size_t len, size_t from,
                       size_t *found)
{
    for (size_t i = 0; i < src->count; i++) {
        size_t index = (from + i) % src->count;
        struct list_row row = list_row_at(src, index);
        if (fold_begins(row.text, l->typed, len)) {
            *found = index;
            return true;
        }
    }
    return false;
}

static enum list_result choose_digit(struct list *l, const struct list_source *src, char digit)
{
    size_t index = l->top + (size_t)(digit - '1');
    list_end_typing(l);
    if (index >= src->count || (l->rows > 0 && index >= l->top + (size_t)l->rows)) {
        return LIST_IGNORED;
    }
    l->sel = index;
    return LIST_MOVED;
}

/* Behind `kept` bytes of what was typed before. false: no row begins with that. */
static bool typed_finds(struct list *l, const struct list_source *src, size_t kept,
                        const char *utf8, size_t from)
{
    char before[sizeof l->typed];
    size_t n = strlen(utf8), found;
    memcpy(before, l->typed, sizeof before);
    if (kept + n >= sizeof l->typed) {
        return false;
    }
    memcpy(l->typed + kept, utf8, n + 1);
    if (!find_typed(l, src, kept + n, from, &found)) {
        memcpy(l->typed, before, sizeof before);
        return false;
    }
    l->typed_len = kept + n;
    l->sel = found;
    l->top = scroll_top(l->top, l->sel, src->count, l->rows);
    return true;
}

/* A letter that does not go on with the word begins another one, behind the present row. */
static enum list_result type_ahead(struct list *l, const struct list_source *src, const char *utf8)
{
    if (!utf8 || src->count == 0 || (unsigned char)utf8[0] < 0x20) {
        return LIST_IGNORED;
    }
    if (typed_finds(l, src, l->typed_len, utf8, l->sel) ||
        (l->typed_len > 0 && typed_finds(l, src, 0, utf8, l->sel + 1))) {
        return LIST_MOVED;
    }
    bool digit = utf8[0] >= '1' && utf8[0] <= '9' && !utf8[1];
    return digit && l->typed_len == 0 ? choose_digit(l, src, utf8[0]) : LIST_IGNORED;
}

static enum list_result tree_close(struct list *l, const struct list_source *src)
{
    struct list_row row = list_row_at(src, l->sel);
    if (row.node == NODE_NONE) {
        return LIST_IGNORED;
    }
    if (row.node == NODE_OPEN) {
        return LIST_COLLAPSE;
    }
    for (size_t i = l->sel; row.depth > 0 && i-- > 0;) {
        if (list_row_at(src, i).depth < row.depth) {
            go(l, src, i);
            return LIST_PARENT;
        }
    }
    return LIST_IGNORED;
}

static enum list_result tree_open(struct list *l, const struct list_source *src)
{
    struct list_row row = list_row_at(src, l->sel);
    if (row.node == NODE_CLOSED) {
        return LIST_EXPAND;
    }
    if (row.node == NODE_OPEN && l->sel + 1 < src->count &&
        list_row_at(src, l->sel + 1).depth > row.depth) {
        return go(l, src, l->sel + 1);
    }
    return LIST_IGNORED;
}

enum list_result list_key(struct list *l, const struct list_source *src, enum action action,
                          const char *utf8)
{
    if (src->count == 0) {
        return action == ACT_FILTER ? LIST_FILTER : LIST_IGNORED;
    }
    if (l->sel >= src->count) {
        l->sel = src->count - 1;
    }
    if (l->drawn) {
        l->top = l->shown; /* what people see is what they move in */
        l->drawn = false;
    }
    size_t page = l->rows > 1 ? (size_t)l->rows - 1 : 1;
    switch (action) {
    case ACT_UP:
        return go(l, src, l->sel > 0 ? l->sel - 1 : 0);
    case ACT_DOWN:
        return go(l, src, l->sel + 1 < src->count ? l->sel + 1 : l->sel);
    case ACT_PGUP:
        go(l, src, l->sel > page ? l->sel - page : 0);
        return LIST_MOVED;
    case ACT_PGDN:
        go(l, src, l->sel + page < src->count ? l->sel + page : src->count - 1);
        return LIST_MOVED;
    case ACT_HOME:
        go(l, src, 0);
        return LIST_MOVED;
    case ACT_END:
        go(l, src, src->count - 1);
        return LIST_MOVED;
    case ACT_LEFT:
    case ACT_COLLAPSE:
        return tree_close(l, src);
    case ACT_RIGHT:
    case ACT_EXPAND:
        return tree_open(l, src);
    case ACT_TOGGLE:
        return LIST_TOGGLE;
    case ACT_FILTER:
        return LIST_FILTER;
    case ACT_BACKSPACE:
        l->typed_len = cluster_prev(l->typed, l->typed_len);
        l->typed[l->typed_len] = '\0';
        return LIST_MOVED;
    case ACT_CHAR:
        return type_ahead(l, src, utf8);
    default:
        return LIST_IGNORED;
    }
}
