/* Places for the program's own files: below the root that it acts on, and never outside of it,
 * whatever links that root holds. */
#ifndef JOINERY_UI_APP_PLACE_H
#define JOINERY_UI_APP_PLACE_H

#include <sys/types.h>

/* Opens the directory of `path` (absolute, as seen from inside root), making its last part with
 * `mode` when it is missing. *name is the last part of path, inside path. Returns a descriptor, or
 * -1 with errno. */
int place_dir(const char *root, const char *path, mode_t mode, const char **name);

#endif
