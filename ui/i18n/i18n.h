/*
 * Translation: the one place that knows gettext. Everything shown to people goes through _(), P_()
 * and C_(); tables mark their strings with N_() and whoever displays them calls _() on the pointer.
 * Results live until the language changes. Only the thread that owns the screen calls these.
 */
#ifndef JOINERY_UI_I18N_H
#define JOINERY_UI_I18N_H

#include <stdbool.h>
#include <stddef.h>

#include "engine/base/macro.h"

/* Locale from the environment; when that fails or is not UTF-8, C.UTF-8 with LANGUAGE taken from
 * the environment's locale name, which delivers translations without any generated locale.
 * Catalogues come from JOINERY_LOCALEDIR or the installed place. Before any thread starts. */
void i18n_start(void);

/* Switches the language of everything from now on: "de", "en", "" for the environment's. false when
 * there is no catalogue for it (the language stays). */
bool i18n_set_language(const char *code);
/* Code of the language in use: "en" when the environment names none that is shipped. */
const char *i18n_language(void);

struct i18n_language {
    const char *code;    /* de */
    const char *native;  /* in its own words */
    const char *english; /* for those who cannot read it */
};
/* The shipped languages, English first. */
size_t i18n_languages(const struct i18n_language **ret);

const char *i18n_text(const char *msgid) __attribute__((format_arg(1)));
const char *i18n_plural(const char *one, const char *many, unsigned long n)
    __attribute__((format_arg(1))) __attribute__((format_arg(2)));
const char *i18n_context(const char *context, const char *msgid) __attribute__((format_arg(2)));

#define _(s)             i18n_text(s)
#define P_(one, many, n) i18n_plural(one, many, n)
#define C_(context, s)   i18n_context(context, s)

#endif
