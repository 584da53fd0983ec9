/* krb5.conf, MIT's profile syntax, by the lens Krb5. */
#include <string.h>

#include "engine/aug/aug.h"
#include "engine/conf/conf.h"

#define LENS "Krb5.lns"

/* A fixed controller turns DNS off for the realm: only when one was asked for and no SSSD is there
 * to tell the library where the controllers are. */
static const char *fixed_kdc(const struct host_settings *s)
{
    return s->identity == HOST_IDENTITY_NONE && !str_empty(s->preferred_dc) ? s->preferred_dc
                                                                            : NULL;
}

static void whole(const struct host_settings *s, struct buf *b)
{
    buf_printf(b,
               "# Written by joinery for the domain %s; taken back when the machine leaves it.\n"
               "[libdefaults]\n"
               "    default_realm = %s\n"
               "    dns_lookup_realm = false\n"
               "    dns_lookup_kdc = true\n"
               "    rdns = false\n"
               "\n"
               "[domain_realm]\n"
               "    %s = %s\n"
               "    .%s = %s\n",
               s->domain, s->realm, s->domain, s->realm, s->domain, s->realm);
    if (fixed_kdc(s))
        buf_printf(b, "\n[realms]\n    %s = {\n        kdc = %s\n    }\n", s->realm,
                   s->preferred_dc);
}

/* Behind the section's last line of its own, before the blank lines and comments that lead to the
 * next section. */
static void add(struct augt *a, const char *section, const char *key, const char *value)
{
    AUTOFREE char *settings =
        xasprintf("%s/*[label() != '#comment' and label() != '#empty'][last()]", section);
    AUTOFREE char *path = xasprintf("%s/%s", section, key);
    AUTOFREE char *last = augt_nth(a, settings, 0);
    if (last)
        augt_insert(a, last, key, false);
    augt_set(a, path, value);
}

/* The first one that stands somewhere counts for the library, so that one is changed. */
static void set(struct augt *a, const char *section, const char *key, const char *value)
{
    AUTOFREE char *path = xasprintf("%s/%s", section, key);
    AUTOFREE char *have = augt_nth(a, path, 0);
    AUTOFREE char *first = augt_nth(a, section, 0);
    const char *now = have ? augt_get(a, have) : NULL;
    if (have && !str_ieq(now, value))
        augt_set(a, have, value);
    else if (!have)
        add(a, first ? first : section, key, value);
}

static void edit(struct augt *a, const struct host_settings *s)
{
    AUTOFREE char *dotted = xasprintf(".%s", s->domain);
    set(a, "libdefaults", "default_realm", s->realm);
    set(a, "libdefaults", "dns_lookup_realm", "false");
    set(a, "libdefaults", "dns_lookup_kdc", "true");
    set(a, "libdefaults", "rdns", "false");
    set(a, "domain_realm", s->domain, s->realm);
    set(a, "domain_realm", dotted, s->realm);
    AUTOFREE char *realm = xasprintf("realms/realm[. = '%s']", s->realm);
    if (fixed_kdc(s) && augt_count(a, realm) == 0) {
        AUTOFREE char *kdc = xasprintf("%s/kdc", realm);
        augt_set(a, "realms/realm[last() + 1]", s->realm);
        augt_set(a, kdc, s->preferred_dc);
    }
}

static bool blank(const char *text)
{
    return !text || text[strspn(text, " \t\r\n")] == '\0';
}

int conf_krb5(const char *before, const struct host_settings *s, struct buf *ret, struct err *e)
{
    if (blank(before)) {
        whole(s, ret);
        return ret->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    }
    AUTOAUGT a = NULL;
    if (augt_open(LENS, CONF_KRB5, before, &a, e) != 0)
        return -1;
    edit(a, s);
    return augt_text(a, ret, e);
}

int conf_krb5_reads_dir(const char *text, bool *ret, struct err *e)
{
    *ret = false;
    if (blank(text) || !strstr(text, CONF_KRB5_DIR))
        return 0;
    AUTOAUGT a = NULL;
    if (augt_open(LENS, CONF_KRB5, text, &a, e) != 0)
        return -1;
    *ret = augt_count(a, "includedir[. = '" CONF_KRB5_DIR "' or . = '" CONF_KRB5_DIR "/']"
                         "[count(preceding-sibling::libdefaults) = 0]"
                         "[count(preceding-sibling::domain_realm) = 0]") > 0;
    return 0;
}
