#define _GNU_SOURCE
#include "engine/base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int err_code(struct err *e, uint32_t code)
{
    if (e && !e->code) {
        e->code = code;
        e->cause = CAUSE_NONE;
    }
    return -1;
}

int err_cause(struct err *e, enum cause cause)
{
    if (e && !e->code) {
        e->code = cause_code(cause);
        e->cause = cause;
    }
    return -1;
}

void err_clean_text(char *s)
{
    for (unsigned char *p = (unsigned char *)s; *p; p++) {
        if (*p < 0x20 || *p == 0x7f)
            *p = ' ';
    }
}

/* A cut in the middle of a UTF-8 sequence would leave half a character behind. */
static void drop_partial_utf8(char *s)
{
    size_t n = strlen(s), back = 0;
    while (back < 3 && back < n && ((unsigned char)s[n - 1 - back] & 0xc0) == 0x80)
        back++;
    if (back >= n)
        return;
    unsigned char lead = (unsigned char)s[n - 1 - back];
    size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    if (lead >= 0xc0 && back + 1 < want)
        s[n - 1 - back] = '\0';
}

static void format_clean(char *dst, size_t size, const char *fmt, va_list ap)
{
    int n = vsnprintf(dst, size, fmt, ap);
    if (n < 0)
        dst[0] = '\0';
    else if ((size_t)n >= size)
        drop_partial_utf8(dst);
    err_clean_text(dst);
}

int err_foreign(struct err *e, enum err_src src, long lib, const char *fmt, ...)
{
    if (!e || e->src != ERR_SRC_NONE)
        return -1;
    va_list ap;
    va_start(ap, fmt);
    e->src = src;
    e->lib = lib;
    format_clean(e->raw, sizeof e->raw, fmt, ap);
    va_end(ap);
    return -1;
}

int err_errno(struct err *e, enum cause cause, int no, const char *path)
{
    char buf[128];
    if (no == ENOSPC || no == EDQUOT)
        cause = CAUSE_DISK_FULL;
    err_cause(e, cause);
    if (path)
        err_fact(e, FACT_FILE, "%s", path);
    return err_foreign(e, ERR_SRC_ERRNO, no, "%s", strerror_r(no, buf, sizeof buf));
}

void err_fact(struct err *e, enum fact label, const char *fmt, ...)
{
    if (!e || e->n_facts >= ERR_FACTS_MAX || err_fact_get(e, label))
        return;
    struct err_fact *f = &e->facts[e->n_facts++];
    va_list ap;
    va_start(ap, fmt);
    f->label = label;
    format_clean(f->value, sizeof f->value, fmt, ap);
    va_end(ap);
}

const char *err_fact_get(const struct err *e, enum fact label)
{
    for (unsigned i = 0; i < e->n_facts; i++) {
        if (e->facts[i].label == label)
            return e->facts[i].value;
    }
    return NULL;
}

void err_reset(struct err *e)
{
    *e = (struct err){0};
}
