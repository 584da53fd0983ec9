/* The locator among many: whom it prefers, how long it waits for the silent ones, and what it does
 * not believe. */
#include "tests/unit/locate_net.h"

/* Of one priority the weights decide, not who is a little faster. */
static void test_weight(void **s UNUSED)
{
    static const struct fake_rr rr[] = {
        {LIST, 33, "dc1.corp.test", 5, 0}, {LIST, 33, "dc2.corp.test", 5, 65535}, HOST(1), HOST(2)};
    static const struct fake_zone z = {.rr = rr, .n = ARRAY_SIZE(rr), .glue = true};
    static const struct fake_dc dc[] = {GOOD(1), GOOD(2, .delay_ms = 8)};
    start(&z, dc, 2);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    stop();
    static const struct fake_dc far[] = {GOOD(1), GOOD(2, .delay_ms = 400)};
    start(&z, far, 2); /* but nobody waits for it */
    rq = request("corp.test");
    int64_t t = net_now_ms();
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_true(net_now_ms() - t < 300);
    stop();
}

/* One that a login was lost at is taken only when there is no other. */
static void test_avoid(void **s UNUSED)
{
    static const struct fake_dc dc[] = {GOOD(1), GOOD(2), GOOD(3)};
    start(&three_zone, dc, 3);
    struct locate_request rq = request("corp.test");
    rq.avoid = "dc1.corp.test";
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc2.corp.test");
    stop();
    start(&one_zone, dc, 1);
    rq = request("corp.test");
    rq.avoid = "dc1.corp.test";
    assert_int_equal(locate(&rq, found, &err), 0);
    stop();
}

/* ---- time: nobody waits for the silent ones ---- */

#define TEN_ANSWER_MS 40

/* Nine of ten say nothing, and the one that answers stands last. */
static void ten(struct fake_rr rr[20], struct fake_dc dc[10], bool glue, struct fake_zone *z)
{
    static char host[10][16], ip[10][16];
    *z = (struct fake_zone){.rr = rr, .glue = glue};
    for (int i = 0; i < 10; i++) {
        snprintf(host[i], sizeof host[i], "d%d.corp.test", i);
        snprintf(ip[i], sizeof ip[i], "127.0.1.%d", i + 1);
        rr[z->n++] = (struct fake_rr){LIST, 33, host[i], 0, 100};
        rr[z->n++] = (struct fake_rr){host[i], 1, ip[i], 0, 0};
        dc[i] = (struct fake_dc){ip[i], host[i], "corp.test", "CORP", RW, "A", "A", FAKE_SILENT, 0};
    }
    dc[9].mode = FAKE_GOOD;
    dc[9].delay_ms = TEN_ANSWER_MS;
}

static void test_nine_of_ten_silent(void **s UNUSED)
{
    for (int glue = 0; glue < 2; glue++) {
        struct fake_rr rr[20];
        struct fake_dc dc[10];
        struct fake_zone z;
        ten(rr, dc, glue, &z);
        start(&z, dc, 10);
        struct locate_request rq = request("corp.test");
        rq.timeout_ms = 0;
        int64_t t = net_now_ms();
        assert_int_equal(locate(&rq, found, &err), 0);
        assert_in_range(net_now_ms() - t, TEN_ANSWER_MS, TEN_ANSWER_MS + 500);
        assert_string_equal(chosen()->host, "d9.corp.test");
        locate_done(found);
        rq.survey = true; /* showing them all takes as long at the most */
        t = net_now_ms();
        assert_int_equal(locate(&rq, found, &err), 0);
        assert_in_range(net_now_ms() - t, LOCATE_SURVEY_MS, TEN_ANSWER_MS + 500);
        assert_int_equal(named("d0.corp.test")->state, DC_STATE_SILENT);
        assert_string_equal(chosen()->host, "d9.corp.test");
        int fd = locate_connect_kdc(found, 1000, NULL, &err);
        assert_true(fd >= 0);
        close(fd);
        stop();
    }
}

/* A server that takes questions and answers none. */
static int silent_server(const char *addr)
{
    struct net_addr a;
    struct sockaddr_storage ss;
    assert_true(net_addr_parse(addr, &a));
    socklen_t len = net_sockaddr(&a, net.dns_port, &ss);
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&ss, len), 0);
    return fd;
}

static void test_silent_dns_server(void **s UNUSED)
{
    static const char *const order[3][3] = {{"127.0.0.2", "127.0.0.1", "127.0.0.3"},
                                            {"127.0.0.1", "127.0.0.2", "127.0.0.3"},
                                            {"127.0.0.2", "127.0.0.3", "127.0.0.1"}};
    static const int limit[] = {500, 200, 800}; /* one silent before it, none, two */
    struct fake_rr rr[20];
    struct fake_dc dc[10];
    struct fake_zone z;
    ten(rr, dc, false, &z); /* without addresses in the list: two rounds of questions */
    for (int i = 0; i < 3; i++) {
        start(&z, dc, 10);
        int a = silent_server("127.0.0.2"), b = silent_server("127.0.0.3");
        struct dns_config three;
        dns_config_parse("", &three);
        three.port = net.dns_port;
        for (int k = 0; k < 3; k++)
            assert_true(net_addr_parse(order[i][k], &three.servers[three.n_servers++]));
        cfg = three;
        struct locate_request rq = request("corp.test");
        int64_t t = net_now_ms();
        assert_int_equal(locate(&rq, found, &err), 0);
        assert_in_range(net_now_ms() - t, TEN_ANSWER_MS, TEN_ANSWER_MS + limit[i]);
        assert_string_equal(found->dns_server, "127.0.0.1");
        stop();
        close(a);
        close(b);
    }
}

/* Far away is not dead: the answer of the first server counts after the second one was asked. */
static void test_late_dns_answer(void **s UNUSED)
{
    static const struct fake_zone z = {
        .rr = one_rr, .n = ARRAY_SIZE(one_rr), .glue = true, .delay_ms = 450};
    static const struct fake_dc dc[] = {GOOD(1)};
    start(&z, dc, 1);
    int a = silent_server("127.0.0.2");
    struct dns_config two;
    dns_config_parse("", &two);
    two.port = net.dns_port;
    two.n_servers = 2;
    assert_true(net_addr_parse("127.0.0.1", &two.servers[0]));
    assert_true(net_addr_parse("127.0.0.2", &two.servers[1]));
    cfg = two;
    struct locate_request rq = request("corp.test");
    int64_t t = net_now_ms();
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_in_range(net_now_ms() - t, 450, 900);
    stop();
    close(a);
}

/* ---- lies ---- */

static void test_replies_not_believed(void **s UNUSED)
{
    static const struct fake_dc after[] = {GOOD(1, .mode = FAKE_JUNK_FIRST)},
                                flood[] = {GOOD(1, .mode = FAKE_FLOOD)},
                                elsewhere[] = {GOOD(1, .mode = FAKE_OTHER_PORT)},
                                huge[] = {GOOD(1, .mode = FAKE_HUGE)};
    start(&one_zone, after, 1); /* what others sent does not keep the true answer out */
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_false(chosen()->tcp_only);
    stop();
    int64_t t = net_now_ms();
    assert_int_equal(fails(flood, DC_STATE_MALFORMED), -1);
    assert_int_equal(err.cause, CAUSE_DC_LIED);
    assert_int_equal(fails(elsewhere, DC_STATE_SILENT), -1);
    assert_int_equal(err.cause, CAUSE_DC_SILENT);
    assert_int_equal(fails(huge, DC_STATE_MALFORMED), -1);
    assert_int_equal(err.cause, CAUSE_DC_LIED);
    assert_true(net_now_ms() - t < 3 * 700 + 600);
}

static void test_list_of_traps(void **s UNUSED)
{
    static const struct fake_rr rr[] = {{LIST, 33, "127.0.0.13", 0, 100},
                                        {LIST, 33, "localhost", 0, 100},
                                        {LIST, 33, "any.localhost", 0, 100},
                                        {LIST, 33, "dc2.corp.test", 0, 100},
                                        {LIST, 33, "dc1.corp.test", 9, 100},
                                        {"localhost", 1, "127.0.0.13", 0, 0},
                                        {"dc2.corp.test", 1, "0.0.0.0", 0, 0},
                                        {"dc2.corp.test", 1, "255.255.255.255", 0, 0},
                                        {"dc2.corp.test", 1, "224.0.0.1", 0, 0},
                                        {"dc2.corp.test", 28, "ff02::1", 0, 0},
                                        HOST(1)};
    static const struct fake_zone all = {.rr = rr, .n = ARRAY_SIZE(rr), .glue = true},
                                  bad = {.rr = rr, .n = 3, .glue = true};
    static const struct fake_dc dc[] = {GOOD(1), GOOD(3)};
    start(&all, dc, 2);
    struct locate_request rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_int_equal(found->list.n, 2);
    assert_int_equal(named("dc2.corp.test")->n_addrs, 0);
    stop();
    start(&bad, dc, 2);
    rq = request("corp.test");
    assert_int_equal(locate(&rq, found, &err), -1);
    assert_int_equal(err.cause, CAUSE_NO_SRV_RECORDS);
    stop();
}

/* Two hundred, and the best one stands last. */
static void test_long_list(void **s UNUSED)
{
    static struct fake_rr rr[201];
    static char host[200][16];
    struct fake_zone z = {.rr = rr};
    static const struct fake_dc dc[] = {GOOD(1)};
    for (int i = 0; i < 199; i++) {
        snprintf(host[i], sizeof host[i], "d%d.corp.test", i);
        rr[z.n++] = (struct fake_rr){LIST, 33, host[i], 10, 1};
    }
    rr[z.n++] = (struct fake_rr){LIST, 33, "dc1.corp.test", 0, 1};
    rr[z.n++] = (struct fake_rr)HOST(1);
    start(&z, dc, 1);
    struct locate_request rq = request("corp.test");
    int64_t t = net_now_ms();
    assert_int_equal(locate(&rq, found, &err), 0);
    assert_string_equal(chosen()->host, "dc1.corp.test");
    assert_int_equal(found->list.n, LOCATE_MAX);
    assert_true(net_now_ms() - t < 500);
    stop();
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_weight),
        cmocka_unit_test(test_avoid),
        cmocka_unit_test(test_nine_of_ten_silent),
        cmocka_unit_test(test_silent_dns_server),
        cmocka_unit_test(test_late_dns_answer),
        cmocka_unit_test(test_replies_not_believed),
        cmocka_unit_test(test_list_of_traps),
        cmocka_unit_test(test_long_list),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
