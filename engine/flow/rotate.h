/* A new machine password. Private to engine/flow. */
#ifndef JOINERY_FLOW_ROTATE_H
#define JOINERY_FLOW_ROTATE_H

#include "engine/flow/member.h"

#define TXN_KIND_ROTATE "rotate"

/* After a crash, with the journal of TXN_KIND_ROTATE and the lock held: forward with the new
 * password when the domain has it, else back. */
int recover_rotate(struct session *s, struct txn *t, struct engine_msg *done,
                   struct err *e) MUST_USE;
int plan_rotate(struct session *s, struct err *e) MUST_USE;

#endif
