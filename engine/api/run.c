/* One job on an engine of its own, in a process that belongs to somebody else. */
#include "engine/api/private.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

/* How often a cancel is looked for: a flag alone may be set from a signal handler at any moment. */
#define CANCEL_POLL_MS 100

static pthread_mutex_t running = PTHREAD_MUTEX_INITIALIZER;
static atomic_int cancelled;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *root, *config; /* under the lock, like the next two */
static joinery_log_fn *log_fn;
static void *log_arg;

void joinery_cancel(void)
{
    atomic_store(&cancelled, 1);
}

static char *locked_copy(char *const *text)
{
    pthread_mutex_lock(&lock);
    char *copy = *text ? xstrdup(*text) : NULL;
    pthread_mutex_unlock(&lock);
    return copy;
}

static void locked_replace(char **text, char *with)
{
    pthread_mutex_lock(&lock);
    free(*text);
    *text = with;
    pthread_mutex_unlock(&lock);
}

char *api_root(void)
{
    char *dir = locked_copy(&root);
    return dir ? dir : xstrdup("/");
}

char *api_config(void)
{
    return locked_copy(&config);
}

static int refuse_value(struct api_call *c, const char *value, const char *needs)
{
    err_fact(&c->err, FACT_VALUE, "%s", value);
    err_fact(&c->err, FACT_NEEDS, "%s", needs);
    return err_cause(&c->err, CAUSE_CONFIG_VALUE);
}

NET_API_STATUS joinery_set_root(const char *directory)
{
    struct api_call c;
    api_begin(&c);
    if (directory && directory[0] != '/')
        (void)refuse_value(&c, directory, "an absolute path");
    else
        locked_replace(&root, directory ? xstrdup(directory) : NULL);
    return api_end(&c);
}

NET_API_STATUS joinery_set_config(const char *ini_text)
{
    struct api_call c;
    api_begin(&c);
    if (!ini_text || settings_load_ini(&c.s, ini_text, strlen(ini_text), ORIGIN_FILE, &c.err) == 0)
        locked_replace(&config, ini_text ? xstrdup(ini_text) : NULL);
    return api_end(&c);
}

void joinery_set_log(joinery_log_fn *fn, void *arg)
{
    pthread_mutex_lock(&lock);
    log_fn = fn;
    log_arg = arg;
    pthread_mutex_unlock(&lock);
}

static void hand_log(int level, const char *line)
{
    pthread_mutex_lock(&lock);
    joinery_log_fn *fn = log_fn;
    void *arg = log_arg;
    pthread_mutex_unlock(&lock);
    if (fn)
        fn(arg, level, line);
}

/* True when the job is done. */
static bool take_message(struct api_call *c, struct engine *e, struct engine_msg *m,
                         api_take_fn *take, void *arg)
{
    if (take)
        take(arg, m);
    switch (m->kind) {
    case MSG_LOG:
        hand_log((int)m->u.log.level, m->u.log.line);
        return false;
    case MSG_ASK: /* nobody is there to ask: the safe answer */
        engine_answer(e, m->u.ask.id, ANSWER_NO);
        return false;
    case MSG_DONE:
        c->err = m->u.done.err;
        c->restart = c->live && !m->u.done.err.code && m->u.done.restart_needed;
        return true;
    default:
        return false;
    }
}

/* Every message that is there; what the log still has to say comes before the end. */
static bool take_all(struct api_call *c, struct engine *e, api_take_fn *take, void *arg)
{
    bool done = false;
    struct engine_msg *m;
    while ((m = engine_next(e)) != NULL) {
        done = take_message(c, e, m, take, arg) || done;
        message_drop(m);
    }
    return done;
}

static void wait_done(struct api_call *c, struct engine *e, api_take_fn *take, void *arg)
{
    bool told = false;
    do {
        struct pollfd fd = {.fd = engine_fd(e), .events = POLLIN};
        (void)poll(&fd, 1, CANCEL_POLL_MS); /* a signal only makes it look earlier */
        if (!told && atomic_load(&cancelled)) {
            engine_cancel(e);
            told = true;
        }
    } while (!take_all(c, e, take, arg));
}

static int run_engine(struct api_call *c, enum job job, const char *filter, api_take_fn *take,
                      void *arg)
{
    AUTOFREE char *dir = api_root();
    struct engine_config cfg = {.root = dir};
    struct engine *e = NULL;
    c->live = str_eq(dir, "/");
    if (engine_open(&e, &cfg, &c->err) < 0)
        return -1;
    struct engine_request req = {.job = job,
                                 .settings = settings_clone(&c->s),
                                 .input = c->input,
                                 .output = c->output,
                                 .dn = xstrdup(""),
                                 .filter = xstrdup(filter ? filter : "")};
    if (!req.settings) {
        free(req.dn);
        free(req.filter);
        engine_close(e);
        return err_cause(&c->err, CAUSE_OUT_OF_MEMORY);
    }
    (void)engine_post(e, &req);
    wait_done(c, e, take, arg);
    engine_close(e);
    return c->err.code ? -1 : 0;
}

int api_run(struct api_call *c, enum job job, const char *filter, api_take_fn *take, void *arg)
{
    if (pthread_mutex_trylock(&running) != 0) {
        err_fact(&c->err, FACT_DETAIL, "another call of this process is running");
        return err_cause(&c->err, CAUSE_LOCK_HELD);
    }
    atomic_store(&cancelled, 0);
    int r = engine_enter_process(&c->err);
    if (r == 0) {
        r = run_engine(c, job, filter, take, arg);
        engine_leave_process();
    }
    pthread_mutex_unlock(&running);
    return r;
}
