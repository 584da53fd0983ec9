/* What may stand in a file as a name. */
#include <string.h>

#include "engine/conf/conf.h"

static bool host_like(const char *s, size_t max)
{
    size_t n = s ? strlen(s) : 0;
    if (n == 0 || n > max || s[0] == '-' || s[0] == '.')
        return false;
    for (size_t i = 0; i < n; i++) {
        bool ok = (s[i] >= 'a' && s[i] <= 'z') || (s[i] >= 'A' && s[i] <= 'Z') ||
                  (s[i] >= '0' && s[i] <= '9') || s[i] == '-' || s[i] == '.' || s[i] == '_';
        if (!ok || (s[i] == '.' && i + 1 < n && s[i + 1] == '.'))
            return false;
    }
    return true;
}

static bool plain(const char *s)
{
    for (const unsigned char *p = (const unsigned char *)s; p && *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            return false;
    }
    return true;
}

/* Besides what Windows forbids in account names: what SSSD's lists cannot carry. */
static bool group_like(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n <= 256 && plain(s) && !strpbrk(s, "\"/\\[]:;|=,+*?<>#@%") && s[0] != ' ' &&
           s[n - 1] != ' ' && s[0] != '!' && s[0] != '-';
}

static bool address_like(const char *s)
{
    size_t n = strlen(s);
    return n > 0 && n < 64 && strspn(s, "0123456789abcdefABCDEF.:%") == n;
}

static int bad(struct err *e, const char *what, const char *value)
{
    err_fact(e, FACT_NAME, "%s", what);
    err_fact(e, FACT_VALUE, "%s", value ? value : "");
    return err_cause(e, CAUSE_CONFIG_VALUE);
}

static int check_groups(const struct host_settings *s, const struct strv *v, const char *what,
                        struct err *e)
{
    for (size_t i = 0; i < v->n; i++) {
        AUTOFREE char *name = conf_group_name(s, v->s[i]);
        if (!name)
            return bad(e, what, v->s[i]);
    }
    return 0;
}

int conf_check_settings(const struct host_settings *s, struct err *e)
{
    const struct {
        const char *what, *value;
        size_t max;
        bool needed;
    } names[] = {
        {"domain", s->domain, 255, true},
        {"realm", s->realm, 255, true},
        {"netbios", s->netbios, 15, false},
        {"computer", s->computer, 15, true},
        {"name", s->short_name, 63, true},
        {"fqdn", s->fqdn, 255, true},
        {"controller", s->preferred_dc, 255, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        if ((names[i].needed || !str_empty(names[i].value)) &&
            !host_like(names[i].value, names[i].max))
            return bad(e, names[i].what, names[i].value);
    }
    for (size_t i = 0; i < s->controllers.n; i++) {
        if (!host_like(s->controllers.s[i], 255))
            return bad(e, "controller", s->controllers.s[i]);
    }
    for (size_t i = 0; i < s->kdc_addresses.n; i++) {
        if (!address_like(s->kdc_addresses.s[i]))
            return bad(e, "address", s->kdc_addresses.s[i]);
    }
    if (!str_empty(s->site) && (!plain(s->site) || strpbrk(s->site, ",;#\"")))
        return bad(e, "site", s->site);
    if (!str_empty(s->shell) &&
        (s->shell[0] != '/' || !plain(s->shell) || strpbrk(s->shell, " ;#\"")))
        return bad(e, "shell", s->shell);
    if (!str_empty(s->home_pattern) &&
        (s->home_pattern[0] != '/' || !plain(s->home_pattern) || strpbrk(s->home_pattern, " ;#\"")))
        return bad(e, "home", s->home_pattern);
    return check_groups(s, &s->login, "login", e) != 0
               ? -1
               : check_groups(s, &s->administrators, "administrators", e);
}

char *conf_group_name(const struct host_settings *s, const char *group)
{
    const char *slash = strchr(group, '\\'), *at = strrchr(group, '@');
    if (slash) {
        size_t n = (size_t)(slash - group);
        AUTOFREE char *domain = xstrndup(group, n);
        if (!s->netbios || !str_ieq(domain, s->netbios) || !group_like(slash + 1))
            return NULL;
        return xstrdup(slash + 1);
    }
    AUTOFREE char *name = at ? xstrndup(group, (size_t)(at - group)) : xstrdup(group);
    if (!group_like(name) || (at && !host_like(at + 1, 255)))
        return NULL;
    if (!at || str_ieq(at + 1, s->domain))
        return TAKE(name);
    return xstrdup(group);
}
