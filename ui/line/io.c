/* Lines in, while the engine's messages are taken in. */
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
#include "ui/term/term.h"
#include "ui/text/charset.h"
#include "ui/text/utf8.h"
#include "ui/words/words.h"

#define ANSWER_MAX    1024 /* bytes of an answer */
#define KIOSK_TICK_MS 10000

void line_event(struct line *l, struct wiz_event ev)
{
    ev.now_ms = app_now_ms();
    app_event(l->app, &ev);
}

void line_key(struct line *l, enum action a)
{
    line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = a});
}

static void take_signal(struct line *l)
{
    struct signalfd_siginfo info;
    if (read(l->signal_fd, &info, sizeof info) != (ssize_t)sizeof info)
        return;
    /* Ctrl-C is the operator's: it asks. The others end the program. */
    if (info.ssi_signo == SIGINT && !l->ended)
        line_key(l, ACT_CANCEL);
    else
        line_event(l, (struct wiz_event){.kind = WIZ_END});
}

bool line_wait(struct line *l, bool input, int timeout_ms)
{
    struct pollfd fds[3] = {{.fd = engine_fd(l->app->engine), .events = POLLIN},
                            {.fd = l->signal_fd, .events = POLLIN},
                            {.fd = input && !l->ended ? STDIN_FILENO : -1, .events = POLLIN}};
    int n = poll(fds, 3, timeout_ms);
    if (n < 0 && errno != EINTR)
        return true;
    if (n > 0 && (fds[1].revents & POLLIN))
        take_signal(l);
    if (n > 0 && (fds[0].revents & POLLIN))
        app_drain(l->app, app_now_ms());
    return n > 0 && fds[2].revents != 0;
}

/* What read_line() made of a line. */
enum got { GOT_LINE, GOT_END, GOT_MOVED, GOT_UNUSABLE };

/* Bytes that no key makes in an answer: pieces of escape sequences, and what is not UTF-8. */
static bool usable(const char *s, size_t len)
{
    uint32_t cp;
    for (size_t i = 0, n; i < len; i += n) {
        n = utf8_decode(s + i, len - i, &cp);
        if (n == 0 || ((cp < 0x20 || (cp >= 0x7f && cp < 0xa0)) && cp != '\t'))
            return false;
    }
    return true;
}

/* A kiosk at which nobody types any more begins anew; what was half typed goes. */
static bool left_alone(struct line *l, enum page page)
{
    if (!wizard_kiosk(l->w) && !l->w->first.on)
        return false;
    line_event(l, (struct wiz_event){.kind = WIZ_TICK});
    if (l->w->page == page)
        return false;
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
    return true;
}

/* A kiosk's person may leave, and a first boot goes on without anybody. */
static int wait_ms(const struct wizard *w)
{
    if (w->first.on && wizard_tick_ms(w))
        return wizard_tick_ms(w);
    return wizard_kiosk(w) ? KIOSK_TICK_MS : -1;
}

/* Byte by byte: behind the line there may be the answer to the next question, in a pipe a secret
 * too, which must not lie about in a buffer. What is too long is read to its end and refused. */
static enum got read_line(struct line *l, char *buf, size_t size)
{
    enum overlay before = l->w->overlay;
    enum page page = l->w->page;
    size_t len = 0;
    bool fits = true;
    for (;;) {
        char c;
        if (l->app->quit || l->ended)
            return GOT_END;
        if (l->w->overlay != before)
            return GOT_MOVED;
        if (!line_wait(l, true, wait_ms(l->w))) {
            if (left_alone(l, page))
                return GOT_MOVED;
            continue;
        }
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        l->ended = n <= 0;
        if (l->ended && (!len || l->terminal))
            return GOT_END;
        if (l->ended || c == '\n')
            break;
        fits = fits && len + 2 < size;
        if (fits)
            buf[len++] = c;
        c = 0;
    }
    if (len && buf[len - 1] == '\r')
        len--;
    size_t decoded = charset_decode(buf, len, size - 1);
    fits = fits && decoded != SIZE_MAX;
    len = fits ? decoded : len;
    buf[len] = '\0';
    return fits && usable(buf, len) ? GOT_LINE : GOT_UNUSABLE;
}

/* Without echo, or without a terminal, nothing has ended the line of the question yet. */
static void end_question(const struct line *l, enum got got, bool secret)
{
    if (secret || !l->terminal || got == GOT_MOVED || got == GOT_END)
        printf("\n");
}

/* A line that is this sign alone, in any width. */
static bool is_sign(const char *text, char sign)
{
    return line_sign(&text, sign) && !*text;
}

static enum reply reply_of(struct line *l, enum got got, const char *text)
{
    if (got == GOT_END) {
        line_event(l, (struct wiz_event){.kind = WIZ_INPUT_END});
        return REPLY_END;
    }
    if (got == GOT_MOVED)
        return REPLY_MOVED;
    return !*text               ? REPLY_DEFAULT
           : is_sign(text, '<') ? REPLY_BACK
           : is_sign(text, '!') ? REPLY_CANCEL
                                : REPLY_TEXT;
}

static void print_help(struct line *l)
{
    int focus = l->w->focus;
    if (focus >= 0 && focus < FLD__COUNT && *field_row((enum field)focus)->help)
        line_print(_(field_row((enum field)focus)->help));
    if (focus >= 0 && focus < FLD__COUNT && field_row((enum field)focus)->kind == FIELD_LIST)
        line_rows(l, (enum field)focus);
    line_print(_("Enter takes what stands in brackets, - empties it, < goes back, ! cancels."));
}

/* Blanks around an answer are nobody's intention. A secret keeps them. */
static char *without_blanks(char *text)
{
    text += strspn(text, " \t");
    for (size_t len = strlen(text); len && strchr(" \t", text[len - 1]);)
        text[--len] = '\0';
    return text;
}

static void refuse_line(void)
{
    line_print(_("That line is too long or holds characters that cannot be typed; please type it "
                 "again."));
}

enum reply line_ask(struct line *l, const char *prompt, const char *shown, char **text)
{
    char buf[ANSWER_MAX] = "";
    AUTOFREE char *clean = words_clean(shown), *behind = xasprintf(" [%s]: ", clean);
    *text = NULL;
    l->asked = true;
    for (;;) {
        line_prompt(prompt, behind);
        enum got got = read_line(l, buf, sizeof buf);
        end_question(l, got, false);
        if (got == GOT_UNUSABLE) {
            refuse_line();
            continue;
        }
        const char *said = without_blanks(buf);
        if (got == GOT_LINE && is_sign(said, '?')) {
            print_help(l);
            continue;
        }
        enum reply r = reply_of(l, got, said);
        if (r == REPLY_TEXT)
            *text = xstrdup(said);
        return r;
    }
}

/* ---- secrets ---- */

static struct termios echoing;
static volatile sig_atomic_t echo_off;

static void restore_echo(void)
{
    if (echo_off)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &echoing);
    echo_off = 0;
}

/* The terminal outlives the program, whatever ends it. */
static void fatal(int signo)
{
    restore_echo();
    term_emergency_restore();
    signal(signo, SIG_DFL);
    raise(signo);
}

void line_guard_echo(void)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
        struct sigaction sa = {.sa_handler = fatal, .sa_flags = (int)SA_RESETHAND};
        (void)sigaction(signals[i], &sa, NULL);
    }
    atexit(restore_echo);
}

/* What was typed ahead stays: a script does not wait for questions. */
static void stop_echo(void)
{
    struct termios t;
    if (tcgetattr(STDIN_FILENO, &t) < 0)
        return;
    echoing = t;
    echo_off = 1;
    t.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    (void)tcsetattr(STDIN_FILENO, TCSADRAIN, &t);
}

enum reply line_ask_secret(struct line *l, const char *prompt, struct secret *s)
{
    if (secret_init(s, SECRET_MAX) < 0)
        return REPLY_END;
    l->asked = true;
    for (;;) {
        stop_echo();
        line_prompt(prompt, ": ");
        enum got got = read_line(l, (char *)s->data, s->cap); /* straight into locked memory */
        if (l->terminal && (got == GOT_END || got == GOT_MOVED))
            (void)tcflush(STDIN_FILENO, TCIFLUSH); /* half a secret is not for who reads next */
        restore_echo();
        end_question(l, got, true);
        enum reply r = got == GOT_UNUSABLE ? REPLY_MOVED : reply_of(l, got, (char *)s->data);
        s->len = r == REPLY_TEXT ? strlen((char *)s->data) : 0;
        bool help = r == REPLY_TEXT && s->len == 1 && s->data[0] == '?';
        if (r != REPLY_TEXT || help)
            secret_wipe(s);
        if (help)
            print_help(l);
        else if (got == GOT_UNUSABLE)
            refuse_line();
        else
            return r;
    }
}
