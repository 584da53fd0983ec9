/* Sanitizing, widths, cutting and wrapping. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ui/text/sanitize.h"
#include "ui/text/utf8.h"
#include "ui/text/width.h"

static void shows(const char *in, size_t len, const char *expected)
{
    char *out = sanitize_dup(in, len, -1);
    assert_string_equal(out, expected);
    free(out);
}
#define SHOWS(in, expected) shows(in, sizeof(in) - 1, expected)

static void test_plain_text_stays(void **state)
{
    (void)state;
    SHOWS("", "");
    SHOWS("OU=Sales, Marketing", "OU=Sales, Marketing");
    SHOWS("Müller 東京 Москва עברית العربية", "Müller 東京 Москва עברית العربية");
    SHOWS("</B>bold<F=/etc/passwd>", "</B>bold<F=/etc/passwd>");
    SHOWS("😀", "😀");
}

static bool begins(const char *text, const char *typed)
{
    return fold_begins(text, typed, strlen(typed));
}

/* What somebody types quickly to find a word, in any writing and on any keyboard. */
static void test_words_are_found(void **state)
{
    (void)state;
    assert_true(begins("Присоединить", "при"));
    assert_true(begins("Привет", "ПРИВЕТ"));
    assert_true(begins("Über", "u"));
    assert_true(begins("ubung", "Ü"));
    assert_true(begins("İstanbul", "i"));
    assert_true(begins("hayır", "HAYIR"));
    assert_true(begins("Łódź", "lodz"));
    assert_true(begins("Ελλάδα", "ελλα"));
    assert_true(begins("日本", "日"));
    assert_true(begins("2. Stock", "２"));
    assert_true(begins("123", "١٢٣"));
    assert_true(begins("anything", ""));
    assert_false(begins("Привет", "превет"));
    assert_false(begins("日本", "本"));
    assert_false(begins("ab", "abc"));
    assert_false(begins("", "a"));
    assert_false(begins("\xFF", "\xFF"));     /* bytes that are no character are like none */
    assert_false(begins("がっこう", "か"));   /* other letters in their own language */
    assert_int_equal(char_fold(0x1EA4), 'a'); /* two marks */
}

static void test_invalid_bytes(void **state)
{
    (void)state;
    SHOWS("\xFF", "\\xFF");
    SHOWS("a\xC3", "a\\xC3");                          /* cut short */
    SHOWS("\xC0\xAF", "\\xC0\\xAF");                   /* overlong / */
    SHOWS("\xED\xA0\x80", "\\xED\\xA0\\x80");          /* surrogate */
    SHOWS("\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"); /* above U+10FFFF */
    SHOWS("\xE2\x82z", "\\xE2\\x82z");
}

static void test_dangerous_characters(void **state)
{
    (void)state;
    SHOWS("\033[2J", "<U+001B>[2J");
    SHOWS("a\0b", "a<U+0000>b");
    SHOWS("\n\t\x7F", "<U+000A><U+0009><U+007F>");
    SHOWS("\xC2\x9B", "<U+009B>");
    SHOWS("\xE2\x80\xAE"
          "x",
          "<U+202E>x");
    SHOWS("\xE2\x81\xA6\xE2\x81\xA9", "<U+2066><U+2069>");
    SHOWS("\xD8\x9C\xE2\x80\x8E\xE2\x80\x8F", "<U+061C><U+200E><U+200F>");
    SHOWS("\xE2\x80\x8B\xE2\x80\x8C\xE2\x80\x8D\xEF\xBB\xBF", "<U+200B><U+200C><U+200D><U+FEFF>");
    SHOWS("\xE2\x80\xA8\xE2\x80\xA9", "<U+2028><U+2029>");
    SHOWS("\xEE\x80\x80\xF3\xB0\x80\x80", "<U+E000><U+F0000>");
    SHOWS("\xF3\xA0\x81\x81", "<U+E0041>");
    SHOWS("\xCD\xB8", "<U+0378>"); /* unassigned */
    SHOWS("\xC2\xAD\xE3\x85\xA4", "<U+00AD><U+3164>");
    SHOWS("\xEF\xB8\x8F", "<U+FE0F>");
}

static void test_combining_marks(void **state)
{
    (void)state;
    SHOWS("e\xCC\x81", "\xC3\xA9");                  /* composed */
    SHOWS("u\xCC\x88\xCC\x84", "\xC7\x96");          /* composed twice */
    SHOWS("q\xCC\x81\xCC\x88", "q\xCC\x81\xCC\x88"); /* two stay */
    SHOWS("q\xCC\x81\xCC\x88\xCC\x84\xCC\x84", "q\xCC\x81\xCC\x88<U+0304><U+0304>");
    SHOWS("\xCC\x81"
          "a",
          "<U+0301>a");
    SHOWS("\xE1\x84\x92\xE1\x85\xA1\xE1\x86\xAB", "\xED\x95\x9C"); /* Hangul */
}

static void test_limits(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(sanitize(out, sizeof(out), "abcdefgh", 8, 8), 8);
    assert_string_equal(out, "abcdefgh");
    assert_int_equal(sanitize(out, sizeof(out), "abcdefgh", 8, 7), 7);
    assert_string_equal(out, "abcd...");
    assert_int_equal(sanitize(out, sizeof(out), "日本語日本語", 18, 8), 7);
    assert_string_equal(out, "日本...");
    assert_int_equal(sanitize(out, sizeof(out), "a\033b", 3, 8), 4);
    assert_string_equal(out, "a...");
    assert_int_equal(sanitize(out, 1, "abc", 3, -1), 0);
    assert_string_equal(out, "");
    assert_int_equal(sanitize(out, 6, "abcdefgh", 8, -1), 5);
    assert_string_equal(out, "ab...");
}

/* Whatever comes in, what goes out is valid, harmless and of the width that was said. */
static void test_any_bytes(void **state)
{
    (void)state;
    unsigned seed = 12345;
    for (int round = 0; round < 20000; round++) {
        char in[40], out[200];
        size_t len = (size_t)(round % (int)sizeof(in));
        for (size_t i = 0; i < len; i++) {
            seed = seed * 1103515245 + 12345;
            unsigned r = seed >> 16;
            in[i] = (char)(r % 3 == 0   ? 0xCC + r / 3 % 2
                           : r % 3 == 1 ? 0x80 + r / 3 % 0x40
                                        : r / 3 % 256);
        }
        int max = round % 7 == 0 ? -1 : round % 50;
        size_t size = round % 11 == 0 ? (size_t)(round % 30) + 1 : sizeof(out);
        int cols = sanitize(out, size, in, len, max);
        assert_true(strlen(out) < size);
        assert_true(max < 0 || cols <= max);
        assert_int_equal(text_width(out), cols);
        uint32_t cp;
        for (size_t pos = 0, n; out[pos]; pos += n) {
            n = utf8_decode(out + pos, strlen(out + pos), &cp);
            assert_true(n > 0);
            assert_int_not_equal(char_class(cp), CHAR_HIDDEN);
        }
    }
}

static void test_utf8(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp += cp < 0x3000 ? 1 : 97) {
        char bytes[UTF8_MAX];
        uint32_t back = 0;
        size_t n = utf8_encode(bytes, cp);
        if (cp >= 0xD800 && cp <= 0xDFFF) {
            assert_int_equal(n, 0);
            continue;
        }
        assert_true(n > 0);
        assert_int_equal(utf8_decode(bytes, n, &back), n);
        assert_int_equal(back, cp);
        assert_int_equal(utf8_decode(bytes, n - 1, &back), 0);
    }
}

static void test_clusters(void **state)
{
    (void)state;
    const char *text = "ae\xCC\x81日\xFF";
    int cols;
    assert_int_equal(cluster_next(text, strlen(text), &cols), 1);
    assert_int_equal(cluster_next(text + 1, strlen(text + 1), &cols), 3);
    assert_int_equal(cols, 1);
    assert_int_equal(cluster_next(text + 4, strlen(text + 4), &cols), 3);
    assert_int_equal(cols, 2);
    assert_int_equal(cluster_next(text + 7, 1, &cols), 1);
    assert_int_equal(cluster_prev(text, 8), 7);
    assert_int_equal(cluster_prev(text, 7), 4);
    assert_int_equal(cluster_prev(text, 4), 1);
    assert_int_equal(cluster_prev(text, 1), 0);
    assert_int_equal(cluster_prev(text, 0), 0);
}

static void test_width_and_cut(void **state)
{
    (void)state;
    char out[64];
    assert_int_equal(text_width("日本é"), 5);
    assert_int_equal(text_width("e\xCC\x81"), 1);
    assert_int_equal(text_cut(out, sizeof(out), "Domänencontroller", 10), 10);
    assert_string_equal(out, "Domänen...");
    assert_int_equal(text_cut(out, sizeof(out), "日本語日本語", 6), 5);
    assert_string_equal(out, "日...");
    assert_int_equal(text_cut(out, sizeof(out), "abcdef", 3), 3);
    assert_string_equal(out, "abc");
    assert_int_equal(text_cut(out, sizeof(out), "abc", 3), 3);
    assert_int_equal(text_cut(out, 5, "日本語", 20), 2);
    assert_string_equal(out, "日");
    assert_int_equal(text_cut(out, sizeof(out), "x", 0), 0);
}

static void wraps(const char *text, int cols, const char *expected)
{
    struct wrap w = wrap_start(text, cols);
    const char *line;
    size_t len;
    char all[512] = "";
    while (wrap_next(&w, &line, &len)) {
        assert_true(text_width_n(line, len) <= cols);
        strncat(all, line, len);
        strcat(all, "|");
    }
    assert_string_equal(all, expected);
}

static void test_wrap(void **state)
{
    (void)state;
    wraps("", 10, "|");
    wraps("the quick brown fox", 10, "the quick|brown fox|");
    wraps("the quick  brown", 9, "the quick|brown|");
    wraps("one\n\ntwo\n", 10, "one||two|");
    wraps("abcdefghijkl", 5, "abcde|fghij|kl|");
    wraps("a abcdefghijkl", 5, "a|abcde|fghij|kl|");
    wraps("well-known things", 7, "well-|known|things|");
    wraps("日本語の文章です。次", 8, "日本語の|文章で|す。次|");
    wraps("日本語「東京」です", 8, "日本語|「東京」|です|");
    wraps("コンピューター", 6, "コン|ピュー|ター|");
    wraps("run joinery --recover now", 14, "run joinery|--recover now|");
    wraps("in /media/usb/KIOSK-07.p7m", 20, "in /media/usb/|KIOSK-07.p7m|");
    wraps("use ה-keytab", 6, "use|ה-keyt|ab|");
    wraps("既定のパス (値)", 12, "既定のパス|(値)|");
    wraps("启用帐户”。以后", 8, "启用帐|户”。以|后|");
    wraps("on 2026-11-21", 10, "on|2026-11-21|");
    wraps("ends with spaces     ", 16, "ends with spaces|");
    assert_int_equal(wrap_count("the quick brown fox", 10), 2);
}

/* Wrapping loses nothing but blanks, never overruns and always ends. */
static void test_wrap_any(void **state)
{
    (void)state;
    static const char *const parts[] = {"a",  " ",  "  ",        "word", "-",    "日",
                                        "。", "「", "e\xCC\x81", "\n",   "\xFF", "longerword"};
    unsigned seed = 99;
    for (int round = 0; round < 5000; round++) {
        char text[300] = "";
        for (int i = 0; i < round % 30; i++) {
            seed = seed * 1103515245 + 12345;
            strcat(text, parts[(seed >> 16) % (sizeof(parts) / sizeof(parts[0]))]);
        }
        int cols = 2 + round % 20;
        struct wrap w = wrap_start(text, cols);
        const char *line, *last = text;
        size_t len, visible = 0, total = 0;
        while (wrap_next(&w, &line, &len)) {
            assert_true(line >= last && line + len <= text + strlen(text));
            assert_true(text_width_n(line, len) <= cols);
            for (size_t i = 0; i < len; i++) {
                visible += line[i] != ' ';
            }
            last = line + len;
        }
        for (size_t i = 0; text[i]; i++) {
            total += text[i] != ' ' && text[i] != '\n';
        }
        assert_int_equal(visible, total);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_text_stays),
        cmocka_unit_test(test_words_are_found),
        cmocka_unit_test(test_invalid_bytes),
        cmocka_unit_test(test_dangerous_characters),
        cmocka_unit_test(test_combining_marks),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_any_bytes),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_clusters),
        cmocka_unit_test(test_width_and_cut),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_wrap_any),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
