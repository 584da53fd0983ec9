#define _GNU_SOURCE
#include "ui/term/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "ui/term/internal.h"
#include "ui/term/term.h"

#define RESIZE_QUIET_MS   50 /* a burst is over when nothing came for so long */
#define RESIZE_AT_MOST_MS 200

static struct {
    int engine, signals, timer;
    bool hung_up; /* EV_HANGUP was given out: the terminal is not looked at any more */
    bool hangup_due;
    bool engine_due, tick_due;
    int signal_due;
    uint64_t resize_at, resize_first; /* 0: no resize under way */
    bool has_ahead;
    struct ui_event ahead; /* taken by loop_pending() */
} loop = {.engine = -1, .signals = -1, .timer = -1};

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static sigset_t our_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGWINCH);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGTSTP);
    sigaddset(&set, SIGCONT);
    return set;
}

void loop_block_signals(void)
{
    static const int ignored[] = {SIGPIPE, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++) {
        signal(ignored[i], SIG_IGN);
    }
    /* Those of the keyboard stay pending where nobody reads them, and then do nothing. */
    sigset_t set = our_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void loop_unblock_signals(void)
{
    sigset_t set = our_signals();
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}

int loop_open(int engine_fd)
{
    sigset_t set = our_signals();
    sigprocmask(SIG_BLOCK, &set, NULL);
    memset(&loop, 0, sizeof(loop));
    loop.engine = engine_fd;
    loop.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    loop.timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (loop.signals < 0 || loop.timer < 0) {
        int kept = errno;
        loop_close();
        errno = kept;
        return -1;
    }
    return 0;
}

void loop_close(void)
{
    if (loop.signals >= 0) {
        close(loop.signals);
    }
    if (loop.timer >= 0) {
        close(loop.timer);
    }
    explicit_bzero(&loop.ahead, sizeof(loop.ahead));
    loop.engine = loop.signals = loop.timer = -1;
}

void loop_set_tick(int ms)
{
    struct itimerspec every = {0};
    every.it_interval.tv_sec = ms / 1000;
    every.it_interval.tv_nsec = (long)(ms % 1000) * 1000000;
    every.it_value = every.it_interval;
    timerfd_settime(loop.timer, 0, &every, NULL);
}

/* ---- taking in what there is ---- */

static void take_signals(void)
{
    struct signalfd_siginfo info;
    while (read(loop.signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        uint64_t now = now_ms();
        if (info.ssi_signo == SIGWINCH) {
            loop.resize_first = loop.resize_at ? loop.resize_first : now;
            uint64_t latest = loop.resize_first + RESIZE_AT_MOST_MS;
            loop.resize_at = now + RESIZE_QUIET_MS < latest ? now + RESIZE_QUIET_MS : latest;
        } else if (info.ssi_signo == SIGCONT) { /* a shell has had the terminal meanwhile */
            term_continued();
            loop.resize_first = loop.resize_at = now;
        } else if (info.ssi_signo == SIGHUP) {
            loop.hangup_due = true;
        } else if (loop.signal_due != SIGTERM) {
            loop.signal_due = (int)info.ssi_signo;
        }
    }
}

static void take_keys(short revents)
{
    char bytes[512];
    struct decoder *d = &term_state.decoder;
    size_t room = decode_room(d) < sizeof(bytes) ? decode_room(d) : sizeof(bytes);
    if (room == 0) {
        return;
    }
    if (!(revents & POLLIN)) {
        loop.hangup_due = true; /* POLLHUP or POLLERR, and nothing left to read */
        return;
    }
    ssize_t n = read(TERM_TTY_IN, bytes, room);
    if (n > 0) {
        decode_feed(d, bytes, (size_t)n, now_ms());
        explicit_bzero(bytes, (size_t)n);
    } else if (n == 0 || (errno != EINTR && errno != EAGAIN)) {
        loop.hangup_due = true;
    }
}

static void take_tick(void)
{
    uint64_t count;
    loop.tick_due = read(loop.timer, &count, sizeof(count)) == (ssize_t)sizeof(count);
}

/* One poll() over everything. */
static void take(int timeout)
{
    bool tty = !loop.hung_up && !loop.hangup_due && term_running();
    struct pollfd fds[] = {{.fd = tty ? TERM_TTY_IN : -1, .events = POLLIN},
                           {.fd = loop.engine, .events = POLLIN},
                           {.fd = loop.signals, .events = POLLIN},
                           {.fd = loop.timer, .events = POLLIN},
                           {.fd = capture_fd(), .events = POLLIN}};
    if (poll(fds, sizeof(fds) / sizeof(fds[0]), timeout) <= 0) {
        return;
    }
    if (fds[2].revents) {
        take_signals();
    }
    if (fds[0].revents) {
        take_keys(fds[0].revents);
    }
    loop.engine_due = fds[1].revents != 0;
    if (fds[3].revents) {
        take_tick();
    }
    if (fds[4].revents) {
        capture_fill();
    }
}

/* ---- giving out ---- */

static bool key_event(struct ui_event *ev, uint64_t now)
{
    struct decoded_key key;
    for (;;) {
        enum decoded d =
            loop.hung_up ? DECODED_NOTHING : decode_next(&term_state.decoder, now, &key);
        if (d == DECODED_NOTHING) {
            return false;
        }
        if (d == DECODED_UNKNOWN) {
            term_beep();
            ev->type = EV_UNKNOWN_KEY;
            return true;
        }
        if (key.action == ACT_REPAINT) {
            term_repaint();
        }
        ev->type = EV_KEY;
        ev->action = key.action;
        ev->pasted = key.pasted;
        memcpy(ev->text, key.text, sizeof(ev->text));
        explicit_bzero(&key, sizeof(key));
        return true;
    }
}

static bool resize_event(struct ui_event *ev, uint64_t now)
{
    if (!loop.resize_at || now < loop.resize_at) {
        return false;
    }
    loop.resize_at = 0;
    term_resized();
    ev->type = EV_RESIZE;
    term_size(&ev->rows, &ev->cols);
    return true;
}

static bool flag_event(struct ui_event *ev, bool *flag, enum event_type type)
{
    bool due = *flag;
    *flag = false;
    ev->type = type;
    return due;
}

static bool hangup_event(struct ui_event *ev)
{
    if (!loop.hangup_due || loop.hung_up) {
        return false;
    }
    loop.hangup_due = false;
    loop.hung_up = true;
    term_lost();
    ev->type = EV_HANGUP;
    return true;
}

static bool signal_event(struct ui_event *ev)
{
    ev->type = EV_SIGNAL;
    ev->signo = loop.signal_due;
    loop.signal_due = 0;
    return ev->signo != 0;
}

static bool stderr_event(struct ui_event *ev)
{
    ev->type = EV_STDERR;
    return capture_line(ev->line, sizeof(ev->line));
}

static bool give(struct ui_event *ev)
{
    uint64_t now = now_ms();
    memset(ev, 0, sizeof(*ev));
    ev->now_ms = now;
    return signal_event(ev) || resize_event(ev, now) || key_event(ev, now) || hangup_event(ev) ||
           flag_event(ev, &loop.engine_due, EV_ENGINE) || flag_event(ev, &loop.tick_due, EV_TICK) ||
           stderr_event(ev);
}

static int until(uint64_t at, uint64_t now)
{
    return now >= at ? 0 : (int)(at - now);
}

/* How long poll() may sleep: to the end of a lone Esc or of a resize burst, else without end. */
static int sleep_ms(void)
{
    uint64_t now = now_ms();
    int timeout = loop.hung_up ? -1 : decode_timeout(&term_state.decoder, now);
    if (loop.resize_at) {
        int resize = until(loop.resize_at, now);
        timeout = timeout < 0 || resize < timeout ? resize : timeout;
    }
    return timeout;
}

void loop_next(struct ui_event *ev)
{
    if (loop.has_ahead) {
        *ev = loop.ahead;
        loop.has_ahead = false;
        explicit_bzero(&loop.ahead, sizeof(loop.ahead));
        return;
    }
    take(0);
    while (!give(ev)) {
        take(sleep_ms());
    }
}

bool loop_pending(void)
{
    if (!loop.has_ahead) {
        take(0);
        loop.has_ahead = give(&loop.ahead);
    }
    return loop.has_ahead;
}
