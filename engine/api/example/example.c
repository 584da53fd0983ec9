/*
 * Joins this machine, or tells what it is a member of:
 *   example                             what it is a member of
 *   example DOMAIN ACCOUNT [OU] <FILE   joins; the password is the first line of standard input
 * Exit status 0, 1 on failure, 2 on wrong usage, 5 when a restart is needed.
 */
#define _DEFAULT_SOURCE
#include <joinery.h>
#include <stdio.h>
#include <string.h>

static int failed(void)
{
    const struct joinery_error *e = joinery_last_error();
    fprintf(stderr, "%s (%u): %s\n%s\n%s\n", e->symbol, e->code, e->what, e->facts, e->next);
    return 1;
}

static int tell(void)
{
    static const char *const kinds[] = {"unknown", "not joined", "workgroup", "domain"};
    const char *name;
    uint16_t type;
    if (NetGetJoinInformation(NULL, &name, &type) != NERR_Success)
        return failed();
    printf("%s %s\n", kinds[type], name);
    NetApiBufferFree((void *)name);
    return 0;
}

static void show(void *arg, int level, const char *line)
{
    (void)arg;
    if (level <= JOINERY_LOG_NOTICE)
        fprintf(stderr, "%s\n", line);
}

int main(int argc, char **argv)
{
    char password[1024];
    uint32_t status;

    if (argc == 1)
        return tell();
    if (argc < 3 || argc > 4 || !fgets(password, sizeof password, stdin))
        return 2;
    password[strcspn(password, "\n")] = '\0';

    joinery_set_log(show, NULL);
    status = NetJoinDomain(NULL, argv[1], argc > 3 ? argv[3] : NULL, argv[2], password,
                           NETSETUP_JOIN_DOMAIN | NETSETUP_ACCT_CREATE);
    explicit_bzero(password, sizeof password);
    if (status != NERR_Success)
        return failed();
    if (tell() != 0)
        return 1;
    return joinery_restart_needed() ? 5 : 0;
}
