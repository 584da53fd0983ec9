/*
 * One machine: account, data, file. Everything that can be refused is refused before the first
 * write, the output file included; an account that was made for data that could not be saved is
 * deleted again.
 */
#include "engine/provision/provision.h"

#include <stdlib.h>

#include "engine/flow/join.h"
#include "engine/flow/testpoint.h"
#include "engine/model/settings_offline.h"
#include "engine/provision/downlevel.h"
#include "engine/provision/provision_part.h"
#include "engine/provision/provision_run.h"

#define DATA_MAX (32u << 20)

/* Before the network is asked. */
static int check_local(struct provision *p, struct err *e)
{
    struct session *s = p->s;
    struct machine_names n;
    report_step(s->r, STEP_NAMES);
    if (names_resolve(s->s, "", "invalid", &n, e) < 0 || provision_form_load(s, &p->form, e) < 0)
        return -1;
    bool over = settings_bool(s->s, OPT_OFFLINE_OVERWRITE);
    if (!s->req_output)
        p->path = settings_get(s->s, OPT_OFFLINE_OUTPUT);
    if (p->path && provision_output_open(p->path, over, &p->out, e) < 0)
        return -1;
    report_ok(s->r, "{1}", n.netbios, NULL);
    return 0;
}

/* An account that a killed run made for this very output is not somebody else's. */
static void decide(struct provision *p, const struct account_names *n)
{
    struct session *s = p->s;
    struct account_policy policy;
    account_policy_of(s->s, &policy);
    p->ours = p->path && provision_part_read(p->path, &p->part) &&
              provision_part_proves(&p->part, s->names.account, s->loc->domain.dns, &s->facts);
    p->noted = p->ours;
    if (p->ours) {
        log_notice("%s was made by a run that was interrupted: it goes on", s->facts.existing->dn);
        policy.no_reuse_asked = false;
    }
    account_decide(&s->facts, n, &policy, &p->decision);
}

static int ask_others(struct provision *p, const struct account_names *n, struct err *e)
{
    struct provision_others others;
    provision_others_open(p->s, &others);
    int r = provision_others_ask(p->s, &others, n, e);
    provision_others_close(&others);
    return r;
}

static int preflight(struct provision *p, struct err *e)
{
    struct session *s = p->s;
    struct account_names n;
    report_step(s->r, STEP_FACTS);
    if (read_facts(s, e) < 0)
        return -1;
    report_ok(s->r, N_("place of the account: {1}"),
              s->facts.ou_dn ? s->facts.ou_dn : s->facts.base_dn, NULL);
    report_step(s->r, STEP_PREFLIGHT);
    account_names_of(s, &n);
    decide(p, &n);
    p->downlevel = p->decision.action == ACCOUNT_REFUSE && downlevel_wanted(s, &p->decision.err);
    if (p->decision.action == ACCOUNT_REFUSE && !p->downlevel) {
        *e = p->decision.err;
        return -1;
    }
    p->create = p->downlevel || p->decision.action == ACCOUNT_CREATE;
    if (p->create && ask_others(p, &n, e) < 0)
        return -1;
    if (provision_parts_load(s, &p->parts, e) < 0)
        return -1;
    const char *found = p->create ? N_("a new account")
                        : p->ours ? N_("the account of an interrupted run is used")
                                  : N_("an existing account is reused");
    report_ok(s->r, found, NULL);
    return cancel_check(s->cancel, e);
}

static int make_data(struct provision *p, struct buf *binary, struct err *e)
{
    struct session *s = p->s;
    struct provision_domain d;
    struct provision_machine m = {
        .name = settings_get(s->s, OPT_MACHINE_NAME), .password = &p->password, .id = &p->id};
    report_step(s->r, STEP_PACKAGE);
    provision_domain_of(s, &d);
    if (provision_package(s->s, &d, &p->parts, &m, binary, e) < 0)
        return -1;
    report_ok(s->r, N_("bytes: {1}"), number_text((long)binary->len), NULL);
    return 0;
}

static int save(struct provision *p, const struct buf *binary, struct err *e)
{
    struct session *s = p->s;
    struct buf out = BUF_SECRET(DATA_MAX);
    report_step(s->r, STEP_OUTPUT);
    if (s->req_output) {
        buf_put(s->req_output, binary->data, binary->len);
        session_set_effect(s, CANCEL_NOT_POSSIBLE);
        report_ok(s->r, NULL, NULL);
        return s->req_output->failed ? err_cause(e, CAUSE_OUT_OF_MEMORY) : 0;
    }
    int r = provision_form_apply(&p->form, binary, &out, e);
    if (r == 0)
        r = provision_output_save(&p->out, &out, e);
    buf_free(&out);
    if (r < 0)
        return -1;
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    test_point("output-saved");
    if (p->noted)
        provision_part_remove(p->path);
    if (p->out.exposed && p->form.format != OFFLINE_CMS && !p->notice.code) {
        err_cause(&p->notice, CAUSE_OFFLINE_OUTPUT_EXPOSED);
        err_fact(&p->notice, FACT_FILE, "%s", settings_get(s->s, OPT_OFFLINE_OUTPUT));
    }
    report_ok(s->r, "{1}", settings_get(s->s, OPT_OFFLINE_OUTPUT), NULL);
    return 0;
}

static int provision_all(struct provision *p, struct err *e)
{
    struct session *s = p->s;
    struct buf binary = BUF_SECRET(DATA_MAX);
    if (check_local(p, e) < 0 || provision_connect(s, e) < 0 || join_settle_names(s, e) < 0 ||
        preflight(p, e) < 0 || provision_account(p, e) < 0)
        return -1;
    int r = make_data(p, &binary, e);
    if (r == 0)
        r = save(p, &binary, e);
    buf_free(&binary);
    return r;
}

int flow_provision(struct session *s, struct engine_msg *done, struct err *e)
{
    if (settings_is_batch(s->s))
        return flow_batch(s, done, e);
    struct provision *p = xcalloc(1, sizeof *p);
    p->s = s;
    p->out = NEWFILE_INIT;
    provision_forget_facts(s);
    int r = provision_all(p, e);
    if (r < 0) {
        if (e->cause == CAUSE_CANCELLED && p->outcome != ACCOUNT_NOT_DONE)
            e->cause = CAUSE_CANCELLED_UNDONE;
        report_failed(s->r, e);
        provision_undo(p, done);
    } else {
        if (!p->notice.code)
            (void)provision_certificate_later(s->s, &p->notice);
        done->u.done.notice = p->notice;
    }
    provision_forget_facts(s); /* they tell of the time before the account */
    newfile_drop(&p->out);
    provision_form_free(&p->form);
    provision_parts_free(&p->parts);
    account_id_free(&p->id);
    secret_free(&p->password);
    free(p);
    return r;
}
