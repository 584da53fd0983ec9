/*
 * The terminal: start, stop, themes, and showing a canvas. With loop.h the only public face of this
 * folder; nothing outside of it includes a curses header. One terminal a process, one thread.
 */
#ifndef JOINERY_UI_TERM_TERM_H
#define JOINERY_UI_TERM_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ui/canvas/canvas.h"

enum term_result {
    TERM_OK,
    TERM_NO_TTY,  /* standard input or output is no terminal */
    TERM_UNSET,   /* TERM is empty */
    TERM_UNKNOWN, /* no such terminal type: go on in line mode */
    TERM_DUMB,    /* known, but it cannot clear the screen or place the cursor: line mode */
    TERM_FAILED   /* curses refused for another reason */
};

enum term_theme { THEME_AUTO, THEME_COLOUR, THEME_MONO, THEME_CONTRAST };

struct term_options {
    enum term_theme theme; /* AUTO: colour where the terminal has 8 or more, is no serial line, and
                              NO_COLOR is empty or unset, else mono */
    bool ascii;            /* frames of + - | even where lines could be drawn (accessible mode) */
    int esc_delay_ms; /* 0: ESCDELAY of the environment, else 250 over a serial line or SSH, else
                         100; 600 on a terminal without function keys, where Esc and a digit are
                         typed by hand */
};

/* Finds out whether the terminal is a Linux console and which characters it takes (see
 * ui/text/charset.h). Once, after i18n_start() and before any text is shown, on the screen and line
 * by line. */
void term_settle_charset(void);

/* Whether the terminal on standard input and output can show the wizard at all; changes nothing. */
enum term_result term_probe(void);

/* Redirects standard error (when it is the terminal) into a pipe that the loop reads, switches to
 * raw mode and to the alternate screen. i18n_start() comes first; when the character set is not
 * UTF-8 even so, C.UTF-8 is set. On anything but TERM_OK nothing is changed. */
enum term_result term_start(const struct term_options *options);

/* Restores modes, screen and standard error. May be called any number of times. */
void term_stop(void);
bool term_running(void);

/* For handlers of fatal signals: restores the modes and the main screen with write() and
 * tcsetattr() alone. Async-signal-safe. */
void term_emergency_restore(void);
/* SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT: restore, print "joinery: crashed, see <log_path>", die
 * of the signal. Called once by main. */
void term_catch_fatal(const char *log_path);

void term_size(int *rows, int *cols);
/* The key bar prints "F1", or "Esc 1" when this is false. */
bool term_has_function_keys(void);
bool term_has_colour(void);
/* Serial line: no animation, few repaints. */
bool term_is_slow(void);
void term_set_theme(enum term_theme theme);
void term_set_ascii(bool ascii);

/* ---- the Linux console; elsewhere false, "" and, for what can be shown, by character set ---- */
bool term_on_console(void);
/* Caps Lock is on at this moment. */
bool term_caps_lock(void);
/* The name of the keyboard's layout, "de" or "de (nodeadkeys)"; "" when it is not known, or not
 * this machine's keyboard that is typed on. Valid until the next call. */
const char *term_keyboard(void);
/* Whether the terminal can show all of these characters, be it in other letters: by the glyphs of
 * the console's font, and by the character set of any other terminal. */
bool term_can_show(const uint32_t *codepoints, size_t count);
/* A kiosk or a first boot has the console to itself: with `lock` nobody switches to another one,
 * and the messages of the kernel, and with `service` of PID 1, stay off the screen. Until
 * term_stop(), a crash or a signal. */
void term_hold_console(bool lock, bool service);
/* The screen does not go blank while work goes on. */
void term_keep_awake(bool on);
/* Where standard output and standard error are terminals they take UTF-8 from now on and send what
 * the terminal takes. Never while the screen is in use. */
void term_plain_output(void);
/* For a dialogue line by line: that, and with `hold` the keys that end or stop a program do
 * nothing, but for Ctrl-C, which stays a signal; until term_line_stop(). */
void term_line_start(bool hold);
void term_line_stop(void);

/* Shows the canvas: only what changed goes out, the cursor last. Canvas and screen may differ in
 * size while a resize is under way; what does not fit is left out. With JOINERY_TEST_FRAME=1 in the
 * environment a frame counter goes out as the window title. */
void term_present(const struct canvas *c);
/* Sends the whole screen again at the next term_present(). */
void term_repaint(void);
/* At most once a second. */
void term_beep(void);

#endif
