/* The modes: which there are, which can be chosen, and what choosing one sets. */
#include <string.h>

#include "ui/model/internal.h"

bool wiz_mode_listed(const struct wizard *w, enum mode m)
{
    return m != MODE_RECOVER || (w->have_machine && w->machine.interrupted);
}

enum mode wizard_mode_at(const struct wizard *w, size_t index)
{
    for (enum mode m = 0; m < MODE__COUNT; m++) {
        if (wiz_mode_listed(w, m) && index-- == 0)
            return m;
    }
    return MODE_JOIN;
}

const char *wizard_mode_blocked(const struct wizard *w, enum mode m)
{
    /* It writes files of any name: for whoever stands at a kiosk only where that was configured. */
    enum origin from = w->settings.origin[OPT_OPERATION];
    bool asked = str_eq(settings_get(&w->settings, OPT_OPERATION), "provision") &&
                 (from == ORIGIN_FILE || from == ORIGIN_SET);
    if (m == MODE_PROVISION && settings_bool(&w->settings, OPT_KIOSK) && !asked)
        return N_("not in kiosk mode");
    bool member = w->machine.state == MEMBER_DOMAIN;
    bool of_members = mode_row(m)->flow & (FLOW_LEAVE | FLOW_RENAME | FLOW_ROTATE | FLOW_REPAIR);
    if (!w->have_machine)
        return NULL;
    if (of_members && !member)
        return N_("this machine is in no domain");
    if (of_members && !str_empty(w->machine.other_tool))
        return N_("joined by another program");
    if (m == MODE_WORKGROUP && member)
        return N_("leave the domain first");
    if (m == MODE_JOIN && member && !settings_bool(&w->settings, OPT_FLAG_DOMAIN_JOIN_IF_JOINED))
        return N_("in a domain already");
    return NULL;
}

enum say wizard_mend_blocked(const struct wizard *w, enum mode m)
{
    const struct status_view *s = &w->status_view;
    if (w->status_known != KNOWN_YES)
        return w->status_known == KNOWN_FAILED ? SAY_STATUS_UNKNOWN : SAY_READING_STATUS;
    if (s->state != MEMBER_DOMAIN)
        return SAY_NEEDS_DOMAIN_MEMBER;
    if (!str_empty(w->machine.other_tool))
        return SAY_OTHER_TOOL;
    switch (s->mend) {
    case MEND_WAIT:
        return SAY_MEND_WAIT;
    case MEND_NOTHING:
        return m == MODE_REPAIR ? SAY_NOTHING_TO_MEND : SAY_NOTHING;
    case MEND_FILES:
        return SAY_NOTHING;
    case MEND_ACCOUNT:
    case MEND_REJOIN:
        return m == MODE_REPAIR ? SAY_NOTHING : SAY_REPAIR_FIRST;
    }
    return SAY_NOTHING;
}

/* Flags of the mode that was meant before would be refused in this one. */
static void drop_foreign_flags(struct wizard *w)
{
    unsigned op = settings_op(&w->settings);
    struct err ignored = {0};
    for (size_t i = 0; i < flag_count(); i++) {
        enum opt o = flag_at(i)->opt;
        if (!(flag_at(i)->ops & op) && w->settings.origin[o] != ORIGIN_DEFAULT)
            (void)!settings_set(&w->settings, o, opt_row(o)->def, ORIGIN_DEFAULT, &ignored);
    }
}

/* The name of a machine elsewhere is not this one's, nor the other way round. */
void wiz_drop_typed_names(struct wizard *w)
{
    static const enum opt names[] = {OPT_MACHINE_NAME, OPT_FQDN, OPT_DESCRIPTION};
    struct err ignored = {0};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (w->settings.origin[names[i]] == ORIGIN_USER)
            (void)!settings_set(&w->settings, names[i], "", ORIGIN_DEFAULT, &ignored);
    }
    wiz_clear_name(w);
    w->name_warned = false;
}

void wiz_choose_mode(struct wizard *w)
{
    const char *op = w->mode == MODE_CHECK ? "join" : mode_row(w->mode)->operation,
               *before = settings_get(&w->settings, OPT_OPERATION);
    if (op && !str_eq(op, before)) {
        if (str_eq(op, "provision") || str_eq(before, "provision"))
            wiz_drop_typed_names(w);
        wiz_set_opt(w, OPT_OPERATION, op);
        drop_foreign_flags(w);
    }
    enum origin from = w->settings.origin[OPT_DOMAIN];
    bool member = wizard_flow(w) & (FLOW_LEAVE | FLOW_RENAME | FLOW_ROTATE | FLOW_REPAIR);
    if (member && w->have_machine && !str_empty(w->machine.member_of) &&
        (from == ORIGIN_DEFAULT || from == ORIGIN_USER))
        wiz_set_opt(w, OPT_DOMAIN, w->machine.member_of);
    /* Unprotected data is a password that travels: whoever wants it that way says so. */
    if (w->mode == MODE_PROVISION && w->settings.origin[OPT_OFFLINE_FORMAT] == ORIGIN_DEFAULT)
        wiz_set_opt(w, OPT_OFFLINE_FORMAT, "cms");
}
