/*
 * Display copies of text that somebody else supplied: directory, network, DNS, log, command output.
 * The value that goes to the engine stays the original bytes; what is drawn goes through here
 * first.
 *   - an invalid UTF-8 byte becomes \xNN
 *   - C0, C1, DEL, bidi controls, zero-width characters, line and paragraph separators, tag,
 * private-use and unassigned characters become <U+XXXX>
 *   - letters followed by a combining mark are composed where Unicode has a single character (NFC
 * for pairs)
 *   - at most two combining marks stay on one base, further ones and a mark without a base become
 * <U+XXXX> Pure.
 */
#ifndef JOINERY_UI_TEXT_SANITIZE_H
#define JOINERY_UI_TEXT_SANITIZE_H

#include <stddef.h>

#define SANITIZE_MARKS 2 /* combining marks kept on one base character */

/* Writes the display copy of len bytes at in to out (out_size bytes with the terminator, which is
 * always written when out_size > 0). Stops before max_cols columns are exceeded (max_cols < 0: no
 * limit) and ends with "..." then, if that fits. Never writes part of a character or of an escape.
 * Returns the columns written. */
int sanitize(char *out, size_t out_size, const void *in, size_t len, int max_cols);

/* The same into memory of its own, to be freed; NULL when memory is out. */
char *sanitize_dup(const void *in, size_t len, int max_cols);

#endif
