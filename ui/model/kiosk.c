/*
 * What a kiosk does not offer, in one place. Whoever stands there may enrol this machine, and
 * nothing else: no file is read or written under a name that they type, the answers are not saved,
 * nothing is cancelled, and the program ends only when its work is done.
 */
#include <string.h>

#include "ui/model/internal.h"

bool wizard_kiosk(const struct wizard *w)
{
    return settings_bool(&w->settings, OPT_KIOSK);
}

/* An answer that was given beforehand, by whoever set the kiosk up. */
static bool configured(const struct wizard *w, enum opt o)
{
    enum origin from = w->settings.origin[o];
    return (from == ORIGIN_FILE || from == ORIGIN_SET) && *settings_get(&w->settings, o);
}

/* The name of a file, or of several. */
static bool names_files(enum field f)
{
    enum opt o = field_row(f)->opt;
    if (field_row(f)->kind != FIELD_TEXT || o == OPT__COUNT)
        return false;
    return opt_row(o)->type == OPT_FILE || opt_row(o)->type == OPT_SECRETFILE ||
           o == OPT_OFFLINE_RECIPIENTS || o == OPT_OFFLINE_POLICY_FILES;
}

bool wiz_kiosk_hides(const struct wizard *w, enum field f)
{
    if (!wizard_kiosk(w))
        return false;
    switch (f) {
    case FLD_BLOBS: /* what was found may be chosen, where nothing is configured */
        return configured(w, OPT_OFFLINE_INPUT);
    case FLD_HOW_MANY: /* a list is a file */
    case FLD_NEW_ROW:
    case FLD_OVERWRITE:
        return true;
    default:
        return names_files(f);
    }
}

bool wiz_kiosk_target_fixed(const struct wizard *w)
{
    return wizard_kiosk(w) && configured(w, OPT_OFFLINE_IMAGE);
}

size_t wiz_kiosk_buttons(const struct wizard *w, enum button *b, size_t n)
{
    size_t kept = 0;
    if (!wizard_kiosk(w))
        return n;
    for (size_t i = 0; i < n; i++) {
        if (b[i] != BTN_SAVE && b[i] != BTN_CANCEL)
            b[kept++] = b[i];
    }
    return kept;
}

bool wiz_kiosk_refuses(const struct wizard *w, enum button wanted)
{
    enum button b[BTN__COUNT];
    size_t n = wizard_buttons(w, b, BTN__COUNT);
    if (!wizard_kiosk(w))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (b[i] == wanted)
            return false;
    }
    return true;
}

/* As configured: what one person answered is not the next one's. The language stays, and how the
 * screen looks. */
static void restore_answers(struct wizard *w)
{
    struct err ignored = {0};
    for (enum opt o = 0; o < OPT__COUNT; o++) {
        if (w->settings.origin[o] == ORIGIN_USER && !str_eq(opt_row(o)->section, "ui"))
            (void)!settings_set(&w->settings, o, settings_get(w->given, o), w->given->origin[o],
                                &ignored);
    }
    char **texts[] = {&w->account_aside, &w->keytab_aside, &w->dc_custom};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        wiz_replace(texts[i], "");
    wiz_replace(&w->ou_custom, settings_get(&w->settings, OPT_OU));
    w->domain_proposed = w->name_warned = false;
    w->domain_known = KNOWN_NOT;
    wiz_clear_domain(w);
    wiz_clear_ous(w);
    wiz_clear_name(w);
    wiz_clear_plan(w);
    wiz_clear_package(w);
    wiz_clear_image(w);
    w->offline.target_chosen = false;
    if (w->have_machine)
        wiz_propose_domain(w);
}

void wiz_kiosk_idle(struct wizard *w, struct effects *fx)
{
    bool ended = w->page == PAGE_RESULT || w->page == PAGE_RESTART;
    wiz_stop_job(w, fx);
    wiz_close_overlay(w);
    if (ended && (w->status == 0 || w->status == 5)) { /* the login comes next */
        wiz_finish(w, fx);
        return;
    }
    wiz_forget_password(w);
    wiz_forget_typed_passphrase(w);
    w->return_to = PAGE_WELCOME;
    w->page = PAGE_WELCOME;
    restore_answers(w);
    wiz_enter(w, PAGE_WELCOME, fx);
    wiz_say(w, SAY_IDLE_END, "");
}
