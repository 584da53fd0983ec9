/*
 * Whether bytes are a registry hive that can be trusted to be walked: base block, bins, cells and
 * everything that is reachable from the root key; and whether a transaction log has entries that
 * the hive has not got yet. Allocates a map of len/32 bytes and a list of keys still to be walked.
 */
#ifndef JOINERY_HIVE_CHECK_H
#define JOINERY_HIVE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"

#define HIVE_BLOCK     4096 /* the base block */
#define HIVE_DEPTH_MAX 512  /* keys below each other: the limit of Windows */

/* As far as the base block tells. */
struct hive_base {
    uint32_t seq1, seq2; /* written before and after a change: equal when it was closed cleanly */
    uint32_t minor;
    uint32_t root; /* of the root key's cell, from the end of the base block */
    uint32_t bins; /* bytes of bins behind the base block */
};
/* IMAGE_NOT_WINDOWS (87): no "regf" at all. IMAGE_DIRTY (2717): checksum or sequence numbers. */
int hive_check_base(const void *data, size_t len, struct hive_base *ret, struct err *e) MUST_USE;
/* All the rest. HIVE_DAMAGED (2717) with FACT_PLACE. */
int hive_check_tree(const void *data, size_t len, const struct hive_base *base,
                    struct err *e) MUST_USE;

/*
 * The file of a SYSTEM.LOG1 or LOG2 beside a hive that was closed with sequence number `seq`: true
 * when it holds changes that Windows has yet to replay. An empty, broken or older log holds none.
 */
bool hive_log_pending(int fd, uint32_t seq);

#endif
