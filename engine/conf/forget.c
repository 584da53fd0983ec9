/* Our words out of lines that the owner has changed too, where a merge by lines can only keep them.
 */
#include <string.h>

#include "engine/conf/hostplan_int.h"

struct forget {
    const char *word; /* ours */
    const char *key;  /* of the lines: "domains"; NULL: any */
    const char *seps; /* between words */
    bool database;    /* the line's name stands before a colon: passwd, group ... */
};

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Where the words of a line begin; NULL when it is none of the lines meant. */
static const char *words_of(const struct forget *f, const char *line, const char *end)
{
    const char *p = line;
    while (p < end && blank(*p))
        p++;
    if (p == end || *p == '#' || *p == ';')
        return NULL;
    if (f->database) {
        const char *colon = memchr(p, ':', (size_t)(end - p));
        return colon ? colon + 1 : NULL;
    }
    if (!f->key)
        return p;
    size_t n = strlen(f->key);
    if ((size_t)(end - p) < n || strncmp(p, f->key, n) != 0)
        return NULL;
    for (p += n; p < end && blank(*p); p++)
        ;
    return p < end && *p == '=' ? p + 1 : NULL;
}

/* The word between p and end, as a whole word; NULL when it is not there. */
static const char *find_word(const struct forget *f, const char *p, const char *end)
{
    size_t n = strlen(f->word);
    while (p < end) {
        while (p < end && strchr(f->seps, *p))
            p++;
        if (p < end && *p == '#')
            return NULL;
        const char *w = p;
        while (p < end && !strchr(f->seps, *p))
            p++;
        if ((size_t)(p - w) == n && strncmp(w, f->word, n) == 0)
            return w;
    }
    return NULL;
}

static const char *line_end(const char *p)
{
    return p + strcspn(p, "\n");
}

/* Did the owner's file have the word in such a line (for databases: in the line of the same name)?
 */
static bool had(const struct forget *f, const char *old, const char *line, const char *words)
{
    for (const char *p = old; p && *p; p = *line_end(p) ? line_end(p) + 1 : NULL) {
        const char *end = line_end(p), *w = words_of(f, p, end);
        if (!w ||
            (f->database && ((w - p) != (words - line) || strncmp(p, line, (size_t)(w - p)) != 0)))
            continue;
        if (find_word(f, w, end))
            return true;
    }
    return false;
}

/* The line without the word and the separators before it, or behind it when it is the first. */
static void put_line(struct buf *b, const struct forget *f, const char *line, const char *words,
                     const char *w, const char *end)
{
    const char *from = w, *to = w + strlen(f->word);
    while (from > words && strchr(f->seps, from[-1]))
        from--;
    if (from == words) {
        from = w;
        while (to < end && strchr(f->seps, *to))
            to++;
    }
    buf_put(b, line, (size_t)(from - line));
    buf_put(b, to, (size_t)(end - to));
}

static char *forget(const struct forget *f, const char *text, const char *old)
{
    struct buf b = BUF_INIT(HOST_FILE_MAX);
    if (str_empty(f->word))
        return xstrdup(text);
    for (const char *p = text; *p;) {
        const char *end = line_end(p), *words = words_of(f, p, end);
        const char *w = words ? find_word(f, words, end) : NULL;
        if (w && !had(f, old, p, words))
            put_line(&b, f, p, words, w, end);
        else
            buf_put(&b, p, (size_t)(end - p));
        if (*end)
            buf_byte(&b, '\n');
        p = end + (*end ? 1 : 0);
    }
    char *r = buf_steal(&b);
    return r ? r : xstrdup(text);
}

char *conf_forget(const char *path, const char *text, const char *old,
                  const struct enroll_record *rec)
{
    const struct forget nss = {.word = str_eq(rec->identity, "winbind") ? "winbind" : "sss",
                               .seps = " \t",
                               .database = true};
    const struct forget hosts = {.word = rec->fqdn, .seps = " \t"};
    const struct forget sssd = {.word = rec->domain, .key = "domains", .seps = " \t,"};
    const struct forget *f = str_eq(path, CONF_NSSWITCH) ? &nss
                             : str_eq(path, CONF_HOSTS)  ? &hosts
                             : str_eq(path, CONF_SSSD)   ? &sssd
                                                         : NULL;
    return f ? forget(f, text, old ? old : "") : xstrdup(text);
}
