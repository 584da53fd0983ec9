/* The machine's own name: hostname (plain) and hosts (lens Hosts). */
#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "engine/aug/aug.h"
#include "engine/conf/conf.h"
#include "engine/conf/merge3.h"

#define LENS      "Hosts.lns"
#define WHOLE_MAX (64u << 10) /* bytes that go through the lens */

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

/* An address line that already answers for the full name, with it as the first name. One
 * expression, because a hosts file may have thousands of lines. */
static bool served(struct augt *a, const char *fqdn)
{
    struct buf path = BUF_INIT(2048);
    buf_str(&path, "*[canonical =~ regexp('");
    for (const char *p = fqdn; *p; p++) {
        if (*p == '.')
            buf_str(&path, "[.]");
        else
            buf_byte(&path, (unsigned char)*p);
    }
    buf_str(&path, "', 'i')]");
    const char *text = buf_text(&path);
    bool found = text && augt_count(a, text) > 0;
    buf_free(&path);
    return found;
}

/* Puts an alias right behind the first name. */
static void push_alias(struct augt *a, const char *entry, const char *name)
{
    AUTOFREE char *canonical = xasprintf("%s/canonical", entry);
    AUTOFREE char *first = xasprintf("%s/alias[1]", entry);
    augt_insert(a, canonical, "alias", false);
    augt_set(a, first, name);
}

/* The name that the system has to let go of, with any domain behind it. */
static bool is_former(const struct host_settings *s, const char *name)
{
    size_t n = str_empty(s->former_name) ? 0 : strcspn(s->former_name, ".");
    return n && strncasecmp(name, s->former_name, n) == 0 && (!name[n] || name[n] == '.');
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
        if (str_ieq(name, s->fqdn) || str_ieq(name, s->short_name) || is_former(s, name))
            augt_remove(a, one);
    }
    augt_set(a, canonical, s->fqdn);
    if (!str_ieq(was, s->fqdn) && !str_ieq(was, s->short_name) && !is_former(s, was))
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

static int edit_hosts(const char *before, const struct host_settings *s, struct buf *ret,
                      struct err *e)
{
    AUTOAUGT a = NULL;
    if (augt_open(LENS, CONF_HOSTS, before, &a, e) != 0)
        return -1;
    AUTOFREE char *own = augt_nth(a, "*[ipaddr = '127.0.1.1']", 0);
    if (own && !(names(a, own, s->short_name) && served(a, s->fqdn)))
        rename_entry(a, own, s);
    else if (!own && !served(a, s->fqdn))
        add_entry(a, s);
    return augt_text(a, ret, e);
}

/* The lines that can concern us: a list of blocked sites in the hosts file has a hundred thousand
 * others, which the lens would take minutes for. */
static void pick_lines(const char *text, const struct host_settings *s, struct buf *ret)
{
    while (*text) {
        size_t n = strcspn(text, "\n");
        AUTOFREE char *line = xstrndup(text, n);
        if (strstr(line, "127.0.") || strcasestr(line, s->fqdn))
            buf_printf(ret, "%s\n", line);
        text += n + (text[n] ? 1 : 0);
    }
    buf_put(ret, "", 0);
}

static int edit_large(const char *before, const struct host_settings *s, struct buf *ret,
                      struct err *e)
{
    struct buf few = BUF_INIT(WHOLE_MAX), edited = BUF_INIT(2 * WHOLE_MAX);
    struct merge3_result res = {0};
    pick_lines(before, s, &few);
    /* Failed: thousands of lines do concern us. */
    int rc = few.failed ? err_errno(e, CAUSE_FILE_READ_FAILED, EFBIG, CONF_HOSTS)
                        : edit_hosts((char *)few.data, s, &edited, e);
    if (rc == 0 && merge3((char *)few.data, (char *)edited.data, before, ret, &res) != 0)
        rc = err_cause(e, CAUSE_OUT_OF_MEMORY);
    merge3_result_free(&res);
    buf_free(&few);
    buf_free(&edited);
    return rc;
}

int conf_hosts(const char *before, const struct host_settings *s, struct buf *ret, struct err *e)
{
    if (!before)
        before = "127.0.0.1\tlocalhost\n";
    return strlen(before) > WHOLE_MAX ? edit_large(before, s, ret, e)
                                      : edit_hosts(before, s, ret, e);
}
