/* The one batch of questions that a decision needs. */
#include "engine/account/private.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/buf.h"
#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

/* GUID_COMPUTERS_CONTAINER_W, [MS-ADTS] 6.1.1.4 */
#define COMPUTERS_CONTAINER "<WKGUID=AA312825768811D1ADED00C04FD8D5CD,%s>"
#define NEIGHBOURS_MAX      60
#define DNS_HOST_SECONDS    3 /* most that the controller may spend on an unindexed question */

/* The service classes that HOST stands for, as sPNMappings has them ([MS-ADTS] 3.1.1.5.1.3): a
 * controller refuses HOST/x where another account has one of them for x (KB5008382). */
static const char *const host_aliases[] = {
    "alerter",     "appmgmt",      "browser",    "cifs",     "cisvc",       "clipsrv",
    "dcom",        "dhcp",         "dmserver",   "dns",      "dnscache",    "eventlog",
    "eventsystem", "fax",          "http",       "ias",      "iisadmin",    "mcsvc",
    "messenger",   "msdtc",        "msiserver",  "netdde",   "netddedsm",   "netlogon",
    "netman",      "nmagent",      "oakley",     "plugplay", "policyagent", "protectedstorage",
    "rasman",      "remoteaccess", "replicator", "rpc",      "rpclocator",  "rpcss",
    "rsvp",        "samss",        "scardsvr",   "scesrv",   "schedule",    "scm",
    "seclogon",    "snmp",         "spooler",    "tapisrv",  "time",        "trksvr",
    "trkwks",      "ups",          "w3svc",      "wins",     "www",
};

enum { OP_ROOT, OP_DOMAIN, OP_PARTITION, OP_OU, OP_NEIGHBOURS, OP_DNS_HOST, OPS };

struct batch {
    struct dir_op op[OPS];
    char *partitions, *nc_filter, *place, *neighbours, *dns_host;
};

char *account_base_dn(const struct account_names *n)
{
    return str_empty(n->base_dn) ? dn_from_dns(n->domain) : xstrdup(n->base_dn);
}

char *account_config_dn(const struct account_names *n)
{
    if (!str_empty(n->config_dn))
        return xstrdup(n->config_dn);
    AUTOFREE char *base = account_base_dn(n);
    return base ? xasprintf("CN=Configuration,%s", base) : NULL;
}

const char *account_label(const char *fqdn, size_t *len)
{
    *len = strcspn(fqdn, ".");
    return fqdn;
}

bool account_same_label(const char *a, const char *b)
{
    size_t la, lb;
    account_label(a, &la);
    account_label(b, &lb);
    return la == lb && strncasecmp(a, b, la) == 0;
}

void account_spns(const struct account_names *n, struct strv *out)
{
    strv_addf(out, "HOST/%s", n->fqdn);
    strv_addf(out, "RestrictedKrbHost/%s", n->fqdn);
    strv_addf(out, "HOST/%s", n->name);
    strv_addf(out, "RestrictedKrbHost/%s", n->name);
}

/* Everything that could stand in our way, in one filter of indexed attributes. dNSHostName is not:
 * among all objects the controller would look at each, so that question goes by itself, to
 * computers only, and may stay open. */
static char *neighbour_filter(const struct account_names *n)
{
    struct buf b = BUF_INIT(64 * 1024);
    struct strv spns = {0};
    AUTOFREE char *name = filter_escape(n->name);
    AUTOFREE char *fqdn = filter_escape(n->fqdn);
    buf_printf(&b, "(|(sAMAccountName=%s$)(sAMAccountName=%s)(cn=%s)", name, name, name);
    account_spns(n, &spns);
    for (size_t i = 0; i < spns.n; i++) {
        AUTOFREE char *spn = filter_escape(spns.s[i]);
        buf_printf(&b, "(servicePrincipalName=%s)", spn);
    }
    for (size_t i = 0; i < ARRAY_SIZE(host_aliases); i++)
        buf_printf(&b, "(servicePrincipalName=%s/%s)(servicePrincipalName=%s/%s)", host_aliases[i],
                   fqdn, host_aliases[i], name);
    buf_byte(&b, ')');
    strv_free(&spns);
    return buf_steal(&b);
}

static void plan_place(struct account_facts *f, const struct account_names *n, struct batch *b)
{
    f->ou_given = !str_empty(n->ou);
    if (!f->ou_given) {
        b->place = xasprintf(COMPUTERS_CONTAINER, f->base_dn);
        return;
    }
    b->place = dn_normalise(n->ou);
    f->ou_malformed = !b->place || !*b->place;
    f->ou_outside = !f->ou_malformed && !dn_is_under(b->place, f->base_dn);
    f->ou_dn = xstrdup(b->place ? b->place : n->ou);
}

static void plan(struct account_facts *f, const struct account_names *n, struct batch *b)
{
    static const char *const root_attrs[] = {"tokenGroups", "vendorName", NULL};
    static const char *const domain_attrs[] = {"objectSid", "ms-DS-MachineAccountQuota",
                                               "msDS-AllowedDNSSuffixes", NULL};
    static const char *const name_only[] = {"sAMAccountName", NULL};
    static const char *const partition_attrs[] = {"nETBIOSName", NULL};
    static const char *const ou_attrs[] = {"objectClass", ATTR_MAY_CREATE, NULL};
    AUTOFREE char *config = account_config_dn(n);
    AUTOFREE char *base = filter_escape(f->base_dn);
    b->partitions = xasprintf("CN=Partitions,%s", config);
    b->nc_filter = xasprintf("(nCName=%s)", base);
    AUTOFREE char *fqdn = filter_escape(n->fqdn);
    b->neighbours = neighbour_filter(n);
    b->dns_host = xasprintf("(&(objectCategory=computer)(dNSHostName=%s))", fqdn);
    plan_place(f, n, b);
    b->op[OP_ROOT] =
        (struct dir_op){.kind = DIR_SEARCH, .base = "", .attrs = root_attrs, .limit = 1};
    b->op[OP_DOMAIN] =
        (struct dir_op){.kind = DIR_SEARCH, .base = f->base_dn, .attrs = domain_attrs, .limit = 1};
    b->op[OP_PARTITION] = (struct dir_op){.kind = DIR_SEARCH,
                                          .base = b->partitions,
                                          .scope = DIR_ONE,
                                          .filter = b->nc_filter,
                                          .attrs = partition_attrs,
                                          .limit = 1};
    b->op[OP_OU] =
        (struct dir_op){.kind = DIR_SEARCH, .base = b->place, .attrs = ou_attrs, .limit = 1};
    b->op[OP_NEIGHBOURS] = (struct dir_op){.kind = DIR_SEARCH,
                                           .base = f->base_dn,
                                           .scope = DIR_SUB,
                                           .filter = b->neighbours,
                                           .attrs = account_object_attrs,
                                           .limit = NEIGHBOURS_MAX,
                                           .sd_flags = 1 | 4};
    b->op[OP_DNS_HOST] = (struct dir_op){.kind = DIR_SEARCH,
                                         .base = f->base_dn,
                                         .scope = DIR_SUB,
                                         .filter = b->dns_host,
                                         .attrs = name_only,
                                         .limit = 4,
                                         .time_limit = DNS_HOST_SECONDS};
}

static void batch_free(struct batch *b)
{
    for (size_t i = 0; i < OPS; i++)
        dir_op_free(&b->op[i]);
    free(b->partitions);
    free(b->nc_filter);
    free(b->place);
    free(b->neighbours);
    free(b->dns_host);
}

static void take_root(struct account_facts *f, const struct dir_op *op)
{
    if (op->rc != 0 || op->n_entries != 1)
        return;
    const char *vendor = dir_text(&op->entries[0], "vendorName");
    free(f->vendor);
    f->vendor = xstrdup(vendor ? vendor : "");
    const struct dir_attr *a = dir_attr(&op->entries[0], "tokenGroups");
    for (size_t i = 0; a && i < a->n; i++) {
        struct sid s;
        if (sid_from_bytes(&s, a->vals[i].data, a->vals[i].len) < 0)
            continue;
        f->groups = xrealloc_array(f->groups, f->n_groups + 1, sizeof *f->groups);
        f->groups[f->n_groups++] = s;
    }
    /* Both servers name the user before its groups; account_more_facts corrects it where that
     * matters. */
    if (f->n_groups && f->groups[0].n_subs == 5)
        f->user = f->groups[0];
}

static int take_domain(struct dir *d, struct account_facts *f, const struct dir_op *op,
                       struct err *e)
{
    if (account_answer(d, ACCOUNT_OP_READ, op, e) < 0)
        return -1;
    if (op->n_entries != 1 || !dir_sid(&op->entries[0], "objectSid", &f->domain_sid)) {
        err_cause(e, CAUSE_DC_LIED);
        err_fact(e, FACT_SERVER, "%s", dir_host(d));
        err_fact(e, FACT_OBJECT, "%s", f->base_dn);
        return -1;
    }
    f->has_quota = dir_u32(&op->entries[0], "ms-DS-MachineAccountQuota", &f->quota);
    dir_texts(&op->entries[0], "msDS-AllowedDNSSuffixes", &f->suffixes);
    return 0;
}

static bool can_hold_computers(const struct dir_entry *en)
{
    static const char *const classes[] = {"organizationalUnit", "container", "domainDNS",
                                          "builtinDomain"};
    for (size_t i = 0; i < ARRAY_SIZE(classes); i++) {
        if (dir_has_value(en, "objectClass", classes[i]))
            return true;
    }
    return false;
}

static int take_ou(struct dir *d, struct account_facts *f, const struct dir_op *op, struct err *e)
{
    if (!op->sent || op->rc == 32 || op->rc == 34 || op->rc == 10 ||
        (op->rc == 0 && op->n_entries == 0)) {
        f->ou_malformed |= op->rc == 34;
        f->ou_outside |= op->rc == 10;
        return 0;
    }
    if (account_answer(d, ACCOUNT_OP_READ_OU, op, e) < 0)
        return -1;
    const struct dir_entry *en = &op->entries[0];
    f->ou_found = true;
    free(f->ou_dn);
    f->ou_dn = xstrdup(en->dn);
    bool may = dir_has_value(en, ATTR_MAY_CREATE, CLASS_COMPUTER);
    f->may_create = may ? ACCOUNT_YES : ACCOUNT_NO;
    f->ou_container = may || can_hold_computers(en);
    return 0;
}

static void add_clash(struct account_facts *f, const char *spn, const char *dn, bool alias)
{
    f->clashes = xrealloc_array(f->clashes, f->n_clashes + 1, sizeof *f->clashes);
    f->clashes[f->n_clashes++] = (struct account_clash){xstrdup(spn), xstrdup(dn), alias};
}

/* "http/kiosk1" and "HOST/KIOSK1" name the same host. */
static bool is_alias_of(const char *spn, const char *ours)
{
    const char *host = strchr(spn, '/'), *our_host = strchr(ours, '/');
    if (!host || !our_host || strncasecmp(ours, "HOST/", 5) != 0 || !str_ieq(host, our_host))
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(host_aliases); i++) {
        if (strlen(host_aliases[i]) == (size_t)(host - spn) &&
            strncasecmp(spn, host_aliases[i], (size_t)(host - spn)) == 0)
            return true;
    }
    return false;
}

static void look_for_clashes(struct account_facts *f, const struct account_names *n,
                             const struct dir_entry *en)
{
    struct strv ours = {0}, theirs = {0};
    account_spns(n, &ours);
    dir_texts(en, "servicePrincipalName", &theirs);
    for (size_t i = 0; i < ours.n && f->n_clashes < 16; i++) {
        if (strv_has_icase(&theirs, ours.s[i]))
            add_clash(f, ours.s[i], en->dn, false);
        for (size_t j = 0; j < theirs.n; j++) {
            if (is_alias_of(theirs.s[j], ours.s[i]))
                add_clash(f, ours.s[i], en->dn, true);
        }
    }
    strv_free(&ours);
    strv_free(&theirs);
}

static void replace(char **p, const char *s)
{
    free(*p);
    *p = xstrdup(s);
}

static bool is_our_account(const struct account_names *n, const char *sam)
{
    size_t len = strlen(n->name);
    return sam && strncasecmp(sam, n->name, len) == 0 && str_eq(sam + len, "$");
}

static void take_dns_host(struct account_facts *f, const struct account_names *n,
                          const struct dir_op *op)
{
    for (size_t i = 0; i < op->n_entries; i++) {
        if (!is_our_account(n, dir_text(&op->entries[i], "sAMAccountName")))
            replace(&f->dns_host_dn, op->entries[i].dn);
    }
}

static void take_neighbour(struct account_facts *f, const struct account_names *n,
                           const struct dir_entry *en)
{
    const char *sam = dir_text(en, "sAMAccountName");
    if (is_our_account(n, sam)) {
        if (!f->existing)
            f->existing = account_object_new(en, f);
        return;
    }
    if (sam && str_ieq(sam, n->name))
        replace(&f->user_dn, en->dn);
    AUTOFREE char *ours = f->ou_found ? dn_child("CN", n->name, f->ou_dn) : NULL;
    if (ours && dn_equal(ours, en->dn))
        replace(&f->same_dn, en->dn);
    look_for_clashes(f, n, en);
}

static int take_answers(struct dir *d, struct account_facts *f, const struct account_names *n,
                        struct batch *b, struct err *e)
{
    take_root(f, &b->op[OP_ROOT]);
    if (take_domain(d, f, &b->op[OP_DOMAIN], e) < 0 || take_ou(d, f, &b->op[OP_OU], e) < 0 ||
        account_answer(d, ACCOUNT_OP_READ, &b->op[OP_NEIGHBOURS], e) < 0)
        return -1;
    const struct dir_op *part = &b->op[OP_PARTITION];
    const char *netbios =
        part->rc == 0 && part->n_entries ? dir_text(&part->entries[0], "nETBIOSName") : NULL;
    f->netbios = xstrdup(netbios ? netbios : "");
    for (size_t i = 0; i < b->op[OP_NEIGHBOURS].n_entries; i++)
        take_neighbour(f, n, &b->op[OP_NEIGHBOURS].entries[i]);
    take_dns_host(f, n, &b->op[OP_DNS_HOST]);
    return 0;
}

int account_facts(struct dir *d, const struct account_names *n, struct account_facts *f,
                  struct err *e)
{
    struct batch b = {0};
    struct dir_op *ops[OPS];
    size_t n_ops = 0;
    *f = (struct account_facts){.vendor = xstrdup("")};
    f->base_dn = account_base_dn(n);
    if (!f->base_dn) {
        err_cause(e, CAUSE_DOMAIN_NAME_BAD);
        err_fact(e, FACT_DOMAIN, "%s", n->domain ? n->domain : "");
        return -1;
    }
    plan(f, n, &b);
    for (size_t i = 0; i < OPS; i++) {
        if (i != OP_OU || (!f->ou_malformed && !f->ou_outside))
            ops[n_ops++] = &b.op[i];
    }
    int rc = dir_run(d, ops, n_ops, e);
    if (rc == 0)
        rc = take_answers(d, f, n, &b, e);
    batch_free(&b);
    return rc < 0 ? -1 : account_more_facts(d, f, e);
}

void account_facts_free(struct account_facts *f)
{
    free(f->base_dn);
    free(f->netbios);
    free(f->vendor);
    strv_free(&f->suffixes);
    free(f->ou_dn);
    free(f->ou_nearest);
    account_object_free(f->existing);
    free(f->user_dn);
    free(f->same_dn);
    free(f->dns_host_dn);
    for (size_t i = 0; i < f->n_clashes; i++) {
        free(f->clashes[i].spn);
        free(f->clashes[i].dn);
    }
    free(f->clashes);
    free(f->groups);
    free(f->user_name);
    free(f->owner_name);
    free(f->creator_name);
    *f = (struct account_facts){0};
}
