/*
 * Line-based three-way merge, for undoing our own edits: `base` is what we wrote, `mine` what was
 * there before us, `theirs` what is there now. The result is `theirs` with our lines turned back;
 * where the owner changed the very lines that we had changed, the owner's are kept and counted.
 * Lines compare byte for byte.
 */
#ifndef JOINERY_CONF_MERGE3_H
#define JOINERY_CONF_MERGE3_H

#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"

struct merge3_result {
    unsigned conflicts;
    struct strv
        kept; /* the owner's lines that stand where ours could not be turned back; at most 20 */
};

/* Texts need not end in a newline. Returns 0, -1 when a text has more than 400,000 lines or `ret`
 * overflows. */
int merge3(const char *base, const char *mine, const char *theirs, struct buf *ret,
           struct merge3_result *res) MUST_USE;
void merge3_result_free(struct merge3_result *res);

/* The lines that differ: "-line" for a's, "+line" for b's. Returns -1 as merge3 does. */
int merge3_diff(const char *a, const char *b, struct buf *ret) MUST_USE;

#endif
