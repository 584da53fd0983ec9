/* A Linux root seen from outside, for lists and screens. Private to engine/apply. */
#ifndef JOINERY_FLOW_LINUX_LOOK_H
#define JOINERY_FLOW_LINUX_LOOK_H

#include "engine/host/host.h"
#include "engine/views.h"

bool linux_is_root(struct host *h);
/* where: the root's path, for the command that is shown. kind SYSTEM_LINUX, path ""; err: a member
 * of a domain (2691) or a controller (50). The strings are the caller's. */
void linux_look(struct host *h, const char *where, struct image_view *ret);
/* What takes that system out of its domain. The caller frees it. */
char *linux_leave_command(struct host *h, const char *where);

#endif
