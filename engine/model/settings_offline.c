/* What provisioning and applying refuse without looking outside. */
#include "engine/model/settings_offline.h"

#include <string.h>

#include "engine/model/names.h"
#include "engine/model/settings_flags.h"

static bool on(const struct settings *s, enum opt o)
{
    return settings_bool(s, o);
}

static bool given(const struct settings *s, enum opt o)
{
    return *settings_get(s, o);
}

bool settings_is_batch(const struct settings *s)
{
    return given(s, OPT_OFFLINE_BATCH);
}

static bool names_controller(const struct settings *s)
{
    const char *sep = strchr(settings_get(s, OPT_DOMAIN), '\\');
    return given(s, OPT_CONTROLLER) || (sep && sep[1]);
}

static int check_output(const struct settings *s, struct err *e)
{
    if (s->in_memory)
        return 0;
    if (!given(s, OPT_OFFLINE_OUTPUT) && !settings_is_batch(s))
        return settings_refuse(s, e, CAUSE_OFFLINE_OUTPUT_MISSING, OPT_OFFLINE_OUTPUT);
    if (!str_eq(settings_get(s, OPT_OFFLINE_FORMAT), "cms") || given(s, OPT_OFFLINE_RECIPIENTS) ||
        secret_is_set(&s->passphrase) || given(s, OPT_OFFLINE_PASSPHRASE_FILE) ||
        given(s, OPT_OFFLINE_PASSPHRASE_CREDENTIAL))
        return 0;
    return settings_refuse(s, e, CAUSE_PROTECTION_MISSING, OPT_OFFLINE_FORMAT);
}

static int check_provision_flags(const struct settings *s, struct err *e)
{
    if (on(s, OPT_FLAG_PROVISION_DOWNLEVEL_PRIV_SUPPORT) && given(s, OPT_OU))
        return settings_refuse(s, e, CAUSE_DOWNLEVEL_WITH_OU, OPT_OU);
    if (on(s, OPT_FLAG_PROVISION_SKIP_ACCOUNT_SEARCH) && !names_controller(s))
        return settings_refuse(s, e, CAUSE_SKIP_SEARCH_NEEDS_CONTROLLER, OPT_CONTROLLER);
    if (on(s, OPT_FLAG_PROVISION_PERSISTENTSITE) && !given(s, OPT_OFFLINE_SITE))
        return settings_refuse(s, e, CAUSE_PERSISTENT_NEEDS_SITE, OPT_OFFLINE_SITE);
    return 0;
}

/* The data has room for the short name only: a longer one would be another machine's. */
static int check_short_name(const char *name, struct err *e)
{
    if (name_check_computer(name, e) < 0)
        return -1;
    if (strlen(name) <= NAME_NETBIOS_MAX)
        return 0;
    err_cause(e, CAUSE_NAME_TOO_LONG);
    err_fact(e, FACT_NAME, "%s", name);
    return -1;
}

int settings_check_provision(const struct settings *s, struct err *e)
{
    const char *name = settings_get(s, OPT_MACHINE_NAME);
    if (!given(s, OPT_DOMAIN))
        return settings_refuse(s, e, CAUSE_DOMAIN_MISSING, OPT_DOMAIN);
    if (!*name && !settings_is_batch(s))
        return settings_refuse(s, e, CAUSE_PROVISION_NAME_MISSING, OPT_MACHINE_NAME);
    if (name_check_domain(settings_get(s, OPT_DOMAIN), e) < 0)
        return -1;
    if (*name && !strchr(name, '{') && check_short_name(name, e) < 0)
        return -1;
    if (given(s, OPT_FQDN) && name_check_dns(settings_get(s, OPT_FQDN), e) < 0)
        return -1;
    if (check_provision_flags(s, e) < 0 || check_output(s, e) < 0)
        return -1;
    return settings_check_password(s, e);
}

int settings_check_apply(const struct settings *s, struct err *e)
{
    if (!given(s, OPT_OFFLINE_INPUT) && !s->in_memory)
        return settings_refuse(s, e, CAUSE_OFFLINE_INPUT_MISSING, OPT_OFFLINE_INPUT);
    return 0;
}

const char *settings_offline_flag_blocked(const struct settings *s, enum opt o)
{
    switch (o) {
    case OPT_FLAG_PROVISION_DOWNLEVEL_PRIV_SUPPORT:
        return given(s, OPT_OU) ? N_("Not together with an organizational unit.") : NULL;
    case OPT_FLAG_PROVISION_SKIP_ACCOUNT_SEARCH:
        return names_controller(s) ? NULL : N_("Needs the name of a controller.");
    case OPT_FLAG_PROVISION_PERSISTENTSITE:
        return given(s, OPT_OFFLINE_SITE) ? NULL : N_("Needs the site of the machine.");
    case OPT_FLAG_PROVISION_ROOT_CA_CERTS:
        return given(s, OPT_OFFLINE_CERTIFICATE_TEMPLATES)
                   ? N_("Not when certificate templates are named.")
                   : NULL;
    default:
        return NULL;
    }
}
