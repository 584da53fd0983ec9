/* A machine's keys under its new names. */
#include "engine/kerb/kerb_int.h"

#include "engine/base/strv.h"

struct renaming {
    const struct kerb_keytab_spec *from, *to;
    struct kerb_keytab_spec source; /* the account whose keys are copied */
    krb5_keytab out;
    bool both;
    size_t copied;
};

static krb5_error_code keep_foreign(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct renaming *r = arg;
    if (kerb_entry_is(ctx, entry->principal, r->from) ||
        kerb_entry_is(ctx, entry->principal, r->to))
        return 0;
    return krb5_kt_add_entry(ctx, r->out, entry);
}

static bool has_name(const struct kerb_keytab_spec *spec, const char *name)
{
    for (size_t i = 0; i < spec->n_names; i++) {
        if (str_ieq(spec->names[i], name))
            return true;
    }
    return false;
}

static krb5_error_code add_as(krb5_context ctx, struct renaming *r, const krb5_keytab_entry *key,
                              const char *name, const char *realm)
{
    krb5_keytab_entry entry = *key;
    entry.principal = NULL;
    krb5_error_code ret = kerb_service_principal(ctx, name, realm, &entry.principal);
    if (!ret)
        ret = krb5_kt_add_entry(ctx, r->out, &entry);
    krb5_free_principal(ctx, entry.principal);
    return ret;
}

static krb5_error_code copy_key(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct renaming *r = arg;
    krb5_error_code ret = 0;
    if (!kerb_entry_is(ctx, entry->principal, &r->source))
        return 0;
    r->copied++;
    for (size_t i = 0; i < r->to->n_names && !ret; i++)
        ret = add_as(ctx, r, entry, r->to->names[i], r->to->realm);
    for (size_t i = 0; r->both && i < r->from->n_names && !ret; i++) {
        if (!has_name(r->to, r->from->names[i]))
            ret = add_as(ctx, r, entry, r->from->names[i], r->from->realm);
    }
    return ret;
}

static int copy_keys_of(krb5_context ctx, krb5_keytab old, const struct kerb_keytab_spec *spec,
                        struct renaming *r, struct err *e)
{
    r->source = *spec;
    r->source.n_names = 1;
    return kerb_keytab_each(ctx, old, copy_key, r, e);
}

static int rename_entries(krb5_context ctx, krb5_keytab old, struct renaming *r, struct err *e)
{
    if (kerb_keytab_each(ctx, old, keep_foreign, r, e) < 0 ||
        copy_keys_of(ctx, old, r->from, r, e) < 0)
        return -1;
    if (!r->copied && copy_keys_of(ctx, old, r->to, r, e) < 0)
        return -1;
    if (r->copied)
        return 0;
    err_cause(e, CAUSE_MACHINE_KEYTAB_MISSING);
    err_fact(e, FACT_ACCOUNT, "%s@%s", r->from->names[0], r->from->realm);
    return -1;
}

int kerb_keytab_rename(const void *old, size_t old_len, const struct kerb_keytab_spec *from,
                       const struct kerb_keytab_spec *to, bool both, struct buf *out, struct err *e)
{
    struct kerb_mem in = {.fd = -1}, made = {.fd = -1};
    struct renaming r = {.from = from, .to = to, .both = both};
    krb5_context ctx;
    if (!from->n_names || !to->n_names)
        return err_cause(e, CAUSE_INTERNAL);
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = kerb_mem_open(ctx, old, old_len, &in, e);
    if (rc == 0)
        rc = kerb_mem_open(ctx, NULL, 0, &made, e);
    r.out = made.kt;
    if (rc == 0)
        rc = rename_entries(ctx, in.kt, &r, e);
    if (rc == 0)
        rc = kerb_mem_read(&made, out, e);
    kerb_mem_close(ctx, &in);
    kerb_mem_close(ctx, &made);
    krb5_free_context(ctx);
    return rc;
}
