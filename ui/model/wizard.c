/* Life of the wizard, events, effects and small helpers. */
#include "ui/model/wizard.h"

#include <string.h>

#include "ui/model/internal.h"

static const char *const says[] = {
#define SAY(id, text) text,
#include "ui/model/say.def"
#undef SAY
};

const char *say_text(enum say s)
{
    return says[s];
}

void wiz_replace(char **slot, const char *value)
{
    char *copy = xstrdup(value ? value : "");
    free(*slot);
    *slot = copy;
}

static bool is_notice(enum say s)
{
    switch (s) {
    case SAY_LOOKING:
    case SAY_CHECKING_NETWORK:
    case SAY_LOGGING_IN:
    case SAY_READING_OUS:
    case SAY_CHECKING_NAME:
    case SAY_PLANNING:
    case SAY_CHECKING:
    case SAY_READING_STATUS:
    case SAY_READING_LIST:
    case SAY_LOOKING_FOR_DATA:
    case SAY_LOOKING_FOR_SYSTEMS:
    case SAY_OPENING_DATA:
    case SAY_INSPECTING:
        return true;
    default:
        return false;
    }
}

enum say wizard_message(const struct wizard *w, const char **arg)
{
    bool too_soon = is_notice(w->message) && w->now_ms - w->said_at < NOTICE_MS;
    *arg = w->message_arg;
    if (!too_soon && w->message != SAY_NOTHING)
        return w->message;
    *arg = w->linger_arg;
    return w->now_ms < w->linger_until ? w->lingering : SAY_NOTHING;
}

bool wiz_message_changes(const struct wizard *w)
{
    return w->now_ms < w->linger_until ||
           (is_notice(w->message) && w->now_ms - w->said_at < NOTICE_MS);
}

void wiz_say(struct wizard *w, enum say what, const char *arg)
{
    uint64_t until = w->said_at + NOTICE_MS + NOTICE_STAYS_MS;
    if (what == SAY_NOTHING && is_notice(w->message) && w->now_ms - w->said_at >= NOTICE_MS &&
        w->now_ms < until) {
        w->lingering = w->message;
        w->linger_until = until;
        wiz_replace(&w->linger_arg, w->message_arg);
    }
    if (what != w->message || !is_notice(what))
        w->said_at = w->now_ms;
    w->message = what;
    w->fault = FLD__COUNT;
    err_reset(&w->message_err);
    wiz_replace(&w->message_arg, arg);
}

void wiz_say_err(struct wizard *w, enum say what, const struct err *e)
{
    wiz_say(w, what, "");
    w->message_err = *e;
}

void wiz_fault(struct wizard *w, enum field f, enum say what)
{
    wiz_say(w, what, "");
    w->fault = f;
    wiz_focus_field(w, f);
}

struct effect *wiz_effect(struct effects *fx, enum effect_kind kind)
{
    /* The list is as long as any event's effects; the last place is for the ones that end things.
     */
    size_t at = fx->count < EFFECTS_MAX ? fx->count++ : EFFECTS_MAX - 1;
    fx->list[at] = (struct effect){.kind = kind};
    return &fx->list[at];
}

static void request_free(struct engine_request *r)
{
    if (!r)
        return;
    settings_drop(r->settings);
    free(r->dn);
    free(r->filter);
    free(r);
}

void effects_free(struct effects *fx)
{
    for (size_t i = 0; i < fx->count; i++) {
        request_free(fx->list[i].request);
        free(fx->list[i].text);
        free(fx->list[i].path);
    }
    *fx = (struct effects){0};
}

void wiz_set_opt(struct wizard *w, enum opt o, const char *value)
{
    struct err e = {0};
    if (settings_set(&w->settings, o, value, ORIGIN_USER, &e) < 0)
        wiz_say_err(w, SAY_FAILED, &e);
}

void wiz_quit(struct wizard *w, int status, struct effects *fx)
{
    wiz_forget_password(w);
    wiz_forget_passphrase(w);
    w->ended = true;
    w->status = status;
    wiz_effect(fx, EFFECT_QUIT)->number = status;
}

void wiz_log(struct wizard *w, int level, const char *line)
{
    struct log_entry *e;
    if (w->n_log < LOG_KEPT) {
        if (w->n_log % 256 == 0)
            w->log = xrealloc_array(w->log, w->n_log + 256, sizeof *w->log);
        e = &w->log[w->n_log++];
        e->line = NULL;
    } else {
        e = &w->log[w->log_first];
        w->log_first = (w->log_first + 1) % LOG_KEPT;
        w->log_skipped++;
    }
    free(e->line);
    *e = (struct log_entry){.level = level, .line = xstrndup(line, 1000)};
}

const struct log_entry *wizard_log_at(const struct wizard *w, size_t index)
{
    if (index >= w->n_log)
        return NULL;
    return &w->log[w->n_log < LOG_KEPT ? index : (w->log_first + index) % LOG_KEPT];
}

static enum mode mode_of_operation(const struct settings *s)
{
    for (enum mode m = 0; m < MODE__COUNT; m++) {
        if (mode_row(m)->operation &&
            str_eq(mode_row(m)->operation, settings_get(s, OPT_OPERATION)))
            return m;
    }
    return MODE_JOIN;
}

int wizard_init(struct wizard *w, struct settings *settings, const struct wizard_ops *ops)
{
    memset(w, 0, sizeof *w);
    w->given = settings_clone(settings);
    if (!w->given)
        return -1;
    secret_free(&w->given->password);
    secret_free(&w->given->passphrase);
    secret_free(&w->given->recipient_key);
    w->settings = *settings;
    settings_init(settings);
    if (ops)
        w->ops = *ops;
    w->mode = mode_of_operation(&w->settings);
    w->fault = FLD__COUNT;
    w->failed_step = STEP__COUNT;
    w->status = 3;
    w->password_kept = secret_is_set(&w->settings.password);
    char **texts[] = {&w->message_arg, &w->linger_arg,    &w->ou_filter,    &w->ou_parent,
                      &w->ou_custom,   &w->account_aside, &w->keytab_aside, &w->dc_custom,
                      &w->waiting_for, &w->ask_object};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        *texts[i] = xstrdup("");
    wiz_replace(&w->ou_custom, settings_get(&w->settings, OPT_OU));
    int bad = secret_edit_init(&w->password);
    bad |= wiz_offline_init(w);
    bad |= pager_init(&w->pager);
    bad |= edit_init(&w->prompt_edit, 1024);
    for (enum field f = 0; f < FLD__COUNT; f++) {
        if (field_row(f)->kind != FIELD_TEXT)
            continue;
        bad |= edit_init(&w->edit[f], 512);
    }
    if (bad) {
        wizard_free(w);
        return -1;
    }
    w->page = PAGE_WELCOME;
    wiz_list_prepare(w, FLD_MODE);
    wiz_default_focus(w);
    return 0;
}

void wizard_free(struct wizard *w)
{
    w->overlay = OVER_NONE; /* what it shows goes, and nothing is to follow from that */
    secret_edit_free(&w->password);
    wiz_offline_free(w);
    free(w->here);
    settings_free(&w->settings);
    settings_drop(w->given);
    pager_free(&w->pager);
    edit_free(&w->prompt_edit);
    for (enum field f = 0; f < FLD__COUNT; f++) {
        if (field_row(f)->kind == FIELD_TEXT)
            edit_free(&w->edit[f]);
    }
    machine_view_free(&w->machine);
    wiz_clear_domain(w);
    wiz_clear_ous(w);
    wiz_clear_plan(w);
    wiz_clear_name(w);
    wiz_clear_status(w);
    wiz_clear_run(w);
    for (size_t i = 0; i < w->n_log; i++)
        free(w->log[i].line);
    free(w->log);
    free(w->review);
    char *texts[] = {w->message_arg, w->linger_arg,    w->ou_filter,    w->ou_parent,
                     w->ou_custom,   w->account_aside, w->keytab_aside, w->dc_custom,
                     w->waiting_for, w->ask_object};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        free(texts[i]);
    memset(w, 0, sizeof *w);
}

void wizard_begin(struct wizard *w, struct effects *fx)
{
    wiz_start(w, JOB_MACHINE, fx);
}

/* The program has to end: what runs is stopped and undone first. */
static void end(struct wizard *w, struct effects *fx)
{
    wiz_forget_password(w);
    wiz_forget_passphrase(w);
    w->end_wanted = true;
    if (w->running) {
        if (!w->stopping)
            wiz_effect(fx, EFFECT_CANCEL);
        w->stopping = true;
        return;
    }
    wiz_quit(w, w->finished ? w->status : 4, fx);
}

/* What has the focus may be gone: a field that an answer of the engine has hidden. */
static void settle_focus(struct wizard *w)
{
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids));
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == w->focus)
            return;
    }
    if (w->overlay == OVER_NONE)
        wiz_default_focus(w);
}

static void take_event(struct wizard *w, const struct wiz_event *ev, struct effects *fx)
{
    if (ev->kind == WIZ_KEY || ev->kind == WIZ_FOCUS) {
        w->last_key = w->now_ms;
        w->touched = true;
        w->fresh = false;
    }
    wiz_first_seen(w, ev);
    switch (ev->kind) {
    case WIZ_KEY:
        wiz_key(w, ev, fx);
        break;
    case WIZ_FOCUS:
        w->focus = ev->focus;
        break;
    case WIZ_TEXT:
        if (str_eq(w->edit[ev->focus].text, ev->text))
            break;
        edit_set(&w->edit[ev->focus], ev->text);
        wiz_edited(w, (enum field)ev->focus, fx);
        break;
    case WIZ_SELECT:
        if (ev->index >= wizard_list_count(w, (enum field)ev->focus))
            break;
        w->list[ev->focus].sel = ev->index;
        wiz_list_event(w, (enum field)ev->focus, ev->how, fx);
        break;
    case WIZ_PRESS:
        wiz_press(w, ev->button, fx);
        break;
    case WIZ_ENGINE:
        /* The lists of a message are moved into the state, hence the message is the wizard's to
         * change. */
        wiz_message(w, (struct engine_msg *)(uintptr_t)ev->msg, fx);
        break;
    case WIZ_TICK:
        wiz_tick(w, fx);
        break;
    case WIZ_END:
        end(w, fx);
        break;
    case WIZ_INPUT_END:
        if (!w->running)
            wiz_quit(w, w->finished ? w->status : 3, fx);
        break;
    case WIZ_SAVED:
        if (ev->err)
            wiz_say_err(w, SAY_SAVE_FAILED, ev->err);
        else
            wiz_say(w, SAY_SAVED, ev->text);
        break;
    case WIZ_LIST_SAVED:
        wiz_list_saved(w, ev, fx);
        break;
    case WIZ_LOG_SAVED:
        if (ev->err)
            wiz_say_err(w, SAY_LOG_FAILED, ev->err);
        else
            wiz_say(w, SAY_LOG_SAVED, ev->text);
        break;
    case WIZ_KEY_READ:
        wiz_key_read(w, ev, fx);
        break;
    case WIZ_LOG:
        wiz_log(w, (int)ev->level, ev->text);
        break;
    }
    if (ev->kind != WIZ_FOCUS && ev->kind != WIZ_SELECT && ev->kind != WIZ_TEXT)
        wiz_settle_focus(w);
}

void wizard_event(struct wizard *w, const struct wiz_event *ev, struct effects *fx)
{
    if (ev->now_ms > w->now_ms)
        w->now_ms = ev->now_ms;
    if (w->ended)
        return;
    take_event(w, ev, fx);
    if (!w->ended)
        settle_focus(w);
}
