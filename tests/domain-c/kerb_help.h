/* Shared by the Kerberos tests against the test domain. Failures end the running test. */
#ifndef JOINERY_TESTS_KERB_HELP_H
#define JOINERY_TESTS_KERB_HELP_H

#include "engine/kerb/kerb.h"

extern char test_dir[64]; /* of this run, removed at its end */

const char *env(const char *name);
struct kerb *open_kdc(const char *address_variable);
/* The secret in the file that $JT_<which>_PASSWORD_FILE names. */
void read_secret(const char *which, struct secret *s);
int log_in(struct kerb *k, const char *name, const char *password, struct kerb_cred **c,
           struct err *e);
struct kerb_cred *joiner(struct kerb *k);

/* cmocka's group fixtures: the directory, the caller's cache in it, the process's configuration. */
int kerb_setup(void **state);
int kerb_teardown(void **state);

#endif
