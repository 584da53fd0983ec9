/*
 * Data of several machines at once. Deriving a key from a passphrase is slow by design, and each
 * file needs one of its own (its salt says so); that work is shared out among the processors. The
 * controller has the next requests at hand meanwhile.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "engine/provision/batch.h"

#define THREADS_MAX 8
#define DATA_MAX    (32u << 20)

struct sealing {
    struct batch *b;
    struct batch_work *const *list;
    struct batch_sealed *out;
    size_t n;
    atomic_size_t next;
};

static void seal_one(struct batch *b, const struct batch_work *w, struct batch_sealed *ret)
{
    struct buf binary = BUF_SECRET(DATA_MAX);
    struct provision_machine m = {
        .name = w->row->name, .password = &w->flight->password, .id = &w->flight->id};
    ret->data = BUF_SECRET(DATA_MAX);
    int rc = provision_package(b->s->s, &b->domain, &b->parts, &m, &binary, &ret->err);
    if (rc == 0)
        rc = provision_form_apply(&b->form, &binary, &ret->data, &ret->err);
    if (rc < 0 && !ret->err.code)
        err_cause(&ret->err, CAUSE_INTERNAL);
    buf_free(&binary);
}

static void *seal_some(void *arg)
{
    struct sealing *s = arg;
    for (size_t i; (i = atomic_fetch_add(&s->next, 1)) < s->n;)
        seal_one(s->b, s->list[i], &s->out[i]);
    return NULL;
}

void batch_seal(struct batch *b, struct batch_work *const *list, size_t n, struct batch_sealed *out)
{
    struct sealing s = {.b = b, .list = list, .out = out, .n = n};
    pthread_t helper[THREADS_MAX];
    size_t n_helpers = 0;
    bool slow = b->form.format == OFFLINE_CMS && b->form.target.passphrase;
    long cpus = slow ? sysconf(_SC_NPROCESSORS_ONLN) : 1;
    while (n_helpers + 1 < n && (long)n_helpers + 1 < cpus && n_helpers < THREADS_MAX &&
           pthread_create(&helper[n_helpers], NULL, seal_some, &s) == 0)
        n_helpers++;
    seal_some(&s);
    for (size_t i = 0; i < n_helpers; i++)
        pthread_join(helper[i], NULL);
}
