/* Notes about names: what follows from an answer, and what the directory says. */
#include <string.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

static void next_name_note(const struct wizard *w, struct buf *b)
{
    if (!w->have_machine || str_empty(w->machine.next_name) || wizard_flow(w) == FLOW_RENAME)
        return;
    AUTOFREE char *next = words_clean(w->machine.next_name);
    size_t from = b->len;
    buf_printf(b, _("From the next start on this machine is called %s."), next);
    note_foreign(b, from, next);
    buf_str(b, "\n");
}

/* Only whoever sees the owner can tell whether going against the rule is right. */
static void override_note(const struct wizard *w, struct buf *b)
{
    if (settings_bool(&w->settings, OPT_REUSE_OVERRIDE))
        buf_printf(b, "%s %s\n", _("Warning:"),
                   _("the rule that protects accounts of other owners is switched off for this "
                     "join. If the account belongs to another machine, that one loses its "
                     "membership. The log says that this was asked for."));
}

void note_name(const struct wizard *w, struct buf *b)
{
    struct machine_names names;
    struct err e = {0};
    const char *domain =
        w->domain.dns_name ? w->domain.dns_name : settings_get(&w->settings, OPT_DOMAIN);
    if (wizard_flow(w) == FLOW_PROVISION && !*settings_get(&w->settings, OPT_MACHINE_NAME)) {
        buf_printf(b, "%s\n", _("The name that the machine elsewhere has or will have."));
        return;
    }
    if (names_resolve(&w->settings, wizard_host_name(w), domain, &names, &e) < 0) {
        buf_printf(b, "%s %s\n", words_what(&e), words_next(&e));
        return;
    }
    buf_printf(b, "%s%s%s   %s%s%s\n", _("Computer"), words_colon(), names.netbios, _("Account"),
               words_colon(), names.account);
    buf_printf(b, "%s%s%s\n", _("Full host name"), words_colon(), names.fqdn);
    if (names.truncated)
        buf_printf(
            b, "%s\n",
            _("Note: the name is longer than 15 characters; its first 15 are the computer name."));
    next_name_note(w, b);
    override_note(w, b);
    if (wizard_as_machine(w))
        buf_printf(b, "%s\n",
                   _("The account must exist already under this name; whether it does is tried "
                     "before anything is changed."));
    if (w->name_known == KNOWN_FAILED) {
        buf_printf(b, "%s\n", words_what(&w->name_err));
        return;
    }
    if (w->name_known != KNOWN_YES)
        return;
    switch (w->name.state) {
    case NAME_FREE:
        buf_printf(b, "%s\n", _("The name is free."));
        break;
    case NAME_OWN:
        buf_printf(b, "%s\n",
                   wizard_flow(w) == FLOW_PROVISION
                       ? _("The account exists already and will be used again: it gets a new "
                           "password, and a machine that uses it now loses its membership.")
                   : wizard_flow(w) == FLOW_RENAME
                       ? _("The name is this machine's own.")
                       : _("The account exists already and will be taken over: it gets a new "
                           "password."));
        break;
    case NAME_TAKEN:
    case NAME_REFUSED:
        buf_printf(b, "%s %s %s\n", _("Warning:"), words_what(&w->name.why),
                   words_next(&w->name.why));
        break;
    }
    note_line(b, _("Object"), w->name.dn);
    note_line(b, _("Owner"), w->name.owner);
    note_line(b, _("Created by"), w->name.creator);
}

void note_rename_now(const struct wizard *w, struct buf *b)
{
    if (!w->have_machine)
        return;
    note_line(b, _("Present name"), w->machine.host_name);
    note_line(b, _("Computer account"), w->machine.account);
    note_line(b, _("Domain"), w->machine.member_of);
}

void note_rename(const struct wizard *w, struct buf *b)
{
    if (!settings_bool(&w->settings, OPT_FLAG_ACCT_CREATE))
        buf_printf(b, "%s\n",
                   _("Only this machine's host name changes. In the domain it keeps its old name; "
                     "nobody there is asked."));
    note_name(w, b);
}
