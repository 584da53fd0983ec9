/* What only a second look can tell: who owns an existing account, and which OU was meant. */
#include "engine/account/private.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/wire/dn.h"

/* GUID_SYSTEMS_CONTAINER_W, [MS-ADTS] 6.1.1.4 */
#define SYSTEM_CONTAINER "<WKGUID=AB1D30F3768811D1ADED00C04FD8D5CD,%s>"
#define CHILDREN_MAX     16
#define OUS_MAX          5000

static char *sid_base(const struct sid *s)
{
    char text[SID_TEXT_MAX];
    return xasprintf("<SID=%s>", sid_to_text(s, text));
}

static char *shown_name(const struct account_facts *f, const struct sid *s, const struct dir_op *op)
{
    char text[SID_TEXT_MAX];
    const char *sam = op->done && op->rc == 0 && op->n_entries
                          ? dir_text(&op->entries[0], "sAMAccountName")
                          : NULL;
    if (!sam)
        return xstrdup(sid_to_text(s, text));
    const char *prefix = sid_is_in(s, &f->domain_sid) ? f->netbios : "";
    return xasprintf("%s%s%s", prefix, *prefix ? "\\" : "", sam);
}

bool account_is_admin_group(const struct account_facts *f, const struct sid *s)
{
    struct sid builtin = sid_builtin_administrators();
    struct sid domain_admins = sid_in(&f->domain_sid, RID_DOMAIN_ADMINS);
    if (sid_equal(s, &builtin) || sid_equal(s, &domain_admins))
        return true;
    /* Enterprise Admins belong to the forest's root domain, whichever that is. */
    return s->n_subs == 5 && s->authority == 5 && s->subs[0] == 21 &&
           sid_rid(s) == RID_ENTERPRISE_ADMINS;
}

/* The owner's own groups; unreadable groups are not the same as none. */
static enum account_tri owner_is_admin(const struct account_facts *f, const struct dir_op *op)
{
    if (account_is_admin_group(f, &f->existing->owner))
        return ACCOUNT_YES;
    if (op->rc != 0 || op->n_entries != 1)
        return ACCOUNT_UNKNOWN;
    const struct dir_attr *a = dir_attr(&op->entries[0], "tokenGroups");
    for (size_t i = 0; a && i < a->n; i++) {
        struct sid s;
        if (sid_from_bytes(&s, a->vals[i].data, a->vals[i].len) == 0 &&
            account_is_admin_group(f, &s))
            return ACCOUNT_YES;
    }
    return a ? ACCOUNT_NO : ACCOUNT_UNKNOWN;
}

static bool is_one_of(const struct account_facts *f, const struct sid *s)
{
    for (size_t i = 0; i < f->n_groups; i++) {
        if (sid_equal(s, &f->groups[i]))
            return true;
    }
    return false;
}

/* Which of the caller's SIDs is the caller: creators always are principals, and an owner may be a
 * group. */
static void correct_user(struct account_facts *f, const struct dir_op *owner)
{
    const struct account_object *o = f->existing;
    if (is_one_of(f, &o->creator))
        f->user = o->creator;
    if (!is_one_of(f, &o->owner) || owner->rc != 0 || owner->n_entries != 1)
        return;
    bool group = dir_has_value(&owner->entries[0], "objectClass", "group");
    if (!group)
        f->user = o->owner;
    else if (sid_equal(&f->user, &o->owner))
        f->user = (struct sid){0};
}

/* Windows leaves objects with the keyword NetJoin... where the domain steers joins; what they mean
 * is not published. */
static void log_join_policies(const struct dir_op *op)
{
    for (size_t i = 0; op->rc == 0 && i < op->n_entries; i++)
        log_info("join policy object %s", op->entries[i].dn);
}

enum { ASK_CHILDREN, ASK_POLICY, ASK_OWNER, ASK_CREATOR, ASKS };

static void take_about_existing(struct account_facts *f, const struct dir_op *op)
{
    struct account_object *o = f->existing;
    o->n_children = (unsigned)op[ASK_CHILDREN].n_entries;
    log_join_policies(&op[ASK_POLICY]);
    if (sid_is_set(&o->owner)) {
        f->owner_name = shown_name(f, &o->owner, &op[ASK_OWNER]);
        f->owner_is_admin = owner_is_admin(f, &op[ASK_OWNER]);
    }
    if (sid_is_set(&o->creator))
        f->creator_name = shown_name(f, &o->creator, &op[ASK_CREATOR]);
    correct_user(f, &op[ASK_OWNER]);
}

static int ask_about_existing(struct dir *d, struct account_facts *f, struct err *e)
{
    static const char *const none[] = {"1.1", NULL};
    static const char *const who[] = {"sAMAccountName", "objectClass", "tokenGroups", NULL};
    static const char *const name_only[] = {"sAMAccountName", NULL};
    struct account_object *o = f->existing;
    AUTOFREE char *owner = sid_base(&o->owner);
    AUTOFREE char *creator = sid_base(&o->creator);
    AUTOFREE char *system = xasprintf(SYSTEM_CONTAINER, f->base_dn);
    struct dir_op op[ASKS] = {
        [ASK_CHILDREN] = {.base = o->dn, .scope = DIR_ONE, .attrs = none, .limit = CHILDREN_MAX},
        [ASK_POLICY] = {.base = system,
                        .scope = DIR_ONE,
                        .attrs = none,
                        .limit = CHILDREN_MAX,
                        .filter = "(&(objectClass=serviceConnectionPoint)(keywords=NetJoin*))"},
        [ASK_OWNER] = {.base = owner, .attrs = who, .limit = 1},
        [ASK_CREATOR] = {.base = creator, .attrs = name_only, .limit = 1},
    };
    struct dir_op *ops[ASKS];
    size_t n = 0;
    for (size_t i = 0; i < ASKS; i++) {
        if ((i != ASK_OWNER || sid_is_set(&o->owner)) &&
            (i != ASK_CREATOR || sid_is_set(&o->creator)))
            ops[n++] = &op[i];
    }
    int rc = dir_run(d, ops, n, e);
    if (rc == 0)
        take_about_existing(f, op);
    for (size_t i = 0; i < ASKS; i++)
        dir_op_free(&op[i]);
    return rc;
}

/* The advice for a missing right names the account that lacks it. */
static int ask_own_name(struct dir *d, struct account_facts *f, struct err *e)
{
    bool lacks = f->existing ? f->existing->may_reset == ACCOUNT_NO : f->may_create == ACCOUNT_NO;
    if (!lacks || !sid_is_set(&f->user))
        return 0;
    return account_sid_names(d, f->netbios, &f->user, 1, &f->user_name, e);
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
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = f->base_dn,
                        .scope = DIR_SUB,
                        .attrs = none,
                        .limit = OUS_MAX,
                        .page = 1000,
                        .filter = "(|(objectClass=organizationalUnit)(&(objectClass=container)"
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
    /* Signed in as that very account: nobody takes it over, so its owner does not matter. */
    bool itself = f->existing && sid_equal(&f->existing->sid, &f->user);
    if (f->existing && !itself && ask_about_existing(d, f, e) < 0)
        return -1;
    if (f->ou_given && !f->ou_found && !f->ou_malformed && !f->ou_outside)
        return find_nearest(d, f, e);
    return itself ? 0 : ask_own_name(d, f, e);
}

int account_sid_names(struct dir *d, const char *netbios, const struct sid *sids, size_t n,
                      char **out, struct err *e)
{
    enum { MAX = 32 };
    static const char *const name_only[] = {"sAMAccountName", NULL};
    struct dir_op ops[MAX] = {0}, *list[MAX] = {0};
    char *bases[MAX] = {0};
    if (n > MAX)
        return err_cause(e, CAUSE_INTERNAL);
    for (size_t i = 0; i < n; i++) {
        bases[i] = sid_base(&sids[i]);
        ops[i] =
            (struct dir_op){.kind = DIR_SEARCH, .base = bases[i], .attrs = name_only, .limit = 1};
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
