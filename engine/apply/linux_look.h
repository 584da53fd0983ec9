/* A Linux root seen from outside, for lists and screens. Private to engine/apply. */
#ifndef JOINERY_FLOW_LINUX_LOOK_H
#define JOINERY_FLOW_LINUX_LOOK_H

#include "engine/host/host.h"
#include "engine/views.h"

bool linux_is_root(struct host *h);
/* kind SYSTEM_LINUX, path ""; err: a member of a domain (2691) or a controller (50). The strings
 * are the caller's. */
void linux_look(struct host *h, struct image_view *ret);

#endif
