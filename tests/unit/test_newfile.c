/* A file that gets its name when it is complete. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/host/newfile.h"
#include "tests/unit/scratch.h"

static char *root;

static int setup(void **state UNUSED)
{
    root = scratch_new();
    return 0;
}

static int teardown(void **state UNUSED)
{
    scratch_drop(root);
    return 0;
}

static char *at(const char *name)
{
    return xasprintf("%s/%s", root, name);
}

static int opened(struct newfile *f, const char *name, bool replace)
{
    AUTOFREE char *path = at(name);
    return newfile_open(f, path, replace, 4096) == 0 ? 0 : errno;
}

static bool there(const char *name)
{
    struct stat st;
    AUTOFREE char *path = at(name);
    return lstat(path, &st) == 0;
}

static void test_kept(void **state UNUSED)
{
    struct newfile f;
    mode_t old = umask(0);
    assert_int_equal(opened(&f, "a.odj", false), 0);
    assert_int_equal(scratch_mode(root, "/.a.odj.new"), 0600);
    assert_false(there("a.odj"));
    assert_int_equal(newfile_keep(&f, "data", 4), 0);
    newfile_drop(&f);
    umask(old);
    AUTOFREE char *text = scratch_get(root, "/a.odj");
    assert_string_equal(text, "data");
    assert_int_equal(scratch_mode(root, "/a.odj"), 0600);
    assert_false(there(".a.odj.new"));
    assert_false(f.exposed);
}

static void test_dropped(void **state UNUSED)
{
    struct newfile f;
    assert_int_equal(opened(&f, "b", false), 0);
    newfile_drop(&f);
    newfile_drop(&f);
    assert_false(there("b") || there(".b.new"));
}

static void test_what_stands_there(void **state UNUSED)
{
    struct newfile f;
    scratch_put(root, "/c", "old", 0644);
    assert_int_equal(opened(&f, "c", false), EEXIST);
    assert_int_equal(opened(&f, "c", true), 0);
    assert_int_equal(newfile_keep(&f, "new", 3), 0);
    newfile_drop(&f);
    AUTOFREE char *text = scratch_get(root, "/c");
    assert_string_equal(text, "new");
    assert_int_equal(scratch_mode(root, "/c"), 0600);
    AUTOFREE char *dir = at("folder");
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(opened(&f, "folder", true), EISDIR);
    assert_int_equal(opened(&f, "none/x", true), ENOENT);
    assert_int_equal(opened(&f, "folder/", true), EISDIR);
    /* A link is replaced, not followed. */
    scratch_link(root, "/nowhere/x", "/l");
    assert_int_equal(opened(&f, "l", false), EEXIST);
}

/* What comes to stand there meanwhile is not replaced. */
static void test_race(void **state UNUSED)
{
    struct newfile f;
    assert_int_equal(opened(&f, "d", false), 0);
    scratch_put(root, "/d", "theirs", 0644);
    assert_int_equal(newfile_keep(&f, "ours", 4), -1);
    assert_int_equal(errno, EEXIST);
    newfile_drop(&f);
    AUTOFREE char *text = scratch_get(root, "/d");
    assert_string_equal(text, "theirs");
    assert_false(there(".d.new"));
}

static void test_two_at_once(void **state UNUSED)
{
    struct newfile f, g;
    assert_int_equal(opened(&f, "e", false), 0);
    assert_int_equal(opened(&g, "e", false), EBUSY);
    assert_true(there(".e.new"));
    newfile_drop(&f);
    assert_int_equal(opened(&g, "e", false), 0);
    newfile_drop(&g);
}

static void test_left_over(void **state UNUSED)
{
    struct newfile f;
    scratch_put(root, "/.f.new", "of a run that was killed", 0644);
    assert_int_equal(opened(&f, "f", false), 0);
    assert_int_equal(scratch_mode(root, "/.f.new"), 0600);
    assert_int_equal(newfile_keep(&f, "x", 1), 0);
    newfile_drop(&f);
    AUTOFREE char *text = scratch_get(root, "/f");
    assert_string_equal(text, "x");
    scratch_link(root, "/etc/passwd", "/.g.new");
    assert_int_equal(opened(&f, "g", false), EBUSY);
}

static void test_look(void **state UNUSED)
{
    AUTOFREE char *fresh = at("h");
    AUTOFREE char *old = at("c");
    AUTOFREE char *none = at("none/h");
    scratch_put(root, "/c", "old", 0644);
    assert_int_equal(newfile_look(fresh, false), 0);
    assert_int_equal(newfile_look(old, false), -1);
    assert_int_equal(errno, EEXIST);
    assert_int_equal(newfile_look(old, true), 0);
    assert_int_equal(newfile_look(none, true), -1);
    assert_false(there("h") || there(".h.new"));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kept),
        cmocka_unit_test(test_dropped),
        cmocka_unit_test(test_what_stands_there),
        cmocka_unit_test(test_race),
        cmocka_unit_test(test_two_at_once),
        cmocka_unit_test(test_left_over),
        cmocka_unit_test(test_look),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, setup, teardown);
}
