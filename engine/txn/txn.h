/*
 * A staged set of changes with a crash journal. Everything is prepared first (new contents beside
 * their targets, old contents saved), then switched over by renames; the journal under
 * /var/lib/joinery/journal (0700) says at any moment how far that got, so that after a crash the
 * operation can be finished or undone.
 *
 * Order for a join: txn_begin, txn_stage_*, txn_stage_secret, txn_note("add sent"), directory,
 * txn_note("add confirmed"), txn_switch, checks, txn_commit. Every call that returns 0 is on disk.
 */
#ifndef JOINERY_TXN_TXN_H
#define JOINERY_TXN_TXN_H

#include "engine/base/secret.h"
#include "engine/host/host.h"
#include "engine/txn/record.h"

#define TXN_DIR     "/var/lib/joinery"
#define TXN_JOURNAL TXN_DIR "/journal"
#define TXN_RECORD  TXN_DIR "/enrollment.json"

/* Facts that txn_note() keeps; the directory ones decide what recovery may do. */
#define TXN_STEP          "step" /* number of the step that was reached */
#define TXN_OBJECT_DN     "object_dn"
#define TXN_OBJECT_GUID   "object_guid"
#define TXN_ADD_SENT      "add_sent"      /* "1": from here the object may exist */
#define TXN_ADD_CONFIRMED "add_confirmed" /* "1": the object exists with the staged password */
#define TXN_RESET_SENT    "reset_sent"    /* "1": from here the old password may be gone */
#define TXN_RESET_DONE    "reset_done"

enum txn_state {
    TXN_STAGED,     /* nothing outside the journal changed, no directory write was begun */
    TXN_DIRECTORY,  /* a directory write was begun, no file switched yet */
    TXN_SWITCHING,  /* some files are switched, others not */
    TXN_SWITCHED,   /* all files are new */
    TXN_COMMITTING, /* decided: only txn_finish_commit is left */
    TXN_UNDOING,    /* going back was begun: only txn_rollback is left */
};

struct txn_kv {
    const char *key, *value; /* no secrets */
};

struct txn;

/* Needs root and the lock. `kind`: join, leave, rename, workgroup. An unfinished journal:
 * CAUSE_JOURNAL_PENDING. */
int txn_begin(struct host *h, const char *kind, const struct txn_kv *settings, size_t n,
              struct txn **ret, struct err *e) MUST_USE;
void txn_free(struct txn *t); /* only the memory: what is on disk stays */

enum txn_file_flags {
    TXN_FILE_SECRET = 1, /* staged copies are wiped, never shown, never merged */
    TXN_FILE_EXTRA = 2,  /* not restored on leave (caches) */
};
/* meta NULL: mode and owner of the old file, else 0644 of our own. Missing parents are created
 * (0755) and removed on rollback. */
int txn_stage_file(struct txn *t, const char *path, const struct host_meta *meta, unsigned flags,
                   const void *data, size_t len, struct err *e) MUST_USE;
int txn_stage_remove(struct txn *t, const char *path, unsigned flags, struct err *e) MUST_USE;
int txn_stage_symlink(struct txn *t, const char *path, const char *target, struct err *e) MUST_USE;
/* Only saves the old contents: for files that a program is going to change after the switch. What
 * it made of them is read back by txn_commit. */
int txn_protect(struct txn *t, const char *path, struct err *e) MUST_USE;
/* The same for a file of secrets: it goes back with a rollback, and no copy of it outlives the
 * operation, so that the record does not know it. */
int txn_protect_secret(struct txn *t, const char *path, struct err *e) MUST_USE;

int txn_note(struct txn *t, const char *key, const char *value, struct err *e) MUST_USE;
int txn_step(struct txn *t, int number, struct err *e) MUST_USE; /* txn_note of TXN_STEP */
const char *txn_fact(const struct txn *t, const char *key);      /* last value noted; NULL */
const char *txn_setting(const struct txn *t, const char *key);   /* as given to txn_begin; NULL */
const char *txn_kind(const struct txn *t);
struct host *txn_host(const struct txn *t);
enum txn_state txn_state(const struct txn *t);

/* The new machine password, before the first directory write. Wiped by commit and rollback. */
int txn_stage_secret(struct txn *t, const struct secret *s, struct err *e) MUST_USE;
int txn_secret(struct txn *t, struct secret *ret,
               struct err *e) MUST_USE; /* none staged: ret->len 0 */

/* Makes all staged changes, in order. Can be repeated after a failure or a crash. */
int txn_switch(struct txn *t, struct err *e) MUST_USE;
/* Writes the record (its files list is filled in here, and what an older record knew is carried
 * over) with the backups for `leave`, and ends the journal. rec NULL: the record is removed, with
 * its backups (leave). */
int txn_commit(struct txn *t, const struct enroll_record *rec, struct err *e) MUST_USE;
/* Puts the old state back and ends the journal. Lines that the owner changed meanwhile are kept. A
 * commit that was begun cannot be rolled back (CAUSE_INTERNAL). */
int txn_rollback(struct txn *t, struct err *e) MUST_USE;

/* After a crash: *ret is NULL when nothing was interrupted. For TXN_COMMITTING call
 * txn_finish_commit. */
int txn_recover_load(struct host *h, struct txn **ret, struct err *e) MUST_USE;
int txn_finish_commit(struct txn *t, struct err *e) MUST_USE;
bool txn_pending(struct host *h);

/* For tests: called at each point where a crash would leave another state; `point` says where. */
extern void (*txn_test_hook)(const char *point);

#endif
