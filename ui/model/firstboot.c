/* First boot: what happens without anybody, and who is asked for what. */
#include "ui/model/firstboot.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "ui/model/internal.h"

static void phase(struct wizard *w, enum first_phase p)
{
    w->first.phase = p;
    w->first.since = w->now_ms;
    w->first.leave_at = 0;
}

void wizard_first_boot(struct wizard *w)
{
    enum origin from = w->settings.origin[OPT_OPERATION];
    bool given = *settings_get(&w->settings, OPT_OFFLINE_INPUT);
    w->first = (struct first_boot){.on = true, .mode = w->mode};
    /* Data that is there says what to do, unless the configuration says otherwise. */
    w->first.looks = !given && (w->mode == MODE_APPLY || from == ORIGIN_DEFAULT);
    if (given && from == ORIGIN_DEFAULT)
        w->first.mode = MODE_APPLY;
    w->page = PAGE_PROGRESS;
    wiz_default_focus(w);
    phase(w, FIRST_MACHINE);
}

bool wizard_first_waiting(const struct wizard *w)
{
    return w->first.on && w->first.phase == FIRST_WAITING;
}

bool wizard_first_busy(const struct wizard *w)
{
    return w->first.on && w->first.phase != FIRST_ASKING && w->first.phase != FIRST_ENDING;
}

/* ---- deciding ---- */

static void show_progress(struct wizard *w, enum say say, struct effects *fx)
{
    if (w->page != PAGE_PROGRESS)
        wiz_enter(w, PAGE_PROGRESS, fx);
    wiz_say(w, say, "");
}

static void ask(struct wizard *w, uint64_t pages, struct effects *fx)
{
    phase(w, FIRST_ASKING);
    w->first.asks = pages;
    for (enum page p = PAGE_WELCOME + 1; p <= PAGE_REVIEW; p++) {
        if (pages >> p & 1) {
            wiz_enter(w, p, fx);
            break;
        }
    }
    if (w->page == PAGE_DATA && wizard_wants_passphrase(w)) {
        wiz_say(w, SAY_PASSPHRASE_OPENS, "");
        w->focus = FLD_OPEN_PASSPHRASE;
    }
}

static void run(struct wizard *w, enum job job, struct effects *fx)
{
    phase(w, FIRST_RUNNING);
    w->first.recovers = job == JOB_RECOVER;
    wiz_run_begin(w, job, fx);
}

/* The answers are as complete as they get without anybody. */
static void decide(struct wizard *w, struct effects *fx)
{
    uint64_t pages = wiz_first_missing(w);
    if (!pages) {
        run(w, JOB_RUN, fx);
    } else if (wizard_flow(w) == FLOW_JOIN) {
        phase(w, FIRST_REACHING);
        show_progress(w, SAY_CHECKING_NETWORK, fx);
        w->network_known = KNOWN_NOT;
        wiz_start(w, JOB_NETWORK, fx);
    } else {
        ask(w, pages, fx);
    }
}

/* ---- provisioning data ---- */

static void open_blob(struct wizard *w, size_t i, struct effects *fx)
{
    const char *path = w->first.looks ? wizard_blob_at(w, i, NULL) : NULL;
    phase(w, FIRST_OPENING);
    w->first.at = i;
    if (path)
        wiz_set_opt(w, OPT_OFFLINE_INPUT, path);
    wiz_start(w, JOB_OPEN, fx);
    show_progress(w, SAY_OPENING_DATA, fx);
}

static void begin_apply(struct wizard *w, struct effects *fx)
{
    w->mode = MODE_APPLY;
    wiz_choose_mode(w);
    if (!*settings_get(&w->settings, OPT_OFFLINE_IMAGE)) { /* this machine is what is set up */
        w->offline.target_chosen = false;
        wiz_choose_target(w, 0, fx);
        w->idle_at = 0;
    }
    w->first.n_fit = w->first.n_ours = w->first.n_others = 0;
    w->first.chosen = *settings_get(&w->settings, OPT_OFFLINE_INPUT) && !w->first.looks;
    open_blob(w, wiz_first_brought(w, 0), fx);
}

static void looked(struct wizard *w, const struct err *e, struct effects *fx)
{
    w->offline.volumes_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    if (wiz_first_brought(w, 0) < wiz_blob_count(w))
        begin_apply(w, fx);
    else if (w->first.mode == MODE_APPLY)
        ask(w, (uint64_t)1 << PAGE_DATA, fx);
    else
        decide(w, fx);
}

/* Data for another domain than the configured one is nobody's wish until somebody says so: what is
 * configured is done, or somebody is asked. */
static void foreign(struct wizard *w, struct effects *fx)
{
    AUTOFREE char *domain = xstrdup(w->offline.package.domain);
    log_notice("the provisioning data is for %s and not for the configured domain", domain);
    if (w->first.mode != MODE_APPLY && w->first.looks) {
        wiz_set_opt(w, OPT_OFFLINE_INPUT, "");
        wiz_clear_package(w);
        w->mode = w->first.mode;
        wiz_choose_mode(w);
        decide(w, fx);
        return;
    }
    ask(w, (uint64_t)1 << PAGE_DATA, fx);
    if (*domain)
        wiz_say(w, SAY_OTHER_DOMAIN, domain);
}

/* Which one is meant when there are several: the one for this machine, else the only one that is
 * not for another domain. */
static bool settled(const struct first_boot *f, size_t *ret)
{
    *ret = f->n_fit == 1 ? f->fit : f->ours;
    return f->n_fit == 1 || (f->n_fit == 0 && f->n_ours == 1);
}

static void opened(struct wizard *w, const struct err *e, struct effects *fx)
{
    struct first_boot *f = &w->first;
    size_t n = wiz_blob_count(w), next = wiz_first_brought(w, f->at + 1), meant;
    bool only = next == n && wiz_first_brought(w, 0) == f->at;
    w->offline.package_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    w->offline.package_err = *e;
    bool other = wiz_first_foreign(w);
    if (!other && (f->chosen || only)) {
        w->offline.passphrase_kept = secret_is_set(&w->settings.passphrase);
        decide(w, fx);
        return;
    }
    f->n_others += other;
    bool ours = !other && wiz_first_usable(w);
    if (ours) {
        f->n_ours++;
        f->ours = f->at;
    }
    if (ours && wiz_first_fits(w)) {
        f->n_fit++;
        f->fit = f->at;
    }
    if (next < n && !f->chosen) {
        open_blob(w, next, fx);
    } else if (f->n_ours == 0 && f->n_others > 0) {
        foreign(w, fx);
    } else if (settled(f, &meant)) {
        f->chosen = true;
        open_blob(w, meant, fx);
    } else { /* somebody has to choose */
        wiz_set_opt(w, OPT_OFFLINE_INPUT, "");
        wiz_clear_package(w);
        ask(w, (uint64_t)1 << PAGE_DATA, fx);
    }
}

/* ---- the network ---- */

/* The network may come yet, and with it the right time; every other failure stays what it is. */
static bool is_network_trouble(const struct err *e)
{
    const struct code_row *row = code_find(e->code);
    if (e->cause == CAUSE_TIME_SKEW)
        return true;
    return row && row->who == WHO_NETWORK && e->cause != CAUSE_SITE_UNKNOWN &&
           e->cause != CAUSE_ONLY_READ_ONLY;
}

static void say_left(struct wizard *w, enum say say, uint64_t until)
{
    uint64_t left = until > w->now_ms ? until - w->now_ms : 0;
    unsigned s = (unsigned)((left + 999) / 1000);
    char text[32];
    snprintf(text, sizeof text, "%u:%02u", s / 60, s % 60);
    wiz_say(w, say, text);
}

static void wait_for_network(struct wizard *w, const struct err *e, struct effects *fx)
{
    struct first_boot *f = &w->first;
    uint64_t pause = FIRST_PAUSE_MS;
    struct err why = *e;
    for (unsigned i = 0; i < f->tries && pause < FIRST_PAUSE_MAX_MS; i++)
        pause *= 2;
    if (f->phase == FIRST_ASKING)
        f->agreed = true;
    phase(w, FIRST_WAITING);
    f->trouble = why;
    f->tries++;
    f->next_try = w->now_ms + (pause < FIRST_PAUSE_MAX_MS ? pause : FIRST_PAUSE_MAX_MS);
    show_progress(w, SAY_NOTHING, fx);
    w->focus = FOCUS_BUTTON + BTN_RETRY;
    say_left(w, SAY_NEXT_TRY, f->next_try);
}

static void reached(struct wizard *w, const struct err *e, struct effects *fx)
{
    w->network_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    for (size_t i = 0; i < w->n_network; i++) {
        if (w->network[i].verdict == VERDICT_FAIL) {
            wait_for_network(w, &w->network[i].err, fx);
            return;
        }
    }
    ask(w, wiz_first_missing(w), fx);
}

/* ---- the course of things ---- */

static bool enrolled(const struct wizard *w)
{
    return w->machine.state == MEMBER_DOMAIN ||
           (w->first.mode == MODE_WORKGROUP && w->machine.state == MEMBER_WORKGROUP &&
            str_ieq(w->machine.member_of, settings_get(&w->settings, OPT_WORKGROUP)));
}

static void look(struct wizard *w, struct effects *fx)
{
    phase(w, FIRST_LOOKING);
    wiz_start(w, JOB_VOLUMES, fx);
}

/* Nothing to do; unless it was this start that brought it about. */
static void end_enrolled(struct wizard *w, struct effects *fx)
{
    if (!w->first.recovered) {
        wiz_quit(w, 0, fx);
        return;
    }
    w->mode = MODE_RECOVER;
    wiz_effect(fx, EFFECT_WIPE);
    wiz_enter(w, PAGE_RESULT, fx);
    wiz_first_ended(w, fx);
}

static void begin(struct wizard *w, struct effects *fx)
{
    w->first.asks = 0;
    w->first.agreed = false;
    if (w->machine.interrupted) {
        w->mode = MODE_RECOVER;
        run(w, JOB_RECOVER, fx);
        return;
    }
    w->mode = w->first.mode;
    if (enrolled(w)) {
        end_enrolled(w, fx);
        return;
    }
    wiz_choose_mode(w);
    if (w->first.looks) {
        look(w, fx);
        show_progress(w, SAY_LOOKING_FOR_DATA, fx);
    } else if (w->mode == MODE_APPLY) {
        begin_apply(w, fx);
    } else {
        decide(w, fx);
    }
}

static void from_the_start(struct wizard *w, struct effects *fx)
{
    phase(w, FIRST_MACHINE);
    wiz_start(w, JOB_MACHINE, fx);
}

bool wiz_first_job_done(struct wizard *w, enum job job, const struct err *e, struct effects *fx)
{
    static const enum job awaited[] = {[FIRST_MACHINE] = JOB_MACHINE,
                                       [FIRST_LOOKING] = JOB_VOLUMES,
                                       [FIRST_OPENING] = JOB_OPEN,
                                       [FIRST_REACHING] = JOB_NETWORK};
    enum first_phase p = w->first.phase;
    if (!w->first.on || p > FIRST_REACHING || awaited[p] != job)
        return false;
    if (p == FIRST_MACHINE)
        begin(w, fx);
    else if (p == FIRST_LOOKING)
        looked(w, e, fx);
    else if (p == FIRST_OPENING)
        opened(w, e, fx);
    else
        reached(w, e, fx);
    return true;
}

/* A password that was refused is asked for, whoever is there. */
static void ask_again(struct wizard *w, struct effects *fx)
{
    struct err why = w->result;
    wiz_forget_password(w);
    phase(w, FIRST_ASKING);
    w->first.leave_at = w->now_ms + FIRST_REFUSED_MS;
    wiz_lead(w, &why, fx);
}

bool wiz_first_run_done(struct wizard *w, struct effects *fx)
{
    struct first_boot *f = &w->first;
    bool alone = f->phase == FIRST_RUNNING;
    if (!f->on || w->end_wanted)
        return false;
    if (w->result.code && is_network_trouble(&w->result)) {
        wait_for_network(w, &w->result, fx);
        return true;
    }
    if (!f->recovers && w->result.cause == CAUSE_JOURNAL_PENDING) {
        w->mode = MODE_RECOVER;
        run(w, JOB_RECOVER, fx);
        return true;
    }
    if (f->recovers && !w->result.code) {
        f->recovers = false;
        f->recovered = true;
        from_the_start(w, fx);
        return true;
    }
    if (alone && w->result.code && !f->recovers &&
        wizard_fault_page(w, &w->result) == PAGE_CREDENTIALS) {
        ask_again(w, fx);
        return true;
    }
    return false;
}

void wiz_first_ended(struct wizard *w, struct effects *fx)
{
    if (!w->first.on)
        return;
    if (!w->result.code && wizard_first_wipes(w))
        wiz_effect(fx, EFFECT_WIPE);
    phase(w, FIRST_ENDING);
    w->first.leave_at = w->now_ms + (w->result.code ? FIRST_FAILED_MS : FIRST_DONE_MS);
}

void wiz_first_try_now(struct wizard *w, struct effects *fx)
{
    wiz_say(w, SAY_NOTHING, "");
    if (w->first.agreed) { /* the same again */
        run(w, w->first.recovers ? JOB_RECOVER : JOB_RUN, fx);
        return;
    }
    from_the_start(w, fx);
}

/* A person takes the answers in hand instead of waiting. */
void wiz_first_change(struct wizard *w, struct effects *fx)
{
    struct err why = w->first.trouble;
    phase(w, FIRST_ASKING);
    w->first.asks = 0;
    w->running = false;
    wiz_lead(w, &why, fx);
}

/* A question that is put line by line has the focus without anybody. */
void wiz_first_seen(struct wizard *w, const struct wiz_event *ev)
{
    bool focus = ev->kind == WIZ_FOCUS && !w->by_line;
    if (focus || ev->kind == WIZ_KEY || ev->kind == WIZ_TEXT || ev->kind == WIZ_SELECT ||
        ev->kind == WIZ_PRESS)
        w->first.seen = w->now_ms;
}

static bool somebody_is_there(const struct wizard *w)
{
    return w->first.seen && w->first.seen >= w->first.since;
}

static void leave(struct wizard *w, struct effects *fx)
{
    if (w->first.phase == FIRST_ENDING)
        wiz_finish(w, fx);
    else
        wiz_quit(w, 1, fx);
}

/* A stick that is put in while the page waits for data. */
static bool waits_for_data(const struct wizard *w)
{
    return w->first.phase == FIRST_ASKING && w->page == PAGE_DATA && w->first.looks &&
           w->job == JOB_NONE && w->fresh && w->overlay == OVER_NONE && !wiz_blob_count(w) &&
           w->now_ms >= w->first.since + FIRST_LOOK_MS;
}

void wiz_first_tick(struct wizard *w, struct effects *fx)
{
    struct first_boot *f = &w->first;
    if (!f->on)
        return;
    if (f->phase == FIRST_WAITING) {
        if (w->now_ms >= f->next_try)
            wiz_first_try_now(w, fx);
        else
            say_left(w, SAY_NEXT_TRY, f->next_try);
    } else if (waits_for_data(w)) {
        look(w, fx);
    } else if (f->leave_at && somebody_is_there(w)) {
        f->leave_at = 0;
        if (f->phase == FIRST_ENDING)
            wiz_say(w, SAY_NOTHING, "");
    } else if (f->leave_at && w->now_ms >= f->leave_at) {
        leave(w, fx);
    } else if (f->leave_at && f->phase == FIRST_ENDING) {
        say_left(w, SAY_LEAVING, f->leave_at);
    }
}

int wiz_first_tick_ms(const struct wizard *w)
{
    const struct first_boot *f = &w->first;
    if (!f->on)
        return 0;
    bool data = f->phase == FIRST_ASKING && w->page == PAGE_DATA && f->looks && w->fresh;
    return f->phase == FIRST_WAITING || f->leave_at || data ? 1000 : 0;
}

/* Nobody is there any more: as after a start, without what was typed; a result was seen. */
void wiz_first_idle(struct wizard *w, struct effects *fx)
{
    if (w->first.on && w->first.phase == FIRST_ENDING)
        wiz_quit(w, w->status, fx);
    else if (w->first.on && w->first.phase == FIRST_ASKING)
        from_the_start(w, fx);
}
