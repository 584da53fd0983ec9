/* The real implementation's own parts; private to engine/host. */
#ifndef JOINERY_HOST_HOST_LINUX_H
#define JOINERY_HOST_HOST_LINUX_H

#include "engine/host/host.h"

struct host_linux {
    struct host h; /* first */
    int rootfd;
};

static inline int host_rootfd(struct host *h)
{
    return ((struct host_linux *)h)->rootfd;
}

int host_linux_mount(struct host *h, const char *device, const char *fstype, const char *point,
                     struct err *e) MUST_USE;
int host_linux_umount(struct host *h, const char *point, struct err *e) MUST_USE;
int host_linux_exec(struct host *h, const struct host_cmd *cmd, struct host_result *ret,
                    struct err *e) MUST_USE;
int host_linux_write_new(struct host *h, const char *path, const struct host_meta *meta,
                         const char *label_from, const void *data, size_t len,
                         struct err *e) MUST_USE;
int host_linux_remove(struct host *h, const char *path, bool wipe, struct err *e) MUST_USE;
int host_linux_link(struct host *h, const char *from, const char *to, struct err *e) MUST_USE;
int host_linux_append(struct host *h, const char *path, const void *data, size_t len,
                      struct err *e) MUST_USE;

#endif
