#include "engine/kerb/kerb_cause.h"

#include <stdio.h>
#include <string.h>

#include "engine/ber/krb.h"

static const struct {
    uint32_t status;
    enum cause cause;
} status_causes[] = {
    {0xc0000064, CAUSE_KDC_UNKNOWN_USER},     /* NO_SUCH_USER */
    {0xc000006a, CAUSE_KDC_WRONG_PASSWORD},   /* WRONG_PASSWORD */
    {0xc000006d, CAUSE_KDC_WRONG_PASSWORD},   /* LOGON_FAILURE */
    {0xc000006e, CAUSE_KDC_POLICY},           /* ACCOUNT_RESTRICTION */
    {0xc000006f, CAUSE_KDC_LOGON_HOURS},      /* INVALID_LOGON_HOURS */
    {0xc0000070, CAUSE_KDC_WORKSTATION},      /* INVALID_WORKSTATION */
    {0xc0000071, CAUSE_KDC_PASSWORD_EXPIRED}, /* PASSWORD_EXPIRED */
    {0xc0000072, CAUSE_KDC_DISABLED},         /* ACCOUNT_DISABLED */
    {0xc0000133, CAUSE_TIME_SKEW},            /* TIME_DIFFERENCE_AT_DC */
    {0xc000015b, CAUSE_KDC_POLICY},           /* LOGON_TYPE_NOT_GRANTED */
    {0xc0000193, CAUSE_KDC_EXPIRED},          /* ACCOUNT_EXPIRED */
    {0xc0000224, CAUSE_KDC_MUST_CHANGE},      /* PASSWORD_MUST_CHANGE */
    {0xc0000234, CAUSE_KDC_LOCKED},           /* ACCOUNT_LOCKED_OUT */
    {0xc0000413, CAUSE_KDC_POLICY},           /* AUTHENTICATION_FIREWALL_FAILED */
};

static const struct {
    int code;
    const char *name;
    enum cause cause; /* CAUSE_NONE: nothing better than the KDC's own words */
} code_causes[] = {
    {KDC_MALFORMED, "unreadable", CAUSE_DC_LIED},
    {KDC_NAME_EXP, "KDC_ERR_NAME_EXP", CAUSE_KDC_EXPIRED},
    {2, "KDC_ERR_SERVICE_EXP", CAUSE_NONE},
    {3, "KDC_ERR_BAD_PVNO", CAUSE_DC_LIED},
    {KDC_C_PRINCIPAL_UNKNOWN, "KDC_ERR_C_PRINCIPAL_UNKNOWN", CAUSE_KDC_UNKNOWN_USER},
    {KDC_S_PRINCIPAL_UNKNOWN, "KDC_ERR_S_PRINCIPAL_UNKNOWN", CAUSE_KDC_UNKNOWN_SERVER},
    {8, "KDC_ERR_PRINCIPAL_NOT_UNIQUE", CAUSE_KDC_UNKNOWN_SERVER},
    {KDC_NULL_KEY, "KDC_ERR_NULL_KEY", CAUSE_KDC_ETYPE},
    {KDC_POLICY, "KDC_ERR_POLICY", CAUSE_KDC_POLICY},
    {13, "KDC_ERR_BADOPTION", CAUSE_KDC_POLICY},
    {KDC_ETYPE_NOSUPP, "KDC_ERR_ETYPE_NOSUPP", CAUSE_KDC_ETYPE},
    {16, "KDC_ERR_PADATA_TYPE_NOSUPP", CAUSE_KDC_POLICY},
    /* Windows says why in an NTSTATUS; Samba says nothing for a locked account, and only then. */
    {KDC_CLIENT_REVOKED, "KDC_ERR_CLIENT_REVOKED", CAUSE_KDC_LOCKED},
    {19, "KDC_ERR_SERVICE_REVOKED", CAUSE_KDC_UNKNOWN_SERVER},
    {KDC_TGT_REVOKED, "KDC_ERR_TGT_REVOKED", CAUSE_TICKET_EXPIRED},
    {21, "KDC_ERR_CLIENT_NOTYET", CAUSE_KDC_POLICY},
    {KDC_KEY_EXPIRED, "KDC_ERR_KEY_EXPIRED", CAUSE_KDC_PASSWORD_EXPIRED},
    {KDC_PREAUTH_FAILED, "KDC_ERR_PREAUTH_FAILED", CAUSE_KDC_WRONG_PASSWORD},
    {KDC_PREAUTH_REQUIRED, "KDC_ERR_PREAUTH_REQUIRED", CAUSE_KDC_POLICY},
    {26, "KDC_ERR_SERVER_NOMATCH", CAUSE_KDC_UNKNOWN_SERVER},
    {KDC_SVC_UNAVAILABLE, "KDC_ERR_SVC_UNAVAILABLE", CAUSE_KDC_SILENT},
    {KDC_BAD_INTEGRITY, "KRB_AP_ERR_BAD_INTEGRITY", CAUSE_KDC_WRONG_PASSWORD},
    {KDC_TKT_EXPIRED, "KRB_AP_ERR_TKT_EXPIRED", CAUSE_TICKET_EXPIRED},
    {KDC_TKT_NYV, "KRB_AP_ERR_TKT_NYV", CAUSE_TIME_SKEW},
    {34, "KRB_AP_ERR_REPEAT", CAUSE_NONE},
    {KDC_SKEW, "KRB_AP_ERR_SKEW", CAUSE_TIME_SKEW},
    {KDC_MODIFIED, "KRB_AP_ERR_MODIFIED", CAUSE_BIND_REFUSED},
    {52, "KRB_ERR_RESPONSE_TOO_BIG", CAUSE_NONE},
    {60, "KRB_ERR_GENERIC", CAUSE_NONE},
    {KDC_WRONG_REALM, "KDC_ERR_WRONG_REALM", CAUSE_KDC_WRONG_REALM},
};

enum cause kdc_cause(const struct kdc_error *k)
{
    for (size_t i = 0; k->has_ntstatus && i < ARRAY_SIZE(status_causes); i++) {
        if (status_causes[i].status == k->ntstatus)
            return status_causes[i].cause;
    }
    /* A reason that is given but not known here is not a lockout. */
    if (k->has_ntstatus && k->code == KDC_CLIENT_REVOKED)
        return CAUSE_KDC_POLICY;
    for (size_t i = 0; i < ARRAY_SIZE(code_causes); i++) {
        if (code_causes[i].code == k->code)
            return code_causes[i].cause;
    }
    return CAUSE_NONE;
}

const char *kdc_error_name(int code)
{
    for (size_t i = 0; i < ARRAY_SIZE(code_causes); i++) {
        if (code_causes[i].code == code)
            return code_causes[i].name;
    }
    return "";
}

int kdc_fail(const struct kdc_error *k, const char *account, struct err *e)
{
    char status[40] = "";
    const char *name = kdc_error_name(k->code);
    enum cause cause = kdc_cause(k);
    if (k->has_ntstatus)
        snprintf(status, sizeof status, " (NTSTATUS 0x%08x)", (unsigned)k->ntstatus);
    err_cause(e, cause == CAUSE_NONE ? CAUSE_KDC_SILENT : cause);
    if (account)
        err_fact(e, FACT_ACCOUNT, "%s", account);
    if (k->code == KDC_WRONG_REALM && k->client_realm[0])
        err_fact(e, FACT_DOMAIN, "%s", k->client_realm);
    return err_foreign(e, ERR_SRC_KDC, k->code, "KRB error %d%s%s%s%s%s", k->code, *name ? " " : "",
                       name, k->text[0] ? ": " : "", k->text, status);
}

bool kdc_read_hint(const unsigned char *method_data, size_t len, struct kerb_hint *h)
{
    struct ber_padata pa[16];
    struct ber_etype_info info[ARRAY_SIZE(h->etypes)];
    int n = ber_method_data(method_data, len, pa, ARRAY_SIZE(pa)), n_info = -1;
    for (int i = 0; i < n && n_info < 0; i++) {
        if (pa[i].type == BER_PA_ETYPE_INFO2)
            n_info = ber_etype_info2(pa[i].value, pa[i].len, info, ARRAY_SIZE(info));
    }
    for (int i = 0; i < n_info; i++) {
        int etype = info[i].etype;
        h->etypes[h->n_etypes++] = etype;
        if (h->has_salt || !info[i].has_salt || (etype != KERB_AES256 && etype != KERB_AES128) ||
            info[i].salt_len >= sizeof h->salt || memchr(info[i].salt, 0, info[i].salt_len))
            continue;
        memcpy(h->salt, info[i].salt, info[i].salt_len);
        h->salt[info[i].salt_len] = '\0';
        h->has_salt = true;
    }
    return n_info >= 0;
}
