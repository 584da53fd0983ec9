/* Canvas to screen. Every cell is handed to curses, which knows what the terminal shows and sends
 * the difference. */
#define _GNU_SOURCE
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR       1
#include <curses.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

#include "ui/term/internal.h"
#include "ui/text/utf8.h"

static const char line_ascii[] = " -|++++++";

/* The terminal's own line, by meaning. */
static const cchar_t *line_glyph(enum line_cell line)
{
    switch (line) {
    case LINE_HORIZONTAL:
        return WACS_HLINE;
    case LINE_VERTICAL:
        return WACS_VLINE;
    case LINE_UPPER_LEFT:
        return WACS_ULCORNER;
    case LINE_UPPER_RIGHT:
        return WACS_URCORNER;
    case LINE_LOWER_LEFT:
        return WACS_LLCORNER;
    case LINE_LOWER_RIGHT:
        return WACS_LRCORNER;
    case LINE_TEE_LEFT:
        return WACS_LTEE;
    default:
        return WACS_RTEE;
    }
}

static void put(int row, int col, const wchar_t *text, attr_t attributes, short pair)
{
    cchar_t cell;
    if (setcchar(&cell, text, attributes, pair, NULL) == OK) {
        mvadd_wch(row, col, &cell);
    }
}

static void put_line(int row, int col, enum line_cell line, attr_t attributes, short pair)
{
    wchar_t text[CCHARW_MAX + 1] = {0};
    attr_t own = 0;
    short ignored;
    if (term_state.ascii) {
        text[0] = (wchar_t)(unsigned char)line_ascii[line];
    } else {
        getcchar(line_glyph(line), text, &own, &ignored, NULL);
    }
    put(row, col, text, attributes | own, pair);
}

static void put_text(int row, int col, const char *utf8, attr_t attributes, short pair)
{
    wchar_t text[CCHARW_MAX + 1] = {0};
    size_t len = strlen(utf8), count = 0;
    uint32_t cp;
    for (size_t pos = 0, n; pos < len && count < CCHARW_MAX; pos += n) {
        n = utf8_decode(utf8 + pos, len - pos, &cp);
        if (n == 0) {
            break;
        }
        text[count++] = (wchar_t)cp;
    }
    put(row, col, text, attributes, pair);
}

static void put_row(const struct canvas *c, int row, int cols)
{
    for (int col = 0; col < cols; col++) {
        const struct cell *cell = canvas_cell(c, row, col);
        unsigned long attributes;
        short pair;
        theme_of((enum role)cell->role, &attributes, &pair);
        if (cell->line) {
            if (!cell->in_box || term_state.ascii) {
                put_line(row, col, (enum line_cell)cell->line, (attr_t)attributes, pair);
            }
        } else if (cell->width == 2 && col + 1 >= cols) {
            put(row, col, L" ", (attr_t)attributes, pair);
        } else if (cell->width > 0) {
            put_text(row, col, cell->text, (attr_t)attributes, pair);
        }
    }
}

static void count_frame(void)
{
    static unsigned frame;
    char title[32];
    int n = snprintf(title, sizeof(title), "\033]2;frame %u\007", ++frame);
    if (write(TERM_TTY_OUT, title, (size_t)n) < 0) {
        term_lost();
    }
}

void term_present(const struct canvas *c)
{
    if (!term_state.running || term_state.lost) {
        return;
    }
    int rows, cols, row, col;
    term_size(&rows, &cols);
    int height = canvas_rows(c) < rows ? canvas_rows(c) : rows;
    int width = canvas_cols(c) < cols ? canvas_cols(c) : cols;
    if (height < rows || width < cols) {
        erase();
    }
    if (!term_state.ascii) {
        cdk_frames(c);
    }
    for (int r = 0; r < height; r++) {
        put_row(c, r, width);
    }
    if (!canvas_cursor(c, &row, &col)) {
        row = col = 0;
    }
    move(row < rows ? row : rows - 1, col < cols ? col : cols - 1);
    if (term_state.repaint) {
        clearok(curscr, TRUE);
        term_state.repaint = false;
    }
    wnoutrefresh(stdscr);
    doupdate();
    if (term_state.count_frames) {
        count_frame();
    }
}

void term_repaint(void)
{
    term_state.repaint = true;
}

void term_beep(void)
{
    static struct timespec last;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long long since = (now.tv_sec - last.tv_sec) * 1000LL + (now.tv_nsec - last.tv_nsec) / 1000000;
    if (!term_state.running || term_state.lost || (last.tv_sec != 0 && since < 1000)) {
        return;
    }
    last = now;
    beep();
}
