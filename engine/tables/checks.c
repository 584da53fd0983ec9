#include "engine/tables/checks.h"

#include "engine/base/macro.h"

static const struct {
    const char *word, *label;
} rows[] = {
#define CHECK(id, word, label) {word, label},
#include "engine/tables/checks.def"
#undef CHECK
};

const char *check_word(enum check c)
{
    return (unsigned)c < CHECK__COUNT ? rows[c].word : "";
}

const char *check_label(enum check c)
{
    return (unsigned)c < CHECK__COUNT ? rows[c].label : "";
}
