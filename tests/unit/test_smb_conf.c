/* The workgroup in smb.conf: one line changes, the rest stays byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/conf/conf.h"

static struct err e;
static bool more;

static char *edit(const char *before, const char *name)
{
    struct buf b = BUF_INIT(1 << 20);
    err_reset(&e);
    more = false;
    if (conf_smb_workgroup(before, name, &b, &more, &e) == 0)
        return buf_steal(&b);
    buf_free(&b);
    return NULL;
}

static void gives(const char *before, const char *after)
{
    AUTOFREE char *now = edit(before, "NEW");
    if (!now)
        fail_msg("%s", e.raw);
    assert_string_equal(now, after);
    AUTOFREE char *again = edit(now, "NEW");
    assert_string_equal(again, now);
}

static void test_edits(void **state)
{
    (void)state;
    gives("[global]\n\tworkgroup = OLD\n", "[global]\n\tworkgroup = NEW\n");
    gives("# a\n; b\n\n[homes]\n  path = /x\n[Global]\n   WorkGroup=OLD\n   security = user\n",
          "# a\n; b\n\n[homes]\n  path = /x\n[Global]\n   WorkGroup=NEW\n   security = user\n");
    gives("[global]\nwork group = A\nsecurity = user\nworkgroup = B\n",
          "[global]\nwork group = NEW\nsecurity = user\nworkgroup = NEW\n");
    /* A share's line of that name means nothing. */
    gives("[share]\nworkgroup = X\n[global]\nworkgroup = OLD\n",
          "[share]\nworkgroup = X\n[global]\nworkgroup = NEW\n");
    AUTOFREE char *same = edit("[global]\n  workgroup =   NEW  \n", "NEW");
    assert_string_equal(same, "[global]\n  workgroup =   NEW  \n");
}

static void test_more(void **state)
{
    (void)state;
    AUTOFREE char *a = edit("[global]\nworkgroup = A\n", "NEW");
    assert_false(more);
    AUTOFREE char *b = edit("[global]\nInclude = /etc/samba/%m.conf\n", "NEW");
    assert_true(more);
    AUTOFREE char *c = edit("[global]\nconfig backend = registry\n", "NEW");
    assert_true(more);
    AUTOFREE char *d = edit("[share]\ninclude = /x\n", "NEW");
    assert_false(more);
    assert_non_null(a);
    assert_non_null(b);
    assert_non_null(c);
    assert_non_null(d);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", " A", "A ", "A%h", "A#B", "A;", "\"A", "A\\", "A\nB"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        assert_null(edit("[global]\n", names[i]));
        assert_int_equal(e.code, 2695);
    }
    assert_null(edit("[global\nworkgroup = A\n", "NEW"));
    assert_int_equal(e.cause, CAUSE_FILE_UNPARSABLE);
    assert_string_equal(err_fact_get(&e, FACT_FILE), CONF_SMB);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edits),
        cmocka_unit_test(test_more),
        cmocka_unit_test(test_refused),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
