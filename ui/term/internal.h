/* Shared by the files of this folder; names no curses type. */
#ifndef JOINERY_UI_TERM_INTERNAL_H
#define JOINERY_UI_TERM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "ui/canvas/canvas.h"
#include "ui/term/decode.h"
#include "ui/term/term.h"

/* The terminal as it was started. */
struct term_state {
    bool running;
    bool lost;   /* hung up: nothing is written any more */
    bool colour; /* curses has started colours */
    bool function_keys;
    bool slow;
    bool ascii;
    bool count_frames;
    int esc_delay_ms;
    enum term_theme theme; /* never AUTO while running */
    bool repaint;
    struct decoder decoder;
};
extern struct term_state term_state;

#define TERM_TTY_IN  0
#define TERM_TTY_OUT 1

/* The terminal has gone: from now on nothing is written. */
void term_lost(void);
/* The process was stopped and goes on: the terminal's modes are set again. */
void term_continued(void);
/* Takes the window's size from the kernel; the next frame is sent whole. */
void term_resized(void);

/* theme.c: attributes of a role as curses attributes with a colour pair number. */
void theme_start(void);
void theme_of(enum role role, unsigned long *attributes, short *pair);

/* capture.c: standard error while the screen is in use. */
int capture_start(void);
void capture_stop(void);
int capture_fd(void); /* -1 when standard error is left alone */
/* Reads what is there; takes one line out, terminated, cut to size. false when no whole line is
 * there. */
bool capture_line(char *out, size_t size);
/* Reads from the pipe once; false at its end. */
bool capture_fill(void);

/* encoding.c: sets LC_CTYPE to what curses is to write. */
bool encoding_locale(void);

/* keyboard.c: as term_keyboard(), of the system at root ("" for the running one); its length. */
size_t keyboard_name(const char *root, char *out, size_t size);

/* fatal.c */
void fatal_remember(const char *restore, size_t len, const struct termios *modes);
void fatal_forget(void);

/* cdk.c */
int cdk_start(void);
void cdk_stop(void);
/* Draws the frames of the canvas on the screen, in their order. */
void cdk_frames(const struct canvas *c);

#endif
