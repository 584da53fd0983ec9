/* From settings and findings to the settings of this machine's files. */
#include <string.h>

#include "engine/flow/session.h"

static enum host_identity identity_of(const struct settings *a)
{
    const char *word = settings_get(a, OPT_IDENTITY);
    return str_eq(word, "none")      ? HOST_IDENTITY_NONE
           : str_eq(word, "winbind") ? HOST_IDENTITY_WINBIND
                                     : HOST_IDENTITY_SSSD;
}

static bool flag(struct session *s, enum opt o)
{
    return settings_bool(s->s, o);
}

void host_settings_of(struct session *s, struct host_settings *h)
{
    const struct settings *a = s->s;
    struct dc_candidate *dc = session_dc(s);
    bool starts = !flag(s, OPT_FLAG_DONT_CONTROL_SERVICES) && !flag(s, OPT_FLAG_INSTALL_INVOCATION);
    *h = (struct host_settings){
        .domain = s->loc->domain.dns,
        .realm = s->realm,
        .netbios = s->loc->domain.netbios,
        .computer = s->names.netbios,
        .short_name = s->names.label,
        .fqdn = s->names.fqdn,
        .identity = identity_of(a),
        .home_dirs = flag(s, OPT_HOME_DIRECTORIES),
        .full_names = !flag(s, OPT_SHORT_NAMES),
        .time_from_domain = str_eq(settings_get(a, OPT_TIME), "domain"),
        /* A controller that a person named is remembered; one that was found changes with the
           network. */
        .preferred_dc = dc->named && !flag(s, OPT_FLAG_AMBIGUOUS_DC) ? dc->host : NULL,
        .site = *settings_get(a, OPT_SITE) ? settings_get(a, OPT_SITE) : NULL,
        .set_hostname = true,
        /* The new name is the one of the next boot. */
        .keep_running_name =
            flag(s, OPT_FLAG_INSTALL_INVOCATION) || flag(s, OPT_FLAG_JOIN_WITH_NEW_NAME),
        .dns_update = true,
        .enable_services = true,
        .restart_services = starts && host_is_live(s->target),
        .run_pam_tool = true,
    };
    settings_list(a, OPT_LOGIN, &h->login);
    settings_list(a, OPT_ADMINISTRATORS, &h->administrators);
    for (size_t i = 0; i < s->loc->list.n; i++) {
        if (s->loc->list.c[i].state == DC_STATE_ANSWERED)
            strv_add(&h->controllers, s->loc->list.c[i].host);
    }
    if (!flag(s, OPT_FLAG_NO_NETLOGON_CACHE))
        strv_add(&h->kdc_addresses, dc->addr.text);
}

bool missing_packages(const struct hostplan *p, struct err *e)
{
    struct buf names = BUF_INIT(4096);
    if (!p->packages.missing.n)
        return false;
    for (size_t i = 0; i < p->packages.missing.n; i++)
        buf_printf(&names, "%s%s", i ? " " : "", p->packages.missing.s[i]);
    err_cause(e, CAUSE_PACKAGE_MISSING);
    err_fact(e, FACT_PACKAGES, "%s", buf_text(&names));
    err_fact(e, FACT_COMMAND, "%s", p->packages.command);
    buf_free(&names);
    return true;
}

void host_settings_done(struct host_settings *h)
{
    strv_free(&h->login);
    strv_free(&h->administrators);
    strv_free(&h->controllers);
    strv_free(&h->kdc_addresses);
}
