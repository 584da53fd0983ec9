/* Asking the engine, one job at a time. */
#include <string.h>

#include "ui/model/internal.h"

/* Where the findings of a job are kept. */
static enum known *known_of(struct wizard *w, enum job job)
{
    switch (job) {
    case JOB_NETWORK:
        return &w->network_known;
    case JOB_DISCOVER:
        return &w->domain_known;
    case JOB_LOGIN:
        return &w->login_known;
    case JOB_OUS:
        return &w->ous_known;
    case JOB_NAME:
        return &w->name_known;
    case JOB_PLAN:
        return &w->plan_known;
    case JOB_CHECK:
        return &w->check_known;
    case JOB_STATUS:
        return &w->status_known;
    case JOB_OPEN:
        return &w->offline.package_known;
    case JOB_VOLUMES:
        return &w->offline.volumes_known;
    case JOB_IMAGE:
        return &w->offline.image_known;
    case JOB_LIST:
        return &w->offline.rows_known;
    default:
        return NULL;
    }
}

static void clear_findings(struct wizard *w, enum job job)
{
    switch (job) {
    case JOB_NETWORK:
        w->n_network = 0;
        break;
    case JOB_DISCOVER:
        wiz_clear_domain(w);
        break;
    case JOB_NAME:
        wiz_clear_name(w);
        break;
    case JOB_PLAN:
        wiz_clear_plan(w);
        break;
    case JOB_CHECK:
        w->n_checks = 0;
        err_reset(&w->check_err);
        break;
    case JOB_STATUS:
        wiz_clear_status(w);
        break;
    case JOB_OPEN:
        wiz_clear_package(w);
        break;
    case JOB_VOLUMES:
        wiz_clear_volumes(w);
        break;
    case JOB_IMAGE:
        wiz_clear_image(w);
        break;
    case JOB_LIST:
        wiz_clear_rows(w);
        break;
    default:
        break;
    }
}

/* The branch that is to be read next: the top, or a node that somebody opened. */
const char *wiz_next_branch(const struct wizard *w)
{
    for (size_t i = 0; i < w->n_ous; i++) {
        if (w->ous[i].loading)
            return w->ous[i].ou.dn;
    }
    return "";
}

static void post(struct wizard *w, enum job job, struct effects *fx)
{
    enum known *known = known_of(w, job);
    struct engine_request *r = xcalloc(1, sizeof *r);
    r->job = job;
    if (job == JOB_LOGIN && w->testing && secret_is_set(&w->password.value))
        (void)!secret_copy(&w->settings.password, &w->password.value);
    r->settings = settings_clone(&w->settings);
    if (job == JOB_LOGIN && w->testing && !w->password_kept)
        secret_free(&w->settings.password);
    clear_findings(w, job);
    if (known)
        *known = KNOWN_RUNNING;
    if (job == JOB_OUS) {
        wiz_replace(&w->ou_parent, wiz_next_branch(w));
        r->dn = xstrdup(w->ou_parent);
        r->filter = xstrdup(w->ou_filter);
    }
    r->mount = job == JOB_VOLUMES && w->first.on;
    w->job = job;
    w->job_stale = false;
    w->job_since = w->now_ms;
    wiz_effect(fx, EFFECT_POST)->request = r;
}

static bool may_supersede(enum job job)
{
    return job != JOB_NONE && job != JOB_MACHINE && job != JOB_RUN && job != JOB_RECOVER;
}

void wiz_stop_job(struct wizard *w, struct effects *fx)
{
    w->n_wanted = 0;
    w->idle_at = 0;
    w->advance = false;
    if (!may_supersede(w->job) || w->job_stale)
        return;
    enum known *known = known_of(w, w->job);
    if (known)
        *known = KNOWN_NOT;
    for (size_t i = 0; w->job == JOB_OUS && i < w->n_ous; i++)
        w->ous[i].loading = false;
    w->job_stale = true;
    wiz_effect(fx, EFFECT_CANCEL);
}

void wiz_start(struct wizard *w, enum job job, struct effects *fx)
{
    if (w->job == JOB_NONE) {
        post(w, job, fx);
        return;
    }
    bool advance = w->advance;
    if (w->job == JOB_OUS && job == JOB_OUS && !w->job_stale)
        return; /* what is still wanted is read when this branch is done */
    wiz_stop_job(w, fx);
    w->advance = advance;
    enum known *known = known_of(w, job);
    if (known) {
        clear_findings(w, job);
        *known = KNOWN_RUNNING;
    }
    if (w->n_wanted < ARRAY_SIZE(w->wanted))
        w->wanted[w->n_wanted++] = job;
}

void wiz_post_idle(struct wizard *w, struct effects *fx)
{
    if (w->job != JOB_NONE || w->n_wanted == 0)
        return;
    enum job job = w->wanted[0];
    memmove(w->wanted, w->wanted + 1, --w->n_wanted * sizeof w->wanted[0]);
    post(w, job, fx);
}

/* Nobody is there any more: the next person starts afresh, without the last one's password. */
static void kiosk_idle(struct wizard *w, struct effects *fx)
{
    if (!settings_bool(&w->settings, OPT_KIOSK) || w->running || wizard_first_busy(w) ||
        !w->touched || w->now_ms - w->last_key < KIOSK_IDLE_MS)
        return;
    w->touched = false;
    wiz_kiosk_idle(w, fx);
    if (!w->ended)
        wiz_first_idle(w, fx);
}

void wiz_tick(struct wizard *w, struct effects *fx)
{
    kiosk_idle(w, fx);
    wiz_first_tick(w, fx);
    if (!w->idle_at || w->now_ms < w->idle_at)
        return;
    w->idle_at = 0;
    if (w->page == PAGE_DOMAIN && *settings_get(&w->settings, OPT_DOMAIN))
        wiz_start(w, JOB_DISCOVER, fx);
    else if ((w->page == PAGE_NAME || w->page == PAGE_RENAME) && wiz_name_can_be_asked(w))
        wiz_start(w, JOB_NAME, fx);
    else if (w->page == PAGE_MACHINES && w->offline.machines == MACHINES_FILE)
        wiz_start(w, JOB_LIST, fx);
    else if (w->page == PAGE_DATA)
        wiz_start(w, JOB_OPEN, fx);
    else if (w->page == PAGE_TARGET)
        wiz_start(w, JOB_IMAGE, fx);
}

bool wizard_busy(const struct wizard *w)
{
    return w->job != JOB_NONE && !w->job_stale && w->job != JOB_MACHINE;
}

int wizard_tick_ms(const struct wizard *w)
{
    if (w->idle_at || wiz_message_changes(w))
        return 100;
    if (w->running || wiz_first_tick_ms(w))
        return 1000;
    return w->touched && settings_bool(&w->settings, OPT_KIOSK) ? 10000 : 0;
}
