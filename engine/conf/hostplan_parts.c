/* PAM, services and time: what differs between distributions. */
#define _GNU_SOURCE
#include <string.h>

#include "engine/conf/hostplan_int.h"

static bool mentions(struct host *h, const char *path, const char *word)
{
    struct buf b = BUF_INIT(HOST_FILE_MAX);
    struct err ignored = {0};
    bool present, found = false;
    if (host_read_opt(h, path, &b, &present, &ignored) == 0 && present) {
        for (const char *p = buf_text(&b); p && *p && !found;
             p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
            size_t n = strcspn(p, "\n");
            found = p[strspn(p, " \t")] != '#' && memmem(p, n, word, strlen(word)) != NULL;
        }
    }
    buf_free(&b);
    return found;
}

bool plan_pam_ready(struct host *h, const char *service, bool home_dirs)
{
    AUTOFREE char *module = xasprintf("pam_%s.so", service);
    if (host_exists(h, "/etc/authselect/authselect.conf"))
        return mentions(h, "/etc/pam.d/system-auth", module) &&
               (!home_dirs || mentions(h, "/etc/pam.d/system-auth", "mkhomedir"));
    return mentions(h, "/etc/pam.d/common-auth", module) &&
           (!home_dirs || mentions(h, "/etc/pam.d/common-session", "mkhomedir"));
}

/* Files that pam-auth-update rewrites, and its own memory of what it did. */
static const char *const debian_pam_files[] = {
    "/etc/pam.d/common-account",
    "/etc/pam.d/common-auth",
    "/etc/pam.d/common-password",
    "/etc/pam.d/common-session",
    "/etc/pam.d/common-session-noninteractive",
    "/var/lib/pam/account",
    "/var/lib/pam/auth",
    "/var/lib/pam/password",
    "/var/lib/pam/seen",
    "/var/lib/pam/session",
    "/var/lib/pam/session-noninteractive",
};
static const char *const authselect_files[] = {
    "/etc/authselect/authselect.conf", "/etc/authselect/dconf-db",
    "/etc/authselect/dconf-locks",     "/etc/authselect/fingerprint-auth",
    "/etc/authselect/nsswitch.conf",   "/etc/authselect/password-auth",
    "/etc/authselect/postlogin",       "/etc/authselect/smartcard-auth",
    "/etc/authselect/system-auth",
};

/* Those that are not there yet too: the tool makes them. */
static void protect(struct host_change *c, const char *const *files, size_t n)
{
    for (size_t i = 0; i < n; i++)
        strv_add(&c->protect, files[i]);
}

void plan_pam(struct planner *pl)
{
    const struct host_settings *s = pl->s;
    bool winbind = s->identity == HOST_IDENTITY_WINBIND;
    const char *service = winbind ? "winbind" : "sss";
    if (s->identity == HOST_IDENTITY_NONE || plan_pam_ready(pl->h, service, s->home_dirs))
        return;
    bool authselect = host_exists(pl->h, "/etc/authselect/authselect.conf");
    const char *const debian[] = {"pam-auth-update",
                                  "--package",
                                  "--enable",
                                  service,
                                  s->home_dirs ? "mkhomedir" : NULL,
                                  NULL};
    const char *const redhat[] = {"authselect", "select", winbind ? "winbind" : "sssd",
                                  s->home_dirs ? "with-mkhomedir" : NULL, NULL};
    struct host_change *c = plan_command(pl, HOST_WHAT_PAM, authselect ? redhat : debian);
    AUTOFREE char *tool = host_find_tool(pl->h, c->argv.s[0]);
    if (authselect)
        protect(c, authselect_files, ARRAY_SIZE(authselect_files));
    else
        protect(c, debian_pam_files, ARRAY_SIZE(debian_pam_files));
    if (tool && s->run_pam_tool && (pl->live || host_is_root(pl->h)))
        return;
    c->kind = HOST_CHANGE_OWNER;
    strv_free(&c->protect);
    if (!tool)
        c->note = N_("The distribution's tool for this is not on the system. Install the packages, "
                     "then run the "
                     "command there.");
    else
        c->note = N_("Left to you: run the command on that system.");
}

static bool under(const char *path, const char *dir)
{
    return strncmp(path, dir, strlen(dir)) == 0;
}

bool plan_is_pam(const char *path)
{
    return under(path, "/etc/pam.d/") || under(path, "/var/lib/pam/") ||
           under(path, "/etc/authselect/");
}

/* Home directories were switched on by the join, not before it. */
static bool made_homes(struct planner *pl)
{
    const struct enroll_file *f = enroll_record_file(&pl->rec, "/etc/pam.d/common-session");
    return f && mentions(pl->h, f->path, "mkhomedir") &&
           (!f->backup || !mentions(pl->h, f->backup, "mkhomedir"));
}

void plan_pam_leave(struct planner *pl)
{
    bool authselect = host_exists(pl->h, "/etc/authselect/authselect.conf");
    const char *service = str_eq(pl->rec.identity, "winbind") ? "winbind" : "sss";
    if (!plan_pam_ready(pl->h, service, false))
        return; /* our part is gone already */
    if (authselect) {
        plan_add(pl, HOST_CHANGE_OWNER, HOST_WHAT_PAM, "/etc/authselect/authselect.conf")->note =
            N_("Left to you: another profile was chosen since with 'authselect select'.");
        return;
    }
    const char *const argv[] = {"pam-auth-update",
                                "--package",
                                "--remove",
                                service,
                                made_homes(pl) ? "mkhomedir" : NULL,
                                NULL};
    struct host_change *c = plan_command(pl, HOST_WHAT_PAM, argv);
    AUTOFREE char *tool = host_find_tool(pl->h, c->argv.s[0]);
    protect(c, debian_pam_files, ARRAY_SIZE(debian_pam_files));
    if (tool && (pl->live || host_is_root(pl->h)))
        return;
    c->kind = HOST_CHANGE_OWNER;
    strv_free(&c->protect);
    c->note = N_("Left to you: run the command on that system.");
}

static char *unit_file(struct planner *pl, const char *unit)
{
    static const char *const dirs[] = {"/lib/systemd/system", "/usr/lib/systemd/system"};
    for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
        char *path = xasprintf("%s/%s", dirs[i], unit);
        if (host_exists(pl->h, path))
            return path;
        free(path);
    }
    return NULL;
}

/* A unit that its owner has masked is a link to /dev/null. */
static bool masked(struct planner *pl, const char *unit)
{
    AUTOFREE char *path = xasprintf("/etc/systemd/system/%s", unit);
    AUTOFREE char *target = NULL;
    struct err ignored = {0};
    return host_readlink(pl->h, path, &target, &ignored) == 0 && strcmp(target, "/dev/null") == 0;
}

static void plan_enable(struct planner *pl, const char *unit)
{
    AUTOFREE char *file = unit_file(pl, unit);
    AUTOFREE char *link = xasprintf("/etc/systemd/system/multi-user.target.wants/%s", unit);
    struct host_meta m;
    struct err e = {0};
    if (!file)
        return; /* not installed: the missing packages say so */
    if (masked(pl, unit)) {
        err_cause(&e, CAUSE_SERVICE_FAILED);
        err_fact(&e, FACT_SERVICE, "%s", unit);
        err_fact(&e, FACT_DETAIL, "masked in /etc/systemd/system");
        plan_problem(pl, &e);
        return;
    }
    if (host_lstat(pl->h, link, &m, &e) != 0 || m.kind != HOST_ABSENT)
        return;
    struct host_change *c = plan_add(pl, HOST_CHANGE_LINK, HOST_WHAT_ENABLE, link);
    c->after = TAKE(file);
}

static void plan_restart(struct planner *pl, const char *verb, const char *unit, bool required)
{
    const char *const argv[] = {"systemctl", verb, unit, NULL};
    plan_command(pl, HOST_WHAT_RESTART, argv)->required = required;
}

/* New files have their directory's SELinux type; the policy may want another. */
static void plan_labels(struct planner *pl)
{
    struct strv argv = {0};
    strv_add(&argv, "restorecon");
    strv_add(&argv, "-F");
    for (size_t i = 0; i < pl->p->n; i++) {
        if (pl->p->changes[i].kind == HOST_CHANGE_FILE)
            strv_add(&argv, pl->p->changes[i].path);
    }
    plan_command(pl, HOST_WHAT_LABELS, (const char *const *)argv.s);
    strv_free(&argv);
}

void plan_services(struct planner *pl)
{
    const struct host_settings *s = pl->s;
    AUTOFREE char *name = NULL;
    struct err e = {0};
    const char *unit = s->identity == HOST_IDENTITY_WINBIND ? "winbind.service" : "sssd.service";
    if (s->identity != HOST_IDENTITY_NONE && s->enable_services)
        plan_enable(pl, unit);
    if (!pl->live)
        return;
    if (host_exists(pl->h, "/sys/fs/selinux/enforce"))
        plan_labels(pl);
    if (s->set_hostname && !s->keep_running_name && host_get_hostname(pl->h, &name, &e) == 0 &&
        !str_eq(name, s->short_name)) {
        struct host_change *c = plan_add(pl, HOST_CHANGE_NAME, HOST_WHAT_SET_NAME, NULL);
        c->before = TAKE(name);
        c->after = xstrdup(s->short_name);
    }
    if (s->restart_services && s->identity != HOST_IDENTITY_NONE)
        plan_restart(pl, "restart", unit, true);
    for (size_t i = 0; s->restart_services && i < pl->p->n; i++) {
        const char *path = pl->p->changes[i].path;
        if (pl->p->changes[i].what != HOST_WHAT_TIME || pl->p->changes[i].kind != HOST_CHANGE_FILE)
            continue;
        plan_restart(pl, "try-restart",
                     strstr(path, "chrony") ? "chrony.service" : "systemd-timesyncd.service",
                     false);
        break;
    }
}

static void time_file(struct planner *pl, const char *path,
                      void (*make)(const struct host_settings *, struct buf *))
{
    struct err e = {0};
    struct buf b = BUF_INIT(64 << 10);
    AUTOFREE char *now = NULL;
    if (plan_read(pl, path, &now, &e) != 0) {
        plan_problem(pl, &e);
        return;
    }
    make(pl->s, &b);
    struct host_change *c = plan_add(pl, HOST_CHANGE_FILE, HOST_WHAT_TIME, path);
    c->before = TAKE(now);
    c->after = buf_steal(&b);
    c->mode = 0644;
}

void plan_time(struct planner *pl)
{
    if (!pl->s->time_from_domain)
        return;
    if (host_exists(pl->h, "/etc/chrony/sources.d"))
        time_file(pl, "/etc/chrony/sources.d/joinery.sources", conf_chrony);
    else if (host_exists(pl->h, "/lib/systemd/systemd-timesyncd") ||
             host_exists(pl->h, "/usr/lib/systemd/systemd-timesyncd"))
        time_file(pl, "/etc/systemd/timesyncd.conf.d/joinery.conf", conf_timesyncd);
    else
        plan_add(pl, HOST_CHANGE_OWNER, HOST_WHAT_TIME, NULL)->note =
            N_("No time service that this program knows is installed. Set the domain's controllers "
               "as its source.");
}
