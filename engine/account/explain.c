#define _GNU_SOURCE
#include "engine/account/explain.h"

#include <string.h>

#include "engine/account/private.h"
#include "engine/wire/adattr.h"

/* RFC 4511 4.1.9 */
enum {
    LDAP_RC_OPERATIONS_ERROR = 1,
    LDAP_RC_TIME_LIMIT = 3,
    LDAP_RC_SIZE_LIMIT = 4,
    LDAP_RC_AUTH_METHOD = 7,
    LDAP_RC_STRONGER_AUTH = 8,
    LDAP_RC_REFERRAL = 10,
    LDAP_RC_ADMIN_LIMIT = 11,
    LDAP_RC_CONFIDENTIALITY = 13,
    LDAP_RC_CONSTRAINT = 19,
    LDAP_RC_VALUE_EXISTS = 20,
    LDAP_RC_INVALID_SYNTAX = 21,
    LDAP_RC_NO_SUCH_OBJECT = 32,
    LDAP_RC_INVALID_DN = 34,
    LDAP_RC_INVALID_CREDENTIALS = 49,
    LDAP_RC_INSUFFICIENT = 50,
    LDAP_RC_BUSY = 51,
    LDAP_RC_UNAVAILABLE = 52,
    LDAP_RC_UNWILLING = 53,
    LDAP_RC_CLASS_VIOLATION = 65,
    LDAP_RC_NON_LEAF = 66,
    LDAP_RC_EXISTS = 68,
};

struct refusal {
    enum account_op op;
    const char *diag;
    struct ad_diag ad;
};

static bool says(const struct refusal *r, const char *text)
{
    return strcasestr(r->diag, text) != NULL;
}

static bool has(const struct refusal *r, uint32_t code)
{
    return r->ad.has_code && r->ad.code == code;
}

static bool about_uac(const struct refusal *r)
{
    return r->op == ACCOUNT_OP_UAC || has(r, 0x20e7) || str_ieq(r->ad.attr, "userAccountControl") ||
           says(r, "UF_") || says(r, "_TRUST_ACCOUNT") || says(r, "TRUSTED_FOR_DELEGATION") ||
           says(r, "SeEnableDelegationPrivilege") || says(r, "account control bit");
}

static bool spn_conflict(const struct refusal *r)
{
    return has(r, 0x21c7) || says(r, "would cause a conflict");
}

static bool sets_password(const struct refusal *r)
{
    return r->op == ACCOUNT_OP_ADD || r->op == ACCOUNT_OP_PASSWORD;
}

/* The server's own code when the table has words for it, else the general one for the result. */
static void fall_back(const struct refusal *r, uint32_t general, struct err *e)
{
    uint32_t code = r->ad.has_code ? r->ad.code : 0;
    err_code(e, code && code_find(code) ? code : general);
}

static void explain_19(const struct refusal *r, struct err *e)
{
    if (spn_conflict(r))
        err_cause(e, CAUSE_SPN_CLASH);
    else if (has(r, 0x52d) || says(r, "password restrictions") || says(r, "check_password"))
        err_cause(e, CAUSE_PASSWORD_POLICY);
    else if (str_ieq(r->ad.attr, "dNSHostName") || says(r, "hostname validation failed"))
        err_cause(e, CAUSE_DNSHOST_SUFFIX);
    else if (str_ieq(r->ad.attr, "servicePrincipalName") || says(r, "spn validation failed"))
        err_cause(e, CAUSE_SPN_SUFFIX);
    else if (about_uac(r))
        err_cause(e, CAUSE_UAC_REFUSED);
    else if (str_ieq(r->ad.attr, "unicodePwd"))
        err_cause(e, CAUSE_PASSWORD_POLICY);
    else if (says(r, "error in module samldb") &&
             (r->op == ACCOUNT_OP_ADD || r->op == ACCOUNT_OP_NAMES))
        err_cause(e, CAUSE_SPN_CLASH);
    else if ((has(r, 0x200b) || has(r, 0x2098)) &&
             (r->op == ACCOUNT_OP_ADD || r->op == ACCOUNT_OP_NAMES))
        err_cause(e, CAUSE_DNSHOST_SUFFIX);
    else if (has(r, 5) || has(r, 0x2098) || has(r, 0x522))
        /* A broken rule is never a question of rights, whatever number stands in the text. */
        err_code(e, CODE_ERROR_DS_CONSTRAINT_VIOLATION);
    else
        fall_back(r, CODE_ERROR_DS_CONSTRAINT_VIOLATION, e);
}

static void explain_50(const struct refusal *r, struct err *e)
{
    if (has(r, 0x216d))
        err_cause(e, CAUSE_NO_CREATE_RIGHT_QUOTA);
    else if (spn_conflict(r))
        /* Samba's answer where the name is an alias of another account's (HOST stands for http) */
        err_cause(e, CAUSE_SPN_CLASH);
    else if (r->op != ACCOUNT_OP_UAC && r->op != ACCOUNT_OP_DISABLE && about_uac(r))
        err_cause(e, CAUSE_UAC_REFUSED);
    else if (r->op == ACCOUNT_OP_ADD)
        err_cause(e, CAUSE_NO_CREATE_RIGHT);
    else if (r->op == ACCOUNT_OP_PASSWORD)
        err_cause(e, CAUSE_RESET_NOT_ALLOWED);
    else if (r->op == ACCOUNT_OP_DELETE)
        err_cause(e, CAUSE_OBJECT_LEFT);
    else if (r->op == ACCOUNT_OP_READ || r->op == ACCOUNT_OP_READ_OU)
        err_code(e, CODE_ERROR_ACCESS_DENIED);
    else
        err_cause(e, CAUSE_WRITE_NOT_ALLOWED);
}

static void explain_53(const struct refusal *r, struct err *e)
{
    if (has(r, 0x216d))
        err_cause(e, CAUSE_NO_CREATE_RIGHT_QUOTA);
    else if (says(r, "not allowed if TLS"))
        err_cause(e, CAUSE_INTERNAL);
    else if (has(r, 0x52d))
        err_cause(e, CAUSE_PASSWORD_POLICY);
    else if (sets_password(r) && (has(r, 0x2035) || says(r, "setup_io")))
        err_code(e, CODE_ERROR_INVALID_PARAMETER);
    else if (sets_password(r) && has(r, 0x1f))
        err_cause(e, CAUSE_ADD_UNSEALED);
    else if (about_uac(r))
        err_cause(e, CAUSE_UAC_REFUSED);
    else
        fall_back(r, CODE_ERROR_DS_UNWILLING_TO_PERFORM, e);
}

static void explain_missing(const struct refusal *r, struct err *e)
{
    if (r->op == ACCOUNT_OP_ADD || r->op == ACCOUNT_OP_READ_OU)
        err_cause(e, CAUSE_OU_NOT_FOUND);
    else if (r->op == ACCOUNT_OP_READ)
        err_code(e, CODE_ERROR_DS_NO_SUCH_OBJECT);
    else
        err_cause(e, CAUSE_ACCOUNT_CHANGED);
}

static void explain_1(const struct refusal *r, struct err *e)
{
    if (has(r, 0x4dc) || says(r, "authentication") || says(r, "successful bind"))
        err_code(e, CODE_ERROR_NOT_AUTHENTICATED);
    else
        fall_back(r, CODE_ERROR_DS_OPERATIONS_ERROR, e);
}

static void explain_8(const struct refusal *r, struct err *e)
{
    err_cause(e, sets_password(r) ? CAUSE_ADD_UNSEALED : CAUSE_SIGNING_REQUIRED);
}

static void explain_rest(const struct refusal *r, int rc, struct err *e)
{
    static const struct {
        int rc;
        int code;
    } map[] = {
        {LDAP_RC_TIME_LIMIT, CODE_ERROR_TIMEOUT},
        {LDAP_RC_SIZE_LIMIT, CODE_ERROR_DS_SIZELIMIT_EXCEEDED},
        {LDAP_RC_AUTH_METHOD, CODE_ERROR_DS_AUTH_METHOD_NOT_SUPPORTED},
        {LDAP_RC_ADMIN_LIMIT, CODE_ERROR_DS_ADMIN_LIMIT_EXCEEDED},
        {LDAP_RC_VALUE_EXISTS, CODE_ERROR_DS_ATTRIBUTE_OR_VALUE_EXISTS},
        {LDAP_RC_INVALID_SYNTAX, CODE_ERROR_DS_INVALID_ATTRIBUTE_SYNTAX},
        {LDAP_RC_BUSY, CODE_ERROR_DS_BUSY},
        {LDAP_RC_UNAVAILABLE, CODE_ERROR_DS_UNAVAILABLE},
        {LDAP_RC_CLASS_VIOLATION, CODE_ERROR_DS_OBJ_CLASS_VIOLATION},
    };
    for (size_t i = 0; i < ARRAY_SIZE(map); i++) {
        if (map[i].rc == rc)
            err_code(e, (uint32_t)map[i].code);
    }
    fall_back(r, CODE_ERROR_DS_GENERIC_ERROR, e);
}

static void explain(const struct refusal *r, int rc, struct err *e)
{
    bool ou = r->op == ACCOUNT_OP_ADD || r->op == ACCOUNT_OP_READ_OU;
    switch (rc) {
    case LDAP_RC_OPERATIONS_ERROR:
        explain_1(r, e);
        break;
    case LDAP_RC_STRONGER_AUTH:
    case LDAP_RC_CONFIDENTIALITY:
        explain_8(r, e);
        break;
    case LDAP_RC_REFERRAL:
        err_cause(e, CAUSE_DC_READ_ONLY);
        break;
    case LDAP_RC_CONSTRAINT:
        explain_19(r, e);
        break;
    case LDAP_RC_NO_SUCH_OBJECT:
        explain_missing(r, e);
        break;
    case LDAP_RC_INVALID_DN:
        if (ou)
            err_cause(e, CAUSE_OU_MALFORMED);
        else
            err_code(e, CODE_ERROR_DS_INVALID_DN_SYNTAX);
        break;
    case LDAP_RC_INSUFFICIENT:
        explain_50(r, e);
        break;
    case LDAP_RC_UNWILLING:
        explain_53(r, e);
        break;
    case LDAP_RC_NON_LEAF:
        err_cause(e, CAUSE_ACCOUNT_HAS_CHILDREN);
        break;
    case LDAP_RC_EXISTS:
        err_cause(e, CAUSE_NAME_TAKEN);
        break;
    default:
        explain_rest(r, rc, e);
    }
}

int account_explain(enum account_op op, int rc, const char *diag, const char *object,
                    const char *server, struct err *e)
{
    struct refusal r = {.op = op, .diag = diag ? diag : ""};
    ad_diag_parse(&r.ad, r.diag);
    if (op == ACCOUNT_OP_BIND || rc == LDAP_RC_INVALID_CREDENTIALS)
        return dir_explain_bind(rc, diag, server, e);
    if (e->code)
        return -1;
    explain(&r, rc, e);
    if (object && *object)
        err_fact(e, op == ACCOUNT_OP_READ_OU ? FACT_OU : FACT_OBJECT, "%s", object);
    if (server)
        err_fact(e, FACT_SERVER, "%s", server);
    return err_foreign(e, ERR_SRC_LDAP, rc, "LDAP result %d%s%s", rc, *r.diag ? ": " : "", r.diag);
}
