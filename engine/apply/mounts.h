/* What is mounted where, as the kernel tells it: /proc/self/mountinfo, proc(5). */
#ifndef JOINERY_FLOW_MOUNTS_H
#define JOINERY_FLOW_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/host/host.h"

#define MOUNTS_FILE "/proc/self/mountinfo"
#define MOUNTS_MAX  4096

struct mount {
    unsigned major, minor;
    char *root;    /* what of the file system is mounted: "/" or a folder of it */
    char *point;   /* where */
    char *options; /* of the mount, "rw,relatime" */
    char *fstype, *source;
    char *super; /* options of the file system */
    bool read_only;
};
struct mounts {
    struct mount *m; /* in the order of the kernel: later ones may hide earlier ones */
    size_t n;
};

/* Lines that are not understood are passed over, more than MOUNTS_MAX are cut. */
void mounts_parse(const char *text, struct mounts *ret);
int mounts_read(struct host *here, struct mounts *ret, struct err *e) MUST_USE;
void mounts_free(struct mounts *m);

#endif
