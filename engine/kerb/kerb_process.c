/*
 * The process's private libkrb5 configuration. It lives in a memory file that libkrb5 and GSSAPI
 * open through /proc/self/fd, so that nothing is written to disk and nothing of the host's own
 * configuration interferes. The realm is not in it: service tickets are put into the caches under
 * the names that GSSAPI looks for (kerb_ticket.c).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/kerb/kerb_int.h"

/* Only encrypted timestamps are used to log in; the other plugins would be loaded for nothing. RC4
 * stands last and is offered only where a login asks for it. */
static const char profile[] = "[libdefaults]\n"
                              " rdns = false\n"
                              " dns_canonicalize_hostname = false\n"
                              " qualify_shortname = \"\"\n"
                              " dns_lookup_kdc = false\n"
                              " dns_lookup_realm = false\n"
                              " dns_uri_lookup = false\n"
                              " permitted_enctypes = aes256-cts-hmac-sha1-96 "
                              "aes128-cts-hmac-sha1-96 aes256-cts-hmac-sha384-192"
                              " aes128-cts-hmac-sha256-128 rc4-hmac\n"
                              " allow_rc4 = true\n"
                              " default_ccache_name = MEMORY:joinery-none\n"
                              " default_keytab_name = MEMORY:joinery-none\n"
                              " default_client_keytab_name = MEMORY:joinery-none\n"
                              "[plugins]\n"
                              " clpreauth = {\n"
                              "  enable_only = encrypted_timestamp\n"
                              " }\n"
                              " ccselect = {\n"
                              "  disable = k5identity\n"
                              " }\n";

/* Everything by which the environment steers libkrb5 and GSSAPI. */
static const char *const variables[] = {
    "KRB5CCNAME",    "KRB5_KTNAME",      "KRB5_CLIENT_KTNAME", "KRB5_TRACE",      "KRB5RCACHETYPE",
    "KRB5RCACHEDIR", "KRB5_KDC_PROFILE", "GSS_USE_PROXY",      "GSS_MECH_CONFIG",
};

static struct {
    int fd;
    char *ccname, *config;
    char *saved[ARRAY_SIZE(variables)], *rcache;
} process = {.fd = -1};

static int write_profile(int fd)
{
    const char *p = profile;
    size_t left = sizeof profile - 1;
    while (left > 0) {
        ssize_t n = write(fd, p, left);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            p += n;
            left -= (size_t)n;
        }
    }
    return 0;
}

static char *env_copy(const char *name)
{
    const char *value = getenv(name);
    return value ? xstrdup(value) : NULL;
}

/* Takes value. */
static void put_back(const char *name, char *value)
{
    if (value)
        setenv(name, value, 1);
    else
        unsetenv(name);
    free(value);
}

static void put_back_all(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++)
        put_back(variables[i], TAKE(process.saved[i]));
    put_back("KRB5_CONFIG", TAKE(process.config));
    put_back("KRB5RCACHENAME", TAKE(process.rcache));
    free(TAKE(process.ccname));
}

int kerb_setup_process(struct err *e)
{
    char path[40];
    if (process.fd >= 0)
        return 0;
    int fd = memfd_create("joinery-krb5", MFD_CLOEXEC);
    if (fd < 0 || write_profile(fd) < 0)
        goto failed;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (access(path, R_OK) < 0)
        goto failed;
    process.ccname = env_copy("KRB5CCNAME");
    process.config = env_copy("KRB5_CONFIG");
    process.rcache = env_copy("KRB5RCACHENAME");
    for (size_t i = 0; i < ARRAY_SIZE(variables); i++) {
        process.saved[i] = env_copy(variables[i]);
        unsetenv(variables[i]);
    }
    if (setenv("KRB5_CONFIG", path, 1) < 0 || setenv("KRB5RCACHENAME", "none:", 1) < 0)
        goto failed_set;
    process.fd = fd;
    return 0;
failed_set:
    put_back_all();
failed:
    err_errno(e, CAUSE_INTERNAL, errno, "/proc/self/fd");
    if (fd >= 0)
        close(fd);
    return -1;
}

void kerb_undo_process(void)
{
    if (process.fd < 0)
        return;
    put_back_all();
    close(process.fd);
    process.fd = -1;
}

const char *kerb_caller_ccname(void)
{
    return process.ccname;
}

const char *kerb_caller_config(void)
{
    return process.config;
}
