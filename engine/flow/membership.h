/*
 * What a system is a member of, read from the system alone: our own record, a membership that
 * another program made, the workgroup that was set, or nothing. The one place that tells it.
 */
#ifndef JOINERY_FLOW_MEMBERSHIP_H
#define JOINERY_FLOW_MEMBERSHIP_H

#include "engine/txn/record.h"
#include "engine/views.h"

/* The workgroup's name on one line, 0644; absent: none was set. */
#define WORKGROUP_FILE "/var/lib/joinery/workgroup"

struct membership {
    enum member_state state;
    struct enroll_record rec; /* MEMBER_DOMAIN; with other_tool only domain, realm, computer, fqdn,
                                 identity */
    char *workgroup;          /* MEMBER_WORKGROUP */
    const char *other_tool;   /* MEMBER_DOMAIN without a record of ours: realmd, adcli, net */
    const char *other_leave;  /* the command by which that tool leaves */
};

/* 0, or -1 when the record is there and cannot be read (CAUSE_FILE_UNPARSABLE and the like). Free
 * it in any case. */
int membership_load(struct host *h, struct membership *ret, struct err *e) MUST_USE;
void membership_free(struct membership *m);

/* For a member of a domain: the refusal of a join (2691) or workgroup, in the words that fit who
 * made the membership. Returns -1. */
int membership_refuse_join(const struct membership *m, struct err *e);
/* 0 for a member by our own record; else -1 with 2692: a member of no domain, or of one that
 * another tool joined, which has to undo it itself. */
int membership_need_ours(const struct membership *m, struct err *e) MUST_USE;

/* Is the system itself a domain controller (NERR_SetupDomainController for every operation)? */
bool membership_is_controller(struct host *h);

/* membership_other.c: fills state, rec and other_... when another program made a membership. */
bool membership_other(struct host *h, struct membership *m);

#endif
