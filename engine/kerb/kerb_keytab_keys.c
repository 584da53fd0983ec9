/* The keys of one account in a keytab, and the other names that have them. */
#include <string.h>

#include "engine/base/strv.h"
#include "engine/kerb/kerb_int.h"

struct search {
    const char *principal;
    struct kerb_keys *keys;
    struct strv *names;
};

static bool is_named(krb5_context ctx, krb5_const_principal p, const char *principal)
{
    char *text;
    if (krb5_unparse_name(ctx, p, &text))
        return false;
    bool same = str_ieq(text, principal);
    krb5_free_unparsed_name(ctx, text);
    return same;
}

static krb5_error_code take_key(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct search *s = arg;
    struct kerb_keys *k = s->keys;
    if (!is_named(ctx, entry->principal, s->principal) || (k->n && entry->vno < k->kvno))
        return 0;
    if (entry->vno > k->kvno)
        kerb_keys_free(ctx, k);
    k->kvno = entry->vno;
    if (k->n == KERB_KEYS_MAX)
        return 0;
    krb5_error_code ret = krb5_copy_keyblock_contents(ctx, &entry->key, &k->key[k->n]);
    if (!ret)
        k->n++;
    return ret;
}

int kerb_keys_of(krb5_context ctx, krb5_keytab kt, const char *principal, struct kerb_keys *out,
                 struct err *e)
{
    struct search s = {.principal = principal, .keys = out};
    *out = (struct kerb_keys){0};
    return kerb_keytab_each(ctx, kt, take_key, &s, e);
}

void kerb_keys_free(krb5_context ctx, struct kerb_keys *k)
{
    for (size_t i = 0; i < k->n; i++)
        krb5_free_keyblock_contents(ctx, &k->key[i]);
    *k = (struct kerb_keys){0};
}

static bool has_key(const struct kerb_keys *k, const krb5_keyblock *key)
{
    for (size_t i = 0; i < k->n; i++) {
        if (k->key[i].enctype == key->enctype && k->key[i].length == key->length &&
            memcmp(k->key[i].contents, key->contents, key->length) == 0)
            return true;
    }
    return false;
}

static krb5_error_code take_name(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct search *s = arg;
    char *text;
    if (!has_key(s->keys, &entry->key))
        return 0;
    krb5_error_code ret = krb5_unparse_name_flags(
        ctx, entry->principal, KRB5_PRINCIPAL_UNPARSE_NO_REALM | KRB5_PRINCIPAL_UNPARSE_DISPLAY,
        &text);
    if (ret)
        return ret;
    if (!strv_has(s->names, text))
        strv_add(s->names, text);
    krb5_free_unparsed_name(ctx, text);
    return 0;
}

int kerb_keytab_sharing(const void *data, size_t len, const char *principal, struct strv *names,
                        struct err *e)
{
    struct kerb_keys keys = {0};
    struct search s = {.principal = principal, .keys = &keys, .names = names};
    krb5_context ctx;
    krb5_keytab kt;
    krb5_error_code ret = krb5_init_context(&ctx);
    if (ret)
        return kerb_fail(NULL, ret, CAUSE_INTERNAL, e);
    int rc = kerb_keytab_open(ctx, data, len, &kt, e);
    if (rc == 0) {
        rc = kerb_keys_of(ctx, kt, principal, &keys, e);
        if (rc == 0)
            rc = kerb_keytab_each(ctx, kt, take_name, &s, e);
        kerb_keys_free(ctx, &keys);
        krb5_kt_close(ctx, kt);
    }
    krb5_free_context(ctx);
    return rc;
}
