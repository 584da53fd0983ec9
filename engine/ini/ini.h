/*
 * Reading and writing wizard.ini (reading through libini_config, which no other folder sees).
 *
 * The format: UTF-8, an optional byte order mark; "[section]"; "key = value", blanks around both
 * trimmed; a line whose first character is ';' or '#' is a comment, anywhere else the two are part
 * of the value; no continuation lines, no quoting: a value is the rest of its line. Keys and
 * sections are compared without regard to ASCII case.
 */
#ifndef JOINERY_INI_INI_H
#define JOINERY_INI_INI_H

#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"

#define INI_MAX      (256u << 10) /* bytes in a file */
#define INI_LINE_MAX 4096         /* bytes in a line */

struct ini_item {
    char *section, *key, *value; /* value "" when nothing follows "=" */
    unsigned line;
};

struct ini_doc {
    struct ini_item *items; /* in the order of the file */
    size_t n;
};

/* `name` is used in facts. Errors: CAUSE_CONFIG_SYNTAX with FACT_FILE, FACT_LINE, FACT_DETAIL: not
 * UTF-8, control characters, over-long, a line that is neither, a key outside a section, a key or
 * section twice. */
int ini_read(const void *data, size_t len, const char *name, struct ini_doc *ret,
             struct err *e) MUST_USE;
void ini_free(struct ini_doc *d);
const char *ini_get(const struct ini_doc *d, const char *section,
                    const char *key); /* NULL when absent */

/* Writer. A value that would not read back the same (line breaks, control characters, blanks at the
 * ends) is refused: -1, nothing written. Never give it a secret. */
void ini_write_comment(struct buf *b, const char *text); /* one "; " line for each line of text */
void ini_write_section(struct buf *b, const char *name);
int ini_write_value(struct buf *b, const char *key, const char *value) MUST_USE;

#endif
