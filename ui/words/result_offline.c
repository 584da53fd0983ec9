/* How preparing and applying ended, and what comes next. */
#include <string.h>

#include "engine/base/strv.h"
#include "engine/model/names.h"
#include "ui/i18n/i18n.h"
#include "ui/words/internal.h"

const char *words_expiry(void)
{
    return _("The data never expires: it works until the account's password changes.");
}

/* As a shell takes it. Of a list: the file of a machine called NAME. */
static char *quoted(const char *path)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@:";
    AUTOFREE char *clean = words_clean(path);
    struct buf b = BUF_INIT(8192);
    for (const char *p = clean; *p;) {
        bool name = !strncmp(p, "{name}", 6);
        if (name)
            buf_str(&b, "NAME");
        else if (*p == '\'')
            buf_str(&b, "'\\''");
        else
            buf_put(&b, p, 1);
        p += name ? 6 : 1;
    }
    AUTOFREE char *text = buf_steal(&b);
    if (!text)
        return xstrdup("");
    return text[strspn(text, plain)] ? xasprintf("'%s'", text) : TAKE(text);
}

static void command(struct buf *b, const char *label, const char *text)
{
    buf_printf(b, "%s\n  %s\n", label, text);
}

/* What takes the protection off for a tool that cannot; openssl leaves the mode to the umask. */
static void decrypt(const char *file, bool key, struct buf *b)
{
    AUTOFREE char *text =
        xasprintf("umask 077\n  openssl cms -decrypt -binary -inform DER \\\n    -in %s \\\n"
                  "    -out odj.txt %s",
                  file, key ? "-inkey KEY.pem" : "-pwri_password PASSPHRASE");
    command(b, _("For Windows' own djoin it has to be opened first:"), text);
}

static void joinery(struct buf *b, const char *label, const char *file, const char *where,
                    const char *opener)
{
    AUTOFREE char *text = xasprintf("joinery --unattended --set enrollment.operation=apply \\\n"
                                    "    --set offline.input=%s \\\n    --set %s%s%s",
                                    file, where, *opener ? " \\\n    --set " : "", opener);
    command(b, label, text);
}

/* The file that was written; of a list as a pattern, taken from a machine that has one: the answer
 * may name a folder only. */
static char *output_of(const struct wizard *w)
{
    const char *asked = settings_get(&w->settings, OPT_OFFLINE_OUTPUT);
    for (size_t i = 0; wizard_batch(w) && i < w->offline.n_rows; i++) {
        const struct row_view *r = &w->offline.rows[i];
        const char *slash = strrchr(r->output, '/');
        const char *at = *r->name ? strstr(slash ? slash : r->output, r->name) : NULL;
        if (at && (r->state == ROW_DONE || r->state == ROW_BEFORE))
            return xasprintf("%.*s{name}%s", (int)(at - r->output), r->output,
                             at + strlen(r->name));
    }
    return xstrdup(asked);
}

static void apply_commands(const struct wizard *w, struct buf *b)
{
    const char *format = settings_get(&w->settings, OPT_OFFLINE_FORMAT);
    AUTOFREE char *output = output_of(w);
    AUTOFREE char *file = quoted(output);
    bool cms = str_eq(format, "cms"), key = *settings_get(&w->settings, OPT_OFFLINE_RECIPIENTS);
    const char *opener = !cms  ? ""
                         : key ? "offline.recipient_key=KEY.pem"
                               : "offline.passphrase_file=FILE";
    buf_printf(b, "\n%s\n%s\n", _("How to apply it"),
               _("Joinery's mode \"Apply provisioning data\" finds it on a medium. Or:"));
    joinery(b, _("On the Linux machine itself, as root:"), file,
            "options.provision_online_caller=yes", opener);
    joinery(b, _("Into a Windows or Linux system that is mounted, for example at /mnt:"), file,
            "offline.image=/mnt", opener);
    if (cms)
        decrypt(file, key, b);
    if (cms || str_eq(format, "text")) {
        const char *slash = strrchr(output, '/');
        AUTOFREE char *name = quoted(slash ? slash + 1 : output);
        AUTOFREE char *djoin =
            xasprintf("djoin /requestODJ /loadfile %s /windowspath %%SystemRoot%% /localos",
                      cms ? "odj.txt" : name);
        command(b, _("On the Windows machine itself, as administrator:"), djoin);
    } else if (str_eq(format, "unattend")) {
        buf_printf(b, "%s\n", _("Or give it to Windows Setup as its answer file (unattend.xml)."));
    } else {
        buf_printf(b, "%s\n",
                   _("Windows' own djoin /requestODJ /loadfile reads the format \"text\" only."));
    }
}

static void about_data(const struct wizard *w, struct buf *b)
{
    buf_printf(b, "%s\n", _("Only its owner can read it (mode 0600)."));
    buf_printf(b, "%s %s\n", words_expiry(),
               wizard_unprotected(w) ? words_thief() : _("It is protected."));
    if (str_eq(settings_get(&w->settings, OPT_OFFLINE_FORMAT), "cms") &&
        !*settings_get(&w->settings, OPT_OFFLINE_RECIPIENTS))
        buf_printf(b, "%s\n",
                   _("Tell the passphrase on another way than the data goes. Nobody can find it "
                     "out again."));
}

void result_list(const struct wizard *w, struct buf *b)
{
    const struct rate_view *r = &w->offline.rate;
    const char *results = settings_get(&w->settings, OPT_OFFLINE_RESULTS);
    unsigned long before = wizard_rows_before(w);
    if (!wizard_batch(w))
        return;
    if (w->offline.have_rate)
        buf_printf(b, _("%zu done, %zu failed, %zu in the list."), r->done, r->failed, r->total);
    if (before) {
        buf_str(b, " ");
        buf_printf(b,
                   P_("%lu of them was done in an earlier run.",
                      "%lu of them were done in an earlier run.", before),
                   before);
    }
    buf_str(b, "\n");
    if (*results) {
        AUTOFREE char *path = words_clean(results);
        buf_printf(b, "%s%s%s\n", _(opt_row(OPT_OFFLINE_RESULTS)->label), words_colon(), path);
    } else {
        AUTOFREE char *path = words_clean(settings_get(&w->settings, OPT_OFFLINE_BATCH));
        buf_printf(b, _("The results lie beside the list %s."), path);
        buf_str(b, "\n");
    }
    if (w->result.code || (w->offline.have_rate && r->failed))
        buf_printf(b, "%s\n",
                   _("The same list again goes on with what is missing and makes nothing twice."));
}

void result_list_data(const struct wizard *w, struct buf *b)
{
    const struct rate_view *r = &w->offline.rate;
    if (!w->offline.have_rate || !r->done)
        return;
    buf_str(b, "\n");
    about_data(w, b);
    apply_commands(w, b);
    buf_str(b, "\n");
}

static void provisioned(const struct wizard *w, struct buf *b)
{
    struct machine_names names;
    struct err e = {0};
    const char *domain =
        w->domain.dns_name ? w->domain.dns_name : settings_get(&w->settings, OPT_DOMAIN);
    if (wizard_batch(w)) {
        buf_printf(b, "%s\n", _("The machines of the list are prepared."));
        result_list(w, b);
    } else if (names_resolve(&w->settings, "", domain, &names, &e) == 0) {
        AUTOFREE char *d = words_clean(domain);
        buf_printf(b, _("The machine %s is prepared: its account is in the domain %s."),
                   names.netbios, d);
        buf_str(b, "\n");
    }
    AUTOFREE char *file = words_clean(settings_get(&w->settings, OPT_OFFLINE_OUTPUT));
    if (*file)
        buf_printf(b, "%s%s%s\n", _("Provisioning data"), words_colon(), file);
    about_data(w, b);
    apply_commands(w, b);
    buf_str(b, "\n");
}

static void applied(const struct wizard *w, struct buf *b)
{
    const struct package_view *p = &w->offline.package;
    AUTOFREE char *machine = words_clean(p->machine), *domain = words_clean(p->domain),
                  *where = words_clean(settings_get(&w->settings, OPT_OFFLINE_IMAGE));
    if (*where)
        buf_printf(b, _("The system in %s is prepared to be %s in the domain %s."), where, machine,
                   domain);
    else
        buf_printf(b, _("This machine is now %s in the domain %s."), machine, domain);
    buf_str(b, "\n\n");
    if (w->offline.image.kind == SYSTEM_WINDOWS) {
        buf_printf(b, "%s%s%s\n", _("Method"), words_colon(),
                   words_method(w->offline.image.method));
        buf_printf(b, "%s\n",
                   _("Windows joins by itself at its next start; it needs a domain controller only "
                     "for the first logon of a domain user."));
    } else {
        buf_printf(b, "%s\n",
                   _("No controller was asked. The data does not say which number the key has, so "
                     "the keytab holds it under the likely ones; the first contact with a "
                     "controller (joinery --status, or repair) leaves only the right one."));
    }
    if (!w->first.wiped)
        buf_printf(b, "%s\n",
                   _("Remove the data from the medium now: it still is the machine's password."));
    buf_str(b, "\n");
}

bool result_offline(const struct wizard *w, struct buf *b)
{
    if (wizard_flow(w) == FLOW_PROVISION)
        provisioned(w, b);
    else if (wizard_flow(w) == FLOW_APPLY)
        applied(w, b);
    else
        return false;
    return true;
}
