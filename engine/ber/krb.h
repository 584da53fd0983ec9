/*
 * What a KDC attaches to its errors and pre-authentication hints, decoded. Pure, hostile input.
 * RFC 4120 5.2.7 (PA-DATA, ETYPE-INFO2), 5.9.1; [MS-KILE] 2.2.1, 2.2.2 (KERB-ERROR-DATA,
 * KERB-EXT-ERROR).
 */
#ifndef JOINERY_BER_KRB_H
#define JOINERY_BER_KRB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/macro.h"

#define BER_PA_PW_SALT     3 /* in an error: KERB-EXT-ERROR, 12 bytes */
#define BER_PA_ETYPE_INFO2 19

struct ber_padata {
    int32_t type;
    const unsigned char *value; /* into the input */
    size_t len;
};
/* METHOD-DATA (SEQUENCE OF PA-DATA), or one bare PA-DATA / KERB-ERROR-DATA as Samba and Windows
 * send with errors. Returns the number of entries written, at most max (further ones are ignored),
 * -1 when malformed. */
int ber_method_data(const unsigned char *data, size_t len, struct ber_padata *ret, size_t max);

struct ber_etype_info {
    int32_t etype;
    bool has_salt;
    const unsigned char *salt; /* into the input, not terminated */
    size_t salt_len;
    const unsigned char *s2kparams; /* NULL when absent */
    size_t s2kparams_len;
};
int ber_etype_info2(const unsigned char *data, size_t len, struct ber_etype_info *ret, size_t max);

/* The NTSTATUS in an error's e-data; false when there is none. */
bool ber_krb_ntstatus(const unsigned char *edata, size_t len, uint32_t *status) MUST_USE;

#endif
