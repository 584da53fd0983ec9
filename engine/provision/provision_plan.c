/* What provisioning will change, and what stands against it; nothing is written. */
#include <errno.h>
#include <time.h>

#include "engine/crypto/certs.h"
#include "engine/flow/join.h"
#include "engine/model/settings_offline.h"
#include "engine/provision/batch.h"
#include "engine/provision/provision.h"
#include "engine/provision/provision_others.h"
#include "engine/provision/provision_part.h"

#define PASSPHRASE_GOOD 12 /* characters */

static const char *envelope_text(const struct settings *s)
{
    if (!*settings_get(s, OPT_OFFLINE_RECIPIENTS))
        return N_("Provisioning data, protected by a passphrase, readable by you only");
    if (secret_is_set(&s->passphrase))
        return N_("Provisioning data, protected by a passphrase and for its recipients, readable "
                  "by you only");
    return N_("Provisioning data, protected for its recipients, readable by you only");
}

static const char *form_text(const struct settings *s)
{
    const char *format = settings_get(s, OPT_OFFLINE_FORMAT);
    if (str_eq(format, "cms"))
        return envelope_text(s);
    if (str_eq(format, "unattend"))
        return N_("Provisioning data as an answer file, readable by you only");
    return str_eq(format, "text") ? N_("Provisioning data as text, readable by you only")
                                  : N_("Provisioning data, readable by you only");
}

/* Only looked at. */
static int look_at_output(struct session *s, struct err *e)
{
    const char *path = settings_get(s->s, OPT_OFFLINE_OUTPUT);
    bool over = settings_bool(s->s, OPT_OFFLINE_OVERWRITE);
    if (s->req_output || settings_is_batch(s->s) || newfile_look(path, over) == 0)
        return 0;
    int no = errno;
    return err_errno(e, no == EEXIST ? CAUSE_OFFLINE_OUTPUT_EXISTS : CAUSE_OFFLINE_OUTPUT_FAILED,
                     no, path);
}

/* Certificates of one file that are trusted with the data against good reasons. */
static void tell_of_recipients(struct session *s, const struct buf *file, const char *path)
{
    struct certs list = {0};
    struct err e = {0};
    if (certs_read(file->data, file->len, &list, &e) < 0)
        list.n = 0; /* what it is instead was said */
    for (size_t i = 0; i < list.n; i++) {
        enum certs_flaw flaw = certs_judge(list.der[i].data, list.der[i].len, time(NULL));
        AUTOFREE char *who = certs_subject(list.der[i].data, list.der[i].len);
        err_reset(&e);
        if (flaw == CERTS_SOUND)
            continue;
        err_cause(&e,
                  flaw == CERTS_WEAK ? CAUSE_RECIPIENT_KEY_SHORT : CAUSE_RECIPIENT_NOT_VALID_NOW);
        err_fact(&e, FACT_FILE, "%s", path);
        err_fact(&e, FACT_NAME, "%s", who ? who : "");
        report_verdict(s->r, CHECK_OFFLINE_DATA, VERDICT_WARNING, &e);
    }
    certs_free(&list);
}

/* Characters of UTF-8. */
static size_t passphrase_length(const struct secret *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->len; i++)
        n += (p->data[i] & 0xc0) != 0x80;
    return n;
}

/* How well it is protected. */
static void tell_of_strength(struct session *s, const struct provision_form *form)
{
    const struct secret *p = form->target.passphrase;
    struct strv files = {0};
    struct err e = {0};
    if (p && passphrase_length(p) < PASSPHRASE_GOOD) {
        err_cause(&e, CAUSE_PASSPHRASE_SHORT);
        report_verdict(s->r, CHECK_OFFLINE_DATA, VERDICT_WARNING, &e);
    }
    settings_list(s->s, OPT_OFFLINE_RECIPIENTS, &files);
    for (size_t i = 0; i < form->n && i < files.n; i++)
        tell_of_recipients(s, &form->certificates[i], files.s[i]);
    strv_free(&files);
}

/* What the data is worth to whoever gets it. */
static void tell_of_protection(struct session *s)
{
    struct err e = {0};
    bool cms = str_eq(settings_get(s->s, OPT_OFFLINE_FORMAT), "cms");
    if (!cms)
        err_cause(&e, CAUSE_DATA_UNPROTECTED);
    report_verdict(s->r, CHECK_OFFLINE_DATA, cms ? VERDICT_OK : VERDICT_NOTICE, &e);
    err_reset(&e);
    if (settings_bool(s->s, OPT_FLAG_PROVISION_USE_DEFAULT_PASSWORD)) {
        err_cause(&e, CAUSE_DATA_DEFAULT_PASSWORD);
        report_verdict(s->r, CHECK_OFFLINE_DATA, VERDICT_WARNING, &e);
    }
    err_reset(&e);
    if (provision_certificate_later(s->s, &e))
        report_verdict(s->r, CHECK_OFFLINE_DATA, VERDICT_NOTICE, &e);
}

void provision_plan_output(struct session *s)
{
    const char *path = settings_get(s->s, OPT_OFFLINE_OUTPUT);
    struct provision_form form = {0};
    struct provision_parts parts = {0};
    struct err e = {0};
    if (!s->req_output) {
        if (settings_is_batch(s->s))
            path = *path ? path : "{name}.odj";
        report_change(s->r, CHANGE_FILE, path, form_text(s->s), "");
        report_change(s->r, CHANGE_NONE, path,
                      N_("It never expires: it works until the account's password changes"), "");
    }
    int r = look_at_output(s, &e);
    if (r == 0)
        r = provision_form_load(s, &form, &e);
    report_verdict(s->r, CHECK_OUTPUT, r < 0 ? VERDICT_FAIL : VERDICT_OK, &e);
    if (r == 0)
        tell_of_strength(s, &form);
    provision_form_free(&form);
    err_reset(&e);
    if (provision_parts_load(s, &parts, &e) < 0)
        report_verdict(s->r, CHECK_OFFLINE_DATA, VERDICT_FAIL, &e);
    provision_parts_free(&parts);
    tell_of_protection(s);
}

static void plan_account(struct session *s)
{
    struct account_names n;
    struct account_policy p;
    struct provision_part part;
    struct provision_others others;
    struct err e = {0};
    account_names_of(s, &n);
    account_policy_of(s->s, &p);
    if (!s->req_output && provision_part_read(settings_get(s->s, OPT_OFFLINE_OUTPUT), &part) &&
        provision_part_proves(&part, s->names.account, s->loc->domain.dns, &s->facts))
        p.no_reuse_asked = false;
    struct account_decision *d = xcalloc(1, sizeof *d);
    account_decide(&s->facts, &n, &p, d);
    if (s->r->job == JOB_PLAN)
        join_plan_account(s, d);
    report_decision(s, d);
    if (d->action == ACCOUNT_CREATE) {
        provision_others_open(s, &others);
        if (provision_others_ask(s, &others, &n, &e) < 0)
            report_verdict(s->r, CHECK_REPLICATION, VERDICT_FAIL, &e);
        provision_others_close(&others);
    }
    free(d);
}

int plan_provision(struct session *s, struct err *e)
{
    if (provision_connect(s, e) < 0)
        return -1;
    if (settings_is_batch(s->s)) {
        provision_plan_output(s);
        return batch_plan(s, e);
    }
    if (join_settle_names(s, e) < 0 || read_facts(s, e) < 0)
        return -1;
    plan_account(s);
    provision_plan_output(s);
    return cancel_check(s->cancel, e);
}

static void fail(struct session *s, enum check check, const struct err *e)
{
    s->r->in_step = false;
    report_verdict(s->r, check, VERDICT_FAIL, e);
}

int check_provision(struct session *s, struct err *e)
{
    struct err why = {0};
    if (!check_network(s))
        return cancel_check(s->cancel, e);
    if (provision_check_controller(s, &why) < 0)
        fail(s, CHECK_CONTROLLER, &why);
    if (!check_login(s))
        return cancel_check(s->cancel, e);
    err_reset(&why);
    if (provision_check_version(s, &why) < 0)
        fail(s, CHECK_CONTROLLER, &why);
    err_reset(&why);
    if (settings_is_batch(s->s)) {
        provision_plan_output(s);
        if (batch_plan(s, &why) < 0)
            fail(s, CHECK_NAME, &why);
    } else if (join_settle_names(s, &why) < 0 || read_facts(s, &why) < 0) {
        fail(s, CHECK_NAME, &why);
    } else {
        plan_account(s);
        provision_plan_output(s);
    }
    return cancel_check(s->cancel, e);
}
