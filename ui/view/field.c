/* One field of a page. */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "ui/canvas/widgets.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/view/internal.h"
#include "ui/words/words.h"

#define LABEL_MAX 26
#define BOX_COLS  4 /* "[x] " */

static bool has_label_column(enum field_kind k)
{
    return k == FIELD_TEXT || k == FIELD_SECRET || k == FIELD_CHOICE;
}

int view_label_cols(struct wizard *w, enum page p)
{
    enum field fields[FLD__COUNT];
    size_t n = wizard_fields(w, p, fields, FLD__COUNT);
    int cols = 0;
    for (size_t i = 0; i < n; i++) {
        const struct field_row *row = field_row(fields[i]);
        int need = has_label_column(row->kind) ? text_width(_(wizard_label(w, fields[i]))) : 0;
        if (need > cols)
            cols = need;
    }
    return cols > LABEL_MAX ? LABEL_MAX : cols;
}

static int error_rows(struct wizard *w, enum field f, int cols)
{
    if (w->fault != f || w->message == SAY_NOTHING)
        return 0;
    AUTOFREE char *text = words_message(w);
    int rows = wrap_count(text, cols - 2);
    return rows > 3 ? 3 : rows;
}

int view_field_rows(struct view *v, struct wizard *w, enum field f, int cols, bool compact,
                    bool *flexible)
{
    const struct field_row *row = field_row(f);
    int rows = error_rows(w, f, cols);
    (void)v;
    *flexible = false;
    switch (row->kind) {
    case FIELD_TEXT:
    case FIELD_SECRET:
    case FIELD_CHOICE:
        return rows + (compact ? 2 : 1);
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
        int count = (int)wizard_list_count(w, f);
        *flexible = true;
        return rows + (count < 1 ? 1 : count < 3 ? count : 3);
    }
    case FIELD_STEPS:
    case FIELD_TEXTVIEW:
        *flexible = true;
        return 3;
    }
    return rows;
}

static void draw_choice(struct wizard *w, enum field f, struct canvas *c, int row, int col,
                        int cols, bool focused)
{
    size_t n = wizard_choices(f), now = wizard_choice_now(w, f);
    char word[32];
    int need = 0;
    for (size_t i = 0; i < n; i++)
        need += 4 + text_width(words_choice(f, wizard_choice_at(f, i, word, sizeof word))) + 2;
    bool all = need - 2 <= cols;
    for (size_t i = 0; i < n; i++) {
        if (!all && i != now)
            continue;
        char text[80];
        snprintf(text, sizeof text, "%s %s", i == now ? "(*)" : "( )",
                 words_choice(f, wizard_choice_at(f, i, word, sizeof word)));
        bool here = focused && i == now;
        if (here)
            canvas_set_cursor(c, row, col);
        col += canvas_text_cut(c, row, col, cols, here ? ROLE_FOCUS : ROLE_NORMAL, text) + 2;
    }
}

static void draw_bool(struct wizard *w, enum field f, struct canvas *c, struct rect r, bool focused)
{
    bool on = settings_bool(&w->settings, field_row(f)->opt);
    enum role role = focused ? ROLE_FOCUS : ROLE_NORMAL;
    canvas_text(c, r.row, r.col, r.cols, role, on ? "[x] " : "[ ] ");
    struct rect label = {r.row, r.col + BOX_COLS, r.rows, r.cols - BOX_COLS};
    canvas_wrapped(c, label, 0, role, _(wizard_label(w, f)));
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
    struct row_ctx ctx = {w, f, (f == FLD_FLAGS || f == FLD_MODE) && r.cols < 64};
    struct list_source src = {wizard_list_count(w, f), &ctx, row_of};
    if (src.count == 0)
        canvas_text_cut(c, r.row, r.col, r.cols, ROLE_DIM, empty_list(w, f));
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
    canvas_text_cut(c, r.row, r.col, r.cols, ROLE_NORMAL, head);
    if (w->n_steps == 0 && focused) {
        canvas_text_cut(c, r.row + 1, r.col, r.cols, ROLE_FOCUS, "[>]");
        canvas_set_cursor(c, r.row + 1, r.col);
    }
    struct rect rest = {r.row + 1, r.col, r.rows - 1, r.cols};
    if (w->n_steps > 0)
        steps_draw(c, rest, lines, w->n_steps, focused);
    for (size_t i = 0; i < w->n_steps; i++)
        free(said[i]);
}

static void draw_error(struct wizard *w, enum field f, struct canvas *c, struct rect *r)
{
    int rows = error_rows(w, f, r->cols);
    if (rows == 0)
        return;
    AUTOFREE char *text = words_message(w);
    struct rect place = {r->row + r->rows - rows, r->col + 2, rows, r->cols - 2};
    canvas_wrapped(c, place, 0, ROLE_ERROR, text);
    r->rows -= rows;
}

void view_field_draw(struct view *v, struct wizard *w, enum field f, struct canvas *c,
                     struct rect r, bool compact)
{
    const struct field_row *row = field_row(f);
    bool focused = w->focus == (int)f;
    int label_cols = has_label_column(row->kind) ? view_label_cols(w, row->page) : 0;
    draw_error(w, f, c, &r);
    if (focused && row->kind != FIELD_LIST)
        canvas_text(c, r.row, r.col - 2, 1, ROLE_NORMAL, ">");
    struct rect place = r;
    if (label_cols) {
        canvas_text_cut(c, r.row, r.col, compact ? r.cols : label_cols, ROLE_NORMAL,
                        _(wizard_label(w, f)));
        place = compact ? (struct rect){r.row + 1, r.col, 1, r.cols}
                        : (struct rect){r.row, r.col + label_cols + 2, 1, r.cols - label_cols - 2};
    }
    switch (row->kind) {
    case FIELD_TEXT:
        edit_draw(&w->edit[f], c, place, focused);
        break;
    case FIELD_SECRET:
        secret_edit_draw(wizard_secret(w, f), c, place, focused);
        break;
    case FIELD_CHOICE:
        draw_choice(w, f, c, place.row, place.col, place.cols, focused);
        break;
    case FIELD_BOOL:
        draw_bool(w, f, c, place, focused);
        break;
    case FIELD_NOTE: {
        AUTOFREE char *text = words_note(w, f);
        const struct canvas_span *spans;
        size_t n = words_note_foreign(&spans);
        canvas_wrapped_marked(c, r, ROLE_DIM, text, spans, n);
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
