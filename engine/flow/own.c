/* The machine's own login, with what it has: its keytab, the password given, the default one. */
#include "engine/flow/own.h"

#include <stdio.h>
#include <string.h>

#include "engine/flow/machine.h"
#include "engine/model/settings_flags.h"

#define DEFAULT_LEN     14 /* [MS-WKST] 3.2.4.13.3 */
#define SVC_UNAVAILABLE 29 /* RFC 4120 7.5.9: a read-only KDC that has nobody to ask */

struct between {
    int (*call)(struct session *s, void *arg, struct err *e);
    void *arg;
};

void own_login_drop(struct own_login *o)
{
    if (!o)
        return;
    secret_free(&o->password);
    free(o);
}

int own_default_password(const char *netbios, struct secret *out)
{
    char lower[DEFAULT_LEN + 1];
    snprintf(lower, sizeof lower, "%s", netbios);
    str_lower(lower);
    return secret_set(out, lower, strlen(lower));
}

/* In the words of somebody who has no account but the machine's. */
static int login_refused(struct session *s, enum own_secret how, struct err *e)
{
    bool wrong = e->cause == CAUSE_KDC_WRONG_PASSWORD || e->cause == CAUSE_KDC_ETYPE;
    if (settings_no_directory_write(s->s) && e->src == ERR_SRC_KDC &&
        (wrong || e->lib == SVC_UNAVAILABLE))
        e->cause = wrong ? CAUSE_MACHINE_PASSWORD_WRONG : CAUSE_RODC_NO_SECRET;
    else if (wrong && how != OWN_KEYTAB)
        e->cause = CAUSE_MACHINE_PASSWORD_WRONG;
    else if (e->cause == CAUSE_KDC_UNKNOWN_USER)
        e->cause = CAUSE_PREPARED_MISSING;
    else
        return -1;
    e->code = cause_code(e->cause);
    return -1;
}

static int one_login(struct session *s, enum own_secret how, const struct buf *keytab,
                     struct between *b, struct err *e)
{
    struct kerb_login *login = NULL;
    struct kerb_hint hint = {0};
    AUTOFREE char *who = xasprintf("%s@%s", s->names.account, s->realm);
    if (kerb_login_start(s->kerb, who, &login, e) < 0)
        return -1;
    int r = b->call ? b->call(s, b->arg, e) : 0;
    b->call = NULL;
    if (r == 0)
        r = kerb_login_hint(login, &hint, e);
    if (r == 0)
        r = check_clock(s, e);
    if (r == 0) {
        s->secret_sent = true;
        kerb_set_wait(s->kerb, KERB_EXCHANGE_MS);
        r = how == OWN_KEYTAB
                ? kerb_login_finish_keytab(login, keytab->data, keytab->len, &s->user, e)
                : kerb_login_finish_password(login, &s->own->password, &s->user, e);
        s->secret_sent = r < 0;
    }
    kerb_login_free(login);
    if (r == 0) {
        s->own->secret = how;
        snprintf(s->own->salt, sizeof s->own->salt, "%s", hint.has_salt ? hint.salt : "");
        return 0;
    }
    err_fact(e, FACT_ACCOUNT, "%s", s->names.account);
    return login_refused(s, how, e);
}

static bool has_own_entry(struct session *s, const struct buf *keytab)
{
    AUTOFREE struct kerb_keytab_entry *list = NULL;
    AUTOFREE char *who = xasprintf("%s@%s", s->names.account, s->realm);
    struct err ignored = {0};
    size_t n = 0;
    bool has = false;
    if (keytab->len && kerb_keytab_list(keytab->data, keytab->len, &list, &n, &ignored) == 0) {
        for (size_t i = 0; i < n; i++)
            has = has || str_eq(list[i].principal, who);
    }
    return has;
}

/* 1 when the keytab works, 0 when there is none that does, -1 when that cannot be told. */
static int try_keytab(struct session *s, struct between *b, struct err *e)
{
    struct buf keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    struct err why = {0};
    bool present;
    int r = host_read_opt(s->target, HOST_KEYTAB, &keytab, &present, e);
    if (r == 0 && has_own_entry(s, &keytab)) {
        r = one_login(s, OWN_KEYTAB, &keytab, b, &why) == 0 ? 1 : 0;
        if (r == 0 && why.cause != CAUSE_KDC_WRONG_PASSWORD && why.cause != CAUSE_KDC_ETYPE) {
            *e = why;
            r = -1;
        } else if (r == 0) {
            log_notice("the machine's keytab is no longer accepted: %s", why.raw);
        }
    }
    buf_free(&keytab);
    return r;
}

static int choose_password(struct session *s, enum own_secret *how, struct err *e)
{
    bool passed = settings_bool(s->s, OPT_FLAG_MACHINE_PWD_PASSED);
    if (passed && settings_check_password_there(s->s, e) < 0)
        return -1;
    *how = passed ? OWN_PASSED : OWN_DEFAULT;
    int r = passed ? secret_copy(&s->own->password, &s->s->password)
                   : own_default_password(s->names.netbios, &s->own->password);
    return r < 0 ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
}

int own_log_in(struct session *s, int (*call)(struct session *s, void *arg, struct err *e),
               void *arg, struct err *e)
{
    struct between b = {call, arg};
    enum own_secret how;
    AUTOFREE char *host = NULL;
    own_login_drop(s->own);
    s->own = xcalloc(1, sizeof *s->own);
    if (present_host_name(s, &host, e) < 0 ||
        names_resolve(s->s, host, s->loc->domain.dns, &s->names, e) < 0 ||
        choose_password(s, &how, e) < 0)
        return -1;
    if (settings_bool(s->s, OPT_FLAG_WIN9X_UPGRADE)) {
        int r = try_keytab(s, &b, e);
        if (r != 0)
            return r < 0 ? -1 : 0;
    }
    return one_login(s, how, NULL, &b, e);
}
