/* Taking back the account of data that nobody will have. */
#include <string.h>

#include "engine/provision/provision_part.h"
#include "engine/provision/provision_run.h"

/* The tool's password is not known: owner and time tell. */
static int made_by_us(struct provision *p, bool *ours, struct err *e)
{
    struct session *s = p->s;
    struct provision_part part = provision_part_of(s, p->since);
    provision_forget_facts(s);
    if (read_facts(s, e) < 0)
        return -1;
    *ours = provision_part_proves(&part, s->names.account, s->loc->domain.dns, &s->facts);
    return 0;
}

/* The answer to the add was lost: was the account made, and is it ours? */
static int find_out(struct provision *p, struct dir *d, struct err *e)
{
    struct account_names n;
    char *dn = NULL;
    bool ours = false;
    account_names_of(p->s, &n);
    if (account_find_out(d, &n, p->since, &p->outcome, &dn, e) < 0)
        return -1;
    if (dn) {
        free(p->id.dn);
        p->id.dn = dn;
    }
    if (!p->ours || p->outcome != ACCOUNT_DONE)
        return 0;
    int r = p->by_tool ? made_by_us(p, &ours, e) : undo_is_ours(p->s, &p->password, &ours, e);
    p->outcome = r == 0 ? (ours ? ACCOUNT_DONE : ACCOUNT_NOT_DONE) : ACCOUNT_UNKNOWN_OUTCOME;
    return r;
}

static int undo_over(void *arg, struct dir *d, struct err *e)
{
    struct provision *p = arg;
    if (p->outcome == ACCOUNT_UNKNOWN_OUTCOME && find_out(p, d, e) < 0)
        return -1;
    if (p->outcome != ACCOUNT_DONE || !p->ours)
        return 0;
    char guid[GUID_TEXT_MAX];
    AUTOFREE char *by_guid =
        sid_is_set(&p->id.sid) ? xasprintf("<GUID=%s>", guid_to_text(p->id.guid, guid)) : NULL;
    if (account_delete(d, by_guid ? by_guid : p->id.dn, false, e) < 0)
        return -1;
    report_undone(p->s->r, STEP_ACCOUNT, N_("deleted: {1}"), p->id.dn, NULL);
    p->outcome = ACCOUNT_NOT_DONE;
    return 0;
}

static void say_what_stays(struct provision *p, struct engine_msg *done, const char *left)
{
    struct err *e = &done->u.done.err;
    done->u.done.directory_changed = true;
    err_fact(e, FACT_OBJECT, "%s", p->id.dn ? p->id.dn : p->s->names.account);
    err_fact(e, FACT_LEFT, "%s", left);
}

/* Nothing is left that it would tell of. One that a killed run left stays as long as its account.
 */
static void forget_note(struct provision *p)
{
    if (p->noted)
        provision_part_remove(p->path);
}

void provision_undo(struct provision *p, struct engine_msg *done)
{
    struct err e = {0};
    if (p->outcome == ACCOUNT_NOT_DONE) {
        if (p->create)
            forget_note(p);
        done->u.done.undone = p->since; /* the step was begun, and nothing is left of it */
        return;
    }
    if (undo_over_link(p->s, undo_over, p, &e) < 0) {
        log_error("undo: %s: %s", code_symbol(e.code), e.raw);
        say_what_stays(p, done,
                       N_("The account may have been made, and nobody knows its password. Run the "
                          "same again: it is recognised and used."));
        return;
    }
    if (p->outcome == ACCOUNT_DONE)
        say_what_stays(p, done,
                       N_("The account has a password that nobody knows. Provision it again, with "
                          "NETSETUP_PROVISION_REUSE_ACCOUNT."));
    else
        done->u.done.undone = true;
    if (p->outcome == ACCOUNT_NOT_DONE)
        forget_note(p);
}
