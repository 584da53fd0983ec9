/* Labels of the facts attached to errors, verdicts and review lines; rows in facts.def. */
#ifndef JOINERY_TABLES_FACTS_H
#define JOINERY_TABLES_FACTS_H

enum fact {
#define FACT(id, label) FACT_##id,
#include "engine/tables/facts.def"
#undef FACT
    FACT__COUNT
};

const char *fact_label(enum fact f); /* msgid */

#endif
