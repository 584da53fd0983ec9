/* resolv.conf, questions over the wire, hostile answers, RFC 2782. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/dns/dns.h"
#include "tests/unit/fake_net.h"

#define SRV "_ldap._tcp.dc._msdcs.corp.test"

static const struct fake_rr records[] = {
    {SRV, 33, "dc2.corp.test", 10, 100},           {SRV, 33, "dc1.corp.test", 0, 100},
    {"dc1.corp.test", 1, "10.0.0.1", 0, 0},        {"dc1.corp.test", 28, "fd00::1", 0, 0},
    {"dc2.corp.test", 1, "10.0.0.2", 0, 0},        {"alias.corp.test", 5, "dc1.corp.test", 0, 0},
    {"loop.corp.test", 5, "loop.corp.test", 0, 0}, {"none.corp.test", 33, "", 0, 0},
};
#define ZONE .rr = records, .n = sizeof records / sizeof *records

/* ---- resolv.conf ---- */

static void test_config(void **s UNUSED)
{
    struct dns_config c;
    dns_config_parse(
        "# comment\n; another\n\nnameserver 10.1.1.1\r\n"
        "  nameserver\tfd00::53 # main\nnameserver not-an-address\nnameserver 10.1.1.1\n"
        "search old.test\ndomain one.test\nsearch Corp.Test. sub.corp.test bad..name\n"
        "options ndots:2 timeout:1 attempts:9 use-vc\nsortlist 1.2.3.4\nrubbish\nnameserver",
        &c);
    assert_int_equal(c.n_servers, 2);
    assert_string_equal(c.servers[0].text, "10.1.1.1");
    assert_string_equal(c.servers[1].text, "fd00::53");
    assert_int_equal(c.n_search, 2);
    assert_string_equal(c.search[0], "corp.test");
    assert_string_equal(c.search[1], "sub.corp.test");
    assert_true(c.timeout_ms > 0 && c.timeout_ms <= 1000);
    assert_int_equal(c.attempts, 5);
    assert_true(c.tcp);
}

static void test_config_limits(void **s UNUSED)
{
    struct dns_config c;
    char text[8192] = "";
    size_t n = 0;
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "nameserver 10.0.0.%d\n", i);
    n += (size_t)snprintf(text + n, sizeof text - n, "search");
    for (int i = 0; i < 100; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " d%d.test", i);
    dns_config_parse(text, &c);
    assert_int_equal(c.n_servers, DNS_SERVERS_MAX);
    assert_int_equal(c.n_search, DNS_SEARCH_MAX);
    dns_config_parse(NULL, &c);
    assert_int_equal(c.n_servers, 0);
    dns_config_parse("", &c);
    assert_int_equal(c.n_servers, 0);
    struct dns *d;
    struct err e = {0};
    assert_int_equal(dns_open(&d, &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_NO_DNS_SERVER);
}

static void test_names(void **s UNUSED)
{
    struct dns_query q;
    char label[80], longest[320] = "";
    assert_int_equal(dns_query_init(&q, "DC1.Corp.Test.", DNS_A), 0);
    assert_string_equal(q.name, "dc1.corp.test");
    memset(label, 'a', sizeof label);
    label[64] = '\0';
    for (int i = 0; i < 60; i++)
        strcat(longest, "abcd.");
    static const char *const bad[] = {"",     ".",   "..",   "a..b", ".a", "a b",
                                      "a\\b", "a/b", "a\nb", "a*b",  "a:b"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_int_equal(dns_query_init(&q, bad[i], DNS_A), -1);
    assert_int_equal(dns_query_init(&q, label, DNS_A), -1);
    assert_int_equal(dns_query_init(&q, longest, DNS_A), -1);
    label[63] = '\0';
    assert_int_equal(dns_query_init(&q, label, DNS_A), 0);
}

/* ---- packets ---- */

static size_t question(unsigned char *out, const char *name, unsigned type)
{
    static const unsigned char head[12] = {0x12, 0x34, 1, 0, 0, 1};
    size_t n = 12;
    memcpy(out, head, 12);
    while (*name) {
        size_t k = strcspn(name, ".");
        out[n++] = (unsigned char)k;
        memcpy(out + n, name, k);
        n += k;
        name += k + (name[k] == '.');
    }
    out[n++] = 0;
    out[n++] = 0;
    out[n++] = (unsigned char)type;
    out[n++] = 0;
    out[n++] = 1;
    return n;
}

/* The parser sees a copy of exactly the right size, so that a sanitizer sees any byte read beyond
 * it. */
static void parse(const unsigned char *msg, size_t len, struct dns_query *q)
{
    unsigned char *copy = malloc(len ? len : 1);
    if (len)
        memcpy(copy, msg, len);
    dns_parse_response(copy, len, q);
    free(copy);
}

static size_t response(const struct fake_zone *z, const char *name, enum dns_type t,
                       unsigned char *out, struct dns_query *q)
{
    unsigned char ask[512];
    assert_int_equal(dns_query_init(q, name, t), 0);
    return fake_dns_answer(z, ask, question(ask, name, t), out, 16384);
}

static void test_packet_srv(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE, .glue = true}, bare = {ZONE};
    unsigned char msg[16384];
    struct dns_query q;
    size_t n = response(&z, SRV, DNS_SRV, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_OK);
    assert_int_equal(q.n_srv, 2);
    assert_string_equal(q.srv[0].host, "dc2.corp.test");
    assert_int_equal(q.srv[0].priority, 10);
    assert_int_equal(q.srv[0].port, 389);
    assert_int_equal(q.srv[0].n_addrs, 1);
    assert_string_equal(q.srv[0].addrs[0].text, "10.0.0.2");
    assert_int_equal(q.srv[1].n_addrs, 2);
    assert_string_equal(q.srv[1].addrs[1].text, "fd00::1");
    for (size_t k = 0; k < n; k++) {
        parse(msg, k, &q);
        assert_int_equal(q.status, DNS_MALFORMED);
        assert_null(q.srv);
    }
    n = response(&bare, SRV, DNS_SRV, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.n_srv, 2);
    assert_int_equal(q.srv[0].n_addrs, 0);
    dns_query_done(&q);
    n = response(&z, "none.corp.test", DNS_SRV, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_NODATA);
}

static void test_packet_address(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE};
    unsigned char msg[16384];
    struct dns_query q;
    size_t n = response(&z, "alias.corp.test", DNS_AAAA, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_OK);
    assert_int_equal(q.n_addrs, 1);
    assert_string_equal(q.addrs[0].text, "fd00::1");
    dns_query_done(&q);
    n = response(&z, "dc2.corp.test", DNS_AAAA, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_NODATA);
    n = response(&z, "dc7.corp.test", DNS_A, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_NXDOMAIN);
    assert_int_equal(q.rcode, 3);
    n = response(&z, "loop.corp.test", DNS_A, msg, &q);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_MALFORMED);
    /* an answer for another name counts for nothing */
    n = response(&z, "dc1.corp.test", DNS_A, msg, &q);
    assert_int_equal(dns_query_init(&q, "dc2.corp.test", DNS_A), 0);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_NODATA);
}

static void test_packet_hostile(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE};
    unsigned char msg[16384];
    struct dns_query q;
    size_t n = response(&z, "dc1.corp.test", DNS_A, msg, &q), owner = n - 29;
    msg[2] &= 0x7f; /* a question, not an answer */
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_MALFORMED);
    assert_int_equal(q.rcode, -1);
    msg[2] |= 0x80;
    msg[6] = 0x7f; /* 32,000 records */
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_MALFORMED);
    msg[6] = 0;
    unsigned char keep[2] = {msg[owner], msg[owner + 1]};
    assert_int_equal(msg[owner], 3);
    static const unsigned char jumps[][2] = {
        {0xc0, 0x00}, {0xff, 0xff}, {0x40, 0x01}, {0x80, 0x01}, {0xc0, 0xff}};
    for (size_t k = 0; k < ARRAY_SIZE(jumps); k++) {
        memcpy(msg + owner, jumps[k], 2);
        parse(msg, n, &q);
        assert_int_equal(q.status, DNS_MALFORMED);
    }
    msg[owner] = 0xc0; /* to itself */
    msg[owner + 1] = (unsigned char)owner;
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_MALFORMED);
    memcpy(msg + owner, keep, 2);
    parse(msg, n, &q);
    assert_int_equal(q.status, DNS_OK);
    dns_query_done(&q);
}

static void test_packet_mutations(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE, .glue = true};
    unsigned char base[16384], msg[16384];
    struct dns_query q;
    size_t n = response(&z, SRV, DNS_SRV, base, &q), good = 0;
    uint32_t seed = 4711;
    for (int round = 0; round < 40000; round++) {
        memcpy(msg, base, n);
        for (int k = 0; k <= round % 4; k++) {
            seed = seed * 1103515245u + 12345u;
            msg[(seed >> 8) % n] = (unsigned char)(seed >> 24);
        }
        parse(msg, n, &q);
        good += q.status == DNS_OK;
        for (size_t i = 0; i < q.n_srv; i++) {
            for (const char *c = q.srv[i].host; *c; c++)
                assert_true((unsigned char)*c > ' ' && *c != 0x7f);
        }
    }
    dns_query_done(&q);
    assert_true(good > 1000);
}

/* ---- the wire ---- */

static struct dns *dns;
static struct err err;

static void start(struct fake_net *f, const struct fake_zone *z, int timeout_ms)
{
    struct dns_config c = {.n_servers = 1, .timeout_ms = timeout_ms, .attempts = 3};
    *f = (struct fake_net){.zone = z};
    err = (struct err){0};
    fake_net_start(f);
    assert_true(net_addr_parse("127.0.0.1", &c.servers[0]));
    c.port = f->dns_port;
    assert_int_equal(dns_open(&dns, &c, &err), 0);
}

static void stop(struct fake_net *f)
{
    dns_close(dns);
    dns = NULL;
    fake_net_stop(f);
}

static void test_batch(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE, .glue = true};
    struct fake_net f;
    struct dns_query q[4];
    start(&f, &z, 2000);
    assert_int_equal(dns_query_init(&q[0], SRV, DNS_SRV), 0);
    assert_int_equal(dns_query_init(&q[1], "dc1.corp.test", DNS_A), 0);
    assert_int_equal(dns_query_init(&q[2], "dc1.corp.test", DNS_AAAA), 0);
    assert_int_equal(dns_query_init(&q[3], "nope.corp.test", DNS_A), 0);
    assert_int_equal(dns_ask(dns, q, 4, 5000, NULL, &err), 0);
    assert_int_equal(q[0].status, DNS_OK);
    assert_int_equal(q[0].n_srv, 2);
    assert_string_equal(q[1].addrs[0].text, "10.0.0.1");
    assert_string_equal(q[2].addrs[0].text, "fd00::1");
    assert_int_equal(q[3].status, DNS_NXDOMAIN);
    assert_string_equal(q[3].server.text, "127.0.0.1");
    assert_int_equal(fake_net_questions(&f, NULL), 4);
    assert_int_equal(dns_explain(dns, &q[3], &err), -1);
    assert_int_equal(err.cause, CAUSE_NO_SRV_RECORDS);
    assert_string_equal(err_fact_get(&err, FACT_QUERY), "A nope.corp.test");
    assert_string_equal(err_fact_get(&err, FACT_ANSWER), "NXDOMAIN");
    assert_string_equal(err_fact_get(&err, FACT_SERVER), "127.0.0.1");
    for (int i = 0; i < 4; i++)
        dns_query_done(&q[i]);
    stop(&f);
}

static void test_environment_has_no_say(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE};
    struct fake_net f;
    struct dns_query q;
    setenv("RES_OPTIONS", "ndots:9 attempts:1", 1);
    setenv("LOCALDOMAIN", "evil.test", 1);
    setenv("HOSTALIASES", "/etc/passwd", 1);
    start(&f, &z, 2000);
    assert_int_equal(dns_query_init(&q, "dc9.corp.test", DNS_A), 0);
    assert_int_equal(dns_ask(dns, &q, 1, 3000, NULL, &err), 0);
    assert_int_equal(q.status, DNS_NXDOMAIN);
    assert_int_equal(fake_net_questions(&f, NULL), 1);
    unsetenv("RES_OPTIONS");
    unsetenv("LOCALDOMAIN");
    unsetenv("HOSTALIASES");
    stop(&f);
}

static void test_failures(void **s UNUSED)
{
    static const struct fake_zone servfail = {ZONE, .rcode = 2}, refused = {ZONE, .rcode = 5};
    const struct fake_zone *zones[] = {&servfail, &refused};
    static const enum dns_status want[] = {DNS_SERVFAIL, DNS_REFUSED};
    for (int i = 0; i < 2; i++) {
        struct fake_net f;
        struct dns_query q;
        start(&f, zones[i], 2000);
        assert_int_equal(dns_query_init(&q, SRV, DNS_SRV), 0);
        assert_int_equal(dns_ask(dns, &q, 1, 3000, NULL, &err), 0);
        assert_int_equal(q.status, want[i]);
        assert_int_equal(q.rcode, zones[i]->rcode);
        dns_explain(dns, &q, &err);
        assert_int_equal(err.cause, CAUSE_DNS_SERVFAIL);
        stop(&f);
    }
}

static void test_lost_packets(void **s UNUSED)
{
    static const struct fake_zone once = {ZONE, .lose = 1}, all = {ZONE, .lose = -1};
    struct fake_net f;
    struct dns_query q;
    start(&f, &once, 50);
    assert_int_equal(dns_query_init(&q, "dc1.corp.test", DNS_A), 0);
    assert_int_equal(dns_ask(dns, &q, 1, 3000, NULL, &err), 0);
    assert_int_equal(q.status, DNS_OK);
    assert_int_equal(fake_net_questions(&f, NULL), 2);
    dns_query_done(&q);
    stop(&f);
    start(&f, &all, 50);
    int64_t t = net_now_ms();
    assert_int_equal(dns_query_init(&q, "dc1.corp.test", DNS_A), 0);
    assert_int_equal(dns_ask(dns, &q, 1, 120, NULL, &err), 0);
    assert_true(net_now_ms() - t < 2000);
    assert_int_equal(q.status, DNS_TIMEOUT);
    dns_explain(dns, &q, &err);
    assert_int_equal(err.cause, CAUSE_NO_DNS_SERVER);
    assert_string_equal(err_fact_get(&err, FACT_SERVER), "127.0.0.1");
    stop(&f);
}

static void test_forged_answer(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE, .stray = true};
    struct fake_net f;
    struct dns_query q;
    start(&f, &z, 2000);
    assert_int_equal(dns_query_init(&q, "dc1.corp.test", DNS_A), 0);
    assert_int_equal(dns_ask(dns, &q, 1, 3000, NULL, &err), 0);
    assert_int_equal(q.status, DNS_OK);
    dns_query_done(&q);
    stop(&f);
}

static void test_nobody_there(void **s UNUSED)
{
    static const struct fake_zone z = {ZONE};
    struct fake_net f;
    struct dns_query q;
    start(&f, &z, 300);
    fake_net_stop(&f); /* the port is closed now */
    assert_int_equal(dns_query_init(&q, SRV, DNS_SRV), 0);
    assert_int_equal(dns_ask(dns, &q, 1, 3000, NULL, &err), 0);
    assert_int_equal(q.status, DNS_UNREACHABLE);
    dns_close(dns);
}

static void test_cancel(void **s UNUSED)
{
    static const struct fake_zone all = {ZONE, .lose = -1};
    struct fake_net f;
    struct dns_query q;
    struct cancel c;
    start(&f, &all, 30000);
    assert_int_equal(cancel_init(&c, &err), 0);
    cancel_fire(&c);
    assert_int_equal(dns_query_init(&q, SRV, DNS_SRV), 0);
    assert_int_equal(dns_ask(dns, &q, 1, 60000, &c, &err), -1);
    assert_int_equal(err.cause, CAUSE_CANCELLED);
    cancel_done(&c);
    stop(&f);
}

/* ---- RFC 2782 ---- */

static uint32_t counter(void *arg)
{
    return (*(uint32_t *)arg)++;
}

static void test_order(void **s UNUSED)
{
    unsigned first_b = 0;
    for (uint32_t seed = 0; seed < 101; seed++) {
        struct dns_srv srv[] = {
            {.host = "late", .priority = 20, .weight = 100},
            {.host = "a", .priority = 10, .weight = 25},
            {.host = "zero", .priority = 10, .weight = 0},
            {.host = "b", .priority = 10, .weight = 75},
        };
        uint32_t at = seed;
        dns_srv_order(srv, 4, counter, &at);
        assert_string_equal(srv[3].host, "late");
        first_b += strcmp(srv[0].host, "b") == 0;
        bool seen_zero = false;
        for (int i = 0; i < 3; i++)
            seen_zero |= strcmp(srv[i].host, "zero") == 0;
        assert_true(seen_zero);
    }
    assert_int_equal(first_b, 75); /* by its weight, over all 101 draws of the first */
    struct dns_srv one = {.host = "x"};
    dns_srv_order(&one, 1, counter, NULL);
    dns_srv_order(NULL, 0, counter, NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_config),
        cmocka_unit_test(test_config_limits),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_packet_srv),
        cmocka_unit_test(test_packet_address),
        cmocka_unit_test(test_packet_hostile),
        cmocka_unit_test(test_packet_mutations),
        cmocka_unit_test(test_batch),
        cmocka_unit_test(test_environment_has_no_say),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_lost_packets),
        cmocka_unit_test(test_forged_answer),
        cmocka_unit_test(test_nobody_there),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_order),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
