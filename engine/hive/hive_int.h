/* The handle; private to engine/hive. */
#ifndef JOINERY_HIVE_HIVE_INT_H
#define JOINERY_HIVE_HIVE_INT_H

#include <hivex.h>

#include "engine/hive/hive.h"

struct hive {
    hive_h *h;
    uint32_t seq;
};

/* A new anonymous memory file, or -1. */
int hive_memory(struct err *e) MUST_USE;
/* The library's handle on a checked copy. */
int hive_attach(int fd, bool writable, uint32_t seq, struct hive **ret, struct err *e) MUST_USE;

#endif
