#include "engine/flow/proof.h"

#include <errno.h>

void proof_add(struct proof *p, enum check c, enum verdict v, enum mend mend, const struct err *e)
{
    struct status_view *view = p->view;
    view->checks = xrealloc_array(view->checks, view->n_checks + 1, sizeof *view->checks);
    view->checks[view->n_checks] = (struct verdict_view){.check = c, .verdict = v};
    if (e)
        view->checks[view->n_checks].err = *e;
    view->n_checks++;
    report_verdict(p->mb->s->r, c, p->soft && v == VERDICT_FAIL ? VERDICT_WARNING : v, e);
    if ((v == VERDICT_WARNING || v == VERDICT_FAIL) && mend > view->mend) {
        view->mend = mend;
        if (e)
            p->worst = *e;
    }
}

static void skip(struct proof *p, enum check c)
{
    proof_add(p, c, VERDICT_SKIPPED, MEND_NOTHING, NULL);
}

/* The highest version that the keytab has for the machine itself. */
static void read_kvno(struct proof *p)
{
    struct kerb_keytab_entry *list = NULL;
    struct err ignored = {0};
    size_t n = 0;
    struct buf *b = &p->mb->keytab;
    if (kerb_keytab_list(b->data, b->len, &list, &n, &ignored) < 0)
        n = 0;
    for (size_t i = 0; i < n; i++) {
        if (str_ieq(list[i].principal, p->mb->principal) && list[i].kvno > p->keytab_kvno)
            p->keytab_kvno = list[i].kvno;
    }
    free(list);
}

static void prove_keytab(struct proof *p)
{
    struct err e = {0};
    if (member_read_keytab(p->mb, &e) == 0) {
        p->has_keytab = true;
        read_kvno(p);
        err_fact(&e, FACT_FILE, "%s", HOST_KEYTAB);
        err_fact(&e, FACT_ACCOUNT, "%s", p->mb->principal);
        proof_add(p, CHECK_KEYTAB, VERDICT_OK, MEND_NOTHING, &e);
        return;
    }
    /* Only root may read it: that is no fault of the membership. */
    if (e.src == ERR_SRC_ERRNO && (e.lib == EACCES || e.lib == EPERM)) {
        struct err f = {0};
        err_cause(&f, CAUSE_KEYTAB_NOT_READABLE);
        err_fact(&f, FACT_FILE, "%s", HOST_KEYTAB);
        proof_add(p, CHECK_KEYTAB, VERDICT_NOTICE, MEND_NOTHING, &f);
        return;
    }
    proof_add(p, CHECK_KEYTAB, VERDICT_FAIL, MEND_ACCOUNT, &e);
}

/* ---- the KDC ---- */

/* What the KDC's refusal asks for; silence says nothing about the membership. */
static enum mend mend_for(const struct err *e)
{
    switch (e->cause) {
    case CAUSE_MACHINE_ACCOUNT_GONE:
        return MEND_REJOIN;
    case CAUSE_MACHINE_SECRET_BROKEN:
    case CAUSE_MACHINE_ACCOUNT_DISABLED:
    case CAUSE_MACHINE_ACCOUNT_EXPIRED:
    case CAUSE_KDC_ETYPE:
    case CAUSE_KDC_PASSWORD_EXPIRED:
    case CAUSE_KDC_MUST_CHANGE:
    case CAUSE_KEYTAB_UNREADABLE:
        return MEND_ACCOUNT;
    default:
        return MEND_WAIT;
    }
}

/* Is there such an account, and may it sign in? Asked also without a key: the KDC's first answer
 * tells. */
static int ask_account(struct proof *p, struct err *e)
{
    struct session *s = p->mb->s;
    struct kerb_hint hint;
    if (kerb_login_start(s->kerb, p->mb->principal, &p->login, e) < 0)
        return -1;
    machine_connect(s, &p->machine);
    return kerb_login_hint(p->login, &hint, e);
}

static void prove_clock(struct proof *p)
{
    struct err e = {0};
    long skew;
    if (!session_skew(p->mb->s, &skew))
        return;
    bool far = skew > SKEW_WARN_S || skew < -SKEW_WARN_S;
    bool bad = check_clock(p->mb->s, &e) < 0;
    err_fact(&e, FACT_SKEW, "%+ld s", skew);
    proof_add(p, CHECK_CLOCK,
              bad   ? VERDICT_FAIL
              : far ? VERDICT_WARNING
                    : VERDICT_OK,
              bad ? MEND_WAIT : MEND_NOTHING, &e);
}

/*
 * One controller, asked for everything. Where it turns out to be out of reach, the next one is: the
 * machine's secret may go to that one too, even when this one did get it and never answered. It is
 * no person's password: it is in the keytab, so it is right or will not become so by trying, and
 * services send it all day.
 */
static int ask(struct session *s UNUSED, void *arg, struct err *e)
{
    struct proof *p = arg;
    struct buf *keytab = &p->mb->keytab;
    p->secret = p->directory = (struct err){0};
    int r = ask_account(p, &p->secret);
    if (r == 0 && p->has_keytab)
        r = kerb_login_finish_keytab(p->login, keytab->data, keytab->len, &p->machine.cred,
                                     &p->secret);
    kerb_login_free(TAKE(p->login));
    p->has_secret = r == 0 && p->has_keytab;
    if (p->has_secret)
        r = proof_ask_directory(p, &p->directory);
    const struct err *why = p->has_secret ? &p->directory : &p->secret;
    if (r == 0 || !controller_failed(why))
        return 0; /* an answer, or nothing that another one would say otherwise */
    *e = *why;
    machine_done(&p->machine);
    return -1;
}

/*
 * What one controller took reaches the others after a while only: one that knows no such account,
 * or another password, may not have heard of a join, a rename or a rotation yet. Before that is
 * believed, another one is asked; when it takes the machine, its answer is the one that counts.
 */
static void second_opinion(struct proof *p)
{
    struct session *s = p->mb->s;
    struct err first = p->secret, none = {0};
    AUTOFREE char *host = xstrdup(session_dc(s)->host);
    if (p->has_secret || session_dc(s)->named ||
        (first.cause != CAUSE_KDC_UNKNOWN_USER && first.cause != CAUSE_KDC_WRONG_PASSWORD) ||
        locate_another(s, net_now_ms() + FAILOVER_MS, &none) < 0)
        return;
    err_reset(&none);
    machine_done(&p->machine);
    if (with_failover(s, ask, p, &none) < 0 || !p->has_secret) {
        p->secret = first;
        return;
    }
    log_notice("%s refused the machine (%s) and %s does not: it has not heard of the last change",
               host, code_symbol(first.code), session_dc(s)->host);
}

static void judge_secret(struct proof *p)
{
    struct err *e = &p->secret;
    if (!e->code && !p->has_keytab) {
        skip(p, CHECK_SECRET);
    } else {
        bool refused = e->code;
        member_own_words(e);
        err_fact(e, FACT_ACCOUNT, "%s", p->mb->principal);
        proof_add(p, CHECK_SECRET, refused ? VERDICT_FAIL : VERDICT_OK, mend_for(e), e);
    }
    prove_clock(p);
}

void proof_run(struct proof *p)
{
    struct session *s = p->mb->s;
    struct err e = {0};
    prove_keytab(p);
    if (locate_domain(s, &e) < 0) {
        s->r->in_step = false; /* the verdict says it */
        proof_add(p, CHECK_DOMAIN, VERDICT_FAIL, MEND_WAIT, &e);
        skip(p, CHECK_SECRET);
        proof_host_name(p);
        proof_files(p);
        proof_sssd(p);
        return;
    }
    struct err last = {0}; /* is in the verdicts */
    if (with_failover(s, ask, p, &last) == 0)
        second_opinion(p);
    s->r->in_step = false;
    err_fact(&e, FACT_SERVER, "%s", session_dc(s)->host);
    proof_add(p, CHECK_DOMAIN, VERDICT_OK, MEND_NOTHING, &e);
    judge_secret(p);
    if (p->has_secret)
        proof_directory(p);
    proof_host_name(p);
    proof_files(p);
    proof_sssd(p);
}

void proof_done(struct proof *p)
{
    kerb_login_free(p->login);
    machine_done(&p->machine);
    proof_answers_free(p->answers);
    account_id_free(&p->id);
}
