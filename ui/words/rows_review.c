/* The rows of the review: what was answered, what will change, what stays. */
#include <stdio.h>
#include <string.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

static const char *review_heading(const struct wizard *w, int h)
{
    static const char *const words[] = {
        [HEAD_WARNINGS] = N_("Please look at this first"),
        [HEAD_ANSWERS] = N_("Your answers"),
        [HEAD_FLAGS] = N_("Option flags"),
        [HEAD_CHANGES] = N_("What will be changed"),
        [HEAD_STAYS] = N_("What stays as it is"),
    };
    return h == HEAD_HOST ? words_page(w, PAGE_HOST) : _(words[h]);
}

static void warning_text(const struct wizard *w, int number, struct list_row *out)
{
    struct buf b = BUF_INIT(8192);
    buf_str(&b, "! ");
    if (number < 0)
        buf_printf(&b, "%s%s%s", words_verdict(VERDICT_FAIL), words_colon(),
                   words_what(&w->plan_err));
    else
        words_verdict_line(&b, &w->warnings[number]);
    row_set_text(out, buf_steal(&b));
}

static void change_text(const struct change_view *c, struct list_row *out)
{
    AUTOFREE char *object = words_clean(c->object), *detail = words_clean(c->detail);
    struct buf b = BUF_INIT(8192);
    buf_printf(&b, "  %s%s%s", words_change_kind(c->kind), words_colon(), object);
    if (c->what && *c->what)
        buf_printf(&b, " - %s", _(c->what));
    if (*detail && !strchr(c->detail, '\n') && !str_eq(c->detail, c->object))
        buf_printf(&b, " (%s)", detail);
    row_set_text(out, buf_steal(&b));
}

/* What stands for an account where there is none. */
static const char *machine_login(const struct wizard *w)
{
    if (wizard_machine_password(w))
        return _("none: the computer account, its password");
    return wizard_default_password(w) ? _("none: the computer account, default password")
                                      : _("none: the machine's present password");
}

/* What is now, where the answer changes it: the name of this machine, its workgroup, who knows its
 * users and its time. "" where there is nothing or it stays. */
static char *value_before(const struct wizard *w, enum opt o)
{
    bool here = wizard_flow(w) != FLOW_APPLY || wizard_target_live(w);
    const char *now = "", *next = settings_get(&w->settings, o);
    if (o == OPT_MACHINE_NAME && wizard_flow(w) & (FLOW_JOIN | FLOW_RENAME))
        now = w->machine.host_name;
    if (o == OPT_WORKGROUP && w->machine.state == MEMBER_WORKGROUP)
        now = w->machine.member_of;
    if (o == OPT_IDENTITY && here && !str_empty(w->machine.identity) &&
        !str_eq(w->machine.identity, next))
        now = words_choice(FLD__COUNT, w->machine.identity);
    if (o == OPT_TIME && here && str_eq(next, "domain") && !str_empty(w->machine.time_service))
        now = w->machine.time_service;
    return words_clean(!w->have_machine || !*next || str_ieq(now, next) ? "" : now);
}

/* An empty name is said as what it comes to. */
static void answer_text(const struct wizard *w, enum page page, enum opt o, struct list_row *out)
{
    const char *label = opt_row(o)->label;
    struct machine_names names;
    struct err e = {0};
    const char *domain =
        w->domain.dns_name ? w->domain.dns_name : settings_get(&w->settings, OPT_DOMAIN);
    const char *value = words_value(&w->settings, o);
    for (enum field f = 0; f < FLD__COUNT && page != PAGE_FLAGS; f++) {
        if (field_row(f)->page == page && field_row(f)->opt == o && wizard_field_visible(w, f))
            label = wizard_label(w, f); /* as it stands where it is answered */
    }
    const char *server = strchr(settings_get(&w->settings, OPT_DOMAIN), '\\');
    AUTOFREE char *named = words_clean(server ? server + 1 : "");
    if (o == OPT_CONTROLLER && *named && !*settings_get(&w->settings, o))
        value = named; /* DOMAIN\SERVER names it too */
    if (o == OPT_OFFLINE_IMAGE && !*settings_get(&w->settings, o))
        value = w->machine.live ? _("this machine") : _("the system under --root");
    if (o == OPT_ACCOUNT && wizard_as_machine(w))
        value = machine_login(w);
    AUTOFREE char *before = value_before(w, o);
    const char *arrow = *before ? " -> " : "";
    if (o == OPT_MACHINE_NAME && w->have_machine &&
        names_resolve(&w->settings, wizard_host_name(w), domain, &names, &e) == 0)
        row_set_text(out, xasprintf("  %s%s%s%s%s (%s)", _(label), words_colon(), before, arrow,
                                    names.netbios, names.fqdn));
    else
        row_set_text(out, xasprintf("  %s%s%s%s%s", _(label), words_colon(), before, arrow, value));
}

/* What an answer of offline enrolment comes to: whose data it is, and which way auto takes. */
static bool offline_answer_text(const struct wizard *w, enum opt o, struct list_row *out)
{
    const struct package_view *p = &w->offline.package;
    const char *label = _(opt_row(o)->label), *value = words_value(&w->settings, o);
    if (o == OPT_OFFLINE_INPUT && w->offline.package_known == KNOWN_YES) {
        AUTOFREE char *machine = words_clean(p->machine), *domain = words_clean(p->domain);
        row_set_text(out,
                     xasprintf("  %s%s%s, %s (%s)", label, words_colon(), machine, domain, value));
        return true;
    }
    if (o == OPT_OFFLINE_IMAGE_METHOD && w->offline.image_known == KNOWN_YES) {
        row_set_text(out, xasprintf("  %s%s%s - %s", label, words_colon(), value,
                                    words_method(w->offline.image.method)));
        return true;
    }
    return false;
}

/* What a failure, or somebody who stops it, leaves behind. */
static const char *promise(const struct wizard *w)
{
    if (wizard_batch(w))
        return _("Machines that are done stay done. The same list again goes on with the others "
                 "and makes nothing twice.");
    if (wizard_flow(w) == FLOW_PROVISION)
        return _("If something fails, an account that was made for it is deleted again.");
    if (wizard_flow(w) == FLOW_APPLY && !wizard_target_live(w))
        return _("If something fails, the files of that system are put back as they are now.");
    return _("If something fails, the files of this machine are put back as they are now.");
}

void row_review(const struct wizard *w, size_t i, struct list_row *out)
{
    const struct review_row *r = &w->review[i];
    switch (r->kind) {
    case REVIEW_HEADING:
        out->text = review_heading(w, r->number);
        break;
    case REVIEW_WARNING:
        warning_text(w, r->number, out);
        break;
    case REVIEW_ADVICE:
        row_set_text(out, xasprintf("! %s%s%s", words_verdict(VERDICT_WARNING), words_colon(),
                                    _("the default password can be guessed")));
        break;
    case REVIEW_RESTART:
        row_set_text(out, xasprintf("  %s", words_restart(w)));
        break;
    case REVIEW_PROMISE:
        row_set_text(out, xasprintf("  %s", promise(w)));
        break;
    case REVIEW_WIPE:
        row_set_text(out, xasprintf("  %s", words_wipe()));
        break;
    case REVIEW_ANSWER:
        if (!offline_answer_text(w, r->opt, out))
            answer_text(w, r->page, r->opt, out);
        break;
    case REVIEW_MASK:
        row_set_text(out, xasprintf("  %s 0x%08X", _("Options:"),
                                    settings_flags(&w->settings, settings_op(&w->settings))));
        break;
    case REVIEW_CHANGE:
    case REVIEW_STAYS:
        change_text(&w->changes[r->number], out);
        break;
    }
}
