/*
 * What became of each machine of a list: a table for people (CSV) and lines for programs (JSON),
 * added to as each machine is done, and a note of those that are under way, which goes when the
 * list is finished. An interrupted list reads them again. Beside each other, mode 0600:
 *
 *   NAME.csv     line,name,status,symbol,text,dn,ou,output,domain,time
 *   NAME.jsonl   the same as {"line":..,"name":..,...}, with the account's SID and GUID
 *   NAME.state   "sent TIME DOMAIN NAME": an account's creation was asked for;
 *                "reset TIME KNOWN DOMAIN NAME": and it was gone on with (provision_part.h)
 *
 * No secret is in any of them: the account of a machine that was under way gets a new password when
 * the list goes on. They are read as if somebody else had written them.
 */
#ifndef JOINERY_FLOW_BATCH_RESULTS_H
#define JOINERY_FLOW_BATCH_RESULTS_H

#include "engine/account/account.h"
#include "engine/host/host.h"
#include "engine/model/batch_list.h"

struct batch_past; /* of an earlier run, by name */

struct batch_results {
    struct host *host;
    long skew;                /* of the controller's clock, which all times go by */
    char *csv, *json, *state; /* paths */
    bool has_state;
    struct batch_past *past; /* sorted by name */
    size_t n_past;
    struct buf csv_new, json_new; /* not written yet */
};

/* Of the table, by the answer of that name, "" = beside `list`. malloc'ed. */
char *batch_results_path(const char *results, const char *list);
/* results: the answer of that name, "" = beside `list`. Both absolute. Reads what is there and
 * makes what is not. LIST_RESULTS_BAD when something else stands there. */
int batch_results_open(struct batch_results *r, struct host *h, const char *results,
                       const char *list, const char *domain, struct err *e) MUST_USE;
void batch_results_close(struct batch_results *r);

/* Of earlier runs: was it done? Its output file then, else NULL. */
const char *batch_results_done(const struct batch_results *r, const char *netbios);
/* When its creation was asked for without a result having been kept; 0 = it was not. */
int64_t batch_results_sent(const struct batch_results *r, const char *netbios);
/* The new password of one that was gone on with; 0 = there was none. */
int64_t batch_results_reset(const struct batch_results *r, const char *netbios, int64_t *known);

/* Before requests leave; on disk when it returns. */
int batch_results_sending(struct batch_results *r, const struct batch_row *const *rows, size_t n,
                          const char *domain, struct err *e) MUST_USE;
/* The same before a new password of an account that an earlier run made, and that it had `known`.
 */
int batch_results_resetting(struct batch_results *r, const struct batch_row *row, int64_t known,
                            const char *domain, struct err *e) MUST_USE;
/* Adds a line; row->err tells how it ended. id: NULL without an account. ended: false when it is
 * not known whether the account was made; the note that it was asked for goes on to count. */
void batch_results_add(struct batch_results *r, const struct batch_row *row,
                       const struct account_id *id, const char *domain, bool ended);
/* On disk when it returns. */
int batch_results_write(struct batch_results *r, struct err *e) MUST_USE;
/* Nothing is under way any more. */
void batch_results_finished(struct batch_results *r);

#endif
