#ifndef JOINERY_UI_LINE_INTERNAL_H
#define JOINERY_UI_LINE_INTERNAL_H

#include "engine/base/secret.h"
#include "ui/app/app.h"

struct line {
    struct app *app;
    struct wizard *w;
    int signal_fd;
    size_t steps_told[STEP__COUNT]; /* state + 1 that was printed for each step */
    unsigned long waited_told;
    size_t rows_told; /* of a list, done or failed */
    enum say message_told;
    enum page shown; /* the page whose header was printed last */
    bool arrived;    /* nothing of it was asked yet */
};

/* What came back from a question. */
enum reply {
    REPLY_TEXT,
    REPLY_DEFAULT,
    REPLY_BACK,
    REPLY_CANCEL,
    REPLY_MOVED, /* something else has come to the front meanwhile */
    REPLY_END
};

/* io.c */
/* Prints "prompt [shown]: " and reads one line into *text (to be freed; NULL unless REPLY_TEXT). ?
 * prints the help of the focused field and asks again. The engine's messages are taken in
 * meanwhile. */
enum reply line_ask(struct line *l, const char *prompt, const char *shown, char **text);
enum reply line_ask_secret(struct line *l, const char *prompt, struct secret *s);
/* Waits until nothing is under way that the page needs; prints what is waited for. */
void line_settle(struct line *l);
/* Waits for the running work to end, a line for each change. */
void line_follow(struct line *l);
void line_event(struct line *l, struct wiz_event ev);
void line_print(const char *text); /* wrapped at 78 columns, line by line */

/* fields.c */
enum reply line_field(struct line *l, enum field f);
/* One of n texts: its index in *choice. fallback: taken by Enter. */
enum reply line_choose(struct line *l, const char *prompt, const char *const *texts, size_t n,
                       size_t fallback, size_t *choice);
void line_rows(struct line *l, enum field f);

#endif
