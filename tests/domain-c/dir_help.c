#include "tests/domain-c/dir_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <cmocka.h>

#include "engine/net/net.h"

int connect_to(const char *address_variable, int port)
{
    struct net_addr a;
    struct err e = {0};
    assert_true(net_addr_parse(env(address_variable), &a));
    int fd = net_connect(&a, 1, (uint16_t)port, 5000, env("JT_DC"), NULL, NULL, &e);
    assert_true(fd >= 0);
    return fd;
}

static struct bound bind_with(struct kerb *k, struct kerb_cred *c, const char *mech,
                              const char *address_variable)
{
    struct bound b = {.k = k, .c = c};
    struct err e = {0};
    struct strv mechs = {0};
    const char *spn[] = {"ldap/dc1.corp.example.com"};
    assert_int_equal(kerb_service_tickets(k, c, spn, 1, &e), 0);
    assert_int_equal(kerb_select(c, &e), 0);
    assert_int_equal(dir_open(&b.d, connect_to(address_variable, 389), env("JT_DC"), NULL, &e), 0);
    strv_add(&mechs, mech ? mech : "GSS-SPNEGO");
    if (dir_bind(b.d, &mechs, &e) < 0)
        fail_msg("bind: %u %s", e.code, e.raw);
    strv_free(&mechs);
    assert_true(dir_ssf(b.d) >= 56);
    return b;
}

struct bound bound_as(const char *user, const char *password, const char *mech,
                      const char *address_variable)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    AUTOFREE char *name = xasprintf("%s@%s", user, env("JT_REALM"));
    if (log_in(k, name, password, &c, &e) < 0)
        fail_msg("%s: %u %s", name, e.code, e.raw);
    return bind_with(k, c, mech, address_variable);
}

struct bound as_admin(void)
{
    return bound_as("Administrator", "ADMIN", NULL, "JT_DC_ADDR");
}

struct bound as_joiner(void)
{
    return bound_as("joiner", "JOINER", NULL, "JT_DC_ADDR");
}

struct bound as_machine(const char *name, const struct secret *password)
{
    struct kerb *k = open_kdc("JT_DC_ADDR");
    struct kerb_cred *c = NULL;
    struct err e = {0};
    AUTOFREE char *principal = xasprintf("%s$@%s", name, env("JT_REALM"));
    if (kerb_login_password(k, principal, password, &c, &e) < 0)
        fail_msg("%s: %u %s", principal, e.code, e.raw);
    return bind_with(k, c, NULL, "JT_DC_ADDR");
}

void bound_done(struct bound *b)
{
    dir_close(b->d);
    kerb_unselect();
    kerb_cred_free(b->c);
    kerb_free(b->k);
    *b = (struct bound){0};
}

struct account_names names_for(const char *name, const char *fqdn, const char *ou)
{
    return (struct account_names){.name = name, .fqdn = fqdn, .domain = env("JT_DOMAIN"), .ou = ou};
}

void random_password(struct secret *s)
{
    unsigned char bytes[60];
    assert_int_equal(getrandom(bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)('0' + bytes[i] % 75);
    assert_int_equal(secret_set(s, bytes, sizeof bytes), 0);
    explicit_bzero(bytes, sizeof bytes);
}

void facts_and_decision(struct bound *b, const struct account_names *n,
                        const struct account_policy *p, struct account_facts *f,
                        struct account_decision *d)
{
    struct err e = {0};
    if (account_facts(b->d, n, f, &e) < 0)
        fail_msg("facts: %u %s", e.code, e.raw);
    account_decide(f, n, p, d);
}

void must_create(struct bound *b, const struct account_names *n, const struct secret *password,
                 struct account_id *id)
{
    struct account_facts f;
    struct account_decision d;
    struct account_policy p = {.acct_create = true};
    struct account_id local = {0};
    enum account_outcome outcome;
    struct err e = {0};
    facts_and_decision(b, n, &p, &f, &d);
    if (d.action != ACCOUNT_CREATE)
        fail_msg("decision %d: %u", (int)d.action, d.err.code);
    if (account_create(b->d, &f, n, &p, password, id ? id : &local, &outcome, &e) < 0)
        fail_msg("create: %u %s", e.code, e.raw);
    assert_int_equal(outcome, ACCOUNT_DONE);
    account_id_free(&local);
    account_facts_free(&f);
}

void must_delete(struct bound *b, const char *dn)
{
    struct err e = {0};
    if (account_delete(b->d, dn, false, &e) < 0)
        fail_msg("delete %s: %u %s", dn, e.code, e.raw);
}

char *read_value(struct bound *b, const char *dn, const char *attr)
{
    const char *attrs[] = {attr, NULL};
    struct dir_op op = {.kind = DIR_SEARCH, .base = dn, .attrs = attrs, .limit = 1};
    struct err e = {0};
    assert_int_equal(dir_run1(b->d, &op, &e), 0);
    const char *s = op.rc == 0 && op.n_entries ? dir_text(&op.entries[0], attr) : NULL;
    char *copy = s ? xstrdup(s) : NULL;
    dir_op_free(&op);
    return copy;
}
