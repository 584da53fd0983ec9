/* The state of one join, shared by the flow and by its undoing. */
#ifndef JOINERY_FLOW_JOIN_H
#define JOINERY_FLOW_JOIN_H

#include "engine/flow/machine.h"

struct join {
    struct session *s;
    struct host_lock lock;
    struct txn *txn;
    struct host_settings local;
    struct hostplan plan;
    bool planned;
    struct err plan_err;    /* what stood against the plan; told in the preflight */
    struct secret password; /* the machine's new one */
    struct account_decision *decision;
    struct account_id id;
    enum account_outcome outcome;
    bool created, switched, commands_run;
    bool settled;  /* join_own.c: the machine wrote its names into its account */
    int64_t since; /* the controller's clock just before the write */
    struct machine m;
    struct err notice; /* the first best-effort part that failed */
    char *old_hostname;
    bool pinned_by_us; /* recovery: the controller was named by the journal, not by a person */
};

/* Of the journal: nothing of this operation is in the directory (any more). */
#define NOTE_DIRECTORY_CLEAN "directory_clean"
/* Given to txn_begin(): the running name before. */
#define SETTING_HOSTNAME "hostname"
/* Of a leave: the account that is being disabled (its DN), and that it was ("1"). */
#define NOTE_DISABLE_SENT "disable_sent"
#define NOTE_DISABLED     "disabled"

#define JOIN_ETYPES 24 /* AES128 and AES256: msDS-SupportedEncryptionTypes, [MS-KILE] 2.2.7 */

/* join_steps.c: everything that recovery will need is on disk before a request leaves. `sent` is
 * TXN_ADD_SENT or TXN_RESET_SENT; NULL when nothing is going to be sent that cannot be repeated. */
int join_stage(struct join *j, const char *dn, const char *sent, struct err *e) MUST_USE;
int64_t join_controller_now(struct session *s);
int join_machine_refused(struct err *e); /* always -1 */

/* join_own.c: steps 10 to 14 where the machine itself is signed in (ACCOUNT_USE). */
int join_own_account(struct join *j, struct err *e) MUST_USE;
int join_own_machine(struct join *j, struct err *e) MUST_USE;
/* Undoes its change; d is a connection as the machine. Then j->outcome is NOT_DONE. */
int join_own_restore(struct join *j, struct dir *d, struct err *e) MUST_USE;
/* The default password, which everybody knows, is replaced by a random one. */
bool join_changes_password(struct session *s);

/* join_samba.c: with winbind, provisioning data of this membership for Samba's own tool, which
 * keeps the secret in a database of its own. Nothing otherwise, and nothing for a password that is
 * not known here (a login by keytab). WINBIND_NEEDS_SID when the account's SID is not known. */
int join_samba(struct join *j, const struct secret *password, struct err *e) MUST_USE;

/* The final names, now that the domain's are known. */
int join_settle_names(struct session *s, struct err *e) MUST_USE;
/* May this join go over the membership that the record tells of? */
bool join_over_membership(struct session *s, const struct enroll_record *rec);

/* join_plan.c: the account's changes, for JOB_PLAN. */
void join_plan_account(struct session *s, const struct account_decision *d);

/* Steps 10 to 18, given that nothing stands against them. */
int join_account(struct join *j, struct err *e) MUST_USE;
int join_machine(struct join *j, struct err *e) MUST_USE;
int join_local(struct join *j, struct err *e) MUST_USE;
int join_switch(struct join *j, struct err *e) MUST_USE; /* its first half: without the proof */
int join_commit(struct join *j, struct err *e) MUST_USE;
void join_dns(struct join *j);
void join_done(struct join *j);

/* undo.c: takes back what was done, as far as that can be; fills `done`. */
void join_undo(struct join *j, struct engine_msg *done);

/* The staged password will never work: the controller says that the account is not there (the add
 * never happened), or that its password is another one (the reset never happened, or somebody else
 * made a later one), or that it is disabled, which a machine cannot change by itself. Any other
 * failure proves nothing. */
bool join_password_dead(const struct err *login);

/* dnsupdate.c: best effort; -1 with a notice. */
int dns_register(struct session *s, struct machine *m, struct err *e) MUST_USE;
/* The addresses of a name that the machine had before. */
int dns_unregister(struct session *s, struct machine *m, const char *fqdn, struct err *e) MUST_USE;

#endif
