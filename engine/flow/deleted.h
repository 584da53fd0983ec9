/* Joins that follow a deletion, or a rename, at once. Private to engine/flow. */
#ifndef JOINERY_FLOW_DELETED_H
#define JOINERY_FLOW_DELETED_H

#include "engine/flow/session.h"

/* The account s->names of the session's domain was deleted a moment ago. Best effort. */
void deleted_remember(struct session *s);
/* After read_facts(): the notice when the name to be created was deleted within the last 15
 * minutes, or is gone although this machine is a member under it. */
bool deleted_lately(struct session *s, struct err *notice);

/* Before a member's account is made again: -1 (ACCOUNT_NOT_REPLICATED) when this controller still
 * has that very object, under the name that it had before a rename. */
int deleted_not_renamed(struct session *s, struct err *e) MUST_USE;

#endif
