/*
 * The computer account in the directory: facts, decision, creation, take-over, read-back. Nothing
 * here writes before account_create() or account_take_over() is called. Functions return 0, or -1
 * with the error filled, unless said otherwise. Recipe: one add that carries the password; an
 * existing account only under the reuse rules of KB5020276; sources [MS-WKST] 3.2.4.13.3,
 * [MS-ADTS] 3.1.1.5.2.
 */
#ifndef JOINERY_ACCOUNT_ACCOUNT_H
#define JOINERY_ACCOUNT_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/account/explain.h"
#include "engine/base/err.h"
#include "engine/base/macro.h"
#include "engine/base/secret.h"
#include "engine/base/strv.h"
#include "engine/dir/dir.h"
#include "engine/tables/checks.h"
#include "engine/wire/sid.h"

/* Who we want to be. Borrowed strings, valid as long as the struct is used. */
struct account_names {
    const char *name;    /* NetBIOS name without '$', upper case, 1 to 15 characters */
    const char *fqdn;    /* full DNS name; its first label may be longer than `name` */
    const char *domain;  /* DNS name of the domain */
    const char *base_dn; /* defaultNamingContext; NULL: derived from `domain` */
    const char
        *config_dn; /* configurationNamingContext; NULL: below base_dn (a forest of one domain) */
    const char
        *ou; /* DN as typed, RFC 1779 or 4514; NULL or "": the domain's computers container */
};

/* Bytes that tell a machine apart, kept in netbootGUID ([MS-ADA3]), which is there for that. */
#define ACCOUNT_MACHINE_ID 16

/* What the person asked for. */
struct account_policy {
    bool acct_create;     /* NETSETUP_ACCT_CREATE */
    bool no_acct_reuse;   /* NETSETUP_NO_ACCT_REUSE */
    bool no_reuse_asked;  /* provision without REUSE_ACCOUNT: an existing account is 2224 */
    bool join_dc_account; /* NETSETUP_JOIN_DC_ACCOUNT */
    bool defer_spn;       /* NETSETUP_DEFER_SPN_SET and not FORCE_SPN_SET */
    bool as_machine; /* NETSETUP_JOIN_UNSECURE: the account itself asks, nobody takes it over */
    bool admin_may_reuse; /* provision: a domain administrator may reuse any computer's account
                           * (NETSETUP_PROVISION_REUSE_ACCOUNT), not its owner alone */
    bool override_reuse;  /* the answer override_reuse_policy: KB5020276 only, never a right */
    /* Of an account that is made for a machine elsewhere: written with the add. */
    uint32_t etypes;         /* msDS-SupportedEncryptionTypes; 0 = not written. Left out where the
                              * account is made by privilege, which does not allow it */
    const char *description; /* NULL or "": none */
    /* What tells the machine apart from others whose names came from the same template: written
     * with the add, NULL: not. */
    const unsigned char *machine;
};

enum account_tri { ACCOUNT_UNKNOWN = 0, ACCOUNT_NO, ACCOUNT_YES };

/* An object that is already there. */
struct account_object {
    char *dn;
    unsigned char guid[GUID_BYTES];
    struct sid sid, owner,
        creator; /* owner unset: could not be read; creator unset: not made by privilege */
    char *sam, *dns_host;
    struct strv spns;
    uint32_t uac, kvno, etypes;
    bool has_kvno, has_etypes;
    bool is_computer, is_managed_service;
    bool has_machine; /* `machine` is there: the machine that the account was made for */
    unsigned char machine[ACCOUNT_MACHINE_ID];
    int64_t when_created;       /* seconds since 1970, 0 unknown */
    int64_t pwd_last_set;       /* the same; 0 never or unknown */
    unsigned n_children;        /* objects right below it, counted up to 16 */
    enum account_tri may_reset; /* the caller may reset its password, by its DACL */
};

struct account_clash {
    char *spn;  /* ours */
    char *dn;   /* the object that has it, or an alias of it */
    bool alias; /* it has another service class that HOST stands for ([MS-ADTS] sPNMappings) */
};

struct account_facts {
    /* the domain */
    char *base_dn, *netbios, *vendor; /* vendor "" on Windows */
    struct sid domain_sid;
    bool has_quota;
    uint32_t quota;       /* ms-DS-MachineAccountQuota */
    struct strv suffixes; /* msDS-AllowedDNSSuffixes */
    /* where */
    bool ou_given, ou_malformed, ou_outside, ou_found;
    bool ou_container;           /* something that can hold computers */
    char *ou_dn;                 /* as the directory writes it; as typed when not found */
    char *ou_nearest;            /* of the OUs there are, when not found */
    enum account_tri may_create; /* allowedChildClassesEffective has computer */
    /* who else */
    struct account_object *existing; /* sAMAccountName NAME$ */
    char *user_dn;                   /* a user or group called NAME: allowed, but confusing */
    char *same_dn;                   /* another object that stands at CN=NAME in the OU */
    char *dns_host_dn;               /* another object with our dNSHostName */
    struct account_clash *clashes;
    size_t n_clashes;
    /* who asks */
    struct sid user; /* unset: could not be told */
    char *user_name; /* read when a right is missing, for the advice; else NULL */
    struct sid *groups;
    size_t n_groups;
    /* names of the owner and the creator of `existing`, "CORP\\bob" or the SID's text; NULL without
     * it */
    char *owner_name, *creator_name;
    enum account_tri owner_is_admin; /* one of the three administrator groups, or a member of one */
};

/* Reads everything in one round trip; a second one when the account exists (its owner, its creator,
 * what stands below it) or when the OU does not (the nearest one). Fails only when the directory
 * cannot be read at all. *f is zeroed first; free with account_facts_free also after failure. */
int account_facts(struct dir *d, const struct account_names *n, struct account_facts *f,
                  struct err *e) MUST_USE;
void account_facts_free(struct account_facts *f);

/* USE: the account is there and signed in by itself; its password may be kept. */
enum account_action { ACCOUNT_REFUSE, ACCOUNT_CREATE, ACCOUNT_TAKE_OVER, ACCOUNT_USE };

/* One line of the preflight. */
enum account_state { ACCOUNT_OK, ACCOUNT_NOTICE, ACCOUNT_BAD, ACCOUNT_CANNOT_TELL };
struct account_verdict {
    enum check check;         /* CHECK_OU, RIGHTS, NAME, DNS_NAME, SERVICE_NAMES, REUSE */
    enum account_state state; /* a NOTICE or CANNOT_TELL does not stop the join */
    struct err err;           /* code 0 when OK; facts may be there also then */
};
#define ACCOUNT_VERDICTS 6

struct account_decision {
    enum account_action action;
    struct err
        err; /* with ACCOUNT_REFUSE: the first reason, in the order Windows would meet them */
    struct account_verdict verdicts[ACCOUNT_VERDICTS];
    size_t n_verdicts;
    bool overridden; /* taken over although the reuse rules forbid it */
};

/* Pure: facts and wishes in, decision out. */
void account_decide(const struct account_facts *f, const struct account_names *n,
                    const struct account_policy *p, struct account_decision *out);

/* What stands in the directory after a write. */
struct account_id {
    char *dn, *dns_host, *sam;
    unsigned char guid[GUID_BYTES];
    struct sid sid;
    uint32_t kvno, uac, etypes;
    bool has_kvno, has_etypes;
    struct strv spns;
};
void account_id_free(struct account_id *id);

/* How a write ended. UNKNOWN: the connection was lost after the request had left;
 * account_find_out() tells. */
enum account_outcome { ACCOUNT_NOT_DONE, ACCOUNT_DONE, ACCOUNT_UNKNOWN_OUTCOME };

/* DN that account_create uses: CN=NAME below the OU of the facts. malloc'ed. */
char *account_new_dn(const struct account_facts *f, const struct account_names *n);
/* The four service names in the order they are written; NULL-terminated text vector. */
void account_spns(const struct account_names *n, struct strv *out);

/* One add: objectClass, sAMAccountName, userAccountControl 4096, unicodePwd, and unless deferred
 * dNSHostName and four SPNs; the read-back is sent behind it, so that both cost one round trip. On
 * success *id is filled. */
int account_create(struct dir *d, const struct account_facts *f, const struct account_names *n,
                   const struct account_policy *p, const struct secret *password,
                   struct account_id *id, enum account_outcome *outcome, struct err *e) MUST_USE;

/* account_create() in halves, so that many can be under way on one connection: fill, dir_send()
 * `add` and then `read` (or dir_run() both), dir_collect() both, end. The struct must not move
 * between fill and sending. account_add_free() in any case. */
#define ACCOUNT_SAM_MAX 17
struct account_adding {
    struct dir_op add, read;
    struct secret quoted;
    struct strv spns;
    char *dn;
    char sam[ACCOUNT_SAM_MAX], etypes[12];
};
int account_add_fill(struct account_adding *w, const struct account_facts *f,
                     const struct account_names *n, const struct account_policy *p,
                     const struct secret *password, struct err *e) MUST_USE;
/* `ran`: what sending and collecting returned, with its error in *e already. */
int account_add_end(struct dir *d, struct account_adding *w, int ran, const struct account_facts *f,
                    const struct account_names *n, struct account_id *id,
                    enum account_outcome *outcome, struct err *e) MUST_USE;
void account_add_free(struct account_adding *w);

/* Password first (its fate is *outcome), then what differs of userAccountControl (disabled off;
 * never for a domain controller's account), dNSHostName and SPNs (added to, never replaced), then
 * the read-back. A failure after the password returns -1 with *outcome ACCOUNT_DONE: the machine
 * can go forward with the new password. */
int account_take_over(struct dir *d, const struct account_facts *f, const struct account_names *n,
                      const struct account_policy *p, const struct secret *password,
                      struct account_id *id, enum account_outcome *outcome, struct err *e) MUST_USE;

/* As the machine itself: its own password from `old` to `new` in one modify (delete and add,
 * [MS-ADTS] 3.1.1.3.1.5). Any refusal is MACHINE_PASSWORD_CHANGE (1323). */
int account_change_own_password(struct dir *d, const struct account_object *o,
                                const struct secret *old, const struct secret *new,
                                enum account_outcome *outcome, struct err *e) MUST_USE;

/* What a machine writes into its own account, in one modify, with the read-back behind it: one
 * round trip. Only what differs is sent; without p (nothing may be written), only the read-back. */
int account_settle(struct dir *d, const struct account_names *n, const struct account_object *o,
                   const struct account_policy *p, uint32_t etypes, struct account_id *id,
                   bool *wrote, struct err *e) MUST_USE;

/* What is missing of dNSHostName and the four SPNs, in one modify; nothing is sent when they are
 * there. A machine may write its own. */
int account_complete_names(struct dir *d, const struct account_names *n,
                           const struct account_id *id, struct err *e) MUST_USE;

/* What happened to a write whose answer was lost, over a new connection: DONE when the account is
 * there and was made (or its password set) at or after `since` (the controller's clock, seconds
 * since 1970, taken before the write; 5 seconds of doubt are allowed for, and logging in as the
 * machine is the proof). *dn (malloc'ed) when found. */
int account_find_out(struct dir *d, const struct account_names *n, int64_t since,
                     enum account_outcome *outcome, char **dn, struct err *e) MUST_USE;

/* Reads the object by DN, "<GUID=…>", or NULL: by sAMAccountName. ACCOUNT_MISSING when it is not
 * there. */
int account_read_back(struct dir *d, const struct account_names *n, const char *dn,
                      struct account_id *id, struct err *e) MUST_USE;

/* As the machine: msDS-SupportedEncryptionTypes, only when it differs from what `id` has. */
int account_set_enctypes(struct dir *d, const struct account_id *id, uint32_t etypes,
                         struct err *e) MUST_USE;

/* Best effort, as the user: the public keys that the machine before signed in with (device
 * registration; msDS-KeyCredentialLink) are not the new one's. Older directories have none. */
int account_clear_keys(struct dir *d, const char *dn, struct err *e) MUST_USE;

/* Best effort, as the user, for an account that was there: which machine it belongs to now. */
void account_mark(struct dir *d, const char *dn, const unsigned char *machine);

/* Best effort, as the user: each value on its own; empty or NULL ones are skipped. -1 when any was
 * refused. */
struct account_about {
    const char *os, *os_version, *os_service_pack, *description;
};
int account_describe(struct dir *d, const char *dn, const struct account_about *about,
                     struct err *e) MUST_USE;
/* The same in two halves, so that other connections work meanwhile: `start` sends and does not wait
 * (dn is borrowed until it returns), `finish` always has to follow, also after a failed start. */
#define ACCOUNT_ABOUTS 4
struct account_describing {
    struct dir_op op[ACCOUNT_ABOUTS];
    size_t n;
};
int account_describe_start(struct dir *d, const char *dn, const struct account_about *about,
                           struct account_describing *w, struct err *e) MUST_USE;
int account_describe_finish(struct dir *d, struct account_describing *w, struct err *e) MUST_USE;

/* Not there any more counts as success. With children and without `tree` it is 8213. */
int account_delete(struct dir *d, const char *dn, bool tree, struct err *e) MUST_USE;

/* ---- renaming: [MS-WKST] 3.2.4.15 ---- */

/* The account as it was, and what its new names change. */
struct account_rename {
    struct account_id was;
    char *display; /* displayName, "" */
    /* what changes; values that somebody else gave stay as they are */
    char *new_sam; /* "NEW$" */
    char *new_rdn; /* "CN=NEW" when the object was called like the account; else NULL */
    bool sam_changes, dns_changes, display_changes;
    struct strv gone, added; /* service names */
    bool may_write;          /* allowedAttributesEffective has sAMAccountName */
    char *user;              /* who asks, "CORP\\bob", where the right is missing; else NULL */
};

/* Reads the object and compares. base: its DN or "<GUID=...>". ACCOUNT_GONE when it is not there.
 * Free it in any case. */
int account_rename_read(struct dir *d, const char *base, const struct account_names *n,
                        struct account_rename *r, struct err *e) MUST_USE;
void account_rename_free(struct account_rename *r);
/* For the advice where a right is missing: who asks. No traffic else. */
int account_rename_who(struct dir *d, const struct account_facts *f, struct account_rename *r,
                       struct err *e) MUST_USE;
/* Pure. The facts are about the new names, with the OU where the account stands. The action is
 * TAKE_OVER or REFUSE. */
void account_rename_decide(const struct account_rename *r, const struct account_facts *f,
                           const struct account_names *n, struct account_decision *out);
/* One modify of what differs: sAMAccountName, dNSHostName, displayName, our service names. A server
 * adapts further service names to the new name itself. Nothing is sent when nothing differs:
 * *outcome NOT_DONE and 0. */
int account_rename_write(struct dir *d, const struct account_rename *r,
                         const struct account_names *n, enum account_outcome *outcome,
                         struct err *e) MUST_USE;
/* The object's own name in the tree (modify DN, RFC 4511 4.9). */
int account_rename_object(struct dir *d, const char *dn, const char *rdn, struct err *e) MUST_USE;
/* After a lost answer, over a new connection: DONE when all new names are there. */
int account_rename_state(struct dir *d, const struct account_rename *r,
                         const struct account_names *n, enum account_outcome *outcome,
                         struct err *e) MUST_USE;
/* Everything as `was` says, whatever of it was changed. */
int account_rename_back(struct dir *d, const struct account_rename *r, struct err *e) MUST_USE;

/* A level (or the whole tree) of organizational units and containers. */
struct account_ou {
    char *dn, *name;
    bool may_create;   /* a computer may be created right here by the bound account */
    bool container;    /* not an organizational unit */
    char *description; /* NULL when there is none */
};
struct account_ous {
    struct account_ou *ou;
    size_t n;
    bool cut; /* there are more than `limit` */
};
/* match: part of a name, NULL for all. limit 0: 5000. Sorted by name. */
int account_list_ous(struct dir *d, const char *base, bool subtree, const char *match,
                     unsigned limit, struct account_ous *out, struct err *e) MUST_USE;
void account_ous_free(struct account_ous *o);

/* "CORP\\name" for each SID, its text where it cannot be read; out[i] malloc'ed. One round trip. */
int account_sid_names(struct dir *d, const char *netbios, const struct sid *sids, size_t n,
                      char **out, struct err *e) MUST_USE;

#endif
