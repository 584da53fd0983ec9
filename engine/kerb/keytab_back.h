/*
 * A keytab as it was before a membership, without losing what others have put into it since. Works
 * on the file format itself (MIT's, version 2), so that what is kept is kept byte for byte.
 */
#ifndef JOINERY_KERB_KEYTAB_BACK_H
#define JOINERY_KERB_KEYTAB_BACK_H

#include "engine/base/buf.h"
#include "engine/kerb/kerb.h"

/* Of `now` the entries of the specs' names in their realms go, all kvnos and types (a spec's kvno
 * and etypes are not looked at); such entries that stood in `before` (NULL: there was none; empty:
 * an empty file) come back. Where the result has the same entries as `before`, it is `before`, byte
 * for byte. *n_left: entries in `out`, a BUF_SECRET. A `now` or `before` that is no keytab:
 * FILE_UNPARSABLE. */
int keytab_back(const void *now, size_t now_len, const void *before, size_t before_len,
                const struct kerb_keytab_spec *specs, size_t n_specs, struct buf *out,
                size_t *n_left, struct err *e) MUST_USE;

#endif
