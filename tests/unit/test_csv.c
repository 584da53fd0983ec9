/* Lists as spreadsheets save them, and as nobody should. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "engine/model/csv.h"

static struct csv read_ok(const void *data, size_t len)
{
    struct csv c;
    struct err e = {0};
    int rc = csv_read(data, len, &c, &e);
    if (rc < 0)
        print_error("%s\n", err_fact_get(&e, FACT_DETAIL));
    assert_int_equal(rc, 0);
    return c;
}

static struct csv read_text(const char *text)
{
    return read_ok(text, strlen(text));
}

static void refused(const char *text, const char *line, const char *place)
{
    struct csv c;
    struct err e = {0};
    assert_int_equal(csv_read(text, strlen(text), &c, &e), -1);
    assert_int_equal(e.cause, CAUSE_LIST_BROKEN);
    assert_string_equal(err_fact_get(&e, FACT_LINE), line);
    if (place)
        assert_string_equal(err_fact_get(&e, FACT_PLACE), place);
    else
        assert_null(err_fact_get(&e, FACT_PLACE));
    assert_int_equal(c.n, 0);
    assert_null(c.rows);
}

static void test_csv_plain(void **state)
{
    (void)state;
    struct csv c = read_text("name,ou\nA,x\n\n  \nB , y \r\n,,\nC");
    assert_int_equal(c.n, 3);
    assert_int_equal(c.separator, ',');
    assert_string_equal(csv_cell(&c, 0, "NAME"), "A");
    assert_string_equal(csv_cell(&c, 1, "name"), "B");
    assert_string_equal(csv_cell(&c, 1, "ou"), "y");
    assert_int_equal(c.rows[1].line, 5);
    assert_int_equal(c.rows[2].line, 7);
    assert_string_equal(csv_cell(&c, 2, "ou"), "");
    assert_string_equal(csv_cell(&c, 2, "other"), "");
    csv_free(&c);
}

static void test_csv_separators(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "name;ou\r\nA;OU=x,DC=y\r\n", "name\tou\nA\tOU=x,DC=y\n", "name,ou\nA,\"OU=x,DC=y\"\n",
        "sep=;\r\nname;ou\r\nA;OU=x,DC=y\r\n", "\"a,b,c\";name;ou\n;A;OU=x,DC=y"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct csv c = read_text(texts[i]);
        assert_int_equal(c.n, 1);
        assert_string_equal(csv_cell(&c, 0, "name"), "A");
        assert_string_equal(csv_cell(&c, 0, "ou"), "OU=x,DC=y");
        csv_free(&c);
    }
}

static void test_csv_quotes(void **state)
{
    (void)state;
    struct csv c = read_text("name,text\n \"A\" ,\"say \"\"no\"\"\nand \r\n more\"\nB,x\"y\n");
    assert_int_equal(c.n, 2);
    assert_string_equal(csv_cell(&c, 0, "name"), "A");
    assert_string_equal(csv_cell(&c, 0, "text"), "say \"no\"\nand \r\n more");
    assert_string_equal(csv_cell(&c, 1, "text"), "x\"y");
    assert_int_equal(c.rows[1].line, 5);
    csv_free(&c);
}

static void test_csv_marks(void **state)
{
    (void)state;
    static const unsigned char le[] =
        "\xff\xfen\0a\0m\0e\0;\0o\0u\0\r\0\n\0A\0;\0\x1c\x04\x34\xd8\x1e\xdd";
    static const unsigned char be[] =
        "\xfe\xff\0n\0a\0m\0e\0;\0o\0u\0\r\0\n\0A\0;\x04\x1c\xd8\x34\xdd\x1e";
    struct csv c = read_ok(le, sizeof le - 1);
    assert_string_equal(csv_cell(&c, 0, "ou"), "\xd0\x9c\xf0\x9d\x84\x9e");
    csv_free(&c);
    c = read_ok(be, sizeof be - 1);
    assert_string_equal(csv_cell(&c, 0, "ou"), "\xd0\x9c\xf0\x9d\x84\x9e");
    csv_free(&c);
    c = read_text("\xef\xbb\xbfname\nB\xc3\xbc\n");
    assert_string_equal(csv_cell(&c, 0, "name"), "B\xc3\xbc");
    csv_free(&c);
}

static void test_csv_refused(void **state)
{
    (void)state;
    refused("", "1", NULL);
    refused("\n\n", "1", NULL);
    refused("name\nA\nB\xfcro\n", "3", NULL);
    refused("name,ou\nA,\"x\n\n", "2", "column 2");
    refused("name,ou\nA,\"x\"y\n", "2", "column 2");
    refused("name,ou\nA,x,\nB,x,y\n", "3", "column 3");
    struct csv c;
    struct err e = {0};
    assert_int_equal(csv_read("\xff\xfe\x00\xd8", 4, &c, &e), -1);
    e = (struct err){0};
    assert_int_equal(csv_read("\xff\xfe"
                              "a",
                              3, &c, &e),
                     -1);
    e = (struct err){0};
    assert_int_equal(csv_read("a\0b", 3, &c, &e), -1);
}

static void test_csv_limits(void **state)
{
    (void)state;
    static char text[300000] = "name\n";
    memset(text + 5, 'x', CSV_CELL_MAX + 1);
    strcpy(text + 5 + CSV_CELL_MAX + 1, "\n");
    refused(text, "2", "column 1");
    memset(text, ',', CSV_COLUMNS_MAX + 1);
    strcpy(text + CSV_COLUMNS_MAX + 1, "a\n");
    refused(text, "1", "column 65");
}

static void test_csv_written(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(4096);
    const char *const head[] = {"a", "b", "c", "d"}, *const row[] = {" x", "1;2", "q\"\n", NULL};
    csv_put(&b, ';', head, 4);
    csv_put(&b, ';', row, 4);
    struct csv c = read_text(buf_text(&b));
    assert_int_equal(c.n, 1);
    assert_string_equal(csv_cell(&c, 0, "a"), " x");
    assert_string_equal(csv_cell(&c, 0, "b"), "1;2");
    assert_string_equal(csv_cell(&c, 0, "c"), "q\"\n");
    assert_string_equal(csv_cell(&c, 0, "d"), "");
    csv_free(&c);
    buf_free(&b);
}

/* Names and places in a table of results are somebody else's text. */
static void test_csv_no_formula(void **state)
{
    (void)state;
    struct buf b = BUF_INIT(1024);
    const char *row[] = {"=cmd|'/c calc'!A1", "+1", "-1", "@SUM(1)", "\t=1", "a=1"};
    csv_put(&b, ',', row, 6);
    assert_string_equal(buf_text(&b), "'=cmd|'/c calc'!A1,'+1,'-1,'@SUM(1),'\t=1,a=1\r\n");
    buf_free(&b);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv_plain),   cmocka_unit_test(test_csv_separators),
        cmocka_unit_test(test_csv_quotes),  cmocka_unit_test(test_csv_marks),
        cmocka_unit_test(test_csv_refused), cmocka_unit_test(test_csv_limits),
        cmocka_unit_test(test_csv_written), cmocka_unit_test(test_csv_no_formula),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
