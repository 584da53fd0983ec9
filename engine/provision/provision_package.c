/* The provisioning data from what the directory said. Field by field as Windows fills them. */
#include <stdio.h>
#include <string.h>

#include "engine/crypto/crypto.h"
#include "engine/flow/own.h"
#include "engine/provision/provision.h"

/* DsGetDcName's marks on the names it returns: all of ours are DNS names. */
#define NAMES_ARE_DNS   0xe0000000u /* DS_DNS_CONTROLLER, DOMAIN and FOREST _FLAG */
#define DS_INET_ADDRESS 1u

void provision_domain_of(struct session *s, struct provision_domain *ret)
{
    const struct dc_candidate *dc = session_dc(s);
    const struct domain_info *d = &s->loc->domain;
    *ret = (struct provision_domain){
        .dns = d->dns,
        .netbios = d->netbios,
        .forest = d->forest,
        .guid = d->guid,
        .sid = s->facts.domain_sid,
        .dc_host = dc->host,
        .dc_address = dc->addr.text,
        .dc_site = dc->site,
        .client_site = d->client_site,
        .dc_flags = dc->flags,
    };
}

int provision_password(const struct settings *s, const char *netbios, struct secret *ret,
                       struct err *e)
{
    if (!settings_bool(s, OPT_FLAG_PROVISION_USE_DEFAULT_PASSWORD))
        return crypto_machine_password(ret, e);
    return own_default_password(netbios, ret) < 0 ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static char *text_or_null(const char *s)
{
    return str_empty(s) ? NULL : xstrdup(s);
}

static int fill_join(const struct settings *s, const struct provision_domain *d,
                     const struct provision_machine *m, struct odj_join *j, struct err *e)
{
    *j = (struct odj_join){
        .domain = xstrdup(d->dns),
        .machine = xstrdup(m->name),
        .netbios_domain = xstrdup(d->netbios),
        .dns_domain = xstrdup(d->dns),
        .dns_forest = xstrdup(d->forest),
        .domain_sid = d->sid,
        .dc_name = xasprintf("\\\\%s", d->dc_host),
        /* The scope of a link-local address is this machine's own. */
        .dc_address = xasprintf("\\\\%.*s", (int)strcspn(d->dc_address, "%"), d->dc_address),
        .dc_address_type = DS_INET_ADDRESS,
        .dc_domain = xstrdup(d->dns),
        .dc_forest = xstrdup(d->forest),
        .dc_flags = d->dc_flags | NAMES_ARE_DNS,
        .dc_site = xstrdup(d->dc_site),
        .client_site = text_or_null(d->client_site),
        .options = settings_flags(s, FLAG_FOR_PROVISION) & PROVISION_OPTIONS,
    };
    memcpy(j->domain_guid, d->guid, GUID_BYTES);
    memcpy(j->dc_domain_guid, d->guid, GUID_BYTES);
    return secret_copy(&j->password, m->password) < 0 ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

/* Only what was asked for: whoever does not know this part passes it over. */
static void add_names(const struct settings *s, struct odj_package *p)
{
    const char *netbios = settings_get(s, OPT_OFFLINE_NETBIOS_NAME);
    const char *site = settings_get(s, OPT_OFFLINE_SITE);
    const char *suffix = settings_get(s, OPT_OFFLINE_PRIMARY_DNS_DOMAIN);
    if (!*netbios && !*site && !*suffix)
        return;
    struct odj_names *n = &odj_add_part(p, ODJ_NAMES)->u.names;
    bool keep = settings_bool(s, OPT_FLAG_PROVISION_PERSISTENTSITE);
    n->flags = keep ? ODJ_PERSISTENT_SITE : 0;
    n->netbios_name = text_or_null(netbios);
    n->site = text_or_null(site);
    n->primary_dns_domain = text_or_null(suffix);
}

static void add_account(const struct account_id *id, struct odj_package *p)
{
    char text[SID_TEXT_MAX];
    static const enum odj_kind kinds[] = {ODJ_ACCOUNT, ODJ_ACCOUNT_GUID};
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        struct odj_account *a = &odj_add_part(p, kinds[i])->u.account;
        a->rid = sid_rid(&id->sid);
        a->sid = xstrdup(sid_to_text(&id->sid, text));
        if (kinds[i] == ODJ_ACCOUNT_GUID)
            memcpy(a->guid, id->guid, GUID_BYTES);
    }
}

/* Lent: they are the same for each machine, and too large to be copied for it. */
static void lend_parts(const struct provision_parts *parts, struct odj_package *p)
{
    if (parts->certificates)
        odj_add_part(p, ODJ_CERTIFICATES)->u.certificates = *parts->certificates;
    if (parts->policies)
        odj_add_part(p, ODJ_POLICIES)->u.policies = *parts->policies;
}

static void take_back_parts(struct odj_package *p)
{
    for (size_t i = 0; p && i < p->n; i++) {
        if (p->parts[i].kind == ODJ_CERTIFICATES)
            p->parts[i].u.certificates = (struct odj_certificates){0};
        else if (p->parts[i].kind == ODJ_POLICIES)
            p->parts[i].u.policies = (struct odj_policies){0};
    }
}

int provision_package(const struct settings *s, const struct provision_domain *d,
                      struct provision_parts *parts, const struct provision_machine *m,
                      struct buf *binary, struct err *e)
{
    struct odj o = {0};
    struct odj_join j;
    struct odj_package *p = NULL;
    if (fill_join(s, d, m, &j, e) < 0) {
        odj_join_free(&j);
        return -1;
    }
    int r = odj_start(&o, &j, &p, e);
    if (r == 0) {
        add_names(s, p);
        if (m->id)
            add_account(m->id, p);
        lend_parts(parts, p);
        r = odj_write(&o, binary, e);
        take_back_parts(p);
    }
    odj_free(&o);
    return r;
}
