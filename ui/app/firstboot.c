#define _GNU_SOURCE
#include "ui/app/firstboot.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/engine.h"
#include "engine/host/host.h"
#include "ui/app/app.h"
#include "ui/cli/cli.h"
#include "ui/i18n/i18n.h"
#include "ui/line/line.h"
#include "ui/model/firstboot.h"
#include "ui/term/term.h"
#include "ui/words/words.h"

/* The name that the configuration gives, else the well-known one. A file or credential that is not
 * there leaves the answer empty. */
static int credential(struct settings *s, enum opt named, enum opt file, const char *usual,
                      struct secret *ret, struct err *e)
{
    const char *name = settings_get(s, named), *path = settings_get(s, file);
    struct secret found = {0};
    if (*path && access(path, F_OK) == 0)
        return 0;
    if (*path && settings_set(s, file, "", ORIGIN_DEFAULT, e) < 0)
        return -1;
    if (cli_load_credential(*name ? name : usual, &found, e) < 0)
        return -1;
    if (*name && settings_set(s, named, "", ORIGIN_DEFAULT, e) < 0)
        return -1;
    if (secret_is_set(&found))
        *ret = found;
    return 0;
}

int firstboot_load(struct settings *s, struct err *e)
{
    struct secret password = {0}, passphrase = {0};
    int r =
        credential(s, OPT_PASSWORD_CREDENTIAL, OPT_PASSWORD_FILE, FIRSTBOOT_PASSWORD, &password, e);
    if (r == 0)
        r = credential(s, OPT_OFFLINE_PASSPHRASE_CREDENTIAL, OPT_OFFLINE_PASSPHRASE_FILE,
                       FIRSTBOOT_PASSPHRASE, &passphrase, e);
    if (r == 0)
        r = cli_load_secret(s, e);
    if (r == 0 && secret_is_set(&password))
        r = secret_copy(&s->password, &password);
    if (r == 0 && secret_is_set(&passphrase))
        r = secret_copy(&s->passphrase, &passphrase);
    secret_free(&password);
    secret_free(&passphrase);
    return r;
}

/* What is typed is read and not kept. True: a line came, or nobody can type any more. */
static bool read_past(void)
{
    char typed[256];
    ssize_t n = read(STDIN_FILENO, typed, sizeof typed);
    bool end = n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN) ||
               (n > 0 && memchr(typed, '\n', (size_t)n));
    explicit_bzero(typed, sizeof typed);
    return end;
}

static void wait_for_enter(void)
{
    uint64_t end = app_now_ms() + FIRST_FAILED_MS;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t blocked;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    sigdelset(&blocked, SIGTERM);
    sigdelset(&blocked, SIGHUP);
    for (uint64_t now; (now = app_now_ms()) < end;) {
        struct timespec left = {.tv_sec = (time_t)((end - now) / 1000 + 1)};
        if (ppoll(&in, 1, &left, &blocked) > 0 && read_past())
            break;
    }
}

void firstboot_refused(const struct err *e)
{
    struct buf facts = BUF_INIT(4096);
    words_facts(&facts, e, "  ");
    term_settle_charset();
    term_plain_output();
    printf("\n");
    line_print(words_what(e));
    if (!facts.failed && facts.len)
        printf("%s", buf_text(&facts));
    line_print(words_why(e));
    line_print(words_next(e));
    printf("\n");
    line_print(_("The login prompt follows in a minute, or when Enter is pressed."));
    fflush(stdout);
    buf_free(&facts);
    struct termios was = {0}, quiet; /* keys that mean nothing here must not litter the message */
    bool terminal = tcgetattr(STDIN_FILENO, &was) == 0;
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    if (terminal)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
    wait_for_enter();
    if (terminal)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &was);
}

static bool take(struct engine *engine, bool *member)
{
    struct engine_msg *m;
    bool done = false;
    while (!done && (m = engine_next(engine)) != NULL) {
        if (m->kind == MSG_MACHINE && m->u.machine.state == MEMBER_DOMAIN &&
            !m->u.machine.interrupted) {
            AUTOFREE char *domain = words_clean(m->u.machine.member_of);
            *member = true;
            printf(_("This machine is a member of %s already."), domain);
            printf("\n");
        }
        done = m->kind == MSG_DONE;
        message_drop(m);
    }
    return done;
}

bool firstboot_enrolled(const char *root)
{
    struct engine *engine;
    struct engine_config config = {.root = root};
    struct engine_request req = {.job = JOB_MACHINE};
    struct err ignored = {0};
    bool member = false;
    if (engine_open(&engine, &config, &ignored) < 0)
        return false;
    (void)engine_post(engine, &req);
    struct pollfd fd = {.fd = engine_fd(engine), .events = POLLIN};
    while (!take(engine, &member)) {
        if (poll(&fd, 1, -1) < 0 && errno != EINTR)
            break;
    }
    engine_close(engine);
    if (member)
        (void)firstboot_wipe_left(root);
    return member;
}

/* ---- data that was applied ---- */

void firstboot_wipe_later(const char *root, const char *path)
{
    struct host *h;
    struct err e = {0};
    struct host_meta own = host_meta_own(0600);
    if (host_linux_open(root, &h, &e) < 0)
        return;
    if (host_mkdir_p(h, "/var/lib/joinery", 0700, &e) < 0 ||
        host_replace(h, FIRSTBOOT_TO_WIPE, &own, path, strlen(path), &e) < 0)
        log_warning("%s cannot be noted: %s", path, e.raw);
    host_close(h);
}

/* A link's target and a file with another name are somebody else's, too. */
static bool wipe(const char *path)
{
    bool done = false;
    struct host *h;
    struct host_meta m;
    struct err e = {0};
    if (host_linux_open("/", &h, &e) < 0)
        return false;
    if (host_stat(h, path, &m, &e) < 0 || (m.kind != HOST_FILE && m.kind != HOST_ABSENT))
        log_warning("%s was applied and is not wiped: it is no plain file", path);
    else if (host_remove_wipe(h, path, &e) < 0)
        log_warning("%s was applied and could not be wiped: %s", path, e.raw);
    else
        done = true;
    if (done)
        log_info("%s was applied and is wiped", path);
    host_close(h);
    return done;
}

bool firstboot_wipe_left(const char *root)
{
    struct host *h;
    struct err e = {0};
    struct buf path = BUF_INIT(PATH_MAX);
    bool present = false, done = false;
    if (host_linux_open(root, &h, &e) < 0)
        return false;
    if (host_read_opt(h, FIRSTBOOT_TO_WIPE, &path, &present, &e) == 0 && present && path.len)
        done = wipe(buf_text(&path));
    if (present && host_remove(h, FIRSTBOOT_TO_WIPE, &e) < 0)
        log_warning("%s cannot be removed: %s", FIRSTBOOT_TO_WIPE, e.raw);
    host_close(h);
    buf_free(&path);
    return done;
}
