#define _GNU_SOURCE
#include "tests/ui/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <vterm.h>

#define RAW_MAX   (1024 * 1024)
#define ROW_BYTES (1000 * 4 * VTERM_MAX_CHARS_PER_CELL + 1)

struct pty {
    int master;
    pid_t pid;
    int rows, cols;
    bool ended; /* end of file on the master */
    bool reaped;
    int status;
    VTerm *vt;
    VTermScreen *screen;
    unsigned frame;
    size_t bytes, frame_bytes;
    size_t matched; /* bytes of a frame announcement seen so far */
    unsigned number;
    bool bell;
    char *raw;
    size_t raw_len;
    char row[ROW_BYTES];
};

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/* ---- starting ---- */

static void set_environment(const struct pty_options *o)
{
    const char *type = o && o->term ? o->term : "xterm-256color";
    unsetenv("LANG");
    unsetenv("LANGUAGE");
    unsetenv("NO_COLOR");
    unsetenv("ESCDELAY");
    unsetenv("LINES");
    unsetenv("COLUMNS");
    unsetenv("SSH_CONNECTION");
    setenv("LC_ALL", o && o->locale ? o->locale : "C.UTF-8", 1);
    setenv("JOINERY_TEST_FRAME", "1", 1);
    if (type[0]) {
        setenv("TERM", type, 1);
    } else {
        unsetenv("TERM");
    }
    for (size_t i = 0; o && o->env && o->env[i]; i++) {
        char *copy = strdup(o->env[i]);
        if (copy) {
            putenv(copy);
        }
    }
}

static int on_bell(void *user)
{
    struct pty *p = user;
    p->bell = true;
    return 1;
}

static void answer(const char *s, size_t len, void *user)
{
    struct pty *p = user;
    if (write(p->master, s, len) < 0) {
        p->ended = p->ended || errno == EIO;
    }
}

static struct pty *make(const struct pty_options *o)
{
    static const VTermScreenCallbacks callbacks = {.bell = on_bell};
    struct pty *p = calloc(1, sizeof(*p));
    if (!p) {
        return NULL;
    }
    p->rows = o && o->rows ? o->rows : 24;
    p->cols = o && o->cols ? o->cols : 80;
    p->vt = vterm_new(p->rows, p->cols);
    p->raw = malloc(RAW_MAX + 1);
    vterm_set_utf8(p->vt, 1);
    p->screen = vterm_obtain_screen(p->vt);
    vterm_screen_set_callbacks(p->screen, &callbacks, p);
    vterm_screen_enable_altscreen(p->screen, 1);
    vterm_screen_reset(p->screen, 1);
    vterm_output_set_callback(p->vt, answer, p);
    return p;
}

static struct pty *start(const char *const *argv, int (*fn)(void *), void *arg,
                         const struct pty_options *o)
{
    struct pty *p = make(o);
    if (!p) {
        return NULL;
    }
    struct winsize size = {.ws_row = (unsigned short)p->rows, .ws_col = (unsigned short)p->cols};
    if (o && o->no_size) {
        size = (struct winsize){0};
    }
    fflush(NULL);
    p->pid = forkpty(&p->master, NULL, NULL, &size);
    if (p->pid < 0) {
        perror("forkpty");
        p->reaped = true;
        p->master = -1;
        pty_close(p);
        return NULL;
    }
    if (p->pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        set_environment(o);
        if (fn) {
            _exit(fn(arg));
        }
        execvp(argv[0], (char *const *)(uintptr_t)argv);
        dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    fcntl(p->master, F_SETFD, FD_CLOEXEC);
    fcntl(p->master, F_SETFL, O_NONBLOCK);
    return p;
}

struct pty *pty_spawn(const char *const *argv, const struct pty_options *options)
{
    return start(argv, NULL, NULL, options);
}

struct pty *pty_spawn_fn(int (*fn)(void *arg), void *arg, const struct pty_options *options)
{
    return start(NULL, fn, arg, options);
}

void pty_close(struct pty *p)
{
    if (!p) {
        return;
    }
    if (!p->reaped) {
        kill(p->pid, SIGKILL);
        waitpid(p->pid, NULL, 0);
    }
    if (p->master >= 0) {
        close(p->master);
    }
    vterm_free(p->vt);
    free(p->raw);
    free(p);
}

pid_t pty_pid(const struct pty *p)
{
    return p->pid;
}

int pty_master(const struct pty *p)
{
    return p->master;
}

/* ---- reading ---- */

/* Follows "ESC ] 2 ; f r a m e SPACE digits BEL" through the stream, over the boundaries of reads.
 */
static void follow_frames(struct pty *p, char b)
{
    static const char head[] = "\033]2;frame ";
    size_t whole = sizeof(head) - 1;
    if (p->matched < whole) {
        p->matched = b == head[p->matched] ? p->matched + 1 : b == head[0] ? 1 : 0;
        p->number = 0;
        return;
    }
    if (b >= '0' && b <= '9') {
        p->number = p->number * 10 + (unsigned)(b - '0');
        p->matched++;
        return;
    }
    if (b == '\007') {
        p->frame = p->number;
        p->frame_bytes += p->matched + 1;
    }
    p->matched = 0;
}

static void keep_raw(struct pty *p, const char *bytes, size_t len)
{
    if (p->raw_len + len > RAW_MAX) {
        size_t gone = p->raw_len + len - RAW_MAX;
        memmove(p->raw, p->raw + gone, p->raw_len - gone);
        p->raw_len -= gone;
    }
    memcpy(p->raw + p->raw_len, bytes, len);
    p->raw_len += len;
    p->raw[p->raw_len] = '\0';
}

/* One poll and read; false when nothing came in that time. */
static bool take(struct pty *p, int ms)
{
    char bytes[4096];
    struct pollfd fd = {.fd = p->master, .events = POLLIN};
    if (p->ended || poll(&fd, 1, ms) <= 0) {
        return false;
    }
    ssize_t n = read(p->master, bytes, sizeof(bytes));
    if (n <= 0) {
        p->ended = n == 0 || (errno != EAGAIN && errno != EINTR);
        return false;
    }
    for (ssize_t i = 0; i < n; i++) {
        follow_frames(p, bytes[i]);
    }
    p->bytes += (size_t)n;
    keep_raw(p, bytes, (size_t)n);
    vterm_input_write(p->vt, bytes, (size_t)n);
    return true;
}

void pty_drain(struct pty *p)
{
    while (take(p, 0)) {
    }
}

void pty_listen(struct pty *p, int ms)
{
    long long end = now_ms() + ms;
    for (long long left = ms; left > 0 && !p->ended; left = end - now_ms()) {
        take(p, (int)left);
    }
}

static void show(struct pty *p, const char *what)
{
    char *screen = pty_screen(p);
    int row, col;
    pty_cursor(p, &row, &col);
    fprintf(stderr, "%s; frame %u, cursor %d,%d%s, screen:\n%s---\n", what, p->frame, row, col,
            p->ended ? ", program ended" : "", screen ? screen : "");
    free(screen);
}

static bool wait_quietly(struct pty *p, pty_condition condition, void *ctx, int ms)
{
    long long end = now_ms() + ms;
    pty_drain(p);
    while (!condition(p, ctx)) {
        long long left = end - now_ms();
        if (left <= 0 || (p->ended && !condition(p, ctx))) {
            return false;
        }
        take(p, (int)left);
    }
    return true;
}

bool pty_wait(struct pty *p, pty_condition condition, void *ctx, int ms)
{
    bool good = wait_quietly(p, condition, ctx, ms);
    if (!good) {
        show(p, "waited in vain");
    }
    return good;
}

static bool has_text(struct pty *p, void *ctx)
{
    return pty_has(p, ctx);
}

static bool has_no_text(struct pty *p, void *ctx)
{
    return !pty_has(p, ctx);
}

static bool frame_reached(struct pty *p, void *ctx)
{
    return p->frame >= *(unsigned *)ctx;
}

static bool named(struct pty *p, pty_condition condition, const char *text, int ms,
                  const char *what)
{
    char copy[256], message[400];
    snprintf(copy, sizeof(copy), "%s", text);
    snprintf(message, sizeof(message), "%s '%s'", what, copy);
    bool good = wait_quietly(p, condition, copy, ms);
    if (!good) {
        show(p, message);
    }
    return good;
}

bool pty_wait_text(struct pty *p, const char *text, int ms)
{
    return named(p, has_text, text, ms, "never came:");
}

bool pty_wait_gone(struct pty *p, const char *text, int ms)
{
    return named(p, has_no_text, text, ms, "never went:");
}

bool pty_wait_frame(struct pty *p, unsigned n, int ms)
{
    return pty_wait(p, frame_reached, &n, ms);
}

bool pty_wait_next_frame(struct pty *p, int ms)
{
    return pty_wait_frame(p, p->frame + 1, ms);
}

static bool ended(struct pty *p, void *ctx)
{
    (void)ctx;
    p->reaped = p->reaped || waitpid(p->pid, &p->status, WNOHANG) == p->pid;
    return p->reaped;
}

bool pty_wait_exit(struct pty *p, int *status, int ms)
{
    long long end = now_ms() + ms;
    while (!ended(p, NULL) && now_ms() < end) {
        if (p->ended) {
            poll(NULL, 0, 2); /* the terminal is closed, the process is about to be gone */
        } else {
            take(p, 20);
        }
    }
    pty_drain(p);
    if (!p->reaped) {
        show(p, "did not end");
        return false;
    }
    *status = p->status;
    return true;
}

/* ---- keys and size ---- */

bool pty_send_n(struct pty *p, const void *bytes, size_t len)
{
    const char *s = bytes;
    long long end = now_ms() + 10000;
    while (len > 0 && now_ms() < end) {
        ssize_t n = write(p->master, s, len);
        if (n > 0) {
            s += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        } else {
            take(p, 10);
        }
    }
    return len == 0;
}

bool pty_send(struct pty *p, const char *keys)
{
    return pty_send_n(p, keys, strlen(keys));
}

void pty_hang_up(struct pty *p)
{
    pty_drain(p);
    close(p->master);
    p->master = -1;
    p->ended = true;
}

void pty_resize(struct pty *p, int rows, int cols)
{
    struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};
    pty_drain(p);
    p->rows = rows;
    p->cols = cols;
    vterm_set_size(p->vt, rows, cols);
    ioctl(p->master, TIOCSWINSZ, &size);
}

/* ---- looking ---- */

unsigned pty_frame(const struct pty *p)
{
    return p->frame;
}

static size_t put_utf8(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char)cp;
        return 1;
    }
    size_t n = cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (cp & 0x3F));
        cp >>= 6;
    }
    out[0] = (char)(lead[n] | cp);
    return n;
}

static size_t put_cell(const VTermScreenCell *cell, char *out)
{
    size_t used = 0;
    if (cell->chars[0] == 0) {
        out[0] = ' ';
        return 1;
    }
    for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell->chars[i]; i++) {
        used += put_utf8(out + used, cell->chars[i]);
    }
    return used;
}

const char *pty_row(struct pty *p, int row)
{
    size_t used = 0;
    VTermScreenCell cell;
    for (int col = 0; col<p->cols; col += cell.width> 0 ? cell.width : 1) {
        memset(&cell, 0, sizeof(cell));
        vterm_screen_get_cell(p->screen, (VTermPos){row, col}, &cell);
        used += put_cell(&cell, p->row + used);
    }
    while (used > 0 && p->row[used - 1] == ' ') {
        used--;
    }
    p->row[used] = '\0';
    return p->row;
}

char *pty_screen(struct pty *p)
{
    char *out = NULL;
    size_t size = 0;
    FILE *f = open_memstream(&out, &size);
    if (!f) {
        return NULL;
    }
    for (int row = 0; row < p->rows; row++) {
        fprintf(f, "%s\n", pty_row(p, row));
    }
    fclose(f);
    return out;
}

bool pty_find(struct pty *p, const char *text, int *row, int *col)
{
    for (int r = 0; r < p->rows; r++) {
        const char *line = pty_row(p, r), *at = strstr(line, text);
        if (!at) {
            continue;
        }
        /* bytes to columns: walk the cells until as many bytes are used up */
        size_t bytes = (size_t)(at - line), used = 0;
        int c = 0;
        char scratch[4 * VTERM_MAX_CHARS_PER_CELL];
        while (used < bytes && c < p->cols) {
            VTermScreenCell cell;
            vterm_screen_get_cell(p->screen, (VTermPos){r, c}, &cell);
            used += put_cell(&cell, scratch);
            c += cell.width > 0 ? cell.width : 1;
        }
        *row = r;
        *col = c;
        return true;
    }
    return false;
}

bool pty_has(struct pty *p, const char *text)
{
    int row, col;
    return pty_find(p, text, &row, &col);
}

void pty_cursor(struct pty *p, int *row, int *col)
{
    VTermPos pos;
    vterm_state_get_cursorpos(vterm_obtain_state(p->vt), &pos);
    *row = pos.row;
    *col = pos.col;
}

struct pty_attributes pty_attributes_at(struct pty *p, int row, int col)
{
    VTermScreenCell cell;
    memset(&cell, 0, sizeof(cell));
    vterm_screen_get_cell(p->screen, (VTermPos){row, col}, &cell);
    return (struct pty_attributes){
        .bold = cell.attrs.bold,
        .underline = cell.attrs.underline != 0,
        .reverse = cell.attrs.reverse,
        .blink = cell.attrs.blink,
        .coloured = !VTERM_COLOR_IS_DEFAULT_FG(&cell.fg) || !VTERM_COLOR_IS_DEFAULT_BG(&cell.bg),
    };
}

int pty_reversed_elements(struct pty *p)
{
    int count = 0, last = -2;
    for (int row = 0; row < p->rows; row++) {
        int runs = 0;
        bool before = false;
        VTermScreenCell cell;
        for (int col = 0; col<p->cols; col += cell.width> 0 ? cell.width : 1) {
            vterm_screen_get_cell(p->screen, (VTermPos){row, col}, &cell);
            runs += cell.attrs.reverse && !before;
            before = cell.attrs.reverse;
        }
        count += runs > 0 && last == row - 1 ? runs - 1 : runs;
        last = runs > 0 ? row : last;
    }
    return count;
}

size_t pty_bytes(const struct pty *p)
{
    return p->bytes - p->frame_bytes;
}

void pty_reset_bytes(struct pty *p)
{
    pty_drain(p);
    p->bytes = p->frame_bytes = 0;
}

const char *pty_raw(const struct pty *p, size_t *len)
{
    *len = p->raw_len;
    return p->raw;
}

bool pty_bell(struct pty *p)
{
    bool rung = p->bell;
    p->bell = false;
    return rung;
}
