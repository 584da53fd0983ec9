#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "engine/ini/ini.h"

static struct err e;
static struct ini_doc d;

static int fresh(void **s UNUSED)
{
    err_reset(&e);
    d = (struct ini_doc){0};
    return 0;
}

static int done(void **s UNUSED)
{
    ini_free(&d);
    return 0;
}

static int rd(const char *text)
{
    return ini_read(text, strlen(text), "wizard.ini", &d, &e);
}

static void test_values_and_lines(void **s UNUSED)
{
    assert_int_equal(rd("; head\n[enrollment]\noperation = join\n\n[domain]\n# "
                        "c\nname=corp.example.com\nsite =\n"),
                     0);
    assert_int_equal(d.n, 3);
    assert_string_equal(d.items[0].section, "enrollment");
    assert_string_equal(d.items[0].key, "operation");
    assert_string_equal(d.items[0].value, "join");
    assert_int_equal(d.items[0].line, 3);
    assert_string_equal(d.items[1].value, "corp.example.com");
    assert_int_equal(d.items[1].line, 7);
    assert_string_equal(d.items[2].value, "");
    assert_int_equal(d.items[2].line, 8);
    assert_string_equal(ini_get(&d, "DOMAIN", "Name"), "corp.example.com");
    assert_null(ini_get(&d, "domain", "ou"));
}

static void test_semicolons_stay(void **s UNUSED)
{
    assert_int_equal(rd("[domain]\nou = OU=a;b # c ; d,DC=corp;DC=com\nx = ;y\nz = #q\n"), 0);
    assert_string_equal(ini_get(&d, "domain", "ou"), "OU=a;b # c ; d,DC=corp;DC=com");
    assert_string_equal(ini_get(&d, "domain", "x"), ";y");
    assert_string_equal(ini_get(&d, "domain", "z"), "#q");
}

static void test_awkward_values(void **s UNUSED)
{
    assert_int_equal(
        rd("[a]\none = two = three\nback = x\\\nnext = \"quoted\"\nbr = [b]\ninner = a\tb  c\n"
           "uni = OU=\xd0\x9a\xd0\xb8\xd0\xbe\xd1\x81\xd0\xba\xd0\xb8\nslash = /* no comment */\n"),
        0);
    assert_string_equal(ini_get(&d, "a", "one"), "two = three");
    assert_string_equal(ini_get(&d, "a", "back"), "x\\");
    assert_string_equal(ini_get(&d, "a", "next"), "\"quoted\"");
    assert_string_equal(ini_get(&d, "a", "br"), "[b]");
    assert_string_equal(ini_get(&d, "a", "inner"), "a\tb  c");
    assert_string_equal(ini_get(&d, "a", "uni"),
                        "OU=\xd0\x9a\xd0\xb8\xd0\xbe\xd1\x81\xd0\xba\xd0\xb8");
    assert_string_equal(ini_get(&d, "a", "slash"), "/* no comment */");
}

static void test_bom_and_crlf(void **s UNUSED)
{
    assert_int_equal(rd("\xef\xbb\xbf[a]\r\nk = v \r\n"), 0);
    assert_string_equal(ini_get(&d, "a", "k"), "v");
    assert_int_equal(d.items[0].line, 2);
}

static void test_empty(void **s UNUSED)
{
    assert_int_equal(rd(""), 0);
    assert_int_equal(d.n, 0);
    assert_int_equal(rd("[a]\n[b]\n"), 0);
    assert_int_equal(d.n, 0);
}

static void test_faults_name_their_line(void **s UNUSED)
{
    static const struct {
        const char *text, *line;
    } bad[] = {
        {"[a]\nk = 1\nK = 2\n", "3"},
        {"[a]\nk = 1\n[b]\n[A]\nz = 1\n", "4"},
        {"k = 1\n", "1"},
        {"[a]\nword\n", "2"},
        {"[a\nk = 1\n", "1"},
        {"[]\n", "1"},
        {"[a]\n = 1\n", "2"},
        {"[a]\n k = 1\n", "2"},
        {"[a]\nk = 1\n continued\n", "3"},
        {"[a]\nk = \x01\n", "2"},
        {"[a]\nk = \xff\xfe\n", "2"},
        {"[a]\nk = \xc0\xaf\n", "2"},
        {"[a]\nk = \xed\xa0\x80\n", "2"},
        {"[a]\nk k = 1\n", "2"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        err_reset(&e);
        assert_int_equal(rd(bad[i].text), -1);
        assert_int_equal(e.cause, CAUSE_CONFIG_SYNTAX);
        assert_string_equal(err_fact_get(&e, FACT_LINE), bad[i].line);
        assert_string_equal(err_fact_get(&e, FACT_FILE), "wizard.ini");
        assert_non_null(err_fact_get(&e, FACT_DETAIL));
    }
}

static void test_nul_and_length(void **s UNUSED)
{
    assert_int_equal(ini_read("[a]\nk = \0v\n", 11, "f", &d, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_LINE), "2");
    err_reset(&e);
    struct buf b = BUF_INIT(1 << 20);
    buf_str(&b, "[a]\nk = ");
    for (int i = 0; i < INI_LINE_MAX; i++)
        buf_byte(&b, 'x');
    assert_int_equal(ini_read(b.data, b.len, "f", &d, &e), -1);
    assert_string_equal(err_fact_get(&e, FACT_LINE), "2");
    err_reset(&e);
    while (b.len <= INI_MAX)
        buf_str(&b, "\n; padding");
    assert_int_equal(ini_read(b.data, b.len, "f", &d, &e), -1);
    buf_free(&b);
}

static void test_written_reads_back(void **s UNUSED)
{
    static const char *const values[] = {"",
                                         "plain",
                                         "a;b",
                                         ";x",
                                         "#",
                                         "a = b",
                                         "\\",
                                         "[x]",
                                         "OU=\\#a\\, b,DC=c",
                                         "\"",
                                         "'",
                                         "%s",
                                         "${x}",
                                         "\xe6\x9d\xb1\xe4\xba\xac"};
    struct buf b = BUF_INIT(1 << 16);
    ini_write_comment(&b, "one\n\ntwo");
    ini_write_section(&b, "domain");
    for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
        AUTOFREE char *key = xasprintf("k%zu", i);
        assert_int_equal(ini_write_value(&b, key, values[i]), 0);
    }
    assert_int_equal(rd(buf_text(&b)), 0);
    assert_int_equal(d.n, ARRAY_SIZE(values));
    for (size_t i = 0; i < d.n; i++)
        assert_string_equal(d.items[i].value, values[i]);
    size_t before = b.len;
    assert_int_equal(ini_write_value(&b, "k", " x"), -1);
    assert_int_equal(ini_write_value(&b, "k", "x\t"), -1);
    assert_int_equal(ini_write_value(&b, "k", "a\nb"), -1);
    assert_int_equal(b.len, before);
    buf_free(&b);
}

/* Whatever a byte is changed into: an answer or an error with a line, never a crash. */
static void test_mutations(void **s UNUSED)
{
    static const char seed[] =
        "\xef\xbb\xbf; c\n[enrollment]\noperation = join\n[domain]\nou = OU=a;b,DC=c\n";
    char copy[sizeof seed];
    for (size_t i = 0; i < sizeof seed - 1; i++) {
        for (int c = 0; c < 256; c += 5) {
            memcpy(copy, seed, sizeof seed);
            copy[i] = (char)c;
            err_reset(&e);
            if (ini_read(copy, sizeof seed - 1, "f", &d, &e) != 0)
                assert_non_null(err_fact_get(&e, FACT_LINE));
            ini_free(&d);
        }
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_and_lines, fresh, done),
        cmocka_unit_test_setup_teardown(test_semicolons_stay, fresh, done),
        cmocka_unit_test_setup_teardown(test_awkward_values, fresh, done),
        cmocka_unit_test_setup_teardown(test_bom_and_crlf, fresh, done),
        cmocka_unit_test_setup_teardown(test_empty, fresh, done),
        cmocka_unit_test_setup_teardown(test_faults_name_their_line, fresh, done),
        cmocka_unit_test_setup_teardown(test_nul_and_length, fresh, done),
        cmocka_unit_test_setup_teardown(test_written_reads_back, fresh, done),
        cmocka_unit_test_setup_teardown(test_mutations, fresh, done),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
