/* Who logs in, and under which name. */
#include <string.h>

#include "engine/model/names_validate.h"
#include "engine/model/settings_flags.h"
#include "ui/model/internal.h"

static bool joins(const struct wizard *w)
{
    return wizard_flow(w) & (FLOW_JOIN | FLOW_CHECK);
}

bool wizard_as_machine(const struct wizard *w)
{
    return joins(w) && settings_as_machine(&w->settings);
}

bool wizard_machine_password(const struct wizard *w)
{
    return wizard_as_machine(w) && settings_bool(&w->settings, OPT_FLAG_MACHINE_PWD_PASSED);
}

bool wizard_default_password(const struct wizard *w)
{
    return wizard_as_machine(w) && settings_bool(&w->settings, OPT_FLAG_JOIN_UNSECURE) &&
           !wizard_machine_password(w);
}

const char *wizard_label(const struct wizard *w, enum field f)
{
    if (f == FLD_PASSWORD && wizard_machine_password(w))
        return N_("Machine's password");
    return field_row(f)->label;
}

const char *wizard_host_name(const struct wizard *w)
{
    if (!w->have_machine || wizard_flow(w) == FLOW_PROVISION) /* its own is not the one meant */
        return "";
    if (joins(w) && !str_empty(w->machine.next_name) &&
        settings_bool(&w->settings, OPT_FLAG_JOIN_WITH_NEW_NAME))
        return w->machine.next_name;
    return w->machine.host_name;
}

int wizard_workgroup_check(const struct wizard *w, struct err *e)
{
    const char *host = str_empty(wizard_host_name(w)) ? NULL : wizard_host_name(w);
    return name_validate(NAME_TYPE_WORKGROUP, settings_get(&w->settings, OPT_WORKGROUP), host, e);
}

bool wiz_login_lacks(const struct wizard *w)
{
    const struct settings *s = &w->settings;
    if (!wizard_on_page(w, PAGE_CREDENTIALS))
        return false;
    bool needs = wizard_as_machine(w)
                     ? wizard_machine_password(w)
                     : *settings_get(s, OPT_ACCOUNT) && !*settings_get(s, OPT_KEYTAB);
    return needs && !w->password_kept;
}

static void set_flag(struct wizard *w, enum opt o, bool on)
{
    if (settings_bool(&w->settings, o) != on)
        wiz_set_opt(w, o, on ? "yes" : "no");
}

/* With nobody's account there is none to be named, and nobody who could create one. */
static void as_machine_changed(struct wizard *w)
{
    if (wizard_as_machine(w)) {
        wiz_set_opt(w, OPT_ACCOUNT, "");
        wiz_set_opt(w, OPT_KEYTAB, "");
        edit_set(&w->edit[FLD_ACCOUNT], "");
    }
    wiz_forget_password(w);
    wiz_clear_ous(w);
    wiz_clear_name(w);
}

/* The flags that need it go with it. */
static void unsecure_changed(struct wizard *w)
{
    bool on = settings_bool(&w->settings, OPT_FLAG_JOIN_UNSECURE);
    set_flag(w, OPT_FLAG_ACCT_CREATE, !on);
    if (!on) {
        set_flag(w, OPT_FLAG_MACHINE_PWD_PASSED, false);
        set_flag(w, OPT_FLAG_JOIN_READONLY, false);
    }
    as_machine_changed(w);
}

static bool chosen_is_readonly(const struct wizard *w)
{
    const char *host = settings_get(&w->settings, OPT_CONTROLLER);
    for (size_t i = 0; *host && i < w->n_dcs; i++) {
        const struct dc_view *dc = &w->dcs[i];
        if (str_ieq(dc->host, host))
            return dc->state == DC_READ_ONLY_STATE || (dc->state == DC_ANSWERED && !dc->writable);
    }
    return false;
}

bool wiz_readonly_question(struct wizard *w, const struct err *e)
{
    bool found = e ? e->cause == CAUSE_CONTROLLER_READ_ONLY : chosen_is_readonly(w);
    if (!found || !joins(w) || settings_bool(&w->settings, OPT_FLAG_JOIN_READONLY) ||
        w->overlay != OVER_NONE)
        return false;
    wiz_ask(w, ASK_READONLY);
    return true;
}

void wiz_join_readonly(struct wizard *w)
{
    set_flag(w, OPT_FLAG_JOIN_UNSECURE, true);
    wiz_answer_changed(w, OPT_FLAG_JOIN_UNSECURE);
    set_flag(w, OPT_FLAG_MACHINE_PWD_PASSED, true);
    set_flag(w, OPT_FLAG_JOIN_READONLY, true);
    w->domain_known = KNOWN_PENDING; /* it may be used now */
}

void wiz_answer_changed(struct wizard *w, enum opt o)
{
    if (!wizard_on_page(w, PAGE_CREDENTIALS)) /* nobody is asked any more */
        wiz_forget_password(w);
    switch (o) {
    case OPT_FLAG_JOIN_UNSECURE:
        unsecure_changed(w);
        break;
    case OPT_FLAG_WIN9X_UPGRADE:
        as_machine_changed(w);
        break;
    case OPT_FLAG_MACHINE_PWD_PASSED:
        wiz_forget_password(w);
        break;
    case OPT_FLAG_ACCT_CREATE:
    case OPT_FLAG_JOIN_WITH_NEW_NAME:
    case OPT_FLAG_JOIN_DC_ACCOUNT:
    case OPT_FLAG_NO_ACCT_REUSE:
    case OPT_FLAG_DNS_NAME_CHANGES_ONLY:
    case OPT_REUSE_OVERRIDE:
    case OPT_FLAG_PROVISION_REUSE_ACCOUNT:
        /* What the directory says about the name is another matter now. */
        wiz_clear_name(w);
        w->name_warned = false;
        if (w->page == PAGE_NAME || w->page == PAGE_RENAME) {
            w->name_known = KNOWN_PENDING;
            w->idle_at = w->now_ms + IDLE_MS;
        }
        break;
    case OPT_FLAG_PROVISION_ONLINE_CALLER:
        wiz_clear_image(w);
        break;
    default:
        break;
    }
}

bool wiz_name_can_be_asked(const struct wizard *w)
{
    if (!wiz_name_rule(settings_get(&w->settings, OPT_MACHINE_NAME), NULL))
        return false;
    if (wizard_flow(w) == FLOW_PROVISION)
        return *settings_get(&w->settings, OPT_MACHINE_NAME) && w->login_known == KNOWN_YES;
    if (wizard_flow(w) == FLOW_RENAME)
        return settings_bool(&w->settings, OPT_FLAG_ACCT_CREATE) && w->login_known == KNOWN_YES;
    return !wizard_as_machine(w) && !wiz_login_lacks(w);
}

bool wiz_name_good(const struct wizard *w)
{
    return w->name.state == NAME_FREE || w->name.state == NAME_OWN;
}

void wiz_name_trouble(struct wizard *w, struct effects *fx)
{
    struct err why = w->name.why;
    bool rename = wizard_flow(w) == FLOW_RENAME;
    if (rename && w->page != PAGE_RENAME && wizard_fault_page(w, &why) != PAGE_CREDENTIALS)
        wiz_enter(w, PAGE_RENAME, fx);
    if (w->page == PAGE_NAME && wizard_flow(w) == FLOW_PROVISION &&
        why.code == CODE_NERR_UserExists && w->overlay == OVER_NONE &&
        !settings_bool(&w->settings, OPT_FLAG_PROVISION_REUSE_ACCOUNT)) {
        wiz_ask(w, ASK_REUSE);
        return;
    }
    wiz_say_err(w, SAY_NAME_TROUBLE, &why);
    w->fault = w->page == PAGE_CREDENTIALS ? FLD_ACCOUNT : rename ? FLD_RENAME_NAME : FLD_NAME;
    w->name_warned = true;
}
