/* The decision: pure. */
#include "engine/account/private.h"

#include <string.h>

#include "engine/wire/adattr.h"
#include "engine/wire/dn.h"

#define CONTROLLER_BITS (UAC_SERVER_TRUST | UAC_PARTIAL_SECRETS)

struct judge {
    const struct account_facts *f;
    const struct account_names *n;
    const struct account_policy *p;
    struct account_decision *out;
};

static struct account_verdict *verdict(struct judge *j, enum check check)
{
    struct account_verdict *v = &j->out->verdicts[j->out->n_verdicts++];
    *v = (struct account_verdict){.check = check, .state = ACCOUNT_OK};
    return v;
}

static void judge_is(struct account_verdict *v, enum account_state state, enum cause cause)
{
    if (v->state == ACCOUNT_BAD)
        return;
    err_reset(&v->err);
    v->state = state;
    err_cause(&v->err, cause);
}

static void bad(struct account_verdict *v, enum cause cause)
{
    judge_is(v, ACCOUNT_BAD, cause);
}

static void check_ou(struct judge *j)
{
    const struct account_facts *f = j->f;
    struct account_verdict *v = verdict(j, CHECK_OU);
    if (f->ou_malformed)
        bad(v, CAUSE_OU_MALFORMED);
    else if (f->ou_outside)
        bad(v, CAUSE_OU_WRONG_DOMAIN);
    else if (!f->ou_found)
        bad(v, CAUSE_OU_NOT_FOUND);
    else if (!f->ou_container)
        bad(v, CAUSE_OU_NOT_CONTAINER);
    if (f->ou_dn)
        err_fact(&v->err, FACT_OU, "%s", f->ou_dn);
    if (f->ou_outside)
        err_fact(&v->err, FACT_DOMAIN, "%s", f->base_dn);
    if (f->ou_nearest)
        err_fact(&v->err, FACT_NEAREST, "%s", f->ou_nearest);
}

/* The account may belong to another machine whose name is cut to the same 15 characters. */
static bool other_machine(const struct account_names *n, const struct account_object *o)
{
    size_t len;
    account_label(n->fqdn, &len);
    if (*o->dns_host) {
        if (!account_same_label(o->dns_host, n->fqdn))
            return true;
        return len > ACCOUNT_NAME_LEN && !str_ieq(o->dns_host, n->fqdn);
    }
    /* Without a DNS name the service names tell: a long one of another machine. */
    for (size_t i = 0; i < o->spns.n; i++) {
        const char *host = o->spns.s[i];
        if (strncasecmp(host, "HOST/", 5) == 0 && strlen(host) > 5 + ACCOUNT_NAME_LEN &&
            !account_same_label(host + 5, n->fqdn))
            return true;
    }
    return false;
}

static bool in_other_ou(const struct judge *j)
{
    const struct account_facts *f = j->f;
    if (!j->p->acct_create || !f->ou_given || !f->ou_found)
        return false;
    AUTOFREE char *parent = dn_parent(f->existing->dn);
    return parent && !dn_equal(parent, f->ou_dn);
}

static void check_existing(struct judge *j, struct account_verdict *v)
{
    const struct account_object *o = j->f->existing;
    if (!o->is_computer)
        bad(v, CAUSE_NAME_TAKEN_USER);
    else if (other_machine(j->n, o))
        bad(v, CAUSE_NAME_TAKEN_15);
    else if ((o->uac & CONTROLLER_BITS) && !j->p->join_dc_account)
        bad(v, CAUSE_ACCOUNT_IS_DC);
    else if ((o->uac & CONTROLLER_BITS) && (o->uac & UAC_DISABLED))
        bad(v, CAUSE_KDC_DISABLED); /* enabling it would change a controller's account */
    else if (j->p->no_acct_reuse)
        bad(v, CAUSE_REUSE_FORBIDDEN_FLAG);
    else if (j->p->no_reuse_asked)
        bad(v, CAUSE_PROVISION_NAME_TAKEN);
    else if (in_other_ou(j))
        bad(v, CAUSE_NAME_TAKEN_OTHER_OU);
    err_fact(&v->err, FACT_OBJECT, "%s", o->dn);
    if (*o->dns_host)
        err_fact(&v->err, FACT_VALUE, "%s", o->dns_host);
}

static void check_name(struct judge *j)
{
    const struct account_facts *f = j->f;
    struct account_verdict *v = verdict(j, CHECK_NAME);
    err_fact(&v->err, FACT_NAME, "%s", j->n->name);
    if (f->existing) {
        check_existing(j, v);
    } else if (!j->p->acct_create) {
        bad(v, CAUSE_ACCOUNT_MISSING);
        err_fact(&v->err, FACT_ACCOUNT, "%s$", j->n->name);
    } else if (f->same_dn) {
        bad(v, CAUSE_NAME_TAKEN_USER);
        err_fact(&v->err, FACT_OBJECT, "%s", f->same_dn);
    } else if (f->user_dn) {
        judge_is(v, ACCOUNT_NOTICE, CAUSE_NAME_TAKEN_USER);
        err_fact(&v->err, FACT_OBJECT, "%s", f->user_dn);
    }
    err_fact(&v->err, FACT_NAME, "%s", j->n->name);
}

/* A command for an administrator to copy: only whole, never cut short. */
static void advise(const struct judge *j, struct account_verdict *v, const char *dn,
                   const char *right)
{
    struct err_fact probe;
    if (!j->f->user_name)
        return;
    AUTOFREE char *command = xasprintf("dsacls \"%s\" /G \"%s:%s\"", dn, j->f->user_name, right);
    if (strlen(command) < sizeof probe.value)
        err_fact(&v->err, FACT_COMMAND, "%s", command);
}

static bool caller_is_admin(const struct account_facts *f)
{
    for (size_t i = 0; i < f->n_groups; i++) {
        if (account_is_admin_group(f, &f->groups[i]))
            return true;
    }
    return false;
}

/* KB5020276 in its order: creator, owner, owner an administrator; the controllers' list of trusted
 * owners is not readable over LDAP, so "unknown" stays unknown. */
static void check_reuse(struct judge *j)
{
    const struct account_facts *f = j->f;
    const struct account_object *o = f->existing;
    if (!o || !o->is_computer || j->p->as_machine)
        return;
    struct account_verdict *v = verdict(j, CHECK_REUSE);
    bool mine = sid_equal(&o->creator, &f->user) || sid_equal(&o->owner, &f->user);
    bool allowed =
        mine || f->owner_is_admin == ACCOUNT_YES || (j->p->admin_may_reuse && caller_is_admin(f));
    if (!allowed && !j->p->override_reuse) {
        bool known =
            sid_is_set(&o->owner) && sid_is_set(&f->user) && f->owner_is_admin == ACCOUNT_NO;
        bad(v, known ? CAUSE_REUSE_BLOCKED : CAUSE_REUSE_UNKNOWN);
    } else if (o->may_reset == ACCOUNT_NO) {
        bad(v, CAUSE_RESET_NOT_ALLOWED);
        advise(j, v, o->dn, "CA;Reset Password");
    } else if (!allowed) {
        j->out->overridden = true;
        judge_is(v, ACCOUNT_NOTICE, CAUSE_REUSE_OVERRIDDEN);
    }
    err_fact(&v->err, FACT_OBJECT, "%s", o->dn);
    if (f->owner_name)
        err_fact(&v->err, FACT_OWNER, "%s", f->owner_name);
    if (f->creator_name)
        err_fact(&v->err, FACT_CREATOR, "%s", f->creator_name);
}

static void no_create_right(struct judge *j, struct account_verdict *v)
{
    const struct account_facts *f = j->f;
    bool samba = strcasestr(f->vendor, "samba") != NULL;
    /* Creating by privilege works in the default container only, and Samba does not know it. */
    if (samba || f->ou_given)
        bad(v, CAUSE_NO_CREATE_RIGHT);
    else if (!f->has_quota)
        judge_is(v, ACCOUNT_CANNOT_TELL, CAUSE_QUOTA_UNREADABLE);
    else if (f->quota == 0)
        bad(v, CAUSE_NO_CREATE_RIGHT_QUOTA);
    else
        judge_is(v, ACCOUNT_CANNOT_TELL, CAUSE_NO_CREATE_RIGHT_QUOTA);
    if (f->has_quota && !samba)
        err_fact(&v->err, FACT_LIMIT, "%u", (unsigned)f->quota);
}

static void check_rights(struct judge *j)
{
    const struct account_facts *f = j->f;
    if (f->existing || !f->ou_found || !j->p->acct_create)
        return;
    struct account_verdict *v = verdict(j, CHECK_RIGHTS);
    if (f->may_create != ACCOUNT_YES) {
        no_create_right(j, v);
        advise(j, v, f->ou_dn, "CC;computer");
    }
    err_fact(&v->err, FACT_OU, "%s", f->ou_dn);
}

/* dNSHostName = account name + "." + the domain or an allowed suffix, [MS-ADTS] 3.1.1.5.3.1.1.2 */
static bool suffix_allowed(const struct judge *j)
{
    const char *dot = strchr(j->n->fqdn, '.');
    if (!dot)
        return false;
    AUTOFREE char *domain = dn_to_dns(j->f->base_dn);
    return (domain && str_ieq(dot + 1, domain)) || strv_has_icase(&j->f->suffixes, dot + 1);
}

static void check_dns_name(struct judge *j)
{
    const struct account_facts *f = j->f;
    struct account_verdict *v = verdict(j, CHECK_DNS_NAME);
    enum account_state clash = j->p->defer_spn ? ACCOUNT_NOTICE : ACCOUNT_BAD;
    if (f->dns_host_dn) {
        judge_is(v, clash, CAUSE_DNSHOST_CLASH);
        err_fact(&v->err, FACT_OBJECT, "%s", f->dns_host_dn);
    } else if (!j->p->defer_spn && !suffix_allowed(j)) {
        /* An account with full rights may write any name, so this is not yet a refusal. */
        judge_is(v, ACCOUNT_CANNOT_TELL, CAUSE_DNSHOST_SUFFIX);
    }
    err_fact(&v->err, FACT_VALUE, "%s", j->n->fqdn);
}

static const struct account_clash *worst_clash(const struct account_facts *f)
{
    for (size_t i = 0; i < f->n_clashes; i++) {
        if (!f->clashes[i].alias)
            return &f->clashes[i];
    }
    return f->n_clashes ? &f->clashes[0] : NULL;
}

static void check_service_names(struct judge *j)
{
    struct account_verdict *v = verdict(j, CHECK_SERVICE_NAMES);
    const struct account_clash *c = worst_clash(j->f);
    if (!c)
        return;
    bool samba = strcasestr(j->f->vendor, "samba") != NULL;
    enum account_state state = c->alias && !samba ? ACCOUNT_CANNOT_TELL : ACCOUNT_BAD;
    /* Windows looks for aliases depending on the domain's settings and on who asks
     * ([MS-ADTS] 3.1.1.5.1.3). */
    judge_is(v, j->p->defer_spn ? ACCOUNT_NOTICE : state, CAUSE_SPN_CLASH);
    err_fact(&v->err, FACT_VALUE, "%s", c->spn);
    err_fact(&v->err, FACT_OBJECT, "%s", c->dn);
}

void account_decide(const struct account_facts *f, const struct account_names *n,
                    const struct account_policy *p, struct account_decision *out)
{
    struct judge j = {f, n, p, out};
    *out = (struct account_decision){0};
    check_ou(&j);
    check_name(&j);
    check_reuse(&j);
    check_rights(&j);
    check_service_names(&j);
    check_dns_name(&j);
    for (size_t i = 0; i < out->n_verdicts; i++) {
        if (out->verdicts[i].state == ACCOUNT_BAD) {
            out->action = ACCOUNT_REFUSE;
            out->err = out->verdicts[i].err;
            return;
        }
    }
    if (p->as_machine)
        out->action = ACCOUNT_USE;
    else
        out->action = f->existing ? ACCOUNT_TAKE_OVER : ACCOUNT_CREATE;
}
