/*
 * What the directory answered, in our words: one pure function over the LDAP result code, the
 * server's diagnostic and what was being done. It knows the texts of Windows and of Samba, and
 * needs no connection. Sources: RFC 4511 A.2, [MS-ADTS] 3.1.1.5, [MS-ERREF] 2.2; the texts of both
 * servers were collected from real ones.
 */
#ifndef JOINERY_ACCOUNT_EXPLAIN_H
#define JOINERY_ACCOUNT_EXPLAIN_H

#include <stdbool.h>

#include "engine/base/err.h"

enum account_op {
    ACCOUNT_OP_BIND,
    ACCOUNT_OP_READ,     /* any search */
    ACCOUNT_OP_READ_OU,  /* base search on the organizational unit given */
    ACCOUNT_OP_ADD,      /* the computer object */
    ACCOUNT_OP_PASSWORD, /* unicodePwd of an existing account */
    ACCOUNT_OP_UAC,
    ACCOUNT_OP_NAMES, /* dNSHostName and servicePrincipalName */
    ACCOUNT_OP_ETYPES,
    ACCOUNT_OP_DESCRIBE,
    ACCOUNT_OP_DISABLE,
    ACCOUNT_OP_DELETE,
};

/* Fills e (code, cause, raw text, FACT_OBJECT) for a refused operation; rc is never 0. `object` is
 * the DN, `server` the controller; either may be NULL. What only a look at the directory can tell
 * (who owns the clashing name) is added by the caller. Always returns -1. */
int account_explain(enum account_op op, int rc, const char *diag, const char *object,
                    const char *server, struct err *e);

#endif
