#define _GNU_SOURCE
#include "ui/text/charset.h"

#include <iconv.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "engine/base/buf.h"
#include "engine/base/strv.h"
#include "ui/text/utf8.h"

#define NONE ((iconv_t)-1)

static struct {
    bool limited, ascii;
    iconv_t strict, loose; /* UTF-8 to the terminal's; loose transliterates */
    uint32_t typed[128];
    locale_t locales[2]; /* whose rules of transliteration are tried, in this order */
    struct kept {
        const char *text;
        char *own;
    } * kept; /* a hash table by address; its size is a power of two */
    size_t room, used;
} cs = {.strict = NONE, .loose = NONE};

static void close_all(void)
{
    if (cs.strict != NONE)
        iconv_close(cs.strict);
    if (cs.loose != NONE)
        iconv_close(cs.loose);
    cs.strict = cs.loose = NONE;
    for (size_t i = 0; i < cs.room; i++)
        free(cs.kept[i].own);
    free(cs.kept);
    cs.kept = NULL;
    cs.room = cs.used = 0;
}

/* What each single byte types. */
static void read_bytes(const char *codeset)
{
    iconv_t back = iconv_open("UTF-8", codeset);
    memset(cs.typed, 0, sizeof cs.typed);
    for (int byte = 0x80; back != NONE && byte <= 0xFF; byte++) {
        char in = (char)byte, out[8], *from = &in, *to = out;
        size_t left = 1, room = sizeof out;
        uint32_t cp;
        iconv(back, NULL, NULL, NULL, NULL);
        if (iconv(back, &from, &left, &to, &room) != (size_t)-1 &&
            utf8_decode(out, (size_t)(to - out), &cp) > 0)
            cs.typed[byte - 0x80] = cp;
    }
    if (back != NONE)
        iconv_close(back);
}

void charset_set(const char *codeset)
{
    close_all();
    cs.limited = codeset && strcasecmp(codeset, "UTF-8") != 0 && strcasecmp(codeset, "UTF8") != 0;
    if (!cs.limited)
        return;
    cs.strict = iconv_open(codeset, "UTF-8");
    if (cs.strict == NONE) {
        codeset = "ASCII";
        cs.strict = iconv_open(codeset, "UTF-8");
    }
    AUTOFREE char *loose = xasprintf("%s//TRANSLIT", codeset);
    cs.loose = iconv_open(loose, "UTF-8");
    cs.ascii = strcasecmp(codeset, "ASCII") == 0 || strcasecmp(codeset, "ANSI_X3.4-1968") == 0;
    read_bytes(codeset);
    /* Latin letters are known to the one, Cyrillic ones to the other. */
    if (!cs.locales[0])
        cs.locales[0] = newlocale(LC_ALL_MASK, "C.UTF-8", (locale_t)0);
    if (!cs.locales[1])
        cs.locales[1] = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

bool charset_limited(void)
{
    return cs.limited;
}

/* One character through a converter; the bytes written, 0 when there are none for it. */
static size_t convert(iconv_t to, const char *utf8, size_t len, char *out, size_t size)
{
    char *from = (char *)(uintptr_t)utf8, *end = out;
    size_t left = len, room = size;
    if (to == NONE)
        return 0;
    iconv(to, NULL, NULL, NULL, NULL);
    size_t replaced = iconv(to, &from, &left, &end, &room);
    return replaced == (size_t)-1 || left > 0 ? 0 : (size_t)(end - out);
}

bool charset_can(uint32_t cp)
{
    char utf8[UTF8_MAX], out[16];
    if (!cs.limited || cp < 0x80)
        return true;
    size_t n = cs.ascii ? 0 : utf8_encode(utf8, cp);
    return n > 0 && convert(cs.strict, utf8, n, out, sizeof out) > 0;
}

/* ---- our own texts ---- */

static const char *umlaut(uint32_t cp)
{
    static const struct {
        uint32_t cp;
        const char *text;
    } umlauts[] = {{0xC4, "Ae"}, {0xD6, "Oe"}, {0xDC, "Ue"},
                   {0xE4, "ae"}, {0xF6, "oe"}, {0xFC, "ue"}};
    for (size_t i = 0; i < ARRAY_SIZE(umlauts); i++) {
        if (umlauts[i].cp == cp)
            return umlauts[i].text;
    }
    return NULL;
}

/* In other letters, as plain ASCII; "?" when there are none. A sign of a format is never made. */
static void in_other_letters(const char *utf8, size_t len, char out[16])
{
    for (size_t i = 0; i < ARRAY_SIZE(cs.locales); i++) {
        locale_t before = uselocale(cs.locales[i] ? cs.locales[i] : LC_GLOBAL_LOCALE);
        size_t n = convert(cs.loose, utf8, len, out, 15);
        uselocale(before);
        bool good = n > 0;
        for (size_t k = 0; k < n; k++)
            good = good && out[k] >= ' ' && out[k] <= '~' && out[k] != '?' && out[k] != '%';
        out[good ? n : 0] = '\0';
        if (good)
            return;
    }
    strcpy(out, "?");
}

bool charset_can_say(uint32_t cp)
{
    char utf8[UTF8_MAX], out[16];
    if (charset_can(cp))
        return true;
    size_t n = utf8_encode(utf8, cp);
    in_other_letters(utf8, n, out);
    return n > 0 && strcmp(out, "?") != 0;
}

static char *transliterated(const char *text, bool german)
{
    struct buf b = BUF_INIT(1 << 20);
    for (size_t len = strlen(text), n; len > 0; text += n, len -= n) {
        uint32_t cp;
        char other[16];
        n = utf8_decode(text, len, &cp);
        if (n == 0) { /* never in a catalogue */
            buf_str(&b, "?");
            n = 1;
        } else if (charset_can(cp)) {
            buf_put(&b, text, n);
        } else if (german && umlaut(cp)) {
            buf_str(&b, umlaut(cp));
        } else if (char_width(cp) > 0) {
            in_other_letters(text, n, other);
            buf_str(&b, other);
        }
    }
    return buf_steal(&b);
}

static bool plain(const char *text)
{
    while (*text && !((unsigned char)*text & 0x80))
        text++;
    return !*text;
}

static struct kept *slot(const char *text)
{
    size_t at = ((uintptr_t)text >> 3) * 0x9E3779B97F4A7C15u >> 20;
    while (cs.kept[at & (cs.room - 1)].text && cs.kept[at & (cs.room - 1)].text != text)
        at++;
    return &cs.kept[at & (cs.room - 1)];
}

static void grow(void)
{
    struct kept *old = cs.kept;
    size_t room = cs.room;
    cs.room = room ? room * 2 : 1024;
    cs.kept = xcalloc(cs.room, sizeof *cs.kept);
    for (size_t i = 0; i < room; i++) {
        if (old[i].text)
            *slot(old[i].text) = old[i];
    }
    free(old);
}

const char *charset_own(const char *text, bool german)
{
    if (!cs.limited || plain(text))
        return text;
    if (cs.used * 2 >= cs.room)
        grow();
    struct kept *k = slot(text);
    if (!k->text) {
        *k = (struct kept){text, transliterated(text, german)};
        cs.used++;
    }
    return k->own ? k->own : "?";
}

/* ---- bytes ---- */

size_t charset_encode(char *out, size_t size, const char *utf8, size_t len)
{
    size_t o = 0;
    while (len > 0 && o < size) {
        char one[16];
        uint32_t cp;
        size_t n = utf8_decode(utf8, len, &cp), made = 0;
        if (n == 1 || !cs.limited) {
            made = n ? n : 1;
            memcpy(one, utf8, made);
        } else if (n > 0) {
            made = convert(cs.strict, utf8, n, one, sizeof one);
        }
        if (made == 0)
            one[made++] = '?';
        if (o + made > size)
            break;
        memcpy(out + o, one, made);
        o += made;
        utf8 += n ? n : 1;
        len -= n ? n : 1;
    }
    return o;
}

uint32_t charset_typed(unsigned char byte)
{
    return byte < 0x80 ? byte : cs.limited ? cs.typed[byte - 0x80] : 0;
}

size_t charset_decode(char *buf, size_t len, size_t size)
{
    size_t need = 0;
    char one[UTF8_MAX];
    if (!cs.limited)
        return len;
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)buf[i];
        uint32_t cp = charset_typed(byte);
        need += utf8_encode(one, cp);
        if ((byte && !cp) || need > size) {
            explicit_bzero(one, sizeof one);
            return SIZE_MAX;
        }
    }
    for (size_t at = need, i = len; i-- > 0;) { /* from the end: no second copy of a secret */
        size_t n = utf8_encode(one, charset_typed((unsigned char)buf[i]));
        at -= n;
        memcpy(buf + at, one, n);
    }
    explicit_bzero(one, sizeof one);
    return need;
}
