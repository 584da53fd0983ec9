/*
 * A list of machines to provision: the rows of a CSV file with the answers that the settings give
 * to all of them, patterns filled in, names and output files told apart. Pure.
 *
 * Columns, in any order: name; ou, description, output, password_file (all but one may be missing).
 * Patterns: {n} is the machine's number in the list from 1, {n:3} the same with at least three
 * digits; in output files also {name} and {ou} (the last part of the OU). The name may come from
 * machine.name as a pattern. Files that are not absolute lie in the folder of offline.output, the
 * default name {name}.odj too; without offline.output in the folder of the list; password files
 * always there.
 */
#ifndef JOINERY_MODEL_BATCH_LIST_H
#define JOINERY_MODEL_BATCH_LIST_H

#include "engine/base/err.h"
#include "engine/model/names.h"
#include "engine/model/settings.h"

struct batch_row {
    unsigned line; /* in the file */
    /* never NULL; name: as it will be, output and password_file: with their folder */
    char *name, *ou, *description, *output, *password_file;
    struct machine_names names; /* of the domain "invalid" until batch_list_set_domain() */
    struct err *err;            /* NULL: nothing stands against it; owned */
};

struct batch_list {
    struct batch_row *row;
    size_t n;
};

/* folder: where the list lies, "" for the present one. output_is_folder: offline.output names one.
 * Fails for the list as a whole (LIST_BROKEN, LIST_COLUMN, LIST_EMPTY, LIST_ANSWER); what is wrong
 * with one machine is in its row. *ret is emptied on failure. */
int batch_list_read(const void *data, size_t len, const struct settings *s, const char *folder,
                    bool output_is_folder, struct batch_list *ret, struct err *e) MUST_USE;
void batch_list_free(struct batch_list *l);
/* The full names, once the domain's is known. A computer must not be called like it. */
void batch_list_set_domain(struct batch_list *l, const char *dns, const char *netbios);
/* Keeps the first error of a row. */
void batch_row_fail(struct batch_row *r, const struct err *e);

#endif
