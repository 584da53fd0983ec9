/* A rename before anything is written: names, this machine's files, the account, the verdicts. */
#include "engine/flow/rename.h"

#include <stdio.h>
#include <string.h>

#include "engine/wire/dn.h"

int rename_member(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    if (membership_is_controller(s->target))
        return err_cause(e, CAUSE_MACHINE_IS_DC);
    if (membership_load(s->target, &r->m, e) < 0)
        return -1;
    if (r->m.state != MEMBER_DOMAIN)
        return err_cause(e, CAUSE_NOT_JOINED);
    if (str_eq(r->m.rec.identity, "winbind"))
        return err_cause(e, CAUSE_WINBIND_RENAME);
    r->account = settings_bool(s->s, OPT_FLAG_ACCT_CREATE);
    return 0;
}

/* ---- names ---- */

void rename_old_names(const struct enroll_record *rec, struct machine_names *n)
{
    *n = (struct machine_names){0};
    snprintf(n->netbios, sizeof n->netbios, "%s", rec->computer);
    snprintf(n->account, sizeof n->account, "%.15s$", rec->computer);
    if (*rec->fqdn)
        snprintf(n->fqdn, sizeof n->fqdn, "%s", rec->fqdn);
    else
        snprintf(n->fqdn, sizeof n->fqdn, "%s.%s", rec->computer, rec->domain);
    str_lower(n->fqdn);
    snprintf(n->label, sizeof n->label, "%.*s", (int)strcspn(n->fqdn, "."), n->fqdn);
}

static bool is_account_name(const struct machine_names *old, const char *label)
{
    return strncasecmp(label, old->netbios, NAME_NETBIOS_MAX) == 0;
}

/* [MS-WKST] 3.2.4.15: without a name the machine's present one counts. That is the membership's,
 * unless the host was given another one since. NULL: the membership's. */
static int present_name(struct rename *r, char **ret, struct err *e)
{
    AUTOFREE char *host = NULL;
    struct err bad = {0};
    *ret = NULL;
    if (host_static_hostname(r->s->target, &host, e) < 0)
        return -1;
    host[strcspn(host, ".")] = '\0';
    if (is_account_name(&r->old, host))
        snprintf(r->old.label, sizeof r->old.label, "%s", host);
    else if (!str_ieq(host, r->old.label) && name_check_computer(host, &bad) == 0)
        *ret = TAKE(host);
    str_lower(r->old.label);
    return 0;
}

/* Whatever domain the answers name, it is the membership's; a controller named there counts. */
static int own_settings(struct rename *r, struct err *e)
{
    AUTOFREE char *domain = NULL;
    AUTOFREE char *controller = NULL;
    if (!(r->own = settings_clone(r->asked)))
        return err_cause(e, CAUSE_OUT_OF_MEMORY);
    name_split_domain(settings_get(r->asked, OPT_DOMAIN), &domain, &controller);
    if (settings_set(r->own, OPT_DOMAIN, r->m.rec.domain, ORIGIN_SET, e) < 0 ||
        (*controller && settings_set(r->own, OPT_CONTROLLER, controller, ORIGIN_SET, e) < 0))
        return -1;
    return 0;
}

static int new_names(struct rename *r, struct err *e)
{
    struct machine_names *n = &r->s->names;
    const char *name = settings_get(r->own, OPT_MACHINE_NAME);
    const char *fqdn = settings_get(r->own, OPT_FQDN);
    const char *dot = strchr(r->old.fqdn, '.');
    AUTOFREE char *present = NULL;
    if (present_name(r, &present, e) < 0)
        return -1;
    if (!*fqdn && (str_ieq(name, r->old.netbios) || (!*name && !present))) {
        *n = r->old;
        return 0;
    }
    bool keeps = settings_bool(r->own, OPT_FLAG_DNS_NAME_CHANGES_ONLY) || (!*name && !present);
    if (!*name &&
        settings_set(r->own, OPT_MACHINE_NAME, present ? present : r->old.label, ORIGIN_SET, e) < 0)
        return -1;
    if (names_resolve(r->own, "", dot ? dot + 1 : r->m.rec.domain, n, e) < 0)
        return -1;
    if (keeps) {
        memcpy(n->netbios, r->old.netbios, sizeof n->netbios);
        memcpy(n->account, r->old.account, sizeof n->account);
        n->truncated = false;
    }
    return 0;
}

int rename_names(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    rename_old_names(&r->m.rec, &r->old);
    r->asked = s->s;
    if (own_settings(r, e) < 0)
        return -1;
    s->s = r->own;
    return new_names(r, e);
}

/* ---- this machine ---- */

static struct kerb_keytab_spec spec_of(struct rename *r, const struct strv *names)
{
    return (struct kerb_keytab_spec){
        .realm = r->m.rec.realm, .names = (const char *const *)names->s, .n_names = names->n};
}

/* "HTTP/old.corp.example.com" under the new name; NULL when it is not about the old one. */
static char *renamed_service(struct rename *r, const char *name)
{
    const char *host = strchr(name, '/');
    if (!host)
        return NULL;
    int service = (int)(host - name);
    if (str_ieq(host + 1, r->old.fqdn))
        return xasprintf("%.*s/%s", service, name, r->s->names.fqdn);
    if (str_ieq(host + 1, r->old.netbios))
        return xasprintf("%.*s/%s", service, name, r->s->names.netbios);
    return NULL;
}

/* Services that were given the machine's keys: the directory adapts their names by itself, so the
 * keytab has to follow. */
static int add_services(struct rename *r, const struct buf *now, struct strv *from, struct strv *to,
                        struct err *e)
{
    struct strv shared = {0};
    AUTOFREE char *account = xasprintf("%s@%s", r->old.account, r->m.rec.realm);
    int rc = kerb_keytab_sharing(now->data, now->len, account, &shared, e);
    for (size_t i = 0; rc == 0 && i < shared.n; i++) {
        AUTOFREE char *name = renamed_service(r, shared.s[i]);
        if (!name || strv_has_icase(from, shared.s[i]))
            continue;
        strv_add(from, shared.s[i]);
        strv_add(to, name);
    }
    strv_free(&shared);
    return rc;
}

int rename_keytab(struct rename *r, bool both, struct buf *out, struct err *e)
{
    struct buf now = BUF_SECRET(KERB_KEYTAB_MAX);
    struct strv from = {0}, to = {0};
    bool present;
    machine_principals(&r->old, &from);
    machine_principals(&r->s->names, &to);
    *out = BUF_SECRET(KERB_KEYTAB_MAX);
    int rc = host_read_opt(r->s->target, HOST_KEYTAB, &now, &present, e);
    if (rc == 0 && now.len)
        rc = add_services(r, &now, &from, &to, e);
    if (rc == 0) {
        struct kerb_keytab_spec a = spec_of(r, &from), b = spec_of(r, &to);
        rc = kerb_keytab_rename(now.len ? now.data : NULL, now.len, &a, &b, both, out, e);
    }
    if (rc < 0)
        err_fact(e, FACT_FILE, "%s", HOST_KEYTAB);
    strv_free(&from);
    strv_free(&to);
    buf_free(&now);
    return rc;
}

int rename_local(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    const struct enroll_record *rec = &r->m.rec;
    struct host_settings h = {
        .domain = rec->domain,
        .realm = rec->realm,
        .netbios = rec->netbios,
        .computer = s->names.netbios,
        .short_name = s->names.label,
        .fqdn = s->names.fqdn,
        .identity = str_eq(rec->identity, "sssd") ? HOST_IDENTITY_SSSD : HOST_IDENTITY_NONE,
        .set_hostname = true,
        .restart_services = r->account && host_is_live(s->target),
    };
    if (r->account && !r->keytab.len && rename_keytab(r, true, &r->keytab, e) < 0)
        return -1;
    r->rekeys = r->account &&
                !(str_ieq(r->old.netbios, s->names.netbios) && str_ieq(r->old.fqdn, s->names.fqdn));
    r->planned = true;
    return hostplan_rename(s->target, &h, r->account, r->rekeys, &r->plan, e);
}

/* ---- the account ---- */

void rename_account_names(struct rename *r, struct account_names *n)
{
    account_names_of(r->s, n);
    n->ou = NULL;
}

int rename_connect(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    if (locate_domain(s, e) < 0 || log_in(s, e) < 0)
        return -1;
    if (str_ieq(s->realm, r->m.rec.realm))
        return 0;
    err_cause(e, CAUSE_NOT_A_DC_OF_DOMAIN);
    err_fact(e, FACT_DOMAIN, "%s", r->m.rec.domain);
    return -1;
}

static int read_account(struct rename *r, struct err *e)
{
    const struct enroll_record *rec = &r->m.rec;
    struct account_names n;
    rename_account_names(r, &n);
    /* It may have been moved since. */
    AUTOFREE char *base = *rec->guid ? xasprintf("<GUID=%s>", rec->guid) : xstrdup(rec->account_dn);
    int rc = account_rename_read(r->s->dir, base, &n, &r->a, e);
    if (rc < 0)
        err_fact(e, FACT_OBJECT, "%s", rec->account_dn);
    return rc;
}

int rename_look(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct account_names n;
    if (read_account(r, e) < 0)
        return -1;
    AUTOFREE char *place = dn_parent(r->a.was.dn);
    rename_account_names(r, &n);
    n.ou = place;
    if (account_facts(s->dir, &n, &r->facts, e) < 0 ||
        account_rename_who(s->dir, &r->facts, &r->a, e) < 0)
        return -1;
    r->decision = xcalloc(1, sizeof *r->decision);
    account_rename_decide(&r->a, &r->facts, &n, r->decision);
    return 0;
}

bool rename_changes_account(const struct rename *r)
{
    const struct account_rename *a = &r->a;
    return a->sam_changes || a->dns_changes || a->display_changes || a->gone.n || a->added.n;
}

/* Under the name that the account has now, whoever gave it. */
int rename_check_secret(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct kerb_cred *cred = NULL;
    struct buf probe = BUF_SECRET(KERB_KEYTAB_MAX);
    struct strv from = {0};
    struct kerb_keytab_spec a, b;
    struct err why = {0};
    const char *const sam[] = {r->a.was.sam};
    machine_principals(&r->old, &from);
    a = spec_of(r, &from);
    b = (struct kerb_keytab_spec){.realm = r->m.rec.realm, .names = sam, .n_names = 1};
    AUTOFREE char *name = xasprintf("%s@%s", r->a.was.sam, r->m.rec.realm);
    int rc = kerb_keytab_rename(r->keytab.data, r->keytab.len, &a, &b, true, &probe, e);
    if (rc == 0 && kerb_login_keytab(s->kerb, name, probe.data, probe.len, &cred, &why) < 0) {
        *e = why;
        if (why.code == cause_code(CAUSE_KDC_WRONG_PASSWORD)) {
            e->cause = CAUSE_RENAME_SECRET_BROKEN;
            e->code = cause_code(CAUSE_RENAME_SECRET_BROKEN);
        }
        err_fact(e, FACT_ACCOUNT, "%s", name);
        rc = -1;
    }
    kerb_cred_free(cred);
    strv_free(&from);
    buf_free(&probe);
    return rc;
}

void rename_done(struct rename *r)
{
    if (r->own)
        r->s->s = r->asked;
    settings_drop(r->own);
    machine_done(&r->machine);
    account_rename_free(&r->a);
    account_facts_free(&r->facts);
    free(r->decision);
    if (r->planned)
        hostplan_free(&r->plan);
    buf_free(&r->keytab);
    free(r->old_hostname);
    membership_free(&r->m);
    txn_free(r->txn);
    host_unlock(&r->lock);
}
