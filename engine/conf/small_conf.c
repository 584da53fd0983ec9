/* Files that are ours from the first line to the last. */
#include <string.h>

#include "engine/conf/conf.h"

/* sudoers(5): a backslash before everything that has a meaning there. Non-ASCII characters have
 * none. */
static void put_sudo_name(struct buf *b, const char *name)
{
    for (const char *p = name; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '_' || *p == '-' || *p == '.' ||
                     (unsigned char)*p >= 0x80;
        if (!plain)
            buf_byte(b, '\\');
        buf_byte(b, (unsigned char)*p);
    }
}

int conf_sudoers(const struct host_settings *s, struct buf *ret, struct err *e)
{
    buf_printf(ret, "# Written by joinery: administrators of this machine, from the domain %s.\n",
               s->domain);
    for (size_t i = 0; i < s->administrators.n; i++) {
        AUTOFREE char *name = conf_group_name(s, s->administrators.s[i]);
        if (!name)
            return err_cause(e, CAUSE_CONFIG_VALUE);
        bool foreign = strchr(name, '@') != NULL;
        bool winbind = s->identity == HOST_IDENTITY_WINBIND;
        AUTOFREE char *full = !s->full_names || foreign ? xstrdup(name)
                              : winbind                 ? xasprintf("%s\\%s", s->netbios, name)
                                                        : xasprintf("%s@%s", name, s->domain);
        buf_byte(ret, '%');
        put_sudo_name(ret, full);
        buf_str(ret, " ALL=(ALL:ALL) ALL\n");
    }
    return ret->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

void conf_timesyncd(const struct host_settings *s, struct buf *ret)
{
    buf_str(ret, "# Written by joinery: the domain's controllers give the time.\n[Time]\nNTP=");
    for (size_t i = 0; i < s->controllers.n; i++)
        buf_printf(ret, "%s%s", i ? " " : "", s->controllers.s[i]);
    buf_printf(ret, "%s\n", s->controllers.n ? "" : s->domain);
}

void conf_chrony(const struct host_settings *s, struct buf *ret)
{
    buf_str(ret, "# Written by joinery: the domain's controllers give the time.\n");
    for (size_t i = 0; i < s->controllers.n; i++)
        buf_printf(ret, "server %s iburst prefer\n", s->controllers.s[i]);
    if (s->controllers.n == 0)
        buf_printf(ret, "pool %s iburst prefer\n", s->domain);
}

void conf_kdcinfo(const struct host_settings *s, struct buf *ret)
{
    for (size_t i = 0; i < s->kdc_addresses.n; i++)
        buf_printf(ret, "%s\n", s->kdc_addresses.s[i]);
}

static bool is_key(const char *line, size_t n, const char *key)
{
    size_t blank = strspn(line, " \t"), len = strlen(key);
    return n > blank + len && strncmp(line + blank, key, len) == 0 &&
           strchr(" \t=", line[blank + len]);
}

/* pam_winbind.conf(5): the last line of a key in [global] counts. */
int conf_pam_winbind(const char *before, const struct host_settings *s, struct buf *ret,
                     struct err *e)
{
    static const char key[] = "require_membership_of";
    struct buf line = BUF_INIT(64 << 10);
    bool written = false;
    buf_printf(&line, "%s = ", key);
    for (size_t i = 0; i < s->login.n; i++) {
        AUTOFREE char *name = conf_group_name(s, s->login.s[i]);
        buf_printf(&line, "%s%s\\%s", i ? "," : "", s->netbios, name ? name : "");
    }
    buf_byte(&line, '\n');
    for (const char *p = before ? before : ""; *p;) {
        size_t n = strcspn(p, "\n");
        bool section = strncasecmp(p + strspn(p, " \t"), "[global]", 8) == 0;
        if (!is_key(p, n, key)) {
            buf_put(ret, p, n);
            buf_byte(ret, '\n');
        }
        if (section && !written) {
            buf_str(ret, buf_text(&line));
            written = true;
        }
        p += n + (p[n] ? 1 : 0);
    }
    if (!written)
        buf_printf(ret, "[global]\n%s", buf_text(&line));
    buf_free(&line);
    return ret->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}
