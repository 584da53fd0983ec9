/* The canvas: clipping, wide characters, frames, dumps, and the rules for every page. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/canvas/canvas.h"

static void text_is(const struct canvas *c, const char *expected)
{
    char *text = canvas_dump_text(c);
    assert_string_equal(text, expected);
    free(text);
}

static void roles_are(const struct canvas *c, const char *expected)
{
    char *roles = canvas_dump_roles(c);
    assert_string_equal(roles, expected);
    free(roles);
}

static void sound(const struct canvas *c)
{
    char why[200] = "";
    bool fine = canvas_check(c, true, why, sizeof(why));
    assert_string_equal(why, "");
    assert_true(fine);
}

static void test_text_is_clipped(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(2, 6);
    assert_int_equal(canvas_text(c, 0, 2, -1, ROLE_TITLE, "abcdef"), 4);
    assert_int_equal(canvas_text(c, 1, 0, 3, ROLE_NORMAL, "xyz123"), 3);
    assert_int_equal(canvas_text(c, 5, 0, -1, ROLE_NORMAL, "outside"), 6);
    canvas_text(c, -1, 0, -1, ROLE_NORMAL, "outside");
    canvas_text(c, 1, -2, -1, ROLE_OK, "__Z");
    text_is(c, "  abcd\nZyz\n");
    roles_are(c, "..TTTT\no.....\n");
    sound(c);
}

static void test_wide_characters(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(1, 5);
    assert_int_equal(canvas_text(c, 0, 0, -1, ROLE_NORMAL, "日本語"), 4);
    text_is(c, "日本\n");
    sound(c);
    canvas_text(c, 0, 1, -1, ROLE_NORMAL, "x"); /* over the right half */
    text_is(c, " x本\n");
    sound(c);
    canvas_text(c, 0, 2, 1, ROLE_NORMAL, "y"); /* over the left half */
    text_is(c, " xy\n");
    sound(c);
    canvas_text(c, 0, 3, -1, ROLE_NORMAL, "日");
    canvas_text(c, 0, 2, -1, ROLE_NORMAL, "本");
    text_is(c, " x本\n");
    canvas_set_role(c, 0, 3, 1, ROLE_OK); /* both halves change */
    roles_are(c, "..oo.\n");
    sound(c);
}

static void test_nothing_dangerous_enters(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(1, 30);
    canvas_text(c, 0, 0, -1, ROLE_NORMAL,
                "a\033[2J\xE2\x80\xAE\xFF"
                "b");
    text_is(c, "a?[2J??b\n");
    sound(c);
    canvas_clear(c);
    canvas_foreign(c, 0, 0, -1, ROLE_FOREIGN, "a\033b", 3);
    text_is(c, "a<U+001B>b\n");
    canvas_clear(c);
    canvas_text(c, 0, 0, -1, ROLE_NORMAL, "q\xCC\x81\xCC\x82\xCC\x83\xCC\x84z");
    text_is(c, "?z\n");
    sound(c);
}

static void test_cut_and_wrapped(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(3, 12);
    canvas_text_cut(c, 0, 2, -1, ROLE_NORMAL, "a long label");
    assert_int_equal(
        canvas_scrolled(c, (struct rect){1, 0, 2, 6}, 1, ROLE_DIM, "one two three four"), 2);
    text_is(c, "  a long ...\ntwo\nthree\n");
    assert_int_equal(canvas_scrolled(c, (struct rect){1, 0, 2, 6}, 9, ROLE_DIM, "one"), 0);
}

static void test_boxes(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(4, 8);
    canvas_box(c, (struct rect){0, 0, 4, 8}, ROLE_NORMAL);
    canvas_box(c, (struct rect){1, 5, 9, 9},
               ROLE_DIM); /* sticks out: clipped, no frame of its own */
    canvas_box(c, (struct rect){0, 0, 1, 8}, ROLE_DIM); /* no box at all */
    const struct canvas_frame *boxes;
    assert_int_equal(canvas_boxes(c, &boxes), 1);
    assert_int_equal(boxes[0].r.cols, 8);
    text_is(c, "+------+\n|    +--\n|    | |\n+----|-+\n");
    sound(c);
}

static bool checked(const struct canvas *c, bool allow, const char *part)
{
    char why[200] = "";
    bool fine = canvas_check(c, allow, why, sizeof(why));
    if (!fine) {
        assert_non_null(strstr(why, part));
    }
    return fine;
}

static void test_focus_rules(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(5, 10);
    assert_true(checked(c, true, ""));
    assert_false(checked(c, false, "0 elements"));
    canvas_fill(c, (struct rect){1, 1, 1, 3}, ROLE_FOCUS);
    assert_false(checked(c, false, "cursor"));
    canvas_set_cursor(c, 1, 2);
    assert_true(checked(c, false, ""));
    canvas_fill(c, (struct rect){2, 1, 1, 5}, ROLE_FOCUS); /* the same element, a row further */
    assert_true(checked(c, false, ""));
    canvas_fill(c, (struct rect){4, 1, 1, 2}, ROLE_FOCUS);
    assert_false(checked(c, false, "2 elements"));
    canvas_fill(c, (struct rect){4, 1, 1, 2}, ROLE_NORMAL);
    canvas_fill(c, (struct rect){1, 7, 1, 2}, ROLE_FOCUS);
    assert_false(checked(c, false, "2 elements"));
    canvas_set_cursor(c, 9, 9);
    int row, col;
    assert_false(canvas_cursor(c, &row, &col));
}

static void test_equal(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *a = canvas_new(2, 4);
    AUTOCANVAS struct canvas *b = canvas_new(2, 4);
    assert_true(canvas_equal(a, b));
    canvas_text(a, 0, 0, -1, ROLE_NORMAL, "x");
    assert_false(canvas_equal(a, b));
    canvas_text(b, 0, 0, -1, ROLE_DIM, "x");
    assert_false(canvas_equal(a, b));
    canvas_set_role(b, 0, 0, 1, ROLE_NORMAL);
    assert_true(canvas_equal(a, b));
    canvas_set_cursor(a, 0, 0);
    assert_false(canvas_equal(a, b));
    AUTOCANVAS struct canvas *other = canvas_new(2, 5);
    assert_false(canvas_equal(b, other));
}

static void test_limits(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *small = canvas_new(-5, 0);
    assert_int_equal(canvas_rows(small), 1);
    assert_int_equal(canvas_cols(small), 1);
    canvas_text(small, 0, 0, -1, ROLE_NORMAL, "日");
    sound(small);
    AUTOCANVAS struct canvas *big = canvas_new(100000, 3);
    assert_int_equal(canvas_rows(big), 1000);
    assert_null(canvas_cell(big, 1000, 0));
    assert_null(canvas_cell(big, 0, -1));
}

/* Any sequence of drawings leaves a sound canvas. */
static void test_any_drawing(void **state)
{
    (void)state;
    static const char *const texts[] = {"abc",      "日本語", "e\xCC\x81日",
                                        "\033\xFF", "",       "Müller 東京 x"};
    unsigned seed = 7;
    for (int round = 0; round < 300; round++) {
        AUTOCANVAS struct canvas *c = canvas_new(1 + round % 8, 1 + round % 23);
        for (int i = 0; i < 30; i++) {
            int v[4];
            for (int k = 0; k < 4; k++) {
                seed = seed * 1103515245 + 12345;
                v[k] = (int)(seed >> 16) % 30 - 4;
            }
            enum role role = i % 2 ? ROLE_OK : ROLE_NORMAL;
            struct rect r = {v[0], v[1], v[2], v[3]};
            switch (i % 6) {
            case 0:
                canvas_fill(c, r, role);
                break;
            case 1:
                canvas_box(c, r, role);
                break;
            case 2:
                canvas_set_role(c, v[0], v[1], v[2], role);
                break;
            case 3:
                canvas_scrolled(c, r, v[0], role, texts[5]);
                break;
            default:
                canvas_text(c, v[0], v[1], v[2], role, texts[(v[3] + 4) % 6]);
            }
            sound(c);
        }
    }
}

static void test_foreign_parts_keep_their_role_over_line_ends(void **state)
{
    (void)state;
    static const char text[] = "Name: abc def ghi, done";
    const struct canvas_span spans[] = {{6, 11}};
    struct canvas *c = canvas_new(4, 12);
    struct rect all = {0, 0, 4, 12};
    canvas_wrapped_marked(c, all, ROLE_DIM, text, spans, 1);
    char *dump = canvas_dump_text(c), *roles = canvas_dump_roles(c);
    assert_string_equal(dump, "Name: abc\ndef ghi,\ndone\n\n");
    assert_int_equal(strncmp(roles, "ddddddnnn...\nnnnnnnnd....\ndddd", 30), 0);
    free(dump);
    free(roles);
    canvas_free(c);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_clipped),
        cmocka_unit_test(test_wide_characters),
        cmocka_unit_test(test_nothing_dangerous_enters),
        cmocka_unit_test(test_cut_and_wrapped),
        cmocka_unit_test(test_boxes),
        cmocka_unit_test(test_focus_rules),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_any_drawing),
        cmocka_unit_test(test_foreign_parts_keep_their_role_over_line_ends),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
