/* Real registry files, where they are present: ../shared/hives, or the folder that JOINERY_HIVES
 * names. They are too large and not ours to keep in the tree. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/hive/check.h"
#include "engine/image/firstboot.h"
#include "tests/unit/scratch.h"
#include "tests/unit/tiny_image.h"

#define WORKGROUP  "win10-19041-workgroup-clean.SYSTEM.gz"
#define CONTROLLER "ws2003-domain-controller.SYSTEM"
#define DIRTY      "NewDirtyHive"

static char *root;
static struct image im;
static struct err e;

static int fresh(void **s UNUSED)
{
    err_reset(&e);
    root = scratch_new();
    scratch_put(root, TINY_CONFIG "/x", "", 0644);
    return 0;
}

static int done(void **s UNUSED)
{
    image_free(&im);
    scratch_drop(root);
    return 0;
}

/* Puts a hive into the image; skips the test where there is none. */
static void place(const char *name, const char *tail)
{
    const char *folder = getenv("JOINERY_HIVES");
    char from[512]; /* a skipped test frees nothing */
    snprintf(from, sizeof from, "%s/%s%s", folder ? folder : "../shared/hives", name, tail);
    if (access(from, R_OK) != 0) {
        printf("# SKIP no real registry files here\n");
        skip();
    }
    AUTOFREE char *cmd = xasprintf("%s '%s' >'%s" TINY_SYSTEM "%s'",
                                   str_iends(from, ".gz") ? "gzip -dc" : "cat", from, root, tail);
    assert_int_equal(system(cmd), 0);
}

static void look(void)
{
    assert_int_equal(image_open(root, &im, &e), 0);
    assert_int_equal(image_inspect(&im, NULL, &e), 0);
}

static struct image_change *prepare(void)
{
    struct image_change *c = NULL;
    struct buf text = BUF_SECRET(64);
    buf_str(&text, "data for djoin");
    int rc = image_firstboot_put(&im, &text, NULL, &c, &e);
    buf_free(&text);
    return rc == 0 ? c : NULL;
}

static void dump_of(char **ret)
{
    struct buf b;
    struct hive_base base;
    tiny_image_get(root, TINY_SYSTEM, &b);
    assert_int_equal(hive_check_base(b.data, b.len, &base, &e), 0);
    assert_int_equal(hive_check_tree(b.data, b.len, &base, &e), 0);
    *ret = tiny_dump(b.data, b.len);
    buf_free(&b);
}

/* Prepared: opens again, and differs in two values only. */
static void test_workgroup(void **s UNUSED)
{
    char *before, *after, *a, *b, *save_a = NULL, *save_b = NULL;
    place(WORKGROUP, "");
    look();
    assert_int_equal(image_usable(&im, false, &e), 0);
    assert_string_equal(im.version, "10.0.19041.1");
    assert_string_equal(im.name, "DESKTOP-M3OSHQU");
    assert_string_equal(im.arch, "amd64");
    assert_int_equal(im.pending, IMAGE_NO);
    dump_of(&before);
    struct image_change *c = prepare();
    assert_non_null(c);
    assert_int_equal(image_commit(c, &e), 0);
    image_change_free(c);
    dump_of(&after);
    size_t keys = 0, differ = 0;
    a = strtok_r(before, "\n", &save_a);
    b = strtok_r(after, "\n", &save_b);
    for (; a && b; a = strtok_r(NULL, "\n", &save_a), b = strtok_r(NULL, "\n", &save_b)) {
        keys++;
        if (strcmp(a, b) == 0)
            continue;
        differ++;
        assert_non_null(strstr(a, differ == 1 ? "\\Setup : CmdLine" : "\\Setup : SetupType"));
        assert_non_null(strstr(b, differ == 1 ? "\\Setup : CmdLine" : "\\Setup : SetupType"));
    }
    assert_true(!a && !b);
    assert_int_equal(differ, 2);
    assert_true(keys > 50000);
    free(before);
    free(after);
    image_free(&im);
    look();
    assert_int_equal(im.setup.type, 2);
}

static void test_controller(void **s UNUSED)
{
    place(CONTROLLER, "");
    look();
    assert_int_equal(image_usable(&im, false, &e), -1);
    assert_int_equal(e.code, 50);
}

static void test_dirty(void **s UNUSED)
{
    struct buf a, b;
    place(DIRTY, "");
    place(DIRTY, ".LOG1");
    place(DIRTY, ".LOG2");
    tiny_image_get(root, TINY_SYSTEM, &a);
    look();
    assert_int_equal(image_usable(&im, false, &e), -1);
    assert_int_equal(e.code, 2717);
    err_reset(&e);
    assert_null(prepare());
    assert_int_equal(e.code, 2717);
    tiny_image_get(root, TINY_SYSTEM, &b);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.data, b.data, a.len);
    buf_free(&a);
    buf_free(&b);
}

/* Its logs are found by themselves, had somebody only mended the hive's head. */
static void test_dirty_logs(void **s UNUSED)
{
    place(DIRTY, "");
    place(DIRTY, ".LOG1");
    place(DIRTY, ".LOG2");
    AUTOFREE char *log2 = xasprintf("%s" TINY_SYSTEM ".LOG2", root);
    AUTOFREE char *log1 = xasprintf("%s" TINY_SYSTEM ".LOG1", root);
    int a = open(log1, O_RDONLY), b = open(log2, O_RDONLY);
    assert_true(a >= 0 && b >= 0);
    assert_true(hive_log_pending(a, 2));
    assert_false(hive_log_pending(a, 3));
    assert_true(hive_log_pending(b, 5));
    assert_false(hive_log_pending(b, 6));
    close(a);
    close(b);
}

static long peak_kib(void)
{
    long kib = -1;
    char line[128];
    FILE *f = fopen("/proc/self/status", "r");
    while (f && fgets(line, sizeof line, f)) {
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtol(line + 6, NULL, 10);
    }
    if (f)
        fclose(f);
    return kib;
}

/* Three times the hive and 16 MiB, for all of it. */
static void test_memory(void **s UNUSED)
{
    struct stat st;
    int status;
    if (getenv("SANITIZE") && *getenv("SANITIZE")) {
        printf("# SKIP a sanitizer takes memory of its own\n");
        skip();
    }
    place(WORKGROUP, "");
    AUTOFREE char *path = xasprintf("%s" TINY_SYSTEM, root);
    assert_int_equal(stat(path, &st), 0);
    pid_t pid = fork();
    if (pid == 0) {
        FILE *f = fopen("/proc/self/clear_refs", "w");
        if (f) {
            fputs("5", f); /* the peak starts anew */
            fclose(f);
        }
        look();
        struct image_change *c = prepare();
        if (!c || image_commit(c, &e) != 0)
            _exit(2);
        _exit(peak_kib() <= 3 * st.st_size / 1024 + 16384 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, fresh, done)

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        T(test_workgroup), T(test_controller), T(test_dirty), T(test_dirty_logs), T(test_memory),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
