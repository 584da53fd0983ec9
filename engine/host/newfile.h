/*
 * A file that gets its name only when it is complete: written beside its place under another name,
 * synced, then moved there. For one secret of its own: mode 0600. In the running system only.
 */
#ifndef JOINERY_HOST_NEWFILE_H
#define JOINERY_HOST_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/err.h"
#include "engine/base/macro.h"

struct newfile {
    int dir, fd; /* -1 = none */
    char *name;  /* in the directory */
    char *temp;  /* the same, while it is written */
    bool replace;
    bool exposed; /* the file system does not keep it from others (FAT) */
};
#define NEWFILE_INIT ((struct newfile){.dir = -1, .fd = -1})

/* Makes the temporary file ".NAME.new" and reserves `room` bytes. Nothing may stand at `path`
 * unless `replace`, and then no directory. -1 with errno: EEXIST, EISDIR, ENOSPC, EBUSY when
 * another process is at it. One that a killed process left is taken over. */
int newfile_open(struct newfile *f, const char *path, bool replace, size_t room) MUST_USE;
/* Could it be opened? Nothing is written. */
int newfile_look(const char *path, bool replace) MUST_USE;
/* Contents, sync, name. What came to stand there meanwhile is not replaced: EEXIST. After a failure
 * newfile_drop() is still to be called. */
int newfile_keep(struct newfile *f, const void *data, size_t len) MUST_USE;
/* Wipes and removes what was not kept. An empty one is fine. */
void newfile_drop(struct newfile *f);

#endif
