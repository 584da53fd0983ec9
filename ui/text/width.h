/*
 * Columns, cutting and wrapping of text that is already fit for display (own messages, or after
 * sanitize()). Pure.
 */
#ifndef JOINERY_UI_TEXT_WIDTH_H
#define JOINERY_UI_TEXT_WIDTH_H

#include <stdbool.h>
#include <stddef.h>

/* Columns of a string; the newline counts 0. */
int text_width(const char *s);
int text_width_n(const char *s, size_t len);

/* Bytes of the longest prefix of whole clusters that needs at most cols columns; *used (may be
 * NULL) receives its columns. */
size_t text_fit(const char *s, size_t len, int cols, int *used);

/* Copies s to out, cut to cols columns; a cut text ends in "..." (cols >= 4, else it is only cut).
 * Returns the columns. */
int text_cut(char *out, size_t out_size, const char *s, int cols);

/*
 * Wrapping, line by line and without allocation:
 *     struct wrap w = wrap_start(text, 60);
 *     const char *line; size_t len;
 *     while (wrap_next(&w, &line, &len)) ...
 * Breaks at spaces (which are swallowed), after a hyphen or slash that stands between letters,
 * between East-Asian wide characters (not before closing punctuation), at newlines; a longer word
 * is broken where it must. An empty text is one empty line.
 */
struct wrap {
    const char *p;
    int cols;
    bool done;
};

struct wrap wrap_start(const char *text, int cols);
bool wrap_next(struct wrap *w, const char **line, size_t *len);

/* Lines that text needs at that width. */
int wrap_count(const char *text, int cols);

#endif
