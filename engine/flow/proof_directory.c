/* The part of the proof that the directory gives: asked as the machine, in one round trip. */
#include <string.h>
#include <time.h>

#include "engine/flow/proof.h"
#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

enum { OP_OWN, OP_OTHERS, OP__COUNT };

struct proof_answers {
    struct dir_op op[OP__COUNT];
    char *base, *own, *others;
    struct strv spns; /* ours */
};

static void prepare(struct proof *p, struct proof_answers *a)
{
    static const char *const own[] = {"sAMAccountName",
                                      "dNSHostName",
                                      "servicePrincipalName",
                                      "msDS-KeyVersionNumber",
                                      "msDS-SupportedEncryptionTypes",
                                      "pwdLastSet",
                                      NULL};
    static const char *const others[] = {"sAMAccountName", "servicePrincipalName", NULL};
    struct session *s = p->mb->s;
    struct account_names n = {.name = s->names.netbios, .fqdn = s->names.fqdn};
    AUTOFREE char *sam = filter_escape(s->names.account);
    struct buf b = BUF_INIT(8192);
    account_spns(&n, &a->spns);
    buf_printf(&b, "(&(!(sAMAccountName=%s))(|", sam);
    for (size_t i = 0; i < a->spns.n; i++) {
        AUTOFREE char *spn = filter_escape(a->spns.s[i]);
        buf_printf(&b, "(servicePrincipalName=%s)", spn);
    }
    buf_str(&b, "))");
    a->others = buf_steal(&b);
    a->own = xasprintf("(sAMAccountName=%s)", sam);
    a->base = dn_from_dns(s->loc->domain.dns);
    a->op[OP_OWN] = (struct dir_op){.kind = DIR_SEARCH,
                                    .base = a->base,
                                    .scope = DIR_SUB,
                                    .filter = a->own,
                                    .attrs = own,
                                    .limit = 2};
    a->op[OP_OTHERS] = (struct dir_op){.kind = DIR_SEARCH,
                                       .base = a->base,
                                       .scope = DIR_SUB,
                                       .filter = a->others,
                                       .attrs = others,
                                       .limit = 4};
}

void proof_answers_free(struct proof_answers *a)
{
    if (!a)
        return;
    for (size_t i = 0; i < OP__COUNT; i++)
        dir_op_free(&a->op[i]);
    free(a->base);
    free(a->own);
    free(a->others);
    strv_free(&a->spns);
    free(a);
}

static int open_directory(struct proof *p, struct err *e)
{
    struct session *s = p->mb->s;
    AUTOFREE char *ldap = xasprintf("ldap/%s", session_dc(s)->host);
    const char *spns[] = {ldap};
    if (kerb_service_tickets(s->kerb, p->machine.cred, spns, 1, e) < 0)
        return -1;
    return machine_bind(s, &p->machine, e);
}

static void take_id(struct proof *p, const struct dir_entry *en)
{
    struct account_id *id = &p->id;
    const char *host = dir_text(en, "dNSHostName"), *sam = dir_text(en, "sAMAccountName");
    uint64_t nt = 0;
    int64_t set;
    time_t t;
    id->dn = xstrdup(en->dn);
    id->dns_host = xstrdup(host ? host : "");
    id->sam = xstrdup(sam ? sam : "");
    dir_texts(en, "servicePrincipalName", &id->spns);
    id->has_kvno = dir_u32(en, "msDS-KeyVersionNumber", &id->kvno);
    id->has_etypes = dir_u32(en, "msDS-SupportedEncryptionTypes", &id->etypes);
    if (dir_i64(en, "pwdLastSet", &set) && set > 0) {
        nt = (uint64_t)set;
        if (nttime_to_time(nt, &t) == 0)
            p->view->password_set_at = (int64_t)t;
    }
    p->has_directory = true;
}

static void prove_names(struct proof *p)
{
    struct err e = {0};
    const char *fqdn = p->mb->s->names.fqdn;
    bool right = str_ieq(p->id.dns_host, fqdn), put_off = member_defers_names(p->mb);
    err_fact(&e, FACT_OBJECT, "%s", p->id.dn);
    err_fact(&e, FACT_VALUE, "%s", *p->id.dns_host ? p->id.dns_host : "-");
    if (!right) {
        err_cause(&e, CAUSE_ACCOUNT_NAMES_MISSING);
        err_fact(&e, FACT_NEEDS, "%s", fqdn);
    }
    proof_add(p, CHECK_DNS_NAME,
              right     ? VERDICT_OK
              : put_off ? VERDICT_NOTICE
                        : VERDICT_FAIL,
              MEND_FILES, &e);
}

/* Whose is the service name that another account has? */
static bool clash(const struct proof_answers *a, struct err *e)
{
    const struct dir_op *op = &a->op[OP_OTHERS];
    if (!op->done || op->rc != 0 || op->n_entries == 0)
        return false;
    err_cause(e, CAUSE_SPN_CLASH);
    for (size_t i = 0; i < a->spns.n; i++) {
        if (dir_has_value(&op->entries[0], "servicePrincipalName", a->spns.s[i]))
            err_fact(e, FACT_VALUE, "%s", a->spns.s[i]);
    }
    err_fact(e, FACT_OWNER, "%s", op->entries[0].dn);
    return true;
}

static void prove_services(struct proof *p, const struct proof_answers *a)
{
    struct err e = {0};
    struct buf missing = BUF_INIT(4096);
    for (size_t i = 0; i < a->spns.n; i++) {
        if (!strv_has_icase(&p->id.spns, a->spns.s[i]))
            buf_printf(&missing, "%s%s", missing.len ? " " : "", a->spns.s[i]);
    }
    bool put_off = member_defers_names(p->mb);
    if (clash(a, &e)) {
        proof_add(p, CHECK_SERVICE_NAMES, VERDICT_FAIL, MEND_NOTHING, &e);
    } else if (missing.len) {
        err_cause(&e, CAUSE_ACCOUNT_NAMES_MISSING);
        err_fact(&e, FACT_OBJECT, "%s", p->id.dn);
        err_fact(&e, FACT_NEEDS, "%s", buf_text(&missing));
        proof_add(p, CHECK_SERVICE_NAMES, put_off ? VERDICT_NOTICE : VERDICT_FAIL, MEND_FILES, &e);
    } else {
        proof_add(p, CHECK_SERVICE_NAMES, VERDICT_OK, MEND_NOTHING, NULL);
    }
    buf_free(&missing);
}

static void prove_etypes(struct proof *p)
{
    struct err e = {0};
    bool aes = p->id.has_etypes && (p->id.etypes & ETYPES_AES) == ETYPES_AES;
    if (!aes)
        err_cause(&e, CAUSE_ENCTYPES_WEAK);
    err_fact(&e, FACT_VALUE, p->id.has_etypes ? "0x%x" : "-", p->id.etypes);
    proof_add(p, CHECK_ENCTYPES, aes ? VERDICT_OK : VERDICT_WARNING, MEND_FILES, &e);
}

static void prove_age(struct proof *p)
{
    struct session *s = p->mb->s;
    struct err e = {0};
    long skew = 0;
    if (!p->view->password_set_at)
        return;
    (void)session_skew(s, &skew);
    int64_t days = (host_now(s->here) + skew - p->view->password_set_at) / 86400;
    bool old = days > PASSWORD_OLD_DAYS;
    if (old)
        err_cause(&e, CAUSE_PASSWORD_OLD);
    err_fact(&e, FACT_VALUE, "%lld d", (long long)(days < 0 ? 0 : days));
    proof_add(p, CHECK_PASSWORD_AGE, old ? VERDICT_WARNING : VERDICT_OK, MEND_NOTHING, &e);
}

static bool keytab_has_all(const struct proof *p, struct err *e)
{
    struct strv want = {0};
    bool all = true;
    machine_principals(&p->mb->s->names, &want);
    for (size_t i = 0; i < want.n; i++) {
        if (strv_has_icase(&p->mb->names, want.s[i]))
            continue;
        if (all)
            err_cause(e, CAUSE_KEYTAB_INCOMPLETE);
        err_fact(e, FACT_NEEDS, "%s", want.s[i]);
        all = false;
    }
    strv_free(&want);
    return all;
}

/* After an offline enrolment the keytab has several numbers until the first contact, which is now.
 * True: the guess may stay for the time being. */
static bool numbers_are_guessed(struct proof *p)
{
    struct err e = {0};
    if (!settle_wanted(p))
        return false;
    if (p->settle && settle(p, &e) == 0) {
        log_notice("the keytab has the true key version now: %u", p->id.kvno);
        return false;
    }
    if (e.code)
        log_notice("the keytab's key versions stay as they are: %s %s", code_symbol(e.code), e.raw);
    return p->id.kvno <= p->keytab_kvno;
}

/* The number, and where the account has its names, a ticket for this host opened as a service
 * would. */
static void prove_kvno(struct proof *p)
{
    struct member *mb = p->mb;
    struct session *s = mb->s;
    struct err e = {0}, why = {0};
    AUTOFREE char *host = xasprintf("host/%s", s->names.fqdn);
    bool guessed = numbers_are_guessed(p);
    bool fits = guessed || !p->id.has_kvno || p->id.kvno == p->keytab_kvno;
    if (fits && strv_has_icase(&p->id.spns, host) && p->id.has_etypes &&
        (p->id.etypes & ETYPES_AES) && keytab_has_all(p, &e) &&
        kerb_accept(s->kerb, p->machine.cred, mb->keytab.data, mb->keytab.len, host, &why) < 0 &&
        why.cause == CAUSE_VERIFY_FAILED) {
        fits = false;
    }
    if (!fits) {
        err_cause(&e, CAUSE_KVNO_STALE);
        err_foreign(&e, why.src, why.lib, "%s", why.raw);
    }
    bool notice = guessed && !e.code;
    if (notice)
        err_cause(&e, CAUSE_KEY_NUMBER_GUESSED);
    err_fact(&e, FACT_FILE, guessed ? "%s: 1-%u" : "%s: %u", HOST_KEYTAB, p->keytab_kvno);
    if (p->id.has_kvno)
        err_fact(&e, FACT_OBJECT, "%s: %u", p->id.dn, p->id.kvno);
    proof_add(p, CHECK_KEY_VERSION,
              notice   ? VERDICT_NOTICE
              : e.code ? VERDICT_FAIL
                       : VERDICT_OK,
              MEND_FILES, &e);
}

static void judge(struct proof *p, struct proof_answers *a)
{
    const struct dir_op *own = &a->op[OP_OWN];
    struct err e = {0};
    if (own->rc != 0 || own->n_entries != 1) {
        /* It has just signed in with this account, so it is there: the directory hides it. */
        err_cause(&e, CAUSE_ACCOUNT_MISSING);
        err_fact(&e, FACT_ACCOUNT, "%s", p->mb->principal);
        err_foreign(&e, ERR_SRC_LDAP, own->rc, "%s", own->diag ? own->diag : "");
        proof_add(p, CHECK_NAME, VERDICT_FAIL, MEND_WAIT, &e);
        return;
    }
    take_id(p, &own->entries[0]);
    err_fact(&e, FACT_OBJECT, "%s", p->id.dn);
    proof_add(p, CHECK_NAME, VERDICT_OK, MEND_NOTHING, &e);
    prove_kvno(p);
    prove_names(p);
    prove_services(p, a);
    prove_etypes(p);
    prove_age(p);
    free(p->view->account_dn); /* it may have been moved */
    p->view->account_dn = xstrdup(p->id.dn);
}

int proof_ask_directory(struct proof *p, struct err *e)
{
    struct proof_answers *a = xcalloc(1, sizeof *a);
    proof_answers_free(p->answers);
    p->answers = a;
    prepare(p, a);
    struct dir_op *ops[] = {&a->op[OP_OWN], &a->op[OP_OTHERS]};
    p->machine.wait_ms = p->mb->s->login_wait_ms;
    if (open_directory(p, e) < 0 || dir_run(p->machine.dir, ops, ARRAY_SIZE(ops), e) < 0)
        return -1;
    dir_set_timeout(p->machine.dir, DIR_TIMEOUT_MS);
    return 0;
}

void proof_directory(struct proof *p)
{
    if (p->directory.code)
        proof_add(p, CHECK_PORT_LDAP, VERDICT_FAIL, MEND_WAIT, &p->directory);
    else
        judge(p, p->answers);
}
