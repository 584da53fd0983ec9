/*
 * Texts edited through a named lens of libaugeas, which no other folder sees: what the lens keeps
 * (comments, blank lines, order, spelling of what is not touched) stays byte for byte. Only the
 * lens that is asked for is loaded, and no file of the system is read besides the lenses; one
 * handle for each thread, kept for later documents.
 *
 * Paths are augeas path expressions below the document, such as "target[. = 'sssd']/domains".
 */
#ifndef JOINERY_AUG_AUG_H
#define JOINERY_AUG_AUG_H

#include <stdbool.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/strv.h"

struct augt;

/* lens: "Sssd.lns". file: for facts. A text that the lens cannot read: CAUSE_FILE_UNPARSABLE with
 * FACT_FILE, FACT_LINE. A missing newline at the end is supplied. */
int augt_open(const char *lens, const char *file, const char *text, struct augt **ret,
              struct err *e) MUST_USE;
void augt_close(struct augt *a); /* NULL is fine */

/* Borrowed until the next change; NULL when there is none, or none with a value. */
const char *augt_get(struct augt *a, const char *path);
size_t augt_count(struct augt *a, const char *path);
/* Last path component without its number, of the n-th match counting from 0; malloc'ed, NULL when
 * absent. */
char *augt_label(struct augt *a, const char *path, size_t n);
/* Expression that names the n-th match alone, below the document; malloc'ed, NULL when absent. */
char *augt_nth(struct augt *a, const char *path, size_t n);

/* Changes are remembered as failed when they are impossible; augt_text says so. */
void augt_set(struct augt *a, const char *path, const char *value); /* NULL: no value */
void augt_insert(struct augt *a, const char *path, const char *label, bool before);
void augt_remove(struct augt *a, const char *path);

/* The text as it is now. */
int augt_text(struct augt *a, struct buf *ret, struct err *e) MUST_USE;

static inline void augt_closep(struct augt **p)
{
    augt_close(*p);
}
#define AUTOAUGT CLEANUP(augt_closep) struct augt *

#endif
