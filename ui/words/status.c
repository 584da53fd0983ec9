/* What this machine is a member of, and what mends it. */
#include <string.h>
#include <time.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static void field(struct buf *b, const char *label, const char *value)
{
    AUTOFREE char *v = words_clean(value);
    if (*v)
        buf_printf(b, "%s%s%s\n", label, words_colon(), v);
}

static void password_age(struct buf *b, int64_t set_at)
{
    if (!set_at)
        return;
    AUTOFREE char *t = words_time(set_at);
    int64_t seconds = (int64_t)time(NULL) - set_at;
    unsigned long days = seconds > 0 ? (unsigned long)(seconds / 86400) : 0;
    buf_printf(b, "%s%s%s, ", _("Machine password set"), words_colon(), t);
    if (days)
        buf_printf(b, P_("%lu day ago", "%lu days ago", days), days);
    else
        buf_str(b, _("less than a day ago"));
    buf_str(b, "\n");
}

const char *words_mend(const struct status_view *s)
{
    if (s->state != MEMBER_DOMAIN)
        return "";
    switch (s->mend) {
    case MEND_NOTHING:
        break;
    case MEND_FILES:
        return _("Repair brings the files of this machine up to date. The machine's own password "
                 "still works, so nobody else's is needed.");
    case MEND_ACCOUNT:
        return _("Repair sets a new machine password and enables the account where it is disabled. "
                 "It needs an account that may do that in the domain.");
    case MEND_REJOIN:
        return _("The computer account is gone. Repair makes it again; it needs an account that "
                 "may add computers to the domain.");
    case MEND_WAIT:
        return _("The domain cannot be reached now, so nothing more can be told. Check the network "
                 "and ask again; nothing has to be joined anew for that.");
    }
    return "";
}

/* The verdict in one line, before the facts: the checks may be below the edge of the screen. */
static const char *in_short(const struct status_view *s)
{
    bool proved = false, trouble = s->mend != MEND_NOTHING;
    for (size_t i = 0; i < s->n_checks; i++) {
        enum verdict v = s->checks[i].verdict;
        trouble = trouble || v == VERDICT_FAIL || v == VERDICT_WARNING;
        proved = proved || (s->checks[i].check == CHECK_SECRET && v == VERDICT_OK);
    }
    if (s->mend == MEND_WAIT)
        return _("Whether that works cannot be told now; the checks below say why.");
    if (trouble)
        return _("Not everything about it works; the checks below say what.");
    return proved ? _("The membership works.") : "";
}

char *words_status(const struct status_view *s)
{
    struct buf b = BUF_INIT(65536);
    switch (s->state) {
    case MEMBER_DOMAIN:
        buf_printf(&b, "%s\n", _("This machine is a member of a domain."));
        if (*in_short(s))
            buf_printf(&b, "%s\n", in_short(s));
        break;
    case MEMBER_WORKGROUP:
        buf_printf(&b, "%s\n", _("This machine is in a workgroup."));
        break;
    case MEMBER_NONE:
        buf_printf(&b, "%s\n", _("This machine is a member of no domain."));
        break;
    }
    field(&b, _("Workgroup"), s->workgroup);
    field(&b, _("Domain"), s->domain);
    field(&b, _("Realm"), s->realm);
    field(&b, _("Short name"), s->netbios);
    field(&b, _("Computer"), s->computer);
    field(&b, _("Full host name"), s->fqdn);
    field(&b, _("Directory object"), s->account_dn);
    field(&b, _("Site"), s->site);
    field(&b, _("Domain controller"), s->controller);
    if (s->joined_at) {
        AUTOFREE char *t = words_time(s->joined_at);
        field(&b, _("Member since"), t);
    }
    password_age(&b, s->password_set_at);
    if (s->interrupted)
        buf_printf(&b, "\n%s\n",
                   _("Warning: an interrupted operation waits. Run joinery --recover."));
    if (s->n_checks)
        buf_str(&b, "\n");
    for (size_t i = 0; i < s->n_checks; i++) {
        const struct verdict_view *v = &s->checks[i];
        words_verdict_line(&b, v);
        buf_str(&b, "\n");
        if (v->err.code && (v->verdict == VERDICT_FAIL || v->verdict == VERDICT_WARNING))
            buf_printf(&b, "  %s\n", words_next(&v->err));
    }
    const char *mend = words_mend(s);
    if (*mend)
        buf_printf(&b, "\n%s\n%s\n", _("What to do:"), mend);
    char *text = buf_steal(&b);
    return text ? text : xstrdup("");
}
