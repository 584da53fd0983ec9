/* Shared among the files of the scripted engine; nobody else includes it. */
#ifndef JOINERY_TESTS_FAKE_INT_H
#define JOINERY_TESTS_FAKE_INT_H

#include "tests/ui/fake_engine.h"

struct engine {
    int fd;
    struct engine_msg *queue[4096];
    size_t head, tail;
    struct engine_request *held;
    bool outstanding, held_run, asked;
    uint32_t id;
};

struct engine_msg *fake_msg(struct engine *e, enum msg_kind kind, enum job job);
struct engine_msg *fake_done(struct engine *e, enum job job, enum cause cause);
void fake_verdict(struct engine *e, enum job job, enum check c, enum verdict v, enum cause cause);
void fake_step(struct engine *e, enum step s, enum step_state state, const char *detail);
void fake_finish_run(struct engine *e, enum cause cause);

/* fake_offline.c: the answers to these jobs, and the run of a list */
void fake_list(struct engine *e);
void fake_run_list(struct engine *e);
void fake_volumes(struct engine *e);
void fake_open_data(struct engine *e, const struct engine_request *r);
void fake_image(struct engine *e, const struct engine_request *r);

#endif
