/* Drives the engine for a test: one job from request to done, with what was seen on the way. */
#ifndef JOINERY_TESTS_DRIVE_H
#define JOINERY_TESTS_DRIVE_H

#include "engine/engine.h"

struct drive {
    struct engine *e;
    /* of the last job */
    struct err err;
    bool undone, directory_changed;
    enum step_state steps[STEP__COUNT];
    int verdicts, failed_verdicts;
    struct err verdict_err[CHECK__COUNT];
    enum verdict verdict[CHECK__COUNT];
    struct engine_msg *ous, *name; /* last of their kind, dropped with the next job */
    void (*seen)(struct drive *d, const struct engine_msg *m); /* may be NULL */
};

/* Settings for the domain in the JT_ variables, as `account`, with the password in the file that
 * `file_var` names. */
struct settings *drive_settings(const char *file_var, const char *account);
void drive_set(struct settings *s, enum opt o, const char *value); /* asserts */
/* Takes settings. Prints what goes on to standard error. */
void drive_run(struct drive *d, enum job job, struct settings *s, const char *dn);
void drive_done(struct drive *d);

#endif
