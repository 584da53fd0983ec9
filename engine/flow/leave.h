/* Leaving: leave.c does it, leave_show.c tells beforehand. */
#ifndef JOINERY_FLOW_LEAVE_H
#define JOINERY_FLOW_LEAVE_H

#include "engine/flow/session.h"

/* Its part of JOB_PLAN and of --check. */
int plan_leave(struct session *s, struct err *e) MUST_USE;
int check_leave(struct session *s, struct err *e) MUST_USE;

#endif
