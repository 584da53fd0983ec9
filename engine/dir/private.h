/* Shared by the files of this folder only. */
#ifndef JOINERY_DIR_PRIVATE_H
#define JOINERY_DIR_PRIVATE_H

#include <ldap.h>

#include "engine/dir/dir.h"

struct dir {
    LDAP *ld;
    int fd; /* a duplicate of libldap's descriptor, for polling and for telling why it failed */
    char *host;
    const struct cancel *cancel;
    int timeout_ms;
    int ssf;
    bool dead;
    bool wiping; /* a message with a secret may be in libldap's memory */
    struct dir_op *inflight[DIR_INFLIGHT_MAX];
    size_t n_inflight;
};

struct dir_wait {
    int64_t deadline;
    bool ignore_cancel;
    int grace_ms; /* with a cancel: how long the answer is still waited for; 0: not at all */
};

int64_t dir_now_ms(void);
/* The next message of msgid (or LDAP_RES_ANY). 0 with *msg set (ldap_msgfree), or -1. */
int dir_next(struct dir *d, int msgid, struct dir_wait *w, LDAPMessage **msg,
             struct err *e) MUST_USE;
/* A message that is here already; false when there is none. */
bool dir_arrived(struct dir *d, LDAPMessage **msg);
/* From before a message with a secret is encoded until libldap has freed it. */
void dir_wiping(struct dir *d, bool on);
/* Waits until the socket takes more bytes. */
int dir_wait_writable(struct dir *d, struct dir_wait *w, struct err *e) MUST_USE;
/* libldap gave up on the connection: finds out why. Returns -1. */
int dir_broken(struct dir *d, int rc, struct err *e);

/* Keeps libldap and SASL from asking the name service for this host's own name. */
void dir_install_no_nss(void);

int dir_entry_add(struct dir_op *op, LDAP *ld, LDAPMessage *msg, unsigned limit,
                  struct err *e) MUST_USE;

#endif
