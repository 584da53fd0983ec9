/* What is known before the first row. */
#include <stdio.h>
#include <string.h>

#include "engine/model/csv.h"
#include "engine/provision/batch.h"

static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup("");
}

static bool is_folder(struct session *s, const char *path)
{
    struct host_meta m;
    struct err ignored = {0};
    AUTOFREE char *whole = provision_path(path);
    return *path && host_stat(s->here, whole, &m, &ignored) == 0 && m.kind == HOST_DIR;
}

int batch_load(struct session *s, struct batch_list *l, char **path, struct err *e)
{
    struct buf b = BUF_INIT(CSV_BYTES_MAX);
    *path = provision_path(settings_get(s->s, OPT_OFFLINE_BATCH));
    *l = (struct batch_list){0};
    int rc = host_read(s->here, *path, &b, e);
    if (rc == 0) {
        AUTOFREE char *folder = folder_of(*path);
        rc = batch_list_read(b.data, b.len, s->s, folder,
                             is_folder(s, settings_get(s->s, OPT_OFFLINE_OUTPUT)), l, e);
    }
    buf_free(&b);
    if (rc < 0)
        err_fact(e, FACT_FILE, "%s", *path);
    return rc;
}

void batch_names_of(struct batch *b, const struct batch_row *row, struct account_names *n)
{
    struct session *s = b->s;
    *n = (struct account_names){
        .name = row->names.netbios,
        .fqdn = row->names.fqdn,
        .domain = s->loc->domain.dns,
        .base_dn = s->root_dse.default_nc,
        .config_dn = s->root_dse.config_nc,
        .ou = row->ou,
    };
}

/* Facts about a name are asked for together with those about a place; here they belong to no row.
 */
static void drop_name_facts(struct account_facts *f)
{
    struct account_facts name = {
        .existing = TAKE(f->existing),
        .user_dn = TAKE(f->user_dn),
        .same_dn = TAKE(f->same_dn),
        .dns_host_dn = TAKE(f->dns_host_dn),
        .clashes = TAKE(f->clashes),
        .n_clashes = f->n_clashes,
        .owner_name = TAKE(f->owner_name),
        .creator_name = TAKE(f->creator_name),
    };
    f->n_clashes = 0;
    f->owner_is_admin = ACCOUNT_UNKNOWN;
    account_facts_free(&name);
}

int batch_place_of(struct batch *b, const struct batch_row *row, struct batch_place **ret,
                   struct err *e)
{
    struct account_names n;
    /* Neighbours in the list mostly share their place. */
    for (size_t i = b->n_place; i-- > 0;) {
        if (str_eq(b->place[i].ou, row->ou)) {
            *ret = &b->place[i];
            return 0;
        }
    }
    struct batch_place p = {0};
    batch_names_of(b, row, &n);
    if (account_facts(b->s->dir, &n, &p.facts, e) < 0) {
        account_facts_free(&p.facts);
        return -1;
    }
    drop_name_facts(&p.facts);
    p.ou = xstrdup(row->ou);
    b->place = xrealloc_array(b->place, b->n_place + 1, sizeof *b->place);
    b->place[b->n_place] = p;
    *ret = &b->place[b->n_place++];
    return 0;
}

static int prepare_domain(struct batch *b, struct err *e)
{
    struct session *s = b->s;
    struct batch_place *p;
    size_t i = 0;
    while (i < b->list.n && b->list.row[i].err)
        i++;
    if (i == b->list.n)
        return 0; /* nothing will be sent */
    report_step(s->r, STEP_FACTS);
    if (batch_place_of(b, &b->list.row[i], &p, e) < 0)
        return -1;
    provision_domain_of(s, &b->domain);
    b->domain.sid = p->facts.domain_sid;
    report_ok(s->r, NULL, NULL);
    provision_others_open(s, &b->others);
    return provision_parts_load(s, &b->parts, e);
}

int batch_prepare(struct batch *b, struct err *e)
{
    struct session *s = b->s;
    report_step(s->r, STEP_NAMES);
    if (batch_load(s, &b->list, &b->path, e) < 0 || provision_form_load(s, &b->form, e) < 0)
        return -1;
    report_ok(s->r, N_("machines in the list: {1}"), number_text((long)b->list.n), NULL);
    if (provision_connect(s, e) < 0)
        return -1;
    batch_list_set_domain(&b->list, s->loc->domain.dns, s->loc->domain.netbios);
    AUTOFREE char *answer = *settings_get(s->s, OPT_OFFLINE_RESULTS)
                                ? provision_path(settings_get(s->s, OPT_OFFLINE_RESULTS))
                                : xstrdup("");
    if (batch_results_open(&b->results, s->here, answer, b->path, s->loc->domain.dns, e) < 0)
        return -1;
    b->results_open = true;
    (void)session_skew(s, &b->results.skew);
    b->decision = xcalloc(1, sizeof *b->decision);
    b->work = xcalloc(b->list.n, sizeof *b->work);
    for (size_t i = 0; i < b->list.n; i++)
        b->work[i].row = &b->list.row[i];
    b->host = xstrdup(session_dc(s)->host);
    return prepare_domain(b, e);
}
