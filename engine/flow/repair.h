/* Mending a membership. Private to engine/flow. */
#ifndef JOINERY_FLOW_REPAIR_H
#define JOINERY_FLOW_REPAIR_H

#include "engine/flow/member.h"

int flow_repair(struct session *s, struct engine_msg *done, struct err *e) MUST_USE;
int plan_repair(struct session *s, struct err *e) MUST_USE;
/* --check for rotate and repair: the proof, and what else they need. */
int check_member(struct session *s, struct err *e) MUST_USE;

/* plan.c: the plan of the join that mends. */
int plan_join(struct session *s, struct err *e) MUST_USE;

#endif
