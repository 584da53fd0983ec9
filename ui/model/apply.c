/* Applying provisioning data: which data, and the system that takes it. */
#include <string.h>

#include "ui/model/internal.h"

/* ---- rows ---- */

const char *wizard_blob_at(const struct wizard *w, size_t index, const struct volume_view **on)
{
    for (size_t i = 0; i < w->offline.n_volumes; i++) {
        const struct volume_view *v = &w->offline.volumes[i];
        if (index < v->blobs.n) {
            if (on)
                *on = v;
            return v->blobs.s[index];
        }
        index -= v->blobs.n;
    }
    return NULL;
}

size_t wiz_blob_count(const struct wizard *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->offline.n_volumes; i++)
        n += w->offline.volumes[i].blobs.n;
    return n;
}

/* At a kiosk the systems of whatever was plugged in are nobody's business. */
static bool is_target(const struct wizard *w, const struct volume_view *v)
{
    if (wizard_kiosk(w))
        return false;
    return v->kind == SYSTEM_WINDOWS || v->kind == SYSTEM_LINUX;
}

static bool image_listed(const struct wizard *w)
{
    const char *image = settings_get(&w->settings, OPT_OFFLINE_IMAGE);
    for (size_t i = 0; i < w->offline.n_volumes; i++) {
        if (is_target(w, &w->offline.volumes[i]) && str_eq(w->offline.volumes[i].path, image))
            return true;
    }
    return !*image;
}

size_t wiz_target_count(const struct wizard *w)
{
    size_t n = 1;
    for (size_t i = 0; i < w->offline.n_volumes; i++)
        n += is_target(w, &w->offline.volumes[i]);
    return n + !image_listed(w);
}

const struct volume_view *wizard_target_at(const struct wizard *w, size_t index, bool *typed)
{
    *typed = false;
    if (index-- == 0)
        return NULL;
    for (size_t i = 0; i < w->offline.n_volumes; i++) {
        if (is_target(w, &w->offline.volumes[i]) && index-- == 0)
            return &w->offline.volumes[i];
    }
    *typed = true;
    return NULL;
}

size_t wizard_target_now(const struct wizard *w)
{
    const char *image = settings_get(&w->settings, OPT_OFFLINE_IMAGE);
    size_t n = wiz_target_count(w);
    bool typed;
    if (!w->offline.target_chosen)
        return n;
    for (size_t i = 1; *image && i < n; i++) {
        const struct volume_view *v = wizard_target_at(w, i, &typed);
        if (typed || (v && str_eq(v->path, image)))
            return i;
    }
    return 0;
}

bool wizard_target_live(const struct wizard *w)
{
    return w->machine.live && !*settings_get(&w->settings, OPT_OFFLINE_IMAGE);
}

/* ---- choosing ---- */

/* The running system is meant only when it was chosen as such. */
static void set_online(struct wizard *w)
{
    bool on = w->offline.target_chosen && wizard_target_live(w);
    if (settings_bool(&w->settings, OPT_FLAG_PROVISION_ONLINE_CALLER) != on)
        wiz_set_opt(w, OPT_FLAG_PROVISION_ONLINE_CALLER, on ? "yes" : "no");
}

void wiz_target_changed(struct wizard *w, struct effects *fx)
{
    if (w->job == JOB_IMAGE)
        wiz_stop_job(w, fx);
    wiz_clear_image(w);
    set_online(w);
    w->offline.image_known = KNOWN_PENDING;
    w->idle_at = w->offline.target_chosen ? w->now_ms + IDLE_MS : 0;
}

void wiz_choose_target(struct wizard *w, size_t row, struct effects *fx)
{
    bool typed;
    const struct volume_view *v = wizard_target_at(w, row, &typed);
    if (typed || wiz_kiosk_target_fixed(w) ||
        (w->offline.target_chosen && wizard_target_now(w) == row))
        return;
    wiz_set_opt(w, OPT_OFFLINE_IMAGE, v ? v->path : "");
    edit_set(&w->edit[FLD_IMAGE], settings_get(&w->settings, OPT_OFFLINE_IMAGE));
    w->offline.target_chosen = true;
    wiz_target_changed(w, fx);
}

void wiz_image_edited(struct wizard *w, struct effects *fx)
{
    w->offline.target_chosen = *settings_get(&w->settings, OPT_OFFLINE_IMAGE);
    wiz_target_changed(w, fx);
    wiz_list_prepare(w, FLD_TARGETS);
}

/* Where the list starts when nothing was chosen: a system on a medium is what this is mostly about.
 */
void wiz_prepare_targets(struct wizard *w)
{
    size_t now = wizard_target_now(w), n = wiz_target_count(w);
    w->list[FLD_TARGETS].sel = now < n ? now : n > 1 ? 1 : 0;
}

void wiz_input_changed(struct wizard *w, struct effects *fx)
{
    struct offline *o = &w->offline;
    if (w->job == JOB_OPEN)
        wiz_stop_job(w, fx);
    wiz_clear_package(w);
    wiz_forget_typed_passphrase(w);
    o->package_known = KNOWN_PENDING;
    w->idle_at = *settings_get(&w->settings, OPT_OFFLINE_INPUT) ? w->now_ms + IDLE_MS : 0;
}

void wiz_choose_blob(struct wizard *w, size_t row, struct effects *fx)
{
    const char *path = wizard_blob_at(w, row, NULL);
    if (!path || str_eq(path, settings_get(&w->settings, OPT_OFFLINE_INPUT)))
        return;
    wiz_set_opt(w, OPT_OFFLINE_INPUT, path);
    edit_set(&w->edit[FLD_INPUT], path);
    wiz_input_changed(w, fx);
}

void wiz_prepare_blobs(struct wizard *w)
{
    const char *path;
    for (size_t i = 0; (path = wizard_blob_at(w, i, NULL)) != NULL; i++) {
        if (str_eq(path, settings_get(&w->settings, OPT_OFFLINE_INPUT)))
            w->list[FLD_BLOBS].sel = i;
    }
}

/* ---- opening and looking ---- */

/* What does not open says so where it can be put right. */
static enum field package_field(const struct wizard *w, const struct err *e)
{
    enum field f = wizard_fault_field(w, PAGE_DATA, e);
    return f == FLD_OPEN_PASSPHRASE || f == FLD_RECIPIENT_KEY ? f : FLD_INPUT;
}

void wiz_open_done(struct wizard *w, const struct err *e, struct effects *fx)
{
    struct offline *o = &w->offline;
    o->package_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    o->package_err = *e;
    const struct err *why = wizard_package_fault(w);
    bool waited = w->advance;
    w->advance = false;
    if (w->page != PAGE_DATA)
        return;
    if (!why) {
        o->passphrase_kept = secret_is_set(&w->settings.passphrase);
        wiz_say(w, SAY_NOTHING, "");
        if (waited)
            wiz_next(w, fx);
        return;
    }
    struct err kept = *why;
    if (kept.cause == CAUSE_PASSPHRASE_WRONG) {
        secret_free(&w->settings.passphrase);
        o->passphrase_kept = false;
    }
    bool asks = kept.cause == CAUSE_PASSPHRASE_MISSING;
    if (!waited) { /* nobody has asked to go on: only what is needed is said */
        wiz_say(w, asks ? SAY_PASSPHRASE_OPENS : SAY_NOTHING, "");
        return;
    }
    enum field f = package_field(w, &kept);
    wiz_say_err(w, SAY_FAILED, &kept);
    if (asks || kept.cause == CAUSE_RECIPIENT_KEY_MISSING)
        wiz_say(w, asks ? SAY_PASSPHRASE_OPENS : SAY_KEY_OPENS, "");
    w->fault = f;
    if (w->overlay == OVER_NONE)
        wiz_focus_field(w, f);
}

void wiz_image_done(struct wizard *w, const struct err *e, struct effects *fx)
{
    struct offline *o = &w->offline;
    o->image_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    o->image_err = *e;
    const struct err *why = wizard_image_fault(w);
    bool waited = w->advance;
    w->advance = false;
    if (w->page != PAGE_TARGET)
        return;
    wiz_say(w, SAY_NOTHING, "");
    if (!waited)
        return;
    if (!why) {
        wiz_next(w, fx);
        return;
    }
    enum field f = wizard_target_now(w) == 0 ? FLD_TARGETS : FLD_IMAGE;
    struct err kept = *why;
    wiz_say_err(w, SAY_FAILED, &kept);
    w->fault = f;
    if (w->overlay == OVER_NONE)
        wiz_focus_field(w, f);
}

void wiz_volumes_done(struct wizard *w, const struct err *e, struct effects *fx)
{
    w->offline.volumes_known = e->code ? KNOWN_FAILED : KNOWN_YES;
    if (w->page != PAGE_DATA && w->page != PAGE_TARGET)
        return;
    wiz_say(w, SAY_NOTHING, "");
    if (e->code)
        wiz_say_err(w, SAY_FAILED, e);
    wiz_prepare_blobs(w);
    wiz_prepare_targets(w);
    if (w->fresh)
        wiz_default_focus(w);
    wiz_enter_apply(w, fx);
}

/* What these pages ask when they are opened, one thing after the other. */
void wiz_enter_apply(struct wizard *w, struct effects *fx)
{
    struct offline *o = &w->offline;
    bool data = w->page == PAGE_DATA;
    if (o->volumes_known == KNOWN_NOT) {
        wiz_start(w, JOB_VOLUMES, fx);
        wiz_say(w, data ? SAY_LOOKING_FOR_DATA : SAY_LOOKING_FOR_SYSTEMS, "");
    } else if (data && o->package_known == KNOWN_NOT &&
               *settings_get(&w->settings, OPT_OFFLINE_INPUT)) {
        wiz_start(w, JOB_OPEN, fx);
    } else if (!data && o->image_known == KNOWN_NOT && o->target_chosen) {
        wiz_start(w, JOB_IMAGE, fx);
    }
}

/* The private key is a file of the person's; whoever carries out effects reads it. */
static bool key_unread(const struct wizard *w)
{
    const char *path = settings_get(&w->settings, OPT_OFFLINE_RECIPIENT_KEY);
    return *path && !str_eq(path, w->offline.key_read);
}

void wiz_key_read(struct wizard *w, const struct wiz_event *ev, struct effects *fx)
{
    if (ev->err || !ev->secret || secret_copy(&w->settings.recipient_key, ev->secret) < 0) {
        wiz_fault(w, FLD_RECIPIENT_KEY, SAY_FAILED);
        if (ev->err)
            w->message_err = *ev->err;
        return;
    }
    wiz_replace(&w->offline.key_read, settings_get(&w->settings, OPT_OFFLINE_RECIPIENT_KEY));
    wiz_clear_package(w);
    wiz_next(w, fx);
}

/* Where no path can be typed, what was found is the only answer. */
static bool found_something(struct wizard *w, struct effects *fx)
{
    if (!wizard_kiosk(w) || *settings_get(&w->settings, OPT_OFFLINE_INPUT))
        return true;
    wiz_choose_blob(w, w->list[FLD_BLOBS].sel, fx);
    if (*settings_get(&w->settings, OPT_OFFLINE_INPUT))
        return true;
    wiz_fault(w, FLD_BLOBS, SAY_NEEDED);
    return false;
}

void wiz_next_data(struct wizard *w, struct effects *fx)
{
    struct offline *o = &w->offline;
    if (!found_something(w, fx))
        return;
    if (key_unread(w)) {
        wiz_effect(fx, EFFECT_READ_KEY)->path =
            xstrdup(settings_get(&w->settings, OPT_OFFLINE_RECIPIENT_KEY));
        return;
    }
    bool typed = secret_is_set(&o->opener.value);
    if (typed) {
        if (secret_copy(&w->settings.passphrase, &o->opener.value) < 0)
            return;
        secret_edit_wipe(&o->opener);
        wiz_clear_package(w);
    }
    if (!typed && o->package_known == KNOWN_YES && !wizard_package_fault(w))
        wiz_go_on(w, fx);
    else
        wiz_wait_for(w, JOB_OPEN, o->package_known, SAY_OPENING_DATA, fx);
}

void wiz_next_target(struct wizard *w, struct effects *fx)
{
    struct offline *o = &w->offline;
    if (!o->target_chosen)
        wiz_choose_target(w, w->list[FLD_TARGETS].sel, fx);
    w->idle_at = 0;
    if (o->image_known == KNOWN_YES && !wizard_image_fault(w))
        wiz_go_on(w, fx);
    else
        wiz_wait_for(w, JOB_IMAGE, o->image_known, SAY_INSPECTING, fx);
}
