/* The rules of NetJoinDomain's flags that need no look outside, [MS-WKST] 3.2.4.13.3 in its order.
 */
#include "engine/model/settings_flags.h"

#include <stdio.h>
#include <string.h>

#include "engine/model/names.h"
#include "engine/wire/dn.h"

#define PASSWORD_UNITS_MAX 256 /* JOINPR_USER_PASSWORD, [MS-WKST] 2.2.5.17 */

static bool on(const struct settings *s, enum opt o)
{
    return settings_bool(s, o);
}

/* A default is no choice: it neither contradicts nor asks for anything. */
bool settings_chosen(const struct settings *s, enum opt o)
{
    return s->origin[o] != ORIGIN_DEFAULT && on(s, o);
}

bool settings_as_machine(const struct settings *s)
{
    return settings_op(s) == FLAG_FOR_JOIN &&
           (on(s, OPT_FLAG_JOIN_UNSECURE) || on(s, OPT_FLAG_WIN9X_UPGRADE));
}

bool settings_no_directory_write(const struct settings *s)
{
    return settings_op(s) == FLAG_FOR_JOIN && on(s, OPT_FLAG_JOIN_READONLY);
}

bool settings_defer_names(const struct settings *s)
{
    return settings_no_directory_write(s) ||
           (on(s, OPT_FLAG_DEFER_SPN_SET) && !on(s, OPT_FLAG_FORCE_SPN_SET));
}

size_t settings_password_units(const struct secret *password)
{
    size_t units = 0;
    for (size_t i = 0; i < password->len; i++) {
        unsigned char c = password->data[i];
        if ((c & 0xc0) != 0x80) /* not a later byte of a character */
            units += c >= 0xf0 ? 2 : 1;
    }
    return units;
}

int settings_refuse(const struct settings *s, struct err *e, enum cause cause, enum opt o)
{
    const struct opt_row *row = opt_row(o);
    const struct flag_row *flag = flag_of(o);
    char key[80];
    snprintf(key, sizeof key, "%s.%s", row->section, row->key);
    str_lower(key);
    err_cause(e, cause);
    err_fact(e, FACT_OPTION, "%s", key);
    if (flag)
        err_fact(e, FACT_VALUE, "%s (0x%x)", flag->symbol, flag->value);
    else if (*settings_get(s, o))
        err_fact(e, FACT_VALUE, "%s", settings_get(s, o));
    return -1;
}

/* The same for an option that lacks another one. */
static int refuse(const struct settings *s, struct err *e, enum cause cause, enum opt o,
                  const char *needs)
{
    (void)settings_refuse(s, e, cause, o);
    if (needs)
        err_fact(e, FACT_NEEDS, "%s", needs);
    return -1;
}

static bool names_controller(const struct settings *s)
{
    const char *sep = strchr(settings_get(s, OPT_DOMAIN), '\\');
    return *settings_get(s, OPT_CONTROLLER) || (sep && sep[1]);
}

static bool has_account(const struct settings *s)
{
    return *settings_get(s, OPT_ACCOUNT) || *settings_get(s, OPT_KEYTAB);
}

static int check_read_only(const struct settings *s, struct err *e)
{
    if (!on(s, OPT_FLAG_JOIN_READONLY))
        return 0;
    if (!on(s, OPT_FLAG_JOIN_UNSECURE) || !on(s, OPT_FLAG_MACHINE_PWD_PASSED))
        return refuse(s, e, CAUSE_FLAG_COMBINATION, OPT_FLAG_JOIN_READONLY,
                      "NETSETUP_JOIN_UNSECURE, NETSETUP_MACHINE_PWD_PASSED");
    if (settings_chosen(s, OPT_FLAG_ACCT_CREATE))
        return refuse(s, e, CAUSE_READONLY_WRITES, OPT_FLAG_ACCT_CREATE, NULL);
    if (!names_controller(s))
        return refuse(s, e, CAUSE_READONLY_NEEDS_CONTROLLER, OPT_CONTROLLER, NULL);
    if (on(s, OPT_FLAG_FORCE_SPN_SET))
        return refuse(s, e, CAUSE_READONLY_WRITES, OPT_FLAG_FORCE_SPN_SET, NULL);
    return 0;
}

int settings_check_join_flags(const struct settings *s, struct err *e)
{
    bool passed = on(s, OPT_FLAG_MACHINE_PWD_PASSED), unsecure = on(s, OPT_FLAG_JOIN_UNSECURE);
    if (passed && !unsecure)
        return refuse(s, e, CAUSE_FLAG_NEEDS_UNSECURE, OPT_FLAG_MACHINE_PWD_PASSED, NULL);
    if (passed && has_account(s))
        return refuse(s, e, CAUSE_ACCOUNT_UNUSED, OPT_ACCOUNT, NULL);
    /* One that is there and empty; with none yet somebody may still be asked. */
    if (passed && s->password.data && !s->password.len)
        return refuse(s, e, CAUSE_MACHINE_PASSWORD_EMPTY, OPT_PASSWORD_FILE, NULL);
    if (check_read_only(s, e) < 0)
        return -1;
    if (unsecure && has_account(s))
        return refuse(s, e, CAUSE_ACCOUNT_UNUSED, OPT_ACCOUNT, NULL);
    if (secret_is_set(&s->password) && !passed && str_empty(settings_get(s, OPT_ACCOUNT)))
        return refuse(s, e, CAUSE_PASSWORD_WITHOUT_ACCOUNT, OPT_ACCOUNT, NULL);
    return settings_check_password(s, e);
}

int settings_check_password(const struct settings *s, struct err *e)
{
    bool machine = settings_as_machine(s) && on(s, OPT_FLAG_MACHINE_PWD_PASSED);
    const struct secret *p = &s->password;
    if (!secret_is_set(p))
        return 0;
    if (machine && (!utf8_valid((const char *)p->data, p->len) || memchr(p->data, 0, p->len) ||
                    settings_password_units(p) > PASSWORD_UNITS_MAX))
        return refuse(s, e, CAUSE_MACHINE_PASSWORD_BAD, OPT_PASSWORD_FILE, NULL);
    if (settings_password_units(p) > PASSWORD_UNITS_MAX)
        return refuse(s, e, CAUSE_PASSWORD_TOO_LONG, OPT_PASSWORD_FILE, NULL);
    return 0;
}

int settings_check_password_there(const struct settings *s, struct err *e)
{
    if (settings_as_machine(s))
        return !on(s, OPT_FLAG_MACHINE_PWD_PASSED) || secret_is_set(&s->password)
                   ? 0
                   : refuse(s, e, CAUSE_MACHINE_PASSWORD_EMPTY, OPT_PASSWORD_FILE, NULL);
    if (str_empty(settings_get(s, OPT_ACCOUNT)) || *settings_get(s, OPT_KEYTAB) ||
        secret_is_set(&s->password))
        return 0;
    return refuse(s, e, CAUSE_PASSWORD_MISSING, OPT_PASSWORD_FILE, NULL);
}

static const char *blocked_read_only(enum opt o)
{
    switch (o) {
    case OPT_FLAG_ACCT_CREATE:
    case OPT_FLAG_FORCE_SPN_SET:
        return N_("A read-only controller takes no changes of the directory.");
    case OPT_FLAG_DEFER_SPN_SET:
        return N_("Implied: through a read-only controller nothing is written to the directory.");
    default:
        return NULL;
    }
}

static const char *blocked_as_machine(enum opt o)
{
    switch (o) {
    case OPT_FLAG_ACCT_CREATE:
        return N_("Without a user account none can be created; it must have been prepared.");
    case OPT_FLAG_NO_ACCT_REUSE:
        return N_("Without a user account the prepared account is used, so it cannot be refused.");
    default:
        return NULL;
    }
}

const char *settings_join_flag_blocked(const struct settings *s, enum opt o)
{
    const char *why = NULL;
    if (on(s, OPT_FLAG_JOIN_READONLY))
        why = blocked_read_only(o);
    if (!why && settings_as_machine(s))
        why = blocked_as_machine(o);
    if (why)
        return why;
    switch (o) {
    case OPT_FLAG_MACHINE_PWD_PASSED:
        return on(s, OPT_FLAG_JOIN_UNSECURE)
                   ? NULL
                   : N_("Only when joining without a user account (NETSETUP_JOIN_UNSECURE).");
    case OPT_FLAG_JOIN_READONLY:
        if (!on(s, OPT_FLAG_JOIN_UNSECURE) || !on(s, OPT_FLAG_MACHINE_PWD_PASSED))
            return N_("Needs NETSETUP_JOIN_UNSECURE and NETSETUP_MACHINE_PWD_PASSED.");
        return names_controller(s) ? NULL : N_("Needs the read-only controller's name.");
    case OPT_FLAG_DEFER_SPN_SET:
        return on(s, OPT_FLAG_FORCE_SPN_SET)
                   ? N_("NETSETUP_FORCE_SPN_SET sets the service names whatever stands here.")
                   : NULL;
    case OPT_FLAG_DONT_CONTROL_SERVICES:
        return on(s, OPT_FLAG_INSTALL_INVOCATION)
                   ? N_("Implied: when an installer calls, nothing is started.")
                   : NULL;
    default:
        return NULL;
    }
}
