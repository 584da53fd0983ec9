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
    int64_t since; /* the controller's clock just before the write */
    struct machine m;
    struct err notice; /* the first best-effort part that failed */
    char *old_hostname;
    bool pinned_by_us; /* recovery: the controller was named by the journal, not by a person */
};

/* Of the journal: nothing of this operation is in the directory (any more). */
#define NOTE_DIRECTORY_CLEAN "directory_clean"
/* Given to txn_begin(): the running name before, and (leave) the account that was disabled. */
#define SETTING_HOSTNAME "hostname"
#define SETTING_DISABLED "disabled"

/* Steps 10 to 18, given that nothing stands against them. */
int join_account(struct join *j, struct err *e) MUST_USE;
int join_machine(struct join *j, struct err *e) MUST_USE;
int join_local(struct join *j, struct err *e) MUST_USE;
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

#endif
