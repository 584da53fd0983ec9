/* What follows from typing in a field. */
#include <string.h>

#include "ui/model/internal.h"

/* Blanks around an answer are never meant, and cannot be seen. */
static void set_trimmed(struct wizard *w, enum opt o, const char *text)
{
    while (*text == ' ')
        text++;
    size_t len = strlen(text);
    while (len && text[len - 1] == ' ')
        len--;
    AUTOFREE char *trimmed = xstrndup(text, len);
    wiz_set_opt(w, o, trimmed);
}

/* A controller that was chosen from the list belongs to the domain whose list it was. */
static void forget_chosen_controller(struct wizard *w)
{
    const char *chosen = settings_get(&w->settings, OPT_CONTROLLER);
    for (size_t i = 0; i < w->n_dcs; i++) {
        if (w->settings.origin[OPT_CONTROLLER] == ORIGIN_USER && str_ieq(w->dcs[i].host, chosen)) {
            wiz_set_opt(w, OPT_CONTROLLER, "");
            edit_set(&w->edit[FLD_DOMAIN_SERVER], "");
            return;
        }
    }
}

/* The text of a field has changed: what was found out about the old one is void. */
void wiz_edited(struct wizard *w, enum field f, struct effects *fx)
{
    bool secret = field_row(f)->kind == FIELD_SECRET;
    if (w->fault == f || w->message == SAY_FAILED)
        wiz_say(w, SAY_NOTHING, "");
    w->advance = false;
    if (!secret && field_row(f)->opt != OPT__COUNT)
        set_trimmed(w, field_row(f)->opt, w->edit[f].text);
    if (f == FLD_DOMAIN)
        w->domain_proposed = false;
    switch (f) {
    case FLD_DOMAIN:
        forget_chosen_controller(w);
        w->domain_err = (struct err){0}; /* another domain may need no controller named */
        /* fall through */
    case FLD_DOMAIN_SERVER:
        wiz_first_bound(w);
        /* fall through */
    case FLD_SITE:
        if (w->job == JOB_DISCOVER)
            wiz_stop_job(w, fx);
        wiz_clear_domain(w);
        wiz_clear_ous(w);
        wiz_clear_name(w);
        w->login_known = KNOWN_NOT;
        w->domain_known = KNOWN_PENDING;
        if (f != FLD_SITE)
            w->idle_at = w->now_ms + IDLE_MS;
        break;
    case FLD_ACCOUNT:
    case FLD_KEYTAB:
        secret_free(&w->settings.password);
        w->password_kept = false;
        w->login_known = KNOWN_NOT;
        break;
    case FLD_PASSWORD:
        w->login_known = KNOWN_NOT;
        break;
    case FLD_NAME:
    case FLD_FQDN:
    case FLD_RENAME_NAME:
    case FLD_RENAME_FQDN:
        if (*w->offline.output_offered)
            wiz_offer_output(w);
        if (w->job == JOB_NAME)
            wiz_stop_job(w, fx);
        wiz_clear_name(w);
        w->name_known = KNOWN_PENDING;
        w->name_warned = false;
        w->idle_at = wiz_name_can_be_asked(w) ? w->now_ms + IDLE_MS : 0;
        break;
    case FLD_BATCH:
        if (w->job == JOB_LIST)
            wiz_stop_job(w, fx);
        wiz_clear_rows(w);
        w->offline.rows_known = KNOWN_PENDING;
        w->offline.rows_warned = false;
        w->idle_at = *w->edit[f].text ? w->now_ms + IDLE_MS : 0;
        break;
    case FLD_SAVE_LIST:
        w->offline.list_saved = false;
        break;
    case FLD_INPUT:
        wiz_input_changed(w, fx);
        break;
    case FLD_RECIPIENT_KEY:
    case FLD_OPEN_PASSPHRASE:
        if (w->job == JOB_OPEN)
            wiz_stop_job(w, fx);
        if (w->offline.package_known == KNOWN_RUNNING)
            w->offline.package_known = KNOWN_PENDING;
        break;
    case FLD_IMAGE:
        wiz_image_edited(w, fx);
        break;
    default:
        break;
    }
}
