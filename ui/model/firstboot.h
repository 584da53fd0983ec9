/*
 * First boot (--first-boot): the wizard before the login prompt of a machine that nobody has set up
 * yet. Everything there: the work begins at once and people see its steps. Something missing: the
 * pages that own it are opened, the others passed over, then the review. The network not there yet:
 * it is tried again and again, with pauses, and nothing is lost meanwhile. A password that was
 * refused is never tried twice. Part of struct wizard.
 */
#ifndef JOINERY_UI_MODEL_FIRSTBOOT_H
#define JOINERY_UI_MODEL_FIRSTBOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/base/err.h"
#include "ui/model/pages.h"

enum first_phase {
    FIRST_MACHINE,  /* what this machine is */
    FIRST_LOOKING,  /* for provisioning data */
    FIRST_OPENING,  /* what was found, one after the other */
    FIRST_REACHING, /* whether there is a network, before somebody is asked for what is missing */
    FIRST_ASKING,
    FIRST_RUNNING,
    FIRST_WAITING, /* for the network, until next_try */
    FIRST_ENDING,  /* the result is shown */
};

/* Pauses between tries: 5 s, doubled up to 300 s. Results are shown for these times unless a key
 * is pressed; a question about something refused is left unanswered at most that long. */
#define FIRST_PAUSE_MS     5000
#define FIRST_PAUSE_MAX_MS 300000
#define FIRST_DONE_MS      10000
#define FIRST_FAILED_MS    60000
#define FIRST_REFUSED_MS   120000
#define FIRST_LOOK_MS      5000 /* how often a stick is looked for while nothing else goes on */

/* Where an image brings its own provisioning data along (engine/apply/volumes_look.h). */
#define FIRST_IMAGE_FOLDER "/etc/joinery/"

struct first_boot {
    bool on;
    enum first_phase phase;
    enum mode mode;     /* what the configuration says */
    bool looks;         /* provisioning data is looked for */
    bool recovers;      /* the run is the end of an interrupted one */
    bool recovered;     /* one was brought to its end */
    bool wiped;         /* the data that was applied; the front end says so */
    bool agreed;        /* somebody has seen the review and said yes */
    uint64_t asks;      /* pages that own what is missing, a bit each; 0: every page is shown */
    unsigned tries;     /* of the network, so far */
    uint64_t since;     /* when this phase began */
    uint64_t seen;      /* when somebody last did something; 0: nobody has yet */
    uint64_t next_try;  /* FIRST_WAITING */
    uint64_t leave_at;  /* FIRST_ENDING and a refusal: the program ends then; 0: it stays */
    struct err trouble; /* FIRST_WAITING: what is waited for */
    /* of the provisioning data that was found */
    size_t at, n_fit, fit; /* the one that is open; those made for this machine, the last of them */
    size_t n_ours, ours;   /* those that may be meant, the last of them */
    size_t n_others;       /* those for another domain */
    bool chosen;
};

struct wizard;

/* Before wizard_begin(). */
void wizard_first_boot(struct wizard *w);
/* The network is being waited for. */
bool wizard_first_waiting(const struct wizard *w);
/* Nobody is asked anything now: something is looked at, waited for or done. */
bool wizard_first_busy(const struct wizard *w);
/* The data that is applied lies in the image itself and is wiped when it was applied. */
bool wizard_first_wipes(const struct wizard *w);

#endif
