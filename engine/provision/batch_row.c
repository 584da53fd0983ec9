/* One machine of a list, from the decision to its result. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/flow/join.h"
#include "engine/flow/testpoint.h"
#include "engine/host/secret_file.h"
#include "engine/net/net.h"
#include "engine/provision/batch.h"
#include "engine/provision/downlevel.h"
#include "engine/provision/provision_part.h"

#define RATE_MS   250
#define SURE_MS   5000
#define SURE_ROWS 10

/* ---- telling ---- */

void batch_send_row(struct session *s, const struct batch_list *l, size_t i, enum row_state state)
{
    const struct batch_row *r = &l->row[i];
    struct engine_msg *m = report_new(s->r, MSG_ROW);
    m->u.row = (struct row_view){
        .index = i,
        .line = r->line,
        .state = state,
        .name = xstrdup(r->name),
        .ou = xstrdup(r->ou),
        .description = xstrdup(r->description),
        .output = xstrdup(r->output),
    };
    if (r->err)
        m->u.row.err = *r->err;
    s->r->send(s->r->arg, m);
}

void batch_tell_rate(struct batch *b, bool now)
{
    int64_t t = net_now_ms(), took = t - b->start_ms;
    if (!now && t - b->told_ms < RATE_MS)
        return;
    b->told_ms = t;
    size_t ended = b->done + b->failed, left = b->list.n - ended - b->before;
    struct engine_msg *m = report_new(b->s->r, MSG_RATE);
    m->u.rate.done = b->done + b->before;
    m->u.rate.failed = b->failed;
    m->u.rate.total = b->list.n;
    m->u.rate.per_minute = took > 0 ? (unsigned)((int64_t)b->done * 60000 / took) : 0;
    /* The first machines say little about the others: they wait for what is read only once. */
    bool known = took >= SURE_MS && ended >= SURE_ROWS;
    m->u.rate.left_s = left == 0 ? 0
                       : known   ? (int)((int64_t)left * took / 1000 / (int64_t)ended)
                                 : -1;
    b->s->r->send(b->s->r->arg, m);
}

void batch_flight_free(struct batch_work *w)
{
    struct batch_flight *f = TAKE(w->flight);
    if (!f)
        return;
    account_add_free(&f->add);
    secret_free(&f->password);
    newfile_drop(&f->out);
    account_id_free(&f->id);
    free(f);
}

static void finish(struct batch *b, struct batch_work *w, enum row_state state)
{
    if (state != ROW_BEFORE)
        batch_results_add(&b->results, w->row, w->flight ? &w->flight->id : NULL,
                          b->s->loc ? b->s->loc->domain.dns : "", w->state != WORK_UNSURE);
    if (state == ROW_DONE && !b->unwritten.code)
        (void)!batch_results_write(&b->results, &b->unwritten);
    w->state = WORK_FINISHED;
    batch_send_row(b->s, &b->list, (size_t)(w - b->work), state);
    batch_flight_free(w);
    batch_tell_rate(b, false);
}

void batch_fail(struct batch *b, struct batch_work *w, const struct err *e)
{
    batch_row_fail(w->row, e);
    err_fact(w->row->err, FACT_NAME, "%s", w->row->name);
    err_fact(w->row->err, FACT_LINE, "%u", w->row->line);
    b->failed++;
    finish(b, w, ROW_FAILED);
}

void batch_before(struct batch *b, struct batch_work *w)
{
    b->before++;
    finish(b, w, ROW_BEFORE);
}

/* ---- beginning ---- */

static int take_password(struct batch *b, struct batch_work *w, struct err *e)
{
    struct batch_flight *f = w->flight;
    if (*w->row->password_file)
        return secret_file_line(w->row->password_file, &f->password, e);
    return provision_password(b->s->s, w->row->names.netbios, &f->password, e);
}

/* The output file before anything is sent. */
static int open_flight(struct batch *b, struct batch_work *w, bool replace, struct err *e)
{
    bool over = replace || settings_bool(b->s->s, OPT_OFFLINE_OVERWRITE);
    if (w->flight)
        return 0;
    w->flight = xcalloc(1, sizeof *w->flight);
    w->flight->out = NEWFILE_INIT;
    w->flight->sent_at = join_controller_now(b->s);
    if (provision_output_open(w->row->output, over, &w->flight->out, e) < 0 ||
        take_password(b, w, e) < 0)
        return -1;
    return 0;
}

static void row_policy(struct batch *b, const struct batch_row *row, struct account_policy *p)
{
    provision_policy_of(b->s->s, p);
    p->description = row->description;
}

void batch_begin_again(struct batch *b, struct batch_work *w)
{
    size_t i = (size_t)(w - b->work);
    if (w->flight) {
        account_add_free(&w->flight->add);
        w->flight->add = (struct account_adding){0};
    }
    w->state = WORK_WAITING;
    if (i < b->next)
        b->next = i;
}

/* 1: the row ended here; 0: its add can be sent; -1: the connection failed. */
int batch_begin(struct batch *b, struct batch_work *w, struct err *e)
{
    struct batch_place *place;
    struct account_names n;
    struct account_policy p;
    struct err why = {0};
    if (batch_place_of(b, w->row, &place, e) < 0)
        return -1;
    batch_names_of(b, w->row, &n);
    row_policy(b, w->row, &p);
    account_decide(&place->facts, &n, &p, b->decision);
    if (b->decision->action != ACCOUNT_CREATE)
        return batch_refused(b, w, &b->decision->err, e) < 0 ? -1 : 1;
    if (place->less) {
        p.etypes = 0;
        p.description = NULL;
    }
    if (open_flight(b, w, false, &why) < 0 ||
        account_add_fill(&w->flight->add, &place->facts, &n, &p, &w->flight->password, &why) < 0) {
        batch_fail(b, w, &why);
        return 1;
    }
    w->flight->carried = place->facts.may_create == ACCOUNT_YES && !place->less;
    return 0;
}

/* ---- accounts that are there ---- */

/* Its creation was asked for by an earlier run of this list, and nothing else explains it. */
static bool made_by_us(struct batch *b, const struct batch_row *row, const struct account_facts *f)
{
    const char *domain = b->s->loc->domain.dns;
    struct provision_part part = {.since = batch_results_sent(&b->results, row->names.netbios)};
    part.reset = batch_results_reset(&b->results, row->names.netbios, &part.known);
    snprintf(part.account, sizeof part.account, "%s", row->names.account);
    snprintf(part.domain, sizeof part.domain, "%s", domain);
    return part.since && provision_part_proves(&part, row->names.account, domain, f);
}

static void tell_what_stays(const char *dn, struct err *why)
{
    err_fact(why, FACT_OBJECT, "%s", dn);
    err_fact(why, FACT_LEFT,
             N_("The account has a password that nobody knows. Provision it again, with "
                "NETSETUP_PROVISION_REUSE_ACCOUNT."));
}

/* The old password cannot be put back: from the new one on, the way is forward, whatever else is
 * refused and whoever wants to stop. */
static int new_password(struct batch *b, struct batch_work *w, const struct account_facts *f,
                        const struct account_names *n, struct err *why)
{
    struct dir *d = b->s->dir;
    struct account_policy p;
    struct err ignored = {0};
    enum account_outcome outcome;
    row_policy(b, w->row, &p);
    dir_set_cancel(d, NULL);
    int rc = account_take_over(d, f, n, &p, &w->flight->password, &w->flight->id, &outcome, why);
    w->touched = w->touched || outcome != ACCOUNT_NOT_DONE;
    if (rc < 0 && outcome == ACCOUNT_DONE && !dir_is_dead(d)) {
        account_id_free(&w->flight->id);
        rc = account_read_back(d, n, f->existing->dn, &w->flight->id, &ignored);
        if (rc == 0 && !b->notice.code)
            b->notice = *why;
    }
    dir_set_cancel(d, b->s->cancel);
    return rc;
}

/* ours: made by this list, not reused; its file may be there. */
static int take_over(struct batch *b, struct batch_work *w, const struct account_facts *f,
                     const struct account_names *n, bool ours, struct err *e)
{
    struct err why = {0};
    if (cancel_check(b->s->cancel, e) < 0 ||
        (ours && batch_results_resetting(&b->results, w->row, f->existing->pwd_last_set,
                                         b->s->loc->domain.dns, e) < 0))
        return -1;
    if (open_flight(b, w, ours, &why) == 0 && new_password(b, w, f, n, &why) == 0) {
        test_point("list-reset");
        batch_save(b, &w, 1);
        return 0;
    }
    if (!dir_is_dead(b->s->dir)) {
        if (w->touched)
            tell_what_stays(f->existing->dn, &why);
        batch_fail(b, w, &why);
        return 0;
    }
    batch_flight_free(w); /* it is begun again */
    *e = why;
    return -1;
}

/* By Samba's own tools, where that was asked for. */
static int by_account_functions(struct batch *b, struct batch_work *w, const struct err *refused,
                                struct err *e)
{
    const struct batch_row *row = w->row;
    struct account_names n;
    struct account_facts f;
    struct err why = {0};
    batch_names_of(b, row, &n);
    b->s->names = row->names;
    if (open_flight(b, w, false, &why) < 0) {
        batch_fail(b, w, &why);
        return 0;
    }
    if (batch_results_sending(&b->results, &row, 1, b->s->loc->domain.dns, e) < 0)
        return -1;
    /* It may fail, or be stopped, after the account was made. */
    w->touched = downlevel_create(b->s, refused, &why) == 0 || cancel_is_set(b->s->cancel);
    if (cancel_check(b->s->cancel, e) < 0)
        return -1;
    int rc = account_facts(b->s->dir, &n, &f, e);
    if (rc == 0 && f.existing && (w->touched || made_by_us(b, row, &f))) {
        w->touched = true;
        rc = take_over(b, w, &f, &n, true, e);
    } else if (rc == 0) {
        if (!why.code)
            err_cause(&why, CAUSE_ACCOUNT_MISSING);
        batch_fail(b, w, &why);
    }
    account_facts_free(&f);
    return rc;
}

int batch_refused(struct batch *b, struct batch_work *w, const struct err *refused, struct err *e)
{
    struct err why = *refused;
    w->state = WORK_WAITING;
    if (downlevel_wanted(b->s, &why))
        return by_account_functions(b, w, &why, e);
    provision_explain_quota(b->s, &why);
    batch_fail(b, w, &why);
    return 0;
}

int batch_existing(struct batch *b, struct batch_work *w, struct err *e)
{
    struct account_names n;
    struct account_policy p;
    struct account_facts f;
    const char *done = batch_results_done(&b->results, w->row->names.netbios);
    if (done) {
        batch_before(b, w); /* its file was taken away */
        return 0;
    }
    batch_names_of(b, w->row, &n);
    row_policy(b, w->row, &p);
    int rc = account_facts(b->s->dir, &n, &f, e);
    if (rc == 0 && f.existing && (w->touched || made_by_us(b, w->row, &f))) {
        log_notice("%s was made by an interrupted run: it gets a new password", w->row->name);
        rc = take_over(b, w, &f, &n, true, e);
    } else if (rc == 0) {
        account_decide(&f, &n, &p, b->decision);
        if (b->decision->action == ACCOUNT_TAKE_OVER) {
            rc = take_over(b, w, &f, &n, false, e);
        } else if (b->decision->action == ACCOUNT_CREATE) {
            w->exists = false; /* it went meanwhile */
        } else {
            batch_fail(b, w, &b->decision->err);
        }
    }
    account_facts_free(&f);
    return rc;
}

int batch_find_out(struct batch *b, struct batch_work *w, struct err *e)
{
    struct account_names n;
    enum account_outcome outcome = ACCOUNT_UNKNOWN_OUTCOME;
    AUTOFREE char *dn = NULL;
    bool ours = false, same = str_eq(b->host, session_dc(b->s)->host);
    struct err why = {0};
    const struct batch_row *row = w->row;
    batch_names_of(b, row, &n);
    if (account_find_out(b->s->dir, &n, w->flight->sent_at, &outcome, &dn, e) < 0)
        return -1;
    b->s->names = row->names;
    if (outcome == ACCOUNT_DONE && undo_is_ours(b->s, &w->flight->password, &ours, &why) == 0 &&
        ours) {
        w->flight->made = true;
        w->state = WORK_MADE;
        b->n_made++;
        return 0;
    }
    if (same && !why.code) {
        w->exists = dn != NULL;
        batch_begin_again(b, w);
        return 0;
    }
    /* At another controller the account may still be to come: the note of it goes on to count. */
    err_reset(&why);
    err_cause(&why, CAUSE_LIST_UNSURE);
    err_fact(&why, FACT_SERVER, "%s", b->host);
    w->state = WORK_UNSURE;
    b->unsure++;
    batch_fail(b, w, &why);
    return 0;
}

/* ---- the end ---- */

/* What the add did not carry. Best effort. */
static void complete(struct batch *b, struct batch_work *w)
{
    struct err e = {0};
    struct account_about about = {.description = w->row->description};
    if (w->flight->made && w->flight->carried)
        return;
    if (!w->flight->made && account_clear_keys(b->s->dir, w->flight->id.dn, &e) < 0)
        log_notice("%s: keys of the machine before may still work: %s", w->row->name, e.raw);
    err_reset(&e);
    if (account_set_enctypes(b->s->dir, &w->flight->id, PROVISION_ETYPES, &e) < 0)
        log_info("%s: the encryption types are left to the machine: %s", w->row->name, e.raw);
    err_reset(&e);
    if (account_describe(b->s->dir, w->flight->id.dn, &about, &e) < 0)
        log_notice("%s: the description was not written: %s", w->row->name, e.raw);
}

/* Nobody will have its password. */
static void give_up(struct batch *b, struct batch_work *w, struct err *why)
{
    struct err back = {0};
    if (w->flight->made && account_delete(b->s->dir, w->flight->id.dn, false, &back) == 0) {
        err_fact(why, FACT_UNDONE, "%s", w->flight->id.dn);
    } else {
        tell_what_stays(w->flight->id.dn, why);
    }
    batch_fail(b, w, why);
}

static void keep(struct batch *b, struct batch_work *w, struct batch_sealed *sealed)
{
    struct newfile *out = &w->flight->out;
    struct err *why = &sealed->err;
    if (why->code || provision_output_save(out, &sealed->data, why) < 0) {
        give_up(b, w, why);
        return;
    }
    if (out->exposed && b->form.format != OFFLINE_CMS && !b->notice.code) {
        err_cause(&b->notice, CAUSE_OFFLINE_OUTPUT_EXPOSED);
        err_fact(&b->notice, FACT_FILE, "%s", w->row->output);
    }
    test_point("list-output");
    b->done++;
    finish(b, w, ROW_DONE);
}

void batch_save(struct batch *b, struct batch_work *const *list, size_t n)
{
    struct batch_sealed *sealed = xcalloc(n, sizeof *sealed);
    for (size_t i = 0; i < n; i++)
        complete(b, list[i]);
    batch_seal(b, list, n, sealed);
    for (size_t i = 0; i < n; i++) {
        keep(b, list[i], &sealed[i]);
        buf_free(&sealed[i].data);
    }
    free(sealed);
}
