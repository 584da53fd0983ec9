/*
 * Mending a membership: first the proof of what works, then as little as mends the rest. While the
 * machine's own password works, nobody is asked and it is kept; else an account with rights sets a
 * new one, or makes the account anew where it was.
 *
 * The writing is the join's: the answers of that time are in the record, and a join over a
 * membership has everything that is needed, the journal and the way back included.
 */
#include "engine/flow/repair.h"

#include <string.h>

#include "engine/flow/proof.h"
#include "engine/flow/rotate.h"
#include "engine/wire/dn.h"

#define CONNECT_MS 5000

/* What the proof found, kept when the membership is let go of. */
struct finding {
    enum mend mend;
    struct err worst;
    struct settings *answers; /* of the join that mends it */
};

static void finding_done(struct finding *f)
{
    settings_drop(f->answers);
}

/* ---- the answers ---- */

/* Host label where it is only longer than the short name, else the short name. */
static char *machine_name(const struct enroll_record *r)
{
    AUTOFREE char *label = xstrndup(r->fqdn, strcspn(r->fqdn, "."));
    size_t len = strlen(r->computer);
    return strncasecmp(label, r->computer, len) == 0 && (!label[len] || len == NAME_NETBIOS_MAX)
               ? TAKE(label)
               : xstrdup(r->computer);
}

static int set_flags(struct settings *a, enum mend mend, struct err *e)
{
    const struct {
        enum opt o;
        bool on;
    } flags[] = {
        {OPT_FLAG_JOIN_DOMAIN, true},           {OPT_FLAG_ACCT_CREATE, mend == MEND_REJOIN},
        {OPT_FLAG_DOMAIN_JOIN_IF_JOINED, true}, {OPT_FLAG_WIN9X_UPGRADE, mend <= MEND_FILES},
        {OPT_FLAG_JOIN_UNSECURE, false},        {OPT_FLAG_MACHINE_PWD_PASSED, false},
        {OPT_FLAG_JOIN_READONLY, false},        {OPT_FLAG_JOIN_WITH_NEW_NAME, false},
        {OPT_FLAG_NO_ACCT_REUSE, false},        {OPT_FLAG_INSTALL_INVOCATION, false},
    };
    for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
        if (settings_set(a, flags[i].o, flags[i].on ? "yes" : "no", ORIGIN_SET, e) < 0)
            return -1;
    }
    return 0;
}

/* Who mends it is said today; who joined it does not count any more. */
static int set_credentials(struct settings *a, const struct settings *asked, struct err *e)
{
    static const enum opt from_today[] = {OPT_ACCOUNT, OPT_KEYTAB, OPT_PASSWORD_FILE,
                                          OPT_PASSWORD_CREDENTIAL};
    for (size_t i = 0; i < ARRAY_SIZE(from_today); i++) {
        if (settings_set(a, from_today[i], settings_get(asked, from_today[i]), ORIGIN_SET, e) < 0)
            return -1;
    }
    if (secret_is_set(&asked->password) && secret_copy(&a->password, &asked->password) < 0)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    return 0;
}

/* An account that is there is left where it is; one that is made again gets its old place. */
static int set_place(struct settings *a, const struct member *mb, enum mend mend, struct err *e)
{
    const struct settings *asked = mb->asked;
    const struct enroll_record *r = &mb->m.rec;
    AUTOFREE char *ou = mend == MEND_REJOIN && *r->account_dn ? dn_parent(r->account_dn) : NULL;
    AUTOFREE char *name = machine_name(r);
    const char *dc = settings_get(asked, OPT_CONTROLLER);
    if (*dc && (settings_set(a, OPT_DOMAIN, r->domain, ORIGIN_SET, e) < 0 ||
                settings_set(a, OPT_CONTROLLER, dc, ORIGIN_SET, e) < 0))
        return -1;
    if (!strchr(settings_get(a, OPT_DOMAIN), '\\') &&
        settings_set(a, OPT_DOMAIN, r->domain, ORIGIN_SET, e) < 0)
        return -1;
    return settings_set(a, OPT_OPERATION, "join", ORIGIN_SET, e) < 0 ||
                   settings_set(a, OPT_OU, ou ? ou : "", ORIGIN_SET, e) < 0 ||
                   settings_set(a, OPT_MACHINE_NAME, name, ORIGIN_SET, e) < 0 ||
                   settings_set(a, OPT_FQDN, r->fqdn, ORIGIN_SET, e) < 0
               ? -1
               : 0;
}

static int make_answers(const struct member *mb, enum mend mend, struct settings **ret,
                        struct err *e)
{
    struct settings *a = settings_clone(mb->asked_then);
    if (!a)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    a->extra_flags = 0;
    if (set_place(a, mb, mend, e) < 0 || set_flags(a, mend, e) < 0 ||
        (mend > MEND_FILES && set_credentials(a, mb->asked, e) < 0)) {
        settings_drop(a);
        return -1;
    }
    *ret = a;
    return 0;
}

/* ---- finding out ---- */

/* Another DNS name in the account would make the join take it for another machine's; the keytab has
 * just proved that it is this one's, which may write it. */
static int correct_names(struct proof *p, struct err *e)
{
    struct session *s = p->mb->s;
    struct account_names n = {
        .name = s->names.netbios, .fqdn = s->names.fqdn, .domain = s->loc->domain.dns};
    if (!p->has_directory || member_defers_names(p->mb) || str_empty(p->id.dns_host) ||
        str_ieq(p->id.dns_host, s->names.fqdn))
        return 0;
    report_step(s->r, STEP_ACCOUNT);
    if (account_complete_names(p->machine.dir, &n, &p->id, e) < 0)
        return -1;
    report_ok(s->r, N_("the machine's names are written: {1}"), s->names.fqdn, NULL);
    return 0;
}

static int find(struct member *mb, struct finding *f, bool correct, struct err *e)
{
    struct status_view view = {0};
    struct proof p = {.mb = mb, .view = &view, .soft = true, .settle = correct};
    proof_run(&p);
    f->mend = view.mend;
    f->worst = p.worst;
    int r = correct && f->mend == MEND_FILES ? correct_names(&p, e) : 0;
    proof_done(&p);
    status_view_free(&view);
    if (r < 0 || cancel_check(mb->s->cancel, e) < 0)
        return -1;
    return make_answers(mb, f->mend, &f->answers, e);
}

/* The network is at fault, or the clock: the membership may be whole. */
static int refuse_to_guess(const struct finding *f, struct err *e)
{
    *e = f->worst;
    return e->code ? -1 : err_cause(e, CAUSE_INTERNAL);
}

/* No account and no ticket: what is needed is not "a ticket" but somebody's rights. */
static void say_what_is_needed(const struct finding *f, struct err *e)
{
    if (e->cause != CAUSE_NO_TICKET && e->cause != CAUSE_TICKET_EXPIRED)
        return;
    e->cause = CAUSE_REPAIR_NEEDS_ACCOUNT;
    e->code = cause_code(e->cause);
    err_fact(e, FACT_DETAIL, "%s", cause_row(f->worst.cause)->id);
}

/* ---- doing it ---- */

static int mend(struct session *s, const struct finding *f, struct engine_msg *done, struct err *e)
{
    const struct settings *asked = s->s;
    s->s = f->answers;
    int r = flow_join(s, done, e);
    s->s = asked;
    done->u.done.restart_needed = false; /* name and services are what they were */
    if (r < 0)
        say_what_is_needed(f, e);
    return r;
}

int flow_repair(struct session *s, struct engine_msg *done, struct err *e)
{
    static const char *const found[] = {
        [MEND_FILES] = N_("the machine's own password works and is kept; files, keytab and names "
                          "are brought up to date"),
        [MEND_ACCOUNT] = N_("the account gets a new password"),
        [MEND_REJOIN] = N_("the account is gone and is made again"),
    };
    struct member mb;
    struct finding f = {0};
    int r = member_open(&mb, s, e);
    if (r == 0)
        r = find(&mb, &f, true, e);
    if (r == 0 && f.mend == MEND_WAIT)
        r = refuse_to_guess(&f, e);
    if (r == 0) {
        report_step(s->r, STEP_VERIFY);
        report_ok(s->r,
                  f.mend == MEND_NOTHING ? N_("the membership works: nothing has to be mended")
                                         : found[f.mend],
                  NULL);
    } else {
        report_failed(s->r, e);
        done->u.done.undone = true;
    }
    member_close(&mb); /* the join takes the lock itself */
    if (r == 0 && f.mend != MEND_NOTHING)
        r = mend(s, &f, done, e);
    finding_done(&f);
    return r;
}

/* ---- beforehand ---- */

static int look(struct session *s, struct member *mb, struct finding *f, struct err *e)
{
    *mb = (struct member){.s = s, .lock = HOST_LOCK_INIT, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    if (membership_load(s->target, &mb->m, e) < 0 || membership_need_ours(&mb->m, e) < 0 ||
        member_use(mb, e) < 0)
        return -1;
    return find(mb, f, false, e);
}

int plan_repair(struct session *s, struct err *e)
{
    struct member mb;
    struct finding f = {0};
    int r = look(s, &mb, &f, e);
    AUTOFREE char *dn = xstrdup(mb.m.rec.account_dn ? mb.m.rec.account_dn : "");
    member_close(&mb);
    if (r == 0 && f.mend == MEND_WAIT)
        r = refuse_to_guess(&f, e);
    if (r == 0 && f.mend == MEND_NOTHING) {
        report_change(s->r, CHANGE_NONE, dn, N_("The membership works: nothing has to be mended"),
                      "");
    } else if (r == 0) {
        const struct settings *asked = s->s;
        s->s = f.answers;
        r = plan_join(s, e);
        s->s = asked;
        if (r < 0)
            say_what_is_needed(&f, e);
    }
    finding_done(&f);
    return r;
}

static void check_kpasswd(struct session *s)
{
    struct dc_candidate *dc = session_dc(s);
    struct err e = {0};
    if (!dc) {
        report_verdict(s->r, CHECK_PORT_KPASSWD, VERDICT_SKIPPED, NULL);
        return;
    }
    int fd =
        net_connect(&dc->addr, 1, KERB_KPASSWD_PORT, CONNECT_MS, dc->host, s->cancel, NULL, &e);
    report_verdict(s->r, CHECK_PORT_KPASSWD, fd < 0 ? VERDICT_FAIL : VERDICT_OK, &e);
    net_close(&fd);
}

int check_member(struct session *s, struct err *e)
{
    struct member mb;
    struct finding f = {0};
    struct err root = {0}, why = {0};
    bool rotate = settings_op(s->s) == FLAG_FOR_ROTATE;
    if (!host_is_root(s->target))
        err_cause(&root, CAUSE_NOT_ROOT);
    report_verdict(s->r, CHECK_ROOT, root.code ? VERDICT_FAIL : VERDICT_OK, &root);
    int r = look(s, &mb, &f, &why);
    if (r == 0 && txn_pending(s->target))
        err_cause(&why, CAUSE_JOURNAL_PENDING);
    else if (r == 0 && (f.mend == MEND_WAIT || (rotate && f.mend > MEND_FILES)))
        why = f.worst;
    report_verdict(s->r, CHECK_MEMBERSHIP, why.code ? VERDICT_FAIL : VERDICT_OK, &why);
    if (r == 0 && rotate)
        check_kpasswd(s);
    member_close(&mb);
    finding_done(&f);
    return cancel_check(s->cancel, e);
}
