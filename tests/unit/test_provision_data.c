/* The provisioning data from the directory's answers, and the note of an interrupted run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/provision/provision.h"
#include "engine/provision/provision_part.h"
#include "tests/unit/scratch.h"

#define PASSWORD "Canary-0123456789"

struct made {
    struct settings s;
    struct provision_parts parts;
    struct buf binary;
    struct odj o;
};

static const unsigned char guid[GUID_BYTES] = {1, 2, 3};
static struct provision_domain domain = {
    .dns = "corp.example.com",
    .netbios = "CORP",
    .forest = "example.com",
    .guid = guid,
    .dc_host = "dc1.corp.example.com",
    .dc_address = "fe80::1%eth0",
    .dc_site = "Berlin",
    .client_site = "",
    .dc_flags = 0x3fd,
};

static struct sid sid_of(const char *text)
{
    struct sid s = {0};
    assert_int_equal(sid_from_text(&s, text), 0);
    return s;
}

static void set(struct made *m, enum opt o, const char *value)
{
    struct err e = {0};
    assert_int_equal(settings_set(&m->s, o, value, ORIGIN_SET, &e), 0);
}

static void begin(struct made *m)
{
    *m = (struct made){.binary = BUF_SECRET(1u << 20)};
    settings_init(&m->s);
    set(m, OPT_OPERATION, "provision");
}

static void make(struct made *m, const struct account_id *id)
{
    CLEANUP(secret_free) struct secret password = {0};
    struct err e = {0};
    domain.sid = sid_of("S-1-5-21-1-2-3");
    assert_int_equal(secret_set(&password, PASSWORD, strlen(PASSWORD)), 0);
    struct provision_machine who = {.name = "Kiosk-07", .password = &password, .id = id};
    assert_int_equal(provision_package(&m->s, &domain, &m->parts, &who, &m->binary, &e), 0);
    assert_true(m->binary.secret);
    assert_int_equal(odj_read(m->binary.data, m->binary.len, &m->o, &e), 0);
    assert_int_equal(odj_check(&m->o, NULL, &e), 0);
}

static void end(struct made *m)
{
    settings_free(&m->s);
    buf_free(&m->binary);
    odj_free(&m->o);
}

static void test_fields(void **state UNUSED)
{
    struct made m;
    begin(&m);
    set(&m, OPT_FLAG_PROVISION_REUSE_ACCOUNT, "yes");
    set(&m, OPT_FLAG_PROVISION_DOWNLEVEL_PRIV_SUPPORT, "yes");
    make(&m, NULL);
    const struct odj_join *j = odj_join(&m.o);
    assert_string_equal(j->domain, "corp.example.com");
    assert_string_equal(j->machine, "Kiosk-07");
    assert_int_equal(j->password.len, strlen(PASSWORD));
    assert_memory_equal(j->password.data, PASSWORD, strlen(PASSWORD));
    assert_string_equal(j->netbios_domain, "CORP");
    assert_string_equal(j->dns_forest, "example.com");
    assert_memory_equal(j->domain_guid, guid, GUID_BYTES);
    assert_memory_equal(j->dc_domain_guid, guid, GUID_BYTES);
    assert_string_equal(j->dc_name, "\\\\dc1.corp.example.com");
    assert_string_equal(j->dc_address, "\\\\fe80::1");
    assert_int_equal(j->dc_flags, 0xe00003fd);
    assert_null(j->client_site);
    assert_int_equal(j->options, 3);
    assert_int_equal(m.o.n, 2);
    assert_null(odj_part(&m.o, ODJ_NAMES));
    assert_null(odj_part(&m.o, ODJ_ACCOUNT));
    assert_null(odj_part(&m.o, ODJ_CERTIFICATES));
    end(&m);
}

static void test_names_when_asked_for(void **state UNUSED)
{
    struct made m;
    begin(&m);
    set(&m, OPT_OFFLINE_SITE, "Depot");
    make(&m, NULL);
    const struct odj_part *p = odj_part(&m.o, ODJ_NAMES);
    assert_non_null(p);
    assert_string_equal(p->u.names.site, "Depot");
    assert_null(p->u.names.netbios_name);
    assert_int_equal(p->u.names.flags, 0);
    end(&m);
    begin(&m);
    set(&m, OPT_OFFLINE_SITE, "Depot");
    set(&m, OPT_FLAG_PROVISION_PERSISTENTSITE, "yes");
    make(&m, NULL);
    assert_int_equal(odj_part(&m.o, ODJ_NAMES)->u.names.flags, ODJ_PERSISTENT_SITE);
    assert_int_equal(odj_part(&m.o, ODJ_NAMES)->flags, 0);
    end(&m);
}

static void test_account(void **state UNUSED)
{
    struct made m;
    struct account_id id = {.sid = sid_of("S-1-5-21-1-2-3-1104"), .guid = {9, 8, 7}};
    begin(&m);
    make(&m, &id);
    const struct odj_part *three = odj_part(&m.o, ODJ_ACCOUNT);
    const struct odj_part *four = odj_part(&m.o, ODJ_ACCOUNT_GUID);
    assert_int_equal(three->u.account.rid, 1104);
    assert_string_equal(three->u.account.sid, "S-1-5-21-1-2-3-1104");
    assert_int_equal(four->u.account.rid, 1104);
    assert_memory_equal(four->u.account.guid, id.guid, GUID_BYTES);
    end(&m);
}

/* The shared parts are the same afterwards, for the next machine. */
static void test_parts_are_lent(void **state UNUSED)
{
    struct made m;
    unsigned char sst[] = {1, 2, 3, 4};
    struct odj_store store = {
        .location = 0x20000, .name = xstrdup("Root"), .sst = {sst, sizeof sst}};
    struct odj_certificates certificates = {.stores = &store, .n_stores = 1};
    for (int i = 0; i < 2; i++) {
        begin(&m);
        m.parts.certificates = &certificates;
        make(&m, NULL);
        const struct odj_certificates *c = &odj_part(&m.o, ODJ_CERTIFICATES)->u.certificates;
        assert_int_equal(c->n_stores, 1);
        assert_memory_equal(c->stores[0].sst.data, sst, sizeof sst);
        end(&m);
    }
    free(store.name);
}

/* ---- the note ---- */

static struct account_object found;
static struct account_facts facts;

static void make_facts(void)
{
    struct sid me = sid_of("S-1-5-21-1-2-3-1000");
    found = (struct account_object){
        .is_computer = true, .when_created = 1000, .pwd_last_set = 1000, .owner = me};
    facts = (struct account_facts){.existing = &found, .user = me};
}

static bool proves(int64_t since)
{
    struct provision_part m = {.account = "K1$", .domain = "corp.example.com", .since = since};
    return provision_part_proves(&m, "K1$", "corp.example.com", &facts);
}

static void test_note_proves(void **state UNUSED)
{
    make_facts();
    assert_true(proves(1000));
    assert_true(proves(1004));
    assert_true(proves(950));
    assert_false(proves(1010)); /* it was there before */
    assert_false(proves(800));  /* somebody made it long after */
    struct provision_part other = {.account = "K2$", .domain = "corp.example.com", .since = 1000};
    assert_false(provision_part_proves(&other, "K1$", "corp.example.com", &facts));
    found.pwd_last_set = 1010; /* in use by now */
    assert_false(proves(1000));
    make_facts();
    found.owner = sid_of("S-1-5-21-1-2-3-1001");
    assert_false(proves(1000));
    facts.owner_is_admin = ACCOUNT_YES; /* as made by privilege: the creator tells */
    found.creator = facts.user;
    assert_true(proves(1000));
    found.creator = sid_of("S-1-5-21-1-2-3-1001");
    assert_false(proves(1000));
    make_facts();
    found.is_computer = false;
    assert_false(proves(1000));
    facts.existing = NULL;
    assert_false(proves(1000));
}

/* Killed more than once: the new password that the last run was about to set, or the one before. */
static void test_note_proves_again(void **state UNUSED)
{
    make_facts();
    struct provision_part m = {.account = "K1$",
                               .domain = "corp.example.com",
                               .since = 1000,
                               .reset = 2000,
                               .known = 1500};
    static const struct {
        int64_t set;
        bool ours;
    } rows[] = {{1000, true},  {1500, true},  {2001, true},
                {1501, false}, {1990, false}, {2100, false}};
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        found.pwd_last_set = rows[i].set;
        assert_int_equal(provision_part_proves(&m, "K1$", "corp.example.com", &facts),
                         rows[i].ours);
    }
    found.pwd_last_set = 0;
    m.known = m.reset = 0;
    assert_false(provision_part_proves(&m, "K1$", "corp.example.com", &facts));
}

static void test_note_file(void **state UNUSED)
{
    char *root = scratch_new();
    AUTOFREE char *output = xasprintf("%s/k1.odj", root);
    struct provision_part m = {.account = "K1$",
                               .domain = "corp.example.com",
                               .since = 77,
                               .reset = 99,
                               .known = 88},
                          got;
    struct err e = {0};
    assert_false(provision_part_read(output, &got));
    assert_int_equal(provision_part_write(output, &m, &e), 0);
    assert_int_equal(scratch_mode(root, "/.k1.odj.part"), 0600);
    assert_true(provision_part_read(output, &got));
    assert_string_equal(got.account, "K1$");
    assert_string_equal(got.domain, "corp.example.com");
    assert_int_equal(got.since, 77);
    assert_int_equal(got.reset, 99);
    assert_int_equal(got.known, 88);
    provision_part_remove(output);
    AUTOFREE char *gone = scratch_get(root, "/.k1.odj.part");
    assert_null(gone);
    scratch_put(root, "/.k1.odj.part", "joinery provisioning, interrupted\nK1$ x.example 5\n",
                0600);
    assert_true(provision_part_read(output, &got));
    assert_int_equal(got.reset, 0);
    provision_part_remove(output);
    /* Somebody's file of that name stays. */
    scratch_put(root, "/.k1.odj.part", "half a download", 0600);
    assert_false(provision_part_read(output, &got));
    provision_part_remove(output);
    AUTOFREE char *text = scratch_get(root, "/.k1.odj.part");
    assert_non_null(text);
    scratch_drop(root);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_names_when_asked_for),
        cmocka_unit_test(test_account),
        cmocka_unit_test(test_parts_are_lent),
        cmocka_unit_test(test_note_proves_again),
        cmocka_unit_test(test_note_proves),
        cmocka_unit_test(test_note_file),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
