/*
 * Everything the wizard can show, one scene after another: each page, the help of each field, the
 * log, questions, prompts and details on top, results and errors of every cause, every check and
 * every step. For the pictures and the rules that hold in every language.
 */
#ifndef JOINERY_TESTS_SCENES_H
#define JOINERY_TESTS_SCENES_H

#include "tests/ui/drive.h"

/* The scene lives until the function returns; it may be drawn in any size and language. */
typedef void (*scene_fn)(void *ctx, const char *name, struct drive *d);
void scenes_each(scene_fn fn, void *ctx);

/* A page in its usual state. */
struct drive *scene_page(enum page p);

#endif
