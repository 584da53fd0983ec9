#include "engine/thread/queue.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue_node {
    struct queue_node *next;
    struct engine_msg *m;
};

int queue_init(struct queue *q, struct err *e)
{
    *q = (struct queue){.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (q->fd < 0)
        return err_errno(e, CAUSE_INTERNAL, errno, NULL);
    pthread_mutex_init(&q->lock, NULL);
    return 0;
}

void queue_done(struct queue *q)
{
    struct engine_msg *m;
    while ((m = queue_take(q)))
        message_drop(m);
    close(q->fd);
    pthread_mutex_destroy(&q->lock);
}

static void wake(struct queue *q)
{
    uint64_t one = 1;
    if (write(q->fd, &one, sizeof one) < 0)
        return; /* the counter is full: it is readable all the same */
}

/* Takes the oldest log line out, and counts it. */
static void drop_oldest_log(struct queue *q)
{
    struct queue_node **at = &q->head, *prev = NULL;
    while (*at && (*at)->m->kind != MSG_LOG) {
        prev = *at;
        at = &(*at)->next;
    }
    struct queue_node *n = *at;
    if (!n)
        return;
    *at = n->next;
    if (q->tail == n)
        q->tail = prev;
    message_drop(n->m);
    free(n);
    q->n_logs--;
    q->dropped++;
}

/* A progress that follows another one takes its place. */
static bool coalesce(struct queue *q, struct engine_msg *m)
{
    if (m->kind != MSG_PROGRESS || !q->tail || q->tail->m->kind != MSG_PROGRESS)
        return false;
    message_drop(q->tail->m);
    q->tail->m = m;
    return true;
}

void queue_put(struct queue *q, struct engine_msg *m)
{
    pthread_mutex_lock(&q->lock);
    if (!coalesce(q, m)) {
        if (m->kind == MSG_LOG && ++q->n_logs > QUEUE_LOG_MAX)
            drop_oldest_log(q);
        struct queue_node *n = xcalloc(1, sizeof *n);
        n->m = m;
        if (q->tail)
            q->tail->next = n;
        else
            q->head = n;
        q->tail = n;
    }
    pthread_mutex_unlock(&q->lock);
    wake(q);
}

struct engine_msg *queue_take(struct queue *q)
{
    uint64_t count;
    pthread_mutex_lock(&q->lock);
    struct queue_node *n = q->head;
    if (n) {
        q->head = n->next;
        if (!q->head)
            q->tail = NULL;
        if (n->m->kind == MSG_LOG)
            q->n_logs--;
    } else if (read(q->fd, &count, sizeof count) < 0) {
        /* nothing to clear */
    }
    unsigned dropped = 0;
    if (n && n->m->kind == MSG_LOG) {
        dropped = q->dropped;
        q->dropped = 0;
    }
    pthread_mutex_unlock(&q->lock);
    if (!n)
        return NULL;
    struct engine_msg *m = n->m;
    free(n);
    if (dropped) {
        char *line = xasprintf("(%u lines skipped) %s", dropped, m->u.log.line);
        free(m->u.log.line);
        m->u.log.line = line;
    }
    return m;
}
