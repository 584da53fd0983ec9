#define _GNU_SOURCE
#include "ui/text/width.h"

#include <stdint.h>
#include <string.h>

#include "ui/text/utf8.h"

int text_width_n(const char *s, size_t len)
{
    int cols = 0;
    while (len > 0) {
        int w;
        size_t n = cluster_next(s, len, &w);
        cols += *s == '\n' ? 0 : w;
        s += n;
        len -= n;
    }
    return cols;
}

int text_width(const char *s)
{
    return text_width_n(s, strlen(s));
}

size_t text_fit(const char *s, size_t len, int cols, int *used)
{
    size_t pos = 0;
    int sum = 0;
    while (pos < len) {
        int w;
        size_t n = cluster_next(s + pos, len - pos, &w);
        if (sum + w > cols) {
            break;
        }
        sum += w;
        pos += n;
    }
    if (used) {
        *used = sum;
    }
    return pos;
}

int text_cut(char *out, size_t out_size, const char *s, int cols)
{
    if (out_size == 0) {
        return 0;
    }
    size_t len = strlen(s);
    int used;
    size_t n = text_fit(s, len, cols, &used);
    const char *dots = "";
    if (n < len && cols >= 4) {
        dots = "...";
        n = text_fit(s, len, cols - 3, &used);
        used += 3;
    }
    size_t room = out_size - 1 - (out_size > 3 ? strlen(dots) : 0);
    if (n > room) {
        n = 0;
        used = dots[0] ? 3 : 0;
        for (size_t step; n < len; n += step) {
            int w;
            step = cluster_next(s + n, len - n, &w);
            if (n + step > room) {
                break;
            }
            used += w;
        }
    }
    memcpy(out, s, n);
    size_t tail = strlen(dots);
    if (n + tail < out_size) {
        memcpy(out + n, dots, tail);
        n += tail;
    }
    out[n] = '\0';
    return used;
}

struct wrap wrap_start(const char *text, int cols)
{
    return (struct wrap){.p = text, .cols = cols < 1 ? 1 : cols};
}

/* Closing punctuation and small kana of East-Asian text must not start a line (a short form of the
 * rules of UAX 14 and JIS X 4051). */
static bool may_not_start(uint32_t cp)
{
    static const uint32_t small_kana[] = {0x41, 0x43, 0x45, 0x47, 0x49,
                                          0x63, 0x83, 0x85, 0x87, 0x8E};
    for (size_t i = 0; i < sizeof(small_kana) / sizeof(small_kana[0]); i++) {
        if (cp == 0x3000 + small_kana[i] || cp == 0x3060 + small_kana[i]) {
            return true; /* hiragana, and katakana 0x60 behind them */
        }
    }
    static const uint32_t closing[] = {
        0x3005, 0x30F5, 0x30F6, 0x3001, 0x3002, 0x3009, 0x300B, 0x300D, 0x300F, 0x3011, 0x3015,
        0x3017, 0x30FB, 0x30FC, 0xFF01, 0xFF09, 0xFF0C, 0xFF0E, 0xFF1A, 0xFF1B, 0xFF1F, 0xFF3D,
        0xFF5D, 0x2019, 0x201D, ')',    ']',    ',',    '.',    ':',    ';',    '!',    '?'};
    for (size_t i = 0; i < sizeof(closing) / sizeof(closing[0]); i++) {
        if (cp == closing[i]) {
            return true;
        }
    }
    return false;
}

static bool may_not_end(uint32_t cp)
{
    return cp == 0x3008 || cp == 0x300A || cp == 0x300C || cp == 0x300E || cp == 0x3010 ||
           cp == 0x3014 || cp == 0x3016 || cp == 0xFF08 || cp == 0xFF3B || cp == 0xFF5B ||
           cp == 0x2018 || cp == 0x201C || cp == '(' || cp == '[';
}

/* The hyphen at the end of the word so far joins two words of a language: not in an option, a path
 * or a date, and not behind a prefix of Hebrew or Cyrillic text. */
static bool joins_words(const char *word, size_t len, uint32_t after)
{
    if (len < 3 || (after >= '0' && after <= '9') || memchr(word, '/', len)) {
        return false;
    }
    unsigned char before = (unsigned char)word[len - 2];
    bool letter = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z');
    return letter && !memmem(word, len, "--", 2);
}

/* May a line break fall between `before` (of before_cols), which ends the word so far, and `after`
 * (of after_cols)? Spaces are handled by the caller. */
static bool break_between(const char *word, size_t len, uint32_t before, int before_cols,
                          uint32_t after, int after_cols)
{
    if (before_cols == 2 || after_cols == 2) {
        return !may_not_start(after) && !may_not_end(before);
    }
    return before == '-' ? joins_words(word, len, after) : before == '/';
}

static uint32_t code_at(const char *s, size_t len)
{
    uint32_t cp;
    return utf8_decode(s, len, &cp) ? cp : 0xFFFD;
}

/* Cuts one line off the paragraph s of len bytes: *line_len bytes belong to it, the return value
 * says where the next starts. */
static size_t cut_line(const char *s, size_t len, int cols, size_t *line_len)
{
    size_t pos = 0, break_len = 0, break_next = 0, word = 0;
    int used = 0, last_w = 0;
    uint32_t last = ' ';
    while (pos < len) {
        int w;
        size_t n = cluster_next(s + pos, len - pos, &w);
        uint32_t cp = code_at(s + pos, len - pos);
        if (cp == ' ') {
            break_len = last == ' ' && break_next == pos ? break_len : pos;
            break_next = pos + n;
        } else if (last != ' ' && (last_w == 2 || w == 2 || pos - word > 1) &&
                   break_between(s + word, pos - word, last, last_w, cp, w)) {
            break_len = break_next = pos;
        }
        if (cp != ' ' && last == ' ') {
            word = pos;
        }
        if (used + w > cols && cp != ' ') {
            if (break_next == 0) {
                break_len = break_next = pos ? pos : n;
            }
            *line_len = break_len;
            return break_next;
        }
        used += w;
        last = cp;
        last_w = w;
        pos += n;
    }
    *line_len = last == ' ' && used > cols ? break_len : len;
    return len;
}

bool wrap_next(struct wrap *w, const char **line, size_t *len)
{
    if (w->done) {
        return false;
    }
    size_t paragraph = strcspn(w->p, "\n");
    size_t next = cut_line(w->p, paragraph, w->cols, len);
    *line = w->p;
    w->p += next;
    if (next >= paragraph) {
        w->p += *w->p == '\n';
        w->done = *w->p == '\0';
    }
    return true;
}

int wrap_count(const char *text, int cols)
{
    struct wrap w = wrap_start(text, cols);
    const char *line;
    size_t len;
    int count = 0;
    while (wrap_next(&w, &line, &len)) {
        count++;
    }
    return count;
}
