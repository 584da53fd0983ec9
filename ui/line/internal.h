#ifndef JOINERY_UI_LINE_INTERNAL_H
#define JOINERY_UI_LINE_INTERNAL_H

#include "engine/base/secret.h"
#include "ui/app/app.h"
#include "ui/line/line.h"

struct line {
    struct app *app;
    struct wizard *w;
    int signal_fd;
    bool terminal;     /* standard input is one: it echoes, and it ends an answer with a new line */
    bool ended;        /* there is no more input */
    bool asked;        /* something was asked since this was last cleared */
    bool brief;        /* what the page says has been said already */
    enum field resume; /* where the page's questions go on: the answer at fault; FLD__COUNT none */
    enum field again;  /* the list that was just answered wrongly: its rows are known */
    size_t steps_told[STEP__COUNT]; /* state + 1 that was printed for each step */
    unsigned long waited_told;
    unsigned tries_told; /* of the network, at a first boot */
    size_t rows_told;    /* of a list, done or failed */
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

/* io.c: lines in. Input may be a terminal, a pipe or a file. */
/* Prints "prompt [shown]: " and reads one line into *text (to be freed; NULL unless REPLY_TEXT). ?
 * prints the help of the focused field and asks again; a line that is too long or holds control
 * characters is refused. The engine's messages are taken in meanwhile. */
enum reply line_ask(struct line *l, const char *prompt, const char *shown, char **text);
enum reply line_ask_secret(struct line *l, const char *prompt, struct secret *s);
/* Waits for one thing to happen, at most that long (-1: for ever). true when standard input is
 * readable; without `input` it is not looked at. */
bool line_wait(struct line *l, bool input, int timeout_ms);
void line_event(struct line *l, struct wiz_event ev);
void line_key(struct line *l, enum action a);
/* Whatever ends the program while the echo is off puts it on again. */
void line_guard_echo(void);

/* out.c: lines out, wrapped at the terminal's width. No cursor motion, no colour. */
/* A question; the answer is typed behind it. */
void line_prompt(const char *prompt, const char *behind);
/* Behind a mark such as "  1) ", which following lines are indented by. */
void line_item(const char *mark, const char *text);
void line_rows(struct line *l, enum field f);
void line_rows_on(struct line *l, enum field f); /* those that are switched on */
void line_note(struct line *l, enum field f);
void line_notes(struct line *l); /* all of the page */
/* The message, and the notes where it is an error; nothing is said twice. */
void line_tell(struct line *l);
void line_log(struct line *l);

/* follow.c: waiting and progress */
/* Waits until nothing is under way that the page needs; prints what is waited for. */
void line_settle(struct line *l);
/* Waits for the running work to end, a line for each change. */
void line_follow(struct line *l);

/* fields.c */
enum reply line_field(struct line *l, enum field f);
/* One of n texts: its index in *choice. fallback: taken by Enter. */
enum reply line_choose(struct line *l, const char *prompt, const char *const *texts, size_t n,
                       size_t fallback, size_t *choice);
/* A number from 1 to n, less one. */
bool line_number(const char *text, size_t n, size_t *index);
/* Whether the text begins with that sign, in any width; the text is what follows it then. */
bool line_sign(const char **text, char sign);

#endif
