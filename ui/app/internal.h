#ifndef JOINERY_UI_APP_INTERNAL_H
#define JOINERY_UI_APP_INTERNAL_H

#include "ui/app/app.h"

/* The started terminal's front end; the loop is open. 0, or -1 without memory. Returns early with
 * a->to_lines when the questions are to go on line by line. */
int screen_run(struct app *a);

/* Whether the kernel's command line (the file at that path) asks for the accessible mode:
 * joinery.accessible, or with =1 or =yes. */
bool accessible_machine(const char *path);

#endif
