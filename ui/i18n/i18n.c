#define _GNU_SOURCE
#include "ui/i18n/i18n.h"

#include <langinfo.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "joinery"
#ifndef LOCALEDIR
#define LOCALEDIR "/usr/local/share/locale"
#endif

/* glibc's catalogue cache is dropped when this changes (GNU gettext manual, "Being a gettext
 * expert"). */
extern int _nl_msg_cat_cntr;

static const struct i18n_language languages[] = {
    {"en", "English", "English"},
    {"de", "Deutsch", "German"},
};
static char environment[64]; /* LANGUAGE as it was at the start */

static const struct i18n_language *find(const char *code, size_t len)
{
    for (size_t i = 0; i < ARRAY_SIZE(languages); i++) {
        if (strlen(languages[i].code) == len && !strncmp(languages[i].code, code, len))
            return &languages[i];
    }
    return NULL;
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

static void use_language(const char *list)
{
    snprintf(variable + 9, sizeof variable - 9, "%s", list);
    _nl_msg_cat_cntr++;
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
    snprintf(environment, sizeof environment, "%s", wanted);
    const char *dir = getenv("JOINERY_LOCALEDIR");
    (void)bindtextdomain(DOMAIN, dir && *dir ? dir : LOCALEDIR);
    (void)bind_textdomain_codeset(DOMAIN, "UTF-8");
    (void)textdomain(DOMAIN);
    use_language(environment);
    (void)putenv(variable);
}

bool i18n_set_language(const char *code)
{
    if (!*code) {
        use_language(environment);
        return true;
    }
    if (!find(code, strcspn(code, "_.@")))
        return false;
    use_language(code);
    return true;
}

const char *i18n_language(void)
{
    const char *list = variable + 9;
    while (*list) {
        size_t len = strcspn(list, ":"), base = strcspn(list, "_.@:");
        const struct i18n_language *l = find(list, base < len ? base : len);
        if (l)
            return l->code;
        list += len + (list[len] == ':');
    }
    return "en";
}

size_t i18n_languages(const struct i18n_language **ret)
{
    *ret = languages;
    return ARRAY_SIZE(languages);
}

const char *i18n_text(const char *msgid)
{
    return *msgid ? gettext(msgid) : "";
}

const char *i18n_plural(const char *one, const char *many, unsigned long n)
{
    return ngettext(one, many, n);
}

/* As pgettext(): the context and the text stand in the catalogue with an EOT between them. */
const char *i18n_context(const char *context, const char *msgid)
{
    char key[512];
    int n = snprintf(key, sizeof key, "%s\004%s", context, msgid);
    if (n < 0 || (size_t)n >= sizeof key)
        return msgid;
    const char *t = gettext(key);
    return t == key ? msgid : t;
}
