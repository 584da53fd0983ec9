/* What a compiled catalogue is written with (GNU gettext manual, "The Format of GNU MO Files"). For
 * this folder only. */
#ifndef JOINERY_UI_I18N_MO_H
#define JOINERY_UI_I18N_MO_H

#include <stddef.h>
#include <stdint.h>

/* The letters beyond ASCII in the translations, each once, at most max. 0 when the file cannot be
 * read or is none. */
size_t mo_letters(const char *path, uint32_t *out, size_t max);

#endif
