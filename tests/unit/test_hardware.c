/* What tells machines apart, and names made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "engine/flow/hardware.h"
#include "engine/model/names.h"
#include "tests/unit/scratch.h"

struct machine {
    char *root;
    struct host *h;
};

static int setup(void **state)
{
    struct machine *m = calloc(1, sizeof *m);
    struct err e = {0};
    m->root = scratch_new();
    if (host_linux_open(m->root, &m->h, &e) < 0)
        return -1;
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct machine *m = *state;
    host_close(m->h);
    scratch_drop(m->root);
    free(m);
    return 0;
}

static void dmi(struct machine *m, const char *file, const char *text)
{
    AUTOFREE char *path = xasprintf("/sys/class/dmi/id/%s", file);
    AUTOFREE char *line = xasprintf("%s\n", text);
    scratch_put(m->root, path, line, 0444);
}

static void link_file(struct machine *m, const char *link, const char *file, const char *text)
{
    AUTOFREE char *path = xasprintf("/sys/class/net/%s/%s", link, file);
    scratch_put(m->root, path, text, 0444);
}

static void link_up(struct machine *m, const char *link, const char *mac, bool card)
{
    AUTOFREE char *line = xasprintf("%s\n", mac);
    link_file(m, link, "address", line);
    if (card)
        link_file(m, link, "device/uevent", "DRIVER=e1000e\n");
}

static void value_is(struct machine *m, const char *word, const char *want)
{
    AUTOFREE char *got = hardware_value(m->h, word);
    if (!want)
        assert_null(got);
    else
        assert_non_null(got);
    if (want)
        assert_string_equal(got, want);
}

static void real_serial_numbers(void **state)
{
    (void)state;
    static const char *const real[] = {
        "5CG8123ABC",    "PF0ZX1Y2",      "VMware-56 4d b7 e2 8a 10 2f 01-aa bb cc dd ee ff 00 11",
        "MJ05K7Q3",      "C02XK0AAJGH5",  "/7XKQ2Z3/CNWS20098A00FA/",
        "ec2a8f20-0c3b", "R90Q3XYZ",      "00001234",
        "SN1",           "GF7Z-1000-0000"};
    for (size_t i = 0; i < ARRAY_SIZE(real); i++)
        assert_false(name_is_placeholder(real[i]));
}

static void what_nobody_filled_in(void **state)
{
    (void)state;
    static const char *const junk[] = {"",
                                       "0",
                                       "1",
                                       "None",
                                       "NONE",
                                       "N/A",
                                       "Unknown",
                                       "To Be Filled By O.E.M.",
                                       "To be filled by O.E.M",
                                       "to be filled by OEM",
                                       "To Be Filled",
                                       "Default string",
                                       "Default",
                                       "Not Specified",
                                       "Not Available",
                                       "Not Applicable",
                                       "Not Present",
                                       "Not Settable",
                                       "System Serial Number",
                                       "System Product Name",
                                       "Chassis Serial Number",
                                       "Base Board Serial Number",
                                       "O.E.M.",
                                       "OEM",
                                       "INVALID",
                                       "Empty",
                                       "00000000",
                                       "0000-0000-0000",
                                       "FFFFFFFF",
                                       "ffffffff-ffff-ffff-ffff-ffffffffffff",
                                       "00000000-0000-0000-0000-000000000000",
                                       "03000200-0400-0500-0006-000700080009",
                                       "xxxxxxxxxx",
                                       "..............",
                                       "-",
                                       " ",
                                       "123456789",
                                       "0123456789",
                                       "1234567890",
                                       "01234567890123456789",
                                       "11111111",
                                       "No Asset Tag",
                                       "Type1ProductConfigId",
                                       "<OUT OF SPEC>"};
    for (size_t i = 0; i < ARRAY_SIZE(junk); i++) {
        if (!name_is_placeholder(junk[i]))
            fail_msg("%s", junk[i]);
    }
}

static void the_serial_number_falls_back(void **state)
{
    struct machine *m = *state;
    value_is(m, "serial", NULL);
    dmi(m, "product_serial", "To Be Filled By O.E.M.");
    value_is(m, "serial", NULL);
    dmi(m, "board_serial", " 07B52X ");
    value_is(m, "serial", "07B52X");
    dmi(m, "product_serial", "5CG8123ABC");
    value_is(m, "serial", "5CG8123ABC");
}

static void a_board_without_firmware_tables(void **state)
{
    struct machine *m = *state;
    scratch_put(m->root, "/sys/firmware/devicetree/base/serial-number", "10000000c4f1a2b3", 0444);
    scratch_put(m->root, "/sys/firmware/devicetree/base/model", "Raspberry Pi 4 Model B", 0444);
    value_is(m, "serial", "10000000c4f1a2b3");
    value_is(m, "product", "Raspberry Pi 4 Model B");
}

static void only_cards_count(void **state)
{
    struct machine *m = *state;
    link_up(m, "br0", "02:00:00:00:00:01", false);
    link_up(m, "docker0", "02:42:00:00:00:01", false);
    link_up(m, "lo", "00:00:00:00:00:00", false);
    value_is(m, "mac", NULL);
    link_up(m, "enp3s0", "c8:d3:ff:00:00:03", true);
    link_up(m, "enp2s0", "c8:d3:ff:00:00:02", true);
    value_is(m, "mac", "c8:d3:ff:00:00:02");
    link_up(m, "enp1s0", "00:00:00:00:00:00", true);
    value_is(m, "mac", "c8:d3:ff:00:00:02");
}

static void the_card_of_the_route_comes_first(void **state)
{
    struct machine *m = *state;
    link_up(m, "enp2s0", "c8:d3:ff:00:00:02", true);
    link_up(m, "enp3s0", "c8:d3:ff:00:00:03", true);
    link_up(m, "wg0", "", false);
    scratch_put(
        m->root, "/proc/net/route",
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "enp2s0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
        "enp2s0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
        "enp3s0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
        0444);
    value_is(m, "mac", "c8:d3:ff:00:00:03");
}

static void a_route_through_a_bridge_leads_to_its_card(void **state)
{
    struct machine *m = *state;
    link_up(m, "enp2s0", "c8:d3:ff:00:00:02", true);
    link_up(m, "br0", "02:00:00:00:00:01", false);
    link_up(m, "bond0", "c8:d3:ff:00:00:09", false);
    link_file(m, "br0", "lower_bond0/x", "");
    link_file(m, "bond0", "lower_enp4s0/x", "");
    link_up(m, "enp4s0", "c8:d3:ff:00:00:09", true);
    link_file(m, "enp4s0", "bonding_slave/perm_hwaddr", "c8:d3:ff:00:00:04\n");
    scratch_put(
        m->root, "/proc/net/route",
        "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
        "br0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n",
        0444);
    value_is(m, "mac", "c8:d3:ff:00:00:04");
}

static void an_address_made_up_at_this_start_does_not_count(void **state)
{
    struct machine *m = *state;
    link_up(m, "enp1s0", "9e:01:02:03:04:05", true);
    link_file(m, "enp1s0", "addr_assign_type", "1\n");
    value_is(m, "mac", NULL);
    link_up(m, "enp2s0", "c8:d3:ff:00:00:02", true);
    value_is(m, "mac", "c8:d3:ff:00:00:02");
}

static void the_same_machine_is_the_same(void **state)
{
    struct machine *m = *state;
    unsigned char a[HARDWARE_ID], b[HARDWARE_ID];
    assert_false(hardware_id(m->h, a));
    dmi(m, "product_serial", "None");
    assert_false(hardware_id(m->h, a));
    dmi(m, "product_name", "OptiPlex 3080");
    link_up(m, "enp2s0", "c8:d3:ff:00:00:02", true);
    assert_true(hardware_id(m->h, a));
    /* A bridge, a route and another card come and go. */
    link_up(m, "br0", "02:00:00:00:00:01", false);
    link_up(m, "enp9s0", "c8:d3:ff:00:00:99", true);
    assert_true(hardware_id(m->h, b));
    assert_memory_equal(a, b, sizeof a);
    link_up(m, "enp2s0", "c8:d3:ff:00:00:12", true);
    assert_true(hardware_id(m->h, b));
    assert_memory_not_equal(a, b, sizeof a);
}

/* What tells two machines of a kind apart is missing: neither may take the other for itself. */
static void a_product_is_no_machine(void **state)
{
    struct machine *m = *state;
    unsigned char id[HARDWARE_ID];
    dmi(m, "product_name", "OptiPlex 3080");
    dmi(m, "product_uuid", "00000000-0000-0000-0000-000000000000");
    link_up(m, "enp1s0", "9e:01:02:03:04:05", true);
    link_file(m, "enp1s0", "addr_assign_type", "1\n");
    assert_false(hardware_id(m->h, id));
    dmi(m, "board_serial", "07B52X");
    assert_true(hardware_id(m->h, id));
}

static void suffixed(const char *name, const char *want)
{
    static const unsigned char id[] = {0, 1, 31, 32, 255};
    struct err e = {0};
    AUTOFREE char *got = name_with_suffix(name, id);
    assert_string_equal(got, want);
    assert_int_equal(name_check_computer(got, &e), 0);
    assert_true(strlen(got) <= NAME_NETBIOS_MAX);
}

static void suffixes_fit(void **state)
{
    (void)state;
    suffixed("kiosk", "kiosk-ab9a9");
    suffixed("kiosk-OptiPlex-3080", "kiosk-Opt-ab9a9");
    suffixed("kiosk-12-OptiPlex", "kiosk-12-ab9a9");
    suffixed("123456789012345", "123456789-ab9a9");
    suffixed("--", "ab9a9");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(real_serial_numbers),
        T(what_nobody_filled_in),
        T(the_serial_number_falls_back),
        T(a_board_without_firmware_tables),
        T(only_cards_count),
        T(the_card_of_the_route_comes_first),
        T(a_route_through_a_bridge_leads_to_its_card),
        T(an_address_made_up_at_this_start_does_not_count),
        T(the_same_machine_is_the_same),
        T(a_product_is_no_machine),
        T(suffixes_fit),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
