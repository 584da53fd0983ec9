#include "engine/offline/package.h"

#include <string.h>

#include "engine/wire/pol.h"
#include "engine/wire/sst.h"

int package_store(struct odj_certificates *part, const char *store, const struct certs *list,
                  struct err *e)
{
    if (list->n == 0)
        return 0;
    struct buf CLEANUP(buf_free) sst = BUF_INIT(ODJ_MAX);
    sst_begin(&sst);
    for (size_t i = 0; i < list->n; i++)
        sst_add(list->der[i].data, list->der[i].len, &sst);
    sst_end(&sst);
    if (sst.failed) {
        (void)err_cause(e, CAUSE_CERTIFICATES_BAD);
        err_fact(e, FACT_DETAIL, "more than %u bytes", ODJ_MAX);
        return -1;
    }
    part->stores = xrealloc_array(part->stores, part->n_stores + 1, sizeof *part->stores);
    struct odj_store *s = &part->stores[part->n_stores++];
    *s = (struct odj_store){.location = PACKAGE_MACHINE, .name = xstrdup(store)};
    s->sst.len = sst.len;
    s->sst.data = xcalloc(1, sst.len);
    memcpy(s->sst.data, sst.data, sst.len);
    return 0;
}

/* Those that are roots, or that are not; the bytes are lent. */
static struct certs pick(const struct certs *list, bool roots)
{
    struct certs r = {.der = xcalloc(list->n + 1, sizeof *r.der)};
    for (size_t i = 0; i < list->n; i++)
        if (certs_is_root(list->der[i].data, list->der[i].len) == roots)
            r.der[r.n++] = list->der[i];
    return r;
}

static int store_picked(struct odj_certificates *part, const struct certs *list, bool roots,
                        struct err *e)
{
    struct certs some = pick(list, roots);
    int rc = package_store(part, roots ? PACKAGE_ROOT_STORE : PACKAGE_CA_STORE, &some, e);
    free(some.der);
    return rc;
}

int package_chain(struct odj_certificates *part, const struct certs *list, struct err *e)
{
    return store_picked(part, list, true, e) == 0 ? store_picked(part, list, false, e) : -1;
}

int package_roots(struct odj_certificates *part, const struct buf *pem_bundle, struct err *e)
{
    struct certs CLEANUP(certs_free) all = {0};
    size_t before = part->n_stores;
    if (certs_read(pem_bundle->data, pem_bundle->len, &all, e) != 0 ||
        store_picked(part, &all, true, e) != 0)
        return -1;
    return part->n_stores > before ? 0 : err_cause(e, CAUSE_CERTIFICATES_BAD);
}

int package_policy(struct odj_policies *part, const char *source, const struct buf *pol,
                   struct err *e)
{
    struct odj_policy_list list;
    if (pol_read(pol->data ? pol->data : (const unsigned char *)"", pol->len, source, &list, e) !=
        0) {
        err_fact(e, FACT_FILE, "%s", source);
        return -1;
    }
    part->lists = xrealloc_array(part->lists, part->n + 1, sizeof *part->lists);
    part->lists[part->n++] = list;
    return 0;
}

/* A package of that one part, for the cleaning up that the data's own description does. */
static void drop(struct odj_part *part)
{
    struct odj o = {.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
    o.blobs[0].format = ODJ_FORMAT_WIN8;
    struct odj_package *p = &o.blobs[0].u.package;
    *p = (struct odj_package){.parts = xcalloc(1, sizeof *p->parts), .n = 1};
    *p->parts = *part;
    odj_free(&o);
}

void package_certificates_free(struct odj_certificates *part)
{
    struct odj_part one = {.kind = ODJ_CERTIFICATES, .u.certificates = *part};
    memcpy(one.type, odj_kind_guid(ODJ_CERTIFICATES), GUID_BYTES);
    drop(&one);
    *part = (struct odj_certificates){0};
}

void package_policies_free(struct odj_policies *part)
{
    struct odj_part one = {.kind = ODJ_POLICIES, .u.policies = *part};
    memcpy(one.type, odj_kind_guid(ODJ_POLICIES), GUID_BYTES);
    drop(&one);
    *part = (struct odj_policies){0};
}

static struct odj_part *part_of(struct odj_package *p, enum odj_kind kind)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->parts[i].kind == kind)
            return &p->parts[i];
    return odj_add_part(p, kind);
}

int package_add_roots(struct odj_package *p, const struct buf *pem_bundle, struct err *e)
{
    return package_roots(&part_of(p, ODJ_CERTIFICATES)->u.certificates, pem_bundle, e);
}

int package_add_chain(struct odj_package *p, const char *store, const struct certs *list,
                      struct err *e)
{
    return package_store(&part_of(p, ODJ_CERTIFICATES)->u.certificates, store, list, e);
}

int package_add_policy(struct odj_package *p, const char *source, const struct buf *pol,
                       struct err *e)
{
    return package_policy(&part_of(p, ODJ_POLICIES)->u.policies, source, pol, e);
}
