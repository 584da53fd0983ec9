/* The answers and the flags; rows in options.def and flags.def. */
#ifndef JOINERY_TABLES_OPTIONS_H
#define JOINERY_TABLES_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum opt {
#define OPTION(id, section, key, type, def, choices, label, help) OPT_##id,
#include "engine/tables/options.def"
#undef OPTION
#define FLAG(id, value, ops, def, label, effect) OPT_FLAG_##id,
#include "engine/tables/flags.def"
#undef FLAG
    OPT__COUNT
};
#define OPT__FIRST_FLAG OPT_FLAG_JOIN_DOMAIN

/* The bits under their Windows names. */
enum {
#define FLAG(id, value, ops, def, label, effect) NETSETUP_##id = (int)(value),
#include "engine/tables/flags.def"
#undef FLAG
};

enum opt_type { OPT_TEXT, OPT_BOOL, OPT_CHOICE, OPT_LIST, OPT_FILE, OPT_NAME, OPT_SECRETFILE };

/* The operations, as bits: which flags and which steps belong to them. A workgroup is joined with
 * the join's flags (NetJoinDomain). */
enum flag_ops {
    FLAG_FOR_JOIN = 1,
    FLAG_FOR_LEAVE = 2,
    FLAG_FOR_PROVISION = 4,
    FLAG_FOR_APPLY = 8,
    FLAG_FOR_RENAME = 16,
    FLAG_FOR_WORKGROUP = 32,
    FLAG_FOR_ROTATE = 64,
    FLAG_FOR_REPAIR = 128
};

struct opt_row {
    const char *section, *key;
    enum opt_type type;
    const char *def;
    const char *choices;      /* words separated by blanks, "" when free */
    const char *label, *help; /* msgids */
};
const struct opt_row *opt_row(enum opt o);
/* -1 when there is no such option. */
int opt_find(const char *section, const char *key);
bool opt_section_known(const char *section);
/* The known key nearest to a mistyped one: "section.key", or NULL when none is near. */
const char *opt_nearest(const char *section, const char *key);

struct flag_row {
    enum opt opt;
    const char *symbol; /* NETSETUP_... */
    uint32_t value;
    unsigned ops;
    const char *label, *effect; /* msgids */
};
size_t flag_count(void);
const struct flag_row *flag_at(size_t i);
const struct flag_row *flag_of(enum opt o); /* NULL for an option that is no flag */

#endif
