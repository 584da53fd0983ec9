/*
 * Keytabs in memory. libkrb5 reads and writes the format; it wants files, so the bytes pass through
 * memory files that are wiped before they are released.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/kerb/kerb_int.h"

static void wipe_file(int fd)
{
    static const unsigned char zeros[4096];
    struct stat st;
    if (fstat(fd, &st) == 0) {
        for (off_t at = 0; at < st.st_size; at += (off_t)sizeof zeros) {
            if (pwrite(fd, zeros, sizeof zeros, at) < 0)
                break;
        }
    }
    close(fd);
}

void kerb_mem_close(krb5_context ctx, struct kerb_mem *m)
{
    if (m->kt)
        krb5_kt_close(ctx, m->kt);
    if (m->fd >= 0)
        wipe_file(m->fd);
    *m = (struct kerb_mem){.fd = -1};
}

static size_t be16(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static int32_t be32(const unsigned char *p)
{
    return (int32_t)((uint32_t)be16(p) << 16 | (uint32_t)be16(p + 2));
}

/* Skips a 16-bit length and what it counts. */
static bool skip_counted(const unsigned char *p, size_t n, size_t *at)
{
    if (n - *at < 2 || be16(p + *at) > n - *at - 2)
        return false;
    *at += 2 + be16(p + *at);
    return true;
}

/* An entry: number of name parts, realm and parts (counted), name type, time, kvno (8 bits), key
 * type, key (counted), kvno (32 bits, optional). */
static bool entry_fits(const unsigned char *p, size_t n)
{
    size_t at = 2;
    if (n < 2)
        return false;
    size_t parts = be16(p);
    if (parts < 1 || parts > 16)
        return false;
    for (size_t i = 0; i <= parts; i++) {
        if (!skip_counted(p, n, &at))
            return false;
    }
    if (n - at < 4 + 4 + 1 + 2)
        return false;
    at += 4 + 4 + 1 + 2;
    size_t key = at;
    return skip_counted(p, n, &at) && be16(p + key) > 0;
}

/* Records are {int32 length, bytes}, negative for holes, zero for the end (MIT's file format,
 * version 2). libkrb5 takes a cut file for a shorter one; entries must not vanish that way. */
static bool well_formed(const unsigned char *p, size_t len)
{
    size_t at = 2;
    if (len < 2 || p[0] != 5 || p[1] != 2)
        return false;
    while (len - at >= 4) {
        int32_t size = be32(p + at);
        at += 4;
        if (size == 0)
            return true;
        size_t n = size < 0 ? (size_t)(-(int64_t)size) : (size_t)size;
        if (n > len - at || (size > 0 && !entry_fits(p + at, n)))
            return false;
        at += n;
    }
    return at == len;
}

int kerb_mem_open(krb5_context ctx, const void *data, size_t len, struct kerb_mem *m, struct err *e)
{
    static const unsigned char empty[2] = {5, 2};
    char name[48];
    if (!data || len == 0) {
        data = empty;
        len = sizeof empty;
    }
    if (len > KERB_KEYTAB_MAX || !well_formed(data, len)) {
        err_cause(e, CAUSE_FILE_UNPARSABLE);
        return err_foreign(e, ERR_SRC_NONE, 0, "not a keytab of version 2 (%zu bytes)", len);
    }
    *m = (struct kerb_mem){.fd = memfd_create("joinery-keytab", MFD_CLOEXEC)};
    if (m->fd < 0)
        return err_errno(e, CAUSE_INTERNAL, errno, NULL);
    if (pwrite(m->fd, data, len, 0) != (ssize_t)len) {
        err_errno(e, CAUSE_INTERNAL, errno, NULL);
        kerb_mem_close(ctx, m);
        return -1;
    }
    snprintf(name, sizeof name, "FILE:/proc/self/fd/%d", m->fd);
    krb5_error_code ret = krb5_kt_resolve(ctx, name, &m->kt);
    if (!ret)
        return 0;
    m->kt = NULL;
    kerb_mem_close(ctx, m);
    return kerb_fail(ctx, ret, CAUSE_INTERNAL, e);
}

int kerb_mem_read(struct kerb_mem *m, struct buf *out, struct err *e)
{
    unsigned char chunk[4096];
    off_t at = 0;
    ssize_t n;
    while ((n = pread(m->fd, chunk, sizeof chunk, at)) > 0) {
        buf_put(out, chunk, (size_t)n);
        at += n;
    }
    explicit_bzero(chunk, sizeof chunk);
    if (n == 0 && !out->failed)
        return 0;
    buf_free(out);
    return err_cause(e, n < 0 ? CAUSE_INTERNAL : CAUSE_OUT_OF_MEMORY);
}

int kerb_keytab_each(krb5_context ctx, krb5_keytab kt, kerb_entry_fn *fn, void *arg, struct err *e)
{
    krb5_kt_cursor cursor;
    krb5_keytab_entry entry;
    krb5_error_code ret = krb5_kt_start_seq_get(ctx, kt, &cursor);
    if (ret)
        return kerb_fail(ctx, ret, CAUSE_FILE_UNPARSABLE, e);
    while (!(ret = krb5_kt_next_entry(ctx, kt, &entry, &cursor))) {
        ret = fn(ctx, &entry, arg);
        krb5_kt_free_entry(ctx, &entry);
        if (ret)
            break;
    }
    krb5_kt_end_seq_get(ctx, kt, &cursor);
    return ret == KRB5_KT_END ? 0 : kerb_fail(ctx, ret, CAUSE_FILE_UNPARSABLE, e);
}

static krb5_error_code copy_entry(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    return krb5_kt_add_entry(ctx, *(krb5_keytab *)arg, entry);
}

int kerb_keytab_open(krb5_context ctx, const void *data, size_t len, krb5_keytab *out,
                     struct err *e)
{
    static _Atomic unsigned serial;
    struct kerb_mem file;
    char name[48];
    if (kerb_mem_open(ctx, data, len, &file, e) < 0)
        return -1;
    snprintf(name, sizeof name, "MEMORY:joinery-%u", serial++);
    int rc = 0;
    krb5_error_code ret = krb5_kt_resolve(ctx, name, out);
    if (ret) {
        rc = kerb_fail(ctx, ret, CAUSE_INTERNAL, e);
    } else if (kerb_keytab_each(ctx, file.kt, copy_entry, out, e) < 0) {
        krb5_kt_close(ctx, *out);
        rc = -1;
    }
    kerb_mem_close(ctx, &file);
    return rc;
}

char *kerb_machine_salt(const char *realm, const char *account)
{
    AUTOFREE char *host = xstrdup(account), *domain = xstrdup(realm), *upper = xstrdup(realm);
    size_t n = strlen(host);
    if (n > 0 && host[n - 1] == '$')
        host[n - 1] = '\0';
    str_lower(host);
    str_lower(domain);
    str_upper(upper);
    return xasprintf("%shost%s.%s", upper, host, domain);
}

/* ---- building ---- */

struct filter {
    const struct kerb_keytab_spec *spec;
    krb5_keytab to;
    bool keep_previous; /* our own names at kvno - 1 */
    size_t kept;
};

bool kerb_entry_is(krb5_context ctx, krb5_const_principal p, const struct kerb_keytab_spec *spec)
{
    char *text;
    bool ours = false;
    if (p->realm.length != strlen(spec->realm) ||
        memcmp(p->realm.data, spec->realm, p->realm.length) != 0 ||
        krb5_unparse_name_flags(
            ctx, p, KRB5_PRINCIPAL_UNPARSE_NO_REALM | KRB5_PRINCIPAL_UNPARSE_DISPLAY, &text))
        return false;
    for (size_t i = 0; i < spec->n_names && !ours; i++)
        ours = str_ieq(text, spec->names[i]);
    krb5_free_unparsed_name(ctx, text);
    return ours;
}

static krb5_error_code filter_entry(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct filter *f = arg;
    bool previous = f->keep_previous && entry->vno + 1 == f->spec->kvno;
    if (kerb_entry_is(ctx, entry->principal, f->spec) && !previous)
        return 0;
    f->kept++;
    return krb5_kt_add_entry(ctx, f->to, entry);
}

static int add_names(krb5_context ctx, krb5_keytab kt, const struct kerb_keytab_spec *spec,
                     krb5_keyblock *key, struct err *e)
{
    for (size_t i = 0; i < spec->n_names; i++) {
        krb5_keytab_entry entry = {.vno = spec->kvno, .key = *key};
        krb5_error_code ret =
            kerb_service_principal(ctx, spec->names[i], spec->realm, &entry.principal);
        if (!ret)
            ret = krb5_kt_add_entry(ctx, kt, &entry);
        krb5_free_principal(ctx, entry.principal);
        if (ret)
            return kerb_fail(ctx, ret, CAUSE_KEYTAB_WRITE_FAILED, e);
    }
    return 0;
}

/* The keys that another principal has, the newest ones. */
static int copy_keys(krb5_context ctx, krb5_keytab from, krb5_keytab to,
                     const struct kerb_keytab_spec *spec, struct err *e)
{
    struct kerb_keys keys;
    int rc = kerb_keys_of(ctx, from, spec->key_of, &keys, e);
    if (rc == 0 && keys.n == 0) {
        err_fact(e, FACT_ACCOUNT, "%s", spec->key_of);
        rc = err_cause(e, CAUSE_MACHINE_KEYTAB_MISSING);
    }
    for (size_t i = 0; i < keys.n && rc == 0; i++)
        rc = add_names(ctx, to, spec, &keys.key[i], e);
    kerb_keys_free(ctx, &keys);
    return rc;
}

static int add_keys(krb5_context ctx, krb5_keytab kt, const struct kerb_keytab_spec *spec,
                    const struct secret *password, const char *salt, struct err *e)
{
    static const int aes[] = {KERB_AES256, KERB_AES128};
    const int *etypes = spec->etypes ? spec->etypes : aes;
    size_t n = spec->etypes ? spec->n_etypes : ARRAY_SIZE(aes);
    krb5_data pw = {.length = (unsigned)password->len, .data = (char *)password->data};
    krb5_data salt_data = {.length = (unsigned)strlen(salt), .data = (char *)salt};
    for (size_t i = 0; i < n; i++) {
        krb5_keyblock key = {0};
        krb5_error_code ret = krb5_c_string_to_key(ctx, etypes[i], &pw, &salt_data, &key);
        if (ret)
            return kerb_fail(ctx, ret, CAUSE_KDC_ETYPE, e);
        int rc = add_names(ctx, kt, spec, &key, e);
        krb5_free_keyblock_contents(ctx, &key);
        if (rc < 0)
            return -1;
    }
    return 0;
}

int kerb_keytab_context(krb5_context *ctx, struct err *e)
{
    krb5_error_code ret = krb5_init_context(ctx);
    return ret ? kerb_fail(NULL, ret, CAUSE_INTERNAL, e) : 0;
}

static int rebuild(krb5_context ctx, const void *old, size_t old_len, struct filter *f,
                   const struct secret *password, const char *salt, struct buf *out, struct err *e)
{
    struct kerb_mem from = {.fd = -1}, to = {.fd = -1};
    int rc = -1;
    if (kerb_mem_open(ctx, old, old_len, &from, e) < 0 || kerb_mem_open(ctx, NULL, 0, &to, e) < 0)
        goto done;
    f->to = to.kt;
    if (kerb_keytab_each(ctx, from.kt, filter_entry, f, e) < 0 ||
        (password && add_keys(ctx, to.kt, f->spec, password, salt, e) < 0) ||
        (!password && f->spec->key_of && copy_keys(ctx, from.kt, to.kt, f->spec, e) < 0))
        goto done;
    rc = kerb_mem_read(&to, out, e);
done:
    kerb_mem_close(ctx, &from);
    kerb_mem_close(ctx, &to);
    return rc;
}

int kerb_keytab_build(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                      const struct secret *password, const char *salt, struct buf *out,
                      struct err *e)
{
    struct filter f = {.spec = spec, .keep_previous = true};
    krb5_context ctx;
    if (!secret_is_set(password) || !salt || spec->kvno == 0)
        return err_cause(e, CAUSE_INTERNAL);
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = rebuild(ctx, old, old_len, &f, password, salt, out, e);
    krb5_free_context(ctx);
    return rc;
}

int kerb_keytab_extend(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                       struct buf *out, struct err *e)
{
    struct filter f = {.spec = spec, .keep_previous = true};
    krb5_context ctx;
    if (!spec->key_of || spec->kvno == 0)
        return err_cause(e, CAUSE_INTERNAL);
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = rebuild(ctx, old, old_len, &f, NULL, NULL, out, e);
    krb5_free_context(ctx);
    return rc;
}

int kerb_keytab_strip(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                      struct buf *out, size_t *n_left, struct err *e)
{
    struct kerb_keytab_spec names = *spec;
    struct filter f = {.spec = &names};
    krb5_context ctx;
    names.key_of = NULL;
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = rebuild(ctx, old, old_len, &f, NULL, NULL, out, e);
    *n_left = f.kept;
    krb5_free_context(ctx);
    return rc;
}

struct listing {
    struct kerb_keytab_entry *list;
    size_t n;
};

static krb5_error_code list_entry(krb5_context ctx, krb5_keytab_entry *entry, void *arg)
{
    struct listing *l = arg;
    char *text;
    krb5_error_code ret = krb5_unparse_name(ctx, entry->principal, &text);
    if (ret)
        return ret;
    l->list = xrealloc_array(l->list, l->n + 1, sizeof *l->list);
    struct kerb_keytab_entry *row = &l->list[l->n++];
    *row = (struct kerb_keytab_entry){.kvno = entry->vno,
                                      .etype = entry->key.enctype,
                                      .time = (int64_t)(uint32_t)entry->timestamp};
    snprintf(row->principal, sizeof row->principal, "%s", text);
    krb5_free_unparsed_name(ctx, text);
    return 0;
}

int kerb_keytab_list(const void *data, size_t len, struct kerb_keytab_entry **out, size_t *n,
                     struct err *e)
{
    struct listing l = {0};
    struct kerb_mem file = {.fd = -1};
    krb5_context ctx;
    if (kerb_keytab_context(&ctx, e) < 0)
        return -1;
    int rc = kerb_mem_open(ctx, data, len, &file, e);
    if (rc == 0)
        rc = kerb_keytab_each(ctx, file.kt, list_entry, &l, e);
    kerb_mem_close(ctx, &file);
    krb5_free_context(ctx);
    if (rc < 0) {
        free(l.list);
        return -1;
    }
    *out = l.list;
    *n = l.n;
    return 0;
}
