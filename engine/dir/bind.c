/* The sealed SASL bind. */
#define _GNU_SOURCE
#include <sasl/sasl.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/dir/private.h"
#include "engine/wire/adattr.h"

#define SSF_MIN   56
#define SEC_PROPS "noanonymous,noplain,minssf=56,maxssf=256"

/* Kerberos knows who we are: every question is answered with its default or with nothing. */
static int no_questions(LDAP *ld, unsigned flags, void *defaults, void *in)
{
    (void)ld;
    (void)flags;
    (void)defaults;
    for (sasl_interact_t *i = in; i->id != SASL_CB_LIST_END; i++) {
        i->result = i->defresult ? i->defresult : "";
        i->len = (unsigned)strlen(i->result);
    }
    return LDAP_SUCCESS;
}

static int choose_mech(const struct strv *mechs, const char **mech, const char *host, struct err *e)
{
    if (!mechs || strv_has_icase(mechs, "GSS-SPNEGO")) {
        *mech = "GSS-SPNEGO";
        return 0;
    }
    if (strv_has_icase(mechs, "GSSAPI")) {
        *mech = "GSSAPI";
        return 0;
    }
    err_cause(e, CAUSE_BIND_NO_MECH);
    err_fact(e, FACT_SERVER, "%s", host);
    return -1;
}

static int bind_failed(struct dir *d, int rc, struct err *e)
{
    char *diag = NULL;
    if (rc == LDAP_SERVER_DOWN || rc == LDAP_TIMEOUT || rc == LDAP_DECODING_ERROR)
        return dir_broken(d, rc, e);
    ldap_get_option(d->ld, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diag);
    dir_explain_bind(rc, diag, d->host, e);
    ldap_memfree(diag);
    return -1;
}

/* Sends a token and waits for the answer until the mechanism is satisfied. Returns the LDAP result,
 * or -1000 with e filled. */
#define BIND_TRANSPORT (-1000)
static int converse(struct dir *d, const char *mech, unsigned *trips, struct err *e)
{
    struct dir_wait w = {.deadline = dir_now_ms() + d->timeout_ms};
    LDAPMessage *msg = NULL;
    const char *rmech = NULL;
    int msgid = 0, rc;
    for (;;) {
        rc = ldap_sasl_interactive_bind(d->ld, NULL, mech, NULL, NULL, LDAP_SASL_QUIET,
                                        no_questions, NULL, msg, &rmech, &msgid);
        ldap_msgfree(msg);
        msg = NULL;
        if (rc != LDAP_SASL_BIND_IN_PROGRESS)
            return rc;
        if (++*trips > 10)
            return LDAP_LOCAL_ERROR;
        if (dir_next(d, msgid, &w, &msg, e) < 0)
            return BIND_TRANSPORT;
    }
}

int dir_bind(struct dir *d, const struct strv *mechs, struct err *e)
{
    const char *mech;
    unsigned trips = 0;
    ber_len_t ssf = 0;
    if (choose_mech(mechs, &mech, d->host, e) < 0)
        return -1;
    if (ldap_set_option(d->ld, LDAP_OPT_X_SASL_SECPROPS, SEC_PROPS) != LDAP_OPT_SUCCESS)
        return err_cause(e, CAUSE_INTERNAL);
    int rc = converse(d, mech, &trips, e);
    if (rc == BIND_TRANSPORT)
        return -1;
    if (rc != LDAP_SUCCESS)
        return bind_failed(d, rc, e);
    if (ldap_get_option(d->ld, LDAP_OPT_X_SASL_SSF, &ssf) != LDAP_OPT_SUCCESS || ssf < SSF_MIN) {
        d->dead = true;
        err_cause(e, CAUSE_BIND_NOT_SEALED);
        err_fact(e, FACT_SERVER, "%s", d->host);
        return -1;
    }
    d->ssf = (int)ssf;
    log_info("bound to %s with %s, sealed with %lu bits, %u round trips", d->host, mech,
             (unsigned long)ssf, trips);
    return 0;
}

static void explain_49(const struct ad_diag *diag, struct err *e)
{
    static const struct {
        uint32_t data;
        enum cause cause;
    } map[] = {
        {1326, CAUSE_KDC_WRONG_PASSWORD},
        {1317, CAUSE_KDC_UNKNOWN_USER},
        {1328, CAUSE_KDC_LOGON_HOURS},
        {1329, CAUSE_KDC_WORKSTATION},
        {1330, CAUSE_KDC_PASSWORD_EXPIRED},
        {1331, CAUSE_KDC_DISABLED},
        {1793, CAUSE_KDC_EXPIRED},
        {1907, CAUSE_KDC_MUST_CHANGE},
        {1909, CAUSE_KDC_LOCKED},
        {1327, CAUSE_KDC_POLICY},
        {1398, CAUSE_TIME_SKEW},
        {0x80090346, CAUSE_CHANNEL_BINDING},
    };
    uint32_t code = diag->has_data ? diag->data : 0;
    if (diag->has_code && diag->code == 0x80090346)
        code = diag->code;
    for (size_t i = 0; i < ARRAY_SIZE(map); i++) {
        if (map[i].data == code)
            err_cause(e, map[i].cause);
    }
    if (code && code_find(code))
        err_code(e, code);
    err_cause(e, CAUSE_BIND_REFUSED);
}

/* What libldap and SASL say themselves, before or after anything was sent. */
static void explain_local(int rc, const char *diag, struct err *e)
{
    if (rc == LDAP_NO_MEMORY)
        err_cause(e, CAUSE_OUT_OF_MEMORY);
    else if (strstr(diag, "SASL(-4)")) {
        err_cause(e, CAUSE_PACKAGE_MISSING);
        err_fact(e, FACT_PACKAGES, "libsasl2-modules-gssapi-mit");
    } else if (strstr(diag, "SASL(-15)") || strstr(diag, "too weak") || strstr(diag, "SASL(-16)"))
        err_cause(e, CAUSE_BIND_NOT_SEALED);
    else if (strstr(diag, "not found in Kerberos database"))
        err_cause(e, CAUSE_KDC_UNKNOWN_SERVER);
    else if (strstr(diag, "Cannot find KDC") || strstr(diag, "Cannot contact any KDC"))
        err_cause(e, CAUSE_INTERNAL); /* the ticket was to be in the cache */
    else if (strstr(diag, "Clock skew"))
        err_cause(e, CAUSE_TIME_SKEW);
    else if (strstr(diag, "expired"))
        err_cause(e, CAUSE_TICKET_EXPIRED);
    else if (strstr(diag, "No Kerberos credentials") || strstr(diag, "No credentials"))
        err_cause(e, CAUSE_NO_TICKET);
    else
        err_cause(e, CAUSE_BIND_REFUSED);
}

int dir_explain_bind(int rc, const char *diag, const char *host, struct err *e)
{
    struct ad_diag ad;
    if (!diag)
        diag = "";
    ad_diag_parse(&ad, diag);
    if (rc == LDAP_INVALID_CREDENTIALS)
        explain_49(&ad, e);
    else if (rc == LDAP_STRONG_AUTH_REQUIRED || rc == LDAP_CONFIDENTIALITY_REQUIRED)
        err_cause(e, CAUSE_SIGNING_REQUIRED);
    else if (rc == LDAP_AUTH_UNKNOWN && strstr(diag, "SASL(-"))
        explain_local(rc, diag, e); /* no plug-in, or one that cannot seal */
    else if (rc == LDAP_AUTH_METHOD_NOT_SUPPORTED || rc == LDAP_AUTH_UNKNOWN)
        err_cause(e, CAUSE_BIND_NO_MECH);
    else if (rc == LDAP_BUSY)
        err_code(e, CODE_ERROR_DS_BUSY);
    else if (rc == LDAP_UNAVAILABLE)
        err_code(e, CODE_ERROR_DS_UNAVAILABLE);
    else if (rc < 0)
        explain_local(rc, diag, e);
    else
        err_cause(e, CAUSE_BIND_REFUSED);
    err_foreign(e, ERR_SRC_LDAP, rc, "%s%s%s", ldap_err2string(rc), *diag ? ": " : "", diag);
    if (host)
        err_fact(e, FACT_SERVER, "%s", host);
    return -1;
}
