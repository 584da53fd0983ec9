/*
 * Kerberos against one pinned domain controller: tickets, service tickets, keytabs, without
 * libkrb5's own network code. Every exchange goes over one TCP connection (RFC 4120 7.2.2) that
 * this module owns, can be cancelled, and ends within KERB_EXCHANGE_MS.
 *
 * Threads: kerb_setup_process() before any thread starts; a struct kerb and everything made from it
 * belong to one thread at a time. Ownership: objects are released with their _free; texts in
 * structs are copies. Errors: functions that take a struct err return 0, or -1 with the cause that
 * the KDC's answer means (RFC 4120 7.5.9 codes, [MS-KILE] 2.2.1/2.2.2 NTSTATUS in the error data);
 * `raw` is "KRB error N: ..." or libkrb5's text.
 */
#ifndef JOINERY_KERB_KERB_H
#define JOINERY_KERB_KERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/cancel.h"
#include "engine/base/err.h"
#include "engine/base/macro.h"
#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "engine/net/net.h"

#define KERB_EXCHANGE_MS 10000        /* longest wait for one answer */
#define KERB_REPLY_MAX   (64u * 1024) /* longest answer accepted, in bytes */
#define KERB_KEYTAB_MAX  (1u << 20)   /* longest keytab accepted, in bytes */

/* RFC 3961/3962 numbers. */
enum { KERB_AES128 = 17, KERB_AES256 = 18, KERB_RC4 = 23 };

/* ---- process ---- */

/* Gives the process a private libkrb5 configuration (kept in memory: no reverse lookups, no
 * canonicalisation, no DNS, caches in memory) and takes KRB5CCNAME and friends out of the
 * environment; their former values serve kerb_login_default() only. Call once, before any thread
 * starts. Descriptors are close-on-exec: children see no trace, give them a KRB5_CONFIG of their
 * own. */
int kerb_setup_process(struct err *e) MUST_USE;
/* Puts the environment back and forgets the configuration, for a library inside a process that is
 * somebody else's. Every object of this module is gone by then. kerb_setup_process() may follow. */
void kerb_undo_process(void);
/* KRB5CCNAME as it was when the process started; NULL when it was not set. */
const char *kerb_caller_ccname(void);

/* ---- connection to the KDC ---- */

struct kerb;

struct kerb_target {
    const char *realm;           /* upper-case AD realm */
    const char *host;            /* the controller's DNS name, for messages */
    const struct net_addr *addr; /* the one address used; copied */
    uint16_t port;               /* 0 = 88 */
    int fd; /* a TCP socket to it, connected or connecting; taken over, also on failure; -1 =
               connect when needed */
    const struct cancel *cancel; /* polled in every wait; may be NULL; outlives the struct kerb */
};

int kerb_open(struct kerb **out, const struct kerb_target *target, struct err *e) MUST_USE;
void kerb_free(struct kerb *k); /* NULL is fine; logins, then credentials, before it */

/* The longest wait for one answer from now on; KERB_EXCHANGE_MS unless set. */
void kerb_set_wait(struct kerb *k, int ms);

const char *kerb_realm(const struct kerb *k);

/* The KDC's clock minus ours, in seconds: from the first answer on (every KRB-ERROR carries the
 * time). False while nothing is known. */
bool kerb_time_offset(const struct kerb *k, long *seconds);
/* Exchanges made and TCP connections opened so far, for measurements. */
void kerb_counts(const struct kerb *k, unsigned *exchanges, unsigned *connects);

/* ---- logging in ---- */

struct kerb_login; /* one AS exchange under way */
struct kerb_cred; /* a ticket-granting ticket and the service tickets got with it, in a memory cache
                   */

/* What the KDC says about an account before any secret is sent. */
struct kerb_hint {
    int kdc_error;  /* RFC 4120 code; 25 (pre-authentication required) is the normal case; 0 = a
                       ticket at once */
    char salt[256]; /* of the strongest AES type offered; the way the KDC derives this account's
                       keys */
    bool has_salt;
    unsigned n_etypes;
    int etypes[8]; /* offered, strongest first as the KDC orders them */
    /* The KDC has no key of the types offered: an account without a password, or one older than
     * AES. */
    bool no_password;
};

/* Puts an AS request without pre-authentication on the wire and returns without waiting.
 * `name`: "user@REALM", "NAME$@REALM", or an enterprise name "joiner@suffix" (any suffix but the
 * realm's). While it waits for its answer, other exchanges may go on; the answer is kept. */
int kerb_login_start(struct kerb *k, const char *name, struct kerb_login **out,
                     struct err *e) MUST_USE;
/* The same for a ticket that the KDC gives for a password only, such as KERB_KPASSWD_SERVICE.
 * Finish it like the other; the credential holds that one ticket. AES only. */
int kerb_login_start_service(struct kerb *k, const char *name, const char *service,
                             struct kerb_login **out, struct err *e) MUST_USE;
/* Waits for the first answer. An account that is unknown, disabled... is an error here already. */
int kerb_login_hint(struct kerb_login *l, struct kerb_hint *out, struct err *e) MUST_USE;
/* Completes it. One pre-authentication attempt is made, never a second one (lockout). On success
 * *out is the new credential. The kerb_login is spent either way; release it. A person's account
 * without AES keys is tried once more with RC4. */
int kerb_login_finish_password(struct kerb_login *l, const struct secret *password,
                               struct kerb_cred **out, struct err *e) MUST_USE;
int kerb_login_finish_keytab(struct kerb_login *l, const void *keytab, size_t len,
                             struct kerb_cred **out, struct err *e) MUST_USE;
void kerb_login_free(struct kerb_login *l); /* also abandons it */

/* The same in one call: two round trips. */
int kerb_login_password(struct kerb *k, const char *name, const struct secret *password,
                        struct kerb_cred **out, struct err *e) MUST_USE;
/* `name` NULL: the first principal of the keytab in this realm. */
int kerb_login_keytab(struct kerb *k, const char *name, const void *keytab, size_t len,
                      struct kerb_cred **out, struct err *e) MUST_USE;
/* The caller's own ticket, from KRB5CCNAME as it was or the system's default cache: NO_TICKET,
 * TICKET_EXPIRED. No traffic. */
int kerb_login_default(struct kerb *k, struct kerb_cred **out, struct err *e) MUST_USE;

/* Logs in with the password, sending the pre-authentication in the first request: one round trip.
 * `salt` must be the one the account's keys were made with (kerb_machine_salt() right after setting
 * the password); `confirmed` gets what the KDC announces. A salt or clock that the KDC corrects is
 * followed by an ordinary login (two more). A wrong salt counts as a bad password, so: machine
 * accounts only. */
int kerb_login_machine_direct(struct kerb *k, const char *name, const struct secret *password,
                              const char *salt, struct kerb_hint *confirmed, struct kerb_cred **out,
                              struct err *e) MUST_USE;

const char *
kerb_cred_principal(const struct kerb_cred *c); /* as the KDC returned it, "NAME$@REALM" */
int64_t
kerb_cred_end(const struct kerb_cred *c); /* end of the TGT, seconds since 1970, KDC's clock */
void kerb_cred_free(struct kerb_cred *c); /* destroys the cache; NULL is fine */

/* Gets tickets for "service/host" names of this realm, all requests sent together: one round trip.
 * They are kept in the cache, under the name with and without realm, so that GSSAPI finds them
 * without asking. */
int kerb_service_tickets(struct kerb *k, struct kerb_cred *c, const char *const *spn, size_t n,
                         struct err *e) MUST_USE;

/* The same in two halves: start puts the requests on the wire without waiting, and logins and other
 * tickets may be got meanwhile. Finish and free release it. */
struct kerb_tickets;
int kerb_tickets_start(struct kerb *k, struct kerb_cred *c, const char *const *spn, size_t n,
                       struct kerb_tickets **out, struct err *e) MUST_USE;
int kerb_tickets_finish(struct kerb_tickets *r, struct err *e) MUST_USE;
void kerb_tickets_free(struct kerb_tickets *r); /* abandons it; NULL is fine */

/* GSSAPI calls of this thread (SASL included) use this cache until kerb_unselect(). */
int kerb_select(const struct kerb_cred *c, struct err *e) MUST_USE;
void kerb_unselect(void);

/* Writes the cache to a new file of mode 0600, for programs that only read files (nsupdate -g; get
 * "DNS/dc" into the cache before, and it needs no KDC). An existing file is replaced. */
int kerb_export_ccache(const struct kerb_cred *c, const char *path, struct err *e) MUST_USE;

/* ---- changing the own password: RFC 3244 ---- */

#define KERB_KPASSWD_SERVICE "kadmin/changepw"
#define KERB_KPASSWD_PORT    464

/* How a change ended. UNKNOWN: the request had left and no answer came that can be believed; a
 * login with either password tells. */
enum kerb_change { KERB_NOT_CHANGED, KERB_CHANGED, KERB_CHANGE_UNKNOWN };

/* Changes the password of the account that `ticket` (for KERB_KPASSWD_SERVICE) belongs to: request
 * of version 1, one round trip. fd: a TCP socket connected to KERB_KPASSWD_PORT of the controller,
 * taken over, also on failure. Ends within KERB_EXCHANGE_MS; a cancel is looked at until the
 * request leaves, and its answer is still waited for. A refusal is MACHINE_PASSWORD_CHANGE with the
 * server's own words, policy rules spelled out, as `raw`. */
int kerb_change_password(struct kerb *k, struct kerb_cred *ticket, int fd,
                         const struct secret *password, enum kerb_change *outcome,
                         struct err *e) MUST_USE;

/* ---- keytabs: file format in memory ---- */

/* The salt AD uses for computers when the password is set: [MS-KILE] 3.1.1.2. `account` with or
 * without '$'. malloc'ed. */
char *kerb_machine_salt(const char *realm, const char *account);

struct kerb_keytab_spec {
    const char *realm;
    const char *const *names; /* without realm: "NAME$", "host/fqdn" ... */
    size_t n_names;
    uint32_t kvno;
    const int *etypes; /* NULL = AES256 and AES128 */
    size_t n_etypes;
    const char *key_of; /* kerb_keytab_extend only: "NAME$@REALM" */
};

/* A keytab with entries for spec at its kvno. Of `old` (may be NULL) every foreign entry is kept,
 * and spec's names at kvno - 1 (tickets still around). `out` is a BUF_SECRET; on failure it is
 * emptied. An `old` that does not parse is FILE_UNPARSABLE. */
int kerb_keytab_build(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                      const struct secret *password, const char *salt, struct buf *out,
                      struct err *e) MUST_USE;
/* The same without a password: spec's names get the newest keys that spec->key_of has in `old`; for
 * names that are missing or a version number that the directory counts otherwise. No such entry is
 * MACHINE_KEYTAB_MISSING. */
int kerb_keytab_extend(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                       struct buf *out, struct err *e) MUST_USE;
/* The names (without realm, appended) of `principal`'s realm that have a key in common with its
 * newest ones: they are names of the same account, whoever added them. `principal` is among them.
 */
int kerb_keytab_sharing(const void *data, size_t len, const char *principal, struct strv *names,
                        struct err *e) MUST_USE;
/* Drops spec's names in spec's realm, all kvnos and types (the spec's kvno and etypes are not
 * looked at). *n_left: entries that remain. */
int kerb_keytab_strip(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                      struct buf *out, size_t *n_left, struct err *e) MUST_USE;

/* The keys of one machine under other names: the KDC keeps the salt of the last password change, so
 * a renamed account has the keys it had. The first name of each spec is the account; the keys are
 * taken, with their kvnos, from the entries of `from`'s account, or where it has none from `to`'s.
 * The result has them for the names of `to`, and with `both` for those of `from` too; foreign
 * entries stay. Kvno and types of the specs are not looked at. MACHINE_KEYTAB_MISSING when there is
 * no key. */
int kerb_keytab_rename(const void *old, size_t old_len, const struct kerb_keytab_spec *from,
                       const struct kerb_keytab_spec *to, bool both, struct buf *out,
                       struct err *e) MUST_USE;

/* Without a controller nobody knows the version number: the newest keys that spec->key_of has in
 * `old`, under spec's names with every number from first to last, KERB_NUMBERS_MAX of them at most.
 * All other entries of these names go (spec's kvno is not looked at), so that first = last puts the
 * true number in the place of the guessed ones. etypes: only keys of these types; NULL = all.
 * Errors as kerb_keytab_extend. */
#define KERB_NUMBERS_MAX 32
int kerb_keytab_number(const void *old, size_t old_len, const struct kerb_keytab_spec *spec,
                       uint32_t first, uint32_t last, struct buf *out, struct err *e) MUST_USE;
/* A keytab without computers: every "NAME$@REALM" goes, and every principal of its realm that
 * shares a key with it or is a service of that host (host/name...), whatever its number. Their
 * names are appended to `dropped`; services with keys of their own stay. Nothing dropped: `out` is
 * `old`, byte for byte. */
int kerb_keytab_clean(const void *old, size_t old_len, struct buf *out, struct strv *dropped,
                      struct err *e) MUST_USE;

struct kerb_keytab_entry {
    char principal[320];
    uint32_t kvno;
    int etype;
    int64_t time;
};
/* malloc'ed array. */
int kerb_keytab_list(const void *data, size_t len, struct kerb_keytab_entry **out, size_t *n,
                     struct err *e) MUST_USE;

/* Gets a ticket for "host/fqdn" (from the cache when it is there) and accepts it with the keytab,
 * as sshd would. Ask for that ticket only after msDS-SupportedEncryptionTypes is set: until then
 * the KDC may encrypt it with RC4, which the keytab has no key for. */
int kerb_accept(struct kerb *k, struct kerb_cred *c, const void *keytab, size_t len,
                const char *spn, struct err *e) MUST_USE;

#endif
