#include "engine/tables/steps.h"

#include <stddef.h>

#include "engine/base/macro.h"
#include "engine/tables/options.h"

/* With a membership to keep or to end; with a controller to speak to. */
#define STEP_MEMBER (FLAG_FOR_JOIN | FLAG_FOR_RENAME | FLAG_FOR_ROTATE)
#define STEP_NET    (STEP_MEMBER | FLAG_FOR_PROVISION)
#define STEP_ALL    (STEP_MEMBER | FLAG_FOR_LEAVE | FLAG_FOR_WORKGROUP | FLAG_FOR_APPLY)

static const struct step_row rows[] = {
#define STEP(id, number, word, kind, ops, label) {number, word, kind, ops, label},
#include "engine/tables/steps.def"
#undef STEP
};

const struct step_row *step_row(enum step s)
{
    return (unsigned)s < STEP__COUNT ? &rows[s] : NULL;
}
