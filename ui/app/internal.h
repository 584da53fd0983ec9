#ifndef JOINERY_UI_APP_INTERNAL_H
#define JOINERY_UI_APP_INTERNAL_H

#include "ui/app/app.h"

/* The started terminal's front end; the loop is open. 0, or -1 without memory. */
int screen_run(struct app *a);

#endif
