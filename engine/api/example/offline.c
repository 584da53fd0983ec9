/*
 * Joins a machine that is elsewhere, in two halves:
 *   offline make DOMAIN NAME ACCOUNT [OU] >DATA   makes the account; the password is the first line
 *                                                 of standard input
 *   offline put PATH <DATA                        puts the data into the system under PATH
 * Exit status 0, 1 on failure, 2 on wrong usage. DATA is as secret as a password.
 */
#define _DEFAULT_SOURCE
#include <joinery.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int failed(void)
{
    const struct joinery_error *e = joinery_last_error();
    fprintf(stderr, "%s (%u): %s\n%s\n%s\n", e->symbol, e->code, e->what, e->facts, e->next);
    return 1;
}

static int make(const char *domain, const char *name, const char *account, const char *ou)
{
    char password[1024];
    const char *data;
    if (!fgets(password, sizeof password, stdin))
        return 2;
    password[strcspn(password, "\n")] = '\0';
    uint32_t status = joinery_set_credentials(account, password);
    explicit_bzero(password, sizeof password);
    if (status == NERR_Success)
        status = NetProvisionComputerAccount(domain, name, ou, NULL, 0, NULL, NULL, &data);
    if (status != NERR_Success)
        return failed();
    joinery_set_credentials(NULL, NULL);
    int written = puts(data) != EOF && fflush(stdout) == 0;
    NetApiBufferFree((void *)data); /* wipes it */
    return written ? 0 : 1;
}

static int put(const char *path)
{
    static uint8_t data[1 << 20];
    size_t size = fread(data, 1, sizeof data, stdin);
    uint32_t status = NetRequestOfflineDomainJoin(data, (uint32_t)size, 0, path);
    explicit_bzero(data, sizeof data);
    return status == NERR_Success ? 0 : failed();
}

int main(int argc, char **argv)
{
    umask(077);
    if ((argc == 5 || argc == 6) && strcmp(argv[1], "make") == 0)
        return make(argv[2], argv[3], argv[4], argv[5]);
    if (argc == 3 && strcmp(argv[1], "put") == 0)
        return put(argv[2]);
    return 2;
}
