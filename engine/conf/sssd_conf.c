/* sssd.conf by the lens Sssd. Keys that are ours are set; everything else in the file is the
 * owner's. */
#include <string.h>

#include "engine/aug/aug.h"
#include "engine/conf/conf.h"

#define LENS "Sssd.lns"
#define MAIN "target[. = 'sssd']"

static void set(struct augt *a, const char *section, const char *key, const char *value)
{
    AUTOFREE char *path = xasprintf("%s/%s", section, key);
    AUTOFREE char *have = augt_nth(a, path, 0);
    const char *now = have ? augt_get(a, have) : NULL;
    if (!str_eq(now, value))
        augt_set(a, have ? have : path, value);
}

static void unset(struct augt *a, const char *section, const char *key)
{
    AUTOFREE char *path = xasprintf("%s/%s", section, key);
    augt_remove(a, path);
}

/* Adds a word to a comma-separated value. */
static void add_word(struct augt *a, const char *section, const char *key, const char *word)
{
    AUTOFREE char *path = xasprintf("%s/%s", section, key);
    struct strv words = {0};
    const char *now = augt_get(a, path);
    strv_split(&words, now ? now : "", ", ");
    if (!strv_has_icase(&words, word)) {
        AUTOFREE char *more = words.n ? xasprintf("%s, %s", now, word) : xstrdup(word);
        set(a, section, key, more);
    }
    strv_free(&words);
}

static void ensure_section(struct augt *a, const char *name)
{
    AUTOFREE char *path = xasprintf("target[. = '%s']", name);
    if (augt_count(a, path) == 0)
        augt_set(a, "target[last() + 1]", name);
}

static void edit_main(struct augt *a, const struct host_settings *s, bool socket_activated)
{
    ensure_section(a, "sssd");
    if (!augt_get(a, MAIN "/config_file_version"))
        set(a, MAIN, "config_file_version", "2");
    add_word(a, MAIN, "domains", s->domain);
    if (augt_get(a, MAIN "/services") || !socket_activated) {
        add_word(a, MAIN, "services", "nss");
        add_word(a, MAIN, "services", "pam");
    }
}

static void edit_access(struct augt *a, const char *section, const struct host_settings *s)
{
    struct buf groups = BUF_INIT(64 << 10);
    set(a, section, "access_provider", s->login.n ? "simple" : "ad");
    for (size_t i = 0; i < s->login.n; i++) {
        AUTOFREE char *name = conf_group_name(s, s->login.s[i]);
        buf_printf(&groups, "%s%s", i ? ", " : "", name ? name : "");
    }
    if (s->login.n)
        set(a, section, "simple_allow_groups", buf_text(&groups));
    else
        unset(a, section, "simple_allow_groups");
    buf_free(&groups);
}

static void set_or_unset(struct augt *a, const char *section, const char *key, const char *value)
{
    if (value)
        set(a, section, key, value);
    else
        unset(a, section, key);
}

/* SSSD derives the principal from the first label of ad_hostname; it must be told when the
 * account's name is another, as with names of more than 15 characters. */
static char *authid(const struct host_settings *s)
{
    AUTOFREE char *derived = xstrndup(s->fqdn, strcspn(s->fqdn, "."));
    return str_ieq(derived, s->computer) ? NULL : xasprintf("%s$@%s", s->computer, s->realm);
}

static void edit_domain(struct augt *a, const struct host_settings *s)
{
    AUTOFREE char *name = xasprintf("domain/%s", s->domain);
    AUTOFREE char *section = xasprintf("target[. = '%s']", name);
    AUTOFREE char *server =
        str_empty(s->preferred_dc) ? NULL : xasprintf("%s, _srv_", s->preferred_dc);
    AUTOFREE char *id = authid(s);
    const char *home = !str_empty(s->home_pattern) ? s->home_pattern
                       : s->full_names             ? "/home/%u@%d"
                                                   : "/home/%u";
    ensure_section(a, name);
    set(a, section, "id_provider", "ad");
    set(a, section, "ad_domain", s->domain);
    set(a, section, "krb5_realm", s->realm);
    set(a, section, "ad_hostname", s->fqdn);
    set_or_unset(a, section, "ldap_sasl_authid", id);
    set_or_unset(a, section, "ad_server", server);
    set_or_unset(a, section, "ad_site", str_empty(s->site) ? NULL : s->site);
    edit_access(a, section, s);
    set(a, section, "cache_credentials", "True");
    set(a, section, "krb5_store_password_if_offline", "True");
    set(a, section, "use_fully_qualified_names", s->full_names ? "True" : "False");
    set(a, section, "fallback_homedir", home);
    set(a, section, "default_shell", str_empty(s->shell) ? "/bin/bash" : s->shell);
    set(a, section, "dyndns_update", s->dns_update ? "True" : "False");
}

int conf_sssd(const char *before, const struct host_settings *s, bool socket_activated,
              struct buf *ret, struct err *e)
{
    AUTOAUGT a = NULL;
    AUTOFREE char *head = xasprintf(
        "# Written by joinery for the domain %s; taken back when the machine leaves it.\n",
        s->domain);
    bool empty = !before || before[strspn(before, " \t\r\n")] == '\0';
    if (augt_open(LENS, CONF_SSSD, empty ? head : before, &a, e) != 0)
        return -1;
    edit_main(a, s, socket_activated);
    edit_domain(a, s);
    return augt_text(a, ret, e);
}

int conf_sssd_names(const char *before, const struct host_settings *s, struct buf *ret,
                    struct err *e)
{
    AUTOAUGT a = NULL;
    AUTOFREE char *section = xasprintf("target[. = 'domain/%s']", s->domain);
    AUTOFREE char *id = authid(s);
    if (augt_open(LENS, CONF_SSSD, before, &a, e) != 0)
        return -1;
    if (augt_count(a, section) > 0) {
        set(a, section, "ad_hostname", s->fqdn);
        set_or_unset(a, section, "ldap_sasl_authid", id);
    }
    return augt_text(a, ret, e);
}
