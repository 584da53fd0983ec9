/* Shared by the files of this folder only. */
#ifndef JOINERY_ACCOUNT_PRIVATE_H
#define JOINERY_ACCOUNT_PRIVATE_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "engine/account/account.h"

#define ACCOUNT_NAME_LEN 15
#define WRITE_GRACE_MS   3000 /* after a cancel, the answer to a write is awaited for so long */

#define CLASS_COMPUTER  "computer"
#define ATTR_MAY_CREATE "allowedChildClassesEffective"

/* The operation's refusal as an error; 0 when it succeeded. */
int account_answer(const struct dir *d, enum account_op kind, const struct dir_op *op,
                   struct err *e) MUST_USE;

/* The identifying attributes of an entry; -1 when objectSid or objectGUID is missing. */
int account_take_id(const struct dir_entry *en, struct account_id *id) MUST_USE;

/* How a write ended, by its operation. */
enum account_outcome account_outcome_of(const struct dir_op *op);
/* The changes that dNSHostName and the SPNs need; `spns` holds their texts until op was sent. */
void account_name_mods(struct dir_op *op, const struct account_names *n,
                       const struct account_object *o, struct strv *spns);
/* Reading back by DN, to be sent behind a write. */
struct dir_op account_read_op(const char *dn);
int account_take_read(struct dir *d, const struct account_names *n, const struct dir_op *op,
                      struct account_id *id, struct err *e) MUST_USE;

/* base_dn and config_dn of the names, derived where not given. malloc'ed. */
char *account_base_dn(const struct account_names *n);
char *account_config_dn(const struct account_names *n);

/* First label of the DNS name, borrowed: length in *len. */
const char *account_label(const char *fqdn, size_t *len);
bool account_same_label(const char *a, const char *b);

/* Reading an object that may be the computer. */
extern const char *const account_object_attrs[];
struct account_object *account_object_new(const struct dir_entry *en,
                                          const struct account_facts *f);
void account_object_free(struct account_object *o);

/* What account_take_id() reads. */
#define ACCOUNT_ID_ATTRS                                                                           \
    "objectSid", "objectGUID", "msDS-KeyVersionNumber", "dNSHostName", "sAMAccountName",           \
        "servicePrincipalName", "userAccountControl", "msDS-SupportedEncryptionTypes"

/* The second round trip of account_facts. */
int account_more_facts(struct dir *d, struct account_facts *f, struct err *e) MUST_USE;

/* Domain Admins, Enterprise Admins or the built-in Administrators. */
bool account_is_admin_group(const struct account_facts *f, const struct sid *s);

/* May any of these SIDs use the extended right "Reset Password", by this security descriptor? */
enum account_tri account_may_reset(const void *sd, size_t len, const struct sid *sids, size_t n);

#endif
