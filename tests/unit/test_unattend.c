#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "engine/xml/unattend.h"

#define URN  "urn:schemas-microsoft-com:unattend"
#define JOIN "Microsoft-Windows-UnattendedJoin"
#define ATTR " publicKeyToken=\"31bf3856ad364e35\" language=\"neutral\" versionScope=\"nonSxS\""
#define DATA "ARAIAMzMzMwBAAAA"

#define FILE_OF(inner)                                                                             \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<unattend xmlns=\"" URN "\">" inner "</"          \
    "unattend>\n"
#define PASS(pass, inner) "<settings pass=\"" pass "\">" inner "</settings>"
#define COMPONENT(arch, inner)                                                                     \
    "<component name=\"" JOIN "\" processorArchitecture=\"" arch "\"" ATTR ">" inner "</"          \
    "component>"
#define ID(inner)        "<Identification>" inner "</Identification>"
#define PROVISION(value) "<Provisioning><AccountData>" value "</AccountData></Provisioning>"

static void expect_data(const char *xml, size_t len, const char *want)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(unattend_account_data(xml, len, &b, &e), 0);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

static void expect_no_data(const char *xml, size_t len, enum cause cause)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(unattend_account_data(xml, len, &b, &e), -1);
    assert_int_equal(e.cause, cause);
    assert_int_equal(e.code, cause_code(cause));
    assert_int_equal(b.len, 0);
    buf_free(&b);
}

static void reads(const char *xml, const char *want)
{
    expect_data(xml, strlen(xml), want);
}

static void refuses(const char *xml, enum cause cause)
{
    expect_no_data(xml, strlen(xml), cause);
}

static void test_read(void **s UNUSED)
{
    reads(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION(DATA))))), DATA);
    reads(
        FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION("\n  ARAIAM\n\tzMzMwBAAAA "))))),
        DATA);
    reads(
        FILE_OF(PASS("specialize",
                     COMPONENT("amd64", ID(PROVISION("<![CDATA[ARAIAM]]>zMzM<!-- x -->wBAAAA"))))),
        DATA);
    reads(
        FILE_OF(PASS("offlineServicing", COMPONENT("amd64", "<OfflineIdentification>" PROVISION(
                                                                DATA) "</OfflineIdentification>"))),
        DATA);
    /* specialize goes before offlineServicing, wherever it stands. */
    reads(
        FILE_OF(PASS("offlineServicing", COMPONENT("amd64", "<OfflineIdentification>" PROVISION(
                                                                "AAAA") "</OfflineIdentification>"))
                    PASS("specialize", COMPONENT("amd64", ID(PROVISION(DATA))))),
        DATA);
    reads("<u:unattend xmlns:u=\"" URN
          "\"><u:settings pass=\"specialize\"><u:component name=\"" JOIN
          "\"><u:Identification><u:Provisioning><u:AccountData>" DATA
          "</u:AccountData></u:Provisioning></u:Identification></u:component></u:settings></"
          "u:unattend>",
          DATA);
    /* The same twice, for two architectures, is one. */
    reads(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION(DATA)))
                                         COMPONENT("x86", ID(PROVISION(DATA))))),
          DATA);
}

static void test_read_nothing(void **s UNUSED)
{
    refuses(FILE_OF(""), CAUSE_ANSWER_FILE_NO_DATA);
    refuses(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION(" "))))),
            CAUSE_ANSWER_FILE_NO_DATA);
    /* Another pass, another name space, another component: not where Setup looks. */
    refuses(FILE_OF(PASS("generalize", COMPONENT("amd64", ID(PROVISION(DATA))))),
            CAUSE_ANSWER_FILE_NO_DATA);
    refuses(
        FILE_OF(PASS("specialize", COMPONENT("amd64", "<Identification xmlns=\"urn:x\">" PROVISION(
                                                          DATA) "</Identification>"))),
        CAUSE_ANSWER_FILE_NO_DATA);
    refuses("<unattend>" PASS("specialize", COMPONENT("amd64", ID(PROVISION(DATA)))) "</unattend>",
            CAUSE_BAD_OFFLINE_DATA);
    refuses("<html/>", CAUSE_BAD_OFFLINE_DATA);
    refuses("", CAUSE_BAD_OFFLINE_DATA);
    refuses("not XML", CAUSE_BAD_OFFLINE_DATA);
    refuses(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION("ARAI<b/>AMzM"))))),
            CAUSE_BAD_OFFLINE_DATA);
    refuses(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION(DATA)))
                                           COMPONENT("x86", ID(PROVISION("AAAA"))))),
            CAUSE_BAD_OFFLINE_DATA);
}

/* Every beginning of a good file is refused, and nothing of it comes out. */
static void test_read_cut(void **s UNUSED)
{
    static const char good[] = FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION(DATA)))));
    for (size_t n = 0; n + 2 < sizeof good; n++)
        expect_no_data(good, n, CAUSE_BAD_OFFLINE_DATA);
    expect_data(good, sizeof good - 1, DATA);
}

static void test_bombs(void **s UNUSED)
{
    refuses("<!DOCTYPE lolz [<!ENTITY a \"aaaaaaaaaaaaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">"
            "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;\">]><unattend xmlns=\"" URN "\">&c;</unattend>",
            CAUSE_BAD_OFFLINE_DATA);
    refuses("<!DOCTYPE unattend SYSTEM \"file:///etc/passwd\"><unattend xmlns=\"" URN "\"/>",
            CAUSE_BAD_OFFLINE_DATA);
    refuses("<!DOCTYPE u [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><unattend xmlns=\"" URN
            "\"><settings pass=\"specialize\"><component name=\"" JOIN
            "\"><Identification><Provisioning><AccountData>&x;</AccountData></Provisioning>"
            "</Identification></component></settings></unattend>",
            CAUSE_BAD_OFFLINE_DATA);
    refuses("<!DOCTYPE u [<!ENTITY % p SYSTEM \"http://127.0.0.1:9/x\"> %p;]><u/>",
            CAUSE_BAD_OFFLINE_DATA);
    refuses(FILE_OF("&undefined;"), CAUSE_BAD_OFFLINE_DATA);
}

static void repeat(struct buf *b, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_str(b, text);
}

static void test_bounds(void **s UNUSED)
{
    static const struct {
        const char *open, *close;
        size_t n;
    } cases[] = {{"<a>", "</a>", 100000},
                 {"<a/>", "", 200000},
                 {"<!-- -->", "", 200000},
                 {"<?x y?>", "", 200000}};
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        struct err e = {0};
        struct buf b = BUF_INIT(UNATTEND_MAX), out = BUF_SECRET(UNATTEND_MAX);
        buf_str(&b, "<unattend xmlns=\"" URN "\">");
        repeat(&b, cases[i].open, cases[i].n);
        repeat(&b, cases[i].close, cases[i].n);
        buf_str(&b, "</unattend>");
        assert_false(b.failed);
        assert_int_equal(unattend_account_data(b.data, b.len, &out, &e), -1);
        assert_int_equal(e.code, CODE_NERR_BadOfflineJoinInfo);
        assert_non_null(strstr(err_fact_get(&e, FACT_PLACE), "elements"));
        buf_free(&b);
        buf_free(&out);
    }
    struct err e = {0};
    struct buf out = BUF_SECRET(UNATTEND_MAX);
    char *big = xcalloc(1, UNATTEND_MAX + 1);
    assert_int_equal(unattend_account_data(big, UNATTEND_MAX + 1, &out, &e), -1);
    assert_int_equal(e.cause, CAUSE_BAD_OFFLINE_DATA);
    free(big);
    buf_free(&out);
}

static void test_new(void **s UNUSED)
{
    static const char *const archs[] = {NULL, "amd64", "x86", "arm64", "arm"};
    for (size_t i = 0; i < ARRAY_SIZE(archs); i++) {
        struct err e = {0};
        struct buf b = BUF_SECRET(UNATTEND_MAX);
        AUTOFREE char *want =
            xasprintf("processorArchitecture=\"%s\"" ATTR, archs[i] ? archs[i] : "amd64");
        assert_int_equal(unattend_new(archs[i], DATA, strlen(DATA), &b, &e), 0);
        assert_non_null(strstr(buf_text(&b), want));
        expect_data(buf_text(&b), b.len, DATA);
        buf_free(&b);
    }
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(unattend_new("ia64", DATA, strlen(DATA), &b, &e), -1);
    assert_int_equal(e.cause, CAUSE_ARCHITECTURE_UNKNOWN);
    err_reset(&e);
    assert_int_equal(unattend_new("amd64", "a<b", 3, &b, &e), -1);
    buf_free(&b);
}

/* ---- merging ---------------------------------------------------------------------------------*/

static int merge(const char *xml, size_t len, const char *arch, struct buf *out, struct err *e)
{
    return unattend_merge(xml, len, arch, DATA, strlen(DATA), out, NULL, e);
}

/* What was in the file is in the result in the same order, our text apart. */
static void expect_kept(const char *old, const char *new)
{
    for (; *old; old++) {
        while (*new &&*new != *old)
            new ++;
        if (!*new)
            fail_msg("lost: %s", old);
        new ++;
    }
}

static void merges(const char *xml, const char *arch, bool kept)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    AUTOFREE char *want = xasprintf("processorArchitecture=\"%s\"", arch);
    assert_int_equal(merge(xml, strlen(xml), arch, &b, &e), 0);
    expect_data(buf_text(&b), b.len, DATA);
    /* An empty element that is filled is written in another way. */
    if (kept)
        expect_kept(xml, buf_text(&b));
    assert_non_null(strstr(buf_text(&b), want));
    /* Once it is in there, it is not put in again. */
    struct buf again = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(merge(buf_text(&b), b.len, arch, &again, &e), -1);
    assert_int_equal(e.cause, CAUSE_ANSWER_FILE_JOINS);
    assert_int_equal(again.len, 0);
    buf_free(&again);
    buf_free(&b);
}

static void test_merge_places(void **s UNUSED)
{
    merges(FILE_OF(""), "amd64", true);
    merges(FILE_OF("\n  <!-- mine -->\n"), "x86", true);
    merges(FILE_OF(PASS("windowsPE", "<x/>") PASS("oobeSystem", "<component name=\"x\"/>")),
           "arm64", true);
    merges(FILE_OF("<settings pass=\"specialize\"/>"), "amd64", true);
    merges(FILE_OF(PASS("specialize", "<component name=\"Other\">text &amp; &lt;</component>")),
           "amd64", true);
    merges(FILE_OF(PASS("specialize", COMPONENT("amd64", " "))), "amd64", true);
    merges(FILE_OF(PASS("specialize", COMPONENT("amd64", ID("<DebugJoin>true</DebugJoin>")))),
           "amd64", true);
    merges(FILE_OF(PASS("specialize", COMPONENT("amd64", ID("<Provisioning/>")))), "amd64", false);
    merges(FILE_OF(PASS("specialize",
                        COMPONENT("amd64", ID("<Provisioning><AccountData/></Provisioning>")))),
           "amd64", false);
    merges(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION("\n"))))), "amd64", false);
    merges(FILE_OF("<?keep this?>") "<!-- after -->", "amd64", true);
}

static size_t count(const char *text, const char *word)
{
    size_t n = 0;
    while ((text = strstr(text, word))) {
        n++;
        text++;
    }
    return n;
}

/* A component for another architecture stays as it is, whatever is in it; ours stands beside it. */
static void test_merge_architecture(void **s UNUSED)
{
    static const char other[] =
        FILE_OF(PASS("specialize", COMPONENT("x86", ID("<JoinDomain>a.test</JoinDomain>"))));
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(merge(other, strlen(other), "amd64", &b, &e), 0);
    expect_kept(other, buf_text(&b));
    assert_int_equal(count(buf_text(&b), "<component"), 2);
    assert_int_equal(count(buf_text(&b), "<settings"), 1);
    expect_data(buf_text(&b), b.len, DATA);
    buf_free(&b);
}

static void conflicts(const char *xml, enum cause cause, const char *place)
{
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(merge(xml, strlen(xml), "amd64", &b, &e), -1);
    assert_int_equal(e.cause, cause);
    assert_non_null(err_fact_get(&e, FACT_PLACE));
    if (!strstr(err_fact_get(&e, FACT_PLACE), place))
        fail_msg("%s", err_fact_get(&e, FACT_PLACE));
    assert_int_equal(b.len, 0);
    buf_free(&b);
}

static void test_merge_conflicts(void **s UNUSED)
{
    conflicts(FILE_OF("\n\n" PASS("specialize",
                                  COMPONENT("amd64", ID("<JoinDomain>a.test</JoinDomain>")))),
              CAUSE_ANSWER_FILE_JOINS, "line 4, JoinDomain");
    conflicts(FILE_OF(PASS("specialize", COMPONENT("amd64", ID("<Credentials/>")))),
              CAUSE_ANSWER_FILE_JOINS, "Credentials");
    conflicts(FILE_OF(PASS("specialize", COMPONENT("amd64", ID(PROVISION("AAAA"))))),
              CAUSE_ANSWER_FILE_JOINS, "AccountData");
    conflicts(
        FILE_OF(PASS("specialize", COMPONENT("amd64", ID("<JoinWorkgroup>W</JoinWorkgroup>")))),
        CAUSE_ANSWER_FILE_WORKGROUP, "JoinWorkgroup");
    conflicts(FILE_OF(PASS("offlineServicing",
                           COMPONENT("amd64", "<OfflineIdentification>" PROVISION(
                                                  "AAAA") "</OfflineIdentification>"))),
              CAUSE_ANSWER_FILE_JOINS, "AccountData");
    /* In the second of two passes of that name as well, and without an architecture. */
    conflicts(FILE_OF(PASS("specialize", "") PASS(
                  "specialize",
                  "<component name=\"" JOIN "\">" ID("<JoinDomain>a</JoinDomain>") "</component>")),
              CAUSE_ANSWER_FILE_JOINS, "JoinDomain");
    conflicts(FILE_OF("<settings pass=\"specialize\" wasPassProcessed=\"true\"/>"),
              CAUSE_ANSWER_FILE_USED, "settings");
    conflicts("<!DOCTYPE x [<!ENTITY a \"b\">]><unattend xmlns=\"" URN "\"/>",
              CAUSE_ANSWER_FILE_BAD, "document type");
    conflicts("<unattend/>", CAUSE_ANSWER_FILE_BAD, "unattend");
    conflicts("<unattend", CAUSE_ANSWER_FILE_BAD, "line 1");
}

/* Mark, line ends, indentation and letters outside of ASCII stay. */
static void test_merge_style(void **s UNUSED)
{
    static const char old[] = "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
                              "<!-- Gr\xc3\xb6\xc3\x9f"
                              "e -->\r\n"
                              "<unattend xmlns=\"" URN "\">\r\n"
                              "\t<settings pass=\"specialize\">\r\n"
                              "\t\t<component name=\"Other\" language=\"neutral\"/>\r\n"
                              "\t</settings>\r\n"
                              "</unattend>\r\n";
    static const char want[] =
        "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n"
        "<!-- Gr\xc3\xb6\xc3\x9f"
        "e -->\r\n"
        "<unattend xmlns=\"" URN "\">\r\n"
        "\t<settings pass=\"specialize\">\r\n"
        "\t\t<component name=\"Other\" language=\"neutral\"/>\r\n"
        "\t\t<component name=\"" JOIN "\" processorArchitecture=\"amd64\"" ATTR ">\r\n"
        "\t\t\t<Identification>\r\n"
        "\t\t\t\t<Provisioning>\r\n"
        "\t\t\t\t\t<AccountData>" DATA "</AccountData>\r\n"
        "\t\t\t\t</Provisioning>\r\n"
        "\t\t\t</Identification>\r\n"
        "\t\t</component>\r\n"
        "\t</settings>\r\n"
        "</unattend>\r\n";
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(merge(old, strlen(old), "amd64", &b, &e), 0);
    assert_string_equal(buf_text(&b), want);
    buf_free(&b);
}

static void widen(const char *text, bool big, struct buf *out)
{
    buf_put(out, big ? "\xfe\xff" : "\xff\xfe", 2);
    for (; *text; text++) {
        unsigned char u[2] = {(unsigned char)*text, 0};
        if (big) {
            u[1] = u[0];
            u[0] = 0;
        }
        buf_put(out, u, 2);
    }
}

static void test_merge_wide(void **s UNUSED)
{
    static const char declaration[] = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\r\n",
                      text[] = "<unattend xmlns=\"" URN "\">\r\n</unattend>\r\n";
    for (int way = 0; way < 4; way++) {
        bool big = way & 1, declared = way & 2;
        struct err e = {0};
        struct buf in = BUF_INIT(UNATTEND_MAX), out = BUF_SECRET(UNATTEND_MAX);
        AUTOFREE char *old = xasprintf("%s%s", declared ? declaration : "", text);
        widen(old, big, &in);
        assert_int_equal(merge((char *)in.data, in.len, "amd64", &out, &e), 0);
        assert_int_equal(out.len % 2, 0);
        assert_true(out.len > in.len);
        assert_memory_equal(out.data, declared ? "\xff\xfe<\0?\0" : "\xff\xfe<\0u\0", 6);
        for (size_t i = 2; i < out.len; i += 2) {
            if (out.data[i] == '\n')
                assert_memory_equal(out.data + i - 2, "\r\0\n\0", 4);
        }
        expect_data((char *)out.data, out.len, DATA);
        buf_free(&in);
        buf_free(&out);
    }
}

/* Nothing is put before the first element that was not there. */
static void test_merge_undeclared(void **s UNUSED)
{
    static const char old[] = "<unattend xmlns=\"" URN "\">\n</unattend>\n";
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(merge(old, strlen(old), "amd64", &b, &e), 0);
    assert_memory_equal(b.data, old, strlen("<unattend xmlns=\"" URN "\">\n"));
    expect_data(buf_text(&b), b.len, DATA);
    buf_free(&b);
}

static void test_look(void **s UNUSED)
{
    static const char xml[] =
        FILE_OF(PASS("specialize", "<component name=\"Microsoft-Windows-Shell-Setup\" "
                                   "processorArchitecture=\"amd64\"><ComputerName>PC-1</"
                                   "ComputerName></component>"));
    struct err e = {0};
    struct buf b = BUF_SECRET(UNATTEND_MAX);
    struct unattend_look l = {0};
    assert_int_equal(unattend_merge(xml, strlen(xml), "amd64", DATA, strlen(DATA), &b, &l, &e), 0);
    assert_string_equal(l.computer_name, "PC-1");
    assert_true(l.has_pass);
    buf_free(&b);
    b = BUF_SECRET(UNATTEND_MAX);
    assert_int_equal(unattend_merge(xml, strlen(xml), "x86", DATA, strlen(DATA), &b, &l, &e), 0);
    assert_string_equal(l.computer_name, "");
    buf_free(&b);
    unattend_look_free(&l);
}

static int wipe_what_is_freed(void **s UNUSED)
{
    unattend_setup_process();
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_nothing),
        cmocka_unit_test(test_read_cut),
        cmocka_unit_test(test_bombs),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_new),
        cmocka_unit_test(test_merge_places),
        cmocka_unit_test(test_merge_architecture),
        cmocka_unit_test(test_merge_conflicts),
        cmocka_unit_test(test_merge_style),
        cmocka_unit_test(test_merge_wide),
        cmocka_unit_test(test_merge_undeclared),
        cmocka_unit_test(test_look),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, wipe_what_is_freed, NULL);
}
