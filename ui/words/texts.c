/* Long texts: help, details, questions; buttons. */
#include <string.h>
#include <time.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static char *finish(struct buf *b)
{
    char *s = buf_steal(b);
    return s ? s : xstrdup("");
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
        buf_printf(b, "  %s%s%s\n", keys, words_colon(), _(info->help));
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

/* The settings of a host are those of the system that the data goes into. */
const char *words_page(const struct wizard *w, enum page p)
{
    bool elsewhere = wizard_flow(w) == FLOW_APPLY && !wizard_target_live(w);
    return p == PAGE_HOST && elsewhere ? _("The system to enrol") : _(page_title(p));
}

/* What a button does; "" where its words say it. */
static const char *button_help(const struct wizard *w, enum button b)
{
    static const char *const texts[BTN__COUNT] = {
        [BTN_TEST] = N_("Tries the login at the domain controller. Nothing is changed."),
        [BTN_SAVE] = N_("Writes the answers, without any password, to /etc/joinery/answers.ini. "
                        "joinery --unattended --config with that file does the same again."),
        [BTN_RETRY] = N_("Does the same again. The answers stay as they are."),
        [BTN_CHANGE] = N_("Opens the page whose answer is at fault, and comes back from there."),
        [BTN_LOG] = N_("Shows what was done and decided so far, line by line."),
        [BTN_DETAILS] = N_("Shows what the server or library said, in its own words."),
        [BTN_BACK] = N_("One page back. Every answer stays, only a password is forgotten."),
        [BTN_CANCEL] = N_("Asks whether to end the wizard, and says first what that would do."),
        [BTN_QUIT] = N_("Ends the program."),
        [BTN_RESTART_LATER] = N_("Ends the program; you restart the machine when it suits."),
        [BTN_RESTART_NOW] = N_("Restarts this machine at once."),
        [BTN_ANOTHER] = N_("The same for a machine of another name. The domain, the place and the "
                           "format stay; the password is asked for again."),
    };
    if (b == BTN_NEXT)
        return w->page == PAGE_REVIEW ? _("Begins the work that this page lists.")
                                      : _("Looks at the answers of this page and goes on.");
    return texts[b] ? _(texts[b]) : "";
}

char *words_help(const struct wizard *w, bool function_keys)
{
    struct buf b = BUF_INIT(65536);
    int f = w->under_focus;
    if (f >= 0 && f < FLD__COUNT) {
        const struct field_row *row = field_row((enum field)f);
        buf_printf(&b, "%s\n%s\n", _(wizard_label(w, (enum field)f)), _(row->help));
        if (f == FLD_FLAGS) {
            const struct flag_row *flag = wizard_flag_at(w, w->list[FLD_FLAGS].sel);
            buf_printf(&b, "\n%s (%s, 0x%X)\n%s\n", _(flag->label), flag->symbol, flag->value,
                       _(flag->effect));
        }
    } else if (f >= FOCUS_BUTTON && f < FOCUS_BUTTON + BTN__COUNT) {
        AUTOFREE char *label = words_button(w, (enum button)(f - FOCUS_BUTTON));
        buf_printf(&b, "%s\n%s\n", label, button_help(w, (enum button)(f - FOCUS_BUTTON)));
    } else {
        buf_printf(&b, "%s\n", words_page(w, w->page));
    }
    help_notes(w, &b);
    help_keys(&b, function_keys);
    return finish(&b);
}

/* Lines of a file: tabs are wanted there, other control characters are shown. */
static void change(struct buf *b, const struct change_view *c)
{
    AUTOFREE char *object = words_clean(c->object);
    buf_printf(b, "%s%s%s\n", words_change_kind(c->kind), words_colon(), object);
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

/* What the button that changes things does, in one word and its object. */
static char *verb(const struct wizard *w)
{
    const struct settings *s = &w->settings;
    bool found = w->domain.dns_name && *w->domain.dns_name && wizard_flow(w) == FLOW_JOIN;
    AUTOFREE char *d = words_clean(found ? w->domain.dns_name : settings_get(s, OPT_DOMAIN));
    if (w->page != PAGE_REVIEW)
        return xstrdup(_("Next"));
    switch (wizard_flow(w)) {
    case FLOW_LEAVE:
        return xasprintf(_("Leave %s"), d);
    case FLOW_WORKGROUP: {
        AUTOFREE char *group = words_clean(settings_get(s, OPT_WORKGROUP));
        return xasprintf(_("Set workgroup %s"), group);
    }
    case FLOW_RENAME: {
        AUTOFREE char *name = words_clean(settings_get(s, OPT_MACHINE_NAME));
        return *name ? xasprintf(_("Rename to %s"), name) : xstrdup(_("Rename"));
    }
    case FLOW_PROVISION: {
        AUTOFREE char *name = words_clean(settings_get(s, OPT_MACHINE_NAME));
        unsigned long n = w->offline.n_rows - wizard_rows_bad(w);
        return wizard_batch(w) ? xasprintf(P_("Prepare %lu machine", "Prepare %lu machines", n), n)
                               : xasprintf(_("Prepare %s"), name);
    }
    case FLOW_APPLY:
        return xstrdup(wizard_target_live(w) ? _("Apply to this machine") : _("Apply"));
    case FLOW_ROTATE:
        return xstrdup(_("Set a new password"));
    case FLOW_REPAIR:
        return xstrdup(_("Repair"));
    default:
        return xasprintf(_("Join %s"), d);
    }
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
        [BTN_REPAIR] = N_("Repair"),
        [BTN_ROTATE] = N_("New machine password"),
        [BTN_ANOTHER] = N_("Prepare another machine"),
        [BTN_BACK] = N_("Back"),
        [BTN_CANCEL] = N_("Cancel"),
        [BTN_QUIT] = N_("Quit"),
        [BTN_RESTART_LATER] = N_("Later"),
        [BTN_RESTART_NOW] = N_("Restart now"),
    };
    if (b == BTN_NEXT)
        return verb(w);
    if (b == BTN_RETRY && w->page == PAGE_PROGRESS)
        return xstrdup(_("Try now"));
    if (b == BTN_RETRY && (w->page == PAGE_DATA || w->page == PAGE_TARGET))
        return xstrdup(_("Look again"));
    if (b == BTN_RETRY && w->page == PAGE_RESULT && wizard_batch(w))
        return xstrdup(_("Go on with the list"));
    if (b == BTN_RETRY && (w->page == PAGE_REVIEW || w->page == PAGE_NETWORK ||
                           w->page == PAGE_CHECKS || w->page == PAGE_STATUS))
        return xstrdup(_("Check again"));
    return xstrdup(_(labels[b]));
}

/* What stopping now would do. */
static const char *cancel_effect(const struct wizard *w)
{
    bool join = wizard_flow(w) & (FLOW_JOIN | FLOW_REPAIR | FLOW_RECOVER);
    if (wizard_batch(w))
        return _("Machines that are done stay done. The same list again goes on with the others "
                 "and makes nothing twice.");
    if (w->stop_effect == CANCEL_DELETES_ACCOUNT && wizard_flow(w) == FLOW_PROVISION)
        return _("Stopping now deletes the computer account that was just created.");
    switch (w->stop_effect) {
    case CANCEL_NOTHING_CHANGED:
        return _("Nothing has been changed yet. Stopping now leaves this machine and the directory "
                 "as they were.");
    case CANCEL_UNDOES:
        return join
                   ? _("Stopping now undoes what was done on this machine. A computer account that "
                       "already got its new "
                       "password keeps it, because the old one cannot be brought back; joining "
                       "again "
                       "makes use of it.")
                   : _("Stopping now undoes what was done so far.");
    case CANCEL_DELETES_ACCOUNT:
        return _("Stopping now undoes what was done on this machine and deletes the computer "
                 "account that was just "
                 "created.");
    case CANCEL_NOT_POSSIBLE:
        break;
    }
    return _("The work is all but done; this cannot be stopped any more.");
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
        q.text = xstrdup(cancel_effect(w));
        q.answers[0] = _("Keep waiting");
        q.answers[1] = wizard_batch(w) ? _("Stop") : _("Stop and undo");
        break;
    case ASK_REJOIN: {
        AUTOFREE char *member = words_clean(w->machine.member_of);
        q.title = xstrdup(_("Join again?"));
        q.text =
            xasprintf(_("This machine is a member of %s already. Status and Repair need no new "
                        "join. Joining again replaces the present membership "
                        "(NETSETUP_DOMAIN_JOIN_IF_JOINED)."),
                      member);
        q.answers[0] = _("No");
        q.answers[1] = _("Join again");
        break;
    }
    case ASK_READONLY:
        q.title = xstrdup(_("Join through it?"));
        q.text =
            xstrdup(_("This domain controller is read-only: it makes no accounts. Joining through "
                      "it needs an account that was prepared for this machine, whose password "
                      "is kept there and known to you."));
        q.answers[0] = _("No");
        q.answers[1] = _("Join read-only");
        break;
    case ASK_REUSE: {
        AUTOFREE char *dn = words_clean(w->name.dn);
        q.title = xstrdup(_("Use the account again?"));
        q.text = xasprintf(_("There is a computer account of this name already: %s. Used again, it "
                             "gets a new password, and a machine that uses it now loses its "
                             "membership."),
                           dn);
        q.answers[0] = _("Another name");
        q.answers[1] = _("Use it again");
        break;
    }
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
