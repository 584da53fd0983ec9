/*
 * The way for an image that was set up already: Windows itself takes the data at its next boot. A
 * data file for djoin and a command script are put into the image, and HKLM\SYSTEM\Setup
 * (SetupType 2, CmdLine) has the script run once, as the system, before anybody logs on. The
 * script first of all puts the two values back, so that no failure can trap the machine in a loop;
 * then djoin takes the data, the data is overwritten and removed with the script, and the machine
 * restarts once if djoin was content. %SystemRoot%\debug\joinery.log tells what happened.
 */
#ifndef JOINERY_IMAGE_FIRSTBOOT_H
#define JOINERY_IMAGE_FIRSTBOOT_H

#include "engine/image/image_change.h"

#define FIRSTBOOT_DATA   "data.txt"
#define FIRSTBOOT_SCRIPT "firstboot.cmd"
#define FIRSTBOOT_LOG    "%SystemRoot%\\debug\\joinery.log"

/*
 * djoin_text: the file that djoin reads (OFFLINE_TEXT). The image was inspected, image_usable() and
 * image_choose() agreed. Commit or undo with *ret. Errors: HIVE_DAMAGED, HIVE_WRITE_FAILED and
 * those of image_put().
 */
int image_firstboot_put(struct image *im, const struct buf *djoin_text, const struct cancel *cancel,
                        struct image_change **ret, struct err *e) MUST_USE;
/* What that will change, for the review: one call for each file and registry value. object, detail
 * are the callee's to copy. */
typedef void image_change_fn(void *arg, const char *object, const char *what_msgid,
                             const char *detail);
void image_firstboot_plan(const struct image *im, image_change_fn *fn, void *arg);

#endif
