/*
 * Keytabs that are made or mended without asking a controller for the key version number: the same
 * keys under several numbers, later under the true one; and what another machine left in one.
 */
#include <string.h>

#include "engine/base/strv.h"
#include "engine/kerb/kerb_int.h"

/* What is added and what is left out while entries are copied. */
struct numbering {
    const struct kerb_keytab_spec *spec;
    struct kerb_keys keys;
    krb5_keytab out;
};

static bool wanted(const struct kerb_keytab_spec *spec, int etype)
{
    for (size_t i = 0; i < spec->n_etypes; i++) {
        if (spec->etypes[i] == etype)
            return true;
    }
    return spec->n_etypes == 0;
}

static krb5_error_code keep_foreign(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct numbering *n = arg;
    if (kerb_entry_is(ctx, entry->principal, n->spec))
        return 0;
    return krb5_kt_add_entry(ctx, n->out, entry);
}

static krb5_error_code add_one(krb5_context ctx, struct numbering *n, const char *name,
                               uint32_t kvno)
{
    krb5_principal p = NULL;
    krb5_error_code ret = kerb_service_principal(ctx, name, n->spec->realm, &p);
    for (size_t i = 0; i < n->keys.n && !ret; i++) {
        krb5_keytab_entry entry = {.principal = p, .vno = kvno, .key = n->keys.key[i]};
        if (wanted(n->spec, entry.key.enctype))
            ret = krb5_kt_add_entry(ctx, n->out, &entry);
    }
    krb5_free_principal(ctx, p);
    return ret;
}

static int number(krb5_context ctx, krb5_keytab old, struct numbering *n, uint32_t first,
                  uint32_t last, struct err *e)
{
    if (kerb_keys_of(ctx, old, n->spec->key_of, &n->keys, e) < 0)
        return -1;
    if (n->keys.n == 0) {
        err_fact(e, FACT_ACCOUNT, "%s", n->spec->key_of);
        return err_cause(e, CAUSE_MACHINE_KEYTAB_MISSING);
    }
    if (kerb_keytab_each(ctx, old, keep_foreign, n, e) < 0)
        return -1;
    for (uint32_t kvno = first; kvno <= last; kvno++) {
        for (size_t i = 0; i < n->spec->n_names; i++) {
            krb5_error_code ret = add_one(ctx, n, n->spec->names[i], kvno);
            if (ret)
                return kerb_fail(ctx, ret, CAUSE_KEYTAB_WRITE_FAILED, e);
        }
    }
    return 0;
}

int kerb_keytab_number(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                       uint32_t first, uint32_t last, struct buf *out, struct err *e)
{
    struct kerb_mem from = {.fd = -1}, to = {.fd = -1};
    struct numbering n = {.spec = spec};
    krb5_context ctx;
    if (!spec->key_of || first == 0 || last < first || last - first >= KERB_NUMBERS_MAX)
        return err_cause(e, CAUSE_INTERNAL);
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = kerb_mem_open(ctx, old, old_len, &from, e);
    if (rc == 0)
        rc = kerb_mem_open(ctx, NULL, 0, &to, e);
    n.out = to.kt;
    if (rc == 0)
        rc = number(ctx, from.kt, &n, first, last, e);
    if (rc == 0)
        rc = kerb_mem_read(&to, out, e);
    kerb_keys_free(ctx, &n.keys);
    kerb_mem_close(ctx, &from);
    kerb_mem_close(ctx, &to);
    krb5_free_context(ctx);
    return rc;
}

/* ---- keys of another machine ---- */

struct cleaning {
    krb5_keytab out;
    const struct strv *gone; /* principals, with realm */
    struct strv *machines;
};

static krb5_error_code find_machine(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct cleaning *c = arg;
    const krb5_data *name = &entry->principal->data[0];
    char *text;
    if (entry->principal->length != 1 || name->length < 2 || name->data[name->length - 1] != '$')
        return 0;
    krb5_error_code ret = krb5_unparse_name(ctx, entry->principal, &text);
    if (ret)
        return ret;
    if (!strv_has(c->machines, text))
        strv_add(c->machines, text);
    krb5_free_unparsed_name(ctx, text);
    return 0;
}

/* "service/NAME" or "service/name.domain" of one of the computers, with whatever key. */
static bool serves_machine(const struct cleaning *c, krb5_const_principal p)
{
    if (p->length != 2)
        return false;
    const krb5_data *host = &p->data[1];
    for (size_t i = 0; i < c->machines->n; i++) {
        const char *name = c->machines->s[i];
        size_t n = strcspn(name, "$");
        if (host->length >= n && strncasecmp(host->data, name, n) == 0 &&
            (host->length == n || host->data[n] == '.'))
            return true;
    }
    return false;
}

static krb5_error_code keep_others(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct cleaning *c = arg;
    char *text;
    krb5_error_code ret = krb5_unparse_name(ctx, entry->principal, &text);
    if (ret)
        return ret;
    bool drop = strv_has_icase(c->gone, text) || serves_machine(c, entry->principal);
    krb5_free_unparsed_name(ctx, text);
    return drop ? 0 : krb5_kt_add_entry(ctx, c->out, entry);
}

/* All principals that share a key with one of the computers, with their realm. */
static int names_of_machines(const void *old, size_t old_len, const struct strv *machines,
                             struct strv *gone, struct err *e)
{
    for (size_t i = 0; i < machines->n; i++) {
        struct strv names = {0};
        const char *realm = strrchr(machines->s[i], '@');
        int rc = kerb_keytab_sharing(old, old_len, machines->s[i], &names, e);
        strv_add(gone, machines->s[i]);
        for (size_t k = 0; k < names.n; k++)
            strv_addf(gone, "%s%s", names.s[k], realm ? realm : "");
        strv_free(&names);
        if (rc < 0)
            return -1;
    }
    return 0;
}

int kerb_keytab_clean(const void *old, size_t old_len, struct buf *out, struct strv *dropped,
                      struct err *e)
{
    struct kerb_mem from = {.fd = -1}, to = {.fd = -1};
    struct strv machines = {0};
    size_t before = dropped->n;
    struct cleaning c = {.gone = dropped, .machines = &machines};
    krb5_context ctx;
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = kerb_mem_open(ctx, old, old_len, &from, e);
    if (rc == 0)
        rc = kerb_keytab_each(ctx, from.kt, find_machine, &c, e);
    if (rc == 0)
        rc = names_of_machines(old, old_len, &machines, dropped, e);
    if (rc == 0 && dropped->n == before) {
        buf_put(out, old, old_len); /* byte for byte */
        rc = out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    } else if (rc == 0) {
        rc = kerb_mem_open(ctx, NULL, 0, &to, e);
        c.out = to.kt;
        if (rc == 0)
            rc = kerb_keytab_each(ctx, from.kt, keep_others, &c, e);
        if (rc == 0)
            rc = kerb_mem_read(&to, out, e);
    }
    kerb_mem_close(ctx, &from);
    kerb_mem_close(ctx, &to);
    krb5_free_context(ctx);
    strv_free(&machines);
    return rc;
}
