/*
 * Active Directory attribute syntaxes and texts that are plain functions of their input: passwords,
 * filters, times, numbers, and the diagnostic text of a failed operation.
 */
#ifndef JOINERY_WIRE_ADATTR_H
#define JOINERY_WIRE_ADATTR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "engine/base/macro.h"
#include "engine/base/secret.h"

/* userAccountControl ([MS-ADTS] 2.2.16) */
#define UAC_DISABLED               0x00000002u
#define UAC_PASSWD_NOTREQD         0x00000020u
#define UAC_NORMAL                 0x00000200u
#define UAC_WORKSTATION            0x00001000u
#define UAC_SERVER_TRUST           0x00002000u
#define UAC_DONT_EXPIRE            0x00010000u
#define UAC_TRUSTED_FOR_DELEGATION 0x00080000u
#define UAC_PARTIAL_SECRETS        0x04000000u

/* msDS-SupportedEncryptionTypes ([MS-KILE] 2.2.7) */
#define ETYPES_AES 0x18u

/* unicodePwd ([MS-ADTS] 3.1.1.3.1.5): quotes added, UTF-16LE. 0; -1 with errno EILSEQ (not UTF-8),
 * EOVERFLOW, ENOMEM. */
int unicode_pwd(struct secret *out, const struct secret *password) MUST_USE;

/* RFC 4515 value; malloc'ed. */
char *filter_escape(const char *value);
char *filter_escape_bytes(const void *value, size_t len); /* every byte as \xx */

/* 100 ns since 1601; 0 and the maximum mean "never" and give -1. */
int nttime_to_time(uint64_t nt, time_t *out) MUST_USE;
uint64_t nttime_from_time(time_t t);
/* "20260102030405.0Z" (RFC 4517 3.3.13, UTC only). */
int gentime_to_time(const char *text, time_t *out) MUST_USE;
/* Decimal with optional sign, whole text, as 32 bits (directory integers are signed). 0 or -1. */
int text_to_u32(const char *text, uint32_t *out) MUST_USE;
int text_to_i64(const char *text, int64_t *out) MUST_USE;

/* What the diagnostic of a failed LDAP operation carries. Active Directory starts it with exactly
 * eight hexadecimal digits and a colon; Samba sometimes does, sometimes begins with words such as
 * "acl:" that only look like digits. */
struct ad_diag {
    bool has_code;
    uint32_t code; /* system error code or HRESULT */
    bool has_data;
    uint32_t data; /* "data NNN" inside an AcceptSecurityContext text */
    char attr[64]; /* attribute named as "Att 90303 (dNSHostName)", "" when none */
};
void ad_diag_parse(struct ad_diag *d, const char *text); /* text may be NULL */

#endif
