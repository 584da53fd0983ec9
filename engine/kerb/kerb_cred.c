/* Credentials: memory caches, the caller's own ticket, and how GSSAPI gets at them. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <gssapi/gssapi_krb5.h>
#include <profile.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "engine/base/strv.h"
#include "engine/kerb/kerb_int.h"

static char *unparse(krb5_context ctx, krb5_const_principal p)
{
    char *text;
    if (krb5_unparse_name(ctx, p, &text))
        return xstrdup("");
    char *copy = xstrdup(text);
    krb5_free_unparsed_name(ctx, text);
    return copy;
}

int kerb_cred_new(struct kerb *k, krb5_creds *tgt, struct kerb_cred **out, struct err *e)
{
    struct kerb_cred *c = xcalloc(1, sizeof *c);
    c->k = k;
    krb5_error_code ret = krb5_cc_new_unique(k->ctx, "MEMORY", NULL, &c->cc);
    if (ret)
        c->cc = NULL;
    else
        ret = krb5_cc_initialize(k->ctx, c->cc, tgt->client);
    if (!ret)
        ret = krb5_cc_store_cred(k->ctx, c->cc, tgt);
    if (ret) {
        kerb_cred_free(c);
        return kerb_fail(k->ctx, ret, CAUSE_INTERNAL, e);
    }
    c->name = unparse(k->ctx, tgt->client);
    c->end = (int64_t)(uint32_t)tgt->times.endtime;
    *out = c;
    return 0;
}

void kerb_cred_free(struct kerb_cred *c)
{
    if (!c)
        return;
    if (c->cc)
        krb5_cc_destroy(c->k->ctx, c->cc);
    free(c->name);
    free(c);
}

const char *kerb_cred_principal(const struct kerb_cred *c)
{
    return c->name;
}

int64_t kerb_cred_end(const struct kerb_cred *c)
{
    return c->end;
}

int kerb_select(const struct kerb_cred *c, struct err *e)
{
    OM_uint32 minor;
    char *name;
    krb5_error_code ret = krb5_cc_get_full_name(c->k->ctx, c->cc, &name);
    if (ret)
        return kerb_fail(c->k->ctx, ret, CAUSE_INTERNAL, e);
    OM_uint32 major = gss_krb5_ccache_name(&minor, name, NULL);
    krb5_free_string(c->k->ctx, name);
    return major == GSS_S_COMPLETE
               ? 0
               : kerb_fail(c->k->ctx, (krb5_error_code)minor, CAUSE_INTERNAL, e);
}

void kerb_unselect(void)
{
    OM_uint32 minor;
    (void)gss_krb5_ccache_name(&minor, NULL, NULL);
}

/* A context with the system's own configuration, to find and read the caller's cache: the process's
 * private one knows nothing of it. */
static krb5_error_code caller_context(krb5_context *ctx)
{
    profile_t profile = NULL;
    const char *config = kerb_caller_config();
    krb5_error_code ret = profile_init_path(config ? config : "/etc/krb5.conf", &profile);
    if (ret) { /* no configuration, or a broken one: the defaults */
        log_notice("kerberos: the system's configuration cannot be read");
        profile = NULL;
        ret = profile_init(NULL, &profile);
        if (ret)
            return ret;
    }
    ret = krb5_init_context_profile(profile, 0, ctx);
    profile_release(profile);
    return ret;
}

/* The ticket-granting ticket for our realm, whoever's it is. */
static krb5_error_code find_tgt(krb5_context ctx, krb5_ccache cc, const char *realm,
                                krb5_creds *tgt)
{
    krb5_cc_cursor cursor;
    krb5_creds one;
    krb5_error_code ret = krb5_cc_start_seq_get(ctx, cc, &cursor);
    bool found = false;
    if (ret)
        return ret;
    while (!found && krb5_cc_next_cred(ctx, cc, &cursor, &one) == 0) {
        const krb5_principal s = one.server;
        found = s->length == 2 && s->data[0].length == 6 &&
                memcmp(s->data[0].data, "krbtgt", 6) == 0 && s->data[1].length == strlen(realm) &&
                memcmp(s->data[1].data, realm, s->data[1].length) == 0;
        if (found)
            *tgt = one;
        else
            krb5_free_cred_contents(ctx, &one);
    }
    krb5_cc_end_seq_get(ctx, cc, &cursor);
    return found ? 0 : KRB5_CC_NOTFOUND;
}

static int no_ticket(krb5_context ctx, krb5_error_code ret, const char *cache, struct err *e)
{
    if (cache)
        err_fact(e, FACT_FILE, "%s", cache);
    err_cause(e, CAUSE_NO_TICKET);
    return kerb_fail(ctx, ret, CAUSE_NO_TICKET, e);
}

static int adopt(struct kerb *k, krb5_context ctx, krb5_ccache cc, const char *cache,
                 struct kerb_cred **out, struct err *e)
{
    krb5_creds tgt = {0};
    krb5_error_code ret = find_tgt(ctx, cc, k->realm, &tgt);
    if (ret)
        return no_ticket(ctx, ret, cache, e);
    int rc = 0;
    long offset = k->has_offset ? k->offset : 0;
    if ((int64_t)(uint32_t)tgt.times.endtime <= (int64_t)time(NULL) + offset) {
        err_fact(e, FACT_FILE, "%s", cache);
        rc = kerb_fail(ctx, KRB5KRB_AP_ERR_TKT_EXPIRED, CAUSE_TICKET_EXPIRED, e);
    } else {
        rc = kerb_cred_new(k, &tgt, out, e);
    }
    if (rc == 0)
        log_info("kerberos: the caller's ticket of %s from %s", (*out)->name, cache);
    krb5_free_cred_contents(ctx, &tgt);
    return rc;
}

int kerb_login_default(struct kerb *k, struct kerb_cred **out, struct err *e)
{
    krb5_context ctx;
    krb5_ccache cc;
    char *name = NULL;
    krb5_error_code ret = caller_context(&ctx);
    if (ret)
        return kerb_fail(NULL, ret, CAUSE_NO_TICKET, e);
    const char *asked = kerb_caller_ccname();
    ret = krb5_cc_resolve(ctx, asked ? asked : krb5_cc_default_name(ctx), &cc);
    if (ret) {
        no_ticket(ctx, ret, asked, e);
        krb5_free_context(ctx);
        return -1;
    }
    ret = krb5_cc_get_full_name(ctx, cc, &name);
    int rc = ret ? no_ticket(ctx, ret, asked, e) : adopt(k, ctx, cc, name, out, e);
    krb5_free_string(ctx, name);
    krb5_cc_close(ctx, cc);
    krb5_free_context(ctx);
    return rc;
}

int kerb_export_ccache(const struct kerb_cred *c, const char *path, struct err *e)
{
    krb5_context ctx = c->k->ctx;
    krb5_ccache cc;
    krb5_principal client = NULL;
    AUTOFREE char *name = xasprintf("FILE:%s", path);
    krb5_error_code ret = krb5_cc_get_principal(ctx, c->cc, &client);
    if (!ret)
        ret = krb5_cc_resolve(ctx, name, &cc);
    if (!ret) {
        ret = krb5_cc_initialize(ctx, cc, client); /* made anew with mode 0600 */
        if (!ret)
            ret = krb5_cc_copy_creds(ctx, c->cc, cc);
        if (ret)
            krb5_cc_destroy(ctx, cc);
        else
            krb5_cc_close(ctx, cc);
    }
    krb5_free_principal(ctx, client);
    if (!ret)
        return 0;
    err_fact(e, FACT_FILE, "%s", path);
    return kerb_fail(ctx, ret, CAUSE_FILE_WRITE_FAILED, e);
}
