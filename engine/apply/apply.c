#include "engine/apply/apply.h"

#include "engine/apply/apply_target.h"
#include "engine/apply/offline_input.h"

struct apply {
    struct odj data;
    struct buf binary;
    struct apply_target target;
};

static void apply_done(struct apply *a)
{
    odj_free(&a->data);
    buf_free(&a->binary);
    apply_target_close(&a->target);
}

static int open_data(struct session *s, struct apply *a, struct err *e)
{
    struct strv skipped = {0};
    a->binary = BUF_SECRET(ODJ_MAX);
    int r = offline_load(s, &a->data, NULL, &a->binary, e);
    if (r == 0)
        r = odj_check(&a->data, &skipped, e);
    for (size_t i = 0; r == 0 && i < skipped.n; i++)
        log_notice("part %s of the provisioning data is not known and passed over", skipped.s[i]);
    strv_free(&skipped);
    return r;
}

static const char *machine_of(const struct odj *o)
{
    return odj_join(o)->machine;
}

static const char *domain_of(const struct odj *o)
{
    const struct odj_join *j = odj_join(o);
    return str_empty(j->dns_domain) ? j->domain : j->dns_domain;
}

/* A Windows image has verdicts of its own that come first. */
static int open_target(struct session *s, struct apply *a, struct err *e)
{
    if (apply_target_open(s, &a->target, e) < 0)
        return -1;
    return a->target.kind == SYSTEM_WINDOWS ? 0 : apply_target_allowed(s, &a->target, e);
}

static int run(struct session *s, struct apply *a, struct engine_msg *done, struct err *e)
{
    report_step(s->r, STEP_OPEN);
    if (open_data(s, a, e) < 0)
        return -1;
    report_ok(s->r, N_("{1} in the domain {2}"), machine_of(&a->data), domain_of(&a->data), NULL);
    report_step(s->r, STEP_INSPECT);
    if (open_target(s, a, e) < 0)
        return -1;
    if (a->target.kind == SYSTEM_WINDOWS)
        return apply_image(s, &a->data, &a->binary, &a->target, done, e);
    report_ok(s->r, "{1}", a->target.kind == SYSTEM_RUNNING ? "/" : a->target.path, NULL);
    return apply_linux(s, &a->data, a->target.host, done, e);
}

int flow_apply(struct session *s, struct engine_msg *done, struct err *e)
{
    struct apply a = {0};
    int r = run(s, &a, done, e);
    apply_done(&a);
    return r;
}

int plan_apply(struct session *s, struct err *e)
{
    struct apply a = {0};
    int r = open_data(s, &a, e);
    if (r == 0)
        r = open_target(s, &a, e);
    if (r == 0)
        r = a.target.kind == SYSTEM_WINDOWS ? plan_apply_image(s, &a.data, &a.binary, &a.target, e)
                                            : plan_apply_linux(s, &a.data, a.target.host, e);
    apply_done(&a);
    return r;
}

int check_apply(struct session *s, struct err *e)
{
    struct apply a = {0};
    struct err data = {0}, target = {0};
    bool read = open_data(s, &a, &data) == 0;
    if (read) {
        err_fact(&data, FACT_NAME, "%s", machine_of(&a.data));
        err_fact(&data, FACT_DOMAIN, "%s", domain_of(&a.data));
    }
    report_verdict(s->r, CHECK_OFFLINE_DATA, read ? VERDICT_OK : VERDICT_FAIL, &data);
    bool found = open_target(s, &a, &target) == 0;
    if (found && *a.target.path)
        err_fact(&target, FACT_FILE, "%s", a.target.path);
    report_verdict(s->r, CHECK_TARGET, found ? VERDICT_OK : VERDICT_FAIL, &target);
    int r = cancel_check(s->cancel, e);
    if (r == 0 && found && a.target.kind == SYSTEM_WINDOWS)
        r = check_apply_image(s, read ? &a.data : NULL, &a.binary, &a.target, e);
    else if (r == 0 && found && read)
        r = check_apply_linux(s, &a.data, a.target.host, e);
    apply_done(&a);
    return r;
}
