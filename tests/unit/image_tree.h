/* A small Windows image in a scratch directory, and the engine run on it without its thread. */
#ifndef JOINERY_TESTS_IMAGE_TREE_H
#define JOINERY_TESTS_IMAGE_TREE_H

#include "engine/engine.h"

#define TREE_GENERALIZED "IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE"
#define TREE_COMPLETE    "IMAGE_STATE_COMPLETE"

/* Windows, System32/config/SYSTEM, SOFTWARE, SECURITY, Panther below `root`. */
void tree_make(const char *root, const char *image_state);
void tree_put(const char *root, const char *path, const void *data, size_t len);

/* What one job said. Texts: "check verdict code" of each verdict, "object: what: detail" of each
 * change, "step state" of each step's end. */
struct said {
    struct err err, notice;
    bool undone;
    struct strv verdicts, changes, steps;
    struct strv volumes; /* "path kind system blobs..." */
    struct image_view image;
};
void said_free(struct said *s);
/* s: settings as "section.key=value", ends with NULL. input: provisioning data in memory, may be
 * NULL. root: of the session. */
void tree_job(enum job job, const char *root, const struct buf *input, const char *const *settings,
              struct said *ret);
/* Of the job that runs: for a test's hook to fire. */
extern struct cancel *tree_cancel;
/* The binary form of a sample for LAB-PC-042, with the canary password. */
void tree_data(struct buf *ret);

#endif
