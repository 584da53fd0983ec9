/* Registry.pol: the registry settings of a group policy, [MS-GPREG] 2.2.1. Pure. */
#ifndef JOINERY_WIRE_POL_H
#define JOINERY_WIRE_POL_H

#include "engine/wire/odj.h"

#define POL_HKLM 0x80000002u /* HKEY_LOCAL_MACHINE, the root of a computer's policies */

/* data[0..len): the whole file, of a policy's Machine folder. ret is filled with its settings in
 * their order, with source `source` and root POL_HKLM; emptied on failure. Error: POLICY_FILE_BAD
 * with the place in bytes. */
int pol_read(const void *data, size_t len, const char *source, struct odj_policy_list *ret,
             struct err *e) MUST_USE;
void pol_free(struct odj_policy_list *l);

#endif
