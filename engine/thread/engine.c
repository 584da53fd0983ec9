/*
 * The engine thread: takes one request at a time, runs its flow, and sends messages. Every foreign
 * handle is made, used and released in this thread. All signals are blocked here, so that they
 * reach the user interface's thread.
 */
#include "engine/engine.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>

#include "engine/dir/dir.h"
#include "engine/flow/flow.h"
#include "engine/kerb/kerb.h"
#include "engine/thread/queue.h"
#include "engine/xml/unattend.h"

struct engine {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct cancel cancel;
    struct queue out;
    /* under the lock */
    struct engine_request *request; /* waiting to be taken */
    uint32_t job_id;                /* last one given out */
    bool busy, quit;
    uint32_t ask_id;
    bool asked, answered;
    enum answer answer;
    enum cancel_effect effect;
    /* engine thread only */
    struct session *session;
    struct report report;
    uint32_t running_id;
};

static void send_msg(void *arg, struct engine_msg *m)
{
    struct engine *e = arg;
    m->job_id = e->running_id;
    queue_put(&e->out, m);
}

/* Waits for the answer, without end unless cancelled: the safe answer is "no". */
static enum answer ask_user(void *arg, enum ask what, const char *object)
{
    struct engine *e = arg;
    struct engine_msg *m = report_new(&e->report, MSG_ASK);
    pthread_mutex_lock(&e->lock);
    m->u.ask.id = ++e->ask_id;
    m->u.ask.what = what;
    m->u.ask.object = xstrdup(object ? object : "");
    e->asked = true;
    e->answered = false;
    pthread_mutex_unlock(&e->lock);
    send_msg(e, m);

    pthread_mutex_lock(&e->lock);
    while (!e->answered && !e->quit)
        pthread_cond_wait(&e->changed, &e->lock);
    enum answer a = e->answered ? e->answer : ANSWER_NO;
    e->asked = false;
    pthread_mutex_unlock(&e->lock);
    return a;
}

static void set_effect(void *arg, enum cancel_effect effect)
{
    struct engine *e = arg;
    pthread_mutex_lock(&e->lock);
    e->effect = effect;
    pthread_mutex_unlock(&e->lock);
}

static void log_to_queue(void *arg, enum log_level level, const char *line)
{
    struct engine *e = arg;
    struct engine_msg *m =
        xcalloc(1, sizeof *m); /* any thread may log: nothing of the job is read here */
    m->kind = MSG_LOG;
    m->u.log.level = level;
    m->u.log.line = xstrdup(line);
    queue_put(&e->out, m);
}

static void request_drop(struct engine_request *r)
{
    if (!r)
        return;
    settings_drop(r->settings);
    free(r->dn);
    free(r->filter);
    free(r);
}

static void run_request(struct engine *e, struct engine_request *r)
{
    struct engine_msg *done;
    e->report = (struct report){.send = send_msg, .ask = ask_user, .arg = e, .job = r->job};
    done = report_new(&e->report, MSG_DONE);
    flow_run(e->session, r, &e->report, done);
    set_effect(e, CANCEL_NOTHING_CHANGED);
    pthread_mutex_lock(&e->lock);
    e->busy = false;
    pthread_mutex_unlock(&e->lock);
    send_msg(e, done);
}

static void *engine_main(void *arg)
{
    struct engine *e = arg;
    for (;;) {
        pthread_mutex_lock(&e->lock);
        while (!e->request && !e->quit)
            pthread_cond_wait(&e->changed, &e->lock);
        struct engine_request *r = TAKE(e->request);
        bool quit = e->quit;
        e->running_id = e->job_id;
        pthread_mutex_unlock(&e->lock);
        if (quit) {
            request_drop(r);
            break;
        }
        run_request(e, r);
        request_drop(r);
    }
    session_close(e->session);
    return NULL;
}

int engine_setup_process(struct err *err)
{
    dir_setup_process();
    unattend_setup_process();
    return kerb_setup_process(err);
}

int engine_enter_process(struct err *err)
{
    dir_setup_environment();
    if (kerb_setup_process(err) == 0)
        return 0;
    dir_undo_environment();
    return -1;
}

void engine_leave_process(void)
{
    kerb_undo_process();
    dir_undo_environment();
}

static int start_thread(struct engine *e, struct err *err)
{
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int r = pthread_create(&e->thread, NULL, engine_main, e);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    return r ? err_errno(err, CAUSE_INTERNAL, r, NULL) : 0;
}

int engine_open(struct engine **ret, const struct engine_config *config, struct err *err)
{
    struct engine *e = xcalloc(1, sizeof *e);
    pthread_mutex_init(&e->lock, NULL);
    pthread_cond_init(&e->changed, NULL);
    e->cancel.fd = -1;
    if (cancel_init(&e->cancel, err) < 0)
        goto no_cancel;
    if (queue_init(&e->out, err) < 0)
        goto no_queue;
    e->session = session_open(config->root, &e->cancel, set_effect, e, err);
    if (!e->session || start_thread(e, err) < 0)
        goto no_thread;
    if (log_add_sink(log_to_queue, e, LOG_INFO) < 0)
        log_warning("too many log sinks");
    *ret = e;
    return 0;
no_thread:
    session_close(e->session);
    queue_done(&e->out);
no_queue:
    cancel_done(&e->cancel);
no_cancel:
    free(e);
    return -1;
}

void engine_close(struct engine *e)
{
    if (!e)
        return;
    pthread_mutex_lock(&e->lock);
    e->quit = true;
    pthread_cond_broadcast(&e->changed);
    pthread_mutex_unlock(&e->lock);
    cancel_fire(&e->cancel);
    pthread_join(e->thread, NULL);
    log_remove_sink(log_to_queue, e);
    request_drop(e->request);
    queue_done(&e->out);
    cancel_done(&e->cancel);
    pthread_cond_destroy(&e->changed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

int engine_fd(const struct engine *e)
{
    return e->out.fd;
}

uint32_t engine_post(struct engine *e, struct engine_request *req)
{
    struct engine_request *r = xcalloc(1, sizeof *r);
    uint32_t id = 0;
    *r = *req;
    *req = (struct engine_request){0};
    pthread_mutex_lock(&e->lock);
    if (!e->busy && !e->quit) {
        id = ++e->job_id;
        e->busy = true;
        cancel_clear(&e->cancel);
        e->request = TAKE(r);
        pthread_cond_broadcast(&e->changed);
    }
    pthread_mutex_unlock(&e->lock);
    request_drop(r);
    return id;
}

struct engine_msg *engine_next(struct engine *e)
{
    struct engine_msg *m;
    while ((m = queue_take(&e->out))) {
        pthread_mutex_lock(&e->lock);
        bool stale = m->job_id != 0 && m->job_id != e->job_id;
        pthread_mutex_unlock(&e->lock);
        if (!stale)
            return m;
        message_drop(m);
    }
    return NULL;
}

void engine_answer(struct engine *e, uint32_t ask_id, enum answer a)
{
    pthread_mutex_lock(&e->lock);
    if (e->asked && e->ask_id == ask_id) {
        e->answered = true;
        e->answer = a;
        pthread_cond_broadcast(&e->changed);
    }
    pthread_mutex_unlock(&e->lock);
}

void engine_cancel(struct engine *e)
{
    cancel_fire(&e->cancel);
}

enum cancel_effect engine_cancel_effect(struct engine *e)
{
    pthread_mutex_lock(&e->lock);
    enum cancel_effect effect = e->effect;
    pthread_mutex_unlock(&e->lock);
    return effect;
}
