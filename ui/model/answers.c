/* Taking the engine's answers in. */
#include <string.h>

#include "ui/model/internal.h"

/* Going on that waited for this job. */
static void advance(struct wizard *w, bool good, const struct err *e, enum field fault,
                    struct effects *fx)
{
    if (!w->advance) {
        if (w->message == SAY_LOOKING || w->message == SAY_LOGGING_IN ||
            w->message == SAY_CHECKING_NAME || w->message == SAY_READING_LIST)
            wiz_say(w, SAY_NOTHING, "");
        if (!good && e->code)
            wiz_say_err(w, SAY_FAILED, e);
        return;
    }
    w->advance = false;
    wiz_say(w, SAY_NOTHING, "");
    if (good) {
        wiz_next(w, fx);
        return;
    }
    wiz_say_err(w, SAY_FAILED, e);
    w->fault = fault;
    if (w->overlay == OVER_NONE)
        w->focus = (int)fault;
}

static void done_discover(struct wizard *w, const struct err *e, struct effects *fx)
{
    bool waited = w->advance;
    advance(w, !e->code, e, w->page == PAGE_DOMAIN ? FLD_DOMAIN : FLD_SITE, fx);
    if (waited && e->code)
        (void)wiz_readonly_question(w, e);
}

static void done_login(struct wizard *w, const struct err *e, struct effects *fx)
{
    bool good = !e->code;
    w->login_err = *e;
    w->login_known = good ? KNOWN_YES : KNOWN_FAILED;
    if (good && w->testing) {
        w->login_known = w->password_kept ? KNOWN_YES : KNOWN_NOT;
        wiz_say(w, SAY_LOGIN_OK, "");
    } else if (good) {
        w->password_kept = true;
        wiz_clear_ous(w);
        advance(w, true, e, FLD_PASSWORD, fx);
    } else {
        bool again = w->advance;
        wiz_forget_password(w);
        w->login_known = KNOWN_FAILED;
        w->advance = again;
        /* The cursor goes where the mistake is. */
        bool nobody =
            !*settings_get(&w->settings, OPT_ACCOUNT) && wizard_field_visible(w, FLD_ACCOUNT);
        bool account = nobody || e->cause == CAUSE_KDC_UNKNOWN_USER;
        advance(w, false, e, account ? FLD_ACCOUNT : FLD_PASSWORD, fx);
    }
    w->testing = false;
}

static void done_ous(struct wizard *w, const struct err *e, struct effects *fx)
{
    w->ous_known = e->code && !w->n_ous ? KNOWN_FAILED : KNOWN_YES;
    w->ous_err = *e;
    for (size_t i = 0; i < w->n_ous; i++) {
        if (str_eq(w->ous[i].ou.dn, w->ou_parent)) {
            w->ous[i].loading = false;
            w->ous[i].loaded = !e->code;
            w->ous[i].open = !e->code;
        }
    }
    if (!*w->ou_parent)
        wiz_list_prepare(w, FLD_OUS);
    else /* a branch that opens above must not move the answer away from under the cursor */
        w->list[FLD_OUS].sel = wiz_ou_row(w);
    if (e->code)
        wiz_say_err(w, SAY_FAILED, e);
    else if (*w->ou_filter)
        wiz_say(w, SAY_OU_FILTERED, w->ou_filter);
    else
        wiz_say(w, SAY_NOTHING, "");
    if (*wiz_next_branch(w))
        wiz_start(w, JOB_OUS, fx);
}

static void done_network(struct wizard *w, const struct err *e, struct effects *fx)
{
    w->network_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    bool fine = !e->code;
    for (size_t i = 0; i < w->n_network; i++) {
        if (w->network[i].verdict == VERDICT_FAIL || w->network[i].verdict == VERDICT_WARNING)
            fine = false;
    }
    if (w->page != PAGE_NETWORK)
        return;
    if (e->code)
        wiz_say_err(w, SAY_FAILED, e);
    else
        wiz_say(w, SAY_NOTHING, "");
    if (fine)
        wiz_go_on(w, fx); /* nobody has to look at good news */
}

static void done_plan(struct wizard *w, const struct err *e)
{
    w->plan_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    w->plan_err = *e;
    wiz_build_review(w);
    if (w->page != PAGE_REVIEW)
        return;
    if (e->code)
        wiz_say_err(w, SAY_FAILED, e);
    else
        wiz_say(w, SAY_NOTHING, "");
    if (w->fresh) /* nothing moves under somebody's hands */
        wiz_default_focus(w);
}

static void done_name(struct wizard *w, const struct err *e, struct effects *fx)
{
    w->name_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    w->name_err = *e;
    if (e->code && w->advance)
        w->name_warned = true;
    if (w->page == PAGE_NAME && e->code && w->advance && w->login_known != KNOWN_YES &&
        wizard_fault_page(w, e) == PAGE_CREDENTIALS) { /* no answer here can cure it */
        w->name_warned = false;
        wiz_clear_name(w);
        wiz_enter(w, PAGE_CREDENTIALS, fx);
        wiz_say_err(w, SAY_FAILED, e);
        w->fault = FLD_PASSWORD;
        w->focus = FLD_PASSWORD;
    } else if (w->page == PAGE_NAME)
        advance(w, !e->code, e, FLD_NAME, fx);
    else if (w->page == PAGE_RENAME)
        advance(w, !e->code, e, FLD_RENAME_NAME, fx);
    else if (w->page == PAGE_CREDENTIALS)
        advance(w, !e->code, e, FLD_ACCOUNT, fx);
}

static void done_simple(struct wizard *w, enum known *known, struct err *slot, const struct err *e)
{
    *known = e->code ? KNOWN_FAILED : KNOWN_YES;
    *slot = *e;
    if (e->code)
        wiz_say_err(w, SAY_FAILED, e);
    else
        wiz_say(w, SAY_NOTHING, "");
    if (w->fresh)
        wiz_default_focus(w);
}

static void job_done(struct wizard *w, struct engine_msg *m, struct effects *fx)
{
    const struct err *e = &m->u.done.err;
    enum job job = w->job;
    bool stale = w->job_stale;
    w->job = JOB_NONE;
    w->job_stale = false;
    if (!stale && !wiz_first_job_done(w, job, e, fx)) {
        switch (job) {
        case JOB_MACHINE:
            if (w->network_known == KNOWN_NOT && w->n_wanted == 0)
                wiz_start(w, JOB_NETWORK, fx);
            break;
        case JOB_NETWORK:
            done_network(w, e, fx);
            break;
        case JOB_DISCOVER:
            w->domain_known = e->code ? KNOWN_FAILED : KNOWN_YES;
            w->domain_err = *e;
            if (w->page == PAGE_DOMAIN || w->page == PAGE_CONTROLLER)
                done_discover(w, e, fx);
            break;
        case JOB_LOGIN:
            done_login(w, e, fx);
            break;
        case JOB_OUS:
            done_ous(w, e, fx);
            break;
        case JOB_NAME:
            done_name(w, e, fx);
            break;
        case JOB_PLAN:
            done_plan(w, e);
            break;
        case JOB_CHECK:
            done_simple(w, &w->check_known, &w->check_err, e);
            break;
        case JOB_STATUS:
            done_simple(w, &w->status_known, &w->status_err, e);
            break;
        case JOB_RUN:
        case JOB_RECOVER:
            wiz_run_done(w, m, fx);
            break;
        case JOB_OPEN:
            wiz_open_done(w, e, fx);
            break;
        case JOB_VOLUMES:
            wiz_volumes_done(w, e, fx);
            break;
        case JOB_IMAGE:
            wiz_image_done(w, e, fx);
            break;
        case JOB_LIST:
            w->offline.rows_known = e->code ? KNOWN_FAILED : KNOWN_YES;
            w->offline.rows_err = *e;
            if (w->page == PAGE_MACHINES)
                advance(w, !e->code, e,
                        w->offline.machines == MACHINES_TYPED ? FLD_SAVE_LIST : FLD_BATCH, fx);
            break;
        case JOB_NONE:
            break;
        }
    }
    wiz_post_idle(w, fx);
}

/* For a member a join is the rarest of wishes. */
static void propose_mode(struct wizard *w)
{
    if (w->touched || w->page != PAGE_WELCOME || w->mode != MODE_JOIN ||
        w->settings.origin[OPT_OPERATION] != ORIGIN_DEFAULT)
        return;
    if (wizard_mode_blocked(w, MODE_JOIN))
        w->mode = MODE_STATUS;
}

void wiz_propose_domain(struct wizard *w)
{
    const char *dot = strchr(w->machine.host_name, '.');
    const char *proposal = dot && dot[1] ? dot + 1 : w->machine.search_domain;
    if (!str_empty(proposal) && !*settings_get(&w->settings, OPT_DOMAIN) &&
        (w->page == PAGE_WELCOME || w->first.on)) {
        wiz_set_opt(w, OPT_DOMAIN, proposal);
        w->domain_proposed = true;
    }
}

static void take_machine(struct wizard *w, struct engine_msg *m)
{
    machine_view_free(&w->machine);
    w->machine = m->u.machine;
    memset(&m->u.machine, 0, sizeof m->u.machine);
    w->have_machine = true;
    /* What was interrupted comes first, unless somebody has chosen already. */
    if (w->machine.interrupted && !w->touched && w->page == PAGE_WELCOME)
        w->mode = MODE_RECOVER;
    wiz_propose_domain(w);
    propose_mode(w);
    wiz_list_prepare(w, FLD_MODE);
}

static void take_verdict(struct wizard *w, const struct verdict_view *v)
{
    switch (w->job) {
    case JOB_NETWORK:
        wiz_keep_verdict(w->network, &w->n_network, v);
        break;
    case JOB_DISCOVER:
        wiz_keep_verdict(w->found, &w->n_found, v);
        break;
    case JOB_PLAN:
        if (v->verdict == VERDICT_NOTICE || v->verdict == VERDICT_WARNING ||
            v->verdict == VERDICT_FAIL)
            wiz_add_verdict(w->warnings, &w->n_warnings, v);
        break;
    case JOB_CHECK:
        wiz_keep_verdict(w->checks, &w->n_checks, v);
        break;
    case JOB_IMAGE:
        wiz_add_verdict(w->offline.verdicts, &w->offline.n_verdicts, v);
        break;
    default:
        break;
    }
}

/* The contents of a message are moved out of it where they are kept; message_drop() releases the
 * rest. */
void wiz_message(struct wizard *w, struct engine_msg *m, struct effects *fx)
{
    if (m->kind == MSG_DONE) {
        if (w->job != JOB_NONE)
            job_done(w, m, fx);
        return;
    }
    if (m->kind == MSG_LOG) {
        wiz_log(w, (int)m->u.log.level, m->u.log.line);
        return;
    }
    if (w->job_stale || w->job == JOB_NONE)
        return;
    switch (m->kind) {
    case MSG_MACHINE:
        take_machine(w, m);
        break;
    case MSG_DOMAIN:
        domain_view_free(&w->domain);
        w->domain = m->u.domain;
        memset(&m->u.domain, 0, sizeof m->u.domain);
        break;
    case MSG_DC:
        wiz_take_dc(w, &m->u.dc);
        break;
    case MSG_OUS:
        wiz_take_ous(w, m);
        break;
    case MSG_NAME:
        name_view_free(&w->name);
        w->name = m->u.name;
        memset(&m->u.name, 0, sizeof m->u.name);
        break;
    case MSG_CHANGE:
        wiz_take_change(w, &m->u.change);
        break;
    case MSG_VERDICT:
        take_verdict(w, &m->u.verdict);
        break;
    case MSG_STATUS:
        status_view_free(&w->status_view);
        w->status_view = m->u.status;
        memset(&m->u.status, 0, sizeof m->u.status);
        break;
    case MSG_STEP:
    case MSG_PROGRESS:
    case MSG_ASK:
        wiz_run_message(w, m, fx);
        break;
    case MSG_PACKAGE:
    case MSG_VOLUME:
    case MSG_IMAGE:
    case MSG_ROW:
    case MSG_RATE:
        wiz_offline_message(w, m);
        break;
    case MSG_LOG:
    case MSG_DONE:
        break;
    }
}
