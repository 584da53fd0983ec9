/*
 * The machine's side of a membership, shared by join and recovery: its login, encryption types,
 * keytab and the proof that all of it works. Steps 12, 14 and 17 of the recipe.
 */
#ifndef JOINERY_FLOW_MACHINE_H
#define JOINERY_FLOW_MACHINE_H

#include "engine/flow/session.h"

struct machine {
    struct kerb_cred *cred;
    struct kerb_login *again; /* the login that will be finished with the keytab */
    struct dir *dir;          /* sealed, as the machine */
    struct net_connect *connecting;
    int wait_ms;     /* for an answer of the directory's to machine_bind(); 0: the usual time */
    char *principal; /* NAME$@REALM */
    char *salt;
    bool has_host_spn; /* host/fqdn may be asked for */
    struct buf keytab;
};

/* Starts the connection that machine_log_in() will use; no waiting. */
void machine_connect(struct session *s, struct machine *m);
int machine_log_in(struct session *s, struct machine *m, const struct secret *password,
                   bool spns_set, struct err *e) MUST_USE;
/* Can the target's present keytab be added to? Asked before anything is written. */
int machine_check_keytab(struct session *s, struct err *e) MUST_USE;
/* The new keytab's bytes, over the ones of the target's present keytab. */
int machine_make_keytab(struct session *s, struct machine *m, const struct secret *password,
                        uint32_t kvno, struct err *e) MUST_USE;
/* Binds to the directory as the machine. */
int machine_bind(struct session *s, struct machine *m, struct err *e) MUST_USE;
/* A login with the keytab, and a ticket for this host accepted with it. */
int machine_prove(struct session *s, struct machine *m, struct err *e) MUST_USE;
void machine_done(struct machine *m);

/* The principals of the keytab, without realm. */
void machine_principals(const struct machine_names *n, struct strv *out);

#endif
