/*
 * Has every larger block that is freed overwritten, for as long as that is switched on: the encoded
 * form of an add or modify holds a copy of the new machine password until the message has been
 * sent, and libldap frees it as it is. Only for that time, because it touches all memory that is
 * allocated or freed.
 */
#ifndef JOINERY_BER_BER_MEM_H
#define JOINERY_BER_BER_MEM_H

#include <stdbool.h>

/* Holds for the whole process. Returns 0, or -1 when the C library cannot do it. */
int ber_mem_wipe_on_free(bool on);

#endif
