/*
 * A serialized certificate store, [MS-OSHARED] 2.3.9.1: what a package of provisioning data carries
 * certificates of authorities in. Pure functions.
 */
#ifndef JOINERY_WIRE_SST_H
#define JOINERY_WIRE_SST_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"

/* Writing: begin, one add for each certificate (DER), end. Check out->failed. */
void sst_begin(struct buf *out);
void sst_add(const void *der, size_t len, struct buf *out);
void sst_end(struct buf *out);

struct sst {
    const unsigned char *at, *end;
};
/* False: not a store. */
bool sst_open(const void *data, size_t len, struct sst *ret);
/* 1: the next certificate, a view into the store; 0: the end was reached as it should be; -1: the
 * store is damaged. Properties of certificates are passed over. */
int sst_next(struct sst *s, const unsigned char **der, size_t *len);
/* Certificates in it; -1: damaged. */
long sst_count(const void *data, size_t len);

#endif
