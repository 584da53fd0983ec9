/* What --first-boot does outside of the wizard's pages. */
#ifndef JOINERY_UI_APP_FIRSTBOOT_H
#define JOINERY_UI_APP_FIRSTBOOT_H

#include <stdbool.h>

#include "engine/model/settings.h"

/* Credentials of systemd that are used without being configured. */
#define FIRSTBOOT_PASSWORD   "joinery.password"
#define FIRSTBOOT_PASSPHRASE "joinery.passphrase"

/* Secrets from files and credentials. What is named and is not there is missing, which is no error:
 * somebody is asked for it. 0, or -1 with e. */
int firstboot_load(struct settings *s, struct err *e) MUST_USE;
/* Says on the console why nothing can be begun, and waits until somebody has read it: Enter, or
 * FIRST_FAILED_MS. SIGTERM and SIGHUP end the program as ever. */
void firstboot_refused(const struct err *e);
/* The system under root is a member of a domain already; says so on standard output, and wipes what
 * the start that made it one could not wipe any more. */
bool firstboot_enrolled(const char *root);
/* Where the name of data that is being applied, and has to be wiped then, outlives a power cut; the
 * unit looks for it as well. */
#define FIRSTBOOT_TO_WIPE "/var/lib/joinery/wipe"

/* Notes below root that the file `path` is to be wiped; overwrites and removes what was noted. A
 * failure is in the log; true: something was wiped. */
void firstboot_wipe_later(const char *root, const char *path);
bool firstboot_wipe_left(const char *root);

#endif
