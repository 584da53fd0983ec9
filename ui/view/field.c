/* One field of a page. */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "ui/canvas/widgets.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/view/internal.h"
#include "ui/words/words.h"

#define LABEL_MAX 30 /* wider ones wrap: the value needs the room */
#define BOX_COLS  4  /* "[x] " */

static bool has_label_column(enum field_kind k)
{
    return k == FIELD_TEXT || k == FIELD_SECRET || k == FIELD_CHOICE;
}

/* Whoever came to a language that is strange to them finds the way back by the English word. */
static char *label_of(struct wizard *w, enum field f)
{
    const char *msgid = wizard_label(w, f), *text = _(msgid);
    if (f != FLD_LANGUAGE || str_eq(text, msgid))
        return xstrdup(text);
    return xasprintf("%s (%s)", text, msgid);
}

/* Columns that the labels of a page take. */
static int label_columns(struct wizard *w, enum page p)
{
    enum field fields[FLD__COUNT];
    size_t n = wizard_fields(w, p, fields, FLD__COUNT);
    int cols = 0;
    for (size_t i = 0; i < n; i++) {
        AUTOFREE char *label = label_of(w, fields[i]);
        int need = has_label_column(field_row(fields[i])->kind) ? text_width(label) : 0;
        if (need > cols)
            cols = need;
    }
    return cols > LABEL_MAX ? LABEL_MAX : cols;
}

/* A field with a label: beside it, or above it where the screen is small. */
struct labelled {
    int label_cols, label_rows;
    int value_col, value_cols; /* from the field's own column on */
};

static struct labelled labelled(struct wizard *w, enum field f, int cols, bool compact)
{
    int beside = label_columns(w, field_row(f)->page);
    struct labelled l = {compact ? cols : beside, 0, compact ? 0 : beside + 2,
                         compact ? cols : cols - beside - 2};
    AUTOFREE char *label = label_of(w, f);
    l.label_rows = wrap_count(label, l.label_cols);
    return l;
}

/* What is wrong stands below the field as well; on a small screen the message line has to do. */
static int error_rows(struct wizard *w, enum field f, int cols, bool compact)
{
    if (compact || w->fault != f || w->message == SAY_NOTHING)
        return 0;
    AUTOFREE char *text = words_message(w);
    int rows = wrap_count(text, cols - 2);
    return rows > 3 ? 3 : rows;
}

/* ---- choices ---- */

/* One of them as it is drawn: "(*) yes". Languages that are shown one at a time have their English
 * names for those who came to a wrong one. */
static char *choice_text(struct wizard *w, enum field f, size_t i, bool alone)
{
    char word[32];
    const char *code = wizard_choice_at(f, i, word, sizeof word);
    const struct i18n_language *l = f == FLD_LANGUAGE && alone ? i18n_find(code) : NULL;
    const char *mark = i == wizard_choice_now(w, f) ? "(*)" : "( )";
    if (l && strcmp(l->native, l->english) != 0)
        return xasprintf("%s %s (%s)", mark, l->native, l->english);
    return xasprintf("%s %s", mark, words_choice(f, code));
}

#define CHOICE_ROWS 2 /* more than that are shown one at a time */

/* Rows that all choices need; more than CHOICE_ROWS when it cannot be. */
static int choice_rows(struct wizard *w, enum field f, int cols)
{
    int rows = 1, used = 0;
    for (size_t i = 0; i < wizard_choices(f); i++) {
        AUTOFREE char *text = choice_text(w, f, i, false);
        int need = text_width(text);
        if (need > cols)
            return CHOICE_ROWS + 1;
        if (used > 0 && used + 2 + need > cols) {
            rows++;
            used = 0;
        }
        used += need + (used ? 2 : 0);
    }
    return rows;
}

static int value_rows(struct wizard *w, enum field f, int cols)
{
    if (field_row(f)->kind != FIELD_CHOICE)
        return 1;
    int rows = choice_rows(w, f, cols);
    return rows > CHOICE_ROWS ? 1 : rows;
}

static void draw_one_choice(struct wizard *w, enum field f, struct canvas *c, struct rect r,
                            bool focused)
{
    size_t now = wizard_choice_now(w, f), n = wizard_choices(f);
    AUTOFREE char *text = choice_text(w, f, now, true);
    AUTOFREE char *place = xasprintf("< %zu/%zu >", now + 1, n);
    int place_cols = text_width(place);
    if (text_width(text) + 2 + place_cols > r.cols) {
        free(text);
        text = choice_text(w, f, now, false);
    }
    int used =
        canvas_text_cut(c, r.row, r.col, r.cols, focused ? ROLE_FOCUS : ROLE_NORMAL, text) + 2;
    if (used + place_cols <= r.cols)
        canvas_text(c, r.row, r.col + used, place_cols, ROLE_DIM, place);
    if (focused)
        canvas_set_cursor(c, r.row, r.col);
}

static void draw_choice(struct wizard *w, enum field f, struct canvas *c, struct rect r,
                        bool focused)
{
    if (choice_rows(w, f, r.cols) > CHOICE_ROWS) {
        draw_one_choice(w, f, c, r, focused);
        return;
    }
    int row = r.row, used = 0;
    for (size_t i = 0; i < wizard_choices(f); i++) {
        AUTOFREE char *text = choice_text(w, f, i, false);
        bool here = focused && i == wizard_choice_now(w, f);
        int need = text_width(text);
        if (used > 0 && used + 2 + need > r.cols) {
            row++;
            used = 0;
        }
        int col = r.col + used + (used ? 2 : 0);
        canvas_text(c, row, col, need, here ? ROLE_FOCUS : ROLE_NORMAL, text);
        if (here)
            canvas_set_cursor(c, row, col);
        used = col - r.col + need;
    }
}

/* ---- the others ---- */

int view_field_rows(struct view *v, struct wizard *w, enum field f, int cols, bool compact,
                    bool *flexible)
{
    const struct field_row *row = field_row(f);
    int rows = error_rows(w, f, cols, compact);
    (void)v;
    *flexible = false;
    switch (row->kind) {
    case FIELD_TEXT:
    case FIELD_SECRET:
    case FIELD_CHOICE: {
        struct labelled l = labelled(w, f, cols, compact);
        int value = value_rows(w, f, l.value_cols);
        if (compact)
            return rows + l.label_rows + value;
        return rows + (l.label_rows > value ? l.label_rows : value);
    }
    case FIELD_BOOL:
        return rows + wrap_count(_(wizard_label(w, f)), cols - BOX_COLS);
    case FIELD_NOTE: {
        AUTOFREE char *text = words_note(w, f);
        size_t len = strlen(text);
        while (len && text[len - 1] == '\n')
            text[--len] = '\0';
        return len || f == FLD_MACHINE ? wrap_count(text, cols) : 0;
    }
    case FIELD_LIST: {
        int need = view_list_rows(w, f, cols, 3);
        *flexible = true;
        return rows + (need < 1 ? 1 : need);
    }
    case FIELD_STEPS:
        *flexible = true;
        return compact ? 4 : 3;
    case FIELD_TEXTVIEW:
        *flexible = true;
        return 3;
    }
    return rows;
}

static void draw_bool(struct wizard *w, enum field f, struct canvas *c, struct rect r, bool focused)
{
    bool on = settings_bool(&w->settings, field_row(f)->opt);
    enum role role = focused ? ROLE_FOCUS : ROLE_NORMAL;
    canvas_text(c, r.row, r.col, r.cols, role, on ? "[x] " : "[ ] ");
    struct rect label = {r.row, r.col + BOX_COLS, r.rows, r.cols - BOX_COLS};
    canvas_wrapped(c, label, role, _(wizard_label(w, f)));
    if (focused)
        canvas_set_cursor(c, r.row, r.col);
}

struct row_ctx {
    const struct wizard *w;
    enum field f;
    bool narrow; /* no room for remarks beside the labels */
};

static void row_of(void *arg, size_t index, struct list_row *out)
{
    const struct row_ctx *ctx = arg;
    words_row(ctx->w, ctx->f, index, out);
    if (ctx->narrow && !out->dim)
        out->note = NULL; /* the reason of what cannot be chosen stays */
    if (ctx->narrow && ctx->f == FLD_FLAGS)
        out->note = NULL;
}

static struct list_source source_of(struct row_ctx *ctx, struct wizard *w, enum field f, int cols)
{
    *ctx = (struct row_ctx){w, f, (f == FLD_FLAGS || f == FLD_MODE) && cols < 64};
    return (struct list_source){wizard_list_count(w, f), ctx, row_of};
}

int view_list_rows(struct wizard *w, enum field f, int cols, int most)
{
    struct row_ctx ctx;
    struct list_source src = source_of(&ctx, w, f, cols);
    return list_height(&src, cols, most);
}

static const char *empty_list(const struct wizard *w, enum field f)
{
    if (wizard_busy(w))
        return _("One moment ...");
    if (f == FLD_ROWS)
        return w->offline.rows_known == KNOWN_FAILED ? "" : _("The list is empty.");
    return f == FLD_OUS && w->ous_known == KNOWN_FAILED ? _("The tree could not be read.") : "";
}

static void draw_list(struct wizard *w, enum field f, struct canvas *c, struct rect r, bool focused)
{
    struct row_ctx ctx;
    struct list_source src = source_of(&ctx, w, f, r.cols);
    if (src.count == 0)
        canvas_wrapped(c, r, ROLE_DIM, empty_list(w, f));
    else
        list_draw(&w->list[f], &src, c, r, focused);
}

static enum step_mark mark_of(enum step_state s)
{
    switch (s) {
    case STEP_RUNNING:
        return MARK_STEP_RUNNING;
    case STEP_OK:
    case STEP_NOTICE:
        return MARK_STEP_DONE;
    case STEP_SKIPPED:
    case STEP_UNDONE:
        return MARK_STEP_SKIPPED;
    case STEP_FAILED:
        return MARK_STEP_FAILED;
    case STEP_WAITING:
        break;
    }
    return MARK_STEP_WAITING;
}

static void draw_steps(struct wizard *w, struct canvas *c, struct rect r, bool focused)
{
    struct step_line lines[STEP__COUNT];
    char *said[STEP__COUNT];
    size_t at = 0;
    for (size_t i = 0; i < w->n_steps; i++) {
        const struct step_view *s = &w->steps[i];
        lines[i] =
            (struct step_line){.state = mark_of(s->state), .text = _(step_row(s->step)->label)};
        said[i] = words_said(s->format, &s->args);
        lines[i].detail = s->state == STEP_UNDONE ? _("undone") : said[i];
        if (s->state != STEP_WAITING)
            at = i + 1;
    }
    AUTOFREE char *elapsed = words_elapsed(w->running ? w->now_ms - w->run_since : w->run_ms);
    AUTOFREE char *head =
        w->mode != MODE_RECOVER
            ? xasprintf(_("Step %zu of %zu, time used %s"), at, w->n_steps, elapsed)
            : xasprintf(_("Step %zu, time used %s"), at, elapsed);
    int heads = canvas_wrapped(c, r, ROLE_NORMAL, head);
    struct rect rest = {r.row + heads, r.col, r.rows - heads, r.cols};
    if (w->n_steps == 0 && focused) {
        canvas_text(c, rest.row, r.col, r.cols, ROLE_FOCUS, "[>]");
        canvas_set_cursor(c, rest.row, r.col);
    }
    if (w->n_steps > 0)
        steps_draw(c, rest, lines, w->n_steps, focused);
    for (size_t i = 0; i < w->n_steps; i++)
        free(said[i]);
}

static void draw_error(struct wizard *w, enum field f, struct canvas *c, struct rect *r,
                       bool compact)
{
    int rows = error_rows(w, f, r->cols, compact);
    if (rows == 0)
        return;
    AUTOFREE char *text = words_message(w);
    struct rect place = {r->row + r->rows - rows, r->col + 2, rows, r->cols - 2};
    canvas_wrapped(c, place, ROLE_ERROR, text);
    r->rows -= rows;
}

/* What an empty field stands for, in brackets behind the cursor's place. */
static void draw_empty(const struct wizard *w, enum field f, struct canvas *c, struct rect place)
{
    const char *stands = words_empty(w, f);
    if (w->edit[f].len || !*stands)
        return;
    AUTOFREE char *text = xasprintf("(%s)", stands);
    if (text_width(text) + 2 <= place.cols)
        canvas_text(c, place.row, place.col + 2, place.cols - 2,
                    w->focus == (int)f ? ROLE_FOCUS : ROLE_DIM, text);
}

void view_field_draw(struct view *v, struct wizard *w, enum field f, struct canvas *c,
                     struct rect r, bool compact)
{
    const struct field_row *row = field_row(f);
    bool focused = w->focus == (int)f;
    draw_error(w, f, c, &r, compact);
    if (focused && row->kind != FIELD_LIST)
        canvas_text(c, r.row, r.col - 2, 1, ROLE_NORMAL, ">");
    struct rect place = r;
    if (has_label_column(row->kind)) {
        struct labelled l = labelled(w, f, r.cols, compact);
        struct rect beside = {r.row, r.col, l.label_rows < r.rows ? l.label_rows : r.rows,
                              l.label_cols};
        AUTOFREE char *label = label_of(w, f);
        canvas_wrapped(c, beside, ROLE_NORMAL, label);
        place = (struct rect){r.row + (compact ? l.label_rows : 0), r.col + l.value_col,
                              value_rows(w, f, l.value_cols), l.value_cols};
    }
    switch (row->kind) {
    case FIELD_TEXT:
        edit_draw(&w->edit[f], c, place, focused);
        draw_empty(w, f, c, place);
        break;
    case FIELD_SECRET:
        secret_edit_draw(wizard_secret(w, f), c, place, focused);
        break;
    case FIELD_CHOICE:
        draw_choice(w, f, c, place, focused);
        break;
    case FIELD_BOOL:
        draw_bool(w, f, c, place, focused);
        break;
    case FIELD_NOTE: {
        AUTOFREE char *text = words_note(w, f);
        const struct canvas_span *spans;
        size_t n = words_note_foreign(&spans);
        canvas_wrapped_marked(c, r, ROLE_DIM, text, spans, i18n_from_right() ? 0 : n);
        break;
    }
    case FIELD_LIST:
        draw_list(w, f, c, r, focused);
        break;
    case FIELD_STEPS:
        draw_steps(w, c, r, focused);
        break;
    case FIELD_TEXTVIEW:
        free(v->text[0]);
        v->text[0] = f == FLD_STATUS_TEXT ? words_status(&w->status_view) : words_result(w);
        if (f == FLD_STATUS_TEXT && w->status_known == KNOWN_RUNNING) {
            free(v->text[0]);
            v->text[0] = xstrdup(_("One moment ..."));
        }
        scroll_text_draw(&w->scroll, c, r, ROLE_NORMAL, v->text[0], focused);
        break;
    }
}
