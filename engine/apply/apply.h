/*
 * Putting provisioning data into a system: NetRequestOfflineDomainJoin and
 * NetRequestProvisioningPackageInstall. What kind of system it is decides which half does it: a
 * Windows image (apply_image.c) or a Linux root, running or not (apply_linux.c). Private to
 * engine/apply.
 */
#ifndef JOINERY_FLOW_APPLY_H
#define JOINERY_FLOW_APPLY_H

#include "engine/flow/session.h"
#include "engine/wire/odj.h"

/* apply_image.c: the same for a Windows image. It may be inspected already; `binary` is the data's
 * binary form. */
struct apply_target;
int apply_image(struct session *s, const struct odj *o, const struct buf *binary,
                struct apply_target *t, struct engine_msg *done, struct err *e) MUST_USE;
int plan_apply_image(struct session *s, const struct odj *o, const struct buf *binary,
                     struct apply_target *t, struct err *e) MUST_USE;
/* o NULL: the data could not be read; the image's own verdicts are given all the same. */
int check_apply_image(struct session *s, const struct odj *o, const struct buf *binary,
                      struct apply_target *t, struct err *e) MUST_USE;
/* --recover with offline.image: *handled is set, and the change of that system that was interrupted
 * is undone or finished. */
int apply_recover(struct session *s, struct engine_msg *done, bool *handled,
                  struct err *e) MUST_USE;

int recover_target(struct session *s, struct engine_msg *done,
                   struct err *e) MUST_USE; /* recover.c: what the session's target has */

/*
 * The data was read and odj_check()ed: steps OPEN and INSPECT are reported. `target` is a Linux
 * root: the session's own (under --root, or the running system with PROVISION_ONLINE_CALLER, as
 * root) or one opened for offline.image. Lock and journal are the callee's; so is undoing.
 */
int apply_linux(struct session *s, const struct odj *o, struct host *target,
                struct engine_msg *done, struct err *e) MUST_USE;
int plan_apply_linux(struct session *s, const struct odj *o, struct host *target,
                     struct err *e) MUST_USE;
/* Verdicts; a failed one is no error. */
int check_apply_linux(struct session *s, const struct odj *o, struct host *target,
                      struct err *e) MUST_USE;

#endif
