#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/crypto/crypto.h"

/* FIPS 180-4 examples. */
static void test_sha256(void **s UNUSED)
{
    char hex[CRYPTO_SHA256_HEX];
    crypto_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    crypto_sha256_hex(NULL, 0, hex);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void test_machine_password(void **s UNUSED)
{
    struct secret a = {0}, b = {0};
    struct err e = {0};
    unsigned seen[256] = {0};
    for (int i = 0; i < 200; i++) {
        assert_int_equal(crypto_machine_password(&a, &e), 0);
        assert_int_equal(a.len, CRYPTO_MACHINE_PASSWORD_LEN);
        assert_true(isalpha(a.data[0]));
        int upper = 0, lower = 0, digit = 0, other = 0;
        for (size_t k = 0; k < a.len; k++) {
            seen[a.data[k]]++;
            assert_true(isalnum(a.data[k]) || a.data[k] == '-' || a.data[k] == '_');
            isupper(a.data[k])   ? upper++
            : islower(a.data[k]) ? lower++
            : isdigit(a.data[k]) ? digit++
                                 : other++;
        }
        assert_true(upper && lower && digit && other);
    }
    /* 24,000 characters over 64: 375 each; a value outside 250..500 has a chance below 1e-9. */
    for (int c = 0; c < 256; c++) {
        if (isalnum(c) || c == '-' || c == '_')
            assert_in_range(seen[c], 250, 520);
    }
    assert_int_equal(crypto_machine_password(&b, &e), 0);
    assert_false(secret_equal(&a, &b));
    secret_free(&a);
    secret_free(&b);
}

static void test_random(void **s UNUSED)
{
    unsigned char a[5000] = {0}, b[5000] = {0};
    struct err e = {0};
    assert_int_equal(crypto_random(a, sizeof a, &e), 0);
    assert_int_equal(crypto_random(b, sizeof b, &e), 0);
    assert_memory_not_equal(a, b, sizeof a);
    assert_memory_not_equal(a + 4500, b + 4500, 500);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_machine_password),
        cmocka_unit_test(test_random),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
