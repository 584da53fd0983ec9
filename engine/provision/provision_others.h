/*
 * Does another domain controller know an account that this one has not heard of yet? Asked of the
 * writable ones that the locator found, a few of them, all at once and for a short time: one that
 * does not answer says nothing. NETSETUP_PROVISION_SKIP_ACCOUNT_SEARCH leaves it out.
 */
#ifndef JOINERY_FLOW_PROVISION_OTHERS_H
#define JOINERY_FLOW_PROVISION_OTHERS_H

#include "engine/flow/session.h"

#define PROVISION_OTHERS_MAX 4
#define PROVISION_OTHERS_MS  3000 /* to connect and bind to all of them; and for each answer */

struct provision_others {
    struct dir *d[PROVISION_OTHERS_MAX];
    size_t n;
};

/* Best effort, after log_in(). Nothing is opened when the settings skip the search. */
void provision_others_open(struct session *s, struct provision_others *o);
/* 0: none of them knows it. -1: ACCOUNT_AT_OTHER_CONTROLLER (2224), or cancelled. */
int provision_others_ask(struct session *s, struct provision_others *o,
                         const struct account_names *n, struct err *e) MUST_USE;
void provision_others_close(struct provision_others *o);

#endif
