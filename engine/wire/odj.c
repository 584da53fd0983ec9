/* Provisioning data in memory: cleaning up, putting together, looking at. */
#include "engine/wire/odj.h"

#include <string.h>

#include "engine/wire/dn.h"
#include "engine/wire/odj_int.h"

#define DEFAULT_PASSWORD_MAX 14

static void free_field(const struct odj_field *f, char *base)
{
    void *m = base + f->at;
    struct odj_bytes *bytes = m;
    const struct odj_struct *of = f->of;
    char *elements;
    size_t n;
    switch (f->kind) {
    case ODJ_F_TEXT:
    case ODJ_F_UNICODE:
        free(*(char **)m);
        break;
    case ODJ_F_SECRET:
        secret_free(m);
        break;
    case ODJ_F_ARRAY:
        memcpy(&elements, m, sizeof elements);
        memcpy(&n, base + f->count_at, sizeof n);
        for (size_t i = 0; i < n; i++)
            odj_struct_free(of, elements + i * of->size);
        free(elements);
        break;
    case ODJ_F_OBJECT:
        if (!of)
            of = f->choose(base);
        if (of) {
            odj_struct_free(of, m);
            break;
        }
        /* fall through */
    case ODJ_F_BYTES:
        if (bytes->data)
            explicit_bzero(bytes->data, bytes->len);
        free(bytes->data);
        break;
    default:
        break;
    }
}

void odj_struct_free(const struct odj_struct *s, void *base)
{
    for (size_t i = 0; i < s->n; i++)
        free_field(&s->fields[i], base);
}

void odj_free(struct odj *o)
{
    odj_struct_free(&odj_root, o);
    *o = (struct odj){0};
}

void odj_join_free(struct odj_join *j)
{
    struct odj_blob b = {.format = ODJ_FORMAT_WIN7, .u.join = *j};
    struct odj o = {.blobs = xcalloc(1, sizeof b), .n = 1};
    o.blobs[0] = b;
    *j = (struct odj_join){0};
    odj_free(&o);
}

static const struct odj_package *package_of(const struct odj *o)
{
    for (size_t i = 0; i < o->n; i++) {
        if (o->blobs[i].format == ODJ_FORMAT_WIN8)
            return &o->blobs[i].u.package;
    }
    return NULL;
}

const struct odj_part *odj_part(const struct odj *o, enum odj_kind kind)
{
    const struct odj_package *p = package_of(o);
    for (size_t i = 0; p && i < p->n; i++) {
        if (p->parts[i].kind == kind)
            return &p->parts[i];
    }
    return NULL;
}

const struct odj_join *odj_join(const struct odj *o)
{
    const struct odj_part *p = odj_part(o, ODJ_JOIN);
    if (p)
        return &p->u.join;
    for (size_t i = 0; i < o->n; i++) {
        if (o->blobs[i].format == ODJ_FORMAT_WIN7)
            return &o->blobs[i].u.join;
    }
    return NULL;
}

/* Something that can be a name of a domain or machine: no blanks, no control characters, nothing
 * that means something in a path or a file of ours. */
static bool is_name(const char *s)
{
    if (str_empty(s) || strlen(s) > 255 || !utf8_valid(s, strlen(s)) || *s == '-' || *s == '.')
        return false;
    for (const char *p = s; *p; p++) {
        if ((unsigned char)*p <= 0x20 || *p == 0x7f || strchr("\"/\\[]:;|=,+*?<>@'$#`%&^", *p))
            return false;
    }
    return true;
}

static int incomplete(struct err *e, const char *what)
{
    (void)err_cause(e, CAUSE_OFFLINE_DATA_INCOMPLETE);
    err_fact(e, FACT_PLACE, "%s", what);
    return -1;
}

static int check_parts(const struct odj_package *p, struct strv *skipped, struct err *e)
{
    char text[GUID_TEXT_MAX];
    for (size_t i = 0; i < p->n; i++) {
        const struct odj_part *part = &p->parts[i];
        if (part->kind != ODJ_UNKNOWN)
            continue;
        if (part->flags & ODJ_ESSENTIAL) {
            (void)err_cause(e, CAUSE_OFFLINE_DATA_VERSION);
            err_fact(e, FACT_PLACE, "OP_PACKAGE_PART[%zu], %s", i, guid_to_text(part->type, text));
            return -1;
        }
        if (skipped)
            strv_add(skipped, guid_to_text(part->type, text));
    }
    return 0;
}

int odj_check(const struct odj *o, struct strv *skipped, struct err *e)
{
    const struct odj_package *p = package_of(o);
    const struct odj_join *j = odj_join(o);
    if (p && check_parts(p, skipped, e) < 0)
        return -1;
    if (!j && !p) {
        (void)err_cause(e, CAUSE_OFFLINE_DATA_VERSION);
        err_fact(e, FACT_PLACE, "ODJ_BLOB.ulODJFormat");
        return -1;
    }
    if (!j)
        return incomplete(e, "JOIN_PROVIDER");
    if (!is_name(j->domain))
        return incomplete(e, "lpDomain");
    if (!is_name(j->machine))
        return incomplete(e, "lpMachineName");
    if (!secret_is_set(&j->password) ||
        !utf8_valid((const char *)j->password.data, j->password.len))
        return incomplete(e, "lpMachinePassword");
    return 0;
}

bool odj_password_is_default(const struct odj_join *j)
{
    if (str_empty(j->machine) || !secret_is_set(&j->password))
        return false;
    AUTOFREE char *small = xstrdup(j->machine);
    str_lower(small);
    size_t len = strlen(small) < DEFAULT_PASSWORD_MAX ? strlen(small) : DEFAULT_PASSWORD_MAX;
    return j->password.len == len && !memcmp(j->password.data, small, len);
}

struct odj_part *odj_add_part(struct odj_package *p, enum odj_kind kind)
{
    p->parts = xrealloc_array(p->parts, p->n + 1, sizeof *p->parts);
    struct odj_part *part = &p->parts[p->n++];
    *part = (struct odj_part){.kind = kind, .flags = kind == ODJ_JOIN ? ODJ_ESSENTIAL : 0};
    if (kind != ODJ_UNKNOWN)
        memcpy(part->type, odj_kind_guid(kind), GUID_BYTES);
    return part;
}

static char *dup_or_null(const char *s)
{
    return s ? xstrdup(s) : NULL;
}

int odj_join_copy(struct odj_join *dst, const struct odj_join *src, struct err *e)
{
    *dst = *src; /* numbers; every pointer is replaced below */
    dst->password = (struct secret){0};
    dst->domain = dup_or_null(src->domain);
    dst->machine = dup_or_null(src->machine);
    dst->netbios_domain = dup_or_null(src->netbios_domain);
    dst->dns_domain = dup_or_null(src->dns_domain);
    dst->dns_forest = dup_or_null(src->dns_forest);
    dst->dc_name = dup_or_null(src->dc_name);
    dst->dc_address = dup_or_null(src->dc_address);
    dst->dc_domain = dup_or_null(src->dc_domain);
    dst->dc_forest = dup_or_null(src->dc_forest);
    dst->dc_site = dup_or_null(src->dc_site);
    dst->client_site = dup_or_null(src->client_site);
    if (secret_copy(&dst->password, &src->password) == 0)
        return 0;
    odj_join_free(dst);
    return err_cause(e, CAUSE_OUT_OF_MEMORY);
}

int odj_start(struct odj *o, struct odj_join *join, struct odj_package **package, struct err *e)
{
    struct odj_join copy;
    if (odj_join_copy(&copy, join, e) < 0)
        return -1;
    *o = (struct odj){.blobs = xcalloc(2, sizeof *o->blobs), .n = 2};
    o->blobs[0].format = ODJ_FORMAT_WIN7;
    o->blobs[0].u.join = *join;
    *join = (struct odj_join){0};
    o->blobs[1].format = ODJ_FORMAT_WIN8;
    odj_add_part(&o->blobs[1].u.package, ODJ_JOIN)->u.join = copy;
    *package = &o->blobs[1].u.package;
    return 0;
}
