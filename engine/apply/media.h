/*
 * Removable volumes that nobody mounted, mounted here to be read: in a folder that root alone may
 * enter, read-only, without programs, devices and links, and not for longer than the session. For a
 * first boot only, where nobody is there who could mount a stick. Private to the engine's flows.
 */
#ifndef JOINERY_APPLY_MEDIA_H
#define JOINERY_APPLY_MEDIA_H

#include "engine/flow/session.h"

#define MEDIA_DIR "/run/joinery/media"
#define MEDIA_MAX 16

/* Where the device's file system lies now; malloc'ed, NULL when it cannot be mounted. fstype: as
 * volume_fstype() and udev name it; others than those of sticks, cards and discs are left alone. */
char *media_mount(struct session *s, const char *device, const char *fstype);
/* Unmounts what this session mounted, and what one that was killed left there. */
void media_release(struct session *s);

#endif
