/* What can be refused without looking outside: the rules of the flag table and of the answers. */
#include <stdio.h>
#include <string.h>

#include "engine/model/names.h"
#include "engine/model/settings.h"
#include "engine/model/settings_flags.h"
#include "engine/model/settings_offline.h"

static bool is_op(const struct settings *s, const char *op)
{
    return str_eq(settings_get(s, OPT_OPERATION), op);
}

unsigned settings_op(const struct settings *s)
{
    static const struct {
        const char *word;
        unsigned op;
    } ops[] = {
        {"join", FLAG_FOR_JOIN},     {"workgroup", FLAG_FOR_WORKGROUP}, {"leave", FLAG_FOR_LEAVE},
        {"rename", FLAG_FOR_RENAME}, {"provision", FLAG_FOR_PROVISION}, {"apply", FLAG_FOR_APPLY},
        {"rotate", FLAG_FOR_ROTATE}, {"repair", FLAG_FOR_REPAIR},
    };
    for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
        if (is_op(s, ops[i].word))
            return ops[i].op;
    }
    return 0;
}

static int check_flags(const struct settings *s, struct err *e)
{
    unsigned op = settings_op(s);
    /* [MS-WKST] 3.2.4.14: leaving has a code of its own for them. */
    enum cause unknown = op == FLAG_FOR_LEAVE ? CAUSE_UNKNOWN_LEAVE_FLAG : CAUSE_UNKNOWN_FLAG;
    if (s->extra_flags && !settings_bool(s, OPT_FLAG_IGNORE_UNSUPPORTED_FLAGS)) {
        err_cause(e, unknown);
        err_fact(e, FACT_VALUE, "0x%x", s->extra_flags);
        return -1;
    }
    /* Dependencies come first: they are wrong in every version. */
    if (op == FLAG_FOR_WORKGROUP) /* NetJoinDomain without NETSETUP_JOIN_DOMAIN: the same mask */
        op = FLAG_FOR_JOIN;
    if (op == FLAG_FOR_JOIN && settings_check_join_flags(s, e) < 0)
        return -1;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        if (!settings_chosen(s, f->opt))
            continue;
        if (op && !(f->ops & op)) {
            if (settings_bool(s, OPT_FLAG_IGNORE_UNSUPPORTED_FLAGS))
                continue;
            return settings_refuse(s, e, unknown, f->opt);
        }
    }
    return 0;
}

/* Templates such as {serial} are checked when they have become a name. */
static int check_machine_names(const struct settings *s, struct err *e)
{
    const char *name = settings_get(s, OPT_MACHINE_NAME);
    if (*name && !strchr(name, '{') && name_check_computer(name, e) < 0)
        return -1;
    const char *fqdn = settings_get(s, OPT_FQDN);
    return *fqdn ? name_check_dns(fqdn, e) : 0;
}

static int check_join(const struct settings *s, struct err *e)
{
    if (s->origin[OPT_FLAG_JOIN_DOMAIN] != ORIGIN_DEFAULT &&
        !settings_bool(s, OPT_FLAG_JOIN_DOMAIN))
        return settings_refuse(s, e, CAUSE_OPERATION_CONTRADICTS, OPT_FLAG_JOIN_DOMAIN);
    if (str_empty(settings_get(s, OPT_DOMAIN)))
        return settings_refuse(s, e, CAUSE_DOMAIN_MISSING, OPT_DOMAIN);
    if (name_check_domain(settings_get(s, OPT_DOMAIN), e) < 0)
        return -1;
    return check_machine_names(s, e);
}

static int check_workgroup(const struct settings *s, struct err *e)
{
    if (settings_chosen(s, OPT_FLAG_JOIN_DOMAIN))
        return settings_refuse(s, e, CAUSE_OPERATION_CONTRADICTS, OPT_FLAG_JOIN_DOMAIN);
    return 0;
}

int settings_check(const struct settings *s, struct err *e)
{
    if (check_flags(s, e) < 0)
        return -1;
    if (settings_op(s) == FLAG_FOR_PROVISION)
        return settings_check_provision(s, e);
    if (settings_op(s) == FLAG_FOR_APPLY)
        return settings_check_apply(s, e);
    if (settings_op(s) == FLAG_FOR_WORKGROUP && check_workgroup(s, e) < 0)
        return -1;
    if (settings_op(s) == FLAG_FOR_RENAME)
        return check_machine_names(s, e);
    return is_op(s, "join") ? check_join(s, e) : 0;
}

int settings_check_login(const struct settings *s, struct err *e)
{
    bool used = is_op(s, "join") || is_op(s, "provision") ||
                (is_op(s, "leave") && settings_bool(s, OPT_FLAG_ACCT_DELETE)) ||
                (is_op(s, "rename") && settings_bool(s, OPT_FLAG_ACCT_CREATE));
    return used ? settings_check_password_there(s, e) : 0;
}

const char *settings_flag_blocked(const struct settings *s, enum opt o)
{
    const struct flag_row *f = flag_of(o);
    unsigned op = settings_op(s);
    if (!f)
        return NULL;
    if (op && !(f->ops & op)) {
        if (f->ops & FLAG_FOR_LEAVE)
            return N_("Only when leaving a domain.");
        if (f->ops & FLAG_FOR_PROVISION)
            return N_("Only when provisioning a machine that is elsewhere.");
        if (f->ops & FLAG_FOR_APPLY)
            return N_("Only for an offline join.");
        return N_("Not for this operation.");
    }
    if (o == OPT_FLAG_JOIN_DOMAIN)
        return N_("This operation joins a domain.");
    if (op == FLAG_FOR_PROVISION || op == FLAG_FOR_APPLY)
        return settings_offline_flag_blocked(s, o);
    return op == FLAG_FOR_JOIN ? settings_join_flag_blocked(s, o) : NULL;
}
