/* The full-screen front end: one loop over terminal, engine and clock. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "ui/app/app.h"
#include "ui/app/internal.h"
#include "ui/i18n/i18n.h"
#include "ui/term/cdk.h"
#include "ui/term/loop.h"
#include "ui/term/term.h"
#include "ui/view/view.h"
#include "ui/words/words.h"

struct screen {
    struct app *app;
    struct view view;
    struct canvas *canvas;
    int tick;
    bool gone; /* the terminal has hung up */
};

static void theme(int number)
{
    static const enum term_theme themes[] = {THEME_AUTO, THEME_MONO, THEME_CONTRAST};
    term_set_theme(themes[number]);
}

static void row(void *ctx, enum field f, size_t index, struct list_row *out)
{
    words_row(&((struct app *)ctx)->wizard, f, index, out);
}

static const char *scrolling(void *ctx, int focus)
{
    struct screen *s = ((struct app *)ctx)->front;
    struct view_link link = {&s->view, &s->app->wizard};
    return view_text(&link, focus);
}

static void key(struct screen *s, const struct ui_event *ev)
{
    struct wiz_event we = {.kind = WIZ_KEY,
                           .action = ev->action,
                           .text = ev->text,
                           .pasted = ev->pasted,
                           .now_ms = ev->now_ms};
    app_event(s->app, &we);
}

static void ring_focus(void *ctx, int id)
{
    struct screen *s = ctx;
    struct wiz_event we = {.kind = WIZ_FOCUS, .focus = id, .now_ms = app_now_ms()};
    app_event(s->app, &we);
}

static bool ring_key(void *ctx, int id, const struct ui_event *ev)
{
    (void)id;
    key(ctx, ev);
    return true;
}

static bool ring_global(void *ctx, const struct ui_event *ev)
{
    key(ctx, ev);
    return true;
}

static const struct ring_ops ops = {ring_focus, ring_key, ring_global};

static void set_ring(struct screen *s)
{
    struct ring_item items[FLD__COUNT + BTN__COUNT];
    int ids[ARRAY_SIZE(items)];
    size_t n = wizard_focusables(&s->app->wizard, ids, ARRAY_SIZE(ids));
    for (size_t i = 0; i < n; i++)
        items[i] = (struct ring_item){.id = ids[i], .enabled = true};
    (void)ring_set(items, n, s->app->wizard.focus);
}

static void draw(struct screen *s)
{
    int rows, cols;
    s->app->wizard.caps_lock = term_caps_lock();
    term_size(&rows, &cols);
    if (!s->canvas || canvas_rows(s->canvas) != rows || canvas_cols(s->canvas) != cols) {
        canvas_free(s->canvas);
        s->canvas = canvas_new(rows, cols);
        if (!s->canvas)
            return;
    }
    view_draw(&s->view, &s->app->wizard, s->canvas);
    term_present(s->canvas);
}

static void ended(struct screen *s, uint64_t now)
{
    struct wiz_event we = {.kind = WIZ_END, .now_ms = now};
    app_event(s->app, &we);
}

/* Ctrl-C, Ctrl-\ and Ctrl-Z are keys here; as signals they come from elsewhere, and ask what the
 * cancel key asks. Whoever sends them to a kiosk is not the one who may end it. */
static void signalled(struct screen *s, const struct ui_event *ev)
{
    struct wiz_event we = {.kind = WIZ_KEY, .action = ACT_CANCEL, .now_ms = ev->now_ms};
    if (ev->signo == SIGTERM)
        ended(s, ev->now_ms);
    else if (!wizard_kiosk(&s->app->wizard))
        app_event(s->app, &we);
}

static void stderr_line(struct screen *s, const struct ui_event *ev)
{
    struct wiz_event we = {
        .kind = WIZ_LOG, .level = LOG_WARNING, .text = ev->line, .now_ms = ev->now_ms};
    app_event(s->app, &we);
    log_warning("standard error: %s", ev->line);
}

static void handle(struct screen *s, const struct ui_event *ev)
{
    struct wiz_event tick = {.kind = WIZ_TICK, .now_ms = ev->now_ms};
    switch (ev->type) {
    case EV_KEY:
        set_ring(s);
        (void)ring_dispatch(ev);
        break;
    case EV_ENGINE:
        app_drain(s->app, ev->now_ms);
        break;
    case EV_TICK:
        app_event(s->app, &tick);
        break;
    case EV_HANGUP:
        s->gone = true;
        ended(s, ev->now_ms);
        break;
    case EV_SIGNAL:
        signalled(s, ev);
        break;
    case EV_STDERR:
        stderr_line(s, ev);
        break;
    case EV_RESIZE:
    case EV_UNKNOWN_KEY:
        break;
    }
}

static void loop(struct screen *s)
{
    struct ui_event ev;
    while (!s->app->quit && !s->app->to_lines) {
        int tick = wizard_tick_ms(&s->app->wizard);
        if (tick != s->tick)
            loop_set_tick(tick);
        s->tick = tick;
        if (!s->gone && !loop_pending())
            draw(s);
        loop_next(&ev);
        handle(s, &ev);
        term_keep_awake(s->app->wizard.running);
    }
}

int screen_run(struct app *a)
{
    struct screen s = {.app = a};
    a->theme = theme;
    a->repaint = term_repaint;
    a->beep = term_beep;
    a->wizard.ops.row = row;
    a->wizard.ops.view_text = scrolling;
    a->front = &s;
    s.view.function_keys = term_has_function_keys();
    if (ring_open(&ops, &s) < 0)
        return -1;
    a->wizard.keyboard = term_keyboard();
    a->wizard.slow_line = term_is_slow();
    draw(&s); /* the first page stands before anything is asked */
    app_begin(a);
    loop(&s);
    ring_close();
    a->theme = NULL; /* they end with the terminal */
    a->repaint = a->beep = NULL;
    a->wizard.ops.row = NULL;
    a->wizard.ops.view_text = NULL;
    a->wizard.ops.ctx = a;
    canvas_free(s.canvas);
    view_free(&s.view);
    return 0;
}
