/* When the program dies of a signal, the terminal must be usable all the same. Everything here is
 * async-signal-safe. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "ui/term/internal.h"
#include "ui/term/vt.h"

#define RESTORE_MAX     256
#define ALTERNATE_STACK (64 * 1024)

static struct {
    volatile sig_atomic_t armed;
    struct termios modes;
    char restore[RESTORE_MAX]; /* back to the main screen, cursor on, attributes off */
    size_t restore_len;
    char message[RESTORE_MAX];
    size_t message_len;
} fatal;

static void say(const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(TERM_TTY_OUT, text, len);
        if (n <= 0) {
            return;
        }
        text += n;
        len -= (size_t)n;
    }
}

void fatal_remember(const char *restore, size_t len, const struct termios *modes)
{
    fatal.restore_len = len < sizeof(fatal.restore) ? len : 0;
    memcpy(fatal.restore, restore, fatal.restore_len);
    fatal.modes = *modes;
    fatal.armed = 1;
}

void fatal_forget(void)
{
    fatal.armed = 0;
}

void term_emergency_restore(void)
{
    vt_emergency();
    if (!fatal.armed) {
        return;
    }
    fatal.armed = 0;
    say(fatal.restore, fatal.restore_len);
    tcsetattr(TERM_TTY_IN, TCSANOW, &fatal.modes);
}

static void on_fatal(int sig)
{
    bool shown = fatal.armed;
    term_emergency_restore();
    if (shown) {
        say(fatal.message, fatal.message_len);
    }
    /* The handler was set to last once, so that this time the signal does what it always does. */
    raise(sig);
}

void term_catch_fatal(const char *log_path)
{
    static char stack[ALTERNATE_STACK];
    static const int fatals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    static const char *const parts[] = {"joinery: crashed, see ", NULL, "\r\n"};
    fatal.message_len = 0;
    for (int i = 0; i < 3; i++) {
        const char *part = parts[i] ? parts[i] : log_path;
        size_t len = strlen(part);
        if (fatal.message_len + len < sizeof(fatal.message)) {
            memcpy(fatal.message + fatal.message_len, part, len);
            fatal.message_len += len;
        }
    }
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_handler = on_fatal,
                               .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(fatals) / sizeof(fatals[0]); i++) {
        sigaction(fatals[i], &action, NULL);
    }
}
