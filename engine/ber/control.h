/* Values of LDAP controls that libldap does not encode itself. Pure. */
#ifndef JOINERY_BER_CONTROL_H
#define JOINERY_BER_CONTROL_H

#include <stdint.h>

#include "engine/base/buf.h"

/* LDAP_SERVER_SD_FLAGS_OID 1.2.840.113556.1.4.801, [MS-ADTS] 3.1.1.3.4.1.11: SEQUENCE { INTEGER }
 */
#define BER_SD_OWNER 0x1u
#define BER_SD_GROUP 0x2u
#define BER_SD_DACL  0x4u
int ber_sd_flags(uint32_t flags, struct buf *out) MUST_USE;

#endif
