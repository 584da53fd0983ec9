/* Lists and choices: what their rows are and what choosing one does. */
#include <stdio.h>
#include <string.h>

#include "ui/model/internal.h"

static const char *const *languages;
static size_t n_languages;

void wizard_set_languages(const char *const *codes, size_t count)
{
    languages = codes;
    n_languages = count;
}

/* ---- choice fields ---- */

size_t wizard_choices(enum field f)
{
    if (f == FLD_LANGUAGE)
        return n_languages;
    size_t n = 0;
    for (const char *p = opt_row(field_row(f)->opt)->choices; *p; n++) {
        p += strcspn(p, " ");
        p += strspn(p, " ");
    }
    return n;
}

const char *wizard_choice_at(enum field f, size_t i, char *buf, size_t size)
{
    buf[0] = '\0';
    if (f == FLD_LANGUAGE) {
        if (i < n_languages)
            snprintf(buf, size, "%s", languages[i]);
        return buf;
    }
    const char *p = opt_row(field_row(f)->opt)->choices;
    for (; *p && i > 0; i--) {
        p += strcspn(p, " ");
        p += strspn(p, " ");
    }
    snprintf(buf, size, "%.*s", (int)strcspn(p, " "), p);
    return buf;
}

size_t wizard_choice_now(const struct wizard *w, enum field f)
{
    char word[32];
    size_t n = wizard_choices(f);
    for (size_t i = 0; i < n; i++) {
        if (str_eq(wizard_choice_at(f, i, word, sizeof word),
                   settings_get(&w->settings, field_row(f)->opt)))
            return i;
    }
    return 0;
}

/* ---- organizational units ---- */

static bool custom_row(const struct wizard *w)
{
    if (!*w->ou_custom)
        return false;
    for (size_t i = 0; i < w->n_ous; i++) {
        if (str_ieq(w->ous[i].ou.dn, w->ou_custom))
            return false;
    }
    return true;
}

/* Walks the nodes whose ancestors are all open. Returns the node at *index, or NULL with *index
 * lowered. */
static const struct ou_node *visible_node(const struct wizard *w, size_t *index)
{
    int hidden = -1;
    for (size_t i = 0; i < w->n_ous; i++) {
        if (hidden >= 0 && w->ous[i].depth > hidden)
            continue;
        hidden = w->ous[i].open ? -1 : w->ous[i].depth;
        if (*index == 0)
            return &w->ous[i];
        --*index;
    }
    return NULL;
}

const struct ou_node *wizard_ou_at(const struct wizard *w, size_t index, bool *custom)
{
    *custom = false;
    if (index == 0)
        return NULL;
    index--;
    if (custom_row(w)) {
        if (index == 0) {
            *custom = true;
            return NULL;
        }
        index--;
    }
    return visible_node(w, &index);
}

static size_t ou_count(const struct wizard *w)
{
    size_t all = w->n_ous + 1, index = w->n_ous + 1;
    (void)visible_node(w, &index);
    return 1 + custom_row(w) + (all - index);
}

/* The row of the present answer. */
static size_t ou_row(const struct wizard *w)
{
    const char *dn = settings_get(&w->settings, OPT_OU);
    size_t n = ou_count(w);
    bool custom;
    for (size_t i = 1; *dn && i < n; i++) {
        const struct ou_node *node = wizard_ou_at(w, i, &custom);
        if (str_ieq(node ? node->ou.dn : w->ou_custom, dn))
            return i;
    }
    return 0;
}

/* Where the account may be made has part in what is said about its name. */
void wiz_set_ou(struct wizard *w, const char *dn)
{
    if (str_eq(settings_get(&w->settings, OPT_OU), dn))
        return;
    wiz_set_opt(w, OPT_OU, dn);
    wiz_clear_name(w);
    w->name_warned = false;
}

static void ou_select(struct wizard *w, size_t row)
{
    bool custom;
    const struct ou_node *node = wizard_ou_at(w, row, &custom);
    wiz_set_ou(w, node ? node->ou.dn : custom ? w->ou_custom : "");
}

static void ou_toggle(struct wizard *w, bool open, struct effects *fx)
{
    bool custom;
    const struct ou_node *node = wizard_ou_at(w, w->list[FLD_OUS].sel, &custom);
    if (!node)
        return;
    struct ou_node *n = &w->ous[node - w->ous];
    if (!open) {
        n->open = false;
    } else if (n->loaded) {
        n->open = true;
    } else if (!n->loading) {
        n->loading = true;
        wiz_say(w, SAY_READING_OUS, "");
        wiz_start(w, JOB_OUS, fx);
    }
}

/* ---- controllers ---- */

static bool dc_listed(const struct wizard *w, const char *host)
{
    for (size_t i = 0; i < w->n_dcs; i++) {
        if (str_ieq(w->dcs[i].host, host))
            return true;
    }
    return false;
}

void wiz_remember_custom_dc(struct wizard *w)
{
    const char *host = settings_get(&w->settings, OPT_CONTROLLER);
    if (*host)
        wiz_replace(&w->dc_custom, host);
}

/* The controller of a row: "" for the automatic choice. */
static const char *dc_at(const struct wizard *w, size_t row)
{
    if (row == 0)
        return "";
    return row <= w->n_dcs ? w->dcs[row - 1].host : w->dc_custom;
}

static size_t dc_count(const struct wizard *w)
{
    return 1 + w->n_dcs + (*w->dc_custom && !dc_listed(w, w->dc_custom));
}

/* ---- all lists ---- */

size_t wizard_list_count(const struct wizard *w, enum field f)
{
    switch (f) {
    case FLD_MODE: {
        size_t n = 0;
        for (enum mode m = 0; m < MODE__COUNT; m++)
            n += wiz_mode_listed(w, m);
        return n;
    }
    case FLD_NETWORK_LIST:
        return w->n_network;
    case FLD_DCS:
        return dc_count(w);
    case FLD_OUS:
        return ou_count(w);
    case FLD_FLAGS:
        return flag_count();
    case FLD_REVIEW:
        return w->n_review;
    case FLD_CHECK_LIST:
        return w->n_checks;
    default:
        return 0;
    }
}

const struct verdict_view *wizard_verdict_at(const struct wizard *w, enum field f, size_t index)
{
    if (f == FLD_NETWORK_LIST && index < w->n_network)
        return &w->network[index];
    if (f == FLD_CHECK_LIST && index < w->n_checks)
        return &w->checks[index];
    return NULL;
}

/* Puts the selection where the present answer is. */
void wiz_list_prepare(struct wizard *w, enum field f)
{
    size_t n = wizard_list_count(w, f);
    struct list *l = &w->list[f];
    list_end_typing(l);
    if (f == FLD_MODE) {
        for (size_t i = 0; i < n; i++) {
            if (wizard_mode_at(w, i) == w->mode)
                l->sel = i;
        }
    } else if (f == FLD_OUS) {
        l->sel = ou_row(w);
    } else if (f == FLD_DCS) {
        l->sel = 0;
        for (size_t i = 1; i < n; i++) {
            if (str_ieq(dc_at(w, i), settings_get(&w->settings, OPT_CONTROLLER)))
                l->sel = i;
        }
    } else if (f == FLD_REVIEW) {
        l->sel = l->top = 0;
    }
    if (l->sel >= n)
        l->sel = n ? n - 1 : 0;
}

/* All it still lacks is the controller's name: that has a page of its own. */
static bool lacks_controller(const struct wizard *w, enum opt o)
{
    return o == OPT_FLAG_JOIN_READONLY && wizard_machine_password(w) &&
           !*settings_get(&w->settings, OPT_CONTROLLER);
}

static void toggle_flag(struct wizard *w, size_t row, struct effects *fx)
{
    enum opt o = flag_at(row)->opt;
    bool on = settings_bool(&w->settings, o);
    const char *blocked = settings_flag_blocked(&w->settings, o);
    /* What stands in the file may be switched off, whatever it depends on. */
    if (blocked && !on) {
        if (lacks_controller(w, o)) {
            wiz_enter(w, PAGE_CONTROLLER, fx);
            w->return_to = PAGE_FLAGS;
        }
        wiz_say(w, SAY_BLOCKED, blocked);
        return;
    }
    wiz_say(w, SAY_NOTHING, "");
    wiz_set_opt(w, o, on ? "no" : "yes");
    wiz_answer_changed(w, o);
}

void wiz_list_event(struct wizard *w, enum field f, enum list_result r, struct effects *fx)
{
    size_t sel = w->list[f].sel;
    if (r == LIST_EXPAND || r == LIST_COLLAPSE || r == LIST_TOGGLE || r == LIST_FILTER)
        list_end_typing(&w->list[f]);
    if (f == FLD_MODE && (r == LIST_MOVED || r == LIST_TOGGLE)) {
        w->mode = wizard_mode_at(w, sel);
        wiz_say(w, SAY_NOTHING, "");
    } else if (f == FLD_DCS && (r == LIST_MOVED || r == LIST_TOGGLE)) {
        wiz_set_opt(w, OPT_CONTROLLER, dc_at(w, sel));
        edit_set(&w->edit[FLD_DOMAIN_SERVER], settings_get(&w->settings, OPT_CONTROLLER));
    } else if (f == FLD_FLAGS && r == LIST_TOGGLE) {
        toggle_flag(w, sel, fx);
    } else if (f == FLD_OUS) {
        if (r == LIST_MOVED || r == LIST_PARENT || r == LIST_TOGGLE)
            ou_select(w, sel);
        else if (r == LIST_EXPAND || r == LIST_COLLAPSE)
            ou_toggle(w, r == LIST_EXPAND, fx);
        else if (r == LIST_FILTER)
            wiz_open_prompt(w, PROMPT_FILTER, w->ou_filter);
    }
}

/* Enter on a row. false: it only means "on". */
bool wiz_list_enter(struct wizard *w, enum field f, struct effects *fx)
{
    size_t sel = w->list[f].sel;
    const struct verdict_view *v = wizard_verdict_at(w, f, sel);
    if (v) {
        if (!v->err.code)
            return false;
        wiz_open_details(w, &v->err, false);
        return true;
    }
    if (f != FLD_REVIEW || sel >= w->n_review)
        return false;
    const struct review_row *row = &w->review[sel];
    if (row->kind == REVIEW_WARNING) {
        wiz_open_details(w, row->number < 0 ? &w->plan_err : &w->warnings[row->number].err, false);
    } else if (row->kind == REVIEW_CHANGE || row->kind == REVIEW_STAYS) {
        wiz_open_change(w, &w->changes[row->number]);
    } else if (row->kind == REVIEW_ANSWER || row->kind == REVIEW_MASK ||
               row->kind == REVIEW_ADVICE) {
        enum opt opt = row->opt;
        enum page p = row->page;
        wiz_stop_job(w, fx);
        wiz_enter(w, p, fx);
        w->return_to = PAGE_REVIEW;
        for (enum field g = 0; g < FLD__COUNT; g++) {
            if (field_row(g)->page == p && field_row(g)->opt == opt &&
                field_row(g)->kind != FIELD_NOTE)
                w->focus = (int)g;
        }
    }
    return true;
}

void wizard_open_row(struct wizard *w, size_t review_row, struct effects *fx)
{
    w->list[FLD_REVIEW].sel = review_row;
    (void)wiz_list_enter(w, FLD_REVIEW, fx);
}

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

/* The text of a field has changed: what was found out about the old one is void. */
void wiz_edited(struct wizard *w, enum field f, struct effects *fx)
{
    bool secret = field_row(f)->kind == FIELD_SECRET;
    if (w->fault == f || w->message == SAY_FAILED)
        wiz_say(w, SAY_NOTHING, "");
    w->advance = false;
    if (!secret)
        set_trimmed(w, field_row(f)->opt, w->edit[f].text);
    if (f == FLD_DOMAIN)
        w->domain_proposed = false;
    switch (f) {
    case FLD_DOMAIN:
    case FLD_DOMAIN_SERVER:
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
        if (w->job == JOB_NAME)
            wiz_stop_job(w, fx);
        wiz_clear_name(w);
        w->name_known = KNOWN_PENDING;
        w->name_warned = false;
        w->idle_at = wiz_name_can_be_asked(w) ? w->now_ms + IDLE_MS : 0;
        break;
    default:
        break;
    }
}
