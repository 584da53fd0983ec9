/* Standard error while the screen is in use: one stray line of a library would ruin it, so it goes
 * into a pipe that the loop reads. Only a terminal is replaced; somebody who wrote 2>file keeps the
 * file. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ui/term/internal.h"

static struct {
    int saved; /* the real standard error, -1 when not captured */
    int reader;
    char buffer[4096];
    size_t len;
} capture = {.saved = -1, .reader = -1};

int capture_start(void)
{
    int ends[2];
    if (!isatty(STDERR_FILENO)) {
        return 0;
    }
    fflush(stderr);
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        return -1;
    }
    capture.saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    if (capture.saved < 0 || dup2(ends[1], STDERR_FILENO) < 0) {
        close(ends[0]);
        close(ends[1]);
        return -1;
    }
    close(ends[1]);
    capture.reader = ends[0];
    capture.len = 0;
    return 0;
}

bool capture_fill(void)
{
    if (capture.reader < 0 || capture.len == sizeof(capture.buffer)) {
        return true;
    }
    ssize_t n =
        read(capture.reader, capture.buffer + capture.len, sizeof(capture.buffer) - capture.len);
    if (n > 0) {
        capture.len += (size_t)n;
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

bool capture_line(char *out, size_t size)
{
    char *end = memchr(capture.buffer, '\n', capture.len);
    bool full = capture.len == sizeof(capture.buffer);
    if (!end && !full) {
        return false;
    }
    size_t len = end ? (size_t)(end - capture.buffer) : capture.len;
    size_t taken = end ? len + 1 : len;
    size_t copied = len < size ? len : size - 1;
    for (size_t i = 0; i < copied; i++) {
        out[i] = capture.buffer[i] ? capture.buffer[i] : '?';
    }
    out[copied] = '\0';
    memmove(capture.buffer, capture.buffer + taken, capture.len - taken);
    capture.len -= taken;
    return true;
}

int capture_fd(void)
{
    return capture.reader;
}

void capture_stop(void)
{
    if (capture.saved < 0) {
        return;
    }
    fflush(stderr);
    dup2(capture.saved, STDERR_FILENO);
    /* What nobody has read yet is still said, now that the screen is free again. */
    do {
        size_t done = 0;
        while (done < capture.len) {
            ssize_t n = write(STDERR_FILENO, capture.buffer + done, capture.len - done);
            if (n <= 0) {
                break;
            }
            done += (size_t)n;
        }
        capture.len = 0;
        capture_fill();
    } while (capture.len > 0);
    close(capture.saved);
    close(capture.reader);
    capture.saved = capture.reader = -1;
}
