/* Distinguished names as people and servers write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "engine/wire/dn.h"

static void test_normalise(void **s UNUSED)
{
    static const struct {
        const char *in, *out;
    } rows[] = {
        {"OU=testOU,DC=domain,DC=Domain,DC=com", "OU=testOU,DC=domain,DC=Domain,DC=com"},
        {"OU=testOU; DC=domain; DC=com", "OU=testOU,DC=domain,DC=com"},
        {" ou = A  B , dc=b ", "ou=A  B,dc=b"},
        {"OU=\"Sales, EMEA\",DC=b", "OU=Sales\\, EMEA,DC=b"},
        {"OU=\"say \\\"hi\\\"\" ; DC=b", "OU=say \\\"hi\\\",DC=b"},
        {"OU=R\\+D,DC=b", "OU=R\\+D,DC=b"},
        {"OU=a+CN=b,DC=c", "OU=a+CN=b,DC=c"},
        {"OU=\\#lead,DC=c", "OU=\\#lead,DC=c"},
        {"OU=#lead,DC=c", "OU=\\#lead,DC=c"},
        {"OU=#0403666f6f,DC=c", "OU=foo,DC=c"},
        {"OU=#04ff,DC=c", "OU=\\#04ff,DC=c"},
        {"OU=tail\\ ,DC=c", "OU=tail\\ ,DC=c"},
        {"OU=\\ head,DC=c", "OU=\\ head,DC=c"},
        {"OU=\" both \",DC=c", "OU=\\ both\\ ,DC=c"},
        {"OU=a\\2Cb,DC=c", "OU=a\\,b,DC=c"},
        {"OU=\\D0\\9C,DC=c", "OU=\xD0\x9C,DC=c"},
        {"OU=back\\\\slash,DC=c", "OU=back\\\\slash,DC=c"},
        {"OU=equals=sign,DC=c", "OU=equals\\=sign,DC=c"},
        {"OU=</B>,DC=c", "OU=\\</B\\>,DC=c"},
        {"OID.2.5.4.11=x,DC=c", "2.5.4.11=x,DC=c"},
        {"OU=a\\0Ab,DC=c", "OU=a\\0Ab,DC=c"},
        {"OU=東京支社,DC=c", "OU=東京支社,DC=c"},
        {"", ""},
        {"  ", ""},
        /* The page of JoinDomainOrWorkgroup. */
        {"OU=testOU; DC=domain; DC=Domain; DC=com", "OU=testOU,DC=domain,DC=Domain,DC=com"},
        {"OU = testOU ;DC= domain;DC =com ", "OU=testOU,DC=domain,DC=com"},
        /* RFC 4514 4 */
        {"UID=jsmith,DC=example,DC=net", "UID=jsmith,DC=example,DC=net"},
        {"OU=Sales+CN=J.  Smith,DC=example,DC=net", "OU=Sales+CN=J.  Smith,DC=example,DC=net"},
        {"CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net",
         "CN=James \\\"Jim\\\" Smith\\, III,DC=example,DC=net"},
        {"CN=Before\\0dAfter,DC=example,DC=net", "CN=Before\\0DAfter,DC=example,DC=net"},
        {"1.3.6.1.4.1.1466.0=#04024869", "1.3.6.1.4.1.1466.0=Hi"},
        {"CN=Lu\\C4\\8Di\\C4\\87", "CN=Lučić"},
        /* RFC 2253 5 */
        {"CN=Steve Kille,O=Isode Limited,C=GB", "CN=Steve Kille,O=Isode Limited,C=GB"},
        {"OU=Sales+CN=J. Smith,O=Widget Inc.,C=US", "OU=Sales+CN=J. Smith,O=Widget Inc.,C=US"},
        {"CN=L. Eagle,O=Sue\\, Grabbit and Runn,C=GB",
         "CN=L. Eagle,O=Sue\\, Grabbit and Runn,C=GB"},
        {"CN=Before\\0DAfter,O=Test,C=GB", "CN=Before\\0DAfter,O=Test,C=GB"},
        {"1.3.6.1.4.1.1466.0=#04024869,O=Test,C=GB", "1.3.6.1.4.1.1466.0=Hi,O=Test,C=GB"},
        {"SN=Lu\\c4\\8di\\c4\\87", "SN=Lučić"},
        {"oid.2.5.4.11=x;oid.2.5.4.10=y", "2.5.4.11=x,2.5.4.10=y"},
        /* RFC 1779 2.4 */
        {"CN=Steve Kille, \nO=Isode Limited, C=GB", "CN=Steve Kille,O=Isode Limited,C=GB"},
        {"CN=Christian Huitema; O=INRIA; C=FR", "CN=Christian Huitema,O=INRIA,C=FR"},
        {"CN=James Hacker,\nL=Basingstoke,\nO=Widget Inc,\nC=GB",
         "CN=James Hacker,L=Basingstoke,O=Widget Inc,C=GB"},
        {"OU=Sales + CN=J. Smith, O=Widget Inc., C=US", "OU=Sales+CN=J. Smith,O=Widget Inc.,C=US"},
        {"CN=L. Eagle, O=\"Sue, Grabbit and Runn\", C=GB",
         "CN=L. Eagle,O=Sue\\, Grabbit and Runn,C=GB"},
        {"CN=L. Eagle, O=Sue\\, Grabbit and Runn, C=GB",
         "CN=L. Eagle,O=Sue\\, Grabbit and Runn,C=GB"},
        {"OU=\"a;b+c=d<e>#f\" ; DC=x", "OU=a\\;b\\+c\\=d\\<e\\>#f,DC=x"},
        {"OU=\"\\\\\" ; DC=x", "OU=\\\\,DC=x"},
        {"OU=\"#0403666f6f\",DC=x", "OU=\\#0403666f6f,DC=x"}, /* quoted, it is a text */
        {"OU=#0C03666F6F ; DC=x", "OU=foo,DC=x"},
        {"OU=a\\20,DC=x", "OU=a\\ ,DC=x"},
        {"OU=\\20a,DC=x", "OU=\\ a,DC=x"},
        {"OU=a\\;b,DC=x", "OU=a\\;b,DC=x"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        char *out = dn_normalise(rows[i].in);
        assert_non_null(out);
        assert_string_equal(out, rows[i].out);
        /* What was written is read the same. */
        char *again = dn_normalise(out);
        assert_string_equal(again, out);
        assert_true(dn_equal(rows[i].in, out));
        free(again);
        free(out);
    }
}

static void test_refuses(void **s UNUSED)
{
    static const struct {
        const char *in;
        size_t bad;
    } rows[] = {
        {"Kiosks", 6},       {"OU=a,", 5},        {"OU=a,,DC=b", 5},
        {"OU=,DC=b", 3},     {"=a", 0},           {"OU=a\\", 5},
        {"OU=a\\zz", 5},     {"OU=\"a,DC=b", 10}, {"OU=\"a\"b,DC=c", 6},
        {"OU=a\"b,DC=c", 4}, {"OU=a+,DC=c", 5},   {"OU=a/DC=b,", 10},
        {"OU=\\FF,DC=c", 0}, {"1.2.=a", 3},       {"OU a=b", 3},
        {"OU=\\00,DC=c", 0},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        struct dn d;
        size_t bad = 999;
        assert_int_equal(dn_parse(&d, rows[i].in, &bad), -1);
        assert_true(bad <= strlen(rows[i].in));
        assert_null(dn_normalise(rows[i].in));
        if (rows[i].bad)
            assert_int_equal(bad, rows[i].bad);
    }
    assert_null(dn_normalise("OU=\xff"));
    assert_null(dn_normalise("OU=\xed\xa0\x80"));
}

static void test_limits(void **s UNUSED)
{
    struct dn d;
    char *deep = xstrdup("DC=x"), *wide = malloc(DN_MAX + 8);
    for (unsigned i = 1; i < DN_DEPTH_MAX; i++) {
        char *next = xasprintf("OU=x,%s", deep);
        free(deep);
        deep = next;
    }
    assert_int_equal(dn_depth(deep), DN_DEPTH_MAX);
    char *deeper = xasprintf("OU=x,%s", deep);
    assert_int_equal(dn_parse(&d, deeper, NULL), -1);
    memset(wide, 'a', DN_MAX + 7);
    wide[DN_MAX + 7] = '\0';
    memcpy(wide, "OU=", 3);
    assert_int_equal(dn_parse(&d, wide, NULL), -1);
    wide[DN_MAX] = '\0';
    assert_int_equal(dn_parse(&d, wide, NULL), 0);
    dn_free(&d);
    free(deeper);
    free(deep);
    free(wide);
}

static void test_parts(void **s UNUSED)
{
    char *p = dn_parent("OU=a\\,b,OU=c,DC=d");
    assert_string_equal(p, "OU=c,DC=d");
    free(p);
    p = dn_parent("DC=d");
    assert_string_equal(p, "");
    free(p);
    assert_null(dn_parent(""));
    p = dn_leaf_value("OU=\\ a\\,b\\ ,OU=c");
    assert_string_equal(p, " a,b ");
    free(p);
    assert_null(dn_leaf_value("nonsense"));
    p = dn_child("CN", "#a, b ", "OU=c");
    assert_string_equal(p, "CN=\\#a\\, b\\ ,OU=c");
    free(p);
    p = dn_child("DC", "x", "");
    assert_string_equal(p, "DC=x");
    free(p);
}

static void test_compare(void **s UNUSED)
{
    assert_true(dn_equal("OU=Kiosks,DC=Corp", "ou=kiosks;dc=CORP"));
    assert_true(dn_equal("OU=МОСКВА,DC=c", "OU=Москва,DC=c"));
    assert_true(dn_equal("OU=STRASSE ÄÖÜ,DC=c", "OU=strasse äöü,DC=c"));
    assert_true(dn_equal("CN=a+OU=b,DC=c", "OU=B+CN=A,DC=c"));
    assert_false(dn_equal("CN=a+OU=b,DC=c", "CN=a,DC=c"));
    assert_false(dn_equal("OU=a,DC=b", "OU=a\\ ,DC=b"));
    assert_true(dn_is_under("OU=x,OU=a,DC=b", "ou=A,dc=B"));
    assert_true(dn_is_under("OU=a,DC=b", "OU=a,DC=b"));
    assert_false(dn_is_under("OU=a,DC=b", "OU=x,OU=a,DC=b"));
    assert_false(dn_is_under("OU=aOU=a,DC=b", "OU=a,DC=b"));
    assert_false(dn_equal("nonsense", "nonsense"));
}

static void test_dns(void **s UNUSED)
{
    static const char *const bad[] = {"", ".", "a..b", ".a", "a.b..", "a.."};
    char *p = dn_from_dns("corp.example.com");
    assert_string_equal(p, "DC=corp,DC=example,DC=com");
    free(p);
    p = dn_from_dns("corp.");
    assert_string_equal(p, "DC=corp");
    free(p);
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_null(dn_from_dns(bad[i]));
    p = dn_to_dns("OU=Kiosks,DC=corp,DC=example,DC=com");
    assert_string_equal(p, "corp.example.com");
    free(p);
    assert_null(dn_to_dns("OU=Kiosks"));
}

static void test_utf8(void **s UNUSED)
{
    char text[] = "ÀÉÞ×ß ŸĀĹŽ ΆΈΌΏΩΣς ЀЯѠ İ 東";
    utf8_fold(text);
    assert_string_equal(text, "àéþ×ß ÿāĺž άέόώωσσ ѐяѡ İ 東");
    assert_true(utf8_valid("a\xf0\x9f\x98\x80", 5));
    assert_false(utf8_valid("\xc0\x80", 2));
    assert_false(utf8_valid("\xf0\x80\x80\x80", 4));
    assert_false(utf8_valid("\xf4\x90\x80\x80", 4));
    assert_false(utf8_valid("\xe2\x82", 2));
    assert_false(utf8_valid("a\0b", 3));
    assert_false(utf8_valid("\x80", 1));
}

static void test_distance(void **s UNUSED)
{
    assert_int_equal(edit_distance("OU=Kiosk", "OU=Kiosks", 5), 1);
    assert_int_equal(edit_distance("ou=kiosks", "OU=KIOSKS", 5), 0);
    assert_int_equal(edit_distance("OU=Koisks", "OU=Kiosks", 5), 2);
    assert_int_equal(edit_distance("OU=Kiosks", "OU=Elsewhere", 3), 4);
    assert_int_equal(edit_distance("", "abc", 5), 3);
}

/* Every text of three characters from the special ones: either refused, or stable once normalised.
 */
static void test_all_short_texts(void **s UNUSED)
{
    static const char set[] = "a=,;+\"\\# <0\x01\xd0\x9c";
    size_t n = sizeof set - 1;
    unsigned accepted = 0;
    for (size_t i = 0; i < n * n * n * n; i++) {
        char text[16];
        memcpy(text, "O=", 2);
        size_t v = i;
        for (unsigned j = 0; j < 4; j++, v /= n)
            text[2 + j] = set[v % n];
        memcpy(text + 6, ",D=c", 5);
        char *one = dn_normalise(text);
        if (!one)
            continue;
        accepted++;
        char *two = dn_normalise(one);
        assert_non_null(two);
        assert_string_equal(one, two);
        free(one);
        free(two);
    }
    assert_true(accepted > 1000);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalise),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_compare),
        cmocka_unit_test(test_dns),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_distance),
        cmocka_unit_test(test_all_short_texts),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
