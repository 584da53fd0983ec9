/*
 * The code table: every code that any operation can end with, in words. Rows stand in codes.def;
 * causes.def refines a code where one number has several reasons that call for different advice.
 * Numbers and symbols: [MS-ERREF] 2.2, lmerr.h, winerror.h.
 */
#ifndef JOINERY_TABLES_CODES_H
#define JOINERY_TABLES_CODES_H

#include <stddef.h>
#include <stdint.h>

/* Who can act on it. */
enum who {
    WHO_NOBODY,
    WHO_YOU,
    WHO_CREDENTIALS,
    WHO_DIRECTORY,
    WHO_NETWORK,
    WHO_MACHINE,
    WHO_DEVELOPER,
};

enum cause {
    CAUSE_NONE,
#define CAUSE(id, number, what, why, next) CAUSE_##id,
#include "engine/tables/causes.def"
#undef CAUSE
    CAUSE__COUNT
};

/* The numbers under their Windows names, e.g. CODE_NERR_UserExists. */
enum {
#define CODE(number, symbol, who, what, why, next) CODE_##symbol = (int)(number),
#include "engine/tables/codes.def"
#undef CODE
};

/* Texts are msgids: the user interface translates them. */
struct code_row {
    uint32_t number;
    const char *symbol;
    enum who who;
    const char *what, *why, *next;
};

size_t code_count(void);
const struct code_row *code_at(size_t i);
const struct code_row *code_find(uint32_t number); /* NULL when unknown */
/* "2224", "0x8B0", "NERR_UserExists" (any case). NULL when unknown. */
const struct code_row *code_parse(const char *text);
const char *code_symbol(uint32_t number); /* "ERROR_UNKNOWN" when not in the table */

struct cause_row {
    const char *id;
    uint32_t number;
    const char *what, *why, *next;
};
uint32_t cause_code(enum cause cause);
const struct cause_row *cause_row(enum cause cause); /* NULL for CAUSE_NONE */

#endif
