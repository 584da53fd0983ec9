/* Opening the engine and the front end that fits this terminal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "ui/app/app.h"
#include "ui/app/internal.h"
#include "ui/app/languages.h"
#include "ui/i18n/i18n.h"
#include "ui/line/line.h"
#include "ui/term/loop.h"
#include "ui/term/term.h"

static enum term_result full_screen(struct app *a)
{
    struct term_options options = {.ascii = i18n_wide()};
    enum term_result r = term_start(&options);
    if (r != TERM_OK)
        return r;
    bool kiosk = wizard_kiosk(&a->wizard);
    term_hold_console(kiosk, kiosk || a->config->first_boot);
    die_oom_hook = term_stop;
    if (a->config->log_path)
        term_catch_fatal(a->config->log_path);
    if (loop_open(engine_fd(a->engine)) == 0) {
        if (screen_run(a) < 0)
            r = TERM_FAILED;
        loop_close();
    } else {
        r = TERM_FAILED;
    }
    term_stop();
    die_oom_hook = NULL;
    return r;
}

/* Asked for by whoever starts the machine or the session. */
static bool wants_lines(void)
{
    const char *asked = getenv("JOINERY_ACCESSIBLE");
    return asked ? *asked && strcmp(asked, "0") != 0 : accessible_machine("/proc/cmdline");
}

bool accessible_machine(const char *path)
{
    char line[4096];
    FILE *f = fopen(path, "re");
    size_t n = f ? fread(line, 1, sizeof line - 1, f) : 0;
    if (f)
        fclose(f);
    line[n] = '\0';
    for (char *word = strtok(line, " \t\n"); word; word = strtok(NULL, " \t\n")) {
        if (!strcmp(word, "joinery.accessible") || !strcmp(word, "joinery.accessible=1") ||
            !strcmp(word, "joinery.accessible=yes"))
            return true;
    }
    return false;
}

static const char *why_line_mode(enum term_result r)
{
    switch (r) {
    case TERM_UNSET:
        return _("The terminal type (TERM) is not set: questions come line by line.");
    case TERM_UNKNOWN:
        return _("This terminal type is not known here: questions come line by line.");
    case TERM_DUMB:
        return _("This terminal cannot place the cursor: questions come line by line.");
    default:
        return _("The screen cannot be used: questions come line by line.");
    }
}

int app_wizard(const struct app_config *config, struct settings *settings, struct err *result)
{
    struct app a = {.config = config, .status = 1};
    struct engine_config ec = {.root = config->root};
    struct wizard_ops ops = {.ctx = &a, .cancel_effect = app_cancel_effect};
    if (engine_open(&a.engine, &ec, result) < 0)
        return 1;
    term_settle_charset();
    languages_settle(settings);
    if (wizard_init(&a.wizard, settings, &ops) < 0) {
        engine_close(a.engine);
        (void)err_cause(result, CAUSE_OUT_OF_MEMORY);
        return 1;
    }
    if (config->first_boot)
        wizard_first_boot(&a.wizard);
    a.wizard.log_path = config->log_path;
    const char *home = getenv("HOME");
    a.wizard.home = home && home[0] == '/' && home[1] ? home : "/root";
    a.wizard.here = getcwd(NULL, 0);
    bool plain = config->plain || wants_lines();
    enum term_result r = plain ? TERM_DUMB : full_screen(&a);
    if (r != TERM_OK || a.to_lines) {
        if (!plain && r != TERM_OK)
            line_print(why_line_mode(r));
        AUTOFREE char *hint = languages_hint();
        if (hint)
            line_print(hint);
        bool kiosk = wizard_kiosk(&a.wizard);
        term_hold_console(kiosk, kiosk || config->first_boot);
        term_line_start(kiosk);
        line_run(&a);
        term_line_stop();
    }
    if (a.status == 1)
        *result = a.wizard.result;
    wizard_free(&a.wizard);
    engine_close(a.engine);
    if (a.restart)
        app_restart();
    return a.status;
}
