/* The single checks of --check and status; rows in checks.def. */
#ifndef JOINERY_TABLES_CHECKS_H
#define JOINERY_TABLES_CHECKS_H

enum check {
#define CHECK(id, word, label) CHECK_##id,
#include "engine/tables/checks.def"
#undef CHECK
    CHECK__COUNT
};

const char *check_word(enum check c);  /* as in events and logs */
const char *check_label(enum check c); /* msgid */

#endif
