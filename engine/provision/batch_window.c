/* The window: what is under way on the connection, and what comes next. */
#include <stdio.h>
#include <string.h>

#include "engine/flow/testpoint.h"
#include "engine/provision/batch.h"

#define LOOK_AHEAD      64 /* the next names are asked for while so many are known */
#define READ_AT         (BATCH_WINDOW / 2)
#define RC_ENTRY_EXISTS 68 /* RFC 4511 4.1.9 */
#define DRAIN_MS        10000

/* ---- looking up ---- */

static bool is_open(const struct batch_work *w)
{
    return w->state == WORK_WAITING && !w->row->err;
}

/* Its file is there and the results say that it is done: nothing to ask. */
static bool known_done(struct batch *b, const struct batch_work *w)
{
    const char *output = batch_results_done(&b->results, w->row->names.netbios);
    return output && str_eq(output, w->row->output) && host_exists(b->s->here, output);
}

static int look_ahead(struct batch *b, struct err *e)
{
    if (b->looking || b->looked >= b->list.n || b->looked > b->next + LOOK_AHEAD)
        return 0;
    struct account_many *m = &b->look;
    *m = (struct account_many){.base = b->s->root_dse.default_nc};
    size_t i = b->looked;
    for (; i < b->list.n && m->n < ACCOUNT_MANY_MAX; i++) {
        struct batch_work *w = &b->work[i];
        if (is_open(w) && known_done(b, w))
            batch_before(b, w);
        else if (is_open(w))
            m->name[m->n++] = w->row->names.netbios;
    }
    if (m->n == 0) {
        b->looked = i;
        return 0;
    }
    account_many_ask(m);
    b->looking = true;
    return dir_send(b->s->dir, &m->op, e);
}

/* Names that another controller knows and this one does not yet. One that does not answer says
 * nothing. */
static void ask_others(struct batch *b, struct batch_work **list, const struct account_many *asked)
{
    for (size_t i = 0; i < b->others.n; i++) {
        struct account_many m = {.base = asked->base, .n = asked->n};
        struct account_id id[ACCOUNT_MANY_MAX];
        struct err why = {0};
        memcpy(m.name, asked->name, sizeof m.name);
        account_many_ask(&m);
        if (dir_is_dead(b->others.d[i]) || dir_run1(b->others.d[i], &m.op, &why) < 0 ||
            account_many_take(b->others.d[i], &m, id, &why) < 0)
            m.n = 0;
        for (size_t k = 0; k < m.n; k++) {
            if (id[k].dn && !list[k]->exists && is_open(list[k])) {
                err_reset(&why);
                err_cause(&why, CAUSE_ACCOUNT_AT_OTHER_CONTROLLER);
                err_fact(&why, FACT_OBJECT, "%s", id[k].dn);
                err_fact(&why, FACT_SERVER, "%s", dir_host(b->others.d[i]));
                batch_row_fail(list[k]->row, &why);
            }
            account_id_free(&id[k]);
        }
        account_many_free(&m);
    }
}

static int take_look(struct batch *b, struct err *e)
{
    struct account_id id[ACCOUNT_MANY_MAX];
    struct batch_work *list[ACCOUNT_MANY_MAX];
    if (!b->looking || !b->look.op.done)
        return 0;
    b->looking = false;
    int rc = account_many_take(b->s->dir, &b->look, id, e);
    size_t k = 0;
    for (; rc == 0 && k < b->look.n; b->looked++) {
        struct batch_work *w = &b->work[b->looked];
        if (w->row->names.netbios != b->look.name[k])
            continue;
        w->exists = id[k].dn != NULL;
        list[k] = w;
        account_id_free(&id[k++]);
    }
    if (rc == 0)
        ask_others(b, list, &b->look);
    account_many_free(&b->look);
    return rc;
}

/* ---- adding ---- */

static int send_all(struct batch *b, struct batch_work **list, size_t n, struct err *e)
{
    const struct batch_row *rows[BATCH_WINDOW];
    int rc = 0;
    for (size_t i = 0; i < n; i++) {
        rows[i] = list[i]->row;
        list[i]->state = WORK_ADDING;
    }
    b->n_adding += n;
    if (n && batch_results_sending(&b->results, rows, n, b->s->loc->domain.dns, e) < 0)
        return -1;
    dir_cork(b->s->dir, true);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = dir_send(b->s->dir, &list[i]->flight->add.add, e);
    dir_cork(b->s->dir, false);
    if (n)
        test_point("list-sent");
    return rc;
}

/* Begins rows in their order until the window is full. */
static int fill_window(struct batch *b, struct err *e)
{
    struct batch_work *list[BATCH_WINDOW];
    size_t n = 0;
    if (b->n_adding > BATCH_WINDOW / 2)
        return 0;
    int rc = 0;
    while (rc >= 0 && b->next < b->looked && b->n_adding + n < BATCH_WINDOW &&
           !cancel_is_set(b->s->cancel)) {
        struct batch_work *w = &b->work[b->next];
        if (is_open(w) && w->exists)
            rc = batch_existing(b, w, e);
        if (rc >= 0 && is_open(w) && !w->exists) {
            rc = batch_begin(b, w, e);
            if (rc == 0)
                list[n++] = w;
        } else if (rc >= 0 && w->state == WORK_WAITING) {
            struct err why = *w->row->err;
            batch_fail(b, w, &why);
        }
        if (rc >= 0 && ++b->next > b->high)
            b->high = b->next;
    }
    if (rc >= 0)
        return send_all(b, list, n, e);
    for (size_t i = 0; i < n; i++)
        batch_begin_again(b, list[i]); /* they were not sent */
    return -1;
}

/* A request of an interrupted run or of a lost connection was carried out after its name had been
 * looked up. */
static int look_again(struct batch *b, struct batch_work *w, struct err *e)
{
    w->twice = true;
    if (w->lost)
        return batch_find_out(b, w, e);
    w->exists = true;
    batch_begin_again(b, w);
    return 0;
}

/* An add's answer. */
static int take_add(struct batch *b, struct batch_work *w, struct err *e)
{
    struct account_names n;
    struct batch_flight *f = w->flight;
    enum account_outcome outcome;
    struct batch_place *place;
    struct err why = {0};
    b->n_adding--;
    if (f->add.add.rc == 0) {
        account_add_free(&f->add);
        f->add = (struct account_adding){0};
        f->made = true;
        w->state = WORK_MADE;
        b->n_made++;
        return 0;
    }
    if (f->add.add.rc == RC_ENTRY_EXISTS && !w->twice)
        return look_again(b, w, e);
    batch_names_of(b, w->row, &n);
    if (batch_place_of(b, w->row, &place, e) < 0)
        return -1;
    (void)!account_add_end(b->s->dir, &f->add, 0, &place->facts, &n, &f->id, &outcome, &why);
    if (why.cause == CAUSE_NO_CREATE_RIGHT && f->carried) {
        place->less = true;
        batch_begin_again(b, w);
        return 0;
    }
    return batch_refused(b, w, &why, e);
}

static int take_adds(struct batch *b, struct err *e)
{
    size_t seen = 0, wanted = b->n_adding;
    int rc = 0;
    for (size_t i = b->high; rc == 0 && i-- > 0 && seen < wanted;) {
        struct batch_work *w = &b->work[i];
        if (w->state != WORK_ADDING)
            continue;
        seen++;
        if (w->flight->add.add.done)
            rc = take_add(b, w, e);
    }
    return rc;
}

/* ---- reading back and saving ---- */

static int read_back(struct batch *b, struct err *e)
{
    size_t slot = 0;
    if (b->n_made == 0 || (b->n_made < READ_AT && b->n_adding > 0))
        return 0;
    while (slot < BATCH_READINGS && b->reading[slot].used)
        slot++;
    if (slot == BATCH_READINGS)
        return 0;
    struct batch_reading *r = &b->reading[slot];
    struct account_many *m = &r->ask;
    *m = (struct account_many){.base = b->s->root_dse.default_nc};
    for (size_t i = 0; i < b->high && m->n < b->n_made && m->n < ACCOUNT_MANY_MAX; i++) {
        struct batch_work *w = &b->work[i];
        if (w->state != WORK_MADE)
            continue;
        w->state = WORK_READING;
        r->work[m->n] = w;
        m->name[m->n++] = w->row->names.netbios;
    }
    b->n_made -= m->n;
    r->used = true;
    test_point("list-made");
    account_many_ask(m);
    return dir_send(b->s->dir, &m->op, e);
}

static void not_found(struct batch *b, struct batch_work *w)
{
    struct err why = {0};
    err_cause(&why, CAUSE_ACCOUNT_CHANGED);
    err_fact(&why, FACT_ACCOUNT, "%s", w->row->names.account);
    err_fact(&why, FACT_SERVER, "%s", dir_host(b->s->dir));
    batch_fail(b, w, &why);
}

static int take_reading(struct batch *b, struct batch_reading *r, struct err *e)
{
    struct account_id id[ACCOUNT_MANY_MAX];
    struct batch_work *found[ACCOUNT_MANY_MAX];
    size_t n = r->ask.n, n_found = 0;
    int rc = account_many_take(b->s->dir, &r->ask, id, e);
    account_many_free(&r->ask);
    r->used = false;
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct batch_work *w = r->work[i];
        w->flight->id = id[i];
        if (id[i].dn)
            found[n_found++] = w;
        else
            not_found(b, w);
    }
    if (n_found)
        batch_save(b, found, n_found);
    return rc;
}

static int take_answers(struct batch *b, struct err *e)
{
    int rc = take_look(b, e);
    if (rc == 0)
        rc = take_adds(b, e);
    for (size_t i = 0; rc == 0 && i < BATCH_READINGS; i++) {
        if (b->reading[i].used && b->reading[i].ask.op.done)
            rc = take_reading(b, &b->reading[i], e);
    }
    if (rc < 0 || b->draining)
        return rc;
    if (b->unwritten.code) {
        *e = b->unwritten;
        return -1;
    }
    return batch_results_write(&b->results, e);
}

static bool reading(const struct batch *b)
{
    for (size_t i = 0; i < BATCH_READINGS; i++) {
        if (b->reading[i].used)
            return true;
    }
    return false;
}

static bool under_way(const struct batch *b)
{
    return b->n_adding || b->n_made || reading(b);
}

/* Nothing new is begun. */
static int finish(struct batch *b, int ms, struct err *e)
{
    int rc = 0;
    b->draining = true;
    while (rc == 0 && under_way(b)) {
        rc = read_back(b, e);
        if (rc == 0)
            rc = dir_collect_any(b->s->dir, ms, e);
        if (rc == 0)
            rc = take_answers(b, e);
    }
    b->draining = false;
    return rc;
}

int batch_drain(struct batch *b, struct err *e)
{
    dir_set_cancel(b->s->dir, NULL);
    int rc = finish(b, DRAIN_MS, e);
    dir_set_cancel(b->s->dir, b->s->cancel);
    return rc;
}

int batch_run(struct batch *b, struct err *e)
{
    /* What an earlier connection made comes to its end first: one that breaks again and again still
     * gets the list done. */
    int rc = finish(b, 0, e);
    while (rc == 0 && (b->next < b->list.n || under_way(b))) {
        rc = cancel_check(b->s->cancel, e);
        if (rc == 0)
            rc = look_ahead(b, e);
        if (rc == 0)
            rc = read_back(b, e); /* in front of more adds */
        if (rc == 0)
            rc = fill_window(b, e);
        if (rc == 0)
            rc = dir_collect_any(b->s->dir, 0, e);
        if (rc == 0)
            rc = take_answers(b, e);
    }
    return rc;
}

void batch_connection_lost(struct batch *b)
{
    b->looking = false;
    account_many_free(&b->look);
    for (size_t i = 0; i < BATCH_READINGS; i++) {
        b->reading[i].used = false;
        account_many_free(&b->reading[i].ask);
    }
    b->n_adding = b->n_made = 0;
    for (size_t i = 0; i < b->high; i++) {
        struct batch_work *w = &b->work[i];
        const struct dir_op *add = w->flight ? &w->flight->add.add : NULL;
        if (w->state == WORK_ADDING && (!add->sent || (add->done && add->rc != 0))) {
            batch_begin_again(b, w);
        } else if (w->state == WORK_ADDING || w->state == WORK_MADE || w->state == WORK_READING) {
            batch_begin_again(b, w);
            w->state = WORK_UNSURE;
            w->lost = true;
        }
    }
}
