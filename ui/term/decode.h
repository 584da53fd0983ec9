/*
 * Bytes from the terminal to keys. Pure: time is given, nothing is read here. It does not lean on
 * curses' input, because that mixes characters with key numbers and hands out sequences it does not
 * know as an Esc and letters.
 *   - an Esc followed by nothing for the delay is the key Esc; Esc and a digit is a function key
 *   - any other bytes right behind an Esc are one sequence; unknown ones are swallowed to their
 * final byte
 *   - mouse and focus reports are swallowed silently; bracketed paste arrives as characters, its
 * control characters dropped but for tabs and the ends of lines
 */
#ifndef JOINERY_UI_TERM_DECODE_H
#define JOINERY_UI_TERM_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/keys/keys.h"

#define DECODE_QUEUE    4096
#define DECODE_EXTRA    32
#define DECODE_SEQUENCE 16

enum decoded { DECODED_NOTHING, DECODED_KEY, DECODED_UNKNOWN };

struct decoder {
    unsigned char queue[DECODE_QUEUE];
    size_t len;
    uint64_t last_byte_ms; /* when the newest byte arrived */
    int esc_delay_ms;
    bool pasting;
    enum {
        SKIP_NONE,
        SKIP_CSI,
        SKIP_STRING
    } skip; /* inside a sequence longer than anything sensible */
    struct {
        char text[DECODE_SEQUENCE];
        enum action action;
    } extra[DECODE_EXTRA]; /* what this terminal's description says beyond the usual sequences */
    size_t extra_count;
};

struct decoded_key {
    enum action action;
    char text[8]; /* for ACT_CHAR */
    bool pasted;
};

void decode_init(struct decoder *d, int esc_delay_ms);
/* Adds a sequence (must begin with Esc, at least two bytes) that means an action; ignored when it
 * is none or the table is full. */
void decode_add(struct decoder *d, const char *sequence, enum action action);

/* Bytes that can be taken now; feed no more than that. */
size_t decode_room(const struct decoder *d);
void decode_feed(struct decoder *d, const void *bytes, size_t len, uint64_t now_ms);

/* Takes the next key. DECODED_NOTHING: no complete one is there (yet). */
enum decoded decode_next(struct decoder *d, uint64_t now_ms, struct decoded_key *out);
/* Milliseconds until what is there becomes a key by the passing of time; -1 when nothing waits. */
int decode_timeout(const struct decoder *d, uint64_t now_ms);

#endif
