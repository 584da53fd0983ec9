#include "engine/account/many.h"

#include <stdlib.h>
#include <string.h>

#include "engine/account/private.h"
#include "engine/base/buf.h"
#include "engine/wire/adattr.h"

/* Not more: a controller judges and builds each attribute of each object by itself. */
static const char *const many_attrs[] = {"objectSid", "objectGUID", "sAMAccountName", NULL};

void account_many_ask(struct account_many *m)
{
    struct buf b = BUF_INIT(64u << 10);
    buf_str(&b, "(|");
    for (size_t i = 0; i < m->n; i++) {
        AUTOFREE char *name = filter_escape(m->name[i]);
        buf_printf(&b, "(sAMAccountName=%s$)", name);
    }
    buf_str(&b, ")");
    m->filter = buf_steal(&b);
    m->op = (struct dir_op){.kind = DIR_SEARCH,
                            .base = m->base,
                            .scope = DIR_SUB,
                            .filter = m->filter,
                            .attrs = many_attrs,
                            .limit = 2 * ACCOUNT_MANY_MAX};
}

static void take_entry(const struct account_many *m, const struct dir_entry *en,
                       struct account_id *id)
{
    const char *sam = dir_text(en, "sAMAccountName");
    size_t len = sam ? strlen(sam) : 0;
    for (size_t i = 0; len && i < m->n; i++) {
        if (id[i].dn || strlen(m->name[i]) + 1 != len || sam[len - 1] != '$' ||
            strncasecmp(m->name[i], sam, len - 1) != 0)
            continue;
        if (account_take_id(en, &id[i]) < 0)
            account_id_free(&id[i]);
        return;
    }
}

int account_many_take(struct dir *d, const struct account_many *m, struct account_id *id,
                      struct err *e)
{
    for (size_t i = 0; i < m->n; i++)
        id[i] = (struct account_id){0};
    if (account_answer(d, ACCOUNT_OP_READ, &m->op, e) < 0)
        return -1;
    for (size_t i = 0; i < m->op.n_entries; i++)
        take_entry(m, &m->op.entries[i], id);
    return 0;
}

void account_many_free(struct account_many *m)
{
    dir_op_free(&m->op);
    free(m->filter);
    *m = (struct account_many){0};
}
