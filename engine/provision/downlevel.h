/*
 * NETSETUP_PROVISION_DOWNLEVEL_PRIV_SUPPORT: an account that the directory refused to make by LDAP
 * is asked for once more through the account functions (SAMR, [MS-SAMR] 3.1.5.4.4), which make it
 * by privilege in the domain's default place. They need port 445 and are spoken by Samba's own
 * `net`, with the ticket that the session has. The password that it sets is replaced at once.
 */
#ifndef JOINERY_FLOW_DOWNLEVEL_H
#define JOINERY_FLOW_DOWNLEVEL_H

#include "engine/flow/session.h"

/* Is that what a refusal asks for? */
bool downlevel_wanted(const struct session *s, const struct err *refused);
/* Makes the account s->names. 0, or -1: DOWNLEVEL_NO_TOOL (50), or `refused` with what the tool
 * said. */
int downlevel_create(struct session *s, const struct err *refused, struct err *e) MUST_USE;

#endif
