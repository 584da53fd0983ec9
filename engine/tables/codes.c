#include "engine/tables/codes.h"

#include <stdlib.h>

#include "engine/base/macro.h"
#include "engine/base/strv.h"

static const struct code_row codes[] = {
#define CODE(number, symbol, who, what, why, next)                                                 \
    {(uint32_t)(number), #symbol, who, what, why, next},
#include "engine/tables/codes.def"
#undef CODE
};

static const struct cause_row causes[] = {
    {NULL, 0, NULL, NULL, NULL},
#define CAUSE(id, number, what, why, next) {#id, (uint32_t)(number), what, why, next},
#include "engine/tables/causes.def"
#undef CAUSE
};

size_t code_count(void)
{
    return ARRAY_SIZE(codes);
}

const struct code_row *code_at(size_t i)
{
    return i < ARRAY_SIZE(codes) ? &codes[i] : NULL;
}

const struct code_row *code_find(uint32_t number)
{
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        if (codes[i].number == number)
            return &codes[i];
    }
    return NULL;
}

const struct code_row *code_parse(const char *text)
{
    char *end;
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        if (str_ieq(codes[i].symbol, text))
            return &codes[i];
    }
    if (text[0] < '0' || text[0] > '9')
        return NULL;
    unsigned long n = strtoul(text, &end, text[1] == 'x' || text[1] == 'X' ? 16 : 10);
    if (*end || n > UINT32_MAX)
        return NULL;
    return code_find((uint32_t)n);
}

const char *code_symbol(uint32_t number)
{
    const struct code_row *row = code_find(number);
    return row ? row->symbol : "ERROR_UNKNOWN";
}

uint32_t cause_code(enum cause cause)
{
    return (unsigned)cause < ARRAY_SIZE(causes) ? causes[cause].number : 0;
}

const struct cause_row *cause_row(enum cause cause)
{
    if (cause == CAUSE_NONE || (unsigned)cause >= ARRAY_SIZE(causes))
        return NULL;
    return &causes[cause];
}
