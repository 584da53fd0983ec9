#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/crypto/base64.h"

/* RFC 4648 section 10. */
static void test_vectors(void **s UNUSED)
{
    static const char *const v[][2] = {{"", ""},
                                       {"f", "Zg=="},
                                       {"fo", "Zm8="},
                                       {"foo", "Zm9v"},
                                       {"foob", "Zm9vYg=="},
                                       {"fooba", "Zm9vYmE="},
                                       {"foobar", "Zm9vYmFy"},
                                       {"\xff\xef\xbe", "/+++"}};
    for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
        struct buf CLEANUP(buf_free) text = BUF_INIT(64), back = BUF_INIT(64);
        assert_int_equal(base64_encode(v[i][0], strlen(v[i][0]), &text), 0);
        assert_string_equal(buf_text(&text), v[i][1]);
        assert_int_equal(base64_decode(text.data, text.len, &back, NULL), 0);
        assert_string_equal(buf_text(&back), v[i][0]);
    }
}

static void test_every_length(void **s UNUSED)
{
    unsigned char data[600];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * 37 + 11);
    for (size_t len = 0; len <= sizeof data; len++) {
        struct buf CLEANUP(buf_free) text = BUF_INIT(1000), back = BUF_INIT(1000);
        assert_int_equal(base64_encode(data, len, &text), 0);
        assert_int_equal(text.len, (len + 2) / 3 * 4);
        assert_int_equal(base64_decode(text.data, text.len, &back, NULL), 0);
        assert_int_equal(back.len, len);
        if (len)
            assert_memory_equal(back.data, data, len);
    }
}

static void test_wrapped_lines(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) back = BUF_INIT(64);
    static const char text[] = " Zm9v\r\nYm\n\tFy\n Zg==\r\n \n";
    assert_int_equal(base64_decode(text, sizeof text - 1, &back, NULL), 0);
    assert_string_equal(buf_text(&back), "foobarf");
}

static void test_refused(void **s UNUSED)
{
    static const struct {
        const char *text;
        size_t len, at;
    } v[] = {
        {"Zg", 2, 2},         {"Zg=", 3, 3},   {"Zh==", 4, 2},     {"Zm9=", 4, 3},
        {"Z===", 4, 1},       {"====", 4, 0},  {"Zg==Zg==", 8, 4}, {"Zm9v=", 5, 4},
        {"Zm-v", 4, 2},       {"Zm_v", 4, 2},  {"Zg=A", 4, 3},     {"Zm9v\0", 5, 4},
        {"Zm\xc3\xb6", 4, 2}, {"Zm9vY", 5, 5}, {"Zm8=\n=", 6, 5},
    };
    for (size_t i = 0; i < ARRAY_SIZE(v); i++) {
        struct buf CLEANUP(buf_free) out = BUF_INIT(64);
        size_t at = 99;
        assert_int_equal(base64_decode(v[i].text, v[i].len, &out, &at), -1);
        assert_int_equal(at, v[i].at);
    }
}

static void test_full(void **s UNUSED)
{
    struct buf CLEANUP(buf_free) out = BUF_INIT(7);
    assert_int_equal(base64_encode("foobar", 6, &out), -1);
    struct buf CLEANUP(buf_free) back = BUF_INIT(5);
    assert_int_equal(base64_decode("Zm9vYmFy", 8, &back, NULL), -1);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),       cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_wrapped_lines), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_full),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
