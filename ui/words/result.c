/* How the work ended. */
#include <string.h>
#include <time.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "engine/model/settings_flags.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

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
        buf_printf(b, "%s%s%s\n", _(fact_label(FACT_UNDONE)), words_colon(), t);
    }
    if (left) {
        AUTOFREE char *t = words_clean(*left ? _(left) : left);
        buf_printf(b, "%s%s%s\n", _(fact_label(FACT_LEFT)), words_colon(), t);
    }
}

static void when_and_where(const struct wizard *w, struct buf *b)
{
    AUTOFREE char *code = words_code(&w->result), *when = words_time((int64_t)time(NULL));
    buf_printf(b, "%s %s\n", _("Code:"), code);
    buf_printf(b, "%s %s\n", _("Time:"), when);
    buf_printf(b, "%s %s\n", _("Log:"), w->log_path ? w->log_path : _("no log file"));
}

/* A list that got as far as its machines: what counts is what became of them. */
static void list_failure(const struct wizard *w, struct buf *b)
{
    bool stopped = w->result.code == CODE_ERROR_CANCELLED;
    head(b, stopped ? _("Stopped") : _("Not every machine is prepared"));
    result_list(w, b);
    if (w->offline.rate.failed && !w->by_line)
        buf_printf(b, "%s\n", _("Enter on a machine below shows why it failed and what to do."));
    buf_str(b, "\n");
    if (!stopped) {
        buf_printf(b, "%s %s\n", words_what(&w->result), words_next(&w->result));
        words_facts(b, &w->result, "  ");
    }
    when_and_where(w, b);
    result_list_data(w, b);
}

static void failure(const struct wizard *w, struct buf *b)
{
    if (wizard_batch(w) && w->offline.have_rate) {
        list_failure(w, b);
        return;
    }
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
        buf_printf(b, "  %s%s%s\n", _(fact_label(f)), words_colon(), value);
    }
    buf_str(b, "\n");
    head(b, _("What to do now"));
    buf_printf(b, "%s\n\n", words_next(&w->result));
    head(b, _("What was changed"));
    changed(w, b);
    buf_str(b, "\n");
    when_and_where(w, b);
}

static void names_of(const struct wizard *w, const char *domain, struct buf *b)
{
    struct machine_names names;
    struct err e = {0};
    if (names_resolve(&w->settings, wizard_host_name(w), domain, &names, &e) < 0)
        return;
    buf_printf(b, "%s%s%s\n", _("Computer account"), words_colon(), names.account);
    buf_printf(b, "%s%shost/%s\n", _("Host principal"), words_colon(), names.fqdn);
}

static void left_domain(const struct wizard *w, struct buf *b)
{
    buf_printf(b, "%s\n\n",
               _("This machine has left the domain. Its files are as they were before the join."));
    if (settings_bool(&w->settings, OPT_FLAG_ACCT_DELETE))
        buf_printf(b, "%s\n\n", words_rejoin());
}

/* Why a restart is asked for. */
const char *words_restart(const struct wizard *w)
{
    switch (wizard_flow(w)) {
    case FLOW_LEAVE:
        return _("A restart is needed before every program has forgotten the domain.");
    case FLOW_WORKGROUP:
        return _("A restart is needed before every program knows of the workgroup.");
    case FLOW_RENAME:
        return _("A restart is needed before every program knows of the new name.");
    default:
        return _("A restart is needed before every program knows of the domain.");
    }
}

const char *words_rejoin(void)
{
    return _("Do not join again under the same name at once: until every domain controller knows "
             "of the change (usually 15 minutes), one of them may still have the old account.");
}

static void success(const struct wizard *w, struct buf *b)
{
    const struct settings *s = &w->settings;
    const char *domain = w->domain.dns_name && *w->domain.dns_name ? w->domain.dns_name
                                                                   : settings_get(s, OPT_DOMAIN);
    AUTOFREE char *d = words_clean(domain), *group = words_clean(settings_get(s, OPT_WORKGROUP));
    AUTOFREE char *time_used = words_elapsed(w->run_ms);
    switch (wizard_flow(w)) {
    case FLOW_LEAVE:
        left_domain(w, b);
        break;
    case FLOW_RECOVER:
        buf_printf(b, "%s\n\n",
                   w->undone ? _("The interrupted operation was undone: this machine is as it was "
                                 "before it.")
                             : _("The interrupted operation has been brought to an end."));
        break;
    case FLOW_WORKGROUP:
        buf_printf(b, _("This machine is in the workgroup %s now."), group);
        buf_str(b, "\n\n");
        break;
    case FLOW_RENAME:
        buf_printf(b, "%s\n\n", _("This machine has its new name."));
        names_of(w, domain, b);
        break;
    case FLOW_ROTATE:
        buf_printf(b, "%s\n\n",
                   _("This machine has a new password. Its keytab holds the new key, and the "
                     "membership was proved with it."));
        break;
    case FLOW_REPAIR:
        buf_printf(b, "%s\n\n", _("The membership works again; it was proved."));
        break;
    case FLOW_PROVISION:
    case FLOW_APPLY:
        (void)result_offline(w, b);
        break;
    default:
        buf_printf(b, _("This machine is now a member of the domain %s."), d);
        buf_str(b, "\n\n");
        names_of(w, domain, b);
        if (!str_eq(settings_get(s, OPT_IDENTITY), "none"))
            /* TRANSLATORS: the user name of an example; ASCII letters only. */
            buf_printf(b, "%s%s%s%s%s\n", _("Log in as, for example"), words_colon(), _("anna"),
                       settings_bool(s, OPT_SHORT_NAMES) ? "" : "@",
                       settings_bool(s, OPT_SHORT_NAMES) ? "" : d);
        buf_printf(b, "%s%s%s\n", _("May log in"), words_colon(), words_value(s, OPT_LOGIN));
        if (!wizard_kiosk(w))
            buf_printf(
                b, "%s\n",
                _("To undo this later, start Joinery again and choose \"Leave the domain\"."));
        if (settings_defer_names(s))
            buf_printf(b, "\n%s\n",
                       _("The service names were left for later: services here cannot be reached "
                         "by Kerberos until Rename sets them; the name may stay the same."));
        break;
    }
    buf_printf(b, "%s%s%s\n", _("Time used"), words_colon(), time_used);
    buf_printf(b, "%s %s\n", _("Log:"), w->log_path ? w->log_path : _("no log file"));
    if (w->restart_needed)
        buf_printf(b, "\n%s\n", words_restart(w));
    /* How the keys are numbered was said above. */
    if (w->notice.code && w->notice.cause != CAUSE_KEY_NUMBER_GUESSED) {
        buf_printf(b, "\n%s\n",
                   wizard_flow(w) & (FLOW_PROVISION | FLOW_APPLY)
                       ? _("Please note:")
                       : _("One part did not work; the membership does not depend on it:"));
        /* What to do about lacking packages is said for a refusal: this work is done. */
        bool advice = w->notice.cause != CAUSE_PACKAGE_MISSING;
        buf_printf(b, "%s %s\n", words_what(&w->notice), advice ? words_next(&w->notice) : "");
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
    char *s = buf_steal(&b);
    return s ? s : xstrdup("");
}
