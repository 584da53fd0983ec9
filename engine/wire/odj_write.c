/* Provisioning data to its bytes, in one pass: lengths of nested objects are filled in behind. */
#include <string.h>

#include "engine/wire/odj_int.h"

struct writer {
    struct buf *out;
    size_t start; /* of the object's body, which its alignment counts from */
    uint32_t referent;
    struct err *e;
};

static int write_object(struct buf *out, const struct odj_struct *s, const char *base,
                        struct err *e);
static int write_pointees(struct writer *w, const struct odj_struct *s, const char *base,
                          size_t fixed);

static void put32(struct buf *out, uint32_t v)
{
    const unsigned char b[4] = {(unsigned char)v, (unsigned char)(v >> 8), (unsigned char)(v >> 16),
                                (unsigned char)(v >> 24)};
    buf_put(out, b, sizeof b);
}

static void set32(struct buf *out, size_t at, size_t v)
{
    if (out->failed)
        return;
    for (int i = 0; i < 4; i++)
        out->data[at + (size_t)i] = (unsigned char)(v >> 8 * i);
}

static void pad(struct buf *out, size_t start, size_t to)
{
    while (!out->failed && (out->len - start) % to != 0)
        buf_byte(out, 0);
}

static int bad_text(struct writer *w, const struct odj_struct *s, const struct odj_field *f)
{
    (void)err_cause(w->e, CAUSE_OFFLINE_DATA_INCOMPLETE);
    err_fact(w->e, FACT_PLACE, "%s.%s", s->name, f->name);
    return -1;
}

static void put_referent(struct writer *w, bool there)
{
    put32(w->out, there ? w->referent : 0);
    if (there)
        w->referent += 4;
}

/* A text's bytes; NULL data: the pointer is null. */
static const char *text_of(const struct odj_field *f, const char *base, size_t *len)
{
    if (f->kind == ODJ_F_SECRET) {
        const struct secret *s = (const void *)(base + f->at);
        *len = s->len;
        return (const char *)s->data;
    }
    const char *t = *(char *const *)(const void *)(base + f->at);
    *len = t ? strlen(t) : 0;
    return t;
}

static size_t count_of(const struct odj_field *f, const char *base)
{
    size_t n;
    memcpy(&n, base + f->count_at, sizeof n);
    return n;
}

/* Length, MaximumLength and Buffer. MaximumLength counts a terminator that is not sent. */
static int put_unicode_fixed(struct writer *w, const struct odj_struct *s,
                             const struct odj_field *f, const char *base)
{
    size_t len, units;
    const char *t = text_of(f, base, &len);
    if (!odj_utf16_units(t ? t : "", len, &units) || units > 0x7fff)
        return bad_text(w, s, f);
    size_t length = 2 * units, maximum = !t ? 0 : units < 0x7fff ? length + 2 : length;
    put32(w->out, (uint32_t)(length | maximum << 16));
    put_referent(w, t != NULL);
    return 0;
}

/* What an OBJECT field holds: a structure, or bytes when NULL. */
static const struct odj_struct *object_of(const struct odj_field *f, const char *base)
{
    return f->of ? f->of : f->choose((void *)(uintptr_t)base);
}

static int write_fixed(struct writer *w, const struct odj_struct *s, const char *base)
{
    static const unsigned char none[GUID_BYTES];
    for (size_t i = 0; i < s->n; i++) {
        const struct odj_field *f = &s->fields[i];
        const void *m = base + f->at;
        const struct odj_bytes *bytes = m;
        bool structure;
        size_t len;
        switch (f->kind) {
        case ODJ_F_U32:
            put32(w->out, *(const uint32_t *)m);
            break;
        case ODJ_F_VERSION:
            put32(w->out, 1);
            break;
        case ODJ_F_GUID:
            buf_put(w->out, m, GUID_BYTES);
            break;
        case ODJ_F_NULL_GUID:
            buf_put(w->out, none, GUID_BYTES);
            break;
        case ODJ_F_TEXT:
        case ODJ_F_SECRET:
            put_referent(w, text_of(f, base, &len) != NULL);
            break;
        case ODJ_F_UNICODE:
            if (put_unicode_fixed(w, s, f, base) < 0)
                return -1;
            break;
        case ODJ_F_SID:
            put_referent(w, sid_is_set(m));
            break;
        case ODJ_F_BYTES:
            put32(w->out, (uint32_t)bytes->len);
            put_referent(w, bytes->len > 0);
            break;
        case ODJ_F_ARRAY:
            put32(w->out, (uint32_t)count_of(f, base));
            put_referent(w, count_of(f, base) > 0);
            break;
        case ODJ_F_OBJECT:
            structure = object_of(f, base) != NULL;
            put32(w->out, structure ? 0 : (uint32_t)bytes->len); /* 0: filled in behind */
            put_referent(w, structure || bytes->len > 0);
            break;
        }
    }
    return 0;
}

/* Maximum, offset, number and units, with a terminator or a place that is kept free for one. */
static int put_units(struct writer *w, const struct odj_struct *s, const struct odj_field *f,
                     const char *base)
{
    size_t len, units;
    const char *t = text_of(f, base, &len);
    bool counted = f->kind == ODJ_F_UNICODE;
    if (!t)
        return 0;
    if (!odj_utf16_units(t, len, &units) || units >= ODJ_MAX)
        return bad_text(w, s, f);
    pad(w->out, w->start, 4);
    put32(w->out, (uint32_t)(counted && units == 0x7fff ? units : units + 1));
    put32(w->out, 0);
    put32(w->out, (uint32_t)(counted ? units : units + 1));
    (void)odj_utf16(t, len, w->out);
    if (!counted)
        buf_put(w->out, "\0", 2);
    return 0;
}

static void put_sid(struct writer *w, const struct sid *s)
{
    unsigned char raw[SID_BYTES_MAX];
    if (!sid_is_set(s))
        return;
    pad(w->out, w->start, 4);
    put32(w->out, s->n_subs);
    buf_put(w->out, raw, sid_to_bytes(s, raw));
}

static void put_bytes(struct writer *w, const struct odj_bytes *b)
{
    if (b->len == 0)
        return;
    pad(w->out, w->start, 4);
    put32(w->out, (uint32_t)b->len);
    buf_put(w->out, b->data, b->len);
}

static int put_array(struct writer *w, const struct odj_field *f, const char *base)
{
    const char *elements;
    size_t n = count_of(f, base);
    memcpy(&elements, base + f->at, sizeof elements);
    if (n == 0)
        return 0;
    pad(w->out, w->start, 4);
    put32(w->out, (uint32_t)n);
    size_t fixed = w->out->len;
    for (size_t i = 0; i < n; i++) {
        if (write_fixed(w, f->of, elements + i * f->of->size) < 0)
            return -1;
    }
    for (size_t i = 0; i < n; i++) {
        if (write_pointees(w, f->of, elements + i * f->of->size,
                           fixed + i * odj_struct_wire(f->of)) < 0)
            return -1;
    }
    return 0;
}

static int put_object(struct writer *w, const struct odj_field *f, const char *base, size_t fixed)
{
    const struct odj_struct *of = object_of(f, base);
    if (!of) {
        put_bytes(w, (const void *)(base + f->at));
        return 0;
    }
    pad(w->out, w->start, 4);
    size_t at = w->out->len;
    put32(w->out, 0);
    if (write_object(w->out, of, base + f->at, w->e) < 0)
        return -1;
    set32(w->out, fixed, w->out->len - at - 4);
    set32(w->out, at, w->out->len - at - 4);
    return 0;
}

static int write_pointees(struct writer *w, const struct odj_struct *s, const char *base,
                          size_t fixed)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < s->n; i++) {
        const struct odj_field *f = &s->fields[i];
        const void *m = base + f->at;
        if (f->kind == ODJ_F_TEXT || f->kind == ODJ_F_SECRET || f->kind == ODJ_F_UNICODE)
            r = put_units(w, s, f, base);
        else if (f->kind == ODJ_F_SID)
            put_sid(w, m);
        else if (f->kind == ODJ_F_BYTES)
            put_bytes(w, m);
        else if (f->kind == ODJ_F_ARRAY)
            r = put_array(w, f, base);
        else if (f->kind == ODJ_F_OBJECT)
            r = put_object(w, f, base, fixed);
        fixed += odj_field_wire(f->kind);
    }
    return r;
}

static int write_object(struct buf *out, const struct odj_struct *s, const char *base,
                        struct err *e)
{
    static const unsigned char header[ODJ_HEADER] = {1, 0x10, 8, 0, 0xcc, 0xcc, 0xcc, 0xcc};
    size_t at = out->len;
    buf_put(out, header, sizeof header);
    struct writer w = {.out = out, .start = out->len, .referent = ODJ_FIRST_REFERENT, .e = e};
    put_referent(&w, true);
    size_t fixed = out->len;
    if (write_fixed(&w, s, base) < 0 || write_pointees(&w, s, base, fixed) < 0)
        return -1;
    pad(out, w.start, 8);
    set32(out, at + 8, out->len - w.start);
    return 0;
}

int odj_write(const struct odj *o, struct buf *out, struct err *e)
{
    size_t before = out->len;
    if (out->max > ODJ_MAX + before)
        out->max = ODJ_MAX + before;
    if (write_object(out, &odj_root, (const char *)o, e) < 0)
        return -1;
    if (out->failed) {
        (void)err_cause(e, CAUSE_OUT_OF_MEMORY);
        err_fact(e, FACT_DETAIL, "provisioning data of more than %u bytes", ODJ_MAX);
        return -1;
    }
    return 0;
}
