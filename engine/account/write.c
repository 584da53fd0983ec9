/* Creating the account, or taking one over. */
#include "engine/account/private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

#define RC_NO_SUCH_OBJECT 32
#define CLOCK_TOLERANCE   5 /* seconds: how well the controller's clock is known */

static const char *const id_attrs[] = {
    ACCOUNT_ID_ATTRS,
    NULL,
};

void account_id_free(struct account_id *id)
{
    free(id->dn);
    free(id->dns_host);
    free(id->sam);
    strv_free(&id->spns);
    *id = (struct account_id){0};
}

char *account_new_dn(const struct account_facts *f, const struct account_names *n)
{
    return dn_child("CN", n->name, f->ou_dn);
}

int account_take_id(const struct dir_entry *en, struct account_id *id)
{
    const char *host = dir_text(en, "dNSHostName"), *sam = dir_text(en, "sAMAccountName");
    *id = (struct account_id){.dn = xstrdup(en->dn)};
    id->dns_host = xstrdup(host ? host : "");
    id->sam = xstrdup(sam ? sam : "");
    dir_texts(en, "servicePrincipalName", &id->spns);
    id->has_kvno = dir_u32(en, "msDS-KeyVersionNumber", &id->kvno);
    id->has_etypes = dir_u32(en, "msDS-SupportedEncryptionTypes", &id->etypes);
    (void)dir_u32(en, "userAccountControl", &id->uac);
    return dir_sid(en, "objectSid", &id->sid) && dir_guid(en, "objectGUID", id->guid) ? 0 : -1;
}

/* The object read back must be the one that was meant. */
static int check_id(struct dir *d, const struct account_names *n, const struct dir_op *op,
                    struct account_id *id, struct err *e)
{
    size_t len = strlen(n->name);
    if (op->n_entries == 1 && account_take_id(&op->entries[0], id) == 0 &&
        strncasecmp(id->sam, n->name, len) == 0 && str_eq(id->sam + len, "$"))
        return 0;
    account_id_free(id);
    err_cause(e, CAUSE_ACCOUNT_CHANGED);
    err_fact(e, FACT_OBJECT, "%s", op->base);
    err_fact(e, FACT_SERVER, "%s", dir_host(d));
    return -1;
}

int account_read_back(struct dir *d, const struct account_names *n, const char *dn,
                      struct account_id *id, struct err *e)
{
    AUTOFREE char *base = account_base_dn(n);
    AUTOFREE char *name = filter_escape(n->name);
    AUTOFREE char *filter = xasprintf("(sAMAccountName=%s$)", name);
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = dn ? dn : base,
                        .scope = dn ? DIR_BASE : DIR_SUB,
                        .filter = dn ? NULL : filter,
                        .attrs = id_attrs,
                        .limit = 2};
    *id = (struct account_id){0};
    int rc = dir_run1(d, &op, e);
    if (rc == 0 && (op.rc == RC_NO_SUCH_OBJECT || (op.rc == 0 && op.n_entries == 0))) {
        rc = err_cause(e, CAUSE_ACCOUNT_MISSING);
        err_fact(e, FACT_ACCOUNT, "%s$", n->name);
        err_fact(e, FACT_SERVER, "%s", dir_host(d));
    }
    if (rc == 0)
        rc = account_answer(d, ACCOUNT_OP_READ, &op, e);
    if (rc == 0)
        rc = check_id(d, n, &op, id, e);
    dir_op_free(&op);
    return rc;
}

struct dir_op account_read_op(const char *dn)
{
    return (struct dir_op){.kind = DIR_SEARCH, .base = dn, .attrs = id_attrs, .limit = 1};
}

int account_take_read(struct dir *d, const struct account_names *n, const struct dir_op *op,
                      struct account_id *id, struct err *e)
{
    return account_answer(d, ACCOUNT_OP_READ, op, e) < 0 ? -1 : check_id(d, n, op, id, e);
}

static int quote_password(const struct secret *password, struct secret *quoted, struct err *e)
{
    if (unicode_pwd(quoted, password) == 0)
        return 0;
    return err_errno(e, errno == ENOMEM ? CAUSE_OUT_OF_MEMORY : CAUSE_PASSWORD_POLICY, errno, NULL);
}

/* An answer that never came leaves the question open. */
enum account_outcome account_outcome_of(const struct dir_op *op)
{
    if (op->done)
        return op->rc == 0 ? ACCOUNT_DONE : ACCOUNT_NOT_DONE;
    return op->sent ? ACCOUNT_UNKNOWN_OUTCOME : ACCOUNT_NOT_DONE;
}

static void add_names(struct dir_op *op, const struct account_names *n, const struct strv *spns)
{
    dir_mod_text(dir_mod(op, DIR_MOD_ADD, "dNSHostName"), n->fqdn);
    struct dir_mod *m = dir_mod(op, DIR_MOD_ADD, "servicePrincipalName");
    for (size_t i = 0; i < spns->n; i++)
        dir_mod_text(m, spns->s[i]);
}

static void name_refused(const struct account_facts *f, const struct account_names *n,
                         struct err *e)
{
    if (e->cause == CAUSE_NO_CREATE_RIGHT || e->cause == CAUSE_NO_CREATE_RIGHT_QUOTA ||
        e->cause == CAUSE_OU_NOT_FOUND)
        err_fact(e, FACT_OU, "%s", f->ou_dn);
    if (e->cause == CAUSE_DNSHOST_SUFFIX || e->cause == CAUSE_SPN_SUFFIX)
        err_fact(e, FACT_VALUE, "%s", n->fqdn);
    for (size_t i = 0; e->cause == CAUSE_SPN_CLASH && i < f->n_clashes; i++) {
        err_fact(e, FACT_VALUE, "%s", f->clashes[i].spn);
        err_fact(e, FACT_OWNER, "%s", f->clashes[i].dn);
    }
}

int account_add_fill(struct account_adding *w, const struct account_facts *f,
                     const struct account_names *n, const struct account_policy *p,
                     const struct secret *password, struct err *e)
{
    *w = (struct account_adding){.dn = account_new_dn(f, n)};
    if (!w->dn || snprintf(w->sam, sizeof w->sam, "%s$", n->name) >= (int)sizeof w->sam)
        return err_cause(e, CAUSE_COMPUTER_NAME_BAD);
    if (quote_password(password, &w->quoted, e) < 0)
        return -1;
    struct dir_op *add = &w->add;
    *add = (struct dir_op){.kind = DIR_ADD, .base = w->dn, .grace_ms = WRITE_GRACE_MS};
    w->read = account_read_op(w->dn);
    dir_mod_text(dir_mod(add, DIR_MOD_ADD, "objectClass"), CLASS_COMPUTER);
    dir_mod_text(dir_mod(add, DIR_MOD_ADD, "sAMAccountName"), w->sam);
    dir_mod_text(dir_mod(add, DIR_MOD_ADD, "userAccountControl"), "4096");
    dir_mod_secret(dir_mod(add, DIR_MOD_ADD, "unicodePwd"), &w->quoted);
    account_spns(n, &w->spns);
    if (!p->defer_spn)
        add_names(add, n, &w->spns);
    /* By privilege only the attributes above may be written ([MS-ADTS] 3.1.1.5.2.1). */
    if (p->etypes && f->may_create == ACCOUNT_YES) {
        snprintf(w->etypes, sizeof w->etypes, "%u", (unsigned)p->etypes);
        dir_mod_text(dir_mod(add, DIR_MOD_ADD, "msDS-SupportedEncryptionTypes"), w->etypes);
    }
    if (!str_empty(p->description) && f->may_create == ACCOUNT_YES)
        dir_mod_text(dir_mod(add, DIR_MOD_ADD, "description"), p->description);
    if (p->machine && f->may_create == ACCOUNT_YES)
        dir_mod_data(dir_mod(add, DIR_MOD_ADD, "netbootGUID"), p->machine, ACCOUNT_MACHINE_ID);
    return 0;
}

int account_add_end(struct dir *d, struct account_adding *w, int ran, const struct account_facts *f,
                    const struct account_names *n, struct account_id *id,
                    enum account_outcome *outcome, struct err *e)
{
    int rc = ran;
    *outcome = account_outcome_of(&w->add);
    if (*outcome == ACCOUNT_NOT_DONE && w->add.done) {
        rc = account_answer(d, ACCOUNT_OP_ADD, &w->add, e);
        name_refused(f, n, e);
    } else if (rc == 0 && w->read.rc == RC_NO_SUCH_OBJECT) {
        /* The controller worked on both at once. */
        rc = account_read_back(d, n, w->dn, id, e);
    } else if (rc == 0) {
        rc = account_take_read(d, n, &w->read, id, e);
    }
    return rc;
}

void account_add_free(struct account_adding *w)
{
    secret_free(&w->quoted);
    strv_free(&w->spns);
    dir_op_free(&w->add);
    dir_op_free(&w->read);
    free(w->dn);
    w->dn = NULL;
}

int account_create(struct dir *d, const struct account_facts *f, const struct account_names *n,
                   const struct account_policy *p, const struct secret *password,
                   struct account_id *id, enum account_outcome *outcome, struct err *e)
{
    struct account_adding w;
    *id = (struct account_id){0};
    *outcome = ACCOUNT_NOT_DONE;
    int rc = account_add_fill(&w, f, n, p, password, e);
    if (rc == 0) {
        struct dir_op *ops[] = {&w.add, &w.read};
        rc = dir_run(d, ops, 2, e);
        rc = account_add_end(d, &w, rc, f, n, id, outcome, e);
    }
    account_add_free(&w);
    return rc;
}

/* Runs one modify; the caller's facts about rights go into the error by its kind. */
static int modify(struct dir *d, struct dir_op *op, enum account_op kind, struct err *e)
{
    int rc = dir_run1(d, op, e);
    return rc < 0 ? -1 : account_answer(d, kind, op, e);
}

static int set_password(struct dir *d, const char *dn, const struct secret *password,
                        enum account_outcome *outcome, struct err *e)
{
    CLEANUP(secret_free) struct secret quoted = {0};
    struct dir_op op = {.kind = DIR_MODIFY, .base = dn, .grace_ms = WRITE_GRACE_MS};
    if (quote_password(password, &quoted, e) < 0)
        return -1;
    dir_mod_secret(dir_mod(&op, DIR_MOD_REPLACE, "unicodePwd"), &quoted);
    int rc = modify(d, &op, ACCOUNT_OP_PASSWORD, e);
    *outcome = account_outcome_of(&op);
    dir_op_free(&op);
    return rc;
}

/* Enables the account. Other bits stay as they are; a password must be required from now on. */
static int enable(struct dir *d, const struct account_object *o, struct err *e)
{
    uint32_t uac = o->uac & ~(UAC_DISABLED | UAC_PASSWD_NOTREQD);
    if (uac == o->uac || (o->uac & (UAC_SERVER_TRUST | UAC_PARTIAL_SECRETS)))
        return 0;
    char text[16];
    struct dir_op op = {.kind = DIR_MODIFY, .base = o->dn, .grace_ms = WRITE_GRACE_MS};
    snprintf(text, sizeof text, "%u", (unsigned)uac);
    dir_mod_text(dir_mod(&op, DIR_MOD_REPLACE, "userAccountControl"), text);
    int rc = modify(d, &op, ACCOUNT_OP_UAC, e);
    err_fact(e, FACT_VALUE, "userAccountControl");
    dir_op_free(&op);
    return rc;
}

static void missing_spns(const struct account_names *n, const struct account_object *o,
                         struct strv *out)
{
    struct strv ours = {0};
    account_spns(n, &ours);
    for (size_t i = 0; i < ours.n; i++) {
        if (!strv_has_icase(&o->spns, ours.s[i]))
            strv_add(out, ours.s[i]);
    }
    strv_free(&ours);
}

void account_name_mods(struct dir_op *op, const struct account_names *n,
                       const struct account_object *o, struct strv *spns)
{
    if (!str_ieq(o->dns_host, n->fqdn))
        dir_mod_text(dir_mod(op, DIR_MOD_REPLACE, "dNSHostName"), n->fqdn);
    missing_spns(n, o, spns);
    if (spns->n) {
        struct dir_mod *m = dir_mod(op, DIR_MOD_ADD, "servicePrincipalName");
        for (size_t i = 0; i < spns->n; i++)
            dir_mod_text(m, spns->s[i]);
    }
}

/* dNSHostName and SPNs in one modify, as Windows does. */
static int set_names(struct dir *d, const struct account_names *n, const struct account_object *o,
                     struct err *e)
{
    struct strv spns = {0};
    struct dir_op op = {.kind = DIR_MODIFY, .base = o->dn, .grace_ms = WRITE_GRACE_MS};
    account_name_mods(&op, n, o, &spns);
    int rc = op.n_mods ? modify(d, &op, ACCOUNT_OP_NAMES, e) : 0;
    strv_free(&spns);
    dir_op_free(&op);
    return rc;
}

int account_complete_names(struct dir *d, const struct account_names *n,
                           const struct account_id *id, struct err *e)
{
    const struct account_object o = {.dn = id->dn, .dns_host = id->dns_host, .spns = id->spns};
    return set_names(d, n, &o, e);
}

int account_take_over(struct dir *d, const struct account_facts *f, const struct account_names *n,
                      const struct account_policy *p, const struct secret *password,
                      struct account_id *id, enum account_outcome *outcome, struct err *e)
{
    const struct account_object *o = f->existing;
    *id = (struct account_id){0};
    *outcome = ACCOUNT_NOT_DONE;
    if (!o)
        return err_cause(e, CAUSE_INTERNAL);
    int rc = set_password(d, o->dn, password, outcome, e);
    if (rc == 0)
        rc = enable(d, o, e);
    if (rc == 0 && !p->defer_spn) {
        rc = set_names(d, n, o, e);
        if (rc < 0)
            name_refused(f, n, e);
    }
    if (rc == 0)
        rc = account_read_back(d, n, o->dn, id, e);
    return rc;
}

int account_find_out(struct dir *d, const struct account_names *n, int64_t since,
                     enum account_outcome *outcome, char **dn, struct err *e)
{
    AUTOFREE char *base = account_base_dn(n);
    AUTOFREE char *name = filter_escape(n->name);
    AUTOFREE char *filter = xasprintf("(sAMAccountName=%s$)", name);
    struct dir_op op = {.kind = DIR_SEARCH,
                        .base = base,
                        .scope = DIR_SUB,
                        .filter = filter,
                        .attrs = account_object_attrs,
                        .limit = 1,
                        .sd_flags = 1};
    *outcome = ACCOUNT_UNKNOWN_OUTCOME;
    *dn = NULL;
    int rc = dir_run1(d, &op, e);
    if (rc == 0)
        rc = account_answer(d, ACCOUNT_OP_READ, &op, e);
    if (rc == 0 && op.n_entries == 0)
        *outcome = ACCOUNT_NOT_DONE;
    if (rc == 0 && op.n_entries == 1) {
        struct account_object *o = account_object_new(&op.entries[0], NULL);
        int64_t from = since - CLOCK_TOLERANCE;
        bool ours = o->when_created >= from || o->pwd_last_set >= from;
        *outcome = ours ? ACCOUNT_DONE : ACCOUNT_NOT_DONE;
        *dn = xstrdup(o->dn);
        account_object_free(o);
    }
    dir_op_free(&op);
    return rc;
}
