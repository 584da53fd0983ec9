#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/ber/kdcrep.h"
#include "engine/ber/krb.h"
#include "engine/kerb/kerb_int.h"

int kerb_open(struct kerb **out, const struct kerb_target *t, struct err *e)
{
    struct kerb *k = xcalloc(1, sizeof *k);
    conn_init(&k->conn, t->fd, t->addr, t->port ? t->port : 88, t->host, t->cancel);
    k->realm = xstrdup(t->realm);
    str_upper(k->realm);
    krb5_error_code ret = krb5_init_context(&k->ctx);
    if (ret) {
        k->ctx = NULL;
        kerb_fail(NULL, ret, CAUSE_INTERNAL, e);
        kerb_free(k);
        return -1;
    }
    *out = k;
    return 0;
}

void kerb_free(struct kerb *k)
{
    if (!k)
        return;
    conn_done(&k->conn);
    if (k->ctx)
        krb5_free_context(k->ctx);
    free(k->realm);
    free(k);
}

void kerb_set_wait(struct kerb *k, int ms)
{
    k->conn.wait_ms = ms;
}

const char *kerb_realm(const struct kerb *k)
{
    return k->realm;
}

bool kerb_time_offset(const struct kerb *k, long *seconds)
{
    if (k->has_offset)
        *seconds = k->offset;
    return k->has_offset;
}

void kerb_counts(const struct kerb *k, unsigned *exchanges, unsigned *connects)
{
    *exchanges = k->conn.exchanges;
    *connects = k->conn.connects;
}

static enum cause local_cause(krb5_error_code ret, enum cause otherwise)
{
    switch (ret) {
    case KRB5KRB_AP_ERR_SKEW:
    case KRB5_KDCREP_SKEW:
        return CAUSE_TIME_SKEW;
    case KRB5_KDCREP_MODIFIED:
    case ASN1_BAD_ID:
    case ASN1_OVERRUN:
    case ASN1_BAD_FORMAT:
    case ASN1_PARSE_ERROR:
    case ASN1_BAD_LENGTH:
    case ASN1_MISSING_FIELD:
    case ASN1_INDEF:
    case KRB5KRB_AP_ERR_MSG_TYPE:
        return CAUSE_DC_LIED;
    case KRB5_BAD_ENCTYPE:
    case KRB5_PROG_ETYPE_NOSUPP:
    case KRB5KDC_ERR_ETYPE_NOSUPP:
        return CAUSE_KDC_ETYPE;
    case KRB5KRB_AP_ERR_TKT_EXPIRED:
        return CAUSE_TICKET_EXPIRED;
    case KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN:
        return CAUSE_KDC_UNKNOWN_SERVER;
    case ENOMEM:
        return CAUSE_OUT_OF_MEMORY;
    default:
        return otherwise;
    }
}

int kerb_fail(krb5_context ctx, krb5_error_code ret, enum cause cause, struct err *e)
{
    const char *text = krb5_get_error_message(ctx, ret);
    err_cause(e, local_cause(ret, cause));
    err_foreign(e, ERR_SRC_KRB5, ret, "%s", text);
    krb5_free_error_message(ctx, text);
    return -1;
}

int kerb_principal(struct kerb *k, const char *name, krb5_principal *out, struct err *e)
{
    const char *at = strrchr(name, '@');
    AUTOFREE char *user = NULL;
    krb5_int32 type = KRB5_NT_PRINCIPAL;
    if (at && !str_ieq(at + 1, k->realm)) {
        type = KRB5_NT_ENTERPRISE_PRINCIPAL;
        user = xstrdup(name);
    } else {
        user = at ? xstrndup(name, (size_t)(at - name)) : xstrdup(name);
    }
    size_t len = strlen(user);
    if (len == 0 || len > 512 || (at && at[1] == '\0')) {
        err_fact(e, FACT_ACCOUNT, "%s", name);
        return err_cause(e, CAUSE_KDC_UNKNOWN_USER);
    }
    krb5_error_code ret;
    if (type == KRB5_NT_PRINCIPAL && strchr(user, '/'))
        ret = kerb_service_principal(k->ctx, user, k->realm, out);
    else
        ret = krb5_build_principal_ext(k->ctx, out, (unsigned)strlen(k->realm), k->realm,
                                       (unsigned)len, user, 0);
    if (ret)
        return kerb_fail(k->ctx, ret, CAUSE_INTERNAL, e);
    (*out)->type = type;
    return 0;
}

krb5_error_code kerb_service_principal(krb5_context ctx, const char *spn, const char *realm,
                                       krb5_principal *out)
{
    const char *slash = strchr(spn, '/');
    unsigned realm_len = (unsigned)strlen(realm);
    krb5_error_code ret;
    if (!slash)
        return krb5_build_principal_ext(ctx, out, realm_len, realm, (unsigned)strlen(spn), spn, 0);
    ret = krb5_build_principal_ext(ctx, out, realm_len, realm, (unsigned)(slash - spn), spn,
                                   (unsigned)strlen(slash + 1), slash + 1, 0);
    if (!ret)
        (*out)->type = KRB5_NT_SRV_HST;
    return ret;
}

static void copy_data(char *out, size_t size, const krb5_data *d)
{
    size_t n = d->length < size ? d->length : size - 1;
    if (n > 0)
        memcpy(out, d->data, n);
    out[n] = '\0';
    err_clean_text(out);
}

/* libkrb5 keeps the offset in the context, from where it gets into the caches and so to GSSAPI. */
static void note_time(struct kerb *k, krb5_timestamp stime, krb5_int32 usec)
{
    int64_t server = (int64_t)(uint32_t)stime;
    long offset = (long)(server - (int64_t)time(NULL));
    if (!k->has_offset && (offset > 1 || offset < -1))
        log_info("kerberos: the clock of %s is %ld seconds from ours", k->conn.host, offset);
    k->offset = offset;
    k->has_offset = true;
    krb5_set_real_time(k->ctx, stime, usec);
}

bool kerb_read_error(struct kerb *k, const struct buf *reply, struct kdc_error *ke,
                     struct kerb_hint *hint)
{
    krb5_data in = {.length = (unsigned)reply->len, .data = (char *)reply->data};
    krb5_error *msg = NULL;
    *ke = (struct kdc_error){0};
    if (!ber_kdc_is_error(reply->data, reply->len))
        return false;
    krb5_error_code ret = krb5_rd_error(k->ctx, &in, &msg);
    if (ret) {
        ke->code = KDC_MALFORMED;
        return true;
    }
    ke->code = (int)msg->error;
    ke->stime = (int64_t)(uint32_t)msg->stime;
    copy_data(ke->text, sizeof ke->text, &msg->text);
    if (msg->client)
        copy_data(ke->client_realm, sizeof ke->client_realm, &msg->client->realm);
    const unsigned char *data = (const unsigned char *)msg->e_data.data;
    /* Hints have no status, but a salt may look like one. */
    if (ke->code != KDC_PREAUTH_REQUIRED && ke->code != KDC_PREAUTH_FAILED)
        ke->has_ntstatus = ber_krb_ntstatus(data, msg->e_data.length, &ke->ntstatus);
    if (hint) {
        hint->kdc_error = ke->code;
        bool told = kdc_read_hint(data, msg->e_data.length, hint);
        /* A KDC without a key for the account cannot say how to derive one. */
        hint->no_password = ke->code == KDC_PREAUTH_REQUIRED &&
                            (!told || hint->n_etypes == 0 || hint->etypes[0] == 0);
    }
    if (msg->stime != 0)
        note_time(k, msg->stime, msg->susec);
    log_debug("kerberos: %s: KRB error %d %s", k->conn.host, ke->code, kdc_error_name(ke->code));
    krb5_free_error(k->ctx, msg);
    return true;
}
