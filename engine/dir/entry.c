/* Answers: copying entries out of libldap's messages, and reading them. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "engine/dir/private.h"
#include "engine/wire/adattr.h"

#define ATTRS_MAX 512
#define VALS_MAX  20000

static void free_entry(struct dir_entry *en)
{
    for (size_t i = 0; i < en->n_attrs; i++) {
        for (size_t j = 0; j < en->attrs[i].n; j++)
            free((void *)(uintptr_t)en->attrs[i].vals[j].data);
        free(en->attrs[i].vals);
        free(en->attrs[i].name);
    }
    free(en->attrs);
    free(en->dn);
    *en = (struct dir_entry){0};
}

void dir_op_free(struct dir_op *op)
{
    struct dir *d = op->owner;
    for (size_t i = 0; d && i < d->n_inflight; i++) {
        if (d->inflight[i] != op)
            continue;
        if (!d->dead)
            ldap_abandon_ext(d->ld, op->msgid, NULL, NULL);
        d->inflight[i] = d->inflight[--d->n_inflight];
        break;
    }
    for (size_t i = 0; i < op->n_entries; i++)
        free_entry(&op->entries[i]);
    free(op->entries);
    free(op->matched);
    free(op->diag);
    free((void *)(uintptr_t)op->cookie.data);
    *op = (struct dir_op){0};
}

static struct dir_val copy_val(const struct berval *b)
{
    unsigned char *p = xcalloc(1, b->bv_len + 1);
    if (b->bv_len)
        memcpy(p, b->bv_val, b->bv_len);
    return (struct dir_val){p, b->bv_len};
}

/* 0, or -1 when there is too much of it. */
static int add_attr(struct dir_op *op, struct dir_entry *en, const struct berval *name,
                    const struct berval *vals)
{
    size_t n = 0;
    while (vals && vals[n].bv_val)
        n++;
    if (en->n_attrs >= ATTRS_MAX || n > VALS_MAX)
        return -1;
    en->attrs = xrealloc_array(en->attrs, en->n_attrs + 1, sizeof *en->attrs);
    struct dir_attr *a = &en->attrs[en->n_attrs++];
    *a = (struct dir_attr){.name = xstrndup(name->bv_val, name->bv_len)};
    a->vals = xcalloc(n + 1, sizeof *a->vals);
    for (size_t i = 0; i < n; i++) {
        a->vals[a->n++] = copy_val(&vals[i]);
        op->bytes += vals[i].bv_len + sizeof *a->vals;
    }
    return 0;
}

static int copy_attrs(struct dir_op *op, struct dir_entry *en, LDAP *ld, LDAPMessage *msg,
                      BerElement *ber)
{
    for (;;) {
        struct berval name = {0};
        BerVarray vals = NULL;
        int rc = ldap_get_attribute_ber(ld, msg, ber, &name, &vals);
        if (rc == LDAP_SUCCESS && !name.bv_val)
            return 0;
        if (rc == LDAP_SUCCESS)
            rc = add_attr(op, en, &name, vals);
        ldap_memfree(vals);
        if (rc != 0)
            return -1;
    }
}

int dir_entry_add(struct dir_op *op, LDAP *ld, LDAPMessage *msg, unsigned limit, struct err *e)
{
    struct berval dn = {0};
    BerElement *ber = NULL;
    if (op->n_entries == op->cap) {
        size_t cap = op->cap ? 2 * op->cap : 4;
        op->cap = cap > limit ? limit : cap;
        op->entries = xrealloc_array(op->entries, op->cap, sizeof *op->entries);
    }
    struct dir_entry *en = &op->entries[op->n_entries++];
    *en = (struct dir_entry){0};
    int rc = ldap_get_dn_ber(ld, msg, &ber, &dn) == LDAP_SUCCESS ? 0 : -1;
    if (rc == 0) {
        en->dn = xstrndup(dn.bv_val ? dn.bv_val : "", dn.bv_len);
        op->bytes += dn.bv_len + sizeof *en;
        rc = copy_attrs(op, en, ld, msg, ber);
    }
    ber_free(ber, 0);
    if (rc < 0)
        err_cause(e, CAUSE_DC_LIED);
    return rc;
}

const struct dir_attr *dir_attr(const struct dir_entry *en, const char *name)
{
    for (size_t i = 0; i < en->n_attrs; i++) {
        if (str_ieq(en->attrs[i].name, name))
            return &en->attrs[i];
    }
    return NULL;
}

static const char *val_text(const struct dir_val *v)
{
    return memchr(v->data, 0, v->len) ? NULL : (const char *)v->data;
}

const char *dir_text(const struct dir_entry *en, const char *name)
{
    const struct dir_attr *a = dir_attr(en, name);
    return a && a->n ? val_text(&a->vals[0]) : NULL;
}

bool dir_u32(const struct dir_entry *en, const char *name, uint32_t *out)
{
    const char *s = dir_text(en, name);
    return s && text_to_u32(s, out) == 0;
}

bool dir_i64(const struct dir_entry *en, const char *name, int64_t *out)
{
    const char *s = dir_text(en, name);
    return s && text_to_i64(s, out) == 0;
}

bool dir_sid(const struct dir_entry *en, const char *name, struct sid *out)
{
    const struct dir_attr *a = dir_attr(en, name);
    return a && a->n && sid_from_bytes(out, a->vals[0].data, a->vals[0].len) == 0;
}

bool dir_guid(const struct dir_entry *en, const char *name, unsigned char out[GUID_BYTES])
{
    const struct dir_attr *a = dir_attr(en, name);
    if (!a || !a->n || a->vals[0].len != GUID_BYTES)
        return false;
    memcpy(out, a->vals[0].data, GUID_BYTES);
    return true;
}

void dir_texts(const struct dir_entry *en, const char *name, struct strv *out)
{
    const struct dir_attr *a = dir_attr(en, name);
    for (size_t i = 0; a && i < a->n; i++) {
        const char *s = val_text(&a->vals[i]);
        if (s)
            strv_add(out, s);
    }
}

bool dir_has_value(const struct dir_entry *en, const char *name, const char *value)
{
    const struct dir_attr *a = dir_attr(en, name);
    for (size_t i = 0; a && i < a->n; i++) {
        const char *s = val_text(&a->vals[i]);
        if (s && str_ieq(s, value))
            return true;
    }
    return false;
}
