/* Registry.pol and lists of machines. */
#include "fuzz.h"

#include "engine/model/csv.h"
#include "engine/wire/pol.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err e = {0};
    struct odj_policy_list list;
    struct csv table;
    if (pol_read(data, size, "fuzz", &list, &e) == 0) {
        /* A part made of it can be written. */
        struct buf out = BUF_SECRET(ODJ_MAX);
        struct odj o = {.blobs = xcalloc(1, sizeof *o.blobs), .n = 1};
        o.blobs->format = ODJ_FORMAT_WIN8;
        struct odj_policies *p = &odj_add_part(&o.blobs->u.package, ODJ_POLICIES)->u.policies;
        p->lists = xcalloc(1, sizeof *p->lists);
        p->lists[p->n++] = list;
        MUST(odj_write(&o, &out, &e) == 0);
        odj_free(&o);
        MUST(odj_read(out.data, out.len, &o, &e) == 0);
        odj_free(&o);
        buf_free(&out);
    } else {
        MUST(e.code != 0);
    }
    err_reset(&e);
    if (csv_read(data, size, &table, &e) == 0) {
        for (size_t i = 0; i < table.n; i++)
            MUST(csv_cell(&table, i, "name"));
        csv_free(&table);
    } else {
        MUST(e.code != 0);
    }
    return 0;
}
