#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/conf/merge3.h"

struct row {
    const char *base, *mine, *theirs, *want;
    unsigned conflicts;
};

static void check(const struct row *r)
{
    struct buf b = BUF_INIT(1 << 20);
    struct merge3_result res;
    assert_int_equal(merge3(r->base, r->mine, r->theirs, &b, &res), 0);
    assert_string_equal(buf_text(&b), r->want);
    assert_int_equal(res.conflicts, r->conflicts);
    merge3_result_free(&res);
    buf_free(&b);
}

static void test_plain_undo(void **s UNUSED)
{
    static const struct row rows[] = {
        {"", "", "", "", 0},
        {"a\nb\n", "a\n", "a\nb\n", "a\n", 0}, /* our line goes */
        {"a\n", "a\nb\n", "a\n", "a\nb\n", 0}, /* a line that we took comes back */
        {"a\nnew\nc\n", "a\nold\nc\n", "a\nnew\nc\n", "a\nold\nc\n", 0},
        {"a\nb\n", "a\n", "a\nb\nowner\n", "a\nowner\n", 0}, /* the owner's line right after ours */
        {"a\nb\n", "a\n", "owner\na\nb\n", "owner\na\n", 0},
        {"a\nb\nc\n", "a\nc\n", "a\nc\n", "a\nc\n", 1}, /* the owner removed ours already */
        {"x\n", "", "x\n", "", 0},
        {"x\ny\n", "", "x\no\ny\n", "o\n", 0},
        {"a\nb", "a", "a\nb", "a", 0}, /* no newline at the end */
        {"a\nb\n", "a", "a\nb\n", "a", 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        check(&rows[i]);
}

static void test_owner_changed_our_line(void **s UNUSED)
{
    static const struct row rows[] = {
        {"passwd: files sss\nhosts: dns\n", "passwd: files\nhosts: dns\n",
         "passwd: files sss nis\nhosts: dns\n", "passwd: files sss nis\nhosts: dns\n", 1},
        /* Neighbouring lines are undone one by one. */
        {"passwd: files sss\ngroup: files sss\nshadow: files sss\n",
         "passwd: files\ngroup: files\nshadow: files\n",
         "passwd: files sss\ngroup: sss\nshadow: files sss\n",
         "passwd: files\ngroup: sss\nshadow: files\n", 1},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        check(&rows[i]);
}

static void test_title_stays_over_owners_setting(void **s UNUSED)
{
    static const struct row rows[] = {
        {"[sssd]\ndomains = d\n[domain/d]\nid_provider = ad\n", "",
         "[sssd]\ndomains = d\n[domain/d]\nid_provider = ad\ndebug_level = 9\n",
         "[domain/d]\ndebug_level = 9\n", 1},
        /* A comment alone holds no title. */
        {"[a]\nx = 1\n", "", "[a]\n# mine\nx = 1\n", "# mine\n", 0},
        {"[a]\nx = 1\n", "", "[a]\nx = 2\n", "[a]\nx = 2\n", 2},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        check(&rows[i]);
}

static void test_kept_lines_are_named(void **s UNUSED)
{
    struct buf b = BUF_INIT(1 << 20);
    struct merge3_result res;
    assert_int_equal(merge3("k = 1\n", "k = 0\n", "k = 2\n", &b, &res), 0);
    assert_int_equal(res.kept.n, 1);
    assert_string_equal(res.kept.s[0], "k = 2");
    merge3_result_free(&res);
    buf_free(&b);
}

/* The two laws: nothing changed since gives back mine; nothing of ours gives back theirs. */
static void test_laws(void **s UNUSED)
{
    static const char *const texts[] = {
        "",  "a\n",    "a\nb\n",   "b\na\n",      "a\na\na\n", "[s]\nk = 1\n\n[t]\nk = 2\n",
        "x", "\n\n\n", "a\n\nb\n", "[s]\nk = 2\n"};
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
        for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
            struct buf b = BUF_INIT(1 << 20);
            struct merge3_result res;
            assert_int_equal(merge3(texts[i], texts[k], texts[i], &b, &res), 0);
            assert_string_equal(buf_text(&b), texts[k]);
            assert_int_equal(res.conflicts, 0);
            merge3_result_free(&res);
            buf_free(&b);
            assert_int_equal(merge3(texts[i], texts[i], texts[k], &b, &res), 0);
            assert_string_equal(buf_text(&b), texts[k]);
            assert_int_equal(res.conflicts, 0);
            merge3_result_free(&res);
            buf_free(&b);
        }
    }
}

static void test_limits(void **s UNUSED)
{
    struct buf big = BUF_INIT(1 << 20), b = BUF_INIT(1 << 20);
    struct merge3_result res;
    for (int i = 0; i < 400001; i++)
        buf_str(&big, "x\n");
    assert_int_equal(merge3(buf_text(&big), "", "", &b, &res), -1);
    merge3_result_free(&res);
    buf_free(&b);
    struct buf small = BUF_INIT(3);
    assert_int_equal(merge3("", "long line\n", "", &small, &res), -1);
    merge3_result_free(&res);
    buf_free(&small);
    buf_free(&big);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_undo),
        cmocka_unit_test(test_owner_changed_our_line),
        cmocka_unit_test(test_title_stays_over_owners_setting),
        cmocka_unit_test(test_kept_lines_are_named),
        cmocka_unit_test(test_laws),
        cmocka_unit_test(test_limits),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
