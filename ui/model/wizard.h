/*
 * The wizard as a state machine. No curses, no threads, no clock and no files: events come in, the
 * state changes, and what shall happen outside comes out as effects. The full-screen program, the
 * line-by-line dialogue and the tests drive the same machine.
 *
 * The state is a plain structure that views read; only ui/model writes it. Everything in it is
 * language-neutral: rows of tables, values, and errors. All of it belongs to the wizard and is
 * released (secrets wiped) by wizard_free().
 */
#ifndef JOINERY_UI_MODEL_WIZARD_H
#define JOINERY_UI_MODEL_WIZARD_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/engine.h"
#include "engine/model/settings.h"
#include "ui/canvas/edit.h"
#include "ui/canvas/list.h"
#include "ui/canvas/pager.h"
#include "ui/canvas/scrolltext.h"
#include "ui/canvas/secretedit.h"
#include "ui/keys/keys.h"
#include "ui/model/firstboot.h"
#include "ui/model/offline.h"
#include "ui/model/pages.h"

enum say {
#define SAY(id, text) SAY_##id,
#include "ui/model/say.def"
#undef SAY
    SAY__COUNT
};
const char *say_text(enum say s); /* msgid */

enum button {
    BTN_TEST,
    BTN_SAVE,
    BTN_RETRY,
    BTN_CHANGE,
    BTN_LOG,
    BTN_DETAILS,
    BTN_REPAIR, /* on the status page: the modes that mend */
    BTN_ROTATE,
    BTN_ANOTHER, /* after one machine was prepared: the next one */
    BTN_BACK,
    BTN_NEXT,
    BTN_CANCEL,
    BTN_QUIT,
    BTN_RESTART_LATER,
    BTN_RESTART_NOW,
    BTN__COUNT
};

/* Where the focus is: a field, a button, or a row of the question on top. */
#define FOCUS_BUTTON  1000 /* + enum button */
#define FOCUS_OVERLAY 2000

/* How somebody logs in: the rows of FLD_LOGIN_BY, where the mode has them. */
enum login_by {
    LOGIN_PASSWORD,
    LOGIN_KEYTAB,
    LOGIN_TICKET,
    LOGIN_PREPARED, /* the prepared account of this machine and the password set on it */
    LOGIN_DEFAULT,  /* the same with the default password */
    LOGIN__COUNT
};

enum overlay {
    OVER_NONE,
    OVER_HELP,
    OVER_LOG,
    OVER_DETAILS,  /* text about an error or a row: scrolls */
    OVER_QUESTION, /* one of two answers */
    OVER_PROMPT,   /* a line of text: distinguished name, filter */
};
enum question { ASK_QUIT, ASK_STOP, ASK_ENGINE, ASK_REJOIN, ASK_READONLY, ASK_REUSE };
enum prompt { PROMPT_DN, PROMPT_FILTER };

/* ---- events and effects ---- */

enum wiz_event_kind {
    WIZ_KEY,
    WIZ_FOCUS,
    WIZ_TEXT,   /* a text field's whole new text (line-by-line dialogue) */
    WIZ_SELECT, /* a list's row, as if moved to */
    WIZ_PRESS,  /* a button */
    WIZ_ENGINE,
    WIZ_TICK,
    WIZ_END,       /* signal or hang-up */
    WIZ_INPUT_END, /* nobody will answer any more: cancelled, but what runs is brought to its end */
    WIZ_SAVED,
    WIZ_LIST_SAVED,
    WIZ_KEY_READ,
    WIZ_LOG,
    WIZ_LOG_SAVED,
};
struct wiz_event {
    enum wiz_event_kind kind;
    enum action action; /* WIZ_KEY */
    const char *text; /* WIZ_KEY with ACT_CHAR: one character; WIZ_TEXT; WIZ_SAVED, WIZ_LIST_SAVED,
                         WIZ_LOG_SAVED: the path; WIZ_LOG: the line */
    bool pasted;
    int focus;    /* WIZ_FOCUS: id of the element that the focus came to; WIZ_TEXT, WIZ_SELECT: the
                     field */
    size_t index; /* WIZ_SELECT */
    enum list_result how; /* WIZ_SELECT: LIST_MOVED, LIST_TOGGLE, LIST_EXPAND, LIST_COLLAPSE */
    enum button button;   /* WIZ_PRESS */
    const struct engine_msg
        *msg;              /* WIZ_ENGINE; the lists in it may be taken (moved out) by the wizard */
    const struct err *err; /* WIZ_SAVED, WIZ_LIST_SAVED, WIZ_KEY_READ: not NULL when that failed */
    const struct secret *secret; /* WIZ_KEY_READ: what was read; copied */
    enum log_level level;        /* WIZ_LOG */
    uint64_t now_ms;             /* monotonic */
};

enum effect_kind {
    EFFECT_POST, /* request, owned by the receiver */
    EFFECT_CANCEL,
    EFFECT_ANSWER,    /* ask_id, answer */
    EFFECT_SAVE,      /* text: the ini to write; the result comes back as WIZ_SAVED */
    EFFECT_SAVE_LIST, /* text: the list, path; number: 1 = may replace; comes back as WIZ_LIST_SAVED
                       */
    EFFECT_READ_KEY,  /* path: of a private key; its contents come back as WIZ_KEY_READ */
    EFFECT_WIPE_LATER, /* path: of data that is about to be applied: if the machine stops in
                          between, the next start wipes it */
    EFFECT_WIPE,       /* what was to be wiped later: it was applied */
    EFFECT_LANGUAGE,   /* text: code */
    EFFECT_LINES,      /* go on line by line */
    EFFECT_SAVE_LOG,   /* text, path; the result comes back as WIZ_LOG_SAVED */
    EFFECT_THEME,      /* number: 0 colour, 1 mono, 2 high contrast */
    EFFECT_REPAINT,
    EFFECT_BEEP,
    EFFECT_RESTART, /* restart the machine; EFFECT_QUIT follows */
    EFFECT_QUIT,    /* number: exit status */
};
struct effect {
    enum effect_kind kind;
    struct engine_request *request;
    uint32_t ask_id;
    enum answer answer;
    int number;
    char *text, *path; /* owned by the receiver */
};
#define EFFECTS_MAX 8
struct effects {
    struct effect list[EFFECTS_MAX];
    size_t count;
};
void effects_free(struct effects *fx); /* releases what nobody took */

/* ---- state ---- */

struct ou_node {
    struct ou_view ou;
    int depth;
    bool open, loaded, loading, more;
};

struct review_row {
    enum review_kind {
        REVIEW_HEADING,
        REVIEW_WARNING,
        REVIEW_ADVICE, /* against the default password; Enter opens the page */
        REVIEW_ANSWER,
        REVIEW_MASK,
        REVIEW_CHANGE,
        REVIEW_RESTART, /* is needed afterwards */
        REVIEW_PROMISE, /* what a failure or stopping leaves behind */
        REVIEW_WIPE,    /* the image's own data is wiped */
        REVIEW_STAYS
    } kind;
    int number;     /* heading number; index of the warning or change */
    enum page page; /* REVIEW_ANSWER: whose page Enter opens */
    enum opt opt;   /* REVIEW_ANSWER */
};
enum review_heading {
    HEAD_WARNINGS,
    HEAD_ANSWERS,
    HEAD_HOST,
    HEAD_FLAGS,
    HEAD_CHANGES,
    HEAD_STAYS
};

struct step_view {
    enum step step;
    enum step_state state;
    const char
        *format; /* what was found: msgid with places for args, NULL when nothing is to be said */
    struct strv args;
    int elapsed_ms;
};

struct log_entry {
    int level;
    char *line;
};
#define LOG_KEPT 2000

struct wizard_ops {
    void *ctx;
    /* Translated texts of list rows, for type-ahead and display; NULL in tests that need none. */
    void (*row)(void *ctx, enum field f, size_t index, struct list_row *out);
    enum cancel_effect (*cancel_effect)(void *ctx);
    /* The text of a scrolling field or overlay, owned by the receiver of the wizard until the next
     * call. */
    const char *(*view_text)(void *ctx, int focus);
};

struct wizard {
    struct wizard_ops ops;
    struct settings settings;
    uint64_t now_ms;
    uint64_t last_key;
    bool touched; /* a key was pressed */
    bool fresh;   /* none since this page was opened */
    bool by_line; /* line by line: texts that name keys or places on a screen say it otherwise */

    enum mode mode;
    enum page page;
    bool ended; /* EFFECT_QUIT was given */
    int status; /* exit status so far */
    int focus;
    enum page return_to; /* the page was opened from this one, to come back; PAGE_WELCOME: none */
    bool advance;        /* Next waits for a job to end */
    enum say message;
    uint64_t said_at; /* when the message was first said */
    /* A notice of waiting that has just appeared stays for a while: see wizard_message(). */
    enum say lingering;
    char *linger_arg;
    uint64_t linger_until;
    char *message_arg; /* raw text, sanitized by whoever shows it */
    struct err
        message_err;  /* SAY_FAILED and SAY_NAME_TROUBLE: the error whose `what` is the argument */
    enum field fault; /* field that the message is about, FLD__COUNT: none */

    struct edit edit[FLD__COUNT]; /* of the text fields */
    struct secret_edit password;
    enum login_by login_by;             /* as it was chosen; what counts says wizard_login_by() */
    char *account_aside, *keytab_aside; /* answers of a way that is not chosen now */
    bool password_kept;                 /* settings.password holds one that was accepted */
    struct list list[FLD__COUNT];
    struct scroll_text scroll; /* of the page's text field */
    int theme;                 /* see EFFECT_THEME */
    bool wants_lines;          /* the answer of FLD_MANNER */
    const char *keyboard;      /* the console's layout as people set it; "" or NULL: not known */
    bool caps_lock;            /* on at this moment, where that can be told */
    bool slow_line;            /* a serial line: drawn without colours */
    struct offline offline;
    struct first_boot first;
    struct settings *given; /* as configured, without secrets */
    const char *home;       /* where files are offered to be saved; NULL: /root */
    char *here;             /* the folder that a relative path starts from; NULL: not known */

    enum overlay overlay;
    int under_focus; /* focus below the overlay */
    struct scroll_text over_scroll;
    struct pager pager;
    enum question question;
    enum prompt prompt;
    struct edit prompt_edit;
    enum cancel_effect stop_effect; /* what the question says */
    uint32_t ask_id;
    enum ask ask;
    char *ask_object;
    struct err details; /* OVER_DETAILS: the error in full */
    bool details_raw;   /* only the server's own words */
    const struct change_view
        *details_change; /* instead of an error: a planned change in full, or NULL */

    /* jobs */
    enum job job;       /* outstanding, JOB_NONE */
    bool job_stale;     /* superseded: its findings are not used */
    enum job wanted[4]; /* to be posted in this order */
    size_t n_wanted;
    uint64_t job_since;
    uint64_t idle_at; /* typing rests until then, 0: no typing pending */
    bool testing;     /* JOB_LOGIN by the Test button */

    /* findings */
    bool have_machine;
    struct machine_view machine;
    enum known network_known;
    struct verdict_view network[CHECK__COUNT];
    size_t n_network;
    bool domain_proposed; /* the domain's name comes from this machine's own, nobody typed it */
    enum known domain_known;
    struct err domain_err;
    struct domain_view domain;
    struct verdict_view found[CHECK__COUNT]; /* clock, ports, ... of discovery */
    size_t n_found;
    struct dc_view *dcs;
    size_t n_dcs;
    char *dc_custom; /* a controller that was named and is not among the found ones, "" none */
    enum known login_known;
    struct err login_err;
    struct ou_node *ous;
    size_t n_ous;
    enum known ous_known;
    struct err ous_err;
    bool default_refused; /* the account may not make computers in the domain's default place */
    char *ou_filter;      /* "" none */
    char *ou_parent;      /* of the request under way */
    char *ou_custom;      /* a distinguished name that was typed or configured, "" none */
    enum known name_known;
    struct err name_err;
    struct name_view name;
    bool name_warned; /* Next was pressed on a name that will not do */
    enum known plan_known;
    struct err plan_err;
    struct change_view *changes;
    size_t n_changes;
    struct verdict_view warnings[CHECK__COUNT];
    size_t n_warnings;
    struct review_row *review;
    size_t n_review;
    enum known check_known;
    struct verdict_view checks[CHECK__COUNT];
    size_t n_checks;
    struct err check_err;
    enum known status_known;
    struct status_view status_view;
    struct err status_err;

    /* the run */
    bool running, stopping, finished, end_wanted;
    struct step_view steps[STEP__COUNT];
    size_t n_steps;
    uint64_t run_since, last_news, run_ms;
    char *waiting_for; /* detail of the last MSG_PROGRESS */
    int waited_s, of_s;
    struct err result, notice;
    bool undone, directory_changed, restart_needed;
    enum step failed_step; /* STEP__COUNT: none */

    struct log_entry *log; /* ring, oldest at log_first */
    size_t n_log, log_first, log_skipped;
    const char *log_path; /* for the texts */
};

/* Takes the contents of `settings` (it is left initialised and empty). The first page is complete
 * at once; the first effects (what to ask of the engine) come with wizard_begin(). 0, or -1 without
 * memory. */
int wizard_init(struct wizard *w, struct settings *settings, const struct wizard_ops *ops) MUST_USE;
void wizard_free(struct wizard *w);
void wizard_begin(struct wizard *w, struct effects *fx);
void wizard_event(struct wizard *w, const struct wiz_event *ev, struct effects *fx);

/* Opens the prompts of the tree with their answer (line-by-line dialogue). */
void wizard_prompt(struct wizard *w, enum prompt p, const char *answer, struct effects *fx);

/* How often WIZ_TICK is wanted now, in milliseconds; 0: not at all. */
int wizard_tick_ms(const struct wizard *w);
/* The elements that can have the focus, in order. Returns their number (at most max). */
size_t wizard_focusables(const struct wizard *w, int *ids, size_t max);
/* How characters are to be understood where the focus is. */
enum key_context wizard_key_context(const struct wizard *w);

/* Fields of a page that are visible now, in order. */
size_t wizard_fields(const struct wizard *w, enum page p, enum field *out, size_t max);
bool wizard_field_visible(const struct wizard *w, enum field f);
size_t wizard_buttons(const struct wizard *w, enum button *out, size_t max);
bool wizard_on_page(const struct wizard *w, enum page p); /* is it part of the present flow? */
void wizard_position(const struct wizard *w, int *step, int *of);
enum flow wizard_flow(const struct wizard *w);

/* Rows of a list field. */
size_t wizard_list_count(const struct wizard *w, enum field f);
enum mode wizard_mode_at(const struct wizard *w, size_t index);
/* Why a mode cannot be chosen: a msgid, or NULL when it can. A join inside a domain is greyed too,
 * but choosing it asks. */
const char *wizard_mode_blocked(const struct wizard *w, enum mode m);
/* Rows of the tree: the domain's default place, then the typed name if there is one, then the nodes
 * that are open to view. *custom tells the first two apart, for which NULL is returned. */
const struct ou_node *wizard_ou_at(const struct wizard *w, size_t index, bool *custom);
const struct verdict_view *wizard_verdict_at(const struct wizard *w, enum field f, size_t index);
const struct log_entry *wizard_log_at(const struct wizard *w, size_t index);

/* Words of a choice field: their number; the one at i; the index of the present one. */
size_t wizard_choices(enum field f);
const char *wizard_choice_at(enum field f, size_t i, char *buf, size_t size);
size_t wizard_choice_now(const struct wizard *w, enum field f);
void wizard_set_languages(const char *const *codes,
                          size_t count); /* before the first wizard_init() */

/* Whoever stands at this machine may enrol it and do nothing else with it. */
bool wizard_kiosk(const struct wizard *w);
/* The way to log in that the answers come to, and that of a row. */
enum login_by wizard_login_by(const struct wizard *w);
enum login_by wizard_login_at(const struct wizard *w, size_t index);
/* Nobody's account is used: the machine logs in as its own, prepared or present one. */
bool wizard_as_machine(const struct wizard *w);
/* The password on the page is the machine's own. */
bool wizard_machine_password(const struct wizard *w);
/* The prepared account's default password is what would be tried: advised against. */
bool wizard_default_password(const struct wizard *w);
/* A field's label (a msgid), where it depends on the answers. */
const char *wizard_label(const struct wizard *w, enum field f);
/* The name that counts when none is answered: the running one, or that of the next boot. */
const char *wizard_host_name(const struct wizard *w);
/* The rules of a workgroup's name, which need nobody: 0, or -1 with the one that is broken. */
int wizard_workgroup_check(const struct wizard *w, struct err *e);
/* Whether the membership that was read lets the mode go on: something to mend, something that
 * works. SAY_NOTHING: yes. */
enum say wizard_mend_blocked(const struct wizard *w, enum mode m);
/* What stands between the review and the work, or NULL: the plan's own failure, or the first check
 * that failed. */
const struct err *wizard_review_fault(const struct wizard *w);

/* The message that is to be shown now, and its argument: what is waited for appears after half a
 * second only, and stays for one at least, so that nothing flickers. */
enum say wizard_message(const struct wizard *w, const char **arg);
/* Whether something is being waited for that the page should say. */
bool wizard_busy(const struct wizard *w);
/* The page whose answers can cure an error. */
enum page wizard_fault_page(const struct wizard *w, const struct err *e);
enum field wizard_fault_field(const struct wizard *w, enum page p, const struct err *e);

#endif
