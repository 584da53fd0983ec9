/* The terminal while questions come line by line, in its own line mode. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/term/internal.h"
#include "ui/term/term.h"
#include "ui/term/vt.h"
#include "ui/text/charset.h"

static struct {
    char rest[4]; /* the beginning of a character whose end is still to come */
    size_t n;
} line;

static bool write_all(const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(TERM_TTY_OUT, bytes, len);
        if (n <= 0)
            return false;
        bytes += n;
        len -= (size_t)n;
    }
    return true;
}

/* Bytes at the end that are only the beginning of a character. */
static size_t unfinished(const char *text, size_t len)
{
    for (size_t back = 1; back <= 3 && back <= len; back++) {
        unsigned char b = (unsigned char)text[len - back];
        if (b >= 0xC0)
            return back < (b >= 0xF0 ? 4u : b >= 0xE0 ? 3u : 2u) ? back : 0;
        if (b < 0x80)
            return 0;
    }
    return 0;
}

static ssize_t put_line(void *ctx, const char *text, size_t len)
{
    char in[512], out[1024];
    (void)ctx;
    for (size_t done = 0; done < len;) {
        size_t room = sizeof in - line.n, n = len - done < room ? len - done : room;
        memcpy(in, line.rest, line.n);
        memcpy(in + line.n, text + done, n);
        size_t have = line.n + n, left = unfinished(in, have);
        memcpy(line.rest, in + have - left, left);
        line.n = left;
        done += n;
        if (!write_all(out, charset_encode(out, sizeof out, in, have - left)))
            return 0;
    }
    return (ssize_t)len;
}

static void encode_output(void)
{
    if (!charset_limited())
        return;
    FILE *f = fopencookie(NULL, "w", (cookie_io_functions_t){.write = put_line});
    if (!f)
        return;
    setvbuf(f, NULL, _IOLBF, 0);
    fflush(stdout);
    stdout = f;
}

/* ---- the keys of the line discipline ---- */

static struct {
    bool held;
    struct termios before;
} keys;

void term_line_start(bool hold)
{
    static const int chars[] = {VEOF, VEOL, VEOL2, VQUIT, VSUSP, VSTART, VSTOP, VLNEXT, VDISCARD};
    encode_output();
    if (!hold || keys.held || tcgetattr(TERM_TTY_IN, &keys.before) < 0)
        return;
    struct termios now = keys.before;
    for (size_t i = 0; i < sizeof chars / sizeof chars[0]; i++)
        now.c_cc[chars[i]] = _POSIX_VDISABLE;
    now.c_iflag &= ~(tcflag_t)(IXON | BRKINT);
    now.c_iflag |= IGNBRK;
    keys.held = tcsetattr(TERM_TTY_IN, TCSANOW, &now) == 0;
    if (keys.held)
        fatal_remember("", 0, &keys.before);
}

void term_line_stop(void)
{
    fflush(stdout);
    if (keys.held)
        tcsetattr(TERM_TTY_IN, TCSANOW, &keys.before);
    keys.held = false;
    fatal_forget();
    vt_emergency();
}
