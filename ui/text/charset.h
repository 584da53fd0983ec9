/*
 * Terminals that do not take UTF-8. Everything inside the program is UTF-8; while a smaller
 * character set is in force, our own texts come transliterated from the translation, foreign names
 * get a "?" and a code for each character that the terminal lacks, and such a character cannot be
 * typed. One thread; changed only before the first text is shown.
 */
#ifndef JOINERY_UI_TEXT_CHARSET_H
#define JOINERY_UI_TEXT_CHARSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The terminal's character set by its iconv name; NULL, "UTF-8" and unknown names: no limit, ASCII
 * for the last. */
void charset_set(const char *codeset);
bool charset_limited(void);
/* Whether the terminal can be sent this character as it is. */
bool charset_can(uint32_t cp);
/* Whether it can be shown at all, be it in other letters. */
bool charset_can_say(uint32_t cp);

/* A text of ours in characters of the terminal: itself where nothing is to be replaced, else a copy
 * that lives to the end of the program. German umlauts get their e when `german`. */
const char *charset_own(const char *text, bool german);

/* UTF-8 to the terminal's bytes; what it lacks becomes "?". Returns their number, at most size. */
size_t charset_encode(char *out, size_t size, const char *utf8, size_t len);
/* The character of a byte from 0x80 on as it is typed; 0 for none (and for character sets whose
 * characters have several bytes). */
uint32_t charset_typed(unsigned char byte);
/* Bytes as they were typed to UTF-8, in place (size: room in buf). Returns the new length;
 * SIZE_MAX, and buf as it was, where a byte is no character or the room does not do: an answer, and
 * a password most of all, must not be another one than was typed. */
size_t charset_decode(char *buf, size_t len, size_t size);

#endif
