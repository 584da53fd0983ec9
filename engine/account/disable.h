/*
 * Switching a computer account off and on again: userAccountControl, ADS_UF_ACCOUNTDISABLE
 * ([MS-ADTS] 2.2.16). Reading comes first, so that what cannot be done is known before anything is
 * written.
 */
#ifndef JOINERY_ACCOUNT_DISABLE_H
#define JOINERY_ACCOUNT_DISABLE_H

#include "engine/account/account.h"
#include "engine/dir/dir.h"

struct account_switch {
    char *dn;     /* where it is now; NULL: there is no such object (any more) */
    uint32_t uac; /* as it was read */
};

/* dn may be "<GUID=...>": an object is found again wherever it was moved to. */
int account_switch_read(struct dir *d, const char *dn, struct account_switch *ret,
                        struct err *e) MUST_USE;
bool account_switch_is_off(const struct account_switch *a);
/* off false: userAccountControl as it was read. ACCOUNT_UNKNOWN_OUTCOME: the request has left and
 * no answer came. */
int account_switch_set(struct dir *d, const struct account_switch *a, bool off,
                       enum account_outcome *outcome, struct err *e) MUST_USE;
void account_switch_free(struct account_switch *a);

#endif
