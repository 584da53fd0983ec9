/* Notes on the pages of offline enrolment. */
#include <string.h>

#include "engine/base/strv.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

static void fault_note(struct buf *b, const struct err *e)
{
    buf_printf(b, "%s %s %s\n", words_what(e), words_why(e), words_next(e));
    words_facts(b, e, "  ");
}

/* ---- preparing ---- */

static void rows_note(const struct wizard *w, struct buf *b)
{
    const struct offline *o = &w->offline;
    if (o->machines == MACHINES_ONE) {
        buf_printf(b, "%s\n",
                   _("An account is made for a machine that is elsewhere, switched off or not yet "
                     "installed, and what it needs to join is saved in a file. The machine itself "
                     "then needs no network and no password of yours."));
        return;
    }
    if (o->rows_known == KNOWN_FAILED) {
        fault_note(b, &o->rows_err);
        return;
    }
    unsigned long n = o->n_rows, bad = wizard_rows_bad(w), before = wizard_rows_before(w);
    if (!n) {
        buf_printf(b, "%s\n",
                   o->machines == MACHINES_TYPED
                       ? _("Type a name and Enter, or paste many lines at once.")
                       : _("A CSV file; its first line names the columns: name, and optionally ou, "
                           "description, output, password_file."));
        return;
    }
    buf_printf(b, P_("%lu machine in the list.", "%lu machines in the list.", n), n);
    buf_str(b, "\n");
    if (bad) {
        buf_printf(b, P_("%lu line cannot be used.", "%lu lines cannot be used.", bad), bad);
        buf_str(b, "\n");
    }
    if (before) {
        buf_printf(b,
                   P_("%lu was done in an earlier run and is not done again.",
                      "%lu were done in an earlier run and are not done again.", before),
                   before);
        buf_str(b, "\n");
    }
}

const char *words_thief(void)
{
    return _("Whoever reads unprotected data has the machine's password: they can be that machine "
             "in the domain and read what it may read, until its password changes.");
}

static void package_note(const struct wizard *w, struct buf *b)
{
    if (wizard_unprotected(w)) {
        buf_printf(b, "%s %s %s\n", _("Warning:"), words_thief(),
                   _("cms is recommended: only the passphrase or a recipient's key opens it."));
    } else {
        buf_printf(b, "%s\n",
                   _("Recommended: without the passphrase or a recipient's private key the file is "
                     "worth nothing to a thief. Windows' djoin cannot open it: Joinery applies it, "
                     "or openssl cms -decrypt takes the protection off first."));
        size_t typed = secret_edit_chars(&w->offline.passphrase);
        if (typed && typed < 12)
            buf_printf(b, "%s %s %s\n", _("Warning:"), _(cause_row(CAUSE_PASSPHRASE_SHORT)->what),
                       _(cause_row(CAUSE_PASSPHRASE_SHORT)->next));
        if (w->offline.passphrase_kept)
            buf_printf(b, "%s\n",
                       _("A passphrase is there. Leave both fields empty to use it, or type "
                         "another one twice."));
    }
    if (wizard_batch(w))
        buf_printf(b, "%s\n", _("{name} in the output file stands for each machine's name."));
}

static void parts_note(struct buf *b)
{
    buf_printf(b, "%s\n",
               _("All of this may stay empty. Windows machines make use of it: roots of the "
                 "certificates, policies that hold before the first contact, the site of a branch "
                 "office."));
}

static void rate_note(const struct wizard *w, struct buf *b)
{
    const struct rate_view *r = &w->offline.rate;
    if (!w->offline.have_rate)
        return;
    buf_printf(b, _("%zu of %zu done, %zu failed, %u a minute"), r->done, r->total, r->failed,
               r->per_minute);
    if (r->left_s >= 0) {
        AUTOFREE char *left = words_elapsed((uint64_t)r->left_s * 1000);
        buf_str(b, ", ");
        buf_printf(b, _("%s left"), left);
    }
    buf_str(b, "\n");
}

/* ---- applying ---- */

static void package_view_note(const struct wizard *w, struct buf *b)
{
    const struct package_view *p = &w->offline.package;
    AUTOFREE char *machine = words_clean(p->machine), *form = words_clean(p->form);
    size_t from = b->len;
    if (*machine) {
        AUTOFREE char *domain = words_clean(p->domain);
        buf_printf(b, _("For the machine %s in the domain %s."), machine, domain);
        note_foreign(b, from, machine);
        note_foreign(b, from, domain);
        buf_str(b, "\n");
    }
    note_line(b, _("Domain controller"), p->controller);
    note_line(b, _("Site"), p->site);
    if (*form)
        buf_printf(b, "%s%s%s, %s\n", _("Form"), words_colon(), _(p->form),
                   p->protected_form ? _("protected") : _("not protected"));
    if (p->default_password)
        buf_printf(b, "%s %s\n", _("Warning:"),
                   _("the machine's password is the default one, which anybody can guess."));
    for (size_t i = 0; i < p->skipped.n; i++)
        note_line(b, _("Passed over, not known here"), p->skipped.s[i]);
}

static void data_note(const struct wizard *w, struct buf *b)
{
    const struct offline *o = &w->offline;
    const struct err *e = wizard_package_fault(w);
    if (o->package_known == KNOWN_RUNNING)
        buf_printf(b, "%s\n", _("Opening the provisioning data ..."));
    else if (o->package_known == KNOWN_NOT || o->package_known == KNOWN_PENDING)
        buf_printf(b, "%s\n",
                   _("Choose data that was found, or type the path of a file. It is only read; "
                     "nothing is changed."));
    else
        package_view_note(w, b);
    if (e && e->cause == CAUSE_PASSPHRASE_MISSING)
        buf_printf(b, "%s\n", _("It is protected by a passphrase."));
    else if (e)
        fault_note(b, e);
}

const char *words_method(enum image_method m)
{
    switch (m) {
    case IMAGE_UNATTEND:
        return _("Windows Setup takes it from the answer file (unattend)");
    case IMAGE_FIRSTBOOT:
        return _("djoin runs once at the next start (firstboot)");
    case IMAGE_NO_METHOD:
        break;
    }
    return "";
}

static void image_view_note(const struct wizard *w, struct buf *b)
{
    const struct image_view *v = &w->offline.image;
    AUTOFREE char *product = words_clean(v->product), *version = words_clean(v->version),
                  *edition = words_clean(v->edition), *arch = words_clean(v->arch);
    const char *parts[] = {product, edition, version, arch};
    size_t from = b->len;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        if (*parts[i])
            buf_printf(b, "%s%s", b->len > from ? ", " : "", parts[i]);
    }
    if (b->len > from)
        buf_str(b, "\n");
    note_line(b, _("Present name"), v->name);
    note_line(b, _("Setup state"), v->setup_state);
    if (v->method != IMAGE_NO_METHOD) {
        buf_printf(b, "%s%s%s\n", _("Method"), words_colon(), words_method(v->method));
        if (v->why && *v->why)
            buf_printf(b, "%s\n", _(v->why));
    }
}

static void image_note(const struct wizard *w, struct buf *b)
{
    const struct offline *o = &w->offline;
    const struct err *e = wizard_image_fault(w);
    if (o->image_known == KNOWN_RUNNING) {
        buf_printf(b, "%s\n", _("Looking at the system; nothing is changed ..."));
        return;
    }
    if (o->image_known == KNOWN_NOT || o->image_known == KNOWN_PENDING) {
        buf_printf(b, "%s\n",
                   _("Choose a system, or type where one is mounted: a Windows volume or its "
                     "Windows directory, or the root of a Linux system. It is only read here."));
        return;
    }
    image_view_note(w, b);
    if (e)
        fault_note(b, e);
    else
        buf_printf(b, "%s\n", _("This system can take the data."));
}

bool note_offline(const struct wizard *w, enum field f, struct buf *b)
{
    switch (f) {
    case FLD_ROWS_NOTE:
        rows_note(w, b);
        return true;
    case FLD_PACKAGE_NOTE:
        package_note(w, b);
        return true;
    case FLD_PARTS_NOTE:
        parts_note(b);
        return true;
    case FLD_RATE:
        rate_note(w, b);
        return true;
    case FLD_DATA_NOTE:
        data_note(w, b);
        return true;
    case FLD_IMAGE_NOTE:
        image_note(w, b);
        return true;
    default:
        return false;
    }
}
