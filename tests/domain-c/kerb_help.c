#include "tests/domain-c/kerb_help.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/base/strv.h"

char test_dir[64];

const char *env(const char *name)
{
    const char *value = getenv(name);
    if (!value)
        fail_msg("%s is not set: run through tests/domain/exec", name);
    return value;
}

struct kerb *open_kdc(const char *address_variable)
{
    struct net_addr a;
    struct kerb *k;
    struct err e = {0};
    assert_true(net_addr_parse(env(address_variable), &a));
    struct kerb_target t = {.realm = env("JT_REALM"), .host = env("JT_DC"), .addr = &a, .fd = -1};
    assert_int_equal(kerb_open(&k, &t, &e), 0);
    return k;
}

void read_secret(const char *which, struct secret *s)
{
    AUTOFREE char *variable = xasprintf("JT_%s_PASSWORD_FILE", which);
    unsigned char text[256];
    int fd = open(env(variable), O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    assert_true(n > 0);
    while (n > 0 && text[n - 1] == '\n')
        n--;
    assert_int_equal(secret_set(s, text, (size_t)n), 0);
    explicit_bzero(text, sizeof text);
}

int log_in(struct kerb *k, const char *name, const char *password, struct kerb_cred **c,
           struct err *e)
{
    struct secret s = {0};
    read_secret(password, &s);
    int rc = kerb_login_password(k, name, &s, c, e);
    secret_free(&s);
    return rc;
}

struct kerb_cred *joiner(struct kerb *k)
{
    struct kerb_cred *c = NULL;
    struct err e = {0};
    if (log_in(k, "joiner@CORP.EXAMPLE.COM", "JOINER", &c, &e) < 0)
        fail_msg("joiner: %s", e.raw);
    return c;
}

int kerb_setup(void **s UNUSED)
{
    struct err e = {0};
    snprintf(test_dir, sizeof test_dir, "/tmp/test-kerb.XXXXXX");
    if (!mkdtemp(test_dir))
        return -1;
    AUTOFREE char *name = xasprintf("FILE:%s/caller", test_dir);
    AUTOFREE char *config = xasprintf("%s/krb5.conf", test_dir);
    FILE *f = fopen(config, "w"); /* for children: no KDC is named, nor looked for */
    if (!f)
        return -1;
    fputs("[libdefaults]\n rdns = false\n dns_lookup_kdc = false\n"
          " dns_canonicalize_hostname = false\n",
          f);
    fclose(f);
    setenv("KRB5CCNAME", name, 1);
    return kerb_setup_process(&e);
}

int kerb_teardown(void **s UNUSED)
{
    AUTOFREE char *command = xasprintf("rm -rf %s", test_dir);
    return system(command);
}
