/*
 * What a completed join leaves in /var/lib/joinery/enrollment.json (0600): the membership, and for
 * each file what we wrote and where the old contents are kept, so that `leave` can reverse our
 * lines and nothing else.
 */
#ifndef JOINERY_TXN_RECORD_H
#define JOINERY_TXN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/host/host.h"

enum enroll_file_kind { ENROLL_FILE, ENROLL_LINK, ENROLL_SECRET };

struct enroll_file {
    enum enroll_file_kind kind;
    char *path;
    char *sha256;  /* hex, of what we wrote; "" for links */
    char *written; /* file with what we wrote, NULL for secrets and links */
    char *backup;  /* file with the contents before the join; NULL = there was none */
    mode_t mode;   /* before the join */
    uid_t uid;
    gid_t gid;
    mode_t new_mode; /* as we left it; 0 = not known */
    char *target;    /* of a link that we made; NULL = not known */
};

/* Strings are owned and never NULL after enroll_record_load; "" = not known. */
struct enroll_record {
    char *domain, *realm, *netbios;
    char *computer, *fqdn; /* NetBIOS name without "$"; DNS name */
    char *account_dn, *guid, *sid;
    char *site, *controller, *identity;
    char *account;     /* who joined it */
    char *answers;     /* the answers of the join as an ini (no secrets): repair and rename start
                          from them */
    int64_t joined_at; /* seconds since 1970 */
    uint32_t kvno;
    bool created;         /* we created the account, not took it over */
    struct strv services; /* that we enabled */
    char *old_hostname;
    struct strv former; /* what it was called earlier in this membership: "COMPUTER fqdn REALM";
                           their keys are ours, too. Filled in by txn_commit */
    struct strv dirs;   /* that were made for our files, outermost first */
    struct enroll_file *files;
    size_t n_files;
};

/* present false: this root has no record. A damaged record: CAUSE_FILE_UNPARSABLE. */
int enroll_record_load(struct host *h, struct enroll_record *ret, bool *present,
                       struct err *e) MUST_USE;
/* One line of JSON; malloc'ed. */
char *enroll_record_text(const struct enroll_record *r);
int enroll_record_parse(const char *text, size_t len, struct enroll_record *ret,
                        struct err *e) MUST_USE;
void enroll_record_free(struct enroll_record *r);
const struct enroll_file *enroll_record_file(const struct enroll_record *r, const char *path);

#endif
