/* Notes on pages and the message line. */
#include <string.h>
#include <time.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static void line(struct buf *b, const char *label, const char *value)
{
    AUTOFREE char *clean = words_clean(value);
    if (*clean)
        buf_printf(b, "%s: %s\n", label, clean);
}

static void machine_note(const struct wizard *w, struct buf *b)
{
    const struct machine_view *m = &w->machine;
    if (!w->have_machine) {
        buf_str(b, "\n\n\n");
        return;
    }
    AUTOFREE char *now = words_time((int64_t)time(NULL));
    line(b, _("This machine"), m->host_name);
    if (*m->address) {
        AUTOFREE char *address = words_clean(m->address);
        buf_printf(b, "%s: %s   %s: %s\n", _("Address"), address, _("Time"), now);
    } else {
        buf_printf(b, "%s: %s   %s: %s\n", _("Address"), _("not known"), _("Time"), now);
    }
    AUTOFREE char *member = words_clean(m->member_of);
    if (m->state == MEMBER_DOMAIN)
        buf_printf(b, _("Member of the domain %s"), member);
    else if (m->state == MEMBER_WORKGROUP && *member)
        buf_printf(b, _("Member of the workgroup %s"), member);
    else
        buf_str(b, _("Member of no domain"));
    buf_str(b, "\n");
    if (m->interrupted)
        buf_printf(b, "%s\n", _("Warning: an interrupted operation waits. Choose Recover first."));
    if (!m->root)
        buf_printf(b, "%s\n", _("Warning: this program needs root to change anything."));
}

static void verdict_notes(struct buf *b, const struct verdict_view *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (v[i].verdict == VERDICT_OK || v[i].verdict == VERDICT_SKIPPED)
            continue;
        words_verdict_line(b, &v[i]);
        buf_str(b, "\n");
        words_facts(b, &v[i].err, "  ");
    }
}

static void domain_note(const struct wizard *w, struct buf *b)
{
    AUTOFREE char *name = words_clean(w->domain.dns_name);
    switch (w->domain_known) {
    case KNOWN_YES: {
        unsigned long n = 0;
        for (size_t i = 0; i < w->n_dcs; i++)
            n += w->dcs[i].state == DC_ANSWERED;
        buf_printf(b,
                   P_("Found %s, %lu controller answers.", "Found %s, %lu controllers answer.", n),
                   name, n);
        buf_str(b, "\n");
        line(b, _("Short name"), w->domain.netbios_name);
        line(b, _("Site"), w->domain.client_site);
        verdict_notes(b, w->found, w->n_found);
        break;
    }
    case KNOWN_RUNNING:
        buf_printf(b, "%s\n", _("Looking for the domain ..."));
        break;
    case KNOWN_FAILED:
        buf_printf(b, "%s\n\n", words_why(&w->domain_err));
        words_facts(b, &w->domain_err, "  ");
        buf_printf(b, "\n%s\n", words_next(&w->domain_err));
        break;
    case KNOWN_NOT:
    case KNOWN_PENDING:
        buf_printf(b, "%s\n", _(opt_row(OPT_DOMAIN)->help));
        break;
    }
}

static void login_note(const struct wizard *w, struct buf *b)
{
    const struct settings *s = &w->settings;
    if (w->login_known == KNOWN_FAILED) {
        buf_printf(b, "%s %s\n", words_why(&w->login_err), words_next(&w->login_err));
        words_facts(b, &w->login_err, "  ");
        return;
    }
    if (*settings_get(s, OPT_KEYTAB))
        buf_printf(b, "%s\n",
                   _("The keytab from the configuration is used instead of a password."));
    else if (w->password_kept)
        buf_printf(b, "%s\n",
                   _("A password is there. Leave the field empty to use it, or type another one."));
    else if (!*settings_get(s, OPT_ACCOUNT))
        buf_printf(b, "%s\n", _("Without an account your own Kerberos ticket is used."));
    buf_printf(b, "%s\n", _("Test tries the login only; nothing is changed."));
}

static void ou_note(const struct wizard *w, struct buf *b)
{
    const char *dn = settings_get(&w->settings, OPT_OU);
    bool custom;
    const struct ou_node *n = wizard_ou_at(w, w->list[FLD_OUS].sel, &custom);
    if (*dn)
        line(b, _("Full name"), dn);
    else
        buf_printf(b, "%s\n", _("The domain decides where the computer account is made."));
    if (n && !n->ou.may_create)
        buf_printf(b, "%s\n", _("Your account may not create computers here."));
    else
        buf_printf(b, "%s\n", _("Right opens, Left closes, / filters, = types a full name."));
}

static void name_note(const struct wizard *w, struct buf *b)
{
    struct machine_names names;
    struct err e = {0};
    const char *host = w->have_machine ? w->machine.host_name : "";
    const char *domain =
        w->domain.dns_name ? w->domain.dns_name : settings_get(&w->settings, OPT_DOMAIN);
    if (names_resolve(&w->settings, host, domain, &names, &e) < 0) {
        buf_printf(b, "%s %s\n", words_what(&e), words_next(&e));
        return;
    }
    buf_printf(b, "%s: %s   %s: %s\n", _("Computer"), names.netbios, _("Account"), names.account);
    buf_printf(b, "%s: %s\n", _("Full host name"), names.fqdn);
    if (names.truncated)
        buf_printf(
            b, "%s\n",
            _("Note: the name is longer than 15 characters; its first 15 are the computer name."));
    if (w->name_known == KNOWN_FAILED) {
        buf_printf(b, "%s\n", words_what(&w->name_err));
        return;
    }
    if (w->name_known != KNOWN_YES)
        return;
    switch (w->name.state) {
    case NAME_FREE:
        buf_printf(b, "%s\n", _("The name is free."));
        break;
    case NAME_OWN:
        buf_printf(b, "%s\n",
                   _("The account exists already and will be taken over: it gets a new password."));
        break;
    case NAME_TAKEN:
    case NAME_REFUSED:
        buf_printf(b, "%s %s %s\n", words_verdict(VERDICT_WARNING), words_what(&w->name.why),
                   words_next(&w->name.why));
        break;
    }
    line(b, _("Object"), w->name.dn);
    line(b, _("Owner"), w->name.owner);
    line(b, _("Created by"), w->name.creator);
}

static void flag_note(const struct wizard *w, struct buf *b)
{
    const struct flag_row *f = flag_at(w->list[FLD_FLAGS].sel);
    if (!f)
        return;
    const char *blocked = settings_flag_blocked(&w->settings, f->opt);
    buf_printf(b, "%s 0x%X. ", f->symbol, f->value);
    if (blocked)
        buf_printf(b, "%s %s ", _("Greyed:"), _(blocked));
    else if (str_eq(opt_row(f->opt)->def, "yes"))
        buf_printf(b, "%s ", _("Normally on."));
    buf_printf(b, "%s\n", _(f->effect));
}

char *words_note(const struct wizard *w, enum field f)
{
    struct buf b = BUF_INIT(32768);
    switch (f) {
    case FLD_MACHINE:
        machine_note(w, &b);
        break;
    case FLD_DOMAIN_FOUND:
        domain_note(w, &b);
        break;
    case FLD_LOGIN_NOTE:
        login_note(w, &b);
        break;
    case FLD_OU_DN:
        ou_note(w, &b);
        break;
    case FLD_NAME_NOTE:
        name_note(w, &b);
        break;
    case FLD_FLAG_NOTE:
        flag_note(w, &b);
        break;
    case FLD_LEAVE_NOTE:
        buf_str(
            &b,
            _("The files of this machine are put back as they were before the join. Without "
              "disabling the "
              "account, its object stays in the directory as it is and no password is asked for."));
        break;
    case FLD_RESTART_NOTE:
        buf_str(&b, _("The machine is a member of the domain now. Programs that are already "
                      "running know of it only "
                      "after a restart. You can restart later; nothing is lost."));
        break;
    default:
        break;
    }
    char *text = buf_steal(&b);
    return text ? text : xstrdup("");
}

static char *heartbeat(const struct wizard *w)
{
    AUTOFREE char *what = words_clean(w->waiting_for);
    unsigned long s =
        (unsigned long)((w->now_ms - w->last_news) / 1000) + (unsigned long)w->waited_s;
    if (!*what)
        return xasprintf(P_("Still working, %lu second without news.",
                            "Still working, %lu seconds without news.", s),
                         s);
    if (w->of_s)
        return xasprintf(_("Still waiting: %s, %lu s of %d."), what, s, w->of_s);
    return xasprintf(_("Still waiting: %s, %lu s."), what, s);
}

char *words_message(const struct wizard *w)
{
    if (w->running && !w->stopping && w->message == SAY_NOTHING &&
        (w->now_ms - w->last_news >= 5000 || *w->waiting_for))
        return heartbeat(w);
    const char *format = say_text(w->message);
    if (!*format)
        return xstrdup("");
    if (w->message_err.code)
        return xasprintf(_(format), words_what(&w->message_err));
    bool msgid = w->message == SAY_BLOCKED;
    AUTOFREE char *arg = msgid ? xstrdup(_(w->message_arg)) : words_clean(w->message_arg);
    return strstr(format, "%s") ? xasprintf(_(format), arg) : xstrdup(_(format));
}
