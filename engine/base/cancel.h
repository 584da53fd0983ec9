/*
 * A cancel token: set from any thread or signal handler, seen at once by a thread that polls its
 * descriptor. Everything in the engine that waits polls `fd` besides its own descriptors.
 */
#ifndef JOINERY_BASE_CANCEL_H
#define JOINERY_BASE_CANCEL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "engine/base/err.h"

struct cancel {
    atomic_int set;
    int fd; /* eventfd, readable once cancelled */
};

int cancel_init(struct cancel *c, struct err *e) MUST_USE;
void cancel_done(struct cancel *c);
void cancel_fire(struct cancel *c); /* async-signal-safe */
void cancel_clear(struct cancel *c);
/* NULL is a token that never fires. */
bool cancel_is_set(const struct cancel *c);
/* 0, or -1 with CAUSE_CANCELLED. */
int cancel_check(const struct cancel *c, struct err *e) MUST_USE;

#endif
