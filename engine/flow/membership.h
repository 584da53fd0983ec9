/*
 * What a system is a member of, read from the system alone: our own record, the workgroup that was
 * set, or nothing. The one place that tells it.
 */
#ifndef JOINERY_FLOW_MEMBERSHIP_H
#define JOINERY_FLOW_MEMBERSHIP_H

#include "engine/txn/record.h"
#include "engine/views.h"

/* The workgroup's name on one line, 0644; absent: none was set. */
#define WORKGROUP_FILE "/var/lib/joinery/workgroup"

struct membership {
    enum member_state state;
    struct enroll_record rec; /* MEMBER_DOMAIN */
    char *workgroup;          /* MEMBER_WORKGROUP */
};

/* 0, or -1 when the record is there and cannot be read (CAUSE_FILE_UNPARSABLE and the like). Free
 * it in any case. */
int membership_load(struct host *h, struct membership *ret, struct err *e) MUST_USE;
void membership_free(struct membership *m);

/* Is the system itself a domain controller (NERR_SetupDomainController for every operation)? */
bool membership_is_controller(struct host *h);

#endif
