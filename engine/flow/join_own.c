/* The writing steps of a join by the machine's own account: nobody takes anything over, and a
 * password that was given, or that works already, stays. */
#include <stdio.h>

#include "engine/crypto/crypto.h"
#include "engine/flow/join.h"
#include "engine/flow/own.h"
#include "engine/flow/testpoint.h"
#include "engine/model/settings_flags.h"

bool join_changes_password(struct session *s)
{
    return s->own && s->own->secret == OWN_DEFAULT && !settings_no_directory_write(s->s);
}

static int take_password(struct join *j, bool change, struct err *e)
{
    struct session *s = j->s;
    if (change)
        return crypto_machine_password(&j->password, e);
    if (s->own->secret != OWN_KEYTAB && secret_copy(&j->password, &s->own->password) < 0)
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    return 0;
}

/* Only what the machine may write of its own account. */
static int settle(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct account_names n;
    struct account_policy p;
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    return account_settle(s->dir, &n, s->facts.existing,
                          settings_no_directory_write(s->s) ? NULL : &p, JOIN_ETYPES, &j->id,
                          &j->settled, e);
}

static int change_password(struct join *j, struct err *e)
{
    struct session *s = j->s;
    if (account_change_own_password(s->dir, s->facts.existing, &s->own->password, &j->password,
                                    &j->outcome, e) < 0)
        return -1;
    test_point("account-written");
    return txn_note(j->txn, TXN_RESET_DONE, "1", e);
}

/* The version number is read as the directory counts it; a read-only controller may not say it, and
 * then the entries of the present keytab, or the first number, have to do. */
static void settle_kvno(struct join *j)
{
    if (!j->id.has_kvno)
        log_notice("the controller does not tell the password's version number: 1 is taken");
    if (!j->id.has_kvno)
        j->id.kvno = 1;
}

int join_own_account(struct join *j, struct err *e)
{
    struct session *s = j->s;
    bool change = join_changes_password(s);
    report_step(s->r, STEP_ACCOUNT);
    j->since = join_controller_now(s);
    if (take_password(j, change, e) < 0 ||
        join_stage(j, s->facts.existing->dn, change ? TXN_RESET_SENT : NULL, e) < 0)
        return -1;
    test_point("account-staged");
    session_set_effect(s, CANCEL_UNDOES);
    if ((change && change_password(j, e) < 0) || settle(j, e) < 0)
        return -1;
    settle_kvno(j);
    report_ok(s->r,
              change ? N_("the prepared account, with a new password: {1}")
                     : N_("the prepared account, with the password it has: {1}"),
              j->id.dn, NULL);
    report_step(s->r, STEP_READBACK);
    report_ok(s->r, N_("key version {1}"), number_text((long)j->id.kvno), NULL);
    return cancel_check(s->cancel, e);
}

/* A ticket for host/name can be asked for when the name is there and its key is one of ours. */
static bool has_host_name(struct join *j)
{
    struct account_policy p;
    AUTOFREE char *spn = xasprintf("HOST/%s", j->s->names.fqdn);
    account_policy_of(j->s->s, &p);
    bool aes = j->id.has_etypes && (j->id.etypes & JOIN_ETYPES);
    return !p.defer_spn || (aes && strv_has_icase(&j->id.spns, spn));
}

/* The session's connection and ticket are the machine's. */
static int become_machine(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct machine *m = &j->m;
    m->dir = TAKE(s->dir);
    if (j->outcome == ACCOUNT_DONE)
        return machine_log_in(s, m, &j->password, has_host_name(j), e);
    m->principal = xasprintf("%s@%s", s->names.account, s->realm);
    m->salt = *s->own->salt ? xstrdup(s->own->salt) : kerb_machine_salt(s->realm, s->names.account);
    m->cred = TAKE(s->user);
    m->has_host_spn = has_host_name(j);
    return kerb_login_start(s->kerb, m->principal, &m->again, e);
}

/* The keytab that works, with entries for every name and for the number the directory counts. */
static int keep_keytab(struct join *j, struct err *e)
{
    struct session *s = j->s;
    struct buf old = BUF_SECRET(KERB_KEYTAB_MAX);
    struct strv names = {0};
    bool present;
    j->m.keytab = BUF_SECRET(KERB_KEYTAB_MAX);
    machine_principals(&s->names, &names);
    struct kerb_keytab_spec spec = {.realm = s->realm,
                                    .names = (const char *const *)names.s,
                                    .n_names = names.n,
                                    .kvno = j->id.kvno,
                                    .key_of = j->m.principal};
    int r = host_read_opt(s->target, HOST_KEYTAB, &old, &present, e);
    if (r == 0)
        r = kerb_keytab_extend(old.data, old.len, &spec, &j->m.keytab, e);
    strv_free(&names);
    buf_free(&old);
    return r;
}

int join_own_machine(struct join *j, struct err *e)
{
    struct session *s = j->s;
    report_step(s->r, STEP_MACHINE);
    if (txn_step(j->txn, step_row(STEP_MACHINE)->number, e) < 0 || become_machine(j, e) < 0)
        return join_machine_refused(e);
    report_ok(s->r, "{1}", kerb_cred_principal(j->m.cred), NULL);
    /* Of these attributes a machine may write none. */
    report_skipped(s->r, STEP_DESCRIBE, N_("only a person's account may describe it"), NULL);
    report_step(s->r, STEP_KEYTAB);
    int r = s->own->secret == OWN_KEYTAB
                ? keep_keytab(j, e)
                : machine_make_keytab(s, &j->m, &j->password, j->id.kvno, e);
    if (r < 0 || hostplan_set_keytab(&j->plan, j->m.keytab.data, j->m.keytab.len, e) < 0 ||
        join_samba(j, &j->password, e) < 0 || hostplan_stage(&j->plan, j->txn, e) < 0)
        return -1;
    report_ok(s->r, N_("AES256 and AES128, key version {1}"), number_text((long)j->id.kvno), NULL);
    return cancel_check(s->cancel, e);
}

/* Back to the password that the account had. Controllers that keep a password history refuse it. */
int join_own_restore(struct join *j, struct dir *d, struct err *e)
{
    struct session *s = j->s;
    enum account_outcome outcome;
    if (account_change_own_password(d, s->facts.existing, &j->password, &s->own->password, &outcome,
                                    e) < 0)
        return -1;
    report_undone(s->r, STEP_ACCOUNT, N_("the machine's password is the one it was"), NULL);
    j->outcome = ACCOUNT_NOT_DONE;
    return 0;
}
