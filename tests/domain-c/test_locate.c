/*
 * The locator on the test domain, as a client host of it. What needs faults on the wire is in
 * tests/domain's own self test and in tests/unit/test_net_locate.c.
 */
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

static struct dns_config cfg;
static struct located *found;
static struct err err;

static const char *jt(const char *name)
{
    const char *v = getenv(name);
    if (!v)
        fail_msg("%s is not set: run me through tests/domain/exec", name);
    return v;
}

static int setup(void **s UNUSED)
{
    static char text[4096];
    FILE *f = fopen("/etc/resolv.conf", "re");
    if (!f)
        return -1;
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    dns_config_parse(text, &cfg);
    found = xcalloc(1, sizeof *found);
    err = (struct err){0};
    return 0;
}

static int teardown(void **s UNUSED)
{
    locate_done(found);
    free(found);
    return 0;
}

static int find(const char *domain, const char *controller, const char *site)
{
    struct locate_request rq = {
        .domain = domain, .controller = controller, .site = site, .host = "CLIENT1", .dns = &cfg};
    return locate(&rq, found, &err);
}

static void assert_is_the_domain(void)
{
    const struct dc_candidate *dc = &found->list.c[found->list.chosen];
    static const unsigned char none[16];
    assert_string_equal(found->domain.dns, jt("JT_DOMAIN"));
    assert_string_equal(found->domain.netbios, jt("JT_NETBIOS"));
    assert_string_equal(found->domain.forest, jt("JT_DOMAIN"));
    assert_memory_not_equal(found->domain.guid, none, 16);
    assert_string_equal(found->domain.client_site, "Branch");
    assert_string_equal(dc->host, jt("JT_DC"));
    assert_string_equal(dc->site, "Default-First-Site-Name");
    assert_true(dc->flags & DS_WRITABLE);
    assert_true(dc->flags & DS_KDC);
    int ldap = locate_connect(found, 3000, NULL, &err);
    int kdc = locate_connect_kdc(found, 3000, NULL, &err);
    assert_true(ldap >= 0);
    assert_true(kdc >= 0);
    close(ldap);
    close(kdc);
}

static void test_dns_name(void **s UNUSED)
{
    assert_int_equal(find(jt("JT_DOMAIN"), NULL, NULL), 0);
    assert_string_equal(found->dns_server, jt("JT_DC_ADDR"));
    assert_is_the_domain();
}

static void test_netbios_name(void **s UNUSED)
{
    assert_int_equal(find(jt("JT_NETBIOS"), NULL, NULL), 0);
    assert_is_the_domain();
}

static void test_site(void **s UNUSED)
{
    assert_int_equal(find(jt("JT_DOMAIN"), NULL, "Branch"), 0);
    assert_true(found->list.c[0].in_site);
    assert_is_the_domain();
}

static void test_unknown_site(void **s UNUSED)
{
    assert_int_equal(find(jt("JT_DOMAIN"), NULL, "Nowhere"), -1);
    assert_int_equal(err.cause, CAUSE_SITE_UNKNOWN);
}

static void test_controllers(void **s UNUSED)
{
    const char *const by[] = {jt("JT_DC"), "dc1", jt("JT_DC_ADDR"), jt("JT_DC_ADDR6")};
    for (size_t i = 0; i < ARRAY_SIZE(by); i++) {
        assert_int_equal(find(jt("JT_DOMAIN"), by[i], NULL), 0);
        assert_is_the_domain();
        locate_done(found);
    }
    assert_int_equal(find(jt("JT_NETBIOS"), by[0], NULL), 0);
    assert_is_the_domain();
}

static void test_over_ipv6(void **s UNUSED)
{
    assert_int_equal(find(jt("JT_DOMAIN"), jt("JT_DC_ADDR6"), NULL), 0);
    assert_string_equal(found->list.c[0].addr.text, jt("JT_DC_ADDR6"));
    struct net_addr peer;
    int fd = locate_connect(found, 3000, NULL, &err);
    assert_true(net_peer(fd, &peer, NULL));
    assert_int_equal(peer.family, AF_INET6);
    close(fd);
}

static void test_dns_over_tcp(void **s UNUSED)
{
    cfg.tcp = true;
    assert_int_equal(find(jt("JT_DOMAIN"), NULL, NULL), 0);
    assert_is_the_domain();
}

static void test_no_such_domain(void **s UNUSED)
{
    assert_int_equal(find("nowhere.test", NULL, NULL), -1);
    assert_int_equal(err.cause, CAUSE_NO_SRV_RECORDS);
    assert_int_equal(err.code, 1355);
    assert_string_equal(err_fact_get(&err, FACT_QUERY), "SRV _ldap._tcp.dc._msdcs.nowhere.test");
    assert_non_null(err_fact_get(&err, FACT_SERVER));
    err = (struct err){0};
    assert_int_equal(find("XCORP", NULL, NULL), -1);
    assert_int_equal(err.cause, CAUSE_NETBIOS_NAME_UNRESOLVED);
}

static void test_another_domains_controller(void **s UNUSED)
{
    assert_int_equal(find("nowhere.test", jt("JT_DC"), NULL), -1);
    assert_int_equal(err.cause, CAUSE_NOT_A_DC_OF_DOMAIN);
    assert_string_equal(err_fact_get(&err, FACT_ANSWER), jt("JT_DOMAIN"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_dns_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_netbios_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_site, setup, teardown),
        cmocka_unit_test_setup_teardown(test_unknown_site, setup, teardown),
        cmocka_unit_test_setup_teardown(test_controllers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_over_ipv6, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dns_over_tcp, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_such_domain, setup, teardown),
        cmocka_unit_test_setup_teardown(test_another_domains_controller, setup, teardown),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
