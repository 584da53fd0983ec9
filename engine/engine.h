/*
 * The engine: one thread that does the work, driven by requests and answering with messages. The
 * user interface never blocks on it and can always cancel.
 *
 *   e = engine_open(config, err);        before: engine_setup_process() while there is one thread
 *   engine_post(e, request);             takes ownership; at most one job is outstanding
 *   poll(engine_fd(e)) -> engine_next(e) until NULL; message_drop() each
 *   engine_answer(e, ask_id, answer);    replies to MSG_ASK
 *   engine_cancel(e);                    at any time; the job still ends with MSG_DONE
 *   engine_close(e);                     cancels, joins the thread, wipes
 *
 * Connections, tickets and findings are kept between jobs, so that nothing is asked twice; a change
 * of domain, controller or credentials drops what depends on it.
 */
#ifndef JOINERY_ENGINE_H
#define JOINERY_ENGINE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/base/buf.h"
#include "engine/base/err.h"
#include "engine/base/log.h"
#include "engine/model/settings.h"
#include "engine/tables/steps.h"
#include "engine/views.h"

enum job {
    JOB_NONE,
    JOB_MACHINE,  /* -> MSG_MACHINE */
    JOB_NETWORK,  /* link, resolver: -> MSG_VERDICT... */
    JOB_DISCOVER, /* domain, controllers: -> MSG_DC..., MSG_DOMAIN, MSG_VERDICT (clock, ports) */
    JOB_LOGIN,    /* ticket and sealed directory connection with the settings' credentials */
    JOB_OUS,   /* children of request.dn ("" = the top: default place and the domain): -> MSG_OUS */
    JOB_NAME,  /* what the directory says about the computer name: -> MSG_NAME */
    JOB_PLAN,  /* the exact list of changes: -> MSG_CHANGE..., MSG_VERDICT... (warnings) */
    JOB_RUN,   /* settings.operation: join, leave: -> MSG_STEP..., MSG_ASK, MSG_PROGRESS */
    JOB_CHECK, /* every check that writes nothing: -> MSG_VERDICT... */
    JOB_STATUS,  /* -> MSG_STATUS */
    JOB_RECOVER, /* finishes or undoes an interrupted operation */
    JOB_OPEN,    /* offline.input (and passphrase): -> MSG_PACKAGE; nothing is changed */
    JOB_VOLUMES, /* what is mounted here and looks like a system or holds provisioning data:
                  * -> MSG_VOLUME...; read only */
    JOB_IMAGE,   /* offline.image, or the root: -> MSG_IMAGE, MSG_VERDICT...; read only */
    JOB_LIST,    /* offline.batch: -> MSG_ROW... as they stand in the file; nothing is asked */
};

struct engine_request {
    enum job job;
    struct settings *settings; /* owned snapshot */
    char *dn;                  /* JOB_OUS: the parent, "" for the top; owned */
    /* JOB_OUS: part of the name, in the whole tree below dn; "*" = the whole tree, "" = the
     * children of dn; owned */
    char *filter;
    /* JOB_VOLUMES: removable volumes that nobody mounted are mounted read-only in a private place,
     * until the next JOB_VOLUMES or engine_close(). */
    bool mount;
    /* Provisioning data in memory instead of in the settings' files, for the C interface: borrowed
     * until MSG_DONE, NULL otherwise. `output` gets the binary form and is a BUF_SECRET; `input`
     * may be in any form. */
    const struct buf *input;
    struct buf *output;
};

enum msg_kind {
    MSG_STEP,     /* a step of JOB_RUN changed state */
    MSG_PROGRESS, /* still at it: what is waited for */
    MSG_LOG,
    MSG_ASK,
    MSG_MACHINE,
    MSG_DOMAIN,
    MSG_DC,
    MSG_OUS,
    MSG_NAME,
    MSG_CHANGE,
    MSG_VERDICT,
    MSG_STATUS,
    MSG_PACKAGE,
    MSG_VOLUME,
    MSG_IMAGE,
    MSG_ROW,  /* of a list: its place in it, and what became of it */
    MSG_RATE, /* of a list: how far it is */
    MSG_DONE, /* last message of every job */
};

enum step_state {
    STEP_WAITING,
    STEP_RUNNING,
    STEP_OK,
    STEP_SKIPPED,
    STEP_NOTICE,
    STEP_FAILED,
    STEP_UNDONE
};

/* A question the engine cannot decide: the safe answer is the first choice and is taken when nobody
 * answers. */
enum ask { ASK_DELETE_CREATED /* undo: delete the account just made? */, ASK_KEEP_UNVERIFIED };
enum answer { ANSWER_NO, ANSWER_YES };

struct engine_msg {
    enum msg_kind kind;
    enum job job;
    uint32_t job_id; /* counts requests; messages of an earlier job are dropped by engine_next() */
    union {
        struct {
            enum step step;
            enum step_state state;
            struct err err; /* STEP_FAILED and STEP_NOTICE */
            /* What was found or done. format: a msgid with places {1}, {2} for args
             * (engine/base/fill.h), NULL when there is nothing to say; detail: the same filled in
             * English, for logs and programs. */
            const char *format;
            struct strv args;
            char *detail;
            int elapsed_ms;
        } step;
        struct {
            enum step step;
            char *detail;       /* the command or object that is waited for */
            int waited_s, of_s; /* of_s 0 = unknown */
        } progress;
        struct {
            enum log_level level;
            char *line;
        } log;
        struct {
            uint32_t id;
            enum ask what;
            char *object;
        } ask;
        struct machine_view machine;
        struct domain_view domain;
        struct dc_view dc; /* the same host again = its row changed */
        struct {
            char *parent;
            struct ou_view *list;
            size_t n;
            bool more;            /* the list was cut: narrow the filter */
            bool default_refused; /* of the top: no computer may be made in the default place */
        } ous;
        struct name_view name;
        struct change_view change;
        struct verdict_view verdict;
        struct status_view status;
        struct package_view package;
        struct volume_view volume;
        struct image_view image;
        struct row_view row;
        struct rate_view rate;
        struct {
            struct err err;         /* code 0 = success */
            bool undone;            /* a failure or cancel whose effects were all taken back */
            bool directory_changed; /* something stays in the directory (facts name it) */
            bool restart_needed;
            struct err notice; /* best-effort parts that failed, code 0 = none */
        } done;
    } u;
};

struct engine_config {
    const char *root; /* "/" for the running system */
};

struct engine;

/* Process-wide preparations of the foreign libraries; before any thread starts. */
int engine_setup_process(struct err *e) MUST_USE;
/* The same for a process that is somebody else's: no signal is touched, and leaving puts the
 * environment back. No engine is open at either. */
int engine_enter_process(struct err *e) MUST_USE;
void engine_leave_process(void);
int engine_open(struct engine **ret, const struct engine_config *config, struct err *e) MUST_USE;
void engine_close(struct engine *e);

int engine_fd(const struct engine *e); /* readable when messages wait */
/* Takes the request's settings, dn and filter. Returns the job's id, or 0 when a job is still
 * outstanding. */
uint32_t engine_post(struct engine *e, struct engine_request *req);
struct engine_msg *engine_next(struct engine *e); /* NULL when there is none now */
void message_drop(struct engine_msg *m);
void engine_answer(struct engine *e, uint32_t ask_id, enum answer a);
void engine_cancel(struct engine *e);

/* What cancelling now would mean, for the question before it. */
enum cancel_effect {
    CANCEL_NOTHING_CHANGED, /* nothing was written yet */
    CANCEL_UNDOES, /* this machine's files go back; the password of the account that was taken over
                    * was changed and cannot be put back: joining again sets a new one */
    CANCEL_DELETES_ACCOUNT, /* the account made is deleted again and the files go back */
    CANCEL_NOT_POSSIBLE,    /* the result is being kept: it ends in a moment */
};
enum cancel_effect engine_cancel_effect(struct engine *e);

#endif
