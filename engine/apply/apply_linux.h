/*
 * Provisioning data put into a Linux root: what apply_linux.c and its helpers share. Private to
 * engine/apply.
 *
 * The data takes the place of what a join finds on the network: the session gets a domain, a
 * controller and names from it, so that the local half of a join is the same code. Nothing is asked
 * of any network.
 */
#ifndef JOINERY_FLOW_APPLY_LINUX_H
#define JOINERY_FLOW_APPLY_LINUX_H

#include "engine/apply/apply.h"
#include "engine/flow/join.h"

/*
 * The data does not say the key version number, and it is part of every ticket for this machine. An
 * account made in one write has 1 or 2 (Samba, Windows), each reuse counts one more; the keys are
 * written under all of these, until the first contact with a controller tells the true one.
 */
#define APPLY_KVNO_LAST 12

struct apply_linux {
    struct join j;
    const struct odj *o;
    const struct odj_join *data;
    const struct settings *asked; /* the session's own, put back at the end */
    struct settings *own;         /* the answers of the join that would have led here */
    struct host *target_before;
    struct buf keytab;
    struct strv dropped; /* principals of another machine that were in the keytab */
    bool set_name;       /* NETSETUP_SET_MACHINE_NAME */
};

/* apply_linux_data.c: the session works on what the data says, on `target`, until
 * apply_linux_close(). OFFLINE_DATA_INCOMPLETE where a name in it cannot be one. */
int apply_linux_use(struct apply_linux *a, struct session *s, const struct odj *o,
                    struct host *target, struct err *e) MUST_USE;
void apply_linux_close(struct apply_linux *a);

/* apply_linux_keytab.c: a->keytab, over what the target's keytab has of services. */
int apply_linux_keytab(struct apply_linux *a, struct err *e) MUST_USE;
/* What the journal kept of another machine's keys goes, after the commit. */
int apply_linux_forget(struct apply_linux *a, struct err *e) MUST_USE;

#endif
