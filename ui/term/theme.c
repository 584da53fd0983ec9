/* How a role looks. Reverse video belongs to ROLE_FOCUS in every theme; colour never is the only
 * carrier of a meaning. */
#define NCURSES_WIDECHAR 1
#include <curses.h>

#include "ui/term/internal.h"

struct look {
    attr_t attributes;
    short foreground; /* -1: the terminal's own */
    short background;
};

static const struct look mono[ROLE_COUNT] = {
    [ROLE_NORMAL] = {A_NORMAL, -1, -1},     [ROLE_TITLE] = {A_BOLD, -1, -1},
    [ROLE_FOCUS] = {A_REVERSE, -1, -1},     [ROLE_FIELD] = {A_UNDERLINE, -1, -1},
    [ROLE_ERROR] = {A_BOLD, -1, -1},        [ROLE_DIM] = {A_NORMAL, -1, -1},
    [ROLE_FOREIGN] = {A_UNDERLINE, -1, -1}, [ROLE_KEYBAR] = {A_BOLD, -1, -1},
    [ROLE_OK] = {A_NORMAL, -1, -1},         [ROLE_WARN] = {A_BOLD, -1, -1},
};

static const struct look colour[ROLE_COUNT] = {
    [ROLE_NORMAL] = {A_NORMAL, -1, -1},          [ROLE_TITLE] = {A_BOLD, COLOR_CYAN, -1},
    [ROLE_FOCUS] = {A_REVERSE, -1, -1},          [ROLE_FIELD] = {A_UNDERLINE, -1, -1},
    [ROLE_ERROR] = {A_BOLD, COLOR_RED, -1},      [ROLE_DIM] = {A_DIM, -1, -1},
    [ROLE_FOREIGN] = {A_NORMAL, COLOR_CYAN, -1}, [ROLE_KEYBAR] = {A_BOLD, -1, -1},
    [ROLE_OK] = {A_NORMAL, COLOR_GREEN, -1},     [ROLE_WARN] = {A_BOLD, COLOR_MAGENTA, -1},
};

/* White on black whatever the terminal's own colours are, nothing dimmed. */
static const struct look contrast[ROLE_COUNT] = {
    [ROLE_NORMAL] = {A_BOLD, COLOR_WHITE, COLOR_BLACK},
    [ROLE_TITLE] = {A_BOLD, COLOR_YELLOW, COLOR_BLACK},
    [ROLE_FOCUS] = {A_BOLD | A_REVERSE, COLOR_WHITE, COLOR_BLACK},
    [ROLE_FIELD] = {A_BOLD | A_UNDERLINE, COLOR_WHITE, COLOR_BLACK},
    [ROLE_ERROR] = {A_BOLD, COLOR_YELLOW, COLOR_BLACK},
    [ROLE_DIM] = {A_BOLD, COLOR_WHITE, COLOR_BLACK},
    [ROLE_FOREIGN] = {A_BOLD, COLOR_CYAN, COLOR_BLACK},
    [ROLE_KEYBAR] = {A_BOLD, COLOR_YELLOW, COLOR_BLACK},
    [ROLE_OK] = {A_BOLD, COLOR_GREEN, COLOR_BLACK},
    [ROLE_WARN] = {A_BOLD, COLOR_YELLOW, COLOR_BLACK},
};

static const struct look *looks(void)
{
    if (!term_state.colour) {
        return mono;
    }
    return term_state.theme == THEME_COLOUR     ? colour
           : term_state.theme == THEME_CONTRAST ? contrast
                                                : mono;
}

/* Pair numbers: colours by role from 1, the high-contrast theme behind them. */
static short pair_number(const struct look *table, int role)
{
    return (short)((table == contrast ? ROLE_COUNT : 0) + role + 1);
}

void theme_start(void)
{
    static const struct look *const tables[] = {colour, contrast};
    for (int t = 0; t < 2; t++) {
        for (int role = 0; role < ROLE_COUNT; role++) {
            const struct look *l = &tables[t][role];
            if (l->foreground >= 0) {
                init_pair(pair_number(tables[t], role), l->foreground, l->background);
            }
        }
    }
}

void theme_of(enum role role, unsigned long *attributes, short *pair)
{
    const struct look *table = looks();
    const struct look *l = &table[role < ROLE_COUNT ? role : ROLE_NORMAL];
    *attributes = l->attributes;
    *pair = l->foreground >= 0 ? pair_number(table, (int)role) : 0;
}
