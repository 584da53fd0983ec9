/* What the progress page says at a machine's first start, besides the steps. */
#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

static void waiting(const struct wizard *w, struct buf *b)
{
    const struct err *e = &w->first.trouble;
    buf_printf(b, "%s %s\n", _("Waiting for the network."), words_what(e));
    words_facts(b, e, "  ");
    buf_printf(b, "%s\n",
               _("It is tried again by itself; answers and password are kept. Enter tries now."));
}

/* Whose data it is, while it is applied. */
static void package(const struct wizard *w, struct buf *b)
{
    const struct package_view *p = &w->offline.package;
    AUTOFREE char *machine = words_clean(p->machine), *domain = words_clean(p->domain);
    size_t from = b->len;
    if (wizard_flow(w) != FLOW_APPLY || !*machine)
        return;
    buf_printf(b, _("For the machine %s in the domain %s."), machine, domain);
    note_foreign(b, from, machine);
    note_foreign(b, from, domain);
    buf_str(b, "\n");
    if (p->has_password) {
        AUTOFREE char *account = xasprintf("%s$", machine);
        note_line(b, _("Computer account"), account);
    }
    note_line(b, _("Provisioning data"), p->source);
    if (wizard_first_wipes(w))
        buf_printf(b, "%s\n", words_wipe());
}

const char *words_wipe(void)
{
    return _("This data lies in the system itself and holds the machine's password: it is wiped "
             "when it has been applied.");
}

void note_first_boot(const struct wizard *w, struct buf *b)
{
    if (wizard_first_waiting(w))
        waiting(w, b);
    else
        package(w, b);
}
