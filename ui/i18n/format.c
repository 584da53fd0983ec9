#define _GNU_SOURCE
#include "ui/i18n/format.h"

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "ui/i18n/i18n.h"

static bool is_plain(const char *locale)
{
    return !locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX") || !strncmp(locale, "C.", 2);
}

/* A date in the manner of another language than that of the words around it is misread. */
static bool own_dates(void)
{
    const char *locale = setlocale(LC_TIME, NULL), *code = i18n_language();
    if (is_plain(locale))
        return false;
    size_t len = strcspn(code, "_");
    return !strncmp(locale, code, len) && strchr("_.@", locale[len]) != NULL;
}

/* The time of day without its seconds. */
static const char *time_of_day(void)
{
    const char *format = nl_langinfo(T_FMT);
    return strstr(format, "%p") || strstr(format, "%r") ? "%I:%M %p" : "%H:%M";
}

char *format_date_time(char *out, size_t size, int64_t seconds)
{
    struct tm tm;
    char format[32] = "%Y-%m-%d %H:%M";
    time_t t = (time_t)seconds;
    if (own_dates())
        snprintf(format, sizeof format, "%%x %s", time_of_day());
    if (!localtime_r(&t, &tm) || !strftime(out, size, format, &tm))
        out[0] = '\0';
    return out;
}

char *format_duration(char *out, size_t size, uint64_t ms)
{
    unsigned long long s = ms / 1000;
    if (s < 3600)
        snprintf(out, size, "%llu:%02llu", s / 60, s % 60);
    else
        snprintf(out, size, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    return out;
}

bool format_orders(void)
{
    return !is_plain(setlocale(LC_COLLATE, NULL));
}

int format_compare(const char *a, const char *b)
{
    return strcoll(a, b);
}
