/* smb.conf by the lens Samba: only the workgroup of [global]. */
#include <string.h>

#include "engine/aug/aug.h"
#include "engine/conf/conf.h"

#define LENS "Samba.lns"
/* Samba takes names of sections and parameters without regard to case, and of parameters without
 * regard to blanks. */
#define GLOBAL    "target[. =~ regexp('global', 'i')]"
#define PARAM     "*[label() =~ regexp('%s', 'i')]"
#define WORKGROUP "w *o *r *k *g *r *o *u *p"

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
    AUTOFREE char *section = augt_nth(a, GLOBAL, 0);
    if (!section) {
        augt_set(a, "target[last() + 1]", "global");
        section = xstrdup("target[last()]");
    }
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
