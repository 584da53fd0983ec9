/* What the tests of the locator share: a small network, a search in it, and what was found. Each
 * test program has its own. */
#ifndef JOINERY_TESTS_LOCATE_NET_H
#define JOINERY_TESTS_LOCATE_NET_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/flow/locate.h"
#include "tests/unit/fake_net.h"

#define RW   (DS_LDAP | DS_DS | DS_KDC | DS_WRITABLE)
#define RO   (DS_LDAP | DS_DS | DS_KDC | DS_RODC)
#define LIST "_ldap._tcp.dc._msdcs.corp.test"
#define GOOD(n, ...)                                                                               \
    {                                                                                              \
        .addr = "127.0.0.1" #n, .host = "dc" #n ".corp.test", .domain = "corp.test",               \
        .netbios = "CORP", .flags = RW, .site = "A", .client_site = "A", __VA_ARGS__               \
    }
#define HOST(n)                                                                                    \
    {                                                                                              \
        "dc" #n ".corp.test", 1, "127.0.0.1" #n, 0, 0                                              \
    }

static struct fake_net net;
static struct located *found;
static struct dns_config cfg;
static struct err err;
static unsigned changes;

UNUSED static void changed(void *arg, const struct dc_list *list, size_t i)
{
    assert_ptr_equal(arg, &changes);
    assert_true(i < list->n);
    changes++;
}

UNUSED static void start(const struct fake_zone *z, const struct fake_dc *dc, size_t n)
{
    net = (struct fake_net){.zone = z, .dc = dc, .n_dc = n};
    fake_net_start(&net);
    cfg = (struct dns_config){
        .n_servers = 1, .timeout_ms = 1000, .attempts = 1, .port = net.dns_port};
    assert_true(net_addr_parse("127.0.0.1", &cfg.servers[0]));
    found = xcalloc(1, sizeof *found);
    err = (struct err){0};
    changes = 0;
}

UNUSED static void stop(void)
{
    locate_done(found);
    free(found);
    found = NULL;
    fake_net_stop(&net);
}

UNUSED static struct locate_request request(const char *domain)
{
    return (struct locate_request){
        .domain = domain,
        .host = "CLIENT1",
        .dns = &cfg,
        .timeout_ms = 700,
        .ldap_port = net.ldap_port,
        .kdc_port = net.kdc_port,
        .changed = changed,
        .arg = &changes,
    };
}

UNUSED static const struct dc_candidate *chosen(void)
{
    assert_true(found->list.chosen >= 0);
    return &found->list.c[found->list.chosen];
}

UNUSED static const struct dc_candidate *named(const char *host)
{
    for (size_t i = 0; i < found->list.n; i++) {
        if (strcmp(found->list.c[i].host, host) == 0)
            return &found->list.c[i];
    }
    fail_msg("%s is not listed", host);
    return NULL;
}

UNUSED static void assert_fact(enum fact f, const char *value)
{
    const char *got = err_fact_get(&err, f);
    assert_non_null(got);
    assert_string_equal(got, value);
}

static const struct fake_rr one_rr[] = {{LIST, 33, "dc1.corp.test", 0, 100}, HOST(1)};
UNUSED static const struct fake_zone one_zone = {
    .rr = one_rr, .n = ARRAY_SIZE(one_rr), .glue = true};

static const struct fake_rr three_rr[] = {{LIST, 33, "dc1.corp.test", 0, 100},
                                          {LIST, 33, "dc2.corp.test", 10, 100},
                                          {LIST, 33, "dc3.corp.test", 20, 100},
                                          HOST(1),
                                          HOST(2),
                                          HOST(3)};
UNUSED static const struct fake_zone three_zone = {
    .rr = three_rr, .n = ARRAY_SIZE(three_rr), .glue = true};

UNUSED static int fails(const struct fake_dc *dc, enum dc_state state)
{
    start(&one_zone, dc, 1);
    struct locate_request rq = request("corp.test");
    int r = locate(&rq, found, &err);
    assert_int_equal(found->list.n, 1);
    assert_int_equal(found->list.c[0].state, state);
    assert_int_equal(found->list.chosen, -1);
    assert_int_equal(found->ldap_fd, -1);
    assert_null(found->kdc);
    stop();
    return r;
}

#endif
