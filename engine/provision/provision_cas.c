#include "engine/provision/provision_cas.h"

#include <stdio.h>
#include <string.h>

#include "engine/crypto/certs.h"
#include "engine/offline/package.h"

#define SERVICES_MAX 200
#define KEY_SERVICES "CN=Public Key Services,CN=Services"

enum { ASK_SERVICES, ASK_AIA, ASK_ROOTS, ASKS };

static int ask(struct session *s, struct dir_op op[ASKS], struct err *e)
{
    static const char *const attrs[] = {"certificateTemplates", "cACertificate", NULL};
    static const char *const under[ASKS] = {"CN=Enrollment Services", "CN=AIA",
                                            "CN=Certification Authorities"};
    char *base[ASKS];
    struct dir_op *ops[ASKS];
    for (size_t i = 0; i < ASKS; i++) {
        base[i] = xasprintf("%s,%s,%s", under[i], KEY_SERVICES, s->root_dse.config_nc);
        op[i] = (struct dir_op){.kind = DIR_SEARCH,
                                .base = base[i],
                                .scope = DIR_ONE,
                                .attrs = attrs,
                                .limit = SERVICES_MAX};
        ops[i] = &op[i];
    }
    int r = dir_run(s->dir, ops, ASKS, e);
    for (size_t i = 0; i < ASKS; i++)
        free(base[i]);
    return r;
}

/* Renewed authorities have several. What an administrator put there that is none is passed over. */
static void add_all(const struct dir_entry *en, struct certs *list)
{
    const struct dir_attr *a = dir_attr(en, "cACertificate");
    for (size_t i = 0; a && i < a->n; i++) {
        struct err bad = {0};
        if (a->vals[i].len > 1 && certs_add(a->vals[i].data, a->vals[i].len, list, &bad) < 0)
            log_info("%s: a certificate that cannot be read", en->dn);
    }
}

static bool add_issuers_of(const struct dir_op *services, const char *template, struct certs *list)
{
    bool found = false;
    for (size_t i = 0; i < services->n_entries; i++) {
        const struct dir_entry *en = &services->entries[i];
        if (!dir_has_value(en, "certificateTemplates", template))
            continue;
        found = true;
        add_all(en, list);
    }
    return found;
}

/* From each certificate on to its issuer, as long as the pool has one that is new. */
static int complete_chain(struct certs *list, const struct certs *pool, struct err *e)
{
    for (size_t i = 0; i < list->n; i++) {
        AUTOFREE char *issuer = certs_issuer(list->der[i].data, list->der[i].len);
        for (size_t k = 0; issuer && k < pool->n; k++) {
            const struct buf *c = &pool->der[k];
            AUTOFREE char *subject = certs_subject(c->data, c->len);
            if (str_eq(subject, issuer) && certs_add(c->data, c->len, list, e) < 0)
                return -1;
        }
    }
    return 0;
}

static int collect(const struct dir_op op[ASKS], const struct strv *templates, struct certs *list,
                   struct err *e)
{
    struct certs pool = {0};
    for (size_t i = 0; i < templates->n; i++) {
        if (!add_issuers_of(&op[ASK_SERVICES], templates->s[i], list)) {
            err_cause(e, CAUSE_TEMPLATE_UNKNOWN);
            err_fact(e, FACT_NAME, "%s", templates->s[i]);
            return -1;
        }
    }
    for (size_t a = ASK_AIA; a < ASKS; a++) {
        for (size_t i = 0; i < op[a].n_entries; i++)
            add_all(&op[a].entries[i], &pool);
    }
    int r = complete_chain(list, &pool, e);
    certs_free(&pool);
    return r;
}

int provision_template_chains(struct session *s, const struct strv *templates,
                              struct odj_certificates *part, struct err *e)
{
    struct dir_op op[ASKS];
    struct certs list = {0};
    int r = ask(s, op, e);
    if (r == 0)
        r = collect(op, templates, &list, e);
    if (r == 0)
        r = package_chain(part, &list, e);
    certs_free(&list);
    for (size_t i = 0; i < ASKS; i++)
        dir_op_free(&op[i]);
    return r;
}
