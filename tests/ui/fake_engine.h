/*
 * A scripted engine behind engine/engine.h, for tests of the user interface: it answers every
 * request at once, from the script, in the calling thread. A program that uses `fake` is linked
 * with this instead of the real engine.
 */
#ifndef JOINERY_TESTS_FAKE_ENGINE_H
#define JOINERY_TESTS_FAKE_ENGINE_H

#include "engine/engine.h"

struct fake_script {
    enum member_state member;
    bool interrupted, not_root, live;
    const char *identity, *time_service;    /* as they are now; NULL: not told */
    const char *next_name;                  /* of the next boot; NULL: none */
    const char *search_domain, *other_tool; /* the same */
    const char *own_name;                   /* of the template; the same */
    enum mend mend;
    int64_t password_set_at;
    bool network_bad;                            /* the clock check warns */
    enum cause discover, login, name, plan, run; /* CAUSE_NONE: works */
    enum cause name_job;                         /* the name cannot even be asked about */
    const char *password;                        /* the only one that works; NULL: any */
    enum step fail_at;                           /* where `run` fails */
    bool default_refused;                        /* no computer may be made in the default place */
    bool hold;  /* JOB_RUN stops after the ticket until it is cancelled */
    bool defer; /* jobs wait for fake_answer() */
    bool ask;   /* a failing run asks whether to delete the account */
    bool warn;  /* the plan carries a warning */
    bool restart;
    bool undo_fails, recover_undoes;
    enum cancel_effect effect; /* while held */
    /* offline enrolment */
    const char *passphrase;      /* that protects the data; NULL: it is not protected */
    enum cause open, image, row; /* what data and system end with; every third row of a list too */
    bool no_volumes, linux_image;
    const char *data_domain;      /* of the data; NULL: the usual one */
    const char *blob, *more_blob; /* files with data; NULL: the usual one, no second one */
    int machines;                 /* in the list; 0: 5 */

    int siblings; /* organizational units at the top level, besides the hostile ones; 0: 3 */

    /* what was seen */
    unsigned posts[JOB_LIST + 1], cancels, answers;
    enum answer last_answer;
    bool secret_seen; /* the last request carried a password */
    char last_dn[256], last_filter[64], last_domain[128], last_controller[128], last_account[64];
    char last_operation[16], last_input[128], last_image[128], last_batch[128], last_method[16];
    bool mount_seen, online_seen, passphrase_seen, key_seen;
};
extern struct fake_script fake;

void fake_reset(void);
/* The outstanding deferred job answers now. */
void fake_answer(void);
/* The script that JOINERY_FAKE names, words separated by blanks: "login=KDC_WRONG_PASSWORD hold
 * warn". */
void fake_from_environment(void);

#endif
