/*
 * The program: what main() calls, and what the full-screen wizard and the line-by-line dialogue
 * share in carrying out the wizard's effects.
 */
#ifndef JOINERY_UI_APP_APP_H
#define JOINERY_UI_APP_APP_H

#include "engine/engine.h"
#include "ui/model/wizard.h"

/* Everything main() does, apart from being called main: tests run it in a child. Returns the exit
 * status. */
int app_main(int argc, char **argv);

struct app_config {
    const char *root;      /* as --root, "/" without */
    const char *log_path;  /* NULL when there is no log file */
    const char *save_path; /* where answers are saved, as seen from inside the root */
    bool first_boot;       /* before the login prompt of a machine that is not set up yet */
    bool plain;            /* line by line even where a screen is possible */
};

/* The wizard on this terminal; takes the contents of settings. Returns the exit status; for a
 * failure *result is filled for the last line of standard error. */
int app_wizard(const struct app_config *config, struct settings *settings, struct err *result);

/* ---- shared by the two front ends ---- */
struct app {
    const struct app_config *config;
    struct engine *engine;
    struct wizard wizard;
    void *front; /* the front end's own */
    bool quit, restart;
    bool begun;    /* the wizard's first requests are out */
    bool to_lines; /* the screen was left for the line-by-line dialogue */
    int status;
    void (*theme)(int number); /* may be NULL */
    void (*repaint)(void);
    void (*beep)(void);
};
/* The wizard's first requests, once. */
void app_begin(struct app *a);
/* Carries out and empties fx, and what follows from it. */
void app_effects(struct app *a, struct effects *fx);
void app_event(struct app *a, const struct wiz_event *ev);
/* Hands everything that waits in the engine's queue to the wizard. */
void app_drain(struct app *a, uint64_t now_ms);
enum cancel_effect app_cancel_effect(void *app);
uint64_t app_now_ms(void);
/* A list of machines: 0600, and never over a file that is not to be replaced. */
int app_save_list(const char *path, const char *text, bool replace, struct err *e);
/* Writes the answers below root: atomically, 0600, never through a link. 0, or -1 with e set. */
int app_save(const char *root, const char *path, const char *text, struct err *e);
/* Restarts the running system; returns when that could not be started. */
void app_restart(void);

#endif
