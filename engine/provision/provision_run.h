/* The state of provisioning one machine. Private to its files. */
#ifndef JOINERY_FLOW_PROVISION_RUN_H
#define JOINERY_FLOW_PROVISION_RUN_H

#include "engine/provision/provision.h"
#include "engine/provision/provision_others.h"
#include "engine/provision/provision_part.h"

struct provision {
    struct session *s;
    struct newfile out;
    struct provision_form form;
    struct provision_parts parts;
    struct account_decision decision;
    const char *path;           /* of the output; NULL: it goes into memory */
    bool noted;                 /* a note lies beside the output */
    struct provision_part part; /* that note */
    struct secret password;
    struct account_id id;
    enum account_outcome outcome;
    bool downlevel; /* at once through the account functions: LDAP is known to refuse */
    bool by_tool;   /* Samba's tool was at it and failed: the password is not ours */
    bool carried;   /* the add wrote encryption types and description, too */
    bool create;    /* an add, not a new password */
    bool ours;      /* made by this run, or by a killed one for the same output: may be deleted */
    int64_t since;  /* the controller's clock just before the write */
    struct err notice; /* the first best-effort part that failed */
};

/* provision_account.c: steps 10 and 11. */
int provision_account(struct provision *p, struct err *e) MUST_USE;
struct provision_part provision_part_of(struct session *s, int64_t since);
/* What the directory said may have changed since. */
void provision_forget_facts(struct session *s);

/* provision_undo.c: deletes an account that was made in vain; fills `done`. */
void provision_undo(struct provision *p, struct engine_msg *done);

#endif
