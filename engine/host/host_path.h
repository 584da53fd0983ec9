/* Opening paths inside a root directory; private to engine/host. */
#ifndef JOINERY_HOST_HOST_PATH_H
#define JOINERY_HOST_HOST_PATH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "engine/base/macro.h"

/* Absolute, no ".." and no empty component, no control characters, shorter than PATH_MAX. */
bool host_path_ok(const char *path);
/* As openat2 with RESOLVE_IN_ROOT. Returns a descriptor, or -1 with errno. O_CLOEXEC is always set.
 */
int host_path_open(int rootfd, const char *path, int flags) MUST_USE;
/* Opens the directory that holds the last component; *ret_base points into `path`. */
int host_path_parent(int rootfd, const char *path, const char **ret_base) MUST_USE;

/* The same for kernels and sandboxes without openat2: component by component, links resolved by
 * hand. */
int host_path_walk(int rootfd, const char *path, int flags) MUST_USE;
/* For tests: no openat2 here. Set by itself where the kernel says so. */
extern atomic_bool host_path_no_openat2;

#endif
