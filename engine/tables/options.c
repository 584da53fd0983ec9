#include "engine/tables/options.h"

#include <string.h>

#include "engine/base/macro.h"
#include "engine/base/strv.h"

#define YESNO(def) ((def) ? "yes" : "no")

/* A flag's key is its id, written in lower case in files; keys are compared without regard to case.
 */
static const struct opt_row rows[] = {
#define OPTION(id, section, key, type, def, choices, label, help)                                  \
    {section, key, OPT_##type, def, choices, label, help},
#include "engine/tables/options.def"
#undef OPTION
#define FLAG(id, value, ops, def, label, effect)                                                   \
    {"options", #id, OPT_BOOL, YESNO(def), "", label, effect},
#include "engine/tables/flags.def"
#undef FLAG
};

static const struct flag_row flags[] = {
#define FLAG(id, value, ops, def, label, effect)                                                   \
    {OPT_FLAG_##id, "NETSETUP_" #id, value, ops, label, effect},
#include "engine/tables/flags.def"
#undef FLAG
};

const struct opt_row *opt_row(enum opt o)
{
    return (unsigned)o < OPT__COUNT ? &rows[o] : NULL;
}

int opt_find(const char *section, const char *key)
{
    for (int i = 0; i < OPT__COUNT; i++) {
        if (str_eq(rows[i].section, section) && str_ieq(rows[i].key, key))
            return i;
    }
    return -1;
}

bool opt_section_known(const char *section)
{
    for (int i = 0; i < OPT__COUNT; i++) {
        if (str_eq(rows[i].section, section))
            return true;
    }
    return false;
}

#define WORD_MAX 64

/* Levenshtein distance of two short words, ASCII case folded. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[WORD_MAX + 1];
    if (n > WORD_MAX || m > WORD_MAX)
        return WORD_MAX;
    for (size_t j = 0; j <= m; j++)
        row[j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t diag = row[0];
        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t up = row[j];
            size_t best = diag + ((a[i - 1] | 32) != (b[j - 1] | 32));
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diag = up;
        }
    }
    return row[m];
}

/* No typing error explains it: somebody took a section's name for a key ("enrollment.domain"), or
 * meant a key of that section. -1: neither. */
static int likely(const char *section, const char *key)
{
    size_t best = WORD_MAX;
    int found = -1;
    for (int i = 0; i < OPT__COUNT; i++) {
        if (str_ieq(rows[i].section, key))
            return i;
    }
    for (int i = 0; i < OPT__COUNT; i++) {
        size_t d = distance(rows[i].key, key);
        if (str_ieq(rows[i].section, section) && d < best) {
            best = d;
            found = i;
        }
    }
    return found;
}

const char *opt_nearest(const char *section, const char *key)
{
    static _Thread_local char name[2 * WORD_MAX];
    size_t best = 4;
    int found = -1;
    for (int i = 0; i < OPT__COUNT; i++) {
        size_t d = distance(rows[i].key, key) + 2 * (distance(rows[i].section, section) != 0);
        if (str_ieq(rows[i].key, key))
            d = 0; /* the right key in the wrong section */
        if (d < best) {
            best = d;
            found = i;
        }
    }
    if (found < 0)
        found = likely(section, key);
    if (found < 0)
        return NULL;
    size_t s = strlen(rows[found].section), k = strlen(rows[found].key);
    memcpy(name, rows[found].section, s);
    name[s] = '.';
    memcpy(name + s + 1, rows[found].key, k + 1);
    str_lower(name);
    return name;
}

size_t flag_count(void)
{
    return ARRAY_SIZE(flags);
}

const struct flag_row *flag_at(size_t i)
{
    return i < ARRAY_SIZE(flags) ? &flags[i] : NULL;
}

const struct flag_row *flag_of(enum opt o)
{
    return o >= OPT__FIRST_FLAG && o < OPT__COUNT ? &flags[o - OPT__FIRST_FLAG] : NULL;
}
