/* What a machine does with its own account: changing its password, writing its names. */
#include "engine/account/private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/wire/adattr.h"

static int add_value(struct dir_op *op, enum dir_modkind kind, const struct secret *password,
                     struct secret *quoted, struct err *e)
{
    if (unicode_pwd(quoted, password) < 0)
        return err_errno(e, errno == ENOMEM ? CAUSE_OUT_OF_MEMORY : CAUSE_MACHINE_PASSWORD_BAD,
                         errno, NULL);
    dir_mod_secret(dir_mod(op, kind, "unicodePwd"), quoted);
    return 0;
}

/* The connection failing has words of its own; what the controller answers is one thing here. */
static int change_refused(const struct dir *d, const struct account_object *o,
                          const struct dir_op *op, struct err *e)
{
    err_cause(e, CAUSE_MACHINE_PASSWORD_CHANGE);
    err_fact(e, FACT_OBJECT, "%s", o->dn);
    err_fact(e, FACT_SERVER, "%s", dir_host(d));
    return err_foreign(e, ERR_SRC_LDAP, op->rc, "LDAP result %d: %s", op->rc,
                       op->diag ? op->diag : "");
}

int account_change_own_password(struct dir *d, const struct account_object *o,
                                const struct secret *old, const struct secret *new,
                                enum account_outcome *outcome, struct err *e)
{
    CLEANUP(secret_free) struct secret before = {0}, after = {0};
    struct dir_op op = {.kind = DIR_MODIFY, .base = o->dn, .grace_ms = WRITE_GRACE_MS};
    *outcome = ACCOUNT_NOT_DONE;
    if (add_value(&op, DIR_MOD_DELETE, old, &before, e) < 0 ||
        add_value(&op, DIR_MOD_ADD, new, &after, e) < 0)
        return -1;
    int rc = dir_run1(d, &op, e);
    *outcome = account_outcome_of(&op);
    if (rc == 0 && op.rc != 0)
        rc = change_refused(d, o, &op, e);
    dir_op_free(&op);
    return rc;
}

static void settle_mods(struct dir_op *op, const struct account_names *n,
                        const struct account_object *o, const struct account_policy *p,
                        const char *etypes, uint32_t number, struct strv *spns)
{
    if (!p->defer_spn)
        account_name_mods(op, n, o, spns);
    if (!o->has_etypes || o->etypes != number)
        dir_mod_text(dir_mod(op, DIR_MOD_REPLACE, "msDS-SupportedEncryptionTypes"), etypes);
}

int account_settle(struct dir *d, const struct account_names *n, const struct account_object *o,
                   const struct account_policy *p, uint32_t etypes, struct account_id *id,
                   bool *wrote, struct err *e)
{
    struct dir_op op = {.kind = DIR_MODIFY, .base = o->dn, .grace_ms = WRITE_GRACE_MS};
    struct strv spns = {0};
    char text[16];
    *id = (struct account_id){0};
    snprintf(text, sizeof text, "%u", (unsigned)etypes);
    if (p)
        settle_mods(&op, n, o, p, text, etypes, &spns);
    /* The password's change was answered before, so what is read here is final but for the names.
     */
    struct dir_op read = account_read_op(o->dn);
    struct dir_op *ops[] = {&read, &op};
    *wrote = op.n_mods > 0;
    int rc = dir_run(d, ops, *wrote ? 2 : 1, e);
    if (rc == 0 && *wrote)
        rc = account_answer(d, ACCOUNT_OP_NAMES, &op, e);
    if (rc == 0)
        rc = account_take_read(d, n, &read, id, e);
    dir_op_free(&read);
    strv_free(&spns);
    dir_op_free(&op);
    return rc;
}
