/*
 * Signing in as the computer itself, for the joins that need no person's account:
 * NETSETUP_JOIN_UNSECURE, NETSETUP_JOIN_READONLY and NETSETUP_WIN9X_UPGRADE. Private to
 * engine/flow.
 */
#ifndef JOINERY_FLOW_OWN_H
#define JOINERY_FLOW_OWN_H

#include "engine/flow/session.h"

enum own_secret {
    OWN_KEYTAB,  /* the target's keytab works: it is kept (an upgrade) */
    OWN_PASSED,  /* the machine's password was given: it is kept */
    OWN_DEFAULT, /* the name in lower case, 14 characters at most: everybody knows it */
};

struct own_login {
    enum own_secret secret;
    struct secret password; /* that worked; not with OWN_KEYTAB */
    char salt[256];         /* as the KDC announced it; "" unknown */
};

/* The login of a join by the machine: s->user, s->own and s->names are filled. `between` is called
 * once while the KDC thinks. Errors: PREPARED_MISSING 1332, MACHINE_PASSWORD_WRONG and
 * RODC_NO_SECRET 1326, KDC_DISABLED 1331, MACHINE_PASSWORD_EMPTY 1325. */
int own_log_in(struct session *s, int (*between)(struct session *s, void *arg, struct err *e),
               void *arg, struct err *e) MUST_USE;
void own_login_drop(struct own_login *o); /* NULL is fine */
/* What the password will be: NETSETUP_JOIN_UNSECURE's default. -1 when there is no memory. */
int own_default_password(const char *netbios, struct secret *out) MUST_USE;

#endif
