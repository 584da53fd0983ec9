/* The state of provisioning one machine. Private to its files. */
#ifndef JOINERY_FLOW_PROVISION_RUN_H
#define JOINERY_FLOW_PROVISION_RUN_H

#include "engine/flow/provision.h"

struct provision {
    struct session *s;
    struct newfile out;
    struct provision_form form;
    struct provision_parts parts;
    struct account_decision decision;
    struct secret password;
    struct account_id id;
    enum account_outcome outcome;
    bool created;
    int64_t since;     /* the controller's clock just before the write */
    struct err notice; /* the first best-effort part that failed */
};

/* provision_undo.c: deletes an account that was made in vain; fills `done`. */
void provision_undo(struct provision *p, struct engine_msg *done);

#endif
