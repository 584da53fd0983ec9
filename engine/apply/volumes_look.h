/*
 * One volume, looked at read only: is there a system on it, and are there files with provisioning
 * data? In a thread of its own, because a share whose server is gone, or a broken stick, answers
 * never. Private to engine/apply.
 */
#ifndef JOINERY_FLOW_VOLUMES_LOOK_H
#define JOINERY_FLOW_VOLUMES_LOOK_H

#include "engine/base/cancel.h"
#include "engine/views.h"

/* Fills kind, system, blobs and err of *v by what is at v->path. When it takes longer than `ms`,
 * v->err is VOLUME_SILENT and the rest stays unknown. -1: cancelled. */
#define VOLUME_LOOK_MS 6000
int volume_look(struct volume_view *v, int ms, const struct cancel *cancel, struct err *e) MUST_USE;

/* The work itself, in the calling thread; `stop` ends it early. */
struct volume_stop;
void volume_examine(struct volume_view *v, const struct volume_stop *stop);

/* Where an image has the provisioning data that its own first boot applies. */
#define VOLUME_OWN_DIR "/etc/joinery"

/* Of the first bytes of a device: the file system's name as mount(8) takes it, NULL when it is not
 * known. label: "" or the volume's name, cleaned. */
#define VOLUME_HEAD 2048
const char *volume_fstype(const unsigned char *head, size_t len, char label[64]);

#endif
