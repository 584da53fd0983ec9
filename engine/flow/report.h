/*
 * How a flow tells what it does: messages to the user interface and, with each, a line of the log.
 * The thread module implements `send` and `ask`; tests give their own.
 */
#ifndef JOINERY_FLOW_REPORT_H
#define JOINERY_FLOW_REPORT_H

#include "engine/engine.h"

struct report {
    void (*send)(void *arg, struct engine_msg *m); /* takes m */
    enum answer (*ask)(void *arg, enum ask what, const char *object);
    void *arg;
    enum job job;
    enum step step;     /* the one that runs */
    int64_t step_start; /* ms */
    bool in_step;
};

/* Steps: begin, then exactly one of ok, skipped, notice, failed. A step that begins while another
 * runs ends that one as done. `format` (a msgid marked with N_, may be NULL) says what was found,
 * with places {1}, {2}... for the texts that follow; the list ends with NULL. */
void report_step(struct report *r, enum step s);
void report_ok(struct report *r, const char *format, ...) __attribute__((sentinel));
void report_skipped(struct report *r, enum step s, const char *format, ...)
    __attribute__((sentinel));
void report_notice(struct report *r, const struct err *e);
void report_failed(struct report *r, const struct err *e);
void report_undone(struct report *r, enum step s, const char *format, ...)
    __attribute__((sentinel));
/* A step whose result is there from before: nothing was asked again. */
void report_known(struct report *r, enum step s, const char *format, ...) __attribute__((sentinel));
void report_progress(struct report *r, const char *detail, ...) PRINTF_LIKE(2, 3);

/* A number as text, for the lists above; valid until the eighth next call in this thread. */
const char *number_text(long n);

void report_verdict(struct report *r, enum check c, enum verdict v, const struct err *e);
void report_change(struct report *r, enum change_kind kind, const char *object, const char *what,
                   const char *detail);
/* A message with kind set, to be filled and given to r->send. */
struct engine_msg *report_new(struct report *r, enum msg_kind kind);

#endif
