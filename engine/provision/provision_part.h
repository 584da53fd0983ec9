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
    /* A later run went on with it and was killed, too: when it was about to set a new password, and
     * since when the account had the one before, which was known to be ours. 0 = none did. */
    int64_t reset, known;
};

int provision_part_write(const char *output, const struct provision_part *m,
                         struct err *e) MUST_USE;
/* False: there is none, or none that we wrote. */
bool provision_part_read(const char *output, struct provision_part *ret);
void provision_part_remove(const char *output);
/* Is the account in the directory the one that the killed run asked for? It was made at that very
 * time, by the same user, and nobody else changed its password since. */
bool provision_part_proves(const struct provision_part *m, const char *account, const char *domain,
                           const struct account_facts *f);

#endif
