/* Between the parts of engine/image; private to it. */
#ifndef JOINERY_IMAGE_IMAGE_INT_H
#define JOINERY_IMAGE_IMAGE_INT_H

#include "engine/hive/hive.h"
#include "engine/image/image_change.h"

/* From SYSTEM, whose handle stays the caller's: everything that it tells. -1: it is not a SYSTEM
 * hive. */
int image_read_system(struct image *im, struct hive *h, struct err *e) MUST_USE;
/* From SOFTWARE and SECURITY; one that is absent or cannot be read leaves things unknown. */
void image_read_software(struct image *im);
void image_read_security(struct image *im);
/* SYSTEM as a checked copy in memory, refused when its logs have more than it. The handle is kept
 * with the image while the file stays the same; taken, it is the caller's to change and close. */
int image_load_system(struct image *im, struct hive **ret, struct err *e) MUST_USE;
int image_take_system(struct image *im, struct hive **ret, struct image_seen *ret_seen,
                      struct err *e) MUST_USE;
void image_unload(struct image *im);
int image_see_open(int fd, const char *path, struct image_seen *ret, struct err *e) MUST_USE;
bool image_same(const struct image_seen *a, const struct image_seen *b);
/* The files of our own in the image: <config>/joinery/<name>, malloc'ed. */
char *image_own_path(const struct image *im, const char *name);

#endif
