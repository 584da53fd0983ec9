#include "engine/apply/mounts.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX (4u << 20)

/* Blank, tab, newline and backslash stand as three octal digits. */
static char *unescape(const char *p, size_t n)
{
    char *r = xcalloc(1, n + 1), *to = r;
    for (size_t i = 0; i < n; i++) {
        if (p[i] == '\\' && i + 3 < n && p[i + 1] >= '0' && p[i + 1] <= '3' && p[i + 2] >= '0' &&
            p[i + 2] <= '7' && p[i + 3] >= '0' && p[i + 3] <= '7') {
            *to++ = (char)((p[i + 1] - '0') * 64 + (p[i + 2] - '0') * 8 + (p[i + 3] - '0'));
            i += 3;
        } else {
            *to++ = p[i];
        }
    }
    return r;
}

/* The next field of the line; NULL at its end. */
static char *field(const char **at)
{
    const char *p = *at + strspn(*at, " ");
    size_t n = strcspn(p, " \n");
    *at = p + n;
    return n ? unescape(p, n) : NULL;
}

static bool has_option(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *p = list; p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        if (strncmp(p, word, n) == 0 && (p[n] == ',' || p[n] == '\0'))
            return true;
    }
    return false;
}

static void mount_free(struct mount *m)
{
    free(m->root);
    free(m->point);
    free(m->options);
    free(m->fstype);
    free(m->source);
    free(m->super);
    *m = (struct mount){0};
}

/* 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue */
static bool parse_line(const char *line, struct mount *ret)
{
    int n = 0;
    *ret = (struct mount){0};
    if (sscanf(line, "%*u %*u %u:%u%n", &ret->major, &ret->minor, &n) != 2 || n == 0)
        return false;
    const char *at = line + n;
    ret->root = field(&at);
    ret->point = field(&at);
    ret->options = field(&at);
    for (;;) {
        AUTOFREE char *tag = field(&at);
        if (!tag)
            break;
        if (str_eq(tag, "-")) {
            ret->fstype = field(&at);
            ret->source = field(&at);
            ret->super = field(&at);
            break;
        }
    }
    if (!ret->super || ret->point[0] != '/') {
        mount_free(ret);
        return false;
    }
    ret->read_only = has_option(ret->options, "ro") || has_option(ret->super, "ro");
    return true;
}

void mounts_parse(const char *text, struct mounts *ret)
{
    *ret = (struct mounts){0};
    while (*text && ret->n < MOUNTS_MAX) {
        const char *end = strchr(text, '\n');
        AUTOFREE char *line = end ? xstrndup(text, (size_t)(end - text)) : xstrdup(text);
        struct mount m;
        if (parse_line(line, &m)) {
            ret->m = xrealloc_array(ret->m, ret->n + 1, sizeof *ret->m);
            ret->m[ret->n++] = m;
        }
        text = end ? end + 1 : text + strlen(text);
    }
}

int mounts_read(struct host *here, struct mounts *ret, struct err *e)
{
    struct buf b = BUF_INIT(TEXT_MAX);
    *ret = (struct mounts){0};
    int r = host_read(here, MOUNTS_FILE, &b, e);
    if (r == 0)
        mounts_parse(buf_text(&b), ret);
    buf_free(&b);
    return r;
}

void mounts_free(struct mounts *m)
{
    for (size_t i = 0; i < m->n; i++)
        mount_free(&m->m[i]);
    free(m->m);
    *m = (struct mounts){0};
}
