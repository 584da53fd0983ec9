#define _GNU_SOURCE
#include "engine/base/strv.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void (*die_oom_hook)(void);

static void die_oom(void)
{
    static const char msg[] = "joinery: out of memory\n";
    if (die_oom_hook)
        die_oom_hook();
    if (write(STDERR_FILENO, msg, sizeof msg - 1) < 0)
        _exit(1);
    _exit(1);
}

void *xcalloc(size_t n, size_t size)
{
    void *p = calloc(n ? n : 1, size ? size : 1);
    if (!p)
        die_oom();
    return p;
}

void *xrealloc_array(void *p, size_t n, size_t size)
{
    void *q = reallocarray(p, n ? n : 1, size);
    if (!q)
        die_oom();
    return q;
}

char *xstrndup(const char *s, size_t n)
{
    char *d = strndup(s, n);
    if (!d)
        die_oom();
    return d;
}

char *xstrdup(const char *s)
{
    return xstrndup(s, strlen(s));
}

static char *vxasprintf(const char *fmt, va_list ap)
{
    char *s = NULL;
    if (vasprintf(&s, fmt, ap) < 0)
        die_oom();
    return s;
}

char *xasprintf(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *s = vxasprintf(fmt, ap);
    va_end(ap);
    return s;
}

void strv_take(struct strv *v, char *s)
{
    v->s = xrealloc_array(v->s, v->n + 2, sizeof *v->s);
    v->s[v->n++] = s;
    v->s[v->n] = NULL;
}

void strv_add(struct strv *v, const char *s)
{
    strv_take(v, xstrdup(s));
}

void strv_addf(struct strv *v, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    strv_take(v, vxasprintf(fmt, ap));
    va_end(ap);
}

bool strv_has(const struct strv *v, const char *s)
{
    for (size_t i = 0; i < v->n; i++) {
        if (strcmp(v->s[i], s) == 0)
            return true;
    }
    return false;
}

bool strv_has_icase(const struct strv *v, const char *s)
{
    for (size_t i = 0; i < v->n; i++) {
        if (str_ieq(v->s[i], s))
            return true;
    }
    return false;
}

void strv_copy(struct strv *dst, const struct strv *src)
{
    for (size_t i = 0; i < src->n; i++)
        strv_add(dst, src->s[i]);
}

void strv_free(struct strv *v)
{
    for (size_t i = 0; i < v->n; i++)
        free(v->s[i]);
    free(v->s);
    *v = (struct strv){0};
}

void strv_split(struct strv *v, const char *text, const char *seps)
{
    while (text && *text) {
        size_t n = strcspn(text, seps);
        const char *a = text, *b = text + n;
        while (a < b && (*a == ' ' || *a == '\t'))
            a++;
        while (b > a && (b[-1] == ' ' || b[-1] == '\t'))
            b--;
        if (b > a)
            strv_take(v, xstrndup(a, (size_t)(b - a)));
        text += n;
        if (*text)
            text++;
    }
}

static unsigned char lower(unsigned char c)
{
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool str_ieq(const char *a, const char *b)
{
    if (a == b)
        return true;
    if (!a || !b)
        return false;
    for (; *a && *b; a++, b++) {
        if (lower((unsigned char)*a) != lower((unsigned char)*b))
            return false;
    }
    return *a == *b;
}

bool str_empty(const char *s)
{
    return !s || !*s;
}

bool str_iends(const char *s, const char *tail)
{
    size_t n = strlen(s), t = strlen(tail);
    return n >= t && str_ieq(s + n - t, tail);
}

void str_upper(char *s)
{
    for (; *s; s++) {
        if (*s >= 'a' && *s <= 'z')
            *s = (char)(*s - 32);
    }
}

void str_lower(char *s)
{
    for (; *s; s++)
        *s = (char)lower((unsigned char)*s);
}
