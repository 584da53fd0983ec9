/* The machine's own name: hostname (plain) and hosts (lens Hosts). */
#include <string.h>

#include "engine/aug/aug.h"
#include "engine/conf/conf.h"

#define LENS "Hosts.lns"

/* The first line that is neither blank nor a comment is the name. */
int conf_hostname(const char *before, const struct host_settings *s, struct buf *ret, struct err *e)
{
    bool written = false;
    for (const char *p = before ? before : ""; *p;) {
        size_t n = strcspn(p, "\n");
        const char *text = p + strspn(p, " \t\r");
        if (written || *text == '#' || *text == '\n' || *text == '\0') {
            buf_put(ret, p, n);
        } else {
            buf_str(ret, s->short_name);
            written = true;
        }
        buf_byte(ret, '\n');
        p += n + (p[n] ? 1 : 0);
    }
    if (!written)
        buf_printf(ret, "%s\n", s->short_name);
    return ret->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

static bool names(struct augt *a, const char *entry, const char *name)
{
    static const char *const where[] = {"canonical", "alias"};
    for (size_t k = 0; k < ARRAY_SIZE(where); k++) {
        AUTOFREE char *path = xasprintf("%s/%s", entry, where[k]);
        size_t n = augt_count(a, path);
        for (size_t i = 0; i < n; i++) {
            AUTOFREE char *one = augt_nth(a, path, i);
            if (str_ieq(augt_get(a, one), name))
                return true;
        }
    }
    return false;
}

/* An address line that already answers for the full name, with it as the first name. */
static bool served(struct augt *a, const char *fqdn)
{
    size_t n = augt_count(a, "*[canonical]");
    for (size_t i = 0; i < n; i++) {
        AUTOFREE char *entry = augt_nth(a, "*[canonical]", i);
        AUTOFREE char *path = xasprintf("%s/canonical", entry);
        if (str_ieq(augt_get(a, path), fqdn))
            return true;
    }
    return false;
}

/* Puts an alias right behind the first name. */
static void push_alias(struct augt *a, const char *entry, const char *name)
{
    AUTOFREE char *canonical = xasprintf("%s/canonical", entry);
    AUTOFREE char *first = xasprintf("%s/alias[1]", entry);
    augt_insert(a, canonical, "alias", false);
    augt_set(a, first, name);
}

/* "127.0.1.1 old" -> "127.0.1.1 fqdn short old": the names that the owner gave stay, as further
 * names. */
static void rename_entry(struct augt *a, const char *entry, const struct host_settings *s)
{
    AUTOFREE char *canonical = xasprintf("%s/canonical", entry);
    AUTOFREE char *aliases = xasprintf("%s/alias", entry);
    const char *now = augt_get(a, canonical);
    AUTOFREE char *was = xstrdup(now ? now : s->fqdn);
    for (size_t i = augt_count(a, aliases); i-- > 0;) {
        AUTOFREE char *one = augt_nth(a, aliases, i);
        const char *name = augt_get(a, one);
        if (str_ieq(name, s->fqdn) || str_ieq(name, s->short_name))
            augt_remove(a, one);
    }
    augt_set(a, canonical, s->fqdn);
    if (!str_ieq(was, s->fqdn) && !str_ieq(was, s->short_name))
        push_alias(a, entry, was);
    if (!str_ieq(s->fqdn, s->short_name))
        push_alias(a, entry, s->short_name);
}

static void add_entry(struct augt *a, const struct host_settings *s)
{
    AUTOFREE char *loopback = augt_nth(a, "*[ipaddr = '127.0.0.1']", 0);
    if (loopback)
        augt_insert(a, loopback, "01", false);
    augt_set(a, "01/ipaddr", "127.0.1.1");
    augt_set(a, "01/canonical", s->fqdn);
    if (!str_ieq(s->fqdn, s->short_name))
        augt_set(a, "01/alias", s->short_name);
}

int conf_hosts(const char *before, const struct host_settings *s, struct buf *ret, struct err *e)
{
    AUTOAUGT a = NULL;
    if (augt_open(LENS, CONF_HOSTS, before ? before : "127.0.0.1\tlocalhost\n", &a, e) != 0)
        return -1;
    AUTOFREE char *own = augt_nth(a, "*[ipaddr = '127.0.1.1']", 0);
    if (own && !(names(a, own, s->short_name) && served(a, s->fqdn)))
        rename_entry(a, own, s);
    else if (!own && !served(a, s->fqdn))
        add_entry(a, s);
    return augt_text(a, ret, e);
}
