/* Steps 8 and 9: what the directory knows about the domain, the place and the name; the decision is
 * pure. */
#include <stdio.h>
#include <string.h>

#include "engine/model/settings_flags.h"
#include "engine/provision/provision.h"

int present_host_name(struct session *s, char **ret, struct err *e)
{
    return settings_op(s->s) == FLAG_FOR_JOIN && settings_bool(s->s, OPT_FLAG_JOIN_WITH_NEW_NAME)
               ? host_static_hostname(s->target, ret, e)
               : host_get_hostname(s->target, ret, e);
}

void account_names_of(struct session *s, struct account_names *n)
{
    *n = (struct account_names){
        .name = s->names.netbios,
        .fqdn = s->names.fqdn,
        .domain = s->loc->domain.dns,
        .base_dn = s->root_dse.default_nc,
        .config_dn = s->root_dse.config_nc,
        .ou = settings_get(s->s, OPT_OU),
    };
}

void account_policy_of(const struct settings *s, struct account_policy *p)
{
    if (settings_op(s) == FLAG_FOR_PROVISION) {
        provision_policy_of(s, p);
        return;
    }
    bool machine = settings_as_machine(s);
    *p = (struct account_policy){
        .acct_create = settings_bool(s, OPT_FLAG_ACCT_CREATE) && !machine,
        .no_acct_reuse = settings_bool(s, OPT_FLAG_NO_ACCT_REUSE),
        .join_dc_account = settings_bool(s, OPT_FLAG_JOIN_DC_ACCOUNT),
        .defer_spn = settings_defer_names(s),
        .as_machine = machine,
        .override_reuse = settings_bool(s, OPT_REUSE_OVERRIDE),
    };
}

static int read_facts_once(struct session *s, struct err *e)
{
    struct account_names n;
    AUTOFREE char *host = NULL;
    if (present_host_name(s, &host, e) < 0 ||
        names_resolve(s->s, host, s->loc->domain.dns, &s->names, e) < 0)
        return -1;
    AUTOFREE char *key =
        xasprintf("%s|%s|%s", s->names.netbios, s->names.fqdn, settings_get(s->s, OPT_OU));
    if (s->facts_key && str_eq(s->facts_key, key))
        return 0;
    if (s->facts_key)
        account_facts_free(&s->facts);
    free(TAKE(s->facts_key));
    account_names_of(s, &n);
    if (account_facts(s->dir, &n, &s->facts, e) < 0) {
        account_facts_free(&s->facts);
        return -1;
    }
    s->facts_key = TAKE(key);
    return 0;
}

int read_facts(struct session *s, struct err *e)
{
    bool again;
    if (read_facts_once(s, e) < 0 || session_settle_template(s, &again, e) < 0)
        return -1;
    if (!again)
        return 0;
    /* Under the other name the same question once more. */
    return read_facts_once(s, e) < 0 ? -1 : session_settle_template(s, &again, e);
}

void report_decision(struct session *s, const struct account_decision *d)
{
    static const enum verdict map[] = {
        [ACCOUNT_OK] = VERDICT_OK,
        [ACCOUNT_NOTICE] = VERDICT_NOTICE,
        [ACCOUNT_BAD] = VERDICT_FAIL,
        [ACCOUNT_CANNOT_TELL] = VERDICT_NOTICE,
    };
    for (size_t i = 0; i < d->n_verdicts; i++)
        report_verdict(s->r, d->verdicts[i].check, map[d->verdicts[i].state], &d->verdicts[i].err);
}
