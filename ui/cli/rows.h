/* A list of machines in an unattended run: a line a machine, and what came of the whole. */
#ifndef JOINERY_UI_CLI_ROWS_H
#define JOINERY_UI_CLI_ROWS_H

#include "engine/engine.h"

struct jsn;

void rows_text(const struct row_view *r); /* one line, when it is known how it ended */
void rows_total_text(const struct rate_view *t);
/* Members of an event. */
void rows_json(struct jsn *o, const struct row_view *r);
void rows_rate_json(struct jsn *o, const struct rate_view *t);

#endif
