/*
 * Comma-separated values (RFC 4180), as spreadsheets write them: comma, semicolon or tab, which the
 * first line tells; UTF-8 with or without a mark, UTF-16 with one; either end of line; a first line
 * "sep=;" as Excel has it; empty lines are passed over. Pure. (libcsv of Debian knows neither the
 * place of a cell in the file nor UTF-16, and keeps no limits.)
 *
 * Errors are LIST_BROKEN (87) with FACT_LINE and, where one is meant, FACT_PLACE "column 3".
 */
#ifndef JOINERY_MODEL_CSV_H
#define JOINERY_MODEL_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/strv.h"

#define CSV_BYTES_MAX   (8u << 20)
#define CSV_ROWS_MAX    20000u
#define CSV_COLUMNS_MAX 64u
#define CSV_CELL_MAX    4096u

struct csv_row {
    unsigned line; /* where it begins, from 1 */
    struct strv cells;
};

struct csv {
    char separator;
    struct csv_row header;
    struct csv_row *rows;
    size_t n;
};

/* Cells are UTF-8 without blanks around them; quoted ones as they are. A row may be shorter than
 * the header; a longer one is refused unless what is too much is empty. *ret is emptied on failure.
 */
int csv_read(const void *data, size_t len, struct csv *ret, struct err *e) MUST_USE;
void csv_free(struct csv *c);
/* The cell below a header, which is compared without case; "" when there is none. */
const char *csv_cell(const struct csv *c, size_t row, const char *column);

/* One line, ended by CR LF; cells are quoted where they have to be. NULL is empty. For people and
 * their spreadsheets: an apostrophe stands before what those would take for a formula. */
void csv_put(struct buf *b, char separator, const char *const *cells, size_t n);

#endif
