#include "engine/base/cancel.h"

#include <errno.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int cancel_init(struct cancel *c, struct err *e)
{
    atomic_init(&c->set, 0);
    c->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->fd < 0)
        return err_errno(e, CAUSE_INTERNAL, errno, NULL);
    return 0;
}

void cancel_done(struct cancel *c)
{
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
}

void cancel_fire(struct cancel *c)
{
    uint64_t one = 1;
    atomic_store(&c->set, 1);
    /* A full counter is readable all the same. */
    if (write(c->fd, &one, sizeof one) < 0)
        return;
}

void cancel_clear(struct cancel *c)
{
    uint64_t n;
    atomic_store(&c->set, 0);
    if (read(c->fd, &n, sizeof n) < 0)
        return;
}

bool cancel_is_set(const struct cancel *c)
{
    return c && atomic_load(&c->set);
}

int cancel_check(const struct cancel *c, struct err *e)
{
    if (!cancel_is_set(c))
        return 0;
    return err_cause(e, CAUSE_CANCELLED);
}
