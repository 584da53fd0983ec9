/*
 * Deleting a computer account and joining again at once (NetJoinDomain, remarks): other controllers
 * may still hold the old one. What a join's undoing deleted is remembered beside the journal, and
 * the next join of that name is told to wait; it is never refused.
 */
#include "engine/flow/deleted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/flow/membership.h"

#define DELETED_FILE TXN_DIR "/deleted"
#define WAIT_S       900 /* between sites, controllers replicate every 15 minutes at best */
#define FILE_MAX     4096

void deleted_remember(struct session *s)
{
    struct err e = {0};
    struct host_meta own = host_meta_own(0600);
    AUTOFREE char *line = xasprintf("%lld %s %s\n", (long long)host_now(s->here), s->names.netbios,
                                    s->loc->domain.dns);
    if (host_replace(s->target, DELETED_FILE, &own, line, strlen(line), &e) < 0)
        log_info("the deletion could not be noted: %s", e.raw);
}

static bool noted_lately(struct session *s)
{
    struct buf b = BUF_INIT(FILE_MAX);
    struct err ignored = {0};
    bool present = false, lately = false;
    char name[32] = "", domain[256] = "";
    long long when = 0;
    if (host_read_opt(s->target, DELETED_FILE, &b, &present, &ignored) == 0 && present &&
        sscanf(buf_text(&b), "%lld %31s %255s", &when, name, domain) == 3) {
        int64_t age = host_now(s->here) - when;
        lately = age >= 0 && age < WAIT_S && str_ieq(name, s->names.netbios) &&
                 str_ieq(domain, s->loc->domain.dns);
    }
    buf_free(&b);
    return lately;
}

/* This machine believes to be a member, and its account is not there any more: that one's
 * objectGUID, malloc'ed; NULL when it is not so. */
static char *gone_account(struct session *s)
{
    struct membership m;
    struct err ignored = {0};
    char *guid = NULL;
    if (membership_load(s->target, &m, &ignored) == 0 && m.state == MEMBER_DOMAIN &&
        !s->facts.existing && str_ieq(m.rec.computer, s->names.netbios) &&
        str_ieq(m.rec.domain, s->loc->domain.dns))
        guid = xstrdup(m.rec.guid);
    membership_free(&m);
    return guid;
}

static bool account_is_gone(struct session *s)
{
    AUTOFREE char *guid = gone_account(s);
    return guid != NULL;
}

int deleted_not_renamed(struct session *s, struct err *e)
{
    AUTOFREE char *guid = gone_account(s);
    struct account_names n;
    struct account_id id = {0};
    struct err why = {0};
    if (str_empty(guid))
        return 0;
    AUTOFREE char *base = xasprintf("<GUID=%s>", guid);
    account_names_of(s, &n);
    int r = account_read_back(s->dir, &n, base, &id, &why);
    bool there = r == 0 || why.cause == CAUSE_ACCOUNT_CHANGED;
    if (there) {
        err_cause(e, CAUSE_ACCOUNT_NOT_REPLICATED);
        err_fact(e, FACT_OBJECT, "%s", id.dn ? id.dn : base);
        err_fact(e, FACT_NAME, "%s", s->names.account);
        err_fact(e, FACT_SERVER, "%s", session_dc(s)->host);
    } else if (why.cause != CAUSE_ACCOUNT_MISSING) {
        *e = why;
        there = true;
    }
    account_id_free(&id);
    return there ? -1 : 0;
}

bool deleted_lately(struct session *s, struct err *notice)
{
    if (s->facts.existing || (!noted_lately(s) && !account_is_gone(s)))
        return false;
    err_cause(notice, CAUSE_JUST_DELETED);
    err_fact(notice, FACT_ACCOUNT, "%s", s->names.account);
    err_fact(notice, FACT_SERVER, "%s", session_dc(s)->host);
    return true;
}
