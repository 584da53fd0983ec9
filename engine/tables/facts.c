#include "engine/tables/facts.h"

#include "engine/base/macro.h"

static const char *const labels[] = {
#define FACT(id, label) label,
#include "engine/tables/facts.def"
#undef FACT
};

const char *fact_label(enum fact f)
{
    return (unsigned)f < FACT__COUNT ? labels[f] : "";
}
