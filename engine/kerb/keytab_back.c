#include "engine/kerb/keytab_back.h"

#include <string.h>

#include "engine/base/strv.h"

#define PARTS_MAX 16

struct piece {
    const unsigned char *p;
    size_t n;
};

/* One entry, pointing into the file's bytes. */
struct entry {
    struct piece record; /* without its length */
    struct piece realm, part[PARTS_MAX], key;
    size_t n_parts;
    unsigned etype;
    uint32_t kvno;
};

struct list {
    struct entry *e;
    size_t n;
};

static size_t be16(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)(be16(p) << 16 | be16(p + 2));
}

static bool counted(struct piece *from, struct piece *ret)
{
    if (from->n < 2 || be16(from->p) > from->n - 2)
        return false;
    *ret = (struct piece){from->p + 2, be16(from->p)};
    from->p += 2 + ret->n;
    from->n -= 2 + ret->n;
    return true;
}

/* Number of name parts, realm and parts (counted), name type, time, kvno (8 bits), key type, key
 * (counted), kvno (32 bits, optional). */
static bool read_entry(struct piece record, struct entry *e)
{
    struct piece r = record;
    *e = (struct entry){.record = record};
    if (r.n < 2 || (e->n_parts = be16(r.p)) < 1 || e->n_parts > PARTS_MAX)
        return false;
    r = (struct piece){r.p + 2, r.n - 2};
    if (!counted(&r, &e->realm))
        return false;
    for (size_t i = 0; i < e->n_parts; i++) {
        if (!counted(&r, &e->part[i]))
            return false;
    }
    if (r.n < 4 + 4 + 1 + 2)
        return false;
    e->kvno = r.p[8];
    e->etype = (unsigned)be16(r.p + 9);
    r = (struct piece){r.p + 11, r.n - 11};
    if (!counted(&r, &e->key) || e->key.n == 0)
        return false;
    if (r.n >= 4 && be32(r.p) != 0)
        e->kvno = be32(r.p);
    return true;
}

/* Records are {int32 length, bytes}: negative for holes, zero for the end. */
static bool read_all(const unsigned char *p, size_t len, struct list *l)
{
    size_t at = 2;
    if (len < 2 || len > KERB_KEYTAB_MAX || p[0] != 5 || p[1] != 2)
        return false;
    while (len - at >= 4) {
        uint32_t size = be32(p + at);
        bool hole = size > INT32_MAX;
        size_t n = hole ? (size_t)(0u - size) : size;
        at += 4;
        if (size == 0)
            return true;
        if (n > len - at)
            return false;
        if (!hole) {
            l->e = xrealloc_array(l->e, l->n + 1, sizeof *l->e);
            if (!read_entry((struct piece){p + at, n}, &l->e[l->n++]))
                return false;
        }
        at += n;
    }
    return at == len;
}

static bool same_piece(const struct piece *a, const struct piece *b)
{
    return a->n == b->n && (a->n == 0 || memcmp(a->p, b->p, a->n) == 0);
}

/* The time of writing does not count. */
static bool same_entry(const struct entry *a, const struct entry *b)
{
    if (a->n_parts != b->n_parts || a->etype != b->etype || a->kvno != b->kvno ||
        !same_piece(&a->realm, &b->realm) || !same_piece(&a->key, &b->key))
        return false;
    for (size_t i = 0; i < a->n_parts; i++) {
        if (!same_piece(&a->part[i], &b->part[i]))
            return false;
    }
    return true;
}

static bool has(const struct list *l, const struct entry *e)
{
    for (size_t i = 0; i < l->n; i++) {
        if (same_entry(&l->e[i], e))
            return true;
    }
    return false;
}

/* AD does not tell "HOST/x" from "host/x". */
static bool of_spec(const struct entry *e, const struct kerb_keytab_spec *spec)
{
    struct buf name = BUF_INIT(4096);
    bool ours = false;
    if (e->realm.n != strlen(spec->realm) || memcmp(e->realm.p, spec->realm, e->realm.n) != 0)
        return false;
    for (size_t i = 0; i < e->n_parts; i++) {
        if (i)
            buf_byte(&name, '/');
        buf_put(&name, e->part[i].p, e->part[i].n);
    }
    const char *text = buf_text(&name);
    for (size_t i = 0; i < spec->n_names && text && !ours; i++)
        ours = str_ieq(text, spec->names[i]);
    buf_free(&name);
    return ours;
}

static bool is_ours(const struct entry *e, const struct kerb_keytab_spec *specs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (of_spec(e, &specs[i]))
            return true;
    }
    return false;
}

static void put(struct buf *out, const struct entry *e)
{
    uint32_t n = (uint32_t)e->record.n;
    const unsigned char size[4] = {(unsigned char)(n >> 24), (unsigned char)(n >> 16),
                                   (unsigned char)(n >> 8), (unsigned char)n};
    buf_put(out, size, sizeof size);
    buf_put(out, e->record.p, e->record.n);
}

/* What was there before comes first, in its order. *changed: not all of it, or more. */
static size_t join_lists(const struct list *now, const struct list *before,
                         const struct kerb_keytab_spec *specs, size_t n_specs, struct buf *out,
                         bool *changed)
{
    size_t n = 0;
    *changed = false;
    for (size_t i = 0; i < before->n; i++) {
        const struct entry *e = &before->e[i];
        if (is_ours(e, specs, n_specs) || has(now, e)) {
            put(out, e);
            n++;
        } else {
            *changed = true;
        }
    }
    for (size_t i = 0; i < now->n; i++) {
        const struct entry *e = &now->e[i];
        if (is_ours(e, specs, n_specs) || has(before, e))
            continue;
        put(out, e);
        n++;
        *changed = true;
    }
    return n;
}

int keytab_back(const void *now, size_t now_len, const void *before, size_t before_len,
                const struct kerb_keytab_spec *specs, size_t n_specs, struct buf *out,
                size_t *n_left, struct err *e)
{
    static const unsigned char magic[2] = {5, 2};
    struct list a = {0}, b = {0};
    bool changed;
    int rc = 0;
    *n_left = 0;
    if (!read_all(now, now_len, &a) || (before_len && !read_all(before, before_len, &b))) {
        err_cause(e, CAUSE_FILE_UNPARSABLE);
        rc = err_foreign(e, ERR_SRC_NONE, 0, "not a keytab of version 2 (%zu bytes)", now_len);
    } else {
        buf_put(out, magic, sizeof magic);
        *n_left = join_lists(&a, &b, specs, n_specs, out, &changed);
        if (before && !changed) {
            out->len = 0;
            buf_put(out, before, before_len);
        }
        rc = out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    }
    free(a.e);
    free(b.e);
    return rc;
}
