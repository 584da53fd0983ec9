/*
 * What the calls of the C interface share. The engine's headers come before the public one: the
 * public flags are macros, the engine's have the same names as enumerators.
 */
#ifndef JOINERY_API_PRIVATE_H
#define JOINERY_API_PRIVATE_H

#include "engine/engine.h"
#include "engine/host/host.h"
#include "engine/tables/codes.h"
#include "engine/tables/options.h"

#include "engine/api/joinery.h"

/* One call: its answers, what it was told, and the error it ends with. */
struct api_call {
    struct settings s;
    bool changes; /* it is one of those that change the machine */
    bool live, restart;
    const struct buf *input; /* provisioning data of the call's, NULL when it has none */
    struct buf *output;
    struct err err;
};

/* ---- last.c: the thread's last result ---- */

/* Forgets the former result. */
void api_begin(struct api_call *c);
/* Wipes the answers, keeps the error for joinery_last_error(), returns the code. */
uint32_t api_end(struct api_call *c);
/* The same with another code for the same error (0x80041087). */
uint32_t api_end_as(struct api_call *c, uint32_t code);

/* ---- params.c: what is refused by looking at the parameters alone ---- */

/* `server` is this machine: 0, else SERVER_NOT_HERE (50). */
int api_check_server(const char *server, struct err *e) MUST_USE;
/* One parameter into one answer: NULL is "". CONFIG_VALUE (87) for text that is not UTF-8, too. */
int api_set(struct api_call *c, enum opt o, const char *value) MUST_USE;
/* Operation, standing answers of joinery_set_config(), account, password and flags. `ops`: whose
 * flags `mask` holds, 0 = the operation has none. */
int api_answers(struct api_call *c, const char *operation, unsigned ops, uint32_t mask) MUST_USE;
int api_credentials(struct api_call *c, const char *account, const char *password) MUST_USE;

/* A path that nobody could mean needs no controller to say so: OU_MALFORMED. */
int api_check_ou(struct api_call *c, const char *ou) MUST_USE;

/* ---- secrets.c: for calls that have no parameter for it ---- */

/* The account of joinery_set_credentials(), else the one of the standing answers. */
int api_standing_account(struct api_call *c) MUST_USE;
/* The passphrase of joinery_set_passphrase() or of the standing answers, and the private key. */
int api_standing_passphrase(struct api_call *c) MUST_USE;

/* ---- run.c ---- */

/* The directory of joinery_set_root(); malloc'ed. */
char *api_root(void);
char *api_config(void); /* NULL when there is none */

typedef void api_take_fn(void *arg, struct engine_msg *m);
/* Runs one job on an engine of its own. take (may be NULL) sees each message. Another call that is
 * running: LOCK_HELD (1791). */
int api_run(struct api_call *c, enum job job, const char *filter, api_take_fn *take,
            void *arg) MUST_USE;

#endif
