/*
 * Messages from the engine thread to the user interface: a queue with an eventfd. Log lines are
 * dropped oldest first when it is full and a progress replaces an older one; nothing else is ever
 * dropped.
 */
#ifndef JOINERY_THREAD_QUEUE_H
#define JOINERY_THREAD_QUEUE_H

#include <pthread.h>

#include "engine/engine.h"

#define QUEUE_LOG_MAX 500

struct queue_node;
struct queue {
    pthread_mutex_t lock;
    struct queue_node *head, *tail;
    size_t n_logs;
    unsigned dropped; /* log lines dropped since the last one that went through */
    int fd;
};

int queue_init(struct queue *q, struct err *e) MUST_USE;
void queue_done(struct queue *q);                      /* drops what is left */
void queue_put(struct queue *q, struct engine_msg *m); /* takes m */
struct engine_msg *queue_take(struct queue *q);        /* NULL when empty */

#endif
