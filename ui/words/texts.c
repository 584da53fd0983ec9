/* Long texts: result, status, help, details, questions; buttons. */
#include <string.h>
#include <time.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static char *finish(struct buf *b)
{
    char *s = buf_steal(b);
    return s ? s : xstrdup("");
}

static void head(struct buf *b, const char *text)
{
    buf_printf(b, "%s\n", text);
}

/* Part four of an error: what was changed and what of it was taken back. */
static void changed(const struct wizard *w, struct buf *b)
{
    const char *undone = err_fact_get(&w->result, FACT_UNDONE),
               *left = err_fact_get(&w->result, FACT_LEFT);
    bool touched = false;
    for (size_t i = 0; i < w->n_steps; i++) {
        if (!words_step_changes(w->steps[i].step))
            continue;
        enum step_state s = w->steps[i].state;
        touched =
            touched || s == STEP_OK || s == STEP_UNDONE || s == STEP_FAILED || s == STEP_NOTICE;
    }
    buf_printf(b, "%s\n", words_undone(touched, w->undone, w->directory_changed));
    if (undone) {
        AUTOFREE char *t = words_clean(undone);
        buf_printf(b, "%s: %s\n", _(fact_label(FACT_UNDONE)), t);
    }
    if (left) {
        AUTOFREE char *t = words_clean(*left ? _(left) : left);
        buf_printf(b, "%s: %s\n", _(fact_label(FACT_LEFT)), t);
    }
}

static void failure(const struct wizard *w, struct buf *b)
{
    AUTOFREE char *code = words_code(&w->result), *when = words_time((int64_t)time(NULL));
    head(b, w->result.code == CODE_ERROR_CANCELLED ? _("Stopped") : _("What failed"));
    if (w->failed_step < STEP__COUNT) {
        const struct step_row *s = step_row(w->failed_step);
        buf_printf(b, _("Step %d, %s:"), s->number, _(s->label));
        buf_str(b, " ");
    }
    buf_printf(b, "%s\n\n", words_what(&w->result));
    head(b, _("Why"));
    buf_printf(b, "%s\n", words_why(&w->result));
    for (unsigned i = 0; i < w->result.n_facts; i++) {
        enum fact f = w->result.facts[i].label;
        if (f == FACT_UNDONE || f == FACT_LEFT)
            continue;
        AUTOFREE char *value = words_clean(w->result.facts[i].value);
        buf_printf(b, "  %s: %s\n", _(fact_label(f)), value);
    }
    buf_str(b, "\n");
    head(b, _("What to do now"));
    buf_printf(b, "%s\n\n", words_next(&w->result));
    head(b, _("What was changed"));
    changed(w, b);
    buf_str(b, "\n");
    buf_printf(b, "%s %s\n", _("Code:"), code);
    buf_printf(b, "%s %s\n", _("Time:"), when);
    buf_printf(b, "%s %s\n", _("Log:"), w->log_path ? w->log_path : _("no log file"));
}

static void success(const struct wizard *w, struct buf *b)
{
    const struct settings *s = &w->settings;
    const char *domain = w->domain.dns_name && *w->domain.dns_name ? w->domain.dns_name
                                                                   : settings_get(s, OPT_DOMAIN);
    AUTOFREE char *d = words_clean(domain);
    AUTOFREE char *time_used = words_elapsed(w->run_ms);
    switch (wizard_flow(w)) {
    case FLOW_LEAVE:
        buf_printf(
            b, "%s\n\n",
            _("This machine has left the domain. Its files are as they were before the join."));
        break;
    case FLOW_RECOVER:
        buf_printf(b, "%s\n\n", _("The interrupted operation has been brought to an end."));
        break;
    default: {
        struct machine_names names;
        struct err e = {0};
        buf_printf(b, _("This machine is now a member of the domain %s."), d);
        buf_str(b, "\n\n");
        if (names_resolve(s, w->have_machine ? w->machine.host_name : "", domain, &names, &e) ==
            0) {
            buf_printf(b, "%s: %s\n", _("Computer account"), names.account);
            buf_printf(b, "%s: host/%s\n", _("Host principal"), names.fqdn);
        }
        if (!str_eq(settings_get(s, OPT_IDENTITY), "none"))
            /* TRANSLATORS: the user name of an example; ASCII letters only. */
            buf_printf(b, "%s: %s%s%s\n", _("Log in as, for example"), _("anna"),
                       settings_bool(s, OPT_SHORT_NAMES) ? "" : "@",
                       settings_bool(s, OPT_SHORT_NAMES) ? "" : d);
        buf_printf(b, "%s: %s\n", _("May log in"), words_value(s, OPT_LOGIN));
        break;
    }
    }
    buf_printf(b, "%s: %s\n", _("Time used"), time_used);
    buf_printf(b, "%s %s\n", _("Log:"), w->log_path ? w->log_path : _("no log file"));
    if (w->restart_needed)
        buf_printf(b, "\n%s\n", _("A restart is needed before every program knows of the domain."));
    if (w->notice.code) {
        buf_printf(b, "\n%s\n", _("One part did not work; the membership does not depend on it:"));
        buf_printf(b, "%s %s\n", words_what(&w->notice), words_next(&w->notice));
        words_facts(b, &w->notice, "  ");
    }
}

char *words_result(const struct wizard *w)
{
    struct buf b = BUF_INIT(65536);
    if (w->result.code)
        failure(w, &b);
    else
        success(w, &b);
    return finish(&b);
}

static void field(struct buf *b, const char *label, const char *value)
{
    AUTOFREE char *v = words_clean(value);
    if (*v)
        buf_printf(b, "%s: %s\n", label, v);
}

char *words_status(const struct status_view *s)
{
    struct buf b = BUF_INIT(65536);
    switch (s->state) {
    case MEMBER_DOMAIN:
        head(&b, _("This machine is a member of a domain."));
        break;
    case MEMBER_WORKGROUP:
        head(&b, _("This machine is in a workgroup."));
        break;
    case MEMBER_NONE:
        head(&b, _("This machine is a member of no domain."));
        break;
    }
    field(&b, _("Domain"), s->domain);
    field(&b, _("Realm"), s->realm);
    field(&b, _("Short name"), s->netbios);
    field(&b, _("Computer"), s->computer);
    field(&b, _("Full host name"), s->fqdn);
    field(&b, _("Directory object"), s->account_dn);
    field(&b, _("Site"), s->site);
    field(&b, _("Domain controller"), s->controller);
    if (s->joined_at) {
        AUTOFREE char *t = words_time(s->joined_at);
        field(&b, _("Member since"), t);
    }
    if (s->interrupted)
        buf_printf(&b, "\n%s\n",
                   _("Warning: an interrupted operation waits. Run joinery --recover."));
    if (s->n_checks)
        buf_str(&b, "\n");
    for (size_t i = 0; i < s->n_checks; i++) {
        words_verdict_line(&b, &s->checks[i]);
        buf_str(&b, "\n");
    }
    return finish(&b);
}

static void help_keys(struct buf *b, bool function_keys)
{
    (void)function_keys;
    buf_printf(b, "\n%s\n", _("Keys"));
    for (enum action a = ACT_NONE + 1; a < ACT_CHAR; a++) {
        const struct action_info *info = action_info(a);
        char keys[80];
        if (!info)
            continue;
        keys_all_labels(a, keys, sizeof keys);
        buf_printf(b, "  %s: %s\n", keys, _(info->help));
    }
}

/* What stands below the fields may be cut on a small screen; here it scrolls. */
static void help_notes(const struct wizard *w, struct buf *b)
{
    enum field fields[FLD__COUNT];
    size_t n = wizard_fields(w, w->page, fields, FLD__COUNT);
    for (size_t i = 0; i < n; i++) {
        if (field_row(fields[i])->kind != FIELD_NOTE)
            continue;
        AUTOFREE char *text = words_note(w, fields[i]);
        if (*text)
            buf_printf(b, "\n%s", text);
    }
}

char *words_help(const struct wizard *w, bool function_keys)
{
    struct buf b = BUF_INIT(65536);
    int f = w->under_focus;
    if (f >= 0 && f < FLD__COUNT) {
        const struct field_row *row = field_row((enum field)f);
        buf_printf(&b, "%s\n%s\n", _(row->label), _(row->help));
        if (f == FLD_FLAGS) {
            const struct flag_row *flag = flag_at(w->list[FLD_FLAGS].sel);
            buf_printf(&b, "\n%s (%s, 0x%X)\n%s\n", _(flag->label), flag->symbol, flag->value,
                       _(flag->effect));
        }
    } else {
        buf_printf(&b, "%s\n", _(page_title(w->page)));
    }
    help_notes(w, &b);
    help_keys(&b, function_keys);
    return finish(&b);
}

/* Lines of a file: tabs are wanted there, other control characters are shown. */
static void change(struct buf *b, const struct change_view *c)
{
    AUTOFREE char *object = words_clean(c->object);
    buf_printf(b, "%s: %s\n", words_change_kind(c->kind), object);
    if (c->what && *c->what)
        buf_printf(b, "%s\n", _(c->what));
    buf_str(b, "\n");
    for (const char *p = c->detail ? c->detail : ""; *p;) {
        size_t len = strcspn(p, "\n");
        AUTOFREE char *line = xstrndup(p, len);
        for (char *t = line; *t; t++)
            *t = *t == '\t' ? ' ' : *t;
        AUTOFREE char *clean = words_clean(line);
        buf_printf(b, "%s\n", clean);
        p += len + (p[len] == '\n');
    }
}

char *words_details(const struct wizard *w)
{
    struct buf b = BUF_INIT(1 << 20);
    if (w->details_change) {
        change(&b, w->details_change);
    } else if (w->details_raw) {
        AUTOFREE char *raw = words_raw(&w->details);
        buf_printf(&b, "%s\n%s\n", _("What the server or library said, in its own words:"), raw);
    } else {
        words_error(&b, &w->details);
    }
    return finish(&b);
}

static char *verb(const struct wizard *w)
{
    AUTOFREE char *d = words_clean(settings_get(&w->settings, OPT_DOMAIN));
    if (w->page != PAGE_REVIEW)
        return xstrdup(_("Next"));
    if (w->mode == MODE_LEAVE)
        return xasprintf(_("Leave %s"), d);
    return xasprintf(_("Join %s"), d);
}

char *words_button(const struct wizard *w, enum button b)
{
    static const char *const labels[] = {
        [BTN_TEST] = N_("Test"),
        [BTN_SAVE] = N_("Save answers"),
        [BTN_RETRY] = N_("Retry"),
        [BTN_CHANGE] = N_("Change settings"),
        [BTN_LOG] = N_("View log"),
        [BTN_DETAILS] = N_("Details"),
        [BTN_BACK] = N_("Back"),
        [BTN_CANCEL] = N_("Cancel"),
        [BTN_QUIT] = N_("Quit"),
        [BTN_RESTART_LATER] = N_("Later"),
        [BTN_RESTART_NOW] = N_("Restart now"),
    };
    if (b == BTN_NEXT)
        return verb(w);
    if (b == BTN_RETRY && (w->page == PAGE_REVIEW || w->page == PAGE_NETWORK ||
                           w->page == PAGE_CHECKS || w->page == PAGE_STATUS))
        return xstrdup(_("Check again"));
    return xstrdup(_(labels[b]));
}

struct words_question words_question(const struct wizard *w)
{
    struct words_question q = {0};
    AUTOFREE char *object = words_clean(w->ask_object);
    switch (w->question) {
    case ASK_QUIT:
        q.title = xstrdup(_("Cancel the wizard?"));
        q.text =
            xstrdup(_("Nothing has been changed. Your answers are lost unless you saved them."));
        q.answers[0] = _("Go on");
        q.answers[1] = _("Cancel the wizard");
        break;
    case ASK_STOP:
        q.title = xstrdup(_("Stop?"));
        q.text = xstrdup(words_cancel_effect(w->stop_effect));
        q.answers[0] = _("Keep waiting");
        q.answers[1] = _("Stop and undo");
        break;
    case ASK_ENGINE:
        if (w->ask == ASK_DELETE_CREATED) {
            q.title = xstrdup(_("Delete the new account?"));
            q.text = xasprintf(_("The computer account that was just made is of no use now: %s"),
                               object);
            q.answers[0] = _("Keep it");
            q.answers[1] = _("Delete it");
        } else {
            q.title = xstrdup(_("Keep the membership?"));
            q.text = xasprintf(_("The machine was joined, but the proof of it failed: %s"), object);
            q.answers[0] = _("Undo it");
            q.answers[1] = _("Keep it");
        }
        break;
    }
    return q;
}
