/* smb.conf by the lens Samba: the workgroup of [global], or what makes a domain member of it. */
#include <string.h>

#include "engine/aug/aug.h"
#include "engine/conf/conf.h"

#define LENS "Samba.lns"
/* Samba takes names of sections and parameters without regard to case, and of parameters without
 * regard to blanks. */
#define GLOBAL    "target[. =~ regexp('global', 'i')]"
#define PARAM     "*[label() =~ regexp('%s', 'i')]"
#define WORKGROUP "w *o *r *k *g *r *o *u *p"

static char *global_section(struct augt *a)
{
    char *section = augt_nth(a, GLOBAL, 0);
    if (section)
        return section;
    augt_set(a, "target[last() + 1]", "global");
    return xstrdup("target[last()]");
}

static void set_workgroup(struct augt *a, const char *name)
{
    AUTOFREE char *lines = xasprintf(GLOBAL "/" PARAM, WORKGROUP);
    size_t n = augt_count(a, lines);
    if (n > 0) { /* the last one counts: all of them say the same from now on */
        for (size_t i = 0; i < n; i++) {
            AUTOFREE char *one = augt_nth(a, lines, i);
            if (one && !str_eq(augt_get(a, one), name))
                augt_set(a, one, name);
        }
        return;
    }
    AUTOFREE char *section = global_section(a);
    AUTOFREE char *first = xasprintf("%s/*[1]", section);
    AUTOFREE char *line = xasprintf("%s/workgroup", section);
    if (augt_count(a, first) > 0)
        augt_insert(a, first, "workgroup", true);
    augt_set(a, line, name);
}

/* Settings that Samba reads from elsewhere may win over this file. */
static bool reads_more(struct augt *a)
{
    static const char *const words[] = {"include", "config *backend"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        AUTOFREE char *path = xasprintf(GLOBAL "/" PARAM, words[i]);
        if (augt_count(a, path) > 0)
            return true;
    }
    return false;
}

/* What the file cannot carry as it is: variables, comments, quotes, blanks at the ends. */
static bool fits(const char *name)
{
    size_t n = strlen(name);
    return n > 0 && !strpbrk(name, "%#;\"\\\r\n") && name[0] != ' ' && name[n - 1] != ' ';
}

int conf_smb_workgroup(const char *before, const char *name, struct buf *ret, bool *more,
                       struct err *e)
{
    AUTOAUGT a = NULL;
    if (!fits(name)) {
        err_fact(e, FACT_NAME, "%s", name);
        err_fact(e, FACT_FILE, "%s", CONF_SMB);
        return err_cause(e, CAUSE_WORKGROUP_NAME_BAD);
    }
    if (augt_open(LENS, CONF_SMB, before, &a, e) != 0)
        return -1;
    *more = reads_more(a);
    set_workgroup(a, name);
    return augt_text(a, ret, e);
}

/* ---- a member of a domain ---- */

/* "idmap config * : backend" as an expression that any spelling of it matches, or as the name of a
 * node in a path. */
static char *spelled(const char *name, bool expression)
{
    struct buf b = BUF_INIT(1024);
    for (const char *p = name; *p; p++) {
        if (expression && *p == ' ')
            buf_str(&b, " *");
        else if (expression && strchr("*.+", *p))
            buf_printf(&b, "[%c]", *p);
        else if (!expression && strchr(" *:", *p))
            buf_printf(&b, "\\%c", *p);
        else
            buf_byte(&b, (unsigned char)*p);
    }
    return buf_steal(&b);
}

struct param {
    const char *name, *value;
    enum { ALWAYS, IF_MISSING, IF_THERE } when;
};

/* What stands there twice counts by its last line: all of them say the same from now on. */
static void set_param(struct augt *a, const char *section, const struct param *p)
{
    AUTOFREE char *expression = spelled(p->name, true);
    AUTOFREE char *node = spelled(p->name, false);
    AUTOFREE char *lines = xasprintf("%s/" PARAM, section, expression);
    AUTOFREE char *line = xasprintf("%s/%s", section, node);
    size_t n = augt_count(a, lines);
    if (n == 0 && p->when != IF_THERE)
        augt_set(a, line, p->value);
    for (size_t i = 0; i < n && p->when != IF_MISSING; i++) {
        AUTOFREE char *one = augt_nth(a, lines, i);
        if (one && !str_ieq(augt_get(a, one), p->value))
            augt_set(a, one, p->value);
    }
}

/* Numbers for users: by their relative ID, so that every machine counts alike. The password stays
 * as it is: who changes it has to change Samba's copy and the keytab together. */
static void set_member(struct augt *a, const struct host_settings *s)
{
    AUTOFREE char *section = global_section(a);
    AUTOFREE char *backend = xasprintf("idmap config %s : backend", s->netbios);
    AUTOFREE char *range = xasprintf("idmap config %s : range", s->netbios);
    const char *home = !str_empty(s->home_pattern) ? s->home_pattern
                       : s->full_names             ? "/home/%U@%D"
                                                   : "/home/%U";
    const struct param params[] = {
        {"workgroup", s->netbios, ALWAYS},
        {"realm", s->realm, ALWAYS},
        {"netbios name", s->computer, ALWAYS},
        {"security", "ads", ALWAYS},
        {"server role", "member server", IF_THERE},
        {"kerberos method", "secrets and keytab", ALWAYS},
        {"machine password timeout", "0", ALWAYS},
        {"winbind use default domain", s->full_names ? "no" : "yes", ALWAYS},
        {"winbind refresh tickets", "yes", IF_MISSING},
        {"winbind offline logon", "yes", IF_MISSING},
        {"idmap config * : backend", "tdb", IF_MISSING},
        {"idmap config * : range", "3000-7999", IF_MISSING},
        {backend, "rid", IF_MISSING},
        {range, "100000-99999999", IF_MISSING},
        {"template shell", str_empty(s->shell) ? "/bin/bash" : s->shell, IF_MISSING},
        {"template homedir", home, IF_MISSING},
    };
    for (size_t i = 0; i < ARRAY_SIZE(params); i++)
        set_param(a, section, &params[i]);
}

int conf_smb_member(const char *before, const struct host_settings *s, struct buf *ret,
                    struct err *e)
{
    AUTOAUGT a = NULL;
    AUTOFREE char *head = xasprintf(
        "# Written by joinery for the domain %s; taken back when the machine leaves it.\n",
        s->domain);
    bool empty = !before || before[strspn(before, " \t\r\n")] == '\0';
    if (!fits(s->netbios) || strpbrk(s->netbios, "/[]|'*?+.(){}^$")) {
        err_fact(e, FACT_NAME, "%s", s->netbios);
        err_fact(e, FACT_FILE, "%s", CONF_SMB);
        return err_cause(e, CAUSE_WORKGROUP_NAME_BAD);
    }
    if (augt_open(LENS, CONF_SMB, empty ? head : before, &a, e) != 0)
        return -1;
    set_member(a, s);
    return augt_text(a, ret, e);
}
