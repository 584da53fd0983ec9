#define _GNU_SOURCE
#include "engine/base/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static size_t map_size(size_t cap)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (cap + 1 + page - 1) / page * page;
}

int secret_init(struct secret *s, size_t cap)
{
    size_t size = map_size(cap);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p == MAP_FAILED) {
        errno = ENOMEM;
        return -1;
    }
    /* A process without the right to lock memory still gets the other protections. */
    (void)mlock(p, size);
    (void)madvise(p, size, MADV_DONTDUMP);
    (void)madvise(p, size, MADV_WIPEONFORK);
    *s = (struct secret){.data = p, .len = 0, .cap = cap};
    return 0;
}

int secret_set(struct secret *s, const void *data, size_t len)
{
    if (!s->data && secret_init(s, len > SECRET_MAX ? len : SECRET_MAX) < 0)
        return -1;
    secret_wipe(s);
    return secret_append(s, data, len);
}

int secret_append(struct secret *s, const void *data, size_t len)
{
    return secret_insert(s, s->len, data, len);
}

int secret_insert(struct secret *s, size_t pos, const void *data, size_t len)
{
    if (!s->data && secret_init(s, SECRET_MAX) < 0)
        return -1;
    if (pos > s->len || len > s->cap - s->len) {
        errno = EOVERFLOW;
        return -1;
    }
    memmove(s->data + pos + len, s->data + pos, s->len - pos);
    if (len)
        memcpy(s->data + pos, data, len);
    s->len += len;
    s->data[s->len] = 0;
    return 0;
}

int secret_copy(struct secret *dst, const struct secret *src)
{
    if (!src->data) {
        secret_wipe(dst);
        return 0;
    }
    return secret_set(dst, src->data, src->len);
}

void secret_remove(struct secret *s, size_t pos, size_t len)
{
    if (!s->data || pos >= s->len)
        return;
    if (len > s->len - pos)
        len = s->len - pos;
    memmove(s->data + pos, s->data + pos + len, s->len - pos - len);
    secret_truncate(s, s->len - len);
}

void secret_truncate(struct secret *s, size_t len)
{
    if (!s->data || len >= s->len)
        return;
    explicit_bzero(s->data + len, s->len - len);
    s->len = len;
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
    if (a->len != b->len)
        return false;
    unsigned char diff = 0;
    for (size_t i = 0; i < a->len; i++)
        diff |= (unsigned char)(a->data[i] ^ b->data[i]);
    return diff == 0;
}

void secret_wipe(struct secret *s)
{
    if (s->data)
        explicit_bzero(s->data, s->cap + 1);
    s->len = 0;
}

void secret_free(struct secret *s)
{
    if (s->data) {
        secret_wipe(s);
        munmap(s->data, map_size(s->cap));
    }
    *s = (struct secret){0};
}

void secret_move(struct secret *dst, struct secret *src)
{
    secret_free(dst);
    *dst = *src;
    *src = (struct secret){0};
}

void secret_harden_process(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0);
}
