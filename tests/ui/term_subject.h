/* A small program on the terminal layer, for its tests: a name, a secret, a list, buttons, and what
 * the loop reported. */
#ifndef JOINERY_TESTS_UI_TERM_SUBJECT_H
#define JOINERY_TESTS_UI_TERM_SUBJECT_H

#define SUBJECT_BAD_TERMINAL 40 /* exit status: 40 + enum term_result */
#define SUBJECT_CANCELLED    3
#define SUBJECT_HANGUP       5
#define SUBJECT_SIGNAL       6

/* arg: "", or words out of: tick (a tick every 50 ms shown as progress), engine (a thread writes to
 * the engine's descriptor), stderr (writes a line to standard error at the start), crash (abort()
 * on F4), ascii, mono, contrast, canary (F4 counts the copies of
 * "Canary-719" in memory, wipes the secret and counts again), background (reads fail with EIO). */
int term_subject(void *arg);

#endif
