/* Shared by the directory tests against the test domain. Failures end the running test. */
#ifndef JOINERY_TESTS_DIR_HELP_H
#define JOINERY_TESTS_DIR_HELP_H

#include "engine/account/account.h"
#include "tests/domain-c/kerb_help.h"

#define BASE "DC=corp,DC=example,DC=com"

/* A login with a bound connection. */
struct bound {
    struct kerb *k;
    struct kerb_cred *c;
    struct dir *d;
};

int connect_to(const char *address_variable, int port);
/* user "joiner", password variable "JOINER"; mech NULL: GSS-SPNEGO. */
struct bound bound_as(const char *user, const char *password, const char *mech,
                      const char *address_variable);
void bound_done(struct bound *b);
struct bound as_admin(void);
struct bound as_joiner(void);
/* As "NAME$" with the password given. */
struct bound as_machine(const char *name, const struct secret *password);

struct account_names names_for(const char *name, const char *fqdn, const char *ou);
/* A fresh random password of 60 characters. */
void random_password(struct secret *s);

/* facts and decision in one; the caller frees the facts. */
void facts_and_decision(struct bound *b, const struct account_names *n,
                        const struct account_policy *p, struct account_facts *f,
                        struct account_decision *d);
/* Creates and expects it to work; id may be NULL. */
void must_create(struct bound *b, const struct account_names *n, const struct secret *password,
                 struct account_id *id);
void must_delete(struct bound *b, const char *dn);
/* One attribute's first value, malloc'ed; NULL when absent. */
char *read_value(struct bound *b, const char *dn, const char *attr);

#endif
