/* What an unattended run prints: lines for people, or one JSON object a line for programs. */
#ifndef JOINERY_UI_CLI_EVENTS_H
#define JOINERY_UI_CLI_EVENTS_H

#include "engine/engine.h"
#include "ui/cli/cli.h"

struct output {
    bool json;
    enum cli_mode mode;
};
void output_message(struct output *o, const struct engine_msg *m);

struct ending {
    const struct err *err, *notice;
    int status;        /* exit status; the event's own "status" is the error code */
    bool changed;      /* a step that changes something was reached */
    bool undone, left; /* as in the engine's last message; left: something stays in the directory */
    const struct rate_view *list; /* NULL: it was no list of machines */
};
void output_done(struct output *o, const struct ending *end);

struct jsn;
/* status, symbol, text, cause, why, next, facts and original of an error, into an event. */
void output_err(struct jsn *o, const struct err *e);

#endif
