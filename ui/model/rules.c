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

bool wiz_validate(struct wizard *w, enum page p)
{
    struct err e = {0};
    switch (p) {
    case PAGE_WELCOME:
        if (!wizard_mode_blocked(w, w->mode))
            return true;
        wiz_fault(w, FLD_MODE,
                  mode_row(w->mode)->flow ? SAY_NEEDS_DOMAIN_MEMBER : SAY_CHOOSE_READY);
        return false;
    case PAGE_DOMAIN:
        return validate_domain(w);
    case PAGE_CREDENTIALS:
        return validate_credentials(w);
    case PAGE_NAME: {
        const char *fqdn = settings_get(&w->settings, OPT_FQDN);
        if (!wiz_name_rule(settings_get(&w->settings, OPT_MACHINE_NAME), &e))
            return fault_err(w, FLD_NAME, &e);
        return !*fqdn || name_check_dns(fqdn, &e) == 0 || fault_err(w, FLD_FQDN, &e);
    }
    case PAGE_HOST:
    case PAGE_FLAGS:
        if (settings_check(&w->settings, &e) == 0 || wizard_fault_page(w, &e) != p)
            return true;
        return fault_err(w, wizard_fault_field(w, p, &e), &e);
    case PAGE_REVIEW:
        return settings_check(&w->settings, &e) == 0 || fault_err(w, FLD_REVIEW, &e);
    default:
        return true;
    }
}
