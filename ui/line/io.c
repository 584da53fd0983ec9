/* Lines in and out, while the engine's messages are taken in. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/line/internal.h"
#include "ui/text/width.h"
#include "ui/words/words.h"

void line_print(const char *text)
{
    struct wrap w = wrap_start(text, 78);
    const char *line;
    size_t len;
    while (wrap_next(&w, &line, &len))
        printf("%.*s\n", (int)len, line);
}

void line_event(struct line *l, struct wiz_event ev)
{
    ev.now_ms = app_now_ms();
    app_event(l->app, &ev);
}

static void take_signal(struct line *l)
{
    struct signalfd_siginfo info;
    if (read(l->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    /* Ctrl-C is the operator's: it asks. The others end the program. */
    if (info.ssi_signo == SIGINT)
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CANCEL});
    else
        line_event(l, (struct wiz_event){.kind = WIZ_END});
}

/* Waits for one thing to happen. true when standard input is readable. */
static bool wait_once(struct line *l, bool input, int timeout_ms)
{
    struct pollfd fds[3] = {{.fd = engine_fd(l->app->engine), .events = POLLIN},
                            {.fd = l->signal_fd, .events = POLLIN},
                            {.fd = input ? STDIN_FILENO : -1, .events = POLLIN}};
    int n = poll(fds, 3, timeout_ms);
    if (n < 0 && errno != EINTR)
        return true;
    if (n > 0 && (fds[1].revents & POLLIN))
        take_signal(l);
    if (n > 0 && (fds[0].revents & POLLIN))
        app_drain(l->app, app_now_ms());
    return n > 0 && fds[2].revents != 0;
}

/* A line of the terminal's canonical mode: read() returns one at a time. */
static enum reply read_line(struct line *l, char *buf, size_t size)
{
    enum overlay before = l->w->overlay;
    for (;;) {
        if (l->app->quit)
            return REPLY_END;
        if (l->w->overlay != before) {
            printf("\n");
            return REPLY_MOVED;
        }
        if (!wait_once(l, true, -1))
            continue;
        ssize_t n = read(STDIN_FILENO, buf, size - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return REPLY_END;
        buf[n] = '\0';
        buf[strcspn(buf, "\r\n")] = '\0';
        return *buf ? REPLY_TEXT : REPLY_DEFAULT;
    }
}

static void print_help(struct line *l)
{
    int focus = l->w->focus;
    if (focus >= 0 && focus < FLD__COUNT && *field_row((enum field)focus)->help)
        line_print(_(field_row((enum field)focus)->help));
    line_print(_("Enter takes what stands in brackets, - empties it, < goes back, ! cancels."));
}

static void print_prompt(const char *prompt, const char *shown)
{
    AUTOFREE char *clean = words_clean(shown);
    printf("%s [%s]: ", prompt, clean);
    fflush(stdout);
}

enum reply line_ask(struct line *l, const char *prompt, const char *shown, char **text)
{
    char buf[1024];
    *text = NULL;
    for (;;) {
        print_prompt(prompt, shown);
        enum reply r = read_line(l, buf, sizeof buf);
        if (r == REPLY_END)
            line_event(l, (struct wiz_event){.kind = WIZ_END});
        if (r != REPLY_TEXT)
            return r;
        if (!strcmp(buf, "<"))
            return REPLY_BACK;
        if (!strcmp(buf, "!"))
            return REPLY_CANCEL;
        if (strcmp(buf, "?")) {
            *text = xstrdup(buf);
            return REPLY_TEXT;
        }
        print_help(l);
    }
}

static void set_echo(bool on)
{
    struct termios t;
    if (tcgetattr(STDIN_FILENO, &t) < 0)
        return;
    t.c_lflag = on ? t.c_lflag | ECHO : t.c_lflag & ~(tcflag_t)ECHO;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &t);
}

enum reply line_ask_secret(struct line *l, const char *prompt, struct secret *s)
{
    enum reply r;
    if (secret_init(s, SECRET_MAX) < 0)
        return REPLY_END;
    set_echo(false);
    printf("%s: ", prompt);
    fflush(stdout);
    r = read_line(l, (char *)s->data, s->cap); /* straight into locked memory */
    set_echo(true);
    printf("\n");
    if (r == REPLY_END)
        line_event(l, (struct wiz_event){.kind = WIZ_END});
    s->len = r == REPLY_TEXT ? strlen((char *)s->data) : 0;
    if (s->len == 1 && (s->data[0] == '<' || s->data[0] == '!')) {
        r = s->data[0] == '<' ? REPLY_BACK : REPLY_CANCEL;
        secret_wipe(s);
    }
    return r;
}

static void tell_message(struct line *l)
{
    if (l->w->message == l->message_told)
        return;
    l->message_told = l->w->message;
    AUTOFREE char *text = words_message(l->w);
    if (*text)
        line_print(text);
}

/* The first page needs to know this machine only; what the network is like can come later. */
static bool unsettled(const struct wizard *w)
{
    if (w->page == PAGE_WELCOME)
        return w->job == JOB_MACHINE;
    return w->advance || (w->job != JOB_NONE && !w->running);
}

void line_settle(struct line *l)
{
    while (!l->app->quit && unsettled(l->w)) {
        tell_message(l);
        (void)wait_once(l, false, -1);
    }
    l->message_told = SAY_NOTHING;
}

static void tell_steps(struct line *l)
{
    static const char *const marks[] = {
        [STEP_WAITING] = "",     [STEP_RUNNING] = "[>]", [STEP_OK] = "[ok]",
        [STEP_SKIPPED] = "[--]", [STEP_NOTICE] = "[ok]", [STEP_FAILED] = "[!!]",
        [STEP_UNDONE] = "[--]",
    };
    for (size_t i = 0; i < l->w->n_steps; i++) {
        const struct step_view *s = &l->w->steps[i];
        if (s->state == STEP_WAITING || l->steps_told[s->step] == (size_t)s->state + 1)
            continue;
        l->steps_told[s->step] = (size_t)s->state + 1;
        AUTOFREE char *detail = words_said(s->format, &s->args);
        AUTOFREE char *text =
            xasprintf("%-4s %zu/%zu %s%s%s%s", marks[s->state], i + 1, l->w->n_steps,
                      _(step_row(s->step)->label), *detail ? ": " : "", detail,
                      s->state == STEP_UNDONE ? _(" (undone)") : "");
        line_print(text);
    }
    fflush(stdout);
}

/* How far a list is, in twenty steps at most. */
static void tell_rate(struct line *l)
{
    const struct rate_view *r = &l->w->offline.rate;
    size_t ended = r->done + r->failed, step = r->total / 20 + 1;
    if (!l->w->offline.have_rate || (ended < l->rows_told + step && ended != r->total) ||
        ended == l->rows_told)
        return;
    l->rows_told = ended;
    AUTOFREE char *text = words_note(l->w, FLD_RATE);
    text[strcspn(text, "\n")] = '\0';
    line_print(text);
    fflush(stdout);
}

/* The cancel question in the middle of the work; the answers are numbers. */
static void ask_stop(struct line *l)
{
    line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CANCEL});
    tell_message(l);
}

static void tell_heartbeat(struct line *l)
{
    line_event(l, (struct wiz_event){.kind = WIZ_TICK});
    unsigned long silent = (unsigned long)(l->w->now_ms - l->w->last_news) / 5000;
    if (silent == l->waited_told || silent == 0)
        return;
    l->waited_told = silent;
    AUTOFREE char *text = words_message(l->w);
    line_print(text);
}

void line_follow(struct line *l)
{
    memset(l->steps_told, 0, sizeof l->steps_told);
    l->rows_told = 0;
    line_print(_("Type ! and Enter to stop."));
    while (!l->app->quit && l->w->running && l->w->overlay == OVER_NONE) {
        char buf[64];
        tell_steps(l);
        tell_rate(l);
        if (wait_once(l, true, 1000)) {
            ssize_t n = read(STDIN_FILENO, buf, sizeof buf);
            if (n == 0)
                line_event(l, (struct wiz_event){.kind = WIZ_END});
            else if (n > 0 && buf[0] == '!')
                ask_stop(l);
        }
        tell_heartbeat(l);
    }
    tell_steps(l);
}
