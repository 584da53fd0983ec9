/*
 * A list of machines over one connection. What is the same for all of them is asked once; then
 * accounts are made in a window of requests, so that the controller always has the next one at
 * hand:
 *
 *   look up   100 names in one question, ahead of the window
 *   add       BATCH_WINDOW requests under way; half of them answered = filled up again
 *   read      the SIDs and GUIDs of those that were made, many in one question
 *   save      data, output file, result line
 *
 * Private to its files.
 */
#ifndef JOINERY_FLOW_BATCH_H
#define JOINERY_FLOW_BATCH_H

#include "engine/account/many.h"
#include "engine/provision/batch_results.h"
#include "engine/provision/provision.h"
#include "engine/provision/provision_others.h"

#define BATCH_WINDOW   32 /* adds under way; more does not make a controller faster */
#define BATCH_READINGS 4  /* questions for the identities of those made, under way */

enum work_state {
    WORK_WAITING,  /* not begun */
    WORK_ADDING,   /* its add is under way */
    WORK_UNSURE,   /* its add's answer was lost */
    WORK_MADE,     /* to be read back */
    WORK_READING,  /* being read back */
    WORK_FINISHED, /* told, whatever came out */
};

/* What a machine needs while it is under way. */
struct batch_flight {
    struct account_adding add;
    struct secret password;
    struct newfile out;
    struct account_id id;
    int64_t sent_at; /* the controller's clock */
    bool made;       /* this run made the account: it may be deleted again */
    bool carried;    /* the add has all attributes: nothing has to follow it */
};

struct batch_work {
    struct batch_row *row;
    enum work_state state;
    bool exists;
    bool twice; /* the directory has it although it did not before: looked at once more */
    /* A request of ours was lost: the controller may carry it out at any time, so that all later
     * ones bear the same password. */
    bool lost;
    bool touched;                /* its account was given a password that is in no file yet */
    struct batch_flight *flight; /* NULL when it is not under way; kept when it is begun again */
};

/* A place for accounts, judged once. */
struct batch_place {
    char *ou;
    struct account_facts facts; /* without what concerns a name */
    bool less; /* accounts may be made there, but not with all attributes: they follow */
};

struct batch_reading {
    struct account_many ask;
    struct batch_work *work[ACCOUNT_MANY_MAX];
    bool used;
};

struct batch {
    struct session *s;
    char *path; /* of the list */
    struct batch_list list;
    struct batch_work *work;
    struct batch_results results;
    bool results_open;
    struct provision_domain domain;
    struct provision_parts parts;
    struct provision_form form;
    struct provision_others others;
    struct batch_place *place;
    size_t n_place;
    struct account_decision *decision; /* room for one */
    char *host;                        /* the controller that what is under way was sent to */

    size_t next;   /* the first row that was not begun */
    size_t high;   /* no row from here on was ever begun */
    size_t looked; /* rows before this one have been looked up */
    struct account_many look;
    bool looking;
    size_t n_adding, n_made;
    struct batch_reading reading[BATCH_READINGS];

    size_t done, failed, before; /* rows that ended; before: in an earlier run */
    size_t unsure;               /* of those that failed: nobody could say what became of them */
    int64_t start_ms, told_ms;
    struct err notice;    /* the first thing that must not go unsaid */
    struct err unwritten; /* a result that could not be kept: the list stops */
    bool draining;        /* nothing new is begun: data of what was made comes first */
};

/* batch_setup.c: the list's file; what is asked once; places by need. */
int batch_load(struct session *s, struct batch_list *l, char **path, struct err *e) MUST_USE;
int batch_prepare(struct batch *b, struct err *e) MUST_USE;
int batch_place_of(struct batch *b, const struct batch_row *row, struct batch_place **ret,
                   struct err *e) MUST_USE;
void batch_names_of(struct batch *b, const struct batch_row *row, struct account_names *n);

/* batch_plan.c: of JOB_PLAN and --check. Needs log_in(). */
int batch_plan(struct session *s, struct err *e) MUST_USE;

/* batch_window.c: until all rows ended (0), or the connection or the user ends it (-1). */
int batch_run(struct batch *b, struct err *e) MUST_USE;
/* Nothing new is begun, what is under way is finished. */
int batch_drain(struct batch *b, struct err *e) MUST_USE;
/* The connection is gone: what was never sent goes back into the list, the rest is unsure. */
void batch_connection_lost(struct batch *b);

/* batch_row.c: one row. */
int batch_begin(struct batch *b, struct batch_work *w, struct err *e) MUST_USE;
void batch_begin_again(struct batch *b, struct batch_work *w);
/* Accounts that are there already: reused, finished, or refused. */
int batch_existing(struct batch *b, struct batch_work *w, struct err *e) MUST_USE;
/* The directory does not want it made: the account functions are tried where asked for. */
int batch_refused(struct batch *b, struct batch_work *w, const struct err *refused,
                  struct err *e) MUST_USE;
/* After a new connection: what became of an add? */
int batch_find_out(struct batch *b, struct batch_work *w, struct err *e) MUST_USE;
/* The accounts are there, their identities are known: data, file, result. */
void batch_save(struct batch *b, struct batch_work *const *list, size_t n);
void batch_fail(struct batch *b, struct batch_work *w, const struct err *e);
void batch_before(struct batch *b, struct batch_work *w);
void batch_send_row(struct session *s, const struct batch_list *l, size_t i, enum row_state state);
void batch_tell_rate(struct batch *b, bool now);
void batch_flight_free(struct batch_work *w);

/* batch_seal.c: the contents of output files; out[i] is filled for list[i]. */
struct batch_sealed {
    struct buf data; /* a BUF_SECRET */
    struct err err;  /* code 0: it is complete */
};
void batch_seal(struct batch *b, struct batch_work *const *list, size_t n,
                struct batch_sealed *out);

#endif
