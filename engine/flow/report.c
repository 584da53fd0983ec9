#include "engine/flow/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "engine/flow/testpoint.h"
#include "engine/net/net.h"

static const char *const state_words[] = {"waiting", "running", "ok", "skipped", "notice", "failed", "undone"};

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

static void send_step(struct report *r, enum step s, enum step_state state, const struct err *e, char *detail)
{
    const struct step_row *row = step_row(s);
    struct engine_msg *m = report_new(r, MSG_STEP);
    m->u.step.step = s;
    m->u.step.state = state;
    m->u.step.elapsed_ms = r->step_start ? (int)(net_now_ms() - r->step_start) : 0;
    if (e)
        m->u.step.err = *e;
    m->u.step.detail = detail;
    if (state != STEP_RUNNING) {
        log_info("step %d %s: %s%s%s%s", row->number, row->word, state_words[state], detail ? ": " : "",
                 detail ? detail : "", "");
    }
    if (e && e->code) {
        log_line(state == STEP_FAILED ? LOG_ERROR : LOG_NOTICE, "step %d %s: %s (0x%x)", row->number, row->word,
                 code_symbol(e->code), e->code);
        log_facts(e);
    }
    r->send(r->arg, m);
}

static void end_step(struct report *r, enum step_state state, const struct err *e, char *detail)
{
    if (r->in_step)
        send_step(r, r->step, state, e, detail);
    else
        free(detail);
    r->in_step = false;
}

void report_step(struct report *r, enum step s)
{
    end_step(r, STEP_OK, NULL, NULL);
    r->step = s;
    r->step_start = net_now_ms();
    r->in_step = true;
    send_step(r, s, STEP_RUNNING, NULL, NULL);
    test_point(step_row(s)->word);
}

static char *format(const char *fmt, va_list ap)
{
    char buf[600];
    vsnprintf(buf, sizeof buf, fmt, ap);
    err_clean_text(buf);
    return xstrdup(buf);
}

void report_ok(struct report *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    end_step(r, STEP_OK, NULL, fmt ? format(fmt, ap) : NULL);
    va_end(ap);
}

void report_skipped(struct report *r, enum step s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    end_step(r, STEP_OK, NULL, NULL);
    r->step_start = net_now_ms();
    send_step(r, s, STEP_SKIPPED, NULL, format(fmt, ap));
    va_end(ap);
}

void report_notice(struct report *r, const struct err *e)
{
    end_step(r, STEP_NOTICE, e, NULL);
}

void report_failed(struct report *r, const struct err *e)
{
    end_step(r, STEP_FAILED, e, NULL);
}

void report_undone(struct report *r, enum step s, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    r->step_start = net_now_ms();
    send_step(r, s, STEP_UNDONE, NULL, format(fmt, ap));
    va_end(ap);
}

void report_progress(struct report *r, const char *fmt, ...)
{
    va_list ap;
    struct engine_msg *m = report_new(r, MSG_PROGRESS);
    va_start(ap, fmt);
    m->u.progress.step = r->step;
    m->u.progress.detail = format(fmt, ap);
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
