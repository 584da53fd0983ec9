#define _GNU_SOURCE
#include "tests/ui/term_subject.h"

#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ui/canvas/widgets.h"
#include "ui/term/cdk.h"
#include "ui/term/loop.h"
#include "ui/term/term.h"

enum { ITEM_NAME = 1, ITEM_SECRET, ITEM_LIST, ITEM_BACK, ITEM_NEXT };

static const char *const rows[] = {"Sales",
                                   "Kiosks",
                                   "東京営業所",
                                   "Москва",
                                   "Lager, Süd",
                                   "Branch 6",
                                   "Branch 7",
                                   "Branch 8",
                                   "Branch 9",
                                   "Branch 10",
                                   "Branch 11",
                                   "Branch 12",
                                   "\xE2\x80\xAEtxt\033[2J"};

static struct {
    struct edit name;
    struct secret_edit secret;
    struct list list;
    int focus;
    char status[600];
    char chosen[64];
    unsigned long ticks;
    int engine_fd, engine_events;
    bool modal, cancelled, crash, scan;
    int scans;
    bool stop;
} s;

static void row_at(void *ctx, size_t i, struct list_row *out)
{
    (void)ctx;
    out->text = rows[i];
    out->foreign = true;
}

static const struct list_source source = {sizeof(rows) / sizeof(rows[0]), NULL, row_at};

static void on_focus(void *ctx, int id)
{
    (void)ctx;
    s.focus = id;
}

static bool on_key(void *ctx, int id, const struct ui_event *ev)
{
    (void)ctx;
    if (ev->action == ACT_ENTER) {
        snprintf(s.status, sizeof(s.status), "enter on %d name=%s secret=%zu", id, s.name.text,
                 s.secret.value.len);
        return true;
    }
    switch (id) {
    case ITEM_NAME:
        return edit_key(&s.name, ev->action, ev->text);
    case ITEM_SECRET:
        return secret_edit_key(&s.secret, ev->action, ev->text);
    case ITEM_LIST:
        return list_key(&s.list, &source, ev->action, ev->text) != LIST_IGNORED;
    default:
        return false;
    }
}

/* The canary password, hidden so that the needle is not found in itself. */
static const unsigned char canary[] = {'C' ^ 0x55, 'a' ^ 0x55, 'n' ^ 0x55, 'a' ^ 0x55, 'r' ^ 0x55,
                                       'y' ^ 0x55, '-' ^ 0x55, '7' ^ 0x55, '1' ^ 0x55, '9' ^ 0x55};

static bool is_canary(const volatile unsigned char *p)
{
    for (size_t i = 0; i < sizeof(canary); i++) {
        if ((p[i] ^ 0x55) != canary[i]) {
            return false;
        }
    }
    return true;
}

/* Copies of the canary in all memory this process can write. */
__attribute__((no_sanitize("address"))) static int count_canaries(void)
{
    char line[512];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "re");
    while (maps && fgets(line, sizeof(line), maps)) {
        unsigned long from, to;
        char rights[8];
        if (sscanf(line, "%lx-%lx %7s", &from, &to, rights) != 3 || strncmp(rights, "rw", 2) != 0) {
            continue;
        }
        for (unsigned long a = from; a + sizeof(canary) <= to; a++) {
            found += is_canary((const volatile unsigned char *)a);
        }
    }
    if (maps) {
        fclose(maps);
    }
    return found;
}

static bool on_global(void *ctx, const struct ui_event *ev)
{
    (void)ctx;
    snprintf(s.status, sizeof(s.status), "action %s", action_info(ev->action)->name);
    if (ev->action == ACT_CANCEL) {
        s.cancelled = true;
    } else if (ev->action == ACT_HELP) {
        s.modal = !s.modal;
    } else if (ev->action == ACT_LOG && s.crash) {
        abort();
    } else if (ev->action == ACT_LOG && s.scan) {
        int with = count_canaries();
        secret_edit_wipe(&s.secret);
        snprintf(s.status, sizeof(s.status), "scan %d: %d typed, %d wiped", ++s.scans, with,
                 count_canaries());
    }
    return true;
}

static const struct ring_ops ops = {on_focus, on_key, on_global};

static void draw_body(struct canvas *c, int r, int cols)
{
    int width = cols - 14 < 62 ? cols - 14 : 62;
    canvas_text(c, 2, 0, -1, ROLE_NORMAL, "Name:");
    edit_draw(&s.name, c, (struct rect){2, 12, 1, width}, s.focus == ITEM_NAME);
    canvas_text(c, 3, 0, -1, ROLE_NORMAL, "Password:");
    secret_edit_draw(&s.secret, c, (struct rect){3, 12, 1, width}, s.focus == ITEM_SECRET);
    list_draw(&s.list, &source, c, (struct rect){5, 0, r - 10, cols < 76 ? cols : 76},
              s.focus == ITEM_LIST);
    static const char *const labels[] = {"Back", "Next"};
    buttons_draw(c, (struct rect){r - 4, 0, 2, cols}, labels, 2,
                 s.focus >= ITEM_BACK ? s.focus - ITEM_BACK : -1);
    if (s.ticks) {
        progress_draw(c, (struct rect){r - 3, 0, 1, 40}, s.ticks, 100);
    }
}

static void draw(struct canvas *c)
{
    int r = canvas_rows(c), cols = canvas_cols(c);
    canvas_clear(c);
    if (r < 12 || cols < 40) {
        char text[80];
        snprintf(text, sizeof(text), "Too small: %dx%d, needs 40x12", cols, r);
        toosmall_draw(c, text);
        return;
    }
    char title[64];
    snprintf(title, sizeof(title), "Joinery  Test page %dx%d", cols, r);
    canvas_text(c, 0, 0, -1, ROLE_TITLE, title);
    draw_body(c, r, cols);
    canvas_text_cut(c, r - 2, 0, -1, ROLE_NORMAL, s.status);
    struct key_item keys[] = {{keys_label(ACT_HELP, term_has_function_keys()), "Help"},
                              {keys_label(ACT_NEXT_PAGE, term_has_function_keys()), "Next"},
                              {keys_label(ACT_CANCEL, term_has_function_keys()), "Cancel"}};
    keybar_draw(c, r - 1, keys, 3);
    if (s.modal) {
        struct rect in = modal_frame(c, canvas_rect(c), 3, 30, "Help");
        canvas_text(c, in.row, in.col, in.cols, ROLE_FOCUS, "> modal text 日本");
        canvas_set_cursor(c, in.row, in.col);
    }
}

static void set_ring(void)
{
    static const struct ring_item items[] = {{ITEM_NAME, true},
                                             {ITEM_SECRET, true},
                                             {ITEM_LIST, true},
                                             {ITEM_BACK, false},
                                             {ITEM_NEXT, true}};
    ring_set(items, sizeof(items) / sizeof(items[0]), s.focus);
}

static void *engine(void *arg)
{
    (void)arg;
    for (int i = 0; i < 100; i++) {
        eventfd_write(s.engine_fd, 1);
        usleep(1000); /* pace of the events, nothing waits for it */
    }
    return NULL;
}

static int handle(const struct ui_event *ev)
{
    eventfd_t count;
    switch (ev->type) {
    case EV_KEY:
        ring_dispatch(ev);
        return s.cancelled ? SUBJECT_CANCELLED : 0;
    case EV_TICK:
        s.ticks++;
        return 0;
    case EV_ENGINE:
        if (eventfd_read(s.engine_fd, &count) == 0) {
            s.engine_events += (int)count;
        }
        snprintf(s.status, sizeof(s.status), "engine %d", s.engine_events);
        return 0;
    case EV_STDERR:
        snprintf(s.status, sizeof(s.status), "stderr: %s", ev->line);
        return 0;
    case EV_UNKNOWN_KEY:
        snprintf(s.status, sizeof(s.status), "unknown key");
        return 0;
    case EV_HANGUP:
        return SUBJECT_HANGUP;
    case EV_SIGNAL:
        return ev->signo == SIGTERM ? SUBJECT_SIGNAL : 0;
    default:
        return 0;
    }
}

static int run(void)
{
    int rows_now, cols_now, result = 0;
    term_size(&rows_now, &cols_now);
    struct canvas *c = canvas_new(rows_now, cols_now);
    while (c && result == 0) {
        if (!loop_pending()) {
            set_ring();
            draw(c);
            term_present(c);
        }
        struct ui_event ev;
        loop_next(&ev);
        if (ev.type == EV_RESIZE) {
            canvas_free(c);
            c = canvas_new(ev.rows, ev.cols);
        }
        result = handle(&ev);
    }
    canvas_free(c);
    return result;
}

/* As a background job of its own terminal, whose reads fail with EIO: what a terminal that has gone
 * looks like. */
static int in_background(void)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        setpgid(0, 0);
        return -1;
    }
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status)
               ? WEXITSTATUS(status)
               : 97;
}

int term_subject(void *arg)
{
    const char *words = arg ? arg : "";
    setlocale(LC_ALL, "");
    loop_block_signals();
    if (strstr(words, "background")) {
        int ended = in_background();
        if (ended >= 0) {
            return ended;
        }
    }
    memset(&s, 0, sizeof(s));
    s.focus = ITEM_NAME;
    s.engine_fd = -1;
    if (edit_init(&s.name, 64) < 0 || secret_edit_init(&s.secret) < 0) {
        return 99;
    }
    struct term_options o = {.ascii = strstr(words, "ascii") != NULL};
    o.theme = strstr(words, "mono")       ? THEME_MONO
              : strstr(words, "contrast") ? THEME_CONTRAST
                                          : THEME_AUTO;
    s.crash = strstr(words, "crash") != NULL;
    s.scan = strstr(words, "canary") != NULL;
    enum term_result able = term_start(&o);
    if (able != TERM_OK) {
        return SUBJECT_BAD_TERMINAL + (int)able;
    }
    term_catch_fatal("/var/log/test.log");
    pthread_t thread;
    if (strstr(words, "engine")) {
        s.engine_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        pthread_create(&thread, NULL, engine, NULL);
    }
    if (loop_open(s.engine_fd) < 0 || ring_open(&ops, NULL) < 0) {
        term_stop();
        return 98;
    }
    if (strstr(words, "tick")) {
        loop_set_tick(50);
    }
    if (strstr(words, "stderr")) {
        fprintf(stderr, "stray line of a library\n");
    }
    int result = run();
    if (s.engine_fd >= 0) {
        pthread_join(thread, NULL);
    }
    ring_close();
    loop_close();
    term_stop();
    edit_free(&s.name);
    secret_edit_free(&s.secret);
    return result;
}
