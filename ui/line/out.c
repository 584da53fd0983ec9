/* Lines out. */
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/line/internal.h"
#include "ui/text/width.h"
#include "ui/words/words.h"

#define COLS_LEAST 20
#define COLS_MOST  100 /* longer lines are hard to read */
#define LOG_LINES  40

/* The last column stays free: some terminals begin a new line behind it by themselves. */
static int columns(void)
{
    struct winsize size = {0};
    int cols = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
    cols = cols > COLS_MOST ? COLS_MOST : cols;
    return cols - 1 < COLS_LEAST ? COLS_LEAST : cols - 1;
}

void line_print(const char *text)
{
    struct wrap w = wrap_start(text, columns());
    const char *line;
    size_t len;
    while (wrap_next(&w, &line, &len))
        printf("%.*s\n", (int)len, line);
}

void line_item(const char *mark, const char *text)
{
    int indent = text_width(mark), room = columns() - indent;
    struct wrap w = wrap_start(text, room < COLS_LEAST ? COLS_LEAST : room);
    const char *line;
    size_t len;
    for (bool first = true; wrap_next(&w, &line, &len); first = false) {
        if (first)
            printf("%s", mark);
        printf("%*s%.*s\n", first ? 0 : indent, "", (int)len, line);
    }
}

void line_prompt(const char *prompt, const char *behind)
{
    struct wrap w = wrap_start(prompt, columns());
    const char *line;
    size_t len;
    for (bool first = true; wrap_next(&w, &line, &len); first = false)
        printf("%s%.*s", first ? "" : "\n", (int)len, line);
    printf("%s", behind);
    fflush(stdout);
}

static const char *box(enum row_mark mark)
{
    switch (mark) {
    case MARK_CHECK_ON:
    case MARK_LOCKED_ON:
        return "[x] ";
    case MARK_CHECK_OFF:
    case MARK_LOCKED_OFF:
        return "[ ] ";
    default:
        return "";
    }
}

/* Headings and remarks of the review are nothing to choose: they have no number. */
static bool numbered(const struct wizard *w, enum field f, size_t i)
{
    if (f != FLD_REVIEW)
        return true;
    enum review_kind k = w->review[i].kind;
    return k == REVIEW_WARNING || k == REVIEW_ADVICE || k == REVIEW_ANSWER || k == REVIEW_MASK ||
           k == REVIEW_CHANGE || k == REVIEW_STAYS;
}

static void print_row(struct line *l, enum field f, size_t i)
{
    struct list_row row;
    words_row(l->w, f, i, &row);
    AUTOFREE char *text = words_clean(row.text + strspn(row.text, " ")),
                  *note = words_clean(row.note);
    bool opens = row.node == NODE_CLOSED || row.node == NODE_OPEN;
    AUTOFREE char *all = xasprintf("%s%s%s%s", text, *note ? " (" : "", note, *note ? ")" : "");
    if (!numbered(l->w, f, i)) {
        line_item(l->w->review[i].kind == REVIEW_HEADING ? "" : "      ", all);
        return;
    }
    AUTOFREE char *mark =
        xasprintf("%4zu) %*s%s%s", i + 1, row.depth * 2, "", box(row.mark), opens ? "+ " : "");
    line_item(mark, all);
}

void line_rows(struct line *l, enum field f)
{
    size_t n = wizard_list_count(l->w, f);
    for (size_t i = 0; i < n; i++)
        print_row(l, f, i);
}

void line_rows_on(struct line *l, enum field f)
{
    size_t n = wizard_list_count(l->w, f);
    for (size_t i = 0; i < n; i++) {
        struct list_row row;
        words_row(l->w, f, i, &row);
        if (row.mark == MARK_CHECK_ON || row.mark == MARK_LOCKED_ON)
            print_row(l, f, i);
    }
}

/* A note, but for a sentence that was just said. */
static void note_without(struct line *l, enum field f, const char *said)
{
    AUTOFREE char *text = words_note(l->w, f);
    char *again = *said ? strstr(text, said) : NULL;
    if (again) {
        char *rest = again + strlen(said);
        rest += strspn(rest, " ");
        memmove(again, rest, strlen(rest) + 1);
    }
    size_t len = strlen(text);
    while (len && text[len - 1] == '\n')
        text[--len] = '\0';
    const char *start = text + strspn(text, "\n");
    if (*start)
        line_print(start);
}

void line_note(struct line *l, enum field f)
{
    note_without(l, f, "");
}

static void notes_without(struct line *l, const char *said)
{
    enum field fields[FLD__COUNT];
    size_t n = wizard_fields(l->w, l->w->page, fields, FLD__COUNT);
    for (size_t i = 0; i < n; i++) {
        if (field_row(fields[i])->kind == FIELD_NOTE)
            note_without(l, fields[i], said);
    }
}

void line_notes(struct line *l)
{
    notes_without(l, "");
}

void line_tell(struct line *l)
{
    AUTOFREE char *text = words_message(l->w);
    if (!*text)
        return;
    line_print(text);
    if (l->w->page != PAGE_WELCOME && (l->w->fault != FLD__COUNT || l->w->message == SAY_FAILED))
        notes_without(l, l->w->message_err.code ? words_what(&l->w->message_err) : "");
}

void line_log(struct line *l)
{
    size_t n = l->w->n_log, first = n > LOG_LINES ? n - LOG_LINES : 0;
    if (!n)
        line_print(_("The log is empty."));
    for (size_t i = first; i < n; i++) {
        AUTOFREE char *text = words_clean(wizard_log_at(l->w, i)->line);
        line_print(text);
    }
}
