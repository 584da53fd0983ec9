/* What the loop hands to the wizard. Plain data, free of curses. */
#ifndef JOINERY_UI_TERM_EVENT_H
#define JOINERY_UI_TERM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "ui/keys/keys.h"

enum event_type {
    EV_KEY,        /* action; text when it is ACT_CHAR */
    EV_RESIZE,     /* rows, cols: the size from now on (bursts arrive as one) */
    EV_ENGINE,     /* the engine's descriptor is readable: drain its queue */
    EV_TICK,       /* the interval set by loop_set_tick() has passed */
    EV_SIGNAL,     /* signo: SIGTERM, SIGINT, SIGQUIT or SIGTSTP sent from outside (keys never are
                      signals here) */
    EV_HANGUP,     /* the terminal is gone, or SIGHUP: no screen, no keys from now on */
    EV_STDERR,     /* line: something wrote to standard error; belongs into the log, any bytes */
    EV_UNKNOWN_KEY /* a key or sequence without meaning; the loop has beeped (at most once a second)
                    */
};

#define EVENT_LINE 512

struct ui_event {
    enum event_type type;
    enum action action;
    char text[8]; /* one UTF-8 character, terminated */
    bool pasted;  /* the character came out of a bracketed paste: never an action */
    int rows, cols;
    int signo;
    char line[EVENT_LINE]; /* EV_STDERR only: without newline, terminated, cut */
    uint64_t now_ms;       /* monotonic clock when the event was made */
};

#endif
