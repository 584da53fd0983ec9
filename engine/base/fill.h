/*
 * Sentences with places for values: "{1} answered in {2} ms". Values are texts; a translation may
 * use them in another order. Used where a sentence of the engine is shown to people: the engine
 * sends format and values, the user interface translates the format and fills it.
 */
#ifndef JOINERY_BASE_FILL_H
#define JOINERY_BASE_FILL_H

#include <stddef.h>

#include "engine/base/strv.h"

/* malloc'ed. {1} is args->s[0]; a place without a value is left out; other braces stay as they are.
 */
char *fill(const char *format, const struct strv *args);

#endif
