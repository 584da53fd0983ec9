/*
 * What is known of a run that was killed between making an account and saving its data: a note
 * ".NAME.part" beside the output file, written before the account is asked for and removed when the
 * data is there. It holds no secret. The next run with the same output recognises the account by
 * it, gives it a new password and goes on, instead of ending with 2224. Also for lists of machines.
 */
#ifndef JOINERY_FLOW_PROVISION_PART_H
#define JOINERY_FLOW_PROVISION_PART_H

#include "engine/account/account.h"

struct provision_part {
    char account[24];
    char domain[256];
    int64_t since; /* the controller's clock when the add was about to be sent; seconds */
};

int provision_part_write(const char *output, const struct provision_part *m,
                         struct err *e) MUST_USE;
/* False: there is none, or none that we wrote. */
bool provision_part_read(const char *output, struct provision_part *ret);
void provision_part_remove(const char *output);
/* Is the account in the directory the one that the killed run asked for? It was made at that very
 * time, by the same user, and its password was never changed since. */
bool provision_part_proves(const struct provision_part *m, const char *account, const char *domain,
                           const struct account_facts *f);

#endif
