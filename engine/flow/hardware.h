/*
 * What tells the running machine apart from others: its firmware's data (SMBIOS, by the kernel
 * under /sys/class/dmi/id; a device tree's on other boards) and the address of a network card.
 * Never one of a bridge, bond, tunnel or container. Read through the host; nothing is changed.
 */
#ifndef JOINERY_FLOW_HARDWARE_H
#define JOINERY_FLOW_HARDWARE_H

#include "engine/host/host.h"

#define HARDWARE_ID 16

/* "serial", "mac", "product"; malloc'ed, NULL when it is not known. A MAC address is that of the
 * card that the default route leads through, else of the first card. */
char *hardware_value(struct host *h, const char *word);
/* The beginning of a SHA-256 over everything that tells this machine apart: the same at every
 * start, whatever the network. False: nothing of it is known. */
bool hardware_id(struct host *h, unsigned char ret[HARDWARE_ID]);

#endif
