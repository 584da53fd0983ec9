/* What follows a join, and what undoes one. */
#include "engine/account/private.h"

#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/wire/adattr.h"

#define RC_NO_SUCH_ATTRIBUTE 16 /* RFC 4511 4.1.9 */
#define RC_UNDEFINED_TYPE    17
#define RC_NO_SUCH_OBJECT    32

static int set_text(struct dir *d, const char *dn, const char *attr, const char *value,
                    enum account_op kind, struct err *e)
{
    struct dir_op op = {.kind = DIR_MODIFY, .base = dn, .grace_ms = WRITE_GRACE_MS};
    dir_mod_text(dir_mod(&op, DIR_MOD_REPLACE, attr), value);
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && account_answer(d, kind, &op, e) < 0) {
        err_fact(e, FACT_VALUE, "%s", attr);
        rc = -1;
    }
    dir_op_free(&op);
    return rc;
}

void account_mark(struct dir *d, const char *dn, const unsigned char *machine)
{
    struct dir_op op = {.kind = DIR_MODIFY, .base = dn, .grace_ms = WRITE_GRACE_MS};
    struct err ignored = {0};
    dir_mod_data(dir_mod(&op, DIR_MOD_REPLACE, "netbootGUID"), machine, ACCOUNT_MACHINE_ID);
    if (dir_run1(d, &op, &ignored) < 0 || op.rc != 0)
        log_info("%s does not keep which machine it belongs to (LDAP %d)", dn, op.rc);
    dir_op_free(&op);
}

int account_clear_keys(struct dir *d, const char *dn, struct err *e)
{
    struct dir_op op = {.kind = DIR_MODIFY, .base = dn, .grace_ms = WRITE_GRACE_MS};
    dir_mod(&op, DIR_MOD_REPLACE, "msDS-KeyCredentialLink"); /* with no value */
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && op.rc != RC_NO_SUCH_ATTRIBUTE && op.rc != RC_UNDEFINED_TYPE)
        rc = account_answer(d, ACCOUNT_OP_DESCRIBE, &op, e);
    dir_op_free(&op);
    return rc;
}

int account_set_enctypes(struct dir *d, const struct account_id *id, uint32_t etypes, struct err *e)
{
    char text[16];
    if (id->has_etypes && id->etypes == etypes)
        return 0;
    snprintf(text, sizeof text, "%u", (unsigned)etypes);
    return set_text(d, id->dn, "msDS-SupportedEncryptionTypes", text, ACCOUNT_OP_ETYPES, e);
}

int account_describe_start(struct dir *d, const char *dn, const struct account_about *about,
                           struct account_describing *w, struct err *e)
{
    const struct {
        const char *attr, *value;
    } all[ACCOUNT_ABOUTS] = {
        {"operatingSystem", about->os},
        {"operatingSystemVersion", about->os_version},
        {"operatingSystemServicePack", about->os_service_pack},
        {"description", about->description},
    };
    *w = (struct account_describing){0};
    for (size_t i = 0; i < ACCOUNT_ABOUTS; i++) {
        if (str_empty(all[i].value))
            continue;
        struct dir_op *op = &w->op[w->n++];
        *op = (struct dir_op){.kind = DIR_MODIFY, .base = dn};
        dir_mod_text(dir_mod(op, DIR_MOD_REPLACE, all[i].attr), all[i].value);
        if (dir_send(d, op, e) < 0)
            return -1;
    }
    return 0;
}

int account_describe_finish(struct dir *d, struct account_describing *w, struct err *e)
{
    struct dir_op *list[ACCOUNT_ABOUTS] = {0};
    for (size_t i = 0; i < w->n; i++)
        list[i] = &w->op[i];
    int rc = w->n ? dir_collect(d, list, w->n, 0, e) : 0;
    for (size_t i = 0; i < w->n; i++) {
        struct dir_op *op = &w->op[i];
        if (rc == 0 && op->rc != 0) {
            rc = account_explain(ACCOUNT_OP_DESCRIBE, op->rc, op->diag, NULL, dir_host(d), e);
            err_fact(e, FACT_VALUE, "%s", op->mods[0].attr);
        }
        dir_op_free(op);
    }
    w->n = 0;
    return rc;
}

int account_describe(struct dir *d, const char *dn, const struct account_about *about,
                     struct err *e)
{
    struct account_describing w;
    struct err late = {0};
    int started = account_describe_start(d, dn, about, &w, e);
    int rc = account_describe_finish(d, &w, started < 0 ? &late : e);
    return started < 0 ? -1 : rc;
}

int account_delete(struct dir *d, const char *dn, bool tree, struct err *e)
{
    struct dir_op op = {
        .kind = DIR_DELETE, .base = dn, .tree_delete = tree, .grace_ms = WRITE_GRACE_MS};
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && op.rc != RC_NO_SUCH_OBJECT)
        rc = account_answer(d, ACCOUNT_OP_DELETE, &op, e);
    dir_op_free(&op);
    return rc;
}
