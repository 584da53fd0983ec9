/* An image, provisioning data for it, and the jobs on both: what the tests of applying to images
 * share. */
#ifndef JOINERY_TESTS_APPLY_SETUP_H
#define JOINERY_TESTS_APPLY_SETUP_H

#include "engine/image/unattend.h"
#include "engine/offline/offline.h"
#include "tests/unit/image_tree.h"
#include "tests/unit/scratch.h"

#define URN "urn:schemas-microsoft-com:unattend"
/* An answer file of somebody else's. */
#define SPECIALIZE                                                                                 \
    "<?xml version=\"1.0\"?>\n<unattend xmlns=\"" URN "\"><settings pass=\"specialize\">"          \
    "<component name=\"X\">1</component></settings></unattend>\n"

struct apply_setup {
    char *root, *image_option;
    struct buf data;
    struct buf base64; /* of the data: the canary */
    struct said said;
};

/* image_state: as for tree_make(), or NULL for an empty folder. */
void apply_begin(struct apply_setup *t, const char *image_state);
void apply_end(struct apply_setup *t);
void apply_job_with(struct apply_setup *t, enum job job, const char *more);
void apply_job(struct apply_setup *t, enum job what);
bool apply_said(const struct strv *list, const char *line);
char *apply_picture(const struct apply_setup *t, const char *but);
void apply_expect_answer(const struct apply_setup *t, const char *path);

#endif
