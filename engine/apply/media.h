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

/* Where the device's file system lies now; malloc'ed, NULL when it cannot be mounted within ms
 * milliseconds, or when an earlier one is still held up. fstype: as volume_fstype() and udev name
 * it; others than those of sticks, cards and discs are left alone. */
char *media_mount(struct session *s, const char *device, const char *fstype, int ms);
/* Unmounts what this session mounted, and what one that was killed left there. */
void media_release(struct session *s);

/* media_try.c: mounts within ms, or leaves it to end unseen and undone (ETIMEDOUT). Who is held up
 * by the kernel holds s->here, so that media_end() closes that when it can. */
int media_try(struct session *s, const char *device, const char *type, const char *point, int ms,
              struct err *e) MUST_USE;
bool media_stuck(struct session *s);
void media_end(struct session *s);

#endif
