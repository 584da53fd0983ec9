/*
 * Has every larger block that is freed overwritten: the encoded form of an add or modify holds a copy of the new
 * machine password until the message has been sent, and libldap frees it as it is.
 */
#ifndef JOINERY_BER_BER_MEM_H
#define JOINERY_BER_BER_MEM_H

/* Before any thread starts. Returns 0, or -1 when the C library cannot do it. */
int ber_mem_wipe_on_free(void);

#endif
