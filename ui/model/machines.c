/* Preparing machines: one or a list, where their data goes, who may open it. */
#include <string.h>

#include "ui/model/internal.h"

/* ---- the list ---- */

void wiz_choose_machines(struct wizard *w, enum machines m, struct effects *fx)
{
    struct offline *o = &w->offline;
    if (o->machines == m)
        return;
    if (w->job == JOB_LIST)
        wiz_stop_job(w, fx);
    if (o->machines != MACHINES_ONE)
        wiz_replace(&o->batch_kept, settings_get(&w->settings, OPT_OFFLINE_BATCH));
    o->machines = m;
    o->rows_warned = false;
    wiz_clear_rows(w);
    const char *file = o->batch_kept;
    bool typed_file = *o->list_path && str_eq(file, o->list_path);
    /* The file of a list that is typed here is no answer to where a list lies, and the other way
     * round. */
    if ((m == MACHINES_FILE) == typed_file && *file)
        file = m == MACHINES_TYPED ? o->list_path : "";
    wiz_set_opt(w, OPT_OFFLINE_BATCH, m == MACHINES_ONE ? "" : file);
    edit_set(&w->edit[FLD_BATCH], settings_get(&w->settings, OPT_OFFLINE_BATCH));
    if (m == MACHINES_TYPED && !*settings_get(&w->settings, OPT_OFFLINE_BATCH)) {
        AUTOFREE char *offer = xasprintf("%s/machines.csv", w->home ? w->home : "/root");
        wiz_set_opt(w, OPT_OFFLINE_BATCH, offer);
    }
    edit_set(&w->edit[FLD_SAVE_LIST], settings_get(&w->settings, OPT_OFFLINE_BATCH));
    if (m == MACHINES_TYPED)
        wiz_show_typed(w);
    else if (m == MACHINES_FILE && *settings_get(&w->settings, OPT_OFFLINE_BATCH))
        wiz_start(w, JOB_LIST, fx);
    wiz_list_prepare(w, FLD_ROWS);
}

static void save_list(struct wizard *w, struct effects *fx)
{
    const char *path = settings_get(&w->settings, OPT_OFFLINE_BATCH);
    struct effect *e = wiz_effect(fx, EFFECT_SAVE_LIST);
    e->text = wiz_list_text(w);
    e->path = xstrdup(path);
    e->number = str_eq(path, w->offline.list_path); /* our own may be written again */
}

void wiz_list_saved(struct wizard *w, const struct wiz_event *ev, struct effects *fx)
{
    if (ev->err) {
        wiz_fault(w, FLD_SAVE_LIST, SAY_LIST_FAILED);
        w->message_err = *ev->err;
        return;
    }
    wiz_replace(&w->offline.list_path, ev->text);
    w->offline.list_saved = true;
    wiz_say(w, SAY_LIST_SAVED, ev->text);
    wiz_next(w, fx);
}

void wiz_next_machines(struct wizard *w, struct effects *fx)
{
    struct offline *o = &w->offline;
    if (o->machines == MACHINES_TYPED && wiz_add_row(w))
        wiz_say(w, SAY_NOTHING, "");
    if (o->machines == MACHINES_ONE) {
        wiz_go_on(w, fx);
    } else if (o->machines == MACHINES_TYPED && !o->typed.n) {
        wiz_fault(w, FLD_NEW_ROW, SAY_NO_ROWS);
    } else if (o->machines == MACHINES_TYPED && !o->list_saved) {
        save_list(w, fx);
    } else if (o->rows_known != KNOWN_YES) {
        wiz_wait_for(w, JOB_LIST, o->rows_known, SAY_READING_LIST, fx);
    } else if (wizard_rows_bad(w) && !o->rows_warned) {
        o->rows_warned = true;
        wiz_say(w, SAY_ROWS_TROUBLE, "");
        w->fault = FLD_ROWS;
        w->focus = FLD_ROWS;
        while (!o->rows[w->list[FLD_ROWS].sel].err.code)
            w->list[FLD_ROWS].sel = (w->list[FLD_ROWS].sel + 1) % o->n_rows;
    } else if (!o->n_rows) {
        wiz_fault(w, o->machines == MACHINES_TYPED ? FLD_NEW_ROW : FLD_BATCH, SAY_NO_ROWS);
    } else {
        wiz_go_on(w, fx);
    }
}

/* ---- the data ---- */

/* A name for the file that says what is in it; what somebody typed stays. */
void wiz_offer_output(struct wizard *w)
{
    const char *format = settings_get(&w->settings, OPT_OFFLINE_FORMAT),
               *now = settings_get(&w->settings, OPT_OFFLINE_OUTPUT),
               *name = settings_get(&w->settings, OPT_MACHINE_NAME);
    if (*now && !str_eq(now, w->offline.output_offered))
        return;
    const char *ending = str_eq(format, "cms")        ? "p7m"
                         : str_eq(format, "unattend") ? "xml"
                         : str_eq(format, "text")     ? "txt"
                                                      : "odj";
    AUTOFREE char *offer = xasprintf("%s/%s.%s", w->home ? w->home : "/root",
                                     wizard_batch(w) ? "{name}" : name, ending);
    wiz_replace(&w->offline.output_offered, offer);
    wiz_set_opt(w, OPT_OFFLINE_OUTPUT, offer);
    edit_set(&w->edit[FLD_OUTPUT], offer);
}

static bool same(const struct secret *a, const struct secret *b)
{
    unsigned char diff = a->len != b->len;
    for (size_t i = 0; i < a->len && i < b->len; i++)
        diff |= a->data[i] ^ b->data[i];
    return !diff;
}

static bool passphrase_elsewhere(const struct wizard *w)
{
    const struct settings *s = &w->settings;
    return w->offline.passphrase_kept || *settings_get(s, OPT_OFFLINE_PASSPHRASE_FILE) ||
           *settings_get(s, OPT_OFFLINE_PASSPHRASE_CREDENTIAL);
}

/* The whole path: it stands in commands that are typed elsewhere. */
static void settle_output(struct wizard *w)
{
    const char *path = settings_get(&w->settings, OPT_OFFLINE_OUTPUT);
    if (!*path || *path == '/' || !w->here || strchr(w->here, '{'))
        return;
    AUTOFREE char *whole = xasprintf("%s/%s", str_eq(w->here, "/") ? "" : w->here, path);
    wiz_set_opt(w, OPT_OFFLINE_OUTPUT, whole);
    edit_set(&w->edit[FLD_OUTPUT], whole);
}

bool wiz_validate_package(struct wizard *w)
{
    struct offline *o = &w->offline;
    if (!*settings_get(&w->settings, OPT_OFFLINE_OUTPUT) && !wizard_batch(w)) {
        wiz_fault(w, FLD_OUTPUT, SAY_NEEDED);
        return false;
    }
    settle_output(w);
    if (wizard_unprotected(w))
        return true;
    bool typed = secret_is_set(&o->passphrase.value) || secret_is_set(&o->again.value);
    if (!typed) {
        if (passphrase_elsewhere(w) || *settings_get(&w->settings, OPT_OFFLINE_RECIPIENTS))
            return true;
        wiz_fault(w, FLD_PASSPHRASE, SAY_PASSPHRASE_NEEDED);
        return false;
    }
    bool good = same(&o->passphrase.value, &o->again.value) &&
                secret_copy(&w->settings.passphrase, &o->passphrase.value) == 0;
    secret_edit_wipe(&o->passphrase);
    secret_edit_wipe(&o->again);
    o->passphrase_kept = good;
    if (!good)
        wiz_fault(w, FLD_PASSPHRASE, SAY_PASSPHRASE_DIFFERS);
    return good;
}
