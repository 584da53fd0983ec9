/* Provisioning data: what is read is written and read again to the same. */
#include "fuzz.h"

#include <string.h>

#include "engine/wire/odj.h"
#include "engine/wire/sst.h"

static struct buf write(const struct odj *o)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(ODJ_MAX);
    MUST(odj_write(o, &b, &e) == 0);
    return b;
}

/* Accessors on whatever came. */
static void look(const struct odj *o)
{
    struct err e = {0};
    struct strv skipped = {0};
    if (odj_check(o, &skipped, &e) == 0)
        MUST(odj_join(o) && odj_join(o)->password.len > 0);
    else
        MUST(e.code == 87 || e.code == 2719);
    strv_free(&skipped);
    if (odj_join(o))
        (void)odj_password_is_default(odj_join(o));
    const struct odj_part *p = odj_part(o, ODJ_CERTIFICATES);
    for (size_t i = 0; p && i < p->u.certificates.n_stores; i++)
        (void)sst_count(p->u.certificates.stores[i].sst.data, p->u.certificates.stores[i].sst.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct odj o, again;
    if (odj_read(data, size, &o, &e) < 0) {
        MUST(!o.blobs && o.n == 0);
        MUST(e.code == 2710 || e.code == 2719);
        MUST(err_fact_get(&e, FACT_PLACE) || size > ODJ_MAX);
        return 0;
    }
    look(&o);
    struct buf one = write(&o);
    odj_free(&o);
    MUST(odj_read(one.data, one.len, &again, &e) == 0);
    struct buf two = write(&again);
    odj_free(&again);
    MUST(one.len == two.len && !memcmp(one.data, two.data, one.len));
    /* Nothing is made up: the canonical form is never much longer than what came. */
    MUST(one.len <= 2 * size + 64);
    buf_free(&one);
    buf_free(&two);
    return 0;
}
