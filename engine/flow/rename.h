/* The state of one rename, shared by the flow, its planning, its undoing and its recovery. */
#ifndef JOINERY_FLOW_RENAME_H
#define JOINERY_FLOW_RENAME_H

#include "engine/flow/machine.h"
#include "engine/flow/membership.h"

struct rename {
    struct session *s;
    const struct settings *asked; /* what the session had before rename_names() */
    struct settings *own;         /* with the domain and the names of this rename */
    struct host_lock lock;
    struct membership m;
    struct machine_names old; /* of the membership; the new ones are the session's */
    bool account;             /* NETSETUP_ACCT_CREATE: the account is renamed too */
    /* the directory */
    struct account_rename a;
    struct account_facts facts;
    struct account_decision *decision; /* NULL before rename_look() */
    enum account_outcome outcome;
    /* this machine */
    struct hostplan plan;
    bool planned, switched, ran;
    bool rekeys;       /* names of the keytab change */
    struct buf keytab; /* keys under the old and the new names */
    char *old_hostname;
    struct machine machine; /* logged in under its new name */
    struct txn *txn;
    struct err notice; /* the first best-effort part that failed */
};

/* Of the journal. */
#define RENAME_SENT         "rename_sent" /* "1": from here the account may have its new name */
#define RENAME_SETTING_NAME "new_computer"
#define RENAME_SETTING_FQDN "new_fqdn"
#define RENAME_SETTING_HOST "new_label"

/* rename_look.c: nothing is written here. Each returns 0, or -1 with what stands against it. */
/* Is it a member, and no controller? */
int rename_member(struct rename *r, struct err *e) MUST_USE;
/* The names of the membership. */
void rename_old_names(const struct enroll_record *rec, struct machine_names *n);
/* The names, old and new; the session works with r->own until rename_done(). */
int rename_names(struct rename *r, struct err *e) MUST_USE;
/* The keytab with both names, and what changes on this machine. */
int rename_local(struct rename *r, struct err *e) MUST_USE;
/* Those bytes alone; both false: only the new names. */
int rename_keytab(struct rename *r, bool both, struct buf *out, struct err *e) MUST_USE;
/* Finds the domain and logs in. */
int rename_connect(struct rename *r, struct err *e) MUST_USE;
/* Reads the account and what could stand in the way; r->decision has the verdicts. */
int rename_look(struct rename *r, struct err *e) MUST_USE;
/* Does the domain accept the machine's present keys? */
int rename_check_secret(struct rename *r, struct err *e) MUST_USE;
void rename_account_names(struct rename *r, struct account_names *n);
/* Is there anything about the names that a directory would change? After rename_look(). */
bool rename_changes_account(const struct rename *r);
void rename_done(struct rename *r);

/* rename.c: from the account's new name on. */
int rename_verify(struct rename *r, struct err *e) MUST_USE;
void rename_object_kept(struct rename *r, const struct err *why); /* as a notice */
int rename_finish(struct rename *r, struct err *e) MUST_USE;      /* runs, verifies, commits */

/* rename_undo.c: takes back what was done; fills `done`. */
void rename_undo(struct rename *r, struct engine_msg *done);
/* This machine's files; a keytab that got newer keys meanwhile keeps them. */
int rename_roll_back(struct rename *r, struct err *e) MUST_USE;

/* rename_recover.c: after a crash, once RENAME_SENT stands in the journal `t`. */
int recover_rename(struct session *s, struct txn *t, struct engine_msg *done,
                   struct err *e) MUST_USE;

#endif
