/* The locator against a network of made-up controllers: whom it asks, whom it takes, and how it
 * says no. */
#include "tests/unit/locate_net.h"

/* ---- one controller ---- */

static void test_one(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1)};
    start(&one_zone, dc, 1);
    struct locate_request rq = request("Corp.Test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_string_equal(chosen()->addr.text, "127.0.0.11");
    assert_int_equal(chosen()->state, DC_STATE_ANSWERED);
    assert_string_equal(chosen()->site, "A");
    assert_true(chosen()->latency_ms >= 0);
    assert_false(chosen()->tcp_only);
    assert_string_equal(found->domain.dns, "corp.test");
    assert_string_equal(found->domain.netbios, "CORP");
    assert_string_equal(found->domain.forest, "corp.test");
    assert_string_equal(found->domain.client_site, "A");
    assert_string_equal(found->dns_server, "127.0.0.1");
    assert_true(changes >= 2);
    assert_int_equal(fake_net_questions(&net, LIST), 1);
    assert_int_equal(fake_net_questions(&net, "dc1.corp.test"),
                     0); /* the answer brought the address */
    struct net_addr peer;
    uint16_t port;
    int fd = locate_connect(found, 1000, NULL, &err);
    assert_true(net_peer(fd, &peer, &port)); /* open already, and to the right place */
    assert_string_equal(peer.text, "127.0.0.11");
    assert_int_equal(port, net.ldap_port);
    close(fd);
    fd = locate_connect_kdc(found, 1000, NULL, &err);
    assert_true(net_peer(fd, &peer, &port));
    assert_string_equal(peer.text, "127.0.0.11");
    assert_int_equal(port, net.kdc_port);
    close(fd);
    fd = locate_connect(found, 1000, NULL, &err); /* the second one is made anew */
    assert_true(fd >= 0);
    close(fd);
    stop();
}

/* Samba's DNS sends no additional records: the domain name's own addresses save the round trip. */
static void test_no_glue(void **s UNUSED)
{
    static const struct fake_rr rr[] = {
        {LIST, 33, "dc1.corp.test", 0, 100}, HOST(1), {"corp.test", 1, "127.0.0.11", 0, 0}};
    static const struct fake_zone z = {.rr = rr, .n = ARRAY_SIZE(rr)};
    static const struct fake_zone no_hint = {.rr = rr, .n = 2};
    static const struct fake_dc dc[] = {GOOD(1)};
    start(&z, dc, 1);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_int_equal(found->list.n, 1);
    assert_int_equal(fake_net_questions(&net, NULL), 3); /* list, A and AAAA of the domain */
    stop();
    start(&no_hint, dc, 1);
    rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_int_equal(fake_net_questions(&net, "dc1.corp.test"), 2);
    stop();
}

static void test_udp_blocked(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1, .mode = FAKE_NO_UDP)};
    start(&one_zone, dc, 1);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_true(chosen()->tcp_only);
    char byte;
    int fd = locate_connect(found, 1000, NULL, &err);
    assert_int_equal(recv(fd, &byte, 1, MSG_DONTWAIT),
                     -1); /* nothing of the ping's answer is left in it */
    close(fd);
    stop();
}

static void test_failures(void **s UNUSED)
{
    static const struct fake_dc silent[] = {GOOD(1, .mode = FAKE_SILENT)},
                                absent[] = {GOOD(1, .mode = FAKE_ABSENT)},
                                no_tcp[] = {GOOD(1, .mode = FAKE_NO_TCP)},
                                rubbish[] = {GOOD(1, .mode = FAKE_GARBAGE)},
                                paused[] = {GOOD(1, .mode = FAKE_PAUSED)},
                                half[] = {GOOD(1, .mode = FAKE_HALF)},
                                other[] = {GOOD(1, .mode = FAKE_NOT_SERVED)};
    assert_int_equal(fails(silent, DC_STATE_SILENT), -1);
    assert_int_equal(err.cause, CAUSE_DC_SILENT);
    assert_fact(FACT_SERVER, "dc1.corp.test");
    assert_fact(FACT_ADDRESS, "127.0.0.11");
    assert_int_equal(fails(absent, DC_STATE_REFUSED), -1);
    assert_int_equal(err.cause, CAUSE_PORT_BLOCKED);
    assert_int_equal(fails(no_tcp, DC_STATE_BLOCKED), -1);
    assert_int_equal(err.cause, CAUSE_PORT_BLOCKED);
    assert_non_null(strstr(err_fact_get(&err, FACT_PORT), "/tcp"));
    assert_int_equal(fails(rubbish, DC_STATE_MALFORMED), -1);
    assert_int_equal(err.cause, CAUSE_DC_LIED);
    assert_int_equal(fails(paused, DC_STATE_PAUSED), -1);
    assert_int_equal(err.cause, CAUSE_DC_SILENT);
    assert_int_equal(fails(half, DC_STATE_SILENT), -1);
    assert_int_equal(err.cause, CAUSE_DC_SILENT);
    assert_int_equal(fails(other, DC_STATE_WRONG_DOMAIN), -1);
    assert_int_equal(err.cause, CAUSE_NOT_A_DC_OF_DOMAIN);
}

static void test_cancel(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1, .mode = FAKE_SILENT)};
    struct cancel c;
    start(&one_zone, dc, 1);
    assert_int_equal(cancel_init(&c, &err), 0);
    cancel_fire(&c);
    struct locate_request rq = request("corp.test");
    rq.cancel = &c;
    rq.timeout_ms = 60000;
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_CANCELLED);
    cancel_done(&c);
    stop();
}

/* ---- several ---- */

static void test_priority(void **s UNUSED)
{
    /* A little slower, but preferred by the list: taken. */
    static const struct fake_dc dc[] = {GOOD(1, .delay_ms = 10), GOOD(2), GOOD(3)};
    start(&three_zone, dc, 3);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    stop();
}

static void test_dead_first(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1, .mode = FAKE_SILENT), GOOD(2, .mode = FAKE_ABSENT),
                                        GOOD(3)};
    start(&three_zone, dc, 3);
    struct locate_request rq = request("corp.test");
    int64_t t = net_now_ms();
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_true(net_now_ms() - t < 600); /* long before the silent one is given up */
    assert_string_equal(chosen()->host, "dc3.corp.test");
    assert_int_equal(found->list.chosen, 0);
    int fd = locate_connect_kdc(found, 1000, NULL, &err);
    struct net_addr peer;
    assert_true(net_peer(fd, &peer, NULL));
    assert_string_equal(peer.text, "127.0.0.13"); /* not to the one that was tried first */
    close(fd);
    stop();
}

static void test_survey(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1, .mode = FAKE_SILENT), GOOD(2, .mode = FAKE_ABSENT),
                                        GOOD(3, .delay_ms = 50)};
    start(&three_zone, dc, 3);
    struct locate_request rq = request("corp.test");
    rq.survey = true;
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc3.corp.test");
    assert_int_equal(named("dc1.corp.test")->state, DC_STATE_SILENT);
    assert_int_equal(named("dc2.corp.test")->state, DC_STATE_REFUSED);
    assert_true(chosen()->latency_ms >= 45);
    stop();
}

static void test_failover(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1), GOOD(2), GOOD(3, .mode = FAKE_SILENT)};
    start(&three_zone, dc, 3);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    unsigned asked = fake_net_questions(&net, NULL);
    assert_int_equal(locate_next(found, &rq, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    assert_int_equal(named("dc1.corp.test")->state, DC_STATE_SILENT);
    assert_int_equal(fake_net_questions(&net, NULL), asked);
    assert_int_equal(locate_next(found, &rq, &err), -1);
    assert_int_equal(err.cause, CAUSE_DC_SILENT);
    stop();
}

static void test_read_only(void **s UNUSED)
{
    static const struct fake_dc dc[] = {
        {"127.0.0.11", "dc1.corp.test", "corp.test", "CORP", RO, "A", "A", FAKE_GOOD, 0},
        {"127.0.0.12", "dc2.corp.test", "corp.test", "CORP", RW, "A", "A", FAKE_GOOD, 30},
        {"127.0.0.13", "dc3.corp.test", "corp.test", "CORP", RO, "A", "A", FAKE_GOOD, 0}};
    start(&three_zone, dc, 3);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    assert_int_equal(named("dc1.corp.test")->state, DC_STATE_READ_ONLY);
    stop();
    start(&one_zone, dc, 1);
    rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_ONLY_READ_ONLY);
    assert_int_equal(err.code, 1355);
    assert_fact(FACT_SERVER, "dc1.corp.test");
    stop();
    start(&one_zone, dc, 1); /* asked for by name: not the one that it should be */
    rq = request("corp.test");
    rq.controller = "dc1.corp.test";
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_CONTROLLER_READ_ONLY);
    assert_int_equal(err.code, 1354);
    assert_fact(FACT_SERVER, "dc1.corp.test");
    stop();
    start(&one_zone, dc, 1);
    rq = request("corp.test");
    rq.allow_read_only = true;
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    stop();
}

static void test_many(void **s UNUSED)
{
    static struct fake_rr rr[72];
    static char host[36][16], ip[36][16];
    static struct fake_dc dc[36];
    struct fake_zone z = {.rr = rr, .glue = true};
    for (int i = 0; i < 36; i++) { /* more than are kept; only the last of those lives */
        snprintf(host[i], sizeof host[i], "d%d.corp.test", i);
        snprintf(ip[i], sizeof ip[i], "127.0.1.%d", i + 1);
        rr[z.n++] = (struct fake_rr){LIST, 33, host[i], (uint16_t)i, 1};
        rr[z.n++] = (struct fake_rr){host[i], 1, ip[i], 0, 0};
        dc[i] = (struct fake_dc){ip[i], host[i], "corp.test", "CORP", RW, "A", "A", FAKE_SILENT, 0};
    }
    dc[LOCATE_MAX - 1].mode = FAKE_GOOD;
    start(&z, dc, 36);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_int_equal(found->list.n, LOCATE_MAX);
    assert_string_equal(chosen()->host, "d31.corp.test");
    assert_int_equal(fake_net_questions(&net, LIST),
                     2); /* too long for a datagram: again over TCP */
    stop();
}

/* ---- sites ---- */

#define SITE_B "_ldap._tcp.b._sites.dc._msdcs.corp.test"
static const struct fake_rr site_rr[] = {{LIST, 33, "dc1.corp.test", 0, 100},
                                         {LIST, 33, "dc2.corp.test", 0, 100},
                                         {SITE_B, 33, "dc2.corp.test", 0, 100},
                                         HOST(1),
                                         HOST(2)};
static const struct fake_zone site_zone = {.rr = site_rr, .n = ARRAY_SIZE(site_rr), .glue = true};
static const struct fake_dc site_dc[] = {
    {"127.0.0.11", "dc1.corp.test", "corp.test", "CORP", RW, "A", "B", FAKE_GOOD, 0},
    {"127.0.0.12", "dc2.corp.test", "corp.test", "CORP", RW | DS_CLOSEST, "B", "B", FAKE_GOOD, 12}};

static void test_nearer_one(void **s UNUSED)
{
    start(&site_zone, site_dc, 2);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    assert_true(chosen()->closest);
    assert_true(fake_net_questions(&net, SITE_B) <= 1);
    assert_string_equal(found->domain.client_site, "B");
    stop();
}

static void test_near_one_is_dead(void **s UNUSED)
{
    static const struct fake_dc dc[] = {
        {"127.0.0.11", "dc1.corp.test", "corp.test", "CORP", RW, "A", "B", FAKE_GOOD, 0},
        {"127.0.0.12", "dc2.corp.test", "corp.test", "CORP", RW, "B", "B", FAKE_SILENT, 0}};
    start(&site_zone, dc, 2);
    struct locate_request rq = request("corp.test");
    int64_t t = net_now_ms();
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_true(net_now_ms() - t < 500);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_int_equal(fake_net_questions(&net, SITE_B), 1);
    stop();
}

/* Known from the last time: asked for at once, and no more than a guess. */
static void test_known_site(void **s UNUSED)
{
    static const struct fake_dc same[] = {
        {"127.0.0.11", "dc1.corp.test", "corp.test", "CORP", RW, "A", "B", FAKE_SILENT, 0},
        {"127.0.0.12", "dc2.corp.test", "corp.test", "CORP", RW, "B", "B", FAKE_GOOD, 0}};
    static const struct fake_dc moved[] = {
        {"127.0.0.11", "dc1.corp.test", "corp.test", "CORP", RW | DS_CLOSEST, "A", "A", FAKE_GOOD,
         0},
        {"127.0.0.12", "dc2.corp.test", "corp.test", "CORP", RW, "B", "A", FAKE_GOOD, 0}};
    start(&site_zone, same, 2);
    struct locate_request rq = request("corp.test");
    rq.known_site = "b";
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    assert_int_equal(fake_net_questions(&net, SITE_B), 1);
    stop();
    start(&site_zone, moved, 2);
    rq = request("corp.test");
    rq.known_site = "b";
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    stop();
    start(&site_zone, same, 2);
    rq = request("corp.test");
    rq.known_site = "gone";
    assert_int_equal(locate(&rq, found, &err), 0);
    stop();
}

static void test_closest_asks_no_more(void **s UNUSED)
{
    static const struct fake_dc dc[] = {
        {"127.0.0.11", "dc1.corp.test", "corp.test", "CORP", RW | DS_CLOSEST, "B", "B", FAKE_GOOD,
         0},
        {"127.0.0.12", "dc2.corp.test", "corp.test", "CORP", RW, "C", "B", FAKE_SILENT, 0}};
    start(&site_zone, dc, 2);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_int_equal(fake_net_questions(&net, SITE_B), 0);
    stop();
}

static void test_given_site(void **s UNUSED)
{
    start(&site_zone, site_dc, 2);
    struct locate_request rq = request("corp.test");
    rq.site = "b";
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    assert_true(chosen()->in_site);
    stop();
    static const char *const bad[] = {"Nowhere", "no.where", "no where", "../x"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        start(&site_zone, site_dc, 2);
        rq = request("corp.test");
        rq.site = bad[i];
        assert_int_equal(locate(&rq, found, &err), -1);
        assert_int_equal(err.cause, CAUSE_SITE_UNKNOWN);
        assert_fact(FACT_SITE, bad[i]);
        assert_int_equal(found->ldap_fd, -1);
        assert_null(found->kdc);
        stop();
    }
}

/* ---- names ---- */

static void test_netbios_name(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1)};
    start(&one_zone, dc, 1);
    struct locate_request rq = request("CORP");
    strcpy(cfg.search[0], "corp.test");
    cfg.n_search = 1;
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(found->domain.dns, "corp.test");
    stop();
    start(&one_zone, dc, 1); /* the search domain's parent: CORP + "test" */
    rq = request("corp");
    strcpy(cfg.search[0], "test");
    cfg.n_search = 1;
    assert_int_equal(locate(&rq, found, &err), 0);
    stop();
    start(&one_zone, dc, 1); /* found a domain, but it is not the one of that name */
    rq = request("OTHER");
    strcpy(cfg.search[0], "corp.test");
    cfg.n_search = 1;
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NETBIOS_NAME_UNRESOLVED);
    assert_int_equal(err.code, 1355);
    assert_fact(FACT_ANSWER, "corp.test");
    stop();
    start(&one_zone, dc, 1); /* no search domain */
    rq = request("CORP");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NETBIOS_NAME_UNRESOLVED);
    assert_fact(FACT_QUERY, "SRV _ldap._tcp.dc._msdcs.corp");
    stop();
    start(&one_zone, dc, 1); /* through the named controller */
    rq = request("CORP");
    rq.controller = "dc1.corp.test";
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(found->domain.dns, "corp.test");
    stop();
}

static void test_named_controller(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1), GOOD(2), GOOD(3)};
    static const char *const names[] = {"dc2.corp.test", "DC2", "127.0.0.12"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        start(&three_zone, dc, 3);
        struct locate_request rq = request("corp.test");
        rq.controller = names[i];
        assert_int_equal(locate(&rq, found, &err), 0);
        assert_int_equal(found->list.n, 1);
        assert_string_equal(chosen()->host, "dc2.corp.test");
        assert_true(chosen()->named);
        assert_int_equal(fake_net_questions(&net, LIST), 0); /* only that one is used */
        stop();
    }
    start(&three_zone, dc, 3);
    struct locate_request rq = request("other.test");
    rq.controller = "dc2.corp.test";
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NOT_A_DC_OF_DOMAIN);
    assert_fact(FACT_ANSWER, "corp.test");
    assert_fact(FACT_SERVER, "dc2.corp.test");
    stop();
    start(&three_zone, dc, 3);
    rq = request("corp.test");
    rq.controller = "dc77";
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_CONTROLLER_UNRESOLVED);
    assert_fact(FACT_ANSWER, "NXDOMAIN");
    stop();
}

static void test_dns_failures(void **s UNUSED)
{
    static const struct fake_zone servfail = {.rr = one_rr, .n = 2, .rcode = 2},
                                  lost = {.rr = one_rr, .n = 2, .lose = -1},
                                  bare = {.rr = one_rr, .n = 1};
    static const struct fake_dc dc[] = {GOOD(1)};
    start(&one_zone, dc, 1);
    struct locate_request rq = request("nope.test");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NO_SRV_RECORDS);
    assert_fact(FACT_QUERY, "SRV _ldap._tcp.dc._msdcs.nope.test");
    assert_fact(FACT_ANSWER, "NXDOMAIN");
    assert_fact(FACT_SERVER, "127.0.0.1");
    stop();
    start(&servfail, dc, 1);
    rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_DNS_SERVFAIL);
    assert_int_equal(err.src, ERR_SRC_DNS);
    assert_int_equal(err.lib, 2);
    stop();
    start(&lost, dc, 1);
    rq = request("corp.test");
    cfg.timeout_ms = 60;
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NO_DNS_SERVER);
    stop();
    start(&bare, dc, 1); /* a list, and no address for what it names */
    rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_CONTROLLER_UNRESOLVED);
    assert_int_equal(found->list.c[0].state, DC_STATE_NO_ADDRESS);
    stop();
    start(&one_zone, dc, 1);
    cfg.n_servers = 0;
    rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NO_DNS_SERVER);
    stop();
}

static void test_bad_domain_names(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1)};
    static const char *const bad[] = {NULL,       "",           "a b", "http://corp.test",
                                      "10.0.0.1", "corp..test", "a\\b"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        start(&one_zone, dc, 1);
        struct locate_request rq = request(bad[i]);
        assert_int_equal(locate(&rq, found, &err), -1);
        assert_int_equal(err.cause, CAUSE_DOMAIN_NAME_BAD);
        assert_int_equal(fake_net_questions(&net, NULL), 0);
        stop();
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one),
        cmocka_unit_test(test_no_glue),
        cmocka_unit_test(test_udp_blocked),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_cancel),
        cmocka_unit_test(test_priority),
        cmocka_unit_test(test_dead_first),
        cmocka_unit_test(test_survey),
        cmocka_unit_test(test_failover),
        cmocka_unit_test(test_read_only),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_nearer_one),
        cmocka_unit_test(test_near_one_is_dead),
        cmocka_unit_test(test_closest_asks_no_more),
        cmocka_unit_test(test_known_site),
        cmocka_unit_test(test_given_site),
        cmocka_unit_test(test_netbios_name),
        cmocka_unit_test(test_named_controller),
        cmocka_unit_test(test_dns_failures),
        cmocka_unit_test(test_bad_domain_names),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
