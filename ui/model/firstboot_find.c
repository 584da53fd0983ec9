/* First boot: which answers are missing, and which of the data that was found is meant. */
#include <string.h>
#include <strings.h>

#include "engine/model/names.h"
#include "ui/model/internal.h"

/* ---- answers ---- */

static bool lacks_account(const struct wizard *w)
{
    const struct settings *s = &w->settings;
    if (!wizard_on_page(w, PAGE_CREDENTIALS))
        return false;
    bool nobody =
        !wizard_as_machine(w) && !*settings_get(s, OPT_ACCOUNT) && !*settings_get(s, OPT_KEYTAB);
    return nobody || wiz_login_lacks(w);
}

/* No name answered, and the machine's own is none. */
static bool lacks_name(const struct wizard *w)
{
    struct err ignored = {0};
    const char *name = settings_get(&w->settings, OPT_MACHINE_NAME);
    if (*name || *settings_get(&w->settings, OPT_FQDN))
        return false;
    const char *host = wizard_host_name(w);
    AUTOFREE char *label = xstrndup(host, strcspn(host, "."));
    return name_check_computer(label, &ignored) < 0;
}

static bool data_good(const struct wizard *w)
{
    return w->offline.package_known == KNOWN_YES && !wizard_package_fault(w);
}

static bool lacks(const struct wizard *w, enum page p)
{
    switch (p) {
    case PAGE_DOMAIN:
        return !*settings_get(&w->settings, OPT_DOMAIN) || w->domain_proposed;
    case PAGE_CREDENTIALS:
        return lacks_account(w);
    case PAGE_NAME:
        return lacks_name(w);
    case PAGE_DATA:
        return !data_good(w);
    default:
        return false;
    }
}

uint64_t wiz_first_missing(const struct wizard *w)
{
    struct err e = {0};
    uint64_t bits = 0;
    for (enum page p = PAGE_WELCOME + 1; p < PAGE_REVIEW; p++) {
        if (p != PAGE_NETWORK && wizard_on_page(w, p) && lacks(w, p))
            bits |= (uint64_t)1 << p;
    }
    if (settings_check(&w->settings, &e) < 0)
        bits |= (uint64_t)1 << wizard_fault_page(w, &e);
    return bits;
}

bool wiz_first_skips(const struct wizard *w, enum page p)
{
    return w->first.on && w->first.asks && p > PAGE_WELCOME && p < PAGE_REVIEW &&
           !(w->first.asks >> p & 1);
}

/* ---- provisioning data ---- */

/* What lies about on this machine's own disks was not brought here for it. */
static bool was_brought(const struct wizard *w, size_t i)
{
    const struct volume_view *v;
    return wizard_blob_at(w, i, &v) && (v->removable || v->own);
}

/* The first one from there on; the number of all when there is none. */
size_t wiz_first_brought(const struct wizard *w, size_t i)
{
    size_t n = wiz_blob_count(w);
    while (i < n && !was_brought(w, i))
        i++;
    return i;
}

/* By the name that the data was made for, or, where it cannot be read, by the file's. */
bool wiz_first_fits(const struct wizard *w)
{
    const char *path = settings_get(&w->settings, OPT_OFFLINE_INPUT),
               *slash = strrchr(path, '/') ? strrchr(path, '/') + 1 : path,
               *machine = w->offline.package.machine;
    AUTOFREE char *stem = xstrndup(slash, strcspn(slash, "."));
    const char *known = str_empty(machine) ? stem : machine;
    const char *host = wizard_host_name(w);
    AUTOFREE char *label = xstrndup(host, strcspn(host, "."));
    return str_ieq(known, label) ||
           (!str_empty(w->machine.own_name) && str_ieq(known, w->machine.own_name));
}

/* It can be applied, once whoever has the passphrase or the key has given it. */
bool wiz_first_usable(const struct wizard *w)
{
    const struct err *e = wizard_package_fault(w);
    const char *path = w->first.looks ? wizard_blob_at(w, w->first.at, NULL) : NULL;
    if (path && !str_eq(path, settings_get(&w->settings, OPT_OFFLINE_INPUT)))
        return false; /* its name is none that an answer can have */
    return !e || e->cause == CAUSE_PASSPHRASE_MISSING || e->cause == CAUSE_PASSPHRASE_WRONG ||
           e->cause == CAUSE_RECIPIENT_KEY_MISSING || e->cause == CAUSE_RECIPIENT_KEY_WRONG;
}

static bool same_domain(const char *a, const char *b)
{
    size_t n = strlen(a), m = str_empty(b) ? 0 : strlen(b);
    n -= n && a[n - 1] == '.';
    m -= m && b[m - 1] == '.';
    return m && n == m && strncasecmp(a, b, n) == 0;
}

/* Whoever puts a stick in does not say which domain this machine belongs to. */
bool wiz_first_foreign(const struct wizard *w)
{
    const struct package_view *p = &w->offline.package;
    const char *domain = settings_get(w->given, OPT_DOMAIN);
    return *domain && data_good(w) && !same_domain(domain, p->domain) &&
           !same_domain(domain, p->netbios_domain);
}

void wiz_first_bound(struct wizard *w)
{
    if (w->first.on && *settings_get(w->given, OPT_DOMAIN))
        wiz_forget_password(w);
}

bool wizard_first_wipes(const struct wizard *w)
{
    const char *path = settings_get(&w->settings, OPT_OFFLINE_INPUT), *blob;
    const struct volume_view *v;
    if (!w->first.on || wizard_flow(w) != FLOW_APPLY)
        return false;
    for (size_t i = 0; (blob = wizard_blob_at(w, i, &v)) != NULL; i++) {
        if (v->own && str_eq(blob, path))
            return true;
    }
    return !w->first.looks && strncmp(path, FIRST_IMAGE_FOLDER, strlen(FIRST_IMAGE_FOLDER)) == 0;
}
