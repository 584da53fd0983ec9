/*
 * A new password for the machine, by the machine's own right: nobody is asked. The keytab holds
 * keys and not the old password, so the directory's "delete old, add new" cannot be used; the
 * password change protocol takes a ticket instead.
 *
 * Two phases: the new password is in the journal before it is sent. When the answer is lost, or
 * this machine stops, the controller is asked which of the two it takes. In the keytab the new keys
 * stand beside the old ones, for tickets that are still around.
 */
#include "engine/flow/rotate.h"

#include <stdio.h>
#include <string.h>

#include "engine/crypto/crypto.h"
#include "engine/flow/elsewhere.h"
#include "engine/flow/join.h"
#include "engine/flow/testpoint.h"

#define CONNECT_MS 5000

struct rotate {
    struct member *mb;
    struct session *s;
    struct net_connect *connecting; /* to the password service */
    int fd;                         /* connected to it, or -1 */
    struct kerb_cred *ticket;       /* for it */
    struct txn *txn;
    struct secret password;
    struct machine machine;
    struct account_id id;
    enum kerb_change outcome;
    struct hostplan samba; /* with winbind: Samba's copy of the password */
};

static void rotate_done(struct rotate *ro)
{
    net_connect_free(ro->connecting);
    net_close(&ro->fd);
    kerb_cred_free(ro->ticket);
    machine_done(&ro->machine);
    account_id_free(&ro->id);
    secret_free(&ro->password);
    hostplan_free(&ro->samba);
}

static int log_in_with_old(struct rotate *ro, struct err *e)
{
    struct member *mb = ro->mb;
    struct session *s = ro->s;
    struct kerb_login *login = NULL;
    struct kerb_hint hint;
    report_step(s->r, STEP_TICKET);
    if (kerb_login_start_service(s->kerb, mb->principal, KERB_KPASSWD_SERVICE, &login, e) < 0)
        return -1;
    ro->connecting = net_connect_start(&session_dc(s)->addr, 1, KERB_KPASSWD_PORT, CONNECT_MS);
    (void)net_connect_step(ro->connecting);
    int r = kerb_login_hint(login, &hint, e);
    if (r == 0)
        r = check_clock(s, e);
    if (r == 0)
        r = kerb_login_finish_keytab(login, mb->keytab.data, mb->keytab.len, &ro->ticket, e);
    kerb_login_free(login);
    if (r < 0) {
        member_own_words(e);
        return -1;
    }
    report_ok(s->r, "{1}", mb->principal, NULL);
    return 0;
}

/*
 * Everything that can stand against it is asked before the first write: the old key is right, the
 * password service answers. A controller that fails here is left for another one, to which the old
 * key may go as well: it is no person's password, which a second try could lock.
 */
static int prepare(struct session *s, void *arg, struct err *e)
{
    struct rotate *ro = arg;
    int r = log_in_with_old(ro, e);
    if (r == 0) {
        report_step(s->r, STEP_SECRET);
        ro->fd = net_connect_finish(TAKE(ro->connecting), session_dc(s)->host, s->cancel, NULL, e);
        r = ro->fd < 0 ? -1 : 0;
    }
    if (r == 0)
        return 0;
    net_connect_free(TAKE(ro->connecting));
    kerb_cred_free(TAKE(ro->ticket));
    return -1;
}

static int stage(struct rotate *ro, struct err *e)
{
    struct session *s = ro->s;
    const struct enroll_record *r = &ro->mb->m.rec;
    struct txn_kv kv[] = {
        {"domain", r->domain}, {"controller", session_dc(s)->host}, {"computer", r->computer}};
    if (crypto_machine_password(&ro->password, e) < 0 ||
        txn_begin(s->target, TXN_KIND_ROTATE, kv, ARRAY_SIZE(kv), &ro->txn, e) < 0 ||
        txn_stage_secret(ro->txn, &ro->password, e) < 0 ||
        txn_step(ro->txn, step_row(STEP_SECRET)->number, e) < 0 || cancel_check(s->cancel, e) < 0)
        return -1;
    return txn_note(ro->txn, TXN_RESET_SENT, "1", e);
}

static int change(struct rotate *ro, struct err *e)
{
    struct session *s = ro->s;
    struct dc_candidate *dc = session_dc(s);
    if (stage(ro, e) < 0)
        return -1;
    test_point("rotate-staged");
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    int fd = ro->fd;
    ro->fd = -1;
    if (kerb_change_password(s->kerb, ro->ticket, fd, &ro->password, &ro->outcome, e) < 0)
        return -1;
    test_point("rotate-changed");
    report_ok(s->r, N_("changed at {1}"), dc->host, NULL);
    return 0;
}

/* The names that the account has in the keytab, and the usual ones; at most what fits a request. */
static int make_keytab(struct rotate *ro, struct err *e)
{
    struct member *mb = ro->mb;
    struct strv names = {0};
    machine_principals(&ro->s->names, &names);
    for (size_t i = 0; i < mb->names.n; i++) {
        if (!strv_has_icase(&names, mb->names.s[i]))
            strv_add(&names, mb->names.s[i]);
    }
    struct kerb_keytab_spec spec = {
        .realm = ro->s->realm,
        .names = (const char *const *)names.s,
        .n_names = names.n,
        .kvno = ro->id.kvno,
    };
    ro->machine.keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    int r = kerb_keytab_build(mb->keytab.data, mb->keytab.len, &spec, &ro->password,
                              ro->machine.salt, &ro->machine.keytab, e);
    if (r < 0)
        err_fact(e, FACT_FILE, "%s", HOST_KEYTAB);
    strv_free(&names);
    return r;
}

/* winbind logs in with a copy of the password that Samba keeps. */
static int plan_samba(struct rotate *ro, struct err *e)
{
    struct join j = {.s = ro->s, .id = ro->id};
    if (!str_eq(ro->mb->m.rec.identity, "winbind"))
        return 0;
    hostplan_samba_secret(ro->s->target, &ro->samba);
    if (ro->samba.n_problems) {
        *e = ro->samba.problems[0];
        return -1;
    }
    j.plan = ro->samba;
    return join_samba(&j, &ro->password, e);
}

/* With the password changed there is only the way forward. */
static int go_forward(struct rotate *ro, struct err *e)
{
    struct session *s = ro->s;
    struct account_names n = {
        .name = s->names.netbios, .fqdn = s->names.fqdn, .domain = s->loc->domain.dns};
    if (!ro->machine.cred && machine_log_in(s, &ro->machine, &ro->password, true, e) < 0)
        return -1;
    if (machine_bind(s, &ro->machine, e) < 0 ||
        account_read_back(ro->machine.dir, &n, NULL, &ro->id, e) < 0)
        return -1;
    AUTOFREE char *host = xasprintf("host/%s", s->names.fqdn);
    ro->machine.has_host_spn = strv_has_icase(&ro->id.spns, host);
    report_step(s->r, STEP_KEYTAB);
    if (make_keytab(ro, e) < 0)
        return -1;
    if (plan_samba(ro, e) < 0 ||
        (txn_state(ro->txn) <= TXN_DIRECTORY &&
         (member_stage_keytab(ro->mb, ro->txn, &ro->machine.keytab, e) < 0 ||
          hostplan_stage(&ro->samba, ro->txn, e) < 0)))
        return -1;
    report_ok(s->r, N_("AES256 and AES128, key version {1}"), number_text((long)ro->id.kvno), NULL);
    report_step(s->r, STEP_CONFIGURE);
    test_point("rotate-keytab");
    if (txn_switch(ro->txn, e) < 0 || hostplan_run(&ro->samba, s->target, NULL, NULL, NULL, e) < 0)
        return -1;
    report_ok(s->r, N_("{1}; no service has to be restarted"), HOST_KEYTAB, NULL);
    report_step(s->r, STEP_VERIFY);
    if (machine_prove(s, &ro->machine, e) < 0)
        return -1;
    report_ok(s->r, N_("login with the keytab; ticket for host/{1} accepted"), s->names.fqdn, NULL);
    report_step(s->r, STEP_COMMIT);
    ro->mb->m.rec.kvno = ro->id.kvno;
    if (txn_commit(ro->txn, &ro->mb->m.rec, e) < 0)
        return -1;
    report_ok(s->r, N_("{1} has a new password"), s->names.netbios, NULL);
    return 0;
}

static bool refused(const struct err *e)
{
    return e->cause == CAUSE_KDC_WRONG_PASSWORD || e->cause == CAUSE_KDC_UNKNOWN_USER;
}

/* Which of the two passwords holds, when nobody said? 1 the new one, 0 the old one, -1 not known.
 */
static int which_holds(struct rotate *ro, struct err *e)
{
    struct session *s = ro->s;
    struct kerb_cred *old = NULL;
    struct err why = {0};
    if (machine_log_in(s, &ro->machine, &ro->password, true, &why) == 0)
        return 1;
    machine_done(&ro->machine);
    if (refused(&why)) {
        struct err none = {0};
        if (kerb_login_keytab(s->kerb, ro->mb->principal, ro->mb->keytab.data, ro->mb->keytab.len,
                              &old, &none) == 0) {
            kerb_cred_free(old);
            return 0;
        }
    }
    *e = why;
    return -1;
}

static int all(struct rotate *ro, struct err *e)
{
    if (member_read_keytab(ro->mb, e) < 0 || locate_domain(ro->s, e) < 0 ||
        with_failover(ro->s, prepare, ro, e) < 0)
        return -1;
    if (change(ro, e) < 0) {
        struct err why = {0};
        if (ro->outcome != KERB_CHANGE_UNKNOWN)
            return -1;
        log_notice("the answer to the change of the password cannot be relied on: %s", e->raw);
        int holds = which_holds(ro, &why);
        if (holds < 0)
            return -1;
        ro->outcome = holds ? KERB_CHANGED : KERB_NOT_CHANGED;
        if (!holds)
            return -1;
        err_reset(e);
    }
    return go_forward(ro, e);
}

/* Before the change: nothing happened. After it, or when that is not known: the journal stays. */
static void fall_back(struct rotate *ro, struct engine_msg *done, struct err *e)
{
    struct err f = {0};
    if (ro->outcome == KERB_CHANGE_UNKNOWN) {
        struct err lost = *e;
        err_reset(e);
        err_cause(e, CAUSE_PASSWORD_UNCERTAIN);
        err_foreign(e, lost.src, lost.lib, "%s", lost.raw);
        err_fact(e, FACT_SERVER, "%s", session_dc(ro->s)->host);
    }
    report_failed(ro->s->r, e);
    if (ro->outcome != KERB_NOT_CHANGED) {
        done->u.done.directory_changed = true;
        err_fact(e, FACT_LEFT, "joinery --recover");
        return;
    }
    if (ro->txn && txn_rollback(ro->txn, &f) < 0)
        err_fact(e, FACT_LEFT, "joinery --recover");
    else
        done->u.done.undone = true;
}

int flow_rotate(struct session *s, struct engine_msg *done, struct err *e)
{
    struct member mb;
    struct rotate ro = {.mb = &mb, .s = s, .fd = -1};
    int r = member_open(&mb, s, e);
    if (r == 0)
        r = all(&ro, e);
    if (r < 0)
        fall_back(&ro, done, e);
    rotate_done(&ro);
    txn_free(ro.txn);
    member_close(&mb);
    return r;
}

/* The one that took the request, or where that one is out of reach, another that has heard of the
 * new password. 1 the new one holds, 0 the old one. */
static int ask_which(struct rotate *ro, struct err *e)
{
    struct member *mb = ro->mb;
    struct session *s = ro->s;
    const char *dc = txn_setting(ro->txn, "controller");
    const char *writer = dc ? dc : "", *other = settings_get(mb->asked, OPT_CONTROLLER);
    struct err first = {0};
    int holds = -1;
    if (settings_set(mb->own, OPT_CONTROLLER, writer, ORIGIN_SET, e) < 0)
        return -1;
    if (locate_domain(s, e) == 0) {
        report_step(s->r, STEP_SECRET);
        holds = which_holds(ro, e);
    }
    if (holds >= 0 || !elsewhere_may(s, e, writer, other))
        return holds;
    first = *e;
    err_reset(e);
    machine_done(&ro->machine);
    if (elsewhere_go(s, mb->own, writer, other, &first, e) == 0) {
        report_step(s->r, STEP_SECRET);
        holds = which_holds(ro, e);
    }
    if (holds == 0 || (holds < 0 && session_dc(s) && refused(e))) {
        struct err answer = holds == 0 ? (struct err){0} : *e;
        if (holds == 0)
            err_cause(&answer, CAUSE_KDC_WRONG_PASSWORD);
        return elsewhere_unproved(s, writer, &answer, mb->m.rec.account_dn, e);
    }
    if (holds < 0)
        *e = first;
    return holds;
}

static int recover_with(struct rotate *ro, struct engine_msg *done, struct err *e)
{
    struct session *s = ro->s;
    report_step(s->r, STEP_SECRET);
    if (txn_secret(ro->txn, &ro->password, e) < 0 || member_read_keytab(ro->mb, e) < 0)
        return -1;
    int holds = ask_which(ro, e);
    if (holds < 0) {
        member_own_words(e);
        return -1;
    }
    if (holds) {
        report_ok(s->r, N_("the new password holds"), NULL);
        return go_forward(ro, e);
    }
    report_ok(s->r, N_("the old password still holds"), NULL);
    report_step(s->r, STEP_JOURNAL);
    if (txn_rollback(ro->txn, e) < 0)
        return -1;
    done->u.done.undone = true;
    report_ok(s->r, N_("everything on this machine is as it was before"), NULL);
    return 0;
}

int recover_rotate(struct session *s, struct txn *t, struct engine_msg *done, struct err *e)
{
    struct member mb = {.s = s, .lock = HOST_LOCK_INIT};
    struct rotate ro = {.mb = &mb, .s = s, .fd = -1, .txn = t};
    int r = membership_load(s->target, &mb.m, e);
    if (r == 0)
        r = membership_need_ours(&mb.m, e);
    if (r == 0)
        r = member_use(&mb, e);
    if (r == 0)
        r = recover_with(&ro, done, e);
    rotate_done(&ro);
    member_close(&mb);
    return r;
}

int plan_rotate(struct session *s, struct err *e)
{
    struct member mb = {.s = s, .lock = HOST_LOCK_INIT};
    int r = membership_load(s->target, &mb.m, e);
    if (r == 0)
        r = membership_need_ours(&mb.m, e);
    if (r == 0) {
        report_change(s->r, CHANGE_DIRECTORY, mb.m.rec.account_dn,
                      N_("Computer account, new password"), "");
        report_change(s->r, CHANGE_FILE, HOST_KEYTAB,
                      N_("Machine keys (keytab): new ones added, the last ones kept"), "");
    }
    member_close(&mb);
    return r;
}
