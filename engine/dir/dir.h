/*
 * A directory connection: LDAPv3 (RFC 4511) to one pinned domain controller over a socket that the
 * caller connected. One thread uses a connection at a time. Nothing here resolves names, reads
 * configuration files or the environment, follows referrals, or sends a password in the clear;
 * every wait ends by the deadline or by the cancel token.
 *
 * Errors: functions return 0, or -1 with the error filled. Only the transport makes an error (lost
 * connection DC_DIED, no answer in time 1460, cancelled 1223 (also when the answer to a cancelled
 * write does not come), unreadable answer DC_LIED); what the
 * server answered to an operation stays in the operation, and account_explain
 * (engine/account/explain.h) turns it into words.
 */
#ifndef JOINERY_DIR_DIR_H
#define JOINERY_DIR_DIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/cancel.h"
#include "engine/base/err.h"
#include "engine/base/macro.h"
#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "engine/wire/sid.h"

struct dir;

#define DIR_TIMEOUT_MS  30000       /* an operation, unless set */
#define DIR_MESSAGE_MAX (8u << 20)  /* bytes of one answer message */
#define DIR_ENTRIES_MAX 20000u      /* entries of one operation, unless its `limit` is lower */
#define DIR_BYTES_MAX   (32u << 20) /* bytes of all values of one operation */

/* Call once before any thread starts: keeps libldap and SASL off their configuration files and
 * environment variables, and has liblber wipe what it frees. */
void dir_setup_process(void);
/* The part of it that concerns the environment, and its counterpart, for a library inside a process
 * that is somebody else's: there the threads that write to sockets have SIGPIPE blocked. */
void dir_setup_environment(void);
void dir_undo_environment(void);
/* Optional: loads the SASL plug-ins now (some milliseconds), e.g. while the network is being waited
 * for. */
void dir_warm_up(void);

/* Takes over connected_fd (closed on failure too). host is the controller's full DNS name: it names
 * the service ticket and stands in errors. cancel may be NULL and must outlive the connection. */
int dir_open(struct dir **out, int connected_fd, const char *host, const struct cancel *cancel,
             struct err *e) MUST_USE;
void dir_close(struct dir *d); /* NULL is fine; never blocks */
const char *dir_host(const struct dir *d);
bool dir_is_dead(const struct dir *d); /* a transport error happened; only dir_close is left */
/* Looks at the socket, without traffic and while nothing is under way: false when the server has
 * ended the connection (they do when it was idle for long), and then it is dead. */
bool dir_is_open(struct dir *d);
/* Exchanges the cancel token (a rollback must run although the user cancelled). */
void dir_set_cancel(struct dir *d, const struct cancel *cancel);
void dir_set_timeout(struct dir *d, int ms);

/* Sealed SASL bind with the credentials that kerb_select() chose for this thread: GSS-SPNEGO when
 * in `mechs` (supportedSASLMechanisms of the root object), else GSSAPI, else BIND_NO_MECH. mechs
 * NULL: GSS-SPNEGO is taken to be there. At least 56 bits of confidentiality are demanded and
 * checked afterwards. */
int dir_bind(struct dir *d, const struct strv *mechs, struct err *e) MUST_USE;
int dir_ssf(const struct dir *d); /* 0 before a bind */
/* What a refused or failed bind means (RFC 4511 result code, or libldap's own below zero); pure.
 * Returns -1. */
int dir_explain_bind(int rc, const char *diag, const char *host, struct err *e);

enum dir_kind { DIR_SEARCH, DIR_ADD, DIR_MODIFY, DIR_DELETE, DIR_COMPARE, DIR_RENAME };
enum dir_scope { DIR_BASE, DIR_ONE, DIR_SUB };
enum dir_modkind { DIR_MOD_ADD, DIR_MOD_DELETE, DIR_MOD_REPLACE };

/* A value with its length; data is always followed by a NUL that len does not count. */
struct dir_val {
    const unsigned char *data;
    size_t len;
};

/* One attribute of an add, or one change of a modify. Values are borrowed until the operation has
 * been sent. */
#define DIR_MOD_VALS 8
struct dir_mod {
    enum dir_modkind kind; /* not used by DIR_ADD */
    const char *attr;
    struct dir_val vals[DIR_MOD_VALS];
    size_t n;
    bool secret; /* set by dir_mod_secret */
};
#define DIR_MODS 10

struct dir_attr {
    char *name;
    struct dir_val *vals;
    size_t n;
};

struct dir_entry {
    char *dn;
    struct dir_attr *attrs;
    size_t n_attrs;
};

/* One operation and its answer. Zero-initialise; strings are borrowed until it has been sent. */
struct dir_op {
    enum dir_kind kind;
    const char *base; /* the DN; may be <WKGUID=…>, <SID=…>, <GUID=…> */
    /* search */
    enum dir_scope scope;
    const char *filter;       /* NULL: (objectClass=*) */
    const char *const *attrs; /* NULL-terminated; NULL: all */
    unsigned limit; /* most entries wanted, 0: DIR_ENTRIES_MAX; more is cut off and sets `cut` */
    unsigned
        time_limit; /* seconds the server may take; 0: its own limit. Beyond it the result is 3 */
    unsigned page;  /* page size (RFC 2696), 0: no paging */
    unsigned sd_flags; /* SD-flags control ([MS-ADTS] 3.1.1.3.4.1.11): 1 owner, 2 group, 4 DACL; 0:
                          none */
    /* add, modify */
    struct dir_mod mods[DIR_MODS];
    size_t n_mods;
    const char *new_rdn; /* rename: "CN=NEW"; the object stays where it is, the old value goes */
    /* compare */
    const char *cmp_attr;
    struct dir_val cmp_val;
    bool tree_delete; /* delete: with everything below (1.2.840.113556.1.4.805) */
    int grace_ms; /* a write: after a cancel its answer is still awaited for so long (0: not at all)
                   */

    /* answer */
    bool sent; /* left this machine at least in part: without `done` the outcome is unknown */
    bool done; /* a result arrived */
    int rc;    /* RFC 4511 result code */
    char *matched, *diag;
    bool referral; /* the result or a part of it pointed elsewhere; never followed */
    bool cut;      /* more entries than limit */
    struct dir_entry *entries;
    size_t n_entries;
    /* private */
    struct dir *owner; /* while under way */
    int msgid;
    size_t bytes, cap;
    struct dir_val cookie;
};

/* Sends without waiting. */
int dir_send(struct dir *d, struct dir_op *op, struct err *e) MUST_USE;
/* Waits for the answers of all n sent operations (those that are done are skipped); timeout_ms 0:
 * the default. */
int dir_collect(struct dir *d, struct dir_op *const *ops, size_t n, int timeout_ms,
                struct err *e) MUST_USE;
/* For a window of operations: waits until one of those under way has ended, whichever, and takes
 * what else has arrived; returns at once when none is under way. After a failure nothing was given
 * up: when the user cancelled it may be called again, after dir_set_cancel(). */
int dir_collect_any(struct dir *d, int timeout_ms, struct err *e) MUST_USE;
/* Requests sent between on and off leave together. */
void dir_cork(struct dir *d, bool on);
#define DIR_INFLIGHT_MAX 64 /* operations under way on one connection */
/* Sends all, then waits for all: one round trip. Answers also when some operations were refused by
 * the server. */
int dir_run(struct dir *d, struct dir_op *const *ops, size_t n, struct err *e) MUST_USE;
int dir_run1(struct dir *d, struct dir_op *op, struct err *e) MUST_USE;
void dir_op_free(
    struct dir_op *op); /* answer and private parts; the request strings are the caller's */

/* Building blocks for adds and modifies. Asserted limits: DIR_MODS, DIR_MOD_VALS. */
struct dir_mod *dir_mod(struct dir_op *op, enum dir_modkind kind, const char *attr);
void dir_mod_text(struct dir_mod *m, const char *value);
void dir_mod_data(struct dir_mod *m, const void *value, size_t len);
/* The value goes from here into liblber's message, whose memory is wiped when it is freed (after
 * sending), and into SASL's buffer, which is encrypted in place: nothing of it is left once the
 * answer has come. */
void dir_mod_secret(struct dir_mod *m, const struct secret *value);

/* Reading entries; attribute names are compared without regard to case. */
const struct dir_attr *dir_attr(const struct dir_entry *en,
                                const char *name); /* NULL when absent */
const char *dir_text(const struct dir_entry *en,
                     const char *name); /* first value; NULL when absent or holding NUL */
bool dir_u32(const struct dir_entry *en, const char *name, uint32_t *out);
bool dir_i64(const struct dir_entry *en, const char *name, int64_t *out);
bool dir_sid(const struct dir_entry *en, const char *name, struct sid *out);
bool dir_guid(const struct dir_entry *en, const char *name, unsigned char out[GUID_BYTES]);
void dir_texts(const struct dir_entry *en, const char *name, struct strv *out); /* appends */
bool dir_has_value(const struct dir_entry *en, const char *name,
                   const char *value); /* ASCII case folded */

/* The root object (RFC 4512 5.1), readable before the bind. */
struct dir_root {
    char *default_nc, *config_nc, *root_nc, *schema_nc;
    char *dns_host, *server_name, *vendor; /* vendor is "" on Windows */
    struct strv mechs, controls;
    int64_t current_time; /* seconds since 1970, 0 when absent */
    uint32_t domain_level, forest_level, dc_level;
    bool synchronized;
};
void dir_root_op(struct dir_op *op); /* fills the request */
int dir_root_parse(struct dir_root *r, const struct dir_op *op, struct err *e) MUST_USE;
void dir_root_free(struct dir_root *r);

#endif
