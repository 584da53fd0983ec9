/*
 * The one poll() of the user interface: keys, engine, signals, ticks, standard error.
 *     loop_block_signals();                  first in main(), before any thread starts
 *     term_start(...); loop_open(engine_fd);
 *     for (;;) {
 *         if (!loop_pending()) { draw(canvas); term_present(canvas); }
 *         loop_next(&ev); ...
 *     }
 *     loop_close(); term_stop();
 */
#ifndef JOINERY_UI_TERM_LOOP_H
#define JOINERY_UI_TERM_LOOP_H

#include <stdbool.h>

#include "ui/term/event.h"

/* SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGTSTP, SIGCONT, SIGWINCH come through the loop; the
 * terminal's other job control signals are ignored, SIGPIPE too. Threads started later inherit the
 * mask, so that all of these go to the user interface. */
void loop_block_signals(void);

/* For what asks nothing: they do again what they always do. */
void loop_unblock_signals(void);

/* engine_fd: becomes readable (eventfd, pipe) when there are engine events; -1 for none. It is not
 * read here. 0, or -1 with errno set. */
int loop_open(int engine_fd);
void loop_close(void);

/* Interval of EV_TICK in milliseconds, 0 for none (idle then costs nothing). */
void loop_set_tick(int ms);

/* Waits for the next event. After EV_HANGUP only EV_ENGINE, EV_TICK and EV_SIGNAL follow; the
 * terminal is not looked at any more. Never spins: a terminal at its end is reported once. */
void loop_next(struct ui_event *ev);

/* true when loop_next() would return at once: handle first, draw later. */
bool loop_pending(void);

#endif
