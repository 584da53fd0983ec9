#include "ui/canvas/pager.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/macro.h"
#include "ui/text/sanitize.h"
#include "ui/text/width.h"

#define SEARCH_MAX    128
#define LINE_MAX_COLS 4000 /* of one log line, as shown */
#define LEFT_STEP     8

int pager_init(struct pager *p)
{
    *p = (struct pager){.follow = true, .wrap = true, .level = 5};
    return edit_init(&p->search, SEARCH_MAX);
}

void pager_free(struct pager *p)
{
    edit_free(&p->search);
}

static struct log_line fetch(const struct log_source *src, size_t index)
{
    struct log_line line = {.text = ""};
    src->line(src->ctx, index, &line);
    return line;
}

static bool visible(const struct pager *p, const struct log_source *src, size_t index)
{
    return fetch(src, index).level <= p->level;
}

/* Screen rows of one log line. */
static int height(const struct pager *p, const struct log_source *src, size_t index)
{
    struct log_line line = fetch(src, index);
    if (line.level > p->level) {
        return 0;
    }
    if (!p->wrap || p->cols < 1) {
        return 1;
    }
    AUTOFREE char *shown = sanitize_dup(line.text, line.len, LINE_MAX_COLS);
    return shown ? wrap_count(shown, p->cols) : 1;
}

/* Up by one screen row; false at the very top. */
static bool step_up(struct pager *p, const struct log_source *src)
{
    if (p->top_row > 0) {
        p->top_row--;
        return true;
    }
    for (size_t i = p->top; i-- > 0;) {
        int rows = height(p, src, i);
        if (rows > 0) {
            p->top = i;
            p->top_row = rows - 1;
            return true;
        }
    }
    return false;
}

static bool step_down(struct pager *p, const struct log_source *src)
{
    if (p->top < src->count && p->top_row + 1 < height(p, src, p->top)) {
        p->top_row++;
        return true;
    }
    for (size_t i = p->top + 1; i < src->count; i++) {
        if (visible(p, src, i)) {
            p->top = i;
            p->top_row = 0;
            return true;
        }
    }
    return false;
}

static void to_end(struct pager *p, const struct log_source *src)
{
    p->top = src->count;
    p->top_row = 0;
    for (int i = 0; i < (p->rows > 0 ? p->rows : 1); i++) {
        if (!step_up(p, src)) {
            break;
        }
    }
}

/* Does the view from here fill the height? If not it has gone too far down. */
static bool at_end(const struct pager *p, const struct log_source *src)
{
    int rows = -p->top_row;
    for (size_t i = p->top; i < src->count && rows <= p->rows; i++) {
        rows += height(p, src, i);
    }
    return rows <= p->rows;
}

static bool move(struct pager *p, const struct log_source *src, int by)
{
    bool moved = false;
    for (; by < 0 && step_up(p, src); by++) {
        p->follow = false;
        moved = true;
    }
    for (; by > 0 && !at_end(p, src) && step_down(p, src); by--) {
        moved = true;
    }
    return moved;
}

static bool contains(const struct log_line *line, const char *needle, size_t len)
{
    for (size_t i = 0; i + len <= line->len; i++) {
        size_t k = 0;
        while (k < len &&
               tolower((unsigned char)line->text[i + k]) == tolower((unsigned char)needle[k])) {
            k++;
        }
        if (k == len) {
            return true;
        }
    }
    return false;
}

static void search(struct pager *p, const struct log_source *src, int direction)
{
    p->not_found = p->search.len > 0;
    for (size_t n = 1; p->search.len > 0 && n <= src->count; n++) {
        size_t i = direction > 0 ? (p->top + n) % src->count
                                 : (p->top + src->count - n % src->count) % src->count;
        struct log_line line = fetch(src, i);
        if (line.level <= p->level && contains(&line, p->search.text, p->search.len)) {
            p->top = i;
            p->top_row = 0;
            p->follow = false;
            p->not_found = false;
            return;
        }
    }
}

static bool prompt_key(struct pager *p, const struct log_source *src, enum action action,
                       const char *utf8)
{
    if (action == ACT_ENTER) {
        p->prompting = false;
        search(p, src, 1);
        return true;
    }
    if (action == ACT_BACK) {
        p->prompting = false;
        return true;
    }
    edit_key(&p->search, action, utf8);
    return true;
}

static bool char_key(struct pager *p, const struct log_source *src, char key)
{
    switch (key) {
    case '/':
        p->prompting = true;
        edit_set(&p->search, "");
        return true;
    case 'n':
        search(p, src, 1);
        return true;
    case 'N':
        search(p, src, -1);
        return true;
    case 'f':
        p->follow = !p->follow;
        return true;
    case 'w':
        p->wrap = !p->wrap;
        p->top_row = p->left = 0;
        return true;
    default:
        if (key >= '1' && key <= '5') {
            p->level = key - '0';
            p->top_row = 0;
            return true;
        }
        return false;
    }
}

bool pager_key(struct pager *p, const struct log_source *src, enum action action, const char *utf8)
{
    if (p->prompting) {
        return prompt_key(p, src, action, utf8);
    }
    int page = p->rows > 1 ? p->rows - 1 : 1;
    switch (action) {
    case ACT_UP:
        return move(p, src, -1);
    case ACT_DOWN:
        return move(p, src, 1);
    case ACT_PGUP:
        return move(p, src, -page);
    case ACT_PGDN:
        return move(p, src, page);
    case ACT_HOME:
        p->follow = false;
        p->top = 0;
        p->top_row = 0;
        return true;
    case ACT_END:
        to_end(p, src);
        p->follow = true;
        return true;
    case ACT_LEFT:
        p->left = p->left > LEFT_STEP ? p->left - LEFT_STEP : 0;
        return true;
    case ACT_RIGHT:
        p->left += !p->wrap && p->left < LINE_MAX_COLS ? LEFT_STEP : 0;
        return true;
    case ACT_FILTER:
        return char_key(p, src, '/');
    case ACT_CHAR:
        return utf8 && utf8[0] && !utf8[1] && char_key(p, src, utf8[0]);
    default:
        return false;
    }
}

static enum role level_role(int level)
{
    return level <= 1 ? ROLE_ERROR : level == 2 ? ROLE_WARN : level >= 4 ? ROLE_DIM : ROLE_NORMAL;
}

/* Draws one log line, leaving out its first `skip` rows; returns the rows used. */
static int draw_line(const struct pager *p, struct canvas *c, struct rect r,
                     const struct log_line *line, int skip)
{
    AUTOFREE char *shown = sanitize_dup(line->text, line->len, LINE_MAX_COLS);
    if (!shown) {
        return 1;
    }
    enum role role = level_role(line->level);
    if (p->wrap) {
        return canvas_scrolled(c, r, skip, role, shown);
    }
    size_t start = text_fit(shown, strlen(shown), p->left, NULL);
    canvas_text_cut(c, r.row, r.col, r.cols, role, shown + start);
    return 1;
}

void pager_draw(struct pager *p, const struct log_source *src, struct canvas *c, struct rect r,
                const char *prompt, bool focused)
{
    canvas_fill(c, r, ROLE_NORMAL);
    p->cols = r.cols;
    p->rows = p->prompting ? r.rows - 1 : r.rows;
    if (p->follow) {
        to_end(p, src);
    } else if (p->top >= src->count) {
        p->top = src->count ? src->count - 1 : 0;
        p->top_row = 0;
    }
    int row = 0, skip = p->top_row;
    for (size_t i = p->top; i < src->count && row < p->rows; i++) {
        struct log_line line = fetch(src, i);
        if (line.level <= p->level) {
            struct rect part = {r.row + row, r.col, p->rows - row, r.cols};
            row += draw_line(p, c, part, &line, skip);
            skip = 0;
        }
    }
    if (p->prompting && r.rows > 0) {
        int last = r.row + r.rows - 1;
        int used = canvas_text(c, last, r.col, r.cols / 2, ROLE_NORMAL, prompt) + 1;
        edit_draw(&p->search, c, (struct rect){last, r.col + used, 1, r.cols - used}, focused);
    } else if (focused && r.rows > 0) {
        canvas_set_role(c, r.row, r.col, r.cols, ROLE_FOCUS);
        canvas_set_cursor(c, r.row, r.col);
    }
}
