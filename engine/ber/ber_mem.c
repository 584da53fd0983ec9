#define _GNU_SOURCE
#include "engine/ber/ber_mem.h"

#include <lber.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* The blocks are plain malloc blocks: what the library hands to free() directly still works. */
static void *mem_alloc(ber_len_t n, void *ctx)
{
    (void)ctx;
    return malloc(n);
}

static void *mem_calloc(ber_len_t n, ber_len_t size, void *ctx)
{
    (void)ctx;
    return calloc(n, size);
}

static void mem_free(void *p, void *ctx)
{
    (void)ctx;
    if (p)
        explicit_bzero(p, malloc_usable_size(p));
    free(p);
}

static void *mem_realloc(void *p, ber_len_t n, void *ctx)
{
    if (!p)
        return malloc(n);
    size_t old = malloc_usable_size(p);
    if (n <= old && n > old / 2)
        return p;
    void *q = malloc(n);
    if (!q)
        return NULL;
    memcpy(q, p, old < n ? old : n);
    mem_free(p, ctx);
    return q;
}

int ber_mem_wipe_on_free(void)
{
    static BerMemoryFunctions fns = {mem_alloc, mem_calloc, mem_realloc, mem_free};
    return ber_set_option(NULL, LBER_OPT_MEMORY_FNS, &fns) == LBER_OPT_SUCCESS ? 0 : -1;
}
