/* Which languages there are, which the terminal can show, and which one is used. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "engine/base/strv.h"
#include "tests/ui/drive.h"
#include "ui/app/languages.h"
#include "ui/i18n/format.h"
#include "ui/i18n/i18n.h"
#include "ui/text/charset.h"

static char dir[] = "/tmp/joinery-languages.XXXXXX";

static void copy(const char *from, const char *to)
{
    static char bytes[8 << 20];
    FILE *in = fopen(from, "r"), *out = fopen(to, "w");
    assert_non_null(in);
    assert_non_null(out);
    size_t n = fread(bytes, 1, sizeof bytes, in);
    assert_true(n > 1000);
    assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* The German catalogue under other names: what is tested is which one is taken. */
static int make_catalogues(void **state)
{
    static const char *const codes[] = {"de", "pt_BR", "zh_CN", "ja", "ru"};
    const char *real = getenv("JOINERY_LOCALEDIR");
    (void)state;
    if (!real || !mkdtemp(dir))
        return -1;
    AUTOFREE char *from = xasprintf("%s/de/LC_MESSAGES/joinery.mo", real);
    for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
        AUTOFREE char *top = xasprintf("%s/%s", dir, codes[i]);
        AUTOFREE char *inner = xasprintf("%s/LC_MESSAGES", top);
        AUTOFREE char *to = xasprintf("%s/joinery.mo", inner);
        if (mkdir(top, 0755) < 0 || mkdir(inner, 0755) < 0)
            return -1;
        copy(from, to);
    }
    return setenv("JOINERY_LOCALEDIR", dir, 1);
}

static int remove_catalogues(void **state)
{
    (void)state;
    AUTOFREE char *command = xasprintf("rm -rf '%s'", dir);
    return system(command);
}

static void start(const char *lang, const char *language)
{
    setenv("LANG", lang, 1);
    unsetenv("LC_ALL");
    unsetenv("LC_MESSAGES");
    setenv("LANGUAGE", language, 1);
    i18n_start();
}

static void only_languages_with_a_catalogue_are_offered(void **state)
{
    (void)state;
    const struct i18n_language *list;
    start("C", "");
    size_t n = i18n_languages(&list);
    assert_int_equal(n, 6);
    assert_string_equal(list[0].code, "en");
    for (size_t i = 0; i < n; i++)
        assert_false(str_eq(list[i].code, "fr"));
    assert_false(i18n_set_language("fr"));
    assert_string_equal(i18n_language(), "en");
    assert_string_equal(i18n_find("fr")->native, "Français");
    assert_null(i18n_find("xx"));
}

static void the_environment_names_the_language(void **state)
{
    (void)state;
    static const struct {
        const char *lang, *language, *code;
    } rows[] = {
        {"de_DE.UTF-8", "", "de"},    {"de_AT@euro", "", "de"},       {"C.UTF-8", "", "en"},
        {"POSIX", "", "en"},          {"fr_FR.UTF-8", "", "en"},      {"en_US.UTF-8", "de", "de"},
        {"C", "fr:de", "de"},         {"C", "fr:ja:de", "ja"},        {"pt_PT.UTF-8", "", "pt_BR"},
        {"pt_BR.UTF-8", "", "pt_BR"}, {"zh_CN.GB18030", "", "zh_CN"}, {"zh_SG.UTF-8", "", "zh_CN"},
        {"zh_TW.UTF-8", "", "en"},    {"C", "zh", "zh_CN"},           {"xx_YY", "", "en"},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        start(rows[i].lang, rows[i].language);
        if (!str_eq(i18n_language(), rows[i].code))
            fail_msg("LANG=%s LANGUAGE=%s: %s", rows[i].lang, rows[i].language, i18n_language());
    }
    start("de_DE.UTF-8", "");
    assert_string_equal(i18n_text("Back"), "Zurück");
    assert_true(i18n_set_language("en"));
    assert_string_equal(i18n_text("Back"), "Back");
    assert_true(i18n_set_language(""));
    assert_string_equal(i18n_text("Back"), "Zurück");
}

static void letters_come_from_the_catalogue(void **state)
{
    (void)state;
    uint32_t letters[64];
    bool sharp = false, a = false;
    start("C.UTF-8", "");
    size_t n = i18n_letters("de", letters, ARRAY_SIZE(letters));
    for (size_t i = 0; i < n; i++) {
        sharp = sharp || letters[i] == 0xDF;
        a = a || letters[i] == 'a';
    }
    assert_true(n >= 7 && n < 20);
    assert_true(sharp);
    assert_false(a);
    assert_int_equal(i18n_letters("de", letters, 3), 3);
    assert_int_equal(i18n_letters("fr", letters, 3), 0);
    AUTOFREE char *broken = xasprintf("%s/ru/LC_MESSAGES/joinery.mo", dir);
    AUTOFREE char *good = xasprintf("%s/de/LC_MESSAGES/joinery.mo", dir);
    /* offsets that lead out of the file */
    FILE *f = fopen(broken, "r+");
    assert_non_null(f);
    fseek(f, 16, SEEK_SET);
    fwrite("\xff\xff\xff\x7f", 1, 4, f);
    fclose(f);
    assert_int_equal(i18n_letters("ru", letters, 64), 0);
    copy(good, broken);
}

static bool all(const uint32_t *codepoints, size_t count)
{
    (void)codepoints;
    return count > 0;
}

static bool no_sharp_s(const uint32_t *codepoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (codepoints[i] == 0xDF)
            return false;
    }
    return true;
}

static void a_terminal_shows_what_it_has_letters_for(void **state)
{
    (void)state;
    const struct languages_place graphical = {.can_show = no_sharp_s}, console = {true, true, all},
                                 poor = {true, true, no_sharp_s}, latin = {false, true, no_sharp_s};
    start("C.UTF-8", "");
    assert_true(languages_fit(i18n_find("ja"), &graphical));
    assert_true(languages_fit(i18n_find("de"), &graphical));
    assert_false(languages_fit(i18n_find("ja"), &console));
    assert_false(languages_fit(i18n_find("ar"), &console));
    assert_true(languages_fit(i18n_find("de"), &console));
    assert_false(languages_fit(i18n_find("de"), &poor));
    assert_false(languages_fit(i18n_find("de"), &latin));
    assert_true(languages_fit(i18n_find("en"), &poor));
}

static void what_is_held_back_is_said(void **state)
{
    (void)state;
    const struct i18n_language *list;
    start("ja_JP.UTF-8", "");
    assert_string_equal(i18n_language(), "ja");
    assert_null(languages_hint());
    i18n_hold_back("ja");
    i18n_hold_back("zh_CN");
    i18n_hold_back("en");
    assert_string_equal(i18n_language(), "en");
    assert_int_equal(i18n_languages(&list), 4);
    assert_int_equal(i18n_held_back(&list), 2);
    assert_true(i18n_missed());
    AUTOFREE char *hint = languages_hint();
    assert_non_null(strstr(hint, "Japanese, Simplified Chinese"));
    assert_false(i18n_set_language("zh"));
    assert_true(i18n_set_language("de"));
    assert_false(i18n_missed());
    assert_null(languages_hint());
    assert_false(i18n_set_language("ja_JP"));
    assert_true(i18n_missed());
    assert_string_equal(i18n_language(), "de");
}

static void dates_and_durations(void **state)
{
    (void)state;
    char text[64];
    setenv("TZ", "UTC", 1);
    start("C.UTF-8", "de");
    assert_string_equal(format_date_time(text, sizeof text, 1795290225), "2026-11-21 19:43");
    assert_string_equal(format_date_time(text, sizeof text, INT64_MAX), "");
    assert_string_equal(format_duration(text, sizeof text, 7999), "0:07");
    assert_string_equal(format_duration(text, sizeof text, 754000), "12:34");
    assert_string_equal(format_duration(text, sizeof text, 3723000), "1:02:03");
    assert_false(format_orders());
}

/* A locale of its own is made for this: the machine may have none. */
static void the_locale_gives_dates_and_order(void **state)
{
    (void)state;
    char text[64];
    AUTOFREE char *make =
        xasprintf("localedef --no-archive -i de_DE -f UTF-8 %s/de_DE.UTF-8 >/dev/null 2>&1", dir);
    if (system(make) != 0) {
        print_message("skipped: no localedef\n");
        skip();
    }
    setenv("LOCPATH", dir, 1);
    setenv("TZ", "UTC", 1);
    start("de_DE.UTF-8", "");
    assert_string_equal(format_date_time(text, sizeof text, 1795290225), "21.11.2026 19:43");
    assert_true(format_orders());
    assert_true(format_compare("Ärzte", "Büro") < 0);
    assert_true(format_compare("außen", "Berlin") < 0);
    assert_true(i18n_set_language("en")); /* German dates among English words are misread */
    assert_string_equal(format_date_time(text, sizeof text, 1795290225), "2026-11-21 19:43");
    unsetenv("LOCPATH");
    start("C.UTF-8", "");
}

/* By the first letter of either name, on from the present one. */
static void a_letter_finds_a_language(void **state)
{
    (void)state;
    static const struct {
        const char *letter, *code;
    } rows[] = {{"g", "de"}, {"F", "fr"}, {"p", "pt_BR"}, {"日", "ja"}, {"J", "ja"},
                {"e", "en"}, {"d", "de"}, {"x", "de"},    {"Р", "ru"}};
    static const char *const codes[] = {"en", "de", "fr", "pt_BR", "ru", "ja"};
    start("C.UTF-8", "");
    fake_reset();
    struct drive *d = drive_start(NULL);
    wizard_set_languages(codes, ARRAY_SIZE(codes));
    drive_focus(d, FLD_LANGUAGE);
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        drive_event(
            d, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CHAR, .text = rows[i].letter});
        assert_string_equal(drive_value(d, OPT_LANGUAGE), rows[i].code);
    }
    drive_free(d);
}

static void names_are_in_characters_of_the_terminal(void **state)
{
    (void)state;
    start("C.UTF-8", "");
    i18n_settle_names();
    assert_string_equal(i18n_find("fr")->native, "Français");
    charset_set("ANSI_X3.4-1968");
    i18n_settle_names();
    assert_string_equal(i18n_find("fr")->native, "Francais");
    assert_string_equal(i18n_find("ru")->native, "Russkij");
    charset_set(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_languages_with_a_catalogue_are_offered),
        cmocka_unit_test(the_environment_names_the_language),
        cmocka_unit_test(letters_come_from_the_catalogue),
        cmocka_unit_test(a_terminal_shows_what_it_has_letters_for),
        cmocka_unit_test(a_letter_finds_a_language),
        cmocka_unit_test(dates_and_durations),
        cmocka_unit_test(the_locale_gives_dates_and_order),
        cmocka_unit_test(what_is_held_back_is_said),
        cmocka_unit_test(names_are_in_characters_of_the_terminal),
    };
    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, make_catalogues, remove_catalogues);
}
