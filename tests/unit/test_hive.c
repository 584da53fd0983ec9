/* Registry hives: reading, changing, and what is refused. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/hive/check.h"
#include "engine/hive/hive.h"
#include "tests/unit/tiny_hive.h"

static struct buf tiny; /* a sound hive */
static struct err e;

static int fresh(void **s UNUSED)
{
    struct tiny *t = tiny_system();
    tiny_build(t, &tiny);
    tiny_free(t);
    err_reset(&e);
    return 0;
}

static int done(void **s UNUSED)
{
    buf_free(&tiny);
    return 0;
}

static int memory(const void *data, size_t len)
{
    int fd = memfd_create("test", MFD_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    return fd;
}

static struct hive *opened(const struct buf *b, bool writable)
{
    struct hive *h = NULL;
    int fd = memory(b->data, b->len);
    err_reset(&e);
    if (hive_open(fd, "SYSTEM", writable, &h, &e) != 0)
        h = NULL;
    close(fd);
    return h;
}

static void put32(size_t at, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        tiny.data[at + (size_t)i] = (unsigned char)(v >> (8 * i));
}

static uint32_t get32(size_t at)
{
    const unsigned char *p = tiny.data + at;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* The cause that opening ends with; 0 when it opens. */
static enum cause refused(void)
{
    struct hive *h = opened(&tiny, true);
    hive_close(h);
    return h ? CAUSE_NONE : e.cause;
}

/* Where a cell with this signature starts, the nth from 0; counted from the file's start. */
static size_t cell_of(const char *sig, int nth)
{
    for (size_t i = HIVE_BLOCK + 32; i + 8 < tiny.len; i += 8) {
        if (memcmp(tiny.data + i + 4, sig, 2) == 0 && (int32_t)get32(i) < 0 && nth-- == 0)
            return i;
    }
    fail_msg("no such cell");
    return 0;
}

static void damage(size_t at, uint32_t v)
{
    uint32_t was = get32(at);
    put32(at, v);
    if (refused() != CAUSE_HIVE_DAMAGED)
        fail_msg("0x%x at 0x%zx was taken", v, at);
    assert_non_null(err_fact_get(&e, FACT_PLACE));
    put32(at, was);
}

static void test_read(void **s UNUSED)
{
    uint32_t v = 99;
    struct hive *h = opened(&tiny, false);
    assert_non_null(h);
    hive_key setup = hive_find(h, hive_root(h), "sETUP");
    assert_true(setup != 0);
    assert_true(hive_get_u32(h, setup, "setuptype", &v));
    assert_int_equal(v, 0);
    assert_false(hive_get_u32(h, setup, "CmdLine", &v));
    assert_false(hive_get_u32(h, setup, "None", &v));
    AUTOFREE char *loader = hive_get_text(h, setup, "OsLoaderPath");
    assert_string_equal(loader, "\\");
    AUTOFREE char *line = hive_get_text(h, setup, "CmdLine");
    assert_string_equal(line, "");
    assert_null(hive_get_text(h, setup, "SetupType"));
    assert_int_equal(hive_value_length(h, setup, "CloneTag"), 10);
    assert_int_equal(hive_value_length(h, setup, "None"), -1);
    hive_key deep = hive_find(h, setup, "Service Reporting API\\Components\\CoreOS");
    AUTOFREE char *version = hive_get_text(h, deep, "Version");
    assert_string_equal(version, "10.0.19041.1");
    assert_true(hive_has_children(h, setup));
    assert_false(hive_has_children(h, deep));
    assert_true(hive_find(h, setup, "Nothing\\Below") == 0);
    assert_true(hive_find(h, 0, "Setup") == 0);
    assert_false(hive_get_u32(h, 0, "x", &v));
    hive_close(h);
}

/* The two lines of a dump that differ, and nothing else. */
static void only_these_differ(const char *a, const char *b, const char *const *names, size_t n)
{
    CLEANUP(strv_free) struct strv old = {0}, new = {0};
    strv_split(&old, a, "\n");
    strv_split(&new, b, "\n");
    assert_int_equal(old.n, new.n);
    size_t found = 0;
    for (size_t i = 0; i < old.n; i++) {
        if (strcmp(old.s[i], new.s[i]) == 0)
            continue;
        assert_true(found < n);
        assert_non_null(strstr(old.s[i], names[found]));
        assert_non_null(strstr(new.s[i], names[found]));
        found++;
    }
    assert_int_equal(found, n);
}

static void test_save(void **s UNUSED)
{
    static const char *const changed[] = {"\\Setup : CmdLine ", "\\Setup : SetupType "};
    struct hive_image img;
    struct hive *h = opened(&tiny, true);
    hive_key setup = hive_find(h, hive_root(h), "Setup");
    assert_int_equal(hive_set_u32(h, setup, "SetupType", 2, &e), 0);
    assert_int_equal(hive_set_text(h, setup, "CmdLine", "cmd.exe /c x", &e), 0);
    assert_int_equal(hive_save(&h, &img, &e), 0);
    assert_null(h);
    struct hive_base base;
    assert_int_equal(hive_check_base(img.data, img.len, &base, &e), 0);
    assert_int_equal(base.seq1, base.seq2);
    assert_true(base.seq1 > 7);
    AUTOFREE char *a = tiny_dump(tiny.data, tiny.len);
    AUTOFREE char *b = tiny_dump(img.data, img.len);
    only_these_differ(a, b, changed, 2);
    assert_int_equal(hive_attach(&img, false, &h, &e), 0);
    AUTOFREE char *line = hive_get_text(h, hive_find(h, hive_root(h), "Setup"), "CmdLine");
    assert_string_equal(line, "cmd.exe /c x");
    hive_close(h);
    hive_image_free(&img);
    hive_image_free(&img);
}

/* The library writes all values of a key anew: names and kinds that it seldom sees stay as well. */
static void test_neighbours_stay(void **s UNUSED)
{
    static const char *const changed[] = {"\\Setup : SetupType "};
    struct hive_image img;
    struct tiny *t = tiny_system();
    tiny_u32(t, "Setup", "\xe4\xf6 latin", 1);
    tiny_data(t, "Setup", "", 1, "d\0\0\0", 4);
    tiny_data(t, "Setup", "odd kind", 0x1234, "abc", 3);
    tiny_data(t, "Setup", "nothing", 0, "", 0);
    tiny_data(t, "Setup", "quad", 11, "12345678", 8);
    buf_free(&tiny);
    tiny_build(t, &tiny);
    tiny_free(t);
    struct hive *h = opened(&tiny, true);
    assert_non_null(h);
    assert_int_equal(hive_set_u32(h, hive_find(h, hive_root(h), "Setup"), "SetupType", 2, &e), 0);
    assert_int_equal(hive_save(&h, &img, &e), 0);
    AUTOFREE char *a = tiny_dump(tiny.data, tiny.len);
    AUTOFREE char *b = tiny_dump(img.data, img.len);
    only_these_differ(a, b, changed, 1);
    hive_image_free(&img);
}

/* What the library would not write back as it was. */
static void test_neighbours_that_would_change(void **s UNUSED)
{
    for (int i = 0; i < 3; i++) {
        struct tiny *t = tiny_system();
        char big[20000] = "";
        tiny_u32(t, "Setup", "SetupTypeXIn", 1);
        if (i == 2)
            tiny_data(t, "Setup", "large", 3, big, sizeof big);
        buf_free(&tiny);
        tiny_build(t, &tiny);
        tiny_free(t);
        unsigned char *name = memmem(tiny.data, tiny.len, "SetupTypeXIn", 12);
        assert_non_null(name);
        if (i == 0)
            name[9] = '\0'; /* reads as SetupType */
        if (i == 1)
            name[-18] = 9; /* is SetupType */
        struct hive *h = opened(&tiny, true);
        assert_non_null(h);
        assert_int_equal(
            hive_set_u32(h, hive_find(h, hive_root(h), "Setup"), "OOBEInProgress", 2, &e), -1);
        assert_int_equal(e.cause, CAUSE_HIVE_WRITE_FAILED);
        hive_close(h);
    }
}

/* A cell that belongs to two values: writing one would change the other. */
static void test_shared_cells(void **s UNUSED)
{
    size_t setup = 0, lists;
    for (int i = 0; setup == 0; i++) {
        size_t at = cell_of("nk", i);
        if (memcmp(tiny.data + at + 4 + 76, "Setup", 5) == 0)
            setup = at;
    }
    lists = HIVE_BLOCK + get32(setup + 4 + 40) + 4;
    damage(lists, get32(lists + 4));
}

static void test_set_without_key(void **s UNUSED)
{
    struct hive *h = opened(&tiny, true);
    assert_int_equal(hive_set_u32(h, 0, "x", 1, &e), -1);
    assert_int_equal(e.cause, CAUSE_HIVE_WRITE_FAILED);
    hive_close(h);
}

static void test_not_a_hive(void **s UNUSED)
{
    tiny.data[0] = 'R';
    assert_int_equal(refused(), CAUSE_IMAGE_NOT_WINDOWS);
    assert_int_equal(e.code, 87);
    tiny.len = 3;
    assert_int_equal(refused(), CAUSE_IMAGE_NOT_WINDOWS);
    tiny.len = 0;
    assert_int_equal(refused(), CAUSE_IMAGE_NOT_WINDOWS);
}

static void test_not_clean(void **s UNUSED)
{
    put32(4, 8);
    tiny_seal(tiny.data);
    assert_int_equal(refused(), CAUSE_IMAGE_DIRTY);
    assert_int_equal(e.code, 2717);
    assert_string_equal(err_fact_get(&e, FACT_VALUE), "8/7");
    put32(4, 7);
    assert_int_equal(refused(), CAUSE_IMAGE_DIRTY); /* the checksum of the other number */
    tiny_seal(tiny.data);
    assert_int_equal(refused(), CAUSE_NONE);
}

static void test_versions(void **s UNUSED)
{
    const struct {
        size_t at;
        uint32_t v;
    } bad[] = {{20, 2}, {24, 2}, {24, 7}, {28, 1}, {32, 0}, {40, 0}, {40, 100}, {40, 0x7ffff000}};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        uint32_t was = get32(bad[i].at);
        put32(bad[i].at, bad[i].v);
        tiny_seal(tiny.data);
        assert_int_equal(refused(), CAUSE_HIVE_DAMAGED);
        assert_int_equal(e.code, 2717);
        put32(bad[i].at, was);
    }
    tiny_seal(tiny.data);
    assert_int_equal(refused(), CAUSE_NONE);
}

/* Cut anywhere: never opened, never a crash. */
static void test_truncated(void **s UNUSED)
{
    size_t whole = tiny.len;
    for (size_t len = 0; len < whole; len += 61) {
        tiny.len = len;
        enum cause c = refused();
        assert_true(c == CAUSE_IMAGE_NOT_WINDOWS || c == CAUSE_HIVE_DAMAGED);
    }
}

static void test_damaged(void **s UNUSED)
{
    size_t root = cell_of("nk", 0), list = cell_of("lf", 2), vk = cell_of("vk", 0);
    size_t root_list = HIVE_BLOCK + get32(root + 4 + 28);
    damage(HIVE_BLOCK, 0);                                /* the bin's signature */
    damage(HIVE_BLOCK + 8, 4096 * 1000);                  /* its size */
    damage(HIVE_BLOCK + 8, 12);                           /* not whole pages */
    damage(root, 0);                                      /* a cell without size */
    damage(root, 0x7ffffff8);                             /* a cell beyond its bin */
    damage(root, (uint32_t)-16);                          /* cuts the rest into nonsense */
    damage(root + 4 + 20, 0xffffffff);                    /* number of keys */
    damage(root + 4 + 20, 1);                             /* fewer than listed */
    damage(root + 4 + 28, 0);                             /* list of keys: the bin's head */
    damage(root + 4 + 28, 0xfffffff0);                    /* far out */
    damage(root + 4 + 36, 0x40000000);                    /* number of values */
    damage(root + 4 + 44, 4);                             /* access list, odd place */
    damage(root + 4 + 72, 0xffff);                        /* name */
    damage(root_list + 4, 0xffff666c);                    /* "lf" with 65535 keys */
    damage(root_list + 4, 0x0001666c);                    /* with one */
    damage(root_list + 8, get32(root_list + 16));         /* the same key twice */
    damage(root_list + 8, (uint32_t)(root - HIVE_BLOCK)); /* a key within itself */
    damage(list + 8, (uint32_t)(root - HIVE_BLOCK));      /* deeper down */
    damage(vk + 4, 0xffff6b76);                           /* "vk" with a long name */
    damage(vk + 4 + 4, 0x80000005);                       /* five bytes in four */
    damage(vk + 4 + 4, 0x7fffffff);                       /* data beyond its cell */
    assert_int_equal(refused(), CAUSE_NONE);
}

/* A list of lists that leads back to itself. */
static void test_list_loop(void **s UNUSED)
{
    size_t root = cell_of("nk", 0);
    size_t list = HIVE_BLOCK + get32(root + 4 + 28);
    put32(list + 4, 0x00026972); /* "ri", two lists */
    put32(list + 8, (uint32_t)(list - HIVE_BLOCK));
    assert_int_equal(refused(), CAUSE_HIVE_DAMAGED);
}

/* Every byte turned over, one at a time: whatever opens can be walked, changed and saved. */
static void test_flipped(void **s UNUSED)
{
    size_t opened_n = 0;
    for (size_t i = HIVE_BLOCK; i < tiny.len; i += 3) {
        tiny.data[i] ^= 0xff;
        struct hive *h = opened(&tiny, true);
        if (h) {
            struct hive_image img;
            opened_n++;
            hive_key setup = hive_find(h, hive_root(h), "Setup");
            if (hive_set_u32(h, setup, "SetupType", 2, &e) == 0 && hive_save(&h, &img, &e) == 0)
                hive_image_free(&img);
            hive_close(h);
        }
        tiny.data[i] ^= 0xff;
    }
    assert_true(opened_n > 0);
}

/* ---- logs -------------------------------------------------------------------------------------
 */

static unsigned char log_file[4096];

static bool pending(size_t len, uint32_t seq)
{
    int fd = memory(log_file, len);
    bool ret = hive_log_pending(fd, seq);
    close(fd);
    return ret;
}

static void log32(size_t at, uint32_t v)
{
    memcpy(log_file + at, &v, 4);
}

static void make_log(uint32_t type, uint32_t seq)
{
    memset(log_file, 0, sizeof log_file);
    memcpy(log_file, "regf", 4);
    log32(4, seq);
    log32(8, seq);
    log32(20, 1);
    log32(24, 5);
    log32(28, type);
    tiny_seal(log_file);
}

static void add_entry(size_t at, uint32_t size, uint32_t seq)
{
    memcpy(log_file + at, "HvLE", 4);
    log32(at + 4, size);
    log32(at + 12, seq);
}

static void test_log_entries(void **s UNUSED)
{
    make_log(6, 5);
    assert_false(pending(0, 7));
    assert_false(pending(512, 7));
    assert_false(pending(sizeof log_file, 7)); /* no entries */
    add_entry(512, 1024, 5);
    add_entry(1536, 512, 6);
    assert_false(pending(sizeof log_file, 7)); /* older than the hive */
    assert_true(pending(sizeof log_file, 6));
    add_entry(2048, 512, 7);
    assert_true(pending(sizeof log_file, 7));
    log_file[600] ^= 1; /* inside an entry: heads only are read */
    assert_true(pending(sizeof log_file, 7));
    log32(4, 99); /* a broken head: Windows does not look further */
    assert_false(pending(sizeof log_file, 7));
}

static void test_log_hostile(void **s UNUSED)
{
    const uint32_t sizes[] = {0, 1, 39, 513, 4096, 0xffffffff, 0xfffffe00};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        make_log(6, 5);
        add_entry(512, sizes[i], 100);
        assert_false(pending(sizeof log_file, 7));
    }
}

static void test_log_old_kind(void **s UNUSED)
{
    make_log(1, 7);
    assert_false(pending(sizeof log_file, 6)); /* no "DIRT" */
    memcpy(log_file + 512, "DIRT", 4);
    assert_true(pending(sizeof log_file, 6));
    assert_false(pending(sizeof log_file, 7)); /* the hive was written after it */
    assert_false(pending(sizeof log_file, 8));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, fresh, done),
        cmocka_unit_test_setup_teardown(test_save, fresh, done),
        cmocka_unit_test_setup_teardown(test_neighbours_stay, fresh, done),
        cmocka_unit_test_setup_teardown(test_neighbours_that_would_change, fresh, done),
        cmocka_unit_test_setup_teardown(test_shared_cells, fresh, done),
        cmocka_unit_test_setup_teardown(test_set_without_key, fresh, done),
        cmocka_unit_test_setup_teardown(test_not_a_hive, fresh, done),
        cmocka_unit_test_setup_teardown(test_not_clean, fresh, done),
        cmocka_unit_test_setup_teardown(test_versions, fresh, done),
        cmocka_unit_test_setup_teardown(test_truncated, fresh, done),
        cmocka_unit_test_setup_teardown(test_damaged, fresh, done),
        cmocka_unit_test_setup_teardown(test_list_loop, fresh, done),
        cmocka_unit_test_setup_teardown(test_flipped, fresh, done),
        cmocka_unit_test(test_log_entries),
        cmocka_unit_test(test_log_hostile),
        cmocka_unit_test(test_log_old_kind),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
