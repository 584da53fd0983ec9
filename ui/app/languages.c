#include "ui/app/languages.h"

#include "engine/base/log.h"
#include "ui/model/wizard.h"
#include "ui/term/term.h"
#include "ui/text/charset.h"
#include "ui/words/words.h"

#define LETTERS_MAX 8192

bool languages_fit(const struct i18n_language *l, const struct languages_place *place)
{
    static uint32_t letters[LETTERS_MAX];
    if (l->class == I18N_RICH && place->plain)
        return false;
    if (!place->limited)
        return true;
    size_t n = i18n_letters(l->code, letters, LETTERS_MAX);
    return n == 0 || place->can_show(letters, n);
}

static void hold_back(void)
{
    struct languages_place place = {.plain = term_on_console() || term_is_slow(),
                                    .limited = term_on_console() || charset_limited(),
                                    .can_show = term_can_show};
    const struct i18n_language *list;
    size_t n = i18n_languages(&list);
    for (size_t i = n; i-- > 1;) { /* the list becomes shorter behind i; English always stays */
        struct i18n_language l = list[i];
        if (languages_fit(&l, &place))
            continue;
        log_info("the terminal cannot show %s: it is not offered", l.english);
        i18n_hold_back(l.code);
    }
}

static void tell_wizard(void)
{
    static const char *codes[32];
    const struct i18n_language *list;
    size_t n = i18n_languages(&list);
    if (n > ARRAY_SIZE(codes))
        n = ARRAY_SIZE(codes);
    for (size_t i = 0; i < n; i++)
        codes[i] = list[i].code;
    wizard_set_languages(codes, n);
}

void languages_settle(struct settings *s)
{
    struct err e = {0};
    const char *wanted = settings_get(s, OPT_LANGUAGE);
    hold_back();
    i18n_settle_names();
    tell_wizard();
    if (*wanted)
        (void)i18n_set_language(wanted);
    /* The choice on the welcome page shows the language that is in use. */
    (void)!settings_set(s, OPT_LANGUAGE, i18n_language(), ORIGIN_DEFAULT, &e);
}

char *languages_hint(void)
{
    return i18n_missed() ? words_held_back() : NULL;
}
