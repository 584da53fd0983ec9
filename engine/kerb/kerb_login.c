/*
 * Getting a ticket-granting ticket step by step over our own connection. The first request goes out
 * before the secret is there, so that its answer (salt, types, clock, state of the account) costs
 * no round trip of its own. Whatever the KDC refuses after a secret was used is final: libkrb5 is
 * not given the chance to try again, which would count as one more bad password.
 */
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/ber/kdcrep.h"
#include "engine/kerb/kerb_int.h"

struct kerb_login {
    struct kerb *k;
    char *name;
    krb5_principal client;
    krb5_get_init_creds_opt *opt;
    krb5_init_creds_context ic;
    struct conn_msg msg;
    bool answered; /* msg holds the first answer and hint and first are filled in */
    bool is_error;
    bool own_etypes; /* not the usual AES only: this is the second try */
    struct kdc_error first;
    struct kerb_hint hint;
};

static const krb5_enctype aes_only[] = {KERB_AES256, KERB_AES128};
static const krb5_enctype with_rc4[] = {KERB_AES256, KERB_AES128, KERB_RC4};

struct login_options {
    const krb5_enctype *etypes;
    size_t n_etypes;
    const char *salt;              /* not NULL: pre-authenticate in the first request */
    const struct secret *password; /* for that */
    const char *service; /* not NULL: a ticket for it instead of the ticket-granting one */
};

static int fail(struct kerb_login *l, krb5_error_code ret, enum cause cause, struct err *e)
{
    err_fact(e, FACT_ACCOUNT, "%s", l->name);
    return kerb_fail(l->k->ctx, ret, cause, e);
}

void kerb_login_free(struct kerb_login *l)
{
    if (!l)
        return;
    conn_forget(&l->k->conn, &l->msg);
    conn_msg_free(&l->msg);
    if (l->ic)
        krb5_init_creds_free(l->k->ctx, l->ic);
    krb5_get_init_creds_opt_free(l->k->ctx, l->opt);
    krb5_free_principal(l->k->ctx, l->client);
    free(l->name);
    free(l);
}

/* libkrb5 asks for a password through this when it has none; nobody is ever asked here. */
static krb5_error_code refuse_prompt(krb5_context ctx UNUSED, void *data UNUSED,
                                     const char *name UNUSED, const char *banner UNUSED,
                                     int n UNUSED, krb5_prompt prompts[] UNUSED)
{
    return KRB5_LIBOS_CANTREADPWD;
}

static krb5_error_code set_options(struct kerb_login *l, const struct login_options *o)
{
    krb5_error_code ret = krb5_get_init_creds_opt_alloc(l->k->ctx, &l->opt);
    if (ret)
        return ret;
    krb5_get_init_creds_opt_set_etype_list(l->opt, (krb5_enctype *)o->etypes, (int)o->n_etypes);
    krb5_get_init_creds_opt_set_change_password_prompt(l->opt, 0);
    krb5_get_init_creds_opt_set_forwardable(l->opt, 0);
    krb5_get_init_creds_opt_set_proxiable(l->opt, 0);
    if (l->client->type == KRB5_NT_ENTERPRISE_PRINCIPAL)
        krb5_get_init_creds_opt_set_canonicalize(l->opt, 1);
    if (o->salt) {
        krb5_data salt = {.length = (unsigned)strlen(o->salt), .data = (char *)o->salt};
        krb5_preauthtype timestamp = KRB5_PADATA_ENC_TIMESTAMP;
        krb5_get_init_creds_opt_set_salt(l->opt, &salt);
        krb5_get_init_creds_opt_set_preauth_list(l->opt, &timestamp, 1);
    }
    return 0;
}

/* One turn of libkrb5: takes the answer (empty at the start) and makes the next request. *more:
 * there is one, and it is in l->msg. */
static int step(struct kerb_login *l, bool *more, enum cause cause, struct err *e)
{
    krb5_data in = {.length = (unsigned)l->msg.reply.len, .data = (char *)l->msg.reply.data};
    krb5_data out = {0}, realm = {0};
    unsigned flags = 0;
    int rc = 0;
    krb5_error_code ret = krb5_init_creds_step(l->k->ctx, l->ic, &in, &out, &realm, &flags);
    *more = !ret && (flags & KRB5_INIT_CREDS_STEP_FLAG_CONTINUE);
    if (ret)
        rc = fail(l, ret, cause, e);
    else if (*more && (realm.length != strlen(l->k->realm) ||
                       memcmp(realm.data, l->k->realm, realm.length) != 0))
        rc = fail(l, KRB5KDC_ERR_WRONG_REALM, CAUSE_KDC_WRONG_REALM, e);
    else if (*more)
        conn_msg_set(&l->msg, out.data, out.length);
    krb5_free_data_contents(l->k->ctx, &out);
    krb5_free_data_contents(l->k->ctx, &realm);
    return rc;
}

static krb5_error_code set_password(struct kerb_login *l, const struct secret *password)
{
    return krb5_init_creds_set_password(l->k->ctx, l->ic,
                                        password->data ? (const char *)password->data : "");
}

static int start(struct kerb *k, const char *name, const struct login_options *o,
                 struct kerb_login **out, struct err *e)
{
    struct kerb_login *l = xcalloc(1, sizeof *l);
    bool more;
    krb5_error_code ret;
    l->k = k;
    l->name = xstrdup(name);
    if (kerb_principal(k, name, &l->client, e) < 0)
        goto failed;
    ret = set_options(l, o);
    if (!ret)
        ret = krb5_init_creds_init(k->ctx, l->client, refuse_prompt, NULL, 0, l->opt, &l->ic);
    if (!ret && o->password)
        ret = set_password(l, o->password);
    if (!ret && o->service)
        ret = krb5_init_creds_set_service(k->ctx, l->ic, o->service);
    if (ret) {
        fail(l, ret, CAUSE_INTERNAL, e);
        goto failed;
    }
    if (step(l, &more, CAUSE_INTERNAL, e) < 0 || conn_submit(&k->conn, &l->msg, e) < 0)
        goto failed;
    *out = l;
    return 0;
failed:
    kerb_login_free(l);
    return -1;
}

int kerb_login_start(struct kerb *k, const char *name, struct kerb_login **out, struct err *e)
{
    struct login_options o = {.etypes = aes_only, .n_etypes = ARRAY_SIZE(aes_only)};
    return start(k, name, &o, out, e);
}

int kerb_login_start_service(struct kerb *k, const char *name, const char *service,
                             struct kerb_login **out, struct err *e)
{
    struct login_options o = {
        .etypes = aes_only, .n_etypes = ARRAY_SIZE(aes_only), .service = service};
    if (start(k, name, &o, out, e) < 0)
        return -1;
    (*out)->own_etypes = true; /* no second try, which would be for another ticket */
    return 0;
}

static int take_first(struct kerb_login *l, struct err *e)
{
    const unsigned char *padata;
    size_t len;
    if (l->answered)
        return 0;
    if (conn_wait(&l->k->conn, &l->msg, e) < 0)
        return -1;
    l->answered = true;
    l->is_error = kerb_read_error(l->k, &l->msg.reply, &l->first, &l->hint);
    if (!l->is_error && ber_as_rep_padata(l->msg.reply.data, l->msg.reply.len, &padata, &len))
        kdc_read_hint(padata, len, &l->hint);
    return 0;
}

/* Codes of the first answer that are no verdict on the account yet. */
static bool goes_on(const struct kerb_login *l)
{
    return !l->is_error || l->first.code == KDC_PREAUTH_REQUIRED;
}

static bool lacks_etype(const struct kerb_login *l)
{
    return l->is_error && (l->first.code == KDC_ETYPE_NOSUPP || l->first.code == KDC_NULL_KEY ||
                           (l->first.code == KDC_PREAUTH_REQUIRED && l->hint.no_password));
}

int kerb_login_hint(struct kerb_login *l, struct kerb_hint *out, struct err *e)
{
    if (take_first(l, e) < 0)
        return -1;
    *out = l->hint;
    if (!goes_on(l) && !lacks_etype(l))
        return kdc_fail(&l->first, l->name, e);
    return 0;
}

static int collect(struct kerb_login *l, struct kerb_cred **out, struct err *e)
{
    krb5_creds creds = {0};
    krb5_error_code ret = krb5_init_creds_get_creds(l->k->ctx, l->ic, &creds);
    if (ret)
        return fail(l, ret, CAUSE_INTERNAL, e);
    int rc = kerb_cred_new(l->k, &creds, out, e);
    if (rc == 0)
        log_info("kerberos: ticket for %s from %s", (*out)->name, l->k->conn.host);
    krb5_free_cred_contents(l->k->ctx, &creds);
    return rc;
}

static bool is_machine(const char *name)
{
    const char *at = strrchr(name, '@');
    size_t n = at ? (size_t)(at - name) : strlen(name);
    return n > 0 && name[n - 1] == '$';
}

/* From the first answer on, with the secret set. */
static int finish(struct kerb_login *l, struct kerb_cred **out, struct err *e)
{
    struct kdc_error refused;
    bool more;
    /* Asked for proof and unable to give any: no way that the KDC names works with a password. An
     * answer that our key does not open means a wrong key; so does a KDC that is none. */
    if (step(l, &more, l->is_error ? CAUSE_KDC_POLICY : CAUSE_KDC_WRONG_PASSWORD, e) < 0)
        return -1;
    for (int rounds = 0; more; rounds++) {
        if (rounds >= 4)
            return fail(l, KRB5_GET_IN_TKT_LOOP, CAUSE_DC_LIED, e);
        /* Counted twice, one wrong password may lock a person out. A machine's secret is not typed,
         * so it is not wrong by a slip, and nobody is kept from working by it. */
        l->msg.once = !is_machine(l->name);
        if (conn_submit(&l->k->conn, &l->msg, e) < 0 || conn_wait(&l->k->conn, &l->msg, e) < 0)
            return -1;
        if (kerb_read_error(l->k, &l->msg.reply, &refused, NULL))
            return kdc_fail(&refused, l->name, e);
        if (step(l, &more, CAUSE_KDC_WRONG_PASSWORD, e) < 0)
            return -1;
    }
    return collect(l, out, e);
}

static int finish_first(struct kerb_login *l, struct kerb_cred **out, struct err *e)
{
    if (l->is_error && l->first.code == KDC_PREAUTH_REQUIRED && l->hint.no_password) {
        err_fact(e, FACT_ACCOUNT, "%s", l->name);
        err_cause(e, CAUSE_KDC_ETYPE);
        return err_foreign(e, ERR_SRC_KDC, KDC_PREAUTH_REQUIRED,
                           "the KDC offers no key of this account");
    }
    return goes_on(l) ? finish(l, out, e) : kdc_fail(&l->first, l->name, e);
}

/* Old accounts whose password was last set before the domain knew AES. */
static int retry_rc4(struct kerb_login *l, const struct secret *password, struct kerb_cred **out,
                     struct err *e)
{
    struct login_options o = {.etypes = with_rc4, .n_etypes = ARRAY_SIZE(with_rc4)};
    struct kerb_login *again;
    log_notice("kerberos: %s has no AES keys, trying RC4", l->name);
    if (start(l->k, l->name, &o, &again, e) < 0)
        return -1;
    again->own_etypes = true;
    int rc = kerb_login_finish_password(again, password, out, e);
    kerb_login_free(again);
    return rc;
}

int kerb_login_finish_password(struct kerb_login *l, const struct secret *password,
                               struct kerb_cred **out, struct err *e)
{
    if (take_first(l, e) < 0)
        return -1;
    if (lacks_etype(l) && !l->own_etypes && !is_machine(l->name))
        return retry_rc4(l, password, out, e);
    krb5_error_code ret = set_password(l, password);
    if (ret)
        return fail(l, ret, CAUSE_INTERNAL, e);
    return finish_first(l, out, e);
}

static int unreadable(const struct err *why, struct err *e)
{
    err_cause(e, CAUSE_KEYTAB_UNREADABLE);
    return err_foreign(e, why->src, why->lib, "%s", why->raw);
}

/* Without AES keys on either side, the keytab's own types are offered in a request of their own. */
int kerb_login_finish_keytab(struct kerb_login *l, const void *keytab, size_t len,
                             struct kerb_cred **out, struct err *e)
{
    krb5_keytab kt;
    struct err why = {0};
    if (take_first(l, e) < 0)
        return -1;
    if (kerb_keytab_open(l->k->ctx, keytab, len, &kt, &why) < 0)
        return unreadable(&why, e);
    int rc = -1;
    krb5_error_code ret = krb5_init_creds_set_keytab(l->k->ctx, l->ic, kt);
    bool unusable = ret || lacks_etype(l);
    if (!unusable)
        rc = finish_first(l, out, e);
    else if (l->own_etypes)
        rc = ret ? fail(l, ret, CAUSE_KEYTAB_UNREADABLE, e) : kdc_fail(&l->first, l->name, e);
    krb5_kt_close(l->k->ctx, kt);
    return unusable && !l->own_etypes ? kerb_login_keytab(l->k, l->name, keytab, len, out, e) : rc;
}

int kerb_login_password(struct kerb *k, const char *name, const struct secret *password,
                        struct kerb_cred **out, struct err *e)
{
    struct kerb_login *l;
    if (kerb_login_start(k, name, &l, e) < 0)
        return -1;
    int rc = kerb_login_finish_password(l, password, out, e);
    kerb_login_free(l);
    return rc;
}

#define ETYPES_MAX 8

static void add_etype(krb5_enctype *list, size_t *n, krb5_enctype etype)
{
    for (size_t i = 0; i < *n; i++) {
        if (list[i] == etype)
            return;
    }
    if (*n < ETYPES_MAX)
        list[(*n)++] = etype;
}

int kerb_login_keytab(struct kerb *k, const char *name, const void *keytab, size_t len,
                      struct kerb_cred **out, struct err *e)
{
    AUTOFREE struct kerb_keytab_entry *list = NULL;
    struct err why = {0};
    AUTOFREE char *found = NULL;
    krb5_enctype etypes[ETYPES_MAX];
    size_t n, n_etypes = 0;
    if (kerb_keytab_list(keytab, len, &list, &n, &why) < 0)
        return unreadable(&why, e);
    for (size_t i = 0; i < n; i++) {
        const char *at = strrchr(list[i].principal, '@');
        if (!found && at && str_eq(at + 1, k->realm) && (!name || str_ieq(list[i].principal, name)))
            found = xstrdup(list[i].principal);
        if (found && str_eq(list[i].principal, found))
            add_etype(etypes, &n_etypes, list[i].etype);
    }
    if (!found) {
        err_cause(e, CAUSE_KEYTAB_UNREADABLE);
        err_fact(e, FACT_ACCOUNT, "%s", name ? name : k->realm);
        return err_foreign(e, ERR_SRC_NONE, 0, "no entry for %s among %zu", name ? name : k->realm,
                           n);
    }
    struct login_options o = {.etypes = etypes, .n_etypes = n_etypes};
    struct kerb_login *l;
    if (start(k, found, &o, &l, e) < 0)
        return -1;
    l->own_etypes = true;
    int rc = kerb_login_finish_keytab(l, keytab, len, out, e);
    kerb_login_free(l);
    return rc;
}

/* A refusal that says how to do better: with the salt it names, or by its clock, which is noted by
 * now. */
static bool is_correctable(const struct kerb_login *l, const char *salt)
{
    if (!l->is_error)
        return false;
    return l->first.code == KDC_SKEW ||
           (l->first.code == KDC_PREAUTH_FAILED && l->hint.has_salt && !str_eq(l->hint.salt, salt));
}

int kerb_login_machine_direct(struct kerb *k, const char *name, const struct secret *password,
                              const char *salt, struct kerb_hint *confirmed, struct kerb_cred **out,
                              struct err *e)
{
    struct login_options o = {
        .etypes = aes_only, .n_etypes = ARRAY_SIZE(aes_only), .salt = salt, .password = password};
    struct kerb_login *l;
    if (start(k, name, &o, &l, e) < 0)
        return -1;
    int rc = take_first(l, e);
    bool again = rc == 0 && is_correctable(l, salt);
    if (rc == 0)
        *confirmed = l->hint;
    if (again)
        log_info("kerberos: %s: %s, logging in again", name, kdc_error_name(l->first.code));
    else if (rc == 0)
        rc = l->is_error ? kdc_fail(&l->first, name, e) : finish(l, out, e);
    kerb_login_free(l);
    return again ? kerb_login_password(k, name, password, out, e) : rc;
}
