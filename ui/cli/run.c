/* Running without questions: one line a step, or one JSON object a line. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "ui/app/app.h"
#include "ui/cli/cli.h"
#include "ui/cli/events.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

struct run {
    struct engine *engine;
    struct output out;
    int signal_fd;
    bool interrupted, done, failed_check, live;
    struct err err, notice;
    bool changed, undone, directory_changed, restart_needed;
    bool is_list;
    struct rate_view rate;
};

static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void take(struct run *r, struct engine_msg *m)
{
    switch (m->kind) {
    case MSG_STEP:
        r->changed =
            r->changed || (words_step_changes(m->u.step.step) && m->u.step.state != STEP_WAITING &&
                           m->u.step.state != STEP_SKIPPED);
        break;
    case MSG_VERDICT:
        r->failed_check = r->failed_check || m->u.verdict.verdict == VERDICT_FAIL;
        if (m->u.verdict.verdict == VERDICT_FAIL && !r->err.code)
            r->err = m->u.verdict.err;
        break;
    case MSG_STATUS:
        for (size_t i = 0; i < m->u.status.n_checks; i++) {
            if (m->u.status.checks[i].verdict != VERDICT_FAIL)
                continue;
            r->failed_check = true;
            if (!r->err.code)
                r->err = m->u.status.checks[i].err;
        }
        break;
    case MSG_RATE:
        r->is_list = true;
        r->rate = m->u.rate;
        break;
    case MSG_ASK:
        /* Nobody is there to ask: the safe answer. */
        engine_answer(r->engine, m->u.ask.id, ANSWER_NO);
        break;
    case MSG_DONE:
        r->done = true;
        if (m->u.done.err.code)
            r->err = m->u.done.err;
        r->notice = m->u.done.notice;
        r->undone = m->u.done.undone;
        r->directory_changed = m->u.done.directory_changed;
        r->restart_needed = m->u.done.restart_needed;
        return;
    default:
        break;
    }
    output_message(&r->out, m);
}

static void read_signal(struct run *r)
{
    struct signalfd_siginfo info;
    if (read(r->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    if (!r->interrupted)
        engine_cancel(r->engine);
    r->interrupted = true;
}

static void wait_done(struct run *r)
{
    struct pollfd fds[2] = {{.fd = engine_fd(r->engine), .events = POLLIN},
                            {.fd = r->signal_fd, .events = POLLIN}};
    while (!r->done) {
        if (poll(fds, 2, -1) < 0 && errno != EINTR)
            break;
        if (fds[1].revents & POLLIN)
            read_signal(r);
        struct engine_msg *m;
        while (!r->done && (m = engine_next(r->engine)) != NULL) {
            take(r, m);
            message_drop(m);
        }
    }
}

static int exit_status(struct run *r, const struct settings *s)
{
    if (r->err.code == CODE_ERROR_CANCELLED && r->interrupted)
        return r->undone || !r->changed ? EXIT_UNDONE : EXIT_FAILED;
    if (r->err.code || r->failed_check)
        return EXIT_FAILED;
    if (!r->restart_needed || !r->live)
        return EXIT_DONE;
    /* An installer restarts the machine itself. */
    if (str_eq(settings_get(s, OPT_RESTART), "now") &&
        !settings_bool(s, OPT_FLAG_INSTALL_INVOCATION)) {
        app_restart();
        return EXIT_DONE;
    }
    return EXIT_RESTART;
}

static enum job job_of(enum cli_mode mode)
{
    switch (mode) {
    case CLI_CHECK:
        return JOB_CHECK;
    case CLI_STATUS:
        return JOB_STATUS;
    case CLI_RECOVER:
        return JOB_RECOVER;
    default:
        return JOB_RUN;
    }
}

int cli_run(const struct cli_args *a, struct settings *s)
{
    struct run r = {.live = str_eq(a->root, "/"), .out = {.json = a->json, .mode = a->mode}};
    struct engine_config config = {.root = a->root};
    r.signal_fd = open_signals();
    if (engine_open(&r.engine, &config, &r.err) < 0) {
        cli_last_line(&r.err);
        return EXIT_FAILED;
    }
    struct engine_request req = {.job = job_of(a->mode), .settings = settings_clone(s)};
    secret_wipe(&s->password);
    (void)engine_post(r.engine, &req);
    wait_done(&r);
    int status = exit_status(&r, s);
    cli_log_ended(&r.err, status);
    struct ending end = {&r.err,
                         &r.notice,
                         status,
                         r.changed,
                         r.undone,
                         r.directory_changed,
                         r.is_list ? &r.rate : NULL};
    output_done(&r.out, &end);
    engine_close(r.engine);
    if (r.signal_fd >= 0)
        close(r.signal_fd);
    if (r.err.code)
        cli_last_line(&r.err);
    return status;
}

void cli_last_line(const struct err *e)
{
    AUTOFREE char *code = words_code(e);
    struct buf facts = BUF_INIT(4096);
    for (unsigned i = 0; i < e->n_facts; i++) {
        AUTOFREE char *value = words_clean(e->facts[i].value);
        buf_printf(&facts, "%s%s: %s", i ? "; " : " [", _(fact_label(e->facts[i].label)), value);
    }
    if (e->n_facts)
        buf_str(&facts, "]");
    fflush(stdout);
    fprintf(stderr, "joinery: %s: %s%s\n", code, words_what(e), e->n_facts ? buf_text(&facts) : "");
    buf_free(&facts);
}
