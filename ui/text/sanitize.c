#include "ui/text/sanitize.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/base/macro.h"
#include "ui/text/charset.h"
#include "ui/text/utf8.h"

struct composition {
    uint16_t base, mark, composed;
};

static const struct composition compositions[] = {
#define COMPOSE(base, mark, composed) {base, mark, composed},
#include "ui/text/compose.def"
#undef COMPOSE
};

/* Unicode 3.12: Hangul syllables are composed by arithmetic. */
enum {
    HANGUL_S = 0xAC00,
    HANGUL_L = 0x1100,
    HANGUL_V = 0x1161,
    HANGUL_T = 0x11A7,
    L_COUNT = 19,
    V_COUNT = 21,
    T_COUNT = 28
};

static uint32_t compose_hangul(uint32_t a, uint32_t b)
{
    if (a >= HANGUL_L && a < HANGUL_L + L_COUNT && b >= HANGUL_V && b < HANGUL_V + V_COUNT) {
        return HANGUL_S + ((a - HANGUL_L) * V_COUNT + (b - HANGUL_V)) * T_COUNT;
    }
    bool open = a >= HANGUL_S && a < HANGUL_S + L_COUNT * V_COUNT * T_COUNT &&
                (a - HANGUL_S) % T_COUNT == 0;
    if (open && b > HANGUL_T && b < HANGUL_T + T_COUNT) {
        return a + (b - HANGUL_T);
    }
    return 0;
}

static int by_pair(const void *key, const void *row)
{
    const uint32_t *pair = key;
    const struct composition *c = row;
    if (pair[0] != c->base) {
        return pair[0] < c->base ? -1 : 1;
    }
    return pair[1] == c->mark ? 0 : pair[1] < c->mark ? -1 : 1;
}

/* The single character for base and mark, or 0. */
static uint32_t compose(uint32_t base, uint32_t mark)
{
    uint32_t pair[2] = {base, mark};
    const struct composition *c =
        bsearch(pair, compositions, ARRAY_SIZE(compositions), sizeof(compositions[0]), by_pair);
    return c ? c->composed : compose_hangul(base, mark);
}

/* One displayable unit: a cluster, or the escape of one byte or character. */
struct unit {
    char text[UTF8_MAX * (1 + SANITIZE_MARKS) + 1];
    size_t len;
    int cols;
};

static void unit_escape(struct unit *u, const char *format, unsigned value)
{
    u->len = (size_t)snprintf(u->text, sizeof(u->text), format, value);
    u->cols = (int)u->len;
}

static size_t take_marks(struct unit *u, uint32_t base, const char *s, size_t len)
{
    uint32_t marks[SANITIZE_MARKS];
    int count = 0;
    size_t used = 0;
    for (;;) {
        uint32_t cp;
        size_t n = utf8_decode(s + used, len - used, &cp);
        if (n == 0 || char_class(cp) != CHAR_COMBINING) {
            break;
        }
        uint32_t single = count == 0 ? compose(base, cp) : 0;
        if (single && char_class(single) == CHAR_PLAIN) {
            base = single;
        } else if (count < SANITIZE_MARKS) {
            marks[count++] = cp;
        } else {
            break;
        }
        used += n;
    }
    u->cols = char_width(base);
    u->len = utf8_encode(u->text, base);
    for (int i = 0; i < count; i++) {
        u->len += utf8_encode(u->text + u->len, marks[i]);
    }
    u->text[u->len] = '\0';
    return used;
}

/* Takes the next unit from s (len > 0); returns the bytes consumed. */
static size_t unit_next(struct unit *u, const char *s, size_t len)
{
    uint32_t cp;
    size_t used = utf8_decode(s, len, &cp);
    if (used == 0) {
        unit_escape(u, "\\x%02X", (unsigned char)s[0]);
        return 1;
    }
    if (char_class(cp) != CHAR_PLAIN) {
        unit_escape(u, "<U+%04X>", (unsigned)cp);
        return used;
    }
    if (!charset_can(cp)) {
        unit_escape(u, "?%04X", (unsigned)cp);
        return used;
    }
    return used + take_marks(u, cp, s + used, len - used);
}

int sanitize(char *out, size_t out_size, const void *in, size_t len, int max_cols)
{
    if (out_size == 0) {
        return 0;
    }
    const char *s = in;
    size_t o = 0, dots_at = 0;
    int cols = 0, dots_cols = 0;
    struct unit u;
    while (len > 0) {
        size_t used = unit_next(&u, s, len);
        bool fits = o + u.len < out_size && (max_cols < 0 || cols + u.cols <= max_cols);
        if (!fits) {
            break;
        }
        memcpy(out + o, u.text, u.len);
        o += u.len;
        cols += u.cols;
        s += used;
        len -= used;
        if ((max_cols < 0 || cols + 3 <= max_cols) && o + 3 < out_size) {
            dots_at = o;
            dots_cols = cols;
        }
    }
    bool room = out_size > 3 && (max_cols < 0 || max_cols > 3);
    if (len > 0 && room) {
        memcpy(out + dots_at, "...", 3);
        o = dots_at + 3;
        cols = dots_cols + 3;
    }
    out[o] = '\0';
    return cols;
}

char *sanitize_dup(const void *in, size_t len, int max_cols)
{
    /* the worst growth is one byte to "<U+XXXX>", that is 8 */
    if (len > SIZE_MAX / 8 - 8) {
        return NULL;
    }
    size_t size = len * 8 + 4;
    char *out = malloc(size);
    if (!out) {
        return NULL;
    }
    sanitize(out, size, in, len, max_cols);
    char *small = realloc(out, strlen(out) + 1);
    return small ? small : out;
}
