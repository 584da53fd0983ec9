/* The write: an add, a new password, or the older account functions. */
#include <stdio.h>
#include <stdlib.h>

#include "engine/flow/join.h"
#include "engine/flow/testpoint.h"
#include "engine/provision/downlevel.h"
#include "engine/provision/provision_part.h"
#include "engine/provision/provision_run.h"

void provision_forget_facts(struct session *s)
{
    if (s->facts_key)
        account_facts_free(&s->facts);
    free(TAKE(s->facts_key));
}

static void keep_notice(struct provision *p, const struct err *e)
{
    if (!p->notice.code && e->cause != CAUSE_CANCELLED)
        p->notice = *e;
}

/* What the add could not carry, as far as it is allowed: the machine can do it itself later. */
static void complete(struct provision *p)
{
    struct session *s = p->s;
    struct err e = {0};
    struct account_about about = {.description = settings_get(s->s, OPT_DESCRIPTION)};
    if (p->carried)
        return;
    if (!p->create && account_clear_keys(s->dir, p->id.dn, &e) < 0)
        log_notice("keys of the machine before may still work: %s", e.raw);
    err_reset(&e);
    if (account_set_enctypes(s->dir, &p->id, PROVISION_ETYPES, &e) < 0)
        log_info("the encryption types are left to the machine: %s", e.raw);
    err_reset(&e);
    if (account_describe(s->dir, p->id.dn, &about, &e) < 0)
        keep_notice(p, &e);
}

struct provision_part provision_part_of(struct session *s, int64_t since)
{
    struct provision_part part = {.since = since};
    snprintf(part.account, sizeof part.account, "%s", s->names.account);
    snprintf(part.domain, sizeof part.domain, "%s", s->loc->domain.dns);
    return part;
}

/* On disk before the add or the new password leaves. Of an account that was there before there is
 * nothing to note. */
static int note(struct provision *p, struct err *e)
{
    struct session *s = p->s;
    const struct account_object *o = s->facts.existing;
    int64_t now = join_controller_now(s);
    if (!o || !p->create)
        p->since = now;
    p->ours = p->ours || p->create;
    if (!p->path || !p->ours)
        return 0;
    if (o) {
        p->part.known = o->pwd_last_set;
        p->part.reset = now;
    } else {
        p->part = provision_part_of(s, now);
    }
    p->noted = true;
    return provision_part_write(p->path, &p->part, e);
}

/* All of it or nothing: stopped between the new password and the rest, the account would be one
 * that the data does not fit. */
static int new_password(struct provision *p, const struct account_names *n,
                        const struct account_policy *policy, enum account_outcome *outcome,
                        struct err *e)
{
    struct session *s = p->s;
    if (cancel_check(s->cancel, e) < 0) {
        *outcome = ACCOUNT_NOT_DONE;
        return -1;
    }
    dir_set_cancel(s->dir, NULL);
    int r = account_take_over(s->dir, &s->facts, n, policy, &p->password, &p->id, outcome, e);
    dir_set_cancel(s->dir, s->cancel);
    return r;
}

/* The account is there by now, with a password that only the tool knew. */
static int by_account_functions(struct provision *p, const struct account_names *n,
                                const struct account_policy *policy, const struct err *refused,
                                struct err *e)
{
    struct session *s = p->s;
    p->carried = false;
    if (downlevel_create(s, refused, e) < 0) {
        /* It may have failed, or been stopped, after the account was made. */
        p->by_tool = e->cause != CAUSE_DOWNLEVEL_NO_TOOL;
        p->outcome = p->by_tool ? ACCOUNT_UNKNOWN_OUTCOME : ACCOUNT_NOT_DONE;
        return -1;
    }
    p->outcome = ACCOUNT_DONE;
    p->carried = false;
    provision_forget_facts(s);
    if (read_facts(s, e) < 0)
        return -1;
    if (!s->facts.existing)
        return err_cause(e, CAUSE_ACCOUNT_MISSING);
    if (note(p, e) < 0)
        return -1;
    enum account_outcome reset;
    if (new_password(p, n, policy, &reset, e) == 0)
        return 0;
    account_id_free(&p->id);
    p->id.dn = xstrdup(s->facts.existing->dn);
    return -1;
}

/* Is our password the account's? Then nothing else matters any more: who has the data can use it.
 */
static int look_again(void *arg, struct dir *d, struct err *e)
{
    struct provision *p = arg;
    struct account_names n;
    bool ours = p->outcome == ACCOUNT_DONE;
    account_names_of(p->s, &n);
    if (!ours && undo_is_ours(p->s, &p->password, &ours, e) < 0)
        return -1;
    p->outcome = ours ? ACCOUNT_DONE : ACCOUNT_NOT_DONE;
    account_id_free(&p->id);
    return ours ? account_read_back(d, &n, NULL, &p->id, e) : 0;
}

/* What was to follow the new password, over a new link; that password once more is no other. */
static bool finish(struct provision *p, const struct account_names *n,
                   const struct account_policy *policy)
{
    struct account_id known = p->id;
    enum account_outcome outcome;
    struct err e = {0};
    bool done = new_password(p, n, policy, &outcome, &e) == 0;
    if (done) {
        account_id_free(&known);
        return true;
    }
    account_id_free(&p->id);
    p->id = known;
    return false;
}

/* The old password cannot be put back: with the new one set, a later failure is a notice only. */
static int take_over(struct provision *p, const struct account_names *n,
                     const struct account_policy *policy, struct err *e)
{
    struct session *s = p->s;
    struct err failed = {0}, again = {0};
    if (new_password(p, n, policy, &p->outcome, &failed) == 0)
        return 0;
    if (p->outcome != ACCOUNT_NOT_DONE && undo_over_link(s, look_again, p, &again) < 0)
        log_error("after the new password: %s: %s", code_symbol(again.code), again.raw);
    if (p->outcome == ACCOUNT_DONE && p->id.dn) {
        if (!controller_failed(&failed) || !finish(p, n, policy))
            keep_notice(p, &failed);
        return 0;
    }
    *e = failed;
    return -1;
}

/* A right to create computers may not be one to write these attributes: they can follow. */
static int add_account(struct provision *p, const struct account_names *n,
                       const struct account_policy *policy, struct err *e)
{
    struct session *s = p->s;
    struct account_policy less = *policy;
    struct err first = {0};
    less.etypes = 0;
    less.description = NULL;
    p->carried = s->facts.may_create == ACCOUNT_YES;
    if (account_create(s->dir, &s->facts, n, policy, &p->password, &p->id, &p->outcome, &first) ==
        0)
        return 0;
    if (p->carried && p->outcome == ACCOUNT_NOT_DONE && first.cause == CAUSE_NO_CREATE_RIGHT) {
        p->carried = false;
        return account_create(s->dir, &s->facts, n, &less, &p->password, &p->id, &p->outcome, e);
    }
    *e = first;
    return -1;
}

static int send_account(struct provision *p, const struct account_names *n,
                        const struct account_policy *policy, struct err *e)
{
    struct session *s = p->s;
    struct err refused = {0};
    if (!p->create)
        return take_over(p, n, policy, e);
    if (p->downlevel) {
        refused = p->decision.err;
    } else {
        if (add_account(p, n, policy, &refused) == 0)
            return 0;
        if (p->outcome != ACCOUNT_NOT_DONE || !downlevel_wanted(s, &refused)) {
            provision_explain_quota(s, &refused);
            *e = refused;
            return -1;
        }
    }
    return by_account_functions(p, n, policy, &refused, e);
}

int provision_account(struct provision *p, struct err *e)
{
    struct session *s = p->s;
    struct account_names n;
    struct account_policy policy;
    account_names_of(s, &n);
    account_policy_of(s->s, &policy);
    report_step(s->r, STEP_ACCOUNT);
    if (provision_password(s->s, s->names.netbios, &p->password, e) < 0)
        return -1;
    if (note(p, e) < 0)
        return -1;
    /* A password cannot be put back: once it is sent, the way is forward. */
    session_set_effect(s, p->create ? CANCEL_DELETES_ACCOUNT : CANCEL_NOT_POSSIBLE);
    test_point("account-staged");
    if (send_account(p, &n, &policy, e) < 0)
        return -1;
    test_point("account-written");
    report_ok(s->r, p->create ? N_("created: {1}") : N_("taken over: {1}"), p->id.dn, NULL);
    report_step(s->r, STEP_READBACK);
    complete(p);
    report_ok(s->r, N_("key version {1}"), number_text((long)p->id.kvno), NULL);
    return p->create ? cancel_check(s->cancel, e) : 0;
}
