/*
 * A domain controller's reply to the LDAP ping, decoded. Pure, hostile input: every string is
 * checked for length, UTF-8 and control characters. [MS-ADTS] 6.3.1.1-6.3.1.9, name
 * decompression 6.3.7.
 */
#ifndef JOINERY_WIRE_NETLOGON_H
#define JOINERY_WIRE_NETLOGON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/macro.h"

/* NETLOGON_NT_VERSION, 6.3.1.1 */
#define NETLOGON_V1                0x00000001u
#define NETLOGON_V5                0x00000002u
#define NETLOGON_V5EX              0x00000004u
#define NETLOGON_V5EX_WITH_IP      0x00000008u
#define NETLOGON_WITH_CLOSEST_SITE 0x00000010u
#define NETLOGON_AVOID_NT4EMUL     0x01000000u

/* DS_FLAG, 6.3.1.2 */
#define DS_PDC           0x00000001u
#define DS_GC            0x00000004u
#define DS_LDAP          0x00000008u
#define DS_DS            0x00000010u
#define DS_KDC           0x00000020u
#define DS_TIMESERV      0x00000040u
#define DS_CLOSEST       0x00000080u
#define DS_WRITABLE      0x00000100u
#define DS_GOOD_TIMESERV 0x00000200u
#define DS_RODC          0x00000800u /* SELECT_SECRET_DOMAIN_6 */
#define DS_FULL_SECRET   0x00001000u
#define DS_WS            0x00002000u
#define DS_8             0x00004000u
#define DS_9             0x00008000u

enum netlogon_opcode {
    NETLOGON_OP_RESPONSE = 19,
    NETLOGON_OP_PAUSE = 20,
    NETLOGON_OP_USER_UNKNOWN = 21,
    NETLOGON_OP_RESPONSE_EX = 23,
    NETLOGON_OP_PAUSE_EX = 24,
    NETLOGON_OP_USER_UNKNOWN_EX = 25,
};

#define NETLOGON_DNS_MAX  256
#define NETLOGON_NAME_MAX 64

/* All strings are valid UTF-8 without control characters; DNS names are lower case without a
 * trailing dot. */
struct netlogon_info {
    enum netlogon_opcode opcode;
    uint32_t flags; /* DS_* */
    uint32_t ntver;
    unsigned char guid[16]; /* the domain's, as on the wire */
    char forest[NETLOGON_DNS_MAX];
    char dns_domain[NETLOGON_DNS_MAX];
    char dns_host[NETLOGON_DNS_MAX]; /* the controller */
    char netbios_domain[NETLOGON_NAME_MAX];
    char netbios_host[NETLOGON_NAME_MAX]; /* the controller, without leading backslashes */
    char user[NETLOGON_DNS_MAX];
    char dc_site[NETLOGON_DNS_MAX];
    char client_site[NETLOGON_DNS_MAX];       /* "" when no subnet object covers the client */
    char next_closest_site[NETLOGON_DNS_MAX]; /* "" when not sent */
    bool has_v4;
    unsigned char v4[4]; /* DcSockAddr, network order */
};

enum netlogon_status {
    NETLOGON_OK,
    NETLOGON_PAUSED, /* decoded, but the controller's netlogon is paused or not synchronised: do not
                        use it */
    NETLOGON_OLD_FORM, /* NT 4.0 or Windows 2000 form: an opcode is there, nothing else is decoded
                        */
    NETLOGON_MALFORMED,
};
/* *ret is all zero unless OK or PAUSED. */
enum netlogon_status netlogon_decode(const unsigned char *data, size_t len,
                                     struct netlogon_info *ret);

#endif
