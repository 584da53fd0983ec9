/*
 * Random keys, pastes, waits, engine events and sizes on every page: nothing crashes, the screen
 * keeps its rules, a secret is never on it, and nobody leaves but by the ways out.
 *
 * The seed is fixed; MONKEY_SECONDS (2) is the time for each page, half of it as a kiosk,
 * MONKEY_SEED another seed, MONKEY_JOBS (2) the number of pages at a time. An argument is a pattern
 * of page names.
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "tests/ui/scenes.h"
#include "ui/text/utf8.h"

/* Letters that nothing else here types or says: a single one on the screen is a leak. */
static const char *const canary[] = {"Ω", "Ψ", "Ξ", "Φ", "Θ", "Λ", "Δ", "Π"};
#define CANARY ARRAY_SIZE(canary)

static const struct {
    int rows, cols;
} sizes[] = {{24, 80}, {12, 40}, {24, 80}, {12, 40}, {43, 132}, {16, 60}, {11, 39}, {1, 1}};

/* What the child does now, for the parent to tell when it dies. */
static struct state {
    unsigned long keys, secrets, starts, draws;
    int action, page;
    char text[16];
} * now;

static unsigned seed;

static unsigned pick(unsigned n)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % n;
}

static double clock_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(struct drive *d, const char *why)
{
    fprintf(stderr, "%s: page %s, focus %d, overlay %d, after %lu keys, last %d \"%s\"\n", why,
            page_name(d->w.page), d->w.focus, (int)d->w.overlay, now->keys, now->action, now->text);
    exit(1);
}

/* ---- what must hold ---- */

static void check_focus(struct drive *d)
{
    int ids[FLD__COUNT + BTN__COUNT];
    size_t n = wizard_focusables(&d->w, ids, ARRAY_SIZE(ids));
    for (size_t i = 0; i < n; i++) {
        if (ids[i] == d->w.focus)
            return;
    }
    if (n > 0)
        fail(d, "the focus is nowhere");
}

static void check_screen(struct drive *d)
{
    unsigned s = pick(ARRAY_SIZE(sizes));
    struct canvas *c = drive_draw(d, sizes[s].rows, sizes[s].cols);
    if (!c)
        fail(d, "the screen breaks its rules");
    AUTOFREE char *text = canvas_dump_text(c);
    for (size_t i = 0; i < CANARY; i++) {
        if (strstr(text, canary[i])) {
            fprintf(stderr, "%s\n", text);
            fail(d, "a secret is on the screen");
        }
    }
    canvas_free(c);
    now->draws++;
}

static bool way_out(enum page p, int status, bool kiosk, bool asked)
{
    bool done = status == 0 || status == 5;
    if (p == PAGE_RESULT || p == PAGE_RESTART)
        return !kiosk || done;
    if (p == PAGE_STATUS || p == PAGE_CHECKS)
        return !kiosk;
    return !kiosk && asked && status == 3;
}

static void check_kiosk(struct drive *d)
{
    if (d->saves || d->list)
        fail(d, "the kiosk has saved something");
    if (!d->w.running && d->w.stopping && !d->w.finished)
        fail(d, "the kiosk was stopped");
}

/* ---- what is done ---- */

static void type_text(struct drive *d, const char *utf8, bool pasted)
{
    snprintf(now->text, sizeof now->text, "%s", utf8);
    drive_event(
        d, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CHAR, .text = utf8, .pasted = pasted});
    now->keys++;
}

static void random_character(struct drive *d)
{
    static const char *const some[] = {"é",    "ß", "日", "\u0301", "\u202e", "а",
                                       "\x7f", "ﷺ", "👍",  "č",      "š"};
    char one[8] = {(char)(' ' + pick(95)), '\0'};
    if (pick(6) == 0)
        snprintf(one, sizeof one, "%s", some[pick(ARRAY_SIZE(some))]);
    type_text(d, one, pick(8) == 0);
}

static void random_paste(struct drive *d)
{
    static const char *const words[] = {"corp.example.com", "joiner",         "a,b\n\"c,d\",e\n\t",
                                        "../../etc",        "kiosk-{serial}", "OU=X,DC=corp",
                                        "%s%n{1}",          "999999"};
    const char *w = words[pick(ARRAY_SIZE(words))];
    for (; *w && !d->quit; w++)
        type_text(d, (char[]){*w, '\0'}, pick(2));
}

static bool on_secret(const struct drive *d)
{
    return d->w.overlay == OVER_NONE && d->w.focus >= 0 && d->w.focus < FLD__COUNT &&
           field_row((enum field)d->w.focus)->kind == FIELD_SECRET;
}

static void type_secret(struct drive *d)
{
    for (size_t i = 0; i < CANARY && on_secret(d) && !d->quit; i++)
        type_text(d, canary[i], pick(4) == 0);
    now->secrets++;
}

static void engine_event(struct drive *d)
{
    static const enum cause causes[] = {CAUSE_NONE,
                                        CAUSE_NONE,
                                        CAUSE_NONE,
                                        CAUSE_KDC_WRONG_PASSWORD,
                                        CAUSE_PACKAGE_MISSING,
                                        CAUSE_NO_CREATE_RIGHT};
    switch (pick(8)) {
    case 0:
        fake.defer = !fake.defer;
        break;
    case 1:
        fake.hold = !fake.hold;
        break;
    case 2:
        fake.ask = !fake.ask;
        break;
    case 3:
        fake.run = causes[pick(ARRAY_SIZE(causes))];
        break;
    case 4:
        fake.login = causes[pick(ARRAY_SIZE(causes))];
        break;
    case 5:
        fake.warn = !fake.warn;
        break;
    case 6:
        fake.effect = (enum cancel_effect)pick(3);
        break;
    default:
        drive_event(d, (struct wiz_event){.kind = WIZ_LOG,
                                          .level = LOG_WARNING,
                                          .text = "x\033[2J<F=/etc/passwd>"});
        break;
    }
    fake_answer();
    drive_drain(d);
}

static bool shows_secrets(int action)
{
    return !strcmp(action_info((enum action)action)->name, "REVEAL");
}

static void random_event(struct drive *d)
{
    now->page = (int)d->w.page;
    if (on_secret(d) && pick(3) == 0) {
        type_secret(d);
        return;
    }
    unsigned what = pick(100);
    now->text[0] = '\0';
    if (what < 62) {
        now->action = 1 + (int)pick(ACT_CHAR - 1);
        if ((now->action == ACT_NEXT_PAGE || now->action == ACT_CANCEL) && pick(2))
            now->action = ACT_NEXT_FIELD;
        if (shows_secrets(now->action) && !wizard_kiosk(&d->w)) /* it is meant to show it */
            now->action = ACT_HELP;
        drive_key(d, (enum action)now->action);
        now->keys++;
    } else if (what < 84) {
        random_character(d);
    } else if (what < 87) {
        random_paste(d);
    } else if (what < 93) {
        drive_pass(d, 100 * (1 + pick(20)));
    } else if (what < 99) {
        engine_event(d);
    } else {
        drive_pass(d, 310000 + pick(20) * 1000); /* nobody is there for five minutes */
    }
}

/* ---- a page ---- */

/* Behind the last page: a first boot that lacks one thing or another. It ends by itself. */
#define FIRST_BOOT PAGE__COUNT
#define PLACES     (PAGE__COUNT + 1)

static const char *place_name(int p)
{
    return p == FIRST_BOOT ? "FIRST_BOOT" : page_name((enum page)p);
}

static struct drive *start_first_boot(bool kiosk)
{
    static const char *const known[] = {"", "[domain]\nname = corp.example.com\n",
                                        "[domain]\nname = corp.example.com\n[credentials]\n"
                                        "account = joiner\n"};
    AUTOFREE char *ini =
        xasprintf("[ui]\nkiosk = %s\n%s", kiosk ? "yes" : "no", known[pick(ARRAY_SIZE(known))]);
    fake_reset();
    fake.hold = pick(2);
    fake.no_volumes = pick(2);
    fake.discover = pick(3) ? CAUSE_NONE : CAUSE_NO_DNS_SERVER;
    now->starts++;
    return drive_first_boot(ini, pick(2) ? "other" : NULL);
}

static struct drive *start(enum page p, bool kiosk)
{
    if (p == FIRST_BOOT)
        return start_first_boot(kiosk);
    struct drive *d = scene_page(p == PAGE_DISPLAY ? PAGE_WELCOME : p);
    struct err e = {0};
    if (p == PAGE_DISPLAY)
        drive_key(d, ACT_SETTINGS);
    if (d->w.page != p)
        fail(d, "the page was not reached");
    bool prepares = wizard_flow(&d->w) == FLOW_PROVISION;
    if (kiosk && (settings_set(&d->w.settings, OPT_KIOSK, "yes", ORIGIN_FILE, &e) < 0 ||
                  (prepares &&
                   settings_set(&d->w.settings, OPT_OPERATION, "provision", ORIGIN_FILE, &e) < 0)))
        fail(d, "no kiosk");
    drive_key(d, ACT_REPAINT);
    now->starts++;
    return d;
}

static void play(enum page p, bool kiosk, double seconds)
{
    double end = clock_s() + seconds;
    struct drive *d = start(p, kiosk);
    for (unsigned n = 1; clock_s() < end; n++) {
        enum page before = d->w.page;
        bool asked = d->w.overlay == OVER_QUESTION;
        random_event(d);
        if (d->quit && p != FIRST_BOOT && !way_out(before, d->status, kiosk, asked) &&
            !way_out(d->w.page, d->status, kiosk, asked))
            fail(d, "the wizard was left");
        if (kiosk)
            check_kiosk(d);
        if (!d->quit)
            check_focus(d);
        if (n % 8 == 0 && !d->quit)
            check_screen(d);
        if (d->quit || n % 1500 == 0) {
            drive_free(d);
            d = start(p, kiosk);
        }
    }
    drive_free(d);
}

/* ---- all of them ---- */

static double seconds_for_a_page(void)
{
    const char *text = getenv("MONKEY_SECONDS");
    return text && atof(text) > 0 ? atof(text) : 2;
}

static pid_t begin(enum page p, struct state *shared, double seconds)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    const char *text = getenv("MONKEY_SEED");
    now = shared;
    seed = (text ? (unsigned)atoi(text) : 20261121u) * 2654435761u + (unsigned)p * 97 + 1;
    alarm((unsigned)(seconds * 4) + 30); /* what hangs is a failure too */
    play(p, false, seconds / 2);
    play(p, true, seconds / 2);
    exit(0);
}

struct child {
    pid_t pid;
    enum page page;
};

static bool reap(struct child *children, size_t *running, const struct state *states)
{
    int status;
    pid_t pid = wait(&status);
    size_t i = 0;
    while (children[i].pid != pid)
        i++;
    const struct state *s = &states[children[i].page];
    const char *name = place_name((int)children[i].page);
    bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (good)
        printf("ok - %s\n", name);
    else
        printf("not ok - %s: status %d, signal %d\n", name, WEXITSTATUS(status),
               WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    printf("# %s: %lu keys, %lu secrets typed, %lu screens, %lu starts; last on %s: %d \"%s\"\n",
           name, s->keys, s->secrets, s->draws, s->starts, page_name((enum page)s->page), s->action,
           s->text);
    children[i] = children[--*running];
    return good;
}

int main(int argc, char **argv)
{
    const char *pattern = argc > 1 ? argv[1] : "*", *text = getenv("MONKEY_JOBS");
    size_t jobs = text && atoi(text) > 0 ? (size_t)atoi(text) : 2, running = 0;
    double seconds = seconds_for_a_page();
    struct child children[PLACES];
    bool good = true;
    unsigned long keys = 0, played = 0;
    struct state *states = mmap(NULL, PLACES * sizeof *states, PROT_READ | PROT_WRITE,
                                MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int p = 0; p < PLACES; p++) {
        if (fnmatch(pattern, place_name(p), 0) != 0)
            continue;
        if (running == jobs)
            good &= reap(children, &running, states);
        children[running].page = (enum page)p;
        children[running++].pid = begin((enum page)p, &states[p], seconds);
        played++;
    }
    while (running > 0)
        good &= reap(children, &running, states);
    for (int p = 0; p < PLACES; p++)
        keys += states[p].keys;
    printf("# %lu pages, %lu keys, %.0f s a page\n", played, keys, seconds);
    return good && played > 0 ? 0 : 1;
}
