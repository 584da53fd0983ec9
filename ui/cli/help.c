/* --help, from the tables, and --explain. */
#include <string.h>

#include "engine/json/json.h"
#include "ui/cli/cli.h"
#include "ui/i18n/i18n.h"
#include "ui/text/width.h"
#include "ui/words/words.h"

static void wrapped(FILE *out, const char *text, int indent)
{
    struct wrap w = wrap_start(text, 78 - indent);
    const char *line;
    size_t len;
    while (wrap_next(&w, &line, &len))
        fprintf(out, "%*s%.*s\n", indent, "", (int)len, line);
}

static const struct {
    const char *option, *text;
} usage[] = {
    {"--unattended", N_("no questions: everything comes from the configuration")},
    {"--check", N_("every check that needs no write, with its result; changes nothing")},
    {"--status", N_("what this machine is a member of, and whether that works")},
    {"--explain CODE", N_("what a code means and what to do: 2224, 0x8B0, NERR_UserExists")},
    {"--show FILE", N_("what provisioning data holds (not in this version)")},
    {"--recover", N_("finish an operation that was interrupted, or undo it")},
    {"--config FILE", N_("answers; normally /etc/joinery/wizard.ini")},
    {"--set KEY=VALUE",
     N_("one answer over the file's, as section.key=value; repeatable; never a password")},
    {"--root DIR", N_("act on the system under DIR instead of /")},
    {"--log FILE", N_("normally /var/log/joinery/joinery.log")},
    {"--json", N_("with --unattended, --check, --status, --show: one JSON object a line")},
    {"--plain", N_("ask line by line instead of on a full screen")},
    {"--help, --version", ""},
};

static void answer(FILE *out, const struct opt_row *row)
{
    fprintf(out, "  %s.%s = %s", row->section, row->key, row->def);
    if (*row->choices)
        fprintf(out, "   (%s)", row->choices);
    fprintf(out, "\n");
    wrapped(out, _(row->help), 6);
}

void cli_help(FILE *out)
{
    fprintf(out, "%s\n\n", _("Usage: joinery [OPTIONS]"));
    wrapped(
        out,
        _("Enrols this machine in Active Directory. Without options a wizard asks for everything."),
        0);
    fprintf(out, "\n");
    for (size_t i = 0; i < ARRAY_SIZE(usage); i++)
        fprintf(out, "  %-18s %s\n", usage[i].option, *usage[i].text ? _(usage[i].text) : "");
    fprintf(out, "\n%s\n\n", _("Answers (wizard.ini and --set), with their normal values:"));
    for (enum opt o = 0; o < OPT__FIRST_FLAG; o++)
        answer(out, opt_row(o));
    fprintf(out, "\n%s\n\n", _("Option flags (yes or no):"));
    for (size_t i = 0; i < flag_count(); i++) {
        const struct flag_row *f = flag_at(i);
        const struct opt_row *row = opt_row(f->opt);
        fprintf(out, "  %s.%s = %s   %s 0x%X\n", row->section, row->key, row->def, f->symbol,
                f->value);
        wrapped(out, _(f->effect), 6);
        if (f->delivery == FLAG_LATER)
            wrapped(out, _("(not in this version: refused when switched on)"), 6);
    }
    fprintf(out, "\n%s\n", _("Exit status:"));
    fprintf(out, "  0 %s\n", _("done"));
    fprintf(out, "  1 %s\n", _("failed; the code stands on the last line of standard error"));
    fprintf(out, "  2 %s\n", _("bad usage or configuration; nothing was attempted"));
    fprintf(out, "  3 %s\n", _("cancelled by the operator"));
    fprintf(out, "  4 %s\n", _("interrupted and rolled back"));
    fprintf(out, "  5 %s\n", _("done, a restart is needed"));
}

static void explain_json(const struct code_row *row)
{
    AUTOJSN o = jsn_object();
    jsn_set_str(o, "event", "code");
    jsn_set_int(o, "status", row->number);
    jsn_set_str(o, "symbol", row->symbol);
    jsn_set_str(o, "text", _(row->what));
    jsn_set_str(o, "why", _(row->why));
    jsn_set_str(o, "next", _(row->next));
    AUTOFREE char *line = jsn_line(o);
    puts(line);
}

int cli_explain(const char *code, bool json)
{
    const struct code_row *row = code_parse(code);
    if (!row) {
        AUTOFREE char *clean = words_clean(code);
        fprintf(stderr, "joinery: ");
        fprintf(stderr, _("no such code: %s"), clean);
        fprintf(stderr, "\n");
        return EXIT_USAGE;
    }
    if (json) {
        explain_json(row);
        return EXIT_DONE;
    }
    printf("%s (%u, 0x%X)\n\n", row->symbol, row->number, row->number);
    wrapped(stdout, _(row->what), 0);
    printf("\n");
    wrapped(stdout, _(row->why), 0);
    printf("\n%s\n", _("What to do:"));
    wrapped(stdout, _(row->next), 0);
    for (enum cause c = CAUSE_NONE + 1; c < CAUSE__COUNT; c++) {
        const struct cause_row *cause = cause_row(c);
        if (cause->number != row->number)
            continue;
        printf("\n%s %s\n", _("One cause:"), cause->id);
        wrapped(stdout, _(cause->what), 2);
        wrapped(stdout, _(cause->why), 2);
        wrapped(stdout, _(cause->next), 2);
    }
    return EXIT_DONE;
}
