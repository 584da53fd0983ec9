/* From provisioning data to the session that a join would have at this point. */
#include <stdio.h>
#include <string.h>

#include "engine/apply/apply_linux.h"
#include "engine/wire/dn.h"

/* The DNS name of the domain: where it is given, else the name that the caller had used. */
static const char *domain_of(const struct odj_join *d)
{
    const char *const names[] = {d->dns_domain, d->dc_domain, d->domain};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if (!str_empty(names[i]) && strchr(names[i], '.'))
            return names[i];
    }
    return "";
}

static int bad_name(struct err *e, const char *place, const char *value)
{
    err_reset(e);
    err_cause(e, CAUSE_OFFLINE_DATA_INCOMPLETE);
    err_fact(e, FACT_PLACE, "%s", place);
    err_fact(e, FACT_VALUE, "%s", value ? value : "-");
    return -1;
}

static const struct odj_names *given_names(const struct odj *o)
{
    const struct odj_part *p = odj_part(o, ODJ_NAMES);
    return p ? &p->u.names : NULL;
}

/* A computer name of more than 15 characters comes with the account's own as the NetBIOS name. */
static int set_names(struct apply_linux *a, const char *domain, struct err *e)
{
    struct machine_names *n = &a->j.s->names;
    const struct odj_names *g = given_names(a->o);
    const char *machine = a->data->machine;
    const char *suffix = g && !str_empty(g->primary_dns_domain) ? g->primary_dns_domain : domain;
    bool own = g && !str_empty(g->netbios_name) && strlen(machine) > NAME_NETBIOS_MAX;
    const char *netbios = own ? g->netbios_name : machine;
    if (name_check_computer(machine, e) < 0)
        return bad_name(e, "lpMachineName", machine);
    if (name_check_computer(netbios, e) < 0 || (own && strlen(netbios) > NAME_NETBIOS_MAX))
        return bad_name(e, "lpNetbiosName", netbios);
    *n = (struct machine_names){.truncated = strlen(machine) > NAME_NETBIOS_MAX};
    snprintf(n->netbios, sizeof n->netbios, "%.15s", netbios);
    str_upper(n->netbios);
    snprintf(n->account, sizeof n->account, "%s$", n->netbios);
    snprintf(n->label, sizeof n->label, "%s", machine);
    str_lower(n->label);
    AUTOFREE char *fqdn = xasprintf("%s.%s", n->label, suffix);
    str_lower(fqdn);
    if (name_check_dns(fqdn, e) < 0)
        return bad_name(e, "lpPrimaryDNSDomain", suffix);
    snprintf(n->fqdn, sizeof n->fqdn, "%.*s", NAME_DNS_MAX, fqdn);
    return 0;
}

/* Windows and Samba write two backslashes before a controller's name and address. */
static const char *after_slashes(const char *text)
{
    return text ? text + strspn(text, "\\") : "";
}

/* The controller that took the account: not asked for anything, and no preference of anybody's. */
static void set_controller(struct located *l, const struct odj_join *d)
{
    struct dc_candidate *c = &l->list.c[0];
    l->list.n = 1;
    c->state = DC_STATE_UNKNOWN;
    c->flags = d->dc_flags;
    c->latency_ms = -1;
    snprintf(c->host, sizeof c->host, "%s", after_slashes(d->dc_name));
    str_lower(c->host);
    snprintf(c->site, sizeof c->site, "%s", d->dc_site ? d->dc_site : "");
    (void)!net_addr_parse(after_slashes(d->dc_address), &c->addr);
}

static int set_domain(struct apply_linux *a, struct err *e)
{
    struct session *s = a->j.s;
    const struct odj_join *d = a->data;
    const char *domain = domain_of(d);
    if (name_check_dns(domain, e) < 0 || strlen(domain) >= DNS_NAME_MAX)
        return bad_name(e, "DnsDomainInfo.DnsDomainName", domain);
    if (str_empty(d->netbios_domain) || strlen(d->netbios_domain) > NAME_NETBIOS_MAX ||
        !utf8_valid(d->netbios_domain, strlen(d->netbios_domain)))
        return bad_name(e, "DnsDomainInfo.Name", d->netbios_domain);
    drop_domain(s);
    struct located *l = s->loc = xcalloc(1, sizeof *l);
    l->ldap_fd = -1;
    struct domain_info *info = &l->domain;
    snprintf(info->dns, sizeof info->dns, "%s", domain);
    str_lower(info->dns);
    snprintf(info->netbios, sizeof info->netbios, "%s", d->netbios_domain);
    snprintf(info->forest, sizeof info->forest, "%s", d->dns_forest ? d->dns_forest : "");
    snprintf(info->client_site, sizeof info->client_site, "%s",
             d->client_site ? d->client_site : "");
    memcpy(info->guid, d->domain_guid, sizeof info->guid);
    set_controller(l, d);
    s->realm = xstrdup(info->dns);
    str_upper(s->realm);
    return set_names(a, info->dns, e);
}

/* The account's identity as far as the data has it; the rest comes with the first contact. */
static void set_account(struct apply_linux *a)
{
    struct account_id *id = &a->j.id;
    const struct odj_part *p3 = odj_part(a->o, ODJ_ACCOUNT);
    const struct odj_part *p4 = odj_part(a->o, ODJ_ACCOUNT_GUID);
    const struct odj_part *any = p4 ? p4 : p3;
    id->dn = xstrdup("");
    if (any && any->u.account.sid && sid_from_text(&id->sid, any->u.account.sid) < 0)
        id->sid = (struct sid){0};
    if (p4)
        memcpy(id->guid, p4->u.account.guid, GUID_BYTES);
}

/* What the record keeps for repair and rename, and what the plan of the files is made from: the
 * answers of a join. How it came here is none of them. */
static int set_answers(struct apply_linux *a, struct err *e)
{
    static const enum opt gone[] = {
        OPT_OFFLINE_INPUT,
        OPT_OFFLINE_IMAGE,
        OPT_OFFLINE_OUTPUT,
        OPT_OFFLINE_BATCH,
        OPT_OFFLINE_RESULTS,
        OPT_OFFLINE_PASSPHRASE_FILE,
        OPT_OFFLINE_RECIPIENT_KEY,
        OPT_OFFLINE_PASSPHRASE_CREDENTIAL,
        OPT_CONTROLLER,
        OPT_ACCOUNT,
        OPT_PASSWORD_FILE,
        OPT_KEYTAB,
        OPT_PASSWORD_CREDENTIAL,
        OPT_OU,
    };
    struct session *s = a->j.s;
    const struct odj_names *g = given_names(a->o);
    bool stays = g && (g->flags & ODJ_PERSISTENT_SITE) && !str_empty(g->site);
    if (!(a->own = settings_clone(a->asked)))
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    secret_free(&a->own->passphrase);
    secret_free(&a->own->recipient_key);
    for (size_t i = 0; i < ARRAY_SIZE(gone); i++) {
        if (settings_set(a->own, gone[i], "", ORIGIN_DEFAULT, e) < 0)
            return -1;
    }
    const struct {
        enum opt o;
        const char *value;
    } set[] = {
        {OPT_OPERATION, "join"},          {OPT_FLAG_JOIN_DOMAIN, "yes"},
        {OPT_DOMAIN, s->loc->domain.dns}, {OPT_MACHINE_NAME, s->names.label},
        {OPT_FQDN, s->names.fqdn},        {OPT_SITE, stays ? g->site : ""},
    };
    for (size_t i = 0; i < ARRAY_SIZE(set); i++) {
        if (settings_set(a->own, set[i].o, set[i].value, ORIGIN_SET, e) < 0)
            return -1;
    }
    return settings_set(a->own, OPT_FLAG_PROVISION_ONLINE_CALLER, "no", ORIGIN_DEFAULT, e) < 0 ||
                   settings_set(a->own, OPT_FLAG_SET_MACHINE_NAME, "yes", ORIGIN_DEFAULT, e) < 0
               ? -1
               : 0;
}

int apply_linux_use(struct apply_linux *a, struct session *s, const struct odj *o,
                    struct host *target, struct err *e)
{
    *a = (struct apply_linux){
        .j = {.s = s, .lock = HOST_LOCK_INIT},
        .o = o,
        .data = odj_join(o),
        .asked = s->s,
        .target_before = s->target,
        .keytab = BUF_SECRET(KERB_KEYTAB_MAX),
        .set_name = settings_bool(s->s, OPT_FLAG_SET_MACHINE_NAME),
    };
    s->target = target;
    if (!a->data || str_empty(a->data->machine) || !secret_is_set(&a->data->password))
        return err_cause(e, CAUSE_OFFLINE_DATA_INCOMPLETE);
    if (set_domain(a, e) < 0 || set_answers(a, e) < 0)
        return -1;
    set_account(a);
    s->s = a->own;
    return 0;
}

void apply_linux_close(struct apply_linux *a)
{
    struct session *s = a->j.s;
    join_done(&a->j);
    s->s = a->asked;
    s->target = a->target_before;
    drop_domain(s);
    s->names = (struct machine_names){0};
    settings_drop(a->own);
    buf_free(&a->keytab);
    strv_free(&a->dropped);
}
