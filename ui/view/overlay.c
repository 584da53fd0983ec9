/* What lies on top of a page. */
#include <string.h>

#include "engine/base/strv.h"
#include "ui/canvas/widgets.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/view/internal.h"
#include "ui/words/words.h"

/* On narrow screens everything below is covered: half a page around a question only confuses. */
static int modal_cols(struct rect body, int wanted)
{
    int cols = body.cols < 44 ? body.cols : body.cols - 4;
    return cols > wanted ? wanted : cols;
}

static void log_row(void *ctx, size_t index, struct log_line *out)
{
    const struct log_entry *e = wizard_log_at(ctx, index);
    *out = (struct log_line){.level = e->level, .text = e->line, .len = strlen(e->line)};
}

static void draw_log(struct wizard *w, struct canvas *c, struct rect body)
{
    struct log_source src = {w->n_log, w, log_row};
    struct rect in = modal_frame(c, body, body.rows, body.cols, _("Log"));
    if (w->n_log == 0 && !w->pager.prompting) {
        canvas_text_cut(c, in.row, in.col, in.cols, ROLE_FOCUS, _("The log is empty."));
        canvas_set_cursor(c, in.row, in.col);
        return;
    }
    pager_draw(&w->pager, &src, c, in, _("Search: "), true);
}

static void draw_text(struct view *v, struct wizard *w, struct canvas *c, struct rect body)
{
    bool help = w->overlay == OVER_HELP;
    free(v->text[1]);
    v->text[1] = help ? words_help(w, v->function_keys) : words_details(w);
    int cols = body.cols > VIEW_BODY_COLS ? VIEW_BODY_COLS : body.cols;
    struct rect in = modal_frame(c, body, body.rows, cols, help ? _("Help") : _("Details"));
    scroll_text_draw(&w->over_scroll, c, in, ROLE_NORMAL, v->text[1], true);
}

static void draw_question(struct wizard *w, struct canvas *c, struct rect body)
{
    struct words_question q = words_question(w);
    int cols = modal_cols(body, 60);
    int text = wrap_count(q.text, cols);
    struct rect measure = {0, 0, 4, cols};
    int buttons = buttons_draw(NULL, measure, q.answers, 2, -1);
    struct rect in = modal_frame(c, body, text + 1 + buttons, cols, q.title);
    if (text > in.rows - buttons)
        text = in.rows - buttons;
    struct rect words = {in.row, in.col, text, in.cols};
    canvas_wrapped(c, words, ROLE_NORMAL, q.text);
    struct rect row = {in.row + in.rows - buttons, in.col, buttons, in.cols};
    buttons_draw(c, row, q.answers, 2, w->focus - FOCUS_OVERLAY);
    free(q.title);
    free(q.text);
}

static void draw_prompt(struct wizard *w, struct canvas *c, struct rect body)
{
    bool dn = w->prompt == PROMPT_DN;
    const char *text = dn ? _("The full name of the organizational unit, such as "
                              "OU=Kiosks,DC=corp,DC=example,DC=com")
                          : _("Show only names that contain (empty: all)");
    int cols = modal_cols(body, 68);
    int rows = wrap_count(text, cols);
    struct rect in = modal_frame(c, body, rows + 1, cols, dn ? _("Type the name") : _("Filter"));
    struct rect words = {in.row, in.col, rows, in.cols};
    canvas_wrapped(c, words, ROLE_NORMAL, text);
    struct rect line = {in.row + rows, in.col, 1, in.cols};
    edit_draw(&w->prompt_edit, c, line, true);
}

void view_overlay_draw(struct view *v, struct wizard *w, struct canvas *c, struct rect body)
{
    switch (w->overlay) {
    case OVER_LOG:
        draw_log(w, c, body);
        break;
    case OVER_HELP:
    case OVER_DETAILS:
        draw_text(v, w, c, body);
        break;
    case OVER_QUESTION:
        draw_question(w, c, body);
        break;
    case OVER_PROMPT:
        draw_prompt(w, c, body);
        break;
    case OVER_NONE:
        break;
    }
}
