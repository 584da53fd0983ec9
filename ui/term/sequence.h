/* What the usual control sequences mean (ECMA-48, and the keys of the VT220, xterm, rxvt and the
 * Linux console). Pure. */
#ifndef JOINERY_UI_TERM_SEQUENCE_H
#define JOINERY_UI_TERM_SEQUENCE_H

#include "ui/keys/keys.h"

/* ESC [ final, or ESC O final. ACT_NONE: no key. */
enum action sequence_cursor_key(char final);
/* ESC [ number ~ */
enum action sequence_tilde_key(int number);

#endif
