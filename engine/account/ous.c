/* The tree of places where computers may be made. */
#include "engine/account/private.h"

#include <stdlib.h>
#include <string.h>

#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

#define LIST_MAX        5000
#define PAGE            250
#define LIST_TIMEOUT_MS 120000 /* the rights of an administrator are some kilobytes an entry */

static char *list_filter(const char *match)
{
    AUTOFREE char *part = match && *match ? filter_escape(match) : NULL;
    AUTOFREE char *name = part ? xasprintf("(name=*%s*)", part) : xstrdup("");
    /* Containers of the system itself are hidden in the administrators' own tools, too. */
    return xasprintf("(&(|(objectClass=organizationalUnit)(objectClass=container))"
                     "(!(showInAdvancedViewOnly=TRUE))%s)",
                     name);
}

static int by_name(const void *a, const void *b)
{
    const struct account_ou *x = a, *y = b;
    AUTOFREE char *fx = xstrdup(x->name);
    AUTOFREE char *fy = xstrdup(y->name);
    utf8_fold(fx);
    utf8_fold(fy);
    int order = strcmp(fx, fy);
    return order ? order : strcmp(x->dn, y->dn);
}

static void take_ous(const struct dir_op *op, struct account_ous *out)
{
    out->ou = xcalloc(op->n_entries + 1, sizeof *out->ou);
    for (size_t i = 0; i < op->n_entries; i++) {
        const struct dir_entry *en = &op->entries[i];
        const char *text = dir_text(en, "description");
        char *name = dn_leaf_value(en->dn);
        if (!name)
            continue;
        struct account_ou *ou = &out->ou[out->n++];
        *ou = (struct account_ou){.dn = xstrdup(en->dn), .name = name};
        ou->may_create = dir_has_value(en, ATTR_MAY_CREATE, CLASS_COMPUTER);
        ou->container = !dir_has_value(en, "objectClass", "organizationalUnit");
        ou->description = text ? xstrdup(text) : NULL;
    }
    out->cut = op->cut || op->rc == 4;
    qsort(out->ou, out->n, sizeof *out->ou, by_name);
}

int account_list_ous(struct dir *d, const char *base, bool subtree, const char *match,
                     unsigned limit, struct account_ous *out, struct err *e)
{
    static const char *const attrs[] = {"objectClass", "description", ATTR_MAY_CREATE, NULL};
    AUTOFREE char *filter = list_filter(match);
    if (limit == 0 || limit > LIST_MAX)
        limit = LIST_MAX;
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = base,
                        .scope = subtree ? DIR_SUB : DIR_ONE,
                        .filter = filter,
                        .attrs = attrs,
                        .limit = limit,
                        .page = limit < PAGE ? limit : PAGE};
    struct dir_op *ops[] = {&op};
    *out = (struct account_ous){0};
    int rc = dir_send(d, &op, e);
    if (rc == 0)
        rc = dir_collect(d, ops, 1, LIST_TIMEOUT_MS, e);
    if (rc == 0 && op.rc != 4)
        rc = account_answer(d, ACCOUNT_OP_READ_OU, &op, e);
    if (rc == 0)
        take_ous(&op, out);
    dir_op_free(&op);
    return rc;
}

void account_ous_free(struct account_ous *o)
{
    for (size_t i = 0; i < o->n; i++) {
        free(o->ou[i].dn);
        free(o->ou[i].name);
        free(o->ou[i].description);
    }
    free(o->ou);
    *o = (struct account_ous){0};
}
