/* The tables agree with themselves: unique numbers and words, complete texts, every cause's code
 * known. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/tables/checks.h"
#include "engine/tables/codes.h"
#include "engine/tables/facts.h"
#include "engine/tables/options.h"
#include "engine/tables/steps.h"

static void test_codes(void **state)
{
    (void)state;
    assert_true(code_count() > 100);
    for (size_t i = 0; i < code_count(); i++) {
        const struct code_row *a = code_at(i);
        assert_true(*a->what && *a->symbol);
        assert_true(a->number == 0 || *a->next);
        for (size_t k = i + 1; k < code_count(); k++) {
            assert_int_not_equal(a->number, code_at(k)->number);
            assert_string_not_equal(a->symbol, code_at(k)->symbol);
        }
        assert_ptr_equal(code_parse(a->symbol), a);
    }
    assert_int_equal(code_parse("0x8B0")->number, 2224);
    assert_int_equal(code_parse("2224")->number, 2224);
    assert_int_equal(code_parse("nerr_userexists")->number, 2224);
    assert_null(code_parse("2224x"));
    assert_null(code_parse("99999999999"));
    for (unsigned n = 2691; n <= 2732; n++) {
        if (n != 2706 && n != 2707 && n != 2708)
            assert_non_null(code_find(n));
    }
}

static void test_causes(void **state)
{
    (void)state;
    for (int c = 1; c < CAUSE__COUNT; c++) {
        const struct cause_row *r = cause_row(c);
        assert_non_null(code_find(r->number));
        assert_true(*r->what && *r->why && *r->next);
        for (int k = c + 1; k < CAUSE__COUNT; k++)
            assert_string_not_equal(r->id, cause_row(k)->id);
    }
    assert_null(cause_row(CAUSE_NONE));
}

/* A constraint violation is never told as a matter of permissions. */
static void test_constraint_words(void **state)
{
    (void)state;
    static const enum cause constraints[] = {CAUSE_SPN_CLASH, CAUSE_DNSHOST_SUFFIX,
                                             CAUSE_SPN_SUFFIX, CAUSE_UAC_REFUSED,
                                             CAUSE_PASSWORD_POLICY};
    for (size_t i = 0; i < sizeof constraints / sizeof *constraints; i++) {
        const struct cause_row *r = cause_row(constraints[i]);
        assert_null(strcasestr(r->what, "permission"));
        assert_null(strcasestr(r->why, "permission"));
        assert_null(strcasestr(r->what, "rights"));
    }
}

static void test_options(void **state)
{
    (void)state;
    for (int o = 0; o < OPT__COUNT; o++) {
        assert_int_equal(opt_find(opt_row(o)->section, opt_row(o)->key), o);
        assert_true(opt_section_known(opt_row(o)->section));
    }
    assert_int_equal(opt_find("domain", "nome"), -1);
    assert_string_equal(opt_nearest("domain", "nome"), "domain.name");
    assert_string_equal(opt_nearest("domin", "controller"), "domain.controller");
    assert_string_equal(opt_nearest("enrollment", "domain"), "domain.name");
    assert_string_equal(opt_nearest("machine", "hostname-of-this"), "machine.name");
    assert_null(opt_nearest("zzz", "qqqqqqqqqqqq"));
}

static void test_flags(void **state)
{
    (void)state;
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        assert_ptr_equal(flag_of(f->opt), f);
        assert_int_equal(f->value & (f->value - 1), 0);
        for (size_t k = i + 1; k < flag_count(); k++) {
            if (flag_at(k)->ops & f->ops)
                assert_int_not_equal(f->value, flag_at(k)->value);
        }
    }
    assert_null(flag_of(OPT_DOMAIN));
}

static void test_steps_and_labels(void **state)
{
    (void)state;
    bool seen[STEP__COUNT] = {false};
    for (int i = 0; i < STEP__COUNT; i++) {
        int n = step_row(i)->number;
        assert_true(n >= 0 && n < STEP__COUNT && !seen[n]);
        seen[n] = true;
        assert_true(*step_row(i)->label && *step_row(i)->word);
    }
    for (int i = 0; i < FACT__COUNT; i++)
        assert_true(*fact_label(i));
    for (int i = 0; i < CHECK__COUNT; i++)
        assert_true(*check_label(i) && *check_word(i));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_causes),
        cmocka_unit_test(test_constraint_words),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_steps_and_labels),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
