/* What the target system says about itself: os-release(5). */
#ifndef JOINERY_FLOW_OSINFO_H
#define JOINERY_FLOW_OSINFO_H

#include "engine/host/host.h"

/* The value of a key such as PRETTY_NAME, without its quotes; malloc'ed, "" when it is not there.
 * At most 200 bytes, no control characters. */
char *os_release_value(struct host *h, const char *key);

#endif
