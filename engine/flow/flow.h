/*
 * The flows: what each job of the engine does, step by step, over the adapters. A session keeps
 * what was found and opened between jobs, so that the join that follows the wizard's pages asks
 * nothing twice.
 */
#ifndef JOINERY_FLOW_FLOW_H
#define JOINERY_FLOW_FLOW_H

#include "engine/base/cancel.h"
#include "engine/engine.h"
#include "engine/flow/report.h"

struct session;

/* Tells the user interface what cancelling would do from now on. Called from the engine thread. */
typedef void session_effect_fn(void *arg, enum cancel_effect effect);

/* `root` must exist. cancel outlives the session. NULL and e on failure. */
struct session *session_open(const char *root, struct cancel *cancel, session_effect_fn *effect,
                             void *arg, struct err *e);
void session_close(struct session *s); /* NULL is fine */

/* Runs one job to its end and fills `done` (a MSG_DONE that the caller sends). The request stays
 * the caller's. */
void flow_run(struct session *s, struct engine_request *req, struct report *r,
              struct engine_msg *done);

#endif
