/* What a KDC's refusal means, and what its hints say. Pure. RFC 4120 7.5.9, [MS-KILE] 2.2.1,
 * [MS-ERREF] 2.3. */
#ifndef JOINERY_KERB_CAUSE_H
#define JOINERY_KERB_CAUSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "engine/kerb/kerb.h"

/* RFC 4120 7.5.9; only what is decided on. */
enum {
    KDC_MALFORMED = -1, /* not a KRB-ERROR that can be read */
    KDC_NAME_EXP = 1,
    KDC_C_PRINCIPAL_UNKNOWN = 6,
    KDC_S_PRINCIPAL_UNKNOWN = 7,
    KDC_NULL_KEY = 9,
    KDC_POLICY = 12,
    KDC_ETYPE_NOSUPP = 14,
    KDC_CLIENT_REVOKED = 18,
    KDC_TGT_REVOKED = 20,
    KDC_KEY_EXPIRED = 23,
    KDC_PREAUTH_FAILED = 24,
    KDC_PREAUTH_REQUIRED = 25,
    KDC_SVC_UNAVAILABLE = 29,
    KDC_BAD_INTEGRITY = 31,
    KDC_TKT_EXPIRED = 32,
    KDC_TKT_NYV = 33,
    KDC_SKEW = 37,
    KDC_MODIFIED = 41,
    KDC_WRONG_REALM = 68,
};

/* A KRB-ERROR as received. */
struct kdc_error {
    int code;
    bool has_ntstatus;
    uint32_t ntstatus;
    int64_t stime;          /* the KDC's clock */
    char text[160];         /* e-text, may be empty */
    char client_realm[256]; /* code 68: where the account is; may be empty */
};

enum cause kdc_cause(const struct kdc_error *k);
/* "KDC_ERR_PREAUTH_FAILED"; "" when it has no name here. */
const char *kdc_error_name(int code);
/* Fills err: cause, raw "KRB error 24 KDC_ERR_...: text (NTSTATUS 0xc0000072)", facts. Returns -1.
 */
int kdc_fail(const struct kdc_error *k, const char *account, struct err *e);

/* From METHOD-DATA (pre-authentication required or failed, AS-REP padata). False when there is no
 * ETYPE-INFO2. */
bool kdc_read_hint(const unsigned char *method_data, size_t len, struct kerb_hint *h);

#endif
