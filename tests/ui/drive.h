/* Drives the wizard's state machine against the scripted engine, without a terminal and with a
 * clock of its own. */
#ifndef JOINERY_TESTS_UI_DRIVE_H
#define JOINERY_TESTS_UI_DRIVE_H

#include "tests/ui/fake_engine.h"
#include "ui/canvas/canvas.h"
#include "ui/model/wizard.h"
#include "ui/view/view.h"

struct drive {
    struct wizard w;
    struct engine *engine;
    struct view view;
    struct view_link link;
    uint64_t now;
    bool quit, lines; /* lines: the screen is left for the line-by-line dialogue */
    int status;
    unsigned saves, restarts, beeps;
    char *saved; /* the last ini */
    char *list;  /* the last list that was saved, and where */
    char list_path[256];
    enum cause save_list; /* what saving it ends with */
    char language[8];
    char to_wipe[256]; /* the file of EFFECT_WIPE_LATER */
    int wipes;         /* EFFECT_WIPE */
};

/* Starts with an optional ini; the first page's findings are in. */
struct drive *drive_start(const char *ini);
/* The same at a machine's first start; password: from a credential, NULL for none. */
struct drive *drive_first_boot(const char *ini, const char *password);
/* On the first page of a mode, for a machine that is a member of that. */
struct drive *drive_in_mode(enum mode m, enum member_state member);
void drive_free(struct drive *d);
void drive_event(struct drive *d, struct wiz_event ev);
void drive_key(struct drive *d, enum action a);
void drive_type(struct drive *d, const char *text);
void drive_press(struct drive *d, enum button b);
void drive_focus(struct drive *d, int id);
void drive_pass(struct drive *d, unsigned ms); /* time goes by, with ticks */
void drive_drain(struct drive *d);             /* takes in what the engine has said */
/* Answers every page with what leads on, up to the given one. */
void drive_to(struct drive *d, enum page p);
/* On that page of what the ini is about, answered as drive_to() does. */
struct drive *drive_at(const char *ini, enum page p);
const char *drive_value(const struct drive *d, enum opt o);
void drive_empty(struct drive *d, enum field f);
void drive_retype(struct drive *d, enum field f, const char *text); /* in its text's place */
void drive_into(struct drive *d, enum field f, const char *text);   /* behind what is there */
void drive_paste(struct drive *d, const char *text);
void drive_select(struct drive *d, enum field f, size_t row); /* moves the focus there too */
/* The canvas of the present state; to be freed with canvas_free(). Checks the canvas' own rules. */
struct canvas *drive_draw(struct drive *d, int rows, int cols);
/* Whether a text is on the canvas of the present state. */
bool drive_has_button(const struct drive *d, enum button b);
bool drive_visible(const struct drive *d, enum field f); /* on the page it is on */
bool drive_shows(struct drive *d, const char *text);
/* No trace of a password in the wizard. */
bool drive_no_secret(const struct drive *d);

#endif
