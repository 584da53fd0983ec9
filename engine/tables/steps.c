#include "engine/tables/steps.h"

#include <stddef.h>

#include "engine/base/macro.h"

static const struct step_row rows[] = {
#define STEP(id, number, word, kind, label) {number, word, kind, label},
#include "engine/tables/steps.def"
#undef STEP
};

const struct step_row *step_row(enum step s)
{
    return (unsigned)s < STEP__COUNT ? &rows[s] : NULL;
}
