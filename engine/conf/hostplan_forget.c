/*
 * Provisioning data is often put into copies of one disk. What such a disk remembers of an earlier
 * membership, its own or that of the machine it was copied from, goes: databases of SSSD and Samba
 * with users, password hashes and machine secrets. Settings stay: they are the owner's.
 */
#include <string.h>

#include "engine/conf/hostplan_int.h"

#define TREE_DEPTH 8
#define DROPS_MAX  4096

/* Files of one directory that go, by how their names begin and end; "" is any. */
struct place {
    const char *dir, *begin, *end;
    bool deep; /* what lies in directories below it, too */
};

static const struct place places[] = {
    {"/var/lib/sss/db", "", "", false},
    {"/var/lib/sss/mc", "", "", false},
    {"/var/lib/sss/secrets", "", "", false},
    {"/var/lib/sss/pubconf", "kdcinfo.", "", false},
    {"/var/lib/sss/pubconf", "kpasswdinfo.", "", false},
    {"/var/lib/sss/pubconf/krb5.include.d", "", "", false},
    {"/var/lib/sss/gpo_cache", "", "", true},
    {"/var/lib/samba/private", "secrets.tdb", "", false},
    {"/var/lib/samba", "winbindd_", "", false},
    {"/var/lib/samba", "netsamlogon_cache", "", false},
    {"/var/cache/samba", "", ".tdb", false},
};

static bool fits(const char *name, const struct place *p)
{
    return strncmp(name, p->begin, strlen(p->begin)) == 0 && str_iends(name, p->end);
}

/* SSSD may serve other domains as well, say one of an LDAP server: cache_NAME.ldb of a domain that
 * sssd.conf still speaks of is no leftover, unless it is the one that is joined now. */
static bool in_use(struct planner *pl, const char *name, const char *sssd_conf)
{
    static const char *const begins[] = {"cache_", "timestamps_"};
    for (size_t i = 0; sssd_conf && i < ARRAY_SIZE(begins); i++) {
        size_t n = strlen(begins[i]);
        if (strncmp(name, begins[i], n) != 0 || !str_iends(name, ".ldb"))
            continue;
        AUTOFREE char *domain = xstrndup(name + n, strlen(name) - n - strlen(".ldb"));
        AUTOFREE char *section = xasprintf("[domain/%s]", domain);
        return !str_ieq(domain, pl->s->domain) && strstr(sssd_conf, section);
    }
    return false;
}

static void drop(struct planner *pl, const char *path, bool deep, unsigned depth)
{
    struct host_meta m;
    struct strv names = {0};
    struct err ignored = {0};
    if (pl->p->n > DROPS_MAX || depth > TREE_DEPTH || host_lstat(pl->h, path, &m, &ignored) != 0 ||
        m.kind == HOST_ABSENT || (m.kind == HOST_DIR && !deep) || m.kind == HOST_OTHER)
        return;
    if (m.kind == HOST_DIR && host_list(pl->h, path, &names, &ignored) == 0) {
        for (size_t i = 0; i < names.n; i++) {
            AUTOFREE char *below = xasprintf("%s/%s", path, names.s[i]);
            drop(pl, below, deep, depth + 1);
        }
    }
    strv_free(&names);
    if (!plan_has_path(pl, path))
        plan_add(pl, HOST_CHANGE_DROP, HOST_WHAT_CLEAR_CACHE, path);
}

void plan_forget_others(struct planner *pl)
{
    struct err ignored = {0};
    AUTOFREE char *sssd_conf = NULL;
    if (plan_read(pl, CONF_SSSD, &sssd_conf, &ignored) != 0)
        err_reset(&ignored);
    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        const struct place *p = &places[i];
        struct strv names = {0};
        if (host_list(pl->h, p->dir, &names, &ignored) != 0)
            err_reset(&ignored);
        for (size_t k = 0; k < names.n; k++) {
            AUTOFREE char *path = xasprintf("%s/%s", p->dir, names.s[k]);
            if (fits(names.s[k], p) && !in_use(pl, names.s[k], sssd_conf))
                drop(pl, path, p->deep, 0);
        }
        strv_free(&names);
    }
}
