/*
 * Data that somebody hands in: a file of the running system, or standard input.
 */
#ifndef JOINERY_HOST_INPUT_H
#define JOINERY_HOST_INPUT_H

#include "engine/base/cancel.h"
#include "engine/host/host.h"

/* The whole of a file, or of standard input for "-": regular files and pipes only, never a terminal
 * or another device. A path that is not absolute is of the current directory. out is the caller's
 * empty buffer, whose max is the size cap (over it: EFBIG). Waiting for a pipe can be cancelled;
 * cancel may be NULL. Errors: FILE_READ_FAILED with errno. */
int host_input(struct host *here, const char *path, const struct cancel *cancel, struct buf *out,
               struct err *e) MUST_USE;

/* The absolute path that a person's path means: of the current directory, and without the ".." that
 * host_read() does not take. malloc'ed. */
char *host_input_path(const char *path);

#endif
