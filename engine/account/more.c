/* What only a second look can tell: who owns an existing account, and which OU was meant. */
#include "engine/account/private.h"

#include <stdlib.h>
#include <string.h>

#include "engine/wire/dn.h"

#define CHILDREN_MAX 16
#define OUS_MAX 5000

static char *sid_base(const struct sid *s)
{
    char text[SID_TEXT_MAX];
    return xasprintf("<SID=%s>", sid_to_text(s, text));
}

static char *shown_name(const struct account_facts *f, const struct sid *s, const struct dir_op *op)
{
    char text[SID_TEXT_MAX];
    const char *sam = op->done && op->rc == 0 && op->n_entries ? dir_text(&op->entries[0], "sAMAccountName") : NULL;
    if (!sam)
        return xstrdup(sid_to_text(s, text));
    const char *prefix = sid_is_in(s, &f->domain_sid) ? f->netbios : "";
    return xasprintf("%s%s%s", prefix, *prefix ? "\\" : "", sam);
}

static bool is_admin_group(const struct account_facts *f, const struct sid *s)
{
    struct sid builtin = sid_builtin_administrators();
    struct sid domain_admins = sid_in(&f->domain_sid, RID_DOMAIN_ADMINS);
    if (sid_equal(s, &builtin) || sid_equal(s, &domain_admins))
        return true;
    /* Enterprise Admins belong to the forest's root domain, whichever that is. */
    return s->n_subs == 5 && s->authority == 5 && s->subs[0] == 21 && sid_rid(s) == RID_ENTERPRISE_ADMINS;
}

/* The owner's own groups; unreadable groups are not the same as none. */
static enum account_tri owner_is_admin(const struct account_facts *f, const struct dir_op *op)
{
    if (is_admin_group(f, &f->existing->owner))
        return ACCOUNT_YES;
    if (op->rc != 0 || op->n_entries != 1)
        return ACCOUNT_UNKNOWN;
    const struct dir_attr *a = dir_attr(&op->entries[0], "tokenGroups");
    for (size_t i = 0; a && i < a->n; i++) {
        struct sid s;
        if (sid_from_bytes(&s, a->vals[i].data, a->vals[i].len) == 0 && is_admin_group(f, &s))
            return ACCOUNT_YES;
    }
    return a ? ACCOUNT_NO : ACCOUNT_UNKNOWN;
}

static int ask_about_existing(struct dir *d, struct account_facts *f, struct err *e)
{
    static const char *const none[] = {"1.1", NULL};
    static const char *const who[] = {"sAMAccountName", "tokenGroups", NULL};
    static const char *const name_only[] = {"sAMAccountName", NULL};
    struct account_object *o = f->existing;
    AUTOFREE char *owner = sid_base(&o->owner);
    AUTOFREE char *creator = sid_base(&o->creator);
    struct dir_op children = {.kind = DIR_SEARCH, .base = o->dn, .scope = DIR_ONE, .attrs = none,
                              .limit = CHILDREN_MAX};
    struct dir_op owner_op = {.kind = DIR_SEARCH, .base = owner, .attrs = who, .limit = 1};
    struct dir_op creator_op = {.kind = DIR_SEARCH, .base = creator, .attrs = name_only, .limit = 1};
    struct dir_op *ops[3] = {&children};
    size_t n = 1;
    if (sid_is_set(&o->owner))
        ops[n++] = &owner_op;
    if (sid_is_set(&o->creator))
        ops[n++] = &creator_op;
    int rc = dir_run(d, ops, n, e);
    if (rc == 0) {
        o->n_children = (unsigned)children.n_entries;
        if (sid_is_set(&o->owner)) {
            f->owner_name = shown_name(f, &o->owner, &owner_op);
            f->owner_is_admin = owner_is_admin(f, &owner_op);
        }
        if (sid_is_set(&o->creator))
            f->creator_name = shown_name(f, &o->creator, &creator_op);
    }
    for (size_t i = 0; i < n; i++)
        dir_op_free(ops[i]);
    return rc;
}

/* Text of the DN without the domain at its end, so that comparing stays short. */
static char *inner_part(const char *dn, const char *base)
{
    size_t len = strlen(dn), tail = strlen(base);
    if (len > tail + 1 && strcasecmp(dn + len - tail, base) == 0)
        len -= tail + 1;
    return xstrndup(dn, len);
}

static int find_nearest(struct dir *d, struct account_facts *f, struct err *e)
{
    static const char *const none[] = {"1.1", NULL};
    struct dir_op op = {.kind = DIR_SEARCH, .base = f->base_dn, .scope = DIR_SUB, .attrs = none, .limit = OUS_MAX,
                        .page = 1000, .filter = "(|(objectClass=organizationalUnit)(&(objectClass=container)"
                                                "(!(showInAdvancedViewOnly=TRUE))))"};
    AUTOFREE char *wanted = inner_part(f->ou_dn, f->base_dn);
    unsigned best = (unsigned)strlen(wanted) / 3 + 1;
    int rc = dir_run1(d, &op, e);
    for (size_t i = 0; rc == 0 && i < op.n_entries; i++) {
        AUTOFREE char *one = inner_part(op.entries[i].dn, f->base_dn);
        unsigned distance = edit_distance(wanted, one, best);
        if (distance >= best)
            continue;
        best = distance;
        free(f->ou_nearest);
        f->ou_nearest = xstrdup(op.entries[i].dn);
    }
    dir_op_free(&op);
    return rc;
}

int account_more_facts(struct dir *d, struct account_facts *f, struct err *e)
{
    if (f->existing && ask_about_existing(d, f, e) < 0)
        return -1;
    if (f->ou_given && !f->ou_found && !f->ou_malformed && !f->ou_outside)
        return find_nearest(d, f, e);
    return 0;
}

int account_sid_names(struct dir *d, const char *netbios, const struct sid *sids, size_t n, char **out,
                      struct err *e)
{
    enum { MAX = 32 };
    static const char *const name_only[] = {"sAMAccountName", NULL};
    struct dir_op ops[MAX] = {0}, *list[MAX] = {0};
    char *bases[MAX] = {0};
    if (n > MAX)
        return err_cause(e, CAUSE_INTERNAL);
    for (size_t i = 0; i < n; i++) {
        bases[i] = sid_base(&sids[i]);
        ops[i] = (struct dir_op){.kind = DIR_SEARCH, .base = bases[i], .attrs = name_only, .limit = 1};
        list[i] = &ops[i];
    }
    int rc = dir_run(d, list, n, e);
    for (size_t i = 0; i < n; i++) {
        struct account_facts f = {.netbios = (char *)(uintptr_t)(netbios ? netbios : "")};
        f.domain_sid = sids[i];
        f.domain_sid.n_subs = sids[i].n_subs == 5 ? 4 : 0;
        out[i] = rc == 0 ? shown_name(&f, &sids[i], &ops[i]) : NULL;
        dir_op_free(&ops[i]);
        free(bases[i]);
    }
    return rc;
}
