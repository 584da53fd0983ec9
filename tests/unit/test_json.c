#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/json/json.h"

static void test_line(void **s UNUSED)
{
    AUTOJSN o = jsn_object();
    jsn_set_str(o, "event", "done");
    jsn_set_int(o, "status", 0x80041087LL);
    jsn_set_bool(o, "ok", true);
    jsn_set_str(o, "none", NULL);
    struct jsn *a = jsn_array();
    jsn_add_str(a, "a\n\"b\"");
    jsn_add(a, jsn_object());
    jsn_set(o, "list", a);
    AUTOFREE char *line = jsn_line(o);
    assert_string_equal(line, "{\"event\":\"done\",\"status\":2147750023,\"ok\":true,\"none\":null,"
                              "\"list\":[\"a\\n\\\"b\\\"\",{}]}");
    assert_null(strchr(line, '\n'));
}

static void test_bad_utf8_is_replaced(void **s UNUSED)
{
    AUTOJSN o = jsn_object();
    jsn_set_str(o, "k",
                "a\xff"
                "b\xc3");
    assert_string_equal(jsn_str(o, "k"), "a\xef\xbf\xbd"
                                         "b\xef\xbf\xbd");
}

static void test_read(void **s UNUSED)
{
    struct err e = {0};
    struct jsn *v = NULL;
    static const char text[] = "{\"a\":[1,\"x\"],\"n\":-7,\"s\":\"t\",\"b\":true}";
    assert_int_equal(jsn_parse(text, sizeof text - 1, &v, &e), 0);
    assert_int_equal(jsn_int(v, "n", 0), -7);
    assert_int_equal(jsn_int(v, "s", 5), 5);
    assert_string_equal(jsn_str(v, "s"), "t");
    assert_string_equal(jsn_str(v, "n"), "");
    assert_true(jsn_bool(v, "b"));
    assert_int_equal(jsn_count(jsn_get(v, "a")), 2);
    assert_string_equal(jsn_text(jsn_at(jsn_get(v, "a"), 1)), "x");
    assert_null(jsn_at(jsn_get(v, "a"), 2));
    assert_int_equal(jsn_count(jsn_get(v, "missing")), 0);
    void *pos = NULL;
    const char *key;
    const struct jsn *member;
    int n = 0;
    while (jsn_next(v, &pos, &key, &member))
        n++;
    assert_int_equal(n, 4);
    jsn_free(v);
}

static void test_read_faults(void **s UNUSED)
{
    static const char *const bad[] = {
        "", "{", "{\"a\":1,\"a\":2}", "[1]x", "{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct err e = {0};
        struct jsn *v = NULL;
        assert_int_equal(jsn_parse(bad[i], strlen(bad[i]), &v, &e), -1);
        assert_int_equal(e.code, 13);
        assert_null(v);
    }
    struct err e = {0};
    struct jsn *v = NULL;
    char *deep = malloc(100001);
    memset(deep, '[', 100000);
    assert_int_equal(jsn_parse(deep, 100000, &v, &e), -1);
    free(deep);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line),
        cmocka_unit_test(test_bad_utf8_is_replaced),
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_faults),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
