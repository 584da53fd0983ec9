#include "ui/cli/events.h"

#include <stdio.h>

#include "engine/json/json.h"
#include "ui/cli/rows.h"
#include "ui/i18n/i18n.h"
#include "ui/words/words.h"

static const char *const step_words[] = {
    [STEP_WAITING] = "waiting", [STEP_RUNNING] = "running", [STEP_OK] = "ok",
    [STEP_SKIPPED] = "skipped", [STEP_NOTICE] = "notice",   [STEP_FAILED] = "failed",
    [STEP_UNDONE] = "undone",
};
static const char *const verdict_words[] = {
    [VERDICT_OK] = "ok",     [VERDICT_NOTICE] = "notice",   [VERDICT_WARNING] = "warning",
    [VERDICT_FAIL] = "fail", [VERDICT_SKIPPED] = "skipped",
};
static const char *const member_words[] = {
    [MEMBER_NONE] = "none", [MEMBER_WORKGROUP] = "workgroup", [MEMBER_DOMAIN] = "domain"};
static const char *const mend_words[] = {
    [MEND_NOTHING] = "nothing", [MEND_FILES] = "files", [MEND_ACCOUNT] = "account",
    [MEND_REJOIN] = "rejoin",   [MEND_WAIT] = "wait",
};
static const char *const level_words[] = {"", "error", "warning", "notice", "info", "debug"};

static void put_line(const struct jsn *o)
{
    AUTOFREE char *line = jsn_line(o);
    puts(line);
    fflush(stdout);
}

static struct jsn *event(const char *name)
{
    struct jsn *o = jsn_object();
    jsn_set_str(o, "event", name);
    return o;
}

/* Numbers and symbols for programs, the text for people. */
void output_err(struct jsn *o, const struct err *e)
{
    jsn_set_int(o, "status", e->code);
    jsn_set_str(o, "symbol", code_symbol(e->code));
    jsn_set_str(o, "text", words_what(e));
    if (e->code && e->cause != CAUSE_NONE)
        jsn_set_str(o, "cause", cause_row(e->cause)->id);
    if (e->code) {
        jsn_set_str(o, "why", words_why(e));
        jsn_set_str(o, "next", words_next(e));
    }
    if (e->n_facts) {
        struct jsn *facts = jsn_array();
        for (unsigned i = 0; i < e->n_facts; i++) {
            struct jsn *f = jsn_object();
            jsn_set_str(f, "label", fact_label(e->facts[i].label));
            jsn_set_str(f, "value", e->facts[i].value);
            jsn_add(facts, f);
        }
        jsn_set(o, "facts", facts);
    }
    if (e->src != ERR_SRC_NONE) {
        AUTOFREE char *raw = words_raw(e);
        jsn_set_str(o, "original", raw);
    }
}

static void put_verdict(struct jsn *o, const struct verdict_view *v)
{
    jsn_set_str(o, "check", check_word(v->check));
    jsn_set_str(o, "verdict", verdict_words[v->verdict]);
    output_err(o, &v->err);
}

static void json_step(const struct engine_msg *m)
{
    AUTOJSN o = event("step");
    const struct step_row *row = step_row(m->u.step.step);
    jsn_set_str(o, "step", row->word);
    jsn_set_int(o, "number", row->number);
    jsn_set_str(o, "state", step_words[m->u.step.state]);
    jsn_set_int(o, "elapsed_ms", m->u.step.elapsed_ms);
    if (m->u.step.detail && *m->u.step.detail)
        jsn_set_str(o, "detail", m->u.step.detail);
    if (m->u.step.err.code)
        output_err(o, &m->u.step.err);
    put_line(o);
}

static void json_status(const struct status_view *s)
{
    AUTOJSN o = event("status");
    jsn_set_str(o, "state", member_words[s->state]);
    const struct {
        const char *key, *value;
    } rows[] = {
        {"domain", s->domain},       {"realm", s->realm},
        {"netbios", s->netbios},     {"computer", s->computer},
        {"fqdn", s->fqdn},           {"account_dn", s->account_dn},
        {"site", s->site},           {"controller", s->controller},
        {"workgroup", s->workgroup}, {"mend", mend_words[s->mend]},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
        jsn_set_str(o, rows[i].key, rows[i].value ? rows[i].value : "");
    jsn_set_int(o, "joined_at", s->joined_at);
    jsn_set_int(o, "password_set_at", s->password_set_at);
    jsn_set_bool(o, "interrupted", s->interrupted);
    struct jsn *checks = jsn_array();
    for (size_t i = 0; i < s->n_checks; i++) {
        struct jsn *c = jsn_object();
        put_verdict(c, &s->checks[i]);
        jsn_add(checks, c);
    }
    jsn_set(o, "checks", checks);
    put_line(o);
}

static void json_message(const struct engine_msg *m)
{
    struct jsn *o = NULL;
    switch (m->kind) {
    case MSG_STEP:
        json_step(m);
        return;
    case MSG_STATUS:
        json_status(&m->u.status);
        return;
    case MSG_PROGRESS:
        o = event("progress");
        jsn_set_str(o, "step", step_row(m->u.progress.step)->word);
        jsn_set_str(o, "detail", m->u.progress.detail ? m->u.progress.detail : "");
        jsn_set_int(o, "waited_s", m->u.progress.waited_s);
        jsn_set_int(o, "of_s", m->u.progress.of_s);
        break;
    case MSG_ASK:
        o = event("ask");
        jsn_set_str(o, "question",
                    m->u.ask.what == ASK_DELETE_CREATED ? "delete-created" : "keep-unverified");
        jsn_set_str(o, "object", m->u.ask.object ? m->u.ask.object : "");
        jsn_set_str(o, "answer", "no");
        break;
    case MSG_LOG:
        o = event("log");
        jsn_set_str(o, "level", level_words[m->u.log.level]);
        jsn_set_str(o, "text", m->u.log.line);
        break;
    case MSG_VERDICT:
        o = event("check");
        put_verdict(o, &m->u.verdict);
        break;
    case MSG_CHANGE:
        o = event("change");
        jsn_set_str(o, "object", m->u.change.object ? m->u.change.object : "");
        jsn_set_str(o, "text", m->u.change.what ? _(m->u.change.what) : "");
        break;
    case MSG_ROW:
        o = event("row");
        rows_json(o, &m->u.row);
        break;
    case MSG_RATE:
        o = event("rate");
        rows_rate_json(o, &m->u.rate);
        break;
    default:
        return;
    }
    put_line(o);
    jsn_free(o);
}

static void text_step(const struct engine_msg *m)
{
    static const char *const marks[] = {
        [STEP_WAITING] = "[ ]",  [STEP_RUNNING] = "[>]", [STEP_OK] = "[ok]",
        [STEP_SKIPPED] = "[--]", [STEP_NOTICE] = "[!]",  [STEP_FAILED] = "[!!]",
        [STEP_UNDONE] = "[--]",
    };
    if (m->u.step.state == STEP_RUNNING || m->u.step.state == STEP_WAITING)
        return; /* one line a step, when it is known how it ended */
    const struct step_row *row = step_row(m->u.step.step);
    AUTOFREE char *detail = words_said(m->u.step.format, &m->u.step.args);
    printf("%-4s %2d %s", marks[m->u.step.state], row->number, _(row->label));
    if (m->u.step.state == STEP_UNDONE)
        printf(" (%s)", _("undone"));
    if (*detail)
        printf(": %s", detail);
    if (m->u.step.err.code)
        printf(" - %s", words_what(&m->u.step.err));
    printf("\n");
}

static void text_verdict(const struct verdict_view *v)
{
    struct buf b = BUF_INIT(65536);
    words_verdict_line(&b, v);
    buf_str(&b, "\n");
    if (v->err.code) {
        words_facts(&b, &v->err, "    ");
        if (v->verdict == VERDICT_FAIL)
            buf_printf(&b, "    %s\n", words_next(&v->err));
    }
    fputs(buf_text(&b), stdout);
    buf_free(&b);
}

/* A line a step where the steps are the work; a line a check where the checks are. */
static void text_message(enum cli_mode mode, const struct engine_msg *m)
{
    bool steps = mode == CLI_UNATTENDED || mode == CLI_RECOVER;
    switch (m->kind) {
    case MSG_STEP:
        if (steps || m->u.step.state == STEP_FAILED)
            text_step(m);
        break;
    case MSG_VERDICT:
        if (mode != CLI_STATUS)
            text_verdict(&m->u.verdict);
        break;
    case MSG_ROW:
        rows_text(&m->u.row);
        break;
    case MSG_STATUS: {
        AUTOFREE char *text = words_status(&m->u.status);
        fputs(text, stdout);
        break;
    }
    default:
        return;
    }
    fflush(stdout);
}

void output_message(struct output *o, const struct engine_msg *m)
{
    if (o->json)
        json_message(m);
    else
        text_message(o->mode, m);
}

static void text_done(enum cli_mode mode, const struct ending *end)
{
    const struct err *e = end->err;
    bool changes = mode == CLI_UNATTENDED || mode == CLI_RECOVER;
    if (end->notice->code) {
        struct buf facts = BUF_INIT(4096);
        words_facts(&facts, end->notice, "    "); /* the next step speaks of what is named here */
        printf("%s %s\n%s%s\n", words_verdict(VERDICT_NOTICE), words_what(end->notice),
               facts.len ? buf_text(&facts) : "", words_next(end->notice));
        buf_free(&facts);
    }
    if (!e->code) {
        if (end->list)
            rows_total_text(end->list);
        if (changes)
            printf("%s\n",
                   end->status == EXIT_RESTART ? _("Done. A restart is needed.") : _("Done."));
        else if (mode == CLI_CHECK)
            printf("%s\n", end->status == EXIT_DONE ? _("Every check passed; nothing was changed.")
                                                    : _("A check failed; nothing was changed."));
        return;
    }
    const char *why = words_why(e), *next = words_next(e);
    if (*why)
        printf("%s\n", why);
    if (*next)
        printf("%s %s\n", _("What to do:"), next);
    if (end->list)
        rows_total_text(end->list);
    else if (changes)
        printf("%s\n", words_undone(end->changed, end->undone, end->left));
}

void output_done(struct output *o, const struct ending *end)
{
    if (!o->json) {
        text_done(o->mode, end);
        return;
    }
    AUTOJSN done = event("done");
    output_err(done, end->err);
    jsn_set_int(done, "exit", end->status);
    jsn_set_bool(done, "changed", end->changed);
    jsn_set_bool(done, "undone", end->undone);
    jsn_set_bool(done, "directory_changed", end->left);
    if (end->list) {
        struct jsn *rows = jsn_object();
        rows_rate_json(rows, end->list);
        jsn_set(done, "rows", rows);
    }
    if (end->notice->code) {
        struct jsn *n = jsn_object();
        output_err(n, end->notice);
        jsn_set(done, "notice", n);
    }
    put_line(done);
}
