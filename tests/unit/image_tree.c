#include "tests/unit/image_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/flow/flow.h"
#include "engine/wire/odj.h"
#include "tests/unit/odj_sample.h"
#include "tests/unit/scratch.h"
#include "tests/unit/tiny_hive.h"

struct cancel *tree_cancel;

static void need(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "%s\n", what);
    abort();
}

void tree_put(const char *root, const char *path, const void *data, size_t len)
{
    AUTOFREE char *full = xasprintf("%s%s", root, path);
    scratch_put(root, path, "", 0644);
    FILE *f = fopen(full, "wb");
    need(f && fwrite(data, 1, len, f) == len && fclose(f) == 0, full);
}

static void put_hive(const char *root, const char *path, struct tiny *t)
{
    struct buf b = BUF_INIT(1u << 20);
    tiny_build(t, &b);
    tree_put(root, path, b.data, b.len);
    buf_free(&b);
    tiny_free(t);
}

void tree_make(const char *root, const char *image_state)
{
    put_hive(root, "/Windows/System32/config/SYSTEM", tiny_system());
    put_hive(root, "/Windows/System32/config/SOFTWARE", tiny_software(image_state));
    put_hive(root, "/Windows/System32/config/SECURITY", tiny_security());
    scratch_put(root, "/Windows/Panther/setupact.log", "log\r\n", 0644);
}

void tree_data(struct buf *ret)
{
    struct odj o;
    struct err e = {0};
    sample_win7(&o);
    need(odj_write(&o, ret, &e) == 0, "odj_write");
    odj_free(&o);
}

/* ---- running a job ---------------------------------------------------------------------------*/

void said_free(struct said *s)
{
    strv_free(&s->verdicts);
    strv_free(&s->changes);
    strv_free(&s->steps);
    strv_free(&s->volumes);
    image_view_free(&s->image);
    *s = (struct said){0};
}

static void take_volume(struct said *s, const struct volume_view *v)
{
    struct buf b = BUF_INIT(65536);
    buf_printf(&b, "%s %d %s", v->path, (int)v->kind, v->system);
    for (size_t i = 0; i < v->blobs.n; i++)
        buf_printf(&b, " %s", v->blobs.s[i]);
    strv_add(&s->volumes, buf_text(&b));
    buf_free(&b);
}

static void take(void *arg, struct engine_msg *m)
{
    static const char *const verdicts[] = {"ok", "notice", "warning", "fail", "skipped"};
    static const char *const states[] = {"waiting", "running", "ok",    "skipped",
                                         "notice",  "failed",  "undone"};
    struct said *s = arg;
    switch (m->kind) {
    case MSG_VERDICT:
        strv_addf(&s->verdicts, "%s %s %u", check_word(m->u.verdict.check),
                  verdicts[m->u.verdict.verdict], (unsigned)m->u.verdict.err.code);
        break;
    case MSG_CHANGE:
        strv_addf(&s->changes, "%s: %s: %s", m->u.change.object, m->u.change.what,
                  m->u.change.detail);
        break;
    case MSG_STEP:
        if (m->u.step.state > STEP_RUNNING)
            strv_addf(&s->steps, "%s %s", step_row(m->u.step.step)->word, states[m->u.step.state]);
        break;
    case MSG_IMAGE:
        image_view_free(&s->image);
        s->image = m->u.image;
        m->u.image = (struct image_view){0};
        break;
    case MSG_VOLUME:
        take_volume(s, &m->u.volume);
        break;
    default:
        break;
    }
    message_drop(m);
}

static enum answer say_no(void *arg, enum ask what, const char *object)
{
    (void)arg;
    (void)what;
    (void)object;
    return ANSWER_NO;
}

void tree_job(enum job job, const char *root, const struct buf *input, const char *const *settings,
              struct said *ret)
{
    struct err e = {0};
    struct settings s;
    struct cancel cancel;
    *ret = (struct said){0};
    settings_init(&s);
    s.in_memory = input != NULL;
    for (; *settings; settings++)
        need(settings_assign(&s, *settings, &e) == 0, *settings);
    need(cancel_init(&cancel, &e) == 0, "cancel_init");
    tree_cancel = &cancel;
    struct session *session = session_open(root, &cancel, NULL, NULL, &e);
    need(session != NULL, "session_open");
    struct report r = {.send = take, .ask = say_no, .arg = ret, .job = job};
    struct engine_request req = {.job = job, .settings = &s, .input = input};
    struct engine_msg done = {.kind = MSG_DONE, .job = job};
    flow_run(session, &req, &r, &done);
    ret->err = done.u.done.err;
    ret->notice = done.u.done.notice;
    ret->undone = done.u.done.undone;
    session_close(session);
    tree_cancel = NULL;
    cancel_done(&cancel);
    settings_free(&s);
}
