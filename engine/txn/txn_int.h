/* The journal's own shapes; private to engine/txn. */
#ifndef JOINERY_TXN_TXN_INT_H
#define JOINERY_TXN_TXN_INT_H

#include "engine/json/json.h"
#include "engine/txn/txn.h"

#define TXN_LOG         TXN_JOURNAL "/log"
#define TXN_SECRET      TXN_JOURNAL "/secret"
#define TXN_NEW_RECORD  TXN_JOURNAL "/record.json"
#define TXN_OLD_JOURNAL TXN_DIR "/journal.done"
#define TXN_BACKUP      TXN_DIR "/backup"
#define TXN_LOG_MAX     (4u << 20)

enum txn_op { TXN_OP_FILE, TXN_OP_REMOVE, TXN_OP_LINK, TXN_OP_PROTECT };

/* One staged change. `real` is `path` with links at its end followed; new contents wait in `tmp`
 * beside it. The old contents are saved as old.N in the journal, ours as new.N (texts only: the
 * base of a merge). */
struct txn_entry {
    enum txn_op op;
    char *path, *real, *tmp;
    unsigned flags;
    enum host_kind old_kind; /* HOST_ABSENT, HOST_FILE or HOST_LINK */
    struct host_meta old;
    char *old_target; /* of a link */
};

struct txn {
    struct host *h;
    char *kind;
    char *id;                     /* names the backups; unique among operations */
    struct jsn *settings, *facts; /* objects of strings */
    struct txn_entry *entries;
    size_t n;
    struct strv dirs; /* made for us, outermost first */
    bool switch_begun, switched, committing, undoing, restored;
    bool keep_record; /* with committing: a new record, not none */
};

int txn_log(struct txn *t, struct jsn *line, struct err *e) MUST_USE; /* takes line */
int txn_log_mark(struct txn *t, const char *key, bool value, struct err *e) MUST_USE;
void txn_point(const char *what, size_t n); /* the test hook */
struct txn *txn_new(struct host *h);
struct txn_entry *txn_entry_add(struct txn *t);
char *txn_file(const char *what, size_t n); /* TXN_JOURNAL "/old.N"; malloc'ed */
/* Removes the journal at once (one rename), then its files. The secret is wiped first. */
int txn_end_journal(struct txn *t, struct err *e) MUST_USE;
int txn_clear_old_journal(struct host *h, struct err *e) MUST_USE;

/* Texts of up to HOST_FILE_MAX, secret buffers; an absent file has *present false. */
int txn_slurp(struct host *h, const char *path, struct buf *ret, bool *present,
              struct err *e) MUST_USE;
bool txn_is_text(const struct buf *b);
/* theirs with the change from base to mine made to it. */
int txn_merge(const struct buf *base, const struct buf *mine, const struct buf *theirs,
              struct buf *ret, struct err *e) MUST_USE;

/* Writes TXN_NEW_RECORD: rec with its list of files, backups named as txn_finish_commit will place
 * them. */
int txn_record_complete(struct txn *t, const struct enroll_record *rec, struct err *e) MUST_USE;
/* TXN_BACKUP "/<id>-N.what"; malloc'ed. */
char *txn_backup_name(const struct txn *t, const char *what, size_t n);

#endif
