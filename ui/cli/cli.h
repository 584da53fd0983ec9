/*
 * The command line: options, configuration in its order (default file, --config, --set), secrets,
 * the log file, and everything that runs without questions.
 */
#ifndef JOINERY_UI_CLI_CLI_H
#define JOINERY_UI_CLI_CLI_H

#include <stdbool.h>
#include <stdio.h>

#include "engine/base/strv.h"
#include "engine/engine.h"
#include "engine/model/settings.h"

enum exit_status {
#define STATUS(number, id, meaning) EXIT_##id = (number),
#include "ui/cli/usage.def"
#undef STATUS
};

enum cli_mode {
    CLI_WIZARD,
    CLI_FIRST_BOOT,
    CLI_UNATTENDED,
    CLI_CHECK,
    CLI_STATUS,
    CLI_EXPLAIN,
    CLI_SHOW,
    CLI_RECOVER,
    CLI_HELP,
    CLI_VERSION,
    CLI_SAMPLE_INI, /* the shipped wizard.ini, for the build */
};

struct cli_args {
    enum cli_mode mode;
    const char *operand; /* of --explain and --show */
    const char *config;  /* NULL: the default file, which may be missing */
    struct strv set;
    const char *root, *log;
    bool json, plain;
};

#define CLI_DEFAULT_CONFIG "/etc/joinery/wizard.ini"
#define CLI_DEFAULT_LOG    "/var/log/joinery/joinery.log"

/* 0, or -1 after saying on standard error what is wrong (exit status 2). */
int cli_parse(struct cli_args *a, int argc, char **argv) MUST_USE;
void cli_args_free(struct cli_args *a);

/* Answers from the files and --set. -1 with e: bad configuration, nothing was attempted. */
int cli_load(const struct cli_args *a, struct settings *s, struct err *e) MUST_USE;
/* The password from credentials.password_file or password_credential, when one is named. */
int cli_load_secret(struct settings *s, struct err *e) MUST_USE;
/* A secret that systemd hands over under this name, for when the configuration names none. One
 * that is not there is no error, and leaves ret as it is. */
int cli_load_credential(const char *name, struct secret *ret, struct err *e) MUST_USE;

/* Opens the log file (0600, appended to, never through a link) and makes it a sink of the log. A
 * log that cannot be opened is an error only when it was asked for. */
int cli_log_open(const char *root, const char *path, bool asked, struct err *e) MUST_USE;
void cli_log_close(void);
const char *cli_log_path(void); /* NULL when there is none */
/* First and last lines of a run; the engine writes what is between: step, decision, exact code. */
void cli_log_started(const char *what, const char *operation, const char *root);
void cli_log_ended(const struct err *e, int status);

void cli_help(FILE *out);
int cli_explain(const char *code, bool json);
/* Runs the operation (or --check, --status, --recover) with no questions. */
int cli_run(const struct cli_args *a, struct settings *s);

/* The last line of standard error: "joinery: NERR_UserExists (2224): ...". */
void cli_last_line(const struct err *e);

#endif
