/*
 * One call of the C library, for test_outcomes: parameters as "word value" lines on standard input
 * (so that no password is in argv), result and need of a restart on the first line of output, then
 * what the library says about it. Knows the public header alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/api/joinery.h"

enum word {
    W_CALL,
    W_ROOT,
    W_SERVER,
    W_DOMAIN,
    W_OU,
    W_ACCOUNT,
    W_PASSWORD,
    W_FLAGS,
    W_NEW,
    W_NAME,
    W_TYPE,
    W_SET,
    W__COUNT
};

static char *given[W__COUNT];

static void read_words(void)
{
    static const char *const words[W__COUNT] = {"call", "root",    "server",    "domain",
                                                "ou",   "account", "password",  "flags",
                                                "new",  "name",    "name-type", "set"};
    char line[2048];
    while (fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = '\0';
        char *value = strchr(line, ' ');
        if (!value)
            continue;
        *value++ = '\0';
        for (int i = 0; i < W__COUNT; i++) {
            if (strcmp(words[i], line) == 0)
                given[i] = strdup(value);
        }
    }
}

/* "machine.key=value" as the library takes it: the text of an ini. */
static uint32_t set_answer(char *text)
{
    char ini[512], *dot = strchr(text, '.'), *is = strchr(text, '=');
    if (!dot || !is)
        return ERROR_INVALID_PARAMETER;
    snprintf(ini, sizeof ini, "[%.*s]\n%.*s = %s\n", (int)(dot - text), text, (int)(is - dot - 1),
             dot + 1, is + 1);
    return joinery_set_config(ini);
}

static uint32_t number(enum word w)
{
    return given[w] ? (uint32_t)strtoul(given[w], NULL, 0) : 0;
}

static uint32_t ask_for_ous(void)
{
    uint32_t n = 0, r;
    const char **ous = NULL;
    r = NetGetJoinableOUs(given[W_SERVER], given[W_DOMAIN], given[W_ACCOUNT], given[W_PASSWORD], &n,
                          &ous);
    for (uint32_t i = 0; r == 0 && i < n; i++)
        fprintf(stderr, "%s\n", ous[i]);
    NetApiBufferFree(ous);
    return r;
}

static uint32_t ask_for_membership(void)
{
    const char *name = NULL;
    uint16_t type = 0;
    uint32_t r = NetGetJoinInformation(given[W_SERVER], &name, &type);
    fprintf(stderr, "%u %s\n", type, name ? name : "");
    NetApiBufferFree((void *)name);
    return r;
}

static uint32_t make_call(const char *call)
{
    if (strcmp(call, "NetJoinDomain") == 0)
        return NetJoinDomain(given[W_SERVER], given[W_DOMAIN], given[W_OU], given[W_ACCOUNT],
                             given[W_PASSWORD], number(W_FLAGS));
    if (strcmp(call, "JoinDomainOrWorkgroup") == 0)
        return JoinDomainOrWorkgroup(given[W_DOMAIN], given[W_PASSWORD], given[W_ACCOUNT],
                                     given[W_OU], number(W_FLAGS));
    if (strcmp(call, "NetUnjoinDomain") == 0)
        return NetUnjoinDomain(given[W_SERVER], given[W_ACCOUNT], given[W_PASSWORD],
                               number(W_FLAGS));
    if (strcmp(call, "NetRenameMachineInDomain") == 0)
        return NetRenameMachineInDomain(given[W_SERVER], given[W_NEW], given[W_ACCOUNT],
                                        given[W_PASSWORD], number(W_FLAGS));
    if (strcmp(call, "NetValidateName") == 0)
        return NetValidateName(given[W_SERVER], given[W_NAME], given[W_ACCOUNT], given[W_PASSWORD],
                               number(W_TYPE));
    if (strcmp(call, "NetGetJoinableOUs") == 0)
        return ask_for_ous();
    return strcmp(call, "NetGetJoinInformation") == 0 ? ask_for_membership() : UINT32_MAX;
}

int main(void)
{
    read_words();
    if (!given[W_CALL] || (given[W_ROOT] && joinery_set_root(given[W_ROOT]) != 0) ||
        (given[W_SET] && set_answer(given[W_SET]) != 0))
        return 2;
    uint32_t r = make_call(given[W_CALL]);
    int restart = joinery_restart_needed();
    const struct joinery_error *e = joinery_last_error();
    printf("%lu %d\n", (unsigned long)r, restart);
    if (r != 0 && e)
        printf("%s: %s %s %s\n%s\n%s\n", e->symbol, e->what, e->why, e->next, e->facts, e->server);
    return fflush(stdout) ? 1 : 0;
}
