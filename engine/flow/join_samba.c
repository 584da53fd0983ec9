/* The machine's secret for Samba: provisioning data for `net offlinejoin requestodj`. */
#include <string.h>

#include "engine/flow/join.h"
#include "engine/offline/offline.h"
#include "engine/wire/odj.h"

static void domain_sid_of(const struct sid *account, struct sid *domain)
{
    *domain = *account;
    if (domain->n_subs > 0)
        domain->subs[--domain->n_subs] = 0;
}

static int fill(struct join *j, const struct secret *password, struct odj_join *d, struct err *e)
{
    struct session *s = j->s;
    const struct domain_info *info = &s->loc->domain;
    const struct dc_candidate *dc = session_dc(s);
    const char *forest = *info->forest ? info->forest : info->dns;
    *d = (struct odj_join){
        .domain = xstrdup(info->dns),
        .machine = xstrdup(s->names.netbios),
        .netbios_domain = xstrdup(info->netbios),
        .dns_domain = xstrdup(info->dns),
        .dns_forest = xstrdup(forest),
        .dc_name = xasprintf("\\\\%s", dc && *dc->host ? dc->host : info->dns),
        .dc_address = xasprintf("\\\\%s", dc && dc->addr.family ? dc->addr.text : info->dns),
        .dc_address_type = 1,
        .dc_domain = xstrdup(info->dns),
        .dc_forest = xstrdup(forest),
        .dc_flags = dc ? dc->flags : 0,
        .dc_site = xstrdup(dc ? dc->site : ""),
        .client_site = xstrdup(info->client_site),
    };
    memcpy(d->domain_guid, info->guid, GUID_BYTES);
    memcpy(d->dc_domain_guid, info->guid, GUID_BYTES);
    domain_sid_of(&j->id.sid, &d->domain_sid);
    return secret_copy(&d->password, password) < 0 ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static int build(struct join *j, const struct secret *password, struct odj *o, struct err *e)
{
    struct odj_join d;
    struct odj_package *package;
    char sid[SID_TEXT_MAX];
    if (fill(j, password, &d, e) < 0 || odj_start(o, &d, &package, e) < 0) {
        odj_join_free(&d);
        return -1;
    }
    struct odj_part *p = odj_add_part(package, ODJ_ACCOUNT);
    p->u.account.rid = sid_rid(&j->id.sid);
    p->u.account.sid = xstrdup(sid_to_text(&j->id.sid, sid));
    return 0;
}

int join_samba(struct join *j, const struct secret *password, struct err *e)
{
    struct odj o = {0};
    struct buf binary = BUF_SECRET(ODJ_MAX), text = BUF_SECRET(4 * ODJ_MAX);
    if (!hostplan_wants_samba(&j->plan) || !secret_is_set(password))
        return 0;
    if (!sid_is_set(&j->id.sid) || j->id.sid.n_subs < 2)
        return err_cause(e, CAUSE_WINBIND_NEEDS_SID);
    int r = build(j, password, &o, e);
    if (r == 0)
        r = odj_write(&o, &binary, e);
    if (r == 0)
        r = offline_write(binary.data, binary.len, OFFLINE_TEXT, NULL, NULL, &text, e);
    if (r == 0)
        hostplan_set_samba(&j->plan, text.data, text.len);
    odj_free(&o);
    buf_free(&binary);
    buf_free(&text);
    return r;
}
