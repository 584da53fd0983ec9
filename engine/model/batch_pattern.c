#include "engine/model/batch_pattern.h"

#include <string.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"
#include "engine/wire/dn.h"

#define PATTERN_MAX 4096
#define PART_MAX    255 /* bytes of a file's name */
#define DIGITS_MAX  9

static void put_safe(struct buf *b, const char *value)
{
    for (const char *p = value; *p; p++) {
        unsigned char c = (unsigned char)*p;
        bool bad = c < 0x20 || c == 0x7f || strchr("/\\:*?\"<>|", c) || (c == '.' && p == value);
        buf_byte(b, bad ? '-' : c);
    }
}

/* One word between braces; false when it is not known or stands for nothing. */
static bool put_word(struct buf *b, const char *word, size_t len, const struct batch_words *w)
{
    size_t before = b->len;
    if (len == 1 && word[0] == 'n') {
        buf_printf(b, "%zu", w->number);
    } else if (len == 3 && strncmp(word, "n:", 2) == 0 && word[2] >= '1' &&
               word[2] <= '0' + DIGITS_MAX) {
        buf_printf(b, "%0*zu", word[2] - '0', w->number);
    } else if (len == 4 && strncmp(word, "name", 4) == 0 && w->name) {
        put_safe(b, w->name);
    } else if (len == 2 && strncmp(word, "ou", 2) == 0 && !str_empty(w->ou)) {
        AUTOFREE char *leaf = dn_leaf_value(w->ou);
        put_safe(b, leaf ? leaf : "");
    }
    return b->len > before;
}

char *batch_fill(const char *pattern, const struct batch_words *w, struct err *e)
{
    struct buf b = BUF_INIT(PATTERN_MAX);
    for (const char *p = pattern; *p;) {
        if (*p != '{') {
            buf_byte(&b, (unsigned char)*p++);
            continue;
        }
        size_t n = strcspn(p + 1, "}");
        if (!p[n + 1] || !put_word(&b, p + 1, n, w)) {
            buf_free(&b);
            err_cause(e, CAUSE_LIST_TEMPLATE);
            err_fact(e, FACT_VALUE, "%s", pattern);
            err_fact(e, FACT_DETAIL, "{%.*s}", (int)n, p + 1);
            return NULL;
        }
        p += n + 2;
    }
    if (b.failed) {
        buf_free(&b);
        err_cause(e, CAUSE_LIST_OUTPUT_BAD);
        return NULL;
    }
    return b.len ? buf_steal(&b) : xstrdup("");
}

int batch_check_path(const char *path, struct err *e)
{
    bool bad = !*path || strlen(path) >= PATTERN_MAX;
    size_t n = 0;
    for (const char *p = path; *p && !bad; p += n + (p[n] == '/')) {
        n = strcspn(p, "/");
        bad = n > PART_MAX || (n == 2 && strncmp(p, "..", 2) == 0);
        for (size_t i = 0; i < n; i++)
            bad = bad || (unsigned char)p[i] < 0x20 || p[i] == 0x7f;
        if (!p[n])
            bad = bad || (n == 1 && *p == '.');
        else if (!p[n + 1])
            bad = true;
    }
    if (!bad)
        return 0;
    err_cause(e, CAUSE_LIST_OUTPUT_BAD);
    err_fact(e, FACT_FILE, "%s", path);
    return -1;
}

void batch_plain_path(char *path)
{
    char *to = path + (*path == '/');
    for (char *p = to; *p;) {
        size_t n = strcspn(p, "/"), skip = n + (p[n] == '/');
        if (n > 1 || (n == 1 && *p != '.')) {
            memmove(to, p, skip);
            to += skip;
        }
        p += skip;
    }
    *to = '\0';
}
