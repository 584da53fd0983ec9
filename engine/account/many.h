/* Many accounts by their names in one question: for lists of machines. */
#ifndef JOINERY_ACCOUNT_MANY_H
#define JOINERY_ACCOUNT_MANY_H

#include "engine/account/account.h"

#define ACCOUNT_MANY_MAX 100 /* names in one question */

/* NetBIOS names without '$', borrowed until the operation was sent. */
struct account_many {
    const char *name[ACCOUNT_MANY_MAX];
    size_t n;
    struct dir_op op;
    char *filter;
    const char *base; /* defaultNamingContext */
};

/* Fills m->op, to be sent. m must not move until it is done. */
void account_many_ask(struct account_many *m);
/* After the answer: id[i] belongs to name[i]; its dn is NULL where there is no such account. Filled
 * are dn, sam, guid and sid; what it holds is owned. */
int account_many_take(struct dir *d, const struct account_many *m, struct account_id *id,
                      struct err *e) MUST_USE;
void account_many_free(struct account_many *m); /* lets go of what is under way */

#endif
