#define _GNU_SOURCE
#include "ui/term/decode.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/macro.h"
#include "ui/term/sequence.h"
#include "ui/text/charset.h"
#include "ui/text/utf8.h"

#define ESC          0x1B
#define SEQUENCE_MAX 64 /* longer control sequences are skipped as they come */

void decode_init(struct decoder *d, int esc_delay_ms)
{
    memset(d, 0, sizeof(*d));
    d->esc_delay_ms = esc_delay_ms;
}

void decode_add(struct decoder *d, const char *sequence, enum action action)
{
    if (!sequence || sequence[0] != ESC || !sequence[1] || action == ACT_NONE ||
        d->extra_count >= DECODE_EXTRA || strlen(sequence) >= DECODE_SEQUENCE) {
        return;
    }
    strcpy(d->extra[d->extra_count].text, sequence);
    d->extra[d->extra_count++].action = action;
}

size_t decode_room(const struct decoder *d)
{
    return sizeof(d->queue) - d->len;
}

void decode_feed(struct decoder *d, const void *bytes, size_t len, uint64_t now_ms)
{
    size_t n = len < decode_room(d) ? len : decode_room(d);
    memcpy(d->queue + d->len, bytes, n);
    d->len += n;
    d->last_byte_ms = now_ms;
}

static void drop(struct decoder *d, size_t n)
{
    memmove(d->queue, d->queue + n, d->len - n);
    d->len -= n;
    /* typed secrets pass through here */
    explicit_bzero(d->queue + d->len, n);
}

static bool late(const struct decoder *d, uint64_t now_ms)
{
    return now_ms >= d->last_byte_ms + (uint64_t)d->esc_delay_ms;
}

int decode_timeout(const struct decoder *d, uint64_t now_ms)
{
    if (d->len == 0 && d->skip == SKIP_NONE) {
        return -1;
    }
    uint64_t at = d->last_byte_ms + (uint64_t)d->esc_delay_ms;
    return now_ms >= at ? 0 : (int)(at - now_ms);
}

/* ---- sequences ---- */

static enum decoded found(enum action action, struct decoded_key *out)
{
    *out = (struct decoded_key){.action = action};
    return action == ACT_NONE ? DECODED_UNKNOWN : DECODED_KEY;
}

/* Returned by the parsers below for "goes on, look at the next bytes". */
#define AGAIN ((enum decoded) - 1)

/* A whole control sequence of len bytes: ESC [ parameters final. */
static enum decoded control_sequence(struct decoder *d, size_t len, struct decoded_key *out)
{
    char seq[SEQUENCE_MAX + 1];
    memcpy(seq, d->queue, len);
    seq[len] = '\0';
    drop(d, len);
    char final = seq[len - 1];
    bool plain = seq[2] >= '0' && seq[2] <= '9';
    int number = plain ? atoi(seq + 2) : 0;
    bool modified = strchr(seq, ';') != NULL;
    if (seq[2] == '<' || final == 'I' || (final == 'O' && len == 3)) {
        return AGAIN; /* mouse and focus reports nobody asked for */
    }
    if (final == '~' && number == 200) {
        d->pasting = true;
        return AGAIN;
    }
    if (final == '~' && number == 201) {
        return AGAIN;
    }
    if (final == '~' && plain) {
        return found(modified && number > 8 ? ACT_NONE : sequence_tilde_key(number), out);
    }
    return found(plain || len == 3 ? sequence_cursor_key(final) : ACT_NONE, out);
}

/* Length of the control sequence at the start of the queue: 0 when it is not complete, and *broken
 * bytes are to be dropped when a byte in it belongs to none. */
static size_t sequence_length(const struct decoder *d, size_t *broken)
{
    *broken = 0;
    for (size_t i = 2; i < d->len; i++) {
        unsigned char b = d->queue[i];
        if (i == 2 && b == '[') {
            return d->len > 3 ? 4 : 0; /* F1 to F5 of the Linux console: ESC [ [ A */
        }
        if (b >= 0x40 && b <= 0x7E) {
            size_t whole =
                i == 2 && b == 'M' ? i + 4 : i + 1; /* the old mouse report has three more bytes */
            return whole <= d->len ? whole : 0;
        }
        if (b < 0x20 || b > 0x3F) {
            *broken = i;
            return 0;
        }
    }
    return 0;
}

static enum decoded csi(struct decoder *d, bool is_late, struct decoded_key *out)
{
    size_t broken, len = sequence_length(d, &broken);
    if (broken) {
        drop(d, broken);
        return found(ACT_NONE, out);
    }
    if (len == 0) {
        if (d->len > SEQUENCE_MAX) {
            drop(d, d->len); /* nothing in it ends the sequence */
            d->skip = SKIP_CSI;
            return AGAIN;
        }
        if (is_late) {
            drop(d, d->len);
            return found(ACT_NONE, out);
        }
        return DECODED_NOTHING;
    }
    if (len > SEQUENCE_MAX) {
        drop(d, len);
        return found(ACT_NONE, out);
    }
    if (d->queue[2] == '[') {
        int f = d->queue[3] - 'A' + 1;
        drop(d, len);
        return found(f >= 1 && f <= 5 ? keys_lookup(KIND_F, f) : ACT_NONE, out);
    }
    if (d->queue[2] == 'M') {
        drop(d, len);
        return AGAIN;
    }
    return control_sequence(d, len, out);
}

static enum decoded ss3(struct decoder *d, bool is_late, struct decoded_key *out)
{
    if (d->len < 3) {
        if (!is_late) {
            return DECODED_NOTHING;
        }
        drop(d, d->len);
        return found(ACT_NONE, out);
    }
    char final = (char)d->queue[2];
    drop(d, 3);
    if (final >= 'P' && final <= 'S') {
        return found(keys_lookup(KIND_F, final - 'P' + 1), out);
    }
    if (final == 'M') {
        return found(ACT_ENTER, out);
    }
    return found(sequence_cursor_key(final), out);
}

/* What the terminal's own description knows. AGAIN: nothing matches. */
static enum decoded extra(struct decoder *d, bool is_late, struct decoded_key *out)
{
    for (size_t i = 0; i < d->extra_count; i++) {
        size_t len = strlen(d->extra[i].text);
        if (d->len >= len && memcmp(d->queue, d->extra[i].text, len) == 0) {
            drop(d, len);
            return found(d->extra[i].action, out);
        }
        if (d->len < len && !is_late && d->len > 1 &&
            memcmp(d->queue, d->extra[i].text, d->len) == 0) {
            return DECODED_NOTHING;
        }
    }
    return AGAIN;
}

static enum decoded escape(struct decoder *d, bool is_late, struct decoded_key *out)
{
    if (d->len == 1) {
        if (!is_late) {
            return DECODED_NOTHING;
        }
        drop(d, 1);
        return found(keys_lookup(KIND_NAMED, NAMED_ESC), out);
    }
    enum decoded own = extra(d, is_late, out);
    if (own != AGAIN) {
        return own;
    }
    unsigned char second = d->queue[1];
    uint32_t cp;
    size_t n;
    switch (second) {
    case '[':
        return csi(d, is_late, out);
    case 'O':
        return ss3(d, is_late, out);
    case ']':
    case 'P':
    case '_':
    case '^':
    case 'X':
        drop(d, 2);
        d->skip = SKIP_STRING;
        return AGAIN;
    case ESC:
        /* Esc twice is Esc; before a sequence it is a key with Alt, which means nothing here. */
        if (d->len == 2 && !is_late) {
            return DECODED_NOTHING;
        }
        if (d->len > 2 && (d->queue[2] == '[' || d->queue[2] == 'O')) {
            drop(d, 1);
            enum decoded inner = escape(d, is_late, out);
            return inner == DECODED_KEY ? found(ACT_NONE, out) : inner;
        }
        drop(d, 2);
        return found(keys_lookup(KIND_NAMED, NAMED_ESC), out);
    default:
        if (second >= '0' && second <= '9') {
            drop(d, 2);
            return found(keys_lookup(KIND_F, second == '0' ? 10 : second - '0'), out);
        }
        n = utf8_decode((const char *)d->queue + 1, d->len - 1, &cp);
        drop(d, 1 + (n ? n : 1));
        return found(ACT_NONE, out);
    }
}

/* ---- characters ---- */

/* A byte from 0x80 on where the terminal's characters are single bytes. */
static enum decoded single_byte(struct decoder *d, struct decoded_key *out)
{
    uint32_t cp = charset_typed(d->queue[0]);
    drop(d, 1);
    if (cp < 0xA0)
        return found(ACT_NONE, out);
    *out = (struct decoded_key){.action = ACT_CHAR, .pasted = d->pasting};
    utf8_encode(out->text, cp);
    return DECODED_KEY;
}

static enum decoded character(struct decoder *d, bool is_late, struct decoded_key *out)
{
    uint32_t cp;
    if (charset_limited() && d->queue[0] >= 0x80)
        return single_byte(d, out);
    size_t n = utf8_decode((const char *)d->queue, d->len, &cp);
    if (n == 0) {
        size_t need = d->queue[0] >= 0xF0   ? 4
                      : d->queue[0] >= 0xE0 ? 3
                      : d->queue[0] >= 0xC2 ? 2
                                            : 1;
        if (d->len < need && !is_late) {
            return DECODED_NOTHING;
        }
        drop(d, 1);
        return found(ACT_NONE, out);
    }
    *out = (struct decoded_key){.action = ACT_CHAR, .pasted = d->pasting};
    memcpy(out->text, d->queue, n);
    drop(d, n);
    bool control = cp < 0x20 || (cp >= 0x7F && cp < 0xA0);
    if (d->pasting && (cp == '\t' || cp == '\r' || cp == '\n')) { /* of tables; never a key */
        out->text[0] = cp == '\t' ? '\t' : '\n';
        return DECODED_KEY;
    }
    return control ? AGAIN : DECODED_KEY;
}

static enum decoded control(struct decoder *d, struct decoded_key *out)
{
    unsigned char b = d->queue[0];
    drop(d, 1);
    if (b == '\t') {
        return found(keys_lookup(KIND_NAMED, NAMED_TAB), out);
    }
    if (b == '\r' || b == '\n') {
        return found(keys_lookup(KIND_NAMED, NAMED_ENTER), out);
    }
    if (b == 0x7F) {
        return found(keys_lookup(KIND_NAMED, NAMED_BACKSPACE), out);
    }
    return found(b >= 1 && b <= 26 ? keys_lookup(KIND_CTRL, b - 1 + 'A') : ACT_NONE, out);
}

static enum decoded pasted(struct decoder *d, bool is_late, struct decoded_key *out)
{
    static const char end[] = "\033[201~";
    size_t len = d->len < sizeof(end) - 1 ? d->len : sizeof(end) - 1;
    if (memcmp(d->queue, end, len) == 0) {
        if (len == sizeof(end) - 1) {
            drop(d, len);
            d->pasting = false;
            return AGAIN;
        }
        if (!is_late) {
            return DECODED_NOTHING;
        }
    }
    return character(d, is_late, out);
}

/* Inside an overlong sequence or a string: drop up to its end. */
static enum decoded skipping(struct decoder *d, bool is_late)
{
    size_t i = 0;
    while (i < d->len && d->skip != SKIP_NONE) {
        unsigned char b = d->queue[i++];
        if (d->skip == SKIP_CSI) {
            d->skip = b >= 0x40 && b <= 0x7E ? SKIP_NONE : SKIP_CSI;
        } else if (b == 0x07 || (b == '\\' && i > 1 && d->queue[i - 2] == ESC)) {
            d->skip = SKIP_NONE;
        } else if (b == ESC && i == d->len && !is_late) {
            i--; /* the terminator may be cut in two */
            break;
        }
    }
    drop(d, i);
    if (d->skip != SKIP_NONE && is_late) {
        d->skip = SKIP_NONE;
    }
    return d->skip == SKIP_NONE ? AGAIN : DECODED_NOTHING;
}

enum decoded decode_next(struct decoder *d, uint64_t now_ms, struct decoded_key *out)
{
    enum decoded result = AGAIN;
    while (result == AGAIN) {
        bool is_late = late(d, now_ms);
        if (d->skip != SKIP_NONE) {
            result = skipping(d, is_late);
        } else if (d->len == 0) {
            result = DECODED_NOTHING;
        } else if (d->pasting) {
            result = pasted(d, is_late, out);
            /* bytes that are no character vanish from a paste without a beep */
            result = result == DECODED_UNKNOWN ? AGAIN : result;
        } else if (d->queue[0] == ESC) {
            result = escape(d, is_late, out);
        } else if (d->queue[0] < 0x20 || d->queue[0] == 0x7F) {
            result = control(d, out);
        } else {
            result = character(d, is_late, out);
        }
    }
    return result;
}
