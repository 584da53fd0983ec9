/* Errors, verdicts and small values in words. */
#include <stdio.h>
#include <string.h>

#include "engine/base/fill.h"
#include "engine/base/strv.h"
#include "ui/i18n/format.h"
#include "ui/i18n/i18n.h"
#include "ui/text/sanitize.h"
#include "ui/words/words.h"

static const char *pick(const struct err *e, const char *of_cause, const char *of_code)
{
    (void)e;
    if (of_cause && *of_cause)
        return _(of_cause);
    return of_code ? _(of_code) : "";
}

const char *words_what(const struct err *e)
{
    const struct cause_row *c = cause_row(e->cause);
    const struct code_row *r = code_find(e->code);
    return pick(e, c ? c->what : NULL,
                r ? r->what : N_("The operation failed with a code that is not in the table."));
}

const char *words_why(const struct err *e)
{
    const struct cause_row *c = cause_row(e->cause);
    const struct code_row *r = code_find(e->code);
    return pick(e, c ? c->why : NULL, r ? r->why : "");
}

const char *words_next(const struct err *e)
{
    const struct cause_row *c = cause_row(e->cause);
    const struct code_row *r = code_find(e->code);
    return pick(e, c ? c->next : NULL, r ? r->next : "");
}

char *words_said(const char *format, const struct strv *args)
{
    if (!format)
        return xstrdup("");
    AUTOFREE char *text = fill(_(format), args);
    return words_clean(text);
}

char *words_clean(const char *text)
{
    char *s = text ? sanitize_dup(text, strlen(text), 1000) : NULL;
    return s ? s : xstrdup("");
}

void words_facts(struct buf *b, const struct err *e, const char *indent)
{
    for (unsigned i = 0; i < e->n_facts; i++) {
        /* What is left to do is a sentence of the engine's; other values come from outside. */
        bool sentence = e->facts[i].label == FACT_LEFT && *e->facts[i].value;
        AUTOFREE char *value = words_clean(sentence ? _(e->facts[i].value) : e->facts[i].value);
        if (*value)
            buf_printf(b, "%s%s%s%s\n", indent, _(fact_label(e->facts[i].label)), words_colon(),
                       value);
    }
}

char *words_code(const struct err *e)
{
    return xasprintf("%s (%u)", code_symbol(e->code), e->code);
}

char *words_raw(const struct err *e)
{
    static const char *const sources[] = {
        [ERR_SRC_NONE] = "",         [ERR_SRC_ERRNO] = "errno",       [ERR_SRC_LDAP] = "LDAP",
        [ERR_SRC_KRB5] = "Kerberos", [ERR_SRC_KDC] = "KDC",           [ERR_SRC_DNS] = "DNS",
        [ERR_SRC_WIN32] = "Win32",   [ERR_SRC_NTSTATUS] = "NTSTATUS",
    };
    if (e->src == ERR_SRC_NONE)
        return xstrdup("");
    AUTOFREE char *text = words_clean(e->raw);
    if (e->src == ERR_SRC_WIN32 || e->src == ERR_SRC_NTSTATUS)
        return xasprintf("%s 0x%08lX: %s", sources[e->src], (unsigned long)e->lib & 0xffffffffUL,
                         text);
    return xasprintf("%s %ld: %s", sources[e->src], e->lib, text);
}

static void paragraph(struct buf *b, const char *text)
{
    if (*text)
        buf_printf(b, "%s\n\n", text);
}

void words_error(struct buf *b, const struct err *e)
{
    AUTOFREE char *code = words_code(e), *raw = words_raw(e);
    paragraph(b, words_what(e));
    paragraph(b, words_why(e));
    const char *next = words_next(e);
    if (*next)
        buf_printf(b, "%s\n%s\n\n", _("What to do:"), next);
    if (e->n_facts) {
        words_facts(b, e, "  ");
        buf_str(b, "\n");
    }
    buf_printf(b, "%s %s\n", _("Code:"), code);
    if (*raw)
        buf_printf(b, "%s %s\n", _("Said by the server or library:"), raw);
}

bool words_step_changes(enum step s)
{
    return step_row(s)->kind != STEP_READ && s != STEP_JOURNAL;
}

const char *words_undone(bool changed, bool undone, bool left)
{
    if (!changed && !left)
        /* TRANSLATORS: said after a failure or a cancel. */
        return _("Nothing was changed.");
    if (undone && !left)
        return _("Everything that was changed has been undone.");
    if (undone)
        return _("This machine is as it was. Something remains in the directory.");
    return _("Not everything could be undone. Run joinery --recover, or choose Retry.");
}

const char *words_colon(void)
{
    /* TRANSLATORS: what stands between a label and its value, blank included: "Account: anna". A
     * no-break space before the colon where the language wants one. */
    return C_("between a label and its value", ": ");
}

const char *words_verdict(enum verdict v)
{
    static const char *const words[] = {
        /* TRANSLATORS: results of a check, standing alone behind its name. */
        [VERDICT_OK] = N_("ok"),
        [VERDICT_NOTICE] = N_("note"),
        [VERDICT_WARNING] = N_("Warning"),
        [VERDICT_FAIL] = N_("Error"),
        [VERDICT_SKIPPED] = N_("not checked"),
    };
    return _(words[v]);
}

void words_verdict_line(struct buf *b, const struct verdict_view *v)
{
    buf_printf(b, "%s%s%s", _(check_label(v->check)), words_colon(), words_verdict(v->verdict));
    if (v->err.code)
        buf_printf(b, ". %s", words_what(&v->err));
    for (unsigned i = 0; !v->err.code && i < v->err.n_facts && i < 2; i++) {
        AUTOFREE char *value = words_clean(v->err.facts[i].value);
        buf_printf(b, "%s%s", i ? ", " : " - ", value);
    }
}

const char *words_dc_state(const struct dc_view *dc)
{
    static const char *const words[] = {
        /* TRANSLATORS: what a domain controller does: it was asked, it answers, it is silent ... */
        [DC_UNKNOWN] = N_("asked"),
        [DC_ANSWERED] = N_("answers"),
        [DC_SILENT] = N_("silent"),
        [DC_REFUSED] = N_("refuses"),
        [DC_WRONG_DOMAIN] = N_("other domain"),
        [DC_READ_ONLY_STATE] = N_("read-only"),
        [DC_MALFORMED] = N_("unusable answer"),
    };
    return _(words[dc->state]);
}

const char *words_change_kind(enum change_kind k)
{
    static const char *const words[] = {
        /* TRANSLATORS: what a planned change is about: an object of the directory (Active
           Directory), a file, a service, this machine as a whole; "Stays": is left as it is. */
        [CHANGE_DIRECTORY] = N_("Directory"), [CHANGE_FILE] = N_("File"),
        [CHANGE_SERVICE] = N_("Service"),     [CHANGE_HOST] = N_("Machine"),
        [CHANGE_NONE] = N_("Stays"),
    };
    return _(words[k]);
}

char *words_time(int64_t seconds)
{
    char text[64];
    return xstrdup(format_date_time(text, sizeof text, seconds));
}

char *words_elapsed(uint64_t ms)
{
    char text[32];
    return xstrdup(format_duration(text, sizeof text, ms));
}
