/* From the command line to the part that does it. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/base/strv.h"
#include "engine/engine.h"
#include "ui/app/app.h"
#include "ui/app/firstboot.h"
#include "ui/cli/cli.h"
#include "ui/cli/show.h"
#include "ui/i18n/i18n.h"
#include "ui/term/loop.h"
#include "ui/term/term.h"

#ifndef JOINERY_VERSION
#define JOINERY_VERSION "0"
#endif

static int refuse(const struct err *e)
{
    cli_last_line(e);
    return EXIT_USAGE;
}

/* At a first boot standard error is the journal's, and people look at the console. */
static int refuse_start(bool first, const struct err *e)
{
    int status = refuse(e);
    if (first)
        firstboot_refused(e);
    return status;
}

static int wizard(const struct cli_args *a, struct settings *s)
{
    struct err result = {0};
    struct app_config config = {.root = a->root,
                                .log_path = cli_log_path(),
                                .save_path = "/etc/joinery/answers.ini",
                                .first_boot = a->mode == CLI_FIRST_BOOT,
                                .plain = a->plain};
    int status = app_wizard(&config, s, &result);
    cli_log_ended(&result, status);
    term_plain_output();
    if (status == EXIT_FAILED && result.code)
        cli_last_line(&result);
    return status;
}

/* Everything that needs the configuration. */
static int with_settings(const struct cli_args *a, struct settings *s)
{
    struct err e = {0};
    bool first = a->mode == CLI_FIRST_BOOT, asks = a->mode == CLI_WIZARD || first;
    if (asks && !a->plain && (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))) {
        fprintf(stderr, "joinery: %s\n",
                _("there is no terminal to ask on: use --unattended, --check or --status"));
        return EXIT_USAGE;
    }
    if (cli_load(a, s, &e) < 0)
        return refuse_start(first, &e);
    if (*settings_get(s, OPT_LANGUAGE))
        (void)i18n_set_language(settings_get(s, OPT_LANGUAGE));
    bool works = asks || a->mode == CLI_UNATTENDED || a->mode == CLI_CHECK;
    if (first && firstboot_load(s, &e) < 0)
        return refuse_start(first, &e);
    if (works && !first && cli_load_secret(s, &e) < 0)
        return refuse(&e);
    if ((a->mode == CLI_UNATTENDED || a->mode == CLI_CHECK) &&
        (settings_check(s, &e) < 0 || settings_check_login(s, &e) < 0))
        return refuse(&e);
    /* A log that was named lies where it was named; the usual one belongs to the system that is
     * acted on. */
    if (cli_log_open(a->log ? "/" : a->root, a->log ? a->log : CLI_DEFAULT_LOG, a->log != NULL,
                     &e) < 0)
        return refuse(&e);
    loop_block_signals();
    if (engine_setup_process(&e) < 0) {
        cli_last_line(&e);
        return EXIT_FAILED;
    }
    static const char *const names[] = {[CLI_WIZARD] = "wizard", [CLI_UNATTENDED] = "unattended",
                                        [CLI_CHECK] = "check",   [CLI_FIRST_BOOT] = "first boot",
                                        [CLI_STATUS] = "status", [CLI_RECOVER] = "recover"};
    cli_log_started(names[a->mode], settings_get(s, OPT_OPERATION), a->root);
    int status = first && firstboot_enrolled(a->root) ? EXIT_DONE
                 : asks                               ? wizard(a, s)
                                                      : cli_run(a, s);
    cli_log_close();
    return status;
}

static int configured(const struct cli_args *a)
{
    struct settings s;
    settings_init(&s);
    int status = with_settings(a, &s);
    settings_free(&s);
    return status;
}

static int sample(void)
{
    AUTOFREE char *text = settings_sample_ini();
    fputs(text, stdout);
    return EXIT_DONE;
}

int app_main(int argc, char **argv)
{
    struct cli_args a;
    loop_block_signals(); /* before anything takes time: a key typed ahead may be one */
    secret_harden_process();
    i18n_start();
    if (cli_parse(&a, argc, argv) < 0) {
        cli_args_free(&a);
        return EXIT_USAGE;
    }
    int status = EXIT_DONE;
    if (a.mode != CLI_WIZARD && a.mode != CLI_FIRST_BOOT && isatty(STDOUT_FILENO)) {
        term_settle_charset();
        term_plain_output();
    }
    if (a.mode != CLI_WIZARD && a.mode != CLI_FIRST_BOOT)
        loop_unblock_signals();
    switch (a.mode) {
    case CLI_HELP:
        cli_help(stdout);
        break;
    case CLI_VERSION:
        printf("joinery %s\n", JOINERY_VERSION);
        break;
    case CLI_SAMPLE_INI:
        status = sample();
        break;
    case CLI_EXPLAIN:
        status = cli_explain(a.operand, a.json);
        break;
    case CLI_SHOW:
        status = cli_show(&a);
        break;
    default:
        status = configured(&a);
        break;
    }
    cli_args_free(&a);
    return status;
}
