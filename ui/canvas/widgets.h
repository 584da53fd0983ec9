/* All widgets: editing models and their drawing. None knows pages, curses or the translation
 * catalogue: texts come translated. Convention: x_key() returns whether the action was used;
 * x_draw() draws into a rectangle; `focused` selects ROLE_FOCUS and sets the cursor. Drawing
 * functions that take a pointer without const remember the visible height there, so that PgUp/PgDn
 * and scrolling fit. */
#ifndef JOINERY_UI_CANVAS_WIDGETS_H
#define JOINERY_UI_CANVAS_WIDGETS_H

#include "ui/canvas/bars.h"
#include "ui/canvas/edit.h"
#include "ui/canvas/list.h"
#include "ui/canvas/pager.h"
#include "ui/canvas/scrolltext.h"
#include "ui/canvas/secretedit.h"

#endif
