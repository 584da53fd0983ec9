/* A change and its journal; private to engine/image. */
#ifndef JOINERY_IMAGE_CHANGE_INT_H
#define JOINERY_IMAGE_CHANGE_INT_H

#include "engine/image/image_change.h"

/* One file of a change, in memory as in the journal. */
struct change_item {
    char *path, *fresh, *backup; /* path, path.joinery-new, path.joinery-old */
    unsigned flags;
    bool had_old;
    uint64_t sum; /* of the new contents */
};
struct image_change {
    struct image *im;
    int lock; /* -1 = not held */
    char *dir, *journal;
    struct change_item items[IMAGE_FILES_MAX];
    size_t n;
    bool committing;
    bool exposed; /* image_exposed */
};

void image_point(const char *point); /* image_test_hook */

/* The memory and the lock of this image; LOCK_HELD (1791). */
int change_new(struct image *im, struct image_change **ret, struct err *e) MUST_USE;
void change_item_set(struct change_item *it, const char *path, unsigned flags, bool had_old,
                     uint64_t sum);

/* Writes the journal: from here on a crash is seen. */
int change_journal_write(struct image_change *c, struct err *e) MUST_USE;
int change_journal_commit(struct image_change *c, struct err *e) MUST_USE;
/* Fills c->items. n == 0: a journal that was not finished, so nothing had begun. */
int change_journal_read(struct image_change *c, struct err *e) MUST_USE;

/* Both can be repeated after a failure or a crash. */
int change_undo(struct image_change *c, struct err *e) MUST_USE;
int change_finish(struct image_change *c, struct err *e) MUST_USE;
/* Without a journal: the folder goes when it is empty. A crash leaves it so between making it and
 * the journal, or between removing the journal and it. */
int change_sweep(struct image_change *c, struct err *e) MUST_USE;

/* 0 when the file is still as it was seen (or nobody cares). IMAGE_CHANGED (32). */
int change_unseen(struct host *h, const struct image_file *f, struct err *e) MUST_USE;

/* Tells another version of a file, nothing more: a checksum of its first 16 KiB and its length. */
uint64_t change_sum(const void *data, size_t len);
/* Of a file. Absent: *ret_there false. */
int change_sum_file(struct host *h, const char *path, bool *ret_there, uint64_t *ret,
                    struct err *e) MUST_USE;
/* Access list, attributes and the like, from one file to another that was just written. ours: an
 * access list for the system and administrators only, where `from` shows that there are such. */
int change_attributes(struct host *h, const char *from, const char *to, bool ours,
                      struct err *e) MUST_USE;

#endif
