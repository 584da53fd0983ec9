#include "engine/conf/packages.h"

#include <string.h>

#define DPKG_STATUS     "/var/lib/dpkg/status"
#define DPKG_STATUS_MAX (64u << 20)

/* What is needed, and how to see that it is there: names of the packages by family, and a file of
 * each. */
struct part {
    const char *debian, *fedora, *suse;
    const char *const *files; /* any of them */
};

static const char *const sssd_files[] = {"/usr/sbin/sssd", NULL};
static const char *const ad_files[] = {"/usr/lib64/sssd/libsss_ad.so", "/usr/lib/sssd/libsss_ad.so",
                                       "/usr/lib/x86_64-linux-gnu/sssd/libsss_ad.so",
                                       "/usr/lib/aarch64-linux-gnu/sssd/libsss_ad.so", NULL};
static const char *const nss_files[] = {"/usr/lib64/libnss_sss.so.2",
                                        "/lib64/libnss_sss.so.2",
                                        "/usr/lib/libnss_sss.so.2",
                                        "/lib/x86_64-linux-gnu/libnss_sss.so.2",
                                        "/lib/aarch64-linux-gnu/libnss_sss.so.2",
                                        NULL};
static const char *const pam_files[] = {"/usr/lib64/security/pam_sss.so",
                                        "/lib64/security/pam_sss.so",
                                        "/usr/lib/security/pam_sss.so",
                                        "/lib/x86_64-linux-gnu/security/pam_sss.so",
                                        "/lib/aarch64-linux-gnu/security/pam_sss.so",
                                        NULL};
static const char *const sudo_files[] = {"/usr/bin/sudo", NULL};

static const struct part sssd_parts[] = {
    {"sssd-common", "sssd", "sssd", sssd_files},
    {"sssd-ad", "sssd-ad", "sssd-ad", ad_files},
    {"libnss-sss", "sssd-client", "sssd", nss_files},
    {"libpam-sss", "sssd-client", "sssd", pam_files},
};
static const char *const winbind_files[] = {"/usr/sbin/winbindd", NULL};
static const char *const net_files[] = {"/usr/bin/net", NULL};
static const char *const nss_winbind_files[] = {"/usr/lib64/libnss_winbind.so.2",
                                                "/lib64/libnss_winbind.so.2",
                                                "/usr/lib/libnss_winbind.so.2",
                                                "/lib/x86_64-linux-gnu/libnss_winbind.so.2",
                                                "/lib/aarch64-linux-gnu/libnss_winbind.so.2",
                                                NULL};
static const char *const pam_winbind_files[] = {"/usr/lib64/security/pam_winbind.so",
                                                "/lib64/security/pam_winbind.so",
                                                "/usr/lib/security/pam_winbind.so",
                                                "/lib/x86_64-linux-gnu/security/pam_winbind.so",
                                                "/lib/aarch64-linux-gnu/security/pam_winbind.so",
                                                NULL};
static const struct part winbind_parts[] = {
    {"samba-common-bin", "samba-common-tools", "samba-client", net_files},
    {"winbind", "samba-winbind", "samba-winbind", winbind_files},
    {"libnss-winbind", "samba-winbind-modules", "samba-winbind", nss_winbind_files},
    {"libpam-winbind", "samba-winbind-modules", "samba-winbind", pam_winbind_files},
};
static const struct part sudo_part = {"sudo", "sudo", "sudo", sudo_files};

struct probe {
    struct host *h;
    struct buf status; /* dpkg's, when the target has one */
    bool dpkg;
    struct package_report *r;
};

/* The value of KEY= in os-release, without quotes. */
static char *os_value(const char *text, const char *name)
{
    size_t n = strlen(name);
    for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
        if (strncmp(p, name, n) != 0 || p[n] != '=')
            continue;
        const char *v = p + n + 1;
        size_t len = strcspn(v, "\n");
        if (len >= 2 && (v[0] == '"' || v[0] == '\'') && v[len - 1] == v[0])
            return xstrndup(v + 1, len - 2);
        return xstrndup(v, len);
    }
    return xstrdup("");
}

static bool dpkg_installed(const char *status, const char *package)
{
    AUTOFREE char *head = xasprintf("\nPackage: %s\n", package);
    const char *p = status;
    if (strncmp(p, head + 1, strlen(head) - 1) != 0)
        p = strstr(p, head);
    for (; p; p = strstr(p + 1, head)) {
        const char *end = strstr(p + 1, "\n\n"),
                   *ok = strstr(p, "\nStatus: install ok installed\n");
        if (ok && (!end || ok < end))
            return true;
    }
    return false;
}

static const char *family_name(const struct package_report *r, const struct part *p,
                               const char *like)
{
    if (strstr(r->os_id, "suse") || strstr(like, "suse"))
        return p->suse;
    if (strstr(like, "fedora") || strstr(like, "rhel") || strcmp(r->os_id, "fedora") == 0 ||
        strcmp(r->os_id, "rhel") == 0)
        return p->fedora;
    return p->debian;
}

static void look(struct probe *pr, const struct part *p, const char *like)
{
    bool there = pr->dpkg && dpkg_installed((const char *)pr->status.data, p->debian);
    for (size_t i = 0; !there && !pr->dpkg && p->files[i]; i++)
        there = host_exists(pr->h, p->files[i]);
    const char *name = family_name(pr->r, p, like);
    if (!there && !strv_has(&pr->r->missing, name))
        strv_add(&pr->r->missing, name);
}

static void make_command(struct package_report *r, const char *like)
{
    const char *tool = "apt install";
    if (strstr(r->os_id, "suse") || strstr(like, "suse"))
        tool = "zypper install";
    else if (strstr(like, "fedora") || strstr(like, "rhel") || strcmp(r->os_id, "fedora") == 0 ||
             strcmp(r->os_id, "rhel") == 0)
        tool = "dnf install";
    struct buf b = BUF_INIT(4096);
    buf_str(&b, tool);
    for (size_t i = 0; i < r->missing.n; i++)
        buf_printf(&b, " %s", r->missing.s[i]);
    r->command = buf_steal(&b);
}

int packages_probe(struct host *h, const struct package_needs *needs, struct package_report *ret,
                   struct err *e)
{
    struct probe pr = {.h = h, .status = BUF_INIT(DPKG_STATUS_MAX), .r = ret};
    struct buf os = BUF_INIT(64 << 10);
    bool has;
    *ret = (struct package_report){0};
    if (host_read_opt(h, "/etc/os-release", &os, &has, e) != 0 ||
        host_read_opt(h, DPKG_STATUS, &pr.status, &pr.dpkg, e) != 0) {
        buf_free(&os);
        buf_free(&pr.status);
        return -1;
    }
    buf_put(&pr.status, "", 0);
    AUTOFREE char *like = os_value(buf_text(&os), "ID_LIKE");
    ret->os_id = os_value(buf_text(&os), "ID");
    for (size_t i = 0; needs->sssd && i < ARRAY_SIZE(sssd_parts); i++)
        look(&pr, &sssd_parts[i], like);
    for (size_t i = 0; needs->winbind && i < ARRAY_SIZE(winbind_parts); i++)
        look(&pr, &winbind_parts[i], like);
    if (needs->sudo)
        look(&pr, &sudo_part, like);
    if (ret->missing.n)
        make_command(ret, like);
    buf_free(&os);
    buf_free(&pr.status);
    return 0;
}

void package_report_free(struct package_report *r)
{
    strv_free(&r->missing);
    free(r->command);
    free(r->os_id);
    *r = (struct package_report){0};
}
