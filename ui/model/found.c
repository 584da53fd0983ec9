/* Findings of the engine as the pages keep them. */
#include <string.h>

#include "ui/model/internal.h"

void wiz_clear_domain(struct wizard *w)
{
    domain_view_free(&w->domain);
    w->domain = (struct domain_view){0};
    for (size_t i = 0; i < w->n_dcs; i++)
        dc_view_free(&w->dcs[i]);
    free(w->dcs);
    w->dcs = NULL;
    w->n_dcs = w->n_found = 0;
    w->domain_known = KNOWN_NOT;
}

static void node_free(struct ou_node *n)
{
    ou_view_free(&n->ou);
}

void wiz_clear_ous(struct wizard *w)
{
    for (size_t i = 0; i < w->n_ous; i++)
        node_free(&w->ous[i]);
    free(w->ous);
    w->ous = NULL;
    w->n_ous = 0;
    w->ous_known = KNOWN_NOT;
}

void wiz_clear_plan(struct wizard *w)
{
    if (w->details_change)
        wiz_close_overlay(w);
    w->details_change = NULL;
    for (size_t i = 0; i < w->n_changes; i++)
        change_view_free(&w->changes[i]);
    free(w->changes);
    w->changes = NULL;
    w->n_changes = w->n_warnings = 0;
    w->plan_known = KNOWN_NOT;
    err_reset(&w->plan_err);
}

void wiz_clear_name(struct wizard *w)
{
    name_view_free(&w->name);
    w->name = (struct name_view){0};
    w->name_known = KNOWN_NOT;
}

void wiz_clear_status(struct wizard *w)
{
    status_view_free(&w->status_view);
    w->status_view = (struct status_view){0};
    w->status_known = KNOWN_NOT;
}

void wiz_keep_verdict(struct verdict_view *list, size_t *n, const struct verdict_view *v)
{
    for (size_t i = 0; i < *n; i++) {
        if (list[i].check == v->check) {
            list[i] = *v;
            return;
        }
    }
    if (*n < CHECK__COUNT)
        list[(*n)++] = *v;
}

/* A row that is there keeps its place, so that nothing moves under the cursor; new ones come last.
 */
void wiz_take_dc(struct wizard *w, struct dc_view *dc)
{
    for (size_t i = 0; i < w->n_dcs; i++) {
        if (dc->host && str_ieq(w->dcs[i].host, dc->host)) {
            dc_view_free(&w->dcs[i]);
            w->dcs[i] = *dc;
            *dc = (struct dc_view){0};
            return;
        }
    }
    if (w->n_dcs >= 500)
        return;
    w->dcs = xrealloc_array(w->dcs, w->n_dcs + 1, sizeof *w->dcs);
    w->dcs[w->n_dcs++] = *dc;
    *dc = (struct dc_view){0};
}

void wiz_take_ous(struct wizard *w, struct engine_msg *m)
{
    size_t at = w->n_ous, n = m->u.ous.n;
    int depth = 0;
    if (w->n_ous + n > 20000)
        n = w->n_ous < 20000 ? 20000 - w->n_ous : 0;
    for (size_t i = 0; m->u.ous.parent && *m->u.ous.parent && i < w->n_ous; i++) {
        if (!str_eq(w->ous[i].ou.dn, m->u.ous.parent))
            continue;
        depth = w->ous[i].depth + 1;
        at = i + 1;
        while (at < w->n_ous && w->ous[at].depth >= depth)
            at++;
        w->ous[i].more = m->u.ous.more;
        break;
    }
    if (n == 0)
        return;
    w->ous = xrealloc_array(w->ous, w->n_ous + n, sizeof *w->ous);
    memmove(w->ous + at + n, w->ous + at, (w->n_ous - at) * sizeof *w->ous);
    for (size_t i = 0; i < n; i++) {
        w->ous[at + i] = (struct ou_node){.ou = m->u.ous.list[i], .depth = depth};
        m->u.ous.list[i] = (struct ou_view){0};
        if (*w->ou_filter)
            w->ous[at + i].loaded = true; /* a flat list of hits */
    }
    w->n_ous += n;
    if (depth == 0 && m->u.ous.more && w->n_ous)
        w->ous[w->n_ous - 1].more = true;
}

void wiz_take_change(struct wizard *w, struct change_view *c)
{
    if (w->n_changes >= 500)
        return;
    w->changes = xrealloc_array(w->changes, w->n_changes + 1, sizeof *w->changes);
    w->changes[w->n_changes++] = *c;
    *c = (struct change_view){0};
}

static void add_row(struct wizard *w, struct review_row row)
{
    w->review = xrealloc_array(w->review, w->n_review + 1, sizeof *w->review);
    w->review[w->n_review++] = row;
}

static void heading(struct wizard *w, enum review_heading h)
{
    add_row(w, (struct review_row){.kind = REVIEW_HEADING, .number = h});
}

static void answer(struct wizard *w, enum page p, enum opt o)
{
    if (wizard_on_page(w, p))
        add_row(w, (struct review_row){.kind = REVIEW_ANSWER, .page = p, .opt = o});
}

/* The mask as it goes to the engine, and the flags in it where they have a page of their own. */
static void flags(struct wizard *w)
{
    static const enum page pages[] = {PAGE_FLAGS, PAGE_LEAVE, PAGE_RENAME};
    for (size_t p = 0; p < ARRAY_SIZE(pages); p++) {
        if (!wizard_on_page(w, pages[p]))
            continue;
        heading(w, HEAD_FLAGS);
        add_row(w, (struct review_row){.kind = REVIEW_MASK, .page = pages[p]});
    }
    for (size_t i = 0; i < flag_count() && wizard_on_page(w, PAGE_FLAGS); i++) {
        if ((flag_at(i)->ops & FLAG_FOR_JOIN) && settings_bool(&w->settings, flag_at(i)->opt))
            answer(w, PAGE_FLAGS, flag_at(i)->opt);
    }
}

/* The mode's answers are rows that lead to their pages; a mode without any has no heading. */
static void answers(struct wizard *w)
{
    heading(w, HEAD_ANSWERS);
    answer(w, PAGE_DOMAIN, OPT_DOMAIN);
    answer(w, PAGE_CONTROLLER, OPT_CONTROLLER);
    if (*settings_get(&w->settings, OPT_SITE))
        answer(w, PAGE_CONTROLLER, OPT_SITE);
    answer(w, PAGE_LEAVE, OPT_FLAG_ACCT_DELETE);
    answer(w, PAGE_WORKGROUP, OPT_WORKGROUP);
    answer(w, PAGE_RENAME, OPT_MACHINE_NAME);
    if (*settings_get(&w->settings, OPT_FQDN))
        answer(w, PAGE_RENAME, OPT_FQDN);
    answer(w, PAGE_RENAME, OPT_FLAG_ACCT_CREATE);
    if (settings_bool(&w->settings, OPT_FLAG_DNS_NAME_CHANGES_ONLY))
        answer(w, PAGE_RENAME, OPT_FLAG_DNS_NAME_CHANGES_ONLY);
    answer(w, PAGE_CREDENTIALS, OPT_ACCOUNT);
    answer(w, PAGE_OU, OPT_OU);
    answer(w, PAGE_NAME, OPT_MACHINE_NAME);
    if (*settings_get(&w->settings, OPT_FQDN))
        answer(w, PAGE_NAME, OPT_FQDN);
    if (settings_bool(&w->settings, OPT_REUSE_OVERRIDE))
        answer(w, PAGE_NAME, OPT_REUSE_OVERRIDE);
    if (w->review[w->n_review - 1].kind == REVIEW_HEADING)
        w->n_review--;
    if (wizard_on_page(w, PAGE_HOST)) {
        static const enum opt host[] = {OPT_IDENTITY,         OPT_LOGIN,       OPT_ADMINISTRATORS,
                                        OPT_HOME_DIRECTORIES, OPT_SHORT_NAMES, OPT_TIME,
                                        OPT_RESTART};
        heading(w, HEAD_HOST);
        for (size_t i = 0; i < ARRAY_SIZE(host); i++)
            answer(w, PAGE_HOST, host[i]);
    }
    flags(w);
}

static void changes(struct wizard *w, bool stays)
{
    bool any = false;
    for (size_t i = 0; i < w->n_changes; i++) {
        if ((w->changes[i].kind == CHANGE_NONE) != stays)
            continue;
        if (!any)
            heading(w, stays ? HEAD_STAYS : HEAD_CHANGES);
        any = true;
        add_row(
            w, (struct review_row){.kind = stays ? REVIEW_STAYS : REVIEW_CHANGE, .number = (int)i});
    }
}

const struct err *wizard_review_fault(const struct wizard *w)
{
    if (w->plan_err.code)
        return &w->plan_err;
    for (size_t i = 0; i < w->n_warnings; i++) {
        if (w->warnings[i].verdict == VERDICT_FAIL)
            return &w->warnings[i].err;
    }
    return NULL;
}

/* Known beforehand: programs that run keep the old name or membership in mind. */
static bool restarts(const struct wizard *w)
{
    return w->n_changes && w->machine.live &&
           (wizard_flow(w) & (FLOW_JOIN | FLOW_WORKGROUP | FLOW_RENAME));
}

void wiz_build_review(struct wizard *w)
{
    w->n_review = 0;
    bool advice = wizard_default_password(w);
    if (w->n_warnings || w->plan_err.code || advice) {
        heading(w, HEAD_WARNINGS);
        if (advice)
            add_row(w, (struct review_row){.kind = REVIEW_ADVICE, .page = PAGE_CREDENTIALS});
        if (w->plan_err.code)
            add_row(w, (struct review_row){.kind = REVIEW_WARNING, .number = -1});
        for (size_t i = 0; i < w->n_warnings; i++)
            add_row(w, (struct review_row){.kind = REVIEW_WARNING, .number = (int)i});
    }
    answers(w);
    changes(w, false);
    if (restarts(w))
        add_row(w, (struct review_row){.kind = REVIEW_RESTART});
    changes(w, true);
    if (w->list[FLD_REVIEW].sel >= w->n_review)
        w->list[FLD_REVIEW].sel = 0;
}
