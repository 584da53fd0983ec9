/* Service tickets, all asked for at once, and the acceptor's proof that a keytab opens one. */
#include <stdio.h>
#include <string.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/ber/kdcrep.h"
#include "engine/kerb/kerb_int.h"

#define TICKETS_MAX 6

struct ticket {
    char *spn;
    krb5_tkt_creds_context tc;
    struct conn_msg msg;
    bool waiting; /* msg is on the wire */
};

static int fail(struct kerb *k, const char *spn, krb5_error_code ret, struct err *e)
{
    err_fact(e, FACT_SERVICE, "%s", spn);
    return kerb_fail(k->ctx, ret, CAUSE_KDC_UNKNOWN_SERVER, e);
}

/* Gives libkrb5 the answer (empty at the start); the next request, when there is one, is put on the
 * wire. */
static int step(struct kerb *k, struct ticket *t, struct err *e)
{
    krb5_data in = {.length = (unsigned)t->msg.reply.len, .data = (char *)t->msg.reply.data};
    krb5_data out = {0}, realm = {0};
    unsigned flags = 0;
    int rc = 0;
    krb5_error_code ret = krb5_tkt_creds_step(k->ctx, t->tc, &in, &out, &realm, &flags);
    t->waiting = !ret && (flags & KRB5_TKT_CREDS_STEP_FLAG_CONTINUE);
    if (ret)
        rc = fail(k, t->spn, ret, e);
    else if (t->waiting &&
             (realm.length != strlen(k->realm) || memcmp(realm.data, k->realm, realm.length) != 0))
        rc = fail(k, t->spn, KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, e);
    if (rc == 0 && t->waiting) {
        conn_msg_set(&t->msg, out.data, out.length);
        rc = conn_submit(&k->conn, &t->msg, e);
    }
    krb5_free_data_contents(k->ctx, &out);
    krb5_free_data_contents(k->ctx, &realm);
    return rc;
}

static int begin(struct kerb *k, struct kerb_cred *c, struct ticket *t, struct err *e)
{
    krb5_creds want = {0};
    krb5_error_code ret = krb5_cc_get_principal(k->ctx, c->cc, &want.client);
    if (!ret)
        ret = kerb_service_principal(k->ctx, t->spn, k->realm, &want.server);
    if (!ret)
        ret = krb5_tkt_creds_init(k->ctx, c->cc, &want, 0, &t->tc);
    if (ret)
        t->tc = NULL;
    krb5_free_cred_contents(k->ctx, &want);
    return ret ? fail(k, t->spn, ret, e) : step(k, t, e);
}

/* Answers of one connection come in the order of the requests, but the RFC does not promise it. */
static void sort_answers(struct ticket *t, size_t n)
{
    char name[512];
    for (size_t i = 0; i < n; i++) {
        if (!t[i].waiting ||
            !ber_kdc_server_name(t[i].msg.reply.data, t[i].msg.reply.len, name, sizeof name) ||
            str_ieq(name, t[i].spn))
            continue;
        for (size_t j = i + 1; j < n; j++) {
            if (t[j].waiting && str_ieq(name, t[j].spn)) {
                struct buf swap = t[i].msg.reply;
                t[i].msg.reply = t[j].msg.reply;
                t[j].msg.reply = swap;
                i--; /* look at what came here */
                break;
            }
        }
    }
}

/* GSSAPI looks for "ldap/host@" without a realm, because no configuration tells it the host's
 * realm. */
static int store_unqualified(struct kerb *k, struct kerb_cred *c, struct ticket *t, struct err *e)
{
    krb5_creds got = {0};
    krb5_principal plain = NULL;
    krb5_error_code ret = krb5_tkt_creds_get_creds(k->ctx, t->tc, &got);
    if (!ret)
        ret = kerb_service_principal(k->ctx, t->spn, "", &plain);
    if (!ret) {
        krb5_principal full = got.server;
        got.server = plain;
        ret = krb5_cc_store_cred(k->ctx, c->cc, &got);
        got.server = full;
    }
    krb5_free_principal(k->ctx, plain);
    krb5_free_cred_contents(k->ctx, &got);
    return ret ? fail(k, t->spn, ret, e) : 0;
}

static int round_trip(struct kerb *k, struct ticket *t, size_t n, bool *more, struct err *e)
{
    struct kdc_error refused;
    for (size_t i = 0; i < n; i++) {
        if (t[i].waiting && conn_wait(&k->conn, &t[i].msg, e) < 0)
            return -1;
    }
    sort_answers(t, n);
    *more = false;
    for (size_t i = 0; i < n; i++) {
        if (!t[i].waiting)
            continue;
        if (kerb_read_error(k, &t[i].msg.reply, &refused, NULL)) {
            err_fact(e, FACT_SERVICE, "%s", t[i].spn);
            return kdc_fail(&refused, NULL, e);
        }
        if (step(k, &t[i], e) < 0)
            return -1;
        *more |= t[i].waiting;
    }
    return 0;
}

struct kerb_tickets {
    struct kerb *k;
    struct kerb_cred *c;
    struct ticket t[TICKETS_MAX];
    size_t n;
};

void kerb_tickets_free(struct kerb_tickets *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->n; i++) {
        conn_forget(&r->k->conn, &r->t[i].msg);
        conn_msg_free(&r->t[i].msg);
        if (r->t[i].tc)
            krb5_tkt_creds_free(r->k->ctx, r->t[i].tc);
        free(r->t[i].spn);
    }
    free(r);
}

int kerb_tickets_start(struct kerb *k, struct kerb_cred *c, const char *const *spn, size_t n,
                       struct kerb_tickets **out, struct err *e)
{
    if (n > TICKETS_MAX)
        return err_cause(e, CAUSE_INTERNAL);
    struct kerb_tickets *r = xcalloc(1, sizeof *r);
    *r = (struct kerb_tickets){.k = k, .c = c, .n = n};
    for (size_t i = 0; i < n; i++)
        r->t[i].spn = xstrdup(spn[i]);
    for (size_t i = 0; i < n; i++) {
        if (begin(k, c, &r->t[i], e) < 0) {
            kerb_tickets_free(r);
            return -1;
        }
    }
    *out = r;
    return 0;
}

static int complete(struct kerb_tickets *r, struct err *e)
{
    bool more = true;
    for (int rounds = 0; more; rounds++) {
        if (rounds > 4)
            return fail(r->k, r->t[0].spn, KRB5_GET_IN_TKT_LOOP, e);
        if (round_trip(r->k, r->t, r->n, &more, e) < 0)
            return -1;
    }
    for (size_t i = 0; i < r->n; i++) {
        if (store_unqualified(r->k, r->c, &r->t[i], e) < 0)
            return -1;
    }
    return 0;
}

int kerb_tickets_finish(struct kerb_tickets *r, struct err *e)
{
    int rc = complete(r, e);
    kerb_tickets_free(r);
    return rc;
}

int kerb_service_tickets(struct kerb *k, struct kerb_cred *c, const char *const *spn, size_t n,
                         struct err *e)
{
    struct kerb_tickets *r;
    return kerb_tickets_start(k, c, spn, n, &r, e) < 0 ? -1 : kerb_tickets_finish(r, e);
}

/* What a service does with a ticket: AP-REQ in, client's name out. No replay cache: this one was
 * made here. */
static krb5_error_code accept_with(krb5_context ctx, krb5_data *request, krb5_principal server,
                                   krb5_keytab kt)
{
    krb5_auth_context ac = NULL;
    krb5_flags flags = 0;
    krb5_ticket *ticket = NULL;
    krb5_error_code ret = krb5_auth_con_init(ctx, &ac);
    if (ret)
        return ret;
    krb5_auth_con_setflags(ctx, ac, 0);
    ret = krb5_rd_req(ctx, &ac, request, server, kt, &flags, &ticket);
    krb5_free_ticket(ctx, ticket);
    krb5_auth_con_free(ctx, ac);
    return ret;
}

static krb5_error_code make_request(struct kerb *k, struct kerb_cred *c, krb5_principal server,
                                    krb5_data *out)
{
    krb5_auth_context ac = NULL;
    krb5_creds want = {.server = server}, *got = NULL;
    krb5_error_code ret = krb5_cc_get_principal(k->ctx, c->cc, &want.client);
    if (!ret)
        ret = krb5_get_credentials(k->ctx, KRB5_GC_CACHED, c->cc, &want, &got);
    if (!ret)
        ret = krb5_mk_req_extended(k->ctx, &ac, 0, NULL, got, out);
    krb5_free_creds(k->ctx, got);
    krb5_free_principal(k->ctx, want.client);
    krb5_auth_con_free(k->ctx, ac);
    return ret;
}

int kerb_accept(struct kerb *k, struct kerb_cred *c, const void *keytab, size_t len,
                const char *spn, struct err *e)
{
    krb5_principal server = NULL;
    krb5_keytab kt;
    krb5_data request = {0};
    if (kerb_service_tickets(k, c, &spn, 1, e) < 0 ||
        kerb_keytab_open(k->ctx, keytab, len, &kt, e) < 0)
        return -1;
    krb5_error_code ret = kerb_service_principal(k->ctx, spn, k->realm, &server);
    if (!ret)
        ret = make_request(k, c, server, &request);
    if (!ret)
        ret = accept_with(k->ctx, &request, server, kt);
    krb5_free_data_contents(k->ctx, &request);
    krb5_free_principal(k->ctx, server);
    krb5_kt_close(k->ctx, kt);
    if (!ret)
        return 0;
    err_fact(e, FACT_SERVICE, "%s", spn);
    return kerb_fail(k->ctx, ret, CAUSE_VERIFY_FAILED, e);
}
