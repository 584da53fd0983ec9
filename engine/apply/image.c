/* JOB_IMAGE: the system that the data would go into, and what stands for and against it. */
#include "engine/apply/apply.h"
#include "engine/apply/apply_target.h"
#include "engine/apply/linux_look.h"
#include "engine/apply/offline_input.h"

static void send_image(struct session *s, const struct image_view *v)
{
    struct engine_msg *m = report_new(s->r, MSG_IMAGE);
    m->u.image = *v;
    s->r->send(s->r->arg, m);
}

/* The data is not needed for this; with it, its verdicts are complete. */
static bool read_data(struct session *s, struct odj *o, struct buf *binary)
{
    struct err ignored = {0};
    if (str_empty(settings_get(s->s, OPT_OFFLINE_INPUT)) && !s->req_input)
        return false;
    return offline_load(s, o, NULL, binary, &ignored) == 0 && odj_check(o, NULL, &ignored) == 0;
}

static int show_windows(struct session *s, struct apply_target *t, const struct odj *o,
                        const struct buf *binary, struct err *e)
{
    struct image_view v;
    bool online = settings_bool(s->s, OPT_FLAG_PROVISION_ONLINE_CALLER);
    if (image_inspect(&t->image, s->cancel, e) < 0)
        return -1;
    image_describe(&t->image, online, apply_wish(s->s), &v);
    if (!v.err.code)
        (void)!apply_target_allowed(s, t, &v.err);
    send_image(s, &v);
    return check_apply_image(s, o, binary, t, e);
}

static int show_linux(struct session *s, struct apply_target *t, const struct odj *o, struct err *e)
{
    struct image_view v;
    linux_look(t->host, *t->path ? t->path : s->root, &v);
    v.kind = t->kind;
    free(v.path);
    v.path = xstrdup(*t->path ? t->path : s->root);
    struct err facts = {0};
    if (apply_target_allowed(s, t, &facts) < 0)
        v.err = facts;
    err_fact(&facts, FACT_FILE, "%s", v.path);
    struct err member = v.err;
    bool allowed = !facts.code;
    send_image(s, &v);
    report_verdict(s->r, CHECK_TARGET, allowed ? VERDICT_OK : VERDICT_FAIL, &facts);
    if (allowed && o)
        return check_apply_linux(s, o, t->host, e);
    if (allowed)
        report_verdict(s->r, CHECK_MEMBERSHIP, member.code ? VERDICT_FAIL : VERDICT_OK, &member);
    return cancel_check(s->cancel, e);
}

int flow_image(struct session *s, struct err *e)
{
    struct apply_target t = {0};
    struct odj o = {0};
    struct buf binary = BUF_SECRET(ODJ_MAX);
    int r = apply_target_open(s, &t, e);
    if (r == 0) {
        const struct odj *data = read_data(s, &o, &binary) ? &o : NULL;
        r = t.kind == SYSTEM_WINDOWS ? show_windows(s, &t, data, &binary, e)
                                     : show_linux(s, &t, data, e);
    }
    odj_free(&o);
    buf_free(&binary);
    apply_target_close(&t);
    return r;
}
