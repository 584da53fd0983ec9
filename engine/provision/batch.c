/* A list of machines: before, around and after the window. */
#include <poll.h>
#include <string.h>

#include "engine/net/net.h"
#include "engine/provision/batch.h"

#define RECONNECTS     3 /* without a machine done in between */
#define AGAIN_MS       30000
#define AGAIN_EVERY_MS 1000

int flow_list(struct session *s, struct err *e)
{
    struct batch_list l;
    AUTOFREE char *path = NULL;
    if (batch_load(s, &l, &path, e) < 0)
        return -1;
    for (size_t i = 0; i < l.n; i++)
        batch_send_row(s, &l, i, ROW_WAITING);
    batch_list_free(&l);
    return 0;
}

/* What is borrowed from the session, after a new connection. */
static void renew_domain(struct batch *b)
{
    struct sid sid = b->domain.sid;
    provision_domain_of(b->s, &b->domain);
    b->domain.sid = sid;
    free(b->host);
    b->host = xstrdup(session_dc(b->s)->host);
}

static int settle_unsure(struct batch *b, struct err *e)
{
    for (size_t i = b->list.n; i-- > 0;) {
        struct batch_work *w = &b->work[i];
        if (w->state == WORK_UNSURE && batch_find_out(b, w, e) < 0)
            return -1;
    }
    return batch_results_write(&b->results, e);
}

/* Another login, at the same controller if it can be had; a network that is gone for a moment is
 * waited for. */
static int log_in_again(struct batch *b, struct err *e)
{
    int64_t end = net_now_ms() + AGAIN_MS;
    while (log_in(b->s, e) < 0) {
        if (!controller_failed(e) || net_now_ms() >= end || !session_dc(b->s))
            return -1;
        struct pollfd p = {.fd = b->s->cancel ? b->s->cancel->fd : -1, .events = POLLIN};
        (void)poll(&p, 1, AGAIN_EVERY_MS);
        if (cancel_is_set(b->s->cancel))
            return -1;
        err_reset(e);
        b->s->r->in_step = false;
    }
    return 0;
}

/* What was under way is cleared up. */
static int connect_again(struct batch *b, struct err *e)
{
    batch_connection_lost(b);
    drop_connection(b->s);
    int rc = log_in_again(b, e);
    if (rc == 0)
        rc = settle_unsure(b, e);
    if (rc < 0)
        return -1;
    renew_domain(b);
    report_step(b->s->r, STEP_BATCH);
    return 0;
}

/* What was sent is brought to its end; the rest of the list can go on another time. */
static void stop(struct batch *b)
{
    struct err why = {0};
    session_set_effect(b->s, CANCEL_NOT_POSSIBLE);
    report_progress(b->s->r, "%zu of %zu", b->done + b->before, b->list.n);
    if (batch_drain(b, &why) < 0)
        log_notice("the list was stopped, and then the connection was lost: %s", why.raw);
}

static int run_list(struct batch *b, struct err *e)
{
    size_t ended = 0;
    unsigned tries = 0;
    while (batch_run(b, e) < 0) {
        if (!dir_is_dead(b->s->dir)) {
            stop(b);
            return -1;
        }
        if (b->done + b->failed > ended)
            tries = 0;
        ended = b->done + b->failed;
        if (++tries > RECONNECTS)
            return -1;
        struct err lost = *e;
        log_notice("the connection was lost (%s), the list goes on", code_symbol(lost.code));
        err_reset(e);
        if (connect_again(b, e) < 0)
            return -1;
    }
    return 0;
}

static int work(struct batch *b, struct err *e)
{
    struct session *s = b->s;
    if (batch_prepare(b, e) < 0)
        return -1;
    report_step(s->r, STEP_BATCH);
    b->start_ms = net_now_ms();
    batch_tell_rate(b, true);
    int rc = run_list(b, e);
    struct err why = {0};
    if (batch_results_write(&b->results, &why) < 0 && rc == 0) {
        *e = why;
        rc = -1;
    }
    batch_tell_rate(b, true);
    if (rc < 0)
        return -1;
    if (!b->unsure)
        batch_results_finished(&b->results);
    for (size_t i = 0; i < b->list.n; i++) {
        if (b->list.row[i].err) {
            *e = *b->list.row[i].err;
            return -1;
        }
    }
    report_ok(s->r, N_("made: {1}, made before: {2}"), number_text((long)b->done),
              number_text((long)b->before), NULL);
    return 0;
}

static bool is_unfinished(const struct batch_work *w)
{
    switch (w->state) {
    case WORK_FINISHED:
        return false;
    case WORK_WAITING:
        return w->touched;
    case WORK_ADDING:
        return w->flight->add.add.sent;
    default:
        return true;
    }
}

/* Machines that were under way when the list ended, and are not any more. */
static void tell_what_stays(struct batch *b, struct engine_msg *done, struct err *e)
{
    struct buf names = BUF_INIT(sizeof e->facts[0].value - sizeof ", ...");
    for (size_t i = 0; i < b->list.n; i++) {
        const struct batch_work *w = &b->work[i];
        done->u.done.directory_changed |= w->touched;
        if (is_unfinished(w))
            buf_printf(&names, "%s%s", names.len ? ", " : "", w->row->names.netbios);
    }
    if (names.len) {
        done->u.done.directory_changed = true;
        err_fact(e, FACT_OBJECT, "%.*s%s", (int)names.len, (const char *)names.data,
                 names.failed ? ", ..." : "");
        err_fact(e, FACT_LEFT,
                 N_("The account may have been made, and nobody knows its password. Run the "
                    "same again: it is recognised and used."));
    }
    buf_free(&names);
    if (e->cause == CAUSE_CANCELLED && b->done + b->before)
        e->cause = CAUSE_LIST_STOPPED;
}

static void batch_free(struct batch *b)
{
    batch_connection_lost(b);
    for (size_t i = 0; b->work && i < b->list.n; i++)
        batch_flight_free(&b->work[i]);
    free(b->work);
    for (size_t i = 0; i < b->n_place; i++) {
        account_facts_free(&b->place[i].facts);
        free(b->place[i].ou);
    }
    free(b->place);
    batch_list_free(&b->list);
    if (b->results_open)
        batch_results_close(&b->results);
    provision_others_close(&b->others);
    provision_form_free(&b->form);
    provision_parts_free(&b->parts);
    free(b->decision);
    free(b->host);
    free(b->path);
    free(b);
}

int flow_batch(struct session *s, struct engine_msg *done, struct err *e)
{
    struct batch *b = xcalloc(1, sizeof *b);
    b->s = s;
    int rc = work(b, e);
    done->u.done.directory_changed = rc < 0 && b->done > 0;
    if (rc < 0 && b->work)
        tell_what_stays(b, done, e);
    if (rc == 0 && !b->notice.code)
        (void)provision_certificate_later(s->s, &b->notice);
    done->u.done.notice = b->notice;
    batch_free(b);
    return rc;
}
