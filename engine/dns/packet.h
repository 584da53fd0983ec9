/* Private to this folder: which question a response answers, and how. */
#ifndef JOINERY_DNS_PACKET_H
#define JOINERY_DNS_PACKET_H

#include "engine/dns/dns.h"

struct dns_peeked {
    char name[DNS_NAME_MAX];
    unsigned type;
    int rcode;
};
bool dns_peek(const unsigned char *msg, size_t len, struct dns_peeked *ret);

#endif
