/* Mounting on a thread of its own: a broken stick holds the kernel up for minutes. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "engine/apply/media.h"

enum { UNDER_WAY, MOUNTED, LEFT_ALONE };

/* Belongs to both until one of them lets go; the last one frees it. */
struct media_try {
    atomic_int owners, stage;
    atomic_bool through; /* after it, whoever sees it may use what the thread wrote */
    int done_fd;         /* readable when the thread is through */
    struct host *host;
    char *device, *point;
    const char *type;
    int r;
    struct err e;
};

static void let_go(struct media_try *t)
{
    if (atomic_fetch_sub(&t->owners, 1) > 1)
        return;
    close(t->done_fd);
    free(t->device);
    free(t->point);
    free(t);
}

static void *work(void *arg)
{
    struct media_try *t = arg;
    struct err ignored = {0};
    int stage = UNDER_WAY;
    t->r = host_mount(t->host, t->device, t->type, t->point, &t->e);
    /* Nobody waits any more: it does not stay mounted. */
    if (!atomic_compare_exchange_strong(&t->stage, &stage, MOUNTED) && t->r == 0)
        (void)!host_umount(t->host, t->point, &ignored);
    atomic_store(&t->through, true);
    (void)eventfd_write(t->done_fd, 1);
    let_go(t);
    return NULL;
}

static struct media_try *start(struct host *h, const char *device, const char *type,
                               const char *point, struct err *e)
{
    pthread_attr_t attr;
    pthread_t thread;
    struct media_try *t = xcalloc(1, sizeof *t);
    atomic_init(&t->owners, 2);
    t->host = h;
    t->device = xstrdup(device);
    t->point = xstrdup(point);
    t->type = type;
    t->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int no = t->done_fd < 0 ? errno : pthread_attr_init(&attr);
    if (no == 0) {
        pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
        no = pthread_create(&thread, &attr, work, t);
        pthread_attr_destroy(&attr);
    }
    if (no == 0)
        return t;
    atomic_store(&t->owners, 1);
    let_go(t);
    err_errno(e, CAUSE_INTERNAL, no, NULL);
    return NULL;
}

static bool is_through(struct media_try *t, int ms, const struct cancel *cancel)
{
    struct pollfd p[] = {{.fd = t->done_fd, .events = POLLIN},
                         {.fd = cancel ? cancel->fd : -1, .events = POLLIN}};
    int n;
    do
        n = poll(p, 2, ms);
    while (n < 0 && errno == EINTR);
    return (p[0].revents & POLLIN) && atomic_load(&t->through);
}

int media_try(struct session *s, const char *device, const char *type, const char *point, int ms,
              struct err *e)
{
    int stage = UNDER_WAY;
    struct media_try *t = start(s->here, device, type, point, e);
    if (!t)
        return -1;
    if (!is_through(t, ms, s->cancel) &&
        atomic_compare_exchange_strong(&t->stage, &stage, LEFT_ALONE)) {
        s->stuck = t;
        return err_errno(e, CAUSE_FILE_READ_FAILED, ETIMEDOUT, device);
    }
    (void)is_through(t, -1, NULL); /* at most the last instruction is awaited */
    int r = t->r;
    if (r < 0)
        *e = t->e;
    let_go(t);
    return r;
}

bool media_stuck(struct session *s)
{
    if (s->stuck && is_through(s->stuck, 0, NULL))
        let_go(TAKE(s->stuck));
    return s->stuck != NULL;
}

void media_end(struct session *s)
{
    if (!media_stuck(s))
        host_close(s->here); /* else the thread still has it, until the program ends */
    if (s->stuck)
        let_go(TAKE(s->stuck));
}
