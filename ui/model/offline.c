/* What the pages of offline enrolment found out, and their secrets. */
#include "ui/model/offline.h"

#include <string.h>

#include "ui/model/internal.h"

struct secret_edit *wizard_secret(struct wizard *w, enum field f)
{
    switch (f) {
    case FLD_PASSWORD:
        return &w->password;
    case FLD_PASSPHRASE:
        return &w->offline.passphrase;
    case FLD_PASSPHRASE_AGAIN:
        return &w->offline.again;
    case FLD_OPEN_PASSPHRASE:
        return &w->offline.opener;
    default:
        return NULL;
    }
}

int wiz_offline_init(struct wizard *w)
{
    struct offline *o = &w->offline;
    char **texts[] = {&o->key_read, &o->batch_kept, &o->list_path, &o->output_offered, &o->header};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        *texts[i] = xstrdup("");
    o->machines = *settings_get(&w->settings, OPT_OFFLINE_BATCH) ? MACHINES_FILE : MACHINES_ONE;
    o->passphrase_kept = secret_is_set(&w->settings.passphrase);
    if (secret_is_set(&w->settings.recipient_key))
        wiz_replace(&o->key_read, settings_get(&w->settings, OPT_OFFLINE_RECIPIENT_KEY));
    o->target_chosen = *settings_get(&w->settings, OPT_OFFLINE_IMAGE) ||
                       settings_bool(&w->settings, OPT_FLAG_PROVISION_ONLINE_CALLER);
    int bad = secret_edit_init(&o->passphrase);
    bad |= secret_edit_init(&o->again);
    bad |= secret_edit_init(&o->opener);
    return bad ? -1 : 0;
}

void wiz_offline_free(struct wizard *w)
{
    struct offline *o = &w->offline;
    secret_edit_free(&o->passphrase);
    secret_edit_free(&o->again);
    secret_edit_free(&o->opener);
    wiz_clear_rows(w);
    wiz_clear_volumes(w);
    wiz_clear_package(w);
    wiz_clear_image(w);
    strv_free(&o->typed);
    char *texts[] = {o->key_read, o->batch_kept, o->list_path, o->output_offered, o->header};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        free(texts[i]);
}

void wiz_forget_passphrase(struct wizard *w)
{
    struct offline *o = &w->offline;
    secret_edit_wipe(&o->passphrase);
    secret_edit_wipe(&o->again);
    secret_edit_wipe(&o->opener);
    secret_free(&w->settings.passphrase);
    secret_free(&w->settings.recipient_key);
    wiz_replace(&o->key_read, "");
    o->passphrase_kept = false;
}

static bool configured(const struct wizard *w)
{
    return *settings_get(&w->settings, OPT_OFFLINE_PASSPHRASE_FILE) ||
           *settings_get(&w->settings, OPT_OFFLINE_PASSPHRASE_CREDENTIAL);
}

void wiz_forget_typed_passphrase(struct wizard *w)
{
    struct offline *o = &w->offline;
    secret_edit_wipe(&o->passphrase);
    secret_edit_wipe(&o->again);
    secret_edit_wipe(&o->opener);
    if (w->settings.origin[OPT_OFFLINE_RECIPIENT_KEY] == ORIGIN_USER) { /* it is read again */
        secret_free(&w->settings.recipient_key);
        wiz_replace(&o->key_read, "");
    }
    if (configured(w))
        return;
    secret_free(&w->settings.passphrase);
    o->passphrase_kept = false;
}

void wiz_clear_rows(struct wizard *w)
{
    struct offline *o = &w->offline;
    for (size_t i = 0; i < o->n_rows; i++)
        row_view_free(&o->rows[i]);
    free(o->rows);
    o->rows = NULL;
    o->n_rows = 0;
    o->have_rate = false;
    o->rows_known = KNOWN_NOT;
    err_reset(&o->rows_err);
}

void wiz_clear_volumes(struct wizard *w)
{
    struct offline *o = &w->offline;
    for (size_t i = 0; i < o->n_volumes; i++)
        volume_view_free(&o->volumes[i]);
    free(o->volumes);
    o->volumes = NULL;
    o->n_volumes = 0;
    o->volumes_known = KNOWN_NOT;
}

void wiz_clear_package(struct wizard *w)
{
    package_view_free(&w->offline.package);
    w->offline.package = (struct package_view){0};
    w->offline.package_known = KNOWN_NOT;
    err_reset(&w->offline.package_err);
}

void wiz_clear_image(struct wizard *w)
{
    image_view_free(&w->offline.image);
    w->offline.image = (struct image_view){0};
    w->offline.image_known = KNOWN_NOT;
    w->offline.n_verdicts = 0;
    err_reset(&w->offline.image_err);
}

/* ---- messages ---- */

static void take_row(struct wizard *w, struct row_view *row)
{
    struct offline *o = &w->offline;
    if (row->index >= ROWS_MAX)
        return;
    if (row->index >= o->n_rows) {
        size_t n = row->index + 1;
        /* Rows come in their order as a rule: grow in steps. */
        size_t room = (o->n_rows + 255) / 256 * 256;
        if (n > room)
            o->rows = xrealloc_array(o->rows, (n + 255) / 256 * 256, sizeof *o->rows);
        memset(o->rows + o->n_rows, 0, (n - o->n_rows) * sizeof *o->rows);
        o->n_rows = n;
    }
    row_view_free(&o->rows[row->index]);
    o->rows[row->index] = *row;
    /* Unless somebody is looking around in it, the list shows where the work is. */
    if (w->running && w->focus != FLD_RUN_ROWS && w->under_focus != FLD_RUN_ROWS)
        w->list[FLD_RUN_ROWS].sel = row->index;
    *row = (struct row_view){0};
}

static void take_volume(struct wizard *w, struct volume_view *v)
{
    struct offline *o = &w->offline;
    if (o->n_volumes >= 200)
        return;
    o->volumes = xrealloc_array(o->volumes, o->n_volumes + 1, sizeof *o->volumes);
    o->volumes[o->n_volumes++] = *v;
    *v = (struct volume_view){0};
}

void wiz_offline_message(struct wizard *w, struct engine_msg *m)
{
    struct offline *o = &w->offline;
    w->last_news = w->now_ms;
    switch (m->kind) {
    case MSG_PACKAGE:
        package_view_free(&o->package);
        o->package = m->u.package;
        memset(&m->u.package, 0, sizeof m->u.package);
        break;
    case MSG_VOLUME:
        take_volume(w, &m->u.volume);
        break;
    case MSG_IMAGE:
        image_view_free(&o->image);
        o->image = m->u.image;
        memset(&m->u.image, 0, sizeof m->u.image);
        break;
    case MSG_ROW:
        take_row(w, &m->u.row);
        break;
    case MSG_RATE:
        o->rate = m->u.rate;
        o->have_rate = true;
        break;
    default:
        break;
    }
}

/* ---- what is known ---- */

bool wizard_batch(const struct wizard *w)
{
    return wizard_flow(w) == FLOW_PROVISION && w->offline.machines != MACHINES_ONE;
}

const struct row_view *wizard_row_at(const struct wizard *w, size_t index)
{
    return index < w->offline.n_rows ? &w->offline.rows[index] : NULL;
}

size_t wizard_rows_bad(const struct wizard *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->offline.n_rows; i++)
        n += w->offline.rows[i].err.code != 0;
    return n;
}

size_t wizard_rows_before(const struct wizard *w)
{
    size_t n = 0;
    for (size_t i = 0; i < w->offline.n_rows; i++)
        n += w->offline.rows[i].state == ROW_BEFORE;
    return n;
}

bool wizard_unprotected(const struct wizard *w)
{
    return wizard_flow(w) == FLOW_PROVISION &&
           !str_eq(settings_get(&w->settings, OPT_OFFLINE_FORMAT), "cms");
}

const struct err *wizard_package_fault(const struct wizard *w)
{
    const struct offline *o = &w->offline;
    if (o->package_known != KNOWN_YES && o->package_known != KNOWN_FAILED)
        return NULL;
    return o->package_err.code ? &o->package_err : o->package.err.code ? &o->package.err : NULL;
}

const struct err *wizard_image_fault(const struct wizard *w)
{
    const struct offline *o = &w->offline;
    if (o->image_known != KNOWN_YES && o->image_known != KNOWN_FAILED)
        return NULL;
    if (o->image_err.code || o->image.err.code)
        return o->image_err.code ? &o->image_err : &o->image.err;
    for (size_t i = 0; i < o->n_verdicts; i++) {
        if (o->verdicts[i].verdict == VERDICT_FAIL)
            return &o->verdicts[i].err;
    }
    return NULL;
}

static bool fault_is(const struct wizard *w, enum cause a, enum cause b)
{
    const struct err *e = wizard_package_fault(w);
    return e && (e->cause == a || e->cause == b);
}

bool wizard_wants_passphrase(const struct wizard *w)
{
    return w->offline.package.protected_form || secret_is_set(&w->offline.opener.value) ||
           fault_is(w, CAUSE_PASSPHRASE_MISSING, CAUSE_PASSPHRASE_WRONG) || wizard_wants_key(w);
}

bool wizard_wants_key(const struct wizard *w)
{
    return *settings_get(&w->settings, OPT_OFFLINE_RECIPIENT_KEY) ||
           fault_is(w, CAUSE_RECIPIENT_KEY_MISSING, CAUSE_RECIPIENT_KEY_WRONG);
}

/* ---- flags ---- */

static bool flag_listed(const struct wizard *w, const struct flag_row *f)
{
    unsigned own = settings_op(&w->settings) & (FLAG_FOR_PROVISION | FLAG_FOR_APPLY);
    return !own || (f->ops & own);
}

size_t wizard_flag_count(const struct wizard *w)
{
    size_t n = 0;
    for (size_t i = 0; i < flag_count(); i++)
        n += flag_listed(w, flag_at(i));
    return n;
}

const struct flag_row *wizard_flag_at(const struct wizard *w, size_t index)
{
    for (size_t i = 0; i < flag_count(); i++) {
        if (flag_listed(w, flag_at(i)) && index-- == 0)
            return flag_at(i);
    }
    return NULL;
}
