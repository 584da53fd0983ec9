/*
 * Translation: the one place that knows gettext. Everything shown to people goes through _(), P_()
 * and C_(); tables mark their strings with N_() and whoever displays them calls _() on the pointer.
 * Results live until the language changes. Only the thread that owns the screen calls these.
 */
#ifndef JOINERY_UI_I18N_H
#define JOINERY_UI_I18N_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/macro.h"

/* Locale from the environment; when that fails or is not UTF-8, C.UTF-8 with LANGUAGE taken from
 * the environment's locale name, which delivers translations without any generated locale.
 * Catalogues come from JOINERY_LOCALEDIR or the installed place. Before any thread starts. */
void i18n_start(void);

/* Switches the language of everything from now on: "de", "pt_BR", "" for the environment's. A
 * region that has no catalogue of its own takes its language's ("de_AT": de). false when there is
 * no catalogue for it (the language stays). */
bool i18n_set_language(const char *code);
/* Code of the language in use: "en" when the environment names none that is there. */
const char *i18n_language(void);

/* Where a language's writing is at home. */
enum i18n_class {
    I18N_ANYWHERE, /* letters that every console with a suitable font has */
    I18N_RICH, /* more glyphs than a text console holds, or writing from right to left: graphical
                  terminals and SSH only */
};
struct i18n_language {
    const char *code;    /* de, pt_BR */
    const char *native;  /* in its own words */
    const char *english; /* for those who cannot read it */
    enum i18n_class class;
};
/* The languages whose catalogue is there, English first, then by their own names, script by script.
 * Pseudo-languages of the tests are not among them. */
size_t i18n_languages(const struct i18n_language **ret);
/* From now on the languages' own names are in characters that the terminal has. After the
 * terminal's character set was settled. */
void i18n_settle_names(void);
/* People who use this language have terminals that draw line characters in two columns (Unicode,
 * UAX 11 "Ambiguous"): frames are of + - | then. */
bool i18n_wide(void);
/* Written from right to left. Terminals turn such text round themselves, each in its way, so it
 * goes out in the order it is read, from left to right on the screen, and a line has one look only.
 */
bool i18n_from_right(void);
/* A language that the terminal cannot show: it is not offered from now on, and not used even if the
 * environment names it. For the screen's languages, before the first text. */
void i18n_hold_back(const char *code);
size_t i18n_held_back(const struct i18n_language **ret);
/* The language that was asked for is one of those. */
bool i18n_missed(void);
/* The letters beyond ASCII that a language's catalogue has, each once; at most max. 0: there is no
 * catalogue. */
size_t i18n_letters(const char *code, uint32_t *out, size_t max);
/* The one with that code, NULL when it is not shipped. */
const struct i18n_language *i18n_find(const char *code);

const char *i18n_text(const char *msgid) __attribute__((format_arg(1)));
const char *i18n_plural(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1))) __attribute__((format_arg(2)));
const char *i18n_context(const char *context, const char *msgid) __attribute__((format_arg(2)));

#define _(s)             i18n_text(s)
#define P_(one, many, n) i18n_plural(one, many, n)
#define C_(context, s)   i18n_context(context, s)

#endif
