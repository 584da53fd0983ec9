/* Waiting for the engine, and a line for everything that changes while it works. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/line/internal.h"
#include "ui/words/words.h"

#define NOTICE_MS    500  /* what ends sooner is not worth a line */
#define HEARTBEAT_MS 5000 /* of silence */

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
    uint64_t notice = app_now_ms() + NOTICE_MS;
    while (!l->app->quit && unsettled(l->w)) {
        uint64_t now = app_now_ms();
        if (now >= notice)
            tell_message(l);
        (void)line_wait(l, false, now < notice ? (int)(notice - now) : -1);
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
    bool lasts = l->w->now_ms - l->w->last_news >= NOTICE_MS;
    for (size_t i = 0; i < l->w->n_steps; i++) {
        const struct step_view *s = &l->w->steps[i];
        if (s->state == STEP_WAITING || l->steps_told[s->step] == (size_t)s->state + 1 ||
            (s->state == STEP_RUNNING && !lasts)) /* its end is said in a moment */
            continue;
        l->steps_told[s->step] = (size_t)s->state + 1;
        AUTOFREE char *detail = words_said(s->format, &s->args);
        AUTOFREE char *mark = xasprintf("%-4s %zu/%zu ", marks[s->state], i + 1, l->w->n_steps);
        AUTOFREE char *text =
            xasprintf("%s%s%s%s", _(step_row(s->step)->label), *detail ? ": " : "", detail,
                      s->state == STEP_UNDONE ? _(" (undone)") : "");
        line_item(mark, text);
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

static void tell_heartbeat(struct line *l)
{
    line_event(l, (struct wiz_event){.kind = WIZ_TICK});
    unsigned long silent = (unsigned long)(l->w->now_ms - l->w->last_news) / HEARTBEAT_MS;
    if (silent == l->waited_told || silent == 0 || wizard_first_waiting(l->w))
        return;
    l->waited_told = silent;
    AUTOFREE char *text = words_message(l->w);
    line_print(text);
    fflush(stdout);
}

/* Once for each try. */
static void tell_waiting(struct line *l)
{
    if (!wizard_first_waiting(l->w) || l->tries_told == l->w->first.tries)
        return;
    l->tries_told = l->w->first.tries;
    line_note(l, FLD_WAIT_NOTE);
    AUTOFREE char *text = words_message(l->w);
    line_print(text);
    memset(l->steps_told, 0, sizeof l->steps_told);
}

/* A line that is typed while the work runs: only ! means something. The work does not stop because
 * the answers of a script are used up. */
static void take_line(struct line *l)
{
    char buf[65];
    ssize_t n = read(STDIN_FILENO, buf, sizeof buf - 1);
    const char *typed = buf;
    buf[n > 0 ? n : 0] = '\0';
    bool stop = line_sign(&typed, '!'), empty = buf[0] == '\n';
    explicit_bzero(buf, sizeof buf);
    if (n == 0)
        l->ended = true;
    if (empty && wizard_first_waiting(l->w))
        line_event(l, (struct wiz_event){.kind = WIZ_PRESS, .button = BTN_RETRY});
    if (!stop)
        return;
    line_key(l, ACT_CANCEL); /* asks */
    tell_message(l);
}

void line_follow(struct line *l)
{
    if (!l->brief) { /* and not only back from a question */
        memset(l->steps_told, 0, sizeof l->steps_told);
        l->rows_told = 0;
        if (l->terminal)
            line_print(_("Type ! and Enter to stop."));
    }
    l->brief = false;
    while (!l->app->quit && (l->w->running || wizard_first_busy(l->w)) &&
           l->w->overlay == OVER_NONE) {
        tell_steps(l);
        tell_waiting(l);
        tell_rate(l);
        /* What a script has ready is for the questions that come after the work. */
        if (line_wait(l, l->terminal, NOTICE_MS))
            take_line(l);
        tell_heartbeat(l);
    }
    tell_steps(l);
}
