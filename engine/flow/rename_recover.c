/*
 * A rename that was interrupted after its request may have left. Nobody is asked: the keytab has
 * both names, and the one under which the machine can log in is the one that the directory has. The
 * new one: the rename is finished. The old one: this machine gets its old names back.
 */
#include <stdio.h>
#include <string.h>

#include "engine/flow/elsewhere.h"
#include "engine/flow/join.h"
#include "engine/flow/rename.h"
#include "engine/wire/dn.h"

/* The names and the controller of the journal. */
static struct settings *journal_settings(struct txn *t, struct err *e)
{
    const char *ini = txn_setting(t, "answers");
    struct settings *s = xcalloc(1, sizeof *s);
    settings_init(s);
    if ((ini && settings_load_ini(s, ini, strlen(ini), ORIGIN_FILE, e) < 0) ||
        settings_set(s, OPT_DOMAIN, txn_setting(t, "domain"), ORIGIN_SET, e) < 0 ||
        settings_set(s, OPT_CONTROLLER, txn_setting(t, "controller"), ORIGIN_SET, e) < 0) {
        settings_drop(s);
        return NULL;
    }
    return s;
}

static void take(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static int journal_names(struct rename *r, struct err *e)
{
    struct machine_names *n = &r->s->names;
    *n = (struct machine_names){0};
    take(n->netbios, sizeof n->netbios, txn_setting(r->txn, RENAME_SETTING_NAME));
    take(n->fqdn, sizeof n->fqdn, txn_setting(r->txn, RENAME_SETTING_FQDN));
    take(n->label, sizeof n->label, txn_setting(r->txn, RENAME_SETTING_HOST));
    if (!*n->netbios || !*n->fqdn || !*n->label)
        return err_cause(e, CAUSE_FILE_UNPARSABLE);
    snprintf(n->account, sizeof n->account, "%s$", n->netbios);
    rename_old_names(&r->m.rec, &r->old);
    r->account = true;
    return 0;
}

static int go_back(struct rename *r, struct engine_msg *done, struct err *e)
{
    struct session *s = r->s;
    report_step(s->r, STEP_JOURNAL);
    if (txn_note(r->txn, NOTE_DIRECTORY_CLEAN, "1", e) < 0 || rename_roll_back(r, e) < 0)
        return -1;
    hostplan_unrun(s->target, txn_setting(r->txn, SETTING_HOSTNAME));
    done->u.done.undone = true;
    report_ok(s->r, N_("everything on this machine is as it was before"), NULL);
    return 0;
}

/* 0: *cred. 1: not under this name. -1: nothing can be told. */
static int log_in_as(struct rename *r, const char *account, struct kerb_cred **cred, struct err *e)
{
    struct session *s = r->s;
    AUTOFREE char *name = xasprintf("%s@%s", account, s->realm);
    if (kerb_login_keytab(s->kerb, name, r->keytab.data, r->keytab.len, cred, e) == 0)
        return 0;
    err_fact(e, FACT_ACCOUNT, "%s", name);
    /* Somebody else's account of that name refuses the password. */
    return e->code == cause_code(CAUSE_KDC_UNKNOWN_USER) ||
                   e->code == cause_code(CAUSE_KDC_WRONG_PASSWORD)
               ? 1
               : -1;
}

static int read_account(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct account_names n;
    AUTOFREE char *ldap = xasprintf("ldap/%s", session_dc(s)->host);
    AUTOFREE char *base =
        *r->m.rec.guid ? xasprintf("<GUID=%s>", r->m.rec.guid) : xstrdup(r->m.rec.account_dn);
    const char *spns[] = {ldap};
    rename_account_names(r, &n);
    if (kerb_service_tickets(s->kerb, r->machine.cred, spns, 1, e) < 0 ||
        machine_bind(s, &r->machine, e) < 0)
        return -1;
    return account_rename_read(r->machine.dir, base, &n, &r->a, e);
}

/* The request carried all names at once; what a server left out the machine may add itself. */
static void complete_names(struct rename *r)
{
    struct account_names n;
    struct err e = {0};
    rename_account_names(r, &n);
    if (r->a.added.n && account_complete_names(r->machine.dir, &n, &r->a.was, &e) < 0)
        log_notice("the account's names are not complete: %s", e.raw);
}

/* Moving the object takes a right that a machine does not have. */
static void look_at_object(struct rename *r)
{
    static const struct err nobody = {.raw = "nobody with rights is logged in"};
    AUTOFREE char *leaf = dn_leaf_value(r->a.was.dn);
    if (str_ieq(leaf, r->old.netbios) && !str_ieq(leaf, r->s->names.netbios))
        rename_object_kept(r, &nobody);
}

static int go_forward(struct rename *r, struct engine_msg *done, struct err *e)
{
    struct session *s = r->s;
    complete_names(r);
    look_at_object(r);
    free(TAKE(r->a.new_rdn)); /* what the object is called now is what is recorded */
    if (rename_local(r, e) < 0 || txn_switch(r->txn, e) < 0 || rename_finish(r, e) < 0)
        return -1;
    done->u.done.restart_needed = host_is_live(s->target);
    done->u.done.notice = r->notice;
    return 0;
}

/* 1: the account has its new names. 0: it has the old ones. -1: that cannot be told. */
static int is_renamed(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    struct kerb_cred *old = NULL;
    bool same = str_ieq(r->old.account, s->names.account);
    int rc = log_in_as(r, s->names.account, &r->machine.cred, e);
    if (rc < 0 || (rc == 0 && read_account(r, e) < 0))
        return -1;
    /* Under the same name, the host name tells. */
    if (rc == 0 && !r->a.sam_changes && !r->a.dns_changes)
        return 1;
    if (rc == 1 && !same) {
        err_reset(e);
        rc = log_in_as(r, r->old.account, &old, e);
        kerb_cred_free(old);
    }
    if (rc == 1)
        log_notice("the account cannot be used under either name (%s)", code_symbol(e->code));
    return rc < 0 ? -1 : 0;
}

/* Asked at the controller that took the request, or where that one is out of reach, at another. */
static int ask_which(struct rename *r, struct err *e)
{
    struct session *s = r->s;
    const char *other = settings_get(r->asked, OPT_CONTROLLER);
    AUTOFREE char *writer = xstrdup(settings_get(r->own, OPT_CONTROLLER));
    struct err first = {0};
    int renamed = -1;
    if (locate_domain(s, e) == 0) {
        report_step(s->r, STEP_RENAME);
        renamed = is_renamed(r, e);
    }
    if (renamed >= 0 || !elsewhere_may(s, e, writer, other))
        return renamed;
    first = *e;
    err_reset(e);
    machine_done(&r->machine);
    account_rename_free(&r->a);
    if (elsewhere_go(s, r->own, writer, other, &first, e) == 0) {
        report_step(s->r, STEP_RENAME);
        renamed = is_renamed(r, e);
    }
    if (renamed == 0) {
        struct err answer = {0};
        err_cause(&answer, CAUSE_KDC_UNKNOWN_USER);
        return elsewhere_unproved(s, writer, &answer, r->m.rec.account_dn, e);
    }
    if (renamed < 0)
        *e = first;
    return renamed;
}

static int find_out(struct rename *r, struct engine_msg *done, struct err *e)
{
    if (rename_keytab(r, true, &r->keytab, e) < 0)
        return -1;
    int renamed = ask_which(r, e);
    if (renamed < 0)
        return -1;
    err_reset(e);
    return renamed ? go_forward(r, done, e) : go_back(r, done, e);
}

int recover_rename(struct session *s, struct txn *t, struct engine_msg *done, struct err *e)
{
    struct rename r = {
        .s = s, .lock = HOST_LOCK_INIT, .txn = t, .keytab = BUF_SECRET(KERB_KEYTAB_MAX)};
    int rc = -1;
    r.asked = s->s;
    if ((r.own = journal_settings(t, e))) {
        s->s = r.own;
        if (membership_load(s->target, &r.m, e) == 0 && journal_names(&r, e) == 0)
            rc = find_out(&r, done, e);
    }
    r.txn = NULL; /* the caller's */
    rename_done(&r);
    return rc;
}
