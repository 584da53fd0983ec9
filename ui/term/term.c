#define _GNU_SOURCE
#define _XOPEN_SOURCE_EXTENDED 1
#define NCURSES_WIDECHAR       1
#include "ui/term/term.h"

#include <curses.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/macro.h"
#include "ui/term/internal.h"
#include "ui/term/vt.h"

#define ESC_LOCAL_MS   100
#define ESC_REMOTE_MS  250
#define ESC_BY_HAND_MS 600 /* Esc and a digit, typed one after the other */

struct term_state term_state;

static struct {
    SCREEN *screen;
    struct termios modes;
    const char *paste_on, *paste_off;
} term;

/* terminfo calls take char * for historic reasons and change nothing. */
static const char *capability(const char *name)
{
    const char *value = tigetstr((char *)(uintptr_t)name);
    return value == (char *)-1 ? NULL : value;
}

enum term_result term_probe(void)
{
    const char *type = getenv("TERM");
    int error = 0;
    if (!isatty(TERM_TTY_IN) || !isatty(TERM_TTY_OUT)) {
        return TERM_NO_TTY;
    }
    if (!type || !type[0]) {
        return TERM_UNSET;
    }
    if (setupterm(NULL, TERM_TTY_OUT, &error) != OK) {
        /* "generic" and "hardcopy" descriptions come back as errors too */
        return error == 1 ? TERM_DUMB : TERM_UNKNOWN;
    }
    bool able =
        capability("clear") && capability("cup") && tigetflag("gn") != 1 && tigetflag("hc") != 1;
    del_curterm(cur_term);
    return able ? TERM_OK : TERM_DUMB;
}

/* ---- what kind of line this is ---- */

static bool serial_line(void)
{
    static const char *const names[] = {"/dev/ttyS",   "/dev/ttyAMA", "/dev/ttyUSB",
                                        "/dev/ttyACM", "/dev/hvc",    "/dev/ttymxc"};
    const char *name = ttyname(TERM_TTY_IN);
    for (size_t i = 0; name && i < ARRAY_SIZE(names); i++) {
        if (strncmp(name, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    return false;
}

static int esc_delay(const struct term_options *o)
{
    const char *set = getenv("ESCDELAY");
    int value = o->esc_delay_ms > 0 ? o->esc_delay_ms : set ? atoi(set) : 0;
    if (value > 0) {
        return value < 5000 ? value : 5000;
    }
    if (!term_state.function_keys) {
        return ESC_BY_HAND_MS;
    }
    const char *remote = getenv("SSH_CONNECTION");
    return term_state.slow || (remote && remote[0]) ? ESC_REMOTE_MS : ESC_LOCAL_MS;
}

static enum term_theme choose_theme(enum term_theme wanted)
{
    const char *no_color = getenv("NO_COLOR");
    bool colours =
        tigetnum((char *)(uintptr_t) "colors") >= 8; /* COLORS is not set yet at the start */
    if (!colours) {
        return THEME_MONO;
    }
    if (wanted != THEME_AUTO) {
        return wanted;
    }
    return term_state.slow || (no_color && no_color[0]) ? THEME_MONO : THEME_COLOUR;
}

/* ---- keys of this terminal beyond the usual sequences ---- */

static void add_keys(struct decoder *d)
{
    static const struct {
        const char *name;
        enum key_kind kind;
        int value;
    } keys[] = {{"kcuu1", KIND_NAMED, NAMED_UP},
                {"kcud1", KIND_NAMED, NAMED_DOWN},
                {"kcub1", KIND_NAMED, NAMED_LEFT},
                {"kcuf1", KIND_NAMED, NAMED_RIGHT},
                {"khome", KIND_NAMED, NAMED_HOME},
                {"kend", KIND_NAMED, NAMED_END},
                {"kpp", KIND_NAMED, NAMED_PGUP},
                {"knp", KIND_NAMED, NAMED_PGDN},
                {"kdch1", KIND_NAMED, NAMED_DELETE},
                {"kcbt", KIND_NAMED, NAMED_BACKTAB},
                {"kf1", KIND_F, 1},
                {"kf2", KIND_F, 2},
                {"kf4", KIND_F, 4},
                {"kf8", KIND_F, 8},
                {"kf9", KIND_F, 9},
                {"kf10", KIND_F, 10}};
    for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
        decode_add(d, capability(keys[i].name), keys_lookup(keys[i].kind, keys[i].value));
    }
}

/* ---- start and stop ---- */

static void raw_mode(void)
{
    struct termios now;
    raw();
    noecho();
    nonl();
    if (tcgetattr(TERM_TTY_IN, &now) == 0) {
        /* eight bits, Ctrl-S is no trap, and a Break on a serial line is nothing */
        now.c_iflag &= ~(tcflag_t)(ISTRIP | IXON | IXOFF | BRKINT);
        now.c_iflag |= IGNBRK;
        tcsetattr(TERM_TTY_IN, TCSANOW, &now);
        def_prog_mode();
    }
}

/* Everything that brings the terminal back, for handlers that cannot ask terminfo. */
static void prepare_emergency(void)
{
    const char *parts[] = {term.paste_off, capability("sgr0"), capability("cnorm"),
                           capability("rmcup"), "\r\n"};
    char all[256];
    size_t len = 0;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        size_t n = parts[i] ? strlen(parts[i]) : 0;
        if (len + n < sizeof(all)) {
            memcpy(all + len, parts[i] ? parts[i] : "", n);
            len += n;
        }
    }
    fatal_remember(all, len, &term.modes);
}

static void send(const char *sequence)
{
    if (sequence && !term_state.lost) {
        tputs(sequence, 1, putchar);
        fflush(stdout);
    }
}

static bool start_cdk(void)
{
    /* Its first screen calls setlocale(LC_ALL, "") and cbreak(): both are put right again. */
    AUTOFREE char *locale = strdup(setlocale(LC_ALL, NULL));
    if (!locale || cdk_start() < 0) {
        return false;
    }
    setlocale(LC_ALL, locale);
    raw_mode();
    return true;
}

static void start_colours(const struct term_options *o)
{
    term_state.theme = choose_theme(o->theme);
    term_state.colour = has_colors() && start_color() == OK;
    if (term_state.colour) {
        use_default_colors();
        theme_start();
    }
}

enum term_result term_start(const struct term_options *options)
{
    enum term_result able = term_probe();
    if (able != TERM_OK || term_state.running) {
        return able;
    }
    if (!encoding_locale() || tcgetattr(TERM_TTY_IN, &term.modes) < 0) {
        return TERM_FAILED;
    }
    memset(&term_state, 0, sizeof(term_state));
    capture_start(); /* without it the screen is only less safe from stray output */
    term.screen = newterm(NULL, stdout, stdin);
    if (!term.screen) {
        capture_stop();
        return TERM_FAILED;
    }
    term.paste_on = capability("BE");
    term.paste_off = capability("BD");
    prepare_emergency();
    term_state.running = true;
    if (!start_cdk()) {
        term_stop();
        return TERM_FAILED;
    }
    typeahead(-1);
    term_state.function_keys = capability("kf1") != NULL;
    term_state.slow = serial_line();
    term_state.ascii = options->ascii;
    term_state.esc_delay_ms = esc_delay(options);
    const char *frames = getenv("JOINERY_TEST_FRAME");
    term_state.count_frames = frames && strcmp(frames, "1") == 0;
    start_colours(options);
    decode_init(&term_state.decoder, term_state.esc_delay_ms);
    add_keys(&term_state.decoder);
    send(term.paste_on);
    return TERM_OK;
}

void term_stop(void)
{
    if (!term_state.running) {
        return;
    }
    cdk_stop();
    send(term.paste_off);
    if (!term_state.lost) {
        endwin();
    }
    term_state.running = false;
    delscreen(term.screen);
    term.screen = NULL;
    tcsetattr(TERM_TTY_IN, term_state.lost ? TCSANOW : TCSADRAIN, &term.modes);
    fatal_forget();
    vt_emergency();
    explicit_bzero(&term_state.decoder, sizeof(term_state.decoder));
    capture_stop();
}

void term_hold_console(bool lock, bool service)
{
    vt_session(lock, service);
}

void term_keep_awake(bool on)
{
    vt_keep_awake(on);
}

bool term_running(void)
{
    return term_state.running;
}

void term_lost(void)
{
    term_state.lost = true;
}

/* ---- properties ---- */

void term_size(int *rows, int *cols)
{
    *rows = term_state.running ? LINES : 24;
    *cols = term_state.running ? COLS : 80;
}

void term_continued(void)
{
    if (term_state.running && !term_state.lost)
        reset_prog_mode();
}

void term_resized(void)
{
    struct winsize size;
    if (!term_state.running || ioctl(TERM_TTY_OUT, TIOCGWINSZ, &size) < 0) {
        return;
    }
    /* a serial line does not know its size */
    int rows = size.ws_row ? size.ws_row : 24, cols = size.ws_col ? size.ws_col : 80;
    rows = rows > 1000 ? 1000 : rows;
    cols = cols > 1000 ? 1000 : cols;
    resize_term(rows, cols);
    /* Terminals differ in what they keep, and a burst that ends where it began has torn the screen
     * all the same. */
    term_state.repaint = true;
}

bool term_has_function_keys(void)
{
    return term_state.function_keys;
}

bool term_has_colour(void)
{
    return term_state.colour && term_state.theme != THEME_MONO;
}

bool term_is_slow(void)
{
    return term_state.running ? term_state.slow : serial_line();
}

void term_set_theme(enum term_theme theme)
{
    if (term_state.running) {
        term_state.theme = choose_theme(theme);
    }
}

void term_set_ascii(bool ascii)
{
    term_state.ascii = ascii;
}
