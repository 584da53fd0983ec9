/* Findings of the engine as the pages keep them. */
#include <string.h>

#include "ui/i18n/format.h"
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

/* Several words on the same matter stay beside each other, but for what is said twice. */
void wiz_add_verdict(struct verdict_view *list, size_t *n, const struct verdict_view *v)
{
    for (size_t i = 0; i < *n; i++) {
        if (list[i].check == v->check && list[i].err.cause == v->err.cause) {
            list[i] = *v;
            return;
        }
    }
    if (*n < CHECK__COUNT)
        list[(*n)++] = *v;
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

/* The engine's order is that of no language in particular. */
static int by_name(const void *a, const void *b)
{
    const struct ou_view *x = a, *y = b;
    return format_compare(x->name, y->name);
}

void wiz_take_ous(struct wizard *w, struct engine_msg *m)
{
    size_t at = w->n_ous, n = m->u.ous.n;
    int depth = 0;
    if (n > 1 && format_orders())
        qsort(m->u.ous.list, n, sizeof *m->u.ous.list, by_name);
    if (str_empty(m->u.ous.parent) && !*w->ou_filter)
        w->default_refused = m->u.ous.default_refused;
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
