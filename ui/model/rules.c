/* What can be said about answers without asking anybody. */
#include <string.h>

#include "engine/model/names.h"
#include "ui/model/internal.h"

bool wiz_name_rule(const char *name, struct err *e)
{
    /* Empty means the host's name; braces stand for templates such as kiosk-{serial}, resolved
     * later. */
    return !*name || strchr(name, '{') || name_check_computer(name, e) == 0;
}

static bool fault_err(struct wizard *w, enum field f, const struct err *e)
{
    wiz_fault(w, f, SAY_FAILED);
    w->message_err = *e;
    return false;
}

static bool validate_domain(struct wizard *w)
{
    const char *name = settings_get(&w->settings, OPT_DOMAIN);
    if (!*name) {
        wiz_fault(w, FLD_DOMAIN, SAY_NEEDED);
        return false;
    }
    struct err e = {0};
    return name_check_domain(name, &e) == 0 || fault_err(w, FLD_DOMAIN, &e);
}

static bool validate_credentials(struct wizard *w)
{
    const struct settings *s = &w->settings;
    bool typed = secret_is_set(&w->password.value);
    if (wizard_as_machine(w)) {
        if (!wizard_machine_password(w) || typed || w->password_kept)
            return true;
        wiz_fault(w, FLD_PASSWORD, SAY_MACHINE_PASSWORD_NEEDED);
        return false;
    }
    if (wizard_login_by(w) == LOGIN_KEYTAB && !*settings_get(s, OPT_KEYTAB)) {
        wiz_fault(w, FLD_KEYTAB, SAY_NEEDED);
        return false;
    }
    if (!*settings_get(s, OPT_ACCOUNT)) {
        if (!typed)
            return true;
        wiz_fault(w, FLD_ACCOUNT, SAY_NEEDED);
        return false;
    }
    if (typed || w->password_kept || *settings_get(s, OPT_KEYTAB))
        return true;
    wiz_fault(w, FLD_PASSWORD, SAY_PASSWORD_NEEDED);
    return false;
}

static bool validate_names(struct wizard *w, enum field name, enum field fqdn)
{
    struct err e = {0};
    const char *full = settings_get(&w->settings, OPT_FQDN);
    if (!wiz_name_rule(settings_get(&w->settings, OPT_MACHINE_NAME), &e))
        return fault_err(w, name, &e);
    return !*full || name_check_dns(full, &e) == 0 || fault_err(w, fqdn, &e);
}

static enum say mode_trouble(const struct wizard *w)
{
    if (w->mode == MODE_WORKGROUP)
        return SAY_NEEDS_NO_DOMAIN;
    if (w->mode == MODE_PROVISION)
        return SAY_NOT_IN_KIOSK;
    return w->machine.state == MEMBER_DOMAIN ? SAY_OTHER_TOOL : SAY_NEEDS_DOMAIN_MEMBER;
}

static bool validate_mode(struct wizard *w)
{
    if (!wizard_mode_blocked(w, w->mode))
        return true;
    if (w->mode == MODE_JOIN)
        wiz_ask(w, ASK_REJOIN);
    else
        wiz_fault(w, FLD_MODE, mode_trouble(w));
    return false;
}

/* The rules of the whole, as far as this page can cure a breach of them. */
static bool validate_whole(struct wizard *w, enum page p)
{
    struct err e = {0};
    if (settings_check(&w->settings, &e) == 0 || wizard_fault_page(w, &e) != p)
        return true;
    return fault_err(w, wizard_fault_field(w, p, &e), &e);
}

static bool validate_needed(struct wizard *w, enum field f)
{
    if (!wizard_field_visible(w, f) || *settings_get(&w->settings, field_row(f)->opt))
        return true;
    wiz_fault(w, f, SAY_NEEDED);
    return false;
}

bool wiz_validate(struct wizard *w, enum page p)
{
    struct err e = {0};
    switch (p) {
    case PAGE_WELCOME:
        return validate_mode(w);
    case PAGE_DOMAIN:
        return validate_domain(w);
    case PAGE_CREDENTIALS:
        return validate_credentials(w);
    case PAGE_NAME:
        if (wizard_flow(w) == FLOW_PROVISION && !*settings_get(&w->settings, OPT_MACHINE_NAME)) {
            wiz_fault(w, FLD_NAME, SAY_NEEDED);
            return false;
        }
        return validate_names(w, FLD_NAME, FLD_FQDN);
    case PAGE_RENAME:
        return validate_names(w, FLD_RENAME_NAME, FLD_RENAME_FQDN) && validate_whole(w, p);
    case PAGE_WORKGROUP:
        if (!*settings_get(&w->settings, OPT_WORKGROUP)) {
            wiz_fault(w, FLD_WORKGROUP, SAY_NEEDED);
            return false;
        }
        if (wizard_workgroup_check(w, &e) < 0)
            return fault_err(w, FLD_WORKGROUP, &e);
        return validate_whole(w, p);
    case PAGE_MACHINES:
        return validate_needed(w, FLD_BATCH) && validate_needed(w, FLD_SAVE_LIST);
    case PAGE_DATA:
        return validate_needed(w, FLD_INPUT);
    case PAGE_PACKAGE:
        return wiz_validate_package(w) && validate_whole(w, p);
    case PAGE_LEAVE:
    case PAGE_PARTS:
    case PAGE_HOST:
    case PAGE_FLAGS:
        return validate_whole(w, p);
    case PAGE_REVIEW:
        return settings_check(&w->settings, &e) == 0 || fault_err(w, FLD_REVIEW, &e);
    default:
        return true;
    }
}
