#include "engine/account/disable.h"

#include <stdio.h>

#include "engine/account/private.h"
#include "engine/wire/adattr.h"

#define RC_NO_SUCH_OBJECT 32

int account_switch_read(struct dir *d, const char *dn, struct account_switch *ret, struct err *e)
{
    static const char *const attrs[] = {"userAccountControl", NULL};
    struct dir_op op = {.kind = DIR_SEARCH, .base = dn, .attrs = attrs, .limit = 1};
    *ret = (struct account_switch){0};
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && op.rc != RC_NO_SUCH_OBJECT) {
        rc = account_answer(d, ACCOUNT_OP_DISABLE, &op, e);
        if (rc == 0 &&
            (op.n_entries != 1 || !dir_u32(&op.entries[0], "userAccountControl", &ret->uac))) {
            rc = err_cause(e, CAUSE_ACCOUNT_CHANGED);
            err_fact(e, FACT_OBJECT, "%s", dn);
        }
        if (rc == 0)
            ret->dn = xstrdup(op.entries[0].dn);
    }
    dir_op_free(&op);
    return rc;
}

bool account_switch_is_off(const struct account_switch *a)
{
    return (a->uac & UAC_DISABLED) != 0;
}

int account_switch_set(struct dir *d, const struct account_switch *a, bool off,
                       enum account_outcome *outcome, struct err *e)
{
    char text[16];
    struct dir_op op = {.kind = DIR_MODIFY, .base = a->dn, .grace_ms = WRITE_GRACE_MS};
    snprintf(text, sizeof text, "%u", (unsigned)(off ? a->uac | UAC_DISABLED : a->uac));
    dir_mod_text(dir_mod(&op, DIR_MOD_REPLACE, "userAccountControl"), text);
    int rc = dir_run1(d, &op, e);
    *outcome = account_outcome_of(&op);
    if (rc == 0)
        rc = account_answer(d, ACCOUNT_OP_DISABLE, &op, e);
    if (rc < 0)
        err_fact(e, FACT_VALUE, "userAccountControl");
    dir_op_free(&op);
    return rc;
}

void account_switch_free(struct account_switch *a)
{
    free(a->dn);
    *a = (struct account_switch){0};
}
