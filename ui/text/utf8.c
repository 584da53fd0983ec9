#define _GNU_SOURCE
#include "ui/text/utf8.h"

#include <locale.h>
#include <string.h>
#include <threads.h>
#include <wchar.h>
#include <wctype.h>

#include "engine/base/macro.h"

/* Characters the C library counts as printable, but that a terminal must never get: they change
 * direction, hide, or select variants. */
static const struct {
    uint32_t first, last;
} hidden[] = {{0x0000, 0x001F},   {0x007F, 0x009F},   {0x00AD, 0x00AD},   {0x034F, 0x034F},
              {0x061C, 0x061C},   {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},
              {0x200B, 0x200F},   {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},
              {0xD800, 0xF8FF},   {0xFDD0, 0xFDEF},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},
              {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0xFFFE, 0xFFFF},   {0x13430, 0x1345F},
              {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};

static locale_t utf8_locale;
static once_flag utf8_once = ONCE_FLAG_INIT;

static void open_locale(void)
{
    utf8_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

size_t utf8_decode(const char *s, size_t len, uint32_t *cp)
{
    const unsigned char *u = (const unsigned char *)s;
    if (len == 0) {
        return 0;
    }
    if (u[0] < 0x80) {
        *cp = u[0];
        return 1;
    }
    size_t need = u[0] >= 0xF0 ? 4 : u[0] >= 0xE0 ? 3 : 2;
    if (u[0] < 0xC2 || u[0] > 0xF4 || need > len) {
        return 0;
    }
    uint32_t value = u[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((u[i] & 0xC0) != 0x80) {
            return 0;
        }
        value = value << 6 | (u[i] & 0x3F);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[need] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return 0;
    }
    *cp = value;
    return need;
}

size_t utf8_encode(char out[UTF8_MAX], uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800) {
        out[0] = (char)(0xC0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3F));
        return 2;
    }
    if (cp > 0x10FFFF || (cp >= 0xD800 && cp <= 0xDFFF)) {
        return 0;
    }
    if (cp < 0x10000) {
        out[0] = (char)(0xE0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3F));
        out[2] = (char)(0x80 | (cp & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3F));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3F));
    out[3] = (char)(0x80 | (cp & 0x3F));
    return 4;
}

/* wcwidth() in the tables of C.UTF-8: -1 for what is not printable or not assigned. */
static int raw_width(uint32_t cp)
{
    call_once(&utf8_once, open_locale);
    if (!utf8_locale) {
        return cp < 0x7F ? 1 : -1;
    }
    locale_t before = uselocale(utf8_locale);
    int width = iswprint((wint_t)cp) ? wcwidth((wchar_t)cp) : -1;
    uselocale(before);
    return width;
}

static int class_and_width(uint32_t cp, enum char_class *class)
{
    if (cp >= 0x20 && cp < 0x7F) {
        *class = CHAR_PLAIN;
        return 1;
    }
    *class = CHAR_HIDDEN;
    for (size_t i = 0; i < ARRAY_SIZE(hidden); i++) {
        if (cp >= hidden[i].first && cp <= hidden[i].last) {
            return 0;
        }
    }
    int width = (cp & 0xFFFE) == 0xFFFE ? -1 : raw_width(cp);
    if (width < 0) {
        return 0;
    }
    *class = width == 0 ? CHAR_COMBINING : CHAR_PLAIN;
    return width > 2 ? 2 : width;
}

enum char_class char_class(uint32_t cp)
{
    enum char_class class;
    class_and_width(cp, &class);
    return class;
}

int char_width(uint32_t cp)
{
    enum char_class class;
    return class_and_width(cp, &class);
}

size_t cluster_next(const char *s, size_t len, int *cols)
{
    uint32_t cp;
    size_t used = utf8_decode(s, len, &cp);
    if (cols) {
        *cols = len ? 1 : 0;
    }
    if (used == 0) {
        return len ? 1 : 0;
    }
    enum char_class class;
    int width = class_and_width(cp, &class);
    if (cols && width > 1) {
        *cols = width;
    }
    if (class == CHAR_HIDDEN) {
        return used;
    }
    for (size_t more; used < len; used += more) {
        more = utf8_decode(s + used, len - used, &cp);
        if (more == 0 || char_class(cp) != CHAR_COMBINING) {
            break;
        }
    }
    return used;
}

size_t cluster_prev(const char *s, size_t pos)
{
    /* Clusters start at any character that is no mark; going back to such a start and walking
     * forward finds the last one. */
    size_t start = pos;
    while (start > 0) {
        start--;
        while (start > 0 && ((unsigned char)s[start] & 0xC0) == 0x80) {
            start--;
        }
        uint32_t cp;
        if (utf8_decode(s + start, pos - start, &cp) == 0 || char_class(cp) != CHAR_COMBINING) {
            break;
        }
    }
    size_t last = start;
    while (start < pos) {
        last = start;
        start += cluster_next(s + start, pos - start, NULL);
    }
    return last;
}

/* A letter without its accent; itself when it has none. */
static uint32_t bare_letter(uint32_t cp)
{
    switch (cp) {
    case 0x0131: /* dotless i; capital I is the same letter elsewhere */
        return 'i';
    case 0x0141: /* what crosses a letter is no mark in Unicode */
    case 0x0142:
        return 'l';
#define COMPOSE(base, mark, composed)                                                              \
    case composed:                                                                                 \
        return (base) < 0x0530 ? (base) : cp;
#include "ui/text/compose.def"
#undef COMPOSE
    default:
        return cp;
    }
}

uint32_t char_fold(uint32_t cp)
{
    if (cp >= 0xFF01 && cp <= 0xFF5E)
        cp -= 0xFF01 - '!';
    if (cp >= 0x0660 && cp <= 0x0669)
        return '0' + (cp - 0x0660);
    if (cp >= 0x06F0 && cp <= 0x06F9)
        return '0' + (cp - 0x06F0);
    if (cp < 0x80)
        return cp >= 'A' && cp <= 'Z' ? cp + 'a' - 'A' : cp;
    for (uint32_t before = 0; before != cp;) { /* some carry two */
        before = cp;
        cp = bare_letter(cp);
    }
    call_once(&utf8_once, open_locale);
    return utf8_locale ? (uint32_t)towlower_l((wint_t)cp, utf8_locale) : cp;
}

bool fold_begins(const char *text, const char *typed, size_t len)
{
    size_t left = strlen(text);
    while (len > 0) {
        uint32_t a = 0, b = 0;
        size_t n = utf8_decode(text, left, &a), m = utf8_decode(typed, len, &b);
        if (n == 0 || m == 0 || char_fold(a) != char_fold(b))
            return false;
        text += n;
        left -= n;
        typed += m;
        len -= m;
    }
    return true;
}
