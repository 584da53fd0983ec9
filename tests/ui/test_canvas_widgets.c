/* Widgets: editing, scrolling, drawing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/canvas/scroll.h"
#include "ui/canvas/widgets.h"
#include "ui/text/width.h"

static void text_is(const struct canvas *c, const char *expected)
{
    char why[200] = "";
    canvas_check(c, true, why, sizeof(why));
    assert_string_equal(why, "");
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

static void cursor_is(const struct canvas *c, int row, int col)
{
    int r = -1, k = -1;
    assert_true(canvas_cursor(c, &r, &k));
    assert_int_equal(r, row);
    assert_int_equal(k, col);
}

/* ---- line edit ---- */

static void press(struct edit *e, const char *text)
{
    for (const char *p = text; *p;) {
        char one[8] = {0};
        size_t n = (unsigned char)*p < 0x80   ? 1
                   : (unsigned char)*p < 0xE0 ? 2
                   : (unsigned char)*p < 0xF0 ? 3
                                              : 4;
        memcpy(one, p, n);
        edit_key(e, ACT_CHAR, one);
        p += n;
    }
}

static void test_edit(void **state)
{
    (void)state;
    struct edit e;
    assert_int_equal(edit_init(&e, 64), 0);
    press(&e, "ae\xCC\x81日b");
    assert_string_equal(e.text, "ae\xCC\x81日b");
    assert_true(edit_key(&e, ACT_LEFT, NULL));
    assert_true(edit_key(&e, ACT_LEFT, NULL));
    assert_true(edit_key(&e, ACT_LEFT, NULL));
    assert_int_equal(e.cursor, 1);
    press(&e, "X");
    assert_string_equal(e.text, "aXe\xCC\x81日b");
    assert_true(edit_key(&e, ACT_DELETE, NULL)); /* the letter with its accent */
    assert_string_equal(e.text, "aX日b");
    assert_true(edit_key(&e, ACT_END, NULL));
    assert_false(edit_key(&e, ACT_RIGHT, NULL));
    assert_false(edit_key(&e, ACT_DELETE, NULL));
    assert_true(edit_key(&e, ACT_BACKSPACE, NULL));
    assert_true(edit_key(&e, ACT_BACKSPACE, NULL));
    assert_string_equal(e.text, "aX");
    assert_true(edit_key(&e, ACT_HOME, NULL));
    assert_false(edit_key(&e, ACT_LEFT, NULL));
    assert_false(edit_key(&e, ACT_BACKSPACE, NULL));
    assert_false(edit_key(&e, ACT_UP, NULL));
    assert_true(edit_key(&e, ACT_RIGHT, NULL));
    assert_true(edit_key(&e, ACT_CLEAR, NULL));
    assert_string_equal(e.text, "");
    assert_false(edit_key(&e, ACT_CLEAR, NULL));
    press(&e, "aX");
    assert_true(edit_key(&e, ACT_HOME, NULL));
    assert_false(edit_key(&e, ACT_CHAR, "\033"));
    assert_false(edit_key(&e, ACT_CHAR, "\xE2\x80\xAE"));
    assert_false(edit_key(&e, ACT_CHAR, ""));
    edit_free(&e);
}

static void test_edit_limits(void **state)
{
    (void)state;
    struct edit e;
    assert_int_equal(edit_init(&e, 5), 0);
    press(&e, "日日");
    assert_string_equal(e.text, "日");
    press(&e, "abc");
    assert_string_equal(e.text, "日ab");
    edit_set(&e, "ab日\n日");
    assert_string_equal(e.text, "ab日");
    assert_int_equal(e.cursor, 5);
    edit_set(&e, "\033[A\xFF"
                 "b");
    assert_string_equal(e.text, "[Ab");
    edit_free(&e);
}

static void test_edit_draws(void **state)
{
    (void)state;
    struct edit e;
    AUTOCANVAS struct canvas *c = canvas_new(1, 10);
    assert_int_equal(edit_init(&e, 64), 0);
    edit_set(&e, "abc");
    edit_draw(&e, c, (struct rect){0, 1, 1, 6}, true);
    text_is(c, " abc\n");
    roles_are(c, ".FFFFFF...\n");
    cursor_is(c, 0, 4);
    edit_set(&e, "abcdefgh");
    edit_draw(&e, c, (struct rect){0, 1, 1, 6}, true);
    text_is(c, " defgh\n");
    cursor_is(c, 0, 6);
    edit_draw(&e, c, (struct rect){0, 1, 1, 6}, false);
    text_is(c, " abcdef\n");
    roles_are(c, ".______...\n");
    for (int i = 0; i < 40; i++) { /* wherever the cursor goes, it stays inside */
        edit_set(&e, "日本語ab日本語ab日本語");
        for (int k = 0; k < i; k++) {
            edit_key(&e, ACT_LEFT, NULL);
        }
        canvas_clear(c);
        edit_draw(&e, c, (struct rect){0, 1, 1, 1 + i % 9}, true);
        int row, col;
        assert_true(canvas_cursor(c, &row, &col));
        assert_true(col >= 1 && col < 2 + i % 9);
        char why[100];
        assert_true(canvas_check(c, false, why, sizeof(why)));
    }
    edit_free(&e);
}

/* ---- secret ---- */

static void test_secret(void **state)
{
    (void)state;
    struct secret_edit s;
    AUTOCANVAS struct canvas *c = canvas_new(1, 8);
    assert_int_equal(secret_edit_init(&s), 0);
    static const char *const typed[] = {"p", "ä", "日", " ", "x"};
    for (int i = 0; i < 5; i++) {
        assert_true(secret_edit_key(&s, ACT_CHAR, typed[i]));
    }
    assert_string_equal((char *)s.value.data, "pä日 x");
    assert_int_equal(secret_edit_chars(&s), 5);
    secret_edit_draw(&s, c, (struct rect){0, 0, 1, 8}, true);
    text_is(c, "*****\n");
    cursor_is(c, 0, 5);
    assert_true(secret_edit_key(&s, ACT_LEFT, NULL));
    assert_true(secret_edit_key(&s, ACT_LEFT, NULL));
    assert_true(secret_edit_key(&s, ACT_BACKSPACE, NULL));
    assert_string_equal((char *)s.value.data, "pä x");
    assert_true(secret_edit_key(&s, ACT_DELETE, NULL));
    assert_string_equal((char *)s.value.data, "päx");
    assert_true(secret_edit_key(&s, ACT_HOME, NULL));
    assert_false(secret_edit_key(&s, ACT_BACKSPACE, NULL));
    assert_true(secret_edit_key(&s, ACT_CHAR, "é"));
    assert_string_equal((char *)s.value.data, "épäx");
    assert_false(secret_edit_key(&s, ACT_CHAR, "\r"));
    assert_true(secret_edit_key(&s, ACT_CLEAR, NULL));
    assert_int_equal(secret_edit_chars(&s), 0);
    static const char *const again[] = {"é", "p", "ä", "x"};
    for (int i = 0; i < 4; i++) {
        assert_true(secret_edit_key(&s, ACT_CHAR, again[i]));
    }
    assert_true(secret_edit_key(&s, ACT_END, NULL));
    for (int i = 0; i < 20; i++) {
        assert_true(secret_edit_key(&s, ACT_CHAR, "y"));
    }
    secret_edit_draw(&s, c, (struct rect){0, 0, 1, 8}, true);
    char why[100];
    assert_true(canvas_check(c, false, why, sizeof(why)));
    const unsigned char *memory = s.value.data;
    secret_edit_wipe(&s);
    for (int i = 0; i < 30; i++) {
        assert_int_equal(memory[i], 0);
    }
    assert_int_equal(secret_edit_chars(&s), 0);
    assert_true(secret_edit_key(&s, ACT_CHAR, "z"));
    secret_edit_free(&s);
    assert_false(secret_edit_key(&s, ACT_CHAR, "z"));
}

static void test_secret_is_bounded(void **state)
{
    (void)state;
    struct secret_edit s;
    assert_int_equal(secret_edit_init(&s), 0);
    for (int i = 0; i < 3 * SECRET_MAX; i++) {
        secret_edit_key(&s, ACT_CHAR, "日");
    }
    assert_true(s.value.len <= SECRET_MAX);
    assert_true(s.value.len > SECRET_MAX - 3);
    secret_edit_free(&s);
}

/* ---- list ---- */

static const struct list_row plain_rows[] = {{.text = "alpha"},
                                             {.text = "beta", .mark = MARK_CHECK_ON},
                                             {.text = "Beton", .note = "read-only", .dim = true},
                                             {.text = "日本\033x", .foreign = true},
                                             {.text = "epsilon"},
                                             {.text = "2nd"},
                                             {.text = "zeta"}};

static void plain_row(void *ctx, size_t i, struct list_row *out)
{
    (void)ctx;
    *out = plain_rows[i];
}

static const struct list_source plain = {7, NULL, plain_row};

static void test_list_draws(void **state)
{
    (void)state;
    struct list l = {0};
    AUTOCANVAS struct canvas *c = canvas_new(4, 30);
    list_draw(&l, &plain, c, canvas_rect(c), true);
    text_is(c,
            "> alpha\n  [x] beta\n  Beton            read-only\n  日本<U+001B>x              v\n");
    roles_are(c, "FFFFFFF.......................\n..............................\n"
                 "ddddddd............ddddddddd..\n..nnnnnnnnnnnnn..............d\n");
    cursor_is(c, 0, 0);
    l.sel = 6;
    list_draw(&l, &plain, c, canvas_rect(c), false);
    text_is(c, "  日本<U+001B>x              ^\n  epsilon\n  2nd\n* zeta\n");
    assert_int_equal(l.shown, 3);
}

static void test_list_keys(void **state)
{
    (void)state;
    struct list l = {.rows = 3};
    assert_int_equal(list_key(&l, &plain, ACT_UP, NULL), LIST_IGNORED);
    assert_int_equal(list_key(&l, &plain, ACT_DOWN, NULL), LIST_MOVED);
    assert_int_equal(l.sel, 1);
    assert_int_equal(list_key(&l, &plain, ACT_PGDN, NULL), LIST_MOVED);
    assert_int_equal(l.sel, 3);
    assert_int_equal(list_key(&l, &plain, ACT_END, NULL), LIST_MOVED);
    assert_int_equal(l.sel, 6);
    assert_int_equal(l.top, 4);
    assert_int_equal(list_key(&l, &plain, ACT_DOWN, NULL), LIST_IGNORED);
    assert_int_equal(list_key(&l, &plain, ACT_PGUP, NULL), LIST_MOVED);
    assert_int_equal(l.sel, 4);
    assert_int_equal(list_key(&l, &plain, ACT_HOME, NULL), LIST_MOVED);
    assert_int_equal(l.sel, 0);
    assert_int_equal(list_key(&l, &plain, ACT_TOGGLE, NULL), LIST_TOGGLE);
    assert_int_equal(list_key(&l, &plain, ACT_FILTER, NULL), LIST_FILTER);
    assert_int_equal(list_key(&l, &plain, ACT_LEFT, NULL), LIST_IGNORED);
    struct list_source none = {0, NULL, plain_row};
    assert_int_equal(list_key(&l, &none, ACT_DOWN, NULL), LIST_IGNORED);
    l.sel = 99;
    assert_int_equal(list_key(&l, &plain, ACT_UP, NULL), LIST_MOVED);
    assert_int_equal(l.sel, 5);
}

static void test_list_type_ahead(void **state)
{
    (void)state;
    struct list l = {.rows = 3};
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "b"), LIST_MOVED);
    assert_int_equal(l.sel, 1);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "e"), LIST_MOVED);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "t"), LIST_MOVED);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "o"), LIST_MOVED);
    assert_int_equal(l.sel, 2);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "q"), LIST_IGNORED);
    assert_int_equal(l.sel, 2);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "B"), LIST_MOVED); /* another word */
    assert_int_equal(l.sel, 1);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "b"), LIST_MOVED); /* the next with it */
    assert_int_equal(l.sel, 2);
    list_end_typing(&l);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "日"), LIST_MOVED);
    assert_int_equal(l.sel, 3);
    list_end_typing(&l);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "2"),
                     LIST_MOVED); /* a row that begins with the digit wins */
    assert_int_equal(l.sel, 5);
    list_key(&l, &plain, ACT_HOME, NULL);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "3"),
                     LIST_MOVED); /* else the third visible one */
    assert_int_equal(l.sel, 2);
    assert_int_equal(list_key(&l, &plain, ACT_CHAR, "9"), LIST_IGNORED);
}

static const struct list_row tree_rows[] = {{.text = "root", .node = NODE_OPEN},
                                            {.text = "a", .node = NODE_CLOSED, .depth = 1},
                                            {.text = "b", .node = NODE_OPEN, .depth = 1},
                                            {.text = "leaf", .node = NODE_LEAF, .depth = 2},
                                            {.text = "more", .node = NODE_LOADING, .depth = 2}};

static void tree_row(void *ctx, size_t i, struct list_row *out)
{
    (void)ctx;
    *out = tree_rows[i];
}

static void test_tree(void **state)
{
    (void)state;
    struct list_source tree = {5, NULL, tree_row};
    struct list l = {.sel = 3};
    AUTOCANVAS struct canvas *c = canvas_new(5, 20);
    list_draw(&l, &tree, c, canvas_rect(c), true);
    text_is(c, "  - root\n    + a\n    - b\n>       leaf\n      ~ more\n");
    assert_int_equal(list_key(&l, &tree, ACT_LEFT, NULL), LIST_PARENT);
    assert_int_equal(l.sel, 2);
    assert_int_equal(list_key(&l, &tree, ACT_COLLAPSE, NULL), LIST_COLLAPSE);
    assert_int_equal(list_key(&l, &tree, ACT_RIGHT, NULL),
                     LIST_MOVED); /* open: to its first child */
    assert_int_equal(l.sel, 3);
    l.sel = 1;
    assert_int_equal(list_key(&l, &tree, ACT_EXPAND, NULL), LIST_EXPAND);
    assert_int_equal(list_key(&l, &tree, ACT_LEFT, NULL), LIST_PARENT);
    assert_int_equal(l.sel, 0);
    assert_int_equal(list_key(&l, &tree, ACT_LEFT, NULL), LIST_COLLAPSE);
}

static void test_scroll_top(void **state)
{
    (void)state;
    assert_int_equal(scroll_top(0, 0, 10, 3), 0);
    assert_int_equal(scroll_top(0, 3, 10, 3), 1);
    assert_int_equal(scroll_top(5, 6, 10, 3), 5);
    assert_int_equal(scroll_top(9, 9, 10, 3), 7);
    assert_int_equal(scroll_top(5, 2, 10, 3), 2);
    assert_int_equal(scroll_top(5, 2, 3, 3), 0);
    assert_int_equal(scroll_top(5, 9, 10, 0), 9);
}

/* ---- scrolling text ---- */

static void test_scroll_text(void **state)
{
    (void)state;
    const char *text = "one two three four five six seven";
    struct scroll_text s = {0};
    AUTOCANVAS struct canvas *c = canvas_new(2, 11);
    scroll_text_draw(&s, c, canvas_rect(c), ROLE_NORMAL, text, true);
    text_is(c, "one two\nthree     v\n");
    cursor_is(c, 0, 0);
    assert_true(scroll_text_more_below(&s, text));
    assert_true(scroll_text_key(&s, text, ACT_DOWN));
    scroll_text_draw(&s, c, canvas_rect(c), ROLE_NORMAL, text, false);
    text_is(c, "three     ^\nfour five v\n");
    AUTOCANVAS struct canvas *wide = canvas_new(2, 20);
    scroll_text_draw(&s, wide, canvas_rect(wide), ROLE_NORMAL, text,
                     false); /* the place is kept at another width */
    text_is(wide, "one two three four\nfive six seven\n");
    scroll_text_draw(&s, c, canvas_rect(c), ROLE_NORMAL, text, false);
    text_is(c, "three     ^\nfour five v\n");
    assert_true(scroll_text_key(&s, text, ACT_END));
    assert_false(scroll_text_key(&s, text, ACT_DOWN));
    scroll_text_draw(&s, c, canvas_rect(c), ROLE_NORMAL, text, false);
    text_is(c, "four five ^\nsix seven\n");
    assert_false(scroll_text_more_below(&s, text));
    assert_true(scroll_text_key(&s, text, ACT_HOME));
    assert_false(scroll_text_key(&s, text, ACT_UP));
    assert_false(scroll_text_key(&s, text, ACT_ENTER));
}

/* ---- bars ---- */

static void test_buttons(void **state)
{
    (void)state;
    static const char *const labels[] = {"Back", "Join 日本", "Cancel"};
    AUTOCANVAS struct canvas *c = canvas_new(2, 46);
    assert_int_equal(buttons_draw(c, canvas_rect(c), labels, 3, 1), 1);
    text_is(c, "[  Back  ]  [> Join 日本 <]  [  Cancel  ]\n\n");
    cursor_is(c, 0, 12);
    canvas_clear(c);
    assert_int_equal(buttons_draw(NULL, (struct rect){0, 0, 9, 28}, labels, 3, 1), 2);
    assert_int_equal(buttons_draw(c, (struct rect){0, 0, 2, 28}, labels, 3, -1), 2);
    text_is(c, "[  Back  ]  [  Join 日本  ]\n[  Cancel  ]\n");
    canvas_clear(c);
    static const char *const longer[] = {"Enrol this machine in the domain"};
    buttons_draw(c, (struct rect){0, 0, 1, 20}, longer, 1, 0);
    text_is(c, "[> Enrol this ... <]\n\n");
}

static void test_steps(void **state)
{
    (void)state;
    static const struct step_line steps[] = {{MARK_STEP_DONE, "Find the domain", "corp\033"},
                                             {MARK_STEP_SKIPPED, "Clock", NULL},
                                             {MARK_STEP_DONE, "Log on", NULL},
                                             {MARK_STEP_RUNNING, "Create", NULL},
                                             {MARK_STEP_WAITING, "Verify", NULL},
                                             {MARK_STEP_FAILED, "never", NULL}};
    AUTOCANVAS struct canvas *c = canvas_new(6, 40);
    assert_int_equal(steps_draw(c, canvas_rect(c), steps, 6, true), 6);
    text_is(c, "[ok] Find the domain  corp<U+001B>\n[--] Clock\n[ok] Log on\n[>]  Create\n[ ]  "
               "Verify\n[!!] never\n");
    cursor_is(c, 3, 0);
    canvas_clear(c);
    assert_int_equal(steps_draw(c, (struct rect){0, 0, 3, 40}, steps, 6, false), 3);
    text_is(c, "[ok] Log on\n[>]  Create\n[ ]  Verify\n\n\n\n");
    assert_int_equal(steps_draw(c, (struct rect){0, 0, 3, 40}, steps, 0, false), 0);
}

static void test_progress(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(4, 18);
    progress_draw(c, (struct rect){0, 0, 1, 18}, 0, 4);
    progress_draw(c, (struct rect){1, 0, 1, 18}, 2, 4);
    progress_draw(c, (struct rect){2, 0, 1, 18}, 9, 4);
    progress_draw(c, (struct rect){3, 0, 1, 18}, 1, 0);
    text_is(c, "[..........]    0%\n[#####.....]   50%\n[##########]  100%\n\n");
}

static void test_keybar(void **state)
{
    (void)state;
    static const struct key_item keys[] = {
        {"F1", "Hilfe"}, {"F10", "Weiter"}, {"Esc", "Zurück"}, {"F9", "Abbrechen"}};
    AUTOCANVAS struct canvas *c = canvas_new(1, 40);
    keybar_draw(c, 0, keys, 4);
    text_is(c, "F1 Hilfe  F10 Weiter  Esc Zurück\n");
    roles_are(c, "kk........kkk.........kkk...............\n");
}

static void test_modal(void **state)
{
    (void)state;
    AUTOCANVAS struct canvas *c = canvas_new(7, 50);
    for (int row = 0; row < 7; row++) {
        canvas_text(c, row, 0, -1, ROLE_NORMAL,
                    "日本語日本語日本語日本語日本語日本語日本語日本語日");
    }
    canvas_set_role(c, 0, 0, 4, ROLE_FOCUS);
    struct rect in = modal_frame(c, canvas_rect(c), 2, 20, "Cancel?");
    assert_int_equal(in.rows, 2);
    assert_int_equal(in.cols, 20);
    canvas_text(c, in.row, in.col, in.cols, ROLE_FOCUS, "> Keep waiting");
    canvas_set_cursor(c, in.row, in.col);
    char why[100] = "";
    assert_true(canvas_check(c, false, why, sizeof(why)));
    AUTOCANVAS struct canvas *narrow = canvas_new(12, 40);
    in = modal_frame(narrow, canvas_rect(narrow), 20, 60, "Help");
    assert_int_equal(in.cols, 40);
    assert_int_equal(in.rows, 11);
    const struct canvas_frame *boxes;
    assert_int_equal(canvas_boxes(narrow, &boxes), 0);
}

/* ---- log ---- */

struct lines {
    size_t count;
    char text[64];
};

static void log_line(void *ctx, size_t i, struct log_line *out)
{
    struct lines *l = ctx;
    snprintf(l->text, sizeof(l->text), "line %zu %s", i, i % 10 == 7 ? "Error\033 here" : "fine");
    out->text = l->text;
    out->len = strlen(l->text);
    out->level = i % 10 == 7 ? 1 : 3;
}

static void test_pager(void **state)
{
    (void)state;
    struct pager p;
    struct lines lines = {.count = 20};
    struct log_source src = {20, &lines, log_line};
    AUTOCANVAS struct canvas *c = canvas_new(3, 30);
    struct rect r = canvas_rect(c);
    assert_int_equal(pager_init(&p), 0);
    pager_draw(&p, &src, c, r, "Search:", true);
    text_is(c, "line 17 Error<U+001B> here\nline 18 fine\nline 19 fine\n");
    src.count = 22; /* follows */
    pager_draw(&p, &src, c, r, "Search:", true);
    text_is(c, "line 19 fine\nline 20 fine\nline 21 fine\n");
    assert_true(pager_key(&p, &src, ACT_UP, NULL));
    assert_false(p.follow);
    src.count = 30;
    pager_draw(&p, &src, c, r, "Search:", true);
    text_is(c, "line 18 fine\nline 19 fine\nline 20 fine\n");
    assert_true(pager_key(&p, &src, ACT_CHAR, "/"));
    assert_true(pager_key(&p, &src, ACT_CHAR, "e"));
    assert_true(pager_key(&p, &src, ACT_CHAR, "R"));
    assert_true(pager_key(&p, &src, ACT_CHAR, "r"));
    pager_draw(&p, &src, c, r, "Search:", true);
    text_is(c, "line 18 fine\nline 19 fine\nSearch: eRr\n");
    assert_true(pager_key(&p, &src, ACT_ENTER, NULL));
    assert_int_equal(p.top, 27);
    assert_true(pager_key(&p, &src, ACT_CHAR, "n")); /* round the end */
    assert_int_equal(p.top, 7);
    assert_true(pager_key(&p, &src, ACT_CHAR, "N"));
    assert_int_equal(p.top, 27);
    assert_true(pager_key(&p, &src, ACT_HOME, NULL));
    assert_true(pager_key(&p, &src, ACT_CHAR, "1")); /* errors only */
    pager_draw(&p, &src, c, r, "Search:", true);
    text_is(c,
            "line 7 Error<U+001B> here\nline 17 Error<U+001B> here\nline 27 Error<U+001B> here\n");
    assert_false(pager_key(&p, &src, ACT_CHAR, "x"));
    assert_true(pager_key(&p, &src, ACT_CHAR, "f"));
    assert_true(p.follow);
    pager_free(&p);
}

static void long_line(void *ctx, size_t i, struct log_line *out)
{
    (void)ctx;
    static char text[64];
    snprintf(text, sizeof(text), "%zu aaaa bbbb cccc dddd", i);
    out->text = text;
    out->len = strlen(text);
    out->level = 3;
}

static void test_pager_wraps(void **state)
{
    (void)state;
    struct pager p;
    struct log_source src = {3, NULL, long_line};
    AUTOCANVAS struct canvas *c = canvas_new(3, 12);
    struct rect r = canvas_rect(c);
    assert_int_equal(pager_init(&p), 0);
    pager_draw(&p, &src, c, r, "", false);
    text_is(c, "cccc dddd\n2 aaaa bbbb\ncccc dddd\n");
    assert_true(pager_key(&p, &src, ACT_UP, NULL));
    pager_draw(&p, &src, c, r, "", false);
    text_is(c, "1 aaaa bbbb\ncccc dddd\n2 aaaa bbbb\n");
    assert_true(pager_key(&p, &src, ACT_PGUP, NULL));
    pager_draw(&p, &src, c, r, "", false);
    text_is(c, "0 aaaa bbbb\ncccc dddd\n1 aaaa bbbb\n");
    assert_false(pager_key(&p, &src, ACT_UP, NULL));
    assert_true(pager_key(&p, &src, ACT_CHAR, "w"));
    pager_draw(&p, &src, c, r, "", false);
    text_is(c, "0 aaaa bb...\n1 aaaa bb...\n2 aaaa bb...\n");
    assert_true(pager_key(&p, &src, ACT_RIGHT, NULL));
    pager_draw(&p, &src, c, r, "", false);
    text_is(c, "bbb cccc ...\nbbb cccc ...\nbbb cccc ...\n");
    pager_free(&p);
}

static void test_pager_empty(void **state)
{
    (void)state;
    struct pager p;
    struct log_source src = {0, NULL, long_line};
    AUTOCANVAS struct canvas *c = canvas_new(2, 12);
    assert_int_equal(pager_init(&p), 0);
    static const enum action keys[] = {ACT_UP,   ACT_DOWN, ACT_PGUP, ACT_PGDN,
                                       ACT_HOME, ACT_END,  ACT_LEFT, ACT_RIGHT};
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        pager_key(&p, &src, keys[i], NULL);
        pager_draw(&p, &src, c, canvas_rect(c), "", true);
        text_is(c, "\n\n");
    }
    pager_key(&p, &src, ACT_CHAR, "/");
    pager_key(&p, &src, ACT_CHAR, "x");
    pager_key(&p, &src, ACT_ENTER, NULL);
    assert_true(p.not_found);
    pager_free(&p);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edit),
        cmocka_unit_test(test_edit_limits),
        cmocka_unit_test(test_edit_draws),
        cmocka_unit_test(test_secret),
        cmocka_unit_test(test_secret_is_bounded),
        cmocka_unit_test(test_list_draws),
        cmocka_unit_test(test_list_keys),
        cmocka_unit_test(test_list_type_ahead),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_scroll_top),
        cmocka_unit_test(test_scroll_text),
        cmocka_unit_test(test_buttons),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_progress),
        cmocka_unit_test(test_keybar),
        cmocka_unit_test(test_modal),
        cmocka_unit_test(test_pager),
        cmocka_unit_test(test_pager_wraps),
        cmocka_unit_test(test_pager_empty),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
