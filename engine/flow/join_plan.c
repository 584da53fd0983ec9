/* What a join will change in the directory, with the values: the review page shows it. */
#include "engine/flow/join.h"
#include "engine/flow/own.h"
#include "engine/model/settings_flags.h"
#include "engine/wire/adattr.h"

#define TEXT_MAX (16u << 10)

static void line(struct buf *b, const char *attr, const char *value)
{
    buf_printf(b, "%s+%s: %s", b->len ? "\n" : "", attr, value);
}

/* dNSHostName and the service names that are not there yet. */
static void name_lines(struct session *s, const struct account_names *n, struct buf *b)
{
    const struct account_object *o = s->facts.existing;
    struct strv spns = {0};
    if (!o || !str_ieq(o->dns_host, n->fqdn)) {
        if (o && *o->dns_host)
            buf_printf(b, "%s-dNSHostName: %s", b->len ? "\n" : "", o->dns_host);
        line(b, "dNSHostName", n->fqdn);
    }
    account_spns(n, &spns);
    for (size_t i = 0; i < spns.n; i++) {
        if (!o || !strv_has_icase(&o->spns, spns.s[i]))
            line(b, "servicePrincipalName", spns.s[i]);
    }
    strv_free(&spns);
}

static void enctype_line(const struct account_object *o, struct buf *b)
{
    AUTOFREE char *want = xasprintf("%d", JOIN_ETYPES);
    if (!o || !o->has_etypes || o->etypes != JOIN_ETYPES)
        line(b, "msDS-SupportedEncryptionTypes", want);
}

static const char *what_of(struct session *s, enum account_action action)
{
    if (action == ACCOUNT_CREATE || (action == ACCOUNT_REFUSE && !s->facts.existing))
        return N_("New computer account");
    if (action != ACCOUNT_USE)
        return N_("Existing computer account, new password");
    if (settings_no_directory_write(s->s))
        return N_("Nothing is written to the directory");
    return join_changes_password(s) ? N_("Prepared computer account, new password")
                                    : N_("Prepared computer account, keeps its password");
}

void join_plan_account(struct session *s, const struct account_decision *d)
{
    struct account_names n;
    struct account_policy p;
    struct buf b = BUF_INIT(TEXT_MAX);
    const struct account_object *o = s->facts.existing;
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    AUTOFREE char *dn = o ? xstrdup(o->dn) : account_new_dn(&s->facts, &n);
    if (!o)
        line(&b, "sAMAccountName", s->names.account);
    if (d->action == ACCOUNT_TAKE_OVER && (o->uac & UAC_DISABLED) &&
        !(o->uac & (UAC_SERVER_TRUST | UAC_PARTIAL_SECRETS)))
        buf_printf(&b, "-userAccountControl: %u\n+userAccountControl: %u", (unsigned)o->uac,
                   (unsigned)(o->uac & ~(UAC_DISABLED | UAC_PASSWD_NOTREQD)));
    if (!settings_no_directory_write(s->s)) {
        if (!p.defer_spn)
            name_lines(s, &n, &b);
        enctype_line(o, &b);
        if (!str_empty(p.description))
            line(&b, "description", p.description);
    }
    report_change(s->r, CHANGE_DIRECTORY, dn ? dn : s->names.account, what_of(s, d->action),
                  b.len ? buf_text(&b) : "");
    buf_free(&b);
}
