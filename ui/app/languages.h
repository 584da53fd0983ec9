/* Which languages are offered on this terminal, and the one to begin with. */
#ifndef JOINERY_UI_APP_LANGUAGES_H
#define JOINERY_UI_APP_LANGUAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/model/settings.h"
#include "ui/i18n/i18n.h"

/* What the terminal is able to. */
struct languages_place {
    bool plain;   /* a console or a serial line: no fonts of thousands of glyphs, nothing from right
                     to left */
    bool limited; /* not every character can be shown: the catalogues are looked through */
    bool (*can_show)(const uint32_t *codepoints, size_t count);
};
bool languages_fit(const struct i18n_language *l, const struct languages_place *place);

/* Holds back what the terminal cannot show, tells the wizard the others, and settles the one that
 * the settings or the environment ask for. After term_settle_charset(). */
void languages_settle(struct settings *s);

/* "Japanese, Arabic: ..." - what is held back and how to get it; NULL when nothing is. The text
 * belongs to the caller. */
char *languages_hint(void);

#endif
