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

static void print_note(struct line *l, enum field f)
{
    AUTOFREE char *text = words_note(l->w, f);
    size_t len = strlen(text);
    while (len && text[len - 1] == '\n')
        text[--len] = '\0';
    if (len)
        line_print(text);
}

static void print_notes(struct line *l)
{
    enum field fields[FLD__COUNT];
    size_t n = wizard_fields(l->w, l->w->page, fields, FLD__COUNT);
    for (size_t i = 0; i < n; i++) {
        if (field_row(fields[i])->kind == FIELD_NOTE)
            print_note(l, fields[i]);
    }
}

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
    enum reply r = line_choose(l, _("Answer"), q.answers, 2, 0, &choice);
    if (l->w->overlay == OVER_QUESTION) {
        line_event(l,
                   (struct wiz_event){.kind = WIZ_FOCUS,
                                      .focus = FOCUS_OVERLAY + (r == REPLY_TEXT && choice == 1)});
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_ENTER});
    }
    free(q.title);
    free(q.text);
}

static void tell(struct line *l)
{
    AUTOFREE char *text = words_message(l->w);
    if (!*text)
        return;
    line_print(text);
    if (l->w->fault != FLD__COUNT || l->w->message == SAY_FAILED)
        print_notes(l);
}

/* Back and cancel mean the same everywhere. true: the reply was one of them. */
static bool moved(struct line *l, enum reply r)
{
    if (r == REPLY_BACK)
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_BACK});
    else if (r == REPLY_CANCEL)
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_CANCEL});
    else
        return r == REPLY_END || r == REPLY_MOVED;
    return true;
}

/* "#4" opens the page of the fourth row of the review. */
static bool open_row(struct line *l, const char *text)
{
    struct effects fx = {0};
    char *end;
    if (text[0] != '#')
        return false;
    unsigned long n = strtoul(text + 1, &end, 10);
    if (*end || n < 1 || n > l->w->n_review || l->w->page != PAGE_REVIEW)
        return false;
    wizard_open_row(l->w, n - 1, &fx);
    app_effects(l->app, &fx);
    if (l->w->overlay == OVER_DETAILS) {
        AUTOFREE char *details = words_details(l->w);
        line_print(details);
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_BACK});
    }
    return true;
}

static void print_log(struct line *l)
{
    size_t n = l->w->n_log, first = n > 40 ? n - 40 : 0;
    for (size_t i = first; i < n; i++) {
        AUTOFREE char *text = words_clean(wizard_log_at(l->w, i)->line);
        printf("%s\n", text);
    }
}

static void press(struct line *l, enum button b)
{
    if (b == BTN_LOG) {
        print_log(l);
        return;
    }
    line_event(l, (struct wiz_event){.kind = WIZ_PRESS, .button = b});
    if (l->w->overlay == OVER_DETAILS) {
        AUTOFREE char *details = words_details(l->w);
        line_print(details);
        line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_BACK});
    }
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
        AUTOFREE char *label = words_button(l->w, b[i]);
        printf("  %zu) %s\n", i + 1, label);
    }
    if (l->w->page == PAGE_REVIEW)
        line_print(_("# and the number of a line changes that answer."));
    size_t fallback = fallback_button(l, b, n);
    snprintf(shown, sizeof shown, "%zu", fallback + 1);
    char *text;
    enum reply r = line_ask(l, _("Action"), shown, &text);
    if (moved(l, r))
        return;
    if (r == REPLY_DEFAULT) {
        press(l, b[fallback]);
    } else if (!open_row(l, text)) {
        char *end;
        choice = strtoul(text, &end, 10);
        if (*end || choice < 1 || choice > n)
            line_print(_("Please type one of the numbers."));
        else
            press(l, b[choice - 1]);
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
        AUTOFREE char *text = xasprintf("[!!] %s (%u): %s %s", name, r->line, words_what(&r->err),
                                        words_next(&r->err));
        line_print(text);
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
    print_notes(l);
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
        tell(l);
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
        print_notes(l);
    if (page == PAGE_RENAME)
        print_note(l, FLD_RENAME_NOW);
    if (page == PAGE_CREDENTIALS && wizard_flow(l->w) == FLOW_REPAIR)
        print_note(l, FLD_LOGIN_NOTE);
}

static void form(struct line *l)
{
    enum page page = l->w->page;
    if (!tell_arrival(l))
        print_notes_before(l);
    for (enum field f = 0; f < FLD__COUNT && l->w->page == page; f++) {
        /* One answer may show or hide the fields after it. */
        bool asked = field_row(f)->page == page && wizard_field_visible(l->w, f);
        if (asked && moved(l, line_field(l, f)))
            return;
    }
    if (l->w->page == PAGE_CREDENTIALS && wizard_as_machine(l->w))
        print_note(l, FLD_LOGIN_NOTE);
    line_event(l, (struct wiz_event){.kind = WIZ_KEY, .action = ACT_NEXT_PAGE});
    line_settle(l);
    if (l->w->page == page)
        tell(l);
    else if (page == PAGE_DOMAIN && l->w->domain_known == KNOWN_YES)
        print_note(l, FLD_DOMAIN_FOUND);
    else if (page == PAGE_MACHINES && wizard_batch(l->w))
        print_note(l, FLD_ROWS_NOTE);
    else if (page == PAGE_DATA && l->w->page == PAGE_TARGET)
        print_note(l, FLD_DATA_NOTE);
    else if (page == PAGE_TARGET && l->w->page > page)
        print_note(l, FLD_IMAGE_NOTE);
    else if (page == PAGE_NAME)
        print_note(l, FLD_NAME_NOTE);
    else if (page == PAGE_RENAME)
        print_note(l, FLD_RENAME_NOTE);
}

static void page(struct line *l)
{
    enum page before = l->shown;
    if (l->w->overlay == OVER_QUESTION) {
        question(l);
        return;
    }
    if (l->w->page == PAGE_PROGRESS) {
        line_follow(l);
        return;
    }
    line_settle(l);
    if (l->app->quit)
        return;
    l->shown = l->w->page;
    l->arrived = before != l->shown;
    print_header(l);
    if (!ends_in_buttons(l->w->page)) {
        form(l);
        return;
    }
    print_body(l);
    tell(l);
    ask_buttons(l);
}

void line_run(struct app *a)
{
    struct line l = {.app = a, .w = &a->wizard, .shown = PAGE__COUNT};
    struct effects fx = {0};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    l.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    line_print(_(
        "Answer with Enter to take what stands in brackets. < goes back, ? explains, ! cancels."));
    wizard_begin(&a->wizard, &fx);
    app_effects(a, &fx);
    while (!a->quit)
        page(&l);
    if (l.signal_fd >= 0)
        close(l.signal_fd);
}
