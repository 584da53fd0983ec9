/*
 * A program in a pseudo-terminal, with libvterm as the terminal: keys in, screen out. Nothing here
 * sleeps: waiting means reading until a condition holds or a deadline passes. A wait that fails
 * prints the screen to standard error. Programs are started with JOINERY_TEST_FRAME=1, so that the
 * presenter announces every frame; pty_frame() is the last number seen.
 */
#ifndef JOINERY_TESTS_UI_PTY_H
#define JOINERY_TESTS_UI_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pty;

struct pty_options {
    const char *term;       /* TERM; NULL: xterm-256color; "" unsets it */
    const char *locale;     /* LC_ALL; NULL: C.UTF-8 */
    int rows, cols;         /* 0: 24, 80 */
    bool no_size;           /* the program is told 0x0, as a serial line does */
    const char *const *env; /* further "NAME=value", NULL at the end; NULL for none */
};

/* Starts argv (searched in PATH when it has no slash). NULL when that fails; the reason is on
 * standard error. */
struct pty *pty_spawn(const char *const *argv, const struct pty_options *options);
/* Runs a function of this test program instead; what it returns is the exit status. */
struct pty *pty_spawn_fn(int (*fn)(void *arg), void *arg, const struct pty_options *options);
/* Kills what still runs and frees. NULL is fine. */
void pty_close(struct pty *p);

pid_t pty_pid(const struct pty *p);
int pty_master(const struct pty *p);

/* Keys as bytes. Esc-free text, "\r", or the sequences below. */
bool pty_send(struct pty *p, const char *keys);
bool pty_send_n(struct pty *p, const void *bytes, size_t len);
#define PTY_UP      "\033[A"
#define PTY_DOWN    "\033[B"
#define PTY_RIGHT   "\033[C"
#define PTY_LEFT    "\033[D"
#define PTY_HOME    "\033[H"
#define PTY_END     "\033[F"
#define PTY_PGUP    "\033[5~"
#define PTY_PGDN    "\033[6~"
#define PTY_DELETE  "\033[3~"
#define PTY_BACKTAB "\033[Z"
#define PTY_F1      "\033OP"
#define PTY_F2      "\033OQ"
#define PTY_F4      "\033OS"
#define PTY_F8      "\033[19~"
#define PTY_F9      "\033[20~"
#define PTY_F10     "\033[21~"
#define PTY_ESC     "\033"

/* Closes the terminal under the program; only pty_wait_exit() and pty_close() make sense then. */
void pty_hang_up(struct pty *p);

/* Window size, with SIGWINCH for the program. */
void pty_resize(struct pty *p, int rows, int cols);

/* ---- waiting; deadlines in milliseconds from now; false (and the screen printed) when it passes
 * or the program ends ---- */
typedef bool (*pty_condition)(struct pty *p, void *ctx);
bool pty_wait(struct pty *p, pty_condition condition, void *ctx, int ms);
bool pty_wait_text(struct pty *p, const char *text, int ms);
bool pty_wait_gone(struct pty *p, const char *text, int ms);
/* Until at least frame n was drawn. */
bool pty_wait_frame(struct pty *p, unsigned n, int ms);
/* Until one frame more than at the call was drawn: send, then wait for what it brings with
 * pty_wait_text where you can. */
bool pty_wait_next_frame(struct pty *p, int ms);
/* Until the program has ended; its wait status. */
bool pty_wait_exit(struct pty *p, int *status, int ms);
/* Reads for the whole time, whatever comes; for "nothing is sent while idle". */
void pty_listen(struct pty *p, int ms);
/* Takes in what has already arrived, without waiting. */
void pty_drain(struct pty *p);

/* ---- looking ---- */
unsigned pty_frame(const struct pty *p);
/* Text of a row without trailing blanks; valid until the next call. */
const char *pty_row(struct pty *p, int row);
/* The whole screen, to be freed. */
char *pty_screen(struct pty *p);
bool pty_has(struct pty *p, const char *text);
/* First place of text; false when it is nowhere. Columns, not bytes. */
bool pty_find(struct pty *p, const char *text, int *row, int *col);
void pty_cursor(struct pty *p, int *row, int *col);

struct pty_attributes {
    bool bold, underline, reverse, blink,
        coloured; /* coloured: foreground or background is not the default */
};
struct pty_attributes pty_attributes_at(struct pty *p, int row, int col);
/* Number of separate reversed runs on the screen (rows of one block, one below the other, count
 * once). */
int pty_reversed_elements(struct pty *p);
/* Bytes the program has written, frame announcements not counted. */
size_t pty_bytes(const struct pty *p);
void pty_reset_bytes(struct pty *p);
/* Everything written so far, raw (up to 1 MiB, the oldest dropped). */
const char *pty_raw(const struct pty *p, size_t *len);
bool pty_bell(struct pty *p); /* rung since the last call */
#endif
