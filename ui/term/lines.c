/* The terminal while questions come line by line, in its own line mode. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/term/internal.h"
#include "ui/term/term.h"
#include "ui/term/vt.h"
#include "ui/text/charset.h"

static struct stream {
    int fd;
    bool encoded;
    char rest[4]; /* the beginning of a character whose end is still to come */
    size_t n;
} out = {.fd = STDOUT_FILENO}, err = {.fd = STDERR_FILENO};

static bool write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
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

static ssize_t put(void *ctx, const char *text, size_t len)
{
    struct stream *s = ctx;
    char in[512], bytes[1024];
    for (size_t done = 0; done < len;) {
        size_t room = sizeof in - s->n, n = len - done < room ? len - done : room;
        memcpy(in, s->rest, s->n);
        memcpy(in + s->n, text + done, n);
        size_t have = s->n + n, left = unfinished(in, have);
        memcpy(s->rest, in + have - left, left);
        s->n = left;
        done += n;
        if (!write_all(s->fd, bytes, charset_encode(bytes, sizeof bytes, in, have - left)))
            return 0;
    }
    return (ssize_t)len;
}

/* What goes to a file or a pipe stays UTF-8. */
static void encode(FILE **file, struct stream *s, int mode)
{
    FILE *f = s->encoded || !isatty(s->fd)
                  ? NULL
                  : fopencookie(s, "w", (cookie_io_functions_t){.write = put});
    if (!f)
        return;
    setvbuf(f, NULL, mode, 0);
    fflush(*file);
    *file = f;
    s->encoded = true;
}

void term_plain_output(void)
{
    if (!charset_limited())
        return;
    encode(&stdout, &out, _IOLBF);
    encode(&stderr, &err, _IONBF);
}

/* ---- the keys of the line discipline ---- */

static struct {
    bool held;
    struct termios before;
} keys;

void term_line_start(bool hold)
{
    static const int chars[] = {VEOF, VEOL, VEOL2, VQUIT, VSUSP, VSTART, VSTOP, VLNEXT, VDISCARD};
    term_plain_output();
    if (keys.held || tcgetattr(TERM_TTY_IN, &keys.before) < 0)
        return;
    struct termios now = keys.before;
    if (!charset_limited())
        now.c_iflag |= IUTF8; /* Backspace takes a whole letter; not every terminal sets it */
    for (size_t i = 0; hold && i < sizeof chars / sizeof chars[0]; i++)
        now.c_cc[chars[i]] = _POSIX_VDISABLE;
    if (hold) {
        now.c_iflag &= ~(tcflag_t)(IXON | BRKINT);
        now.c_iflag |= IGNBRK;
    }
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
