#include "ui/i18n/mo.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wctype.h>

#include "ui/text/utf8.h"

#define MO_MAGIC 0x950412deU /* as this machine reads it; catalogues are made here */
#define MO_MOST  (8U << 20)

struct file {
    unsigned char *bytes;
    size_t len;
};

static struct file load(const char *path)
{
    struct file f = {0};
    FILE *in = fopen(path, "re");
    if (!in)
        return f;
    f.bytes = malloc(MO_MOST);
    f.len = f.bytes ? fread(f.bytes, 1, MO_MOST, in) : 0;
    fclose(in);
    return f;
}

/* The number at that place; false outside of the file. */
static bool number(const struct file *f, size_t at, uint32_t *ret)
{
    if (at > f->len || f->len - at < 4)
        return false;
    memcpy(ret, f->bytes + at, 4);
    return true;
}

/* One bit for each character of the first three planes. */
#define SEEN_CHARS 0x30000U
struct letters {
    unsigned char seen[SEEN_CHARS / 8];
    uint32_t *out;
    size_t n, max;
};

static void add(struct letters *l, uint32_t cp)
{
    if (cp < 0x80 || cp >= SEEN_CHARS || (l->seen[cp / 8] & (1U << cp % 8)) ||
        !iswalpha((wint_t)cp) || l->n == l->max)
        return;
    l->seen[cp / 8] |= (unsigned char)(1U << cp % 8);
    l->out[l->n++] = cp;
}

static void take(struct letters *l, const char *text, size_t len)
{
    uint32_t cp;
    for (size_t pos = 0, n; pos < len; pos += n ? n : 1) {
        n = utf8_decode(text + pos, len - pos, &cp);
        if (n)
            add(l, cp);
    }
}

size_t mo_letters(const char *path, uint32_t *out, size_t max)
{
    struct file f = load(path);
    struct letters *l = calloc(1, sizeof *l);
    uint32_t magic, count, table, len, at;
    size_t n = 0;
    if (f.bytes && l && number(&f, 0, &magic) && magic == MO_MAGIC && number(&f, 8, &count) &&
        number(&f, 16, &table)) {
        l->out = out;
        l->max = max;
        for (size_t i = 0; i < count; i++) {
            size_t row = (size_t)table + 8 * i;
            if (!number(&f, row, &len) || !number(&f, row + 4, &at) || at > f.len ||
                len > f.len - at)
                break;
            take(l, (const char *)f.bytes + at, len);
        }
        n = l->n;
    }
    free(l);
    free(f.bytes);
    return n;
}
