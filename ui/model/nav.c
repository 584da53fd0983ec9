/* Going on and back, and where the focus starts. */
#include <string.h>

#include "engine/model/settings_flags.h"
#include "ui/model/internal.h"

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

static int credentials_focus(const struct wizard *w)
{
    if (wizard_field_visible(w, FLD_PASSWORD) &&
        (wizard_as_machine(w) || *settings_get(&w->settings, OPT_ACCOUNT)))
        return FLD_PASSWORD;
    return wizard_login_by(w) == LOGIN_PASSWORD && wizard_field_visible(w, FLD_ACCOUNT)
               ? FLD_ACCOUNT
           : wizard_field_visible(w, FLD_LOGIN_BY) ? FLD_LOGIN_BY
                                                   : FOCUS_BUTTON + BTN_NEXT;
}

/* An action that changes the machine is never what a stray Enter does: with open warnings the
 * review starts on Back. */
/* Something on the review wants to be read before the work starts. */
static bool careful_page(const struct wizard *w)
{
    return w->page == PAGE_REVIEW &&
           (w->n_warnings || w->plan_err.code || wizard_default_password(w));
}

/* The key for the next page brings the focus to the button first: a warning is not passed by the
 * key that passed every page before. */
bool wiz_next_waits(struct wizard *w)
{
    if (!careful_page(w) || w->focus == FOCUS_BUTTON + BTN_NEXT)
        return false;
    w->focus = FOCUS_BUTTON + BTN_NEXT;
    return true;
}

void wiz_default_focus(struct wizard *w)
{
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids));
    w->focus = n ? ids[0] : FOCUS_BUTTON + BTN_NEXT;
    if (w->page == PAGE_WELCOME)
        w->focus = FLD_MODE;
    if (w->page == PAGE_REVIEW && (w->plan_known == KNOWN_YES || w->plan_known == KNOWN_FAILED))
        w->focus = FOCUS_BUTTON + (careful_page(w) ? BTN_BACK : BTN_NEXT);
    if (w->page == PAGE_CREDENTIALS)
        w->focus = credentials_focus(w);
    if (w->page == PAGE_STATUS && wizard_flow(w) != FLOW_STATUS &&
        wizard_mend_blocked(w, w->mode) == SAY_NOTHING)
        w->focus = FOCUS_BUTTON + BTN_NEXT;
    if (w->page == PAGE_RESULT)
        w->focus = FLD_RESULT_TEXT;
    /* The running system is never what a stray Enter chooses: a field asks first. */
    if (w->page == PAGE_DATA && !wizard_list_count(w, FLD_BLOBS))
        w->focus = FLD_INPUT;
}

static bool can_have_focus(const struct wizard *w, int id, int *first)
{
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(w, ids, ARRAY_SIZE(ids));
    *first = n ? ids[0] : id;
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == id)
            return true;
    }
    return n == 0;
}

void wiz_focus_field(struct wizard *w, enum field f)
{
    int first;
    if (can_have_focus(w, (int)f, &first))
        w->focus = (int)f;
    else
        wiz_default_focus(w);
}

void wiz_settle_focus(struct wizard *w)
{
    int first;
    if (can_have_focus(w, w->focus, &first))
        return;
    if (w->overlay != OVER_NONE) { /* the page below has changed: it is seen when this is closed */
        w->under_focus = w->focus;
        w->focus = FOCUS_OVERLAY;
        return;
    }
    wiz_default_focus(w);
    if (!can_have_focus(w, w->focus, &first))
        w->focus = first;
}

void wiz_forget_password(struct wizard *w)
{
    secret_edit_wipe(&w->password);
    secret_free(&w->settings.password);
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
    case PAGE_RENAME:
        if (w->name_known == KNOWN_NOT && wiz_name_can_be_asked(w))
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
    case PAGE_DATA:
    case PAGE_TARGET:
        wiz_enter_apply(w, fx);
        break;
    case PAGE_MACHINES:
        if (w->offline.machines == MACHINES_FILE && w->offline.rows_known == KNOWN_NOT &&
            *settings_get(&w->settings, OPT_OFFLINE_BATCH))
            wiz_start(w, JOB_LIST, fx);
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
    w->linger_until = 0; /* it was about another page */
    if (p == PAGE_PACKAGE)
        wiz_offer_output(w);
    if (p == PAGE_CREDENTIALS)
        w->login_by = wizard_login_by(w);
    size_t n = wizard_fields(w, p, fields, FLD__COUNT);
    wiz_remember_custom_dc(w);
    for (enum field f = 0; f < FLD__COUNT; f++) {
        if (field_row(f)->page == p && field_row(f)->kind == FIELD_TEXT &&
            field_row(f)->opt != OPT__COUNT)
            (f == FLD_DOMAIN && w->domain_proposed ? edit_propose : edit_set)(
                &w->edit[f], settings_get(&w->settings, field_row(f)->opt));
    }
    for (size_t i = 0; i < n; i++) {
        if (field_row(fields[i])->kind == FIELD_LIST)
            wiz_list_prepare(w, fields[i]);
    }
    enter_jobs(w, fx);
    wiz_default_focus(w);
}

/* Back to where the page was opened from. The units are on the way to the review. */
static void enter_return(struct wizard *w, struct effects *fx)
{
    enum page p = w->return_to, then = p == PAGE_OU ? PAGE_REVIEW : PAGE_WELCOME;
    wiz_enter(w, p, fx);
    w->return_to = then;
}

void wiz_ask_password(struct wizard *w, enum page then, struct effects *fx)
{
    wiz_enter(w, PAGE_CREDENTIALS, fx);
    w->return_to = then;
    wiz_say(w, SAY_PASSWORD_AGAIN, "");
}

void wiz_visit(struct wizard *w, enum page p, struct effects *fx)
{
    if (p == PAGE_OU && wiz_login_lacks(w)) {
        wiz_ask_password(w, p, fx);
        return;
    }
    wiz_enter(w, p, fx);
    w->return_to = p == PAGE_REVIEW ? PAGE_WELCOME : PAGE_REVIEW;
}

void wiz_go_on(struct wizard *w, struct effects *fx)
{
    if (w->return_to == PAGE_REVIEW && wiz_login_lacks(w) && w->page != PAGE_CREDENTIALS) {
        wiz_ask_password(w, PAGE_REVIEW, fx);
        return;
    }
    if (w->return_to) {
        enter_return(w, fx);
        return;
    }
    enum page p = w->page + 1;
    while (p < PAGE__COUNT && (!wizard_on_page(w, p) || wiz_first_skips(w, p)))
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
    if (w->page == PAGE_CREDENTIALS) {
        wiz_forget_password(w);
        if (w->return_to) /* what was to follow needs it */
            w->return_to = PAGE_REVIEW;
    }
    if (w->page == PAGE_PACKAGE || w->page == PAGE_DATA)
        wiz_forget_typed_passphrase(w);
    if (w->page == PAGE_DATA)
        wiz_clear_package(w);
    if (w->return_to) {
        enter_return(w, fx);
        return;
    }
    enum page p = w->page;
    do
        p--;
    while (p > PAGE_WELCOME && (!wizard_on_page(w, p) || wiz_first_skips(w, p)));
    if (p == PAGE_WELCOME) /* from there on every page is shown */
        w->first.asks = 0;
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

void wiz_wait_for(struct wizard *w, enum job job, enum known known, enum say say,
                  struct effects *fx)
{
    wait_for(w, job, known, say, "", fx);
}

/* The directory's word on the name; true: go on. Said once, then it may be overridden. */
static bool name_settled(struct wizard *w, struct effects *fx)
{
    bool known = w->name_known == KNOWN_YES;
    if (!wiz_name_can_be_asked(w) || (known && wiz_name_good(w)) ||
        ((known || w->name_known == KNOWN_FAILED) && w->name_warned))
        return true;
    if (known)
        wiz_name_trouble(w, fx);
    else
        wait_for(w, JOB_NAME, w->name_known, SAY_CHECKING_NAME, "", fx);
    return false;
}

static void next_credentials(struct wizard *w, struct effects *fx)
{
    bool typed = secret_is_set(&w->password.value);
    if (w->login_known == KNOWN_YES && !typed) {
        /* Only now can the new name be looked up. */
        if (wizard_flow(w) != FLOW_RENAME || name_settled(w, fx))
            wiz_go_on(w, fx);
        return;
    }
    if (typed) {
        if (secret_copy(&w->settings.password, &w->password.value) < 0)
            return;
        secret_edit_wipe(&w->password);
    }
    struct err e = {0};
    if (settings_check_password(&w->settings, &e) < 0) {
        wiz_forget_password(w);
        wiz_fault(w, FLD_PASSWORD, SAY_FAILED);
        w->message_err = e;
        return;
    }
    if (wizard_as_machine(w)) { /* the name it is about comes later; the review tries it */
        w->password_kept = secret_is_set(&w->settings.password);
        wiz_go_on(w, fx);
        return;
    }
    w->testing = false;
    wait_for(w, JOB_LOGIN, w->login_known == KNOWN_RUNNING ? KNOWN_RUNNING : KNOWN_NOT,
             SAY_LOGGING_IN, "", fx);
}

void wiz_lead(struct wizard *w, const struct err *e, struct effects *fx)
{
    enum page p = wizard_fault_page(w, e);
    enum field f = wizard_fault_field(w, p, e);
    wiz_visit(w, p, fx);
    if (w->page != p) /* the password first */
        return;
    wiz_say_err(w, SAY_FAILED, e);
    w->fault = f;
    if (f != FLD__COUNT)
        wiz_focus_field(w, f);
}

/* A flag may need something that an earlier page asks for. */
static void next_flags(struct wizard *w, struct effects *fx)
{
    struct err e = {0};
    if (settings_check(&w->settings, &e) < 0 && wizard_fault_page(w, &e) != PAGE_REVIEW) {
        wiz_lead(w, &e, fx);
    } else if (wiz_login_lacks(w)) {
        wiz_enter(w, PAGE_CREDENTIALS, fx);
        w->return_to = PAGE_REVIEW;
        (void)!wiz_validate(w, PAGE_CREDENTIALS);
    } else {
        wiz_go_on(w, fx);
    }
}

static void next_status(struct wizard *w, struct effects *fx)
{
    enum say why = wizard_mend_blocked(w, w->mode);
    if (wizard_flow(w) == FLOW_STATUS)
        return;
    if (why == SAY_NOTHING)
        wiz_go_on(w, fx);
    else
        wiz_say(w, why, "");
}

void wiz_next(struct wizard *w, struct effects *fx)
{
    if (w->advance || !wiz_validate(w, w->page))
        return;
    w->idle_at = 0;
    switch (w->page) {
    case PAGE_WELCOME:
        wiz_choose_mode(w);
        wiz_go_on(w, fx);
        break;
    case PAGE_DISPLAY:
        if (w->wants_lines)
            wiz_effect(fx, EFFECT_LINES);
        wiz_enter(w, PAGE_WELCOME, fx);
        break;
    case PAGE_DOMAIN:
        if (w->domain_known == KNOWN_YES)
            wiz_go_on(w, fx);
        else
            wait_for(w, JOB_DISCOVER, w->domain_known, SAY_LOOKING,
                     settings_get(&w->settings, OPT_DOMAIN), fx);
        break;
    case PAGE_CONTROLLER:
        if (w->domain_known == KNOWN_YES && wiz_readonly_question(w, NULL))
            break;
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
    case PAGE_RENAME:
        if (name_settled(w, fx))
            wiz_go_on(w, fx);
        break;
    case PAGE_MACHINES:
        wiz_next_machines(w, fx);
        break;
    case PAGE_DATA:
        wiz_next_data(w, fx);
        break;
    case PAGE_TARGET:
        wiz_next_target(w, fx);
        break;
    case PAGE_STATUS:
        next_status(w, fx);
        break;
    case PAGE_FLAGS:
        next_flags(w, fx);
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
