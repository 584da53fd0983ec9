/* What lies on top of a page: help, log, details, questions, one-line prompts. */
#include <string.h>

#include "engine/base/buf.h"
#include "ui/model/internal.h"
#include "ui/text/sanitize.h"

#define LOG_COPY                                                                                   \
    "/var/log/joinery/shown.txt" /* as seen from inside the root; one for all times                \
                                  */

void wiz_open_overlay(struct wizard *w, enum overlay o)
{
    if (w->overlay == OVER_NONE)
        w->under_focus = w->focus;
    w->overlay = o;
    w->focus = FOCUS_OVERLAY;
    w->over_scroll = (struct scroll_text){0};
}

void wiz_close_overlay(struct wizard *w)
{
    if (w->overlay == OVER_NONE)
        return;
    w->overlay = OVER_NONE;
    w->focus = w->under_focus;
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids));
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == w->focus)
            return;
    }
    wiz_default_focus(w);
}

void wiz_open_details(struct wizard *w, const struct err *e, bool raw)
{
    w->details = *e;
    w->details_raw = raw;
    w->details_change = NULL;
    wiz_open_overlay(w, OVER_DETAILS);
}

void wiz_open_change(struct wizard *w, const struct change_view *c)
{
    w->details_change = c;
    wiz_open_overlay(w, OVER_DETAILS);
}

/* A question starts on its safe answer, which is always the first. */
void wiz_ask(struct wizard *w, enum question q)
{
    w->question = q;
    wiz_open_overlay(w, OVER_QUESTION);
}

void wiz_open_prompt(struct wizard *w, enum prompt p, const char *text)
{
    w->prompt = p;
    edit_set(&w->prompt_edit, text);
    wiz_open_overlay(w, OVER_PROMPT);
}

void wiz_cancel(struct wizard *w, struct effects *fx)
{
    (void)fx;
    bool kiosk = settings_bool(&w->settings, OPT_KIOSK);
    if (!w->running) {
        if (kiosk)
            wiz_say(w, SAY_NO_LEAVE, "");
        else if (w->page == PAGE_RESULT || w->page == PAGE_RESTART)
            wiz_quit(w, w->status, fx);
        else
            wiz_ask(w, ASK_QUIT);
        return;
    }
    if (w->stopping)
        return;
    w->stop_effect = w->ops.cancel_effect ? w->ops.cancel_effect(w->ops.ctx) : CANCEL_UNDOES;
    if (kiosk || w->stop_effect == CANCEL_NOT_POSSIBLE)
        wiz_say(w, kiosk ? SAY_NO_LEAVE : SAY_NO_STOP, "");
    else
        wiz_ask(w, ASK_STOP);
}

static void answer(struct wizard *w, bool yes, struct effects *fx)
{
    enum question q = w->question;
    wiz_close_overlay(w);
    switch (q) {
    case ASK_QUIT:
        if (yes)
            wiz_quit(w, 3, fx);
        break;
    case ASK_STOP:
        if (yes && w->running) {
            w->stopping = true;
            wiz_effect(fx, EFFECT_CANCEL);
            wiz_say(w, wizard_batch(w) ? SAY_STOPPING_LIST : SAY_STOPPING, "");
        }
        break;
    case ASK_REJOIN:
        if (yes) {
            wiz_set_opt(w, OPT_FLAG_DOMAIN_JOIN_IF_JOINED, "yes");
            wiz_next(w, fx);
        }
        break;
    case ASK_READONLY:
        if (yes) {
            wiz_join_readonly(w);
            wiz_next(w, fx);
        }
        break;
    case ASK_REUSE:
        if (yes) {
            wiz_set_opt(w, OPT_FLAG_PROVISION_REUSE_ACCOUNT, "yes");
            wiz_answer_changed(w, OPT_FLAG_PROVISION_REUSE_ACCOUNT);
            wiz_next(w, fx);
        }
        break;
    case ASK_ENGINE: {
        struct effect *e = wiz_effect(fx, EFFECT_ANSWER);
        e->ask_id = w->ask_id;
        e->answer = yes ? ANSWER_YES : ANSWER_NO;
        break;
    }
    }
}

static bool question_key(struct wizard *w, enum action a, struct effects *fx)
{
    bool second = w->focus == FOCUS_OVERLAY + 1;
    switch (a) {
    case ACT_LEFT:
    case ACT_RIGHT:
    case ACT_UP:
    case ACT_DOWN:
    case ACT_NEXT_FIELD:
    case ACT_PREV_FIELD:
        w->focus = FOCUS_OVERLAY + !second;
        return true;
    case ACT_ENTER:
    case ACT_TOGGLE:
        answer(w, second, fx);
        return true;
    case ACT_BACK:
    case ACT_CANCEL:
        answer(w, false, fx);
        return true;
    default:
        return false;
    }
}

static void prompt_done(struct wizard *w, struct effects *fx)
{
    wiz_close_overlay(w);
    if (w->prompt == PROMPT_DN) {
        wiz_replace(&w->ou_custom, w->prompt_edit.text);
        wiz_set_ou(w, w->prompt_edit.text);
        wiz_list_prepare(w, FLD_OUS);
        return;
    }
    wiz_replace(&w->ou_filter, w->prompt_edit.text);
    /* The present answer stays choosable, whatever the hits are. */
    if (*settings_get(&w->settings, OPT_OU))
        wiz_replace(&w->ou_custom, settings_get(&w->settings, OPT_OU));
    wiz_clear_ous(w);
    w->list[FLD_OUS].sel = 0;
    wiz_stop_job(w, fx);
    wiz_say(w, SAY_READING_OUS, "");
    wiz_start(w, JOB_OUS, fx);
}

void wizard_prompt(struct wizard *w, enum prompt p, const char *answer, struct effects *fx)
{
    wiz_open_prompt(w, p, answer);
    prompt_done(w, fx);
}

static bool prompt_key(struct wizard *w, enum action a, const char *text, struct effects *fx)
{
    if (a == ACT_ENTER || a == ACT_NEXT_PAGE)
        prompt_done(w, fx);
    else if (a == ACT_BACK || a == ACT_CANCEL)
        wiz_close_overlay(w);
    else
        return edit_key(&w->prompt_edit, a, text);
    return true;
}

static void log_row(void *ctx, size_t index, struct log_line *out)
{
    const struct log_entry *e = wizard_log_at(ctx, index);
    *out = (struct log_line){.level = e->level, .text = e->line, .len = strlen(e->line)};
}

/* What the viewer shows, as a text file: every line as it is displayed. */
static void save_log(struct wizard *w, struct effects *fx)
{
    struct buf b = BUF_INIT(LOG_KEPT * 4096);
    for (size_t i = 0; i < w->n_log; i++) {
        const char *line = wizard_log_at(w, i)->line;
        AUTOFREE char *shown = sanitize_dup(line, strlen(line), -1);
        buf_printf(&b, "%s\n", shown ? shown : "");
    }
    struct effect *e = wiz_effect(fx, EFFECT_SAVE_LOG);
    e->text = buf_steal(&b);
    if (!e->text)
        e->text = xstrdup("");
    e->path = xstrdup(LOG_COPY);
}

static bool log_key(struct wizard *w, enum action a, const char *text, struct effects *fx)
{
    struct log_source src = {w->n_log, w, log_row};
    if (a == ACT_CHAR && *text == 's' && !w->pager.prompting && !wizard_kiosk(w)) {
        save_log(w, fx);
        return true;
    }
    if (pager_key(&w->pager, &src, a, text))
        return true;
    if (a != ACT_BACK && a != ACT_CANCEL && a != ACT_LOG && a != ACT_ENTER &&
        !(a == ACT_CHAR && *text == 'L'))
        return false;
    wiz_close_overlay(w);
    return true;
}

bool wiz_overlay_key(struct wizard *w, enum action a, const char *text, struct effects *fx)
{
    switch (w->overlay) {
    case OVER_QUESTION:
        return question_key(w, a, fx);
    case OVER_PROMPT:
        return prompt_key(w, a, text, fx);
    case OVER_LOG:
        return log_key(w, a, text, fx);
    case OVER_HELP:
    case OVER_DETAILS:
        if (w->ops.view_text &&
            scroll_text_key(&w->over_scroll, w->ops.view_text(w->ops.ctx, FOCUS_OVERLAY), a))
            return true;
        if (a == ACT_BACK || a == ACT_ENTER || a == ACT_CANCEL || a == ACT_HELP || a == ACT_TOGGLE)
            wiz_close_overlay(w);
        return true;
    case OVER_NONE:
        break;
    }
    return false;
}
