/* The root object. */
#include <stdlib.h>

#include "engine/dir/dir.h"
#include "engine/wire/adattr.h"

void dir_root_op(struct dir_op *op)
{
    static const char *const attrs[] = {
        "defaultNamingContext",
        "configurationNamingContext",
        "rootDomainNamingContext",
        "schemaNamingContext",
        "dnsHostName",
        "serverName",
        "vendorName",
        "supportedSASLMechanisms",
        "supportedControl",
        "currentTime",
        "domainFunctionality",
        "forestFunctionality",
        "domainControllerFunctionality",
        "isSynchronized",
        NULL,
    };
    *op = (struct dir_op){
        .kind = DIR_SEARCH, .base = "", .scope = DIR_BASE, .attrs = attrs, .limit = 1};
}

static char *copy(const struct dir_entry *en, const char *name)
{
    const char *s = dir_text(en, name);
    return xstrdup(s ? s : "");
}

int dir_root_parse(struct dir_root *r, const struct dir_op *op, struct err *e)
{
    *r = (struct dir_root){0};
    if (!op->done || op->rc != 0 || op->n_entries != 1)
        return err_cause(e, CAUSE_DC_LIED);
    const struct dir_entry *en = &op->entries[0];
    r->default_nc = copy(en, "defaultNamingContext");
    r->config_nc = copy(en, "configurationNamingContext");
    r->root_nc = copy(en, "rootDomainNamingContext");
    r->schema_nc = copy(en, "schemaNamingContext");
    r->dns_host = copy(en, "dnsHostName");
    r->server_name = copy(en, "serverName");
    r->vendor = copy(en, "vendorName");
    dir_texts(en, "supportedSASLMechanisms", &r->mechs);
    dir_texts(en, "supportedControl", &r->controls);
    (void)dir_u32(en, "domainFunctionality", &r->domain_level);
    (void)dir_u32(en, "forestFunctionality", &r->forest_level);
    (void)dir_u32(en, "domainControllerFunctionality", &r->dc_level);
    r->synchronized = !dir_has_value(en, "isSynchronized", "FALSE");
    const char *now = dir_text(en, "currentTime");
    time_t t;
    if (now && gentime_to_time(now, &t) == 0)
        r->current_time = t;
    return 0;
}

void dir_root_free(struct dir_root *r)
{
    free(r->default_nc);
    free(r->config_nc);
    free(r->root_nc);
    free(r->schema_nc);
    free(r->dns_host);
    free(r->server_name);
    free(r->vendor);
    strv_free(&r->mechs);
    strv_free(&r->controls);
    *r = (struct dir_root){0};
}
