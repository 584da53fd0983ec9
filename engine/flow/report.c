#include "engine/flow/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/base/fill.h"
#include "engine/flow/testpoint.h"
#include "engine/net/net.h"

static const char *const state_words[] = {"waiting", "running", "ok",    "skipped",
                                          "notice",  "failed",  "undone"};

struct engine_msg *report_new(struct report *r, enum msg_kind kind)
{
    struct engine_msg *m = xcalloc(1, sizeof *m);
    m->kind = kind;
    m->job = r->job;
    return m;
}

/* The facts of an error as one line of the log. */
static void log_facts(const struct err *e)
{
    for (unsigned i = 0; i < e->n_facts; i++)
        log_info("  %s: %s", fact_label(e->facts[i].label), e->facts[i].value);
    if (e->src != ERR_SRC_NONE)
        log_info("  received: (%ld) %s", e->lib, e->raw);
}

/* What was found, as format and values. */
struct said {
    const char *format;
    struct strv args;
};

static struct said take_said(const char *format, va_list ap)
{
    struct said d = {.format = format};
    const char *arg;
    while (format && (arg = va_arg(ap, const char *))) {
        strv_add(&d.args, arg);
        err_clean_text(d.args.s[d.args.n - 1]);
    }
    return d;
}

/* Takes d. */
static void send_step(struct report *r, enum step s, enum step_state state, const struct err *e,
                      struct said d)
{
    const struct step_row *row = step_row(s);
    struct engine_msg *m = report_new(r, MSG_STEP);
    m->u.step.step = s;
    m->u.step.state = state;
    m->u.step.elapsed_ms = r->step_start ? (int)(net_now_ms() - r->step_start) : 0;
    if (e)
        m->u.step.err = *e;
    m->u.step.format = d.format;
    m->u.step.args = d.args;
    m->u.step.detail = d.format ? fill(d.format, &d.args) : NULL;
    if (state != STEP_RUNNING) {
        log_info("step %d %s: %s%s%s", row->number, row->word, state_words[state],
                 d.format ? ": " : "", d.format ? m->u.step.detail : "");
    }
    if (e && e->code) {
        log_line(state == STEP_FAILED ? LOG_ERROR : LOG_NOTICE, "step %d %s: %s (0x%x)",
                 row->number, row->word, code_symbol(e->code), e->code);
        log_facts(e);
    }
    r->send(r->arg, m);
}

/* Takes d. */
static void end_step(struct report *r, enum step_state state, const struct err *e, struct said d)
{
    if (r->in_step)
        send_step(r, r->step, state, e, d);
    else
        strv_free(&d.args);
    r->in_step = false;
}

static void end_as_done(struct report *r)
{
    end_step(r, STEP_OK, NULL, (struct said){0});
}

void report_step(struct report *r, enum step s)
{
    end_as_done(r);
    r->step = s;
    r->step_start = net_now_ms();
    r->in_step = true;
    send_step(r, s, STEP_RUNNING, NULL, (struct said){0});
    test_point(step_row(s)->word);
}

void report_ok(struct report *r, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    end_step(r, STEP_OK, NULL, take_said(format, ap));
    va_end(ap);
}

/* A step that was never begun. */
static void whole_step(struct report *r, enum step s, enum step_state state, const char *format,
                       va_list ap)
{
    end_as_done(r);
    r->step_start = net_now_ms();
    send_step(r, s, state, NULL, take_said(format, ap));
}

void report_skipped(struct report *r, enum step s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    whole_step(r, s, STEP_SKIPPED, format, ap);
    va_end(ap);
}

void report_undone(struct report *r, enum step s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    whole_step(r, s, STEP_UNDONE, format, ap);
    va_end(ap);
}

void report_known(struct report *r, enum step s, const char *format, ...)
{
    va_list ap;
    va_start(ap, format);
    whole_step(r, s, STEP_OK, format, ap);
    va_end(ap);
}

void report_notice(struct report *r, const struct err *e)
{
    end_step(r, STEP_NOTICE, e, (struct said){0});
}

void report_failed(struct report *r, const struct err *e)
{
    end_step(r, STEP_FAILED, e, (struct said){0});
}

const char *number_text(long n)
{
    static _Thread_local char texts[8][24];
    static _Thread_local unsigned next;
    char *t = texts[next++ % 8];
    snprintf(t, sizeof texts[0], "%ld", n);
    return t;
}

static char *format_text(const char *fmt, va_list ap)
{
    char buf[600];
    vsnprintf(buf, sizeof buf, fmt, ap);
    err_clean_text(buf);
    return xstrdup(buf);
}

void report_progress(struct report *r, const char *fmt, ...)
{
    va_list ap;
    struct engine_msg *m = report_new(r, MSG_PROGRESS);
    va_start(ap, fmt);
    m->u.progress.step = r->step;
    m->u.progress.detail = format_text(fmt, ap);
    va_end(ap);
    r->send(r->arg, m);
}

void report_verdict(struct report *r, enum check c, enum verdict v, const struct err *e)
{
    static const char *const words[] = {"ok", "notice", "warning", "failed", "skipped"};
    struct engine_msg *m = report_new(r, MSG_VERDICT);
    m->u.verdict.check = c;
    m->u.verdict.verdict = v;
    if (e)
        m->u.verdict.err = *e;
    log_info("check %s: %s", check_word(c), words[v]);
    if (e && e->code)
        log_facts(e);
    r->send(r->arg, m);
}

void report_change(struct report *r, enum change_kind kind, const char *object, const char *what,
                   const char *detail)
{
    struct engine_msg *m = report_new(r, MSG_CHANGE);
    m->u.change.kind = kind;
    m->u.change.object = xstrdup(object ? object : "");
    m->u.change.what = what;
    m->u.change.detail = xstrdup(detail ? detail : "");
    r->send(r->arg, m);
}
