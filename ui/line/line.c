/* The order of questions: the pages of the wizard, one after the other. */
#define _GNU_SOURCE
#include "ui/line/line.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/line/internal.h"
#include "ui/words/words.h"

static void print_header(struct line *l)
{
    int step, of;
    wizard_position(l->w, &step, &of);
    printf("\n%s", words_page(l->w, l->w->page));
    if (l->w->page != PAGE_WELCOME) {
        printf(" - ");
        printf(_("step %d of %d"), step, of);
    }
    printf("\n");
}

static void question(struct line *l)
{
    struct words_question q = words_question(l->w);
    size_t choice;
    line_print(q.title);
    line_print(q.text);
    /* Without anybody to answer: the safe one, which is the first. */
    enum reply r = l->ended ? REPLY_DEFAULT : line_choose(l, _("Answer"), q.answers, 2, 0, &choice);
    if (l->w->overlay == OVER_QUESTION && !l->app->quit) {
        line_event(l,
                   (struct wiz_event){.kind = WIZ_FOCUS,
                                      .focus = FOCUS_OVERLAY + (r == REPLY_TEXT && choice == 1)});
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_ENTER});
    }
    free(q.title);
    free(q.text);
}

/* Asks, or says why not. */
static void cancel(struct line *l)
{
    line_key(l, ACT_CANCEL);
    if (!l->app->quit && l->w->overlay == OVER_NONE)
        line_tell(l);
}

/* Back and cancel mean the same everywhere. true: the reply was one of them. */
static bool moved(struct line *l, enum reply r)
{
    if (r == REPLY_BACK)
        line_key(l, ACT_BACK);
    else if (r == REPLY_CANCEL)
        cancel(l);
    else
        return r == REPLY_END || r == REPLY_MOVED;
    return true;
}

/* Text that lies on top of the page. */
static void print_details(struct line *l)
{
    if (l->w->overlay != OVER_DETAILS)
        return;
    AUTOFREE char *details = words_details(l->w);
    line_print(details);
    line_key(l, ACT_BACK);
    l->brief = true;
}

/* The list whose lines "#" opens; FLD__COUNT: the page has none. */
static enum field opened_list(enum page p)
{
    return p == PAGE_REVIEW    ? FLD_REVIEW
           : p == PAGE_NETWORK ? FLD_NETWORK_LIST
           : p == PAGE_CHECKS  ? FLD_CHECK_LIST
                               : FLD__COUNT;
}

/* "#4" opens the page of the fourth row of the review, or what there is to say about a check. */
static bool open_row(struct line *l, const char *text)
{
    enum field f = opened_list(l->w->page);
    size_t index;
    if (f == FLD__COUNT || !line_sign(&text, '#') ||
        !line_number(text, wizard_list_count(l->w, f), &index))
        return false;
    const struct verdict_view *v = wizard_verdict_at(l->w, f, index);
    if (v && !v->err.code) { /* there is no more to say */
        line_print(words_verdict(v->verdict));
        l->brief = true;
        return true;
    }
    line_event(l, (struct wiz_event){.kind = WIZ_FOCUS, .focus = (int)f});
    line_event(l, (struct wiz_event){
                      .kind = WIZ_SELECT, .focus = (int)f, .index = index, .how = LIST_MOVED});
    line_key(l, ACT_ENTER);
    print_details(l);
    return true;
}

static void press(struct line *l, enum button b)
{
    l->brief = b == BTN_LOG || b == BTN_SAVE; /* the page says nothing new afterwards */
    if (b == BTN_LOG) {
        line_log(l);
        return;
    }
    line_event(l, (struct wiz_event){.kind = WIZ_PRESS, .button = b});
    print_details(l);
}

static size_t fallback_button(struct line *l, const enum button *b, size_t n)
{
    enum button wanted = l->w->focus >= FOCUS_BUTTON && l->w->focus < FOCUS_OVERLAY
                             ? (enum button)(l->w->focus - FOCUS_BUTTON)
                         : l->w->page == PAGE_RESTART ? BTN_RESTART_LATER
                         : l->w->page == PAGE_NETWORK ? BTN_NEXT
                                                      : BTN_QUIT;
    for (size_t i = 0; i < n; i++) {
        if (b[i] == wanted)
            return i;
    }
    for (size_t i = 0; i < n; i++) {
        if (b[i] == BTN_BACK)
            return i;
    }
    return n - 1;
}

/* Pages that end in a choice of actions. */
static void ask_buttons(struct line *l)
{
    enum button b[BTN__COUNT];
    size_t n = wizard_buttons(l->w, b, BTN__COUNT), choice = 0;
    char shown[24];
    for (size_t i = 0; i < n; i++) {
        AUTOFREE char *label = words_button(l->w, b[i]), *mark = xasprintf("  %zu) ", i + 1);
        line_item(mark, label);
    }
    if (opened_list(l->w->page) != FLD__COUNT && !l->brief)
        line_print(l->w->page == PAGE_REVIEW ? _("# and the number of a line changes that answer.")
                                             : _("# and the number of a line says more about it."));
    size_t fallback = fallback_button(l, b, n);
    snprintf(shown, sizeof shown, "%zu", fallback + 1);
    char *text;
    enum reply r = line_ask(l, _("Action"), shown, &text);
    if (moved(l, r))
        return;
    if (r == REPLY_DEFAULT) {
        press(l, b[fallback]);
    } else if (!open_row(l, text)) {
        l->brief = true;
        if (!line_number(text, n, &choice))
            line_print(_("Please type one of the numbers."));
        else
            press(l, b[choice]);
    }
    free(text);
}

/* Those of a list that need somebody. */
static void print_failed(struct line *l)
{
    for (size_t i = 0; i < wizard_list_count(l->w, FLD_RESULT_ROWS); i++) {
        const struct row_view *r = wizard_row_at(l->w, i);
        if (!r->err.code)
            continue;
        AUTOFREE char *name = words_clean(r->name);
        AUTOFREE char *text =
            xasprintf("%s (%u): %s %s", name, r->line, words_what(&r->err), words_next(&r->err));
        line_item("[!!] ", text);
    }
}

static void print_body(struct line *l)
{
    enum field fields[FLD__COUNT];
    size_t n = wizard_fields(l->w, l->w->page, fields, FLD__COUNT);
    for (size_t i = 0; i < n; i++) {
        AUTOFREE char *text = NULL;
        if (fields[i] == FLD_STATUS_TEXT)
            text = words_status(&l->w->status_view);
        else if (fields[i] == FLD_RESULT_TEXT)
            text = words_result(l->w);
        else if (fields[i] == FLD_RESULT_ROWS)
            print_failed(l);
        else if (field_row(fields[i])->kind == FIELD_LIST)
            line_rows(l, fields[i]);
        if (text)
            line_print(text);
    }
    line_notes(l);
}

static bool ends_in_buttons(enum page p)
{
    return p == PAGE_NETWORK || p == PAGE_REVIEW || p == PAGE_CHECKS || p == PAGE_STATUS ||
           p == PAGE_RESULT || p == PAGE_RESTART;
}

/* What the page before ended in, where this page's answers are the cure. true: the notes came
 * along. */
static bool tell_arrival(struct line *l)
{
    bool told = l->arrived && l->w->message != SAY_NOTHING;
    if (told)
        line_tell(l);
    l->arrived = false;
    return told && l->w->fault != FLD__COUNT;
}

/* Those that have to be known before the first question. */
static void print_notes_before(struct line *l)
{
    enum page page = l->w->page;
    if (page == PAGE_WELCOME || page == PAGE_LEAVE || page == PAGE_WORKGROUP ||
        page == PAGE_MACHINES || page == PAGE_DATA || page == PAGE_TARGET || page == PAGE_PACKAGE ||
        page == PAGE_PARTS)
        line_notes(l);
    if (page == PAGE_RENAME)
        line_note(l, FLD_RENAME_NOW);
    if (page == PAGE_CREDENTIALS && wizard_flow(l->w) == FLOW_REPAIR)
        line_note(l, FLD_LOGIN_NOTE);
}

/* The page's questions in their order; FLD__COUNT when there is no further one. */
static enum field neighbour(const struct wizard *w, enum page page, int f, int by)
{
    for (f += by; f >= 0 && f < FLD__COUNT; f += by) {
        if (field_row((enum field)f)->page == page &&
            field_row((enum field)f)->kind != FIELD_NOTE && wizard_field_visible(w, (enum field)f))
            return (enum field)f;
    }
    return FLD__COUNT;
}

/* One answer may show or hide the fields after it. Back goes to the question before, and from the
 * first one to the page before. true: every question has its answer. */
static bool ask_all(struct line *l, enum page page, enum field f)
{
    int by = 1;
    while (f != FLD__COUNT && l->w->page == page && !l->app->quit) {
        l->asked = false;
        enum reply r = line_field(l, f);
        bool back = r == REPLY_BACK || (by < 0 && !l->asked);
        if (!back && moved(l, r))
            return false;
        by = back ? -1 : 1;
        enum field next = neighbour(l->w, page, (int)f, by);
        if (back && next == FLD__COUNT && r == REPLY_BACK) {
            line_key(l, ACT_BACK);
            return false;
        }
        if (back && next == FLD__COUNT) { /* nothing is asked before: on again */
            by = 1;
            next = neighbour(l->w, page, (int)f, by);
        }
        f = next;
    }
    return l->w->page == page && !l->app->quit;
}

/* What was found out by the answers, where it is not what the next page begins with. */
static void print_found(struct line *l, enum page page)
{
    if (page == PAGE_DOMAIN && l->w->domain_known == KNOWN_YES)
        line_note(l, FLD_DOMAIN_FOUND);
    else if (page == PAGE_MACHINES && wizard_batch(l->w))
        line_note(l, FLD_ROWS_NOTE);
    else if (page == PAGE_DATA && l->w->page == PAGE_TARGET)
        line_note(l, FLD_DATA_NOTE);
    else if (page == PAGE_TARGET && l->w->page > page)
        line_note(l, FLD_IMAGE_NOTE);
    else if (page == PAGE_NAME)
        line_note(l, FLD_NAME_NOTE);
    else if (page == PAGE_RENAME)
        line_note(l, FLD_RENAME_NOTE);
}

/* The error stands directly before the question that it is about, and only that one and those
 * behind it are asked again. */
static void told_on_page(struct line *l, enum page page)
{
    line_tell(l);
    bool here = l->w->fault != FLD__COUNT && field_row(l->w->fault)->page == page;
    l->resume = l->again = here ? l->w->fault : FLD__COUNT;
}

static void form(struct line *l)
{
    enum page page = l->w->page;
    bool arrived = l->arrived;
    if (!tell_arrival(l) && arrived)
        print_notes_before(l);
    if (arrived && l->w->fault != FLD__COUNT && field_row(l->w->fault)->page == page)
        l->resume = l->w->fault;
    enum field first = l->resume != FLD__COUNT && wizard_field_visible(l->w, l->resume)
                           ? l->resume
                           : neighbour(l->w, page, -1, 1);
    l->resume = FLD__COUNT;
    if (!ask_all(l, page, first))
        return;
    if (page == PAGE_CREDENTIALS && wizard_as_machine(l->w))
        line_note(l, FLD_LOGIN_NOTE);
    line_key(l, ACT_NEXT_PAGE);
    line_settle(l);
    if (l->w->page == page)
        told_on_page(l, page);
    else
        print_found(l, page);
}

static void page(struct line *l)
{
    enum page before = l->shown;
    if (l->w->overlay == OVER_QUESTION) {
        question(l);
        l->brief = true;
        return;
    }
    if (l->w->page == PAGE_PROGRESS) {
        line_follow(l);
        return;
    }
    line_settle(l);
    if (l->app->quit || l->w->page == PAGE_PROGRESS)
        return;
    l->shown = l->w->page;
    l->arrived = before != l->shown;
    if (l->arrived)
        print_header(l);
    if (!ends_in_buttons(l->w->page)) {
        form(l);
        return;
    }
    if (!l->brief || l->arrived)
        print_body(l);
    line_tell(l);
    ask_buttons(l);
}

void line_run(struct app *a)
{
    struct line l = {.app = a,
                     .w = &a->wizard,
                     .shown = PAGE__COUNT,
                     .resume = FLD__COUNT,
                     .again = FLD__COUNT,
                     .terminal = isatty(STDIN_FILENO)};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    l.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    setvbuf(stdout, NULL, _IOLBF, 0); /* whoever reads a pipe sees each line when it is there */
    line_guard_echo();
    a->wizard.by_line = true;
    line_print(_(
        "Answer with Enter to take what stands in brackets. < goes back, ? explains, ! cancels."));
    app_begin(a);
    while (!a->quit)
        page(&l);
    if (l.signal_fd >= 0)
        close(l.signal_fd);
}
