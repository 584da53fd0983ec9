/* JOB_OPEN: what provisioning data holds, before anything is done with it. */
#include <string.h>

#include "engine/apply/offline_input.h"

static char *text(const char *s)
{
    return xstrdup(s ? s : "");
}

static const char *form_name(const struct offline_form *form)
{
    switch (form->inner) {
    case OFFLINE_TEXT:
        return N_("text");
    case OFFLINE_UNATTEND:
        return N_("answer file");
    default:
        return N_("binary");
    }
}

static void add_parts(const struct odj *o, struct package_view *v)
{
    char guid[GUID_TEXT_MAX];
    for (size_t i = 0; i < o->n; i++) {
        const struct odj_package *p = &o->blobs[i].u.package;
        for (size_t k = 0; o->blobs[i].format == ODJ_FORMAT_WIN8 && k < p->n; k++) {
            const struct odj_part *part = &p->parts[k];
            strv_addf(&v->parts, "%s%s",
                      part->kind == ODJ_UNKNOWN ? guid_to_text(part->type, guid)
                                                : odj_kind_name(part->kind),
                      part->flags & ODJ_ESSENTIAL ? ", essential" : "");
        }
    }
}

void package_view_of(const struct odj *o, const struct offline_form *form, const char *source,
                     struct package_view *ret)
{
    static const struct odj_join none;
    const struct odj_join *j = odj_join(o) ? odj_join(o) : &none;
    const struct odj_part *names = odj_part(o, ODJ_NAMES), *account = odj_part(o, ODJ_ACCOUNT);
    char sid[SID_TEXT_MAX];
    if (!account)
        account = odj_part(o, ODJ_ACCOUNT_GUID);
    bool own_site = names && !str_empty(names->u.names.site);
    *ret = (struct package_view){
        .source = text(source),
        .form = xstrdup(form_name(form)),
        .protected_form = form->cms,
        .machine = text(j->machine),
        .domain = text(j->dns_domain ? j->dns_domain : j->domain),
        .netbios_domain = text(j->netbios_domain),
        .forest = text(j->dns_forest),
        .controller = text(j->dc_name ? j->dc_name + strspn(j->dc_name, "\\") : NULL),
        .site = text(own_site         ? names->u.names.site
                     : j->client_site ? j->client_site
                                      : j->dc_site),
        .domain_sid = xstrdup(sid_to_text(&j->domain_sid, sid)),
        .account_sid = text(account ? account->u.account.sid : NULL),
        .has_password = secret_is_set(&j->password),
        .default_password = odj_password_is_default(j),
    };
    add_parts(o, ret);
}

int flow_open(struct session *s, struct err *e)
{
    struct odj o;
    struct offline_form form;
    if (offline_load(s, &o, &form, NULL, e) < 0)
        return -1;
    struct engine_msg *m = report_new(s->r, MSG_PACKAGE);
    package_view_of(&o, &form, s->req_input ? "" : settings_get(s->s, OPT_OFFLINE_INPUT),
                    &m->u.package);
    /* Data that cannot be applied is shown all the same. */
    (void)!odj_check(&o, &m->u.package.skipped, &m->u.package.err);
    odj_free(&o);
    s->r->send(s->r->arg, m);
    return 0;
}
