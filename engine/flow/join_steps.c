/* Steps 10 to 18 of a join: the ones that write. */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "engine/crypto/crypto.h"
#include "engine/flow/join.h"
#include "engine/flow/osinfo.h"
#include "engine/flow/testpoint.h"
#include "engine/model/settings_flags.h"
#include "engine/net/net.h"

#define LOOK_UP_MS       10000
#define LOOK_UP_AGAIN_MS 200

static void keep_notice(struct join *j, const struct err *e)
{
    if (!j->notice.code)
        j->notice = *e;
}

int join_stage(struct join *j, const char *dn, const char *sent, struct err *e)
{
    struct session *s = j->s;
    struct dc_candidate *dc = session_dc(s);
    if ((secret_is_set(&j->password) && txn_stage_secret(j->txn, &j->password, e) < 0) ||
        hostplan_stage(&j->plan, j->txn, e) < 0)
        return -1;
    const struct txn_kv facts[] = {
        {"controller", dc->host},
        {"address", dc->addr.text},
        {"domain", s->loc->domain.dns},
        {"realm", s->realm},
        {"netbios", s->loc->domain.netbios},
        {"computer", s->names.netbios},
        {"fqdn", s->names.fqdn},
        {TXN_OBJECT_DN, dn},
        {sent, "1"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(facts); i++) {
        if (facts[i].key && txn_note(j->txn, facts[i].key, facts[i].value, e) < 0)
            return -1;
    }
    return txn_step(j->txn, step_row(STEP_ACCOUNT)->number, e);
}

static int note_account(struct join *j, const char *confirmed, struct err *e)
{
    char guid[GUID_TEXT_MAX], kvno[16];
    guid_to_text(j->id.guid, guid);
    snprintf(kvno, sizeof kvno, "%u", j->id.kvno);
    if (txn_note(j->txn, confirmed, "1", e) < 0 ||
        txn_note(j->txn, TXN_OBJECT_DN, j->id.dn, e) < 0 ||
        txn_note(j->txn, TXN_OBJECT_GUID, guid, e) < 0 || txn_note(j->txn, "kvno", kvno, e) < 0)
        return -1;
    return 0;
}

int64_t join_controller_now(struct session *s)
{
    long skew = 0;
    (void)session_skew(s, &skew);
    return host_now(s->here) + skew;
}

/* An account taken over under a name that was made from a template is this machine's from now on.
 */
static void mark_account(struct join *j)
{
    const struct session *s = j->s;
    const struct account_object *old = s->facts.existing;
    if (!old->has_machine || memcmp(old->machine, s->machine_id, sizeof old->machine) != 0)
        account_mark(s->dir, j->id.dn, s->machine_id);
}

int join_account(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct account_names n;
    struct account_policy p;
    bool create = j->decision->action == ACCOUNT_CREATE;
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    p.machine = s->own_settings && s->has_id ? s->machine_id : NULL;
    AUTOFREE char *dn = create ? account_new_dn(&s->facts, &n) : xstrdup(s->facts.existing->dn);

    report_step(s->r, STEP_ACCOUNT);
    j->since = join_controller_now(s);
    if (crypto_machine_password(&j->password, e) < 0 ||
        join_stage(j, dn, create ? TXN_ADD_SENT : TXN_RESET_SENT, e) < 0)
        return -1;
    test_point("account-staged");
    session_set_effect(s, create ? CANCEL_DELETES_ACCOUNT : CANCEL_UNDOES);
    j->created = create;
    machine_connect(s, &j->m);
    int r =
        create ? account_create(s->dir, &s->facts, &n, &p, &j->password, &j->id, &j->outcome, e)
               : account_take_over(s->dir, &s->facts, &n, &p, &j->password, &j->id, &j->outcome, e);
    if (r < 0)
        return -1;
    test_point("account-written");
    if (note_account(j, create ? TXN_ADD_CONFIRMED : TXN_RESET_DONE, e) < 0)
        return -1;
    if (p.machine && !create)
        mark_account(j);
    /* The old password cannot be brought back: nobody is offered to go back from here. */
    if (!create)
        session_set_effect(s, CANCEL_NOT_POSSIBLE);
    report_ok(s->r, create ? N_("created: {1}") : N_("taken over: {1}"), j->id.dn, NULL);
    report_step(s->r, STEP_READBACK);
    report_ok(s->r, N_("key version {1}"), number_text((long)j->id.kvno), NULL);
    return cancel_check(s->cancel, e);
}

/* The description travels on the joining account's connection while the machine logs in on its own.
 */
static void start_describing(struct join *j, struct account_describing *w)
{
    struct err e = {0};
    AUTOFREE char *os = os_release_value(j->s->target, "NAME");
    AUTOFREE char *version = os_release_value(j->s->target, "VERSION");
    struct account_about about = {.os = os, .os_version = version};
    if (account_describe_start(j->s->dir, j->id.dn, &about, w, &e) < 0)
        log_info("the machine's description was not sent: %s", e.raw);
}

static void finish_describing(struct join *j, struct account_describing *w)
{
    struct err e = {0};
    report_step(j->s->r, STEP_DESCRIBE);
    if (account_describe_finish(j->s->dir, w, &e) < 0)
        report_notice(j->s->r, &e);
    else
        report_ok(j->s->r, NULL, NULL);
}

/* The password that was just set is refused, or the account is gone: somebody else was at it in the
 * same moment. The person's own password is not what is wrong. */
int join_machine_refused(struct err *e)
{
    if (e->cause == CAUSE_KDC_WRONG_PASSWORD || e->cause == CAUSE_KDC_UNKNOWN_USER) {
        e->cause = CAUSE_ACCOUNT_CHANGED;
        e->code = cause_code(CAUSE_ACCOUNT_CHANGED);
    }
    return -1;
}

int join_machine(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct account_policy p;
    account_policy_of(s->s, &p);
    report_step(s->r, STEP_MACHINE);
    struct account_describing w = {0};
    if (txn_step(j->txn, step_row(STEP_MACHINE)->number, e) < 0)
        return -1;
    start_describing(j, &w);
    int r = machine_log_in(s, &j->m, &j->password, !p.defer_spn, e);
    if (r == 0)
        r = machine_bind(s, &j->m, e);
    if (r == 0)
        r = account_set_enctypes(j->m.dir, &j->id, JOIN_ETYPES, e);
    if (r < 0) {
        /* Not waited for: the controller may be silent by now. */
        for (size_t i = 0; i < w.n; i++)
            dir_op_free(&w.op[i]);
        return join_machine_refused(e);
    }
    report_ok(s->r, "{1}", kerb_cred_principal(j->m.cred), NULL);
    finish_describing(j, &w);
    report_step(s->r, STEP_KEYTAB);
    if (machine_make_keytab(s, &j->m, &j->password, j->id.kvno, e) < 0 ||
        hostplan_set_keytab(&j->plan, j->m.keytab.data, j->m.keytab.len, e) < 0 ||
        join_samba(j, &j->password, e) < 0 || hostplan_stage(&j->plan, j->txn, e) < 0)
        return -1;
    report_ok(s->r, N_("AES256 and AES128, key version {1}"), number_text((long)j->id.kvno), NULL);
    return cancel_check(s->cancel, e);
}

static void command_seen(void *arg, const struct host_change *c, int state, const struct err *e)
{
    struct join *j = arg;
    if (state == 0)
        report_progress(j->s->r, "%s", c->command ? c->command : c->path);
    else if (state < 0 && e && !c->required)
        keep_notice(j, e);
}

static bool account_known(struct session *s, const char *user)
{
    const char *const argv[] = {"getent", "-s", "sss", "passwd", user, NULL};
    struct host_cmd cmd = {.argv = argv, .timeout_ms = LOOK_UP_MS, .cancel = s->cancel};
    struct host_result res = {0};
    struct err e = {0};
    bool known =
        host_exec(s->target, &cmd, &res, &e) == 0 && res.ran == HOST_RAN && res.status == 0;
    host_result_free(&res);
    return known;
}

/* Does the system now know a domain account? Only where the identity service was started; a notice
 * when not, since the membership itself is proved. The account asked for is the one that joins: it
 * exists whatever the domain's language. A service that has just started says no at first. */
static void look_up_account(struct join *j)
{
    struct session *s = j->s;
    if (!s->user || s->own || !j->local.restart_services || j->local.identity != HOST_IDENTITY_SSSD)
        return;
    const char *user = kerb_cred_principal(s->user);
    int64_t end = net_now_ms() + LOOK_UP_MS;
    report_progress(s->r, "getent passwd %s", user);
    bool known = account_known(s, user);
    while (!known && net_now_ms() < end && !cancel_is_set(s->cancel)) {
        struct pollfd p = {.fd = s->cancel ? s->cancel->fd : -1, .events = POLLIN};
        (void)poll(&p, 1, LOOK_UP_AGAIN_MS);
        known = account_known(s, user);
    }
    if (!known) {
        struct err e = {0};
        err_cause(&e, CAUSE_NSS_LOOKUP_FAILED);
        err_fact(&e, FACT_ACCOUNT, "%s", user);
        keep_notice(j, &e);
    }
}

int join_switch(struct join *j, struct err *e)
{
    struct session *s = j->s;
    report_step(s->r, STEP_CONFIGURE);
    if ((!j->old_hostname && host_get_hostname(s->target, &j->old_hostname, e) < 0) ||
        txn_step(j->txn, step_row(STEP_CONFIGURE)->number, e) < 0)
        return -1;
    j->switched = true;
    if (txn_switch(j->txn, e) < 0)
        return -1;
    j->commands_run = true;
    if (hostplan_run(&j->plan, s->target, s->cancel, command_seen, j, e) < 0)
        return -1;
    report_ok(s->r, N_("changes: {1}"), number_text((long)j->plan.n), NULL);
    return 0;
}

int join_local(struct join *j, struct err *e)
{
    struct session *s = j->s;
    if (join_switch(j, e) < 0)
        return -1;
    report_step(s->r, STEP_VERIFY);
    if (txn_step(j->txn, step_row(STEP_VERIFY)->number, e) < 0 || machine_prove(s, &j->m, e) < 0)
        return join_machine_refused(e);
    look_up_account(j);
    report_ok(s->r,
              j->m.has_host_spn ? N_("login with the keytab; ticket for host/{1} accepted")
                                : N_("login with the keytab; the service names of {1} come later"),
              s->names.fqdn, NULL);
    return cancel_check(s->cancel, e);
}

static void fill_record(struct join *j, struct enroll_record *rec, char *guid, char *sid,
                        char *answers)
{
    static const char *const identity[] = {[HOST_IDENTITY_SSSD] = "sssd",
                                           [HOST_IDENTITY_NONE] = "none",
                                           [HOST_IDENTITY_WINBIND] = "winbind"};
    struct session *s = j->s;
    *rec = (struct enroll_record){
        .domain = s->loc->domain.dns,
        .realm = s->realm,
        .netbios = s->loc->domain.netbios,
        .computer = s->names.netbios,
        .fqdn = s->names.fqdn,
        .account_dn = j->id.dn,
        .guid = guid,
        .sid = sid,
        .site = s->loc->domain.client_site,
        .controller = session_dc(s)->host,
        .identity = (char *)identity[j->local.identity],
        .account = (char *)settings_get(s->s, OPT_ACCOUNT),
        .answers = answers,
        .joined_at = host_now(s->here),
        .kvno = j->id.kvno,
        .created = j->created,
        .old_hostname = j->old_hostname,
    };
}

/* How this one join went over an older membership is no answer that a later operation is to start
 * from. malloc'ed. */
static char *lasting_answers(const struct settings *s)
{
    static const enum opt once[] = {OPT_FLAG_WIN9X_UPGRADE, OPT_FLAG_DOMAIN_JOIN_IF_JOINED};
    struct settings *a = settings_clone(s);
    struct err ignored = {0};
    for (size_t i = 0; a && i < ARRAY_SIZE(once); i++)
        (void)!settings_set(a, once[i], "no", ORIGIN_DEFAULT, &ignored);
    char *text = settings_save_ini(a ? a : s);
    settings_drop(a);
    return text;
}

/* The same account as before: the membership began when it began, and what was there before it is
 * still what was there. */
static void carry_over(struct enroll_record *rec, const struct enroll_record *was)
{
    if (str_empty(was->guid) || !str_ieq(was->guid, rec->guid))
        return;
    rec->joined_at = was->joined_at;
    rec->created = was->created;
    if (!str_empty(was->old_hostname))
        rec->old_hostname = was->old_hostname;
    if (str_empty(rec->account))
        rec->account = was->account;
}

int join_commit(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct enroll_record rec, was = {0};
    struct err ignored = {0};
    bool present;
    char guid[GUID_TEXT_MAX], sid[SID_TEXT_MAX];
    static const unsigned char unknown[GUID_BYTES];
    guid_to_text(j->id.guid, guid);
    if (memcmp(j->id.guid, unknown, GUID_BYTES) == 0)
        *guid = '\0'; /* of provisioning data that does not tell it */
    sid_to_text(&j->id.sid, sid);
    AUTOFREE char *answers = lasting_answers(s->s);
    fill_record(j, &rec, guid, sid, answers);
    if (enroll_record_load(s->target, &was, &present, &ignored) == 0 && present)
        carry_over(&rec, &was);
    report_step(s->r, STEP_COMMIT);
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    int r = txn_commit(j->txn, &rec, e);
    enroll_record_free(&was);
    if (r < 0)
        return -1;
    secret_wipe(&j->password);
    report_ok(s->r, N_("{1} is a member of {2}"), s->names.netbios, s->loc->domain.dns, NULL);
    return 0;
}

void join_dns(struct join *j)
{
    struct session *s = j->s;
    struct err e = {0};
    if (settings_no_directory_write(s->s)) {
        report_skipped(s->r, STEP_DNS, N_("nothing is written to the directory"), NULL);
        return;
    }
    if (!host_is_live(s->target)) {
        report_skipped(s->r, STEP_DNS,
                       N_("not the running system; SSSD registers the name when it starts"), NULL);
        return;
    }
    report_step(s->r, STEP_DNS);
    if (dns_register(s, &j->m, &e) < 0) {
        if (e.cause == CAUSE_CANCELLED) { /* the join itself is done */
            err_reset(&e);
            err_cause(&e, CAUSE_DNS_UPDATE_FAILED);
            err_fact(&e, FACT_NAME, "%s", s->names.fqdn);
        }
        report_notice(s->r, &e);
        keep_notice(j, &e);
        return;
    }
    report_ok(s->r, "{1}", s->names.fqdn, NULL);
}

void join_done(struct join *j)
{
    machine_done(&j->m);
    account_id_free(&j->id);
    secret_free(&j->password);
    if (j->planned) {
        hostplan_free(&j->plan);
        host_settings_done(&j->local);
    }
    free(j->decision);
    txn_free(j->txn);
    free(j->old_hostname);
    host_unlock(&j->lock);
}
