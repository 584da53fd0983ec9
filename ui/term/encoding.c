/* Which bytes the terminal takes. A terminal is never asked, because some never answer: the
 * locale, the console's own mode and the line discipline tell. */
#define _GNU_SOURCE
#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/log.h"
#include "ui/term/internal.h"
#include "ui/term/term.h"
#include "ui/term/vt.h"
#include "ui/text/charset.h"

/* The locale's name says UTF-8 even where that locale is not installed. Where nobody has set one
 * the terminals of today take UTF-8, but for a serial line and what calls itself a VT. */
static bool named_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *value = NULL, *type = getenv("TERM");
    for (size_t i = 0; i < 3 && (!value || !*value); i++)
        value = getenv(names[i]);
    if (value && *value)
        return strcasestr(value, ".utf-8") || strcasestr(value, ".utf8");
    return type && strncmp(type, "vt", 2) != 0 && !term_is_slow();
}

/* What terminal emulators and SSH set for UTF-8 (termios(3), IUTF8). */
static bool line_utf8(void)
{
    struct termios t;
    return tcgetattr(TERM_TTY_OUT, &t) == 0 && (t.c_iflag & IUTF8);
}

void term_settle_charset(void)
{
    char codeset[64] = "ANSI_X3.4-1968";
    locale_t own = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (own) {
        snprintf(codeset, sizeof codeset, "%s", nl_langinfo_l(CODESET, own));
        freelocale(own);
    }
    bool utf8 = strcmp(codeset, "UTF-8") == 0 || named_utf8();
    bool console = vt_is_open() || vt_open(TERM_TTY_IN);
    if (!utf8 && (console ? vt_unicode() : line_utf8())) {
        log_info("the locale is not one of UTF-8 (%s), the terminal is: UTF-8 is used", codeset);
        utf8 = true;
    }
    charset_set(utf8 ? NULL : codeset);
}

bool encoding_locale(void)
{
    if (!charset_limited())
        return strcmp(nl_langinfo(CODESET), "UTF-8") == 0 || setlocale(LC_CTYPE, "C.UTF-8");
    return setlocale(LC_CTYPE, "") || setlocale(LC_CTYPE, "C");
}

bool term_on_console(void)
{
    return vt_is_open();
}

bool term_caps_lock(void)
{
    return vt_caps_lock();
}

bool term_can_show(const uint32_t *codepoints, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!charset_can_say(codepoints[i]))
            return false;
    }
    return vt_can_show(codepoints, count);
}
