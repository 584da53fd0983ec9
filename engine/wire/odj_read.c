/* Provisioning data from its bytes. Every count is compared with what is left before it is used. */
#include <string.h>

#include "engine/wire/odj_int.h"

/* One serialized object's body, as offsets in the whole input. */
struct body {
    const unsigned char *data;
    size_t start, at, end;
    struct err *e;
};

static int read_object(const unsigned char *data, size_t at, size_t end, const struct odj_struct *s,
                       void *base, const struct odj_place *place, struct err *e);

static uint32_t le16(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t le32(const unsigned char *p)
{
    return le16(p) | le16(p + 2) << 16;
}

void odj_place_text(const struct odj_place *p, struct buf *out)
{
    if (p->up) {
        odj_place_text(p->up, out);
        if (p->name)
            buf_str(out, ".");
    }
    if (p->name)
        buf_str(out, p->name);
    if (p->index >= 0)
        buf_printf(out, "[%ld]", p->index);
}

static int fail(struct err *e, enum cause cause, const struct odj_place *p, size_t at,
                const char *what)
{
    struct buf b = BUF_INIT(1024);
    odj_place_text(p, &b);
    (void)err_cause(e, cause);
    err_fact(e, FACT_PLACE, "%s, byte 0x%zx", b.failed ? "" : buf_text(&b), at);
    err_fact(e, FACT_DETAIL, "%s", what);
    buf_free(&b);
    return -1;
}

static int bad(const struct body *b, const struct odj_place *p, size_t at, const char *what)
{
    return fail(b->e, CAUSE_BAD_OFFLINE_DATA, p, at, what);
}

/* Moves on to a multiple of four and over n bytes, which start at *ret. */
static int take(struct body *b, size_t n, const struct odj_place *p, size_t *ret)
{
    size_t at = b->start + ((b->at - b->start + 3) & ~(size_t)3);
    *ret = at;
    if (at > b->end || n > b->end - at)
        return bad(b, p, b->at, "the data ends too early");
    b->at = at + n;
    return 0;
}

/* The conformance of an array, which must repeat the count that its structure has. */
static int take_max(struct body *b, size_t want, const struct odj_place *p)
{
    size_t at;
    if (take(b, 4, p, &at) < 0)
        return -1;
    return le32(b->data + at) == want ? 0 : bad(b, p, at, "two lengths that must agree differ");
}

/* A conformant and varying array of UTF-16 units. */
static int take_units(struct body *b, const struct odj_place *p, size_t *ret, uint32_t *max,
                      uint32_t *n)
{
    size_t at;
    if (take(b, 12, p, &at) < 0)
        return -1;
    *max = le32(b->data + at);
    *n = le32(b->data + at + 8);
    if (le32(b->data + at + 4) != 0 || *n > *max)
        return bad(b, p, at, "a text's lengths are wrong");
    if (*n > (b->end - b->at) / 2)
        return bad(b, p, at, "a text is longer than the data");
    return take(b, 2 * (size_t)*n, p, ret);
}

static int read_text(struct body *b, const struct odj_place *p, char **ret)
{
    size_t at;
    uint32_t max, n;
    bool ok;
    if (take_units(b, p, &at, &max, &n) < 0)
        return -1;
    if (max != n || n == 0 || le16(b->data + at + 2 * (n - 1)) != 0)
        return bad(b, p, at, "a text does not end where it should");
    char *s = xcalloc(3 * (size_t)n + 1, 1);
    s[odj_utf8(b->data + at, n - 1, s, &ok)] = '\0';
    *ret = xstrdup(s);
    free(s);
    return ok ? 0 : bad(b, p, at, "a text has a zero in it");
}

static int read_secret(struct body *b, const struct odj_place *p, struct secret *ret)
{
    size_t at;
    uint32_t max, n;
    bool ok;
    if (take_units(b, p, &at, &max, &n) < 0)
        return -1;
    if (max != n || n == 0 || le16(b->data + at + 2 * (n - 1)) != 0)
        return bad(b, p, at, "a text does not end where it should");
    size_t room = 3 * (size_t)n;
    if (secret_init(ret, room > SECRET_MAX ? room : SECRET_MAX) < 0)
        return err_cause(b->e, CAUSE_OUT_OF_MEMORY);
    ret->len = odj_utf8(b->data + at, n - 1, (char *)ret->data, &ok);
    ret->data[ret->len] = 0;
    return ok ? 0 : bad(b, p, at, "a text has a zero in it");
}

/* ODJ_UNICODE_STRING: lengths in bytes and without a terminator; its fixed part is at `fixed`. */
static int read_unicode(struct body *b, size_t fixed, const struct odj_place *p, char **ret)
{
    size_t at;
    uint32_t max, n;
    bool ok;
    uint32_t length = le16(b->data + fixed), maximum = le16(b->data + fixed + 2);
    if (length % 2 || maximum % 2 || length > maximum)
        return bad(b, p, fixed, "a text's lengths are wrong");
    if (take_units(b, p, &at, &max, &n) < 0)
        return -1;
    if (max != maximum / 2 || n != length / 2) /* both are even */
        return bad(b, p, fixed, "two lengths that must agree differ");
    char *s = xcalloc(3 * (size_t)n + 1, 1);
    s[odj_utf8(b->data + at, n, s, &ok)] = '\0';
    *ret = xstrdup(s);
    free(s);
    return ok ? 0 : bad(b, p, at, "a text has a zero in it");
}

static int read_sid(struct body *b, const struct odj_place *p, struct sid *ret)
{
    size_t count, at;
    if (take(b, 4, p, &count) < 0)
        return -1;
    uint32_t subs = le32(b->data + count);
    if (subs == 0 || subs > SID_SUBS_MAX)
        return bad(b, p, count, "not a security identifier");
    if (take(b, 8 + 4 * (size_t)subs, p, &at) < 0)
        return -1;
    if (sid_from_bytes(ret, b->data + at, 8 + 4 * (size_t)subs) < 0)
        return bad(b, p, at, "not a security identifier");
    return 0;
}

static int take_bytes(struct body *b, size_t n, const struct odj_place *p, size_t *ret)
{
    return take_max(b, n, p) < 0 ? -1 : take(b, n, p, ret);
}

static int read_bytes(struct body *b, size_t n, const struct odj_place *p, struct odj_bytes *ret)
{
    size_t at;
    if (take_bytes(b, n, p, &at) < 0)
        return -1;
    if (n > 0) {
        ret->data = xcalloc(n, 1);
        ret->len = n;
        memcpy(ret->data, b->data + at, n);
    }
    return 0;
}

/* Values of the fixed part at `at`, which lies within the body. */
static int read_fixed(struct body *b, const struct odj_struct *s, char *base, size_t at,
                      const struct odj_place *up)
{
    static const unsigned char none[GUID_BYTES];
    for (size_t i = 0; i < s->n; at += odj_field_wire(s->fields[i].kind), i++) {
        const struct odj_field *f = &s->fields[i];
        const struct odj_place p = {up, f->name, -1};
        uint32_t v = le32(b->data + at);
        if (f->kind == ODJ_F_U32)
            memcpy(base + f->at, &v, sizeof v);
        else if (f->kind == ODJ_F_GUID)
            memcpy(base + f->at, b->data + at, GUID_BYTES);
        else if (f->kind == ODJ_F_VERSION && v != 1)
            return fail(b->e, CAUSE_OFFLINE_DATA_VERSION, &p, at, "the version is not 1");
        else if (f->kind == ODJ_F_NULL_GUID && memcmp(b->data + at, none, GUID_BYTES) != 0)
            return fail(b->e, CAUSE_OFFLINE_DATA_VERSION, &p, at, "an unknown encryption");
    }
    return 0;
}

static int read_pointees(struct body *b, const struct odj_struct *s, char *base, size_t at,
                         const struct odj_place *up);

static int read_array(struct body *b, const struct odj_field *f, char *base, size_t n,
                      const struct odj_place *p)
{
    const struct odj_struct *of = f->of;
    size_t wire = odj_struct_wire(of), at, from = b->at;
    if (take_max(b, n, p) < 0)
        return -1;
    if (n > (b->end - b->at) / wire)
        return bad(b, p, from, "there are fewer elements than it says");
    if (of->most && n > of->most)
        return bad(b, p, from, "there are too many elements");
    if (take(b, n * wire, p, &at) < 0)
        return -1;
    if (n == 0)
        return 0;
    char *elements = xcalloc(n, of->size);
    memcpy(base + f->at, &elements, sizeof elements);
    memcpy(base + f->count_at, &n, sizeof n);
    struct odj_place element = {NULL, of->name, 0};
    for (size_t i = 0; i < n; i++) {
        element.index = (long)i;
        if (read_fixed(b, of, elements + i * of->size, at + i * wire, &element) < 0)
            return -1;
    }
    for (size_t i = 0; i < n; i++) {
        element.index = (long)i;
        if (read_pointees(b, of, elements + i * of->size, at + i * wire, &element) < 0)
            return -1;
    }
    return 0;
}

static int read_wrapped(struct body *b, const struct odj_field *f, char *base, size_t n,
                        const struct odj_place *p)
{
    const struct odj_struct *of = f->of ? f->of : f->choose(base);
    size_t at;
    if (!of)
        return read_bytes(b, n, p, (struct odj_bytes *)(void *)(base + f->at));
    if (take_bytes(b, n, p, &at) < 0)
        return -1;
    return read_object(b->data, at, at + n, of, base + f->at, p, b->e);
}

/* A field's pointee; its referent is not null. */
static int read_pointee(struct body *b, const struct odj_field *f, char *base, size_t fixed,
                        const struct odj_place *p)
{
    void *m = base + f->at;
    size_t n = le32(b->data + fixed); /* of those fields that count */
    switch (f->kind) {
    case ODJ_F_TEXT:
        return read_text(b, p, m);
    case ODJ_F_SECRET:
        return read_secret(b, p, m);
    case ODJ_F_UNICODE:
        return read_unicode(b, fixed, p, m);
    case ODJ_F_SID:
        return read_sid(b, p, m);
    case ODJ_F_BYTES:
        return read_bytes(b, n, p, m);
    case ODJ_F_ARRAY:
        return read_array(b, f, base, n, p);
    case ODJ_F_OBJECT:
        return read_wrapped(b, f, base, n, p);
    default:
        return 0;
    }
}

static bool is_pointer(enum odj_field_kind k)
{
    return k != ODJ_F_U32 && k != ODJ_F_VERSION && k != ODJ_F_GUID && k != ODJ_F_NULL_GUID;
}

/* A null pointer's length, if it has one, is 0; and what is an object must be there. */
static int check_null(struct body *b, const struct odj_field *f, char *base, size_t fixed,
                      const struct odj_place *p)
{
    bool object = f->kind == ODJ_F_OBJECT && (f->of || f->choose(base));
    if (object)
        return bad(b, p, fixed, "nothing is there");
    size_t length = f->kind == ODJ_F_UNICODE       ? le16(b->data + fixed)
                    : odj_field_wire(f->kind) == 8 ? le32(b->data + fixed)
                                                   : 0;
    return length == 0 ? 0 : bad(b, p, fixed, "a length without the data");
}

static int read_pointees(struct body *b, const struct odj_struct *s, char *base, size_t at,
                         const struct odj_place *up)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct odj_field *f = &s->fields[i];
        const struct odj_place p = {up, f->name, -1};
        size_t wire = odj_field_wire(f->kind), fixed = at;
        at += wire;
        if (!is_pointer(f->kind))
            continue;
        bool null = le32(b->data + fixed + wire - 4) == 0; /* the referent comes last */
        int r = null ? check_null(b, f, base, fixed, &p) : read_pointee(b, f, base, fixed, &p);
        if (r < 0)
            return -1;
    }
    return 0;
}

/* Zero padding up to `end`, any length. */
static int check_rest(const struct body *b, size_t end, const struct odj_place *p)
{
    for (size_t i = b->at; i < end; i++) {
        if (b->data[i])
            return bad(b, p, i, "something follows the end");
    }
    return 0;
}

static int read_header(struct body *b, size_t end, const struct odj_place *p)
{
    const unsigned char *h = b->data + b->at;
    if (end - b->at < ODJ_HEADER)
        return bad(b, p, b->at, "the data ends too early");
    bool little = h[1] == 0x10 && le16(h + 2) == 8;
    bool big = h[1] == 0 && (le16(h + 2) == 8 || le16(h + 2) == 0x800);
    if (!little && !big)
        return bad(b, p, b->at, "not the header of provisioning data");
    if (h[0] != 1)
        return fail(b->e, CAUSE_OFFLINE_DATA_VERSION, p, b->at, "the serialization is not 1");
    if (big)
        return fail(b->e, CAUSE_OFFLINE_DATA_VERSION, p, b->at + 1, "big endian numbers");
    uint32_t len = le32(h + 8);
    if (len % 8 != 0 || len > end - b->at - ODJ_HEADER)
        return bad(b, p, b->at + 8, "a length is wrong");
    b->start = b->at = b->at + ODJ_HEADER;
    b->end = b->start + len;
    return 0;
}

/* The object in data[at..end): header, top referent, structure, padding. */
static int read_object(const unsigned char *data, size_t at, size_t end, const struct odj_struct *s,
                       void *base, const struct odj_place *place, struct err *e)
{
    struct body b = {.data = data, .at = at, .e = e};
    const struct odj_place p = {NULL, s->name, -1};
    size_t top, fixed;
    if (read_header(&b, end, place) < 0 || take(&b, 4, place, &top) < 0)
        return -1;
    if (le32(data + top) == 0)
        return bad(&b, place, top, "nothing is there");
    if (take(&b, odj_struct_wire(s), place, &fixed) < 0 || read_fixed(&b, s, base, fixed, &p) < 0 ||
        read_pointees(&b, s, base, fixed, &p) < 0)
        return -1;
    return check_rest(&b, end, &p);
}

int odj_read(const void *data, size_t len, struct odj *ret, struct err *e)
{
    const struct odj_place root = {NULL, odj_root.name, -1};
    *ret = (struct odj){0};
    if (len > ODJ_MAX) {
        (void)err_cause(e, CAUSE_BAD_OFFLINE_DATA);
        err_fact(e, FACT_DETAIL, "more than %u bytes", ODJ_MAX);
        return -1;
    }
    if (read_object(data, 0, len, &odj_root, ret, &root, e) == 0)
        return 0;
    odj_free(ret);
    return -1;
}
