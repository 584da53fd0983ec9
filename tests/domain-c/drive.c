#include "tests/domain-c/drive.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define DRIVE_MS 120000

void drive_set(struct settings *s, enum opt o, const char *value)
{
    struct err e = {0};
    assert_int_equal(settings_set(s, o, value, ORIGIN_SET, &e), 0);
}

struct settings *drive_settings(const char *file_var, const char *account)
{
    struct settings *s = xcalloc(1, sizeof *s);
    char line[256] = "";
    settings_init(s);
    drive_set(s, OPT_DOMAIN, getenv("JT_DOMAIN"));
    drive_set(s, OPT_ACCOUNT, account);
    FILE *f = fopen(getenv(file_var), "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    line[strcspn(line, "\n")] = '\0';
    assert_int_equal(secret_set(&s->password, line, strlen(line)), 0);
    return s;
}

static void print_err(const char *what, const struct err *e)
{
    fprintf(stderr, "  %s %s (%u) cause %s: %s\n", what, code_symbol(e->code), e->code,
            cause_row(e->cause) ? cause_row(e->cause)->id : "-", e->raw);
    for (unsigned i = 0; i < e->n_facts; i++)
        fprintf(stderr, "    %s: %s\n", fact_label(e->facts[i].label), e->facts[i].value);
}

static void note(struct drive *d, const struct engine_msg *m)
{
    switch (m->kind) {
    case MSG_STEP:
        d->steps[m->u.step.step] = m->u.step.state;
        if (m->u.step.state != STEP_RUNNING)
            fprintf(stderr, "  %2d %-10s state %d %4d ms %s\n", step_row(m->u.step.step)->number,
                    step_row(m->u.step.step)->word, (int)m->u.step.state, m->u.step.elapsed_ms,
                    m->u.step.detail ? m->u.step.detail : "");
        if (m->u.step.err.code)
            print_err("step", &m->u.step.err);
        break;
    case MSG_VERDICT:
        d->verdicts++;
        d->failed_verdicts += m->u.verdict.verdict == VERDICT_FAIL;
        d->verdict[m->u.verdict.check] = m->u.verdict.verdict;
        d->verdict_err[m->u.verdict.check] = m->u.verdict.err;
        fprintf(stderr, "  check %-14s %d\n", check_word(m->u.verdict.check),
                (int)m->u.verdict.verdict);
        if (m->u.verdict.err.code || m->u.verdict.err.n_facts)
            print_err("verdict", &m->u.verdict.err);
        break;
    case MSG_DONE:
        d->err = m->u.done.err;
        d->undone = m->u.done.undone;
        d->directory_changed = m->u.done.directory_changed;
        print_err("done", &d->err);
        break;
    default:
        break;
    }
}

static bool keep(struct drive *d, struct engine_msg *m)
{
    struct engine_msg **slot = m->kind == MSG_OUS ? &d->ous : m->kind == MSG_NAME ? &d->name : NULL;
    if (!slot)
        return false;
    message_drop(*slot);
    *slot = m;
    return true;
}

static bool drain(struct drive *d)
{
    struct engine_msg *m;
    bool done = false;
    while ((m = engine_next(d->e))) {
        note(d, m);
        if (d->seen)
            d->seen(d, m);
        done = done || m->kind == MSG_DONE;
        if (!keep(d, m))
            message_drop(m);
    }
    return done;
}

void drive_run(struct drive *d, enum job job, struct settings *s, const char *dn)
{
    struct engine *e = d->e;
    void (*seen)(struct drive *, const struct engine_msg *) = d->seen;
    drive_done(d);
    *d = (struct drive){.e = e, .seen = seen};
    struct engine_request rq = {.job = job, .settings = s, .dn = dn ? xstrdup(dn) : NULL};
    fprintf(stderr, "job %d\n", (int)job);
    assert_int_not_equal(engine_post(e, &rq), 0);
    for (;;) {
        struct pollfd p = {.fd = engine_fd(e), .events = POLLIN};
        assert_true(poll(&p, 1, DRIVE_MS) > 0);
        if (drain(d))
            return;
    }
}

void drive_done(struct drive *d)
{
    message_drop(d->ous);
    message_drop(d->name);
    d->ous = d->name = NULL;
}
