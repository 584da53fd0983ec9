/*
 * Has liblber wipe every block that it frees or moves: the encoded form of an add or modify holds a
 * copy of the new machine password until the message has been sent.
 */
#ifndef JOINERY_BER_BER_MEM_H
#define JOINERY_BER_BER_MEM_H

/* Before the first use of liblber or libldap in the process; later calls have no effect. Returns 0,
 * or -1 when liblber had been used already and goes on with its own functions. */
int ber_mem_wipe_on_free(void);

#endif
