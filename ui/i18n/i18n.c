#define _GNU_SOURCE
#include "ui/i18n/i18n.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ui/i18n/mo.h"
#include "ui/text/charset.h"

#define DOMAIN "joinery"
#ifndef LOCALEDIR
#define LOCALEDIR "/usr/local/share/locale"
#endif

/* glibc's catalogue cache is dropped when this changes (GNU gettext manual, "Being a gettext
 * expert"). */
extern int _nl_msg_cat_cntr;

static struct i18n_language shipped[] = {
    {"en", "English", "English", I18N_ANYWHERE},
    {"de", "Deutsch", "German", I18N_ANYWHERE},
    {"es", "Español", "Spanish", I18N_ANYWHERE},
    {"fr", "Français", "French", I18N_ANYWHERE},
    {"it", "Italiano", "Italian", I18N_ANYWHERE},
    {"nl", "Nederlands", "Dutch", I18N_ANYWHERE},
    {"pl", "Polski", "Polish", I18N_ANYWHERE},
    {"pt_BR", "Português do Brasil", "Brazilian Portuguese", I18N_ANYWHERE},
    {"tr", "Türkçe", "Turkish", I18N_ANYWHERE},
    {"ru", "Русский", "Russian", I18N_ANYWHERE},
    {"uk", "Українська", "Ukrainian", I18N_ANYWHERE},
    {"he", "עברית", "Hebrew", I18N_RICH},
    {"ar", "العربية", "Arabic", I18N_RICH},
    {"zh_CN", "简体中文", "Simplified Chinese", I18N_RICH},
    {"ja", "日本語", "Japanese", I18N_RICH},
};
/* Made from the texts by the tests: long words, right to left, double width. Only where the
 * catalogues were named by hand. */
static const struct i18n_language pseudo[] = {
    {"en_XA", "Pseudo long", "Pseudo long", I18N_ANYWHERE},
    {"en_XB", "Pseudo right to left", "Pseudo right to left", I18N_RICH},
    {"en_XW", "Pseudo wide", "Pseudo wide", I18N_RICH},
};
static struct i18n_language present[ARRAY_SIZE(shipped)], held[ARRAY_SIZE(shipped)];
static size_t n_present, n_held;
static char asked[64]; /* the code that was asked for last */
static const char default_directory[] = LOCALEDIR;
static const char *directory = default_directory;
static char environment[64]; /* the language of the start */

static bool catalogue_path(char *path, size_t size, const char *code)
{
    int n = snprintf(path, size, "%s/%s/LC_MESSAGES/" DOMAIN ".mo", directory, code);
    return n > 0 && (size_t)n < size;
}

static bool has_catalogue(const char *code)
{
    char path[4096];
    return !strcmp(code, "en") ||
           (catalogue_path(path, sizeof path, code) && access(path, R_OK) == 0);
}

static void look_for_catalogues(void)
{
    n_present = n_held = 0;
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++) {
        if (has_catalogue(shipped[i].code))
            present[n_present++] = shipped[i];
    }
}

static const struct i18n_language *with_code(const struct i18n_language *list, size_t n,
                                             const char *code, size_t len)
{
    for (size_t i = 0; i < n; i++) {
        if (strlen(list[i].code) == len && !strncmp(list[i].code, code, len))
            return &list[i];
    }
    return NULL;
}

/* A locale's name without its codeset and modifier: the whole, then the language alone. Chinese in
 * traditional writing is another language to those who read it. */
static const struct i18n_language *find(const char *code)
{
    size_t len = strcspn(code, ".@:"), base = strcspn(code, "_.@:");
    const struct i18n_language *l = with_code(present, n_present, code, len);
    if (!l && directory != default_directory)
        l = with_code(pseudo, ARRAY_SIZE(pseudo), code, len);
    if (l && !has_catalogue(l->code))
        l = NULL;
    if (!l)
        l = with_code(present, n_present, code, base);
    if (!l && base == 2 && !strncmp(code, "pt", 2))
        l = with_code(present, n_present, "pt_BR", 5);
    if (!l && (!strncmp(code, "zh_SG", 5) || (base == len && base == 2 && !strncmp(code, "zh", 2))))
        l = with_code(present, n_present, "zh_CN", 5);
    return l;
}

/* The first language of a list such as LANGUAGE's that is there. */
static const char *first_of(const char *list)
{
    while (*list) {
        const struct i18n_language *l = find(list);
        if (l)
            return l->code;
        list += strcspn(list, ":");
        list += *list == ':';
    }
    return "en";
}

/* "de_DE.UTF-8" -> "de" */
static const char *locale_name(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        const char *v = getenv(names[i]);
        if (v && *v)
            return v;
    }
    return "";
}

/* The variable lives in a buffer of ours that is in the environment from the start: the environment
 * itself is never changed later, when other threads may be reading it. */
static char variable[9 + 64] = "LANGUAGE=";

static void use_language(const char *code)
{
    snprintf(variable + 9, sizeof variable - 9, "%s", code);
    _nl_msg_cat_cntr++;
}

/* Newer C libraries take C.UTF-8 for a locale that wants no translation (glibc 2.39 and later do):
 * then any other locale for messages will do, LANGUAGE says which translation. */
static void start_messages(void)
{
    static const char *const others[] = {"en_US.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8"};
    if (!strcmp(i18n_language(), "en"))
        return;
    for (size_t i = 0; i < ARRAY_SIZE(others) && !*gettext(""); i++) {
        if (setlocale(LC_MESSAGES, others[i]))
            _nl_msg_cat_cntr++;
    }
}

void i18n_start(void)
{
    const char *wanted = getenv("LANGUAGE");
    char name[64];
    const char *from = locale_name();
    snprintf(name, sizeof name, "%.*s", (int)strcspn(from, ".@"), from);
    if (!setlocale(LC_ALL, "") || strcmp(nl_langinfo(CODESET), "UTF-8")) {
        if (!setlocale(LC_ALL, "C.UTF-8"))
            (void)setlocale(LC_ALL, "C");
    }
    if (!wanted || !*wanted)
        wanted = !strcmp(name, "C") || !strcmp(name, "POSIX") || !*name ? "en" : name;
    const char *dir = getenv("JOINERY_LOCALEDIR");
    directory = dir && *dir ? dir : default_directory;
    (void)bindtextdomain(DOMAIN, directory);
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)textdomain(DOMAIN);
    look_for_catalogues();
    snprintf(asked, sizeof asked, "%.*s", (int)strcspn(wanted, ":"), wanted);
    snprintf(environment, sizeof environment, "%s", first_of(wanted));
    use_language(environment);
    (void)putenv(variable);
    start_messages();
}

bool i18n_set_language(const char *code)
{
    if (!*code) {
        use_language(environment);
        return true;
    }
    snprintf(asked, sizeof asked, "%s", code);
    const struct i18n_language *l = find(code);
    if (!l)
        return false;
    use_language(l->code);
    return true;
}

const char *i18n_language(void)
{
    return variable + 9;
}

size_t i18n_languages(const struct i18n_language **ret)
{
    *ret = present;
    return n_present;
}

bool i18n_wide(void)
{
    const char *code = i18n_language();
    return !strcmp(code, "ja") || !strcmp(code, "zh_CN");
}

bool i18n_from_right(void)
{
    const char *code = i18n_language();
    return !strcmp(code, "ar") || !strcmp(code, "he") || !strcmp(code, "en_XB");
}

void i18n_hold_back(const char *code)
{
    for (size_t i = 1; i < n_present; i++) { /* never English */
        if (strcmp(present[i].code, code) != 0)
            continue;
        held[n_held++] = present[i];
        n_present--;
        memmove(&present[i], &present[i + 1], (n_present - i) * sizeof present[0]);
        break;
    }
    if (!strcmp(environment, code))
        snprintf(environment, sizeof environment, "en");
    if (!strcmp(i18n_language(), code))
        use_language("en");
}

size_t i18n_held_back(const struct i18n_language **ret)
{
    *ret = held;
    return n_held;
}

bool i18n_missed(void)
{
    size_t len = strcspn(asked, ".@"), base = strcspn(asked, "_.@");
    return with_code(held, n_held, asked, len) || with_code(held, n_held, asked, base);
}

size_t i18n_letters(const char *code, uint32_t *out, size_t max)
{
    char path[4096];
    return catalogue_path(path, sizeof path, code) ? mo_letters(path, out, max) : 0;
}

const struct i18n_language *i18n_find(const char *code)
{
    return with_code(shipped, ARRAY_SIZE(shipped), code, strlen(code));
}

/* In characters that the terminal has. */
static const char *shown(const char *text)
{
    return charset_limited() ? charset_own(text, !strcmp(i18n_language(), "de")) : text;
}

void i18n_settle_names(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(shipped); i++)
        shipped[i].native = shown(shipped[i].native);
    for (size_t i = 0; i < n_present; i++)
        present[i].native = shown(present[i].native);
}

const char *i18n_text(const char *msgid)
{
    return *msgid ? shown(gettext(msgid)) : "";
}

const char *i18n_plural(const char *one, const char *many, unsigned long n)
{
    return shown(ngettext(one, many, n));
}

/* As pgettext(): the context and the text stand in the catalogue with an EOT between them. */
const char *i18n_context(const char *context, const char *msgid)
{
    char key[512];
    int n = snprintf(key, sizeof key, "%s\004%s", context, msgid);
    if (n < 0 || (size_t)n >= sizeof key)
        return msgid;
    const char *t = gettext(key);
    return t == key ? msgid : shown(t);
}
