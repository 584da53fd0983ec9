/* A throw-away root directory for tests. */
#ifndef JOINERY_TESTS_SCRATCH_H
#define JOINERY_TESTS_SCRATCH_H

#include <sys/types.h>

char *scratch_new(void);       /* malloc'ed path */
void scratch_drop(char *root); /* removes everything, frees the path */
/* Writes a file, making its directories. */
void scratch_put(const char *root, const char *path, const char *text, mode_t mode);
char *scratch_get(const char *root, const char *path); /* malloc'ed, NULL when absent */
mode_t scratch_mode(const char *root, const char *path);
void scratch_link(const char *root, const char *target, const char *path);
void scratch_unlink(const char *root, const char *path);
/* Every file with mode and contents, every link and directory, one text, sorted; below `dir`,
 * without paths that start with `but` (may be NULL). malloc'ed. */
char *scratch_picture(const char *root, const char *dir, const char *but);

#endif
