/*
 * What the operations on an existing membership share (status, rotate, repair): the machine as the
 * record knows it, its keytab, and the proof of what works. Private to engine/flow.
 */
#ifndef JOINERY_FLOW_MEMBER_H
#define JOINERY_FLOW_MEMBER_H

#include "engine/flow/machine.h"
#include "engine/flow/membership.h"

struct member {
    struct session *s;
    struct host_lock lock;
    struct membership m;
    const struct settings *asked; /* put back by member_close() */
    struct settings *own;         /* the join's answers with the record's domain and names, no
                                     controller named: what the session works on */
    struct settings *asked_then;  /* the join's answers as they were */
    char *principal;              /* NAME$@REALM */
    struct buf keytab;            /* the bytes of the present one */
    struct strv names;            /* all principals of the account, without realm */
};

/* Root, lock, no journal, no controller, a membership of ours; then member_use(). member_close()
 * in any case. */
int member_open(struct member *mb, struct session *s, struct err *e) MUST_USE;
/* The session works on the record's domain and names from here on. */
int member_use(struct member *mb, struct err *e) MUST_USE;
void member_close(struct member *mb);

/* The present keytab and the account's names in it. MACHINE_KEYTAB_MISSING when it has no key for
 * this membership. */
int member_read_keytab(struct member *mb, struct err *e) MUST_USE;

/* Stages the keytab of the right mode and owner. */
int member_stage_keytab(struct member *mb, struct txn *t, const struct buf *keytab,
                        struct err *e) MUST_USE;

/* The machine's own login refused: the words for a machine instead of those for a person. */
void member_own_words(struct err *e);

#endif
