/*
 * The wizard line by line, for terminals without cursor addressing and for speech: one question at
 * a time, numbered choices, Enter takes what stands in brackets, < goes back, ? explains, !
 * cancels. The same pages and the same state machine as on the screen.
 */
#ifndef JOINERY_UI_LINE_LINE_H
#define JOINERY_UI_LINE_LINE_H

#include "ui/app/app.h"

void line_run(struct app *a);
/* Text in lines that fit the terminal. */
void line_print(const char *text);

#endif
