/*
 * The Kerberos password change protocol, RFC 3244, request of version 1: the owner of a key gives
 * itself a new password. Over TCP, with the four bytes of length that RFC 4120 7.2.2 has.
 *
 *   request: length 16, version 16 (1), length of AP-REQ 16, AP-REQ, KRB-PRIV { new password }
 *   answer:  length 16, version 16, length of AP-REP 16, AP-REP, KRB-PRIV { code 16, text },
 *            or with a length of AP-REP of 0: KRB-ERROR, whose e-data is { code 16, text }
 */
#include <string.h>
#include <sys/socket.h>

#include "engine/base/log.h"
#include "engine/kerb/kerb_int.h"

#define HEAD_LEN 6
#define VERSION  1
#define AD_VERSION                                                                                 \
    0xff80u /* Windows may answer with the version of its own set-password request                 \
             */
#define RESULT_DONE 0

struct change {
    struct kerb *k;
    const char *account;
    krb5_auth_context ac;
    int fd;
    bool sent;
};

static void put16(struct buf *b, size_t v)
{
    unsigned char two[2] = {(unsigned char)(v >> 8), (unsigned char)v};
    buf_put(b, two, sizeof two);
}

static size_t get16(const unsigned char *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static int fail(const struct change *c, krb5_error_code ret, enum cause cause, struct err *e)
{
    err_fact(e, FACT_SERVER, "%s", c->k->conn.host);
    return kerb_fail(c->k->ctx, ret, cause, e);
}

static int lied(const struct change *c, size_t len, struct err *e)
{
    err_fact(e, FACT_SERVER, "%s", c->k->conn.host);
    err_fact(e, FACT_PORT, "%d/tcp", KERB_KPASSWD_PORT);
    err_cause(e, CAUSE_DC_LIED);
    return err_foreign(e, ERR_SRC_NONE, 0, "answer of %zu bytes to the password change", len);
}

/* The AP-REQ, with a key of its own for this exchange. */
static krb5_error_code make_ap_req(struct change *c, struct kerb_cred *ticket, krb5_data *out)
{
    krb5_context ctx = c->k->ctx;
    krb5_creds want = {0}, *got = NULL;
    krb5_error_code ret = krb5_cc_get_principal(ctx, ticket->cc, &want.client);
    if (!ret)
        ret = kerb_service_principal(ctx, KERB_KPASSWD_SERVICE, c->k->realm, &want.server);
    if (!ret)
        ret = krb5_get_credentials(ctx, KRB5_GC_CACHED, ticket->cc, &want, &got);
    if (!ret)
        ret = krb5_mk_req_extended(ctx, &c->ac, AP_OPTS_USE_SUBKEY, NULL, got, out);
    krb5_free_creds(ctx, got);
    krb5_free_cred_contents(ctx, &want);
    return ret;
}

static krb5_error_code make_priv(struct change *c, const struct secret *password, krb5_data *out)
{
    krb5_data plain = {.length = (unsigned)password->len, .data = (char *)password->data};
    krb5_replay_data replay = {0};
    krb5_error_code ret = krb5_auth_con_setflags(c->k->ctx, c->ac, KRB5_AUTH_CONTEXT_DO_SEQUENCE);
    if (!ret)
        ret =
            krb5_auth_con_genaddrs(c->k->ctx, c->ac, c->fd, KRB5_AUTH_CONTEXT_GENERATE_LOCAL_ADDR);
    if (!ret)
        ret = krb5_mk_priv(c->k->ctx, c->ac, &plain, out, &replay);
    return ret;
}

static int make_request(struct change *c, struct kerb_cred *ticket, const struct secret *password,
                        struct buf *out, struct err *e)
{
    krb5_context ctx = c->k->ctx;
    krb5_data req = {0}, priv = {0};
    krb5_error_code ret = krb5_auth_con_init(ctx, &c->ac);
    if (!ret)
        ret = make_ap_req(c, ticket, &req);
    if (!ret)
        ret = make_priv(c, password, &priv);
    size_t total = HEAD_LEN + req.length + priv.length;
    int rc = ret ? fail(c, ret, CAUSE_INTERNAL, e) : total > 0xffff ? lied(c, total, e) : 0;
    if (rc == 0) {
        put16(out, 0); /* TCP's length has four bytes, the message's own two */
        put16(out, total);
        put16(out, total);
        put16(out, VERSION);
        put16(out, req.length);
        buf_put(out, req.data, req.length);
        buf_put(out, priv.data, priv.length);
        rc = out->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    }
    krb5_free_data_contents(ctx, &req);
    krb5_free_data_contents(ctx, &priv);
    return rc;
}

/* While the answer is open, closing ends the connection at once, also when this process is killed:
 * else the system would go on sending a request whose new password has been thrown away by then. */
static void set_abort(struct change *c, bool on)
{
    const struct linger l = {.l_onoff = on, .l_linger = 0};
    (void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

static int exchange(struct change *c, const struct buf *request, struct buf *reply, struct err *e)
{
    int64_t deadline = net_now_ms() + KERB_EXCHANGE_MS;
    unsigned char head[4];
    if (cancel_check(c->k->conn.cancel, e) < 0)
        return -1;
    c->sent = true;
    set_abort(c, true);
    if (net_write_all(c->fd, request->data, request->len, deadline, NULL, e) < 0 ||
        net_read_all(c->fd, head, sizeof head, deadline, NULL, e) < 0) {
        err_fact(e, FACT_SERVER, "%s", c->k->conn.host);
        return -1;
    }
    size_t len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | get16(head + 2);
    if (len < HEAD_LEN || len > KERB_REPLY_MAX)
        return lied(c, len, e);
    AUTOFREE unsigned char *data = xcalloc(1, len);
    if (net_read_all(c->fd, data, len, deadline, NULL, e) < 0) {
        err_fact(e, FACT_SERVER, "%s", c->k->conn.host);
        return -1;
    }
    set_abort(c, false);
    buf_put(reply, data, len);
    return reply->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

/* Servers differ in whether they seal the answer with the key of the exchange or the ticket's. */
static krb5_error_code open_priv(struct change *c, krb5_data *in, krb5_data *out)
{
    krb5_replay_data replay = {0};
    krb5_error_code ret = krb5_rd_priv(c->k->ctx, c->ac, in, out, &replay);
    if (ret && !krb5_auth_con_setrecvsubkey(c->k->ctx, c->ac, NULL))
        ret = krb5_rd_priv(c->k->ctx, c->ac, in, out, &replay);
    return ret;
}

/* The sealed answer of a server that has proved that it knows the ticket's key. */
static krb5_error_code open_reply(struct change *c, const unsigned char *p, size_t ap_len,
                                  size_t rest, krb5_data *out)
{
    krb5_data rep = {.length = (unsigned)ap_len, .data = (char *)p};
    krb5_data priv = {.length = (unsigned)rest, .data = (char *)p + ap_len};
    krb5_ap_rep_enc_part *part = NULL;
    krb5_error_code ret = krb5_rd_rep(c->k->ctx, c->ac, &rep, &part);
    krb5_free_ap_rep_enc_part(c->k->ctx, part);
    return ret ? ret : open_priv(c, &priv, out);
}

static const char *result_name(size_t code)
{
    static const char *const names[] = {"success",        "malformed request",    "server error",
                                        "authentication", "refused by a rule",    "access denied",
                                        "wrong version",  "initial ticket needed"};
    return code < ARRAY_SIZE(names) ? names[code] : "unknown result";
}

/* Result code and text; Active Directory's rules come as a structure that libkrb5 can spell out. */
static int judge(const struct change *c, const krb5_data *result, enum kerb_change *outcome,
                 struct err *e)
{
    char *words = NULL;
    if (result->length < 2)
        return lied(c, result->length, e);
    size_t code = get16((const unsigned char *)result->data);
    *outcome = code == RESULT_DONE ? KERB_CHANGED : KERB_NOT_CHANGED;
    if (code == RESULT_DONE)
        return 0;
    krb5_data text = {.length = result->length - 2, .data = result->data + 2};
    if (krb5_chpw_message(c->k->ctx, &text, &words))
        words = NULL;
    err_cause(e, CAUSE_MACHINE_PASSWORD_CHANGE);
    err_fact(e, FACT_ACCOUNT, "%s", c->account);
    err_fact(e, FACT_SERVER, "%s", c->k->conn.host);
    err_fact(e, FACT_DETAIL, "%s", words ? words : result_name(code));
    err_foreign(e, ERR_SRC_NONE, (long)code, "kpasswd result %zu (%s): %s", code, result_name(code),
                words ? words : "");
    krb5_free_string(c->k->ctx, words);
    return -1;
}

/* A KRB-ERROR is not protected, so it says that nothing was changed and proves it to nobody: the
 * outcome stays open unless its code is one that comes before the request is opened. */
static int read_error(struct change *c, const unsigned char *p, size_t len,
                      enum kerb_change *outcome, struct err *e)
{
    krb5_data in = {.length = (unsigned)len, .data = (char *)p};
    krb5_error *msg = NULL;
    if (krb5_rd_error(c->k->ctx, &in, &msg))
        return lied(c, len, e);
    int rc = -1;
    if (msg->e_data.length >= 2 && get16((unsigned char *)msg->e_data.data) != RESULT_DONE) {
        rc = judge(c, &msg->e_data, outcome, e);
        *outcome = KERB_CHANGE_UNKNOWN;
    } else {
        struct kdc_error ke = {.code = (int)msg->error, .stime = (uint32_t)msg->stime};
        kdc_fail(&ke, c->account, e);
    }
    krb5_free_error(c->k->ctx, msg);
    return rc;
}

static int read_reply(struct change *c, const struct buf *reply, enum kerb_change *outcome,
                      struct err *e)
{
    const unsigned char *p = reply->data;
    krb5_data result = {0};
    size_t version = get16(p + 2), ap_len = get16(p + 4), rest = reply->len - HEAD_LEN;
    /* Some servers answer a bare KRB-ERROR (application tag 30) without the head. */
    if (p[0] == 0x7e)
        return read_error(c, p, reply->len, outcome, e);
    if (get16(p) != reply->len || (version != VERSION && version != AD_VERSION) || ap_len > rest)
        return lied(c, reply->len, e);
    if (ap_len == 0)
        return read_error(c, p + HEAD_LEN, rest, outcome, e);
    krb5_error_code ret = open_reply(c, p + HEAD_LEN, ap_len, rest - ap_len, &result);
    int rc = ret ? fail(c, ret, CAUSE_DC_LIED, e) : judge(c, &result, outcome, e);
    krb5_free_data_contents(c->k->ctx, &result);
    return rc;
}

int kerb_change_password(struct kerb *k, struct kerb_cred *ticket, int fd,
                         const struct secret *password, enum kerb_change *outcome, struct err *e)
{
    struct change c = {.k = k, .account = kerb_cred_principal(ticket), .fd = fd};
    struct buf request = BUF_SECRET(KERB_REPLY_MAX), reply = BUF_SECRET(KERB_REPLY_MAX);
    *outcome = KERB_NOT_CHANGED;
    int rc = make_request(&c, ticket, password, &request, e);
    if (rc == 0)
        rc = exchange(&c, &request, &reply, e);
    if (c.sent)
        *outcome = KERB_CHANGE_UNKNOWN;
    if (rc == 0)
        rc = read_reply(&c, &reply, outcome, e);
    log_info("kpasswd: %s at %s: %s", c.account, k->conn.host,
             *outcome == KERB_CHANGED       ? "changed"
             : *outcome == KERB_NOT_CHANGED ? "not changed"
                                            : "outcome not known");
    buf_free(&request);
    buf_free(&reply);
    krb5_auth_con_free(k->ctx, c.ac);
    net_close(&fd);
    return rc;
}
