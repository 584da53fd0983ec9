/* The work itself: progress, questions, the end. */
#include <string.h>

#include "ui/model/internal.h"

void wiz_clear_run(struct wizard *w)
{
    for (size_t i = 0; i < w->n_steps; i++)
        strv_free(&w->steps[i].args);
    w->n_steps = 0;
    memset(w->steps, 0, sizeof w->steps);
}

/* A list has one step for all of its accounts, an image of Windows one for all of its files. */
static bool expected(const struct wizard *w, enum step s)
{
    bool list = wizard_batch(w), windows = w->offline.image.kind == SYSTEM_WINDOWS;
    switch (s) {
    case STEP_PREFLIGHT:
    case STEP_ACCOUNT:
    case STEP_READBACK:
    case STEP_PACKAGE:
    case STEP_OUTPUT:
        return !list;
    case STEP_BATCH:
        return list;
    case STEP_JOURNAL:
    case STEP_KEYTAB:
    case STEP_CONFIGURE:
    case STEP_VERIFY:
        return wizard_flow(w) != FLOW_APPLY || !windows;
    case STEP_IMAGE:
        return wizard_flow(w) == FLOW_APPLY && windows;
    default:
        return true;
    }
}

void wiz_run_begin(struct wizard *w, enum job job, struct effects *fx)
{
    wiz_clear_run(w);
    /* The usual steps are known beforehand; what else there is comes as it is reported. */
    unsigned op = settings_op(&w->settings);
    for (enum step s = 0; job == JOB_RUN && s < STEP__COUNT; s++) {
        bool special = s == STEP_BATCH || s == STEP_IMAGE;
        if ((special || (step_row(s)->ops & op)) && expected(w, s))
            w->steps[w->n_steps++] = (struct step_view){.step = s, .state = STEP_WAITING};
    }
    err_reset(&w->result);
    err_reset(&w->notice);
    w->undone = w->directory_changed = w->restart_needed = w->finished = w->stopping = false;
    w->failed_step = STEP__COUNT;
    w->running = true;
    w->return_to = PAGE_WELCOME;
    w->run_since = w->last_news = w->now_ms;
    wiz_replace(&w->waiting_for, "");
    w->waited_s = w->of_s = 0;
    w->offline.have_rate = false;
    wiz_enter(w, PAGE_PROGRESS, fx);
    if (job == JOB_RUN && wizard_first_wipes(w))
        wiz_effect(fx, EFFECT_WIPE_LATER)->path =
            xstrdup(settings_get(&w->settings, OPT_OFFLINE_INPUT));
    wiz_start(w, job, fx);
}

static struct step_view *step_view(struct wizard *w, enum step s)
{
    for (size_t i = 0; i < w->n_steps; i++) {
        if (w->steps[i].step == s)
            return &w->steps[i];
    }
    if (w->n_steps >= STEP__COUNT)
        return NULL;
    w->steps[w->n_steps] = (struct step_view){.step = s};
    return &w->steps[w->n_steps++];
}

static void take_step(struct wizard *w, struct engine_msg *m)
{
    struct step_view *v = step_view(w, m->u.step.step);
    if (!v)
        return;
    v->state = m->u.step.state;
    v->elapsed_ms = m->u.step.elapsed_ms;
    if (m->u.step.format) {
        strv_free(&v->args);
        v->format = m->u.step.format;
        v->args = m->u.step.args;
        m->u.step.args = (struct strv){0};
    }
    if (v->state == STEP_FAILED)
        w->failed_step = v->step;
    wiz_replace(&w->waiting_for, "");
    w->waited_s = w->of_s = 0;
    if (!w->stopping)
        wiz_say(w, SAY_NOTHING, "");
}

void wiz_run_message(struct wizard *w, struct engine_msg *m, struct effects *fx)
{
    w->last_news = w->now_ms;
    switch (m->kind) {
    case MSG_STEP:
        take_step(w, m);
        break;
    case MSG_PROGRESS:
        wiz_replace(&w->waiting_for, m->u.progress.detail);
        w->waited_s = m->u.progress.waited_s;
        w->of_s = m->u.progress.of_s;
        break;
    case MSG_ASK:
        w->ask_id = m->u.ask.id;
        w->ask = m->u.ask.what;
        wiz_replace(&w->ask_object, m->u.ask.object);
        if (w->end_wanted) {
            /* Nobody is there to answer: the safe choice. */
            struct effect *e = wiz_effect(fx, EFFECT_ANSWER);
            e->ask_id = w->ask_id;
            e->answer = ANSWER_NO;
        } else {
            wiz_ask(w, ASK_ENGINE);
        }
        break;
    default:
        break;
    }
}

static int exit_status(const struct wizard *w)
{
    if (w->result.code == CODE_ERROR_CANCELLED)
        return w->end_wanted ? 4 : 3;
    if (w->result.code)
        return 1;
    return w->restart_needed && w->machine.live ? 5 : 0;
}

void wiz_run_done(struct wizard *w, struct engine_msg *m, struct effects *fx)
{
    w->running = false;
    w->finished = true;
    w->run_ms = w->now_ms - w->run_since;
    w->result = m->u.done.err;
    w->notice = m->u.done.notice;
    w->undone = m->u.done.undone;
    w->directory_changed = m->u.done.directory_changed;
    w->restart_needed = m->u.done.restart_needed;
    w->status = exit_status(w);
    if (wiz_first_run_done(w, fx))
        return;
    wiz_forget_password(w);
    if (!w->result.code) /* a failure may be tried again */
        wiz_forget_passphrase(w);
    wiz_close_overlay(w);
    if (w->end_wanted) {
        wiz_quit(w, w->status, fx);
        return;
    }
    wiz_enter(w, PAGE_RESULT, fx);
    wiz_first_ended(w, fx);
}

/* The end of a finished operation: what the answer about the restart says. */
void wiz_finish(struct wizard *w, struct effects *fx)
{
    const char *restart = settings_get(&w->settings, OPT_RESTART);
    bool installer = settings_bool(&w->settings, OPT_FLAG_INSTALL_INVOCATION);
    if (w->status == 5 && str_eq(restart, "now") && !installer) {
        wiz_effect(fx, EFFECT_RESTART);
        wiz_quit(w, 0, fx);
        return;
    }
    wiz_quit(w, w->status, fx);
}
