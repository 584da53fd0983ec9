/* The tree of places where computers may be made. */
#include "engine/account/private.h"

#include <stdlib.h>
#include <string.h>

#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

#define LIST_MAX   5000
#define PAGE       1000
#define MARK_BATCH 40

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

static enum account_tri mark_of(const struct dir_entry *en)
{
    return dir_has_value(en, ATTR_MAY_CREATE, CLASS_COMPUTER) ? ACCOUNT_YES : ACCOUNT_NO;
}

static void take_ous(const struct dir_op *op, bool marked, struct account_ous *out)
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
        ou->may_create = marked ? mark_of(en) : ACCOUNT_UNKNOWN;
        ou->container = !dir_has_value(en, "objectClass", "organizationalUnit");
        ou->description = text ? xstrdup(text) : NULL;
    }
    out->cut = op->cut || op->rc == 4;
    qsort(out->ou, out->n, sizeof *out->ou, by_name);
}

static int search(struct dir *d, const char *base, bool subtree, const char *filter, bool marked,
                  unsigned limit, struct account_ous *out, struct err *e)
{
    const char *attrs[] = {"objectClass", "description", marked ? ATTR_MAY_CREATE : NULL, NULL};
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = base,
                        .scope = subtree ? DIR_SUB : DIR_ONE,
                        .filter = filter,
                        .attrs = attrs,
                        .limit = limit,
                        .page = limit < PAGE ? limit : PAGE};
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && op.rc != 4)
        rc = account_answer(d, ACCOUNT_OP_READ_OU, &op, e);
    if (rc == 0)
        take_ous(&op, marked, out);
    dir_op_free(&op);
    return rc;
}

int account_list_ous(struct dir *d, const char *base, bool subtree, const char *match,
                     unsigned limit, struct account_ous *out, struct err *e)
{
    AUTOFREE char *filter = list_filter(match);
    if (limit == 0 || limit > LIST_MAX)
        limit = LIST_MAX;
    *out = (struct account_ous){0};
    unsigned first = limit < ACCOUNT_MARK_MAX ? limit : ACCOUNT_MARK_MAX;
    if (search(d, base, subtree, filter, true, first, out, e) < 0)
        return -1;
    if (!out->cut || limit <= first)
        return 0;
    account_ous_free(out);
    return search(d, base, subtree, filter, false, limit, out, e);
}

static int mark_batch(struct dir *d, struct account_ou **ou, size_t n, struct err *e)
{
    static const char *const attrs[] = {ATTR_MAY_CREATE, NULL};
    struct dir_op ops[MARK_BATCH] = {0}, *list[MARK_BATCH] = {0};
    for (size_t i = 0; i < n; i++) {
        ops[i] = (struct dir_op){.kind = DIR_SEARCH, .base = ou[i]->dn, .attrs = attrs, .limit = 1};
        list[i] = &ops[i];
    }
    int rc = dir_run(d, list, n, e);
    for (size_t i = 0; i < n; i++) {
        if (rc == 0 && ops[i].rc == 0 && ops[i].n_entries == 1)
            ou[i]->may_create = mark_of(&ops[i].entries[0]);
        dir_op_free(&ops[i]);
    }
    return rc;
}

int account_mark_ous(struct dir *d, struct account_ou *ou, size_t n, struct err *e)
{
    struct account_ou *batch[MARK_BATCH];
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        if (ou[i].may_create == ACCOUNT_UNKNOWN)
            batch[m++] = &ou[i];
        if (m == MARK_BATCH || (m > 0 && i + 1 == n)) {
            if (mark_batch(d, batch, m, e) < 0)
                return -1;
            m = 0;
        }
    }
    return 0;
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
