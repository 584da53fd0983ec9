/* The tree of organizational units. */
#include "ui/model/internal.h"

static bool custom_row(const struct wizard *w)
{
    if (!*w->ou_custom)
        return false;
    for (size_t i = 0; i < w->n_ous; i++) {
        if (str_ieq(w->ous[i].ou.dn, w->ou_custom))
            return false;
    }
    return true;
}

/* Walks the nodes whose ancestors are all open. Returns the node at *index, or NULL with *index
 * lowered. */
static const struct ou_node *visible_node(const struct wizard *w, size_t *index)
{
    int hidden = -1;
    for (size_t i = 0; i < w->n_ous; i++) {
        if (hidden >= 0 && w->ous[i].depth > hidden)
            continue;
        hidden = w->ous[i].open ? -1 : w->ous[i].depth;
        if (*index == 0)
            return &w->ous[i];
        --*index;
    }
    return NULL;
}

const struct ou_node *wizard_ou_at(const struct wizard *w, size_t index, bool *custom)
{
    *custom = false;
    if (index == 0)
        return NULL;
    index--;
    if (custom_row(w)) {
        if (index == 0) {
            *custom = true;
            return NULL;
        }
        index--;
    }
    return visible_node(w, &index);
}

size_t wiz_ou_count(const struct wizard *w)
{
    size_t all = w->n_ous + 1, index = w->n_ous + 1;
    (void)visible_node(w, &index);
    return 1 + custom_row(w) + (all - index);
}

/* The row of the present answer. */
size_t wiz_ou_row(const struct wizard *w)
{
    const char *dn = settings_get(&w->settings, OPT_OU);
    size_t n = wiz_ou_count(w);
    bool custom;
    for (size_t i = 1; *dn && i < n; i++) {
        const struct ou_node *node = wizard_ou_at(w, i, &custom);
        if (str_ieq(node ? node->ou.dn : w->ou_custom, dn))
            return i;
    }
    return 0;
}

/* Where the account may be made has part in what is said about its name. */
void wiz_set_ou(struct wizard *w, const char *dn)
{
    if (str_eq(settings_get(&w->settings, OPT_OU), dn))
        return;
    wiz_set_opt(w, OPT_OU, dn);
    wiz_clear_name(w);
    w->name_warned = false;
}

void wiz_ou_select(struct wizard *w, size_t row)
{
    bool custom;
    const struct ou_node *node = wizard_ou_at(w, row, &custom);
    wiz_set_ou(w, node ? node->ou.dn : custom ? w->ou_custom : "");
}

void wiz_ou_toggle(struct wizard *w, bool open, struct effects *fx)
{
    bool custom;
    const struct ou_node *node = wizard_ou_at(w, w->list[FLD_OUS].sel, &custom);
    if (!node)
        return;
    struct ou_node *n = &w->ous[node - w->ous];
    if (!open) {
        n->open = false;
    } else if (n->loaded) {
        n->open = true;
    } else if (!n->loading) {
        n->loading = true;
        wiz_say(w, SAY_READING_OUS, "");
        wiz_start(w, JOB_OUS, fx);
    }
}
