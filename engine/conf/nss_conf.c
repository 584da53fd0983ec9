/* nsswitch.conf by the lens Nsswitch. */
#include "engine/aug/aug.h"
#include "engine/conf/conf.h"

#define LENS "Nsswitch.lns"

static const char defaults[] = "passwd:         files\n"
                               "group:          files\n"
                               "shadow:         files\n";

static void add(struct augt *a, const char *service, const char *database, bool needed)
{
    AUTOFREE char *line = xasprintf("database[. = '%s']", database);
    AUTOFREE char *have = xasprintf("%s/service[. = '%s']", line, service);
    AUTOFREE char *sources = xasprintf("%s/*[label() != '#comment']", line);
    AUTOFREE char *files = xasprintf("%s/service", line);
    AUTOFREE char *next = xasprintf("%s/service[last()]", line);
    if (augt_count(a, have) > 0)
        return;
    if (augt_count(a, line) == 0) {
        if (!needed)
            return;
        augt_set(a, "database[last() + 1]", database);
        augt_set(a, files, "files");
    }
    /* Behind the last one, but before a comment at the end of the line. */
    AUTOFREE char *last = augt_nth(a, sources, augt_count(a, sources) - 1);
    if (last)
        augt_insert(a, last, "service", false);
    augt_set(a, next, service);
}

int conf_nsswitch(const char *before, struct buf *ret, struct err *e)
{
    AUTOAUGT a = NULL;
    if (augt_open(LENS, CONF_NSSWITCH, before ? before : defaults, &a, e) != 0)
        return -1;
    add(a, "sss", "passwd", true);
    add(a, "sss", "group", true);
    add(a, "sss", "shadow", true);
    add(a, "sss", "initgroups", false);
    add(a, "sss", "netgroup", false);
    add(a, "sss", "services", false);
    return augt_text(a, ret, e);
}

int conf_nsswitch_winbind(const char *before, struct buf *ret, struct err *e)
{
    AUTOAUGT a = NULL;
    if (augt_open(LENS, CONF_NSSWITCH, before ? before : defaults, &a, e) != 0)
        return -1;
    add(a, "winbind", "passwd", true);
    add(a, "winbind", "group", true);
    return augt_text(a, ret, e);
}
