/*
 * libldap asks the name service for this host's canonical name when it starts, and SASL does so for
 * every connection whose host name has no dot. Nothing uses the answer, and the lookup cannot be
 * cancelled: with a dead name server it blocks for many seconds. The definitions below stand before
 * the C library's for the whole process: names are refused at once, literal addresses go through.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <stddef.h>

#include "engine/dir/private.h"

typedef int getaddrinfo_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                struct addrinfo **res)
{
    struct addrinfo h = hints ? *hints : (struct addrinfo){0};
    void *sym = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!sym)
        return EAI_FAIL;
    getaddrinfo_fn *real;
    *(void **)&real = sym;
    h.ai_flags |= AI_NUMERICHOST;
    h.ai_flags &= ~(AI_CANONNAME | AI_IDN | AI_CANONIDN);
    return real(node, service, &h, res);
}

int gethostbyname_r(const char *name, struct hostent *ret, char *buf, size_t buflen,
                    struct hostent **result, int *h_errnop)
{
    (void)name;
    (void)ret;
    (void)buf;
    (void)buflen;
    *result = NULL;
    *h_errnop = HOST_NOT_FOUND;
    return ENOENT;
}

void dir_install_no_nss(void)
{
    /* Being called is what links this file in. */
}
