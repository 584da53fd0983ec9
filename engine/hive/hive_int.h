/* The handle; private to engine/hive. */
#ifndef JOINERY_HIVE_HIVE_INT_H
#define JOINERY_HIVE_HIVE_INT_H

#include <hivex.h>

#include "engine/hive/hive.h"

struct hive {
    hive_h *h;
};

/* A new anonymous memory file, or -1. */
int hive_memory(struct err *e) MUST_USE;

#endif
