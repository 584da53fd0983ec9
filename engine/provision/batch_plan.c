/* What a list will change, and what stands against its rows; nothing is written. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/host/newfile.h"
#include "engine/provision/batch.h"

#define SHOWN_MAX 20 /* machines that the review names one by one */

static void show_rows(struct batch *b)
{
    size_t shown = 0, more = 0;
    for (size_t i = 0; i < b->list.n; i++) {
        const struct batch_row *r = &b->list.row[i];
        if (r->err)
            continue;
        if (shown++ >= SHOWN_MAX) {
            more++;
            continue;
        }
        report_change(b->s->r, CHANGE_DIRECTORY, r->names.account,
                      N_("A computer account for each machine of the list"), r->output);
    }
    if (more) {
        AUTOFREE char *n = xasprintf("+ %zu", more);
        report_change(b->s->r, CHANGE_DIRECTORY, n, N_("And as many other machines of the list"),
                      "");
    }
    AUTOFREE char *results = batch_results_path(settings_get(b->s->s, OPT_OFFLINE_RESULTS),
                                                settings_get(b->s->s, OPT_OFFLINE_BATCH));
    report_change(b->s->r, CHANGE_FILE, results, N_("What became of each machine of the list"), "");
}

/* A place stands for all rows that have it. */
static int judge_places(struct batch *b, struct err *e)
{
    struct account_names n;
    struct account_policy p;
    struct batch_place *place;
    provision_policy_of(b->s->s, &p);
    for (size_t i = 0; i < b->list.n; i++) {
        size_t known = b->n_place;
        if (b->list.row[i].err)
            continue;
        if (batch_place_of(b, &b->list.row[i], &place, e) < 0)
            return -1;
        if (b->n_place == known)
            continue;
        batch_names_of(b, &b->list.row[i], &n);
        account_decide(&place->facts, &n, &p, b->decision);
        if (b->decision->action == ACCOUNT_REFUSE)
            report_verdict(b->s->r, CHECK_OU, VERDICT_FAIL, &b->decision->err);
    }
    return 0;
}

/* One question; the names that the directory has are added to `taken`. */
static int ask_names(struct batch *b, struct account_many *m, struct buf *taken, struct err *e)
{
    struct account_id id[ACCOUNT_MANY_MAX];
    account_many_ask(m);
    int rc = dir_run1(b->s->dir, &m->op, e);
    if (rc == 0)
        rc = account_many_take(b->s->dir, m, id, e);
    for (size_t i = 0; rc == 0 && i < m->n; i++) {
        if (id[i].dn)
            buf_printf(taken, "%s%s", taken->len ? ", " : "", m->name[i]);
        account_id_free(&id[i]);
    }
    account_many_free(m);
    return rc;
}

/* Names that are there already: of an earlier run, to be reused, or somebody else's. */
static int look_for_names(struct batch *b, struct err *e)
{
    struct buf taken = BUF_INIT(1u << 20);
    struct account_many m = {.base = b->s->root_dse.default_nc};
    struct err why = {0};
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < b->list.n; i++) {
        if (!b->list.row[i].err)
            m.name[m.n++] = b->list.row[i].names.netbios;
        if (m.n == ACCOUNT_MANY_MAX || (m.n && i + 1 == b->list.n)) {
            rc = ask_names(b, &m, &taken, e);
            m = (struct account_many){.base = b->s->root_dse.default_nc};
        }
    }
    if (rc == 0 && taken.len) {
        err_cause(&why, CAUSE_PROVISION_NAME_TAKEN);
        err_fact(&why, FACT_NAME, "%s", buf_text(&taken));
        report_verdict(b->s->r, CHECK_NAME, VERDICT_NOTICE, &why);
    }
    buf_free(&taken);
    return rc;
}

/* The first folder that takes no files; what already stands in one is the rows' own matter. */
static void look_at_folders(const struct batch *b)
{
    struct err e = {0};
    const char *last = NULL;
    size_t n_last = 0;
    for (size_t i = 0; i < b->list.n; i++) {
        const struct batch_row *r = &b->list.row[i];
        const char *slash = strrchr(r->output, '/');
        size_t n = slash ? (size_t)(slash - r->output) : 0;
        if (r->err || !*r->output || (last && n == n_last && strncmp(r->output, last, n) == 0))
            continue;
        last = r->output;
        n_last = n;
        if (newfile_look(r->output, true) == 0)
            continue;
        int no = errno;
        (void)!err_errno(&e, CAUSE_OFFLINE_OUTPUT_FAILED, no, r->output);
        report_verdict(b->s->r, CHECK_OUTPUT, VERDICT_FAIL, &e);
        break;
    }
    err_reset(&e);
}

int batch_plan(struct session *s, struct err *e)
{
    struct batch b = {.s = s};
    struct err why = {0};
    int rc = 0;
    if (batch_load(s, &b.list, &b.path, &why) < 0) {
        report_verdict(s->r, CHECK_FILES, VERDICT_FAIL, &why);
    } else {
        b.decision = xcalloc(1, sizeof *b.decision);
        batch_list_set_domain(&b.list, s->loc->domain.dns, s->loc->domain.netbios);
        if (s->r->job == JOB_PLAN)
            show_rows(&b);
        for (size_t i = 0; i < b.list.n; i++) {
            if (b.list.row[i].err)
                report_verdict(s->r, CHECK_NAME, VERDICT_FAIL, b.list.row[i].err);
        }
        look_at_folders(&b);
        rc = judge_places(&b, e);
        if (rc == 0)
            rc = look_for_names(&b, e);
    }
    for (size_t i = 0; i < b.n_place; i++) {
        account_facts_free(&b.place[i].facts);
        free(b.place[i].ou);
    }
    free(b.place);
    batch_list_free(&b.list);
    free(b.decision);
    free(b.path);
    return rc;
}
