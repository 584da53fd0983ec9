/* Keys on a page and buttons. */
#include <string.h>

#include "ui/i18n/i18n.h"
#include "ui/model/internal.h"
#include "ui/text/utf8.h"

enum key_context wizard_key_context(const struct wizard *w)
{
    if (w->overlay == OVER_PROMPT)
        return KEYS_TEXT;
    if (w->overlay == OVER_LOG)
        return KEYS_PAGER;
    if (w->overlay != OVER_NONE || w->focus >= FLD__COUNT || w->focus < 0)
        return KEYS_PLAIN;
    switch (field_row((enum field)w->focus)->kind) {
    case FIELD_TEXT:
    case FIELD_SECRET:
        return KEYS_TEXT;
    case FIELD_LIST:
        return w->focus == FLD_OUS ? KEYS_TREE : KEYS_LIST;
    default:
        return KEYS_PLAIN;
    }
}

/* A tree's keys depend on its nodes; the texts come from whoever shows them. */
struct row_ctx {
    const struct wizard *w;
    enum field f;
};

static void row_of(void *arg, size_t index, struct list_row *out)
{
    const struct row_ctx *ctx = arg;
    const struct wizard *w = ctx->w;
    if (w->ops.row)
        w->ops.row(w->ops.ctx, ctx->f, index, out);
    else
        out->text = "";
    if (ctx->f != FLD_OUS)
        return;
    bool custom;
    const struct ou_node *n = wizard_ou_at(w, index, &custom);
    out->depth = n ? n->depth : 0;
    out->node = !n ? NODE_LEAF : n->loading ? NODE_LOADING : n->open ? NODE_OPEN : NODE_CLOSED;
}

static bool list_field_key(struct wizard *w, enum field f, enum action a, const char *text,
                           struct effects *fx)
{
    if (a == ACT_ENTER)
        return wiz_list_enter(w, f, fx);
    if (f == FLD_ROWS && (a == ACT_DELETE || a == ACT_BACKSPACE))
        return wiz_remove_row(w);
    if (f == FLD_OUS && a == ACT_TYPE_DN) {
        wiz_open_prompt(w, PROMPT_DN, settings_get(&w->settings, OPT_OU));
        return true;
    }
    struct row_ctx ctx = {w, f};
    struct list_source src = {wizard_list_count(w, f), &ctx, row_of};
    enum list_result r = list_key(&w->list[f], &src, a, text);
    if (r == LIST_IGNORED)
        return false;
    wiz_list_event(w, f, r, fx);
    return true;
}

/* The next language whose own or English name begins with the letter; n: there is none. */
static size_t language_with(size_t now, size_t n, const char *letter)
{
    char word[32];
    size_t len = letter ? strlen(letter) : 0;
    for (size_t i = 1; len && i <= n; i++) {
        size_t at = (now + i) % n;
        const struct i18n_language *l =
            i18n_find(wizard_choice_at(FLD_LANGUAGE, at, word, sizeof word));
        if (l && (fold_begins(l->native, letter, len) || fold_begins(l->english, letter, len)))
            return at;
    }
    return n;
}

static bool choice_key(struct wizard *w, enum field f, enum action a, const char *text,
                       struct effects *fx)
{
    size_t n = wizard_choices(f), now = wizard_choice_now(w, f);
    char word[32];
    if (n == 0)
        return false;
    if (a == ACT_CHAR && f == FLD_LANGUAGE)
        now = language_with(now, n, text);
    else if (a == ACT_LEFT || a == ACT_RIGHT || a == ACT_TOGGLE)
        now = a == ACT_LEFT ? (now + n - 1) % n : (now + 1) % n;
    else
        return false;
    if (now == n)
        return false;
    if (field_row(f)->opt == OPT__COUNT) {
        wiz_choose(w, f, now, fx);
        return true;
    }
    wiz_set_opt(w, field_row(f)->opt, wizard_choice_at(f, now, word, sizeof word));
    if (f == FLD_FORMAT)
        wiz_offer_output(w);
    if (f == FLD_METHOD)
        wiz_target_changed(w, fx);
    if (f == FLD_LANGUAGE)
        wiz_effect(fx, EFFECT_LANGUAGE)->text = xstrdup(word);
    return true;
}

static bool text_key(struct wizard *w, enum field f, enum action a, const char *text,
                     struct effects *fx)
{
    struct secret_edit *secret = wizard_secret(w, f);
    if (f == FLD_NEW_ROW && (a == ACT_ENTER || (a == ACT_CHAR && str_eq(text, "\n"))))
        return wiz_add_row(w) || a == ACT_CHAR;
    bool used = secret ? secret_edit_key(secret, a, text) : edit_key(&w->edit[f], a, text);
    bool changes = a == ACT_CHAR || a == ACT_BACKSPACE || a == ACT_DELETE || a == ACT_CLEAR;
    if (used && changes)
        wiz_edited(w, f, fx);
    /* A character that does not fit or cannot be typed must not become anything else. */
    return used || changes;
}

static void toggle(struct wizard *w, enum field f)
{
    enum opt o = field_row(f)->opt;
    bool on = settings_bool(&w->settings, o);
    const char *blocked = on ? NULL : settings_flag_blocked(&w->settings, o);
    if (blocked) {
        wiz_say(w, SAY_BLOCKED, blocked);
        return;
    }
    wiz_say(w, SAY_NOTHING, "");
    wiz_set_opt(w, o, on ? "no" : "yes");
    wiz_answer_changed(w, o);
}

static bool field_key(struct wizard *w, enum field f, enum action a, const char *text,
                      struct effects *fx)
{
    switch (field_row(f)->kind) {
    case FIELD_TEXT:
    case FIELD_SECRET:
        return text_key(w, f, a, text, fx);
    case FIELD_CHOICE:
        return choice_key(w, f, a, text, fx);
    case FIELD_BOOL:
        if (a != ACT_TOGGLE)
            return false;
        toggle(w, f);
        return true;
    case FIELD_LIST:
        return list_field_key(w, f, a, text, fx);
    case FIELD_TEXTVIEW:
        if (!w->ops.view_text)
            return false;
        return scroll_text_key(&w->scroll, w->ops.view_text(w->ops.ctx, (int)f), a);
    case FIELD_STEPS:
    case FIELD_NOTE:
        break;
    }
    return false;
}

static void enter_key(struct wizard *w, struct effects *fx)
{
    if (w->focus >= FOCUS_BUTTON) {
        wiz_press(w, (enum button)(w->focus - FOCUS_BUTTON), fx);
        return;
    }
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids)), at = 0;
    while (at < n && ids[at] != w->focus)
        at++;
    if (at + 1 < n && ids[at + 1] < FLD__COUNT) {
        wiz_move_focus(w, 1);
        return;
    }
    if (w->page == PAGE_RESULT || w->page == PAGE_STATUS || w->page == PAGE_CHECKS ||
        w->page == PAGE_PROGRESS || w->page == PAGE_REVIEW)
        wiz_move_focus(w, 1);
    else
        wiz_next(w, fx);
}

static bool page_key(struct wizard *w, enum action a, struct effects *fx)
{
    switch (a) {
    case ACT_HELP:
        wiz_open_overlay(w, OVER_HELP);
        return true;
    case ACT_LOG:
        wiz_open_overlay(w, OVER_LOG);
        return true;
    case ACT_CANCEL:
        wiz_cancel(w, fx);
        return true;
    case ACT_BACK:
        wiz_back(w, fx);
        return true;
    case ACT_NEXT_PAGE:
        if (w->page == PAGE_RESULT)
            wiz_press(w, wizard_on_page(w, PAGE_RESTART) ? BTN_NEXT : BTN_QUIT, fx);
        else if (w->page != PAGE_PROGRESS && w->page != PAGE_RESTART && !wiz_next_waits(w))
            wiz_next(w, fx);
        return true;
    case ACT_NEXT_FIELD:
        wiz_move_focus(w, 1);
        return true;
    case ACT_PREV_FIELD:
        wiz_move_focus(w, -1);
        return true;
    case ACT_REPAINT:
        wiz_effect(fx, EFFECT_REPAINT);
        return true;
    case ACT_SETTINGS:
        if (w->page == PAGE_WELCOME)
            wiz_enter(w, PAGE_DISPLAY, fx);
        return true;
    default:
        return false;
    }
}

void wiz_key(struct wizard *w, const struct wiz_event *ev, struct effects *fx)
{
    enum action a = ev->action;
    const char *text = ev->text ? ev->text : "";
    if (a == ACT_CHAR && (*text == '\n' || *text == '\t')) {
        if (w->focus != FLD_NEW_ROW || w->overlay != OVER_NONE)
            return; /* lines and columns of a paste mean something in a list only */
        text = *text == '\t' ? "," : text;
    }
    if (a == ACT_CHAR && !ev->pasted)
        a = keys_resolve_char(text, wizard_key_context(w));
    if (w->overlay != OVER_NONE) {
        if (a == ACT_REPAINT)
            wiz_effect(fx, EFFECT_REPAINT);
        else if (!wiz_overlay_key(w, a, text, fx))
            wiz_effect(fx, EFFECT_BEEP);
        return;
    }
    if (page_key(w, a, fx))
        return;
    bool button = w->focus >= FOCUS_BUTTON;
    if (!button && field_key(w, (enum field)w->focus, a, text, fx))
        return;
    switch (a) {
    case ACT_ENTER:
        enter_key(w, fx);
        break;
    case ACT_TOGGLE:
        if (button)
            enter_key(w, fx);
        break;
    case ACT_DOWN:
        wiz_move_focus(w, 1);
        break;
    case ACT_RIGHT:
        if (button)
            wiz_move_focus(w, 1);
        break;
    case ACT_UP:
        wiz_move_focus(w, -1);
        break;
    case ACT_LEFT:
        if (button)
            wiz_move_focus(w, -1);
        break;
    case ACT_NONE:
    case ACT_CHAR:
        wiz_effect(fx, EFFECT_BEEP);
        break;
    default:
        break;
    }
}

/* The same again. Without the password, which is not kept, it has to be asked for first. */
static void retry(struct wizard *w, struct effects *fx)
{
    if (wizard_first_waiting(w)) {
        wiz_first_try_now(w, fx);
        return;
    }
    if (w->page == PAGE_NETWORK) {
        w->network_known = KNOWN_NOT;
        wiz_enter(w, w->page, fx);
        return;
    }
    if (w->page == PAGE_DATA || w->page == PAGE_TARGET) { /* a medium was put in meanwhile */
        wiz_stop_job(w, fx);
        wiz_clear_volumes(w);
        wiz_enter(w, w->page, fx);
        return;
    }
    if (w->page != PAGE_RESULT) {
        wiz_enter(w, w->page, fx);
        return;
    }
    if (wizard_flow(w) == FLOW_RECOVER) {
        wiz_run_begin(w, JOB_RECOVER, fx);
        return;
    }
    if (wizard_on_page(w, PAGE_CREDENTIALS) && *settings_get(&w->settings, OPT_ACCOUNT) &&
        !*settings_get(&w->settings, OPT_KEYTAB)) {
        wiz_ask_password(w, PAGE_REVIEW, fx);
        return;
    }
    wiz_enter(w, PAGE_REVIEW, fx);
}

static void quit_result(struct wizard *w, struct effects *fx)
{
    /* Kiosk: nothing lies behind the wizard, so a failure leads back to its start. */
    bool kiosk = settings_bool(&w->settings, OPT_KIOSK) && !w->first.on;
    if (kiosk && w->status != 0 && w->status != 5) {
        wiz_enter(w, PAGE_WELCOME, fx);
        return;
    }
    wiz_finish(w, fx);
}

/* The first thing that failed is what the program ends with. */
static int check_status(struct wizard *w)
{
    bool status = w->page == PAGE_STATUS;
    const struct verdict_view *v = status ? w->status_view.checks : w->checks;
    size_t n = status ? w->status_view.n_checks : w->n_checks;
    w->result = status ? w->status_err : w->check_err;
    for (size_t i = 0; i < n && !w->result.code; i++) {
        if (v[i].verdict == VERDICT_FAIL)
            w->result = v[i].err;
    }
    return w->result.code ? 1 : 0;
}

/* The page that owns the failure. */
static void change_settings(struct wizard *w, struct effects *fx)
{
    if (wizard_first_waiting(w)) {
        wiz_first_change(w, fx);
        return;
    }
    const struct err *e = w->page == PAGE_REVIEW ? wizard_review_fault(w) : &w->result;
    if (!e)
        return;
    struct err why = *e; /* the plan's own goes with the page */
    wiz_lead(w, &why, fx);
    /* A computer account's state is looked at again. */
    if (w->page == PAGE_NAME || w->page == PAGE_RENAME)
        w->name_warned = false;
}

void wiz_press(struct wizard *w, enum button b, struct effects *fx)
{
    if (wiz_kiosk_refuses(w, b)) {
        wiz_effect(fx, EFFECT_BEEP);
        return;
    }
    switch (b) {
    case BTN_BACK:
        wiz_back(w, fx);
        break;
    case BTN_NEXT:
        if (w->page == PAGE_RESULT)
            wiz_go_on(w, fx);
        else
            wiz_next(w, fx);
        break;
    case BTN_CANCEL:
        wiz_cancel(w, fx);
        break;
    case BTN_TEST:
        if (!w->advance && wiz_validate(w, PAGE_CREDENTIALS)) {
            w->testing = true;
            wiz_start(w, JOB_LOGIN, fx);
            wiz_say(w, SAY_LOGGING_IN, "");
        }
        break;
    case BTN_SAVE:
        wiz_effect(fx, EFFECT_SAVE)->text = settings_save_ini(&w->settings);
        break;
    case BTN_RETRY:
        retry(w, fx);
        break;
    case BTN_CHANGE:
        change_settings(w, fx);
        break;
    case BTN_REPAIR:
    case BTN_ROTATE:
        w->mode = b == BTN_REPAIR ? MODE_REPAIR : MODE_ROTATE;
        wiz_choose_mode(w);
        wiz_go_on(w, fx);
        break;
    case BTN_ANOTHER: /* the domain, the place and the format stay; whoever logs in, does so again
                       */
        wiz_drop_typed_names(w);
        wiz_ask_password(w, PAGE_NAME, fx);
        break;
    case BTN_LOG:
        wiz_open_overlay(w, OVER_LOG);
        break;
    case BTN_DETAILS:
        wiz_open_details(w, w->result.code ? &w->result : &w->notice, true);
        break;
    case BTN_QUIT:
        if (w->page == PAGE_RESULT)
            quit_result(w, fx);
        else if (settings_bool(&w->settings, OPT_KIOSK))
            wiz_enter(w, PAGE_WELCOME, fx);
        else
            wiz_quit(w, check_status(w), fx);
        break;
    case BTN_RESTART_LATER:
        wiz_quit(w, 5, fx);
        break;
    case BTN_RESTART_NOW:
        wiz_effect(fx, EFFECT_RESTART);
        wiz_quit(w, 0, fx);
        break;
    case BTN__COUNT:
        break;
    }
}
