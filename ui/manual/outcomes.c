/* What each call returns, and when: made from the matrix that the tests run. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/macro.h"
#include "engine/tables/codes.h"
#include "ui/manual/manual.h"

static const struct outcome {
    const char *call;
    uint32_t code;
    const char *situation; /* "" where an earlier row of the same code says it */
} outcomes[] = {
#define OUTCOME(call, flags, machine, account, rights, reach, more, code, situation)               \
    {#call, code, situation},
#include "tests/outcomes/outcomes.def"
#undef OUTCOME
};

static bool first_of_call(size_t i)
{
    return i == 0 || strcmp(outcomes[i - 1].call, outcomes[i].call) != 0;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
    return a->code == b->code && strcmp(a->call, b->call) == 0;
}

/* The lowest code of the call that is above `last`; NULL when there is none. */
static const struct outcome *next_code(const char *call, int64_t last)
{
    const struct outcome *found = NULL;
    for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
        const struct outcome *o = &outcomes[i];
        if (strcmp(o->call, call) == 0 && (int64_t)o->code > last &&
            (!found || o->code < found->code))
            found = o;
    }
    return found;
}

static void one_code(const struct outcome *o)
{
    const struct code_row *row = code_find(o->code);
    printf(o->code > 0xffff ? ".TP\n.B 0x%x %s\n" : ".TP\n.B %u %s\n", o->code,
           row ? row->symbol : "");
    for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
        if (same(o, &outcomes[i]) && *outcomes[i].situation)
            text(outcomes[i].situation);
    }
}

void page_outcomes(void)
{
    puts(".SH \"RETURN VALUE\"");
    text("A system error code. Those below were all seen in tests; joinery(8) lists every code "
         "there "
         "is, with what to do about it.");
    for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++) {
        int64_t last = -1;
        if (!first_of_call(i))
            continue;
        printf(".SS %s\n", outcomes[i].call);
        for (const struct outcome *o; (o = next_code(outcomes[i].call, last)); last = o->code)
            one_code(o);
    }
}
