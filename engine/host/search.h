/*
 * Looking through a volume for files by their content, read only: one file system, no links, and
 * bounded in files, folders, depth and time. Access times stay as they are where the kernel allows
 * it.
 */
#ifndef JOINERY_HOST_SEARCH_H
#define JOINERY_HOST_SEARCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEARCH_HEAD 4096 /* bytes from the beginning of each file */

struct search {
    const char *root;
    unsigned depth; /* 0: the files of the root only */
    unsigned files_max, folders_max;
    uint64_t size_min, size_max; /* of the files that are looked at */
    int time_ms;
    const atomic_bool *stop;                                      /* may be NULL */
    bool (*enter)(void *arg, const char *folder, unsigned depth); /* by its name; NULL: all */
    /* path: absolute, below root. False ends the search. */
    bool (*found)(void *arg, const char *path, const void *head, size_t len);
    void *arg;
};

/* False: a bound was reached, or the root cannot be read. */
bool host_search(const struct search *s);

/* The first bytes of a block device; 0 when there is no medium or it may not be read. */
size_t host_peek_device(const char *node, unsigned char *ret, size_t len);

#endif
