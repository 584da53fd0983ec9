/* Frame and layout of a page. */
#include "ui/view/view.h"

#include <string.h>

#include "engine/base/strv.h"
#include "ui/canvas/widgets.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/view/internal.h"
#include "ui/words/words.h"

#define NAME         "Joinery"
#define BUTTON_EDGES 2 /* "[" and "]" */

struct item {
    enum field field;
    int rows, top;
    bool flexible;
};

void view_free(struct view *v)
{
    free(v->text[0]);
    free(v->text[1]);
    v->text[0] = v->text[1] = NULL;
}

void view_row(void *ctx, enum field f, size_t index, struct list_row *out)
{
    words_row(((struct view_link *)ctx)->wizard, f, index, out);
}

const char *view_text(void *ctx, int focus)
{
    const char *t = ((struct view_link *)ctx)->view->text[focus >= FOCUS_OVERLAY];
    return t ? t : "";
}

size_t view_buttons(struct wizard *w, char **labels, size_t max, int cols, int *focus)
{
    enum button b[BTN__COUNT];
    size_t n = wizard_buttons(w, b, max);
    *focus = -1;
    for (size_t i = 0; i < n; i++) {
        labels[i] = words_button(w, b[i]);
        if (b[i] == BTN_NEXT && text_width(labels[i]) > cols - BUTTON_EDGES) {
            free(labels[i]); /* with the name of what it does it to it is too long */
            labels[i] = xstrdup(_(mode_row(w->mode)->label));
        }
        if (w->focus == FOCUS_BUTTON + (int)b[i])
            *focus = (int)i;
    }
    return n;
}

/* The title never gives way: "Joinery", then the words around the numbers do. */
static void title_row(struct wizard *w, struct canvas *c, bool compact)
{
    int step, of, cols = canvas_cols(c);
    struct rect row = {0, 0, 1, cols};
    wizard_position(w, &step, &of);
    canvas_fill(c, row, ROLE_TITLE);
    const char *title = words_page(w, w->page);
    int title_cols = text_width(title), name_cols = compact ? 0 : text_width(NAME) + 3;
    AUTOFREE char *right =
        compact ? xasprintf("%d/%d", step, of) : xasprintf(_("step %d of %d"), step, of);
    bool place = w->page != PAGE_WELCOME && w->page != PAGE_DISPLAY;
    int right_cols = place ? text_width(right) : 0;
    if (1 + name_cols + title_cols + 2 + right_cols + 1 > cols)
        name_cols = 0;
    if (place && 1 + name_cols + title_cols + 2 + right_cols + 1 > cols) {
        free(right);
        right = xasprintf("%d/%d", step, of);
        right_cols = text_width(right);
        place = 1 + title_cols + 2 + right_cols <= cols;
    }
    if (name_cols)
        canvas_text(c, 0, 1, cols - 1, ROLE_TITLE, NAME);
    if (place)
        canvas_text(c, 0, cols - right_cols - 1, right_cols, ROLE_TITLE, right);
    int room = cols - 2 - name_cols - (place ? right_cols + 2 : 0);
    canvas_text_cut(c, 0, 1 + name_cols, room, ROLE_TITLE, title);
}

/* A long message takes rows from the page: it is what has to be read now. */
static int message_rows(const char *text, int rows, int cols)
{
    int need = wrap_count(text, cols - 2), most = rows / 2;
    return need > most ? most : need;
}

static void draw_message(struct wizard *w, struct canvas *c, struct rect r, const char *text)
{
    canvas_fill(c, r, ROLE_NORMAL);
    bool error = w->fault != FLD__COUNT || w->message == SAY_FAILED ||
                 w->message == SAY_NAME_TROUBLE || w->message == SAY_SAVE_FAILED;
    struct rect inner = {r.row, 1, r.rows, r.cols - 2};
    canvas_wrapped(c, inner, error ? ROLE_ERROR : ROLE_NORMAL, text);
}

static bool offers(const struct wizard *w, enum button wanted)
{
    enum button b[BTN__COUNT];
    size_t n = wizard_buttons(w, b, ARRAY_SIZE(b));
    for (size_t i = 0; i < n; i++) {
        if (b[i] == wanted)
            return true;
    }
    return false;
}

static void key_row(struct view *v, struct wizard *w, struct canvas *c, int row, bool compact)
{
    enum action a[12];
    size_t n = 0;
    struct key_item items[ARRAY_SIZE(a)];
    enum key_context context = wizard_key_context(w);
    bool fixed = w->page == PAGE_PROGRESS || w->page == PAGE_RESULT || w->page == PAGE_RESTART;
    if (w->overlay == OVER_NONE) {
        a[n++] = ACT_HELP;
        if (!fixed && offers(w, BTN_NEXT))
            a[n++] = ACT_NEXT_PAGE;
        if (!fixed && w->page != PAGE_WELCOME)
            a[n++] = ACT_BACK;
        if (!wizard_kiosk(w))
            a[n++] = ACT_CANCEL;
        a[n++] = ACT_LOG;
        if (w->page == PAGE_WELCOME)
            a[n++] = ACT_SETTINGS;
        if (w->focus == FLD_FLAGS)
            a[n++] = ACT_TOGGLE;
        if (context == KEYS_TREE)
            a[n++] = ACT_FILTER;
        if (context == KEYS_TREE)
            a[n++] = ACT_TYPE_DN;
    } else {
        a[n++] = ACT_BACK;
        a[n++] = w->overlay == OVER_LOG                                  ? ACT_FILTER
                 : w->overlay == OVER_HELP || w->overlay == OVER_DETAILS ? ACT_PGDN
                                                                         : ACT_ENTER;
    }
    if (compact && n > 3)
        n = 3;
    for (size_t i = 0; i < n; i++) {
        const char *text = _(action_info(a[i])->bar);
        if (a[i] == ACT_SETTINGS)
            text = _("Display");
        else if (a[i] == ACT_CANCEL && (w->page == PAGE_RESTART || offers(w, BTN_QUIT)))
            text = _("Quit"); /* nothing is left to be cancelled */
        items[i] = (struct key_item){keys_label(a[i], v->function_keys), text};
    }
    keybar_draw(c, row, items, n);
}

/* Gives the flexible fields what is left; returns all rows together. */
static int measure(struct view *v, struct wizard *w, struct item *items, size_t n, struct rect body,
                   bool compact)
{
    int total = 0, flexible = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].rows =
            view_field_rows(v, w, items[i].field, body.cols, compact, &items[i].flexible);
        total += items[i].rows;
        flexible += items[i].flexible;
    }
    for (size_t i = 0; i < n && total < body.rows; i++) {
        if (!items[i].flexible)
            continue;
        int more = (body.rows - total) / flexible--;
        bool list = field_row(items[i].field)->kind == FIELD_LIST;
        int want =
            list ? view_list_rows(w, items[i].field, body.cols, body.rows) - items[i].rows : more;
        if (list && w->fault == items[i].field)
            want += 3;
        if (want > more)
            want = more;
        items[i].rows += want > 0 ? want : 0;
        total += want > 0 ? want : 0;
    }
    /* What is still left becomes a blank line between the fields. */
    int gap = 0;
    for (size_t i = 0; i < n; i++) {
        items[i].top = gap;
        gap += items[i].rows;
        if (!compact && items[i].rows && i + 1 < n && total < body.rows) {
            gap++;
            total++;
        }
    }
    return gap;
}

static void draw_body(struct view *v, struct wizard *w, struct canvas *c, struct rect body,
                      bool compact)
{
    enum field fields[FLD__COUNT];
    struct item items[FLD__COUNT];
    size_t n = wizard_fields(w, w->page, fields, FLD__COUNT);
    int offset = 0;
    for (size_t i = 0; i < n; i++)
        items[i] = (struct item){.field = fields[i]};
    int total = measure(v, w, items, n, body, compact);
    for (size_t i = 0; i < n && total > body.rows; i++) {
        int end = items[i].top + items[i].rows;
        if ((int)items[i].field == w->focus && end > body.rows)
            offset = items[i].rows > body.rows ? items[i].top : end - body.rows;
    }
    for (size_t i = 0; i < n; i++) {
        int top = items[i].top - offset, rows = items[i].rows;
        if (rows <= 0 || top + rows <= 0 || top >= body.rows)
            continue;
        if (items[i].flexible && top + rows > body.rows)
            rows = body.rows - top;
        struct rect r = {body.row + top, body.col, rows, body.cols};
        view_field_draw(v, w, items[i].field, c, r, compact);
    }
    int edge = body.col + body.cols; /* a small screen may have no room for all */
    if (offset > 0)
        canvas_text(c, body.row, edge, 1, ROLE_DIM, "^");
    if (total - offset > body.rows && body.rows > 1)
        canvas_text(c, body.row + body.rows - 1, edge, 1, ROLE_DIM, "v");
}

static int draw_buttons(struct wizard *w, struct canvas *c, struct rect area, bool measure_only)
{
    char *labels[BTN__COUNT];
    int focus;
    size_t n = view_buttons(w, labels, BTN__COUNT, area.cols, &focus);
    int rows = buttons_draw(measure_only ? NULL : c, area, (const char *const *)labels, n, focus);
    for (size_t i = 0; i < n; i++)
        free(labels[i]);
    return rows;
}

/* Even then a question can be read and answered. */
static void draw_small(struct wizard *w, struct canvas *c, const char *text)
{
    if (w->overlay != OVER_QUESTION) {
        toosmall_draw(c, text);
        return;
    }
    struct words_question q = words_question(w);
    AUTOFREE char *all =
        xasprintf("%s > %s < %s", q.title, q.answers[w->focus == FOCUS_OVERLAY + 1], q.text);
    toosmall_draw(c, all);
    free(q.title);
    free(q.text);
}

void view_draw(struct view *v, struct wizard *w, struct canvas *c)
{
    int rows = canvas_rows(c), cols = canvas_cols(c);
    canvas_clear(c);
    if (rows < VIEW_MIN_ROWS || cols < VIEW_MIN_COLS) {
        AUTOFREE char *text = xasprintf(
            _("The window is too small: %d x %d. At least %d x %d is needed. The work goes "
              "on; make the window larger."),
            cols, rows, VIEW_MIN_COLS, VIEW_MIN_ROWS);
        draw_small(w, c, text);
        return;
    }
    bool compact = rows < 20 || cols < 72;
    int width = cols - 3 < VIEW_BODY_COLS ? cols - 3 : VIEW_BODY_COLS;
    struct rect area = {0, 2, 4, width};
    AUTOFREE char *message = words_message(w);
    bool question = w->overlay == OVER_QUESTION || w->overlay == OVER_PROMPT;
    int said = question ? 1 : message_rows(message, rows, cols);
    int buttons = draw_buttons(w, c, area, true);
    int first = compact ? 1 : 2;
    int button_row = rows - 1 - said - buttons;
    struct rect body = {first, 2, button_row - first - (compact ? 0 : 1), width};
    draw_body(v, w, c, body, compact);
    /* A field that is scrolled in half must not show outside the body. */
    struct rect below = {body.row + body.rows, 0, rows - body.row - body.rows, cols};
    canvas_fill(c, below, ROLE_NORMAL);
    if (!compact) {
        struct rect above = {1, 0, 1, cols};
        canvas_fill(c, above, ROLE_NORMAL);
    }
    area.row = button_row;
    area.rows = buttons;
    draw_buttons(w, c, area, false);
    title_row(w, c, compact);
    struct rect last = {rows - 1 - said, 0, said, cols};
    if (!question)
        draw_message(w, c, last, message);
    if (w->overlay != OVER_NONE) {
        /* A question may take the whole of a small screen: what is below it explains nothing. */
        struct rect whole = {1, 0, rows - 2 - said, cols};
        if (compact && question)
            whole = (struct rect){0, 0, rows - 1, cols};
        view_overlay_draw(v, w, c, whole);
    }
    key_row(v, w, c, rows - 1, compact);
}
