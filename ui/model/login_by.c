/* How somebody logs in: which ways there are, and what choosing one sets. What was answered for one
 * way is kept while another one is looked at. */
#include "ui/model/internal.h"

static bool joins(const struct wizard *w)
{
    return wizard_flow(w) & (FLOW_JOIN | FLOW_CHECK);
}

/* In a kiosk no path is typed: only what was configured. */
static bool offered(const struct wizard *w, enum login_by by)
{
    switch (by) {
    case LOGIN_PASSWORD:
        return true;
    case LOGIN_KEYTAB:
        return !wizard_kiosk(w) || *settings_get(&w->settings, OPT_KEYTAB);
    case LOGIN_TICKET:
        return !wizard_kiosk(w);
    case LOGIN_PREPARED:
    case LOGIN_DEFAULT:
        return joins(w);
    case LOGIN__COUNT:
        break;
    }
    return false;
}

enum login_by wizard_login_at(const struct wizard *w, size_t index)
{
    for (enum login_by by = 0; by < LOGIN__COUNT; by++) {
        if (offered(w, by) && index-- == 0)
            return by;
    }
    return LOGIN_PASSWORD;
}

size_t wiz_login_count(const struct wizard *w)
{
    size_t n = 0;
    for (enum login_by by = 0; by < LOGIN__COUNT; by++)
        n += offered(w, by);
    return n;
}

enum login_by wizard_login_by(const struct wizard *w)
{
    if (joins(w) && settings_bool(&w->settings, OPT_FLAG_JOIN_UNSECURE))
        return settings_bool(&w->settings, OPT_FLAG_MACHINE_PWD_PASSED) ? LOGIN_PREPARED
                                                                        : LOGIN_DEFAULT;
    if (*settings_get(&w->settings, OPT_KEYTAB))
        return LOGIN_KEYTAB;
    return w->login_by == LOGIN_KEYTAB || w->login_by == LOGIN_TICKET ? w->login_by
                                                                      : LOGIN_PASSWORD;
}

/* The text of an answer that the new way does not have is put aside, or taken out again. */
static void keep_text(struct wizard *w, enum field f, char **aside, bool wanted)
{
    enum opt o = field_row(f)->opt;
    if (!wanted && *settings_get(&w->settings, o))
        wiz_replace(aside, settings_get(&w->settings, o));
    const char *text = !wanted                          ? ""
                       : *settings_get(&w->settings, o) ? settings_get(&w->settings, o)
                                                        : *aside;
    if (str_eq(text, settings_get(&w->settings, o)))
        return;
    AUTOFREE char *copy = xstrdup(text);
    wiz_set_opt(w, o, copy);
    edit_set(&w->edit[f], copy);
    if (wanted)
        wiz_replace(aside, "");
}

static void set_flag(struct wizard *w, enum opt o, bool on)
{
    if (settings_bool(&w->settings, o) == on)
        return;
    wiz_set_opt(w, o, on ? "yes" : "no");
    wiz_answer_changed(w, o);
}

void wiz_choose_login(struct wizard *w, size_t index)
{
    enum login_by by = wizard_login_at(w, index);
    if (by == wizard_login_by(w)) {
        w->login_by = by;
        return;
    }
    keep_text(w, FLD_KEYTAB, &w->keytab_aside, by == LOGIN_KEYTAB);
    keep_text(w, FLD_ACCOUNT, &w->account_aside, by == LOGIN_PASSWORD || by == LOGIN_KEYTAB);
    set_flag(w, OPT_FLAG_JOIN_UNSECURE, by == LOGIN_PREPARED || by == LOGIN_DEFAULT);
    set_flag(w, OPT_FLAG_MACHINE_PWD_PASSED, by == LOGIN_PREPARED);
    /* Another way is another person, as far as the directory is concerned. */
    wiz_forget_password(w);
    wiz_clear_ous(w);
    wiz_clear_name(w);
    w->login_by = by;
    keep_text(w, FLD_KEYTAB, &w->keytab_aside, by == LOGIN_KEYTAB);
    keep_text(w, FLD_ACCOUNT, &w->account_aside, by == LOGIN_PASSWORD || by == LOGIN_KEYTAB);
    wiz_say(w, SAY_NOTHING, "");
}
