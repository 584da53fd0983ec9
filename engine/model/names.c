#include "engine/model/names.h"

#include <stdio.h>
#include <string.h>

static bool is_alnum(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool all_digits(const char *s)
{
    return *s && strspn(s, "0123456789") == strlen(s);
}

static int bad(struct err *e, enum cause cause, const char *name)
{
    err_cause(e, cause);
    err_fact(e, FACT_NAME, "%s", name);
    return -1;
}

/* One label of letters, digits and inner hyphens. */
static bool label_ok(const char *s, size_t n)
{
    if (n == 0 || n > NAME_LABEL_MAX || s[0] == '-' || s[n - 1] == '-')
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_alnum((unsigned char)s[i]) && s[i] != '-')
            return false;
    }
    return true;
}

static bool has_non_ascii(const char *s)
{
    for (; *s; s++) {
        if ((unsigned char)*s >= 0x80)
            return true;
    }
    return false;
}

int name_check_computer(const char *name, struct err *e)
{
    if (has_non_ascii(name))
        return bad(e, CAUSE_NAME_NOT_ASCII, name);
    if (strlen(name) > NAME_LABEL_MAX)
        return bad(e, CAUSE_NAME_TOO_LONG, name);
    if (!label_ok(name, strlen(name)))
        return bad(e, CAUSE_COMPUTER_NAME_BAD, name);
    if (all_digits(name))
        return bad(e, CAUSE_NAME_ALL_DIGITS, name);
    if (str_ieq(name, "localhost"))
        return bad(e, CAUSE_NAME_LOCALHOST, name);
    /* The account keeps the first 15 characters: they must make a name by themselves. */
    if (strlen(name) > NAME_NETBIOS_MAX) {
        AUTOFREE char *cut = xstrndup(name, NAME_NETBIOS_MAX);
        if (all_digits(cut))
            return bad(e, CAUSE_NAME_ALL_DIGITS, name);
        if (cut[NAME_NETBIOS_MAX - 1] == '-')
            return bad(e, CAUSE_COMPUTER_NAME_BAD, name);
    }
    return 0;
}

static bool dns_name_ok(const char *name)
{
    if (!*name || strlen(name) > NAME_DNS_MAX)
        return false;
    while (*name) {
        size_t n = strcspn(name, ".");
        if (!label_ok(name, n))
            return false;
        name += n;
        if (*name == '.' && !*++name)
            return false;
    }
    return true;
}

int name_check_dns(const char *name, struct err *e)
{
    if (has_non_ascii(name))
        return bad(e, CAUSE_NAME_NOT_ASCII, name);
    if (strlen(name) > NAME_DNS_MAX)
        return bad(e, CAUSE_NAME_TOO_LONG, name);
    if (!dns_name_ok(name))
        return bad(e, CAUSE_COMPUTER_NAME_BAD, name);
    AUTOFREE char *label = xstrndup(name, strcspn(name, "."));
    return name_check_computer(label, e);
}

int name_check_domain(const char *name, struct err *e)
{
    AUTOFREE char *domain = NULL;
    AUTOFREE char *controller = NULL;
    name_split_domain(name, &domain, &controller);
    /* A NetBIOS domain name allows more characters than DNS does, but no dots, and 15 of them at
     * most. */
    bool ok = dns_name_ok(domain);
    if (!ok && !has_non_ascii(domain) && !strchr(domain, '.') && *domain &&
        strlen(domain) <= NAME_NETBIOS_MAX)
        ok = strpbrk(domain, "\\/:*?\"<>|,@ ") == NULL;
    if (!ok)
        return bad(e, CAUSE_DOMAIN_NAME_BAD, domain);
    if (*controller && !dns_name_ok(controller) && !strchr(controller, ':'))
        return bad(e, CAUSE_DOMAIN_NAME_BAD, controller);
    return 0;
}

void name_split_domain(const char *text, char **domain, char **controller)
{
    const char *sep = strchr(text, '\\');
    size_t n = sep ? (size_t)(sep - text) : strlen(text);
    *domain = xstrndup(text, n);
    /* "corp.example.com." is the same domain. */
    n = strlen(*domain);
    if (n > 1 && (*domain)[n - 1] == '.')
        (*domain)[n - 1] = '\0';
    *controller = xstrdup(sep ? sep + 1 : "");
}

/* What the names are made from: the answer, else the full name's first label, else the host's
 * present name. */
static char *wanted_label(const struct settings *s, const char *host)
{
    const char *name = settings_get(s, OPT_MACHINE_NAME);
    if (!*name)
        name = settings_get(s, OPT_FQDN);
    if (!*name)
        name = host;
    return xstrndup(name, strcspn(name, "."));
}

int names_resolve(const struct settings *s, const char *host, const char *dns_domain,
                  struct machine_names *ret, struct err *e)
{
    AUTOFREE char *label = wanted_label(s, host);
    if (name_check_computer(label, e) < 0)
        return -1;
    *ret = (struct machine_names){0};
    /* The checks above bound the label; the account keeps its first 15 characters. */
    memcpy(ret->label, label, strlen(label) + 1);
    str_lower(ret->label);
    memcpy(ret->netbios, label, strnlen(label, NAME_NETBIOS_MAX));
    str_upper(ret->netbios);
    ret->truncated = strlen(label) > NAME_NETBIOS_MAX;
    snprintf(ret->account, sizeof ret->account, "%s$", ret->netbios);

    /* A machine elsewhere may be told another DNS suffix than the domain's. */
    if (settings_op(s) == FLAG_FOR_PROVISION && *settings_get(s, OPT_OFFLINE_PRIMARY_DNS_DOMAIN))
        dns_domain = settings_get(s, OPT_OFFLINE_PRIMARY_DNS_DOMAIN);
    AUTOFREE char *fqdn = *settings_get(s, OPT_FQDN) ? xstrdup(settings_get(s, OPT_FQDN))
                                                     : xasprintf("%s.%s", ret->label, dns_domain);
    str_lower(fqdn);
    if (name_check_dns(fqdn, e) < 0)
        return -1;
    memcpy(ret->fqdn, fqdn, strlen(fqdn) + 1);
    return 0;
}

static bool account_part_ok(const char *s, size_t n)
{
    if (n == 0 || n > 256)
        return false;
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f || strchr("\"/\\[]:;|=,+*?<>", s[i]))
            return false;
    }
    return true;
}

char *name_principal(const char *account, const char *realm, const char *netbios)
{
    const char *back = strchr(account, '\\');
    const char *at = strrchr(account, '@');
    if (back) {
        AUTOFREE char *dom = xstrndup(account, (size_t)(back - account));
        if (!account_part_ok(back + 1, strlen(back + 1)) ||
            (!str_ieq(dom, netbios) && !str_ieq(dom, realm)))
            return NULL;
        return xasprintf("%s@%s", back + 1, realm);
    }
    if (!at)
        return account_part_ok(account, strlen(account)) ? xasprintf("%s@%s", account, realm)
                                                         : NULL;
    if (!account_part_ok(account, (size_t)(at - account)) || !dns_name_ok(at + 1))
        return NULL;
    if (str_ieq(at + 1, realm))
        return xasprintf("%.*s@%s", (int)(at - account), account, realm);
    return xstrdup(account);
}
