/*
 * One call of the C library, for test_outcomes: parameters as "word value" lines on standard input
 * (so that no password is in argv), result and need of a restart on the first line of output, then
 * what the library says about it. Knows the public header alone.
 */
#include <pthread.h>
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
    W_CONTROLLER,
    W_OUTPUT,
    W_IMAGE,
    W_DATA,
    W_VERSION,
    W_TEMPLATE,
    W_POLICY,
    W_SITE,
    W__COUNT
};

static char *given[W__COUNT];

static void read_words(void)
{
    static const char *const words[W__COUNT] = {
        "call",  "root", "server",  "domain",    "ou",     "account",    "password",
        "flags", "new",  "name",    "name-type", "set",    "controller", "output",
        "image", "data", "version", "template",  "policy", "site"};
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

/* ---- offline join ---- */

static uint8_t *binary;
static uint32_t size;
static const char *text;

/* Which results are asked for: text, binary, none, both, or a binary one without its size. */
static uint8_t **out_binary(void)
{
    const char *o = given[W_OUTPUT] ? given[W_OUTPUT] : "text";
    return strcmp(o, "text") == 0 || strcmp(o, "none") == 0 ? NULL : &binary;
}

static uint32_t *out_size(void)
{
    return out_binary() && strcmp(given[W_OUTPUT], "no-size") != 0 ? &size : NULL;
}

static const char **out_text(void)
{
    const char *o = given[W_OUTPUT] ? given[W_OUTPUT] : "text";
    return strcmp(o, "text") == 0 || strcmp(o, "both") == 0 ? &text : NULL;
}

static uint32_t create_package(void)
{
    const char *template = given[W_TEMPLATE], *policy = given[W_POLICY];
    struct NETSETUP_PROVISIONING_PARAMS p = {
        .dwVersion =
            given[W_VERSION] ? number(W_VERSION) : NETSETUP_PROVISIONING_PARAMS_CURRENT_VERSION,
        .lpDomain = given[W_DOMAIN],
        .lpHostName = given[W_NAME],
        .lpMachineAccountOU = given[W_OU],
        .lpDcName = given[W_CONTROLLER],
        .dwProvisionOptions = number(W_FLAGS),
        .aCertTemplateNames = template ? &template : NULL,
        .cCertTemplateNames = 1,
        .aMachinePolicyNames = policy ? &policy : NULL,
        .cMachinePolicyNames = 1,
        .lpSiteName = given[W_SITE],
    };
    return NetCreateProvisioningPackage(&p, out_binary(), out_size(), out_text());
}

static uint32_t provision(void)
{
    if (strcmp(given[W_CALL], "NetCreateProvisioningPackage") == 0)
        return create_package();
    return NetProvisionComputerAccount(given[W_DOMAIN], given[W_NAME], given[W_OU],
                                       given[W_CONTROLLER], number(W_FLAGS), out_binary(),
                                       out_size(), out_text());
}

/* What was made is what it should be, and nothing is there after a failure. */
static uint32_t provision_as(void)
{
    uint32_t r = given[W_ACCOUNT] || given[W_PASSWORD]
                     ? joinery_set_credentials(given[W_ACCOUNT], given[W_PASSWORD])
                     : 0;
    if (r == 0)
        r = provision();
    int right = text     ? strncmp(text, "ARAIAMzMzM", 10) == 0
                : binary ? size > 500 && memcmp(binary, "\1\20\10\0\314\314\314\314", 8) == 0
                         : r != 0;
    if (!right || (r != 0 && (text || binary)))
        exit(3);
    NetApiBufferFree(binary);
    NetApiBufferFree((void *)text);
    return r;
}

static uint32_t second_result;
static int second_made;

static void *second(void *arg)
{
    (void)arg;
    second_result = provision();
    return NULL;
}

/* While the first call waits for the network, another thread makes the same one. */
static void at_log(void *arg, int level, const char *line)
{
    pthread_t t;
    (void)arg, (void)level, (void)line;
    if (!second_made++ && pthread_create(&t, NULL, second, NULL) == 0)
        pthread_join(t, NULL);
}

static uint32_t provision_twice(void)
{
    joinery_set_log(at_log, NULL);
    uint32_t r = provision_as();
    return r == 0 && second_made ? second_result : UINT32_MAX;
}

static uint32_t apply(int package)
{
    static uint8_t data[1 << 16];
    size_t n = 0;
    FILE *f = given[W_DATA] ? fopen(given[W_DATA], "rb") : NULL;
    if (f) {
        n = fread(data, 1, sizeof data, f);
        fclose(f);
    }
    const uint8_t *d = given[W_DATA] ? data : NULL;
    return package ? NetRequestProvisioningPackageInstall(d, (uint32_t)n, number(W_FLAGS),
                                                          given[W_IMAGE], NULL)
                   : NetRequestOfflineDomainJoin(d, (uint32_t)n, number(W_FLAGS), given[W_IMAGE]);
}

static uint32_t make_offline_call(const char *call)
{
    if (strcmp(call, "NetRequestOfflineDomainJoin") == 0)
        return apply(0);
    if (strcmp(call, "NetRequestProvisioningPackageInstall") == 0)
        return apply(1);
    if (strcmp(call, "NetProvisionComputerAccount") != 0 &&
        strcmp(call, "NetCreateProvisioningPackage") != 0)
        return UINT32_MAX;
    return given[W_NEW] && strcmp(given[W_NEW], "twice") == 0 ? provision_twice() : provision_as();
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
    if (strcmp(call, "NetGetJoinInformation") == 0)
        return ask_for_membership();
    return make_offline_call(call);
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
