/*
 * Recovering at another controller than the one that took the write. Where the change is known
 * there, it has arrived, and the way forward is safe. That another controller does not know it
 * proves nothing: then all stays as it is.
 */
#ifndef JOINERY_FLOW_ELSEWHERE_H
#define JOINERY_FLOW_ELSEWHERE_H

#include "engine/flow/session.h"

/* `e` says that `writer` cannot be asked, and another one may be. `other`: the controller that is
 * named today, "" for any. */
bool elsewhere_may(struct session *s, const struct err *e, const char *writer, const char *other);
/* Gives the writer up and finds another one; s->s is `own`. */
int elsewhere_go(struct session *s, struct settings *own, const char *writer, const char *other,
                 const struct err *why, struct err *e) MUST_USE;
/* -1 with WRITER_UNREACHABLE: `answer` is what the other one said about `object`. */
int elsewhere_unproved(struct session *s, const char *writer, const struct err *answer,
                       const char *object, struct err *e);

#endif
