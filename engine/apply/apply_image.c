/*
 * Provisioning data into a Windows image, by one of the two ways that Microsoft documents. What is
 * written, and that it is old or new at any moment, is engine/image's part.
 */
#include <string.h>

#include "engine/apply/apply.h"
#include "engine/apply/apply_target.h"
#include "engine/image/firstboot.h"
#include "engine/image/unattend.h"
#include "engine/offline/offline.h"

struct prepared {
    enum image_method method;
    const char *why;
    struct image_answer answer; /* IMAGE_UNATTEND */
    struct buf text;            /* IMAGE_FIRSTBOOT: the file for djoin */
    struct err notice;          /* code 0: nothing to say */
};

static void prepared_free(struct prepared *p)
{
    image_answer_free(&p->answer);
    buf_free(&p->text);
}

static bool online(const struct session *s)
{
    return settings_bool(s->s, OPT_FLAG_PROVISION_ONLINE_CALLER);
}

/* What does not stop the operation, but should be known. */
static void look_for_doubts(const struct odj *o, struct prepared *p)
{
    const char *name = p->answer.look.computer_name;
    const char *machine = o ? odj_join(o)->machine : name;
    if (!str_empty(p->answer.elsewhere)) {
        err_cause(&p->notice, CAUSE_ANSWER_FILE_ELSEWHERE);
        err_fact(&p->notice, FACT_FILE, "%s", p->answer.elsewhere);
    } else if (!str_empty(name) && !str_ieq(name, machine)) {
        err_cause(&p->notice, CAUSE_ANSWER_FILE_NAME);
        err_fact(&p->notice, FACT_VALUE, "%s", name);
        err_fact(&p->notice, FACT_NAME, "%s", machine);
    }
}

static int make_contents(const struct odj *o, const struct buf *binary, const struct image *im,
                         struct prepared *p, struct err *e)
{
    if (p->method == IMAGE_FIRSTBOOT) {
        p->text = BUF_SECRET(4 * ODJ_MAX);
        return offline_write(binary->data, binary->len, OFFLINE_TEXT, NULL, NULL, &p->text, e);
    }
    struct buf base64 = BUF_SECRET(2 * ODJ_MAX);
    int r = 0;
    if (o)
        r = offline_text(binary->data, binary->len, &base64, e);
    else
        buf_str(&base64, "AAAA"); /* whether any data would fit in */
    if (r == 0)
        r = image_answer_make(im, buf_text(&base64), base64.len, &p->answer, e);
    if (r == 0)
        look_for_doubts(o, p);
    buf_free(&base64);
    return r;
}

/* Once for each image. */
static int inspect(struct session *s, struct image *im, struct err *e)
{
    return im->inspected || im->unreadable.code ? 0 : image_inspect(im, s->cancel, e);
}

static int judge(struct session *s, struct apply_target *t, struct err *e)
{
    struct image *im = &t->image;
    if (image_undisturbed(im, e) < 0)
        return -1;
    if (inspect(s, im, e) < 0)
        return -1;
    if (image_usable(im, online(s), e) < 0)
        return -1;
    return apply_target_allowed(s, t, e);
}

/* Everything but writing. */
static int prepare(struct session *s, const struct odj *o, const struct buf *binary,
                   struct apply_target *t, struct prepared *p, struct err *e)
{
    *p = (struct prepared){0};
    if (judge(s, t, e) < 0 || image_choose(&t->image, apply_wish(s->s), &p->method, &p->why, e) < 0)
        return -1;
    return make_contents(o, binary, &t->image, p, e);
}

/* ---- running ---------------------------------------------------------------------------------*/

static int put(struct session *s, struct apply_target *t, struct prepared *p,
               struct image_change **change, struct err *e)
{
    report_step(s->r, STEP_IMAGE);
    if (p->method == IMAGE_UNATTEND) {
        if (image_answer_put(&t->image, &p->answer, s->cancel, change, e) < 0)
            return -1;
        AUTOFREE char *file = image_answer_shown(&t->image, p->answer.path);
        report_ok(s->r, N_("answer file {1}"), file, NULL);
        return 0;
    }
    if (image_firstboot_put(&t->image, &p->text, s->cancel, change, e) < 0)
        return -1;
    report_ok(s->r, N_("Windows takes the data at its next start"), NULL);
    return 0;
}

static int keep(struct session *s, struct prepared *p, struct image_change *change, struct err *e)
{
    if (cancel_check(s->cancel, e) < 0)
        return -1;
    session_set_effect(s, CANCEL_NOT_POSSIBLE);
    report_step(s->r, STEP_COMMIT);
    if (image_commit(change, e) < 0)
        return -1;
    if (p->method == IMAGE_UNATTEND)
        report_ok(s->r,
                  N_("the machine joins while it is being set up; the answer file keeps the data "
                     "until it is removed"),
                  NULL);
    else
        report_ok(s->r,
                  N_("the machine joins at its next start and restarts once; what happened is in "
                     "{1}"),
                  FIRSTBOOT_LOG, NULL);
    return 0;
}

static void go_back(const struct apply_target *t, struct image_change *change,
                    struct engine_msg *done, struct err *e)
{
    struct err f = {0};
    if (image_undo(change, &f) < 0) {
        err_fact(e, FACT_LEFT, "joinery --recover --set offline.image=%s", t->path);
        return;
    }
    done->u.done.undone = true;
}

/* One notice fits: that the data is open to others comes first. */
static void warn_of_mount(const struct apply_target *t, const struct image_change *change,
                          struct prepared *p)
{
    if (!image_exposed(change))
        return;
    err_reset(&p->notice);
    err_cause(&p->notice, CAUSE_IMAGE_EXPOSED);
    err_fact(&p->notice, FACT_FILE, "%s", t->path);
}

int apply_image(struct session *s, const struct odj *o, const struct buf *binary,
                struct apply_target *t, struct engine_msg *done, struct err *e)
{
    struct prepared p;
    struct image_change *change = NULL;
    int r = prepare(s, o, binary, t, &p, e);
    if (r == 0) {
        AUTOFREE char *title = image_title(&t->image);
        report_ok(s->r, "{1}", title, NULL);
        r = put(s, t, &p, &change, e);
    }
    if (r == 0)
        r = keep(s, &p, change, e);
    if (r < 0) {
        report_failed(s->r, e);
        if (change)
            go_back(t, change, done, e);
        else
            done->u.done.undone = !err_fact_get(e, FACT_LEFT);
    }
    if (r == 0)
        warn_of_mount(t, change, &p);
    done->u.done.notice = p.notice;
    image_change_free(change);
    prepared_free(&p);
    return r;
}

/* ---- showing ---------------------------------------------------------------------------------*/

static void show_change(void *arg, const char *object, const char *what, const char *detail)
{
    report_change(((struct session *)arg)->r, CHANGE_FILE, object, what, detail);
}

static void show_answer(struct session *s, const struct image *im, const struct image_answer *a)
{
    AUTOFREE char *object = image_answer_shown(im, a->path);
    AUTOFREE char *detail =
        xasprintf("specialize / Microsoft-Windows-UnattendedJoin (%s) / Identification / "
                  "Provisioning / AccountData",
                  im->arch);
    report_change(s->r, CHANGE_FILE, object,
                  a->exists ? N_("The provisioning data is added to the answer file")
                            : N_("New answer file with the provisioning data"),
                  detail);
    report_change(
        s->r, CHANGE_NONE, object,
        N_("Windows Setup leaves this file where it is: remove it when the machine is set "
           "up, because the password in it stays valid until the machine changes it"),
        "");
}

int plan_apply_image(struct session *s, const struct odj *o, const struct buf *binary,
                     struct apply_target *t, struct err *e)
{
    struct prepared p;
    int r = prepare(s, o, binary, t, &p, e);
    if (r == 0) {
        AUTOFREE char *title = image_title(&t->image);
        report_change(s->r, CHANGE_NONE, title, p.why, "");
        if (p.method == IMAGE_UNATTEND)
            show_answer(s, &t->image, &p.answer);
        else
            image_firstboot_plan(&t->image, show_change, s);
        if (p.notice.code)
            report_verdict(s->r, CHECK_IMAGE_ANSWER_FILE, VERDICT_WARNING, &p.notice);
    }
    prepared_free(&p);
    return r;
}

static void send_verdict(void *arg, enum check check, enum verdict verdict, const struct err *e)
{
    report_verdict(((struct session *)arg)->r, check, verdict, e);
}

static void check_method(struct session *s, const struct odj *o, const struct buf *binary,
                         struct apply_target *t)
{
    struct prepared p = {0};
    struct err e = {0}, answer = {0};
    if (image_choose(&t->image, apply_wish(s->s), &p.method, &p.why, &e) == 0) {
        err_fact(&e, FACT_VALUE, "%s", p.method == IMAGE_UNATTEND ? "unattend" : "firstboot");
        err_fact(&e, FACT_DETAIL, "%s", p.why);
    }
    report_verdict(s->r, CHECK_IMAGE_METHOD, e.code ? VERDICT_FAIL : VERDICT_OK, &e);
    if (!e.code && p.method == IMAGE_UNATTEND) {
        (void)!make_contents(o, binary, &t->image, &p, &answer);
        if (!answer.code && p.notice.code)
            answer = p.notice;
        else if (!answer.code) {
            AUTOFREE char *file = image_answer_shown(&t->image, p.answer.path);
            err_fact(&answer, FACT_FILE, "%s", file);
        }
        report_verdict(s->r, CHECK_IMAGE_ANSWER_FILE,
                       p.notice.code ? VERDICT_WARNING
                       : answer.code ? VERDICT_FAIL
                                     : VERDICT_OK,
                       &answer);
    }
    prepared_free(&p);
}

int check_apply_image(struct session *s, const struct odj *o, const struct buf *binary,
                      struct apply_target *t, struct err *e)
{
    struct err f = {0};
    if (image_undisturbed(&t->image, &f) < 0) {
        report_verdict(s->r, CHECK_TARGET, VERDICT_FAIL, &f);
        err_reset(&f);
    }
    if (inspect(s, &t->image, e) < 0)
        return -1;
    image_verdicts(&t->image, online(s), send_verdict, s);
    if (apply_target_allowed(s, t, &f) < 0)
        report_verdict(s->r, CHECK_IMAGE_RUNNING, VERDICT_FAIL, &f);
    if (t->image.unreadable.code)
        report_verdict(s->r, CHECK_IMAGE_METHOD, VERDICT_SKIPPED, NULL);
    else
        check_method(s, o, binary, t);
    return cancel_check(s->cancel, e);
}

/* ---- after a crash ---------------------------------------------------------------------------*/

static int recover_image(struct session *s, struct apply_target *t, struct engine_msg *done,
                         struct err *e)
{
    enum image_recovered what;
    report_step(s->r, STEP_IMAGE);
    if (image_recover(&t->image, &what, e) < 0)
        return -1;
    done->u.done.undone = what == IMAGE_UNDONE;
    if (what == IMAGE_NOTHING_TO_DO)
        log_notice("nothing was interrupted");
    report_ok(s->r,
              what == IMAGE_UNDONE     ? N_("everything in the image is as it was before")
              : what == IMAGE_FINISHED ? N_("finished")
                                       : N_("nothing was interrupted"),
              NULL);
    return 0;
}

int apply_recover(struct session *s, struct engine_msg *done, bool *handled, struct err *e)
{
    struct apply_target t;
    *handled = *settings_get(s->s, OPT_OFFLINE_IMAGE) != '\0';
    if (!*handled)
        return 0;
    int r = apply_target_open(s, &t, e);
    if (r == 0 && t.kind == SYSTEM_WINDOWS) {
        r = recover_image(s, &t, done, e);
    } else if (r == 0) {
        struct host *before = s->target;
        s->target = t.host;
        r = recover_target(s, done, e);
        s->target = before;
    }
    apply_target_close(&t);
    return r;
}
