/*
 * The system that provisioning data is for: offline.image (a Windows volume or directory, a Linux
 * root, or a share's path), the root of the session, or the running system. Private to
 * engine/apply.
 */
#ifndef JOINERY_FLOW_APPLY_TARGET_H
#define JOINERY_FLOW_APPLY_TARGET_H

#include "engine/flow/session.h"
#include "engine/image/image.h"

struct apply_target {
    enum system_kind kind;
    char *path;         /* on this machine, a share's path already followed; "" when not named */
    struct image image; /* SYSTEM_WINDOWS: opened, not inspected yet */
    struct host *host;  /* SYSTEM_LINUX, SYSTEM_RUNNING: what is changed */
    struct host *own;   /* `host` when it is not the session's */
};

/* Finds and opens it; nothing is judged yet. Errors: UNC_NOT_MOUNTED (50), IMAGE_IS_FILE,
 * IMAGE_NO_SYSTEM (87). Close it in any case. */
int apply_target_open(struct session *s, struct apply_target *ret, struct err *e) MUST_USE;
void apply_target_close(struct apply_target *t);

/* Whether it may be changed at all, by NETSETUP_PROVISION_ONLINE_CALLER: the running system needs
 * it (87) and root (740), any other system must not have it (87). For a Windows image that follows
 * its own verdicts. */
int apply_target_allowed(struct session *s, const struct apply_target *t, struct err *e) MUST_USE;

enum image_method apply_wish(const struct settings *s);

#endif
