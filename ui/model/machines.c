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

/* The name of a line: its first column. */
static char *name_of(const char *line)
{
    bool quoted = *line == '"';
    return xstrndup(line + quoted, strcspn(line + quoted, quoted ? "\"" : ","));
}

/* Lines that nobody has looked at yet, as rows. */
void wiz_show_typed(struct wizard *w)
{
    struct offline *o = &w->offline;
    wiz_clear_rows(w);
    o->rows = xcalloc((o->typed.n + 255) / 256 * 256 + 1, sizeof *o->rows);
    for (size_t i = 0; i < o->typed.n && i < ROWS_MAX; i++) {
        o->rows[i] = (struct row_view){.index = i,
                                       .line = (unsigned)i + 2,
                                       .name = name_of(o->typed.s[i]),
                                       .ou = xstrdup(""),
                                       .description = xstrdup(""),
                                       .output = xstrdup("")};
        o->n_rows++;
    }
    w->list[FLD_ROWS].sel = o->n_rows ? o->n_rows - 1 : 0;
}

static bool is_header(const char *line)
{
    AUTOFREE char *name = name_of(line);
    return str_ieq(name, "name");
}

/* The line that was typed becomes a machine. false: there was none. */
bool wiz_add_row(struct wizard *w)
{
    struct offline *o = &w->offline;
    const char *text = w->edit[FLD_NEW_ROW].text;
    text += strspn(text, " \t");
    size_t len = strlen(text);
    while (len && text[len - 1] == ' ')
        len--;
    if (!len)
        return false;
    AUTOFREE char *line = xstrndup(text, len);
    edit_set(&w->edit[FLD_NEW_ROW], "");
    o->list_saved = o->rows_warned = false;
    if (!is_header(line) && o->typed.n < ROWS_MAX)
        strv_add(&o->typed, line);
    wiz_say(w, SAY_ROW_ADDED, line);
    /* A pasted thousand must not be drawn up a thousand times. */
    size_t n = o->n_rows;
    if (n + 1 == o->typed.n && n % 256 && o->rows_known == KNOWN_NOT) {
        o->rows[n] = (struct row_view){.index = n, .line = (unsigned)n + 2, .name = name_of(line)};
        w->list[FLD_ROWS].sel = o->n_rows++;
    } else {
        wiz_show_typed(w);
    }
    return true;
}

bool wiz_remove_row(struct wizard *w)
{
    struct offline *o = &w->offline;
    size_t at = w->list[FLD_ROWS].sel;
    if (o->machines != MACHINES_TYPED || at >= o->typed.n || at >= o->n_rows)
        return false;
    free(o->typed.s[at]);
    memmove(o->typed.s + at, o->typed.s + at + 1, (o->typed.n - at) * sizeof *o->typed.s);
    o->typed.n--;
    o->list_saved = o->rows_warned = false;
    wiz_show_typed(w);
    w->list[FLD_ROWS].sel = at < o->n_rows ? at : o->n_rows ? o->n_rows - 1 : 0;
    if (!o->n_rows)
        w->focus = FLD_NEW_ROW;
    return true;
}

/* Commas outside quotation marks. */
static size_t columns(const char *line)
{
    size_t n = 1;
    bool quoted = false;
    for (; *line; line++) {
        quoted ^= *line == '"';
        n += *line == ',' && !quoted;
    }
    return n;
}

/* The file of the typed list: a header, and each line filled up to its width. */
static char *list_text(const struct wizard *w)
{
    static const char *const names[] = {"name", "ou", "description", "output", "password_file"};
    const struct strv *v = &w->offline.typed;
    struct buf b = BUF_INIT(64 << 20);
    size_t width = 1;
    for (size_t i = 0; i < v->n; i++)
        width = columns(v->s[i]) > width ? columns(v->s[i]) : width;
    if (width > ARRAY_SIZE(names))
        width = ARRAY_SIZE(names);
    for (size_t i = 0; i < width; i++)
        buf_printf(&b, "%s%s", i ? "," : "", names[i]);
    buf_str(&b, "\n");
    for (size_t i = 0; i < v->n; i++) {
        buf_str(&b, v->s[i]);
        for (size_t n = columns(v->s[i]); n < width; n++)
            buf_str(&b, ",");
        buf_str(&b, "\n");
    }
    char *text = buf_steal(&b);
    return text ? text : xstrdup("");
}

static void save_list(struct wizard *w, struct effects *fx)
{
    const char *path = settings_get(&w->settings, OPT_OFFLINE_BATCH);
    struct effect *e = wiz_effect(fx, EFFECT_SAVE_LIST);
    e->text = list_text(w);
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

bool wiz_validate_package(struct wizard *w)
{
    struct offline *o = &w->offline;
    if (!*settings_get(&w->settings, OPT_OFFLINE_OUTPUT) && !wizard_batch(w)) {
        wiz_fault(w, FLD_OUTPUT, SAY_NEEDED);
        return false;
    }
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
