/*
 * The parts of a KDC's answers that are readable without a key: which server a ticket or an error
 * is about, and the pre-authentication data of an AS reply. RFC 4120 5.3, 5.4.2, 5.9.1. Pure,
 * hostile input.
 */
#ifndef JOINERY_BER_KDCREP_H
#define JOINERY_BER_KDCREP_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/macro.h"

bool ber_kdc_is_error(const unsigned char *reply, size_t len);

/* "ldap/host" of a TGS-REP's ticket or of a KRB-ERROR, without realm. False when it is not there,
 * not text, or longer than out. */
bool ber_kdc_server_name(const unsigned char *reply, size_t len, char *out, size_t size) MUST_USE;

/* The padata of an AS-REP, in the form that ber_method_data() takes; *part points into reply. */
bool ber_as_rep_padata(const unsigned char *reply, size_t len, const unsigned char **part,
                       size_t *part_len) MUST_USE;

#endif
