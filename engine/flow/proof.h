/*
 * The proof of a membership: each thing that has to be right gets a verdict of its own, and
 * together they say what would mend it. Nothing is written. Private to engine/flow.
 */
#ifndef JOINERY_FLOW_PROOF_H
#define JOINERY_FLOW_PROOF_H

#include "engine/flow/member.h"

/* Above it a password is called old; Windows changes it every 30 days. */
#define PASSWORD_OLD_DAYS 90

struct proof_answers; /* of the directory */

struct proof {
    struct member *mb;
    struct status_view *view; /* gets the verdicts; view->mend the sum of them */
    bool soft;                /* what is wrong is a finding, not the failure of this job */
    bool settle;              /* a keytab whose key version was guessed may be put right */
    struct kerb_login *login;
    struct machine machine; /* logged in and bound, as far as that worked */
    uint32_t keytab_kvno;   /* highest of the machine's principal */
    bool has_keytab, has_secret, has_directory;
    struct err secret, directory;  /* what the KDC and the directory said against it, if anything */
    struct proof_answers *answers; /* NULL: none */
    struct account_id id;          /* as the directory has it, with has_directory */
    struct err worst;              /* the error behind view->mend */
};

void proof_run(struct proof *p);
void proof_done(struct proof *p);

/* One verdict; `mend`: what would mend it, counted only with VERDICT_WARNING and VERDICT_FAIL. */
void proof_add(struct proof *p, enum check c, enum verdict v, enum mend mend, const struct err *e);

/* proof_directory.c: names, services, key version, encryption types, age. Asked first, signed in
 * already; then judged. */
int proof_ask_directory(struct proof *p, struct err *e) MUST_USE;
void proof_directory(struct proof *p);
void proof_answers_free(struct proof_answers *a); /* NULL is fine */
/* proof_local.c: this machine's names, files and identity service. */
void proof_host_name(struct proof *p);
void proof_files(struct proof *p);
void proof_sssd(struct proof *p);

/* settle.c: was the machine enrolled offline, and is this the first time that a controller tells
 * the version number of its keys? Then settle() makes keytab and record say it. NOT_ROOT,
 * LOCK_HELD, JOURNAL_PENDING and what else keeps it from being written: nothing has changed then.
 */
bool settle_wanted(const struct proof *p);
int settle(struct proof *p, struct err *e) MUST_USE;

/* Was setting the service names put off at the join? */
bool member_defers_names(const struct member *mb);

#endif
