/*
 * A membership that another program made: realmd, adcli, Samba's net. Two things have to come
 * together, the keys of a computer account in the keytab and an identity service that is set up for
 * its domain. A keytab alone says nothing: it may hold keys of a file server's service, or be what
 * the image of another machine left.
 */
#include <string.h>

#include "engine/flow/membership.h"
#include "engine/kerb/kerb.h"

#define SSSD_PATH "/etc/sssd/sssd.conf"
#define SMB_PATH  "/etc/samba/smb.conf"
#define CONF_MAX  (256u << 10)

/* What the lines of one section say, of the keys that are looked at. */
struct section {
    char *name;
    struct strv keys, values;
};

static char *trimmed(const char *from, size_t len)
{
    while (len && (*from == ' ' || *from == '\t')) {
        from++;
        len--;
    }
    while (len && strchr(" \t\r", from[len - 1]))
        len--;
    return xstrndup(from, len);
}

static const char *value(const struct section *s, const char *key)
{
    for (size_t i = 0; i < s->keys.n; i++) {
        if (str_ieq(s->keys.s[i], key))
            return s->values.s[i];
    }
    return "";
}

static void section_clear(struct section *s)
{
    free(s->name);
    strv_free(&s->keys);
    strv_free(&s->values);
    *s = (struct section){0};
}

struct finder {
    const struct kerb_keytab_entry *keys;
    size_t n;
    const char *host; /* short name, to tell one's own key from a left one */
    struct membership *m;
};

/* The short name of the computer whose key of this realm is in the keytab; malloc'ed, or NULL. */
static char *computer_of(const struct finder *f, const char *realm)
{
    char *found = NULL;
    for (size_t i = 0; i < f->n; i++) {
        const char *p = f->keys[i].principal;
        const char *at = strrchr(p, '@');
        if (!at || at - p < 2 || at[-1] != '$' || !str_ieq(at + 1, realm))
            continue;
        AUTOFREE char *name = xstrndup(p, (size_t)(at - p) - 1);
        if (!found || str_ieq(name, f->host)) {
            free(found);
            found = TAKE(name);
        }
    }
    return found;
}

static void found(struct finder *f, const char *domain, const char *realm, char *computer,
                  const char *tool, const char *command)
{
    struct enroll_record *r = &f->m->rec;
    f->m->state = MEMBER_DOMAIN;
    f->m->other_tool = tool;
    f->m->other_leave = command;
    r->domain = xstrdup(domain);
    str_lower(r->domain);
    r->realm = xstrdup(realm);
    str_upper(r->realm);
    AUTOFREE char *host = xstrdup(*f->host ? f->host : computer);
    str_lower(host);
    r->fqdn = xasprintf("%s.%s", host, r->domain);
    r->computer = computer;
    char **rest[] = {&r->netbios,    &r->account_dn, &r->guid,    &r->sid,     &r->site,
                     &r->controller, &r->identity,   &r->account, &r->answers, &r->old_hostname};
    for (size_t i = 0; i < ARRAY_SIZE(rest); i++)
        *rest[i] = xstrdup("");
}

static bool judge_sssd(struct finder *f, const struct section *s)
{
    if (strncasecmp(s->name, "domain/", 7) != 0 || !str_ieq(value(s, "id_provider"), "ad"))
        return false;
    const char *domain = *value(s, "ad_domain") ? value(s, "ad_domain") : s->name + 7;
    const char *realm = *value(s, "krb5_realm") ? value(s, "krb5_realm") : domain;
    char *computer = computer_of(f, realm);
    if (!computer)
        return false;
    if (*value(s, "realmd_tags"))
        found(f, domain, realm, computer, "realmd", "realm leave");
    else
        found(f, domain, realm, computer, "adcli", "adcli delete-computer");
    free(f->m->rec.identity);
    f->m->rec.identity = xstrdup("sssd");
    return true;
}

static bool judge_smb(struct finder *f, const struct section *s)
{
    const char *realm = value(s, "realm");
    if (!str_ieq(s->name, "global") || !str_ieq(value(s, "security"), "ads") || !*realm)
        return false;
    char *computer = computer_of(f, realm);
    if (computer)
        found(f, realm, realm, computer, "net", "net ads leave");
    return computer != NULL;
}

typedef bool judge_fn(struct finder *f, const struct section *s);

/* Line by line: what is no section and no "key = value" is not ours to complain about. */
static bool scan(struct finder *f, char *text, judge_fn *judge)
{
    struct section s = {.name = xstrdup("")};
    bool yes = false;
    char *rest = text, *line;
    while (!yes && (line = strsep(&rest, "\n"))) {
        AUTOFREE char *t = trimmed(line, strlen(line));
        char *eq = strchr(t, '='), *end = strchr(t, ']');
        if (*t == '[' && end) {
            yes = judge(f, &s);
            section_clear(&s);
            s.name = trimmed(t + 1, (size_t)(end - t) - 1);
        } else if (eq && *t != '#' && *t != ';') {
            strv_take(&s.keys, trimmed(t, (size_t)(eq - t)));
            strv_take(&s.values, trimmed(eq + 1, strlen(eq + 1)));
        }
    }
    yes = yes || judge(f, &s);
    section_clear(&s);
    return yes;
}

static bool look_into(struct finder *f, struct host *h, const char *path, judge_fn *judge)
{
    struct buf b = BUF_INIT(CONF_MAX);
    struct err ignored = {0};
    bool present, yes = false;
    if (host_read_opt(h, path, &b, &present, &ignored) == 0 && b.len && !memchr(b.data, 0, b.len))
        yes = scan(f, buf_text(&b), judge);
    buf_free(&b);
    return yes;
}

bool membership_other(struct host *h, struct membership *m)
{
    struct buf keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    AUTOFREE struct kerb_keytab_entry *list = NULL;
    AUTOFREE char *host = NULL;
    struct err ignored = {0};
    size_t n = 0;
    bool present, yes = false;
    if (host_read_opt(h, HOST_KEYTAB, &keytab, &present, &ignored) == 0 && keytab.len &&
        kerb_keytab_list(keytab.data, keytab.len, &list, &n, &ignored) == 0 && n) {
        if (host_get_hostname(h, &host, &ignored) < 0)
            host = xstrdup("");
        host[strcspn(host, ".")] = '\0';
        struct finder f = {.keys = list, .n = n, .host = host, .m = m};
        yes = look_into(&f, h, SSSD_PATH, judge_sssd) || look_into(&f, h, SMB_PATH, judge_smb);
    }
    buf_free(&keytab);
    return yes;
}
