/* Rows of the lists that belong to offline enrolment. */
#include <string.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

void row_how_many(const struct wizard *w, size_t i, struct list_row *out)
{
    static const char *const texts[] = {
        [MACHINES_ONE] = N_("One machine"),
        [MACHINES_FILE] = N_("A list from a file"),
        [MACHINES_TYPED] = N_("A list that is typed or pasted here"),
    };
    out->text = _(texts[i]);
    out->mark = w->offline.machines == i ? MARK_RADIO_ON : MARK_RADIO_OFF;
}

static const char *row_mark(const struct row_view *r)
{
    switch (r->state) {
    case ROW_RUNNING:
        return "[>]";
    case ROW_DONE:
        return "[ok]";
    case ROW_BEFORE:
        return "[--]";
    case ROW_FAILED:
        return "[!!]";
    case ROW_WAITING:
        break;
    }
    return r->err.code ? "[!!]" : "[ ]";
}

void row_machine(const struct wizard *w, size_t i, struct list_row *out)
{
    const struct row_view *r = wizard_row_at(w, i);
    if (!r || !r->name)
        return;
    AUTOFREE char *name = words_clean(r->name), *ou = words_clean(r->ou),
                  *file = words_clean(r->output);
    row_set_text(out, xasprintf("%-4s %s", row_mark(r), name));
    if (r->err.code)
        row_set_note(out, xasprintf(_("line %u: %s"), r->line, words_what(&r->err)));
    else if (r->state == ROW_BEFORE)
        out->note = _("done in an earlier run");
    else
        row_set_note(out, xstrdup(r->state == ROW_DONE && *file ? file : ou));
}

/* "USB-STICK (/dev/sdb1, vfat)" */
static char *volume_name(const struct volume_view *v)
{
    AUTOFREE char *label = words_clean(v->label), *device = words_clean(v->device),
                  *type = words_clean(v->fstype);
    struct buf b = BUF_INIT(4096);
    if (v->removable)
        buf_printf(&b, "%s%s", _("medium"), words_colon());
    buf_printf(&b, "%s%s%s%s%s", label, *label ? ", " : "", device, *type ? ", " : "", type);
    char *text = buf_steal(&b);
    return text ? text : xstrdup("");
}

void row_blob(const struct wizard *w, size_t i, struct list_row *out)
{
    const struct volume_view *on = NULL;
    const char *path = wizard_blob_at(w, i, &on);
    if (!path)
        return;
    row_set_text(out, xstrdup(path));
    row_set_note(out, volume_name(on));
    out->foreign = true;
    out->mark = str_eq(path, settings_get(&w->settings, OPT_OFFLINE_INPUT)) ? MARK_RADIO_ON
                                                                            : MARK_RADIO_OFF;
}

void row_target(const struct wizard *w, size_t i, struct list_row *out)
{
    bool typed;
    const struct volume_view *v = wizard_target_at(w, i, &typed);
    out->mark = wizard_target_now(w) == i ? MARK_RADIO_ON : MARK_RADIO_OFF;
    if (!v && !typed) {
        AUTOFREE char *os = words_clean(w->machine.os_name);
        out->text =
            w->machine.live ? _("This machine, as it runs now") : _("The system under --root");
        row_set_note(out, TAKE(os));
        return;
    }
    out->foreign = true;
    if (!v) {
        row_set_text(out, xstrdup(settings_get(&w->settings, OPT_OFFLINE_IMAGE)));
        out->note = _("typed");
        return;
    }
    AUTOFREE char *system = words_clean(v->system);
    row_set_text(out, xstrdup(v->path));
    if (v->err.code)
        row_set_note(out, xasprintf("%s - %s", system, words_what(&v->err)));
    else
        row_set_note(out, *system ? TAKE(system) : volume_name(v));
}
