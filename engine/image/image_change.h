/*
 * Changing files of an image so that a crash at any moment leaves each of them old or new,
 * complete, and the next run can clean up. All new files are written beside their targets first,
 * synced, with the attributes of the files they replace; then each is renamed over its target in
 * the order given: the last one is the one that makes the change count. The old files stay beside
 * as backups until image_commit().
 *
 * A journal (names and checksums, no secrets) in <Windows>/System32/config/joinery says what to
 * clean up. That folder goes with it unless a file was put into it.
 */
#ifndef JOINERY_IMAGE_CHANGE_H
#define JOINERY_IMAGE_CHANGE_H

#include <time.h>

#include "engine/image/image.h"

/* Our folder below image.config. */
#define IMAGE_DIR "joinery"

enum image_file_flags {
    /* Holds a password: 0600, on NTFS an access list for administrators and the system only; wiped
     * when removed. */
    IMAGE_FILE_SECRET = 1,
    /* Nobody looks at it before a later file of the list is in place: written under its own name.
     */
    IMAGE_FILE_DIRECT = 2,
    /* Owner and mode of the SYSTEM hive, the access list as above; not secret. */
    IMAGE_FILE_SYSTEM = 4,
    /* The directory it lies in is made for it, and goes with it when nothing else is in there. */
    IMAGE_FILE_FOLDER = 8,
};

#define IMAGE_FILES_MAX 8

/* What tells one state of a file from another. No inode: some network file systems invent them. */
struct image_seen {
    bool there;
    off_t size;
    struct timespec changed, status; /* mtime, ctime */
};
int image_see(struct host *h, const char *path, struct image_seen *ret, struct err *e) MUST_USE;

struct image_file {
    const char
        *path; /* absolute inside image.host; its directory must exist, be IMAGE_DIR or be made */
    const void *data; /* must stay until image_put() has returned */
    size_t len;
    unsigned flags;
    /* How it was when `data` was made from it; NULL: it does not depend on that. */
    const struct image_seen *seen;
};

struct image_change;

/*
 * Writes and switches all files, in order. On failure everything is as before (or, if even that
 * fails, as far as possible, with FACT_LEFT in *e, and image_recover() has to be called again).
 * A file that is not as it was seen any more: IMAGE_CHANGED (32).
 * Another running change of this image: LOCK_HELD (1791); an interrupted one: IMAGE_INTERRUPTED.
 */
int image_put(struct image *im, const struct image_file *files, size_t n,
              const struct cancel *cancel, struct image_change **ret, struct err *e) MUST_USE;
/* The mount does not keep the secret files' mode: other users of this machine can read them. */
bool image_exposed(const struct image_change *c);
/* Drops the backups and the journal. From its first write on there is no way back: it can be
 * repeated, and image_recover() finishes it. */
int image_commit(struct image_change *c, struct err *e) MUST_USE;
/* Puts the old files back. Can be repeated. */
int image_undo(struct image_change *c, struct err *e) MUST_USE;
void image_change_free(struct image_change *c); /* only the memory and the lock; NULL is fine */

bool image_interrupted(const struct image *im);
/* 0: no change of this image is there. One that was interrupted: IMAGE_INTERRUPTED; one that is
 * under way: LOCK_HELD. */
int image_undisturbed(const struct image *im, struct err *e) MUST_USE;
enum image_recovered { IMAGE_NOTHING_TO_DO, IMAGE_UNDONE, IMAGE_FINISHED };
/*
 * Cleans up after a crash: undoes, or finishes a commit that was begun. A file that somebody
 * (Windows, most likely) has changed since is left as it is. Needs image_open() only.
 */
int image_recover(struct image *im, enum image_recovered *ret, struct err *e) MUST_USE;

/* For tests: called at each point where a crash would leave another state. */
extern void (*image_test_hook)(const char *point);

#endif
