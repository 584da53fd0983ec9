#include "engine/apply/linux_look.h"

#include "engine/flow/membership.h"
#include "engine/flow/osinfo.h"

bool linux_is_root(struct host *h)
{
    static const char *const signs[] = {"/etc/os-release", "/usr/lib/os-release", "/etc/passwd"};
    for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
        if (host_exists(h, signs[i]))
            return true;
    }
    return false;
}

char *linux_leave_command(struct host *h, const char *where)
{
    static const char leave[] = "--set enrollment.operation=leave";
    return host_is_live(h) ? xasprintf("joinery --unattended %s", leave)
                           : xasprintf("joinery --unattended --root %s %s", where, leave);
}

static void judge(struct host *h, const char *where, struct err *e)
{
    struct membership m;
    if (membership_is_controller(h)) {
        err_cause(e, CAUSE_SYSTEM_IS_DC);
        return;
    }
    if (membership_load(h, &m, e) == 0 && m.state == MEMBER_DOMAIN) {
        err_cause(e, CAUSE_SYSTEM_ALREADY_JOINED);
        err_fact(e, FACT_DOMAIN, "%s", m.rec.domain);
        err_fact(e, FACT_NAME, "%s", m.rec.computer);
        AUTOFREE char *command =
            m.other_leave ? xstrdup(m.other_leave) : linux_leave_command(h, where);
        err_fact(e, FACT_COMMAND, "%s", command);
    }
    membership_free(&m);
}

void linux_look(struct host *h, const char *where, struct image_view *ret)
{
    struct err ignored = {0};
    *ret = (struct image_view){
        .kind = SYSTEM_LINUX,
        .path = xstrdup(""),
        .windows = xstrdup(""),
        .product = os_release_value(h, "PRETTY_NAME"),
        .version = os_release_value(h, "VERSION_ID"),
        .edition = xstrdup(""),
        .arch = xstrdup(""),
        .setup_state = xstrdup(""),
        .why = "",
    };
    if (host_static_hostname(h, &ret->name, &ignored) < 0)
        ret->name = xstrdup("");
    judge(h, where, &ret->err);
}
