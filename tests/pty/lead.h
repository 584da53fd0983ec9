/* Leading the whole program through a pseudo-terminal, on an engine that plays a script. */
#ifndef JOINERY_TESTS_PTY_LEAD_H
#define JOINERY_TESTS_PTY_LEAD_H

#include <stdbool.h>

#include "tests/ui/pty.h"

#define WAIT 10000 /* ms: how long anything is waited for */

/* The program itself, on the scratch root; arg: one more argument (char *) or NULL. */
int wizard_program(void *arg);
/* script: words of fake_from_environment(); NULL, 0: the usual terminal, size and language. */
struct pty *start_wizard(const char *script, const char *term, int rows, int cols,
                         const char *language);
/* The same with answers from a file (NULL: none), one more argument (NULL: none) and any terminal;
 * of its environment LANGUAGE and what is in options->env come last and win. */
struct pty *start_on(const char *script, const char *ini, const char *argument,
                     const struct pty_options *options);
const char *scratch_root(void);
void ends_with(struct pty *p, int wanted); /* waits for that exit status; closes p */
void see(struct pty *p, const char *text);
void send_then(struct pty *p, const char *keys, const char *text);
bool one_reversed(struct pty *p, void *ctx); /* for pty_wait() */
/* The cursor stands behind this text. */
void see_cursor(struct pty *p, const char *text);

/* The scratch root of all cases; for cmocka_run_group_tests(). */
int make_scratch(void **state);
int remove_scratch(void **state);

/* From the first page, with the join chosen, to the account and its password; the domain is found.
 */
void lead_to_login(struct pty *p);

#endif
