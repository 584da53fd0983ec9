/* Giving the account another name: what is there, what stands against it, the write, the way back.
 */
#include "engine/account/private.h"

#include <stdio.h>
#include <string.h>

#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

static const char *const rename_attrs[] = {
    ACCOUNT_ID_ATTRS,
    "displayName",
    "allowedAttributesEffective",
    NULL,
};

void account_rename_free(struct account_rename *r)
{
    account_id_free(&r->was);
    free(r->display);
    free(r->new_sam);
    free(r->new_rdn);
    free(r->user);
    strv_free(&r->gone);
    strv_free(&r->added);
    *r = (struct account_rename){0};
}

/* Ours are the four that a join writes; all others were given by somebody else. */
static void plan_spns(struct account_rename *r, const struct account_names *n)
{
    AUTOFREE char *old = xstrndup(r->was.sam, strcspn(r->was.sam, "$"));
    struct account_names before = {.name = old, .fqdn = r->was.dns_host};
    struct strv ours = {0}, wanted = {0};
    account_spns(&before, &ours);
    account_spns(n, &wanted);
    for (size_t i = 0; i < r->was.spns.n; i++) {
        const char *spn = r->was.spns.s[i];
        if (strv_has_icase(&ours, spn) && !strv_has_icase(&wanted, spn))
            strv_add(&r->gone, spn);
    }
    for (size_t i = 0; i < wanted.n; i++) {
        if (!strv_has_icase(&r->was.spns, wanted.s[i]))
            strv_add(&r->added, wanted.s[i]);
    }
    strv_free(&ours);
    strv_free(&wanted);
}

static void plan_rename(struct account_rename *r, const struct account_names *n)
{
    AUTOFREE char *leaf = dn_leaf_value(r->was.dn);
    AUTOFREE char *old = xstrndup(r->was.sam, strcspn(r->was.sam, "$"));
    AUTOFREE char *value = dn_escape_value(n->name);
    r->new_sam = xasprintf("%s$", n->name);
    r->sam_changes = !str_ieq(r->was.sam, r->new_sam);
    r->dns_changes = !str_ieq(r->was.dns_host, n->fqdn);
    /* Names that an administrator gave stay. */
    r->display_changes = r->sam_changes && str_ieq(r->display, r->was.sam);
    if (r->sam_changes && str_ieq(leaf, old))
        r->new_rdn = xasprintf("CN=%s", value);
    plan_spns(r, n);
}

static int take_account(struct dir *d, const struct dir_op *op, struct account_rename *r,
                        struct err *e)
{
    const struct dir_entry *en = op->n_entries ? &op->entries[0] : NULL;
    if (!en || account_take_id(en, &r->was) < 0) {
        err_cause(e, CAUSE_ACCOUNT_CHANGED);
        err_fact(e, FACT_OBJECT, "%s", op->base);
        err_fact(e, FACT_SERVER, "%s", dir_host(d));
        return -1;
    }
    const char *display = dir_text(en, "displayName");
    r->display = xstrdup(display ? display : "");
    /* Left out where nothing may be written ([MS-ADTS] 3.1.1.4.5.7). */
    r->may_write = dir_has_value(en, "allowedAttributesEffective", "sAMAccountName");
    return 0;
}

int account_rename_read(struct dir *d, const char *base, const struct account_names *n,
                        struct account_rename *r, struct err *e)
{
    struct dir_op op = {.kind = DIR_SEARCH, .base = base, .attrs = rename_attrs, .limit = 1};
    *r = (struct account_rename){0};
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && (op.rc == 32 || (op.rc == 0 && !op.n_entries))) {
        rc = err_cause(e, CAUSE_ACCOUNT_GONE);
        err_fact(e, FACT_SERVER, "%s", dir_host(d));
    }
    if (rc == 0)
        rc = account_answer(d, ACCOUNT_OP_READ, &op, e);
    if (rc == 0)
        rc = take_account(d, &op, r, e);
    if (rc == 0)
        plan_rename(r, n);
    dir_op_free(&op);
    return rc;
}

/* ---- what stands against it ---- */

static struct account_verdict *add_verdict(struct account_decision *out, enum check check)
{
    struct account_verdict *v = &out->verdicts[out->n_verdicts++];
    *v = (struct account_verdict){.check = check, .state = ACCOUNT_OK};
    return v;
}

static void against(struct account_verdict *v, enum account_state state, enum cause cause,
                    const char *object)
{
    v->state = state;
    err_cause(&v->err, cause);
    err_fact(&v->err, FACT_OBJECT, "%s", object);
}

static bool is_own(const struct account_rename *r, const char *dn)
{
    return dn_equal(r->was.dn, dn);
}

static void judge_name(const struct account_rename *r, const struct account_facts *f,
                       const struct account_names *n, struct account_verdict *v)
{
    const struct account_object *o = f->existing;
    if (!r->sam_changes) {
        /* its own */
    } else if (o && memcmp(o->guid, r->was.guid, GUID_BYTES) != 0) {
        size_t len;
        account_label(n->fqdn, &len);
        against(v, ACCOUNT_BAD,
                !o->is_computer          ? CAUSE_NAME_TAKEN_USER
                : len > ACCOUNT_NAME_LEN ? CAUSE_NAME_TAKEN_15
                                         : CAUSE_NEW_NAME_TAKEN,
                o->dn);
    } else if (r->new_rdn && f->same_dn && !is_own(r, f->same_dn)) {
        against(v, ACCOUNT_BAD, CAUSE_NEW_NAME_TAKEN, f->same_dn);
    } else if (f->user_dn && !is_own(r, f->user_dn)) {
        against(v, ACCOUNT_NOTICE, CAUSE_NAME_TAKEN_USER, f->user_dn);
    }
    err_fact(&v->err, FACT_NAME, "%s", n->name);
}

static void judge_rights(const struct account_rename *r, struct account_verdict *v)
{
    struct err_fact probe;
    if (!r->sam_changes || r->may_write)
        return;
    against(v, ACCOUNT_BAD, CAUSE_RENAME_NOT_ALLOWED, r->was.dn);
    if (!r->user)
        return;
    AUTOFREE char *command = xasprintf("dsacls \"%s\" /G \"%s:WP\"", r->was.dn, r->user);
    if (strlen(command) < sizeof probe.value) /* only whole, never cut short */
        err_fact(&v->err, FACT_COMMAND, "%s", command);
}

static void judge_services(const struct account_rename *r, const struct account_facts *f,
                           struct account_verdict *v)
{
    bool samba = strcasestr(f->vendor, "samba") != NULL;
    for (size_t i = 0; i < f->n_clashes && v->state != ACCOUNT_BAD; i++) {
        const struct account_clash *c = &f->clashes[i];
        if (is_own(r, c->dn))
            continue;
        v->err = (struct err){0};
        against(v, c->alias && !samba ? ACCOUNT_CANNOT_TELL : ACCOUNT_BAD, CAUSE_SPN_CLASH, c->dn);
        err_fact(&v->err, FACT_VALUE, "%s", c->spn);
    }
}

void account_rename_decide(const struct account_rename *r, const struct account_facts *f,
                           const struct account_names *n, struct account_decision *out)
{
    *out = (struct account_decision){.action = ACCOUNT_TAKE_OVER};
    judge_name(r, f, n, add_verdict(out, CHECK_NAME));
    judge_rights(r, add_verdict(out, CHECK_RIGHTS));
    judge_services(r, f, add_verdict(out, CHECK_SERVICE_NAMES));
    struct account_verdict *v = add_verdict(out, CHECK_DNS_NAME);
    if (f->dns_host_dn && !is_own(r, f->dns_host_dn))
        against(v, ACCOUNT_BAD, CAUSE_DNSHOST_CLASH, f->dns_host_dn);
    err_fact(&v->err, FACT_VALUE, "%s", n->fqdn);
    for (size_t i = 0; i < out->n_verdicts && out->action != ACCOUNT_REFUSE; i++) {
        if (out->verdicts[i].state != ACCOUNT_BAD)
            continue;
        out->action = ACCOUNT_REFUSE;
        out->err = out->verdicts[i].err;
    }
}

int account_rename_who(struct dir *d, const struct account_facts *f, struct account_rename *r,
                       struct err *e)
{
    if (!r->sam_changes || r->may_write || !sid_is_set(&f->user))
        return 0;
    return account_sid_names(d, f->netbios, &f->user, 1, &r->user, e);
}

/* ---- writing ---- */

/* Values in pieces that a change can carry; what does not fit is left, which takes more than fifty.
 */
static void mod_values(struct dir_op *op, enum dir_modkind kind, const char *attr,
                       const struct strv *values)
{
    struct dir_mod *m = NULL;
    for (size_t i = 0; i < values->n; i++) {
        if (!m || m->n == DIR_MOD_VALS) {
            if (op->n_mods == DIR_MODS)
                return;
            m = dir_mod(op, kind, attr);
        }
        dir_mod_text(m, values->s[i]);
    }
}

static void mod_replace(struct dir_op *op, const char *attr, const char *value)
{
    struct dir_mod *m = dir_mod(op, DIR_MOD_REPLACE, attr);
    if (*value)
        dir_mod_text(m, value);
}

static int write_names(struct dir *d, struct dir_op *op, enum account_outcome *outcome,
                       struct err *e)
{
    *outcome = ACCOUNT_NOT_DONE;
    if (!op->n_mods)
        return 0;
    op->kind = DIR_MODIFY;
    op->grace_ms = WRITE_GRACE_MS;
    int rc = dir_run1(d, op, e);
    if (op->done)
        *outcome = op->rc == 0 ? ACCOUNT_DONE : ACCOUNT_NOT_DONE;
    else
        *outcome = op->sent ? ACCOUNT_UNKNOWN_OUTCOME : ACCOUNT_NOT_DONE;
    return rc < 0 ? -1 : account_answer(d, ACCOUNT_OP_NAMES, op, e);
}

int account_rename_write(struct dir *d, const struct account_rename *r,
                         const struct account_names *n, enum account_outcome *outcome,
                         struct err *e)
{
    struct dir_op op = {.base = r->was.dn};
    /* Service names first: servers carry them out before they adapt the others to the new name. */
    mod_values(&op, DIR_MOD_DELETE, "servicePrincipalName", &r->gone);
    mod_values(&op, DIR_MOD_ADD, "servicePrincipalName", &r->added);
    if (r->sam_changes)
        mod_replace(&op, "sAMAccountName", r->new_sam);
    if (r->dns_changes)
        mod_replace(&op, "dNSHostName", n->fqdn);
    if (r->display_changes)
        mod_replace(&op, "displayName", r->new_sam);
    int rc = write_names(d, &op, outcome, e);
    /* A name that another account took in the same moment. */
    if (rc < 0 && op.rc == 68)
        err_fact(e, FACT_NAME, "%s", n->name);
    dir_op_free(&op);
    return rc;
}

int account_rename_object(struct dir *d, const char *dn, const char *rdn, struct err *e)
{
    struct dir_op op = {.kind = DIR_RENAME, .base = dn, .new_rdn = rdn, .grace_ms = WRITE_GRACE_MS};
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && op.rc != 0) {
        rc = account_answer(d, ACCOUNT_OP_NAMES, &op, e);
        err_fact(e, FACT_VALUE, "cn");
    }
    dir_op_free(&op);
    return rc;
}

/* Those of `a` that `b` does not have. */
static void without(const struct strv *a, const struct strv *b, struct strv *out)
{
    for (size_t i = 0; i < a->n; i++) {
        if (!strv_has_icase(b, a->s[i]))
            strv_add(out, a->s[i]);
    }
}

int account_rename_state(struct dir *d, const struct account_rename *r,
                         const struct account_names *n, enum account_outcome *outcome,
                         struct err *e)
{
    struct account_rename now;
    char guid[GUID_TEXT_MAX];
    guid_to_text(r->was.guid, guid);
    AUTOFREE char *base = xasprintf("<GUID=%s>", guid);
    int rc = account_rename_read(d, base, n, &now, e);
    if (rc == 0)
        *outcome =
            now.sam_changes || now.dns_changes || now.added.n ? ACCOUNT_NOT_DONE : ACCOUNT_DONE;
    account_rename_free(&now);
    return rc;
}

int account_rename_back(struct dir *d, const struct account_rename *r, struct err *e)
{
    AUTOFREE char *name = xstrndup(r->was.sam, strcspn(r->was.sam, "$"));
    AUTOFREE char *leaf = dn_leaf_value(r->was.dn);
    AUTOFREE char *value = dn_escape_value(leaf);
    AUTOFREE char *rdn = xasprintf("CN=%s", value);
    struct account_names old = {.name = name, .fqdn = r->was.dns_host};
    struct account_rename now;
    struct strv gone = {0}, added = {0};
    enum account_outcome ignored;
    char guid[GUID_TEXT_MAX];
    guid_to_text(r->was.guid, guid);
    AUTOFREE char *base = xasprintf("<GUID=%s>", guid);
    int rc = account_rename_read(d, base, &old, &now, e);
    if (rc == 0) {
        struct dir_op op = {.base = now.was.dn};
        without(&now.was.spns, &r->was.spns, &gone);
        without(&r->was.spns, &now.was.spns, &added);
        mod_values(&op, DIR_MOD_DELETE, "servicePrincipalName", &gone);
        mod_values(&op, DIR_MOD_ADD, "servicePrincipalName", &added);
        if (now.sam_changes)
            mod_replace(&op, "sAMAccountName", r->was.sam);
        if (now.dns_changes)
            mod_replace(&op, "dNSHostName", r->was.dns_host);
        if (!str_eq(now.display, r->display))
            mod_replace(&op, "displayName", r->display);
        rc = write_names(d, &op, &ignored, e);
        dir_op_free(&op);
    }
    if (rc == 0 && !dn_equal(now.was.dn, r->was.dn))
        rc = account_rename_object(d, now.was.dn, rdn, e);
    strv_free(&gone);
    strv_free(&added);
    account_rename_free(&now);
    return rc;
}
