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

/* The words, as the tables of the options write them. */
static const char *choice_words(enum field f)
{
    switch (f) {
    case FLD_CONTRAST: /* in the order of EFFECT_THEME */
        return "colour mono contrast";
    case FLD_MANNER:
        return "screen lines";
    default:
        return opt_row(field_row(f)->opt)->choices;
    }
}

/* A choice that is no answer of the enrolment. */
void wiz_choose(struct wizard *w, enum field f, size_t i, struct effects *fx)
{
    switch (f) {
    case FLD_CONTRAST:
        w->theme = (int)i;
        wiz_effect(fx, EFFECT_THEME)->number = w->theme;
        break;
    case FLD_MANNER:
        w->wants_lines = i == 1;
        break;
    default:
        break;
    }
}

size_t wizard_choices(enum field f)
{
    if (f == FLD_LANGUAGE)
        return n_languages;
    size_t n = 0;
    for (const char *p = choice_words(f); *p; n++) {
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
    const char *p = choice_words(f);
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
    if (f == FLD_CONTRAST)
        return (size_t)w->theme;
    if (f == FLD_MANNER)
        return w->wants_lines;
    for (size_t i = 0; i < n; i++) {
        if (str_eq(wizard_choice_at(f, i, word, sizeof word),
                   settings_get(&w->settings, field_row(f)->opt)))
            return i;
    }
    return 0;
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
        return wiz_ou_count(w);
    case FLD_FLAGS:
        return wizard_flag_count(w);
    case FLD_HOW_MANY:
        return MACHINES__COUNT;
    case FLD_LOGIN_BY:
        return wiz_login_count(w);
    case FLD_ROWS:
    case FLD_RUN_ROWS:
    case FLD_RESULT_ROWS:
        return w->offline.n_rows;
    case FLD_BLOBS:
        return wiz_blob_count(w);
    case FLD_TARGETS:
        return wiz_target_count(w);
    case FLD_IMAGE_CHECKS:
        return w->offline.n_verdicts;
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
    if (f == FLD_IMAGE_CHECKS && index < w->offline.n_verdicts)
        return &w->offline.verdicts[index];
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
        l->sel = wiz_ou_row(w);
    } else if (f == FLD_DCS) {
        l->sel = 0;
        for (size_t i = 1; i < n; i++) {
            if (str_ieq(dc_at(w, i), settings_get(&w->settings, OPT_CONTROLLER)))
                l->sel = i;
        }
    } else if (f == FLD_REVIEW) {
        l->sel = l->top = 0;
    } else if (f == FLD_HOW_MANY) {
        l->sel = w->offline.machines;
    } else if (f == FLD_LOGIN_BY) {
        for (l->sel = 0; l->sel + 1 < n && wizard_login_at(w, l->sel) != wizard_login_by(w);)
            l->sel++;
    } else if (f == FLD_RESULT_ROWS) { /* the first that needs somebody */
        for (l->sel = 0; l->sel < n && !w->offline.rows[l->sel].err.code;)
            l->sel++;
        l->sel = l->sel < n ? l->sel : 0;
    } else if (f == FLD_BLOBS) {
        wiz_prepare_blobs(w);
    } else if (f == FLD_TARGETS) {
        wiz_prepare_targets(w);
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
    if (!wizard_flag_at(w, row))
        return;
    enum opt o = wizard_flag_at(w, row)->opt;
    /* Another operation's default is no choice here. */
    bool ours = flag_of(o)->ops & settings_op(&w->settings);
    bool on = settings_bool(&w->settings, o) && (ours || w->settings.origin[o] != ORIGIN_DEFAULT);
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
    } else if (f == FLD_HOW_MANY && (r == LIST_MOVED || r == LIST_TOGGLE)) {
        wiz_choose_machines(w, (enum machines)sel, fx);
    } else if (f == FLD_LOGIN_BY && (r == LIST_MOVED || r == LIST_TOGGLE)) {
        wiz_choose_login(w, sel);
    } else if (f == FLD_BLOBS && (r == LIST_MOVED || r == LIST_TOGGLE)) {
        wiz_choose_blob(w, sel, fx);
    } else if (f == FLD_TARGETS && (r == LIST_MOVED || r == LIST_TOGGLE)) {
        wiz_choose_target(w, sel, fx);
    } else if (f == FLD_FLAGS && r == LIST_TOGGLE) {
        toggle_flag(w, sel, fx);
    } else if (f == FLD_OUS) {
        if (r == LIST_MOVED || r == LIST_PARENT || r == LIST_TOGGLE)
            wiz_ou_select(w, sel);
        else if (r == LIST_EXPAND || r == LIST_COLLAPSE)
            wiz_ou_toggle(w, r == LIST_EXPAND, fx);
        else if (r == LIST_FILTER)
            wiz_open_prompt(w, PROMPT_FILTER, w->ou_filter);
    }
}

/* Enter on a row. false: it only means "on". */
bool wiz_list_enter(struct wizard *w, enum field f, struct effects *fx)
{
    size_t sel = w->list[f].sel;
    if (f == FLD_BLOBS)
        wiz_choose_blob(w, sel, fx);
    if (f == FLD_TARGETS)
        wiz_choose_target(w, sel, fx);
    if (f == FLD_ROWS || f == FLD_RUN_ROWS || f == FLD_RESULT_ROWS) {
        const struct row_view *row = wizard_row_at(w, sel);
        if (!row || !row->err.code)
            return false;
        wiz_open_details(w, &row->err, false);
        return true;
    }
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
        wiz_visit(w, p, fx);
        for (enum field g = 0; g < FLD__COUNT; g++) {
            if (w->page == p && field_row(g)->page == p && field_row(g)->opt == opt &&
                field_row(g)->kind != FIELD_NOTE && wizard_field_visible(w, g))
                w->focus = (int)g;
        }
    }
    return true;
}
