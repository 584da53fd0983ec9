#include "engine/flow/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/apply/media.h"
#include "engine/flow/own.h"
#include "engine/flow/repair.h"
#include "engine/flow/testpoint.h"
#include "engine/image/image_change.h"

struct session *session_open(const char *root, struct cancel *cancel, session_effect_fn *effect,
                             void *arg, struct err *e)
{
    struct session *s = xcalloc(1, sizeof *s);
    if (getenv("JOINERY_TEST_KILL")) {
        txn_test_hook = test_point;
        image_test_hook = test_point;
    }
    s->cancel = cancel;
    s->effect = effect;
    s->effect_arg = arg;
    s->root = xstrdup(root);
    if (host_linux_open(root, &s->target, e) < 0 || host_linux_open("/", &s->here, e) < 0) {
        session_close(s);
        return NULL;
    }
    return s;
}

void drop_connection(struct session *s)
{
    dir_close(TAKE(s->dir));
    dir_close(TAKE(s->anon));
    kerb_cred_free(TAKE(s->user));
    if (s->have_root)
        dir_root_free(&s->root_dse);
    s->have_root = false;
    free(TAKE(s->login_key));
    secret_free(&s->login_password);
    own_login_drop(TAKE(s->own));
    if (s->facts_key)
        account_facts_free(&s->facts);
    free(TAKE(s->facts_key));
}

void drop_domain(struct session *s)
{
    drop_connection(s);
    kerb_free(TAKE(s->kerb));
    if (s->loc)
        locate_done(s->loc);
    free(TAKE(s->loc));
    free(TAKE(s->realm));
    free(TAKE(s->locate_key));
}

void session_close(struct session *s)
{
    if (!s)
        return;
    drop_domain(s);
    free(s->avoid);
    if (s->media)
        media_release(s);
    if (s->standard_input)
        buf_free(s->standard_input);
    free(s->standard_input);
    host_close(s->target);
    media_end(s);
    free(s->root);
    free(s);
}

struct dc_candidate *session_dc(struct session *s)
{
    if (!s->loc || s->loc->list.chosen < 0)
        return NULL;
    return &s->loc->list.c[s->loc->list.chosen];
}

void session_set_effect(struct session *s, enum cancel_effect effect)
{
    if (s->effect)
        s->effect(s->effect_arg, effect);
}

bool session_interrupted(struct session *s)
{
    struct host_lock lock = HOST_LOCK_INIT;
    struct err e = {0};
    if (!txn_pending(s->target))
        return false;
    bool busy = host_lock_take(s->target, &lock, &e) < 0 && e.cause == CAUSE_LOCK_HELD;
    host_unlock(&lock);
    return !busy;
}

typedef int run_fn(struct session *s, struct engine_msg *done, struct err *e);

static int run_operation(struct session *s, struct engine_msg *done, struct err *e)
{
    static const struct {
        unsigned op;
        run_fn *run;
    } runs[] = {
        {FLAG_FOR_JOIN, flow_join},           {FLAG_FOR_LEAVE, flow_leave},
        {FLAG_FOR_WORKGROUP, flow_workgroup}, {FLAG_FOR_ROTATE, flow_rotate},
        {FLAG_FOR_REPAIR, flow_repair},       {FLAG_FOR_RENAME, flow_rename},
        {FLAG_FOR_PROVISION, flow_provision}, {FLAG_FOR_APPLY, flow_apply},
    };
    if (settings_check(s->s, e) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_SIZE(runs); i++) {
        if (runs[i].op == settings_op(s->s))
            return runs[i].run(s, done, e);
    }
    return err_cause(e, CAUSE_INTERNAL);
}

static bool names_the_machine(enum job job)
{
    return job == JOB_NAME || job == JOB_PLAN || job == JOB_RUN || job == JOB_CHECK;
}

static int run_job(struct session *s, struct engine_request *req, struct engine_msg *done,
                   struct err *e)
{
    switch (req->job) {
    case JOB_MACHINE:
        flow_machine(s);
        return 0;
    case JOB_NETWORK:
        return flow_network(s, e);
    case JOB_DISCOVER:
        return flow_discover(s, e);
    case JOB_LOGIN:
        return flow_login(s, e);
    case JOB_OUS:
        return flow_ous(s, req->dn ? req->dn : "", req->filter ? req->filter : "", e);
    case JOB_NAME:
        return flow_name(s, e);
    case JOB_PLAN:
        return flow_plan(s, e);
    case JOB_RUN:
        return run_operation(s, done, e);
    case JOB_CHECK:
        return flow_check(s, e);
    case JOB_STATUS:
        return flow_status(s, e);
    case JOB_RECOVER:
        return flow_recover(s, done, e);
    case JOB_OPEN:
        return flow_open(s, e);
    case JOB_VOLUMES:
        return flow_volumes(s, e);
    case JOB_IMAGE:
        return flow_image(s, e);
    case JOB_LIST:
        return flow_list(s, e);
    case JOB_NONE:
        break;
    }
    return 0;
}

/* After a failure on the wire nothing of the old connection can be trusted to be in step, and a
 * controller that cannot be reached any more is no longer the one to ask. */
static void forget_broken(struct session *s, const struct err *e)
{
    static const enum cause gone[] = {CAUSE_DC_DIED,      CAUSE_DC_SILENT, CAUSE_KDC_SILENT,
                                      CAUSE_PORT_BLOCKED, CAUSE_NO_ROUTE,  CAUSE_LOGIN_LOST};
    bool lost = e->code == CODE_ERROR_TIMEOUT;
    for (size_t i = 0; i < ARRAY_SIZE(gone); i++)
        lost = lost || e->cause == gone[i];
    if (lost)
        drop_domain(s);
    else if ((s->dir && dir_is_dead(s->dir)) || (s->anon && dir_is_dead(s->anon)))
        drop_connection(s);
}

void flow_run(struct session *s, struct engine_request *req, struct report *r,
              struct engine_msg *done)
{
    static struct settings none;
    struct err *e = &done->u.done.err;
    s->s = req->settings ? req->settings : &none;
    s->r = r;
    s->req_input = req->input;
    s->mounts = req->mount;
    s->req_output = req->output;
    session_set_effect(s, CANCEL_NOTHING_CHANGED);
    struct settings *own = NULL;
    int r0 = names_the_machine(req->job) && req->settings ? session_expand_name(s, &own, e) : 0;
    if (r0 < 0 || run_job(s, req, done, e) < 0) {
        if (!e->code)
            err_cause(e, CAUSE_INTERNAL);
        report_failed(r, e);
        forget_broken(s, e);
    }
    s->s = NULL;
    s->r = NULL;
    s->req_input = NULL;
    s->req_output = NULL;
    session_drop_name(s);
    settings_drop(own);
}
