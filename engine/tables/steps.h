/* The numbered steps of the operations; rows in steps.def. */
#ifndef JOINERY_TABLES_STEPS_H
#define JOINERY_TABLES_STEPS_H

enum step {
#define STEP(id, number, word, kind, ops, label) STEP_##id,
#include "engine/tables/steps.def"
#undef STEP
    STEP__COUNT
};

enum step_kind { STEP_READ, STEP_DIRECTORY, STEP_LOCAL };

struct step_row {
    int number;
    const char *word;
    enum step_kind kind;
    unsigned ops;      /* FLAG_FOR_...: the operations that list it beforehand */
    const char *label; /* msgid */
};
const struct step_row *step_row(enum step s);

#endif
