/* Rows of a list: answers, patterns, twins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "engine/model/batch_list.h"
#include "engine/model/batch_pattern.h"

static void set(struct settings *s, enum opt o, const char *value)
{
    struct err e = {0};
    assert_int_equal(settings_set(s, o, value, ORIGIN_SET, &e), 0);
}

static struct batch_list read_list(const struct settings *s, const char *text)
{
    struct batch_list l;
    struct err e = {0};
    assert_int_equal(batch_list_read(text, strlen(text), s, "/lists", false, &l, &e), 0);
    return l;
}

static enum cause list_refused(const struct settings *s, const char *text)
{
    struct batch_list l;
    struct err e = {0};
    assert_int_equal(batch_list_read(text, strlen(text), s, "/lists", false, &l, &e), -1);
    assert_null(l.row);
    return e.cause;
}

static enum cause row_cause(const struct batch_list *l, size_t i)
{
    return l->row[i].err ? l->row[i].err->cause : CAUSE_NONE;
}

static void test_batch_columns(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    set(&s, OPT_OU, "OU=Usual,DC=x");
    set(&s, OPT_DESCRIPTION, "usual");
    struct batch_list l = read_list(&s, "Output;NAME;ou;password_file;description\n"
                                        ";kiosk-1;OU=A,DC=x;pw;desk\n/abs/x.odj;kiosk-2\n");
    assert_int_equal(l.n, 2);
    assert_string_equal(l.row[0].name, "kiosk-1");
    assert_string_equal(l.row[0].names.account, "KIOSK-1$");
    assert_string_equal(l.row[0].ou, "OU=A,DC=x");
    assert_string_equal(l.row[0].description, "desk");
    assert_string_equal(l.row[0].output, "/lists/kiosk-1.odj");
    assert_string_equal(l.row[0].password_file, "/lists/pw");
    assert_string_equal(l.row[1].ou, "OU=Usual,DC=x");
    assert_string_equal(l.row[1].description, "usual");
    assert_string_equal(l.row[1].output, "/abs/x.odj");
    assert_string_equal(l.row[1].password_file, "");
    assert_null(l.row[0].err);
    assert_null(l.row[1].err);
    batch_list_set_domain(&l, "corp.example.com", "KIOSK-2");
    assert_string_equal(l.row[0].names.fqdn, "kiosk-1.corp.example.com");
    assert_int_equal(row_cause(&l, 1), CAUSE_DOMAIN_IS_COMPUTER_NAME);
    batch_list_free(&l);
    settings_free(&s);
}

static void test_batch_list_refused(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    assert_int_equal(list_refused(&s, "name,colour\nA,red\n"), CAUSE_LIST_COLUMN);
    assert_int_equal(list_refused(&s, "name,Name\nA,B\n"), CAUSE_LIST_COLUMN);
    assert_int_equal(list_refused(&s, ",name\n,A\n"), CAUSE_LIST_COLUMN);
    assert_int_equal(list_refused(&s, "name\n\n"), CAUSE_LIST_EMPTY);
    assert_int_equal(list_refused(&s, "name\n\"A\n"), CAUSE_LIST_BROKEN);
    set(&s, OPT_FQDN, "a.corp.example.com");
    assert_int_equal(list_refused(&s, "name\nA\n"), CAUSE_LIST_ANSWER);
    settings_free(&s);
}

static void test_batch_bad_rows(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    struct batch_list l =
        read_list(&s, "name,output\nGOOD,\nbad name,\n12345,\n,x.odj\n"
                      "last,../../etc/x\nlast2,a/../b\nlast3,\"b\x01\"\nlast4,d/\n");
    static const enum cause wanted[] = {CAUSE_NONE,
                                        CAUSE_COMPUTER_NAME_BAD,
                                        CAUSE_NAME_ALL_DIGITS,
                                        CAUSE_PROVISION_NAME_MISSING,
                                        CAUSE_LIST_OUTPUT_BAD,
                                        CAUSE_LIST_OUTPUT_BAD,
                                        CAUSE_LIST_OUTPUT_BAD,
                                        CAUSE_LIST_OUTPUT_BAD};
    assert_int_equal(l.n, sizeof wanted / sizeof *wanted);
    for (size_t i = 0; i < l.n; i++)
        assert_int_equal(row_cause(&l, i), wanted[i]);
    assert_string_equal(err_fact_get(l.row[2].err, FACT_LINE), "4");
    batch_list_free(&l);
    settings_free(&s);
}

static void test_batch_twins(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    struct batch_list l =
        read_list(&s, "name,output\nkiosk-1,\nA-VERY-LONG-HOST-1,\nKIOSK-1,other\n"
                      "a-very-long-host-2,\nB,X.odj\nC,x.ODJ\nkiosk-1,third\n");
    static const enum cause wanted[] = {CAUSE_NONE,
                                        CAUSE_NONE,
                                        CAUSE_LIST_NAME_TWICE,
                                        CAUSE_LIST_NAME_TWICE,
                                        CAUSE_NONE,
                                        CAUSE_LIST_OUTPUT_TWICE,
                                        CAUSE_LIST_NAME_TWICE};
    for (size_t i = 0; i < l.n; i++)
        assert_int_equal(row_cause(&l, i), wanted[i]);
    assert_string_equal(err_fact_get(l.row[6].err, FACT_DETAIL), "kiosk-1, line 2");
    batch_list_free(&l);
    settings_free(&s);
}

static void test_batch_patterns(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    set(&s, OPT_MACHINE_NAME, "kiosk-{n:3}");
    set(&s, OPT_OFFLINE_OUTPUT, "/out/{ou}-{name}-{n}.bin");
    struct batch_list l =
        read_list(&s, "name,ou,output\n,\"OU=In/Out,DC=x\",\nfront-{n},\"OU=..,DC=x\",\n"
                      ",\"OU=A,DC=x\",{name}.odj\n{serial},,\nno-place,,\n");
    assert_string_equal(l.row[0].output, "/out/In-Out-kiosk-001-1.bin");
    assert_string_equal(l.row[1].name, "front-2");
    assert_string_equal(l.row[1].output, "/out/-.-front-2-2.bin");
    assert_string_equal(l.row[2].output, "/out/kiosk-003.odj");
    assert_int_equal(row_cause(&l, 3), CAUSE_LIST_TEMPLATE);
    assert_int_equal(row_cause(&l, 4), CAUSE_LIST_TEMPLATE); /* it has no OU */
    batch_list_free(&l);
    set(&s, OPT_OFFLINE_OUTPUT, "/out/");
    set(&s, OPT_OFFLINE_FORMAT, "unattend");
    l = read_list(&s, "ou\nOU=A\n");
    assert_string_equal(l.row[0].output, "/out/kiosk-001.xml");
    batch_list_free(&l);
    settings_free(&s);
}

static void test_batch_paths(void **state)
{
    (void)state;
    struct err e = {0};
    char longest[300];
    assert_int_equal(batch_check_path("/a/b..c/...", &e), 0);
    assert_int_equal(batch_check_path("./a", &e), 0);
    memset(longest, 'a', 256);
    longest[256] = '\0';
    assert_int_equal(batch_check_path(longest, &e), -1);
    assert_int_equal(e.cause, CAUSE_LIST_OUTPUT_BAD);
    assert_int_equal(batch_check_path(longest + 1, &(struct err){0}), 0);
    static const char *const bad[] = {"", "..", "/..", "a/../b", "a/", ".", "a/.", "a\nb"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(batch_check_path(bad[i], &(struct err){0}), -1);
    static const char *const same[][2] = {{"./a", "a"},       {"/", "/"},
                                          {"//a", "/a"},      {"/./a//b", "/a/b"},
                                          {".a/b.", ".a/b."}, {"a/./b", "a/b"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        char path[16];
        snprintf(path, sizeof path, "%s", same[i][0]);
        batch_plain_path(path);
        assert_string_equal(path, same[i][1]);
    }
}

/* One file in two spellings: the second machine's data would replace the first one's. */
static void test_batch_same_file(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    struct batch_list l = read_list(&s, "name,output\nA,x\nB,./x\nC,y/z\nD,y//z\n");
    assert_int_equal(row_cause(&l, 0), CAUSE_NONE);
    assert_int_equal(row_cause(&l, 1), CAUSE_LIST_OUTPUT_TWICE);
    assert_int_equal(row_cause(&l, 2), CAUSE_NONE);
    assert_int_equal(row_cause(&l, 3), CAUSE_LIST_OUTPUT_TWICE);
    batch_list_free(&l);
    settings_free(&s);
}

static void test_batch_place_of_older_functions(void **state)
{
    (void)state;
    struct settings s;
    settings_init(&s);
    set(&s, OPT_FLAG_PROVISION_DOWNLEVEL_PRIV_SUPPORT, "yes");
    struct batch_list l = read_list(&s, "name,ou\nA,\nB,OU=Kiosks\n");
    assert_int_equal(row_cause(&l, 0), CAUSE_NONE);
    assert_int_equal(row_cause(&l, 1), CAUSE_DOWNLEVEL_WITH_OU);
    assert_int_equal(l.row[1].err->code, 50);
    batch_list_free(&l);
    settings_free(&s);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batch_columns),
        cmocka_unit_test(test_batch_list_refused),
        cmocka_unit_test(test_batch_bad_rows),
        cmocka_unit_test(test_batch_twins),
        cmocka_unit_test(test_batch_patterns),
        cmocka_unit_test(test_batch_paths),
        cmocka_unit_test(test_batch_same_file),
        cmocka_unit_test(test_batch_place_of_older_functions),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
