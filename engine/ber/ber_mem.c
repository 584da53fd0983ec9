#include "engine/ber/ber_mem.h"

#include <malloc.h>

#define FREED 0x5a

/* liblber looks at its replaceable memory functions (LBER_OPT_MEMORY_FNS) only in calls with a
 * memory context, and libldap makes none. So the C library is told to overwrite what is freed; an
 * encoded message starts with 4 KB, which is above the sizes (1 KB) that the C library keeps aside
 * without doing so. */
int ber_mem_wipe_on_free(bool on)
{
    return mallopt(M_PERTURB, on ? FREED : 0) ? 0 : -1;
}
