/* Notes on pages and the message line. */
#include <string.h>
#include <time.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/text/charset.h"
#include "ui/words/internal.h"

#define SPANS_MAX 16
static struct canvas_span spans[SPANS_MAX];
static size_t n_spans;

size_t words_note_foreign(const struct canvas_span **ret)
{
    *ret = spans;
    return n_spans;
}

/* A foreign text that was put into b somewhere behind `from`. */
void note_foreign(struct buf *b, size_t from, const char *clean)
{
    const char *text = buf_text(b),
               *at = text && *clean && from <= b->len ? strstr(text + from, clean) : NULL;
    if (at && n_spans < SPANS_MAX)
        spans[n_spans++] = (struct canvas_span){(size_t)(at - text), strlen(clean)};
}

void note_line(struct buf *b, const char *label, const char *value)
{
    AUTOFREE char *clean = words_clean(value);
    size_t from = b->len + strlen(label);
    if (!*clean)
        return;
    buf_printf(b, "%s%s%s\n", label, words_colon(), clean);
    note_foreign(b, from, clean);
}

static void machine_note(const struct wizard *w, struct buf *b)
{
    const struct machine_view *m = &w->machine;
    if (!w->have_machine) {
        buf_str(b, "\n\n\n");
        return;
    }
    AUTOFREE char *now = words_time((int64_t)time(NULL));
    note_line(b, _("This machine"), m->host_name);
    AUTOFREE char *address = *m->address ? words_clean(m->address) : xstrdup(_("not known"));
    buf_printf(b, "%s%s%s   %s%s%s\n", _("Address"), words_colon(), address, _("Time"),
               words_colon(), now);
    if (!str_empty(w->keyboard)) /* before any password is typed on it */
        note_line(b, _("Keyboard layout"), w->keyboard);
    AUTOFREE char *member = words_clean(m->member_of);
    size_t from = b->len;
    if (m->state == MEMBER_DOMAIN)
        buf_printf(b, _("Member of the domain %s"), member);
    else if (m->state == MEMBER_WORKGROUP && *member)
        buf_printf(b, _("Member of the workgroup %s"), member);
    else
        buf_str(b, _("Member of no domain"));
    if (m->state != MEMBER_NONE)
        note_foreign(b, from, member);
    buf_str(b, "\n");
    if (m->interrupted)
        buf_printf(b, "%s\n", _("Warning: an interrupted operation waits. Choose Recover first."));
    if (!m->root)
        buf_printf(b, "%s\n", _("Warning: this program needs root to change anything."));
}

static void keyboard_note(const struct wizard *w, struct buf *b)
{
    if (str_empty(w->keyboard))
        buf_printf(b, "%s\n", _("The keyboard's layout is the one of the terminal you sit at."));
    else
        note_line(b, _("Keyboard layout"), w->keyboard);
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
        size_t from = b->len;
        for (size_t i = 0; i < w->n_dcs; i++)
            n += w->dcs[i].state == DC_ANSWERED;
        buf_printf(b,
                   P_("Found %s, %lu controller answers.", "Found %s, %lu controllers answer.", n),
                   name, n);
        note_foreign(b, from, name);
        buf_str(b, "\n");
        note_line(b, _("Short name"), w->domain.netbios_name);
        note_line(b, _("Site"), w->domain.client_site);
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

/* Nobody's account: what is used instead, and what speaks against it. */
static void unsecure_note(const struct wizard *w, struct buf *b)
{
    if (!settings_bool(&w->settings, OPT_FLAG_JOIN_UNSECURE)) {
        buf_printf(b, "%s\n",
                   _("Part of a system upgrade: the machine logs in with the secret it has, and no "
                     "account is asked for."));
        return;
    }
    if (wizard_machine_password(w)) {
        buf_printf(b, "%s\n",
                   _("The machine logs in as its own account, which somebody has prepared in the "
                     "directory, with the password that the account was given there. It keeps "
                     "this password."));
        if (w->password_kept)
            buf_printf(
                b, "%s\n",
                _("A password is there. Leave the field empty to use it, or type another one."));
        return;
    }
    buf_printf(b, "%s %s\n", _("Warning:"),
               _("the machine logs in as its own, prepared account with the default password: its "
                 "name in small letters. Anyone who knows the name knows that password and can "
                 "join another machine in its place until this one has joined. Better: have a "
                 "random password set on the account and give that one here."));
}

static void repair_note(const struct wizard *w, struct buf *b)
{
    if (wizard_flow(w) == FLOW_REPAIR)
        buf_printf(b, "%s\n\n", words_mend(&w->status_view));
}

static void login_note(const struct wizard *w, struct buf *b)
{
    if (wizard_as_machine(w)) {
        unsecure_note(w, b);
        return;
    }
    repair_note(w, b);
    if (w->login_known == KNOWN_FAILED) {
        buf_printf(b, "%s %s\n", words_why(&w->login_err), words_next(&w->login_err));
        words_facts(b, &w->login_err, "  ");
        return;
    }
    if (wizard_login_by(w) == LOGIN_KEYTAB)
        buf_printf(b, "%s\n",
                   _("The keytab holds the account's key; no password is typed. Without an account "
                     "its first one is taken."));
    else if (w->password_kept)
        buf_printf(b, "%s\n",
                   _("A password is there. Leave the field empty to use it, or type another one."));
    else if (wizard_login_by(w) == LOGIN_TICKET)
        buf_printf(b, "%s\n", _("Without an account your own Kerberos ticket is used."));
    if (!str_empty(w->keyboard) && !w->by_line)
        note_line(b, _("Keyboard layout"), w->keyboard);
    if (!w->by_line)
        buf_printf(b, "%s\n", _("Test tries the login only; nothing is changed."));
}

/* The way down to a unit: its name alone says little, and the full name is read from behind. */
static void way_to(const struct wizard *w, const struct ou_node *n, struct buf *b)
{
    size_t at = (size_t)(n - w->ous);
    AUTOFREE char *way = xstrdup(n->ou.name);
    for (int depth = n->depth; depth > 0 && at-- > 0;) {
        if (w->ous[at].depth >= depth)
            continue;
        depth = w->ous[at].depth;
        char *longer = xasprintf("%s > %s", w->ous[at].ou.name, way);
        free(way);
        way = longer;
    }
    if (n->depth)
        /* TRANSLATORS: where in the tree; the names of its units follow. */
        note_line(b, C_("organizational unit", "Place"), way);
}

static void ou_note(const struct wizard *w, struct buf *b)
{
    const char *dn = settings_get(&w->settings, OPT_OU);
    bool custom;
    const struct ou_node *n = wizard_ou_at(w, w->list[FLD_OUS].sel, &custom);
    if (n && *dn)
        way_to(w, n, b);
    if (*dn)
        note_line(b, _("Full name"), dn);
    else
        buf_printf(b, "%s\n", _("The domain decides where the computer account is made."));
    if (n ? !n->ou.may_create : !custom && w->default_refused)
        buf_printf(b, "%s\n", _("Your account may not create computers here."));
    else if (!w->by_line)
        buf_printf(b, "%s\n", _("Right opens, Left closes, / filters, = types a full name."));
}

static void workgroup_now_note(const struct wizard *w, struct buf *b)
{
    if (w->have_machine && w->machine.state == MEMBER_WORKGROUP)
        note_line(b, _("Present workgroup"), w->machine.member_of);
    else
        buf_printf(b, "%s\n", _("This machine is in no domain and no workgroup was set."));
}

/* Live: what the rules say about the name while it is typed. */
static void workgroup_note(const struct wizard *w, struct buf *b)
{
    struct err e = {0};
    if (wizard_workgroup_check(w, &e) < 0)
        buf_printf(b, "%s %s\n", words_what(&e), words_next(&e));
    else
        buf_printf(b, "%s\n",
                   _("A workgroup is only a name under which machines find each other; it has no "
                     "accounts and no password."));
}

static void leave_note(const struct wizard *w, struct buf *b)
{
    buf_printf(b, "%s\n",
               _("The files of this machine are put back as they were before the join. Without "
                 "disabling the account, its object stays in the directory as it is and no "
                 "password is asked for."));
    if (settings_bool(&w->settings, OPT_FLAG_ACCT_DELETE))
        buf_printf(b, "%s\n", words_rejoin());
}

static void restart_note(const struct wizard *w, struct buf *b)
{
    buf_printf(b, "%s %s\n", words_restart(w), _("You can restart later; nothing is lost."));
}

static void flag_note(const struct wizard *w, struct buf *b)
{
    const struct flag_row *f = wizard_flag_at(w, w->list[FLD_FLAGS].sel);
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
    n_spans = 0;
    switch (f) {
    case FLD_MACHINE:
        machine_note(w, &b);
        break;
    case FLD_KEYBOARD_NOTE:
        keyboard_note(w, &b);
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
        note_name(w, &b);
        break;
    case FLD_FLAG_NOTE:
        flag_note(w, &b);
        break;
    case FLD_MASK:
        buf_printf(&b, "%s 0x%08X", _("All options together:"),
                   settings_flags(&w->settings, settings_op(&w->settings)));
        break;
    case FLD_LEAVE_NOTE:
        leave_note(w, &b);
        break;
    case FLD_WORKGROUP_NOW:
        workgroup_now_note(w, &b);
        break;
    case FLD_WORKGROUP_NOTE:
        workgroup_note(w, &b);
        break;
    case FLD_RENAME_NOW:
        note_rename_now(w, &b);
        break;
    case FLD_RENAME_NOTE:
        note_rename(w, &b);
        break;
    case FLD_WAIT_NOTE:
        note_first_boot(w, &b);
        break;
    case FLD_RESTART_NOTE:
        restart_note(w, &b);
        break;
    default:
        (void)note_offline(w, f, &b);
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

/* What a screen with keys says is said otherwise line by line. */
static const char *message_format(const struct wizard *w, const char **raw)
{
    if (!w->by_line)
        return say_text(wizard_message(w, raw));
    *raw = w->message_arg;
    switch (w->message) {
    case SAY_NAME_TROUBLE:
        /* TRANSLATORS: %s is a whole sentence about the computer name. */
        return N_("Error: %s Enter takes the name nevertheless.");
    case SAY_ROWS_TROUBLE:
        return N_("Error: lines marked [!!] cannot be used. Enter goes on without them.");
    case SAY_OU_FILTERED:
        return N_("Only names with \"%s\" are shown; / alone shows all.");
    default:
        return say_text(w->message);
    }
}

const char *words_own_letters(void)
{
    return _("Warning: accented letters may differ on this terminal.");
}

static bool beyond_ascii(const struct wizard *w, enum field f)
{
    const struct secret_edit *s = wizard_secret((struct wizard *)(uintptr_t)w, f);
    for (size_t i = 0; s && i < s->value.len; i++) {
        if (s->value.data[i] & 0x80)
            return true;
    }
    return false;
}

/* Where nothing else is to be said: what the keys of the log are, and what stars would hide. */
static const char *hint(const struct wizard *w)
{
    bool secret = w->overlay == OVER_NONE && w->focus >= 0 && w->focus < FLD__COUNT &&
                  field_row((enum field)w->focus)->kind == FIELD_SECRET;
    if (secret && w->caps_lock)
        return _("Warning: Caps Lock is on.");
    if (secret && charset_limited() && beyond_ascii(w, (enum field)w->focus))
        return words_own_letters();
    if (w->slow_line && w->page == PAGE_WELCOME && w->overlay == OVER_NONE)
        return _("Serial line: drawn plainly, F2 changes that. SSH is faster.");
    if (w->overlay != OVER_LOG || w->pager.prompting || !w->n_log)
        return "";
    /* TRANSLATORS: the letters and signs are keys and stay as they are. */
    return settings_bool(&w->settings, OPT_KIOSK)
               ? _("/ search, n N again, 1-5 detail, w wrap, f follow")
               : _("/ search, n N again, 1-5 detail, w wrap, f follow, s save");
}

char *words_message(const struct wizard *w)
{
    if (w->running && !w->stopping && w->message == SAY_NOTHING &&
        (w->now_ms - w->last_news >= 5000 || *w->waiting_for))
        return heartbeat(w);
    const char *raw, *format = message_format(w, &raw);
    if (!*format)
        return words_language_hint(w) ? words_held_back() : xstrdup(w->by_line ? "" : hint(w));
    if (w->message_err.code)
        return xasprintf(_(format), words_what(&w->message_err));
    bool msgid = w->message == SAY_BLOCKED;
    AUTOFREE char *arg = msgid ? xstrdup(_(raw)) : words_clean(raw);
    return strstr(format, "%s") ? xasprintf(_(format), arg) : xstrdup(_(format));
}
