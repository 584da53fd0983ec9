/* The order of pages, going on and back, and the focus. */
#include <string.h>

#include "ui/model/internal.h"

enum flow wizard_flow(const struct wizard *w)
{
    enum flow f = mode_row(w->mode)->flow;
    return f ? f : FLOW_JOIN;
}

static bool network_trouble(const struct wizard *w)
{
    if (w->network_known == KNOWN_RUNNING || w->network_known == KNOWN_PENDING)
        return true;
    for (size_t i = 0; i < w->n_network; i++) {
        if (w->network[i].verdict == VERDICT_FAIL || w->network[i].verdict == VERDICT_WARNING)
            return true;
    }
    return false;
}

bool wizard_on_page(const struct wizard *w, enum page p)
{
    if (!(page_flows(p) & wizard_flow(w)))
        return false;
    switch (p) {
    case PAGE_NETWORK:
        return w->page == PAGE_NETWORK || network_trouble(w);
    case PAGE_CREDENTIALS:
        return wizard_flow(w) != FLOW_LEAVE || settings_bool(&w->settings, OPT_FLAG_ACCT_DELETE);
    case PAGE_RESTART:
        return w->finished && !w->result.code && w->restart_needed && w->machine.live &&
               str_eq(settings_get(&w->settings, OPT_RESTART), "ask");
    default:
        return true;
    }
}

void wizard_position(const struct wizard *w, int *step, int *of)
{
    *step = *of = 0;
    for (enum page p = 0; p < PAGE__COUNT; p++) {
        if (p == PAGE_RESTART || !wizard_on_page(w, p))
            continue;
        ++*of;
        if (p <= w->page)
            ++*step;
    }
}

static bool field_visible(const struct wizard *w, enum field f)
{
    switch (f) {
    case FLD_DOMAIN_SERVER:
        return w->domain_err.code || *settings_get(&w->settings, OPT_CONTROLLER);
    default:
        return true;
    }
}

size_t wizard_fields(const struct wizard *w, enum page p, enum field *out, size_t max)
{
    size_t n = 0;
    for (enum field f = 0; f < FLD__COUNT && n < max; f++) {
        if (field_row(f)->page == p && field_visible(w, f))
            out[n++] = f;
    }
    return n;
}

size_t wizard_focusables(const struct wizard *w, int *ids, size_t max)
{
    size_t n = 0;
    if (w->overlay != OVER_NONE) {
        size_t rows = w->overlay == OVER_QUESTION ? 2 : 1;
        for (size_t i = 0; i < rows && n < max; i++)
            ids[n++] = FOCUS_OVERLAY + (int)i;
        return n;
    }
    enum field fields[FLD__COUNT];
    enum button buttons[BTN__COUNT];
    size_t nf = wizard_fields(w, w->page, fields, FLD__COUNT),
           nb = wizard_buttons(w, buttons, BTN__COUNT);
    for (size_t i = 0; i < nf && n < max; i++) {
        enum field_kind k = field_row(fields[i])->kind;
        if (k != FIELD_NOTE && (k != FIELD_LIST || wizard_list_count(w, fields[i]) > 0))
            ids[n++] = (int)fields[i];
    }
    for (size_t i = 0; i < nb && n < max; i++)
        ids[n++] = FOCUS_BUTTON + (int)buttons[i];
    return n;
}

void wiz_move_focus(struct wizard *w, int by)
{
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids)), at = 0;
    if (n == 0)
        return;
    while (at < n && ids[at] != w->focus)
        at++;
    if (at == n)
        at = 0;
    else
        at = by > 0 ? (at + 1) % n : (at + n - 1) % n;
    if (w->focus < FLD__COUNT && field_row((enum field)w->focus)->kind == FIELD_LIST)
        list_end_typing(&w->list[w->focus]);
    w->focus = ids[at];
}

/* An action that changes the machine is never what a stray Enter does: with open warnings the
 * review starts on Back. */
void wiz_default_focus(struct wizard *w)
{
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids));
    w->focus = n ? ids[0] : FOCUS_BUTTON + BTN_NEXT;
    if (w->page == PAGE_WELCOME)
        w->focus = FLD_MODE;
    if (w->page == PAGE_REVIEW && (w->plan_known == KNOWN_YES || w->plan_known == KNOWN_FAILED))
        w->focus = FOCUS_BUTTON + (w->n_warnings || w->plan_err.code ? BTN_BACK : BTN_NEXT);
    if (w->page == PAGE_CREDENTIALS && *settings_get(&w->settings, OPT_ACCOUNT))
        w->focus = FLD_PASSWORD;
    if (w->page == PAGE_RESULT)
        w->focus = FLD_RESULT_TEXT;
}

void wiz_forget_password(struct wizard *w)
{
    secret_edit_wipe(&w->password);
    secret_wipe(&w->settings.password);
    w->password_kept = false;
    w->login_known = KNOWN_NOT;
}

/* What a page asks of the engine when it is opened. */
static void enter_jobs(struct wizard *w, struct effects *fx)
{
    switch (w->page) {
    case PAGE_NETWORK:
        if (w->network_known == KNOWN_NOT)
            wiz_start(w, JOB_NETWORK, fx);
        if (w->network_known == KNOWN_RUNNING)
            wiz_say(w, SAY_CHECKING_NETWORK, "");
        break;
    case PAGE_DOMAIN:
        if (w->domain_known == KNOWN_NOT && *settings_get(&w->settings, OPT_DOMAIN))
            wiz_start(w, JOB_DISCOVER, fx);
        break;
    case PAGE_OU:
        if (w->ous_known == KNOWN_NOT) {
            wiz_start(w, JOB_OUS, fx);
            wiz_say(w, SAY_READING_OUS, "");
        }
        break;
    case PAGE_NAME:
        if (w->name_known == KNOWN_NOT &&
            wiz_name_rule(settings_get(&w->settings, OPT_MACHINE_NAME), NULL))
            wiz_start(w, JOB_NAME, fx);
        break;
    case PAGE_REVIEW:
        wiz_clear_plan(w);
        wiz_build_review(w);
        wiz_start(w, JOB_PLAN, fx);
        wiz_say(w, SAY_PLANNING, "");
        break;
    case PAGE_CHECKS:
        wiz_start(w, JOB_CHECK, fx);
        wiz_say(w, SAY_CHECKING, "");
        break;
    case PAGE_STATUS:
        wiz_start(w, JOB_STATUS, fx);
        wiz_say(w, SAY_READING_STATUS, "");
        break;
    default:
        break;
    }
}

void wiz_enter(struct wizard *w, enum page p, struct effects *fx)
{
    enum field fields[FLD__COUNT];
    w->page = p;
    w->fresh = true;
    w->advance = false;
    w->scroll = (struct scroll_text){0};
    wiz_say(w, SAY_NOTHING, "");
    size_t n = wizard_fields(w, p, fields, FLD__COUNT);
    wiz_remember_custom_dc(w);
    for (enum field f = 0; f < FLD__COUNT; f++) {
        if (field_row(f)->page == p && field_row(f)->kind == FIELD_TEXT &&
            field_row(f)->opt != OPT__COUNT)
            edit_set(&w->edit[f], settings_get(&w->settings, field_row(f)->opt));
    }
    for (size_t i = 0; i < n; i++) {
        if (field_row(fields[i])->kind == FIELD_LIST)
            wiz_list_prepare(w, fields[i]);
    }
    enter_jobs(w, fx);
    wiz_default_focus(w);
}

void wiz_go_on(struct wizard *w, struct effects *fx)
{
    if (w->return_to_review) {
        w->return_to_review = false;
        wiz_enter(w, PAGE_REVIEW, fx);
        return;
    }
    enum page p = w->page + 1;
    while (p < PAGE__COUNT && !wizard_on_page(w, p))
        p++;
    if (p == PAGE_PROGRESS)
        wiz_run_begin(w, wizard_flow(w) == FLOW_RECOVER ? JOB_RECOVER : JOB_RUN, fx);
    else if (p < PAGE__COUNT)
        wiz_enter(w, p, fx);
}

void wiz_back(struct wizard *w, struct effects *fx)
{
    w->advance = false;
    if (w->page == PAGE_OU && *w->ou_filter) {
        wiz_replace(&w->ou_filter, "");
        wiz_clear_ous(w);
        wiz_enter(w, PAGE_OU, fx);
        return;
    }
    if (w->page == PAGE_WELCOME || w->page == PAGE_PROGRESS) {
        wiz_cancel(w, fx);
        return;
    }
    if (w->page == PAGE_RESULT || w->page == PAGE_RESTART)
        return;
    wiz_stop_job(w, fx);
    if (w->page == PAGE_CREDENTIALS)
        wiz_forget_password(w);
    if (w->return_to_review) {
        w->return_to_review = false;
        wiz_enter(w, PAGE_REVIEW, fx);
        return;
    }
    enum page p = w->page;
    do
        p--;
    while (p > PAGE_WELCOME && !wizard_on_page(w, p));
    wiz_enter(w, p, fx);
}

/* Going on waits for the answer to a question that is under way or has to be asked first. */
static void wait_for(struct wizard *w, enum job job, enum known known, enum say say,
                     const char *arg, struct effects *fx)
{
    w->advance = true;
    if (known != KNOWN_RUNNING)
        wiz_start(w, job, fx);
    wiz_say(w, say, arg);
}

static void next_credentials(struct wizard *w, struct effects *fx)
{
    bool typed = secret_is_set(&w->password.value);
    if (w->login_known == KNOWN_YES && !typed) {
        wiz_go_on(w, fx);
        return;
    }
    if (typed) {
        if (secret_copy(&w->settings.password, &w->password.value) < 0)
            return;
        secret_edit_wipe(&w->password);
    }
    w->testing = false;
    wait_for(w, JOB_LOGIN, w->login_known == KNOWN_RUNNING ? KNOWN_RUNNING : KNOWN_NOT,
             SAY_LOGGING_IN, "", fx);
}

void wiz_next(struct wizard *w, struct effects *fx)
{
    if (w->advance || !wiz_validate(w, w->page))
        return;
    w->idle_at = 0;
    switch (w->page) {
    case PAGE_WELCOME:
        if (mode_row(w->mode)->operation)
            wiz_set_opt(w, OPT_OPERATION, mode_row(w->mode)->operation);
        else
            wiz_set_opt(w, OPT_OPERATION, "join");
        if (w->mode == MODE_LEAVE && !*settings_get(&w->settings, OPT_DOMAIN) && w->have_machine)
            wiz_set_opt(w, OPT_DOMAIN, w->machine.member_of);
        wiz_go_on(w, fx);
        break;
    case PAGE_DOMAIN:
        if (w->domain_known == KNOWN_YES)
            wiz_go_on(w, fx);
        else
            wait_for(w, JOB_DISCOVER, w->domain_known, SAY_LOOKING,
                     settings_get(&w->settings, OPT_DOMAIN), fx);
        break;
    case PAGE_CONTROLLER:
        if (w->domain_known == KNOWN_YES)
            wiz_go_on(w, fx);
        else
            wait_for(w, JOB_DISCOVER, w->domain_known, SAY_LOOKING,
                     settings_get(&w->settings, OPT_DOMAIN), fx);
        break;
    case PAGE_CREDENTIALS:
        next_credentials(w, fx);
        break;
    case PAGE_NAME:
        if (w->name_known == KNOWN_YES &&
            (w->name.state == NAME_FREE || w->name.state == NAME_OWN || w->name_warned)) {
            wiz_go_on(w, fx);
        } else if (w->name_known == KNOWN_YES) {
            wiz_say_err(w, SAY_NAME_TROUBLE, &w->name.why);
            w->fault = FLD_NAME;
            w->name_warned = true;
        } else if (w->name_known == KNOWN_FAILED && w->name_warned) {
            wiz_go_on(w, fx);
        } else {
            wait_for(w, JOB_NAME, w->name_known, SAY_CHECKING_NAME, "", fx);
        }
        break;
    case PAGE_REVIEW:
        if (w->plan_known == KNOWN_YES)
            wiz_go_on(w, fx);
        else if (w->plan_known == KNOWN_FAILED)
            wiz_enter(w, PAGE_REVIEW, fx); /* works it out again */
        else
            wiz_effect(fx, EFFECT_BEEP);
        break;
    default:
        wiz_go_on(w, fx);
        break;
    }
}
